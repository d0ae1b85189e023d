package article

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/staff"
)

// LiveCards gives the cards of those articles that are listed, by id.
func (r *Reader) LiveCards(ctx context.Context, ids []int64) (map[int64]Card, error) {
	out := make(map[int64]Card, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := r.pool.Query(ctx, `
		SELECT `+cardColumns+`
		FROM live_articles l
		LEFT JOIN live_counts n ON n.article_id = l.id
		WHERE l.id = ANY ($1) AND l.listed`, ids)
	if err != nil {
		return nil, fmt.Errorf("read cards: %w", err)
	}
	cards, err := pgx.CollectRows(rows, pgx.RowToStructByName[Card])
	if err != nil {
		return nil, fmt.Errorf("read cards: %w", err)
	}
	for _, c := range cards {
		out[c.ID] = c
	}
	return out, nil
}

// ComingCard is an article as lists will show it once what is scheduled for it has happened. Gone says that it will stand in none.
type ComingCard struct {
	Card
	Categories []int64
	Gone       bool
}

// maxComingCards bounds what one look ahead takes in.
const maxComingCards = 500

// ComingCards gives how lists will show the articles to which something scheduled happens until a time, in the order in which it does: an
// article may be there twice, and the later holds. Only an editor may look ahead.
func (s *Store) ComingCards(ctx context.Context, actor staff.Actor, until time.Time) ([]ComingCard, error) {
	if !actor.Can(staff.Editor) {
		return nil, fmt.Errorf("look ahead: %w", fault.Forbidden)
	}
	rows, err := s.pool.Query(ctx, `
		SELECT a.id, a.kind, coalesce(a.path, '/newsroom/articles/' || a.id || '/preview') AS path, r.headline, r.standfirst, r.kicker, r.label, r.language,
			(SELECT coalesce(string_agg(b.text, ', ' ORDER BY b.position), '') FROM bylines b WHERE b.revision_id = r.id) AS byline,
			coalesce(r.category, 0) AS category_id, coalesce(r.image, 0) AS image_id, r.image_alt, coalesce(a.first_public_at, c.at) AS first_public_at,
			a.updated_public_at AS updated_at, coalesce(a.notice_kind, '') AS notice_kind, coalesce(a.notice_number, 0) AS notice_number, a.notice_at,
			coalesce(n.approved, 0) AS comments, coalesce(a.guid, '') AS guid, a.live, array_remove(r.category || r.also, NULL) AS categories, c.act = 'end' AS gone
		FROM schedules c
		JOIN articles a ON a.id = c.article_id
		JOIN revisions r ON r.article_id = c.article_id AND r.number = c.revision
		LEFT JOIN article_counts n ON n.article_id = a.id
		WHERE c.done_at IS NULL AND c.cancelled_at IS NULL AND c.failed_at IS NULL AND c.at <= $1
			AND a.kind = 'article' AND a.trashed_at IS NULL AND coalesce(a.public_state, 'published') = 'published'
		ORDER BY c.at, c.act = 'end', c.id
		LIMIT $2`, until, maxComingCards)
	if err != nil {
		return nil, fmt.Errorf("look ahead: %w", err)
	}
	cards, err := pgx.CollectRows(rows, pgx.RowToStructByName[ComingCard])
	if err != nil {
		return nil, fmt.Errorf("look ahead: %w", err)
	}
	return cards, nil
}
