package app

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"stet/internal/lane"
)

// refusal is the answer of a crowded lane, but for the lines that each answer has of its own. Those who are turned away are many times those who
// are served, when a site is overrun, and what turning them away costs is taken from those.
type refusal struct {
	once sync.Once
	head []byte // the status line and the headers
	body []byte
}

// refuse appends the answer to a request for a page that would have to be made, where its lane has no place left and none in its line: what the
// lane would answer, many layers further in. own are header lines of this answer alone. !ok: the request isn't one of those.
func (a *App) refuse(out []byte, r *http.Request, own []byte) (whole []byte, ok bool) {
	l := a.lanes.of(r)
	if l != a.lanes.readers && l != a.lanes.search || !a.ready.Load() || !isReaders(r.URL.Path) || !isClean(r.URL.Path) || !strings.EqualFold(r.Host, a.cfg.BaseURL.Host) ||
		a.cache.Awaits(r) || !l.Crowded() {
		return out, false
	}
	a.refusal.once.Do(a.prepareRefusal)
	out = append(append(append(out, a.refusal.head...), own...), "Retry-After: "...)
	out = append(strconv.AppendInt(out, int64(lane.Again()), 10), "\r\nDate: "...)
	out = append(time.Now().UTC().AppendFormat(out, http.TimeFormat), "\r\n\r\n"...)
	if r.Method == http.MethodHead {
		return out, true
	}
	return append(out, a.refusal.body...), true
}

// prepareRefusal writes down what the layers answer.
func (a *App) prepareRefusal() {
	h := http.Header{}
	w := written{header: h}
	a.commonHeaders(http.HandlerFunc(a.lanes.readers.Turn)).ServeHTTP(&w, nil)
	h.Del("Retry-After")
	h.Set("Content-Length", strconv.Itoa(len(w.body)))
	var head strings.Builder
	head.WriteString("HTTP/1.1 " + strconv.Itoa(w.status) + " " + http.StatusText(w.status) + "\r\n")
	_ = h.Write(&head) // a strings.Builder takes everything
	a.refusal.head, a.refusal.body = []byte(head.String()), w.body
}

// written is an answer that is only written down.
type written struct {
	header http.Header
	status int
	body   []byte
}

func (w *written) Header() http.Header { return w.header }

func (w *written) WriteHeader(status int) { w.status = status }

func (w *written) Write(b []byte) (int, error) {
	w.body = append(w.body, b...)
	return len(b), nil
}
