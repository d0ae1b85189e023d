package app_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/media"
	"stet/internal/pgtest"
	"stet/internal/postgres"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// furnished is the address of an article that has whatever an article's page can show, in tables so large that Postgres looks rows up.
func furnished(w *world) string {
	w.Helper()
	ctx, editor := w.Context(), w.people[staff.Editor]
	path := w.discussed()
	category, err := w.app.Taxonomy.Create(ctx, editor, taxonomy.CategoryIn{Name: "Coast"})
	if err != nil {
		w.Fatal(err)
	}
	picture, err := w.app.Media.Add(ctx, editor, media.Upload{Name: "lamp.png", Reader: bytes.NewReader(greyPNG(w)), Alt: "A lamp", Credit: "Ada"})
	if err != nil {
		w.Fatal(err)
	}
	ada, err := w.app.Authors.Create(ctx, editor, author.In{Name: "Ada", Portrait: picture.ID})
	if err != nil {
		w.Fatal(err)
	}
	var id int64
	if err := w.db.Super.QueryRow(ctx, `SELECT id FROM articles WHERE path = $1`, path).Scan(&id); err != nil {
		w.Fatal(err)
	}
	in := article.Draft{Headline: "The lamp", Standfirst: "In short", Body: "<p>Text</p>", Category: category.Slug, Tags: []string{"Lamps", "Cape Ore"}, Authors: []string{ada.Slug}, Image: picture.ID, ImageAlt: "A lamp"}
	saved, err := w.app.Articles.Save(ctx, editor, id, article.SaveIn{Draft: in, Base: 2})
	if err != nil {
		w.Fatal(err)
	}
	if _, err = w.app.Articles.Publish(ctx, editor, id, article.PublishIn{Revision: saved.Number, Kind: article.Correction, Notice: "<p>It was 21:15.</p>"}); err != nil {
		w.Fatal(err)
	}
	for _, sql := range []string{
		`INSERT INTO authors (slug, name) SELECT 'writer-' || n, 'Writer ' || n FROM generate_series(1, 5000) n`,
		`INSERT INTO media (key, name, mime, sha256, bytes) SELECT 'key' || n, 'name', 'image/png', '', 1 FROM generate_series(1, 5000) n`,
		`INSERT INTO media_uses (media_id, user_of, public) SELECT id, 'article:' || id, true FROM media WHERE key LIKE 'key%'`,
		`VACUUM ANALYZE authors, media, media_uses, articles, comments, comment_texts, comment_threads, article_tags, tags`,
	} {
		if _, err := w.db.Super.Exec(ctx, sql); err != nil {
			w.Fatal(err)
		}
	}
	return path
}

// TestRoundTripsOfAnArticle holds an article's page to three round trips: for its address, for all that the article leads to, and for the pictures of
// both. Where there is no such page of its comments, the answer has one more, for what else there is to read.
func TestRoundTripsOfAnArticle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := furnished(w)
	for _, tt := range []struct {
		below                     string
		status, statements, trips int
	}{{"", http.StatusOK, 7, 3}, {"?comments=newest", http.StatusOK, 7, 3}, {"comment-page-9/", http.StatusNotFound, 8, 4}} {
		at := path + tt.below
		w.page(t.Context(), "/") // what stands around every page is asked for once in a while
		w.app.Forget()
		ctx, c := postgres.CountQueries(t.Context())
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, at, nil)
		r.Host = w.base().Host
		rec := httptest.NewRecorder()
		w.app.Handler().ServeHTTP(rec, r)
		if rec.Code != tt.status {
			t.Errorf("GET %s = %d, want %d", at, rec.Code, tt.status)
		}
		if c.Trips() != tt.trips || c.N() != tt.statements {
			t.Errorf("%s takes %d statements in %d round trips, want %d in %d:\n%s", at, c.N(), c.Trips(), tt.statements, tt.trips, strings.Join(c.Statements(), "\n---\n"))
		}
	}
}

// TestAnArticlesPlansAreKept runs what an article's page asks for ten times, and no statement is planned anew at each time.
func TestAnArticlesPlansAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := furnished(w)
	w.page(t.Context(), "/")
	ctx, c := postgres.CountQueries(t.Context())
	w.page(ctx, path)
	conn := pgtest.Pool(t, w.db.AppURL, one(postgres.Readers()))
	for range 10 {
		for _, s := range c.Run() {
			if _, err := conn.Exec(t.Context(), s.SQL, s.Args...); err != nil {
				t.Fatalf("%v: %s", err, s.SQL)
			}
		}
	}
	for _, s := range c.Run() {
		var kept, anew int
		if err := conn.QueryRow(t.Context(), `SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement = $1`, s.SQL).Scan(&kept, &anew); err != nil {
			t.Fatalf("%v: %s", err, s.SQL)
		}
		if kept < 5 || anew > 5 {
			t.Errorf("ran %d times with a plan that was kept and %d times with one made anew:\n%s", kept, anew, s.SQL)
		}
	}
}
