package article

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/jobs"
	"stet/internal/staff"
)

// NoticeIn is a notice to append to a public article. The same Key twice is one notice.
type NoticeIn struct {
	Kind   string
	Notice string
	Pinned bool
	Key    string
}

// Append adds an Update, Correction, Clarification or Note below (pinned: above) what stands, in one step. Readers keep seeing the same
// version, and a half-edited draft stays as it is.
func (s *Store) Append(ctx context.Context, actor staff.Actor, id int64, in NoticeIn) (Outcome, error) {
	var out Outcome
	err := s.act(ctx, actor, id, verb{"append", CanAppend}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		number, before, err := submitted(ctx, tx, a, "append", in.Key)
		if err != nil {
			return nil, err
		}
		if before {
			out = Outcome{Number: number, Path: deref(a.Path)}
			return nil, errDone
		}
		c := change{Kind: in.Kind, Notice: in.Notice, Pinned: in.Pinned}
		if c.Kind == Minor {
			return nil, fault.Field("kind", "article.kind.choose")
		}
		if err := c.check(a); err != nil {
			return nil, err
		}
		p, err := record(ctx, tx, a, Publication{Kind: c.Kind, Notice: c.Notice, Pinned: c.Pinned})
		if err != nil {
			return nil, err
		}
		out = Outcome{Number: p.Number, Path: deref(a.Path)}
		if err := remember(ctx, a, "append", in.Key, p.Number); err != nil {
			return nil, err
		}
		return map[string]any{"number": p.Number, "kind": p.Kind}, s.goLive(ctx, tx, a)
	})
	return out, err
}

// Amend replaces the text of notice number: it keeps anchor and number and says when it was amended. The old text stays in the record.
// A number that is no notice in force is not found.
func (s *Store) Amend(ctx context.Context, actor staff.Actor, id int64, number int, notice string) (Outcome, error) {
	var out Outcome
	err := s.act(ctx, actor, id, verb{"amend", CanAppend}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		rows, err := readRecord(ctx, tx, a.ID)
		if err != nil {
			return nil, err
		}
		var in *Notice
		for _, n := range notices(rows) {
			if n.Number == number {
				in = &n
			}
		}
		if in == nil {
			return nil, fault.NotFound
		}
		var f fault.Check
		checkNotice(&f, &notice, true)
		f.That(notice != in.HTML, "notice", "article.notice.unchanged")
		if err := f.Err(); err != nil {
			return nil, err
		}
		p, err := record(ctx, tx, a, Publication{Kind: in.Kind, Notice: notice, Pinned: in.Pinned, Amends: number})
		if err != nil {
			return nil, err
		}
		out = Outcome{Number: p.Number, Path: deref(a.Path)}
		return map[string]any{"number": p.Number, "amends": number}, s.goLive(ctx, tx, a)
	})
	return out, err
}

// Retract says of a public article that it no longer holds. The text stays with the notice, which is required; lists leave it out.
func (s *Store) Retract(ctx context.Context, actor staff.Actor, id int64, notice string) error {
	return s.turn(ctx, actor, id, turn{verb: verb{"retract", CanRetract}, kind: Retraction, notice: notice, required: true, pinned: true})
}

// Withdraw takes a public article away: its address answers 410 with the notice, which is required.
func (s *Store) Withdraw(ctx context.Context, actor staff.Actor, id int64, notice string) error {
	return s.turn(ctx, actor, id, turn{verb: verb{"withdraw", CanWithdraw}, kind: WithdrawnRow, notice: notice, required: true})
}

// Restore brings back what was retracted or withdrawn, as it was. A notice may say why.
func (s *Store) Restore(ctx context.Context, actor staff.Actor, id int64, notice string) error {
	return s.turn(ctx, actor, id, turn{verb: verb{"restore", CanRestore}, kind: Restored, notice: notice})
}

// turn is an act that adds one row to the record and changes no content.
type turn struct {
	verb
	kind, notice     string
	required, pinned bool
}

func (s *Store) turn(ctx context.Context, actor staff.Actor, id int64, t turn) error {
	return s.act(ctx, actor, id, t.verb, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		if t.kind != Restored {
			// What a person takes away needn't end by itself any more.
			if _, err := cancel(ctx, tx, a, EndAct); err != nil {
				return nil, err
			}
		}
		p, err := s.turnNow(ctx, tx, a, t)
		return map[string]any{"number": p.Number}, err
	})
}

