package reads

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// FlushEvery is how often a Counter is to be flushed: what a crash loses.
const FlushEvery = 20 * time.Second

// The bounds of what a Counter holds. Reads of further articles aren't counted until the next flush.
const (
	shards   = 16
	most     = 1 << 17 // counts between two flushes
	keptMost = 1 << 18 // articles and hours that wait for a database that is away
)

// Counter counts reads in memory until Flush keeps them. It is safe for use by many at once; those who count different articles hardly
// ever wait for each other.
type Counter struct {
	keep func(context.Context, []Read) error
	now  func() time.Time

	shards [shards]shard

	flushing sync.Mutex // guards waiting; one flush goes on at a time
	waiting  map[hourOf]int64
}

type hourOf struct {
	article int64
	hour    time.Time
}

// shard holds the counts of some articles: known by their id since the last flush, read are those that were added to since.
type shard struct {
	mu    sync.Mutex
	known map[int64]*Count
	read  []*Count
}

// NewCounter makes a Counter that hands what it counted to s, in the hour that now gives at the flush.
func NewCounter(s *Store, now func() time.Time) *Counter {
	return &Counter{keep: s.Add, now: now, waiting: map[hourOf]int64{}}
}

// Count is one article's reads since the last flush. A cache of pages may keep the pointer with its entry and add to it for as long as it
// likes: it works across flushes, and two Counts of one article are added up.
type Count struct {
	article int64
	n       atomic.Int64
	in      *shard
}

// Of gives the count of an article.
func (c *Counter) Of(article int64) *Count {
	s := &c.shards[uint64(article)%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.known[article]; ok {
		return known
	}
	count := &Count{article: article, in: s}
	if len(s.known) >= most/shards {
		return count
	}
	if s.known == nil {
		s.known = map[int64]*Count{}
	}
	s.known[article] = count
	return count
}

// Add counts one read. All but the first after a flush are one atomic addition.
func (c *Count) Add() {
	if c.n.Add(1) != 1 {
		return
	}
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	if len(c.in.read) >= most/shards {
		c.n.Store(0)
		return
	}
	c.in.read = append(c.in.read, c)
}

// Add counts one read of an article.
func (c *Counter) Add(article int64) { c.Of(article).Add() }

// Flush keeps what was counted since the last one. Where that fails nothing is lost: it waits, in its hour, for the next. A database that
// kept it and broke off before it could say so is told again: then some reads count twice.
func (c *Counter) Flush(ctx context.Context) error {
	c.flushing.Lock()
	defer c.flushing.Unlock()
	hour := c.now().UTC().Truncate(time.Hour)
	for i := range c.shards {
		for _, count := range c.shards[i].take() {
			at := hourOf{count.article, hour}
			if _, waits := c.waiting[at]; waits || len(c.waiting) < keptMost {
				c.waiting[at] += count.n.Swap(0)
			} else {
				count.n.Store(0)
			}
		}
	}
	reads := make([]Read, 0, len(c.waiting))
	for at, n := range c.waiting {
		reads = append(reads, Read{at.article, at.hour, n})
	}
	if err := c.keep(ctx, reads); err != nil {
		return err
	}
	clear(c.waiting)
	return nil
}

// take empties the shard and gives what was added to.
func (s *shard) take() []*Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	read := s.read
	s.read, s.known = nil, nil
	return read
}
