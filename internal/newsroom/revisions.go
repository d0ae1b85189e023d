package newsroom

import (
	"fmt"
	"net/http"

	"stet/internal/article"
	"stet/internal/page"
	"stet/internal/staff"
)

// revisions lists every save of an article, and what became public.
func (a *articles) revisions(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	e, err := a.store.Edit(r.Context(), actor, id)
	if err != nil {
		return err
	}
	lines, err := a.store.Revisions(r.Context(), actor, id)
	if err != nil {
		return err
	}
	c := a.clock()
	p := revisionsPage{frame: a.frame(r, actor, page.T("newsroom.revisions"), "/newsroom/articles"), About: aboutArticle(&e, c), Rows: revisionRows(lines, e.Record, c),
		Record: recordRows(e.Record, c)}
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
