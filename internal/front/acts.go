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

// Limits of a line.
const (
	maxLine  = 20                        // placings of one place
	maxAhead = 10 * 365 * 24 * time.Hour // how far ahead one may begin or end
)

// PutIn puts an article in a place. From is when it takes the place (zero, or in the past: now), Until when it leaves it again (zero: no end).
// Seen is the newest act of this front that the editor had seen, as Board.Seen.
type PutIn struct {
	Category int64
	To       Slot
	Article  int64
	From     time.Time
	Until    time.Time
	Seen     int64
}

// Put places an article. With no end it takes the place of what stood there, with one what stood there comes back; an article that isn't
// public yet waits for it. From now on it stands nowhere else on this front. An article that can't be shown, a place that isn't there and times
// that make no sense are faults of their fields; a place that somebody changed unseen is a *Changed.
func (s *Store) Put(ctx context.Context, actor staff.Actor, in PutIn) (act int64, err error) {
	a := spec{name: putAct, category: in.Category, article: in.Article, slot: in.To, seen: in.Seen}
	return s.act(ctx, actor, a, func(c *change) error {
		to, err := c.line("to", in.To)
		if err != nil {
			return err
		}
		p, err := c.placing(ctx, in)
		if err != nil {
			return err
		}
		if p.From.After(c.at) {
			to.drop(func(o placing) bool { return o.Article == p.Article && !o.holds(c.at) })
		} else {
			c.leave(p.Article)
			to.cover(p, c.at)
		}
		to.rows = append(to.rows, p)
		return c.tidy()
	})
}

// placing makes what is to be put, by the rules for its article and times.
func (c *change) placing(ctx context.Context, in PutIn) (placing, error) {
	p := placing{Article: in.Article, From: in.From.Truncate(time.Microsecond), By: c.actor.ID, At: c.at}
	if p.From.Before(c.at) {
		p.From = c.at
	}
	var f fault.Check
	f.That(!p.From.After(c.at.Add(maxAhead)), "from", "front.far")
	p.Until = c.until(&f, in.Until, p.From)
	var shown bool
	err := c.tx.QueryRow(ctx, `
		SELECT kind = 'article' AND trashed_at IS NULL AND coalesce(public_state, 'published') = 'published', CASE WHEN listed THEN first_public_at END
		FROM articles
		WHERE id = $1`, in.Article).Scan(&shown, &p.public)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return p, err
	}
	f.That(shown, "article", "front.article.gone")
	return p, f.Err()
}

// until reads the end of what begins at from.
func (c *change) until(f *fault.Check, until, from time.Time) *time.Time {
	if until.IsZero() {
		return nil
	}
	until = until.Truncate(time.Microsecond) // as Postgres keeps it
	f.That(until.After(from), "until", "front.until.past")
	f.That(!until.After(c.at.Add(maxAhead)), "until", "front.far")
	return &until
}

// drop takes those rows out of the line that gone says.
func (l *line) drop(gone func(placing) bool) { l.rows = slices.DeleteFunc(l.rows, gone) }

// cover takes out what p, once it stands, ends for good: where it has no end itself, all that stands there now.
func (l *line) cover(p placing, at time.Time) {
	if p.Until == nil && p.holds(at) {
		l.drop(func(o placing) bool { return o.holds(at) })
	}
}

// leave takes an article out of every place where it stands or waits without a time of its own: from now on it stands in one.
func (c *change) leave(article int64) {
	for _, l := range c.lines {
		n := len(l.rows)
		l.drop(func(p placing) bool { return p.Article == article && !p.From.After(c.at) })
		l.touched = l.touched || len(l.rows) != n
	}
}

// tidy takes out of the lines that changed what has ended, and holds them to their limit.
func (c *change) tidy() error {
	for _, l := range c.changed() {
		l.drop(func(p placing) bool { return p.over(c.at) })
		if len(l.rows) > maxLine {
			return fault.Field("to", "front.place.full")
		}
	}
	return nil
}

// MoveIn moves an article to another place. From is where the editor saw it, placed or by itself; Seen as in PutIn.
type MoveIn struct {
	Category int64
	From, To Slot
	Article  int64
	Seen     int64
}

