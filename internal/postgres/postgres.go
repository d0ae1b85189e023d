// Package postgres is the way to the database: pools with the right role and limits, transactions, reads that are sent together, what an error
// of the database means, roles and schema, and the channel on which instances hear of each other's changes.
//
// It knows Postgres and nothing of the newsroom: no table of a noun is read or written here, with one exception, the question whether the
// public record is empty before a migration is taken back. It must never hand out a connection without limits on how long it may be used.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The three roles. Owner has the schema and migrates it, App is what the server signs in as and owns nothing, Reader is what App
// becomes for readers' pages and may see only what is public.
const (
	Owner  = "stet_owner"
	App    = "stet_app"
	Reader = "stet_reader"
)

// Querier is what a read needs that may run inside or outside a transaction: a pool or a pgx.Tx.
type Querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// ReadPool is what readers' pages are read from: one pool, or a Replicated.
type ReadPool interface {
	Querier
	BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error)
}

var (
	_ ReadPool = (*pgxpool.Pool)(nil)
	_ Querier  = (pgx.Tx)(nil)
)

// Options of a pool. The zero value is the newsroom's: its own role, ten connections, ten seconds a statement.
type Options struct {
	Role             string        // taken by SET ROLE on every new connection; empty: who signs in
	RoleIfGranted    bool          // stay who signed in where Role is missing or not granted, as where a host gives only one role
	MaxConns         int           // 0: 10
	StatementTimeout time.Duration // 0: 10 s
	AppName          string        // shown in pg_stat_activity; empty: stet
	Slow             *slog.Logger  // is told of statements over 200 ms, without their arguments; nil: nobody is
}

// Readers are the options for readers' pages: the role that sees only what is public, and two seconds a statement.
func Readers() Options { return Options{Role: Reader, StatementTimeout: 2 * time.Second} }

const (
	lockTimeout = 2 * time.Second
	idleTimeout = 10 * time.Second
	dialTimeout = 5 * time.Second
)

// Open makes a pool and returns at once: it connects when it is first used, so a database that is away is no error here. An url that
// can't be understood is, and IsHopeless says so. Times are UTC in both directions.
//
// A caller must bring a deadline with every context: the pool waits for a free connection as long as it is let.
func Open(ctx context.Context, url string, o Options) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database url: %w", err)
	}
	if o.MaxConns == 0 {
		o.MaxConns = 10
	}
	if o.StatementTimeout == 0 {
		o.StatementTimeout = 10 * time.Second
	}
	cfg.MaxConns = int32(min(o.MaxConns, 10_000))
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.MaxConnLifetime = time.Hour
	cfg.MaxConnLifetimeJitter = 5 * time.Minute
	tune(cfg.ConnConfig, o)
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { return prepare(ctx, conn, o) }
	return pgxpool.NewWithConfig(ctx, cfg)
}

// tune sets what every connection of ours has.
func tune(cfg *pgx.ConnConfig, o Options) {
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = dialTimeout
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "stet"
	}
	if o.AppName != "" {
		cfg.RuntimeParams["application_name"] = o.AppName
	}
	cfg.Tracer = tracer{slow: o.Slow}
}

// prepare sets limits, zone and role of a new connection in one round trip. They aren't sent with the start-up packet, as poolers
// between us and Postgres refuse what they don't know there; and below the tracer, so that they count as nobody's queries.
func prepare(ctx context.Context, conn *pgx.Conn, o Options) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name:  "timestamptz",
		OID:   pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	// Compiling a statement takes longer than any of ours runs. Searches look through the words that wait for their place in the index.
	sql := "SET TimeZone = 'UTC'; SET jit = off; SET gin_pending_list_limit = '64kB'; SET statement_timeout = " + milliseconds(o.StatementTimeout) +
		"; SET lock_timeout = " + milliseconds(lockTimeout) +
		"; SET idle_in_transaction_session_timeout = " + milliseconds(idleTimeout)
	switch {
	case o.Role != "" && o.RoleIfGranted:
		sql += "; SELECT set_config('role', rolname, false) FROM pg_roles WHERE rolname = " + literal(o.Role) + " AND pg_has_role(session_user, oid, 'MEMBER')"
	case o.Role != "":
		sql += "; SET ROLE " + pgx.Identifier{o.Role}.Sanitize()
	}
	if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		return &prepareError{err}
	}
	return nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// InTx runs fn in one transaction and commits it; an error or a panic of fn rolls it back. The connection is held all the while, so fn
// must use tx for everything and never wait for anything but the database. That the rollback fails too is joined to fn's error.
func InTx(ctx context.Context, pool *pgxpool.Pool, fn func(tx pgx.Tx) error) (err error) {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	committed := false
	defer func() {
		if committed {
			return
		}
		// A rolled back or broken connection has ended the transaction by itself.
		if rerr := tx.Rollback(ctx); rerr != nil && !errors.Is(rerr, pgx.ErrTxClosed) {
			err = errors.Join(err, fmt.Errorf("roll back: %w", rerr))
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	err = tx.Commit(ctx)
	committed = err == nil
	return err
}
