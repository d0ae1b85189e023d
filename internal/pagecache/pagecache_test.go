package pagecache

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
)

// stand is a cache before a handler that counts what it is asked for.
type stand struct {
	testing.TB
	cache   *Cache
	handler http.Handler
	now     time.Time
	renders atomic.Int64
	served  atomic.Int64
	// page answers; nil: a page whose text is long enough to compress.
	page func(w http.ResponseWriter, r *http.Request)
}

var text = strings.Repeat("<p>What stands here is said again and again.</p>\n", 100)

func public(w http.ResponseWriter, tags string) {
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=0, s-maxage=60")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Surrogate-Key", tags)
}

func newStand(t testing.TB, change ...func(*Options)) *stand {
	s := &stand{TB: t, now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
	o := Options{
		Key: func(r *http.Request) (Key, bool) {
			return Key{Path: r.URL.Path, Query: r.URL.RawQuery, Endless: strings.HasPrefix(r.URL.Path, "/endless/")}, !strings.HasPrefix(r.URL.Path, "/own/")
		},
		Notes: func(h http.Header) Notes {
			var n Notes
			if until := h.Get("Until"); until != "" {
				n.Until, _ = time.Parse(time.RFC3339, until)
			}
			if h.Get("Mark") != "" {
				n.Mark = h.Get("Mark")
			}
			h.Del("Until")
			h.Del("Mark")
			h.Del("Surrogate-Key")
			return n
		},
		Served: func(*http.Request, any) { s.served.Add(1) },
		Now:    func() time.Time { return s.now },
	}
	for _, f := range change {
		f(&o)
	}
	s.cache = New(o)
	s.cache.Confirm()
	inner := s.cache.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.renders.Add(1)
		if s.page != nil {
			s.page(w, r)
			return
		}
		public(w, "all-of-them "+r.URL.Path[1:])
		io.WriteString(w, text) //nolint:errcheck // a recorder
	}))
	var ids atomic.Int64
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", fmt.Sprint(ids.Add(1)))
		inner.ServeHTTP(w, r)
	})
	return s
}

func (s *stand) ask(method, path string, headers ...string) *http.Response {
	s.Helper()
	r := httptest.NewRequestWithContext(context.Background(), method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, r)
	return rec.Result()
}

func (s *stand) get(path string, headers ...string) *http.Response {
	s.Helper()
	return s.ask(http.MethodGet, path, headers...)
}

func body(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Header.Get("Content-Length"); n != fmt.Sprint(len(b)) {
		t.Errorf("Content-Length %s of %d bytes", n, len(b))
	}
	var plain io.Reader = bytes.NewReader(b)
	switch r.Header.Get("Content-Encoding") {
	case "gzip":
		if plain, err = gzip.NewReader(plain); err != nil {
			t.Fatal(err)
		}
	case "br":
		plain = brotli.NewReader(plain)
	}
	if b, err = io.ReadAll(plain); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// rendered insists on how often the handler was asked so far.
func (s *stand) rendered(want int64) {
	s.Helper()
	if got := s.renders.Load(); got != want {
		s.Errorf("%d renders, want %d", got, want)
	}
}

// until waits for what comes soon.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func (s *stand) encoded(path string) {
	s.Helper()
	until(s, "brotli of "+path, func() bool {
		s.cache.mu.RLock()
		defer s.cache.mu.RUnlock()
		return s.cache.pages[Key{Path: path}].brotli.Load() != nil
	})
}

