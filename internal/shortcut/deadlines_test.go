package shortcut

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func (s *stage) dial() (net.Conn, *bufio.Reader) {
	s.Helper()
	c, err := net.Dial("tcp", s.short) //nolint:noctx // it ends with the test
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { c.Close() }) //nolint:errcheck // nothing is lost
	return c, bufio.NewReader(c)
}

// asks sends a request in parts, with a pause between, and wants it answered.
func (s *stage) asks(c net.Conn, in *bufio.Reader, pause time.Duration, parts ...string) {
	s.Helper()
	for i, p := range parts {
		if i > 0 {
			<-time.After(pause)
		}
		if _, err := io.WriteString(c, p); err != nil {
			s.Fatal(err)
		}
	}
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		s.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		s.Fatal(resp.Status, err)
	}
}

const (
	asksReady = "GET /ready HTTP/1.1\r\nHost: a\r\n\r\n"
	asksElse  = "GET /else HTTP/1.1\r\nHost: a\r\n\r\n"
	sendsHead = "POST /else HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
)

// TestTimeOfAnswersIsNotTheServers: what the server allows for a request begins when the server gets it, however long the connection was answered
// by the shortcut before.
func TestTimeOfAnswersIsNotTheServers(t *testing.T) {
	s := newStage(t, func(srv *http.Server) {
		srv.ReadHeaderTimeout, srv.ReadTimeout, srv.WriteTimeout, srv.IdleTimeout = 300*time.Millisecond, 600*time.Millisecond, 600*time.Millisecond, time.Minute
	})
	for _, first := range []bool{true, false} {
		c, in := s.dial()
		if !first {
			s.asks(c, in, 0, asksElse)
		}
		for began := time.Now(); time.Since(began) < time.Second; {
			s.asks(c, in, 0, asksReady)
			<-time.After(20 * time.Millisecond)
		}
		s.asks(c, in, 100*time.Millisecond, sendsHead, "he", "llo")
		s.asks(c, in, 0, asksReady)
		s.asks(c, in, 0, asksElse)
		<-time.After(time.Second) // no request under way has a deadline now
		s.asks(c, in, 0, asksReady)
	}
}

// TestAHeadThatComesSlowlyEndsTheConnection, also where earlier requests were answered by the shortcut.
func TestAHeadThatComesSlowlyEndsTheConnection(t *testing.T) {
	s := newStage(t, func(srv *http.Server) { srv.ReadHeaderTimeout, srv.IdleTimeout = 200*time.Millisecond, time.Minute })
	for _, before := range [][]string{nil, {asksReady}, {asksElse}, {asksElse, asksReady}, {asksReady, asksElse}} {
		c, in := s.dial()
		for _, b := range before {
			s.asks(c, in, 0, b)
		}
		for i := range 200 {
			if _, err := io.WriteString(c, asksReady[i%2:i%2+1]); err != nil {
				break
			}
			<-time.After(20 * time.Millisecond)
			if i == 199 {
				t.Errorf("after %q a head may take for ever", before)
			}
		}
	}
}

// TestAReaderWhoTakesNothingEndsTheConnection: an answer that isn't taken in time is given up.
func TestAReaderWhoTakesNothingEndsTheConnection(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the test
	if err != nil {
		t.Fatal(err)
	}
	large := []byte("HTTP/1.1 200 OK\r\nContent-Length: 16777216\r\n\r\n" + strings.Repeat("x", 16<<20))
	over := Listen(ln, Options{Answer: func(out []byte, _ *http.Request) ([]byte, bool) { return append(out, large...), true }, Idle: time.Minute, Write: 100 * time.Millisecond})
	client, err := net.Dial("tcp", ln.Addr().String()) //nolint:noctx // as above
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close() //nolint:errcheck // nothing is lost
	c, err := over.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(client, asksReady); err != nil {
		t.Fatal(err)
	}
	var late net.Error
	if n, err := c.Read(make([]byte, 4096)); n != 0 || !errors.As(err, &late) || !late.Timeout() {
		t.Errorf("read %d, %v", n, err)
	}
}

// TestAnAnswerAllocatesLittle: one text of the head, of which everything that is read of it is a part.
func TestAnAnswerAllocatesLittle(t *testing.T) {
	c := &conn{Conn: quiet{}, o: &Options{Headers: []string{"Accept-Encoding"}, Idle: time.Minute, Write: time.Minute, Answer: func(out []byte, _ *http.Request) ([]byte, bool) {
		return append(out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"...), true
	}}}
	p := []byte("GET /ready HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nUser-Agent: x\r\n\r\n")
	now := time.Now()
	if n := testing.AllocsPerRun(1000, func() {
		if left, err := c.answer(p, now); left != 0 || err != nil {
			t.Fatal(left, err)
		}
	}); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

// quiet is a connection that takes everything and has no clock.
type quiet struct{ net.Conn }

func (quiet) Write(p []byte) (int, error)      { return len(p), nil }
func (quiet) SetWriteDeadline(time.Time) error { return nil }
