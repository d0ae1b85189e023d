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
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/pgtest"
	"stet/internal/postgres"
)

// visible publishes with three instances over the database, each asked every five milliseconds, and tells how long after the editor's answer each
// gave the new page. An instance that gives an old page after a new one is a failure.
func (f *figures) visible() {
	n := tablePublishes
	if s := os.Getenv("STET_PUBLISHES"); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		f.must(err)
	}
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
	var waits []time.Duration
	for i := range n {
		by.at = instances[rand.N(3)]
		waits = append(waits, f.publish(instances, by, targets[i])...)
	}
	slices.Sort(waits)
	f.add(fmt.Sprintf("published to visible, three instances, %d times", n), "p50 %.0f ms, p99 %.0f ms, at most %.0f ms", share(waits, 0.5), share(waits, 0.99), share(waits, 1))
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
