package site

import (
	"fmt"
	"html/template"
	"time"

	"stet/internal/comment"
	"stet/internal/markup"
	"stet/internal/page"
)

// receiptPage is what a commenter keeps. Status is pending, published, rejected or deleted.
type receiptPage struct {
	page.Base
	Status  string
	Said    string
	Steps   []step
	Article page.Link
	To      *page.Link
	Before  *before
	Comment template.HTML
	// Waits is a change that waits while Comment stands.
	Waits    template.HTML
	Body     string
	Wrong    string
	Action   string
	Until    page.Time
	Editable bool
	Deletes  bool
	Notices  string
	// Appealed is what became of an appeal.
	Appealable          bool
	Appealed            string
	Appeal, AppealWrong string
	Yours               receiptData
}

// receiptData is the way to a copy or the erasure of what is kept. Mails says that the site sends mail; Desk is whom to ask where it doesn't.
type receiptData struct {
	Mails, Sent bool
	Desk        string
}

type step struct {
	At         page.Time
	Text, What string
	Link       *page.Link
	Current    bool
	Later      string
}

func (v *visit) receipt(rec *comment.Receipt) (receiptPage, error) {
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
		return p, nil
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
	p.Appealable, p.Appealed = rec.Appealable, v.appealed(rec)
	p.Yours = receiptData{Mails: v.Mails, Desk: v.is.ContactEmail}
	if v.Mails {
		p.Notices = page.T("receipt.notices." + string(rec.Notices))
	}
	var err error
	p.Before, err = v.written(rec)
	return p, err
}

// appealed is what became of an appeal; empty where there was none.
func (v *visit) appealed(rec *comment.Receipt) string {
	switch {
	case rec.Appealed.IsZero():
		return ""
	case !rec.AppealAnswered:
		return page.T("receipt.appeal.waits", v.clock.DateTime(rec.Appealed).Text)
	case rec.Status == comment.Published:
		return page.T("receipt.appeal.granted")
	}
	return page.T("receipt.appeal.refused")
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
	return v.ahead(rec) + " " + v.waits(rec)
}

// ahead is how many are read before this one.
func (v *visit) ahead(rec *comment.Receipt) string {
	switch {
	case rec.MoreAhead:
		return page.T("receipt.ahead.more", page.Number(rec.Ahead))
	case rec.Ahead > 0:
		return page.N("receipt.ahead", rec.Ahead)
	}
	return page.T("receipt.first")
}

// waits is how long it takes where the comment was written, as far as the last two weeks tell.
func (v *visit) waits(rec *comment.Receipt) string {
	if !rec.Waiting.Known() {
		return page.T("receipt.waits.unknown")
	}
	half, most := lasting(rec.Waiting.Median), lasting(rec.Waiting.P90)
	if c, ok := v.tree.ByID(rec.CategoryID); ok {
		return page.T("receipt.waits", c.Name, half, most)
	}
	return page.T("receipt.waits.everywhere", half, most)
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
