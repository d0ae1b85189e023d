package postgres

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// PurgeChannel carries the tags of pages that an act changed, space-separated, or the one word "all".
const PurgeChannel = "stet_purge"

// purgeLimit keeps below Postgres's 8,000 bytes for one notification.
const purgeLimit = 7900

// Purge announces, when tx commits, that every cached page under one of the tags is out of date. It is called once in a
// transaction, and only by acts that change a public page: a notification serialises commits.
func Purge(ctx context.Context, tx pgx.Tx, tags ...string) error {
	slices.Sort(tags)
	tags = slices.Compact(tags)
	if len(tags) == 0 {
		return nil
	}
	payload := strings.Join(tags, " ")
	if len(payload) > purgeLimit {
		payload = "all"
	}
	_, err := tx.Exec(ctx, `SELECT pg_notify($1, $2)`, PurgeChannel, payload)
	return err
}

// At gives the parameter for SQL's coalesce($n::timestamptz, clock_timestamp()): nil where now is nil, so that the database's clock
// counts and a machine with a wrong one changes nothing. Tests and the demo set a clock of their own.
func At(now func() time.Time) *time.Time {
	if now == nil {
		return nil
	}
	t := now()
	return &t
}
