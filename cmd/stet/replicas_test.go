package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
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

// lag is how long the replica stands still; STET_LAG may say more.
const lag = 3 * time.Second

// followed is a house whose Postgres has a replica that streams from it.
type followed struct {
	house
	replica    *pglocal.Cluster
	db         *pgxpool.Pool // of the primary's superuser
	store      *article.Store
	id         int64
	path, ops  string
	seen       atomic.Int64 // the newest version that was shown
	bad, asked atomic.Int64
}

// TestReplica reads pages, cached ones and others, without a pause, while an article changes, its replica stands still, dies and comes back, and
// the primary is restarted. Nobody sees an older version than one that was shown, changes are seen at once, and nobody is refused.
func TestReplica(t *testing.T) {
	f := &followed{house: house{TB: t}}
	f.path = f.build()
	f.follow()
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for _, path := range []string{f.path, f.path + "history", "/search?q=blows", "/"} {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					f.read(path)
				}
			}
		})
	}
	defer func() { close(stop); readers.Wait() }()

	for range 10 {
		f.change("a change")
	}
	f.until(true)

	_, err := f.replicaPool().Exec(t.Context(), "SELECT pg_wal_replay_pause()")
	f.must(err)
	f.change("a change that the replica doesn't get")
	for end := time.Now().Add(f.lag()); time.Now().Before(end); {
		if f.reads() {
			t.Fatal("a replica is read that stands still")
		}
	}
	f.change("another")
	_, err = f.replicaPool().Exec(t.Context(), "SELECT pg_wal_replay_resume()")
	f.must(err)
	f.until(true)

	f.must(f.replica.Stop())
	f.until(false)
	f.change("a change without a replica")
	f.must(f.replica.Start(t.Context()))
	f.until(true)

	f.must(f.cluster.Stop())
	for end := time.Now().Add(time.Second); time.Now().Before(end); {
		f.read("/search?q=blows")
	}
	f.must(f.cluster.Start(t.Context()))
	back := time.Now()
	f.change("a change after the primary came back")
	if took := time.Since(back); took > 4*time.Second {
		t.Errorf("after the primary came back a change took %v to be seen", took)
	}
	f.until(true)
	if bad := f.bad.Load(); bad > 0 {
		t.Errorf("%d of %d pages were refused\n%s", bad, f.asked.Load(), f.program.out.String())
	}
	t.Logf("%d pages read", f.asked.Load())
}

func (f *followed) lag() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("STET_LAG")); err == nil {
		return d
	}
	return lag
}

// follow starts a replica and the program with it.
func (f *followed) follow() {
	f.Helper()
	var err error
	f.replica, err = pglocal.Open(filepath.Join(pgtest.Folder(f), "pg"), pglocal.Options{StandbyOf: f.cluster})
	f.must(err)
	f.must(f.replica.Start(f.Context()))
	f.Cleanup(func() { f.must(f.replica.Stop()) })
	f.db = pgtest.Pool(f, f.cluster.URL(postgres.App, "stet"), postgres.Options{})
	f.store = article.New(f.db, utc{})
	f.must(f.db.QueryRow(f.Context(), `SELECT min(id) FROM articles`).Scan(&f.id))
	f.ops = freePort(f)
	f.program.stop(syscall.SIGTERM)
	f.env = append(f.env, "STET_REPLICA_URLS="+f.replica.URL(postgres.App, "stet"), "STET_OPS_LISTEN="+f.ops)
	f.start()
	f.until(true)
}

func (f *followed) replicaPool() *pgxpool.Pool {
	return pgtest.Pool(f, f.replica.URL(pglocal.Superuser, "stet"), postgres.Options{})
}

func (f *followed) get(url string) (status int, body string) {
	f.Helper()
	resp, err := http.Get(url)
	if err != nil {
		f.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		f.Error(err)
	}
	return resp.StatusCode, string(b)
}

var dataVersion = regexp.MustCompile(`data-version="(\d+)"`)

// read asks for a page; an article's must be no older than one that was shown before it was asked for.
func (f *followed) read(path string) {
	f.Helper()
	before := f.seen.Load()
	status, body := f.get(f.url + path)
	f.asked.Add(1)
	if status != http.StatusOK {
		if f.bad.Add(1) <= 5 {
			f.Logf("%s answered %d: %.200s", path, status, body)
		}
		return
	}
	if path != f.path {
		return
	}
	m := dataVersion.FindStringSubmatch(body)
	if m == nil {
		f.Errorf("no version in %.200s", body)
		return
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	f.must(err)
	if n < before {
		f.Errorf("version %d is shown after version %d", n, before)
	}
	for now := before; now < n && !f.seen.CompareAndSwap(now, n); now = f.seen.Load() {
	}
}

// change appends to the article and waits until readers see it.
func (f *followed) change(text string) {
	f.Helper()
	out, err := f.store.Append(f.Context(), staff.System(), f.id, article.NoticeIn{Kind: article.Update, Notice: "<p>" + text + ".</p>"})
	f.must(err)
	began := time.Now()
	for f.seen.Load() < int64(out.Number) {
		f.read(f.path)
		if time.Since(began) > 3*time.Second {
			f.Fatalf("%q isn't seen: version %d is shown, %d was written", text, f.seen.Load(), out.Number)
		}
	}
}

// reads tells whether pages are read from the replica.
func (f *followed) reads() bool {
	f.Helper()
	_, body := f.get("http://" + f.ops + "/metrics")
	_, rest, found := strings.Cut(body, "stet_replica_read{")
	if !found {
		f.Fatalf("no replica among %.300s", body)
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.HasSuffix(line, " 1")
}

func (f *followed) until(read bool) {
	f.Helper()
	for began := time.Now(); f.reads() != read; {
		if time.Since(began) > 20*time.Second {
			f.Fatalf("that pages are read from the replica isn't %v\n%s", read, f.program.out.String())
		}
	}
}
