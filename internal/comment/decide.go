package comment

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/staff"
)

const (
	maxBulk   = 500
	maxReason = 1000
)

// Decide performs one act on one comment. Without Seen only what stands in the queue can be decided: what somebody else decided meanwhile
// is a *Decided, save that Hold takes anything back into the queue and Undo takes the last decision back, whoever's it is. With Seen a
// decision may be replaced by another, if nothing changed since.
//
// Faults: Forbidden; NotFound; *Decided; *fault.Invalid on parent where a reply would be approved before what it answers, on act and reason.
func (s *Store) Decide(ctx context.Context, actor staff.Actor, p Pick, act Act, reason string) error {
	_, failed, err := s.Bulk(ctx, actor, []Pick{p}, act, reason)
	if err != nil {
		return err
	}
	return failed[p.ID]
}

// Bulk performs one act on many comments in one transaction, in the order in which they came in, so that an approved comment's reply can be
// approved with it. Those it can't be done to are in failed, each with its fault as of Decide; err is for the whole, and then nothing was done.
func (s *Store) Bulk(ctx context.Context, actor staff.Actor, picks []Pick, act Act, reason string) (done []int64, failed map[int64]error, err error) {
	o := order{picks: picks, act: act, reason: markup.Line(reason)}
	if err := o.check(actor); err != nil {
		return nil, nil, err
	}
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		done, failed, err = s.carryOut(ctx, tx, actor, o)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%s %d comments: %w", act, len(picks), err)
	}
	return done, failed, nil
}

// order is what a moderator asks for.
type order struct {
	picks  []Pick
	act    Act
	reason string
	hide   bool // with the edits that wait: a rejection that ends what is public
}

func (o *order) check(actor staff.Actor) error {
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	var c fault.Check
	c.That(slices.Contains([]Act{Approve, Reject, MarkSpam, Hold, Undo}, o.act), "act", "comment.act.unknown")
	c.That(utf8.RuneCountInString(o.reason) <= maxReason, "reason", "comment.reason.long")
	c.That(!markup.BadLine(o.reason), "reason", "field.characters")
	c.That(len(o.picks) <= maxBulk || o.hide, "", "comment.bulk.many")
	return c.Err()
}

// carryOut does it: lock, rule, write, count and purge. All writes of all comments go in one round trip.
func (s *Store) carryOut(ctx context.Context, tx pgx.Tx, actor staff.Actor, o order) (done []int64, failed map[int64]error, err error) {
	picks := slices.Clone(o.picks)
	slices.SortFunc(picks, func(a, b Pick) int { return cmp.Compare(a.ID, b.ID) })
	picks = slices.CompactFunc(picks, func(a, b Pick) bool { return a.ID == b.ID })
	ids := make([]int64, len(picks))
	for i, p := range picks {
		ids[i] = p.ID
	}
	found, err := s.lock(ctx, tx, ids)
	if err != nil {
		return nil, nil, err
	}
	w := work{order: o, actor: actor, found: found, tally: tally{}}
	failed = map[int64]error{}
	for _, p := range picks {
		if err := w.decide(p); err != nil {
			failed[p.ID] = err
			continue
		}
		done = append(done, p.ID)
	}
	if len(done) == 0 {
		return nil, failed, nil
	}
	letGo(&w.batch, done)
	if err := tx.SendBatch(ctx, &w.batch).Close(); err != nil {
		return nil, nil, err
	}
	for _, id := range done {
		if err := audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment." + string(o.act), Object: object(id)}); err != nil {
			return nil, nil, err
		}
	}
	if err := s.after(ctx, tx, w.steps); err != nil {
		return nil, nil, err
	}
	return done, failed, w.tally.write(ctx, tx)
}

// work is an order on its way: the comments held for it, and the writes and changes it adds up to.
type work struct {
	order
	actor staff.Actor
	found []*held
	tally tally
	batch pgx.Batch
	steps []step
}

func (w *work) decide(p Pick) error {
	h, ok := find(w.found, p.ID)
	if !ok {
		return fault.NotFound
	}
	if h.ParentID != nil {
		// What it answers may have been approved a moment ago, in this very act.
		if parent, ok := find(w.found, *h.ParentID); ok {
			h.ParentStatus = &parent.Status
		}
	}
	if err := w.permits(h, p); err != nil {
		return err
	}
	was := h.state()
	if w.act == Undo {
		w.undo(h)
	} else {
		w.record(h)
	}
	w.batch.Queue(`
		UPDATE comments
		SET status = $2, shown_text = $3, pending_text = $4, decided_at = CASE WHEN $2 <> 'pending' THEN $5::timestamptz END
		WHERE id = $1`, h.ID, h.Status, h.Shown, h.Pending, h.Settled)
	w.tally.note(h, was, h.state())
	w.steps = append(w.steps, step{held: h, was: was, act: w.act, asks: w.asks()})
	return nil
}

// asks reports whether a second opinion may be wanted: on what somebody decided about one comment, not on what follows from a ban.
func (w *work) asks() bool {
	return w.actor.ID != 0 && !w.hide && (w.act == Approve || w.act == Reject || w.act == MarkSpam)
}

func (w *work) permits(h *held, p Pick) error {
	if w.hide && !h.Erased && (h.Status == Pending || h.Status == Approved) {
		return nil
	}
	return h.permits(p, w.act)
}

// record writes the decision beside what it replaces, so that it can be taken back.
func (w *work) record(h *held) {
	was := h.state()
	next := was.after(w.act)
	if w.hide {
		next = state{Rejected, was.text(), nil}
	}
	h.set(next)
	w.batch.Queue(`
		INSERT INTO decisions (comment_id, act, reason, was_status, was_shown, was_pending, by, at, was_decided)
		VALUES ($1, $2, $3, $4, $5, $6, nullif($7::bigint, 0), $8, $9)`, h.ID, w.act, w.reason, was.Status, was.Shown, was.Pending, w.actor.ID, h.Now, h.Settled)
	h.Settled = &h.Now
}

func (w *work) undo(h *held) {
	h.Settled = h.WasDecided
	h.set(h.state().before(state{*h.WasStatus, h.WasShown, h.WasPending}, *h.DecisionAct))
	w.batch.Queue(`UPDATE decisions SET undone_at = $2, undone_by = nullif($3::bigint, 0) WHERE id = $1`, *h.DecisionID, h.Now, w.actor.ID)
}
