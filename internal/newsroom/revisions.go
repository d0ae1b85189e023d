package newsroom

import (
	"fmt"
	"net/http"
	"strconv"

	"stet/internal/article"
	"stet/internal/page"
	"stet/internal/staff"
)

// revisions lists the saves of an article and what became public, a page at a time; any two can be compared.
func (a *articles) revisions(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	before, err := number(q, "before")
	if err != nil {
		return err
	}
	e, err := a.store.Edit(r.Context(), actor, id)
	if err != nil {
		return err
	}
	lines, err := a.store.Revisions(r.Context(), actor, id, before)
	if err != nil {
		return err
	}
	p := revisionsPage{frame: a.frame(r, actor, page.T("newsroom.revisions"), "/newsroom/articles"), About: aboutArticle(&e, a.clock()),
		Record: recordRows(e.Record, a.clock()), Foot: foot{Range: page.N("newsroom.revisions.shown", len(lines)), First: firstPage(q, "before"), Words: "newsroom.older"}}
	from, to := 0, 0
	if len(lines) > 1 {
		from, to = lines[1].Number, lines[0].Number
	}
	picker := a.picker(&e, lines, from, to)
	p.Rows = picker.Rows
	if picker.Older != "" {
		p.Foot.Next = nextPage(q, "before", strconv.Itoa(lines[len(lines)-1].Number))
	}
	for i := range p.Rows {
		if n := p.Rows[i].Number; n != e.Head && article.CanSave(actor, e.State) {
			p.Rows[i].Restore = fmt.Sprintf("%s/revisions/%d/restore", p.About.URL, n)
		}
	}
	return a.pages.revisions.Write(w, r, http.StatusOK, p)
}

// restore puts an old revision on top again, as a new one.
func (a *articles) restore(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	n, err := pathNumber(r)
	if err != nil {
		return err
	}
	if _, err := a.store.RestoreRevision(r.Context(), actor, id, n); err != nil {
		return err
	}
	a.say(r, page.T("newsroom.article.done.restored", n))
	return seeOther(w, r, fmt.Sprintf("/newsroom/articles/%d", id))
}
