package comment

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/postgres"
)

// held is a comment whose row this transaction holds, with all that the rules look at.
type held struct {
	ID        int64
	ArticleID int64
	RootID    int64
	Status    Status
	Shown     *int64
	Pending   *int64
	Erased    bool
	PostedAt  time.Time
	Now       time.Time

	ParentID     *int64
	ParentStatus *Status
	PersonID     *int64
	Email        string
	Name         string
	Address      *netip.Addr
	Told         string
	Appealed     *time.Time
	Appealing    bool // an appeal waits for an answer
	Banned       bool `db:"-"` // known of a receipt's comment alone
	ByStaff      bool
	Imported     bool
	Body         string
	PublicState  *string

	DecisionID     *int64
	DecisionAct    *Act
	DecisionReason *string
	DecisionBy     *string
	DecisionAt     *time.Time
	WasStatus      *Status
	WasShown       *int64
	WasPending     *int64
	WasDecided     *time.Time
	Settled        *time.Time // when it was last decided or let in
}

func (h *held) state() state { return state{h.Status, h.Shown, h.Pending} }

func (h *held) set(s state) { h.Status, h.Shown, h.Pending = s.Status, s.Shown, s.Pending }

// live reports whether s is what readers see.
func (h *held) live(s state) bool { return s.Status == Approved && !h.Erased }

// last is the newest decision that stands; its Act is empty where there is none.
func (h *held) last() Decision {
	if h.DecisionID == nil {
		return Decision{}
	}
	d := Decision{ID: *h.DecisionID, Act: *h.DecisionAct, Reason: *h.DecisionReason, At: *h.DecisionAt}
	if h.DecisionBy != nil {
		d.By = *h.DecisionBy
	}
	return d
}

func (h *held) decided() *Decided { return &Decided{ID: h.ID, Status: h.Status, Decision: h.last()} }

func (h *held) meanwhile(act Act) *Decided {
	return &Decided{ID: h.ID, Status: h.Status, Decision: Decision{Act: act}}
}

// permits is the rule of every decision.
func (h *held) permits(p Pick, act Act) error {
	if h.Erased {
		return h.meanwhile(actErase)
	}
	if p.Seen {
		if p.Decision != h.last().ID {
			return h.decided()
		}
		if text := h.state().text(); text == nil || *text != p.Text {
			return h.meanwhile(actEdit)
		}
	}
	if act == Undo {
		if h.DecisionID == nil {
			return h.decided()
		}
		return nil
	}
	// An appeal is answered by deciding anew, the same or otherwise.
	if !h.queued() && !h.Appealing && !p.Seen && act != Hold || h.unchanged(act) && !h.Appealing {
		return h.decided()
	}
	if act == Approve && h.ParentStatus != nil && *h.ParentStatus != Approved {
		return fault.Field("parent", "comment.parent.held")
	}
	return nil
}

func (h *held) queued() bool { return h.state().queued() }

// unchanged reports whether act would leave all as it is.
func (h *held) unchanged(act Act) bool {
	now, next := h.state(), h.state().after(act)
	return now.Status == next.Status && same(now.Shown, next.Shown) && same(now.Pending, next.Pending)
}

// hidden is a comment that a machine put among the spam and no person has looked at: to its writer it waits.
func (h *held) hidden() bool { return h.Status == Spam && h.DecisionID == nil && !h.Imported }

// editableUntil is the end of the time in which its writer may change it, the zero time where they may not.
func (h *held) editableUntil() time.Time {
	end := h.PostedAt.Add(editable)
	switch {
	case h.Erased, h.ByStaff, h.Imported, !h.Now.Before(end):
		return time.Time{}
	case h.hidden():
		return end
	case h.Banned, h.Status != Pending && h.Status != Approved:
		return time.Time{}
	}
	return end
}

const heldQuery = `
	SELECT c.id, c.article_id, c.root_id, c.status, c.shown_text AS shown, c.pending_text AS pending, c.erased_at IS NOT NULL AS erased, c.posted_at,
		n.now, c.parent_id, p.status AS parent_status, c.commenter_id AS person_id,
		coalesce(m.email, '') AS email, c.name, r.address, c.told, c.appealed_at AS appealed,
		c.appealed_at IS NOT NULL AND c.appeal_decision IS NOT DISTINCT FROM d.id AS appealing,
		c.staff_id IS NOT NULL AS by_staff, c.imported, coalesce(t.body, '') AS body, a.public_state,
		d.id AS decision_id, d.act AS decision_act, d.reason AS decision_reason, d.by_name AS decision_by, d.at AS decision_at,
		d.was_status, d.was_shown, d.was_pending, d.was_decided, c.decided_at AS settled
	FROM comments c
	JOIN articles a ON a.id = c.article_id
	CROSS JOIN (SELECT coalesce($2::timestamptz, clock_timestamp()) AS now) n
	LEFT JOIN comments p ON p.id = c.parent_id
	LEFT JOIN commenters m ON m.id = c.commenter_id
	LEFT JOIN comment_addresses r ON r.comment_id = c.id
	LEFT JOIN comment_texts t ON t.id = coalesce(c.pending_text, c.shown_text)
	LEFT JOIN LATERAL (
		SELECT l.id, l.act, l.reason, u.name AS by_name, l.at, l.was_status, l.was_shown, l.was_pending, l.was_decided
		FROM decisions l
		LEFT JOIN staff u ON u.id = l.by
		WHERE l.comment_id = c.id AND l.undone_at IS NULL
		ORDER BY l.id DESC
		LIMIT 1
	) d ON true
	WHERE c.id = ANY ($1)
	ORDER BY c.id`

// lock holds the comments of ids that exist, in the order of their ids so that no two acts wait for each other, and reads them in a
// statement of its own: the one that waited for a lock would see decisions as they were before. Their keys stay free, so that replies to
// them come in meanwhile.
func (s *Store) lock(ctx context.Context, tx pgx.Tx, ids []int64) ([]*held, error) {
	var b pgx.Batch
	b.Queue(`SELECT FROM comments WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE`, ids)
	b.Queue(heldQuery, ids, postgres.At(s.Now))
	r := tx.SendBatch(ctx, &b)
	defer r.Close() //nolint:errcheck // what matters is reported by the reads below
	if _, err := r.Exec(); err != nil {
		return nil, err
	}
	rows, err := r.Query()
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[held])
}

// lockOwn holds the one comment of a receipt.
func (s *Store) lockOwn(ctx context.Context, tx pgx.Tx, token string) (*held, error) {
	id, err := idOf(ctx, tx, token)
	if err != nil {
		return nil, err
	}
	found, err := s.lock(ctx, tx, []int64{id})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.NotFound
	}
	h := found[0]
	h.Banned, err = s.isBanned(ctx, tx, h.Email, h.Address)
	return h, err
}

// find gives the comment of that id among those locked.
func find(found []*held, id int64) (*held, bool) {
	i, ok := slices.BinarySearchFunc(found, id, func(h *held, id int64) int { return int(h.ID - id) })
	if !ok {
		return nil, false
	}
	return found[i], true
}