// turnNow adds the row of t to the record of a, which is locked.
func (s *Store) turnNow(ctx context.Context, tx pgx.Tx, a *locked, t turn) (Publication, error) {
	var f fault.Check
	checkNotice(&f, &t.notice, t.required)
	if err := f.Err(); err != nil {
		return Publication{}, err
	}
	p, err := record(ctx, tx, a, Publication{Kind: t.kind, Notice: t.notice, Pinned: t.pinned})
	if err != nil {
		return p, err
	}
	return p, s.goLive(ctx, tx, a)
}

// Withhold empties the named versions for good, by court order or erasure, and says so in the record with the ground. Where the one that
// readers see is among them, the address answers 451. Numbers that are no version standing are a fault on the field versions.
func (s *Store) Withhold(ctx context.Context, actor staff.Actor, id int64, versions []int, ground string) error {
	return s.act(ctx, actor, id, verb{"withhold", CanWithhold}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		var f fault.Check
		checkNotice(&f, &ground, true)
		if bad := f.Err(); bad != nil {
			return nil, fault.Field("ground", "article.ground.required")
		}
		var standing int
		err := tx.QueryRow(ctx, `
			SELECT count(*)
			FROM versions
			WHERE article_id = $1 AND number = ANY ($2) AND withheld_at IS NULL`, a.ID, versions).Scan(&standing)
		if err != nil {
			return nil, err
		}
		if len(versions) == 0 || standing != len(versions) {
			return nil, fault.Field("versions", "article.versions.unknown")
		}
		p, err := record(ctx, tx, a, Publication{Kind: WithheldRow, Notice: ground, Withholds: versions})
		if err != nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, `
			UPDATE versions
			SET content = NULL, salt = NULL, block_ids = NULL, withheld_at = $3
			WHERE article_id = $1 AND number = ANY ($2)`, a.ID, versions, p.RecordedAt)
		if err == nil {
			err = forgetDiffs(ctx, tx, a.ID, versions)
		}
		if err != nil {
			return nil, err
		}
		return map[string]any{"number": p.Number, "versions": versions}, s.goLive(ctx, tx, a)
	})
}

// Submit asks for a review.
func (s *Store) Submit(ctx context.Context, actor staff.Actor, id int64) error {
	return s.stage(ctx, actor, id, stageTo{verb{"submit", CanSubmit}, StageReview, ""})
}

// Return sends a submitted draft back with a note that says why, which is required.
func (s *Store) Return(ctx context.Context, actor staff.Actor, id int64, note string) error {
	if note == "" {
		return fault.Field("note", "article.return.note")
	}
	return s.stage(ctx, actor, id, stageTo{verb{"return", CanReturn}, StageReturned, note})
}

// stageTo is an act that moves a draft to another stage.
type stageTo struct {
	verb
	stage, note string
}

func (s *Store) stage(ctx context.Context, actor staff.Actor, id int64, to stageTo) error {
	return s.act(ctx, actor, id, to.verb, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		_, err := tx.Exec(ctx, `
			UPDATE articles
			SET stage = $2, stage_note = $3, changed_at = $4
			WHERE id = $1`, a.ID, to.stage, to.note, a.At)
		if what := alertOf[to.stage]; err == nil && what != "" {
			err = jobs.Insert(ctx, tx, jobs.ArticleAlert{What: what, ID: a.ID, By: actor.ID}, time.Time{})
		}
		return nil, err
	})
}

// Trash puts away what was never public, and calls off what was scheduled of it.
func (s *Store) Trash(ctx context.Context, actor staff.Actor, id int64) error {
	return s.act(ctx, actor, id, verb{"trash", CanTrash}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		if _, err := cancel(ctx, tx, a, FirstAct, ChangeAct, EndAct); err != nil {
			return nil, err
		}
		_, err := tx.Exec(ctx, `
			UPDATE articles
			SET trashed_at = $2, changed_at = $2
			WHERE id = $1`, a.ID, a.At)
		return nil, err
	})
}

// Untrash takes it out of the trash again, as the draft it was.
func (s *Store) Untrash(ctx context.Context, actor staff.Actor, id int64) error {
	return s.act(ctx, actor, id, verb{"untrash", CanUntrash}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		_, err := tx.Exec(ctx, `
			UPDATE articles
			SET trashed_at = NULL, changed_at = $2
			WHERE id = $1`, a.ID, a.At)
		return nil, err
	})
}