func TestAPageIsRenderedOnceForEveryEncoding(t *testing.T) {
	s := newStand(t)
	s.get("/a")
	s.encoded("/a")
	tags := map[string]string{}
	for _, tt := range []struct{ accept, want string }{
		{"", ""}, {"gzip", "gzip"}, {"GZIP", "gzip"}, {"x-gzip", "gzip"}, {"gzip, deflate, br, zstd", "br"}, {"br", "br"}, {"*", "br"}, {"gzip;q=1.0, br;q=0.5", "gzip"}, {"gzip;q=0, *", "br"},
		{"gzip;q=0", ""}, {"*;q=0", ""}, {"identity;q=0", ""}, {"identity;q=0, gzip;q=0.001", "gzip"}, {"identity, gzip;q=0.5", ""}, {"deflate, zstd", ""}, {"br;q=0, gzip;q=0.2", "gzip"},
		{"gzip ; q=0.4 , br;q=0.40", "br"}, {";;,,=,q=", ""}, {"gzip;q=nonsense", "gzip"},
	} {
		var headers []string
		if tt.accept != "" {
			headers = []string{"Accept-Encoding", tt.accept}
		}
		r := s.get("/a", headers...)
		if got := r.Header.Get("Content-Encoding"); got != tt.want {
			t.Errorf("Accept-Encoding %q: %q, want %q", tt.accept, got, tt.want)
		}
		if got := body(t, r); got != text {
			t.Errorf("Accept-Encoding %q: another text", tt.accept)
		}
		if got := r.Header.Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("Vary = %q", got)
		}
		tag := r.Header.Get("ETag")
		if had, ok := tags[tt.want]; ok && had != tag {
			t.Errorf("%q has the tags %s and %s", tt.want, had, tag)
		}
		tags[tt.want] = tag
	}
	if tags[""] == tags["gzip"] || tags["gzip"] == tags["br"] || strings.HasPrefix(tags[""], "W/") {
		t.Errorf("tags %v: want a strong one for each encoding", tags)
	}
	s.rendered(1)
}

func TestWhatTheReaderHasIsNotSentAgain(t *testing.T) {
	s := newStand(t)
	s.get("/a")
	s.encoded("/a")
	plain, zipped, br := s.get("/a").Header.Get("ETag"), s.get("/a", "Accept-Encoding", "gzip").Header.Get("ETag"), s.get("/a", "Accept-Encoding", "br").Header.Get("ETag")
	for _, tt := range []struct {
		accept, match string
		want          int
	}{
		{"", plain, 304}, {"", "W/" + plain, 304}, {"", "*", 304}, {"", `"x", ` + plain, 304}, {"", `"x"`, 200}, {"", zipped, 200},
		{"gzip", zipped, 304}, {"gzip", plain, 304}, {"gzip, br", br, 304}, {"gzip, br", zipped, 304}, {"gzip", br, 200}, {"gzip", "", 200},
	} {
		r := s.get("/a", "Accept-Encoding", tt.accept, "If-None-Match", tt.match)
		if r.StatusCode != tt.want {
			t.Errorf("Accept-Encoding %q, If-None-Match %s: %d, want %d", tt.accept, tt.match, r.StatusCode, tt.want)
		}
		if tt.want == 304 && (r.Header.Get("ETag") == "" || r.Header.Get("Content-Length") != "" || r.Header.Get("Content-Type") != "" || r.Header.Get("Content-Encoding") != "" ||
			r.Header.Get("Cache-Control") == "") {
			t.Errorf("304 with %v", r.Header)
		}
		if tt.match != "*" && tt.want == 304 && !strings.Contains(tt.match, r.Header.Get("ETag")) {
			t.Errorf("304 names %s where %s was asked for", r.Header.Get("ETag"), tt.match)
		}
	}
	s.rendered(1)
}

func TestHeadIsServedFromTheEntry(t *testing.T) {
	s := newStand(t)
	head := s.ask(http.MethodHead, "/a", "Accept-Encoding", "gzip")
	got := s.get("/a", "Accept-Encoding", "gzip")
	if b, _ := io.ReadAll(head.Body); len(b) != 0 {
		t.Errorf("HEAD has %d bytes", len(b))
	}
	for name := range got.Header {
		if name != "X-Request-Id" && head.Header.Get(name) != got.Header.Get(name) {
			t.Errorf("%s: HEAD %q, GET %q", name, head.Header.Get(name), got.Header.Get(name))
		}
	}
	s.rendered(1)
}

