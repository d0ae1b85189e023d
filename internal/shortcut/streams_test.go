package shortcut

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// stage is a server that tells what it understood of each request, once as it is and once with the shortcut before it, which has the answers of
// addresses under /ready ready.
type stage struct {
	testing.TB
	plain, short string // addresses
	answered     atomic.Int64
}

func newStage(t testing.TB, change ...func(*http.Server)) *stage {
	s := &stage{TB: t}
	s.plain = s.serve(func(ln net.Listener) net.Listener { return ln }, change)
	s.short = s.serve(func(ln net.Listener) net.Listener {
		return Listen(ln, Options{Answer: s.answer, Headers: []string{"Accept-Encoding", "User-Agent"}, Header: 200 * time.Millisecond, Idle: time.Minute, Write: time.Minute})
	}, change)
	return s
}

func (s *stage) serve(over func(net.Listener) net.Listener, change []func(*http.Server)) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the test
	if err != nil {
		s.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(tell), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	for _, f := range change {
		f(srv)
	}
	done := make(chan struct{})
	go func() { defer close(done); srv.Serve(over(ln)) }() //nolint:errcheck // it ends when it is closed
	s.Cleanup(func() { srv.Close(); <-done })              //nolint:errcheck // it was only read
	return ln.Addr().String()
}

// understood is what an answer says of a request.
func understood(r *http.Request, body []byte) string {
	return fmt.Sprintf("%s %q %q of %q, takes %q, is %q, brings %q\n", r.Method, r.URL.Path, r.URL.RawQuery, r.Host, r.Header["Accept-Encoding"], r.Header["User-Agent"], body)
}

func tell(w http.ResponseWriter, r *http.Request) {
	var body []byte
	if r.URL.Path != "/hasty" { // answers before it has read what the request brings
		body, _ = io.ReadAll(r.Body)
	}
	if r.URL.Path == "/slow" {
		<-time.After(10 * time.Millisecond)
	}
	text := understood(r, body)
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Content-Length", fmt.Sprint(len(text)))
	io.WriteString(w, text) //nolint:errcheck // whoever asked notices
}

