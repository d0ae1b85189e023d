package newsroom

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
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

// dresser puts comments into words for one page.
type dresser struct {
	clock page.Clock
	now   time.Time
	saved []string
	here  string
}

func (d *dresser) decisions(status comment.Status) []decision {
	out := slices.Clone(choices[status])
	for i := range out {
		out[i].Words = "newsroom.comments.act." + out[i].Act
		out[i].Value, out[i].Text = out[i].Act, page.T(out[i].Words)
		if out[i].Act == "reject" {
			out[i].Reasons = d.reasons()
		}
	}
	return out
}

// reasons are those that come with the program, then those the newsroom saved.
func (d *dresser) reasons() []option {
	out := make([]option, 0, len(rejectReasons)+len(d.saved))
	for _, r := range rejectReasons {
		out = append(out, option{Value: page.T("newsroom.comments.reason." + r), Text: page.T("newsroom.comments.reason." + r)})
	}
	for _, r := range d.saved {
		out = append(out, option{Value: r, Text: r})
	}
	return out
}

func waiting(w comment.Waiting, now time.Time) waitLine {
	switch {
	case w.Count == 0:
		return waitLine{}
	case w.More && w.About > 0:
		return waitLine{Count: page.T("newsroom.queue.about", page.Number(w.About)), Since: page.T("newsroom.queue.oldest", duration(now.Sub(w.Oldest))), Late: w.Late}
	case w.More:
		return waitLine{Count: page.T("newsroom.queue.over", page.Number(w.Count)), Since: page.T("newsroom.queue.oldest", duration(now.Sub(w.Oldest))), Late: w.Late}
	}
	return waitLine{Count: page.N("newsroom.queue.wait", w.Count), Since: page.T("newsroom.queue.oldest", duration(now.Sub(w.Oldest))), Late: w.Late}
}

func (d *dresser) item(it *comment.Item) commentItem {
	out := commentItem{ID: it.ID, Pick: it.Pick().String(), URL: fmt.Sprintf("/newsroom/comments/%d", it.ID), Here: d.here, Name: it.Name, Status: string(it.Status),
		Posted: d.clock.When(it.TextAt), Who: d.who(it), Email: it.Email, Address: it.Address, ArticleURL: it.Path, Article: cmp.Or(it.Headline, page.T("newsroom.untitled")), Lang: it.Language,
		Standfirst: it.Standfirst, Passage: it.Passage, Choices: d.decisions(it.Status), Opinion: it.Opinion, Pinned: it.Pinned}
	if it.Person != nil {
		out.Record, out.Ban = fmt.Sprintf("/newsroom/commenters/%d", it.Person.ID), out.URL+"/ban"
	}
	out.CanPin = it.Status == comment.Approved && it.Parent == nil && it.Opinion == 0
	out.Reply = it.Status == comment.Approved && it.Opinion == 0
	if waits := it.Status == comment.Pending || it.IsEdit(); waits && it.Opinion == 0 {
		out.Waits = page.T("newsroom.comments.waits", duration(d.now.Sub(it.TextAt)))
	}
	if it.IsEdit() {
		out.State, out.Stood, out.Choices = state{"changed", page.T("newsroom.state.edited")}, paragraphs(it.Stands), d.decisions(comment.Pending)
		out.Changed = changedLines(it.Stands, it.Text)
	} else if it.Status != comment.Pending {
		out.State = state{map[comment.Status]string{comment.Approved: "live", comment.Rejected: "back", comment.Spam: "off"}[it.Status], page.T("newsroom.state." + string(it.Status))}
	}
	if it.Notice != nil {
		out.Overtaken = page.T("newsroom.comments.overtaken-by."+it.Notice.Kind, d.clock.When(it.Notice.At).Text)
	}
	if it.Parent != nil {
		out.Parent = &commentParent{Name: it.Parent.Name, At: d.clock.When(it.Parent.PostedAt), Text: paragraphs(it.Parent.Text)}
	}
	d.why(&out, it)
	return out
}

// why says why it is held, and what became of it.
func (d *dresser) why(out *commentItem, it *comment.Item) {
	var words []string
	for _, reason := range it.Reasons {
		out.Reasons = append(out.Reasons, holdReason{Rule: ruleWords(reason), Words: reason.Words})
		words = append(words, reason.Words...)
	}
	for _, p := range paragraphs(it.Text) {
		out.Text = append(out.Text, mark(p, words))
	}
	if it.Score != nil {
		out.Spam, out.Tokens = spamWords(*it.Score), tokens(it.Telling)
	}
	if it.Reports > 0 {
		out.Reports = page.N("newsroom.comments.reports", it.Reports)
	}
	if a := it.Appeal; a != nil {
		// Answered by deciding as if it waited: a rejection may stand.
		out.Choices = d.decisions(comment.Pending)
		out.Appeal, out.AppealText = page.T("newsroom.comments.appeal", d.clock.When(a.At).Text), paragraphs(a.Text)
	}
	switch {
	case it.HeldByMe:
		out.HeldBy = page.T("newsroom.comments.held-by-you")
	case it.HeldBy != "":
		out.HeldBy = page.T("newsroom.comments.held-by", it.HeldBy)
	}
	if dec := it.Decision; dec != nil {
		out.Decided = page.T("newsroom.comments.decided-line", page.T("newsroom.comments.past."+string(dec.Act)), cmp.Or(dec.By, page.T("newsroom.comments.by-itself")), d.clock.When(dec.At).Text)
		if dec.Reason != "" {
			out.Decided += ": " + dec.Reason
		}
	}
}

