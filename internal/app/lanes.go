package app

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"time"

	"stet/internal/lane"
)

// lanes bound what runs at a time, apart for those who must not crowd each other out. What is answered from memory goes by none of them.
type lanes struct {
	arriving *lane.Lane // forms on their way in
	readers  *lane.Lane // pages that have to be made
	search   *lane.Lane
	intake   *lane.Lane // what readers send
	signIn   *lane.Lane // where strangers may come, and a password takes long to check
	newsroom *lane.Lane
	uploads  *lane.Lane

	all []namedLane
}

type namedLane struct {
	name string
	*lane.Lane
}

// newLanes makes the lanes. Pages are as many at a time as the readers' pool has connections, and search half as many: a page holds one for a
// part of its time only. Intake is narrower than the newsroom's pool, which it shares: a flood of comments leaves connections to those who
// moderate it. A page takes some ten milliseconds, so who is served after half a second has waited behind some hundred others; who has written something would rather
// wait for longer than send it again.
func newLanes() *lanes {
	l := &lanes{}
	add := func(name string, o lane.Options) *lane.Lane {
		o.Full = func(w http.ResponseWriter, _ *http.Request) {
			plain(w, http.StatusServiceUnavailable, "Too much is going on here at the moment. Try again in a few seconds.")
		}
		made := lane.New(o)
		l.all = append(l.all, namedLane{name, made})
		return made
	}
	l.readers = add("readers", lane.Options{Width: readerConns, Queue: 96, Wait: 500 * time.Millisecond})
	l.search = add("search", lane.Options{Width: readerConns / 2, Queue: 16, Wait: 500 * time.Millisecond})
	l.intake = add("intake", lane.Options{Width: staffConns - 4, Queue: 128, Wait: 2 * time.Second})
	l.signIn = add("sign in", lane.Options{Width: 4, Queue: 32, Wait: 2 * time.Second})
	l.newsroom = add("newsroom", lane.Options{Width: 32, Queue: 64, Wait: 2 * time.Second})
	l.uploads = add("uploads", lane.Options{Width: 8, Queue: 16, Wait: 5 * time.Second})
	l.arriving = add("arriving", lane.Options{Width: 512})
	return l
}

// isUpload tells the request that brings files: it may take minutes, and its connection is given them once the newsroom knows who sends.
func isUpload(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == "/newsroom/media"
}

// of is the lane of a request.
func (l *lanes) of(r *http.Request) *lane.Lane {
	path := r.URL.Path
	switch {
	case isUpload(r):
		return l.uploads
	case strings.HasPrefix(path, "/newsroom/login"):
		return l.signIn
	case path == "/newsroom", strings.HasPrefix(path, "/newsroom/"):
		return l.newsroom
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return l.intake
	case path == "/search", path == "/search/":
		return l.search
	}
	return l.readers
}

// arrivedLength is how much of a form is waited for: all that a stranger may send. Only the newsroom takes more, and only from whom it knows.
const arrivedLength = 72 << 10

// wrap has every request go by its lane. A form has arrived before it takes a place there, or those who send slowly would hold them all.
func (l *lanes) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.ContentLength != 0 && !isUpload(r) {
			if !l.arriving.Enter(r.Context()) {
				l.arriving.Turn(w, r)
				return
			}
			r.Body = arrive(r.Body)
			l.arriving.Leave()
		}
		l.of(r).Wrap(next).ServeHTTP(w, r)
	})
}

// body is what arrived of a form, and behind it what may still come.
type body struct {
	io.Reader
	io.Closer
}

// arrive reads what a stranger may send. What breaks off does so again for whoever reads the form, who knows what to say.
func arrive(from io.ReadCloser) io.ReadCloser {
	var b bytes.Buffer
	_, err := io.CopyN(&b, from, arrivedLength)
	if err != nil {
		return body{io.MultiReader(&b, broken{err}), from}
	}
	return body{io.MultiReader(&b, from), from}
}

// broken is a reader that ended so.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
