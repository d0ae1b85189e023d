package comment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// Opinion is a second moderator's answer beside the decision that it is about. Comment is the comment's id.
type Opinion struct {
	Comment int64
	Status  Status
	First   Decision
	Act     Act
}

// Agrees reports whether both would do the same.
func (o Opinion) Agrees() bool { return o.Act == o.First.Act }

// opinionWanted tells which opinions (o, on decision d of comment c) are still wanted from the actor, $2: nobody gave one, it isn't about a
// decision of theirs, and that decision is what still stands.
const opinionWanted = `o.at IS NULL AND d.undone_at IS NULL AND d.by <> $2 AND c.pending_text IS NULL AND c.erased_at IS NULL
			AND NOT EXISTS (SELECT FROM decisions l WHERE l.comment_id = c.id AND l.id > d.id AND l.undone_at IS NULL)`

// askSecond chooses one in so many decisions of people for a second opinion, as the settings say. What is taken back is asked about no more.
func (s *Store) askSecond(ctx context.Context, tx pgx.Tx, steps []step) error {
	var asked, undone []int64
	for _, st := range steps {
		switch {
		case st.act == Undo:
			undone = append(undone, st.ID)
		case st.asks:
			asked = append(asked, st.ID)
		}
	}
	var b pgx.Batch
	if len(undone) > 0 {
		b.Queue(`
			DELETE FROM second_opinions o
			USING decisions d
			WHERE d.id = o.decision_id AND o.comment_id = ANY ($1) AND o.at IS NULL AND d.undone_at IS NOT NULL`, undone)
	}
	if len(asked) > 0 {
		b.Queue(`
			INSERT INTO second_opinions (decision_id, comment_id, asked_at)
			SELECT d.id, d.comment_id, d.at
			FROM settings s, unnest($1::bigint[]) AS c (id)
			CROSS JOIN LATERAL (SELECT id, comment_id, at FROM decisions WHERE comment_id = c.id ORDER BY id DESC LIMIT 1) d
			WHERE s.second_opinions > 0 AND random() * s.second_opinions < 1`, asked)
	}
	if b.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, &b).Close()
}

// GiveOpinion records what the actor, who doesn't know the decision, would do, and tells them then what was decided and by whom. It changes
// nothing else: where the two differ, Hold brings the comment back into the queue.
//
// Faults: Forbidden, also for who decided; NotFound; Conflict where somebody else gave one or the decision was taken back; *fault.Invalid on act.
func (s *Store) GiveOpinion(ctx context.Context, actor staff.Actor, decisionID int64, act Act) (Opinion, error) {
	if !CanModerate(actor) || actor.ID == 0 {
		return Opinion{}, fault.Forbidden
	}
	if act != Approve && act != Reject && act != MarkSpam {
		return Opinion{}, fault.Field("act", "comment.act.unknown")
	}
	var out Opinion
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var err error
		out, err = s.giveOpinion(ctx, tx, actor, decisionID, act)
		return err
	})
	if err != nil {
		return Opinion{}, fmt.Errorf("second opinion on decision %d: %w", decisionID, err)
	}
	return out, nil
}

func (s *Store) giveOpinion(ctx context.Context, tx pgx.Tx, actor staff.Actor, decisionID int64, act Act) (Opinion, error) {
	out := Opinion{Act: act}
	var by *int64
	var given, undone *time.Time
	err := tx.QueryRow(ctx, `
		SELECT o.comment_id, c.status, o.at, d.id, d.act, d.reason, d.by, coalesce(u.name, ''), d.at, d.undone_at
		FROM second_opinions o
		JOIN decisions d ON d.id = o.decision_id
		JOIN comments c ON c.id = o.comment_id
		LEFT JOIN staff u ON u.id = d.by
		WHERE o.decision_id = $1
		FOR UPDATE OF o`, decisionID).Scan(&out.Comment, &out.Status, &given, &out.First.ID, &out.First.Act, &out.First.Reason, &by, &out.First.By, &out.First.At, &undone)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return out, fault.NotFound
	case err != nil:
		return out, err
	case by != nil && *by == actor.ID:
		return out, fault.Forbidden
	case given != nil || undone != nil:
		return out, fault.Conflict
	}
	var b pgx.Batch
	b.Queue(`UPDATE second_opinions SET act = $2, by = $3, at = coalesce($4::timestamptz, clock_timestamp()) WHERE decision_id = $1`, decisionID, act, actor.ID, postgres.At(s.Now))
	letGo(&b, []int64{out.Comment})
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return out, err
	}
	return out, audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment.second", Object: object(out.Comment), Detail: map[string]any{"decision": decisionID, "agrees": out.Agrees()}})
}

// TakeOpinionBack forgets the actor's own answer, so that an opinion is wanted again. Faults: Forbidden; NotFound where they gave none.
func (s *Store) TakeOpinionBack(ctx context.Context, actor staff.Actor, decisionID int64) error {
	if !CanModerate(actor) || actor.ID == 0 {
		return fault.Forbidden
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var id int64
		err := tx.QueryRow(ctx, `
			UPDATE second_opinions
			SET act = NULL, by = NULL, at = NULL
			WHERE decision_id = $1 AND by = $2
			RETURNING comment_id`, decisionID, actor.ID).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.NotFound
		}
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment.second-undo", Object: object(id), Detail: map[string]any{"decision": decisionID}})
	})
	if err != nil {
		return fmt.Errorf("take back the second opinion on decision %d: %w", decisionID, err)
	}
	return nil
}
