// Package pgtest gives each test a fresh, migrated database of a real Postgres, with the same roles as in production, so that tests run in
// parallel, may commit, and notice a forgotten grant.
//
// One server serves all test packages of a machine: the first test that needs it starts a keeper (keeper.go), which goes two seconds after
// the last test process has ended, in whatever way it ended. The schema is migrated once for each state of the migrations and then copied.
//
// It is for tests only and must never skip one: where there is no Postgres the test fails and says which command mends that.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/pglocal"
	"stet/internal/postgres"
	"stet/migrations"
)

// DB is one test's own database. The pools are closed and the database is dropped when the test ends.
type DB struct {
	Super  *pgxpool.Pool // may do everything: to look where no role may look
	Owner  *pgxpool.Pool // owns the schema: to tamper with what the application can't
	App    *pgxpool.Pool // the newsroom's
	Reader *pgxpool.Pool // the readers' pages'

	SuperURL, OwnerURL, AppURL string
}

const patience = time.Minute

// joined is the server that this process's tests share.
var joined = sync.OnceValues(join)

var copies atomic.Int64

// New gives t a database of its own with the current schema and nothing in it.
func New(t testing.TB) *DB {
	t.Helper()
	s, err := joined()
	if err != nil {
		fatal(t, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), copies.Add(1))
	// Copying files is twice as fast as logging every page, as nothing is synced to disk here.
	_, err = s.admin.Exec(ctx, "CREATE DATABASE "+name+" OWNER "+postgres.Owner+" TEMPLATE "+templateName()+" STRATEGY FILE_COPY")
	if err != nil {
		t.Fatalf("copy the template database: %v", err)
	}
	t.Cleanup(func() { s.drop(t, name) })
	db := &DB{
		SuperURL: s.url(pglocal.Superuser, name),
		OwnerURL: s.url(postgres.Owner, name),
		AppURL:   s.url(postgres.App, name),
	}
	db.Super = Pool(t, db.SuperURL, postgres.Options{})
	db.Owner = Pool(t, db.OwnerURL, postgres.Options{})
	db.App = Pool(t, db.AppURL, postgres.Options{})
	db.Reader = Pool(t, db.AppURL, postgres.Readers())
	return db
}

// Empty gives t a database without a schema, owned by postgres.Owner, for tests of migrating itself.
func Empty(t testing.TB) (superURL, ownerURL string) {
	t.Helper()
	s, err := joined()
	if err != nil {
		fatal(t, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), copies.Add(1))
	if err := postgres.Provision(ctx, s.url(pglocal.Superuser, "postgres"), name, postgres.Passwords{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.drop(t, name) })
	return s.url(pglocal.Superuser, name), s.url(postgres.Owner, name)
}

// Pool opens a further pool, which is closed when the test ends. A connection that the test has then still in use is its fault.
func Pool(t testing.TB, url string, o postgres.Options) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(context.Background(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closed := make(chan struct{})
		go func() {
			pool.Close()
			close(closed)
		}()
		select {
		case <-closed:
		case <-time.After(10 * time.Second):
			t.Errorf("%d connections are still in use at the end of the test: are rows left open, or does a goroutine run on?", pool.Stat().AcquiredConns())
		}
	})
	return pool
}

// Folder gives t a folder for a private Postgres, removed when the test ends. Unlike t.TempDir's, other accounts may pass through it: a test
// that runs as root has its server run as somebody else, who would otherwise be sent to a folder elsewhere that outlives the test.
func Folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "stet-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// fatal ends t; where binaries are missing the message is the command.
func fatal(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, pglocal.ErrNoBinaries) {
		t.Fatalf("tests need Postgres: %v", pglocal.ErrNoBinaries)
	}
	t.Fatalf("test database: %v", err)
}

// server is the shared server as seen by one test process.
type server struct {
	base  url.URL // of the superuser and the database postgres
	admin *pgxpool.Pool
	lease net.Conn // to the keeper, held until the process ends
}

func (s *server) url(role, db string) string {
	u := s.base
	u.User = url.User(role)
	u.Path = "/" + db
	return u.String()
}

func (s *server) drop(t testing.TB, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := s.admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
		t.Errorf("drop the test's database: %v", err)
	}
}

func templateName() string { return "template_" + migrations.Hash() }

// ensureTemplate makes the database that tests copy. It is built under another name, so that one that broke off is never taken for whole,
// and admits nobody afterwards: a copy needs it without connections.
func (s *server) ensureTemplate(ctx context.Context) error {
	const building = "template_building"
	conn, err := s.admin.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(7351)"); err != nil {
		return err
	}
	defer func() {
		// Closing the pool at the end of the process would release it too; the other packages shouldn't wait that long.
		_, _ = conn.Exec(ctx, "SELECT pg_advisory_unlock(7351)")
	}()
	var there bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", templateName()).Scan(&there); err != nil || there {
		return err
	}
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+building+" WITH (FORCE)"); err != nil {
		return err
	}
	if err := postgres.Provision(ctx, s.base.String(), building, postgres.Passwords{}); err != nil {
		return err
	}
	if _, err := postgres.Migrate(ctx, s.url(postgres.Owner, building), postgres.Up, false); err != nil {
		return err
	}
	for _, sql := range []string{
		"ALTER DATABASE " + building + " RENAME TO " + templateName(),
		"ALTER DATABASE " + templateName() + " ALLOW_CONNECTIONS false",
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// sweep drops what earlier runs left: copies of killed tests, and templates of other states of the schema.
func sweep(ctx context.Context, superURL string) error {
	conn, err := pgx.Connect(ctx, superURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT datname FROM pg_database WHERE datname ~ '^(test|template)_' AND datname <> $1`, templateName())
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := conn.Exec(ctx, "DROP DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
			return err
		}
	}
	return nil
}
