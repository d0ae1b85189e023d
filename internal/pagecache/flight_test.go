package pagecache

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// held makes the page wait until it is let go, and says when it began.
func (s *stand) held(status int) (began chan struct{}, letGo func()) {
	began, release := make(chan struct{}, 1000), make(chan struct{})
	s.page = func(w http.ResponseWriter, r *http.Request) {
		n := s.renders.Load()
		began <- struct{}{}
		<-release
		public(w, "a")
		w.WriteHeader(status)
		fmt.Fprintf(w, "render %d", n)
	}
	return began, sync.OnceFunc(func() { close(release) })
}

// waiting counts who waits at a flight, by those who asked and have no answer.
func (s *stand) together(n int, path string) (answers func() []string, under *atomic.Int64) {
	var wg sync.WaitGroup
	out := make([]string, n)
	under = &atomic.Int64{}
	for i := range n {
		wg.Go(func() {
			under.Add(1)
			r := s.get(path)
			b, _ := io.ReadAll(r.Body)
			out[i] = fmt.Sprint(r.StatusCode, " ", string(b))
		})
	}
	return func() []string { wg.Wait(); return out }, under
}

func TestManyMissesAreOneRender(t *testing.T) {
	s := newStand(t)
	began, letGo := s.held(200)
	answers, under := s.together(50, "/a")
	<-began
	until(t, "all have asked", func() bool { return under.Load() == 50 && s.cache.stats.misses.Load() == 50 })
	letGo()
	for _, a := range answers() {
		if a != "200 render 1" {
			t.Errorf("answer %q", a)
		}
	}
	s.rendered(1)
}

func TestWhoGoesAwayTakesNothingFromTheOthers(t *testing.T) {
	s := newStand(t)
	began, letGo := s.held(200)
	ctx, leave := context.WithCancel(context.Background())
	left := make(chan struct{})
	go func() {
		defer close(left)
		s.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/a", nil))
	}()
	<-began
	leave()
	<-left // before its render is done
	letGo()
	until(t, "the render is kept", func() bool { return s.cache.Stats().Entries == 1 })
	s.get("/a")
	s.rendered(1)
}

func TestARenderThatBreaksOffHoldsNobody(t *testing.T) {
	s := newStand(t)
	began, release := make(chan struct{}, 100), make(chan struct{})
	s.page = func(w http.ResponseWriter, r *http.Request) {
		if Filling(r.Context()) {
			began <- struct{}{}
			<-release
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, "by itself")
	}
	answers, _ := s.together(10, "/a")
	<-began
	until(t, "all have asked", func() bool { return s.cache.stats.misses.Load() == 10 })
	close(release)
	for _, a := range answers() {
		if a != "200 by itself" {
			t.Errorf("answer %q", a)
		}
	}
	if n := len(s.cache.flights); n != 0 {
		t.Errorf("%d flights are left", n)
	}
}

func TestWhatIsPersonalIsNotShared(t *testing.T) {
	s := newStand(t)
	began, release := make(chan struct{}, 100), make(chan struct{})
	s.page = func(w http.ResponseWriter, r *http.Request) {
		began <- struct{}{}
		<-release
		w.Header().Set("Cache-Control", "private, no-store")
		fmt.Fprint(w, s.renders.Load())
	}
	answers, _ := s.together(5, "/a")
	<-began
	until(t, "all have asked", func() bool { return s.cache.stats.misses.Load() == 5 })
	close(release)
	answers()
	s.rendered(5)
	if h := s.get("/a").Header; h.Get("ETag") != "" || h.Get("Content-Encoding") != "" {
		t.Errorf("what is personal has %v", h)
	}
}

func TestAPurgeDuringARender(t *testing.T) {
	for name, purge := range map[string]func(*Cache){
		"of its tag": func(c *Cache) { c.Purge("a") }, "of all": func(c *Cache) { c.Purge(All) }, "that was missed": (*Cache).Confirm,
		"of so much that it is forgotten": func(c *Cache) {
			c.Purge("a")
			for i := range purgesKept + 1 {
				c.Purge(fmt.Sprint("tag:", i))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			began, letGo := s.held(200)
			early, _ := s.together(1, "/a")
			<-began
			purge(s.cache)
			late, _ := s.together(3, "/a")
			until(t, "all have asked", func() bool { return s.cache.stats.misses.Load() == 4 })
			letGo()
			if got := early()[0]; got != "200 render 1" {
				t.Errorf("who asked before the purge has %q", got)
			}
			for _, got := range late() {
				if got != "200 render 2" {
					t.Errorf("who asked after the purge has %q", got)
				}
			}
			s.get("/a")
			s.rendered(2)
		})
	}
	t.Run("of another tag", func(t *testing.T) {
		s := newStand(t)
		began, letGo := s.held(200)
		early, _ := s.together(1, "/a")
		<-began
		s.cache.Purge("b")
		letGo()
		early()
		s.get("/a")
		s.rendered(1)
	})
}

