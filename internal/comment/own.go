package comment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/limit"
	"stet/internal/postgres"
)

// maxEdits bounds how often one comment may be changed within its ten minutes: every text is kept for moderators.
var maxEdits = limit.Rule{N: 10, Per: editable}

// Edit changes a comment's text within ten minutes of posting. While it waits, the new text waits instead; once it is published the old one
// stands until the new one is approved. The texts before are kept for moderators.
//
// Faults: NotFound; Forbidden later than that, for a banned person, and for a comment that was refused or deleted; *fault.Invalid on body;
// *fault.TooMany.
func (s *Store) Edit(ctx context.Context, token, body string) error {
	body = tidyBody(body)
	var c fault.Check
	checkBody(&c, body)
	if err := c.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		h, err := s.lockOwn(ctx, tx, token)
		if err != nil {
			return err
		}
		if err := s.edit(ctx, tx, h, body); err != nil {
			return fmt.Errorf("edit comment %d: %w", h.ID, err)
		}
		return nil
	})
}

func (s *Store) edit(ctx context.Context, tx pgx.Tx, h *held, body string) error {
	if h.editableUntil().IsZero() {
		return fault.Forbidden
	}
	if body == h.Body {
		return nil
	}
	if err := limit.Allow(ctx, tx, fmt.Sprintf("comment-edit:%d", h.ID), maxEdits, postgres.At(s.Now)); err != nil {
		return err
	}
	why := append([]Reason{}, linkReasons(body)...)
	if h.Status == Approved {
		why = append(why, Reason{Rule: ruleEdited})
	}
	_, err := tx.Exec(ctx, `
		WITH text AS (
			INSERT INTO comment_texts (comment_id, body, at)
			VALUES ($1, $2, $3)
			RETURNING id
		), reasons AS (
			INSERT INTO hold_reasons (comment_id, rule, words, at)
			SELECT $1, r.rule, coalesce(r.words, '{}'), $3
			FROM jsonb_to_recordset($4::jsonb) AS r (rule text, words text[])
		)
		UPDATE comments
		SET pending_text = CASE WHEN status <> 'spam' THEN text.id END, shown_text = CASE WHEN status = 'spam' THEN text.id ELSE shown_text END
		FROM text
		WHERE comments.id = $1`, h.ID, body, h.Now, why)
	return err
}
