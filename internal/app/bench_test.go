package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// counted runs act b.N times and reports how many statements one takes.
func counted(b *testing.B, act func(ctx context.Context)) {
	b.Helper()
	ctx, c := postgres.CountQueries(context.Background())
	act(ctx)
	queries := c.N()
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		act(context.Background())
	}
	b.ReportMetric(float64(queries), "queries/op")
}

// page asks the handler for a path, without a connection between and with nothing kept of earlier answers.
func (w *world) page(ctx context.Context, path string) {
	w.app.Forget()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	r.Host = w.base().Host
	rec := httptest.NewRecorder()
	w.app.Handler().ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		w.Fatalf("GET %s = %d", path, rec.Code)
	}
}

// discussed is a public article with 30 approved comments.
func (w *world) discussed() string {
	var body strings.Builder
	for i := range 25 {
		fmt.Fprintf(&body, "<p>Paragraph %d: at 21:14 the lamp at Cape Ore came on, and eleven seconds later, across the <em>grey</em> water, another answered <a href=\"/x/\">there</a>.</p>", i)
	}
	id, path := w.published("The lamp at Cape Ore", body.String())
	moderator := w.people[staff.Moderator]
	var parent int64
	for i := range 30 {
		ctx := w.Context()
		if _, err := w.app.Comments.Post(ctx, comment.In{ArticleID: id, Name: fmt.Sprint("Reader ", i), Email: fmt.Sprintf("r%d@reader.example", i), Body: fmt.Sprintf("Comment %d says something of this length, as comments do.", i),
			Parent: parent, Version: 1, Address: netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})}); err != nil {
			w.Fatal(err)
		}
		items, _, err := w.app.Comments.Queue(ctx, moderator, comment.Filter{})
		if err != nil || len(items) != 1 {
			w.Fatalf("queue = %d, %v", len(items), err)
		}
		if err := w.app.Comments.Decide(ctx, moderator, items[0].Pick(), comment.Approve, ""); err != nil {
			w.Fatal(err)
		}
		parent = 0
		if i%3 != 0 {
			parent = items[0].ID
		}
	}
	return path
}

func BenchmarkArticle(b *testing.B) {
	w := newWorld(b)
	path := w.discussed()
	counted(b, func(ctx context.Context) { w.page(ctx, path) })
}

func BenchmarkFront(b *testing.B) {
	w := newWorld(b)
	for i := range 40 {
		w.published(fmt.Sprint("Article ", i), "<p>Text</p>")
	}
	counted(b, func(ctx context.Context) { w.page(ctx, "/") })
}

func BenchmarkPublish(b *testing.B) {
	w := newWorld(b)
	id, revision := w.draft("Published again and again", strings.Repeat("<p>At 21:14 the lamp at Cape Ore came on.</p>", 25))
	editor := w.people[staff.Editor]
	n := 0
	counted(b, func(ctx context.Context) {
		n++
		saved, err := w.app.Articles.Save(ctx, editor, id, article.SaveIn{Draft: article.Draft{Headline: fmt.Sprint("Headline ", n), Body: fmt.Sprintf("<p>%d</p>", n)}, Base: revision})
		if err != nil {
			b.Fatal(err)
		}
		revision = saved.Number
		if _, err := w.app.Articles.Publish(ctx, editor, id, article.PublishIn{Revision: revision, Kind: article.Minor}); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkSaveComment(b *testing.B) {
	w := newWorld(b)
	id, _ := w.published("Open", "<p>Text</p>")
	n := 0
	counted(b, func(ctx context.Context) {
		n++
		_, err := w.app.Comments.Post(ctx, comment.In{ArticleID: id, Name: "Reader", Email: fmt.Sprintf("r%d@reader.example", n), Body: fmt.Sprint("Comment ", n), Version: 1,
			Address: netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})})
		if err != nil {
			b.Fatal(err)
		}
	})
}

// TestQueriesPerPage holds each kind of page to its number of queries.
func TestQueriesPerPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.discussed()
	for i := range 5 {
		w.published(fmt.Sprint("Article ", i), "<p>Text</p>")
	}
	month := path[:len("/2006/01/")]
	for at, most := range map[string]int{path: 6, "/": 6, month: 4, "/corrections/": 4, "/search?q=lamp": 4, path + "history": 6, path + "v/1": 6} {
		w.page(t.Context(), at) // settings are asked for once in a while
		ctx, c := postgres.CountQueries(t.Context())
		w.page(ctx, at)
		if c.N() > most || c.N() == 0 {
			t.Errorf("%s takes %d queries, want at most %d:\n%s", at, c.N(), most, strings.Join(c.Statements(), "\n---\n"))
		}
	}
}
