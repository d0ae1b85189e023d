package newsroom

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/report"
	"stet/internal/staff"
)

// corrections is the list of errors that readers reported, and what becomes of each.
type corrections struct {
	*face
	store    *report.Store
	articles *article.Store
	pages    correctionPages
}

func (c *corrections) routes() []Route {
	const one = "/newsroom/corrections/{id}"
	rows := []Route{
		{get, "/newsroom/corrections", seesErrors, nil, c.list},
		{get, one, seesErrors, nil, c.show},
		{post, "/newsroom/comments/{id}/correct", moderates, nil, c.send},
	}
	for _, act := range errorActs {
		rows = append(rows, Route{post, one + "/" + act.name, seesErrors, nil, c.answer(act)})
	}
	return rows
}

// errorAct is one answer to a report of an error; undo tells that it can be taken back.
type errorAct struct {
	name string
	undo bool
	do   func(ctx context.Context, s *report.Store, actor staff.Actor, id int64, f page.Form) error
}

var errorActs = []errorAct{
	{"check", true, func(ctx context.Context, s *report.Store, actor staff.Actor, id int64, f page.Form) error {
		return s.Check(ctx, actor, id, report.Status(f.Text("seen")))
	}},
	{"decline", true, func(ctx context.Context, s *report.Store, actor staff.Actor, id int64, f page.Form) error {
		return s.Decline(ctx, actor, id, report.Status(f.Text("seen")), f.Text("reason"))
	}},
	{"correct", true, func(ctx context.Context, s *report.Store, actor staff.Actor, id int64, f page.Form) error {
		notice, err := whole(f, "notice")
		if err != nil {
			return err
		}
		return s.Correct(ctx, actor, id, report.Status(f.Text("seen")), notice)
	}},
	{"reopen", true, func(ctx context.Context, s *report.Store, actor staff.Actor, id int64, f page.Form) error {
		return s.Reopen(ctx, actor, id, report.Status(f.Text("seen")))
	}},
	{"undo", false, func(ctx context.Context, s *report.Store, actor staff.Actor, id int64, _ page.Form) error {
		return s.Undo(ctx, actor, id)
	}},
}

func (c *corrections) list(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f := report.Filter{Status: report.Status(cmp.Or(q.Text("status"), string(report.Open))), Q: q.Text("q"), After: q.Text("after")}
	if f.ArticleID, err = q.Int("article"); err != nil {
		return err
	}
	listed, err := c.store.List(r.Context(), actor, f)
	if err != nil {
		return err
	}
	fm := form{words: "corrections", values: q.Values}
	words := fm.typed("q", "search")
	words.Wide = true
	p := correctionsPage{frame: c.frame(r, actor, page.T("newsroom.corrections"), "/newsroom/corrections"), None: page.T("newsroom.corrections.none." + string(f.Status)),
		Filter: filter{Action: "/newsroom/corrections", Kept: kept(q, "status", "article"), Fields: []field{words}},
		Foot:   foot{Range: page.N("newsroom.range", len(listed.Lines)), First: firstPage(q, "after"), Next: nextPage(q, "after", listed.Next), Words: "newsroom.further"}}
	for _, status := range report.Statuses {
		p.Views = append(p.Views, view{Name: page.T("newsroom.corrections." + string(status)), URL: "?" + asQuery(append(kept(q, "article"), param{"status", string(status)})),
			Count: page.Number(listed.Counts[status]), Here: status == f.Status})
	}
	if f.Q != "" {
		p.Filter.Clear = "/newsroom/corrections?" + asQuery(p.Filter.Kept)
	}
	for i := range listed.Lines {
		p.Rows = append(p.Rows, c.item(&listed.Lines[i]))
	}
	if f.ArticleID != 0 {
		p.All = "?" + asQuery(kept(q, "status"))
		p.Article = page.T("newsroom.corrections.of-one")
		if len(p.Rows) > 0 {
			p.Article = p.Rows[0].Article
		}
	}
	return c.pages.list.Write(w, r, http.StatusOK, p)
}

// item is a report as the list and its own page show it.
func (c *corrections) item(l *report.Line) errorItem {
	clock := c.clock()
	out := errorItem{ID: l.ID, URL: fmt.Sprintf("/newsroom/corrections/%d", l.ID), ArticleURL: fmt.Sprintf("/newsroom/articles/%d", l.ArticleID),
		Article: cmp.Or(l.Headline, page.T("newsroom.untitled")), Lang: l.Language, At: clock.When(l.At), Quote: l.Quote, Body: paragraphs(l.Body), Gone: l.Erased,
		State: state{map[report.Status]string{report.Open: "review", report.Checking: "changed", report.Corrected: "live", report.Declined: "off"}[l.Status], page.T("newsroom.corrections." + string(l.Status))},
		Who:   cmp.Or(l.Name, page.T("newsroom.corrections.nameless"))}
	if l.Status == report.Open || l.Status == report.Checking {
		out.Waits = page.T("newsroom.comments.waits", duration(c.now().Sub(l.At)))
	}
	if l.CommentID != nil {
		out.Who = page.T("newsroom.corrections.in-comment", cmp.Or(l.Name, page.T("newsroom.corrections.nameless")), cmp.Or(l.SentBy, page.T("newsroom.comments.by-itself")))
	}
	if l.Version > 0 && l.Version < l.RecordHead {
		out.Read = page.T("newsroom.corrections.before", l.Version, l.RecordHead)
	}
	if l.Quote != "" {
		switch {
		case l.Passage.Stands:
			out.Still, out.Passage = page.T("newsroom.corrections.stands"), l.Passage.Text
		case l.Passage.Text != "":
			out.Still, out.Passage = page.T("newsroom.corrections.other"), l.Passage.Text
		default:
			out.Still = page.T("newsroom.corrections.gone")
		}
	}
	switch l.Status {
	case report.Declined:
		out.Answered = page.T("newsroom.corrections.declined-by", l.ChangedBy, clock.When(l.ChangedAt).Text, l.Reason)
	case report.Corrected:
		out.Answered = page.T("newsroom.corrections.corrected-by", l.ChangedBy, clock.When(l.ChangedAt).Text, l.Notice)
	case report.Checking:
		out.Answered = page.T("newsroom.corrections.checked-by", l.ChangedBy, clock.When(l.ChangedAt).Text)
	}
	return out
}

