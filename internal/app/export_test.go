package app

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"stet/internal/pagecache"
)

// Drop does what hearing of changed settings does.
func (a *App) Drop() { a.drop() }

// Forget lets go of all pages that are kept.
func (a *App) Forget() { a.cache.Purge(pagecache.All) }

// FlushReads keeps the reads counted so far.
func (a *App) FlushReads(ctx context.Context) error { return a.counter.Flush(ctx) }

// Crowd takes all places of a lane until leave is called.
func (a *App) Crowd(ctx context.Context, name string) (leave func()) {
	for _, l := range a.lanes.all {
		if l.name != name {
			continue
		}
		taken := 0
		for none, stop := context.WithCancel(ctx); ; taken++ {
			stop() // that nobody waits
			if !l.Enter(none) {
				break
			}
		}
		return func() {
			for range taken {
				l.Leave()
			}
		}
	}
	panic("no lane " + name)
}

// Busy is how many are under way in a lane.
func (a *App) Busy(name string) int {
	for _, l := range a.lanes.all {
		if l.name == name {
			return l.Stats().Busy
		}
	}
	panic("no lane " + name)
}

// Pack is Crowd with a line that is full too, and stays so.
func (a *App) Pack(ctx context.Context, name string) (leave func()) {
	i := slices.IndexFunc(a.lanes.all, func(l namedLane) bool { return l.name == name })
	l := a.lanes.all[i]
	out := a.Crowd(ctx, name)
	ctx, stop := context.WithCancel(ctx)
	var line sync.WaitGroup
	for range 200 { // more than any line holds
		line.Go(func() {
			for ctx.Err() == nil {
				if l.Enter(ctx) {
					l.Leave()
				}
				<-time.After(10 * time.Millisecond)
			}
		})
	}
	return func() {
		stop()
		out()
		line.Wait()
	}
}

// Refuses says whether a request is turned away before the server sees it.
func (a *App) Refuses(r *http.Request) bool {
	_, ok := a.refuse(nil, r, nil)
	return ok
}

// AtHand says whether a request is answered before the server sees it.
func (a *App) AtHand(r *http.Request) bool {
	_, ok := a.atHand(nil, r)
	return ok
}
