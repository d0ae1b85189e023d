package article

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/staff"
)

// ParseAt reads a time from a form in the site's zone; see the function of that name.
func (s *Store) ParseAt(text string) (time.Time, error) { return ParseAt(text, s.site.Zone()) }

// End sets the time at which a public article is withdrawn, with the notice that its address then answers (410). A second one replaces the
// first. Publishing meanwhile doesn't call it off; retracting or withdrawing it does. A time that has passed, or lies more than ten years
// ahead, is a fault on the field at.
func (s *Store) End(ctx context.Context, actor staff.Actor, id int64, at time.Time, notice string) error {
	return s.act(ctx, actor, id, verb{"end", CanEnd}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		var f fault.Check
		checkNotice(&f, &notice, true)
		f.That(at.After(a.At), "at", "article.at.past")
		f.That(!at.After(a.At.Add(maxAhead)), "at", "article.at.far")
		if err := f.Err(); err != nil {
			return nil, err
		}
		return map[string]any{"at": at}, s.await(ctx, tx, a, Schedule{Act: EndAct, Revision: a.Head, At: at}, change{Kind: WithdrawnRow, Notice: notice})
	})
}

// performEnd withdraws a at the time of d, as Withdraw does.
func (s *Store) performEnd(ctx context.Context, tx pgx.Tx, a *locked, d due) error {
	if !CanEnd(staff.System(), a.state()) {
		return notNow(a.state())
	}
	p, err := s.turnNow(ctx, tx, a, turn{kind: WithdrawnRow, notice: d.Notice, required: true})
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{Actor: d.By, Act: "article.withdraw", Object: a.object(), Detail: map[string]any{"number": p.Number, "scheduled": true}})
}
