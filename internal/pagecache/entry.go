package pagecache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// field is a header in the form in which net/http keeps it. The values are shared by all answers and never written to.
type field struct {
	name   string
	values []string
}

// variant is an answer in one encoding, ready to be sent.
type variant struct {
	body []byte
	etag string
	// header goes with the whole answer, unchanged with the one that says that the client has it.
	header, unchanged []field
}

// entry is an answer. Only what is atomic changes once it is in the cache.
type entry struct {
	key    Key
	status int
	tags   []string
	mark   any
	until  time.Time // when it reads differently; zero: not by itself

	plain  variant
	zipped *variant                // nil: sent as it is to everybody
	brotli atomic.Pointer[variant] // nil until it is made
	common []field                 // what all variants say
	// wirable: the headers hold nothing that net/http would have to mend.
	wirable bool

	// checked is when it was last known to be current, in nanoseconds.
	checked atomic.Int64
	inUse   atomic.Int32 // since the hand of the clock last came by

	// What follows is guarded by the cache.
	in         *ring // nil: not kept
	size       int64
	prev, next *entry
}

// sharedFor is how long shared caches keep a page at most.
const sharedFor = time.Minute

// use notes that the entry is asked for.
func (e *entry) use() {
	if e.inUse.Load() == 0 { // else all who ask would write to one place
		e.inUse.Store(1)
	}
}

// fresh says whether the entry may be served as current.
func (e *entry) fresh(now time.Time) bool {
	return now.UnixNano()-e.checked.Load() < int64(maxAge) && (e.until.IsZero() || now.Before(e.until))
}

// servable says whether the entry may be shown while the database is away.
func (e *entry) servable(now time.Time) bool {
	return now.UnixNano()-e.checked.Load() < int64(staleAge)
}

// soon says whether the time of the page is nearly over, and what is left of it.
func (e *entry) soon(now time.Time) (left time.Duration, soon bool) {
	if e.until.IsZero() {
		return 0, false
	}
	left = e.until.Sub(now)
	return left, left < sharedFor
}

// left is what Cache-Control says of a page whose time is nearly over; nil: what it said itself.
func (e *entry) left(now time.Time) []string {
	left, soon := e.soon(now)
	if !soon {
		return nil
	}
	return []string{Control(left)}
}

// Control is the Cache-Control of a page that will read differently when left is over.
func Control(left time.Duration) string { return string(appendControl(nil, left)) }

func appendControl(to []byte, left time.Duration) []byte {
	return strconv.AppendInt(append(to, "public, max-age=0, s-maxage="...), max(0, int64(min(left, sharedFor)/time.Second)), 10)
}

// made gives the entry of an answer. own are the headers that the request brought; shared says whether the answer is everybody's.
func made(key Key, rec *recorder, own http.Header, shared bool) *entry {
	status, h, body := max(rec.status, http.StatusOK), rec.header, bytes.Clone(rec.body.Bytes())
	e := &entry{key: key, status: status}
	for name, values := range h {
		switch name {
		case "Content-Type", "Content-Length", "Content-Encoding", "Etag", "Date":
			continue
		}
		if had, ok := own[name]; ok && slices.Equal(had, values) && status < http.StatusInternalServerError {
			continue // each request's own; a failure is told by the name under which it was logged
		}
		e.common = append(e.common, field{name, values})
	}
	kind, encoding := h["Content-Type"], h["Content-Encoding"]
	e.plain.body = body
	if status == http.StatusOK && shared {
		sum := sha256.Sum256(body)
		e.plain.etag = `"` + hex.EncodeToString(sum[:12]) + `"`
	}
	e.plain.fields(e.common, kind, encoding)
	e.wirable = wirable(e.plain.header)
	if len(encoding) == 0 && strings.EqualFold(h.Get("Vary"), "Accept-Encoding") && len(body) > 0 {
		e.zipped = e.encoded("gzip", zip(body))
	}
	return e
}

// fields fills what is said with the variant.
func (v *variant) fields(common []field, kind, encoding []string) {
	v.header, v.unchanged = slices.Clone(common), slices.Clone(common)
	if v.etag != "" {
		tag := field{"Etag", []string{v.etag}}
		v.header, v.unchanged = append(v.header, tag), append(v.unchanged, tag)
	}
	if len(kind) > 0 {
		v.header = append(v.header, field{"Content-Type", kind})
	}
	if len(encoding) > 0 {
		v.header = append(v.header, field{"Content-Encoding", encoding})
	}
	v.header = append(v.header, field{"Content-Length", []string{strconv.Itoa(len(v.body))}})
}

