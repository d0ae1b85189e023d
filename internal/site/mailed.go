package site

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/page"
)

// mailed are the pages that mails to commenters lead to, and the one on which such a mail is asked for. Their addresses are as secret as
// those of receipts.
type mailed struct{ *face }

func (m *mailed) routes(r chi.Router) {
	r.Get("/comments/mine", m.handle(m.mine))
	r.Post("/comments/mine", m.handle(m.ask))
	r.Get("/comments/mail/{token}", m.handle(m.show))
	r.Post("/comments/mail/{token}", m.handle(m.act))
}

// mailedPage is what a mail's link leads to.
type mailedPage struct {
	page.Base
	Lead    string
	Action  string
	Acts    []mailedAct
	Notices []mailedNotice
	// Ask is the way to a new link.
	Ask bool
}

// mailedAct is one button; Sure asks once more before what can't be taken back.
type mailedAct struct {
	Heading, Said string
	Act, Button   string
	Quiet, Sure   bool
}

// mailedNotice is a comment to which replies are mailed.
type mailedNotice struct {
	ID      int64
	Article page.Link
	At      page.Time
}

// show tells what the link is for and changes nothing: mail programs open links by themselves.
func (m *mailed) show(w http.ResponseWriter, r *http.Request) error {
	return m.write(w, r, http.StatusOK, false)
}

func (m *mailed) write(w http.ResponseWriter, r *http.Request, status int, sure bool) error {
	secret(w)
	token := chi.URLParam(r, "token")
	is, err := m.Intake.MailPage(r.Context(), token)
	if err != nil {
		return err
	}
	v, err := m.visit(r)
	if err != nil {
		return err
	}
	p := v.mailed(&is, sure)
	p.Action = "/comments/mail/" + token
	return m.tmpl.mailed.Write(w, r, status, p)
}

// act does what the button's name says. Mail programs that unsubscribe by themselves send no name, and follow no redirect.
func (m *mailed) act(w http.ResponseWriter, r *http.Request) error {
	secret(w)
	token, ctx := chi.URLParam(r, "token"), r.Context()
	f, err := page.ParseForm(w, r, commentForm)
	if err != nil {
		return err
	}
	id, err := f.Int("comment")
	if err != nil {
		return err
	}
	switch act := f.Text("act"); {
	case f.Text("List-Unsubscribe") == "One-Click" && act == "":
		if err := m.Intake.StopNotices(ctx, token, 0); err != nil {
			return m.over(w, r, err)
		}
		return m.write(w, r, http.StatusOK, false)
	case act == "confirm":
		err = m.Intake.ConfirmAddress(ctx, token)
	case act == "unsubscribe":
		err = m.Intake.StopNotices(ctx, token, id)
	case act == "resubscribe":
		err = m.Intake.ResumeNotices(ctx, token)
	case act == "copy":
		return m.copy(w, r, token)
	case act == "erase" && f.Text("sure") != "yes":
		return m.write(w, r, http.StatusUnprocessableEntity, true)
	case act == "erase":
		err = m.Intake.EraseByLink(ctx, token)
	default:
		err = page.ErrMalformed
	}
	if err != nil {
		return m.over(w, r, err)
	}
	return redirect(w, r, "/comments/mail/"+token, http.StatusSeeOther)
}

// over shows the page of a link whose time is over; other errors go on.
func (m *mailed) over(w http.ResponseWriter, r *http.Request, err error) error {
	if errors.Is(err, fault.Forbidden) {
		return m.write(w, r, http.StatusForbidden, false)
	}
	return err
}

