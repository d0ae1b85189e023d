package app_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	neturl "net/url"
	"strings"
	"testing"
	"time"

	"stet/internal/app"
	"stet/internal/config"
	"stet/internal/pglocal"
	"stet/internal/pgtest"
	"stet/internal/postgres"
)

// TestDatabaseGoesAndComes takes the database away from a running site and gives it back: 503 with Retry-After meanwhile, for pages, forms
// and health, and everything as before by itself afterwards.
func TestDatabaseGoesAndComes(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	cluster, err := pglocal.Open(pgtest.Folder(t), pglocal.Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(cluster.Start(ctx))
	t.Cleanup(func() { must(cluster.Stop()) })
	must(postgres.Provision(ctx, cluster.URL(pglocal.Superuser, "postgres"), "away", postgres.Passwords{}))
	_, err = postgres.Migrate(ctx, cluster.URL(postgres.Owner, "away"), postgres.Up, false)
	must(err)
	a := overDatabase(t, cluster.URL(postgres.App, "away"))

	ask := func(method, path string) *httptest.ResponseRecorder {
		var body io.Reader
		if method == http.MethodPost {
			body = strings.NewReader("email=a@staff.example&password=x")
		}
		r := httptest.NewRequestWithContext(ctx, method, path, body)
		r.Host = "stet.example"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		a.Handler().ServeHTTP(rec, r)
		return rec
	}
	until(t, "changes are heard of", func() bool { return a.Pages().Hears })
	if got := ask(http.MethodGet, "/"); got.Code != http.StatusOK {
		t.Fatalf("GET / = %d", got.Code)
	}
	must(cluster.Stop())
	for range 20 { // what is kept is shown, before and after it is noticed that nothing is heard any more
		if got := ask(http.MethodGet, "/"); got.Code != http.StatusOK {
			t.Errorf("a kept page without the database = %d", got.Code)
		}
	}
	until(t, "nothing is heard", func() bool { return !a.Pages().Hears })
	if got := ask(http.MethodGet, "/"); got.Code != http.StatusOK || got.Header().Get("Age") == "" || got.Header().Get("Cache-Status") == "" {
		t.Errorf("a kept page without the database = %d %v", got.Code, got.Header())
	}
	for _, at := range []struct{ method, path string }{{http.MethodGet, "/2026/11/x/"}, {http.MethodGet, "/search?q=x"}, {http.MethodGet, "/feed/"},
		{http.MethodPost, "/newsroom/login"}, {http.MethodGet, "/readyz"}} {
		got := ask(at.method, at.path)
		if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" {
			t.Errorf("%s %s without the database = %d, Retry-After %q, want 503 with it", at.method, at.path, got.Code, got.Header().Get("Retry-After"))
		}
	}
	if got := ask(http.MethodGet, "/healthz"); got.Code != http.StatusOK {
		t.Errorf("/healthz without the database = %d, want 200", got.Code)
	}
	must(cluster.Start(ctx))
	back := time.Now()
	until(t, "the site is back by itself", func() bool {
		return ask(http.MethodGet, "/2026/11/x/").Code == http.StatusNotFound && ask(http.MethodGet, "/readyz").Code == http.StatusOK
	})
	until(t, "changes are heard of again", func() bool { return a.Pages().Hears })
	if d := time.Since(back); d > 2*time.Second {
		t.Errorf("coming back took %s", d)
	}
	if got := ask(http.MethodGet, "/"); got.Code != http.StatusOK || got.Header().Get("Age") != "" {
		t.Errorf("GET / = %d %v", got.Code, got.Header())
	}
	if got := ask(http.MethodPost, "/newsroom/login"); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("a wrong password after the database came back = %d, want 422", got.Code)
	}
}

// overDatabase is a program over a database that may go away, at work.
func overDatabase(t *testing.T, url string) *app.App {
	t.Helper()
	base, err := neturl.Parse("http://stet.example")
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), config.Config{DatabaseURL: url, BaseURL: base, Media: t.TempDir(), Secret: []byte(strings.Repeat("s", 32)), Work: true},
		app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	if err := a.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	working, stop := context.WithCancel(t.Context())
	worked := make(chan struct{})
	go func() { defer close(worked); a.Work(working) }()
	t.Cleanup(func() { stop(); <-worked })
	return a
}