// Move puts an article in another place at once, with the end it had; what an editor placed there goes where it came from. What fills a place by
// itself can be moved too, and stands where it is put. Errors are those of Put.
func (s *Store) Move(ctx context.Context, actor staff.Actor, in MoveIn) (act int64, err error) {
	a := spec{name: moveAct, category: in.Category, article: in.Article, slot: in.To, seen: in.Seen}
	return s.act(ctx, actor, a, func(c *change) error {
		from, err := c.line("place", in.From)
		if err != nil {
			return err
		}
		to, err := c.line("to", in.To)
		if err != nil {
			return err
		}
		p, err := c.placing(ctx, PutIn{Article: in.Article})
		if err != nil {
			return err
		}
		if p.public == nil { // what waits stands nowhere, so nothing can make room for it
			return fault.Field("article", "front.article.gone")
		}
		if home, was := c.home(in.Article); home != nil {
			home.touched = true
			from, p.Until = home, was.Until
		}
		if from == to {
			return nil
		}
		c.leave(in.Article)
		if there := to.standing(c.at); len(there) > 0 {
			back := there[0]
			to.drop(func(o placing) bool { return o.ID == back.ID })
			back.ID, back.From, back.By, back.At = 0, c.at, c.actor.ID, c.at
			from.cover(back, c.at)
			from.rows = append(from.rows, back)
		}
		to.cover(p, c.at)
		to.rows = append(to.rows, p)
		return c.tidy()
	})
}

// home is the place that an article holds by an editor's hand, and what holds it; nil where it holds none.
func (c *change) home(article int64) (*line, placing) {
	for _, l := range c.lines {
		if there := l.standing(c.at); len(there) > 0 && there[0].Article == article {
			return l, there[0]
		}
	}
	return nil, placing{}
}

// OneIn names a placing in its place; Seen as in PutIn.
type OneIn struct {
	Category int64
	Place    Slot
	Placing  int64
	Seen     int64
}

// Off takes an article out of a place. Where it stands there the place fills itself, or what is in line for it comes at its time; where it
// waits, the line is shorter by it. A placing that is gone is a *Changed, or not found where nobody changed anything.
func (s *Store) Off(ctx context.Context, actor staff.Actor, in OneIn) (act int64, err error) {
	return s.actOn(ctx, actor, offAct, in, func(c *change, l *line, p placing) error {
		standing := l.standing(c.at)
		l.drop(func(o placing) bool { return o.ID == p.ID })
		if i := slices.IndexFunc(standing, func(o placing) bool { return o.ID == p.ID }); i >= 0 {
			under := standing[i:]
			l.drop(func(o placing) bool { return slices.ContainsFunc(under, o.same) })
		}
		return c.tidy()
	})
}

// Time says anew when a placing begins and ends. from counts only where it hasn't begun (zero, or in the past: now), a zero until is no end.
func (s *Store) Time(ctx context.Context, actor staff.Actor, in OneIn, from, until time.Time) (act int64, err error) {
	return s.actOn(ctx, actor, timeAct, in, func(c *change, l *line, p placing) error {
		if !p.holds(c.at) {
			p.From = from.Truncate(time.Microsecond)
			if from.Before(c.at) {
				p.From = c.at
			}
		}
		var f fault.Check
		f.That(!p.From.After(c.at.Add(maxAhead)), "from", "front.far")
		ends := p.From
		if c.at.After(ends) {
			ends = c.at
		}
		p.Until = c.until(&f, until, ends)
		if err := f.Err(); err != nil {
			return err
		}
		for i := range l.rows {
			if l.rows[i].ID == p.ID {
				l.rows[i] = p
			}
		}
		return c.tidy()
	})
}

// actOn runs an act on one placing.
func (s *Store) actOn(ctx context.Context, actor staff.Actor, name string, in OneIn, steps func(c *change, l *line, p placing) error) (int64, error) {
	a := spec{name: name, category: in.Category, slot: in.Place, seen: in.Seen}
	return s.act(ctx, actor, a, func(c *change) error {
		l, err := c.line("place", in.Place)
		if err != nil {
			return err
		}
		for _, p := range l.rows {
			if p.ID == in.Placing {
				c.article = p.Article
				return steps(c, l, p)
			}
		}
		if l.act > in.Seen {
			return nil // it is gone because somebody changed the place, which is what the editor is told
		}
		return fault.NotFound
	})
}
