package article

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/staff"
)

// Filter narrows the newsroom's list. Status is a word of State.Status, empty for all but the trash. Category and Author are slugs, Q words
// of the headline or body, Assigned whose turn it is (0: anybody's), Sort one of Sorts, Before the cursor of a former page in that order.
type Filter struct {
	Status   string
	Category string
	Author   string
	Q        string
	Kind     Kind
	Mine     bool
	Assigned int64
	Sort     string
	Before   string
	Limit    int
}

// Sorts are the orders of the list: last change first, by headline, or the soonest time first of what is scheduled.
var Sorts = []string{"changed", "headline", "scheduled"}

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
	Assigned    string
	OpenNotes   int
	Own         bool
}

// State is as much of an article's state as a list knows, for the rules about what may be done there.
func (l *Line) State() State {
	s := State{Kind: l.Kind, Own: l.Own, Trashed: l.Status == "trashed", Scheduled: l.Status == "scheduled"}
	switch l.Status {
	case "changed":
		s.Public, s.Changed = Published, true
	case "live":
		s.Public = Published
	case Retracted, Withdrawn, Withheld:
		s.Public = l.Status
	case StageDraft, StageReview, StageReturned:
		s.Stage = l.Status
	}
	return s
}

// Listed is one page of the newsroom's list, with the number of articles in each status, and those to whom the actor may assign some of
// what they see: an editor everybody who writes, others themselves.
type Listed struct {
	Lines      []Line
	Next       string
	Counts     map[string]int
	Colleagues []Colleague
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

// OwnSQL is that condition for rooms that list what belongs to articles: $1 the actor, $2 their profile, a the article.
const OwnSQL = ownSQL

// seesSQL keeps contributors and authors to what is theirs; $3 tells that the actor sees all.
const seesSQL = `($3::boolean OR ` + ownSQL + `)`

// listSQL selects the lines; what is asked for, the order and the limit follow.
const listSQL = `
		SELECT a.id, a.kind, r.headline, r.language, ` + statusSQL + ` AS status, a.stage_note, coalesce(c.name, '') AS category,
			(SELECT coalesce(string_agg(b.text, ', ' ORDER BY b.position), '') FROM bylines b WHERE b.revision_id = r.id) AS byline,
			coalesce(p.name, '') AS changed_by, a.changed_at, s.at AS scheduled_at,
			coalesce((SELECT why FROM schedules WHERE article_id = a.id AND failed_at IS NOT NULL AND cancelled_at IS NULL ORDER BY id DESC LIMIT 1), '') AS failed,
			coalesce(a.path, '') AS path, coalesce(n.approved, 0) AS comments, coalesce(g.name, '') AS assigned,
			(SELECT count(*) FROM notes o WHERE o.article_id = a.id AND o.resolved_at IS NULL) AS open_notes, ` + ownSQL + ` AS own
		FROM articles a
		JOIN revisions r ON r.article_id = a.id AND r.number = a.head
		` + waitingSQL + `
		LEFT JOIN categories c ON c.id = r.category
		LEFT JOIN staff p ON p.id = r.by
		LEFT JOIN staff g ON g.id = a.assigned_to
		LEFT JOIN article_counts n ON n.article_id = a.id
		WHERE ` + seesSQL + `
			AND (CASE WHEN $4 = '' THEN a.trashed_at IS NULL ELSE $4 = ` + statusSQL + ` OR $4 = 'live' AND a.trashed_at IS NULL AND a.public_state = 'published' END)
			AND ($5 = '' OR EXISTS (SELECT FROM categories k WHERE k.slug = $5 AND k.id = ANY (
				SELECT unnest(x.lineage) FROM categories x WHERE x.id = r.category OR x.id = ANY (r.also))))
			AND ($6 = '' OR EXISTS (SELECT FROM bylines b JOIN authors u ON u.id = b.author_id WHERE b.revision_id = r.id AND u.slug = $6))
			AND ($7 = '' OR r.headline ILIKE '%' || $7 || '%' OR r.standfirst ILIKE '%' || $7 || '%' OR r.blocks::text ILIKE '%' || $7 || '%')
			AND ($8 = '' OR a.kind = $8)
			AND ($9::bigint = 0 OR a.assigned_to = $9)`

// far stands for the time of what isn't scheduled, which comes after all that is.
var far = time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)