// ready says which requests the shortcut has answers for.
func ready(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/ready") }

func (s *stage) answer(out []byte, r *http.Request) ([]byte, bool) {
	if !ready(r) {
		return out, false
	}
	s.answered.Add(1)
	text := understood(r, nil)
	out = fmt.Appendf(out, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: text/plain\r\nDate: now\r\n\r\n", len(text))
	if r.Method == http.MethodHead {
		return out, true
	}
	return append(out, text...), true
}

var dates = regexp.MustCompile(`(?m)^Date: .*$`)

// talk sends parts, one after the other, says that no more will come and gives all that was answered.
func (s *stage) talk(at string, parts [][]byte) string {
	s.Helper()
	c, err := net.Dial("tcp", at) //nolint:noctx // it ends with the test
	if err != nil {
		s.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // nothing is lost
	var all bytes.Buffer
	read := make(chan struct{})
	go func() { defer close(read); io.Copy(&all, c) }() //nolint:errcheck // a server that breaks off is one of the cases
	for _, p := range parts {
		if _, err := c.Write(p); err != nil {
			break // the server has broken off
		}
		if len(parts) > 1 {
			<-time.After(2 * time.Millisecond) // so that they arrive apart, mostly
		}
	}
	c.(*net.TCPConn).CloseWrite() //nolint:errcheck // as above
	<-read
	return dates.ReplaceAllString(all.String(), "Date: now")
}

// same fails unless both servers answer the same to a stream.
func (s *stage) same(parts ...[]byte) {
	s.Helper()
	if want, got := s.talk(s.plain, parts), s.talk(s.short, parts); got != want {
		s.Errorf("%q\nis answered\n%s\nwithout the shortcut\n%s", bytes.Join(parts, []byte(" | ")), got, want)
	}
}

// sound is how many of lines leave a connection standing; they come first.
const sound = 8

// lines are requests of all kinds. A stream is made of some of them.
var lines = []string{
	"GET /ready HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /ready/b?c=%20d HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip, br\r\nUser-Agent:  x \t\r\nConnection: Keep-Alive\r\n\r\n",
	"HEAD /ready HTTP/1.1\r\nhost: a\r\naccept-encoding:gzip\r\n\r\n",
	"GET /else HTTP/1.1\r\nHost: a\r\n\r\n",
	"HEAD /else HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST /else HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
	"POST /ready HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
	"POST /hasty HTTP/1.1\r\nHost: a\r\nContent-Length: 36\r\n\r\nGET /ready HTTP/1.1\r\nHost: body\r\n\r\n..",
	"POST /else HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n24\r\nGET /ready HTTP/1.1\r\nHost: body\r\n\r\n..\r\n0\r\n\r\n",
	"POST /else HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"POST /else HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nhello",
	"POST /else HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello",
	"POST /else HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
	"GET /ready HTTP/1.1\r\nHost: a\r\nContent-Length: 36\r\n\r\nGET /ready HTTP/1.1\r\nHost: body\r\n\r\n..",
	"GET /ready HTTP/1.1\nHost: a\n\nPOST /else HTTP/1.1\nHost: a\nContent-Length: 36\r\n\r\nGET /ready HTTP/1.1\r\nHost: body\r\n\r\n..",
	"GET /else HTTP/1.1\r\nHost: a\r\nX: y\n\nPOST /else HTTP/1.1\r\nHost: a\r\nContent-Length: 36\r\n\r\nGET /ready HTTP/1.1\r\nHost: body\r\n\r\n..",
	"GET /ready HTTP/1.0\r\nHost: a\r\n\r\n",
	"GET /ready HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
	"GET /ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
	"GET /ready HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
	"GET /ready HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	"GET /ready HTTP/1.1\r\n\r\n",
	"GET /ready HTTP/1.1\r\nHost : a\r\n\r\n",
	"GET /ready HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
	"GET /ready HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
	"GET /ready HTTP/1.1\r\nHost: a\r\nX: ä\r\n\r\n",
	"GET /ready HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n",
	"GET /ready HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
	"GET /ready HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nAccept-Encoding: br\r\n\r\n",
	"GET  /ready HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /ready  HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /ready#x HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /ready?x#y HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /ready? HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /%72eady HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /ready%2fx HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /ready/../else HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET //ready HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /ready\\x HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET http://b/ready HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET ready HTTP/1.1\r\nHost: a\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
	"get /ready HTTP/1.1\r\nHost: a\r\n\r\n",
	"PUT /ready HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
	"GET /ready HTTP/1.1\r\nHost: a\r\nExpect: much\r\n\r\n",
	"XGET /ready HTTP/1.1\r\nHost: a\r\n\r\n",
	"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	"\r\n", "\r\n\r\n", "x",
	"GET /ready HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("y", 5000) + "\r\n\r\n",
	"GET /ready HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("y", 60) + "\r\n\r\n",
}

// TestEachRequestIsAnsweredAsWithoutIt sends each kind of request alone, twice, between ready ones, and cut at each place.
func TestEachRequestIsAnsweredAsWithoutIt(t *testing.T) {
	s := newStage(t)
	for _, l := range lines {
		s.same([]byte(l))
		s.same([]byte(l + lines[0]))
		s.same([]byte(lines[0]+l), []byte(lines[0]))
		s.same([]byte("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"), []byte(l)) // which comes while the server answers, and looks whether the reader is there
		if len(l) < 200 {
			for i := 0; i < len(l); i += 7 {
				s.same([]byte(l[:i]), []byte(l[i:]+lines[0]))
			}
		}
	}
	if s.answered.Load() < 50 {
		t.Errorf("only %d requests were answered by the shortcut", s.answered.Load())
	}
}

// TestStreamsAreAnsweredAsWithoutIt sends streams of requests that are drawn at random, in pieces that are.
func TestStreamsAreAnsweredAsWithoutIt(t *testing.T) {
	s := newStage(t)
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // the same each time
		var parts [][]byte
		for range 1 + r.IntN(6) {
			var b []byte
			for range 1 + r.IntN(2) {
				of := sound
				if r.IntN(4) == 0 {
					of = len(lines)
				}
				b = append(b, lines[r.IntN(of)]...)
			}
			if r.IntN(8) == 0 {
				b[r.IntN(len(b))] = "\r\n :\x00a5"[r.IntN(7)]
			}
			if at := r.IntN(2 * len(b)); at < len(b) {
				parts = append(parts, b[:at], b[at:])
			} else {
				parts = append(parts, b)
			}
		}
		if s.same(parts...); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if s.answered.Load() < 100 {
		t.Errorf("only %d requests were answered by the shortcut", s.answered.Load())
	}
}

// FuzzHead holds that the strict form is a part of what net/http reads, and is read alike.
func FuzzHead(f *testing.F) {
	for _, l := range lines {
		f.Add([]byte(l))
	}
	f.Fuzz(holdsHead)
}
