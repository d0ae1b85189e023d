package report

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

const (
	pageSize = 30
	maxQuery = 200
	maxNeeds = 200
)

// Line is a report with all that an answer needs. A report that a moderator sent from a comment has CommentID, and Body and Name are the
// comment's as they stand. Version is what the reader had before them (0 unknown), RecordHead the newest. Changed tells who did the newest act, Was
// the status before it, empty where there is nothing to take back. Erased: its sender asked for it.
type Line struct {
	ID         int64
	ArticleID  int64
	Headline   string
	Language   string
	Path       string
	Version    int
	RecordHead int
	Quote      string
	Body       string
	Name       string
	Email      string
	Credit     bool
	CommentID  *int64
	SentBy     string
	Status     Status
	Was        Status
	Reason     string
	Notice     int
	Kind       string
	At         time.Time
	ChangedAt  time.Time
	ChangedBy  string
	Erased     bool
	Public     string
	Trashed    bool
	Own        bool

	// Passage is filled in by List and One.
	Passage Passage `db:"-"`
}

// state is what article's rules look at.
func (l *Line) state() article.State {
	return article.State{Kind: article.KindArticle, Public: l.Public, Own: l.Own, Trashed: l.Trashed}
}

// CanAnswer reports whether actor may answer the report: who may append to the article may, and an editor always.
func (l *Line) CanAnswer(actor staff.Actor) bool {
	return actor.Can(staff.Editor) || article.CanAppend(actor, l.state())
}

// CanCorrect reports whether actor may publish the notice that answers it.
func (l *Line) CanCorrect(actor staff.Actor) bool { return article.CanAppend(actor, l.state()) }

// CanSee reports whether actor may see the list at all: moderators see every report, who writes those about their own articles.
func CanSee(actor staff.Actor) bool { return actor.Moderates() || actor.Can(staff.Contributor) }

// Filter narrows the list. The zero value is what is open. After is the cursor that the page before gave; Q is looked for in the quote, the
// words, the name and the headline.
type Filter struct {
	Status    Status
	ArticleID int64
	Q         string
	After     string
}

// Listed is one page of a list, how many there are of each status whatever else is asked for, and the cursor of the next page, empty at the end.
type Listed struct {
	Lines  []Line
	Counts map[Status]int
	Next   string
}

// seesSQL keeps who neither edits nor moderates to their own articles: $1 the actor, $2 their profile, $3 they see all.
const seesSQL = `NOT e.hidden AND ($3::boolean OR ` + article.OwnSQL + `)`

const lineSQL = `
		SELECT e.id, e.article_id, coalesce(a.live_headline, '') AS headline, coalesce(a.live_language, '') AS language, coalesce(a.path, '') AS path,
			e.version, a.record_head, e.quote, CASE WHEN e.comment_id IS NULL THEN e.body ELSE coalesce(t.body, '') END AS body,
			CASE WHEN e.comment_id IS NULL THEN e.name ELSE c.name END AS name, e.email, e.credit, e.comment_id, coalesce(s.name, '') AS sent_by,
			e.status, e.was, e.reason, coalesce(p.number, 0) AS notice, coalesce(p.kind, '') AS kind, e.at, e.changed_at, coalesce(u.name, '') AS changed_by,
			e.erased_at IS NOT NULL OR c.erased_at IS NOT NULL AS erased, coalesce(a.public_state, '') AS public, a.trashed_at IS NOT NULL AS trashed,
			` + article.OwnSQL + ` AS own
		FROM error_reports e
		JOIN articles a ON a.id = e.article_id
		LEFT JOIN comments c ON c.id = e.comment_id
		LEFT JOIN comment_texts t ON t.id = coalesce(c.shown_text, c.pending_text)
		LEFT JOIN staff s ON s.id = e.sent_by
		LEFT JOIN staff u ON u.id = e.changed_by
		LEFT JOIN publications p ON p.article_id = e.article_id AND p.number = e.publication
		WHERE ` + seesSQL

// List is a page of reports of one status, the oldest first. Faults: Forbidden for who neither writes nor moderates; NotFound for a status or
// a cursor that isn't one; *fault.Invalid on q.
func (s *Store) List(ctx context.Context, actor staff.Actor, f Filter) (Listed, error) {
	if !CanSee(actor) {
		return Listed{}, fault.Forbidden
	}
	like, at, id, err := f.read()
	if err != nil {
		return Listed{}, err
	}
	rows, err := s.pool.Query(ctx, lineSQL+`
			AND e.status = $4 AND ($5::bigint = 0 OR e.article_id = $5)
			AND ($6::text = '' OR e.quote ILIKE $6 OR e.body ILIKE $6 OR e.name ILIKE $6 OR t.body ILIKE $6 OR a.live_headline ILIKE $6)
			AND ($7::timestamptz IS NULL OR (e.at, e.id) > ($7, $8::bigint))
		ORDER BY e.at, e.id
		LIMIT $9`, actor.ID, actor.AuthorID, actor.Moderates(), f.Status, f.ArticleID, like, at, id, pageSize+1)
	if err != nil {
		return Listed{}, fmt.Errorf("list error reports: %w", err)
	}
	var out Listed
	if out.Lines, err = pgx.CollectRows(rows, pgx.RowToStructByName[Line]); err != nil {
		return Listed{}, fmt.Errorf("list error reports: %w", err)
	}
	if len(out.Lines) > pageSize {
		out.Lines = out.Lines[:pageSize]
		last := out.Lines[pageSize-1]
		out.Next = fmt.Sprintf("%d-%d", last.At.UnixMicro(), last.ID)
	}
	if out.Counts, err = s.counts(ctx, actor); err != nil {
		return Listed{}, err
	}
	return out, s.passages(ctx, out.Lines)
}