// encoded is the answer in another encoding.
func (e *entry) encoded(encoding string, body []byte) *variant {
	v := &variant{body: body}
	if e.plain.etag != "" {
		v.etag = strings.TrimSuffix(e.plain.etag, `"`) + "-" + encoding + `"`
	}
	var kind []string
	for _, f := range e.plain.header {
		if f.name == "Content-Type" {
			kind = f.values
		}
	}
	v.fields(e.common, kind, []string{encoding})
	return v
}

// What an entry weighs besides its bodies: itself, its headers, its place under its key and its tags.
const (
	entryWeight = 2 << 10
	tagWeight   = 128
)

func (e *entry) weight() int64 {
	n := entryWeight + len(e.key.Path) + len(e.key.Query) + len(e.plain.body)
	for _, t := range e.tags {
		n += tagWeight + len(t)
	}
	for _, f := range e.common {
		for _, v := range f.values {
			n += len(v)
		}
	}
	if e.zipped != nil {
		n += len(e.zipped.body)
	}
	if b := e.brotli.Load(); b != nil {
		n += len(b.body)
	}
	return int64(n)
}

// keepable says whether the answer may be kept, shared whether others who asked for it at once may have it.
func keepable(status int, h http.Header) (keep, shared bool) {
	control := h.Get("Cache-Control")
	private := len(h["Set-Cookie"]) > 0 || strings.Contains(control, "private")
	if private || status >= http.StatusInternalServerError {
		return false, !private
	}
	for _, by := range h["Vary"] {
		if !strings.EqualFold(by, "Accept-Encoding") {
			return false, false
		}
	}
	shared = strings.HasPrefix(control, "public") && !strings.Contains(control, "no-store")
	switch status {
	case http.StatusOK, http.StatusMovedPermanently, http.StatusNotFound, http.StatusGone:
		return shared && len(h["Surrogate-Key"]) > 0, shared
	}
	return false, shared
}

// zippers are of a module that takes a quarter of the standard library's time for 2 % more bytes.
var zippers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func zip(body []byte) []byte {
	w := zippers.Get().(*gzip.Writer)
	defer zippers.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	// A bytes.Buffer takes whatever is written to it, so neither call can fail.
	_, _ = w.Write(body)
	_ = w.Close()
	return bytes.Clone(out.Bytes())
}

// encoder makes brotli of new entries, one after the other, right after their first answer. What finds the queue full goes without, and what is
// no longer kept when its turn comes needs none.
type encoder struct {
	kept func(*entry) bool
	done func(*entry)

	mu      sync.Mutex
	waiting []*entry
	running bool
}

// The queue's bound, and how brotli is set: quality 5 is as quick as gzip and smaller; a window of 256 KiB holds any page.
const (
	encodeMost    = 256
	brotliQuality = 5
	brotliWindow  = 18
)

func (n *encoder) add(e *entry) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if e.zipped == nil || len(n.waiting) >= encodeMost {
		return
	}
	n.waiting = append(n.waiting, e)
	if !n.running {
		n.running = true
		go n.run()
	}
}

// packers are kept as long as the garbage collector sees use in them: making one takes longer than packing a page.
var packers = sync.Pool{New: func() any {
	return brotli.NewWriterOptions(nil, brotli.WriterOptions{Quality: brotliQuality, LGWin: brotliWindow})
}}

// run works off the queue and ends: an idle cache has no goroutine.
func (n *encoder) run() {
	var out bytes.Buffer
	w := packers.Get().(*brotli.Writer)
	defer packers.Put(w)
	for {
		n.mu.Lock()
		if len(n.waiting) == 0 {
			n.waiting, n.running = nil, false
			n.mu.Unlock()
			return
		}
		e := n.waiting[0]
		n.waiting = n.waiting[1:]
		n.mu.Unlock()
		if !n.kept(e) {
			continue
		}
		out.Reset()
		w.Reset(&out)
		// A bytes.Buffer takes whatever is written to it, so neither call can fail.
		_, _ = w.Write(e.plain.body)
		_ = w.Close()
		if out.Len() < len(e.zipped.body) {
			e.brotli.Store(e.encoded("br", bytes.Clone(out.Bytes())))
			n.done(e)
		}
	}
}
