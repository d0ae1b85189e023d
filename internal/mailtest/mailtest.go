// Package mailtest gives tests a real mail server on this machine that keeps what it is sent: the program named by STET_MAILPIT where that is
// set, as "make test" does, else a small server of its own. The same tests run over either.
//
// It is for tests only.
package mailtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Server is a mail server that belongs to one test.
type Server struct {
	t    testing.TB
	smtp string
	read func() ([]string, error)
}

const patience = 30 * time.Second

// New starts a server that stops with t.
func New(t testing.TB) *Server {
	t.Helper()
	s := Away(t)
	s.Start()
	return s
}

// Away is a server that hasn't started yet: its address refuses connections.
func Away(t testing.TB) *Server {
	t.Helper()
	return &Server{t: t, smtp: free(t), read: func() ([]string, error) { return nil, nil }}
}

// free is an address on which nobody listens.
func free(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close() //nolint:errcheck // it was only asked for its address
	return ln.Addr().String()
}

// URL is what STET_SMTP_URL would be.
func (s *Server) URL() *url.URL { return &url.URL{Scheme: "smtp", Host: s.smtp} }

// Start starts the server.
func (s *Server) Start() {
	s.t.Helper()
	binary := os.Getenv("STET_MAILPIT")
	if binary == "" {
		own := newOwn(s.t, s.smtp)
		s.read = own.messages
		return
	}
	web := free(s.t)
	cmd := exec.Command(binary, "--smtp", s.smtp, "--listen", web, "--database", filepath.Join(s.t.TempDir(), "mail.db"), "--disable-version-check", "--quiet")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it ends as it was told to
	})
	s.read = func() ([]string, error) { return mailpit(web) }
	for _, address := range []string{s.smtp, web} {
		s.until("the mail server to answer", func() bool {
			conn, err := net.Dial("tcp", address)
			if err == nil {
				_ = conn.Close()
			}
			return err == nil
		})
	}
}

// until waits for a condition.
func (s *Server) until(what string, holds func() bool) {
	s.t.Helper()
	late := time.After(patience)
	for !holds() {
		select {
		case <-late:
			s.t.Fatalf("waited in vain for %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// All are the messages that came so far, in the order in which they came.
func (s *Server) All() []Message {
	s.t.Helper()
	raw, err := s.read()
	if err != nil {
		s.t.Fatal(err)
	}
	out := make([]Message, len(raw))
	for i := range raw {
		out[i] = parse(s.t, raw[i])
	}
	return out
}

// Wait waits until n messages have come and gives them; more than n is a fault.
func (s *Server) Wait(n int) []Message {
	s.t.Helper()
	var got []Message
	s.until(fmt.Sprintf("%d messages", n), func() bool { got = s.All(); return len(got) >= n })
	if len(got) > n {
		s.t.Fatalf("%d messages came, want %d", len(got), n)
	}
	return got
}

// mailpit asks Mailpit for all that it keeps, the oldest first.
func mailpit(at string) ([]string, error) {
	var list struct {
		Messages []struct{ ID string }
	}
	body, err := get("http://" + at + "/api/v1/messages?limit=500")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, err
	}
	out := make([]string, len(list.Messages))
	for i, m := range list.Messages {
		raw, err := get("http://" + at + "/api/v1/message/" + m.ID + "/raw")
		if err != nil {
			return nil, err
		}
		out[len(out)-1-i] = string(raw)
	}
	return out, nil
}

func get(address string) ([]byte, error) {
	client := http.Client{Timeout: patience}
	res, err := client.Get(address)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // it was read
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, res.Status)
	}
	return io.ReadAll(res.Body)
}
