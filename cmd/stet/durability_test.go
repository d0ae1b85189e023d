package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/article"
	"stet/internal/pglocal"
	"stet/internal/pgtest"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// What the test of durability does: clients post comments while the program is killed five times and Postgres twice. STET_DURABILITY is the
// number of comments; one that is short enough for every run is posted otherwise.
const (
	durabilityClients  = 64
	durabilityComments = 1500
	durabilityPatience = 5 * time.Minute
)

// kills are who is killed, each after one more eighth of the comments was taken in.
var kills = []string{"stet", "postgres", "stet", "stet", "postgres", "stet", "stet"}

// house is the program and its Postgres, each of which may be killed and started again.
type house struct {
	testing.TB
	cluster *pglocal.Cluster
	env     []string
	url     string
	program *process
}

// TestNothingAcknowledgedDisappears posts comments from 64 networks at once, with all limits on and a Postgres that waits for its disk, while the
// program is killed with -9 five times and Postgres twice. A client sends each comment again until it is answered with a receipt. At the end
// every comment that got one is stored exactly once, under that receipt, and none is stored twice.
func TestNothingAcknowledgedDisappears(t *testing.T) {
	h := &house{TB: t}
	address := h.build()
	n := durabilityComments
	if s := os.Getenv("STET_DURABILITY"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), durabilityPatience)
	defer cancel()
	began := time.Now()
	m := &mailing{ctx: ctx, to: h.url + address + "comments", left: make(chan int, n), receipts: make([]string, n)}
	for i := range n {
		m.left <- i
	}
	close(m.left)
	var clients sync.WaitGroup
	for i := range durabilityClients {
		clients.Go(func() { m.client(i) })
	}
	for i, who := range kills {
		if !m.reaches((i + 1) * n / (len(kills) + 1)) {
			t.Fatalf("only %d of %d comments were taken in: %v", m.done.Load(), n, context.Cause(ctx))
		}
		h.kill(who)
	}
	clients.Wait()
	if got := int(m.done.Load()); got != n {
		t.Fatalf("only %d of %d comments were taken in", got, n)
	}
	t.Logf("%d comments by %d clients in %.1f s, through %d kills: %d answers were refusals or none at all and asked again",
		n, durabilityClients, time.Since(began).Seconds(), len(kills), m.again.Load())
	h.check(m)
}

