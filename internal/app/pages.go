package app

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"stet/internal/page"
	"stet/internal/pagecache"
	"stet/internal/postgres"
	"stet/internal/reads"
	"stet/internal/shortcut"
	"stet/internal/site"
)

// sharedFor is how long shared caches keep a public page at most; page.Public says the same.
const sharedFor = time.Minute

// newPages makes the cache of readers' pages.
func (a *App) newPages() *pagecache.Cache {
	return pagecache.New(pagecache.Options{
		Key:   a.pageKey,
		Notes: a.take,
		Served: func(r *http.Request, read any) {
			if reads.Counts(r, http.StatusOK) {
				read.(*reads.Count).Add()
			}
		},
		Now: a.now,
	})
}

// Pages says what the cache of readers' pages did and holds.
func (a *App) Pages() pagecache.Stats { return a.cache.Stats() }

// kept answers readers with what is kept of earlier answers.
func (a *App) kept(next http.Handler) http.Handler {
	if a.rereads { // whoever works on templates wants to see them
		return next
	}
	return a.cache.Wrap(next)
}

// Shortcut gives the connections of ln, on which what is kept is answered before a server sees the request, as the server would answer it: see
// package shortcut. It is for connections without TLS.
func (a *App) Shortcut(ln net.Listener) net.Listener {
	if a.rereads {
		return ln
	}
	return shortcut.Listen(ln, shortcut.Options{Answer: a.atHand, Headers: slices.Concat(pagecache.Headers, reads.Headers),
		Header: headerLimit, Idle: idleLimit, Write: answerLimit})
}

// atHand appends the whole answer to a request where it is kept, or where it is that there is no place for it. An instance that is leaving ends its
// connections, which is the server's to do.
func (a *App) atHand(out []byte, r *http.Request) (whole []byte, ok bool) {
	if a.leaving.Load() {
		return out, false
	}
	var line [64]byte
	own := append(appendID(append(line[:0], requestID+": "...)), "\r\n"...)
	if whole, ok = a.cache.Append(out, r, own); ok {
		return whole, true
	}
	return a.refuse(out, r, own)
}

// notKept are the beginnings of addresses that aren't readers' pages.
var notKept = []string{"/newsroom", "/static", "/media", "/healthz", "/readyz"}

// isReaders tells the addresses of readers' pages.
func isReaders(path string) bool {
	return !slices.ContainsFunc(notKept, func(p string) bool { return strings.HasPrefix(path, p) })
}

// pageKey says under what the answer to a reader is kept.
func (a *App) pageKey(r *http.Request) (pagecache.Key, bool) {
	if !isReaders(r.URL.Path) || !strings.EqualFold(r.Host, a.cfg.BaseURL.Host) {
		return pagecache.Key{}, false
	}
	query, endless, ok := site.Kept(r)
	return pagecache.Key{Path: r.URL.Path, Query: query, Endless: endless}, ok
}

// take takes off what a page said to its server alone.
func (a *App) take(h http.Header) (n pagecache.Notes) {
	n.Until, _ = page.TakeFreshUntil(h)
	if id, ok := page.TakeRead(h); ok {
		n.Mark = a.counter.Of(id)
	}
	a.cdn.offer(h, n.Until, a.now())
	return n
}

// noted obeys what a page says of itself: shared caches keep it no longer than until it changes by itself, so that a page of today isn't shown
// after midnight. Of an answer that nobody keeps here it also counts the read and takes the notes off.
func (a *App) noted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&headed{ResponseWriter: w, before: func(status int) {
			h := w.Header()
			if until, said := page.Until(h); said && h.Get("Cache-Control") != "" {
				if left := until.Sub(a.now()); left < sharedFor {
					h.Set("Cache-Control", pagecache.Control(left))
				}
			}
			if pagecache.Filling(r.Context()) {
				return
			}
			if notes := a.take(h); notes.Mark != nil && reads.Counts(r, status) {
				notes.Mark.(*reads.Count).Add()
			}
		}}, r)
	})
}

// ownPurges purges here what a form changed before its answer goes out. The notification reaches this instance like all others, but it may come
// after the browser that follows the answer.
func (a *App) ownPurges(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		ctx, own := postgres.Purging(r.Context())
		purge := func(int) {
			if tags := own.Take(); len(tags) > 0 {
				a.purge(tags)
			}
		}
		next.ServeHTTP(&headed{ResponseWriter: w, before: purge}, r.WithContext(ctx))
		purge(0) // of what answers after all with net/http's own 200
	})
}

// headed does something just before the header of an answer is sent.
type headed struct {
	http.ResponseWriter
	before func(status int)
	wrote  bool
}

func (w *headed) WriteHeader(status int) {
	if !w.wrote && status >= http.StatusOK {
		w.wrote = true
		w.before(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends the header first, as net/http does.
func (w *headed) Write(b []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find the connection.
func (w *headed) Unwrap() http.ResponseWriter { return w.ResponseWriter }
