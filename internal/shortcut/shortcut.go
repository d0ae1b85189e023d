// Package shortcut answers requests whose whole answer lies ready before net/http sees them: it stands between a connection and the server
// that reads from it, looks at each request where the server would wait for the next one, and writes the answer by itself. The server spends
// most of a ready answer's time on what such an answer doesn't need: a goroutine that watches for the reader's going away, four deadlines, two
// buffers, a header map.
//
// It answers only what it understands without doubt: a GET or HEAD of HTTP/1.1 in strict form, whole in one piece, without a body. All else
// goes to the server unchanged, byte by byte in order, and so does the whole rest of a connection on which a request was not in strict form:
// where one request ends and the next begins is never a guess, or a body could be taken for a request.
//
// It must never know what an answer is about, and never give one that the server behind it would not give.
package shortcut

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// Answer appends to out the whole answer to a request, status line, headers and body. !ok: there is none ready, and out is as it was. Of the
// request it may use the method, host, address and the headers that Options name; it must not keep it.
type Answer func(out []byte, r *http.Request) (whole []byte, ok bool)

// Options are what connections are watched with. All are required.
type Options struct {
	Answer Answer
	// Headers are the names, in canonical form, of the headers that Answer reads.
	Headers []string
	// Header, Idle and Write are the server's limits: for the head of a request, between requests, and for an answer.
	Header, Idle, Write time.Duration
}

// Listen gives the connections of ln, on which ready answers are given. Their server must speak HTTP/1 without TLS, and read no further than
// the request at hand, as net/http's does.
func Listen(ln net.Listener, o Options) net.Listener { return &listener{ln, o} }

type listener struct {
	net.Listener
	o Options
}

// Accept waits for the next connection.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, o: &l.o}, nil
}

// conn is a connection. The server reads from one goroutine at a time and takes care of the order between them.
type conn struct {
	net.Conn
	o *Options

	// passing: what is left of the connection is the server's alone.
	passing bool
	// served: the server has had a request.
	served bool
	// body is what is left of the body of the request at hand.
	body int64
	// late is by how much the deadline that the server counts from the connection's beginning is moved: as long as it was kept from reading.
	late time.Duration
	// writeBy is the deadline of writes, as far as it is known; zero: none.
	writeBy time.Time
	head    head
}

// least is room for a request. The server asks for less only to hear whether the reader is still there.
const least = 1024

// again is how often deadlines are set anew at most: setting one costs more than looking at the clock.
const again = 5 * time.Second

// Read gives the server what it must answer itself.
func (c *conn) Read(p []byte) (int, error) {
	switch {
	case c.passing:
		return c.Conn.Read(p)
	case c.body > 0:
		n, err := c.Conn.Read(p[:min(int64(len(p)), c.body)])
		c.body -= int64(n)
		return n, err
	case len(p) < least:
		n, err := c.Conn.Read(p)
		c.passing = n > 0 // the reader didn't wait for the answer
		return n, err
	}
	began, extended := time.Now(), time.Time{} // zero: nothing was answered yet
	for {
		n, err := c.Conn.Read(p)
		if err != nil {
			return n, err
		}
		now := time.Now()
		left, err := c.answer(p[:n], now)
		if err != nil {
			return 0, err
		}
		if left > 0 {
			if !c.served && !extended.IsZero() {
				c.late = now.Sub(began)
			}
			return left, c.deliver(p[:left], now)
		}
		if now.Sub(extended) > again {
			if err := c.Conn.SetReadDeadline(now.Add(c.o.Idle)); err != nil {
				return 0, err
			}
			extended = now
		}
	}
}

// answer answers the requests that p begins with, as far as their answers are ready. The rest moves to the beginning of p.
func (c *conn) answer(p []byte, now time.Time) (left int, err error) {
	for rest := p; ; {
		if len(rest) == 0 {
			return 0, nil
		}
		c.head.read(rest, c.o.Headers)
		if !c.head.answerable {
			return copy(p, rest), nil
		}
		ok, err := c.write(now)
		if err != nil {
			return 0, err
		}
		if !ok {
			return copy(p, rest), nil
		}
		rest = rest[c.head.size:]
	}
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// write writes the answer to the request at hand, if it is ready.
func (c *conn) write(now time.Time) (ok bool, err error) {
	b := buffers.Get().(*[]byte)
	defer buffers.Put(b)
	if *b, ok = c.o.Answer((*b)[:0], &c.head.request); !ok {
		return false, nil
	}
	if c.writeBy.Sub(now) < c.o.Write-again {
		if err := c.SetWriteDeadline(now.Add(c.o.Write)); err != nil {
			return false, err
		}
	}
	_, err = c.Conn.Write(*b)
	return err == nil, err
}

// deliver notes what the server gets: the one request at hand with the beginning of its body, or whatever comes from now on.
func (c *conn) deliver(p []byte, now time.Time) error {
	c.served = true
	h := &c.head
	if h.size == 0 || int64(len(p)-h.size) > h.length {
		c.passing = true
	} else {
		c.body = h.length - int64(len(p)-h.size)
	}
	if h.size == 0 && c.late > 0 { // the head isn't whole, or the server doesn't take it: the time for it begins now
		return c.Conn.SetReadDeadline(now.Add(c.o.Header))
	}
	return nil
}

// SetReadDeadline moves the deadline that the server counts from the connection's beginning.
func (c *conn) SetReadDeadline(t time.Time) error {
	if c.late > 0 && t.After(time.Unix(1, 0)) { // that one the server uses to break off a read
		t, c.late = t.Add(c.late), 0
	}
	return c.Conn.SetReadDeadline(t)
}

// SetWriteDeadline sets the deadline and remembers it.
func (c *conn) SetWriteDeadline(t time.Time) error {
	c.writeBy = t
	return c.Conn.SetWriteDeadline(t)
}
