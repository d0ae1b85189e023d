package comment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// Loaded is a comment that is public from At on, as where nothing holds it, or one that waits since. Parent is the place, counted from 1, of the
// comment of the same article before it in the same load that it answers; 0 for none. Body is plain text.
type Loaded struct {
	ArticleID int64
	Parent    int
	Name      string
	Email     string
	Body      string
	Version   int
	At        time.Time
	Waits     bool
}

// Load writes many comments of public articles at once, whatever the articles' policies, with their counts: what Post would have left where
// everything passes, or where everything is held. Times are what the caller says, so it is for made-up content alone, and only a Store whose
// clock was set takes it. It announces nothing: the caller says which pages are out of date. The actor must be a moderator or an editor. Faults:
// Forbidden; *fault.Invalid on the fields of Post.
func (s *Store) Load(ctx context.Context, actor staff.Actor, in []Loaded) error {
	switch {
	case !CanModerate(actor):
		return fmt.Errorf("load comments: %w", fault.Forbidden)
	case s.Now == nil:
		return errors.New("load comments: by the database's clock nothing was said before now")
	case len(in) == 0:
		return nil
	}
	l := &load{secret: s.secret, in: slices.Clone(in)}
	if err := l.check(); err != nil {
		return fmt.Errorf("load comments: %w", err)
	}
	// People first and apart: others who load the same ones wait for them, and not for all that is copied.
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if err := postgres.Bulk(ctx, tx, 0); err != nil {
			return err
		}
		l.people, err = loadPeople(ctx, tx, l.in)
		return err
	})
	if err == nil {
		err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error { return l.run(ctx, tx) })
	}
	if err != nil {
		return fmt.Errorf("load comments: %w", err)
	}
	return nil
}

// loadTurn lets one load at a time write.
const loadTurn = 0x57e7_10b

// load is one Load on its way.
type load struct {
	secret []byte
	in     []Loaded
	people map[string]int64 // by e-mail in lower case
	placed []above          // what an answer to each of in needs to know
	ids    []int64
	texts  []int64

	comments, bodies, threads [][]any
	counts                    map[int64]*count
}

type count struct {
	n    int
	last time.Time
}

func (l *load) check() error {
	for i := range l.in {
		in := &l.in[i]
		in.Name, in.Email, in.Body = markup.Line(in.Name), tidyEmail(in.Email), tidyBody(in.Body)
		var c fault.Check
		c.That(!markup.BadLine(in.Name), "name", "field.characters")
		c.That(visible(in.Name) && utf8.RuneCountInString(in.Name) <= MaxName, "name", "comment.name.long")
		c.That(plausible(in.Email), "email", "comment.email.bad")
		checkBody(&c, in.Body)
		above := in.Parent - 1
		c.That(above >= -1 && above < i && (above < 0 || l.in[above].ArticleID == in.ArticleID && !l.in[above].Waits), "parent", "comment.parent.gone")
		if err := c.Err(); err != nil {
			return err
		}
	}
	return nil
}

