package postgres_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"stet/internal/pgtest"
	"stet/internal/postgres"
)

// otherwise changes one part of a database's address.
func otherwise(t *testing.T, address string, change func(u *url.URL)) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	change(u)
	return u.String()
}

func attempt(t *testing.T, address string, o postgres.Options) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := pgtest.Pool(t, address, o).Exec(ctx, "SELECT 1")
	if err == nil {
		t.Fatalf("%s lets in", address)
	}
	return err
}

func TestHopelessConnections(t *testing.T) {
	db := pgtest.New(t)
	for name, err := range map[string]error{
		"unknown database": attempt(t, otherwise(t, db.AppURL, func(u *url.URL) { u.Path = "/nowhere" }), postgres.Options{}),
		"unknown role":     attempt(t, otherwise(t, db.AppURL, func(u *url.URL) { u.User = url.User("nobody") }), postgres.Options{}),
		"role not there":   attempt(t, db.AppURL, postgres.Options{Role: "nobody"}),
		"role not granted": attempt(t, db.AppURL, postgres.Options{Role: postgres.Owner}),
		"old schema":       &postgres.SchemaError{Have: 1, Want: 2},
	} {
		if !postgres.IsHopeless(err) || postgres.IsUnavailable(err) {
			t.Errorf("%s: %v: hopeless %v, unavailable %v; want hopeless", name, err, postgres.IsHopeless(err), postgres.IsUnavailable(err))
		}
	}
}

func TestUnavailable(t *testing.T) {
	db := pgtest.New(t)
	short := pgtest.Pool(t, db.OwnerURL, postgres.Options{StatementTimeout: 20 * time.Millisecond, MaxConns: 1})
	_, slow := short.Exec(t.Context(), "SELECT pg_sleep(5)")

	held, err := short.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, exhausted := short.Exec(ctx, "SELECT 1")
	held.Release()

	closed, err := postgres.Open(t.Context(), db.AppURL, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	_, gone := closed.Exec(t.Context(), "SELECT 1")

	for name, err := range map[string]error{
		"statement timeout": slow,
		"no connection":     exhausted,
		"closed pool":       gone,
		"no socket":         attempt(t, otherwise(t, db.AppURL, func(u *url.URL) { u.RawQuery = "host=/nowhere" }), postgres.Options{}),
		"too many":          raise(t, db, "53300"),
		"disk full":         raise(t, db, "53100"),
		"standby":           raise(t, db, "25006"),
		"deadlock":          raise(t, db, "40P01"),
	} {
		if !postgres.IsUnavailable(err) || postgres.IsHopeless(err) {
			t.Errorf("%s: %v: unavailable %v, hopeless %v; want unavailable", name, err, postgres.IsUnavailable(err), postgres.IsHopeless(err))
		}
	}
	cancelled, stop := context.WithCancel(t.Context())
	stop()
	_, left := db.App.Exec(cancelled, "SELECT 1")
	for name, err := range map[string]error{
		"nothing":         nil,
		"visitor left":    left,
		"division":        raise(t, db, "22012"),
		"no right to":     raise(t, db, "42501"),
		"unknown setting": raise(t, db, "22023"),
	} {
		if postgres.IsUnavailable(err) || postgres.IsHopeless(err) {
			t.Errorf("%s: %v: unavailable %v, hopeless %v; want neither", name, err, postgres.IsUnavailable(err), postgres.IsHopeless(err))
		}
	}
}

// raise has the database fail with a code.
func raise(t *testing.T, db *pgtest.DB, code string) error {
	t.Helper()
	_, err := db.Owner.Exec(t.Context(), "DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '"+code+"'; END $$")
	if err == nil {
		t.Fatalf("%s wasn't raised", code)
	}
	return err
}

func TestConstraints(t *testing.T) {
	db := pgtest.New(t)
	run(t, db.Owner, `
		CREATE TABLE desks (name text CONSTRAINT desks_name_key UNIQUE CONSTRAINT desks_name_check CHECK (name <> ''));
		CREATE TABLE seats (desk text CONSTRAINT seats_desk_fkey REFERENCES desks (name));
		INSERT INTO desks VALUES ('news')`)
	fails := func(sql string) error {
		_, err := db.Owner.Exec(t.Context(), sql)
		return err
	}
	twice := fails("INSERT INTO desks VALUES ('news')")
	stray := fails("INSERT INTO seats VALUES ('sport')")
	empty := fails("INSERT INTO desks VALUES ('')")
	for _, tt := range []struct {
		what string
		got  bool
		want bool
	}{
		{"unique", postgres.IsUnique(twice, "desks_name_key"), true},
		{"unique of another name", postgres.IsUnique(twice, "desks_other_key"), false},
		{"unique of another kind", postgres.IsUnique(empty, "desks_name_check"), false},
		{"foreign key", postgres.IsForeignKey(stray, "seats_desk_fkey"), true},
		{"no error", postgres.IsUnique(nil, "desks_name_key"), false},
	} {
		if tt.got != tt.want {
			t.Errorf("%s = %v, want %v", tt.what, tt.got, tt.want)
		}
	}
	if _, err := db.Reader.Exec(t.Context(), "SELECT FROM desks"); !postgres.IsDenied(err) {
		t.Errorf("a reader's SELECT of a table = %v, want denied", err)
	}
	run(t, db.Owner, "INSERT INTO audit (act) VALUES ('try')")
	if _, err := db.Owner.Exec(t.Context(), "DELETE FROM audit"); !postgres.IsRefused(err) {
		t.Errorf("DELETE of an audit row = %v, want refused", err)
	}
}
