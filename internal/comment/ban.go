package comment

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// BanIn says whom to ban: who wrote the comment. Until nil is for good. HideAll also rejects all their comments, one decision each that
// Undo takes back.
type BanIn struct {
	CommentID int64
	Until     *time.Time
	Reason    string
	HideAll   bool
}

// Ban keeps a person, known by their e-mail, from commenting: what they send goes to the spam unseen and what they sent they can't change
// any more. A second ban replaces the first. Faults: Forbidden; NotFound; *fault.Invalid on reason, and on the form as a whole where the
// comment is nobody's (written in the newsroom, or deleted).
func (s *Store) Ban(ctx context.Context, actor staff.Actor, in BanIn) error {
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	in.Reason = markup.Line(in.Reason)
	var c fault.Check
	c.That(utf8.RuneCountInString(in.Reason) <= maxReason, "reason", "comment.reason.long")
	c.That(!markup.BadLine(in.Reason), "reason", "field.characters")
	if err := c.Err(); err != nil {
		return err
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error { return s.ban(ctx, tx, actor, in) })
	if err != nil {
		return fmt.Errorf("ban who wrote comment %d: %w", in.CommentID, err)
	}
	return nil
}

func (s *Store) ban(ctx context.Context, tx pgx.Tx, actor staff.Actor, in BanIn) error {
	person, err := personOf(ctx, tx, in.CommentID)
	if err != nil {
		return err
	}
	// Comments before the person, the order in which Delete locks them.
	if in.HideAll {
		if err := s.hideAll(ctx, tx, actor, person, in.Reason); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		WITH lifted AS (
			UPDATE bans
			SET lifted_at = coalesce($5::timestamptz, clock_timestamp()), lifted_by = nullif($6::bigint, 0)
			WHERE commenter_id = $1 AND lifted_at IS NULL
		)
		INSERT INTO bans (commenter_id, mailbox, until, reason, comment_id, by, at)
		SELECT id, mailbox, coalesce($2::timestamptz, 'infinity'), $3, $4, nullif($6::bigint, 0), coalesce($5::timestamptz, clock_timestamp())
		FROM commenters
		WHERE id = $1`, person, in.Until, in.Reason, in.CommentID, postgres.At(s.Now), actor.ID)
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment.ban", Object: object(in.CommentID),
		Detail: map[string]any{"commenter": person, "until": in.Until, "hidden": in.HideAll}})
}

func (s *Store) hideAll(ctx context.Context, tx pgx.Tx, actor staff.Actor, person int64, reason string) error {
	rows, err := tx.Query(ctx, `
		SELECT id
		FROM comments
		WHERE commenter_id = $1 AND status IN ('pending', 'approved') AND erased_at IS NULL
		ORDER BY id`, person)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	o := order{act: Reject, reason: reason, hide: true}
	for _, id := range ids {
		o.picks = append(o.picks, Pick{ID: id})
	}
	_, _, err = s.carryOut(ctx, tx, actor, o)
	return err
}

// Unban lets who wrote the comment comment again. What the ban hid stays hidden. Faults as of Ban.
func (s *Store) Unban(ctx context.Context, actor staff.Actor, commentID int64) error {
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		person, err := personOf(ctx, tx, commentID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE bans
			SET lifted_at = coalesce($2::timestamptz, clock_timestamp()), lifted_by = nullif($3::bigint, 0)
			WHERE commenter_id = $1 AND lifted_at IS NULL`, person, postgres.At(s.Now), actor.ID)
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment.unban", Object: object(commentID),
			Detail: map[string]any{"commenter": person}})
	})
	if err != nil {
		return fmt.Errorf("unban who wrote comment %d: %w", commentID, err)
	}
	return nil
}

func personOf(ctx context.Context, tx pgx.Tx, commentID int64) (int64, error) {
	var person *int64
	err := tx.QueryRow(ctx, `SELECT commenter_id FROM comments WHERE id = $1`, commentID).Scan(&person)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return 0, fault.NotFound
	case err != nil:
		return 0, err
	case person == nil:
		return 0, fault.Field("", "comment.commenter.none")
	}
	return *person, nil
}
