package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"stet/internal/pgtest"
)

// startWithin is the promise: from the start of the program to its first "ready", where the database is up. It is tried for triesFor at most: the
// other tests of a check may keep both processors busy for a while.
const (
	startWithin = 150 * time.Millisecond
	triesFor    = 2 * time.Minute
)

// serving is the program over a database, and its address.
func serving(t testing.TB, db *pgtest.DB, env ...string) (*process, string) {
	t.Helper()
	at := freePort(t)
	p := start(t, append([]string{"STET_DATABASE_URL=" + db.AppURL, "STET_SECRET=" + strings.Repeat("s", 32), "STET_LISTEN=" + at, "STET_BASE_URL=http://" + at,
		"STET_DATA=" + t.TempDir()}, env...), "serve")
	return p, "http://" + at
}

// TestStartToReady starts the program again and again until one start is quick enough: what else runs on the machine makes starts slower, and
// nothing makes them quicker than they are.
func TestStartToReady(t *testing.T) {
	db := pgtest.New(t)
	binary(t)
	var best time.Duration
	for since := time.Now(); time.Since(since) < triesFor; <-time.After(200 * time.Millisecond) {
		began := time.Now()
		p, address := serving(t, db)
		p.answers(t, address+"/readyz", 200, 20*time.Second)
		took := time.Since(began)
		p.stop(syscall.SIGKILL)
		if best == 0 || took < best {
			best = took
		}
		if best <= startWithin {
			t.Logf("ready after %v", best.Round(time.Millisecond))
			return
		}
	}
	t.Errorf("ready after %v at best, want %v", best, startWithin)
}

// BenchmarkStartToReady tells how long a start takes, and what the program has in memory of its own then and, with -benchtime=60x or more, a
// minute later.
func BenchmarkStartToReady(b *testing.B) {
	db := pgtest.New(b)
	binary(b)
	var p *process
	for b.Loop() {
		if p != nil {
			p.stop(syscall.SIGKILL)
		}
		var address string
		p, address = serving(b, db)
		p.answers(b, address+"/readyz", 200, 20*time.Second)
	}
	b.ReportMetric(float64(anonymous(b, p))/1024, "MiB-at-start")
	if os.Getenv("STET_MINUTE") != "" {
		<-time.After(time.Minute)
		b.ReportMetric(float64(anonymous(b, p))/1024, "MiB-a-minute-later")
	}
}

var rssAnon = regexp.MustCompile(`RssAnon:\s+(\d+) kB`)

// anonymous is what a process has in memory that is of its own, in KiB.
func anonymous(t testing.TB, p *process) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	m := rssAnon.FindSubmatch(status)
	if m == nil {
		t.Fatalf("no RssAnon in %s", status)
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
