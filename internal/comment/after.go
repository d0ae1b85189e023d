package comment

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// step is what an act did to one comment: held is how it is now, was how it stood before. act is empty where nobody decided: nothing held a
// comment that came in, or its writer changed it and nothing held that.
type step struct {
	*held
	was state
	act Act
	// asks says that a second opinion on it may be wanted.
	asks bool
}

// shown reports whether the step made the comment public.
func (s step) shown() bool { return s.live(s.state()) && !s.live(s.was) }

// after does what follows from decisions, in their transaction and after all of them are written. Comments are locked, counts not yet: what
// it locks comes after the one and before the other, in one order everywhere.
func (s *Store) after(ctx context.Context, tx pgx.Tx, steps []step) error {
	if err := settle(ctx, tx, steps); err != nil {
		return err
	}
	if err := learn(ctx, tx, steps); err != nil {
		return err
	}
	if err := s.askSecond(ctx, tx, steps); err != nil {
		return err
	}
	return s.announce(ctx, tx, steps)
}
