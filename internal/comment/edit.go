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

// Edit changes a comment's text within ten minutes of posting, through everything that may hold a new comment. While it waits, the new text
// waits instead, unless a rule refuses it. Once it is published a text that nothing holds takes the place of the old one at once; else the old
// one stands until the new one is approved. The texts before are kept for moderators.
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
	a := &asked{ID: h.ID, ArticleID: h.ArticleID, Name: h.Name, Email: h.Email, Body: body, Address: h.Address, Lock: h.ID}
	d, set, err := s.look(ctx, tx, a)
	if err != nil {
		return err
	}
	e := d.enter(a, set, false)
	if h.Status == Approved && e.Status != Approved {
		e.Reasons = append(e.Reasons, Reason{Rule: ruleEdited})
	}
	text, err := addText(ctx, tx, h, body, e)
	if err != nil {
		return err
	}
	return s.put(ctx, tx, h, text, e)
}

// addText keeps another text of a comment, with what held it.
func addText(ctx context.Context, tx pgx.Tx, h *held, body string, e entry) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		WITH text AS (
			INSERT INTO comment_texts (comment_id, body, at, score, telling)
			VALUES ($1, $2, $3, $5, $6)
			RETURNING id
		), reasons AS (
			INSERT INTO hold_reasons (comment_id, rule, words, at, rule_id, text_id)
			SELECT $1, r.rule, coalesce(r.words, '{}'), $3, r.rule_id, text.id
			FROM text, jsonb_to_recordset($4::jsonb) AS r (rule text, words text[], rule_id bigint)
		)
		SELECT id FROM text`, h.ID, body, h.Now, e.Reasons, e.Score.value(), e.Score.telling()).Scan(&id)
	return id, err
}

// put puts the new text where it belongs.
func (s *Store) put(ctx context.Context, tx pgx.Tx, h *held, text int64, e entry) error {
	was, next := h.state(), state{h.Status, h.Shown, &text}
	switch {
	case h.Status == Spam:
		next = state{Spam, &text, nil}
	case h.Status == Approved && e.Status == Approved:
		next = state{Approved, &text, nil}
	case h.Status == Pending && (e.Status == Spam || e.Status == Rejected):
		next = state{e.Status, &text, nil}
	}
	_, err := tx.Exec(ctx, `UPDATE comments SET status = $2, shown_text = $3, pending_text = $4, told = $5 WHERE id = $1`,
		h.ID, next.Status, next.Shown, next.Pending, e.Told)
	if err != nil {
		return err
	}
	h.set(next)
	t := tally{}
	t.note(h, was, next)
	return t.write(ctx, tx)
}
