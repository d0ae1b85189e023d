package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"stet/internal/address"
	"stet/internal/app"
	"stet/internal/article"
	"stet/internal/config"
	"stet/internal/reads"
	"stet/internal/staff"
)

// until waits for what happens by itself.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// works has the program do its background work until the test ends, and waits until it hears of changes.
func (w *world) works() {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	var wg sync.WaitGroup
	wg.Go(func() { w.app.Work(ctx) })
	w.Cleanup(func() { cancel(); wg.Wait() })
	until(w, "changes are heard of", func() bool { return w.app.Pages().Hears })
}

// settled waits until everything that was committed so far has been heard of: notifications come in the order of commits, and this one takes
// a page away that is kept.
func (w *world) settled() {
	w.Helper()
	const nothing = "/nothing-stands-here/"
	rendered := func() bool {
		before := w.app.Pages().Misses
		w.ask(http.MethodGet, nothing)
		return w.app.Pages().Misses > before
	}
	until(w, "a page is kept", func() bool { return !rendered() })
	if _, err := w.db.App.Exec(context.Background(), `SELECT pg_notify('stet_purge', $1)`, address.Tag(nothing)); err != nil {
		w.Fatal(err)
	}
	until(w, "all is heard of", rendered)
}

// only leaves nothing to the background but hearing.
func only(c *config.Config) { c.Work = false }

// ask answers a request without a connection.
func (w *world) ask(method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), method, path, nil)
	r.Host = strings.TrimPrefix(w.server.URL, "http://")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.app.Handler().ServeHTTP(rec, r)
	return rec
}

func TestReadersPagesAreKept(t *testing.T) {
	t.Parallel()
	w := newWorldOf(t, only)
	w.works()
	id, path := w.published("The lamp at Cape Ore", strings.Repeat("<p>At 21:14 the lamp came on.</p>", 40))
	w.settled()
	const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0"
	first := w.ask(http.MethodGet, path, "User-Agent", firefox)
	misses := w.app.Pages().Misses
	for _, q := range []string{"", "?utm_source=a", "?fbclid=b&comments=", "?x=" + strings.Repeat("y", 1000)} {
		got := w.ask(http.MethodGet, path+q, "User-Agent", firefox)
		if got.Code != http.StatusOK || got.Body.String() != first.Body.String() {
			t.Errorf("GET %.60s = %d, another page", q, got.Code)
		}
		for name, values := range first.Header() {
			if name != "X-Request-Id" && fmt.Sprint(got.Header()[name]) != fmt.Sprint(values) {
				t.Errorf("%s: first %q, then %q", name, values, got.Header()[name])
			}
		}
		if a, b := first.Header().Get("X-Request-Id"), got.Header().Get("X-Request-Id"); len(b) < 10 || a == b {
			t.Errorf("requests %q and %q", a, b)
		}
	}
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy", "ETag", "Cache-Control"} {
		if first.Header().Get(name) == "" {
			t.Errorf("no %s", name)
		}
	}
	for name := range first.Header() {
		if strings.HasPrefix(name, "Stet-") || strings.HasPrefix(name, "Surrogate-") {
			t.Errorf("%s went out", name)
		}
	}
	w.ask(http.MethodGet, path, "User-Agent", "somebot/1.0")
	if got := w.app.Pages().Misses; got != misses {
		t.Errorf("%d further renders", got-misses)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Host = "elsewhere.example"
	rec := httptest.NewRecorder()
	if w.app.Handler().ServeHTTP(rec, r); rec.Code != http.StatusMisdirectedRequest {
		t.Errorf("another host gets %d", rec.Code)
	}
	if err := w.app.FlushReads(t.Context()); err != nil {
		t.Fatal(err)
	}
	figures, err := reads.New(w.db.App).Figures(t.Context(), id, time.UTC)
	if err != nil || figures.Total != 5 {
		t.Errorf("%d reads, %v; want the first and four from the cache", figures.Total, err)
	}

	for _, p := range []string{"/search?q=lamp", "/newsroom/login", "/comments/mine", path + "reply/1", path + "?comments=wrong", path + "?comments=%zz", path + "report"} {
		before := w.app.Pages().Entries
		w.ask(http.MethodGet, p)
		w.ask(http.MethodGet, p)
		if got := w.app.Pages().Entries; got != before {
			t.Errorf("%s was kept", p)
		}
	}
}

