package comment_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

func ids(items []comment.Item) []int64 {
	out := make([]int64, len(items))
	for i, c := range items {
		out[i] = c.ID
	}
	return out
}

func TestQueueOrderAndPages(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	var all []int64
	tokens := map[int64]string{}
	for i := range 7 {
		token, id := d.post(d.guest(article))
		tokens[id] = token
		all = append(all, id)
		if i%2 == 0 {
			d.pass(time.Second) // some at the same moment
		}
	}
	walk := func(status comment.Status) (seen []int64) {
		f := comment.Filter{Status: status, Limit: 3}
		for {
			items, next, err := d.Queue(t.Context(), moderator, f)
			if err != nil {
				t.Fatal(err)
			}
			seen = append(seen, ids(items)...)
			if next == "" {
				return seen
			}
			f.After = next
		}
	}
	if got := walk(""); !slices.Equal(got, all) {
		t.Errorf("queue = %v, want %v", got, all)
	}
	for act, status := range map[comment.Act]comment.Status{comment.Approve: comment.Approved, comment.Reject: comment.Rejected, comment.MarkSpam: comment.Spam} {
		for _, id := range all {
			if d.receipt(tokens[id]).Status != comment.Waits {
				d.decide(moderator, id, comment.Hold)
			}
			d.decide(moderator, id, act)
		}
		newest := slices.Clone(all)
		slices.Reverse(newest)
		if got := walk(status); !slices.Equal(got, newest) {
			t.Errorf("%s = %v, want %v", status, got, newest)
		}
	}
	if got := walk(""); len(got) != 0 {
		t.Errorf("queue = %v, want none", got)
	}
	for _, f := range []comment.Filter{{Status: "deleted"}, {After: "x"}, {After: "1-x"}, {After: "99999999999999999-1"}} {
		if _, _, err := d.Queue(t.Context(), moderator, f); !errors.Is(err, fault.NotFound) {
			t.Errorf("Queue(%+v) = %v", f, err)
		}
	}
}