func TestWithoutPurgesNothingIsBelieved(t *testing.T) {
	s := newStand(t)
	said, status := "as it was", 200
	s.page = func(w http.ResponseWriter, _ *http.Request) {
		public(w, "a")
		w.WriteHeader(status)
		io.WriteString(w, said) //nolint:errcheck // a recorder
	}
	is := func(path string, wantStatus int, want string, stale bool) {
		t.Helper()
		r := s.get(path)
		b, _ := io.ReadAll(r.Body)
		if r.StatusCode != wantStatus || string(b) != want || (r.Header.Get("Age") != "" && r.Header.Get("Cache-Status") != "") != stale {
			t.Errorf("%s = %d %q %v, want %d %q, stale: %v", path, r.StatusCode, b, r.Header, wantStatus, want, stale)
		}
	}
	for _, p := range []string{"/same", "/changed", "/withdrawn", "/unasked"} {
		s.get(p)
	}
	s.rendered(4)
	s.cache.Suspect()
	is("/same", 200, "as it was", false)
	is("/same", 200, "as it was", false)
	is("/new", 200, "as it was", false)
	s.rendered(7) // each anew
	said = "changed"
	is("/changed", 200, "changed", false)
	said, status = "withdrawn", 410
	is("/withdrawn", 410, "withdrawn", false)

	said, status = "away", 503
	s.now = s.now.Add(time.Minute)
	is("/same", 200, "as it was", true)
	is("/unasked", 200, "as it was", true)
	for _, gone := range []string{"/new", "/changed", "/withdrawn"} {
		is(gone, 503, "away", false)
	}
	n := s.renders.Load()
	is("/same", 200, "as it was", true) // nobody asks again so soon
	s.rendered(n)
	s.now = s.now.Add(awayFor)
	is("/same", 200, "as it was", true)
	s.rendered(n + 1)
	if got := s.get("/same").Header; got.Get("Age") != "60" || got.Get("Cache-Control") != "public, max-age=0, s-maxage=0" {
		t.Errorf("a suspect page says %v", got)
	}
	s.cache.Purge("x") // what still arrives counts
	s.now = s.now.Add(staleAge)
	is("/same", 503, "away", false)

	said, status = "back", 200
	s.cache.Confirm()
	is("/unasked", 200, "back", false)
	is("/unasked", 200, "back", false)
	if st := s.cache.Stats(); !st.Hears || st.Entries != 1 {
		t.Errorf("%+v", st)
	}
}

func TestPurgedWhileSuspectIsGone(t *testing.T) {
	s := newStand(t)
	s.get("/a")
	s.cache.Suspect()
	s.cache.Purge("a")
	s.page = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	if got := s.get("/a").StatusCode; got != http.StatusServiceUnavailable {
		t.Errorf("status %d", got)
	}
}

func TestWithoutPurgesARenderServesOnlyWhoCameBefore(t *testing.T) {
	s := newStand(t)
	s.cache.Suspect()
	began, letGo := s.held(200)
	early, _ := s.together(1, "/a")
	<-began
	late, _ := s.together(20, "/a")
	until(t, "all have asked", func() bool { return s.cache.stats.misses.Load() == 21 })
	letGo()
	if got := early()[0]; got != "200 render 1" {
		t.Errorf("the first has %q", got)
	}
	for _, got := range late() {
		if got != "200 render 2" {
			t.Errorf("a later one has %q", got)
		}
	}
	s.rendered(2)
}

func TestAnOldPageIsShownWhileTheDatabaseIsAway(t *testing.T) {
	s := newStand(t)
	s.get("/a")
	s.now = s.now.Add(maxAge + time.Minute)
	s.page = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	if r := s.get("/a"); r.StatusCode != http.StatusOK || r.Header.Get("Age") != "660" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	s.page = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }
	s.now = s.now.Add(time.Minute)
	if r := s.get("/a"); r.StatusCode != http.StatusInternalServerError {
		t.Errorf("a fault is shown as %d", r.StatusCode)
	}
}
