package newsroom

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
)

// history shows everything that happened to one comment.
func (c *comments) history(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return c.writeHistory(w, r, actor, id, form{words: "comments"})
}

func (c *comments) writeHistory(w http.ResponseWriter, r *http.Request, actor staff.Actor, id int64, fm form) error {
	h, err := c.store.History(r.Context(), actor, id)
	if err != nil {
		return err
	}
	saved, err := c.store.Reasons(r.Context(), actor)
	if err != nil {
		return err
	}
	d := c.dresser(fmt.Sprintf("/newsroom/comments/%d", id), saved)
	p := historyPage{frame: c.frame(r, actor, page.T("newsroom.comments.history", id), queueAt), Erased: h.Item.Erased, Events: d.events(&h), Faults: fm.all()}
	p.Item = d.item(&h.Item)
	p.Item.Now = true
	if h.Ban != 0 {
		p.Acts = append(p.Acts, plainAct{URL: fmt.Sprintf("%s/%d/undo", bansAt, h.Ban), Words: "newsroom.ban.undo", Back: d.here})
	}
	if p.Item.Reply {
		p.Reply = fm.area("body", 4)
		p.Reply.Required = true
	}
	return c.pages.history.Write(w, r, fm.status(), p)
}

// events are a comment's texts, reports, decisions and opinions in the order of time.
func (d *dresser) events(h *comment.History) []event {
	type dated struct {
		at int64
		event
	}
	var all []dated
	for i, t := range h.Texts {
		key := "newsroom.comments.event.sent"
		if i > 0 {
			key = "newsroom.comments.event.edited"
		}
		all = append(all, dated{t.At.UnixMicro(), event{At: d.clock.DateTime(t.At), What: page.T(key), Text: paragraphs(t.Body)}})
	}
	for _, report := range h.Reports {
		all = append(all, dated{report.At.UnixMicro(), event{At: d.clock.DateTime(report.At), What: page.T("newsroom.comments.event.reported", page.T("newsroom.comments.report."+report.Reason)), Text: paragraphs(report.Detail)}})
	}
	if a := h.Item.Appeal; a != nil {
		all = append(all, dated{a.At.UnixMicro(), event{At: d.clock.DateTime(a.At), What: page.T("newsroom.comments.event.appealed"), Text: paragraphs(a.Text)}})
	}
	for _, l := range h.Decisions {
		e := event{At: d.clock.DateTime(l.At), What: page.T("newsroom.comments.past." + string(l.Act)), Who: cmp.Or(l.By, page.T("newsroom.comments.by-itself")), Text: paragraphs(l.Reason)}
		if l.UndoneAt != nil {
			e.Undone = page.T("newsroom.comments.undone-by", cmp.Or(l.UndoneBy, page.T("newsroom.comments.by-itself")), d.clock.When(*l.UndoneAt).Text)
		}
		if l.Last {
			e.Undo, e.Pick = fmt.Sprintf("/newsroom/comments/%d/undo", l.CommentID), h.Item.Pick().String()
		}
		all = append(all, dated{l.At.UnixMicro(), e})
	}
	for _, o := range h.Opinions {
		all = append(all, dated{o.At.UnixMicro(), event{At: d.clock.DateTime(*o.At), What: page.T("newsroom.comments.event.second", page.T("newsroom.comments.past."+string(o.Act))), Who: o.By}})
	}
	slices.SortStableFunc(all, func(a, b dated) int { return cmp.Compare(a.at, b.at) })
	out := make([]event, len(all))
	for i, e := range all {
		out[i] = e.event
	}
	return out
}

// commenter shows a person who comments, for moderators.
func (c *comments) commenter(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return c.writeCommenter(w, r, actor, false)
}