// spamWords says how likely it is, in a word and a figure.
func spamWords(score float64) string {
	key := "newsroom.comments.spam-unlikely"
	switch {
	case score >= 0.95:
		key = "newsroom.comments.spam-very"
	case score >= 0.8:
		key = "newsroom.comments.spam-likely"
	case score >= 0.4:
		key = "newsroom.comments.spam-perhaps"
	}
	return page.T(key, strconv.FormatFloat(score, 'f', 2, 64))
}

// tokensShown is how many of the telling tokens an item shows.
const tokensShown = 6

func tokens(all []comment.Telling) []tokenWeight {
	var out []tokenWeight
	for _, t := range all {
		if len(out) == tokensShown {
			break
		}
		sign := "+"
		if t.Weight < 0 {
			sign = "−"
		}
		out = append(out, tokenWeight{t.Token, sign + strconv.FormatFloat(max(t.Weight, -t.Weight), 'f', 1, 64)})
	}
	return out
}

// who is what became of all that somebody wrote. A person is told from others by their e-mail, which only moderators see.
func (d *dresser) who(it *comment.Item) []string {
	var parts []string
	add := func(key string, args ...any) { parts = append(parts, page.T(key, args...)) }
	if it.Staff {
		add("newsroom.comments.staff")
	}
	if p := it.Person; p != nil {
		parts = append(parts, d.record(p)...)
	}
	if it.Near > 0 {
		near := page.N("newsroom.comments.near", it.Near)
		switch it.NearSpam {
		case 0:
		case it.Near:
			near += page.T("newsroom.comments.near-all-spam")
		default:
			near += page.T("newsroom.comments.near-spam", it.NearSpam)
		}
		parts = append(parts, near)
	}
	if it.Imported {
		add("newsroom.comments.imported")
	}
	if it.Notice == nil && it.Version > 0 && it.Version < it.RecordHead {
		add("newsroom.comments.before", it.RecordHead)
	}
	return parts
}

func (d *dresser) record(p *comment.Person) []string {
	var parts []string
	if p.Approved+p.Rejected+p.Spam == 0 {
		parts = append(parts, page.T("newsroom.comments.first"))
	} else {
		refused := page.T("newsroom.comments.none-rejected")
		if n := p.Rejected + p.Spam; n > 0 {
			refused = page.T("newsroom.comments.some-rejected", page.Number(n))
		}
		if p.Refused != "" && p.RefusedAt != nil {
			refused = page.T("newsroom.comments.last-rejected", refused, strings.TrimSuffix(p.Refused, "."), d.clock.Month(*p.RefusedAt).Text)
		}
		parts = append(parts, page.T("newsroom.comments.some-approved", page.Number(p.Approved), refused), page.T("newsroom.comments.person-since", d.clock.Month(p.FirstAt).Text))
	}
	if p.TrustedUntil != nil {
		parts = append(parts, page.T("newsroom.comments.trusted", d.clock.Short(*p.TrustedUntil).Text))
	}
	if p.Confirmed {
		parts = append(parts, page.T("newsroom.comments.confirmed"))
	} else {
		parts = append(parts, page.T("newsroom.comments.unconfirmed"))
	}
	if p.AlwaysHeld {
		parts = append(parts, page.T("newsroom.comments.always-held"))
	}
	if p.Banned {
		parts = append(parts, page.T("newsroom.comments.banned"))
	}
	return parts
}

// ruleWords names a rule: by the name that the newsroom gave it, else by its kind.
func ruleWords(r comment.Reason) string {
	if key := "newsroom.comments.rule." + r.Rule; r.Name == "" && page.Known(key) {
		return page.T(key)
	}
	return cmp.Or(r.Name, page.T("newsroom.comments.unknown-rule"))
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

// changedLines are two texts in one, cut at the line ends of either.
func changedLines(was, is string) [][]diffSpan {
	out := [][]diffSpan{nil}
	for _, span := range diffSpans(markup.DiffText(markup.PlainComment(was), markup.PlainComment(is))) {
		for i, part := range strings.Split(span.Text, "\n") {
			if i > 0 {
				out = append(out, nil)
			}
			if part != "" {
				out[len(out)-1] = append(out[len(out)-1], diffSpan{part, span.Added, span.Gone})
			}
		}
	}
	return slices.DeleteFunc(out, func(line []diffSpan) bool { return len(line) == 0 })
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
