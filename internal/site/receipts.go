package site

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/page"
)

// receipts are the pages that commenters keep. Their address is the only key to them, so no cache, crawler or other site may
// learn it.
type receipts struct{ *face }

func (c *receipts) routes(r chi.Router) {
	r.Get("/comments/{token}", c.handle(c.show))
	r.Post("/comments/{token}", c.handle(c.act))
}

func secret(w http.ResponseWriter) {
	page.Private(w)
	w.Header().Set("X-Robots-Tag", "noindex")
	w.Header().Set("Referrer-Policy", "no-referrer")
}

func (c *receipts) show(w http.ResponseWriter, r *http.Request) error {
	secret(w)
	return c.write(w, r, http.StatusOK, nil)
}

// act changes or deletes the comment; what it does is the button's name.
func (c *receipts) act(w http.ResponseWriter, r *http.Request) error {
	secret(w)
	token := chi.URLParam(r, "token")
	f, err := page.ParseForm(w, r, commentForm)
	if err != nil {
		return err
	}
	switch f.Text("act") {
	case "edit":
		err = c.Intake.Edit(r.Context(), token, f.Text("body"))
	case "delete":
		err = c.Intake.Delete(r.Context(), token)
	default:
		err = page.ErrMalformed
	}
	var invalid *fault.Invalid
	var many *fault.TooMany
	wrong := &receiptFault{body: f.Text("body")}
	switch {
	case err == nil:
		return redirect(w, r, "/comments/"+token, http.StatusSeeOther)
	case errors.As(err, &invalid):
		wrong.said = said(invalid, "body")
		return c.write(w, r, http.StatusUnprocessableEntity, wrong)
	case errors.As(err, &many):
		wrong.said = page.T("receipt.many")
		w.Header().Set("Retry-After", strconv.Itoa(int(many.After.Seconds())+1))
		return c.write(w, r, http.StatusTooManyRequests, wrong)
	case errors.Is(err, fault.Forbidden):
		wrong.said = page.T("receipt.late")
		return c.write(w, r, http.StatusForbidden, wrong)
	}
	return err
}

// receiptFault is why a change wasn't taken, with what was typed.
type receiptFault struct{ body, said string }

func (c *receipts) write(w http.ResponseWriter, r *http.Request, status int, wrong *receiptFault) error {
	token := chi.URLParam(r, "token")
	rec, err := c.Intake.ByToken(r.Context(), token)
	if err != nil {
		return err
	}
	v, err := c.visit(r)
	if err != nil {
		return err
	}
	p := v.receipt(&rec)
	p.Action = "/comments/" + token
	if wrong != nil {
		p.Wrong, p.Body = wrong.said, wrong.body
	}
	return c.tmpl.receipt.Write(w, r, status, p)
}

func (v *visit) receipt(rec *comment.Receipt) receiptPage {
	status := string(rec.Status)
	p := receiptPage{Base: v.page(page.T("receipt."+status), "", 0), Status: status, Said: v.receiptSaid(rec), Steps: v.steps(rec),
		Article: page.Link{URL: href(rec.ArticlePath), Text: rec.Headline}}
	p.Robots = "noindex"
	if rec.Headline == "" {
		p.Article = page.Link{}
	}
	if rec.ParentName != "" && p.Article.URL != "" {
		p.To = &page.Link{URL: below(rec.ArticlePath, fmt.Sprintf("comments/%d", rec.ParentID)), Text: rec.ParentName}
	}
	if rec.Status == comment.Deleted {
		return p
	}
	p.Deletes = true
	p.Body = rec.Text
	p.Comment = markup.CommentHTML(rec.Text)
	if rec.Edit != "" {
		p.Body, p.Waits = rec.Edit, markup.CommentHTML(rec.Edit)
	}
	if rec.EditableUntil.After(v.Now()) {
		p.Editable, p.Until = true, v.clock.Hour(rec.EditableUntil)
	}
	return p
}

// receiptSaid is what there is to know beyond where the comment stands: why, or for how long.
func (v *visit) receiptSaid(rec *comment.Receipt) string {
	switch rec.Status {
	case comment.Refused:
		if rec.Reason != "" {
			return page.T("receipt.reason", rec.Reason)
		}
		return page.T("receipt.noreason")
	case comment.Published:
		switch {
		case rec.Edit != "":
			return page.T("receipt.edit.waits")
		case rec.EditRefused && rec.Reason != "":
			return page.T("receipt.edit.refused", rec.Reason)
		}
		return ""
	case comment.Deleted:
		return page.T("receipt.deleted.said")
	}
	said := page.T("receipt.first")
	if rec.Ahead > 0 {
		said = page.N("receipt.ahead", rec.Ahead)
	}
	if rec.Waiting.Known() {
		said += " " + page.T("receipt.waits", lasting(rec.Waiting.Median), lasting(rec.Waiting.P90))
	}
	return said
}

// lasting is a length of time in the largest unit that is still true enough.
func lasting(d time.Duration) string {
	switch {
	case d < 90*time.Minute:
		return page.N("span.minutes", max(1, int(d.Round(time.Minute)/time.Minute)))
	case d < 36*time.Hour:
		return page.N("span.hours", int(d.Round(time.Hour)/time.Hour))
	}
	return page.N("span.days", int(d.Round(24*time.Hour)/(24*time.Hour)))
}

// steps are what happened to a comment, and what will.
func (v *visit) steps(rec *comment.Receipt) []step {
	out := []step{{At: v.clock.Brief(rec.PostedAt), Text: page.T("step.received")}}
	switch rec.Status {
	case comment.Published:
		s := step{Later: page.T("step.then"), Text: page.T("step.published"), Current: true}
		if rec.Headline != "" {
			s.Link = &page.Link{URL: below(rec.ArticlePath, fmt.Sprintf("comments/%d", rec.ID)), Text: page.T("step.see")}
		}
		out = append(out, s)
	case comment.Refused:
		out = append(out, step{Later: page.T("step.then"), Text: page.T("step.refused"), What: rec.Reason, Current: true})
	case comment.Deleted:
		out = append(out, step{Later: page.T("step.then"), Text: page.T("step.deleted"), What: page.T("step.deleted.by"), Current: true})
	default:
		out = append(out, step{Later: page.T("step.now"), Text: page.T("step.waiting"), What: page.T("step.waiting.for"), Current: true},
			step{Later: page.T("step.later"), Text: page.T("step.published"), What: page.T("step.or")})
	}
	return out
}
