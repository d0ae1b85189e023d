package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/pgtest"
	"stet/internal/postgres"
)

// Loads with one turn come after each other, those with another or none don't wait, and what a load may do ends with it.
func TestBulk(t *testing.T) {
	db := pgtest.New(t)
	bulk := func(turn int64, within func(tx pgx.Tx)) error {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		return postgres.InTx(t.Context(), db.App, func(tx pgx.Tx) error {
			err := postgres.Bulk(ctx, tx, turn)
			if err == nil && within != nil {
				within(tx)
			}
			return err
		})
	}
	settings := func(q postgres.Querier) string {
		return one[string](t, q, `SELECT concat_ws(' ', current_setting('statement_timeout'), current_setting('lock_timeout'), current_setting('synchronous_commit'))`)
	}
	before := settings(db.App)
	err := bulk(7, func(tx pgx.Tx) {
		if got, want := settings(tx), "0 2s off"; got != want {
			t.Errorf("in a load %q holds, want %q", got, want)
		}
		for _, turn := range []int64{0, 8} {
			if err := bulk(turn, nil); err != nil {
				t.Errorf("a load with turn %d waits for that with 7: %v", turn, err)
			}
		}
		// Longer than a lock is waited for elsewhere.
		if err := bulk(7, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second load with one turn ends with %v, want that it waits as long as it may", err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := bulk(7, nil); err != nil {
		t.Errorf("a turn isn't free after its load: %v", err)
	}
	if after := settings(db.App); after != before {
		t.Errorf("after a load %q holds, want %q", after, before)
	}
}
