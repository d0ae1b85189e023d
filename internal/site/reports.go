package site

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/page"
	"stet/internal/postgres"
	"stet/internal/report"
)

// reports are the forms in which readers say that something is wrong, in an article or in a comment, and the receipts that they keep.
type reports struct{ *face }

func (p *reports) routes(r chi.Router) {
	r.Get("/comments/errors/{token}", p.handle(p.errorReceipt))
	r.Post("/comments/errors/{token}", p.handle(p.forget))
	r.Get("/comments/reports/{token}", p.handle(p.complaintReceipt))
	r.Post("/comments/reports/{token}", p.handle(p.answer))
}

// credit reads who reported what the notices of an article correct.
func (v *visit) credit(l *article.Live) postgres.Read {
	if len(l.Notices()) == 0 {
		return postgres.Read{}
	}
	return v.Credits.LiveCredits(&v.credits, l.ID)
}

// credited is what stands beside a notice that readers' reports led to; empty where none did.
func (v *visit) credited(id int64, number int, path string) (string, []page.Link) {
	found := v.credits[report.Notice{ArticleID: id, Number: number}]
	if len(found) == 0 {
		return "", nil
	}
	var names []page.Link
	for _, c := range found {
		l := page.Link{Text: c.Name}
		if c.CommentID != 0 {
			l.URL = below(path, "comments/") + strconv.FormatInt(c.CommentID, 10)
		}
		names = append(names, l)
	}
	return page.N("credited", len(names)), names
}

// wrong is the form for an error, with the sentence that the address quotes.
func (p *reports) wrong(w http.ResponseWriter, r *http.Request, l *article.Live) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(cmp.Or(q.Text("version"), "0"))
	if err != nil || version < 1 || version > l.Number {
		version = l.Number
	}
	return p.writeWrong(w, r, l, errorForm{Quote: report.Quote(q.Get("quote")), Version: version})
}

func (p *reports) writeWrong(w http.ResponseWriter, r *http.Request, l *article.Live, form errorForm) error {
	v, err := p.visit(r)
	if err != nil {
		return err
	}
	form.Action = below(l.Path, "report")
	out := wrongPage{Base: v.page(page.T("report.title", l.Content.Headline), "", 0), Article: v.named(l), Form: form}
	out.Robots = "noindex"
	secret(w)
	if form.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(form.retry))
	}
	return p.tmpl.wrong.Write(w, r, cmp.Or(form.status, http.StatusOK), out)
}

// named is the article that a form is about.
func (v *visit) named(l *article.Live) page.Link {
	return page.Link{URL: href(l.Path), Text: l.Content.Headline, Lang: l.Content.Language}
}

// takeError takes an error in and answers with its receipt, or with the form and everything that was typed.
func (p *reports) takeError(w http.ResponseWriter, r *http.Request, l *article.Live) error {
	f, err := page.ParseForm(w, r, commentForm)
	if err != nil {
		return err
	}
	version, err := f.Int("version")
	if err != nil || version > 1<<30 {
		return page.ErrMalformed
	}
	in := report.In{ArticleID: l.ID, Version: int(version), Quote: f.Get("quote"), Body: f.Text("body"), Name: f.Text("name"), Email: f.Text("email"),
		Credit: f.On("credit"), Address: p.ClientIP(r), Honeypot: f.Get("website")}
	token, err := p.Reports.Report(r.Context(), in)
	if err == nil {
		page.Private(w)
		return redirect(w, r, "/comments/errors/"+url.PathEscape(token), http.StatusSeeOther)
	}
	form := errorForm{Quote: in.Quote, Body: in.Body, Name: in.Name, Email: in.Email, Credit: in.Credit, Version: in.Version, Any: true}
	var invalid *fault.Invalid
	var many *fault.TooMany
	switch {
	case errors.As(err, &invalid):
		form.status = http.StatusUnprocessableEntity
		form.Wrong = errorFaults{Body: said(invalid, "body"), Name: said(invalid, "name"), Email: said(invalid, "email")}
	case errors.As(err, &many):
		form.status, form.retry = http.StatusTooManyRequests, int(many.After.Seconds())+1
		form.Whole = page.N("respond.fast", int(many.After.Minutes())+1)
	default:
		return err
	}
	return p.writeWrong(w, r, l, form)
}

// complain is the form that reports one comment.
func (p *reports) complain(w http.ResponseWriter, r *http.Request, l *article.Live, id string) error {
	return p.writeComplaint(w, r, l, id, complaint{Reasons: reasons("")})
}

func reasons(chosen string) []choice {
	out := make([]choice, len(comment.ReportReasons))
	for i, reason := range comment.ReportReasons {
		out[i] = choice{Value: reason, Text: page.T("report.reason." + reason), Chosen: reason == chosen}
	}
	return out
}

