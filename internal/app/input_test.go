package app_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"stet/internal/app"
	"stet/internal/config"
	"stet/internal/pgtest"
	"stet/internal/staff"
)

// TestHostileParameters sends what no form sends. Every answer is a 4xx or a page, never a 500.
func TestHostileParameters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, path := w.published("Open", "<p>For everyone</p>")
	editor, reader := w.signedIn(staff.Admin), w.visitor()
	nasty := []string{"%00", "%ff%fe", "%C0%80", "%", "%zz", strings.Repeat("a", 3000), "-1", "2147483648", "9223372036854775807", "99999999999999999999", "1e9", "%27%3B--", "%E2%80%AE", "%3Cscript%3E", "..%2f..%2f", "%5C", "%0d%0aX:y"}
	for _, bad := range nasty {
		for _, at := range []string{"/search?q=", "/search?q=x&from=", "/search?q=x&category=", "/search?q=x&sort=", "/page/", "/category/", "/author/", "/tag/", "/2026/", "/2026/11/", "/",
			path + "v/", path + "comments/", path + "comment-page-", path + "since/", path + "reply/", path + "?comments=", "/comments/", "/media/", "/static/", "/category/x/page/", "/?p="} {
			check(t, reader, at+bad)
		}
		for _, at := range []string{"/newsroom/articles?status=", "/newsroom/articles?before=", "/newsroom/articles?q=", "/newsroom/articles/", "/newsroom/articles/1/compare?from=",
			"/newsroom/comments?status=", "/newsroom/comments?article=", "/newsroom/comments?after=", "/newsroom/audit?before=", "/newsroom/audit?actor=", "/newsroom/media?before=", "/newsroom/", "/newsroom/users/"} {
			check(t, editor, at+bad)
		}
	}
	id := "/newsroom/articles/1"
	for _, bad := range []string{"\x00", "\xff\xfe", strings.Repeat("x", 5000), "\u202e", "-1", "99999999999999999999", "<script>"} {
		for _, field := range []string{"name", "email", "body", "parent", "version"} {
			f := form("name", "N", "email", "n@reader.example", "body", "B", "version", "1")
			f.Set(field, bad)
			if got := reader.do(http.MethodPost, path+"comments", f); got.StatusCode >= 500 {
				t.Errorf("comment with %s=%q = %d", field, bad, got.StatusCode)
			}
		}
		for _, field := range []string{"headline", "standfirst", "slug", "language", "label", "body", "category", "also", "tags", "authors", "image", "comments", "embargo", "note", "revision", "key"} {
			f := form("headline", "H", "body", "<p>B</p>", "revision", "2")
			f.Set(field, bad)
			if got := editor.do(http.MethodPost, id, f); got.StatusCode >= 500 {
				t.Errorf("save with %s=%q = %d", field, bad, got.StatusCode)
			}
		}
		for _, to := range []string{"/publish", "/updates", "/notices/1", "/retract", "/withhold", "/return"} {
			f := form("revision", bad, "kind", bad, "notice", bad, "at", bad, "key", bad, "versions", bad, "ground", bad, "note", bad)
			if got := editor.do(http.MethodPost, id+to, f); got.StatusCode >= 500 {
				t.Errorf("%s with %q = %d", to, bad, got.StatusCode)
			}
		}
		for _, field := range []string{"name", "email", "password", "roles"} {
			f := form("name", "N", "email", "n@staff.example", "password", "a long enough one", "roles", "author")
			f.Set(field, bad)
			if got := editor.do(http.MethodPost, "/newsroom/users", f); got.StatusCode >= 500 {
				t.Errorf("new person with %s=%q = %d", field, bad, got.StatusCode)
			}
		}
		for _, field := range []string{"email", "password", "code"} {
			if got := w.visitor().do(http.MethodPost, "/newsroom/login", form("email", "x@staff.example", "password", "x", field, bad)); got.StatusCode >= 500 {
				t.Errorf("sign-in with %s=%q = %d", field, bad, got.StatusCode)
			}
		}
	}
}

// check asks for a raw address, which url.Parse might refuse.
func check(t *testing.T, v *visitor, raw string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	path, query, _ := strings.Cut(raw, "?")
	decoded, err := url.PathUnescape(path)
	if err != nil {
		return // net/http answers 400 before the program sees it
	}
	r.URL = &url.URL{Path: decoded, RawPath: path, RawQuery: query}
	r.Host = v.base().Host
	for _, c := range v.client.Jar.Cookies(v.base()) {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	v.app.Handler().ServeHTTP(rec, r)
	if rec.Code >= 500 {
		t.Errorf("GET %.100s = %d", raw, rec.Code)
	}
}

// TestUncleanPaths are nobody's address: no redirect, which would be a second spelling of another.
func TestUncleanPaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, raw := range []string{"/x/..", "/x/../", "//", "//evil.example/", "/./", "/.", "/a//b/", "/static", "/media", "/newsroom/../", "/static/../newsroom/"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.URL, r.Host = &url.URL{Path: raw}, w.base().Host
		rec := httptest.NewRecorder()
		w.app.Handler().ServeHTTP(rec, r)
		if rec.Code != http.StatusNotFound || rec.Header().Get("Location") != "" {
			t.Errorf("GET %s = %d to %q, want 404", raw, rec.Code, rec.Header().Get("Location"))
		}
	}
}

