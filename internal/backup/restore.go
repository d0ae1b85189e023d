package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/media"
	"stet/internal/pglocal"
	"stet/internal/postgres"
	"stet/migrations"
)

// ErrNotEmpty says that a database has something in it which would be lost.
var ErrNotEmpty = errors.New("the database isn't empty: give --replace to have all that is in it replaced")

// Restore makes the site from a file. The whole file is read and compared with its manifest before anything is changed: a damaged one is
// ErrDamaged. The database is made in one transaction, as a whole or not at all, by its owner; one that isn't empty is ErrNotEmpty unless
// replace is set. Then come the files of media; what is there under other names stays. Nobody should use the database meanwhile.
func Restore(ctx context.Context, s Site, file string, replace bool) (Manifest, error) {
	m, err := s.restore(ctx, file, replace)
	if err != nil {
		return m, fmt.Errorf("restore %s: %w", file, err)
	}
	return m, nil
}

func (s Site) restore(ctx context.Context, file string, replace bool) (Manifest, error) {
	m, err := Check(file, func(done, total int) { s.progress("check (MB)", done, total) })
	if err != nil {
		return m, err
	}
	if newest := migrations.Newest(); m.Schema > newest {
		return m, fmt.Errorf("its schema is of version %d and this program knows %d: use a newer stet", m.Schema, newest)
	}
	pool, err := s.open(ctx)
	if err != nil {
		return m, err
	}
	defer pool.Close()
	o, err := s.prepare(ctx, pool, m, replace)
	if err != nil {
		return m, err
	}
	dir, err := os.MkdirTemp("", "stet-restore-")
	if err != nil {
		return m, err
	}
	defer func() {
		_ = os.RemoveAll(dir) // a list of names, in the folder for such things
	}()
	if o.entries, err = firstRead(ctx, file, o.programs, dir); err != nil {
		return m, err
	}
	list := newListing()
	_, err = read(file, contents{
		dump: func(r io.Reader) error { return s.database(ctx, pool, m, o, r) },
		media: func(b media.Blob, r io.Reader) error {
			list.files++
			s.progress("media", list.files, m.Media.Files)
			return s.Media.Put(ctx, b.Key, b.Name, r)
		},
	})
	return m, err
}

// loading is how a dump goes into a database.
type loading struct {
	programs   pglocal.Programs
	entries    string // file with the list of what is taken from the dump
	privileges bool
}

// prepare looks at what there is, changing nothing.
func (s Site) prepare(ctx context.Context, pool *pgxpool.Pool, m Manifest, replace bool) (loading, error) {
	var o loading
	server, err := serverVersion(ctx, pool)
	if err != nil {
		return o, err
	}
	if server < m.Postgres {
		return o, fmt.Errorf("it was made on Postgres %d and this server is version %d: use one that is no older", m.Postgres, server)
	}
	if o.programs, err = pglocal.Client(max(server, m.Programs)); err != nil {
		return o, err
	}
	rows, err := countRows(ctx, pool)
	if err != nil {
		return o, err
	}
	if len(rows) > 0 && !replace {
		return o, ErrNotEmpty
	}
	var missing []string
	err = pool.QueryRow(ctx, `SELECT coalesce(array_agg(name), '{}') FROM unnest($1::text[]) AS name WHERE name NOT IN (SELECT rolname FROM pg_roles)`,
		[]string{postgres.App, postgres.Reader}).Scan(&missing)
	if err != nil {
		return o, err
	}
	o.privileges = len(missing) == 0
	if !o.privileges {
		s.notice("this server has no role %s: what the roles may do isn't restored, and everything runs with the one role that owns it", strings.Join(missing, " and no "))
	}
	return o, nil
}

var errEnough = errors.New("enough was read")

// firstRead lists what the dump has.
func firstRead(ctx context.Context, file string, programs pglocal.Programs, dir string) (entries string, err error) {
	_, err = read(file, contents{dump: func(r io.Reader) (err error) {
		if entries, err = entriesOf(ctx, programs, r, dir); err != nil {
			return err
		}
		return errEnough
	}})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return entries, err
}

// database makes the database from its dump and counts what is in it.
func (s Site) database(ctx context.Context, pool *pgxpool.Pool, m Manifest, o loading, dump io.Reader) error {
	var done int64
	err := s.load(ctx, o, &counting{r: dump, add: func(n int) {
		done += int64(n)
		s.progress("database (MB)", megabytes(done), megabytes(m.Dump.Bytes))
	}})
	if err != nil {
		return err
	}
	rows, err := countRows(ctx, pool)
	if err != nil {
		return err
	}
	if !maps.Equal(rows, m.Rows) {
		return fmt.Errorf("%w: the database has %v, and had %v when it was saved", ErrDamaged, sorted(rows), sorted(m.Rows))
	}
	// Or the planner would know nothing of it until the server looks by itself.
	_, err = pool.Exec(ctx, `ANALYZE`)
	return err
}

func sorted(rows map[string]int) (out []string) {
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		out = append(out, fmt.Sprintf("%s %d", name, rows[name]))
	}
	return out
}
