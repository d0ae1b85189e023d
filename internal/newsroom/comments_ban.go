package newsroom

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
)

const bansAt = "/newsroom/bans"

// banSpans are how long a ban lasts, in days; the last is for good.
var banSpans = []struct {
	name string
	days int
}{{"day", 1}, {"week", 7}, {"month", 30}, {"good", 0}}

// askBan shows the form by which who wrote a comment is banned.
func (c *comments) askBan(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return c.writeBan(w, r, actor, id, form{words: "ban", values: url.Values{"until": {"week"}}})
}

func (c *comments) writeBan(w http.ResponseWriter, r *http.Request, actor staff.Actor, id int64, fm form) error {
	it, err := c.store.CommentOf(r.Context(), actor, id)
	if err != nil {
		return err
	}
	if it.Person == nil {
		return fault.NotFound
	}
	d := c.dresser("", nil)
	var spans []option
	for _, s := range banSpans {
		spans = append(spans, option{Value: s.name, Text: page.T("newsroom.ban.until." + s.name)})
	}
	p := banPage{frame: c.frame(r, actor, page.T("newsroom.ban", it.Name), queueAt), Item: d.item(&it), Back: local(fm.values.Get("back"), queueAt), Faults: fm.all(),
		Fields: []field{fm.pick("until", spans), fm.field("reason")}, Ticks: []field{fm.tick("network"), fm.tick("domain"), fm.tick("hide")}}
	if it.Address == "" {
		p.Ticks = p.Ticks[1:]
	}
	return c.pages.ban.Write(w, r, fm.status(), p)
}

func (c *comments) ban(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := idForm(w, r)
	if err != nil {
		return err
	}
	in := comment.BanIn{CommentID: id, Reason: f.Text("reason"), Network: ticked(f.Values["network"]), Domain: ticked(f.Values["domain"]), HideAll: ticked(f.Values["hide"])}
	known := false
	for _, s := range banSpans {
		if s.name != f.Text("until") {
			continue
		}
		known = true
		if s.days > 0 {
			until := c.now().Add(time.Duration(s.days) * 24 * time.Hour)
			in.Until = &until
		}
	}
	var made int64
	if known {
		made, err = c.store.Ban(r.Context(), actor, in)
	} else {
		err = fault.Field("until", "newsroom.ban.until.unknown")
	}
	if faults, ok := refused(err); ok {
		return c.writeBan(w, r, actor, id, form{words: "ban", values: f.Values, faults: faults})
	}
	if err != nil {
		return err
	}
	c.sayUndo(r, page.T("newsroom.ban.done"), fmt.Sprintf("%s/%d/undo", bansAt, made))
	return seeOther(w, r, local(f.Get("back"), queueAt))
}

// bans lists them, those that stand and those that are over.
func (c *comments) bans(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	list, next, err := c.store.Bans(r.Context(), actor, q.Text("after"))
	if err != nil {
		return err
	}
	clock := c.clock()
	p := bansPage{frame: c.frame(r, actor, page.T("newsroom.bans"), queueAt), Here: r.URL.RequestURI(),
		Foot: foot{Range: page.N("newsroom.range", len(list)), First: firstPage(q, "after"), Next: nextPage(q, "after", next), Words: "newsroom.older"}}
	for i := range list {
		p.Rows = append(p.Rows, banLine(&list[i], clock))
	}
	return c.pages.bans.Write(w, r, http.StatusOK, p)
}

func banLine(b *comment.BanLine, clock page.Clock) banRow {
	row := banRow{Name: cmp.Or(b.Name, page.T("newsroom.ban.nobody")), Reason: b.Reason, By: b.By, At: clock.When(b.At), Until: page.T("newsroom.commenter.for-good"), Hides: b.Hidden > 0}
	for _, whom := range []string{b.Mailbox, b.Network, b.Domain} {
		if whom != "" {
			row.Whom = append(row.Whom, whom)
		}
	}
	if b.PersonID != 0 {
		row.URL = fmt.Sprintf("/newsroom/commenters/%d", b.PersonID)
	}
	if b.Until != nil {
		row.Until = clock.When(*b.Until).Text
	}
	switch {
	case b.LiftedAt != nil:
		row.Over = page.T("newsroom.ban.lifted", cmp.Or(b.LiftedBy, page.T("newsroom.comments.by-itself")), clock.When(*b.LiftedAt).Text)
	case b.Over:
		row.Over = page.T("newsroom.ban.over")
	default:
		row.Lift = fmt.Sprintf("%s/%d/lift", bansAt, b.ID)
		row.Undo = fmt.Sprintf("%s/%d/undo", bansAt, b.ID)
	}
	return row
}

// lift ends a ban; with restore, what it hid comes back as well.
func (c *comments) lift(restore bool) handler {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		id, f, err := idForm(w, r)
		if err != nil {
			return err
		}
		if err := c.store.LiftBan(r.Context(), actor, id, restore); err != nil {
			return err
		}
		said := "newsroom.ban.done-lift"
		if restore {
			said = "newsroom.ban.done-undo"
		}
		c.say(r, page.T(said))
		return seeOther(w, r, local(f.Get("back"), bansAt))
	}
}
