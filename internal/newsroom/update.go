package newsroom

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/report"
	"stet/internal/staff"
)

// askUpdate is the form of a notice; with the id of a reader's report in the address, of the correction that answers it.
func (a *acts) askUpdate(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	e, err := a.edit(r, actor, article.CanAppend)
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	values := url.Values{"kind": {article.Update}}
	if q.Text("report") != "" {
		values = url.Values{"kind": {article.Correction}, "report": {q.Text("report")}}
	}
	return a.writeUpdate(w, r, actor, e, form{words: "update", values: values})
}

// update appends a notice to what stands.
func (a *acts) update(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := a.submitted(w, r)
	if err != nil {
		return err
	}
	reported, err := a.reported(r, actor, id, f.Text("report"))
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
	said, at := page.T("newsroom.article.done.appended", done.Number), fmt.Sprintf("/newsroom/articles/%d", id)
	if reported.ID != 0 {
		said, at = said+" "+a.link(r, actor, reported.ID, done.Number), fmt.Sprintf("/newsroom/corrections/%d", reported.ID)
	}
	a.say(r, said)
	return seeOther(w, r, at)
}

// link says that a notice answers a report, in a transaction of its own: the notice is public by then. Where that fails it is said, the report
// stays as it was, and its page offers the notice.
func (a *acts) link(r *http.Request, actor staff.Actor, reportID int64, notice int) (said string) {
	if err := a.reports.Correct(r.Context(), actor, reportID, "", notice); err != nil {
		a.log.ErrorContext(r.Context(), "newsroom: link a notice to the report it answers", "report", reportID, "notice", notice, "error", err)
		return page.T("newsroom.corrections.done.unlinked")
	}
	return page.T("newsroom.corrections.done.linked")
}

// reported is the report that a notice answers, about the same article; none for an empty id.
func (a *acts) reported(r *http.Request, actor staff.Actor, articleID int64, id string) (report.Line, error) {
	if id == "" {
		return report.Line{}, nil
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return report.Line{}, fault.NotFound
	}
	l, err := a.reports.One(r.Context(), actor, n)
	if err == nil && l.ArticleID != articleID {
		err = fault.NotFound
	}
	return l, err
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
	reported, err := a.reported(r, actor, e.ID, fm.values.Get("report"))
	if err != nil {
		return err
	}
	if reported.ID != 0 {
		p.Report, p.Answers = strconv.FormatInt(reported.ID, 10), page.T("newsroom.update.answers", short(cmp.Or(reported.Quote, reported.Body), 200))
	}
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
