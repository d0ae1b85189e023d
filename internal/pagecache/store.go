package pagecache

import "slices"

// ring holds the entries of one part of the cache in a circle, and a hand that goes round: what was asked for since it last came by stays, the
// rest goes when room is needed.
type ring struct {
	hand        *entry
	bytes, most int64
	n           int
}

func (g *ring) add(e *entry) {
	e.in = g
	g.bytes += e.size
	g.n++
	if g.hand == nil {
		g.hand, e.prev, e.next = e, e, e
		return
	}
	// Behind the hand: it comes by last.
	e.next, e.prev = g.hand, g.hand.prev
	e.prev.next, e.next.prev = e, e
}

func (g *ring) remove(e *entry) {
	g.bytes -= e.size
	g.n--
	switch {
	case e.next == e:
		g.hand = nil
	case g.hand == e:
		g.hand = e.next
	}
	e.prev.next, e.next.prev = e.next, e.prev
	e.in, e.prev, e.next = nil, nil, nil
}

// Bounds of what is remembered of purges, and of one entry as a part of its ring.
const (
	purgesKept = 4096
	largest    = 8
)

// purged remembers what was purged lately, so that a render that began before isn't kept.
type purged struct {
	at    map[string]uint64 // when a tag was purged last
	order []string          // the oldest first
	// last is when anything was purged, floor when everything was, or what is forgotten.
	last, floor uint64
}

func (p *purged) note(tick uint64, tags []string) {
	p.last = tick
	if slices.Contains(tags, All) || len(tags) > purgesKept {
		*p = purged{last: tick, floor: tick}
		return
	}
	if p.at == nil {
		p.at = map[string]uint64{}
	}
	for _, t := range tags {
		if _, known := p.at[t]; !known {
			p.order = append(p.order, t)
		}
		p.at[t] = tick
	}
	for len(p.order) > purgesKept {
		oldest := p.order[0]
		p.floor = max(p.floor, p.at[oldest])
		delete(p.at, oldest)
		p.order = p.order[1:]
	}
}

// since says whether one of tags may have been purged after tick.
func (p *purged) since(tick uint64, tags []string) bool {
	return p.floor > tick || slices.ContainsFunc(tags, func(t string) bool { return p.at[t] > tick })
}

// All is the tag of every page.
const All = "all"

// Purge throws away all answers under one of the tags. What is being rendered under one isn't kept.
func (c *Cache) Purge(tags ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.purges.Add(1)
	c.tick++
	c.purged.note(c.tick, tags)
	if slices.Contains(tags, All) {
		c.empty()
		return
	}
	for _, t := range tags {
		for e := range c.byTag[t] {
			c.drop(e)
		}
	}
}

// Suspect says that purges no longer arrive. Pages are rendered anew from now on and not kept; what is kept is shown only while the database
// is away, and dropped where a new render proves it out of date.
func (c *Cache) Suspect() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hears.Store(false)
}

// Confirm says that purges arrive from now on. Some may have been missed: the cache is emptied, and what is being rendered isn't kept.
func (c *Cache) Confirm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick++
	c.purged.note(c.tick, []string{All})
	c.empty()
	c.hears.Store(true)
}

// empty throws everything away; mu is held.
func (c *Cache) empty() {
	c.pages, c.byTag = map[Key]*entry{}, map[string]map[*entry]struct{}{}
	for _, g := range []*ring{&c.main, &c.small} {
		for g.hand != nil { // an entry that is being sent or encoded must know that it isn't kept
			g.remove(g.hand)
		}
	}
}

// keep puts an entry in the place of the one before it; mu is held.
func (c *Cache) keep(e *entry) {
	if old := c.pages[e.key]; old != nil {
		c.drop(old)
	}
	g := &c.main
	if e.key.Endless || e.status != 200 {
		g = &c.small
	}
	if e.size > g.most/largest {
		return
	}
	c.pages[e.key] = e
	for _, t := range e.tags {
		if c.byTag[t] == nil {
			c.byTag[t] = map[*entry]struct{}{}
		}
		c.byTag[t][e] = struct{}{}
	}
	g.add(e)
	c.makeRoom(g)
}

// makeRoom drops entries until the ring is within its bound; mu is held.
func (c *Cache) makeRoom(g *ring) {
	for g.bytes > g.most && g.hand != nil {
		e := g.hand
		if e.inUse.CompareAndSwap(1, 0) {
			g.hand = e.next
			continue
		}
		c.drop(e)
		c.stats.evicted.Add(1)
	}
}

// drop throws one entry away; mu is held.
func (c *Cache) drop(e *entry) {
	if e.in == nil {
		return
	}
	e.in.remove(e)
	if c.pages[e.key] == e {
		delete(c.pages, e.key)
	}
	for _, t := range e.tags {
		delete(c.byTag[t], e)
		if len(c.byTag[t]) == 0 {
			delete(c.byTag, t)
		}
	}
}

// keeps says whether an entry is still in the cache.
func (c *Cache) keeps(e *entry) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return e.in != nil
}

// grown takes account of a variant that was added to an entry.
func (c *Cache) grown(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.in == nil {
		return
	}
	was := e.size
	e.size = e.weight()
	e.in.bytes += e.size - was
	c.makeRoom(e.in)
}
