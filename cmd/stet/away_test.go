package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/pgtest"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// away is how long the database is away in TestDatabaseStops; STET_AWAY may say more.
const away = 4 * time.Second

// Promises for when the database has gone and comes back, and for changes that nobody is told of.
const (
	backWithin  = 2 * time.Second
	heardWithin = 30 * time.Second
)

// answers counts what was answered to one kind of request.
type answers struct {
	mu    sync.Mutex
	n     map[int]int
	first map[int]string
}

func (a *answers) add(status int, body string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.n == nil {
		a.n, a.first = map[int]int{}, map[int]string{}
	}
	if a.n[status]++; a.n[status] == 1 {
		a.first[status] = body
	}
}

// asking asks for a path again and again until the function it returns is called.
func asking(t testing.TB, of string) (*answers, func()) {
	var out answers
	var done atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c := &http.Client{Timeout: 20 * time.Second}
		for !done.Load() {
			resp, err := c.Get(of)
			if err != nil {
				t.Error(err)
				return
			}
			b, err := io.ReadAll(resp.Body)
			if resp.Body.Close(); err != nil {
				t.Error(err)
			}
			out.add(resp.StatusCode, string(b))
		}
	}()
	return &out, func() { done.Store(true); <-ended }
}

// TestDatabaseStops stops Postgres under load. Pages that are kept go on being answered, everything else is told to come back, nobody sees a fault,
// and soon after Postgres takes connections again all is as before.
func TestDatabaseStops(t *testing.T) {
	h := &house{TB: t}
	path := h.build()
	d := away
	if s := os.Getenv("STET_AWAY"); s != "" {
		var err error
		d, err = time.ParseDuration(s)
		h.must(err)
	}
	status := func(path string) int {
		resp, err := http.Get(h.url + path)
		h.must(err)
		resp.Body.Close()
		return resp.StatusCode
	}
	for _, at := range []string{path, "/"} {
		for range 2 {
			if got := status(at); got != http.StatusOK {
				t.Fatalf("%s answered %d", at, got)
			}
		}
	}
	h.must(h.cluster.Stop())
	kept, endKept := asking(t, h.url+path)
	front, endFront := asking(t, h.url+"/")
	other, endOther := asking(t, h.url+"/search?q=blows")
	missing, endMissing := asking(t, h.url+path+"history")
	<-time.After(d)
	for _, end := range []func(){endKept, endFront, endOther, endMissing} {
		end()
	}
	for name, a := range map[string]*answers{"the article": kept, "the front": front} {
		if len(a.n) != 1 || a.n[http.StatusOK] == 0 {
			t.Errorf("%s, which was kept, is answered %v", name, a.n)
		}
	}
	for name, a := range map[string]*answers{"a search": other, "a page that wasn't kept": missing} {
		if len(a.n) != 1 || a.n[http.StatusServiceUnavailable] == 0 {
			t.Errorf("%s is answered %v", name, a.n)
		}
	}
	h.must(h.cluster.Start(t.Context()))
	began := time.Now()
	for status("/search?q=blows") != http.StatusOK || status(path+"history") != http.StatusOK {
		if time.Since(began) > 10*backWithin {
			break
		}
	}
	took := time.Since(began)
	if took > backWithin {
		t.Errorf("%v after Postgres took connections again pages are answered, want %v", took, backWithin)
	}
	t.Logf("away for %v: article %v, front %v, search %v, other page %v; back after %v", d, kept.n, front.n, other.n, missing.n, took.Round(time.Millisecond))
}

// TestListeningIsCutSilently holds up the one connection on which changes are heard of, without a word to either end. Readers see a change all the
// same, before the promised time is over.
func TestListeningIsCutSilently(t *testing.T) {
	h := &house{TB: t}
	path := h.build()
	proxy := h.proxied()
	db := pgtest.Pool(t, h.cluster.URL(postgres.App, "stet"), postgres.Options{})
	store := article.New(db, utc{})
	var id int64
	h.must(db.QueryRow(t.Context(), `SELECT min(id) FROM articles`).Scan(&id))
	version := func() int {
		text, err := getFrom(t.Context(), h.host(), h.host(), path)
		h.must(err)
		return versionOf(text)
	}
	appears := func(within time.Duration) time.Duration {
		out, err := store.Append(t.Context(), staff.System(), id, article.NoticeIn{Kind: article.Update, Notice: "<p>It still blows.</p>"})
		h.must(err)
		began := time.Now()
		for version() < out.Number {
			if time.Since(began) > within {
				t.Fatalf("a change isn't seen within %v", within)
			}
			<-time.After(5 * time.Millisecond)
		}
		return time.Since(began)
	}
	version()
	t.Logf("a change is seen after %v", appears(time.Second).Round(time.Millisecond))
	version()
	proxy.frozen.Store(true)
	took := appears(heardWithin)
	t.Logf("with the connection cut silently a change is seen after %v", took.Round(10*time.Millisecond))
	proxy.frozen.Store(false)
}

func (h *house) host() string {
	u, err := url.Parse(h.url)
	h.must(err)
	return u.Host
}

// relay stands between the program and Postgres.
type relay struct {
	frozen atomic.Bool // what goes over connections that listen is held up
}

// proxied starts the program anew with a relay before its Postgres.
func (h *house) proxied() *relay {
	dir := pgtest.Folder(h)
	u, err := url.Parse(h.cluster.URL(postgres.App, "stet"))
	h.must(err)
	q := u.Query()
	to := filepath.Join(q.Get("host"), ".s.PGSQL."+q.Get("port"))
	ln, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL."+q.Get("port")))
	h.must(err)
	h.Cleanup(func() { ln.Close() })
	var r relay
	go func() {
		for {
			from, err := ln.Accept()
			if err != nil {
				return
			}
			go r.carry(from, to)
		}
	}()
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	h.program.stop(syscall.SIGTERM)
	h.env = append(h.env, "STET_DATABASE_URL="+u.String())
	h.start()
	return &r
}

// carry carries bytes both ways until either end closes.
func (r *relay) carry(from net.Conn, address string) {
	defer from.Close()
	to, err := net.Dial("unix", address)
	if err != nil {
		return
	}
	defer to.Close()
	var listens atomic.Bool
	copying := func(dst, src net.Conn) {
		defer dst.Close()
		b := make([]byte, 32<<10)
		for {
			n, err := src.Read(b)
			if bytes.Contains(b[:n], []byte("stet listen")) { // as the start of such a connection says
				listens.Store(true)
			}
			for listens.Load() && r.frozen.Load() {
				time.Sleep(time.Millisecond)
			}
			if n > 0 {
				if _, err := dst.Write(b[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}
	go copying(from, to)
	copying(to, from)
}
