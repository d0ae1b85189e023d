package pagecache

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// wired is the answer that Append gives, read as a browser reads it; nil: none.
func (s *stand) wired(method, path string, headers ...string) *http.Response {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	out, ok := s.cache.Append([]byte("before"), r, []byte("X-Request-Id: 1\r\n"))
	if !ok {
		if string(out) != "before" {
			s.Errorf("no answer, and yet %q", out)
		}
		return nil
	}
	in := bufio.NewReader(bytes.NewReader(out[len("before"):]))
	resp, err := http.ReadResponse(in, r)
	if err != nil {
		s.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil || in.Buffered() > 0 {
		s.Fatal(err, in.Buffered())
	}
	resp.Body = io.NopCloser(bytes.NewReader(b))
	return resp
}

// TestAppendSaysWhatWrapSays asks both for the same, whatever the reader takes and has.
func TestAppendSaysWhatWrapSays(t *testing.T) {
	s := newStand(t)
	s.page = func(w http.ResponseWriter, r *http.Request) {
		public(w, "a")
		w.Header().Set("Mark", "12")
		w.Header().Set("Surrogate-Control", "max-age=600")
		if r.URL.Path == "/soon" {
			w.Header().Set("Until", s.now.Add(30*time.Second).Format(time.RFC3339))
		}
		w.Header()["Link"] = []string{"</a.css>", "</b.css>"}
		switch r.URL.Path {
		case "/moved":
			w.Header().Set("Location", "/a")
			w.WriteHeader(http.StatusMovedPermanently)
		case "/nothing":
			w.WriteHeader(http.StatusNotFound)
		case "/gone":
			w.WriteHeader(http.StatusGone)
		}
		io.WriteString(w, text) //nolint:errcheck // a recorder
	}
	for _, path := range []string{"/a", "/moved", "/nothing", "/gone", "/soon"} {
		s.get(path)
		until(t, "brotli", func() bool { return s.get(path, "Accept-Encoding", "br").Header.Get("Content-Encoding") == "br" })
		tag := s.get(path, "Accept-Encoding", "gzip").Header.Get("Etag")
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			for _, headers := range [][]string{nil, {"Accept-Encoding", "gzip"}, {"Accept-Encoding", "gzip, deflate, br, zstd"}, {"Accept-Encoding", "gzip;q=0, identity"},
				{"Accept-Encoding", "gzip", "If-None-Match", tag}, {"Accept-Encoding", "br, gzip", "If-None-Match", `"x", W/` + tag}, {"If-None-Match", `"x"`}} {
				before := s.served.Load()
				want := s.ask(method, path, headers...)
				counted := s.served.Load() - before
				got := s.wired(method, path, headers...)
				if got == nil {
					t.Fatalf("%s %s %q: nothing", method, path, headers)
				}
				if n := s.served.Load() - before - counted; n != counted {
					t.Errorf("%s %s %q is counted %d times by one, %d by the other", method, path, headers, counted, n)
				}
				date, err := http.ParseTime(got.Header.Get("Date"))
				if off := time.Since(date); err != nil || off < 0 || off > time.Minute {
					t.Errorf("dated %s %v", date, err)
				}
				got.Header.Del("Date")
				got.Header.Del("X-Request-Id")
				want.Header.Del("X-Request-Id")
				a, errA := io.ReadAll(got.Body)
				b, errB := io.ReadAll(want.Body)
				if errA != nil || errB != nil || got.StatusCode != want.StatusCode || !bytes.Equal(a, b) || !maps.EqualFunc(got.Header, want.Header, slices.Equal) {
					t.Errorf("%s %s %q:\n%v %v\nand by Wrap\n%v %v", method, path, headers, got.Status, got.Header, want.Status, want.Header)
				}
			}
		}
	}
}

// TestAppendKnowsOnlyWhatIsCurrent: it leaves to Wrap what isn't kept, may be out of date, or is nearly.
func TestAppendKnowsOnlyWhatIsCurrent(t *testing.T) {
	s := newStand(t)
	has := func(path string, want bool) {
		t.Helper()
		if got := s.wired(http.MethodGet, path) != nil; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	has("/a", false)
	s.get("/a")
	has("/a", true)
	s.cache.Purge("a")
	has("/a", false)
	s.get("/a")
	s.cache.Suspect()
	has("/a", false)
	s.cache.Confirm()
	s.get("/a")
	has("/a", true)
	s.now = s.now.Add(maxAge)
	has("/a", false)
	s.get("/own/")
	has("/own/", false)

	s.page = func(w http.ResponseWriter, r *http.Request) {
		public(w, "b")
		w.Header().Set("Until", s.now.Add(2*time.Minute).Format(time.RFC3339))
		if r.URL.Path == "/odd" {
			w.Header().Set("Odd", "two\r\nlines: and more")
		}
		io.WriteString(w, text) //nolint:errcheck // a recorder
	}
	s.get("/b")
	has("/b", true)
	s.now = s.now.Add(2 * time.Minute)
	has("/b", false)
	s.get("/odd")
	has("/odd", false)
}

func TestAppendAllocatesNothing(t *testing.T) {
	s := newStand(t)
	s.get("/a")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/a", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	out := make([]byte, 0, 64<<10)
	if n := testing.AllocsPerRun(1000, func() {
		if _, ok := s.cache.Append(out, r, nil); !ok {
			t.Fatal("nothing")
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