// order is one of Sorts in SQL, from a cursor on ($10, $11), and how to make that cursor of the last line.
type order struct {
	sql   string
	begin func(before string) (from any, id int64, err error)
	next  func(l Line) string
}

var orders = map[string]order{
	"changed": {`
			AND (a.changed_at, a.id) < ($10, $11)
		ORDER BY a.changed_at DESC, a.id DESC`,
		func(before string) (any, int64, error) { c, err := parseCursor(before); return c.at, c.id, err },
		func(l Line) string { return cursor{at: l.ChangedAt, id: l.ID}.String() }},
	"headline": {`
			AND (lower(r.headline), a.id) > (lower($10), $11)
		ORDER BY lower(r.headline), a.id`,
		func(before string) (any, int64, error) { w, err := parseWordCursor(before); return w.word, w.id, err },
		func(l Line) string { return wordCursor{word: l.Headline, id: l.ID}.String() }},
	"scheduled": {`
			AND (coalesce(s.at, '3000-01-01 00:00Z'), a.id) > ($10, $11)
		ORDER BY coalesce(s.at, '3000-01-01 00:00Z'), a.id`,
		func(before string) (any, int64, error) {
			if before == "" {
				return time.Unix(0, 0), 0, nil
			}
			c, err := parseCursor(before)
			return c.at, c.id, err
		},
		func(l Line) string {
			at := far
			if l.ScheduledAt != nil {
				at = *l.ScheduledAt
			}
			return cursor{at: at, id: l.ID}.String()
		}},
}

// wordCursor is a place in a list ordered by a text and id.
type wordCursor struct {
	word string
	id   int64
}

// String gives the cursor's form in addresses.
func (c wordCursor) String() string {
	return base64.RawURLEncoding.EncodeToString(append(binary.AppendVarint(nil, c.id), c.word...))
}

func parseWordCursor(s string) (wordCursor, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if s == "" {
		return wordCursor{}, nil
	}
	id, n := binary.Varint(b)
	if err != nil || n <= 0 || !utf8.Valid(b[n:]) || slices.Contains(b[n:], 0) {
		return wordCursor{}, fault.Field("before", "field.malformed")
	}
	return wordCursor{word: string(b[n:]), id: id}, nil
}

// List gives the articles that the actor may see.
func (s *Store) List(ctx context.Context, actor staff.Actor, f Filter) (Listed, error) {
	var out Listed
	if !actor.Can(staff.Contributor) {
		return out, fmt.Errorf("list articles: %w", fault.Forbidden)
	}
	sorted, known := orders[cmp.Or(f.Sort, Sorts[0])]
	if !known {
		return out, fault.Field("sort", "field.malformed")
	}
	from, id, err := sorted.begin(f.Before)
	if err != nil {
		return out, err
	}
	f.Limit = min(max(f.Limit, 1), maxList)
	all := actor.Can(staff.Editor) && !f.Mine
	rows, err := s.pool.Query(ctx, listSQL+sorted.sql+` LIMIT $12`,
		actor.ID, actor.AuthorID, all, f.Status, f.Category, f.Author, likeLiteral(f.Q), string(f.Kind), f.Assigned, from, id, f.Limit+1)
	if err != nil {
		return out, fmt.Errorf("list articles: %w", err)
	}
	if out.Lines, err = pgx.CollectRows(rows, pgx.RowToStructByName[Line]); err != nil {
		return out, fmt.Errorf("list articles: %w", err)
	}
	if len(out.Lines) > f.Limit {
		out.Lines = out.Lines[:f.Limit]
		out.Next = sorted.next(out.Lines[f.Limit-1])
	}
	if out.Colleagues, err = s.colleagues(ctx, actor); err != nil {
		return out, err
	}
	out.Counts, err = s.counts(ctx, actor, all)
	return out, err
}

// colleagues are those to whom the actor may assign some of what they see, by name.
func (s *Store) colleagues(ctx context.Context, actor staff.Actor) ([]Colleague, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT id, name
		FROM staff
		WHERE disabled_at IS NULL AND roles && '{contributor,author,editor,admin}' AND ($2 OR id = $1)
		ORDER BY lower(name), id`, actor.ID, actor.Can(staff.Editor))
	if err != nil {
		return nil, fmt.Errorf("list colleagues: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Colleague])
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
