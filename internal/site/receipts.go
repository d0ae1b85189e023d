package site

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"stet/internal/comment"
	"stet/internal/fault"
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
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	return c.write(w, r, http.StatusOK, receiptState{sent: q.On("sent")})
}

// act changes or deletes the comment, or has its writer's data mailed; what it does is the button's name.
func (c *receipts) act(w http.ResponseWriter, r *http.Request) error {
	secret(w)
	token := chi.URLParam(r, "token")
	f, err := page.ParseForm(w, r, commentForm)
	if err != nil {
		return err
	}
	is := receiptState{act: f.Text("act"), body: f.Text("body")}
	to := "/comments/" + token
	switch is.act {
	case "edit":
		err = c.Intake.Edit(r.Context(), token, is.body)
	case "delete":
		err = c.Intake.Delete(r.Context(), token)
	case "appeal":
		is.body = f.Text("appeal")
		err = c.Intake.Appeal(r.Context(), token, is.body)
	case "data":
		err = c.Intake.SendDataLink(r.Context(), token)
		to += "?sent=1#data"
	default:
		err = page.ErrMalformed
	}
	if err == nil {
		return redirect(w, r, to, http.StatusSeeOther)
	}
	return c.refuse(w, r, err, is)
}

// refuse shows the receipt again with why an act wasn't done; other errors go on.
func (c *receipts) refuse(w http.ResponseWriter, r *http.Request, err error, is receiptState) error {
	var invalid *fault.Invalid
	var many *fault.TooMany
	switch {
	case errors.As(err, &invalid):
		is.wrong = cmp.Or(said(invalid, "body"), said(invalid, "appeal"))
		return c.write(w, r, http.StatusUnprocessableEntity, is)
	case errors.As(err, &many):
		is.wrong = page.T("receipt.many")
		w.Header().Set("Retry-After", strconv.Itoa(int(many.After.Seconds())+1))
		return c.write(w, r, http.StatusTooManyRequests, is)
	case errors.Is(err, fault.Forbidden):
		is.wrong = page.T("receipt.late")
		return c.write(w, r, http.StatusForbidden, is)
	}
	return err
}

// receiptState is what a request brings to the page: what was tried and typed, and why it wasn't done.
type receiptState struct {
	act, body, wrong string
	sent             bool // the link to one's data was asked for
}

func (c *receipts) write(w http.ResponseWriter, r *http.Request, status int, is receiptState) error {
	token := chi.URLParam(r, "token")
	rec, err := c.Intake.ByToken(r.Context(), token)
	if err != nil {
		return err
	}
	v, err := c.visit(r)
	if err != nil {
		return err
	}
	p, err := v.receipt(&rec)
	if err != nil {
		return err
	}
	p.Action, p.Yours.Sent = "/comments/"+token, is.sent
	switch {
	case is.wrong != "" && is.act == "appeal" && p.Appealable:
		p.AppealWrong, p.Appeal = is.wrong, is.body
	case is.wrong != "":
		p.Wrong, p.Body = is.wrong, is.body
	}
	return c.tmpl.receipt.Write(w, r, status, p)
}

// written says before which notice the comment was written, if the article is still public.
func (v *visit) written(rec *comment.Receipt) (*before, error) {
	if rec.Headline == "" || rec.Version == 0 || rec.Status == comment.Deleted {
		return nil, nil
	}
	found, err := v.Articles.LiveByPath(v.ctx, rec.ArticlePath)
	if errors.Is(err, fault.NotFound) || err == nil && found.Article == nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	b := v.before(found.Article, rec.Version)
	if b != nil {
		b.URL = href(rec.ArticlePath) + b.URL
	}
	return b, nil
}
