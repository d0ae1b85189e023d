package app

import (
	"context"

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
