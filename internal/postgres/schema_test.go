package postgres_test

import (
	"errors"
	"net/url"
	"sync"
	"testing"

	"stet/internal/pgtest"
	"stet/internal/postgres"
	"stet/migrations"
)

func TestMigrateFromSeveralInstancesAtOnce(t *testing.T) {
	superURL, ownerURL := pgtest.Empty(t)
	var wg sync.WaitGroup
	steps := make([][]postgres.Step, 3)
	errs := make([]error, 3)
	for i := range steps {
		wg.Go(func() { steps[i], errs[i] = postgres.Migrate(t.Context(), ownerURL, postgres.Up, false) })
	}
	wg.Wait()
	total := 0
	for i := range steps {
		if errs[i] != nil {
			t.Errorf("instance %d: %v", i, errs[i])
		}
		total += len(steps[i])
	}
	all, err := postgres.Migrations(t.Context(), ownerURL)
	if err != nil {
		t.Fatal(err)
	}
	if total != len(all) {
		t.Errorf("%d steps were taken together, want each of %d once", total, len(all))
	}
	for _, s := range all {
		if s.Applied.IsZero() {
			t.Errorf("%s isn't applied", s.Name)
		}
	}
	super := pgtest.Pool(t, superURL, postgres.Options{})
	if have, want, err := postgres.Schema(t.Context(), super); err != nil || have != want || want != migrations.Newest() {
		t.Errorf("Schema = %d, %d, %v, want %d twice", have, want, err, migrations.Newest())
	}
}

func TestMigrateDown(t *testing.T) {
	db := pgtest.New(t)
	// What the row says doesn't matter here, so nothing checks it.
	run(t, db.Super, `
		SET session_replication_role = replica;
		INSERT INTO publications (article_id, number, kind, recorded_at, version, notice, content_hash, prev_hash, hash)
		VALUES (1, 1, 'original', now(), 1, '', '', '', '');
		RESET session_replication_role`)
	if _, err := postgres.Migrate(t.Context(), db.OwnerURL, postgres.Down, false); !errors.Is(err, postgres.ErrRecord) {
		t.Errorf("Down over a record with rows = %v, want ErrRecord", err)
	}
	newest := migrations.Newest()
	steps, err := postgres.Migrate(t.Context(), db.OwnerURL, postgres.Down, true)
	if err != nil || len(steps) != 1 || steps[0].Version != newest {
		t.Fatalf("Down with destroy = %v, %v, want step %d", steps, err, newest)
	}
	var old *postgres.SchemaError
	if err := postgres.CheckSchema(t.Context(), db.Super); !errors.As(err, &old) || old.Have != newest-1 {
		t.Errorf("CheckSchema one step back = %v, want a SchemaError", err)
	}
}

func TestMigrateDownToNothingAndUpAgain(t *testing.T) {
	db := pgtest.New(t)
	for range migrations.Newest() {
		if _, err := postgres.Migrate(t.Context(), db.OwnerURL, postgres.Down, false); err != nil {
			t.Fatal(err)
		}
	}
	if steps, err := postgres.Migrate(t.Context(), db.OwnerURL, postgres.Down, false); err != nil || len(steps) != 0 {
		t.Errorf("Down of an empty database = %v, %v, want nothing to do", steps, err)
	}
	if have, _, err := postgres.Schema(t.Context(), db.Super); err != nil || have != 0 {
		t.Errorf("Schema of an empty database = %d, %v, want 0", have, err)
	}
	if _, err := postgres.Migrate(t.Context(), db.OwnerURL, postgres.Up, false); err != nil {
		t.Errorf("up again: %v", err)
	}
}

func TestCheckSchema(t *testing.T) {
	db := pgtest.New(t)
	add := func(version int64) {
		run(t, db.Super, "INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, true)", version)
	}
	if err := postgres.CheckSchema(t.Context(), db.App); err != nil {
		t.Errorf("the current schema: %v", err)
	}
	if err := postgres.CheckSchema(t.Context(), db.Reader); err != nil {
		t.Errorf("the current schema, asked by a reader: %v", err)
	}
	add(migrations.Newest() + 1)
	if err := postgres.CheckSchema(t.Context(), db.App); err != nil {
		t.Errorf("a schema one step ahead, as in the middle of an upgrade: %v", err)
	}
	add(migrations.Newest() + 2)
	if err := postgres.CheckSchema(t.Context(), db.App); !postgres.IsHopeless(err) {
		t.Errorf("a schema two steps ahead = %v, want a SchemaError", err)
	}
}

