package article

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/staff"
)

// Filter narrows the newsroom's list. Status is a word of State.Status, empty for all but the trash. Category and Author are slugs, Q words
// of the headline or body, Before the cursor of a former page.
type Filter struct {
	Status   string
	Category string
	Author   string
	Q        string
	Kind     Kind
	Mine     bool
	Before   string
	Limit    int
}

// Line is an article in the newsroom's list.
type Line struct {
	ID          int64
	Kind        Kind
	Headline    string
	Language    string
	Status      string
	StageNote   string
	Category    string
	Byline      string
	ChangedBy   string
	ChangedAt   time.Time
	ScheduledAt *time.Time
	Failed      string
	Path        string
	Comments    int
}

// Listed is one page of the newsroom's list, last change first, with the number of articles in each status.
type Listed struct {
	Lines  []Line
	Next   string
	Counts map[string]int
}

// statusSQL says in SQL what State.Status says in Go; a test holds them together. s is the schedule that waits.
const statusSQL = `CASE
			WHEN a.trashed_at IS NOT NULL THEN 'trashed'
			WHEN a.public_state = 'published' AND a.live_revision <> a.head THEN 'changed'
			WHEN a.public_state = 'published' THEN 'live'
			WHEN a.public_state IS NOT NULL THEN a.public_state
			WHEN s.at IS NOT NULL THEN 'scheduled'
			ELSE a.stage END`

// waitingSQL joins an article with the time of what waits: few wait, so they are gathered once.
const waitingSQL = `LEFT JOIN (SELECT article_id, min(at) AS at FROM schedules WHERE done_at IS NULL AND cancelled_at IS NULL AND failed_at IS NULL GROUP BY article_id) s
			ON s.article_id = a.id`

// ownSQL says in SQL what State.Own says in Go ($1 the actor, $2 their profile).
const ownSQL = `(coalesce(a.created_by = nullif($1::bigint, 0), false)
			OR EXISTS (SELECT FROM revisions o JOIN bylines b ON b.revision_id = o.id
				WHERE o.article_id = a.id AND o.number = a.head AND b.author_id = nullif($2::bigint, 0)))`

// seesSQL keeps contributors and authors to what is theirs; $3 tells that the actor sees all.
const seesSQL = `($3::boolean OR ` + ownSQL + `)`

// List gives the articles that the actor may see.
func (s *Store) List(ctx context.Context, actor staff.Actor, f Filter) (Listed, error) {
	var out Listed
	if !actor.Can(staff.Contributor) {
		return out, fmt.Errorf("list articles: %w", fault.Forbidden)
	}
	c, err := parseCursor(f.Before)
	if err != nil {
		return out, err
	}
	f.Limit = min(max(f.Limit, 1), maxList)
	all := actor.Can(staff.Editor) && !f.Mine
	rows, err := s.pool.Query(ctx, `
		SELECT a.id, a.kind, r.headline, r.language, `+statusSQL+` AS status, a.stage_note, coalesce(c.name, '') AS category,
			(SELECT coalesce(string_agg(b.text, ', ' ORDER BY b.position), '') FROM bylines b WHERE b.revision_id = r.id) AS byline,
			coalesce(p.name, '') AS changed_by, a.changed_at, s.at AS scheduled_at,
			coalesce((SELECT why FROM schedules WHERE article_id = a.id AND failed_at IS NOT NULL AND cancelled_at IS NULL ORDER BY id DESC LIMIT 1), '') AS failed,
			coalesce(a.path, '') AS path, coalesce(n.approved, 0) AS comments
		FROM articles a
		JOIN revisions r ON r.article_id = a.id AND r.number = a.head
		`+waitingSQL+`
		LEFT JOIN categories c ON c.id = r.category
		LEFT JOIN staff p ON p.id = r.by
		LEFT JOIN article_counts n ON n.article_id = a.id
		WHERE `+seesSQL+`
			AND (a.changed_at, a.id) < ($4, $5)
			AND (CASE WHEN $6 = '' THEN a.trashed_at IS NULL ELSE $6 = `+statusSQL+` OR $6 = 'live' AND a.trashed_at IS NULL AND a.public_state = 'published' END)
			AND ($7 = '' OR EXISTS (SELECT FROM categories k WHERE k.slug = $7 AND k.id = ANY (
				SELECT unnest(x.lineage) FROM categories x WHERE x.id = r.category OR x.id = ANY (r.also))))
			AND ($8 = '' OR EXISTS (SELECT FROM bylines b JOIN authors u ON u.id = b.author_id WHERE b.revision_id = r.id AND u.slug = $8))
			AND ($9 = '' OR r.headline ILIKE '%' || $9 || '%' OR r.standfirst ILIKE '%' || $9 || '%' OR r.blocks::text ILIKE '%' || $9 || '%')
			AND ($10 = '' OR a.kind = $10)
		ORDER BY a.changed_at DESC, a.id DESC
		LIMIT $11`, actor.ID, actor.AuthorID, all, c.at, c.id, f.Status, f.Category, f.Author, likeLiteral(f.Q), string(f.Kind), f.Limit+1)
	if err != nil {
		return out, fmt.Errorf("list articles: %w", err)
	}
	if out.Lines, err = pgx.CollectRows(rows, pgx.RowToStructByName[Line]); err != nil {
		return out, fmt.Errorf("list articles: %w", err)
	}
	if len(out.Lines) > f.Limit {
		out.Lines = out.Lines[:f.Limit]
		last := out.Lines[f.Limit-1]
		out.Next = cursor{at: last.ChangedAt, id: last.ID}.String()
	}
	out.Counts, err = s.counts(ctx, actor, all)
	return out, err
}

func (s *Store) counts(ctx context.Context, actor staff.Actor, all bool) (map[string]int, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT `+statusSQL+` AS status, count(*)
		FROM articles a
		`+waitingSQL+`
		WHERE `+seesSQL+`
		GROUP BY 1`, actor.ID, actor.AuthorID, all)
	if err != nil {
		return nil, fmt.Errorf("count articles: %w", err)
	}
	counts := map[string]int{}
	var status string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&status, &n}, func() error { counts[status] = n; return nil })
	return counts, err
}

// likeLiteral takes its meaning from what LIKE reads as a pattern.
func likeLiteral(q string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q)
}