// build starts a Postgres of its own, which syncs to its disk, and the program over it, with one public article, whose address it gives.
func (h *house) build() string {
	dir := pgtest.Folder(h)
	var err error
	if h.cluster, err = pglocal.Open(filepath.Join(dir, "pg"), pglocal.Options{}); err != nil {
		h.Fatal(err)
	}
	h.must(h.cluster.Start(h.Context()))
	h.Cleanup(func() {
		if err := h.cluster.Stop(); err != nil {
			h.Error(err)
		}
	})
	h.must(postgres.Provision(h.Context(), h.cluster.URL(pglocal.Superuser, "postgres"), "stet", postgres.Passwords{}))
	_, err = postgres.Migrate(h.Context(), h.cluster.URL(postgres.Owner, "stet"), postgres.Up, false)
	h.must(err)
	path := h.article()
	at := freePort(h.TB)
	h.url = "http://" + at
	h.env = []string{"STET_DATABASE_URL=" + h.cluster.URL(postgres.App, "stet"), "STET_SECRET=" + strings.Repeat("s", 32), "STET_LISTEN=" + at,
		"STET_BASE_URL=" + h.url, "STET_DATA=" + dir, "STET_TRUSTED_PROXIES=127.0.0.1/32"}
	h.start()
	return path
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// article publishes one, and opens the limits as far as a newsroom may: each client is one network, and writes more than a person would.
func (h *house) article() string {
	db := pgtest.Pool(h, h.cluster.URL(postgres.App, "stet"), postgres.Options{})
	store := article.New(db, utc{})
	id, err := store.Create(h.Context(), staff.System(), article.KindArticle, "")
	h.must(err)
	saved, err := store.Save(h.Context(), staff.System(), id, article.SaveIn{Draft: article.Draft{Headline: "A storm", Body: "<p>It blows.</p>"}, Base: 1})
	h.must(err)
	out, err := store.Publish(h.Context(), staff.System(), id, article.PublishIn{Revision: saved.Number})
	h.must(err)
	_, err = db.Exec(h.Context(), `UPDATE settings SET comments_per_email = 1000, comments_per_address = 1000, storm_newcomers = 100`)
	h.must(err)
	return out.Path
}

func (h *house) start() {
	h.program = start(h.TB, h.env, "serve")
	h.program.answers(h.TB, h.url+"/readyz", http.StatusOK, 30*time.Second)
}

// kill ends one of the two with -9 and starts it again.
func (h *house) kill(who string) {
	if who == "stet" {
		h.program.stop(syscall.SIGKILL)
		h.start()
		return
	}
	b, err := os.ReadFile(filepath.Join(h.cluster.Dir(), "data", "postmaster.pid"))
	h.must(err)
	line, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(line)
	h.must(err)
	gone := h.cluster.Gone()
	h.must(syscall.Kill(pid, syscall.SIGKILL))
	<-gone
	h.must(h.cluster.Stop())
	h.must(h.cluster.Start(h.Context()))
}

// check compares what is stored with the receipts that were given.
func (h *house) check(m *mailing) {
	db := pgtest.Pool(h, h.cluster.URL(postgres.Owner, "stet"), postgres.Options{})
	var stored, texts, threads int
	h.must(db.QueryRow(h.Context(), `SELECT count(*), count(DISTINCT t.body) FROM comments c JOIN comment_texts t ON t.id = c.pending_text`).Scan(&stored, &texts))
	h.must(db.QueryRow(h.Context(), `SELECT count(*) FROM comment_texts`).Scan(&threads))
	if stored != len(m.receipts) || texts != stored || threads != stored {
		h.Errorf("%d comments, %d different ones and %d texts are stored for %d that were taken in", stored, texts, threads, len(m.receipts))
	}
	for i, receipt := range m.receipts {
		h.find(db, i, receipt)
	}
}

func (h *house) find(db *pgxpool.Pool, i int, receipt string) {
	h.Helper()
	hash := sha256.Sum256([]byte(strings.TrimPrefix(receipt, "/comments/")))
	var body string
	err := db.QueryRow(h.Context(), `SELECT t.body FROM comments c JOIN comment_texts t ON t.id = c.pending_text WHERE c.token_hash = $1`, hash[:]).Scan(&body)
	if err != nil || body != said(i) {
		h.Errorf("the receipt of comment %d is of %q, %v", i, body, err)
	}
}

func said(i int) string {
	return fmt.Sprintf("The wind was at its worst in hour %d of it, as the keeper wrote.", i)
}

// mailing is what the clients have to post, and the receipts they got.
type mailing struct {
	ctx         context.Context
	to          string
	left        chan int
	receipts    []string
	done, again atomic.Int64
}

// reaches waits until so many were taken in, or the time is over.
func (m *mailing) reaches(n int) bool {
	for int(m.done.Load()) < n {
		select {
		case <-m.ctx.Done():
			return false
		case <-time.After(time.Millisecond):
		}
	}
	return true
}

// client posts comments from a network of its own, each until it has a receipt. Connections break and are opened anew, as a browser's.
func (m *mailing) client(i int) {
	c := client()
	defer c.CloseIdleConnections()
	for n := range m.left {
		for {
			receipt, err := m.post(c, i, n)
			if err == nil {
				m.receipts[n] = receipt
				m.done.Add(1)
				break
			}
			m.again.Add(1)
			select {
			case <-m.ctx.Done():
				return
			case <-time.After(time.Duration(10+rand.IntN(40)) * time.Millisecond):
			}
		}
	}
}

func (m *mailing) post(c *http.Client, i, n int) (string, error) {
	form := url.Values{"name": {fmt.Sprintf("Reader %d", i)}, "email": {fmt.Sprintf("reader%d@example.org", i)}, "body": {said(n)}}
	r, err := http.NewRequestWithContext(m.ctx, http.MethodPost, m.to, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("2001:db8:0:%x::1", i))
	resp, err := c.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusSeeOther {
		return "", errors.New(resp.Status)
	}
	return resp.Header.Get("Location"), nil
}
