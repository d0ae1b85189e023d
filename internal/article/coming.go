package article

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/staff"
)

// EmbargoEnds is what comes when an embargo ends; see Coming.
const EmbargoEnds = "embargo"

// Coming is something that will happen to an article by itself, or could not at its time: then Failed says why. What is FirstAct,
// ChangeAct, EndAct or EmbargoEnds; Kind is that of a change.
type Coming struct {
	ID       int64
	Headline string
	Language string
	What     string
	Kind     string
	At       time.Time
	By       string
	Failed   string
}

// maxComing bounds one month.
const maxComing = 2000

// Coming gives what comes from the time from until before to, soonest first, of the articles that the actor may see: everything scheduled,
// and embargoes that end then.
func (s *Store) Coming(ctx context.Context, actor staff.Actor, from, to time.Time) ([]Coming, error) {
	if !actor.Can(staff.Contributor) {
		return nil, fmt.Errorf("list what is coming: %w", fault.Forbidden)
	}
	rows, err := s.pool.Query(ctx, `
		SELECT a.id, r.headline, r.language, x.what, x.kind, x.at, x.by, x.failed
		FROM (
			SELECT c.article_id, c.act AS what, c.kind, c.at, coalesce(p.name, '') AS by, CASE WHEN c.failed_at IS NOT NULL THEN c.why ELSE '' END AS failed
			FROM schedules c
			LEFT JOIN staff p ON p.id = c.by
			WHERE c.done_at IS NULL AND c.cancelled_at IS NULL AND c.at >= $4 AND c.at < $5
			UNION ALL
			SELECT id, 'embargo', '', embargo, '', ''
			FROM articles
			WHERE embargo >= $4 AND embargo < $5) AS x
		JOIN articles a ON a.id = x.article_id
		JOIN revisions r ON r.article_id = a.id AND r.number = a.head
		WHERE a.trashed_at IS NULL AND `+seesSQL+`
		ORDER BY x.at, a.id, x.what
		LIMIT $6`, actor.ID, actor.AuthorID, actor.Can(staff.Editor), from, to, maxComing)
	if err != nil {
		return nil, fmt.Errorf("list what is coming: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Coming])
	if err != nil {
		return nil, fmt.Errorf("list what is coming: %w", err)
	}
	return out, nil
}
