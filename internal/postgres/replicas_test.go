package postgres_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/pglocal"
	"stet/internal/pgtest"
	"stet/internal/postgres"
)

// fleet is a primary with replicas that stream from it, and a number that is the page.
type fleet struct {
	*testing.T
	clusters []*pglocal.Cluster // the primary first
	pools    []*pgxpool.Pool
	*postgres.Replicated
}

func newFleet(t *testing.T, replicas int) *fleet {
	f := &fleet{T: t}
	for i := range 1 + replicas {
		o := pglocal.Options{MaxConnections: 30}
		if i > 0 {
			o.StandbyOf = f.clusters[0]
		}
		c, err := pglocal.Open(pgtest.Folder(t), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Stop(); err != nil {
				t.Error(err)
			}
		})
		f.clusters, f.pools = append(f.clusters, c), append(f.pools, pgtest.Pool(t, c.URL(pglocal.Superuser, "postgres"), postgres.Options{}))
	}
	run(t, f.pools[0], "CREATE TABLE page (n bigint)")
	run(t, f.pools[0], "INSERT INTO page VALUES (0)")
	f.Replicated = postgres.NewReplicated(f.pools[0], f.pools[1:], slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); f.Watch(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return f
}

// page reads the page as readers' pages are, and tells from which server, 0 for the primary.
func (f *fleet) page() (n, from int) {
	f.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	with, reading := f.Begin(ctx)
	read := func() (n int, replica bool, err error) {
		err = f.QueryRow(with, "SELECT n, pg_is_in_recovery() FROM page").Scan(&n, &replica)
		return n, replica, err
	}
	n, replica, err := read()
	reading.End(err == nil)
	if err != nil {
		var ok bool
		if with, reading, ok = reading.Again(ctx); !ok {
			f.Fatalf("the page can't be read: %v", err)
		}
		n, replica, err = read()
		reading.End(err == nil)
	}
	if err != nil {
		f.Fatalf("the page can't be read: %v", err)
	}
	if replica {
		from = 1
	}
	return n, from
}

// until reads the page until it comes from there.
func (f *fleet) until(from int) {
	f.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		if _, at := f.page(); at == from {
			return
		}
		if time.Now().After(deadline) {
			f.Fatalf("pages don't come from %d: %+v", from, f.States())
		}
	}
}

func (f *fleet) write(n int) {
	f.Helper()
	run(f.T, f.pools[0], "UPDATE page SET n = $1", n)
}

// TestReplicasShowNothingOlder changes the page while its readers go on: after one has seen a number none sees a smaller one, with a replica that
// keeps up and with one that stands still for a while.
func TestReplicasShowNothingOlder(t *testing.T) {
	f := newFleet(t, 2)
	if _, from := f.page(); from != 0 {
		t.Error("a replica is read before anything is heard of changes")
	}
	f.Hears(true)
	f.until(1)
	newest, replicas := 0, 0
	see := func() {
		n, from := f.page()
		if n < newest {
			t.Fatalf("page %d was shown, and then %d from %d", newest, n, from)
		}
		newest, replicas = n, replicas+from
	}
	for n := 1; n <= 60; n++ {
		f.write(n)
		see() // the change isn't heard of yet
		f.Purged()
		if see(); newest != n {
			t.Fatalf("after change %d was heard of, page %d is shown", n, newest)
		}
		for end := time.Now().Add(20 * time.Millisecond); time.Now().Before(end); {
			see()
		}
		if n%20 == 0 {
			f.until(1)
			see()
		}
	}
	if replicas == 0 {
		t.Error("no page came from a replica")
	}

	for _, p := range f.pools[1:] {
		run(t, p, "SELECT pg_wal_replay_pause()")
	}
	f.write(100)
	f.Purged()
	for end := time.Now().Add(time.Second); time.Now().Before(end); {
		if n, from := f.page(); n != 100 || from != 0 {
			t.Fatalf("page %d from %d while the replicas stand still", n, from)
		}
	}
	run(t, f.pools[2], "SELECT pg_wal_replay_resume()")
	f.until(1)
	if n, _ := f.page(); n != 100 {
		t.Errorf("page %d from the replica that went on", n)
	}
	if s := f.States(); s[0].Read || !s[1].Read {
		t.Errorf("the one that stands still is read: %+v", s)
	}
}

// TestReplicaDies: its pages come from the primary, or another replica, at once.
func TestReplicaDies(t *testing.T) {
	f := newFleet(t, 1)
	f.Hears(true)
	f.until(1)
	if err := f.clusters[1].Stop(); err != nil {
		t.Fatal(err)
	}
	if _, from := f.page(); from != 0 {
		t.Error("a page came from a replica that has gone")
	}
	if err := f.clusters[1].Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.until(1)
}

// TestPrimaryDies: what was read from a replica until then still is, and isn't once a page came from the primary.
func TestPrimaryDies(t *testing.T) {
	f := newFleet(t, 1)
	f.Hears(true)
	f.until(1)
	if err := f.clusters[0].Stop(); err != nil {
		t.Fatal(err)
	}
	f.Hears(false)
	f.Hears(false)
	for range 3 {
		if _, from := f.page(); from != 1 {
			t.Error("a page came from a primary that has gone")
		}
	}
	if err := f.clusters[0].Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.until(0)
	if err := f.clusters[0].Stop(); err != nil {
		t.Fatal(err)
	}
	ctx, reading := f.Begin(t.Context())
	err := f.QueryRow(ctx, "SELECT").Scan()
	if reading.End(false); !postgres.IsUnavailable(err) {
		t.Errorf("without its primary: %v", err)
	}
	if _, _, ok := reading.Again(t.Context()); ok {
		t.Error("a replica is read that may be older than what the primary has shown")
	}
	if err := f.clusters[0].Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.Hears(true)
	f.until(1)
}

// TestReadingWaitsNoLongerThanItsReader: a page whose reader has gone isn't held up.
func TestReadingWaitsNoLongerThanItsReader(t *testing.T) {
	f := newFleet(t, 1)
	f.Hears(true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	with, reading := f.Begin(ctx)
	if err := f.QueryRow(with, "SELECT 1").Scan(new(int)); !errors.Is(err, context.Canceled) {
		t.Errorf("a query for nobody: %v", err)
	}
	reading.End(false)
	f.until(1)
}
