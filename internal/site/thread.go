package site

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/markup"
	"stet/internal/page"
)

// nest makes threads of comments that come in the order in which they stand. Each stands under the nearest comment above it that is on the
// page: what it answers may stand on an earlier one, or be gone.
func (v *visit) nest(l *article.Live, all []comment.Live, open bool) []*remark {
	var roots []*remark
	here := make(map[int64]*remark, len(all))
	for i := range all {
		c := &all[i]
		out := v.comment(l, c, open)
		steps := c.Path
		if !c.Deeper && len(steps) > 0 {
			steps = steps[:len(steps)-1]
		}
		if above := nearest(here, steps); above != nil {
			above.Replies = append(above.Replies, out)
		} else {
			roots = append(roots, out)
		}
		here[c.ID] = out
	}
	return roots
}

func nearest(here map[int64]*remark, steps []int64) *remark {
	for i := len(steps) - 1; i >= 0; i-- {
		if above := here[steps[i]]; above != nil {
			return above
		}
	}
	return nil
}

// comment is one comment as a page shows it.
func (v *visit) comment(l *article.Live, c *comment.Live, open bool) *remark {
	id, under := strconv.FormatInt(c.ID, 10), below(l.Path, "")
	out := &remark{ID: c.ID, Name: c.Name, Initials: initials(c.Name), Staff: c.Staff, At: v.clock.DayTime(c.PostedAt), URL: "#comment-" + id, Body: markup.CommentHTML(c.Body),
		Before: v.before(l, c.Version), Answers: answered(l, c)}
	switch {
	case c.Author:
		out.Badge = page.T("badge.author")
	case c.Staff:
		out.Badge = page.T("badge.staff", v.is.Title)
	}
	if c.Pinned {
		out.Pinned = page.T("comment.pinned")
	}
	if c.ParentGone {
		out.Gone = page.T("comment.gone")
	}
	out.Report = under + "comments/" + id + "/report"
	if open {
		out.Reply, out.ReplyTo = under+"reply/"+id, page.T("reply.to", c.Name)
	}
	return out
}

// answered is a link to the comment that is answered, where the place of the answer doesn't show it.
func answered(l *article.Live, c *comment.Live) *page.Link {
	switch {
	case c.ParentName == "" || c.ParentHere && !c.Deeper:
		return nil
	case c.ParentHere:
		return &page.Link{URL: "#comment-" + strconv.FormatInt(c.ParentID, 10), Text: c.ParentName}
	}
	return &page.Link{URL: below(l.Path, "comments/") + strconv.FormatInt(c.ParentID, 10), Text: c.ParentName}
}

// initials stand for a person's picture: the first letters of the first and the last word of their name, of a name in a script without
// capitals only the first. Who has no letters has a dot.
func initials(name string) string {
	out := make([]rune, 0, 2)
	for word := range strings.FieldsSeq(norm.NFC.String(name)) {
		i := strings.IndexFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
		if i < 0 {
			continue
		}
		first, _ := utf8.DecodeRuneInString(word[i:])
		if len(out) == 2 {
			out = out[:1]
		}
		out = append(out, unicode.ToTitle(first))
	}
	switch {
	case len(out) == 0:
		return "·"
	case !unicode.IsUpper(out[0]):
		return string(out[:1])
	}
	return string(out)
}

// before says which notice was added after the version a commenter had read: the first correction, else the first update.
func (v *visit) before(l *article.Live, read int) *before {
	if read == 0 || read >= l.Number {
		return nil
	}
	var found *article.Notice
	for _, n := range l.Notices() {
		serious := n.Kind == article.Correction || n.Kind == article.Clarification || n.Kind == article.Retraction
		if n.Number <= read || !serious && n.Kind != article.Update {
			continue
		}
		if found == nil || found.Kind == article.Update && serious {
			found = &n
		}
	}
	if found == nil {
		return nil
	}
	return &before{Kind: found.Kind, URL: anchor(found.Number), Text: page.Around("before." + found.Kind), At: v.clock.Short(found.At).Text}
}
