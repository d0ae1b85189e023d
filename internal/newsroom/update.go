package newsroom

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
)

func (a *acts) askUpdate(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	e, err := a.edit(r, actor, article.CanAppend)
	if err != nil {
		return err
	}
	return a.writeUpdate(w, r, actor, e, form{words: "update", values: url.Values{"kind": {article.Update}}})
}

// update appends a notice to what stands.
func (a *acts) update(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := a.submitted(w, r)
	if err != nil {
		return err
	}
	done, err := a.append(r, actor, id, f)
	if faults, ok := refused(err); ok {
		e, err := a.edit(r, actor, article.CanAppend)
		if err != nil {
			return err
		}
		return a.writeUpdate(w, r, actor, e, form{words: "update", values: f.Values, faults: faults})
	}
	if err != nil {
		return err
	}
	a.say(r, page.T("newsroom.article.done.appended", done.Number))
	return seeOther(w, r, fmt.Sprintf("/newsroom/articles/%d", id))
}

func (a *acts) append(r *http.Request, actor staff.Actor, id int64, f page.Form) (article.Outcome, error) {
	notice, err := withStatement(f, a.clock())
	if err != nil {
		return article.Outcome{}, err
	}
	return a.store.Append(r.Context(), actor, id, article.NoticeIn{Kind: f.Text("kind"), Notice: notice, Pinned: ticked(f.Values["pinned"]), Key: f.Text("key")})
}

func (a *acts) writeUpdate(w http.ResponseWriter, r *http.Request, actor staff.Actor, e article.Editing, fm form) error {
	p := updatePage{frame: a.frame(r, actor, page.T("newsroom.update"), "/newsroom/articles"), About: aboutArticle(&e, a.clock()), Key: cmp.Or(fm.values.Get("key"), rand.Text()),
		Faults: fm.all(), Kind: fm.pick("kind", worded("newsroom.kind.", article.NoticeKinds)), Notice: fm.area("notice", 5), Pinned: fm.tick("pinned"),
		Statement: fm.area("statement", 4), Speaker: fm.field("speaker"), Role: fm.field("role"), Source: fm.field("source"),
		Asked: fm.typed("asked", "datetime-local"), Answered: fm.typed("answered", "datetime-local"), StatementOpen: hasStatement(fm.values),
		Follows: page.T("newsroom.update.follows", len(e.Record)+1)}
	p.Notice.Serif, p.Statement.Serif, p.Notice.Required = true, true, true
	p.Notice = p.Notice.written(inNotice, e.Draft.Language)
	return a.pages.update.Write(w, r, fm.status(), p)
}

func (a *acts) askAmend(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	e, n, err := a.notice(r, actor)
	if err != nil {
		return err
	}
	return a.writeAmend(w, r, actor, e, n, form{words: "amend", values: url.Values{"notice": {n.HTML}}})
}

// amend replaces the words of a notice, which keeps its number and says so.
func (a *acts) amend(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := a.submitted(w, r)
	if err != nil {
		return err
	}
	number, err := pathNumber(r)
	if err != nil {
		return err
	}
	_, err = a.store.Amend(r.Context(), actor, id, number, f.Text("notice"))
	if faults, ok := refused(err); ok {
		e, n, err := a.notice(r, actor)
		if err != nil {
			return err
		}
		return a.writeAmend(w, r, actor, e, n, form{words: "amend", values: f.Values, faults: faults})
	}
	if err != nil {
		return err
	}
	a.say(r, page.T("newsroom.article.done.amended"))
	return seeOther(w, r, fmt.Sprintf("/newsroom/articles/%d", id))
}

// notice finds the notice that the address names, with its article.
func (a *acts) notice(r *http.Request, actor staff.Actor) (article.Editing, article.Notice, error) {
	e, err := a.edit(r, actor, article.CanAppend)
	if err != nil {
		return e, article.Notice{}, err
	}
	number, err := pathNumber(r)
	if err != nil {
		return e, article.Notice{}, err
	}
	for _, n := range e.Notices() {
		if n.Number == number {
			return e, n, nil
		}
	}
	return e, article.Notice{}, fmt.Errorf("notice %d of article %d: %w", number, e.ID, fault.NotFound)
}

func (a *acts) writeAmend(w http.ResponseWriter, r *http.Request, actor staff.Actor, e article.Editing, n article.Notice, fm form) error {
	c := a.clock()
	p := amendPage{frame: a.frame(r, actor, page.T("newsroom.amend"), "/newsroom/articles"), About: aboutArticle(&e, c), Faults: fm.all(), Notice: fm.area("notice", 8), Now: noticeOf(n, c)}
	p.Action = fmt.Sprintf("%s/notices/%d", p.About.URL, n.Number)
	p.Notice.Serif, p.Notice.Required = true, true
	p.Notice = p.Notice.written(inNotice, e.Draft.Language)
	return a.pages.amend.Write(w, r, fm.status(), p)
}