func (p *reports) writeComplaint(w http.ResponseWriter, r *http.Request, l *article.Live, id string, form complaint) error {
	n, err := identity(id)
	if err != nil {
		return err
	}
	v, err := p.visit(r)
	if err != nil {
		return err
	}
	out := complainPage{Base: v.page(page.T("report.comment.title", l.Content.Headline), "", 0), Article: v.named(l), Form: form}
	if out.Comment, err = (&discussion{p.face}).parent(v, l, n); err != nil {
		return err
	}
	out.Robots = "noindex"
	out.Form.Action = out.Comment.URL + "/report"
	secret(w)
	if form.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(form.retry))
	}
	return p.tmpl.complain.Write(w, r, cmp.Or(form.status, http.StatusOK), out)
}

// takeComplaint takes a report of a comment in and answers with its receipt, or with the form and everything that was typed.
func (p *reports) takeComplaint(w http.ResponseWriter, r *http.Request, l *article.Live, id string) error {
	n, err := identity(id)
	if err != nil {
		return err
	}
	f, err := page.ParseForm(w, r, commentForm)
	if err != nil {
		return err
	}
	in := comment.ReportIn{ArticleID: l.ID, CommentID: n, Reason: f.Text("reason"), Ground: f.Text("ground"), Detail: f.Text("detail"), Name: f.Text("name"),
		Email: f.Text("email"), GoodFaith: f.On("good_faith"), Address: p.ClientIP(r), Honeypot: f.Get("website")}
	token, err := p.Intake.ReportComment(r.Context(), in)
	if err == nil {
		page.Private(w)
		return redirect(w, r, "/comments/reports/"+url.PathEscape(token), http.StatusSeeOther)
	}
	form := complaint{Reasons: reasons(in.Reason), Ground: in.Ground, Detail: in.Detail, Name: in.Name, Email: in.Email, Faith: in.GoodFaith, Any: true}
	var invalid *fault.Invalid
	var many *fault.TooMany
	switch {
	case errors.As(err, &invalid):
		form.status = http.StatusUnprocessableEntity
		form.Wrong = complaintFaults{Reason: said(invalid, "reason"), Ground: said(invalid, "ground"), Detail: said(invalid, "detail"), Name: said(invalid, "name"),
			Email: said(invalid, "email"), Faith: said(invalid, "good_faith")}
	case errors.As(err, &many):
		form.status, form.retry = http.StatusTooManyRequests, int(many.After.Seconds())+1
		form.Whole = page.N("respond.fast", int(many.After.Minutes())+1)
	default:
		return err
	}
	return p.writeComplaint(w, r, l, id, form)
}

// errorReceipt shows where a report of an error stands.
func (p *reports) errorReceipt(w http.ResponseWriter, r *http.Request) error {
	secret(w)
	token := chi.URLParam(r, "token")
	rec, err := p.Reports.ByToken(r.Context(), token)
	if err != nil {
		return err
	}
	v, err := p.visit(r)
	if err != nil {
		return err
	}
	out := v.errorAnswered(&rec)
	out.Action = "/comments/errors/" + token
	return p.tmpl.answered.Write(w, r, http.StatusOK, out)
}

// forget blanks who sent a report of an error.
func (p *reports) forget(w http.ResponseWriter, r *http.Request) error {
	secret(w)
	f, err := page.ParseForm(w, r, commentForm)
	if err != nil {
		return err
	}
	if f.Text("act") != "erase" {
		return page.ErrMalformed
	}
	token := chi.URLParam(r, "token")
	if err := p.Reports.Forget(r.Context(), token); err != nil {
		return err
	}
	return redirect(w, r, "/comments/errors/"+token, http.StatusSeeOther)
}

func (p *reports) complaintReceipt(w http.ResponseWriter, r *http.Request) error {
	return p.writeAnswered(w, r, http.StatusOK, "", "")
}

func (p *reports) writeAnswered(w http.ResponseWriter, r *http.Request, status int, appeal, wrong string) error {
	secret(w)
	token := chi.URLParam(r, "token")
	rec, err := p.Intake.ReportByToken(r.Context(), token)
	if err != nil {
		return err
	}
	v, err := p.visit(r)
	if err != nil {
		return err
	}
	out := v.complaintAnswered(&rec)
	out.Action, out.Appeal, out.Wrong = "/comments/reports/"+token, appeal, wrong
	return p.tmpl.answered.Write(w, r, status, out)
}

