package comment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// Pin puts a thread before all others, in every order, or takes it from there again. Of several pinned threads the one that was pinned first
// stands first. Pinning what is pinned changes nothing.
//
// Faults: Forbidden; NotFound; *fault.Invalid on the whole where the comment answers another one, or readers don't see it.
func (s *Store) Pin(ctx context.Context, actor staff.Actor, id int64, on bool) error {
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error { return s.pin(ctx, tx, actor, id, on) })
	if err != nil {
		return fmt.Errorf("pin comment %d: %w", id, err)
	}
	return nil
}

func (s *Store) pin(ctx context.Context, tx pgx.Tx, actor staff.Actor, id int64, on bool) error {
	found, err := s.lock(ctx, tx, []int64{id})
	if err != nil {
		return err
	}
	h, ok := find(found, id)
	switch {
	case !ok:
		return fault.NotFound
	case h.ParentID != nil:
		return fault.Field("", "comment.pin.reply")
	case on && !h.live(h.state()):
		return fault.Field("", "comment.pin.held")
	}
	tag, err := tx.Exec(ctx, `
		UPDATE comments
		SET pinned_at = CASE WHEN $2 THEN $3::timestamptz END, pinned_by = CASE WHEN $2 THEN nullif($4::bigint, 0) END
		WHERE id = $1 AND (pinned_at IS NOT NULL) <> $2`, id, on, h.Now, actor.ID)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	act := "comment.unpin"
	if on {
		act = "comment.pin"
	}
	if err := audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: act, Object: object(id)}); err != nil {
		return err
	}
	t := tally{}
	t.of(h.ArticleID).threads[h.RootID] += 0
	return t.write(ctx, tx)
}
