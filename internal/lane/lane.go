// Package lane lets a bounded number of requests run at a time and a bounded number wait a bounded while; it turns the others away at once, while
// that is still cheap. A server that takes on more than it can do does all of it late, and then none of it in time.
//
// It knows no route and no noun. It must never make a request wait for longer than it says, nor lose a place.
package lane

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the bounds of a lane.
type Options struct {
	Width int           // how many run at a time
	Queue int           // how many more may wait
	Wait  time.Duration // for how long each
	// Full answers who is turned away, after Retry-After has been set; nil: a plain 503.
	Full http.HandlerFunc
}

// Lane is one lane. Those who wait are let in in the order in which they came.
type Lane struct {
	o       Options
	mu      sync.Mutex
	free    int
	waiting []*place // the first in line first
	passed  atomic.Int64
	turned  atomic.Int64
}

// place is one place in line. in is closed by who makes room, with the lane locked.
type place struct{ in chan struct{} }

// New makes an empty lane.
func New(o Options) *Lane {
	if o.Full == nil {
		o.Full = func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		}
	}
	return &Lane{o: o, free: o.Width}
}

// Enter waits for a place, and is false where there is none in time or ctx ends first. Whoever got one leaves once.
func (l *Lane) Enter(ctx context.Context) (entered bool) {
	l.mu.Lock()
	if l.free > 0 {
		l.free--
		l.mu.Unlock()
		l.passed.Add(1)
		return true
	}
	if len(l.waiting) >= l.o.Queue {
		l.mu.Unlock()
		l.turned.Add(1)
		return false
	}
	p := &place{in: make(chan struct{})}
	l.waiting = append(l.waiting, p)
	l.mu.Unlock()
	late := time.NewTimer(l.o.Wait)
	defer late.Stop()
	select {
	case <-p.in:
		l.passed.Add(1)
		return true
	case <-late.C:
	case <-ctx.Done():
	}
	if !l.giveUp(p) {
		l.passed.Add(1)
		return true // let in at the last moment: the place is taken and has to be used or left
	}
	l.turned.Add(1)
	return false
}

// giveUp takes a place out of the line; false where it was let in meanwhile.
func (l *Lane) giveUp(p *place) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, q := range l.waiting {
		if q == p {
			l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// Leave gives the place to who waits longest.
func (l *Lane) Leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.free++
		return
	}
	close(l.waiting[0].in)
	l.waiting = l.waiting[1:]
}

// Crowded says whether somebody who came now would be turned away at once, and counts them among the turned if so.
func (l *Lane) Crowded() bool {
	l.mu.Lock()
	crowded := l.free == 0 && len(l.waiting) >= l.o.Queue
	l.mu.Unlock()
	if crowded {
		l.turned.Add(1)
	}
	return crowded
}

// Again is when somebody who is turned away should come back, in seconds: one to three, so that not all come at the same moment.
func Again() int { return 1 + rand.IntN(3) }

// Turn answers who didn't get in and asks them to come back.
func (l *Lane) Turn(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", strconv.Itoa(Again()))
	l.o.Full(w, r)
}

// Wrap has the requests of next go by the lane.
func (l *Lane) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !l.Enter(r.Context()) {
			l.Turn(w, r)
			return
		}
		defer l.Leave()
		next.ServeHTTP(w, r)
	})
}

// Stats are how a lane is and was.
type Stats struct {
	Busy, Waiting  int
	Passed, Turned int64 // since the start
}

// Stats reads them.
func (l *Lane) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Stats{Busy: l.o.Width - l.free, Waiting: len(l.waiting), Passed: l.passed.Load(), Turned: l.turned.Load()}
}
