// Package page is the kit that both faces draw with: typed pages in layouts, hashed assets, words, dates, forms and the one
// adapter from errors to answers. It knows HTTP and html/template.
//
// html/template parses the pages, decides what is escaped in them and how, and has the last word on every error. The trees it escaped are compiled
// for the type of each page's data, since executing them by reflection costs more than all else a page takes: compile.go.
//
// It must never know a noun, run SQL, read configuration or decide who may do what.
package page

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"stet/internal/fault"
)

// ErrTooLarge says that a body or the number of its fields is over the limit (413).
var ErrTooLarge = errors.New("request too large")

// ErrMalformed says that a form or query can't be read: bad escapes, a NUL, or bytes that aren't UTF-8 (400).
var ErrMalformed = errors.New("request malformed")

// statusClientClosed is what logs know as "the reader went away"; nobody receives it.
const statusClientClosed = 499

// Handler answers a request or returns why it can't; it writes only when it returns nil.
type Handler func(http.ResponseWriter, *http.Request) error

// Adapt makes an http.HandlerFunc of h. An error goes to fail, which shows it in its face's dress, with Retry-After set
// already where waiting helps. Panics pass through.
func Adapt(h Handler, fail func(http.ResponseWriter, *http.Request, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil {
			return
		}
		if after, ok := retryAfter(err); ok {
			w.Header().Set("Retry-After", strconv.Itoa(after))
		}
		fail(w, r, err)
	}
}

// Status is the status code an error is answered with; 500 for every error that isn't a fault a user may be told.
func Status(err error) int {
	var invalid *fault.Invalid
	var many *fault.TooMany
	var body *http.MaxBytesError
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, ErrMalformed):
		return http.StatusBadRequest
	case errors.Is(err, ErrTooLarge), errors.As(err, &body):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, fault.NotFound):
		return http.StatusNotFound
	case errors.Is(err, fault.Forbidden):
		return http.StatusForbidden
	case errors.Is(err, fault.Conflict):
		return http.StatusConflict
	case errors.As(err, &invalid):
		return http.StatusUnprocessableEntity
	case errors.As(err, &many):
		return http.StatusTooManyRequests
	case errors.Is(err, fault.Unavailable), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	case errors.Is(err, context.Canceled):
		return statusClientClosed
	}
	return http.StatusInternalServerError
}

// waitUnavailable is how many seconds to wait for a dependency that is away.
const waitUnavailable = 5

func retryAfter(err error) (seconds int, ok bool) {
	var many *fault.TooMany
	if errors.As(err, &many) {
		return max(1, int(math.Ceil(many.After.Seconds()))), true
	}
	return waitUnavailable, Status(err) == http.StatusServiceUnavailable
}

// Tags adds the names under which a cache keeps this answer, so that a change can purge it: "article:12".
func Tags(w http.ResponseWriter, tags ...string) {
	h := w.Header()
	for _, t := range tags {
		if had := h.Get(tagsHeader); had != "" {
			t = had + " " + t
		}
		h.Set(tagsHeader, t)
	}
}

const (
	tagsHeader  = "Surrogate-Key"
	freshHeader = "Stet-Fresh-Until"
	readHeader  = "Stet-Read"
)

// FreshUntil says that the page will read differently from t on though nothing is written then: the turn of the day, the end
// of a breaking line. Caches keep it no longer. The earliest time given stands.
func FreshUntil(w http.ResponseWriter, t time.Time) {
	if had, ok := Until(w.Header()); ok && had.Before(t) {
		return
	}
	w.Header().Set(freshHeader, t.UTC().Format(time.RFC3339))
}

// Until returns what FreshUntil noted.
func Until(h http.Header) (t time.Time, ok bool) {
	t, err := time.Parse(time.RFC3339, h.Get(freshHeader))
	return t, err == nil
}

// TakeFreshUntil returns what FreshUntil noted and removes it from the header, for the cache that obeys it.
func TakeFreshUntil(h http.Header) (t time.Time, ok bool) {
	t, ok = Until(h)
	h.Del(freshHeader)
	return t, ok
}

// CountRead says that whoever gets the whole answer has read what id names, so that the server counts it.
func CountRead(w http.ResponseWriter, id int64) {
	w.Header().Set(readHeader, strconv.FormatInt(id, 10))
}

// TakeRead returns what CountRead noted and removes it from the header.
func TakeRead(h http.Header) (id int64, ok bool) {
	id, err := strconv.ParseInt(h.Get(readHeader), 10, 64)
	h.Del(readHeader)
	return id, err == nil
}

// TakeTags returns what Tags noted and removes it from the header.
func TakeTags(h http.Header) []string {
	tags := strings.Fields(h.Get(tagsHeader))
	h.Del(tagsHeader)
	return tags
}

// Public lets shared caches keep the answer for a minute and use it a while longer when the origin is slow or away.
func Public(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "public, max-age=0, s-maxage=60, stale-while-revalidate=60, stale-if-error=86400")
}

// Private keeps the answer out of every cache.
func Private(w http.ResponseWriter) { w.Header().Set("Cache-Control", "private, no-store") }

// secrets are the paths below which an address lets in whoever has it.
var secrets = []string{"/newsroom/preview/", "/comments/"}

// LogPath is the path of r as a log may hold it: what follows is left out where it would let in whoever reads the log.
func LogPath(r *http.Request) string {
	for _, s := range secrets {
		if strings.HasPrefix(r.URL.Path, s) {
			return s + "…"
		}
	}
	return r.URL.Path
}
