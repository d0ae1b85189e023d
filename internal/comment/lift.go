package comment

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// LiftBan ends a ban. With restore it also takes back each decision by which the ban hid a comment, where nothing else was decided since, and
// puts back the bans that it replaced: what Undo of a ban is. Faults: Forbidden; NotFound; Conflict where it was lifted already.
func (s *Store) LiftBan(ctx context.Context, actor staff.Actor, id int64, restore bool) error {
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var hidden, replaced []int64
		err := tx.QueryRow(ctx, `SELECT hidden, replaced FROM bans WHERE id = $1`, id).Scan(&hidden, &replaced)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.NotFound
		}
		if err != nil {
			return err
		}
		restored := 0
		// Comments before bans, as Ban locks them.
		if restore {
			if restored, err = s.undoAll(ctx, tx, actor, hidden); err != nil {
				return err
			}
		}
		tag, err := tx.Exec(ctx, `
			UPDATE bans
			SET lifted_at = coalesce($2::timestamptz, clock_timestamp()), lifted_by = nullif($3::bigint, 0)
			WHERE id = $1 AND lifted_at IS NULL`, id, postgres.At(s.Now), actor.ID)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.Conflict
		}
		if restore {
			if _, err := tx.Exec(ctx, `UPDATE bans SET lifted_at = NULL, lifted_by = NULL WHERE id = ANY ($1)`, replaced); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment.unban", Object: fmt.Sprintf("ban:%d", id), Detail: map[string]any{"restored": restored}})
	})
	if err != nil {
		return fmt.Errorf("lift ban %d: %w", id, err)
	}
	return nil
}

// undoAll undoes those of the decisions that still are their comment's last, and says how many.
func (s *Store) undoAll(ctx context.Context, tx pgx.Tx, actor staff.Actor, decisions []int64) (int, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT comment_id FROM decisions WHERE id = ANY ($1)`, decisions)
	if err != nil {
		return 0, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return 0, err
	}
	found, err := s.lock(ctx, tx, ids)
	if err != nil {
		return 0, err
	}
	o := order{act: Undo}
	for _, h := range found {
		if h.DecisionID != nil && slices.Contains(decisions, *h.DecisionID) && !h.Erased {
			o.picks = append(o.picks, Pick{ID: h.ID})
		}
	}
	done, _, err := s.carryOut(ctx, tx, actor, o)
	return len(done), err
}

// BanLine is a ban as moderators see it. PersonID and Name are of who it was made for, 0 and empty where they were erased. Mailbox is empty
// then too, Network and Domain where the ban isn't for one. Until is nil for good, LiftedAt while it isn't lifted. Hidden is how many comments
// it hid. CommentID is the comment it was made from, 0 for none.
type BanLine struct {
	ID        int64
	PersonID  int64
	Name      string
	Mailbox   string
	Network   string
	Domain    string
	Until     *time.Time
	Over      bool // lifted, or its time is up
	Reason    string
	Hidden    int
	CommentID int64
	By        string
	At        time.Time
	LiftedAt  *time.Time
	LiftedBy  string
}

// bansPage is how many bans are listed at once.
const bansPage = 50

// Bans lists bans, the newest first, bansPage at once after the line that after names (empty: from the start); next is empty on the last page.
// Faults: Forbidden; NotFound for an after that isn't one.
func (s *Store) Bans(ctx context.Context, actor staff.Actor, after string) (list []BanLine, next string, err error) {
	if !CanModerate(actor) {
		return nil, "", fault.Forbidden
	}
	var before int64
	if after != "" {
		if before, err = strconv.ParseInt(after, 10, 64); err != nil || before < 1 {
			return nil, "", fault.NotFound
		}
	}
	rows, err := s.pool.Query(ctx, `
		SELECT b.id, coalesce(b.commenter_id, 0), coalesce(w.name, ''), CASE WHEN b.mailbox LIKE 'h:%' THEN '' ELSE coalesce(b.mailbox, '') END,
			b.network, coalesce(b.domain, ''), nullif(b.until, 'infinity'),
			b.lifted_at IS NOT NULL OR b.until <= coalesce($2::timestamptz, clock_timestamp()), b.reason, cardinality(b.hidden), coalesce(b.comment_id, 0),
			coalesce(u.name, ''), b.at, b.lifted_at, coalesce(l.name, '')
		FROM bans b
		LEFT JOIN staff u ON u.id = b.by
		LEFT JOIN staff l ON l.id = b.lifted_by
		LEFT JOIN LATERAL (SELECT c.name FROM comments c WHERE c.commenter_id = b.commenter_id ORDER BY c.posted_at DESC LIMIT 1) w ON true
		WHERE $1 = 0 OR b.id < $1
		ORDER BY b.id DESC
		LIMIT $3`, before, postgres.At(s.Now), bansPage+1)
	if err != nil {
		return nil, "", fmt.Errorf("bans: %w", err)
	}
	list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (l BanLine, err error) {
		var network *netip.Prefix
		err = row.Scan(&l.ID, &l.PersonID, &l.Name, &l.Mailbox, &network, &l.Domain, &l.Until, &l.Over, &l.Reason, &l.Hidden, &l.CommentID, &l.By, &l.At,
			&l.LiftedAt, &l.LiftedBy)
		if network != nil {
			l.Network = network.String()
		}
		return l, err
	})
	if err != nil {
		return nil, "", fmt.Errorf("bans: %w", err)
	}
	if len(list) > bansPage {
		list = list[:bansPage]
		next = strconv.FormatInt(list[bansPage-1].ID, 10)
	}
	return list, next, nil
}

// SetHeld has every comment of a person held, whatever else lets it through, or ends that. Faults: Forbidden; NotFound.
func (s *Store) SetHeld(ctx context.Context, actor staff.Actor, personID int64, on bool) error {
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE commenters SET always_held = $2 WHERE id = $1`, personID, on)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.NotFound
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment.hold-person", Object: fmt.Sprintf("commenter:%d", personID), Detail: map[string]any{"on": on}})
	})
	if err != nil {
		return fmt.Errorf("hold commenter %d: %w", personID, err)
	}
	return nil
}
