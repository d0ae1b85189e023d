package site

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/postgres"
)

// commentForm is the most a comment form may weigh.
const commentForm = 64 << 10

// discussion is what readers say under an article.
type discussion struct{ *face }

// policy says whether an article takes comments.
func (v *visit) policy(l *article.Live) comment.Policy {
	p := comment.Policy{Emergency: v.is.CommentsEmergency, Storm: l.Storm, Article: l.Comments, Site: v.is.Comments, Page: l.Kind == article.KindPage,
		ArticleDays: l.CloseDays, SiteDays: v.is.CommentsCloseDays, PublicAt: l.FirstPublicAt}
	if l.Content.Category != nil {
		p.Category, p.CategoryDays = v.tree.Comments(l.Content.Category.ID)
	}
	return p
}

// talk is one page of what is said under an article, to be read and then shown.
type talk struct {
	*visit
	l      *article.Live
	order  comment.Order
	page   int
	policy comment.Policy
	closed bool
	thread comment.Thread
}

func (v *visit) talk(l *article.Live, order comment.Order, n int) *talk {
	policy := v.policy(l)
	return &talk{visit: v, l: l, order: order, page: n, policy: policy, closed: policy.Closed(v.Now())}
}

// read reads the comments, unless there can't be any.
func (t *talk) read() postgres.Read {
	if t.l.CommentCount == 0 && (t.closed || t.page == 1) {
		return postgres.Read{}
	}
	return t.Comments.LiveThread(t.l.ID, t.order, t.page, &t.thread)
}

// shown is the part of the article's page below the text, once the comments were read; nil where nobody commented and nobody can.
func (t *talk) shown() (*comments, error) {
	if t.closed && t.l.CommentCount == 0 {
		if t.page > 1 {
			return nil, fault.NotFound
		}
		return nil, nil
	}
	out := &comments{Count: page.T("comments.none.short"), Said: policySaid(t.policy, t.closed)}
	if !t.closed {
		out.Form = &respond{Action: below(t.l.Path, "comments"), Version: t.l.Number, InPlace: true, Mails: t.Mails, AtOnce: !t.policy.ReadFirst()}
		out.Report = t.report(t.l)
	}
	if t.l.CommentCount == 0 && t.page == 1 {
		return out, nil
	}
	if !t.thread.Exists() {
		return nil, fault.NotFound
	}
	if t.thread.Total > 0 {
		out.Count = page.N("comments.count", t.thread.Total)
	}
	out.Thread = t.nest(t.l, t.thread.Comments, !t.closed)
	if t.thread.Total > 1 {
		out.Orders = orders(href(t.l.Path), t.order)
	}
	out.Pages = commentPages(t.l.Path, t.order, t.thread)
	return out, nil
}

// policySaid is what a reader has to know before they write.
func policySaid(p comment.Policy, closed bool) string {
	switch {
	case closed:
		return page.T("comments.closed")
	case p.Storm:
		return page.T("comments.slow")
	case p.ReadFirst():
		return page.T("comments.read")
	}
	return page.T("comments.open")
}

// orders are the orders of an article's comments.
func orders(at string, now comment.Order) []page.Link {
	var out []page.Link
	for _, o := range []comment.Order{comment.Oldest, comment.Newest, comment.Replied} {
		l := page.Link{URL: at + "?comments=" + string(o) + "#comments", Text: page.T("order." + string(o)), Current: o == now}
		if o == comment.Oldest {
			l.URL = at + "#comments"
		}
		out = append(out, l)
	}
	return out
}

func commentPages(path string, order comment.Order, t comment.Thread) *pages {
	if t.Pages < 2 {
		return nil
	}
	link := func(n int) string {
		to := href(path)
		if n > 1 {
			to = below(path, "comment-page-"+strconv.Itoa(n)+"/")
		}
		if order != comment.Oldest {
			to += "?comments=" + string(order)
		}
		return to + "#comments"
	}
	p := &pages{Text: page.T("pages.of", page.Number(t.Page), page.Number(t.Pages)), NewerText: page.T("pages.previous"), OlderText: page.T("pages.next")}
	if t.Page > 1 {
		p.Newer = link(t.Page - 1)
	}
	if t.Page < t.Pages {
		p.Older = link(t.Page + 1)
	}
	return p
}

// comment sends a comment's permanent address to where it stands now.
func (d *discussion) comment(w http.ResponseWriter, r *http.Request, l *article.Live, id string) error {
	n, err := identity(id)
	if err != nil {
		return err
	}
	place, err := d.Comments.LivePlace(r.Context(), l.ID, n)
	if err != nil {
		return err
	}
	to := l.Path
	if place.Page > 1 {
		to = strings.TrimSuffix(to, "/") + "/comment-page-" + strconv.Itoa(place.Page) + "/"
	}
	page.Public(w)
	page.Tags(w, articleTag(l.ID), commentsTag(l.ID))
	return redirect(w, r, to+"#"+place.Anchor, http.StatusFound)
}

