package pagecache

import "sync/atomic"

// counters count since the start.
type counters struct{ hits, misses, stale, purges, evicted atomic.Int64 }

// Stats are what a cache did since the start, and what it holds now. Stale counts answers with an old entry while the database was away.
type Stats struct {
	Hits, Misses, Stale, Purges, Evicted int64
	Entries                              int
	Bytes                                int64
	// CornerEntries and CornerBytes are the part of it for what isn't there and for endless addresses.
	CornerEntries int
	CornerBytes   int64
	// Hears is whether purges arrive, so that entries are believed.
	Hears bool
}

// Stats gives them.
func (c *Cache) Stats() Stats {
	c.mu.RLock()
	defer c.mu.RUnlock()
	n := &c.stats
	return Stats{Hits: n.hits.Load(), Misses: n.misses.Load(), Stale: n.stale.Load(), Purges: n.purges.Load(), Evicted: n.evicted.Load(),
		Entries: c.main.n + c.small.n, Bytes: c.main.bytes + c.small.bytes, CornerEntries: c.small.n, CornerBytes: c.small.bytes, Hears: c.hears.Load()}
}
