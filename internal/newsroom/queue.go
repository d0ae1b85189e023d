package newsroom

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"stet/internal/comment"
	"stet/internal/markup"
	"stet/internal/page"
)

// rejectReasons are the reasons offered, as keys; a receipt tells the commenter in the site's words.
var rejectReasons = []string{"off-topic", "attack", "uncivil", "unverifiable", "repeats"}

// choices are the decisions that make sense where a comment stands.
var choices = map[comment.Status][]decision{
	comment.Pending:  {{Act: "approve", Key: "a"}, {Act: "reject", Key: "r"}, {Act: "spam", Key: "s"}},
	comment.Approved: {{Act: "hold", Key: "h"}, {Act: "reject", Key: "r"}, {Act: "spam", Key: "s"}},
	comment.Rejected: {{Act: "approve", Key: "a"}, {Act: "hold", Key: "h"}, {Act: "spam", Key: "s"}},
	comment.Spam:     {{Act: "approve", Key: "a"}, {Act: "hold", Key: "h"}, {Act: "reject", Key: "r"}},
}

func decisions(status comment.Status) []decision {
	out := slices.Clone(choices[status])
	for i := range out {
		out[i].Words = "newsroom.comments.act." + out[i].Act
		if out[i].Act == "reject" {
			out[i].Reasons = reasonOptions()
		}
	}
	return out
}

// bulkChoices are the same decisions as buttons over the list.
func bulkChoices(status comment.Status) []decision {
	out := decisions(status)
	for i := range out {
		out[i].Value, out[i].Text = out[i].Act, page.T(out[i].Words)
	}
	return out
}

func reasonOptions() []option {
	out := make([]option, len(rejectReasons))
	for i, r := range rejectReasons {
		out[i] = option{Value: page.T("newsroom.comments.reason." + r), Text: page.T("newsroom.comments.reason." + r)}
	}
	return out
}

func waitingWords(w comment.Waiting, now time.Time) string {
	if w.Count == 0 {
		return ""
	}
	return page.N("newsroom.queue.waiting-since", w.Count, duration(now.Sub(w.Oldest)))
}

func commentViews(in queued) []view {
	var out []view
	for _, status := range []comment.Status{comment.Pending, comment.Approved, comment.Rejected, comment.Spam} {
		v := view{Name: page.T("newsroom.comments." + string(status)), URL: "/newsroom/comments?status=" + string(status), Here: in.filter.Status == status}
		if status == comment.Pending {
			v.Count = page.Number(in.waiting.Count)
		}
		out = append(out, v)
	}
	return out
}

func (c *comments) item(it *comment.Item) commentItem {
	clock := c.clock()
	out := commentItem{ID: it.ID, Pick: it.Pick().String(), URL: fmt.Sprintf("/newsroom/comments/%d", it.ID), Name: it.Name, Status: string(it.Status), Posted: clock.When(it.TextAt),
		Record: record(it, clock), ArticleURL: it.Path, Article: cmp.Or(it.Headline, page.T("newsroom.untitled")), Choices: decisions(it.Status)}
	waits := it.Status == comment.Pending || it.IsEdit()
	if waits {
		out.Waits = page.T("newsroom.comments.waits", duration(c.now().Sub(it.TextAt)))
	}
	if it.IsEdit() {
		out.State, out.Stood, out.Choices = state{"changed", page.T("newsroom.state.edited")}, paragraphs(it.Stands), decisions(comment.Pending)
	} else if it.Status != comment.Pending {
		out.State = state{map[comment.Status]string{comment.Approved: "live", comment.Rejected: "back", comment.Spam: "off"}[it.Status], page.T("newsroom.state." + string(it.Status))}
	}
	if it.Parent != nil {
		out.Parent = &commentParent{Name: it.Parent.Name, At: clock.When(it.Parent.PostedAt), Text: paragraphs(it.Parent.Text)}
	}
	var words []string
	for _, reason := range it.Reasons {
		out.Reasons = append(out.Reasons, holdReason{Rule: ruleWords(reason.Rule), Words: reason.Words})
		words = append(words, reason.Words...)
	}
	for _, p := range paragraphs(it.Text) {
		out.Text = append(out.Text, mark(p, words))
	}
	if d := it.Decision; d != nil {
		out.Decided = page.T("newsroom.comments.decided-line", page.T("newsroom.comments.past."+string(d.Act)), cmp.Or(d.By, page.T("newsroom.comments.by-itself")), clock.When(d.At).Text)
		if d.Reason != "" {
			out.Decided += ": " + d.Reason
		}
	}
	return out
}

// record is what became of all that somebody wrote. A person is told from others by their e-mail, which only moderators see.
func record(it *comment.Item, c page.Clock) string {
	var parts []string
	p := it.Person
	switch {
	case it.Staff:
		parts = append(parts, page.T("newsroom.comments.staff"))
	case p == nil:
	case p.Approved+p.Rejected+p.Spam == 0:
		parts = append(parts, page.T("newsroom.comments.first"))
	default:
		parts = append(parts, page.T("newsroom.comments.person", page.Number(p.Approved), page.Number(p.Rejected+p.Spam)), page.T("newsroom.comments.person-since", c.Month(p.FirstAt).Text))
	}
	if it.Email != "" {
		parts = append(parts, it.Email)
	}
	if p != nil && p.Banned {
		parts = append(parts, page.T("newsroom.comments.banned"))
	}
	if it.Imported {
		parts = append(parts, page.T("newsroom.comments.imported"))
	}
	if it.Version > 0 && it.Version < it.RecordHead {
		parts = append(parts, page.T("newsroom.comments.before", it.RecordHead))
	}
	return strings.Join(parts, " · ")
}

func ruleWords(rule string) string {
	if key := "newsroom.comments.rule." + rule; page.Known(key) {
		return page.T(key)
	}
	return page.T("newsroom.comments.unknown-rule")
}

// paragraphs cuts a comment's plain text at its line ends.
func paragraphs(text string) []string {
	var out []string
	for line := range strings.SplitSeq(markup.PlainComment(text), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// mark cuts a line into runs, of which those that a rule named are marked.
func mark(line string, words []string) []run {
	var out []run
	for line != "" {
		at, found := len(line), ""
		for _, w := range words {
			if i := strings.Index(line, w); w != "" && i >= 0 && (i < at || i == at && len(w) > len(found)) {
				at, found = i, w
			}
		}
		if at > 0 {
			out = append(out, run{Text: line[:at]})
		}
		if found != "" {
			out = append(out, run{Text: found, Marked: true})
		}
		line = line[at+len(found):]
	}
	return out
}
