package comment

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// Ruling is what a moderator decides about a report, or about the appeal against a report that was turned down. Answer is the statement of
// reasons, which who reported reads and, where the comment is removed, its writer too. All turns down the comment's other open reports with
// it; where it is upheld they are all answered anyway.
type Ruling struct {
	Upheld bool
	Answer string
	All    bool
}

func (r *Ruling) check(actor staff.Actor) error {
	r.Answer = markup.Line(r.Answer)
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	var c fault.Check
	c.That(!markup.BadLine(r.Answer), "answer", "field.characters")
	c.That(visible(r.Answer), "answer", "report.answer.empty")
	c.That(utf8.RuneCountInString(r.Answer) <= maxReason, "answer", "comment.reason.long")
	return c.Err()
}

// DecideReport answers a report. Upheld removes the comment as a rejection does, in the same transaction; it is no fault that it is gone already.
//
// Faults: Forbidden; NotFound; *fault.Invalid on answer; Conflict where the report is answered already.
func (s *Store) DecideReport(ctx context.Context, actor staff.Actor, id int64, in Ruling) error {
	return s.rule(ctx, actor, id, in, "decide")
}

// DecideAppeal answers the appeal against a report that was turned down, as DecideReport answers a report.
func (s *Store) DecideAppeal(ctx context.Context, actor staff.Actor, id int64, in Ruling) error {
	return s.rule(ctx, actor, id, in, "appeal")
}

// reportHeld is a report of which the comment is locked, and it with that: whoever answers one holds its comment first.
type reportHeld struct {
	ID         int64
	CommentID  int64
	Upheld     *bool
	Appealed   bool
	Answered   bool // the appeal
	DecisionID *int64
}

func (s *Store) rule(ctx context.Context, actor staff.Actor, id int64, in Ruling, what string) error {
	if err := in.check(actor); err != nil {
		return err
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		r, h, err := s.lockReport(ctx, tx, id)
		if err != nil {
			return err
		}
		appeal := what == "appeal"
		if !appeal && r.Upheld != nil || appeal && (!r.Appealed || r.Answered) {
			return fault.Conflict
		}
		removed := false
		if in.Upheld {
			if removed, err = s.remove(ctx, tx, actor, h, in.Answer); err != nil {
				return err
			}
		}
		if err := s.answer(ctx, tx, actor, r, settled{in, appeal, removed}); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment.report-" + what, Object: object(r.CommentID), Detail: map[string]any{"report": r.ID, "upheld": in.Upheld}})
	})
	if err != nil {
		return fmt.Errorf("%s report %d: %w", what, id, err)
	}
	return nil
}

// lockReport holds a report's comment and reads both.
func (s *Store) lockReport(ctx context.Context, tx pgx.Tx, id int64) (*reportHeld, *held, error) {
	var commentID int64
	err := tx.QueryRow(ctx, `SELECT comment_id FROM comment_reports WHERE id = $1 AND NOT hidden`, id).Scan(&commentID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil, fault.NotFound
	}
	if err != nil {
		return nil, nil, err
	}
	found, err := s.lock(ctx, tx, []int64{commentID})
	if err != nil || len(found) == 0 {
		return nil, nil, errors.Join(err, fault.NotFound)
	}
	rows, err := tx.Query(ctx, `
		SELECT id, comment_id, upheld, appealed_at IS NOT NULL AS appealed, appeal_at IS NOT NULL AS answered, decision_id
		FROM comment_reports
		WHERE id = $1`, id)
	if err != nil {
		return nil, nil, err
	}
	r, err := one[reportHeld](rows)
	return r, found[0], err
}

// remove rejects a comment that readers see or that waits, with the edits that wait, and says whether there was one.
func (s *Store) remove(ctx context.Context, tx pgx.Tx, actor staff.Actor, h *held, why string) (bool, error) {
	if h.Erased || h.Status != Approved && h.Status != Pending {
		return false, nil
	}
	_, failed, err := s.carryOut(ctx, tx, actor, order{picks: []Pick{{ID: h.ID}}, act: Reject, reason: why, hide: true})
	return true, errors.Join(err, failed[h.ID])
}

// settled is a ruling on its way to the table: on an appeal or not, and whether it removed the comment.
type settled struct {
	Ruling
	appeal, removed bool
}

