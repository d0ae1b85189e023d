package comment

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

const (
	queuePage = 50
	maxQuery  = 200
)

// Filter narrows the queue. The zero value is the queue itself: what waits, oldest first. Another status is that list, newest first. After
// is the cursor that the page before gave; Q is looked for in name, e-mail and text.
type Filter struct {
	Status     Status
	ArticleID  int64
	CategoryID int64
	Q          string
	After      string
	Limit      int
}

// Reported is the list of comments of which readers' reports are open, oldest first. It is asked for like a status and is none.
const Reported Status = "reported"

// Item is a comment with all that a decision needs. Text is the one to decide on; where it is an edit, Stands is what readers see
// meanwhile. Version is the number in the article's record that the commenter had read, 0 unknown, RecordHead the newest. Reports is how many
// reports of it are open.
type Item struct {
	ID         int64
	ArticleID  int64
	Status     Status
	Name       string
	Email      string
	PostedAt   time.Time
	Staff      bool
	Imported   bool
	Text       string
	TextID     int64
	TextAt     time.Time
	Stands     string
	Version    int
	RecordHead int
	Headline   string
	Path       string
	Language   string
	Parent     *Parent
	Person     *Person
	Reports    int
	Reasons    []Reason
	Decision   *Decision
}

// Parent is the comment that another one answers.
type Parent struct {
	ID       int64
	Name     string
	Text     string
	PostedAt time.Time
	Status   Status
}

// Person is who wrote a comment, and what became of all they wrote. Banned with BannedUntil nil is for good.
type Person struct {
	ID          int64
	FirstAt     time.Time
	Approved    int
	Rejected    int
	Spam        int
	Banned      bool
	BannedUntil *time.Time
	BanReason   string
}

// Pick chooses the item for an act that counts only if nothing changed since it was read.
func (i *Item) Pick() Pick {
	p := Pick{ID: i.ID, Seen: true, Text: i.TextID}
	if i.Decision != nil {
		p.Decision = i.Decision.ID
	}
	return p
}

// IsEdit reports whether a new text of a published comment waits.
func (i *Item) IsEdit() bool { return i.Stands != "" }

// Queue is one page of what waits, or of a list of decided comments, with the cursor of the next page, empty at the end. E-mails are for
// moderators only, so everyone else is Forbidden.
func (s *Store) Queue(ctx context.Context, actor staff.Actor, f Filter) (items []Item, next string, err error) {
	if !CanModerate(actor) {
		return nil, "", fault.Forbidden
	}
	q, err := f.query()
	if err != nil {
		return nil, "", err
	}
	rows, err := s.pool.Query(ctx, q.sql, f.ArticleID, f.CategoryID, q.like, q.at, q.id, q.limit+1, f.Status, postgres.At(s.Now))
	if err != nil {
		return nil, "", fmt.Errorf("list comments: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[queued])
	if err != nil {
		return nil, "", fmt.Errorf("list comments: %w", err)
	}
	if len(found) > q.limit {
		found = found[:q.limit]
		last := found[q.limit-1]
		next = cursor(last.PostedAt, last.ID)
	}
	items = make([]Item, len(found))
	for i, c := range found {
		items[i] = c.item()
	}
	return items, next, nil
}

// listing is a filter on its way to the database.
type listing struct {
	sql   string
	like  string
	at    *time.Time
	id    int64
	limit int
}

func (f *Filter) query() (*listing, error) {
	q := &listing{sql: waitingQuery, limit: f.Limit}
	switch f.Status {
	case "", Pending:
	case Approved, Rejected, Spam:
		q.sql = decidedQuery
	case Reported:
		q.sql = reportedQuery
	default:
		return nil, fault.NotFound
	}
	if q.limit < 1 || q.limit > maxBulk {
		q.limit = queuePage
	}
	if f.Q != "" {
		if !utf8.ValidString(f.Q) || strings.ContainsRune(f.Q, 0) || utf8.RuneCountInString(f.Q) > maxQuery {
			return nil, fault.Field("q", "field.characters")
		}
		q.like = "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(f.Q) + "%"
	}
	if f.After == "" {
		return q, nil
	}
	micros, id, ok := strings.Cut(f.After, "-")
	us, err1 := strconv.ParseInt(micros, 10, 64)
	n, err2 := strconv.ParseInt(id, 10, 64)
	if !ok || err1 != nil || err2 != nil || us < 0 || us > 1<<53 {
		return nil, fault.NotFound
	}
	at := time.UnixMicro(us).UTC()
	q.at, q.id = &at, n
	return q, nil
}

func cursor(at time.Time, id int64) string { return fmt.Sprintf("%d-%d", at.UnixMicro(), id) }

// Waiting is how many comments wait, since when the oldest does (the zero time where none does), and how long decisions took.
type Waiting struct {
	Count  int
	Oldest time.Time
	Time   WaitingTime
}

// Waiting is what the newsroom shows above its queue.
func (s *Store) Waiting(ctx context.Context) (Waiting, error) {
	var w Waiting
	var oldest *time.Time
	err := s.pool.QueryRow(ctx, `
		SELECT q.waiting, q.oldest, w.*
		FROM (SELECT count(*) AS waiting, min(posted_at) AS oldest FROM comments WHERE pending_text IS NOT NULL AND erased_at IS NULL) q,
			(`+waitingTimeQuery+`) w`, postgres.At(s.Now)).Scan(&w.Count, &oldest, &w.Time.Samples, &w.Time.Median, &w.Time.P90)
	if err != nil {
		return Waiting{}, fmt.Errorf("count what waits: %w", err)
	}
	if oldest != nil {
		w.Oldest = *oldest
	}
	return w, nil
}