// reply is the form for an answer to one comment, for those without JavaScript: everybody.
func (d *discussion) reply(w http.ResponseWriter, r *http.Request, l *article.Live, id string) error {
	n, err := identity(id)
	if err != nil {
		return err
	}
	return d.form(w, r, l, &respond{Parent: n})
}

// form shows the form on a page of its own, with what it answers and what was typed.
func (d *discussion) form(w http.ResponseWriter, r *http.Request, l *article.Live, form *respond) error {
	v, err := d.visit(r)
	if err != nil {
		return err
	}
	p := respondPage{Base: v.page(page.T("respond.title", l.Content.Headline), "", 0), Article: page.Link{URL: href(l.Path), Text: l.Content.Headline, Lang: l.Content.Language}}
	p.Robots = "noindex"
	if form.Parent != 0 {
		parent, err := d.parent(v, l, form.Parent)
		switch {
		case err == nil:
			p.To = parent
			if was := parent.Before; was != nil { // the notice stands on the article's page
				was.URL = href(l.Path) + was.URL
			}
		case !errors.Is(err, fault.NotFound) || form.status == 0:
			return err
		}
	}
	form.Action, form.Mails = below(l.Path, "comments"), v.Mails
	policy := v.policy(l)
	form.AtOnce = !policy.ReadFirst()
	if form.Version == 0 {
		form.Version = l.Number
	}
	if p.Form = form; policy.Closed(v.Now()) {
		p.Form, p.Closed = nil, page.T("comments.closed")
	}
	page.Private(w)
	return d.tmpl.respond.Write(w, r, cmp.Or(form.status, http.StatusOK), p)
}

// parent is the comment that is being answered.
func (d *discussion) parent(v *visit, l *article.Live, id int64) (*remark, error) {
	c, err := d.Comments.LiveOne(v.ctx, l.ID, id)
	if err != nil {
		return nil, err
	}
	out := v.comment(l, &c, false)
	out.URL, out.Report = below(l.Path, "comments/")+strconv.FormatInt(id, 10), ""
	return out, nil
}

// post takes a comment in and answers with its receipt, or with the form and everything that was typed.
func (d *discussion) post(w http.ResponseWriter, r *http.Request, l *article.Live) error {
	f, err := page.ParseForm(w, r, commentForm)
	if err != nil {
		return err
	}
	parent, err := f.Int("parent")
	if err != nil {
		return err
	}
	version, err := f.Int("version")
	if err != nil || version > 1<<30 {
		return page.ErrMalformed
	}
	in := comment.In{ArticleID: l.ID, Name: f.Text("name"), Email: f.Text("email"), Body: f.Text("body"), Parent: parent, Version: int(version),
		Address: d.ClientIP(r), Honeypot: f.Get("website"), Notify: f.On("notify")}
	token, err := d.Intake.Post(r.Context(), in)
	if err != nil {
		form, err := refused(in, err)
		if err != nil {
			return err
		}
		if form.retry > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(form.retry))
		}
		return d.form(w, r, l, form)
	}
	page.Private(w)
	return redirect(w, r, "/comments/"+url.PathEscape(token), http.StatusSeeOther)
}

// refused fills the form again where its writer can do something about what is wrong; other errors go on.
func refused(in comment.In, err error) (*respond, error) {
	form := &respond{Name: in.Name, Email: in.Email, Body: in.Body, Notify: in.Notify, Parent: in.Parent, Version: in.Version, Any: true}
	var invalid *fault.Invalid
	var many *fault.TooMany
	switch {
	case errors.As(err, &invalid):
		form.status = http.StatusUnprocessableEntity
		form.Wrong = fieldFaults{Name: said(invalid, "name"), Email: said(invalid, "email"), Body: said(invalid, "body")}
		form.Whole = cmp.Or(said(invalid, ""), said(invalid, "parent"))
	case errors.As(err, &many):
		form.status, form.retry = http.StatusTooManyRequests, int(many.After.Seconds())+1
		form.Whole = page.N("respond.fast", int(many.After.Minutes())+1)
	case errors.Is(err, fault.Forbidden):
		form.status = http.StatusForbidden
	default:
		return nil, err
	}
	return form, nil
}

func said(f *fault.Invalid, field string) string {
	if text, ok := f.Fields[field]; ok {
		return page.Say(text)
	}
	return ""
}
