package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/pglocal"
	"stet/internal/postgres"
)

// snapshot is a moment of the database that pg_dump can be given.
type snapshot struct {
	id     string
	schema int64
	rows   map[string]int
}

// moment holds the database at one moment while do runs.
func moment(ctx context.Context, pool *pgxpool.Pool, do func(snapshot) error) error {
	return pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0`); err != nil {
			return err
		}
		var at snapshot
		if err := tx.QueryRow(ctx, `SELECT pg_export_snapshot()`).Scan(&at.id); err != nil {
			return err
		}
		var err error
		if at.schema, _, err = postgres.Schema(ctx, tx); err != nil {
			return err
		}
		if at.rows, err = countRows(ctx, tx); err != nil {
			return err
		}
		return do(at)
	})
}

// countRows counts every table of the schema.
func countRows(ctx context.Context, q postgres.Querier) (map[string]int, error) {
	rows, err := q.Query(ctx, `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname`)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	count := make(map[string]int, len(names))
	for _, name := range names {
		var n int
		if err := q.QueryRow(ctx, "SELECT count(*) FROM public."+pgx.Identifier{name}.Sanitize()).Scan(&n); err != nil {
			return nil, fmt.Errorf("count %s: %w", name, err)
		}
		count[name] = n
	}
	return count, nil
}

// serverVersion is the major version of the server.
func serverVersion(ctx context.Context, q postgres.Querier) (int, error) {
	var v int
	err := q.QueryRow(ctx, `SELECT current_setting('server_version_num')::int / 10000`).Scan(&v)
	return v, err
}

// command is one of Postgres's own programs. It speaks English, so that its progress can be read.
func (s Site) command(ctx context.Context, program string, args ...string) (*exec.Cmd, error) {
	client, err := postgres.ForClient(s.Address)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, append(args, "--no-password", "--dbname="+client.Address)...)
	cmd.Env = slices.Concat(client.Environment, []string{"LC_ALL=C"})
	return cmd, nil
}

// run has pg_dump write the moment to a file.
func (s Site) run(ctx context.Context, programs pglocal.Programs, at snapshot, to *os.File) error {
	cmd, err := s.command(ctx, programs.Path("pg_dump"), "--format=custom", "--no-owner", "--verbose", "--snapshot="+at.id)
	if err != nil {
		return err
	}
	tables := 0
	said := &said{line: func(line string) {
		if strings.Contains(line, "dumping contents of table") {
			tables++
			s.progress("database", min(tables, len(at.rows)), len(at.rows))
		}
	}}
	cmd.Stdout, cmd.Stderr = to, said
	return said.told("pg_dump", cmd.Run())
}

// said keeps the last lines of what a program says, and shows each to somebody.
type said struct {
	mu   sync.Mutex
	rest []byte
	last []string
	line func(string)
}

const lastLines = 5

// Write implements io.Writer.
func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest = append(s.rest, p...)
	for {
		line, rest, found := strings.Cut(string(s.rest), "\n")
		if !found {
			return len(p), nil
		}
		s.rest = []byte(rest)
		if s.last = append(s.last, line); len(s.last) > lastLines {
			s.last = s.last[1:]
		}
		if s.line != nil {
			s.line(line)
		}
	}
}

// told adds to a program's error what it said last.
func (s *said) told(program string, err error) error {
	if err == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Errorf("%s: %w: %s", program, err, strings.Join(s.last, "; "))
}

// emptying removes all that is ours from the schema, as its owner. What an extension brought stays.
const emptying = `
DO $$
DECLARE
	command text;
BEGIN
	FOREACH command IN ARRAY ARRAY(
		SELECT format('DROP %s IF EXISTS public.%I CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.relname)
		FROM pg_class c
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
			AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'i'))
		UNION ALL
		SELECT format('DROP ROUTINE IF EXISTS public.%I(%s) CASCADE', p.proname, pg_get_function_identity_arguments(p.oid))
		FROM pg_proc p
		WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
		UNION ALL
		SELECT format('DROP TYPE IF EXISTS public.%I CASCADE', t.typname)
		FROM pg_type t
		WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd') AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
		UNION ALL
		SELECT format('DROP TEXT SEARCH CONFIGURATION IF EXISTS public.%I CASCADE', t.cfgname)
		FROM pg_ts_config t
		WHERE t.cfgnamespace = 'public'::regnamespace)
	LOOP
		EXECUTE command;
	END LOOP;
END
$$;
`

// ErrInUse says that somebody works in a database that is to be replaced.
var ErrInUse = errors.New("the database is in use: stop what runs over it")

// preamble begins the one transaction in which a database is made again. Whoever uses the database is not waited for long.
const preamble = "BEGIN;\nSET LOCAL statement_timeout = 0;\nSET LOCAL idle_in_transaction_session_timeout = 0;\nSET LOCAL client_min_messages = warning;\nSET LOCAL lock_timeout = '10s';\n"

// load makes the database from a dump, in one transaction: as a whole or not at all. pg_restore writes what psql performs.
func (s Site) load(ctx context.Context, o loading, dump io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var told, heard said
	psql, err := s.command(ctx, o.programs.Path("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
	if err != nil {
		return err
	}
	psql.Stdout, psql.Stderr = io.Discard, &heard
	script, err := psql.StdinPipe()
	if err != nil {
		return err
	}
	args := []string{"--no-owner", "--use-list=" + o.entries, "--file=-"}
	if !o.privileges {
		args = append(args, "--no-privileges")
	}
	restore := exec.CommandContext(ctx, o.programs.Path("pg_restore"), args...)
	restore.Stdin, restore.Stdout, restore.Stderr = dump, script, &told
	if err := psql.Start(); err != nil {
		return err
	}
	_, err = io.WriteString(script, preamble+emptying)
	if err == nil {
		err = told.told("pg_restore", restore.Run())
	}
	if err == nil {
		// Only now: psql must not take the end of what a failed pg_restore wrote for the end of the whole.
		_, err = io.WriteString(script, "\nCOMMIT;\n")
	}
	err = errors.Join(err, script.Close())
	if failed := heard.told("psql", psql.Wait()); failed != nil {
		if strings.Contains(failed.Error(), "lock timeout") {
			return fmt.Errorf("%w: %w", ErrInUse, failed)
		}
		return failed // what it refused is why the others couldn't go on
	}
	return err
}

// others are entries of a dump that belong to whoever made the database: words about extensions, and the schema itself.
var others = []string{" COMMENT - EXTENSION ", " SCHEMA - public ", " COMMENT - SCHEMA public "}

// entriesOf writes into a folder the list of what pg_restore shall restore: all but the entries of others.
func entriesOf(ctx context.Context, programs pglocal.Programs, dump io.Reader, dir string) (string, error) {
	var told said
	cmd := exec.CommandContext(ctx, programs.Path("pg_restore"), "--list")
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stdin, cmd.Stderr = dump, &told // it reads the head of the dump and goes
	list, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	var kept strings.Builder
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		if !slices.ContainsFunc(others, func(what string) bool { return strings.Contains(lines.Text(), what) }) {
			kept.WriteString(lines.Text() + "\n")
		}
	}
	if err := errors.Join(lines.Err(), told.told("pg_restore", cmd.Wait())); err != nil {
		return "", err
	}
	file := filepath.Join(dir, "entries")
	return file, os.WriteFile(file, []byte(kept.String()), 0o600)
}