func TestProvision(t *testing.T) {
	superURL, ownerURL := pgtest.Empty(t)
	var wg sync.WaitGroup
	u, err := url.Parse(superURL)
	if err != nil {
		t.Fatal(err)
	}
	name := u.Path[1:] + "_more"
	for range 4 {
		wg.Go(func() {
			if err := postgres.Provision(t.Context(), superURL, name, postgres.Passwords{}); err != nil {
				t.Errorf("Provision beside another: %v", err)
			}
		})
	}
	wg.Wait()
	super := pgtest.Pool(t, superURL, postgres.Options{})
	if got := one[string](t, super, "SELECT pg_get_userbyid(datdba) || ' ' || pg_encoding_to_char(encoding) || ' ' || datcollate FROM pg_database WHERE datname = $1", name); got != "stet_owner UTF8 C.UTF-8" {
		t.Errorf("database: %s", got)
	}
	for _, drop := range []string{name, name} {
		if err := postgres.DropDatabase(t.Context(), superURL, drop); err != nil {
			t.Error(err)
		}
	}

	app := pgtest.Pool(t, otherwise(t, ownerURL, func(u *url.URL) { u.User = url.User(postgres.App) }), postgres.Options{})
	if _, err := app.Exec(t.Context(), "CREATE TABLE public.mine ()"); !postgres.IsDenied(err) {
		t.Errorf("CREATE TABLE as the application = %v, want denied", err)
	}
	run(t, pgtest.Pool(t, ownerURL, postgres.Options{}), "CREATE TABLE theirs ()")
	for role, want := range map[string]postgres.Standing{postgres.App: {Reader: true}, postgres.Owner: {Owner: true}} {
		pool := pgtest.Pool(t, otherwise(t, ownerURL, func(u *url.URL) { u.User = url.User(role) }), postgres.Options{})
		if got, err := postgres.Stand(t.Context(), pool); err != nil || got != want {
			t.Errorf("standing of %s = %+v, %v, want %+v", role, got, err, want)
		}
	}
	if got, err := postgres.Stand(t.Context(), super); err != nil || !got.Owner {
		t.Errorf("standing of the superuser = %+v, %v, want an owner's", got, err)
	}
}

func TestRoleIfGranted(t *testing.T) {
	db := pgtest.New(t)
	for role, want := range map[string]string{"nobody": postgres.App, postgres.Owner: postgres.App, postgres.Reader: postgres.Reader} {
		pool := pgtest.Pool(t, db.AppURL, postgres.Options{Role: role, RoleIfGranted: true})
		if got := one[string](t, pool, "SELECT current_user"); got != want {
			t.Errorf("with role %s if granted: current_user = %s, want %s", role, got, want)
		}
	}
}

func TestPasswords(t *testing.T) {
	superURL, _ := pgtest.Empty(t)
	u, err := url.Parse(superURL)
	if err != nil {
		t.Fatal(err)
	}
	super := pgtest.Pool(t, superURL, postgres.Options{})
	if err := postgres.Provision(t.Context(), superURL, u.Path[1:], postgres.Passwords{App: `it's \ odd`}); err != nil {
		t.Fatal(err)
	}
	if !one[bool](t, super, "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = $1", postgres.App) {
		t.Error("the application's role has no password")
	}
}

func TestServer(t *testing.T) {
	s, err := postgres.ParseServer("postgres://root:secret@db.example/postgres?sslmode=disable", "pw")
	if err != nil {
		t.Fatal(err)
	}
	for role, want := range map[string]string{
		postgres.App: "postgres://stet_app:pw@db.example/stet?sslmode=disable",
		"anybody":    "postgres://root:secret@db.example/stet?sslmode=disable",
	} {
		if got := s.URL(role, "stet"); got != want {
			t.Errorf("URL(%s) = %s, want %s", role, got, want)
		}
	}
	for _, bad := range []string{"", "mysql://root@db/x", "postgres://db/x", "://"} {
		if _, err := postgres.ParseServer(bad, ""); err == nil {
			t.Errorf("ParseServer(%q) took it", bad)
		}
	}
}
