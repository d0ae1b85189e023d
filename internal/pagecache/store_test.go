package pagecache

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestAPurgeTakesWhatIsUnderItsTags(t *testing.T) {
	s := newStand(t)
	all := func() {
		for _, p := range []string{"/a", "/b", "/c"} {
			s.get(p)
		}
	}
	all()
	all()
	s.rendered(3)
	s.cache.Purge("a", "nobody-has-it")
	all()
	s.rendered(4)
	s.cache.Purge("all-of-them")
	if n := s.cache.Stats().Entries; n != 0 || len(s.cache.byTag) != 0 || s.cache.Stats().Bytes != 0 {
		t.Errorf("after a purge of all: %+v", s.cache.Stats())
	}
	all()
	s.rendered(7)
	s.cache.Purge("x", All)
	all()
	s.rendered(10)
}

func TestTheCacheIsBounded(t *testing.T) {
	s := newStand(t, func(o *Options) { o.MaxBytes, o.CornerBytes = 1<<20, 128<<10 })
	s.page = func(w http.ResponseWriter, r *http.Request) {
		public(w, "x "+r.URL.Path[1:])
		if strings.HasPrefix(r.URL.Path, "/random/") {
			w.Header().Del("Vary") // or compressing it is all that this test does
			w.WriteHeader(http.StatusNotFound)
		}
		io.WriteString(w, text) //nolint:errcheck // a recorder
	}
	for i := range 20 {
		s.get(fmt.Sprint("/page/", i))
	}
	for i := range 100_000 {
		s.get(fmt.Sprint("/random/", i))
		if i%1000 == 0 {
			s.get(fmt.Sprint("/endless/", i))
		}
	}
	st := s.cache.Stats()
	if st.CornerBytes > 128<<10 || st.Bytes > 1<<20 || st.CornerEntries < 5 {
		t.Errorf("%+v", st)
	}
	n := s.renders.Load()
	for i := range 20 {
		s.get(fmt.Sprint("/page/", i))
	}
	s.rendered(n) // no page was pushed out by what isn't there

	for i := range 200 {
		s.get(fmt.Sprint("/more/", i))
		s.get("/page/1")
	}
	n = s.renders.Load()
	s.get("/page/1")
	s.rendered(n) // what is read stays
	st = s.cache.Stats()
	if st.Bytes > 1<<20 || st.Evicted == 0 || len(s.cache.byTag) > st.Entries+1 {
		t.Errorf("%+v, %d tags", st, len(s.cache.byTag))
	}
	s.page = func(w http.ResponseWriter, _ *http.Request) {
		public(w, "x")
		w.Write(bytes.Repeat([]byte{'x'}, 1<<20)) //nolint:errcheck // a recorder
	}
	s.get("/huge")
	if s.cache.pages[Key{Path: "/huge"}] != nil {
		t.Error("one page takes the whole cache")
	}
}

func TestManyAtOnce(t *testing.T) {
	s := newStand(t, func(o *Options) { o.MaxBytes, o.CornerBytes = 256<<10, 64<<10 })
	var version atomic.Int64
	s.page = func(w http.ResponseWriter, r *http.Request) {
		public(w, "a "+r.URL.Path[1:])
		fmt.Fprintf(w, "%08d%s", version.Load(), text)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			last := map[string]int64{}
			for i := range 400 {
				path := fmt.Sprint("/", (i*7+g)%60)
				min := version.Load()
				var got int64
				b := body(t, s.get(path, "Accept-Encoding", []string{"br", "gzip", ""}[i%3]))
				if _, err := fmt.Sscanf(b, "%08d", &got); err != nil || got < last[path] {
					t.Errorf("%s: %d after %d (%v)", path, got, last[path], err)
				}
				if last[path] = got; g == 0 && i%10 == 0 {
					version.Add(1)
					s.cache.Purge("a")
				} else if g == 0 && got < min { // the one who writes sees what it wrote
					t.Errorf("%s: %d after its own %d", path, got, min)
				}
				if g == 1 && i%50 == 0 {
					s.cache.Suspect()
					s.cache.Stats()
					s.cache.Confirm()
				}
			}
		})
	}
	wg.Wait()
}

// TestWhatIsPurgedIsNotEncoded: an entry that waits for its turn to be made brotli of needs none once it is purged.
func TestWhatIsPurgedIsNotEncoded(t *testing.T) {
	s := newStand(t)
	turn := make(chan struct{})
	asked := make(chan bool)
	kept := s.cache.encoder.kept
	s.cache.encoder.kept = func(e *entry) bool {
		<-turn
		is := kept(e)
		asked <- is
		return is
	}
	s.get("/a")
	s.get("/b")
	a := s.kept("/a")
	s.cache.Purge("a")
	for _, want := range []bool{false, true} {
		turn <- struct{}{}
		if is := <-asked; is != want {
			t.Errorf("kept %v, want %v", is, want)
		}
	}
	until(t, "brotli", func() bool { return s.get("/b", "Accept-Encoding", "br").Header.Get("Content-Encoding") == "br" })
	if a.brotli.Load() != nil {
		t.Error("what was purged is encoded")
	}
}

func (s *stand) kept(path string) *entry {
	s.cache.mu.RLock()
	defer s.cache.mu.RUnlock()
	return s.cache.pages[Key{Path: path}]
}