func TestQueueFilters(t *testing.T) {
	d := newDesk(t)
	world := scan[int64](d, `INSERT INTO categories (slug, name, path, lineage) VALUES ('world', 'World', '/category/world/', '{1}') RETURNING id`)
	d.exec(`INSERT INTO categories (parent_id, slug, name, path, lineage) VALUES ($1::bigint, 'asia', 'Asia', '/category/world/asia/', ARRAY [$1::bigint, $1 + 1])`, world)
	inAsia, elsewhere := d.article(), d.article()
	d.exec(`INSERT INTO article_categories (article_id, category_id, first) VALUES ($1, $2, true)`, inAsia, world+1)
	a := d.guest(inAsia)
	a.Body = `50% of "it", \ and _ too`
	_, one := d.post(a)
	b := d.guest(elsewhere)
	b.Name, b.Email = "Beatrix", "beatrix@example.net"
	_, two := d.post(b)
	for name, tt := range map[string]struct {
		f    comment.Filter
		want []int64
	}{
		"article":   {comment.Filter{ArticleID: elsewhere}, []int64{two}},
		"category":  {comment.Filter{CategoryID: world}, []int64{one}},
		"within":    {comment.Filter{CategoryID: world + 1}, []int64{one}},
		"name":      {comment.Filter{Q: "beatri"}, []int64{two}},
		"e-mail":    {comment.Filter{Q: "EXAMPLE.net"}, []int64{two}},
		"text":      {comment.Filter{Q: "50%"}, []int64{one}},
		"backslash": {comment.Filter{Q: `\`}, []int64{one}},
		"no joker":  {comment.Filter{Q: "5_%"}, nil},
		"both":      {comment.Filter{Q: "comment", ArticleID: inAsia}, nil},
	} {
		if got := ids(d.queue(tt.f)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	for _, q := range []string{"a\x00", "a\xff", strings.Repeat("x", 201)} {
		if _, _, err := d.Queue(t.Context(), staff.System(), comment.Filter{Q: q}); err == nil {
			t.Errorf("Q %q was taken", q)
		}
	}
}

func TestQueueItem(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	in := d.guest(article)
	_, parent := d.published(moderator, in)
	reply := d.guest(article)
	reply.Email, reply.Parent = in.Email, parent
	d.pass(time.Minute)
	_, id := d.post(reply)
	i := d.item(id, comment.Pending)
	if i.Headline != "A headline" || i.Path != "/2026/03/a-headline/" || i.Version != 2 || i.RecordHead != 3 || i.Language != "en" || i.Email != in.Email {
		t.Errorf("item = %+v", i)
	}
	if p := i.Parent; p == nil || p.ID != parent || p.Text != in.Body || p.Name != in.Name || p.Status != comment.Approved {
		t.Errorf("parent = %+v", i.Parent)
	}
	if p := i.Person; p == nil || p.Approved != 1 || p.Rejected != 0 || !p.FirstAt.Equal(d.now().Add(-time.Minute)) || p.Banned {
		t.Errorf("person = %+v", i.Person)
	}
}

func (d *desk) imported(in comment.Imported) int64 {
	d.t.Helper()
	var id int64
	err := postgres.InTx(d.t.Context(), d.App, func(tx pgx.Tx) (err error) {
		id, err = d.ImportTx(d.t.Context(), tx, in)
		return err
	})
	if err != nil {
		d.t.Fatalf("ImportTx = %v", err)
	}
	return id
}

func TestImport(t *testing.T) {
	d := newDesk(t)
	article := d.article()
	long := d.now().AddDate(-3, 0, 0)
	root := d.imported(comment.Imported{ArticleID: article, Name: "A\x00\u202e  B", Email: "a@example.org", Body: "Old\x00 words \xff.\r\n", Status: comment.Approved,
		PostedAt: long, Address: netip.MustParseAddr("192.0.2.9")})
	d.imported(comment.Imported{ArticleID: article, ParentID: root, Name: strings.Repeat("n", 100), Email: "no address", Body: strings.Repeat("x", 20_000),
		Status: comment.Approved, PostedAt: long.Add(time.Hour)})
	waits := d.imported(comment.Imported{ArticleID: article, Body: "Waits.", Status: comment.Pending, Address: netip.MustParseAddr("192.0.2.9")})
	d.imported(comment.Imported{ArticleID: article, Name: "Spammer", Email: "A@example.org", Body: "Buy.", Status: comment.Spam})
	live := d.thread(article, comment.Oldest, 1).Comments
	if d.counted(article) != 2 || len(live) != 2 {
		t.Fatalf("readers see %d", len(live))
	}
	if live[0].Name != "A B" || live[0].Body != "Old words \uFFFD." || !live[0].PostedAt.Equal(long) || live[1].Depth != 2 || len(live[1].Name) != 80 {
		t.Errorf("readers see %+v", live)
	}
	if n := scan[int](d, `SELECT count(*) FROM commenters`); n != 1 {
		t.Errorf("%d people, want 1", n)
	}
	if got := scan[[]int64](d, `SELECT array_agg(comment_id) FROM comment_addresses`); !slices.Equal(got, []int64{waits}) {
		t.Errorf("addresses kept of %v, want the new one's alone", got)
	}
	if i := d.item(waits, comment.Pending); !i.Imported || i.Person != nil || i.Name != "" {
		t.Errorf("item = %+v", i)
	}
	err := postgres.InTx(t.Context(), d.App, func(tx pgx.Tx) error {
		_, err := d.ImportTx(t.Context(), tx, comment.Imported{ArticleID: d.article(), ParentID: root, Body: "x", Status: comment.Approved})
		return err
	})
	if _, ok := errors.AsType[*fault.Invalid](err); !ok {
		t.Errorf("a parent on another article = %v", err)
	}
}

// The readers' role may not see anything of comments but live_comments, whatever a handler asks for.
func TestReadersSeeNoMore(t *testing.T) {
	d := newDesk(t)
	article := d.article()
	d.post(d.guest(article))
	d.published(d.moderator(), d.guest(article))
	for _, table := range []string{"comments", "comment_texts", "commenters", "comment_addresses", "hold_reasons", "decisions", "article_counts"} {
		if _, err := d.Reader.Exec(t.Context(), "SELECT FROM "+table); !postgres.IsDenied(err) {
			t.Errorf("a reader selects from %s: %v", table, err)
		}
	}
	readers := comment.New(d.Reader, secret, nil)
	if _, _, err := readers.Queue(t.Context(), staff.System(), comment.Filter{}); !postgres.IsDenied(err) {
		t.Errorf("the queue under the readers' role = %v", err)
	}
	seen := fmt.Sprintf("%+v", d.thread(article, comment.Oldest, 1))
	if strings.Contains(seen, "@") || strings.Contains(seen, "10.0.") || strings.Contains(seen, "number 1.") {
		t.Errorf("readers see %s", seen)
	}
	for _, change := range []string{`public_state = 'withdrawn'`, `public_state = 'withheld'`, `public_state = 'published', trashed_at = clock_timestamp()`} {
		d.exec(`UPDATE articles SET ` + change)
		if got := d.thread(article, comment.Oldest, 1); len(got.Comments) != 0 || got.Total != 0 {
			t.Errorf("%s: readers see %+v", change, got)
		}
	}
}
