package front

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
)

// Turn purges the fronts on which a placing began or ended by itself since the last turn. Each instance calls it every second: where nothing
// did it is one small query, and of several instances one does it. An act purges its front itself, so what is written with a time that has
// passed meanwhile is not missed.
func (s *Store) Turn(ctx context.Context) error {
	const due = `p.from_at > t.at AND p.from_at <= n.now OR p.until_at > t.at AND p.until_at <= n.now`
	const now = `(SELECT coalesce($1::timestamptz, clock_timestamp()) AS now) AS n`
	var any bool
	err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM front_turns t, `+now+`, front_placings p WHERE `+due+`)`, postgres.At(s.Now)).Scan(&any)
	if err != nil {
		return fmt.Errorf("turn fronts: %w", err)
	}
	if !any {
		return nil
	}
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var at time.Time
		// The time is taken once the row is held: what becomes due while another turns is left to the next.
		err := tx.QueryRow(ctx, `SELECT coalesce($1::timestamptz, clock_timestamp()) FROM front_turns FOR UPDATE SKIP LOCKED`, postgres.At(s.Now)).Scan(&at)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			SELECT DISTINCT coalesce(s.category_id, 0)
			FROM front_turns t, `+now+`, front_placings p
			JOIN front_slots s ON s.id = p.slot_id
			WHERE `+due, &at)
		if err != nil {
			return err
		}
		fronts, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE front_turns SET at = $1`, at); err != nil {
			return err
		}
		tags := make([]string, len(fronts))
		for i, category := range fronts {
			tags[i] = tag(category)
		}
		return postgres.Purge(ctx, tx, tags...)
	})
	if err != nil {
		return fmt.Errorf("turn fronts: %w", err)
	}
	return nil
}
