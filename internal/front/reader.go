package front

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
	"stet/internal/postgres"
	"stet/internal/taxonomy"
)

// Reader is the readers' side: it selects from live_* views only.
type Reader struct {
	pool     postgres.ReadPool
	articles *article.Reader

	// Now replaces the database's clock in tests; nil otherwise.
	Now func() time.Time
}

// NewReader makes a Reader over what readers' pages are read from.
func NewReader(pool postgres.ReadPool) *Reader {
	return &Reader{pool: pool, articles: article.NewReader(pool)}
}

// liveRow is a placing that hasn't ended, of an article that readers may see.
type liveRow struct {
	article.Card
	Placing int64
	Zone    int64
	Place   int
	Begins  time.Time
	Until   *time.Time
	Now     time.Time
}

// Live gives what editors placed on the front of a category, or on the front page where it is 0, in one query.
func (r *Reader) Live(ctx context.Context, category int64) (Standing, error) {
	s := Standing{Category: category, lines: map[Slot][]placed{}}
	rows, err := r.pool.Query(ctx, `
		SELECT `+article.CardColumns+`, f.id AS placing, f.zone_id AS zone, f.place, f.begins_at AS begins, f.until_at AS until, t.now
		FROM (SELECT coalesce($2::timestamptz, now()) AS now) AS t
		JOIN live_front f ON f.category_id = $1 AND coalesce(f.until_at, 'infinity') > t.now
		JOIN live_articles l ON l.id = f.article_id
		LEFT JOIN live_counts n ON n.article_id = l.id
		ORDER BY f.zone_id, f.place, f.begins_at DESC, f.id DESC`, category, postgres.At(r.Now))
	if err != nil {
		return s, fmt.Errorf("read front: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[liveRow])
	if err != nil {
		return s, fmt.Errorf("read front: %w", err)
	}
	for _, row := range found {
		if row.Begins.After(row.Now) {
			s.turns(row.Begins)
			continue
		}
		if row.Until != nil {
			s.turns(*row.Until)
		}
		slot := Slot{row.Zone, row.Place}
		s.lines[slot] = append(s.lines[slot], placed{row.Placing, row.Card})
	}
	return s, nil
}

// turns notes a time at which something changes by itself.
func (s *Standing) turns(at time.Time) {
	if s.Next.IsZero() || at.Before(s.Next) {
		s.Next = at
	}
}

// newestOfAll is how many of the newest articles the front page wants besides those that editors placed.
const newestOfAll = 12

// Lists gives what fills the places of the front page by itself, newest first: the newest of all under 0, and under the id of each top section
// the newest of it and of all below. It is one query.
func (r *Reader) Lists(ctx context.Context, tree taxonomy.Tree, s Standing) (map[int64][]article.Card, error) {
	under := map[int64][]int64{0: nil}
	for _, c := range tree.Children(0) {
		under[c.ID] = tree.Subtree(c.ID)
	}
	// What stands in other zones is left out, so more is read than is shown.
	return r.articles.LiveSections(ctx, under, newestOfAll+s.Placed())
}
