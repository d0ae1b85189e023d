package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/pgtest"
	"stet/internal/postgres"
)

// Of how many requests memory is measured, and how long.
const (
	memoryRest = time.Minute
	memoryLoad = 20 * time.Second
	memoryRate = 4000
)

// memory measures what the program holds of its own a minute after it started, and at most while readers ask for more pages than it can keep, from
// when the cache is full.
func (f *figures) memory() {
	at, ops := freePort(f), freePort(f)
	p := start(f.TB, append(slices.Clone(f.env), "STET_LISTEN="+at, "STET_OPS_LISTEN="+ops), "serve")
	p.answers(f.TB, "http://"+at+"/readyz", 200, 30*time.Second)
	defer p.stop(syscall.SIGTERM)
	<-time.After(memoryRest)
	f.add("memory of its own a minute after a start", "%d MiB", anonymous(f, p)>>10)

	others := gather(f.TB, []string{at}, f.host, f.manyPaths(), memoryRate)
	deadline := time.Now().Add(2 * time.Minute)
	for f.figure(ops, "stet_pages_evicted_total") == 0 {
		if time.Now().After(deadline) {
			f.Fatalf("the cache holds %.0f bytes and isn't full", f.figure(ops, "stet_pages_bytes"))
		}
		<-time.After(100 * time.Millisecond)
	}
	most := 0
	for end := time.Now().Add(memoryLoad); time.Now().Before(end); <-time.After(50 * time.Millisecond) {
		most = max(most, anonymous(f, p))
	}
	rate, _ := others.disperse(f.TB)
	f.add("memory of its own at most, the cache full", "%d MiB, at %.0f requests a second, %.0f MiB of pages kept", most>>10, rate, f.figure(ops, "stet_pages_bytes")/(1<<20))
}

// manyPaths are pages that weigh more than the cache may: every article with its comments in every order, and its history.
func (f *figures) manyPaths() (out []string) {
	db := pgtest.Pool(f, f.cluster.URL(postgres.Owner, "stet"), postgres.Options{})
	rows, err := db.Query(f.Context(), `SELECT path FROM addresses WHERE canonical AND article_id IS NOT NULL ORDER BY article_id`)
	f.must(err)
	paths, err := pgx.CollectRows(rows, pgx.RowTo[string])
	f.must(err)
	for _, more := range []string{"", "?comments=newest", "?comments=replied", "history"} {
		for _, path := range paths {
			out = append(out, path+more)
		}
	}
	return out
}

// figure reads one of the program's figures.
func (f *figures) figure(ops, name string) float64 {
	f.Helper()
	text, err := getFrom(f.Context(), ops, ops, "/metrics")
	f.must(err)
	m := regexp.MustCompile(fmt.Sprintf(`(?m)^%s (\S+)$`, name)).FindStringSubmatch(text)
	if m == nil {
		f.Fatalf("no figure %s", name)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	f.must(err)
	return n
}
