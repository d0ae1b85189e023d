package comment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// Board is what stands around a page of the queue, whichever list it is of.
type Board struct {
	Waiting Waiting
	Tabs    map[Status]int // how much each list holds, Pending apart; see Capped
	Figures Figures
	Storms  []Storm  // those that last, the newest first
	Reasons []string // the newsroom's own, of rejections
}

// Board reads all of it in one go; midnight is when the day began for the newsroom. Fault: Forbidden.
func (s *Store) Board(ctx context.Context, actor staff.Actor, midnight time.Time) (Board, error) {
	if !CanModerate(actor) {
		return Board{}, fault.Forbidden
	}
	var out Board
	var b pgx.Batch
	now := postgres.At(s.Now)
	out.Waiting.queue(&b, now)
	queueTabs(&b, now, actor, &out.Tabs)
	out.Figures.queue(&b, now, midnight)
	queueStorms(&b, &out.Storms)
	b.Queue(savedReasons).QueryRow(func(row pgx.Row) error { return row.Scan(&out.Reasons) })
	if err := s.pool.SendBatch(ctx, &b).Close(); err != nil {
		return Board{}, fmt.Errorf("read what stands around the queue: %w", err)
	}
	return out, nil
}
