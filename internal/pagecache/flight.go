package pagecache

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// flight is a render under way, with those who wait for it.
type flight struct {
	began  uint64 // by the cache's tick; 0: it waits for the one before it
	render func(*flight)
	done   chan struct{}
	answer *entry // once done; nil: the render broke off
	shared bool   // the answer is everybody's
	// next is the flight of those for whom this one began too early.
	next *flight
}

// request is a request that found no current entry. old is what there is instead, if anything.
type request struct {
	key  Key
	old  *entry
	next http.Handler
	now  time.Time
}

type fillKey struct{}

// Filling reports whether what is asked for will be the answer of a Cache, which reads the notes in its header.
func Filling(ctx context.Context) bool { return ctx.Value(fillKey{}) != nil }

// miss answers with a new render, which is made once for all who ask at the same time, or with an old entry where the database is away.
func (c *Cache) miss(w http.ResponseWriter, r *http.Request, q request) {
	if q.old != nil && !q.old.servable(q.now) {
		q.old = nil
	}
	if q.now.UnixNano() < c.away.Load() && c.sendOld(w, r, q) {
		return
	}
	c.stats.misses.Add(1)
	var tired <-chan time.Time
	if q.old != nil {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		tired = timer.C
	}
	c.mu.RLock()
	arrived := c.tick
	c.mu.RUnlock()
	e, f, leads := c.board(r, w.Header(), q, arrived)
	switch {
	case e != nil:
		c.send(w, r, e, c.o.Now())
		return
	case f == nil:
		q.next.ServeHTTP(w, r)
		return
	}
	for landed := false; !landed; {
		select {
		case <-f.done:
			landed = true
		case <-tired:
			if c.sendOld(w, r, q) {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
	switch {
	case f.answer == nil, !f.shared && !leads:
		q.next.ServeHTTP(w, r)
	case f.answer.status == http.StatusServiceUnavailable && c.sendOld(w, r, q):
	default:
		c.send(w, r, f.answer, c.o.Now())
	}
}

// board finds an entry that came meanwhile, or the flight to wait for, which leads where it was made for this request. A flight fits where its
// answer is as new as the request: nothing was purged since it began, or where purges don't arrive, it began after the request came (at
// arrived). Who finds one that doesn't fit waits for the next. Both are nil where too many are under way.
func (c *Cache) board(r *http.Request, own http.Header, q request, arrived uint64) (e *entry, f *flight, leads bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	hears := c.hears.Load()
	if e := c.pages[q.key]; e != nil && hears && e.fresh(c.o.Now()) {
		return e, nil, false
	}
	under := c.flights[q.key]
	switch {
	case under != nil && (under.began > arrived || hears && under.began > c.purged.last):
		return nil, under, false
	case under != nil && under.next != nil:
		return nil, under.next, false
	case len(c.flights) >= fillsMost:
		return nil, nil, false
	}
	// The first to ask may go away; the others who wait, and those to come, still want the page.
	ctx := context.WithValue(context.WithoutCancel(r.Context()), fillKey{}, true)
	req, own := fillRequest(ctx, r, q.key), own.Clone()
	f = &flight{done: make(chan struct{}), render: func(f *flight) { c.fill(f, req, own, q) }}
	if under != nil {
		under.next = f
	} else {
		c.start(f, q.key)
	}
	return nil, f, true
}

// start lets a flight go; mu is held.
func (c *Cache) start(f *flight, key Key) {
	c.tick++
	f.began = c.tick
	c.flights[key] = f
	go f.render(f)
}

// fillRequest is the request that any reader would make for the page.
func fillRequest(ctx context.Context, r *http.Request, key Key) *http.Request {
	r = r.Clone(ctx)
	r.Method, r.Body, r.ContentLength = http.MethodGet, http.NoBody, 0
	r.URL.RawQuery = key.Query
	for _, name := range []string{"If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range", "Accept-Encoding", "Cookie"} {
		r.Header.Del(name)
	}
	return r
}

// fill renders, keeps the answer where it may be kept, and lets those go who wait.
func (c *Cache) fill(f *flight, r *http.Request, own http.Header, q request) {
	began := c.o.Now()
	var fresh *entry
	var keep bool
	defer func() {
		// Whoever waits goes on by themselves where the render broke off; what to say of it is the wrapped handler's duty.
		_ = recover()
		c.land(f, fresh, keep, q.key)
	}()
	makeRoom(0)
	rec := recorder{header: own.Clone()}
	ctx, cancel := context.WithTimeout(r.Context(), fillLimit)
	defer cancel()
	q.next.ServeHTTP(&rec, r.WithContext(ctx))
	keep, f.shared = keepable(max(rec.status, http.StatusOK), rec.header)
	tags := strings.Fields(strings.Join(rec.header["Surrogate-Key"], " "))
	notes := c.o.Notes(rec.header)
	e := made(q.key, &rec, own, f.shared)
	e.tags = tags
	e.size = e.weight()
	e.mark, e.until = notes.Mark, notes.Until
	e.checked.Store(began.UnixNano())
	if e.status == http.StatusServiceUnavailable {
		c.away.Store(c.o.Now().Add(awayFor).UnixNano())
	}
	fresh, f.answer = e, e
}

// stackRoom is more stack than most pages are made with.
const stackRoom = 16 << 10

// makeRoom has the stack of a new goroutine grown at once. By itself it grows in doublings while the page is made, and each moves all the
// frames of a deep chain of handlers.
//
//go:noinline
func makeRoom(at int) byte {
	var room [stackRoom]byte
	return room[at]
}

// land ends a flight, and lets the next one go where there is one and this one's answer isn't new enough for it.
func (c *Cache) land(f *flight, e *entry, keep bool, key Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, key)
	defer close(f.done)
	kept := e != nil && c.settle(f, e, keep)
	switch {
	case f.next == nil:
	case kept:
		f.next.answer, f.next.shared = e, true
		close(f.next.done)
	default:
		c.start(f.next, key)
	}
}

// settle keeps an answer, if it may. Where purges don't arrive nothing is kept; but a new answer tells whether the old one was still right.
func (c *Cache) settle(f *flight, e *entry, keep bool) (kept bool) {
	if e.status >= http.StatusInternalServerError {
		return false
	}
	hears := c.hears.Load()
	if hears && keep && e.fresh(c.o.Now()) && !c.purged.since(f.began, e.tags) {
		c.keep(e)
		c.encoder.add(e)
		return true
	}
	old := c.pages[e.key]
	switch {
	case old == nil:
	case !hears && keep && old.sameAs(e):
		old.checked.Store(e.checked.Load())
	case !hears || !keep:
		c.drop(old)
	}
	return false
}

// sameAs says whether two answers are the same to a reader.
func (e *entry) sameAs(other *entry) bool {
	return e.status == other.status && e.plain.etag == other.plain.etag && bytes.Equal(e.plain.body, other.plain.body) && slices.Equal(e.tags, other.tags)
}

// sendOld answers with what may be out of date, and says so. It is false where there is nothing, or where what there was has been purged or
// proved wrong since.
func (c *Cache) sendOld(w http.ResponseWriter, r *http.Request, q request) bool {
	if q.old == nil {
		return false
	}
	if !c.keeps(q.old) {
		return false
	}
	c.stats.stale.Add(1)
	age := max(0, q.now.UnixNano()-q.old.checked.Load()) / int64(time.Second)
	c.write(w, r, q.old, []string{Control(0)}, []field{
		{"Age", []string{strconv.FormatInt(age, 10)}},
		{"Cache-Status", []string{`stet; hit; detail="the database is away"`}},
	})
	return true
}

// recorder takes an answer in.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}
