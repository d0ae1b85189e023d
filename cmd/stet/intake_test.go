package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stet/internal/pgtest"
	"stet/internal/postgres"
)

const (
	intakeClients = 64
	intakeRounds  = 3
	intakeRound   = 8 * time.Second
)

// bare inserts one row as wide as a comment, into a table with the same indexes: what a database can do for a comment at most.
const bare = `INSERT INTO bare_comments (id, article_id, root_id, depth, path, version_number, status, token_hash, name, posted_at, duplicate_key, body)
VALUES (nextval('bare_ids'), 1, lastval(), 1, ARRAY[lastval()], 1, 'pending', sha256(random()::text::bytea), 'A reader', now(), sha256(random()::text::bytea),
	'The wind was at its worst in the third hour of it, as the keeper wrote in his book by the lamp.');
`

// BenchmarkIntake posts comments over 64 connections, each from a network of its own, with all rules and limits on and a Postgres that waits for
// its disk, beside pgbench inserting one such row over 64 connections, in turns on the same server. Then it posts at half the rate that was
// reached, at fixed times, and reports how long an answer took from the time at which it was due.
func BenchmarkIntake(b *testing.B) {
	h := &house{TB: b}
	to := h.build()
	dir := h.bare()
	var posted, inserted []float64
	for b.Loop() {
		for range intakeRounds {
			inserted = append(inserted, h.pgbench(dir))
			posted = append(posted, h.flood(to))
		}
	}
	rate := median(posted)
	late := h.steady(to, rate/2)
	slices.Sort(late)
	b.Logf("pgbench %.0f, comments %.0f a second", inserted, posted)
	b.ReportMetric(rate, "comments/s")
	b.ReportMetric(median(inserted), "pgbench-rows/s")
	b.ReportMetric(100*rate/median(inserted), "%-of-pgbench")
	b.ReportMetric(late[len(late)/2].Seconds()*1000, "half-rate-p50-ms")
	b.ReportMetric(late[len(late)*99/100].Seconds()*1000, "half-rate-p99-ms")
	b.ReportMetric(0, "ns/op")
}

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	return s[len(s)/2]
}

// bare makes the table that pgbench writes to, and its script in a folder that the server's account may read.
func (h *house) bare() string {
	db := pgtest.Pool(h, h.cluster.URL(postgres.Owner, "stet"), postgres.Options{})
	_, err := db.Exec(h.Context(), `
		CREATE TABLE bare_comments (LIKE comments INCLUDING ALL EXCLUDING IDENTITY, body text);
		CREATE SEQUENCE bare_ids`)
	h.must(err)
	_, err = db.Exec(h.Context(), `UPDATE settings SET comments_window = 1`)
	h.must(err)
	file := filepath.Join(h.cluster.Dir(), "bare.sql")
	h.must(os.WriteFile(file, []byte(bare), 0o644))
	return file
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

func (h *house) pgbench(script string) float64 {
	h.Helper()
	cmd := exec.Command(h.cluster.Program("pgbench"), "-n", "-M", "prepared", "-c", strconv.Itoa(intakeClients), "-j", "2", "-T", strconv.Itoa(int(intakeRound.Seconds())),
		"-f", script, h.cluster.URL(postgres.Owner, "stet"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		h.Fatalf("%v\n%s", err, out.String())
	}
	found := tps.FindStringSubmatch(out.String())
	if found == nil {
		h.Fatalf("no rate in\n%s", out.String())
	}
	rate, err := strconv.ParseFloat(found[1], 64)
	h.must(err)
	return rate
}

// writers are clients that post ever new comments.
type writers struct {
	mailing
	next atomic.Int64
	fail atomic.Int64
}

func (h *house) writers(path string) *writers {
	return &writers{mailing: mailing{ctx: h.Context(), to: h.url + path + "comments"}}
}

var written atomic.Int64

func (w *writers) write(c *http.Client, i int) {
	if _, err := w.post(c, i, int(written.Add(1))); err != nil {
		w.fail.Add(1)
	}
}

// flood posts as fast as it is answered and gives the rate.
func (h *house) flood(path string) float64 {
	w := h.writers(path)
	ctx, cancel := context.WithTimeout(h.Context(), intakeRound)
	defer cancel()
	var all sync.WaitGroup
	var n atomic.Int64
	began := time.Now()
	for i := range intakeClients {
		all.Go(func() {
			c := client()
			defer c.CloseIdleConnections()
			for ctx.Err() == nil {
				w.write(c, i)
				n.Add(1)
			}
		})
	}
	all.Wait()
	h.none(w)
	return float64(n.Load()) / time.Since(began).Seconds()
}

// steady posts at a fixed rate and gives how late each answer came.
func (h *house) steady(path string, rate float64) []time.Duration {
	w := h.writers(path)
	total := int(rate * intakeRound.Seconds())
	late := make([]time.Duration, total)
	gap := time.Duration(float64(time.Second) / rate)
	began := time.Now()
	var all sync.WaitGroup
	for i := range intakeClients {
		all.Go(func() {
			c := client()
			defer c.CloseIdleConnections()
			for {
				n := int(w.next.Add(1)) - 1
				if n >= total {
					return
				}
				due := began.Add(time.Duration(n) * gap)
				time.Sleep(time.Until(due))
				w.write(c, i)
				late[n] = time.Since(due)
			}
		})
	}
	all.Wait()
	h.none(w)
	return late
}

func (h *house) none(w *writers) {
	h.Helper()
	if n := w.fail.Load(); n > 0 {
		h.Fatalf("%d comments were refused", n)
	}
}

func client() *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