// copy answers with everything that is kept, as a file.
func (m *mailed) copy(w http.ResponseWriter, r *http.Request, token string) error {
	c, err := m.Intake.CopyByLink(r.Context(), token)
	if err != nil {
		return m.over(w, r, err)
	}
	body, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="comments.json"`)
	page.Send(w, r, "application/json", append(body, '\n'))
	return nil
}

// mailed is the page for what the link is for, as things stand.
func (v *visit) mailed(is *comment.Mailed, sure bool) mailedPage {
	p := mailedPage{}
	title := "mailed.data"
	switch {
	case is.Over:
		title, p.Lead, p.Ask = "mailed.over", page.T("mailed.over.said"), is.Purpose == comment.ForData
	case is.Gone:
		title, p.Lead = "mailed.gone", page.T("mailed.gone.said")
	case is.Purpose == comment.ForConfirm && is.Confirmed:
		title, p.Lead = "mailed.confirmed", page.T("mailed.confirmed.said", is.Email)
	case is.Purpose == comment.ForConfirm:
		title, p.Lead = "mailed.confirm", page.T("mailed.confirm.said", is.Email)
		p.Acts = []mailedAct{{Act: "confirm", Button: page.T("mailed.confirm.button")}}
	case is.Purpose == comment.ForNotices:
		title = v.stopping(&p, is)
	default:
		p.Lead = page.N("mailed.data.said", is.Comments, is.Email)
		p.Acts = []mailedAct{
			{Heading: page.T("mailed.copy"), Said: page.T("mailed.copy.said"), Act: "copy", Button: page.T("mailed.copy.button")},
			{Heading: page.T("mailed.erase"), Said: page.T("mailed.erase.said"), Act: "erase", Button: page.T("mailed.erase.button"), Quiet: true},
		}
		if sure {
			p.Acts = []mailedAct{{Heading: page.T("mailed.sure"), Said: page.T("mailed.sure.said"), Act: "erase", Button: page.T("mailed.sure.button"), Sure: true}}
		}
	}
	p.Base = v.page(page.T(title), "", 0)
	p.Robots = "noindex"
	return p
}

// stopping fills the page on which the mails about replies are stopped, and gives its title.
func (v *visit) stopping(p *mailedPage, is *comment.Mailed) string {
	if is.Stopped {
		p.Lead = page.T("mailed.stopped.said", is.Email)
		p.Acts = []mailedAct{{Act: "resubscribe", Button: page.T("mailed.resume.button"), Quiet: true}}
		return "mailed.stopped"
	}
	p.Lead = page.T("mailed.notices.said", is.Email)
	p.Acts = []mailedAct{{Act: "unsubscribe", Button: page.T("mailed.stop.button")}}
	for _, n := range is.Notices {
		p.Notices = append(p.Notices, mailedNotice{ID: n.ID, At: v.clock.DayTime(n.PostedAt),
			Article: page.Link{URL: below(n.Path, "comments/") + strconv.FormatInt(n.ID, 10), Text: n.Headline}})
	}
	return "mailed.notices"
}

// minePage asks for an address to which the link to one's data is mailed.
type minePage struct {
	page.Base
	Lead, Email, Wrong string
	Form               bool
}

func (m *mailed) mine(w http.ResponseWriter, r *http.Request) error {
	p := minePage{Lead: page.T("mine.said"), Form: true}
	if r.URL.Query().Has("sent") {
		p = minePage{Lead: page.T("mine.sent")}
	}
	return m.writeMine(w, r, http.StatusOK, p)
}

// ask answers the same for every address.
func (m *mailed) ask(w http.ResponseWriter, r *http.Request) error {
	f, err := page.ParseForm(w, r, commentForm)
	if err != nil {
		return err
	}
	p := minePage{Lead: page.T("mine.said"), Email: f.Text("email"), Form: true}
	err = m.Intake.AskForData(r.Context(), p.Email, m.ClientIP(r))
	var invalid *fault.Invalid
	var many *fault.TooMany
	switch {
	case errors.As(err, &invalid):
		p.Wrong = said(invalid, "email")
		return m.writeMine(w, r, http.StatusUnprocessableEntity, p)
	case errors.As(err, &many):
		p.Wrong = page.N("respond.fast", int(many.After.Minutes())+1)
		w.Header().Set("Retry-After", strconv.Itoa(int(many.After.Seconds())+1))
		return m.writeMine(w, r, http.StatusTooManyRequests, p)
	case err != nil:
		return err
	}
	return redirect(w, r, "/comments/mine?sent", http.StatusSeeOther)
}

func (m *mailed) writeMine(w http.ResponseWriter, r *http.Request, status int, p minePage) error {
	secret(w)
	v, err := m.visit(r)
	if err != nil {
		return err
	}
	p.Base = v.page(page.T("mine"), "", 0)
	p.Robots = "noindex"
	return m.tmpl.mine.Write(w, r, status, p)
}
