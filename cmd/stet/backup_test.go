package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stet/internal/pgtest"
	"stet/internal/staff"
)

// TestBackupAndRestore goes the whole way by the command line: saved, refused where there is something, made in an empty database, checked.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	db, dir := pgtest.New(t), t.TempDir()
	if _, err := staff.New(db.App).Add(t.Context(), staff.System(), staff.NewPerson{Email: "a@staff.example", Name: "A", Password: "correct horse battery", Roles: staff.Roles{staff.Admin}}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "site.stet")
	stet := func(owner string, args ...string) (code int, out, said string) {
		t.Helper()
		env := map[string]string{"STET_MIGRATE_DATABASE_URL": owner, "STET_DATA": filepath.Join(dir, "data")}
		var o, e bytes.Buffer
		code = run(t.Context(), args, streams{In: strings.NewReader(""), Out: &o, Err: &e, Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }})
		return code, o.String(), e.String()
	}
	if code, out, said := stet(db.OwnerURL, "backup", file); code != 0 || !strings.Contains(out, "site.stet: schema") || !strings.Contains(said, "database:") {
		t.Fatalf("backup: %d %q %q", code, out, said)
	}
	if code, _, said := stet(db.OwnerURL, "restore", file); code != 1 || !strings.Contains(said, "stet: restore "+file+": the database isn't empty: give --replace") {
		t.Errorf("restore over what is there: %d %q", code, said)
	}
	if code, _, said := stet(db.OwnerURL, "restore", filepath.Join(dir, "missing.stet")); code != 2 {
		t.Errorf("restore of nothing: %d %q", code, said)
	}
	_, ownerURL := pgtest.Empty(t)
	if code, out, said := stet(ownerURL, "restore", file); code != 0 || !strings.Contains(out, "the public record stands") || !strings.Contains(out, "restored") {
		t.Errorf("restore: %d %q %q", code, out, said)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, said := stet(ownerURL, "restore", "--replace", file); code != 1 || !strings.Contains(said, "not a whole backup") {
		t.Errorf("restore of half a file: %d %q", code, said)
	}
	if code, _, said := stet("host=/tmp user=x", "backup", file); code != 1 || !strings.Contains(said, "must be a URL") {
		t.Errorf("an address that isn't a URL: %d %q", code, said)
	}
}
