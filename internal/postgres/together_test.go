package postgres_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/pgtest"
	"stet/internal/postgres"
)

// asked is a read of one number.
func asked(from postgres.ReadPool, into *int, sql string, args ...any) postgres.Read {
	return postgres.Read{From: from, What: "read it", SQL: sql, Args: args, Take: func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
		return err
	}}
}

// TestTogether sends three reads in one round trip and one of another pool in a second; what asks for nothing is left out.
func TestTogether(t *testing.T) {
	db := pgtest.New(t)
	other := pgtest.Pool(t, db.AppURL, postgres.Options{})
	for _, tt := range []struct {
		name  string
		pools [4]*pgxpool.Pool
		trips int
	}{
		{"one pool", [4]*pgxpool.Pool{db.App, db.App, db.App, db.App}, 1},
		{"two pools", [4]*pgxpool.Pool{db.App, other, db.App, db.App}, 2},
		{"two and two", [4]*pgxpool.Pool{db.App, other, other, db.App}, 2},
	} {
		var got [4]int
		var reads []postgres.Read
		for i, pool := range tt.pools {
			reads = append(reads, asked(pool, &got[i], "SELECT $1::integer", i+1), postgres.Read{})
		}
		ctx, n := postgres.CountQueries(t.Context())
		if err := postgres.Together(ctx, reads...); err != nil || got != [4]int{1, 2, 3, 4} {
			t.Errorf("%s: %v, %v", tt.name, got, err)
		}
		if n.Trips() != tt.trips || n.N() != 4 {
			t.Errorf("%s: %d statements in %d round trips, want 4 in %d", tt.name, n.N(), n.Trips(), tt.trips)
		}
	}
	ctx, n := postgres.CountQueries(t.Context())
	if err := errors.Join(postgres.Together(ctx), postgres.Together(ctx, postgres.Read{}), postgres.Read{}.Run(ctx)); err != nil || n.Trips() != 0 {
		t.Errorf("nothing is %d round trips, %v", n.Trips(), err)
	}
}

// TestTogetherFails says what failed, whether Postgres refuses it, its rows can't be read or the database is away, and gives the connection back.
func TestTogetherFails(t *testing.T) {
	db := pgtest.New(t)
	away := pgtest.Pool(t, "postgres://stet_app@127.0.0.1:1/nowhere", postgres.Options{})
	var n [3]int
	refused := asked(db.App, &n[1], "SELECT 1 / $1::integer", 0)
	refused.What = "divide"
	unread := asked(db.App, &n[1], "SELECT 1 WHERE $1", false)
	unread.What = "find one"
	for _, tt := range []struct {
		name  string
		reads []postgres.Read
		want  string
		is    func(error) bool
	}{
		{"refused", []postgres.Read{asked(db.App, &n[0], "SELECT 7"), refused, asked(db.App, &n[2], "SELECT 9")}, "divide: ", func(err error) bool { return strings.Contains(err.Error(), "22012") }},
		{"refused alone", []postgres.Read{refused}, "divide: ", func(err error) bool { return strings.Contains(err.Error(), "22012") }},
		{"unread", []postgres.Read{unread, asked(db.App, &n[2], "SELECT 9")}, "find one: ", func(err error) bool { return errors.Is(err, pgx.ErrNoRows) }},
		{"away", []postgres.Read{asked(away, &n[0], "SELECT 7"), asked(away, &n[2], "SELECT 9")}, "read it, and what is sent with it: ", postgres.IsUnavailable},
	} {
		err := postgres.Together(t.Context(), tt.reads...)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || !tt.is(err) {
			t.Errorf("%s: %v, want %s…", tt.name, err, tt.want)
		}
	}
	if held := db.App.Stat().AcquiredConns(); held != 0 {
		t.Errorf("%d connections are still held", held)
	}
}

// TestTogetherKeepsPlans has what a reader asks for in vain cost no plan: the statements stay prepared.
func TestTogetherKeepsPlans(t *testing.T) {
	db := pgtest.New(t)
	pool := pgtest.Pool(t, db.AppURL, postgres.Options{MaxConns: 1})
	var n int
	for range 3 {
		err := postgres.Together(t.Context(), asked(pool, &n, "SELECT 7"), asked(pool, &n, "SELECT 1 WHERE $1", false))
		if !errors.Is(err, pgx.ErrNoRows) {
			t.Fatalf("Together = %v", err)
		}
	}
	if got := one[int](t, pool, `SELECT sum(generic_plans + custom_plans)::integer FROM pg_prepared_statements WHERE statement LIKE 'SELECT 1 WHERE%'`); got != 3 {
		t.Errorf("of three runs the last prepared statement has seen %d", got)
	}
}

// TestSlowBatchesAreLogged names the statements that were sent together with one that took long, once and without arguments.
func TestSlowBatchesAreLogged(t *testing.T) {
	db := pgtest.New(t)
	var log strings.Builder
	pool := pgtest.Pool(t, db.AppURL, postgres.Options{Slow: slog.New(slog.NewTextHandler(&log, nil))})
	var n int
	for _, seconds := range []float64{0, 0.25} {
		slow := asked(pool, &n, "SELECT 1 FROM pg_sleep($1::float8), nullif($2::text, '')", seconds, "ann@example.org")
		if err := postgres.Together(t.Context(), asked(pool, &n, "SELECT 7"), slow); err != nil {
			t.Fatal(err)
		}
	}
	if got := log.String(); strings.Count(got, "slow statement") != 1 || !strings.Contains(got, "SELECT 7; SELECT 1 FROM pg_sleep") || strings.Contains(got, "ann@example.org") {
		t.Errorf("log = %q, want one slow batch without arguments", got)
	}
}