// TestTooLarge sends more than the limits of each form.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, path := w.published("Open", "<p>For everyone</p>")
	editor, reader := w.signedIn(staff.Editor), w.visitor()
	many := url.Values{}
	for range 1100 {
		many.Add("x", "1")
	}
	for name, got := range map[string]answer{
		"comment":      reader.do(http.MethodPost, path+"comments", form("name", "N", "email", "n@reader.example", "body", strings.Repeat("b", 70<<10))),
		"article":      editor.do(http.MethodPost, "/newsroom/articles/1", form("headline", "H", "revision", "2", "body", strings.Repeat("b", 4<<20))),
		"notice":       editor.do(http.MethodPost, "/newsroom/articles/1/updates", form("kind", "update", "notice", strings.Repeat("b", 1<<20))),
		"login":        reader.do(http.MethodPost, "/newsroom/login", form("email", strings.Repeat("b", 300<<10))),
		"1,000 fields": editor.do(http.MethodPost, "/newsroom/comments/bulk", many),
	} {
		if got.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d, want 413", name, got.StatusCode)
		}
	}
}

// TestDatabaseAway starts without a database and lets it come.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	base, err := url.Parse("http://stet.example")
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), config.Config{DatabaseURL: "postgres://stet_app@127.0.0.1:1/none", BaseURL: base, Media: t.TempDir(), Secret: []byte(strings.Repeat("s", 32))},
		app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	ctx, cancel := context.WithCancel(t.Context())
	waited := make(chan error, 1)
	go func() { waited <- a.Wait(ctx) }()
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 503, "/": 503, "/newsroom/": 503, "/2026/11/x/": 503} {
		rec := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
		r.Host = "stet.example"
		a.Handler().ServeHTTP(rec, r)
		if rec.Code != want || want == 503 && rec.Header().Get("Retry-After") == "" {
			t.Errorf("GET %s without a database = %d (Retry-After %q), want %d", path, rec.Code, rec.Header().Get("Retry-After"), want)
		}
	}
	select {
	case err := <-waited:
		t.Errorf("Wait gave up: %v", err)
	default:
	}
	cancel()
	if err := <-waited; !errors.Is(err, context.Canceled) {
		t.Errorf("Wait after it was called off = %v", err)
	}
}

// TestOneRole runs with the one role that some hosts give.
func TestOneRole(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	base, err := url.Parse("http://stet.example")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	a, err := app.New(t.Context(), config.Config{DatabaseURL: db.OwnerURL, BaseURL: base, Media: t.TempDir(), Secret: []byte(strings.Repeat("s", 32))},
		app.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := a.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Host = "stet.example"
	a.Handler().ServeHTTP(rec, r)
	if rec.Code != http.StatusOK || !strings.Contains(log.String(), "grant stet_reader") || !strings.Contains(log.String(), "sign in as stet_app") {
		t.Errorf("with one role: %d, and the log says %q, want 200 and two warnings", rec.Code, log.String())
	}
}

// TestOtherSites refuses forms and hosts that aren't this site's.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, tt := range map[string]struct {
		header, value, host string
		method              string
		want                int
	}{
		"a form from another site":   {"Sec-Fetch-Site", "cross-site", "", http.MethodPost, http.StatusForbidden},
		"from a sister domain":       {"Sec-Fetch-Site", "same-site", "", http.MethodPost, http.StatusForbidden},
		"with another origin":        {"Origin", "https://evil.example", "", http.MethodPost, http.StatusForbidden},
		"with no origin at all":      {"Origin", "null", "", http.MethodPost, http.StatusForbidden},
		"for another host":           {"", "", "evil.example", http.MethodGet, http.StatusMisdirectedRequest},
		"for another forwarded host": {"X-Forwarded-Host", "evil.example", "", http.MethodGet, http.StatusOK},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, w.server.URL+"/newsroom/login", strings.NewReader("email=a&password=b"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if tt.header != "" {
			r.Header.Set(tt.header, tt.value)
		}
		if tt.host != "" {
			r.Host = tt.host
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != tt.want || strings.Contains(string(b), "evil.example") {
			t.Errorf("%s: %d, %v, want %d and no word of the other site", name, resp.StatusCode, err, tt.want)
		}
	}
}
