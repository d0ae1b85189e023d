package postgres_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/pgtest"
	"stet/internal/postgres"
)

func one[T any](t *testing.T, q postgres.Querier, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := q.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func run(t *testing.T, q postgres.Querier, sql string, args ...any) {
	t.Helper()
	if _, err := q.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestOpenDoesntConnect(t *testing.T) {
	pool := pgtest.Pool(t, "postgres://stet_app@127.0.0.1:1/nowhere", postgres.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := pool.Exec(ctx, "SELECT 1")
	if !postgres.IsUnavailable(err) || postgres.IsHopeless(err) {
		t.Errorf("a refused connection (%v) isn't taken for a database that is away", err)
	}
	_, err = postgres.Open(t.Context(), "postgres://%zz", postgres.Options{})
	if !postgres.IsHopeless(err) || postgres.IsUnavailable(err) {
		t.Errorf("a malformed url (%v) isn't taken for hopeless", err)
	}
}

func TestConnectionSettings(t *testing.T) {
	db := pgtest.New(t)
	for _, tt := range []struct {
		pool               postgres.Querier
		role, statementFor string
	}{
		{db.App, "stet_app", "10s"},
		{db.Reader, "stet_reader", "2s"},
	} {
		for setting, want := range map[string]string{
			"statement_timeout": tt.statementFor, "lock_timeout": "2s", "idle_in_transaction_session_timeout": "10s",
			"TimeZone": "UTC", "application_name": "stet",
		} {
			if got := one[string](t, tt.pool, "SHOW "+setting); got != want {
				t.Errorf("%s: %s = %q, want %q", tt.role, setting, got, want)
			}
		}
		if got := one[string](t, tt.pool, "SELECT current_user"); got != tt.role {
			t.Errorf("current_user = %q, want %q", got, tt.role)
		}
		if at := one[time.Time](t, tt.pool, "SELECT '2026-07-01 12:00+02'::timestamptz"); at.Location() != time.UTC || at.Hour() != 10 {
			t.Errorf("%s: a time arrives as %v, want UTC", tt.role, at)
		}
	}
}

func TestInTx(t *testing.T) {
	db := pgtest.New(t)
	run(t, db.Owner, "CREATE TABLE scraps (text text)")
	insert := func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "INSERT INTO scraps VALUES ('x')")
		return err
	}
	count := func() int { return one[int](t, db.Owner, "SELECT count(*)::int FROM scraps") }

	if err := postgres.InTx(t.Context(), db.Owner, insert); err != nil || count() != 1 {
		t.Fatalf("InTx = %v with %d rows, want 1", err, count())
	}
	sorry := errors.New("sorry")
	err := postgres.InTx(t.Context(), db.Owner, func(tx pgx.Tx) error { return errors.Join(insert(tx), sorry) })
	if !errors.Is(err, sorry) || count() != 1 {
		t.Errorf("a failed InTx = %v with %d rows, want its error and 1", err, count())
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = postgres.InTx(t.Context(), db.Owner, func(tx pgx.Tx) error {
			if err := insert(tx); err != nil {
				t.Error(err)
			}
			panic("midway")
		})
	}()
	if n := count(); n != 1 {
		t.Errorf("after a panic %d rows, want 1", n)
	}
	// A statement that failed inside makes COMMIT a rollback, which must not look like success.
	err = postgres.InTx(t.Context(), db.Owner, func(tx pgx.Tx) error {
		_, _ = tx.Exec(t.Context(), "SELECT 1/0")
		return nil
	})
	if err == nil {
		t.Error("a transaction that couldn't commit reports success")
	}
	if n := db.Owner.Stat().AcquiredConns(); n != 0 {
		t.Errorf("%d connections are still held", n)
	}
}

func TestInTxOverABrokenConnection(t *testing.T) {
	db := pgtest.New(t)
	err := postgres.InTx(t.Context(), db.App, func(tx pgx.Tx) error {
		pid := one[int](t, tx, "SELECT pg_backend_pid()")
		run(t, db.Super, "SELECT pg_terminate_backend($1, 5000)", pid)
		_, err := tx.Exec(t.Context(), "SELECT 1")
		return err
	})
	if !postgres.IsUnavailable(err) {
		t.Errorf("InTx over a killed connection = %v, want unavailable", err)
	}
	if got := one[int](t, db.App, "SELECT 1"); got != 1 {
		t.Errorf("the pool didn't recover")
	}
}

func TestCountQueries(t *testing.T) {
	db := pgtest.New(t)
	ctx, n := postgres.CountQueries(t.Context())
	err := postgres.InTx(ctx, db.App, func(tx pgx.Tx) error {
		var v int
		if err := tx.QueryRow(ctx, "SELECT 1").Scan(&v); err != nil {
			return err
		}
		b := &pgx.Batch{}
		b.Queue("SELECT 2")
		b.Queue("SELECT 3")
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	run(t, db.App, "SELECT 4") // under another context
	if got := strings.Join(n.Statements(), "; "); n.N() != 3 || got != "SELECT 1; SELECT 2; SELECT 3" {
		t.Errorf("counted %d: %s, want the three SELECTs", n.N(), got)
	}
}

func TestSlowStatementsAreLoggedWithoutArguments(t *testing.T) {
	db := pgtest.New(t)
	var log strings.Builder
	pool := pgtest.Pool(t, db.AppURL, postgres.Options{Slow: slog.New(slog.NewTextHandler(&log, nil))})
	run(t, pool, "SELECT pg_sleep(0.25), $1::text", "ann@example.org")
	run(t, pool, "SELECT 1")
	if got := log.String(); strings.Count(got, "slow statement") != 1 || strings.Contains(got, "ann@example.org") {
		t.Errorf("log = %q, want one slow statement and no argument", got)
	}
}

func TestPurge(t *testing.T) {
	db := pgtest.New(t)
	got := make(chan string, 10)
	listen(t, db.AppURL, postgres.Listener{Channel: postgres.PurgeChannel, Notify: func(p string) { got <- p }})
	long := []string{strings.Repeat("x", 8000)}
	for _, tt := range []struct {
		tags []string
		want string
	}{
		{[]string{"front", "article:12", "front"}, "article:12 front"},
		{long, "all"},
	} {
		if err := postgres.InTx(t.Context(), db.App, func(tx pgx.Tx) error { return postgres.Purge(t.Context(), tx, tt.tags...) }); err != nil {
			t.Fatal(err)
		}
		if payload := receive(t, got); payload != tt.want {
			t.Errorf("Purge(%.30q) sends %.60q, want %q", tt.tags, payload, tt.want)
		}
	}
}

func TestPurgesAreNotedForTheRequest(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx, own := postgres.Purging(t.Context())
	for _, tags := range [][]string{{"b", "a", "b"}, {"c"}, nil} {
		if err := postgres.InTx(ctx, db.App, func(tx pgx.Tx) error { return postgres.Purge(ctx, tx, tags...) }); err != nil {
			t.Fatal(err)
		}
	}
	if got := own.Take(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("noted %q", got)
	}
	if got := own.Take(); len(got) != 0 {
		t.Errorf("noted again: %q", got)
	}
}