// answer takes what who reported a comment does with their receipt: appeal once, and have their name forgotten.
func (p *reports) answer(w http.ResponseWriter, r *http.Request) error {
	secret(w)
	f, err := page.ParseForm(w, r, commentForm)
	if err != nil {
		return err
	}
	token := chi.URLParam(r, "token")
	switch f.Text("act") {
	case "appeal":
		err = p.Intake.AppealReport(r.Context(), token, f.Text("detail"))
	case "erase":
		err = p.Intake.EraseReport(r.Context(), token)
	default:
		return page.ErrMalformed
	}
	var invalid *fault.Invalid
	switch {
	case err == nil:
		return redirect(w, r, "/comments/reports/"+token, http.StatusSeeOther)
	case errors.As(err, &invalid):
		return p.writeAnswered(w, r, http.StatusUnprocessableEntity, f.Text("detail"), said(invalid, "detail"))
	case errors.Is(err, fault.Forbidden):
		return p.writeAnswered(w, r, http.StatusForbidden, "", page.T("receipt.late"))
	}
	return err
}

// errorAnswered is the receipt of a report of an error.
func (v *visit) errorAnswered(rec *report.Receipt) answeredPage {
	status := string(rec.Status)
	p := answeredPage{Base: v.page(page.T("error.receipt."+status), "", 0), Status: status, Kicker: page.T("error.receipt"), Quote: rec.Quote, About: markup.CommentHTML(rec.Body),
		Erases: rec.Personal, Why: page.T("error.receipt.why"), Steps: []step{{At: v.clock.Brief(rec.At), Text: page.T("step.received")}}}
	p.Robots = "noindex"
	if rec.Headline != "" {
		p.Article = page.Link{URL: href(rec.Path), Text: rec.Headline, Lang: rec.Language}
	}
	now := step{At: v.clock.Brief(rec.ChangedAt), Text: page.T("error.step." + status), Current: true}
	switch rec.Status {
	case report.Open:
		now.At, now.Later = page.Time{}, page.T("step.now")
		p.Said = page.T("error.receipt.open.said")
	case report.Declined:
		p.Said = page.T("error.receipt.reason", rec.Reason)
	case report.Corrected:
		if p.Article.URL != "" && rec.Notice > 0 {
			now.Link = &page.Link{URL: p.Article.URL + anchor(rec.Notice), Text: page.T("error.step.see")}
		}
		if rec.Credit {
			p.Said = page.T("error.receipt.credit")
		}
	}
	p.Steps = append(p.Steps, now)
	if rec.Status == report.Open || rec.Status == report.Checking {
		p.Steps = append(p.Steps, step{Later: page.T("step.later"), Text: page.T("error.step.corrected"), What: page.T("error.step.or")})
	}
	return p
}

// complaintAnswered is the receipt of a report of a comment.
func (v *visit) complaintAnswered(rec *comment.ReportReceipt) answeredPage {
	p := answeredPage{Kicker: page.T("report.receipt"), Status: "open", Erases: rec.Personal, Appeals: rec.Appealable, Why: page.T("report.receipt.why"),
		Steps: []step{{At: v.clock.Brief(rec.At), Text: page.T("step.received"), What: page.T("report.reason." + rec.Reason)}}}
	ruling := func(upheld bool) string {
		if upheld {
			return "upheld"
		}
		return "declined"
	}
	if rec.Headline != "" {
		p.Article = page.Link{URL: href(rec.ArticlePath), Text: rec.Headline}
		if rec.CommentPublic {
			p.Article.URL = below(rec.ArticlePath, fmt.Sprintf("comments/%d", rec.CommentID))
		}
	}
	if !rec.DecidedAt.IsZero() {
		p.Status, p.Said = ruling(rec.Upheld), rec.Answer
		p.Steps = append(p.Steps, step{At: v.clock.Brief(rec.DecidedAt), Text: page.T("report.step." + p.Status), What: rec.Answer})
	}
	if !rec.AppealedAt.IsZero() {
		p.Status, p.Said, p.About = "appealed", page.T("report.receipt.appealed.said"), markup.CommentHTML(rec.Appeal)
		p.Steps = append(p.Steps, step{At: v.clock.Brief(rec.AppealedAt), Text: page.T("report.step.appealed")})
	}
	if !rec.AppealAt.IsZero() {
		p.Status, p.Said = ruling(rec.AppealUpheld), rec.AppealAnswer
		p.Steps = append(p.Steps, step{At: v.clock.Brief(rec.AppealAt), Text: page.T("report.step." + p.Status), What: rec.AppealAnswer})
	}
	p.Base = v.page(page.T("report.receipt."+p.Status), "", 0)
	p.Robots = "noindex"
	if p.Status == "open" || p.Status == "appealed" {
		p.Steps = append(p.Steps, step{Later: page.T("step.now"), Text: page.T("step.waiting"), What: page.T("report.step.waiting")})
	}
	p.Steps[len(p.Steps)-1].Current = true
	return p
}
