package app

import (
	"fmt"
	"net/http"
	"time"

	"stet/internal/page"
)

// sharedFor is how long shared caches keep a public page at most; page.Public says the same.
const sharedFor = time.Minute

// fresh takes what a page said of its own time to change and lets shared caches keep it no longer: a page of today is not to be shown
// after midnight.
func (a *App) fresh(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&freshWriter{ResponseWriter: w, now: a.now}, r)
	})
}

type freshWriter struct {
	http.ResponseWriter
	now   func() time.Time
	wrote bool
}

// WriteHeader sends the header with the shorter of the two times.
func (w *freshWriter) WriteHeader(status int) {
	if !w.wrote {
		w.wrote = true
		until, said := page.TakeFreshUntil(w.Header())
		if left := until.Sub(w.now()); said && left < sharedFor && w.Header().Get("Cache-Control") != "" {
			w.Header().Set("Cache-Control", fmt.Sprintf("public, max-age=0, s-maxage=%d", max(0, int(left.Seconds()))))
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends the header first, as net/http does.
func (w *freshWriter) Write(b []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find the connection.
func (w *freshWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
