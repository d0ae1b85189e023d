package lane

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// machine is one that does a fixed amount of work in a second, shared by all that runs on it: twice as many requests at a time take twice as
// long each.
type machine struct {
	mu     sync.Mutex
	cost   time.Duration // of one request that runs alone
	turn   time.Duration // how finely the work is shared
	active int
}

func (m *machine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	m.active++
	m.mu.Unlock()
	for left := m.cost; left > 0 && r.Context().Err() == nil; {
		m.mu.Lock()
		share := m.turn / time.Duration(m.active)
		m.mu.Unlock()
		time.Sleep(m.turn) // of the bubble's clock
		left -= share
	}
	m.mu.Lock()
	m.active--
	m.mu.Unlock()
	w.WriteHeader(http.StatusOK)
}

// outcome is what readers got.
type outcome struct {
	mu             sync.Mutex
	served, turned int
	took           []time.Duration // of the served
	turnedAfter    time.Duration   // at most
	noWord         int             // turned away without being told when to come back
}

// patience is how long a reader waits before going away.
const patience = time.Second

// storm sends requests at an even rate for some time and waits for the last answer. A reader who went away has not been served.
func storm(h http.Handler, rate int, lasting time.Duration) *outcome {
	o := &outcome{}
	var readers sync.WaitGroup
	every := time.Second / time.Duration(rate)
	for began := time.Now(); time.Since(began) < lasting; time.Sleep(every) {
		readers.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			at, w := time.Now(), httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
			took := time.Since(at)
			o.mu.Lock()
			defer o.mu.Unlock()
			switch {
			case w.Code == http.StatusServiceUnavailable:
				o.turned++
				o.turnedAfter = max(o.turnedAfter, took)
				if n, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || n < 1 || n > 3 {
					o.noWord++
				}
			case ctx.Err() == nil:
				o.served++
				o.took = append(o.took, took)
			}
		})
	}
	readers.Wait()
	slices.Sort(o.took)
	return o
}

func (o *outcome) p99() time.Duration {
	if len(o.took) == 0 {
		return 0
	}
	return o.took[len(o.took)*99/100]
}

// A machine that does 100 requests a second gets 1000: with a lane it serves at least four fifths of what it can, each within a second, and
// tells the others at once or after the wait; without one it serves nobody.
func TestTenTimesTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lasting, capacity = 5 * time.Second, 100
		bounds := Options{Width: 8, Queue: 32, Wait: 500 * time.Millisecond}
		fresh := func() *machine { return &machine{cost: 10 * time.Millisecond, turn: 4 * time.Millisecond} }
		peak := storm(New(bounds).Wrap(fresh()), capacity*8/10, lasting)
		if peak.turned > 0 || peak.served < capacity*7/10*5 {
			t.Errorf("below its capacity it served %d and turned %d away", peak.served, peak.turned)
		}
		with := storm(New(bounds).Wrap(fresh()), 10*capacity, lasting)
		without := storm(fresh(), 10*capacity, lasting)
		t.Logf("5 s of 1000 requests a second, where 100 can be served: %d served with a lane, p99 %v; %d without", with.served, with.p99(), without.served)
		if with.served < capacity*8/10*5 || with.p99() > time.Second {
			t.Errorf("at ten times its capacity it served %d, p99 %v", with.served, with.p99())
		}
		if with.turnedAfter > bounds.Wait || with.noWord > 0 {
			t.Errorf("turned away after %v at most, %d without being told when to come back", with.turnedAfter, with.noWord)
		}
		if without.served > with.served/2 {
			t.Errorf("without a lane %d were served: the test shows nothing", without.served)
		}
	})
}

func TestALaneLosesNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Width: 2, Queue: 2, Wait: time.Second})
		bg := t.Context()
		for range 2 {
			if !l.Enter(bg) {
				t.Fatal("an empty lane is full")
			}
		}
		var order []int
		var waiting sync.WaitGroup
		for i := range 2 {
			waiting.Go(func() {
				if l.Enter(bg) {
					order = append(order, i)
				}
			})
			synctest.Wait()
		}
		at := time.Now()
		if l.Enter(bg) || time.Since(at) > 0 {
			t.Error("with the line full somebody got in, or waited")
		}
		if got, want := l.Stats(), (Stats{Busy: 2, Waiting: 2, Passed: 2, Turned: 1}); got != want {
			t.Errorf("Stats = %+v, want %+v", got, want)
		}
		l.Leave()
		synctest.Wait()
		l.Leave()
		waiting.Wait()
		if !slices.Equal(order, []int{0, 1}) {
			t.Errorf("let in in the order %v", order)
		}
		if l.Enter(bg) || time.Since(at) != time.Second {
			t.Errorf("turned away after %v, want a second", time.Since(at))
		}
		gone, cancel := context.WithCancel(bg)
		time.AfterFunc(100*time.Millisecond, cancel)
		if at := time.Now(); l.Enter(gone) || time.Since(at) != 100*time.Millisecond {
			t.Errorf("who went away was turned away after %v", time.Since(at))
		}
		l.Leave()
		l.Leave()
		if got := l.Stats(); got.Busy != 0 || got.Waiting != 0 {
			t.Errorf("at the end: %+v", got)
		}
	})
}

// TestAPlaceGivenAtTheLastMoment has places made free at the very moment at which who waits gives up, again and again.
func TestAPlaceGivenAtTheLastMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Width: 1, Queue: 64, Wait: time.Second})
		for range 200 {
			if !l.Enter(t.Context()) {
				t.Fatal("a place was lost")
			}
			var waiting sync.WaitGroup
			for range 3 {
				waiting.Go(func() {
					if l.Enter(t.Context()) {
						l.Leave()
					}
				})
			}
			time.AfterFunc(time.Second, l.Leave)
			waiting.Wait()
			synctest.Wait()
		}
		if got := l.Stats(); got.Busy != 0 || got.Waiting != 0 {
			t.Errorf("at the end: %+v", got)
		}
	})
}

// A panic leaves, too.
func TestAPanicLeavesItsPlace(t *testing.T) {
	l := New(Options{Width: 1})
	h := l.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") }))
	for range 2 {
		func() {
			defer func() { _ = recover() }()
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		}()
	}
	if got := l.Stats(); got.Busy != 0 || got.Passed != 2 {
		t.Errorf("%+v", got)
	}
}
