package pglocal

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestClient(t *testing.T) {
	p, err := Client(oldest)
	if err != nil || p.Major < oldest {
		t.Fatalf("Client(%d) = %+v, %v", oldest, p, err)
	}
	if _, err := os.Stat(p.Path("pg_restore")); err != nil {
		t.Error(err)
	}
	if _, err := Client(p.Major + 1000); !errors.Is(err, ErrNoPrograms) || !strings.Contains(err.Error(), "postgresql-client") {
		t.Errorf("of a version that isn't made yet: %v", err)
	}
	old, young := t.TempDir(), t.TempDir()
	for dir, version := range map[string]string{old: "90", young: "91"} {
		for _, name := range []string{"pg_dump", "pg_restore", "psql"} {
			if err := os.WriteFile(dir+"/"+name, []byte("#!/bin/sh\necho '"+name+" (PostgreSQL) "+version+".2'\n"), 0o755); err != nil { //nolint:gosec // a program
				t.Fatal(err)
			}
		}
	}
	t.Setenv("STET_PG_BIN", young)
	t.Setenv("PATH", old)
	if p, err := Client(90); err != nil || p.Dir != old {
		t.Errorf("of two that will do: %+v, %v, want the older", p, err)
	}
	if p, err := Client(91); err != nil || p.Dir != young {
		t.Errorf("of one that will do: %+v, %v", p, err)
	}
	if err := os.Remove(young + "/psql"); err != nil {
		t.Fatal(err)
	}
	if _, err := Client(91); !errors.Is(err, ErrNoPrograms) || !strings.Contains(err.Error(), "90") {
		t.Errorf("of one without psql: %v", err)
	}
}