// writeCommenter shows the person; unsure says that an admin's form to erase them lacked the tick.
func (c *comments) writeCommenter(w http.ResponseWriter, r *http.Request, actor staff.Actor, unsure bool) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	rec, err := c.store.RecordOf(r.Context(), actor, id)
	if err != nil {
		return err
	}
	items, next, err := c.store.Queue(r.Context(), actor, comment.Filter{Status: comment.Every, PersonID: id, After: q.Text("after"), Limit: queuePerPage})
	if err != nil {
		return err
	}
	saved, err := c.store.Reasons(r.Context(), actor)
	if err != nil {
		return err
	}
	d := c.dresser(r.URL.RequestURI(), saved)
	p := commenterPage{frame: c.frame(r, actor, cmp.Or(firstOf(rec.Names), rec.Email), queueAt), URL: fmt.Sprintf("/newsroom/commenters/%d", id), Facts: d.facts(&rec),
		Foot: foot{Range: page.N("newsroom.range", len(items)), First: firstPage(q, "after"), Next: nextPage(q, "after", next), Words: "newsroom.older"}}
	p.Acts = []plainAct{{URL: p.URL + "/hold", Words: "newsroom.commenter.hold"}}
	if rec.AlwaysHeld {
		p.Acts = []plainAct{{URL: p.URL + "/unhold", Words: "newsroom.commenter.unhold"}}
	}
	if len(items) > 0 {
		p.Ban = fmt.Sprintf("/newsroom/comments/%d/ban?back=%s", items[0].ID, url.QueryEscape(p.URL))
	}
	if rec.Waits > 0 {
		p.Queue = fmt.Sprintf("/newsroom/comments?person=%d", id)
	}
	for i := range items {
		it := d.item(&items[i])
		it.Now = i == 0
		p.Items = append(p.Items, it)
	}
	status := http.StatusOK
	if unsure {
		status = http.StatusUnprocessableEntity
	}
	if administers(actor) {
		p.Data = personal(id, unsure)
	}
	return c.pages.commenter.Write(w, r, status, p)
}

func firstOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// facts are what is known of a person.
func (d *dresser) facts(rec *comment.Record) []factLine {
	var out []factLine
	add := func(key, value string) { out = append(out, factLine{page.T("newsroom.commenter." + key), value}) }
	add("email", rec.Email)
	for i, name := range rec.Names {
		if i > 0 {
			add("also", name)
		}
	}
	add("first", d.clock.Date(rec.FirstAt).Text)
	add("record", page.T("newsroom.commenter.figures", page.Number(rec.Total), page.Number(rec.Approved), page.Number(rec.Rejected), page.Number(rec.Spam), page.Number(rec.Waits)))
	if rec.TrustedUntil != nil {
		add("trusted", d.clock.Date(*rec.TrustedUntil).Text)
	}
	if rec.Banned {
		until := page.T("newsroom.commenter.for-good")
		if rec.BannedUntil != nil {
			until = d.clock.DateTime(*rec.BannedUntil).Text
		}
		add("banned", cmp.Or(until+spaced(rec.BanReason), until))
	}
	return out
}

func spaced(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

// log lists all decisions, or one moderator's.
func (c *comments) decisionLog(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	by, err := q.Int("by")
	if err != nil {
		return err
	}
	lines, next, err := c.store.Log(r.Context(), actor, by, q.Text("before"))
	if err != nil {
		return err
	}
	people, err := c.store.Moderators(r.Context(), actor)
	if err != nil {
		return err
	}
	if by != 0 && !slices.ContainsFunc(people, func(m comment.Moderator) bool { return m.ID == by }) {
		return fault.NotFound
	}
	options := []option{{Text: page.T("newsroom.all")}}
	for _, m := range people {
		options = append(options, option{Value: strconv.FormatInt(m.ID, 10), Text: m.Name})
	}
	fm := form{words: "comments", values: q.Values}
	clock := c.clock()
	p := commentLogPage{frame: c.frame(r, actor, page.T("newsroom.comments.log"), queueAt), Here: r.URL.RequestURI(), Filter: filter{Action: queueAt + "/log", Fields: []field{fm.pick("by", options)}},
		Foot: foot{Range: page.N("newsroom.range", len(lines)), First: firstPage(q, "before"), Next: nextPage(q, "before", next), Words: "newsroom.older"}}
	if by != 0 {
		p.Filter.Clear = queueAt + "/log"
	}
	for _, l := range lines {
		day := clock.Day(l.At).Text
		if n := len(p.Days); n == 0 || p.Days[n-1].Day != day {
			p.Days = append(p.Days, logDay{Day: day})
		}
		last := &p.Days[len(p.Days)-1]
		last.Rows = append(last.Rows, logLine(l, clock))
	}
	return c.pages.log.Write(w, r, http.StatusOK, p)
}

func logLine(l comment.Line, clock page.Clock) logRow {
	row := logRow{At: clock.Hour(l.At), By: cmp.Or(l.By, page.T("newsroom.comments.by-itself")), Act: page.T("newsroom.comments.past." + string(l.Act)), Reason: l.Reason,
		URL: fmt.Sprintf("/newsroom/comments/%d", l.CommentID), Name: cmp.Or(l.Name, page.T("newsroom.comments.erased")), Words: short(l.Words, 80)}
	if l.UndoneAt != nil {
		row.Undone = page.T("newsroom.comments.undone-by", cmp.Or(l.UndoneBy, page.T("newsroom.comments.by-itself")), clock.When(*l.UndoneAt).Text)
	}
	if l.Last {
		row.Undo = row.URL + "/undo"
	}
	return row
}
