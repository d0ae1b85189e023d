package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Bulk makes tx one that loads many rows. Its statements may take as long as they need, and the commit doesn't wait for the disk: after a crash
// of the database the load may be gone, but whole, and with all that was committed later. Where turn isn't 0 it first waits, as long as ctx lets
// it, until other loads with that turn are done: rows that come in their order fill an index's pages, and are entered with less work.
func Bulk(ctx context.Context, tx pgx.Tx, turn int64) error {
	sql := "SET LOCAL statement_timeout = 0; SET LOCAL synchronous_commit = off"
	if turn != 0 {
		sql += fmt.Sprintf("; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(%d); SET LOCAL lock_timeout = %s", turn, milliseconds(lockTimeout))
	}
	// Below the tracer: who waits for a turn isn't slow.
	if _, err := tx.Conn().PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		return fmt.Errorf("begin a load: %w", err)
	}
	return nil
}
