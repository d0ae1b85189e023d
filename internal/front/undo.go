package front

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/staff"
)

// Changed says that somebody changed places between an editor's look and their act. It is a fault.Conflict, and carries who did what, so that
// the editor can do it all the same: Seen is then the newest act that they have seen.
type Changed struct {
	Places []ChangedPlace
	Seen   int64
}

// ChangedPlace is a place that was changed, the newest change of it, and what an editor placed there now: no headline where it fills itself.
type ChangedPlace struct {
	Slot
	Act      string // put, move, off, time or undo
	By       string
	When     time.Time
	Article  int64
	Headline string
	Language string
}

// Error names no more than how many.
func (e *Changed) Error() string { return "places changed meanwhile" }

// Is makes it a fault.Conflict.
func (e *Changed) Is(target error) bool { return target == fault.Conflict }

// unseen makes a *Changed of the lines that say picks; nil where there are none.
func (c *change) unseen(ctx context.Context, picks func(*line) bool) error {
	var out Changed
	for _, l := range c.lines {
		out.Seen = max(out.Seen, l.act)
		if !picks(l) {
			continue
		}
		p := ChangedPlace{Slot: l.slot}
		now := line{rows: l.before}
		if there := now.standing(c.at); len(there) > 0 {
			p.Article = there[0].Article
		}
		err := c.tx.QueryRow(ctx, `
			SELECT f.act, coalesce(p.name, ''), f.at, coalesce(a.live_headline, ''), coalesce(a.live_language, '')
			FROM front_acts f
			LEFT JOIN staff p ON p.id = f.by
			LEFT JOIN articles a ON a.id = $2
			WHERE f.id = $1`, l.act, p.Article).Scan(&p.Act, &p.By, &p.When, &p.Headline, &p.Language)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		out.Places = append(out.Places, p)
	}
	if len(out.Places) == 0 {
		return nil
	}
	slices.SortFunc(out.Places, func(a, b ChangedPlace) int {
		if a.Zone != b.Zone {
			return int(a.Zone - b.Zone)
		}
		return a.Place - b.Place
	})
	return &out
}

// storedAct is what Undo reads of an act.
type storedAct struct {
	Category int64
	Article  int64
	Slot     int64
	Before   map[int64][]placing
	After    map[int64][]placing
}

// Undo takes an act back: every place that it touched stands as before. It is refused with a *Changed where one of them is no longer as the act
// left it. What was taken back can be taken back in its turn. It returns the category of the front and the new act.
func (s *Store) Undo(ctx context.Context, actor staff.Actor, id int64) (category, act int64, err error) {
	if !CanEdit(actor) {
		return 0, 0, fault.Forbidden
	}
	rows, err := s.pool.Query(ctx, `
		SELECT coalesce(category_id, 0) AS category, coalesce(article_id, 0) AS article, coalesce(slot_id, 0) AS slot, before, after
		FROM front_acts
		WHERE id = $1`, id)
	if err != nil {
		return 0, 0, err
	}
	was, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[storedAct])
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, fault.NotFound
	}
	if err != nil {
		return 0, 0, err
	}
	slot, err := s.slotOf(ctx, was.Slot)
	if err != nil {
		return 0, 0, err
	}
	act, err = s.act(ctx, actor, spec{name: undoAct, category: was.Category, article: was.Article, slot: slot, undoes: id}, func(c *change) error {
		if err := c.unseen(ctx, func(l *line) bool { return !was.stands(l) }); err != nil {
			return err
		}
		n := 0
		for _, l := range c.lines {
			if before, ok := was.Before[l.id]; ok {
				l.rows, n = before, n+1
			}
		}
		if n < len(was.Before) {
			return fault.NotFound // its section is gone
		}
		return nil
	})
	return was.Category, act, err
}

// stands reports whether a place is as the act left it, or none that it touched.
func (a *storedAct) stands(l *line) bool {
	after, ok := a.After[l.id]
	return !ok || l.id == 0 || slices.EqualFunc(l.before, after, placing.same)
}

func (s *Store) slotOf(ctx context.Context, id int64) (Slot, error) {
	var slot Slot
	err := s.pool.QueryRow(ctx, `SELECT coalesce(zone_id, 0), place FROM front_slots WHERE id = $1`, id).Scan(&slot.Zone, &slot.Place)
	if errors.Is(err, pgx.ErrNoRows) {
		return Slot{}, nil
	}
	return slot, err
}
