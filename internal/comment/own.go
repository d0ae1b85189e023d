package comment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
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

// Delete erases a comment for its writer: every text of it, the name, the link to the person, the address, and the person where it was
// their last comment and they aren't banned. Its place stays, so that replies keep theirs. A second call does nothing.
func (s *Store) Delete(ctx context.Context, token string) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		h, err := s.lockOwn(ctx, tx, token)
		if err != nil || h.Erased {
			return err
		}
		if err := erase(ctx, tx, h); err != nil {
			return fmt.Errorf("delete comment %d: %w", h.ID, err)
		}
		return nil
	})
}

func erase(ctx context.Context, tx pgx.Tx, h *held) error {
	var b pgx.Batch
	b.Queue(`
		UPDATE comments
		SET erased_at = $2, name = '', commenter_id = NULL, duplicate_key = NULL, pending_text = NULL
		WHERE id = $1`, h.ID, h.Now)
	b.Queue(`UPDATE comment_texts SET body = '' WHERE comment_id = $1`, h.ID)
	b.Queue(`UPDATE hold_reasons SET words = '{}' WHERE comment_id = $1`, h.ID)
	b.Queue(`DELETE FROM comment_addresses WHERE comment_id = $1`, h.ID)
	if h.PersonID != nil {
		// The lock waits for a comment of theirs that is just coming in; the statement after it sees that comment.
		b.Queue(`SELECT FROM commenters WHERE id = $1 FOR UPDATE`, *h.PersonID)
		b.Queue(`
			DELETE FROM commenters p
			WHERE p.id = $1 AND NOT EXISTS (SELECT FROM bans b WHERE b.commenter_id = p.id) AND NOT EXISTS (SELECT FROM comments c WHERE c.commenter_id = p.id)`,
			*h.PersonID)
	}
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return err
	}
	if err := audit.Write(ctx, tx, audit.Entry{Act: "comment.delete", Object: object(h.ID)}); err != nil {
		return err
	}
	was := h.live(h.state())
	t := tally{}
	t.add(h, was, false, false)
	return t.write(ctx, tx)
}

// Prune removes the addresses that were kept long enough and says how many.
func (s *Store) Prune(ctx context.Context) (int64, error) {
	tag, err := s.pool.Exec(ctx, `
		DELETE FROM comment_addresses
		WHERE expires_at <= coalesce($1::timestamptz, clock_timestamp())`, postgres.At(s.Now))
	if err != nil {
		return 0, fmt.Errorf("prune addresses of comments: %w", err)
	}
	if err := s.pruneReports(ctx); err != nil {
		return 0, err
	}
	return tag.RowsAffected(), nil
}
