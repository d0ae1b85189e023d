package pagecache

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// sink is a connection that costs nothing.
type sink struct {
	h      http.Header
	n      int
	writes int
}

func (s *sink) Header() http.Header { return s.h }
func (s *sink) WriteHeader(int)     {}
func (s *sink) Write(b []byte) (int, error) {
	s.writes++
	s.n += len(b)
	return len(b), nil
}

// bare answers with the same bytes and headers, which it has ready.
func bare(answer *http.Response) http.Handler {
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	h := answer.Header
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		out := w.Header()
		for name, values := range h {
			out[name] = values
		}
		_, _ = w.Write(b)
	})
}

func hit(t testing.TB) (cached, plain http.Handler, r *http.Request) {
	s := newStand(t)
	handler := s.cache.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		public(w, "a")
		w.Header().Set("Mark", "12")
		io.WriteString(w, text) //nolint:errcheck // a recorder
	}))
	r = httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/a", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, r)
	return handler, bare(rec.Result()), r
}

func TestAHitAllocatesNothingOfItsOwn(t *testing.T) {
	cached, plain, r := hit(t)
	allocs := func(h http.Handler) float64 {
		return testing.AllocsPerRun(1000, func() { h.ServeHTTP(&sink{h: http.Header{}}, r) })
	}
	if got, want := allocs(cached), allocs(plain); got > want {
		t.Errorf("a hit makes %v allocations, a bare handler %v", got, want)
	}
	s := &sink{h: http.Header{}}
	if cached.ServeHTTP(s, r); s.writes != 1 || s.n == 0 || s.h.Get("Content-Encoding") != "gzip" {
		t.Errorf("%d writes, %v", s.writes, s.h)
	}
}

func BenchmarkHit(b *testing.B) {
	cached, plain, r := hit(b)
	for name, h := range map[string]http.Handler{"cached": cached, "bare": plain} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(&sink{h: http.Header{}}, r)
			}
		})
	}
}
