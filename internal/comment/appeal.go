package comment

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/postgres"
)

// MaxAppeal is how much an appeal may say, in characters.
const MaxAppeal = 2000

// Appeal speaks against the rejection of the comment of a receipt, once. It changes nothing by itself: a moderator decides on the comment
// again, as on any other, and that answers it.
//
// Faults: NotFound; Forbidden where the comment isn't refused, where an appeal was made already, and for a banned person; *fault.Invalid on
// appeal.
func (s *Store) Appeal(ctx context.Context, token, text string) error {
	text = tidyBody(text)
	var c fault.Check
	c.That(utf8.ValidString(text), "appeal", "field.characters")
	c.That(visible(text), "appeal", "field.required")
	c.That(utf8.RuneCountInString(text) <= MaxAppeal, "appeal", "field.long")
	if err := c.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		h, err := s.lockOwn(ctx, tx, token)
		if err != nil {
			return err
		}
		if !h.appealable() {
			return fault.Forbidden
		}
		_, err = tx.Exec(ctx, `UPDATE comments SET appeal = $2, appealed_at = $3, appeal_decision = $4 WHERE id = $1`, h.ID, text, h.Now, h.DecisionID)
		if err != nil {
			return fmt.Errorf("appeal for comment %d: %w", h.ID, err)
		}
		return audit.Write(ctx, tx, audit.Entry{Act: "comment.appeal", Object: object(h.ID)})
	})
}

// appealable reports whether its writer may speak against how it was decided.
func (h *held) appealable() bool {
	return h.standing() == Refused && !h.Banned && !h.ByStaff && !h.Imported && h.Appealed == nil
}