func TestWhatTheRequestBroughtIsItsOwn(t *testing.T) {
	s := newStand(t)
	first, second := s.get("/a"), s.get("/a")
	if a, b := first.Header["X-Request-Id"], second.Header["X-Request-Id"]; len(a) != 1 || len(b) != 1 || a[0] == b[0] {
		t.Errorf("the requests are %v and %v", a, b)
	}
	for _, name := range []string{"Surrogate-Key", "Until", "Mark"} {
		if second.Header.Get(name) != "" {
			t.Errorf("%s went out", name)
		}
	}
}

func TestNothingOfAReaderReachesTheRender(t *testing.T) {
	s := newStand(t)
	s.page = func(w http.ResponseWriter, r *http.Request) {
		public(w, "x")
		fmt.Fprint(w, r.Method, len(r.Header["Cookie"]), len(r.Header["Range"]), len(r.Header["If-None-Match"]), len(r.Header["Accept-Encoding"]))
	}
	r := s.ask(http.MethodHead, "/a", "Cookie", "a=b", "Range", "bytes=1-2", "If-None-Match", "*", "Accept-Encoding", "gzip")
	if r.StatusCode != http.StatusNotModified {
		t.Errorf("status %d", r.StatusCode)
	}
	if got := body(t, s.get("/a")); got != "GET0 0 0 0" {
		t.Errorf("the render saw %s", got)
	}
	s.rendered(1)
}

func TestWhatIsKept(t *testing.T) {
	for name, tt := range map[string]struct {
		page func(w http.ResponseWriter)
		kept bool
	}{
		"a page":           {func(w http.ResponseWriter) { public(w, "a") }, true},
		"what isn't there": {func(w http.ResponseWriter) { public(w, "a"); w.WriteHeader(http.StatusNotFound) }, true},
		"what is gone":     {func(w http.ResponseWriter) { public(w, "a"); w.WriteHeader(http.StatusGone) }, true},
		"what moved": {func(w http.ResponseWriter) {
			public(w, "a")
			w.Header().Set("Location", "/b")
			w.WriteHeader(http.StatusMovedPermanently)
		}, true},
		"what moved for now": {func(w http.ResponseWriter) {
			public(w, "a")
			w.Header().Set("Location", "/b")
			w.WriteHeader(http.StatusFound)
		}, false},
		"what is withheld":      {func(w http.ResponseWriter) { public(w, "a"); w.WriteHeader(http.StatusUnavailableForLegalReasons) }, false},
		"a bad request":         {func(w http.ResponseWriter) { public(w, "a"); w.WriteHeader(http.StatusBadRequest) }, false},
		"too many":              {func(w http.ResponseWriter) { public(w, "a"); w.WriteHeader(http.StatusTooManyRequests) }, false},
		"a fault":               {func(w http.ResponseWriter) { public(w, "a"); w.WriteHeader(http.StatusInternalServerError) }, false},
		"away":                  {func(w http.ResponseWriter) { public(w, "a"); w.WriteHeader(http.StatusServiceUnavailable) }, false},
		"no tags":               {func(w http.ResponseWriter) { public(w, ""); w.Header().Del("Surrogate-Key") }, false},
		"a cookie":              {func(w http.ResponseWriter) { public(w, "a"); w.Header().Set("Set-Cookie", "a=b") }, false},
		"private":               {func(w http.ResponseWriter) { public(w, "a"); w.Header().Set("Cache-Control", "private, no-store") }, false},
		"no-store":              {func(w http.ResponseWriter) { public(w, "a"); w.Header().Set("Cache-Control", "no-store") }, false},
		"nothing said":          {func(w http.ResponseWriter) { public(w, "a"); w.Header().Del("Cache-Control") }, false},
		"by cookie":             {func(w http.ResponseWriter) { public(w, "a"); w.Header().Add("Vary", "Cookie") }, false},
		"a picture":             {func(w http.ResponseWriter) { public(w, "a"); w.Header().Del("Vary") }, true},
		"until a moment passed": {func(w http.ResponseWriter) { public(w, "a"); w.Header().Set("Until", "2026-06-01T11:00:00Z") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			s.page = func(w http.ResponseWriter, _ *http.Request) { tt.page(w); io.WriteString(w, text) } //nolint:errcheck // a recorder
			first, second := s.get("/a", "Accept-Encoding", "gzip"), s.get("/a", "Accept-Encoding", "gzip")
			if first.StatusCode != second.StatusCode || first.Header.Get("Location") != second.Header.Get("Location") || body(t, first) != body(t, second) || len(first.Header) != len(second.Header) {
				t.Errorf("first %d %v, then %d %v", first.StatusCode, first.Header, second.StatusCode, second.Header)
			}
			want := int64(2)
			if tt.kept {
				want = 1
			}
			s.rendered(want)
			if (s.cache.Stats().Entries == 1) != tt.kept {
				t.Errorf("%+v", s.cache.Stats())
			}
		})
	}
}

