package report

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/receipt"
	"stet/internal/staff"
)

// Answered says that a report was answered by somebody else since it was read; errors.Is(err, fault.Conflict) holds.
type Answered struct {
	Status Status
	By     string
	At     time.Time
}

// Error says where it stands.
func (e *Answered) Error() string { return "the report is " + string(e.Status) + " already" }

// Is makes it a conflict.
func (e *Answered) Is(target error) bool { return target == fault.Conflict }

// change is what an answer makes of a report.
type change struct {
	act    string
	to     Status
	reason string
	notice int
}

// Check says that somebody looks into a report. seen is the status that actor saw, here and in the acts below; empty: whatever it is.
//
// Faults of each act: NotFound for who may not see the report; Forbidden for who may not answer it; *Answered where it isn't as seen any more.
func (s *Store) Check(ctx context.Context, actor staff.Actor, id int64, seen Status) error {
	return s.answer(ctx, actor, id, seen, change{act: "check", to: Checking})
}

// Reopen puts a report back among the open ones.
func (s *Store) Reopen(ctx context.Context, actor staff.Actor, id int64, seen Status) error {
	return s.answer(ctx, actor, id, seen, change{act: "reopen", to: Open})
}

// Decline says that a report is none, and why: its sender reads that. Faults besides: *fault.Invalid on reason.
func (s *Store) Decline(ctx context.Context, actor staff.Actor, id int64, seen Status, reason string) error {
	reason = markup.Line(reason)
	var c fault.Check
	c.That(!markup.BadLine(reason), "reason", "field.characters")
	c.That(reason != "", "reason", "error.reason.empty")
	c.That(utf8.RuneCountInString(reason) <= MaxReason, "reason", "comment.reason.long")
	if err := c.Err(); err != nil {
		return err
	}
	return s.answer(ctx, actor, id, seen, change{act: "decline", to: Declined, reason: reason})
}

// Correct says that a notice in the article's record answers the report; who sent it is credited beside that, if they want. The same notice
// again changes nothing. Faults besides: *fault.Invalid on notice where the record has no such notice.
func (s *Store) Correct(ctx context.Context, actor staff.Actor, id int64, seen Status, notice int) error {
	return s.answer(ctx, actor, id, seen, change{act: "correct", to: Corrected, notice: notice})
}

// Undo takes the newest act on a report back, whoever's it is; there is nothing to take back twice. Faults besides: Conflict where there is
// nothing to take back.
func (s *Store) Undo(ctx context.Context, actor staff.Actor, id int64) error {
	return s.answer(ctx, actor, id, "", change{act: "undo"})
}

func (s *Store) answer(ctx context.Context, actor staff.Actor, id int64, seen Status, c change) error {
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT FROM error_reports WHERE id = $1 FOR NO KEY UPDATE`, id); err != nil {
			return err
		}
		l, err := s.one(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if !l.CanAnswer(actor) {
			return fault.Forbidden
		}
		same := c.to == l.Status
		if same && c.to == Corrected && c.notice == l.Notice {
			return nil
		}
		if same || seen != "" && seen != l.Status || c.act == "undo" && l.Was == "" {
			return &Answered{Status: l.Status, By: l.ChangedBy, At: l.ChangedAt}
		}
		return s.write(ctx, tx, actor, &l, c)
	})
	if err != nil {
		return fmt.Errorf("%s error report %d: %w", c.act, id, err)
	}
	return nil
}

func (s *Store) write(ctx context.Context, tx pgx.Tx, actor staff.Actor, l *Line, c change) error {
	was := l.Status
	if c.act == "undo" {
		c.to, was = l.Was, ""
	}
	if c.to == Corrected && c.act != "undo" {
		if err := answers(ctx, tx, l.ArticleID, c.notice); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `
		UPDATE error_reports
		SET status = $2, was = $3, reason = CASE WHEN $2 = 'declined' AND $4::text <> '' THEN $4 ELSE reason END,
			publication = CASE WHEN $5::integer > 0 THEN $5 ELSE publication END,
			changed_at = coalesce($6::timestamptz, clock_timestamp()), changed_by = nullif($7::bigint, 0)
		WHERE id = $1`, l.ID, c.to, was, c.reason, c.notice, postgres.At(s.Now), actor.ID)
	if err != nil {
		return err
	}
	detail := map[string]any{"status": c.to}
	if c.notice > 0 {
		detail["notice"] = c.notice
	}
	if err := audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "error." + c.act, Object: object(l.ID), Detail: detail}); err != nil {
		return err
	}
	if c.to != Corrected && l.Status != Corrected || l.CommentID == nil && !l.Credit {
		return nil
	}
	return postgres.Purge(ctx, tx, fmt.Sprintf("article:%d", l.ArticleID))
}

// answers refuses a number that is no notice in the article's record.
func answers(ctx context.Context, tx pgx.Tx, articleID int64, notice int) error {
	var there bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM publications WHERE article_id = $1 AND number = $2 AND notice <> '' AND amends IS NULL)`, articleID, notice).Scan(&there)
	if err == nil && !there {
		err = fault.Field("notice", "error.notice.unknown")
	}
	return err
}

func object(id int64) string { return fmt.Sprintf("error-report:%d", id) }

// FromComment sends a comment that says that something is wrong to the list, once, and gives the report. It holds no copy of the comment: its
// words and its writer's name are read where they stand, so that they vanish with it.
//
// Faults: Forbidden for who doesn't moderate; NotFound for a comment that was deleted or is under nothing public.
func (s *Store) FromComment(ctx context.Context, actor staff.Actor, commentID int64) (id int64, err error) {
	if !comment.CanModerate(actor) {
		return 0, fault.Forbidden
	}
	// Nobody has this token: a comment has a receipt of its own.
	hash := receipt.Hash(receipt.Token(s.keys.Secret, "error-comment", binary.BigEndian.AppendUint64(nil, uint64(commentID))))
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		// One at a time for each comment, whatever secret an instance holds.
		if _, err := tx.Exec(ctx, `SELECT FROM comments WHERE id = $1 FOR NO KEY UPDATE`, commentID); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `SELECT id FROM error_reports WHERE comment_id = $1`, commentID).Scan(&id)
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		err = tx.QueryRow(ctx, `
			INSERT INTO error_reports (article_id, version, body, credit, comment_id, sent_by, token_hash, at, changed_at, changed_by)
			SELECT c.article_id, c.version_number, '', true, c.id, nullif($2::bigint, 0), $3, n.now, n.now, nullif($2::bigint, 0)
			FROM comments c
			JOIN articles a ON a.id = c.article_id
			CROSS JOIN (SELECT coalesce($4::timestamptz, clock_timestamp()) AS now) n
			WHERE c.id = $1 AND c.erased_at IS NULL AND a.public_state IN ('published', 'retracted') AND a.trashed_at IS NULL
			RETURNING id`, commentID, actor.ID, hash, postgres.At(s.Now)).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.NotFound
		}
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "error.send", Object: object(id), Detail: map[string]any{"comment": commentID}})
	})
	if err != nil {
		return 0, fmt.Errorf("send comment %d to the corrections: %w", commentID, err)
	}
	return id, nil
}

// quoted is the sentence of the article that a text quotes: the first line that begins with ">".
func quoted(text string) string {
	for line := range strings.SplitSeq(text, "\n") {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), ">"); ok {
			return Quote(rest)
		}
	}
	return ""
}
