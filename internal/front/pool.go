package front

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/staff"
)

// Offer is an article that can be put in a place.
type Offer struct {
	ID        int64
	Headline  string
	Language  string
	Public    time.Time // when readers see it or will
	Scheduled bool      // it waits for its publication
}

// PoolIn asks for articles that could stand on a front: with Q in their headline, case and accents don't count; where Q is empty the newest of
// Categories (nil: of all). Without are those that stand there already.
type PoolIn struct {
	Q          string
	Categories []int64
	Without    []int64
}

// poolSize is how many articles that readers see are offered, and how many scheduled ones.
const poolSize = 12

// Pool gives what is scheduled, soonest first, and then what readers see, newest first. Only an editor may ask.
func (s *Store) Pool(ctx context.Context, actor staff.Actor, in PoolIn) ([]Offer, error) {
	if !CanEdit(actor) {
		return nil, fmt.Errorf("offer articles: %w", fault.Forbidden)
	}
	rows, err := s.pool.Query(ctx, `
		SELECT a.id, r.headline, r.language, c.at AS public, true AS scheduled
		FROM schedules c
		JOIN articles a ON a.id = c.article_id
		JOIN revisions r ON r.article_id = a.id AND r.number = c.revision
		WHERE c.act = 'first' AND c.done_at IS NULL AND c.cancelled_at IS NULL AND c.failed_at IS NULL AND a.kind = 'article' AND a.trashed_at IS NULL
			AND strpos(unaccent(lower(r.headline)), unaccent(lower($1))) > 0 AND NOT a.id = ANY ($2)
			AND ($3::bigint[] IS NULL OR $1 <> '' OR r.category = ANY ($3) OR r.also && $3)
		ORDER BY c.at, a.id
		LIMIT $4`, in.Q, in.without(), in.Categories, poolSize)
	if err != nil {
		return nil, fmt.Errorf("offer articles: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Offer])
	if err != nil {
		return nil, fmt.Errorf("offer articles: %w", err)
	}
	var public []Offer
	if in.Q == "" {
		public, err = s.newest(ctx, in)
	} else {
		public, err = s.found(ctx, in)
	}
	if err != nil {
		return nil, fmt.Errorf("offer articles: %w", err)
	}
	return append(out, public[:min(len(public), poolSize)]...), nil
}

// without is never nil, which SQL would take for unknown.
func (in PoolIn) without() []int64 { return append([]int64{}, in.Without...) }

func (s *Store) newest(ctx context.Context, in PoolIn) ([]Offer, error) {
	cards, _, err := s.live.LiveList(ctx, article.ListIn{Categories: in.Categories, Limit: poolSize + len(in.Without)})
	if err != nil {
		return nil, err
	}
	there := map[int64]bool{}
	for _, id := range in.Without {
		there[id] = true
	}
	var out []Offer
	for _, c := range cards {
		if !there[c.ID] {
			out = append(out, Offer{ID: c.ID, Headline: c.Headline, Language: c.Language, Public: c.FirstPublicAt})
		}
	}
	return out, nil
}

func (s *Store) found(ctx context.Context, in PoolIn) ([]Offer, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT id, headline, language, first_public_at AS public, false AS scheduled
		FROM live_articles
		WHERE listed AND strpos(unaccent(lower(headline)), unaccent(lower($1))) > 0 AND NOT id = ANY ($2)
		ORDER BY first_public_at DESC, id DESC
		LIMIT $3`, in.Q, in.without(), poolSize)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Offer])
}