// TestHitAllocations compares a kept page through the whole door with a handler that has the same bytes and headers ready.
func TestHitAllocations(t *testing.T) {
	w := newWorldOf(t, only)
	w.works()
	_, path := w.published("The lamp at Cape Ore", strings.Repeat("<p>At 21:14 the lamp came on.</p>", 40))
	w.settled()
	first := w.ask(http.MethodGet, path, "Accept-Encoding", "gzip")
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
	r.Host = strings.TrimPrefix(w.server.URL, "http://")
	r.Header.Set("Accept-Encoding", "gzip")
	allocs := func(h http.Handler) float64 {
		return testing.AllocsPerRun(500, func() { h.ServeHTTP(&sunk{h: http.Header{}}, r) })
	}
	got, want := allocs(w.app.Handler()), allocs(plainly(first))
	t.Logf("%v allocations, a bare handler %v", got, want)
	if got > want+4 {
		t.Errorf("a hit makes %v allocations, a bare handler %v", got, want)
	}
}

// sunk is a connection that costs nothing.
type sunk struct{ h http.Header }

func (n *sunk) Header() http.Header         { return n.h }
func (n *sunk) WriteHeader(int)             {}
func (n *sunk) Write(b []byte) (int, error) { return len(b), nil }

// plainly answers with the bytes and headers of an answer.
func plainly(of *httptest.ResponseRecorder) http.Handler {
	body, header := of.Body.Bytes(), of.Header()
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		for name, values := range header {
			h[name] = values
		}
		_, _ = w.Write(body) // there is nobody to tell
	})
}

// TestWhatOnePublishesOneSees publishes through the newsroom and asks for the page with the next request.
func TestWhatOnePublishesOneSees(t *testing.T) {
	w := newWorldOf(t, only)
	w.works()
	id, path := w.published("The lamp at Cape Ore", "<p>It is dark.</p>")
	v := w.signedIn(staff.Editor)
	late, rounds := 0, 200
	for n := range rounds {
		said := fmt.Sprintf("Update number %d.", n)
		for _, p := range []string{path, "/", path + "history"} {
			v.get(p)
		}
		v.post(fmt.Sprintf("/newsroom/articles/%d/updates", id), http.StatusSeeOther, "kind", article.Update, "notice", "<p>"+said+"</p>", "key", fmt.Sprint("key-", n))
		if !strings.Contains(v.get(path).body, said) {
			late++
		}
	}
	if late > 0 {
		t.Errorf("%d of %d updates weren't seen by the one who made them", late, rounds)
	}
}

// TestNobodyHears cuts the connection over which changes are heard of.
func TestNobodyHears(t *testing.T) {
	t.Parallel()
	w := newWorldOf(t, only)
	w.works()
	_, path := w.published("The lamp at Cape Ore", "<p>It is dark.</p>")
	for range 5 {
		w.ask(http.MethodGet, path)
		before := w.app.Pages()
		began := time.Now()
		if _, err := w.db.Super.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'stet listen' AND datname = current_database()`); err != nil {
			t.Fatal(err)
		}
		until(t, "the cache begins anew", func() bool {
			now := w.app.Pages()
			return now.Hears && now.Entries == 0
		})
		if d := time.Since(began); d > time.Second {
			t.Errorf("hearing again took %s", d)
		}
		misses := w.app.Pages().Misses
		if w.ask(http.MethodGet, path); w.app.Pages().Misses == misses {
			t.Errorf("a page survived: %+v, then %+v", before, w.app.Pages())
		}
	}
}

// TestReloadKeepsNothing has templates reread at each request.
func TestReloadKeepsNothing(t *testing.T) {
	t.Parallel()
	w := newWorldOf(t, only, func(o *app.Options) { o.Web = "../../web" })
	w.works()
	w.ask(http.MethodGet, "/")
	w.ask(http.MethodGet, "/")
	if got := w.app.Pages(); got.Entries != 0 || got.Hits != 0 {
		t.Errorf("%+v", got)
	}
}
