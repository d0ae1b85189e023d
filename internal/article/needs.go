package article

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/staff"
)

// Why an article needs somebody, the most pressing first.
const (
	NeedsMending  = "failed"   // what was to happen at its time could not
	NeedsRevision = "returned" // an editor sent it back to them
	NeedsWork     = "assigned" // it was given to them, and nothing of it went public since
	NeedsReview   = "review"   // it waits for an editor
	NeedsAnswer   = "notes"    // others left notes on an article of theirs
)

// Need is an article that needs the actor, for the most pressing of its reasons. Who did what makes it need them, where that is known; What
// is the act that failed; Words are why it failed (a key of the catalogue), the note it came back with, or the last open note.
type Need struct {
	ID       int64
	Kind     Kind
	Headline string
	Language string
	Status   string
	Reason   string
	What     string
	Who      string
	Words    string
	At       time.Time
}

// maxNeeds bounds the list: who has more to do than that begins at the top anyway.
const maxNeeds = 200

// settledSQL tells that the publication of what is written of article a waits for its time: nobody has to do anything.
const settledSQL = `EXISTS (SELECT FROM schedules c
				WHERE c.article_id = a.id AND c.act <> 'end' AND c.done_at IS NULL AND c.cancelled_at IS NULL AND c.failed_at IS NULL)`

// needsSQL gathers the reasons ($1 the actor, $2 their profile, $3 they see all, $4 they publish their own). Each part begins at few rows.
const needsSQL = `
			SELECT c.article_id, 1 AS rank, 'failed' AS reason, c.act AS what, coalesce(p.name, '') AS who, c.why AS words, c.failed_at AS at
			FROM schedules c
			JOIN articles a ON a.id = c.article_id
			LEFT JOIN staff p ON p.id = c.by
			WHERE c.failed_at IS NOT NULL AND c.cancelled_at IS NULL AND c.done_at IS NULL AND ($3::boolean OR $4::boolean AND ` + ownSQL + `)
			UNION ALL
			SELECT a.id, 2, 'returned', '', '', a.stage_note, a.changed_at
			FROM articles a
			WHERE a.stage = 'returned' AND ` + ownSQL + `
			UNION ALL
			SELECT a.id, 3, 'assigned', '', CASE WHEN a.assigned_by <> a.assigned_to THEN p.name ELSE '' END, '', a.assigned_at
			FROM articles a
			LEFT JOIN staff p ON p.id = a.assigned_by
			WHERE a.assigned_to = $1 AND ` + seesSQL + `
				AND NOT EXISTS (SELECT FROM publications b WHERE b.article_id = a.id AND b.recorded_at >= a.assigned_at)
				AND NOT ` + settledSQL + `
			UNION ALL
			SELECT a.id, 4, 'review', '', '', '', a.changed_at
			FROM articles a
			WHERE a.stage = 'review' AND $3 AND NOT ` + settledSQL + `
			UNION ALL
			(SELECT DISTINCT ON (n.article_id) n.article_id, 5, 'notes', '', coalesce(p.name, ''), n.body, n.at
			FROM notes n
			JOIN articles a ON a.id = n.article_id
			LEFT JOIN staff p ON p.id = n.by
			WHERE n.resolved_at IS NULL AND n.by IS DISTINCT FROM $1 AND ` + ownSQL + `
			ORDER BY n.article_id, n.id DESC)`

// Needs gives what needs the actor, by reason and then the longest waiting first: what failed at its time of articles that they may publish,
// what came back to them, what was given to them, for editors what waits for a review, and open notes of others on what is theirs. Nothing
// in the trash needs anybody.
func (s *Store) Needs(ctx context.Context, actor staff.Actor) ([]Need, error) {
	if !actor.Can(staff.Contributor) {
		return nil, fmt.Errorf("list what needs somebody: %w", fault.Forbidden)
	}
	rows, err := s.pool.Query(ctx, `
		SELECT a.id, a.kind, r.headline, r.language, `+statusSQL+` AS status, x.reason, x.what, coalesce(x.who, '') AS who, x.words, x.at
		FROM (SELECT DISTINCT ON (article_id) * FROM (`+needsSQL+`) AS reasons ORDER BY article_id, rank, at) x
		JOIN articles a ON a.id = x.article_id
		JOIN revisions r ON r.article_id = a.id AND r.number = a.head
		`+waitingSQL+`
		WHERE a.trashed_at IS NULL
		ORDER BY x.rank, x.at, a.id
		LIMIT $5`, actor.ID, actor.AuthorID, actor.Can(staff.Editor), actor.Can(staff.Author), maxNeeds)
	if err != nil {
		return nil, fmt.Errorf("list what needs somebody: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Need])
	if err != nil {
		return nil, fmt.Errorf("list what needs somebody: %w", err)
	}
	return out, nil
}
