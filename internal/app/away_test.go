package app_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	base, err := url.Parse("http://stet.example")
	must(err)
	a, err := app.New(ctx, config.Config{DatabaseURL: cluster.URL(postgres.App, "away"), BaseURL: base, Media: t.TempDir(), Secret: []byte(strings.Repeat("s", 32)), Work: true},
		app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	must(err)
	t.Cleanup(a.Close)
	must(a.Wait(ctx))
	working, stop := context.WithCancel(ctx)
	defer stop()
	go a.Work(working)

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
	if got := ask(http.MethodGet, "/"); got.Code != http.StatusOK {
		t.Fatalf("GET / = %d", got.Code)
	}
	must(cluster.Stop())
	for _, at := range []struct{ method, path string }{{http.MethodGet, "/"}, {http.MethodGet, "/2026/11/x/"}, {http.MethodGet, "/search?q=x"}, {http.MethodGet, "/feed/"},
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
	for until := time.Now().Add(20 * time.Second); ; {
		if ask(http.MethodGet, "/").Code == http.StatusOK && ask(http.MethodGet, "/readyz").Code == http.StatusOK {
			break
		}
		if time.Now().After(until) {
			t.Fatal("the site did not come back by itself")
		}
	}
	if got := ask(http.MethodPost, "/newsroom/login"); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("a wrong password after the database came back = %d, want 422", got.Code)
	}
}