func (c *corrections) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return c.write(w, r, actor, id, form{words: "corrections", values: url.Values{}}, "")
}

// write shows a report; told is what somebody else did to it meanwhile.
func (c *corrections) write(w http.ResponseWriter, r *http.Request, actor staff.Actor, id int64, fm form, told string) error {
	l, err := c.store.One(r.Context(), actor, id)
	if err != nil {
		return err
	}
	p := correctionPage{frame: c.frame(r, actor, page.T("newsroom.corrections.one"), "/newsroom/corrections"), Item: c.item(&l), Told: told, Seen: string(l.Status), Email: l.Email, Faults: fm.all()}
	if l.Path != "" {
		p.Facts = append(p.Facts, fact{Name: page.T("newsroom.corrections.public"), Text: l.Path, URL: l.Path})
	}
	if l.Name != "" && l.CommentID == nil {
		key := "newsroom.corrections.credit-no"
		if l.Credit {
			key = "newsroom.corrections.credit-yes"
		}
		p.Facts = append(p.Facts, fact{Name: page.T("newsroom.corrections.credit"), Text: page.T(key)})
	}
	if l.Status == report.Corrected && l.Path != "" {
		p.Facts = append(p.Facts, fact{Name: page.T("newsroom.corrections.answer"), Text: page.T("newsroom.corrections.notice-number", l.Notice), URL: fmt.Sprintf("%s#update-%d", l.Path, l.Notice)})
	}
	if l.CanAnswer(actor) {
		waits := l.Status == report.Open || l.Status == report.Checking
		p.Checks, p.Declines, p.Reopens, p.Undoes = l.Status == report.Open, waits, l.Status != report.Open, l.Was != ""
		p.Reason = fm.area("reason", 3)
		p.Reason.Required = true
		if waits && l.CanCorrect(actor) {
			p.Write = fmt.Sprintf("/newsroom/articles/%d/updates?report=%d", l.ArticleID, l.ID)
		}
		if waits {
			if p.Notices, err = c.notices(r.Context(), actor, l.ArticleID, fm); err != nil {
				return err
			}
		}
	}
	status := fm.status()
	if told != "" {
		status = http.StatusConflict
	}
	return c.pages.one.Write(w, r, status, p)
}

// notices are those of an article that may have answered a report already, the newest first; without options where there are none, or actor may
// not see the article.
func (c *corrections) notices(ctx context.Context, actor staff.Actor, id int64, fm form) (field, error) {
	e, err := c.articles.Edit(ctx, actor, id)
	if errors.Is(err, fault.NotFound) || errors.Is(err, fault.Forbidden) {
		return field{}, nil
	}
	if err != nil {
		return field{}, err
	}
	var options []option
	for _, n := range slices.Backward(e.Notices()) {
		options = append(options, option{Value: strconv.Itoa(n.Number), Text: page.T("newsroom.corrections.notice-of", n.Number, page.T("newsroom.kind."+n.Kind), c.clock().Short(n.At).Text)})
	}
	return fm.pick("notice", options), nil
}

// answer gives the address of one answer.
func (c *corrections) answer(act errorAct) handler {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		id, f, err := idForm(w, r)
		if err != nil {
			return err
		}
		err = act.do(r.Context(), c.store, actor, id, f)
		var answered *report.Answered
		faults, invalid := refused(err)
		switch {
		case invalid:
			return c.write(w, r, actor, id, form{words: "corrections", values: f.Values, faults: faults}, "")
		case errors.As(err, &answered):
			told := page.T("newsroom.corrections.meanwhile", page.T("newsroom.corrections."+string(answered.Status)), cmp.Or(answered.By, page.T("newsroom.comments.by-itself")), c.clock().When(answered.At).Text)
			return c.write(w, r, actor, id, form{words: "corrections", values: f.Values}, told)
		case err != nil:
			return err
		}
		at := fmt.Sprintf("/newsroom/corrections/%d", id)
		undo := ""
		if act.undo {
			undo = at + "/undo"
		}
		c.sayUndo(r, page.T("newsroom.corrections.done."+act.name), undo)
		return seeOther(w, r, at)
	}
}

// send puts a comment that says that something is wrong on the list.
func (c *corrections) send(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := idForm(w, r)
	if err != nil {
		return err
	}
	made, err := c.store.FromComment(r.Context(), actor, id)
	if err != nil {
		return err
	}
	c.say(r, page.T("newsroom.corrections.done.send"))
	return seeOther(w, r, local(f.Get("back"), fmt.Sprintf("/newsroom/corrections/%d", made)))
}

// errorNeeds are the articles whose readers' reports wait for actor.
func errorNeeds(needs []report.Need, c page.Clock) []needRow {
	out := make([]needRow, len(needs))
	for i, n := range needs {
		out[i] = needRow{URL: fmt.Sprintf("/newsroom/corrections?article=%d", n.ArticleID), Headline: cmp.Or(n.Headline, page.T("newsroom.untitled")), Lang: n.Language,
			Do: page.T("newsroom.corrections.do"), Why: page.N("newsroom.corrections.open-here", n.Reports), At: c.Short(n.At)}
	}
	return out
}
