package postgres_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"stet/internal/postgres"
)

func TestForClient(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct{ address, password string }{
		"postgres://stet_owner:hush%20hush@db.example:5433/stet?sslmode=verify-full":  {"postgres://stet_owner@db.example:5433/stet?sslmode=verify-full", "hush hush"},
		"postgresql://stet_owner@/stet?host=/run/postgresql&pool_max_conns=4":         {"postgresql://stet_owner@/stet?host=%2Frun%2Fpostgresql", ""},
		"postgres://db.example/stet?user=x&password=hush&options=-c%20work_mem%3D1MB": {"postgres://db.example/stet?options=-c%20work_mem%3D1MB&user=x", "hush"},
	} {
		c, err := postgres.ForClient(address)
		if err != nil || c.Address != want.address {
			t.Errorf("%s = %q, %v, want %q", address, c.Address, err, want.address)
		}
		if set := slices.Contains(c.Environment, "PGPASSWORD="+want.password); set != (want.password != "") {
			t.Errorf("%s: the password is in the environment: %v", address, set)
		}
		if strings.Contains(c.Address, "hush") {
			t.Errorf("%s shows the password", c.Address)
		}
	}
	for _, address := range []string{"host=/tmp user=stet_owner password=hush", "postgres://a:hush@[/x", ""} {
		if _, err := postgres.ForClient(address); !errors.Is(err, postgres.ErrAddress) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