// answer writes the ruling. A report for which the comment was removed names the decision that did it.
func (s *Store) answer(ctx context.Context, tx pgx.Tx, actor staff.Actor, r *reportHeld, in settled) error {
	sql := `
		UPDATE comment_reports
		SET decided_at = coalesce($1::timestamptz, clock_timestamp()), decided_by = nullif($2::bigint, 0), upheld = $3::boolean, answer = $4,
			decision_id = CASE WHEN $7::boolean THEN (SELECT max(id) FROM decisions WHERE comment_id = $6) END
		WHERE comment_id = $6 AND NOT hidden AND (id = $5 OR $8::boolean AND decided_at IS NULL)`
	if in.appeal {
		sql = `
		UPDATE comment_reports
		SET appeal_at = coalesce($1::timestamptz, clock_timestamp()), appeal_by = nullif($2::bigint, 0), appeal_upheld = $3::boolean, appeal_answer = $4,
			decision_id = CASE WHEN $7::boolean THEN (SELECT max(id) FROM decisions WHERE comment_id = $6) END
		WHERE id = $5 AND NOT $8::boolean`
	}
	_, err := tx.Exec(ctx, sql, postgres.At(s.Now), actor.ID, in.Upheld, in.Answer, r.ID, r.CommentID, in.removed, (in.All || in.Upheld) && !in.appeal)
	return err
}

// UndoReport takes the newest ruling on a report back, whoever's it is: first that on its appeal, then that on itself. Where the ruling
// removed the comment it is as it was before, and everything that was answered with it is open again; where it turned down others at the
// same moment, so are they.
//
// Faults: Forbidden; NotFound; Conflict where there is no ruling, where an appeal was made against it since, or where something else was
// decided about the comment since.
func (s *Store) UndoReport(ctx context.Context, actor staff.Actor, id int64) error {
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		r, h, err := s.lockReport(ctx, tx, id)
		if err != nil {
			return err
		}
		if r.Upheld == nil || r.Appealed && !r.Answered {
			return fault.Conflict
		}
		if err := s.takeBack(ctx, tx, actor, r, h); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment.report-undo", Object: object(r.CommentID), Detail: map[string]any{"report": r.ID}})
	})
	if err != nil {
		return fmt.Errorf("undo report %d: %w", id, err)
	}
	return nil
}

func (s *Store) takeBack(ctx context.Context, tx pgx.Tx, actor staff.Actor, r *reportHeld, h *held) error {
	if r.DecisionID != nil {
		if h.last().ID != *r.DecisionID {
			return fault.Conflict
		}
		_, failed, err := s.carryOut(ctx, tx, actor, order{picks: []Pick{{ID: h.ID}}, act: Undo})
		return errors.Join(err, failed[h.ID])
	}
	sql := `
		UPDATE comment_reports r
		SET decided_at = NULL, decided_by = NULL, upheld = NULL, answer = ''
		FROM comment_reports one
		WHERE one.id = $1 AND r.comment_id = one.comment_id AND r.decided_at = one.decided_at AND r.upheld = one.upheld AND r.decision_id IS NULL
			AND r.appealed_at IS NULL`
	if r.Answered {
		sql = `UPDATE comment_reports SET appeal_at = NULL, appeal_by = NULL, appeal_upheld = NULL, appeal_answer = '' WHERE id = $1`
	}
	_, err := tx.Exec(ctx, sql, r.ID)
	return err
}

// settle keeps the reports of comments in step with decisions on them: one that removes a comment upholds all its open reports with its
// reason, and one that is taken back opens again what it had answered.
func settle(ctx context.Context, tx pgx.Tx, steps []step) error {
	var gone, undone []int64
	for _, st := range steps {
		switch {
		case st.act == Undo:
			undone = append(undone, *st.DecisionID)
		case (st.act == Reject || st.act == MarkSpam) && st.Status != Approved:
			gone = append(gone, st.ID)
		}
	}
	var b pgx.Batch
	if len(gone) > 0 {
		b.Queue(`
			UPDATE comment_reports r
			SET decided_at = d.at, decided_by = d.by, upheld = true, answer = d.reason, decision_id = d.id
			FROM (
				SELECT DISTINCT ON (comment_id) id, comment_id, reason, by, at
				FROM decisions
				WHERE comment_id = ANY ($1) AND undone_at IS NULL
				ORDER BY comment_id, id DESC
			) d
			WHERE r.comment_id = d.comment_id AND r.decided_at IS NULL AND NOT r.hidden`, gone)
	}
	if len(undone) > 0 {
		b.Queue(`
			UPDATE comment_reports
			SET decided_at = CASE WHEN appeal_at IS NOT NULL THEN decided_at END, decided_by = CASE WHEN appeal_at IS NOT NULL THEN decided_by END,
				upheld = CASE WHEN appeal_at IS NOT NULL THEN upheld END, answer = CASE WHEN appeal_at IS NOT NULL THEN answer ELSE '' END,
				appeal_at = NULL, appeal_by = NULL, appeal_upheld = NULL, appeal_answer = '', decision_id = NULL
			WHERE decision_id = ANY ($1)`, undone)
	}
	if b.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, &b).Close()
}
