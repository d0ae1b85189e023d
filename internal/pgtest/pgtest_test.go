package pgtest_test

import (
	"testing"

	"stet/internal/pglocal"
	"stet/internal/pgtest"
	"stet/internal/postgres"
)

func TestNewGivesSeparateDatabases(t *testing.T) {
	for _, name := range []string{"one", "two", "three"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			if err := postgres.CheckSchema(t.Context(), db.App); err != nil {
				t.Errorf("schema of a fresh database: %v", err)
			}
			if _, err := db.Owner.Exec(t.Context(), "CREATE TABLE only_here (name text)"); err != nil {
				t.Errorf("the owner finds another test's table: %v", err)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	db := pgtest.New(t)
	who := func(q postgres.Querier) string {
		var name string
		if err := q.QueryRow(t.Context(), "SELECT current_user").Scan(&name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for want, pool := range map[string]postgres.Querier{
		pglocal.Superuser: db.Super, postgres.Owner: db.Owner, postgres.App: db.App, postgres.Reader: db.Reader,
	} {
		if got := who(pool); got != want {
			t.Errorf("current_user = %s, want %s", got, want)
		}
	}
}

func TestDatabaseIsDropped(t *testing.T) {
	var name string
	t.Run("user", func(t *testing.T) {
		db := pgtest.New(t)
		if err := db.App.QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	db := pgtest.New(t)
	var there bool
	if err := db.Super.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if there {
		t.Errorf("database %s outlived its test", name)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		pgtest.New(b)
	}
}