// loadPeople finds those who wrote, or enters them. They are entered in one order by everybody, so that no two loads wait for each other.
func loadPeople(ctx context.Context, tx pgx.Tx, in []Loaded) (map[string]int64, error) {
	first := map[string]time.Time{}
	written := map[string]string{}
	for _, c := range in {
		key := strings.ToLower(c.Email)
		if at, known := first[key]; !known || c.At.Before(at) {
			first[key], written[key] = c.At, c.Email
		}
	}
	keys := make([]string, 0, len(first))
	for key := range first {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	emails, boxes, ats := make([]string, len(keys)), make([]string, len(keys)), make([]time.Time, len(keys))
	for i, key := range keys {
		emails[i], boxes[i], ats[i] = written[key], mailbox(written[key]), first[key]
	}
	people := make(map[string]int64, len(keys))
	// Each is looked up by the key, whatever the planner thinks of how many there are: the people of a large site are never read whole.
	rows, err := tx.Query(ctx, `
		SELECT asked.n, m.id
		FROM unnest($1::text[], $2::timestamptz[]) WITH ORDINALITY AS asked (email, at, n),
			LATERAL (SELECT id FROM commenters m WHERE lower(m.email) = lower(asked.email) AND m.first_at <= asked.at OFFSET 0) m`, emails, ats)
	if err != nil {
		return nil, err
	}
	var n, id int64
	if _, err := pgx.ForEachRow(rows, []any{&n, &id}, func() error {
		people[keys[n-1]] = id
		return nil
	}); err != nil || len(people) == len(keys) {
		return people, err
	}
	k := 0
	for i, key := range keys {
		if _, known := people[key]; !known {
			emails[k], boxes[k], ats[k] = emails[i], boxes[i], ats[i]
			k++
		}
	}
	rows, err = tx.Query(ctx, `
		INSERT INTO commenters (email, mailbox, first_at)
		SELECT email, mailbox, at
		FROM unnest($1::text[], $2::text[], $3::timestamptz[]) WITH ORDINALITY AS t (email, mailbox, at, n)
		ORDER BY n
		ON CONFLICT (lower(email)) DO UPDATE SET first_at = least(commenters.first_at, excluded.first_at)
		RETURNING id, lower(email)`, emails[:k], boxes[:k], ats[:k])
	if err != nil {
		return nil, err
	}
	var key string
	_, err = pgx.ForEachRow(rows, []any{&id, &key}, func() error {
		people[key] = id
		return nil
	})
	return people, err
}

func (l *load) run(ctx context.Context, tx pgx.Tx) (err error) {
	if err := postgres.Bulk(ctx, tx, loadTurn); err != nil {
		return err
	}
	// Texts come before their comments.
	if _, err := tx.Exec(ctx, `SET CONSTRAINTS comment_texts_comment_id_fkey DEFERRED`); err != nil {
		return err
	}
	if l.ids, err = postgres.NextIDs(ctx, tx, "comments_id_seq", len(l.in)); err != nil {
		return err
	}
	if l.texts, err = postgres.NextIDs(ctx, tx, "comment_texts_id_seq", len(l.in)); err != nil {
		return err
	}
	l.rows()
	for _, t := range []struct {
		name    string
		columns []string
		rows    [][]any
	}{
		{"comment_texts", []string{"id", "comment_id", "body", "at"}, l.bodies},
		{"comments", []string{"id", "article_id", "parent_id", "root_id", "depth", "path", "version_number", "status", "token_hash", "commenter_id", "name", "posted_at",
			"shown_text", "pending_text", "decided_at"}, l.comments},
		{"comment_threads", []string{"root_id", "article_id", "at", "shown"}, l.threads},
	} {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromRows(t.rows)); err != nil {
			return err
		}
	}
	return l.count(ctx, tx)
}

// rows makes what is copied.
func (l *load) rows() {
	l.placed = make([]above, len(l.in))
	l.counts = map[int64]*count{}
	shown := map[int64]int{} // by first comment
	var roots []int
	for i := range l.in {
		in, id := &l.in[i], l.ids[i]
		var under above
		if in.Parent > 0 {
			under = l.placed[in.Parent-1]
		}
		root, depth, path := under.place(id)
		l.placed[i] = above{ParentID: &l.ids[i], ParentRoot: &root, ParentDepth: &depth, ParentPath: path}
		status, shownText, pendingText, decided := Approved, &l.texts[i], (*int64)(nil), &in.At
		if in.Waits {
			status, shownText, pendingText, decided = Pending, nil, &l.texts[i], nil
		} else {
			if shown[root]++; in.Parent == 0 {
				roots = append(roots, i)
			}
			l.counted(in)
		}
		l.comments = append(l.comments, []any{id, in.ArticleID, under.ParentID, root, depth, path, in.Version, status, tokenHash(token(l.secret, id)),
			l.people[strings.ToLower(in.Email)], in.Name, in.At, shownText, pendingText, decided})
		l.bodies = append(l.bodies, []any{l.texts[i], id, in.Body, in.At})
	}
	for _, i := range roots {
		l.threads = append(l.threads, []any{l.ids[i], l.in[i].ArticleID, l.in[i].At, shown[l.ids[i]]})
	}
}

func (l *load) counted(in *Loaded) {
	c := l.counts[in.ArticleID]
	if c == nil {
		c = &count{}
		l.counts[in.ArticleID] = c
	}
	c.n++
	if in.At.After(c.last) {
		c.last = in.At
	}
}

// count brings the articles' counts up to date, in the order in which tally does.
func (l *load) count(ctx context.Context, tx pgx.Tx) error {
	var articles []int64
	for id := range l.counts {
		articles = append(articles, id)
	}
	slices.Sort(articles)
	counts, last := make([]int, len(articles)), make([]time.Time, len(articles))
	for i, id := range articles {
		counts[i], last[i] = l.counts[id].n, l.counts[id].last
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO article_counts (article_id, approved, last_at)
		SELECT * FROM unnest($1::bigint[], $2::integer[], $3::timestamptz[])
		ON CONFLICT (article_id) DO UPDATE
		SET approved = article_counts.approved + excluded.approved, last_at = greatest(article_counts.last_at, excluded.last_at)`, articles, counts, last)
	return err
}
