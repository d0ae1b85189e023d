package comment

import (
	"cmp"
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

// Views of the queue besides those of one status. Each is a Status to ask for, none that a comment can have.
const (
	Overtaken Status = "overtaken" // waits, and was written before a later update or correction of its article
	Reported  Status = "reported"  // readers reported it, and nobody answered them yet
	Appealed  Status = "appealed"  // its writer appeals against its rejection, and nobody answered yet
	Second    Status = "second"    // somebody else decided on it; a second opinion is wanted, blind
	Mine      Status = "mine"      // before the actor in one-at-a-time mode
	Every     Status = "every"     // whatever became of it
)

// Filter narrows the queue. The zero value is the queue itself: what waits, oldest first. Other views of what has to be done are oldest
// first too, those of what was decided are newest first. PersonID is who wrote it; Rule the kind of a rule that matched, or the number of
// one. After is the cursor that the page before gave; Q is looked for in name, e-mail and text. Where
// a list may hold all comments there are, words, rules and categories are looked for among its newest 2,000.
type Filter struct {
	Status     Status
	ArticleID  int64
	CategoryID int64
	PersonID   int64
	Rule       string
	Q          string
	After      string
	Limit      int
}

// Queue is one page of what waits, or of a list of decided comments, with the cursor of the next page, empty at the end. E-mails are for
// moderators only, so everyone else is Forbidden. Of what a second opinion is wanted for, nothing tells how it was decided.
func (s *Store) Queue(ctx context.Context, actor staff.Actor, f Filter) (items []Item, next string, err error) {
	if !CanModerate(actor) {
		return nil, "", fault.Forbidden
	}
	q, err := s.listing(actor, f)
	if err != nil {
		return nil, "", err
	}
	args := q.args
	if f.Q != "" || f.Rule != "" {
		// Which index serves depends on the word or rule that is asked for; a plan that is kept for all of them doesn't know it.
		args = append([]any{pgx.QueryExecModeExec}, args...)
	}
	found, err := s.items(ctx, q.sql(), args...)
	if err != nil {
		return nil, "", fmt.Errorf("list comments: %w", err)
	}
	if len(found) > q.limit {
		found = found[:q.limit]
		next = cursor(found[q.limit-1].SortedAt, found[q.limit-1].ID)
	}
	if q.status == Second {
		for i := range found {
			found[i].blind()
		}
	}
	return found, next, nil
}

// items reads what one of the lists chose, and the passages that the comments quote.
func (s *Store) items(ctx context.Context, sql string, args ...any) ([]Item, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[queued])
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(found))
	for i, c := range found {
		items[i] = c.item()
	}
	return items, s.passages(ctx, items)
}

// listing is a filter on its way to the database: $1 is the time, $2 the actor, the rest is what narrows it.
type listing struct {
	view
	status Status
	where  []string
	sought []string // what is looked for among the newest of a long list alone
	words  string   // the parameter of what is looked for in the words of what waits
	args   []any
	limit  int
}

func (q *listing) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func (s *Store) listing(actor staff.Actor, f Filter) (*listing, error) {
	q := &listing{status: cmp.Or(f.Status, Pending), limit: f.Limit, args: []any{postgres.At(s.Now), actor.ID}}
	var ok bool
	if q.view, ok = views[q.status]; !ok {
		return nil, fault.NotFound
	}
	if q.limit < 1 || q.limit > maxBulk {
		q.limit = queuePage
	}
	for field, text := range map[string]string{"q": f.Q, "rule": f.Rule} {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || utf8.RuneCountInString(text) > maxQuery {
			return nil, fault.Field(field, "field.characters")
		}
	}
	q.narrow(f)
	return q, q.after(f.After)
}

// narrow adds only what is asked for, so that each combination is planned for itself.
func (q *listing) narrow(f Filter) {
	if f.ArticleID != 0 {
		q.where = append(q.where, "c.article_id = "+q.arg(f.ArticleID))
	}
	if f.CategoryID != 0 {
		in := `EXISTS (
				SELECT FROM article_categories l JOIN categories k ON k.id = l.category_id
				WHERE l.article_id = c.article_id AND ` + q.arg(f.CategoryID) + ` = ANY (k.lineage))`
		if q.long && f.ArticleID == 0 && f.PersonID == 0 {
			q.sought = append(q.sought, in)
		} else {
			q.where = append(q.where, in)
		}
	}
	if f.PersonID != 0 {
		q.where = append(q.where, "c.commenter_id = "+q.arg(f.PersonID))
	}
	if f.Rule != "" {
		by := "w.rule = "
		var rule any = f.Rule
		if n, err := strconv.ParseInt(f.Rule, 10, 64); err == nil {
			by, rule = "w.rule_id = ", n
		}
		arg := q.arg(rule)
		// As a value it can't be hashed over all that a rule ever held.
		held := "(SELECT true FROM hold_reasons w WHERE w.comment_id = c.id AND " + by + arg + " LIMIT 1)"
		switch {
		case q.long:
			q.sought = append(q.sought, held)
		case q.status == Overtaken:
			q.where = append(q.where, held)
		default:
			q.where = append(q.where, "c.id IN (SELECT w.comment_id FROM hold_reasons w WHERE "+by+arg+")")
		}
	}
	if f.Q == "" {
		return
	}
	like := q.arg("%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(f.Q) + "%")
	switch {
	case q.status == Overtaken:
		q.where = append(q.where, "c.id IN (SELECT w.comment_id FROM comment_waiting w WHERE w.words ILIKE "+like+")")
		return
	case q.waiting:
		q.words = like
		return
	}
	// As values and not as EXISTS, which may be hashed over all texts and all people there are.
	words := `(c.name ILIKE ` + like + `
				OR (SELECT t.body FROM comment_texts t WHERE t.id = coalesce(c.pending_text, c.shown_text)) ILIKE ` + like + `
				OR (SELECT m.email FROM commenters m WHERE m.id = c.commenter_id) ILIKE ` + like + `)`
	if q.long {
		q.sought = append(q.sought, words)
	} else {
		q.where = append(q.where, words)
	}
}

// after sets where the page begins.
func (q *listing) after(after string) error {
	if after == "" {
		return nil
	}
	micros, id, ok := strings.Cut(after, "-")
	us, err1 := strconv.ParseInt(micros, 10, 64)
	n, err2 := strconv.ParseInt(id, 10, 64)
	if !ok || err1 != nil || err2 != nil || us < 0 || us > 1<<53 {
		return fault.NotFound
	}
	than := ">"
	if q.newest {
		than = "<"
	}
	q.where = append(q.where, fmt.Sprintf("(%s, c.id) %s (%s::timestamptz, %s::bigint)", q.sort, than, q.arg(time.UnixMicro(us).UTC()), q.arg(n)))
	return nil
}

func cursor(at time.Time, id int64) string { return fmt.Sprintf("%d-%d", at.UnixMicro(), id) }