// read brings a filter to what the statement takes.
func (f *Filter) read() (like string, at *time.Time, id int64, err error) {
	if f.Status == "" {
		f.Status = Open
	}
	if !slices.Contains(Statuses, f.Status) {
		return "", nil, 0, fault.NotFound
	}
	if f.Q != "" {
		if !utf8.ValidString(f.Q) || strings.ContainsRune(f.Q, 0) || utf8.RuneCountInString(f.Q) > maxQuery {
			return "", nil, 0, fault.Field("q", "field.characters")
		}
		like = "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(f.Q) + "%"
	}
	if f.After == "" {
		return like, nil, 0, nil
	}
	micros, rest, ok := strings.Cut(f.After, "-")
	us, err1 := strconv.ParseInt(micros, 10, 64)
	id, err2 := strconv.ParseInt(rest, 10, 64)
	if !ok || err1 != nil || err2 != nil || us < 0 || us > 1<<53 {
		return "", nil, 0, fault.NotFound
	}
	t := time.UnixMicro(us).UTC()
	return like, &t, id, nil
}

func (s *Store) counts(ctx context.Context, actor staff.Actor) (map[Status]int, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT e.status, count(*)
		FROM error_reports e
		JOIN articles a ON a.id = e.article_id
		WHERE `+seesSQL+`
		GROUP BY e.status`, actor.ID, actor.AuthorID, actor.Moderates())
	if err != nil {
		return nil, fmt.Errorf("count error reports: %w", err)
	}
	out := map[Status]int{}
	var status Status
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&status, &n}, func() error { out[status] = n; return nil }); err != nil {
		return nil, fmt.Errorf("count error reports: %w", err)
	}
	return out, nil
}

// One is a report. One that actor may not see is NotFound.
func (s *Store) One(ctx context.Context, actor staff.Actor, id int64) (Line, error) {
	l, err := s.one(ctx, s.pool, actor, id)
	if err != nil {
		return l, err
	}
	lines := []Line{l}
	err = s.passages(ctx, lines)
	return lines[0], err
}

func (s *Store) one(ctx context.Context, q postgres.Querier, actor staff.Actor, id int64) (Line, error) {
	if !CanSee(actor) {
		return Line{}, fault.Forbidden
	}
	rows, err := q.Query(ctx, lineSQL+` AND e.id = $4`, actor.ID, actor.AuthorID, actor.Moderates(), id)
	if err != nil {
		return Line{}, fmt.Errorf("read error report %d: %w", id, err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByName[Line])
	if err != nil {
		return Line{}, fmt.Errorf("read error report %d: %w", id, err)
	}
	if len(lines) == 0 {
		return Line{}, fault.NotFound
	}
	return lines[0], nil
}

// Unanswered is how many reports about an article are open or being checked.
func (s *Store) Unanswered(ctx context.Context, articleID int64) (n int, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT count(*)
		FROM error_reports
		WHERE article_id = $1 AND status IN ('open', 'checking') AND NOT hidden`, articleID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count error reports of article %d: %w", articleID, err)
	}
	return n, nil
}

// Need is an article with reports that nobody has looked at, since At.
type Need struct {
	ArticleID int64
	Headline  string
	Language  string
	Reports   int
	At        time.Time
}

// Needs gives the articles whose open reports actor may answer, the longest waiting first: an author's own, an editor's all.
func (s *Store) Needs(ctx context.Context, actor staff.Actor) ([]Need, error) {
	if !actor.Can(staff.Author) {
		return nil, nil
	}
	rows, err := s.pool.Query(ctx, `
		SELECT e.article_id, coalesce(a.live_headline, '') AS headline, coalesce(a.live_language, '') AS language, count(*) AS reports, min(e.at) AS at
		FROM error_reports e
		JOIN articles a ON a.id = e.article_id
		WHERE e.status = 'open' AND a.trashed_at IS NULL AND a.public_state IN ('published', 'retracted') AND `+seesSQL+`
		GROUP BY e.article_id, a.live_headline, a.live_language
		ORDER BY min(e.at), e.article_id
		LIMIT $4`, actor.ID, actor.AuthorID, actor.Can(staff.Editor), maxNeeds)
	if err != nil {
		return nil, fmt.Errorf("list articles with error reports: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Need])
	if err != nil {
		return nil, fmt.Errorf("list articles with error reports: %w", err)
	}
	return out, nil
}
