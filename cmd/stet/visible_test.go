package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/pglocal"
	"stet/internal/pgtest"
	"stet/internal/postgres"
)

// visible publishes with three instances over the database, each asked every five milliseconds, and tells how long after the editor's answer each
// gave the new page; then again with what they listen by cut at random. An instance that gives an old page after a new one is a failure, and so is
// a reader who gets no page. STET_READERS is how many requests a second others make meanwhile.
func (f *figures) visible() {
	n, readers := number(f, "STET_PUBLISHES", tablePublishes), number(f, "STET_READERS", tableReaders)
	var instances []string
	for range 3 {
		at := freePort(f)
		p := start(f.TB, append(slices.Clone(f.env), "STET_LISTEN="+at), "serve")
		p.answers(f.TB, "http://"+at+"/readyz", http.StatusOK, 30*time.Second)
		defer p.stop(syscall.SIGTERM) // it would keep connections from what is measured next
		instances = append(instances, at)
	}
	by := f.signIn(instances[0])
	targets := f.targets(n)
	paths := []string{"/"}
	for _, t := range targets {
		paths = append(paths, t.Path)
	}
	for _, cut := range []bool{false, true} {
		name := fmt.Sprintf("published to visible, three instances, %d times", n)
		stop := func() int { return 0 }
		if cut {
			name += ", their listening cut at random"
			stop = f.cutting()
		}
		others := gather(f.TB, instances, f.host, paths, readers)
		var waits []time.Duration
		for i := range n {
			by.at = instances[rand.N(3)]
			waits = append(waits, f.publish(instances, by, targets[i])...)
		}
		rate, late := others.disperse(f.TB)
		if cut {
			name += fmt.Sprintf(" (%d times)", stop())
		}
		slices.Sort(waits)
		f.add(name, "p50 %.0f ms, p99 %.0f ms, at most %.0f ms, beside %.0f requests a second of other readers, %d of them late",
			share(waits, 0.5), share(waits, 0.99), share(waits, 1), rate, late)
	}
}

// number is what the environment says, or else.
func number(t testing.TB, name string, otherwise int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// cutting ends the connections by which instances hear of purges, each time one of them or all, until the function it gives is called, which
// tells how many were ended.
func (f *figures) cutting() (stop func() int) {
	db := pgtest.Pool(f, f.cluster.URL(pglocal.Superuser, "stet"), postgres.Options{})
	ctx, cancel := context.WithCancel(f.Context())
	done := make(chan error, 1)
	n := 0
	go func() {
		for {
			select {
			case <-ctx.Done():
				done <- nil
				return
			case <-time.After(rand.N(2 * time.Second)):
			}
			tag, err := db.Exec(f.Context(), `SELECT pg_terminate_backend(pid) FROM (
				SELECT pid FROM pg_stat_activity WHERE application_name = 'stet listen' AND datname = current_database() ORDER BY random() LIMIT $1) AS listeners`, 1+rand.N(3))
			if err != nil {
				done <- err
				return
			}
			n += int(tag.RowsAffected())
		}
	}()
	return func() int {
		cancel()
		f.must(<-done)
		return n
	}
}

// target is an article that is published.
type target struct {
	ID   int64
	Path string
}

// session is that of an editor, who works at one of the instances.
type session struct{ at, cookie string }

// targets are n articles to publish, some of them again and again.
func (f *figures) targets(n int) (out []target) {
	db := pgtest.Pool(f, f.cluster.URL(postgres.Owner, "stet"), postgres.Options{})
	rows, err := db.Query(f.Context(), `SELECT r.id, a.path FROM articles r JOIN addresses a ON a.article_id = r.id AND a.canonical ORDER BY r.id LIMIT 200`)
	f.must(err)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[target])
	f.must(err)
	for i := range n {
		out = append(out, all[i%len(all)])
	}
	return out
}

func (f *figures) post(by session, path string, form url.Values) *http.Response {
	f.Helper()
	r, err := http.NewRequestWithContext(f.Context(), http.MethodPost, "http://"+by.at+path, strings.NewReader(form.Encode()))
	f.must(err)
	r.Host = f.host
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", by.cookie)
	resp, err := client().Do(r)
	f.must(err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther {
		f.Fatalf("%s answered %s", path, resp.Status)
	}
	return resp
}

func (f *figures) signIn(at string) session {
	resp := f.post(session{at: at}, "/newsroom/login", url.Values{"email": {tableEmail}, "password": {tablePassword}})
	for _, c := range resp.Cookies() {
		return session{at, c.Name + "=" + c.Value}
	}
	f.Fatal("signing in gave no cookie")
	return session{}
}

// publish appends an update and gives, for each instance, how long after the answer it showed it.
func (f *figures) publish(instances []string, by session, t target) []time.Duration {
	was := versionOf(f.get(t.Path))
	ctx, cancel := context.WithTimeout(f.Context(), 5*time.Second)
	defer cancel()
	seen, faults := make([]time.Time, len(instances)), make([]error, len(instances))
	var all sync.WaitGroup
	for i, one := range instances {
		all.Go(func() { seen[i], faults[i] = f.firstNew(ctx, one, t.Path, was) })
	}
	f.post(by, fmt.Sprintf("/newsroom/articles/%d/updates", t.ID), url.Values{"kind": {"update"}, "notice": {"<p>Another ship has passed.</p>"}})
	answered := time.Now()
	all.Wait()
	f.must(errors.Join(faults...))
	out := make([]time.Duration, len(instances))
	for i := range out {
		out[i] = max(0, seen[i].Sub(answered))
	}
	return out
}

// firstNew asks every five milliseconds until the page is newer, and a few times more, when it must stay so.
func (f *figures) firstNew(ctx context.Context, one, path string, was int) (at time.Time, err error) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for after := 0; after < 5; {
		text, err := getFrom(ctx, one, f.host, path)
		if err != nil {
			return at, err
		}
		switch n := versionOf(text); {
		case n > was && after == 0:
			at = time.Now()
			after++
		case n > was:
			after++
		case after > 0:
			return at, fmt.Errorf("%s shows version %d after %d", path, n, was+1)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return at, ctx.Err()
		}
	}
	return at, nil
}

func versionOf(text string) int {
	m := dataVersion.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n
}