func TestWhatHasNoKeyIsLeftAlone(t *testing.T) {
	s := newStand(t)
	s.page = func(w http.ResponseWriter, r *http.Request) {
		if Filling(r.Context()) {
			t.Error("filling")
		}
		fmt.Fprint(w, r.Header.Get("Cookie"))
	}
	for range 2 {
		if got := s.get("/own/", "Cookie", "mine"); body(t, &http.Response{Header: http.Header{"Content-Length": {"4"}}, Body: got.Body}) != "mine" {
			t.Error("another answer")
		}
		s.ask(http.MethodPost, "/a")
	}
	s.rendered(4)
}

func TestWhoeverGotTheWholePageCounts(t *testing.T) {
	s := newStand(t)
	s.page = func(w http.ResponseWriter, _ *http.Request) {
		public(w, "a")
		w.Header().Set("Mark", "12")
		io.WriteString(w, text) //nolint:errcheck // a recorder
	}
	tag := s.get("/a").Header.Get("ETag")
	s.get("/a", "Accept-Encoding", "gzip")
	s.get("/a", "If-None-Match", tag)
	s.ask(http.MethodHead, "/a")
	if got := s.served.Load(); got != 2 {
		t.Errorf("%d counted, want 2", got)
	}
}

func TestTimeEndsAnEntry(t *testing.T) {
	s := newStand(t)
	at := s.now
	s.get("/a")
	s.now = at.Add(maxAge - time.Second)
	s.get("/a")
	s.rendered(1)
	s.now = at.Add(maxAge)
	s.get("/a")
	s.rendered(2)

	s.page = func(w http.ResponseWriter, _ *http.Request) {
		public(w, "a")
		w.Header().Set("Until", "2026-06-01T12:30:00Z")
		w.Header().Set("Surrogate-Control", "max-age=600")
		io.WriteString(w, text) //nolint:errcheck // a recorder
	}
	s.now = time.Date(2026, 6, 1, 12, 25, 0, 0, time.UTC)
	s.get("/b")
	for _, tt := range []struct {
		before time.Duration
		want   string
	}{{5 * time.Minute, "public, max-age=0, s-maxage=60"}, {20 * time.Second, "public, max-age=0, s-maxage=20"}, {time.Millisecond, "public, max-age=0, s-maxage=0"}} {
		s.now = time.Date(2026, 6, 1, 12, 30, 0, 0, time.UTC).Add(-tt.before)
		h := s.get("/b").Header
		if got := h.Get("Cache-Control"); got != tt.want {
			t.Errorf("%s before the end: %s, want %s", tt.before, got, tt.want)
		}
		if longer := h.Get("Surrogate-Control") != ""; longer != (tt.before > time.Minute) {
			t.Errorf("%s before the end: a CDN may keep it longer: %v", tt.before, longer)
		}
	}
	s.rendered(3)
	s.now = time.Date(2026, 6, 1, 12, 30, 0, 0, time.UTC)
	s.get("/b")
	s.rendered(4)
}
