// Package pagecache keeps whole answers to readers: status, headers and body, compressed once, found by their address and thrown away by their
// tags. An entry is never changed; a hit is one look into a map and one write.
//
// It must never know what a page is about, talk to a database, or keep an answer that isn't the same for everybody.
//
// Of an answer it wants "Cache-Control: public", the tags that a purge may name in Surrogate-Key, no cookie, and one of the statuses 200, 301,
// 404 and 410; anything else is passed on and forgotten. It asks for pages without an encoding and encodes those that say "Vary:
// Accept-Encoding" itself.
//
// Whoever hears of changes says so: Confirm when it hears, Suspect when it no longer does, Purge what it heard. A cache that was never
// confirmed keeps nothing.
package pagecache

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Key is what an answer is kept under. Path is decoded; Query has what the page reads of the query, and nothing else, in one order.
type Key struct {
	Path, Query string
	// Endless says that there are more such addresses than pages: they share the small corner with what isn't there.
	Endless bool
}

// Notes are what a page says to its server alone.
type Notes struct {
	// Until is when the page will read differently though nothing is purged; zero: it won't.
	Until time.Time
	// Mark is handed to Served whenever the answer went out.
	Mark any
}

// Options are what a Cache is made of. Key is required.
type Options struct {
	// Key says under what the answer to a GET or HEAD may be kept; !ok: under nothing. It is called at every request.
	Key func(*http.Request) (key Key, ok bool)
	// Notes takes off a new answer's header what must not go out.
	Notes func(http.Header) Notes
	// Served hears of every whole answer of status 200 to a GET whose mark isn't nil. Of the request it may use what Key uses, and headers.
	Served func(r *http.Request, mark any)
	// MaxBytes bounds what is kept; 0: 64 MiB. CornerBytes bounds the part of it for what isn't there and for endless addresses; 0: 2 MiB.
	MaxBytes, CornerBytes int64
	// Now is the clock that pages are dated by; nil: the machine's.
	Now func() time.Time
}

// How long an entry is believed, and what becomes of it then.
const (
	maxAge    = 10 * time.Minute       // unchecked
	staleAge  = time.Hour              // while the database is away
	awayFor   = 250 * time.Millisecond // that long nobody asks again who has something to show
	patience  = 2 * time.Second        // for a new page, of those who have an old one to show
	fillLimit = 20 * time.Second       // of a render that nobody may be waiting for any more
	fillsMost = 1024                   // renders at a time; further requests render for themselves
)

// Cache keeps answers of the handler it wraps. It is safe for use by many at once.
type Cache struct {
	o       Options
	encoder encoder

	// hears is whether purges arrive: without them no entry is to be believed. It changes under mu.
	hears atomic.Bool
	// away is until when the database is taken to be away, in nanoseconds.
	away  atomic.Int64
	stats counters

	// mu guards the rest. Hits hold it for reading, and only to look into the map.
	mu    sync.RWMutex
	pages map[Key]*entry
	byTag map[string]map[*entry]struct{}
	main  ring // of pages
	small ring // of what isn't there, and of endless addresses
	// tick counts starts of renders and purges, to tell what came before what.
	tick    uint64
	purged  purged
	flights map[Key]*flight
}

// New makes an empty Cache that keeps nothing until it is confirmed.
func New(o Options) *Cache {
	if o.MaxBytes == 0 {
		o.MaxBytes = 64 << 20
	}
	if o.CornerBytes == 0 {
		o.CornerBytes = 2 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Notes == nil {
		o.Notes = func(http.Header) Notes { return Notes{} }
	}
	c := &Cache{o: o, flights: map[Key]*flight{}}
	c.encoder.kept, c.encoder.done = c.keeps, c.grown
	c.small.most, c.main.most = o.CornerBytes, o.MaxBytes-o.CornerBytes
	c.empty()
	return c
}

// Wrap answers from the cache what it may and leaves everything else to next. Headers that were set before are the request's own: they go out
// with its answer and aren't kept.
func (c *Cache) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		key, ok := c.o.Key(r)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		now := c.o.Now()
		e, current := c.find(key, now)
		if current {
			c.stats.hits.Add(1)
			c.send(w, r, e, now)
			return
		}
		c.miss(w, r, request{key: key, old: e, next: next, now: now})
	})
}

// find gives the entry under a key, if there is one, and whether it may be served as current.
func (c *Cache) find(key Key, now time.Time) (e *entry, current bool) {
	c.mu.RLock()
	e = c.pages[key]
	c.mu.RUnlock()
	return e, e != nil && c.hears.Load() && e.fresh(now)
}

// send answers with an entry that is current.
func (c *Cache) send(w http.ResponseWriter, r *http.Request, e *entry, now time.Time) {
	e.use()
	c.write(w, r, e, e.left(now), nil)
}

// write answers with an entry; more are headers that replace its own.
func (c *Cache) write(w http.ResponseWriter, r *http.Request, e *entry, cacheControl []string, more []field) {
	v, known := e.choose(r.Header)
	h := w.Header()
	fields, status := v.header, e.status
	if known {
		fields, status = v.unchanged, http.StatusNotModified
	}
	for i := range fields {
		h[fields[i].name] = fields[i].values
	}
	if cacheControl != nil {
		h["Cache-Control"] = cacheControl
		delete(h, "Surrogate-Control") // which would let a CDN keep it longer
	}
	for _, f := range more {
		h[f.name] = f.values
	}
	w.WriteHeader(status)
	if known || r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(v.body) // the reader went away; there is nobody to tell
	if e.mark != nil && status == http.StatusOK && c.o.Served != nil {
		c.o.Served(r, e.mark)
	}
}
