package app

import (
	"bytes"
	"maps"
	"net/http"
)

// replicated chooses for each reader's page which database it is read from. A page that a replica couldn't give is asked for once more, from
// another, before anybody hears of it.
func (a *App) replicated(next http.Handler) http.Handler {
	if len(a.copies) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		ctx, reading := a.reading.Begin(r.Context())
		whole := false
		// Also where the page panics: others may be waiting for its end.
		defer func() { reading.End(whole) }()
		answer := asked(next, w, r.WithContext(ctx))
		// Any other failure is the page's own: it would be the same elsewhere.
		if answer.status == http.StatusServiceUnavailable {
			reading.End(false)
			if again, other, ok := reading.Again(r.Context()); ok {
				reading = other
				answer = asked(next, w, r.WithContext(again))
			}
		}
		whole = answer.status < http.StatusInternalServerError
		answer.sendTo(w)
	})
}

// asked has next answer, under the headers that w has already, and withholds the answer.
func asked(next http.Handler, w http.ResponseWriter, r *http.Request) *withheld {
	out := &withheld{header: maps.Clone(w.Header()), status: http.StatusOK}
	next.ServeHTTP(out, r)
	return out
}

// withheld is an answer that nobody has been given yet.
type withheld struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func (w *withheld) Header() http.Header { return w.header }

func (w *withheld) WriteHeader(status int) {
	if !w.wrote && status >= http.StatusOK {
		w.wrote, w.status = true, status
	}
}

func (w *withheld) Write(b []byte) (int, error) {
	w.wrote = true
	return w.body.Write(b)
}

func (w *withheld) sendTo(to http.ResponseWriter) {
	h := to.Header()
	clear(h)
	maps.Copy(h, w.header)
	to.WriteHeader(w.status)
	to.Write(w.body.Bytes()) //nolint:errcheck // whoever asked has gone
}
