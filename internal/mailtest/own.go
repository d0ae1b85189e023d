package mailtest

import (
	"bufio"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
)

// own is a mail server that knows just enough to be sent something. It refuses for good what is for refused@ and for now what is for busy@.
type own struct {
	mu   sync.Mutex
	came []string
}

// Refusing starts a server that refuses some recipients: refused@ for good, busy@ for now, naming them in its answer as servers do.
func Refusing(t testing.TB) *Server {
	t.Helper()
	s := Away(t)
	s.read = newOwn(t, s.smtp).messages
	return s
}

func newOwn(t testing.TB, at string) *own {
	t.Helper()
	ln, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	o := &own{}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return // the test is over
			}
			wg.Go(func() { o.talk(conn) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		wg.Wait()
	})
	return o
}

func (o *own) messages() ([]string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.came...), nil
}

// talk answers one client until it goes.
func (o *own) talk(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // nobody is left to hear of it
	c := textproto.NewConn(conn)
	say := func(line string) { _ = c.PrintfLine("%s", line) }
	say("220 a mail server of tests")
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			say("250-here")
			say("250 8BITMIME")
		case "RCPT":
			say(answer(rest))
		case "DATA":
			say("354 go on")
			body, err := bufio.NewReader(c.DotReader()).ReadString(0)
			if err == nil {
				return // a NUL, which no mail holds
			}
			o.mu.Lock()
			o.came = append(o.came, body)
			o.mu.Unlock()
			say("250 kept")
		case "QUIT":
			say("221 gone")
			return
		default:
			say("250 well")
		}
	}
}

// answer is what the server says to a recipient.
func answer(to string) string {
	switch {
	case strings.Contains(to, "<refused@"):
		return "550 5.1.1 " + to + ": nobody of that name"
	case strings.Contains(to, "<busy@"):
		return "451 4.7.1 " + to + ": come back later"
	}
	return "250 well"
}
