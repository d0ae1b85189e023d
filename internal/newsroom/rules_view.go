package newsroom

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"stet/internal/comment"
	"stet/internal/page"
	"stet/internal/staff"
)

// shown is a rule as its page shows it: as it is kept, with what was typed over it, what is wrong with that, and a trial.
type shown struct {
	rule   comment.RuleLine
	typed  url.Values
	faults map[string]string
	trial  *comment.Trial
}

func (u *rules) write(w http.ResponseWriter, r *http.Request, actor staff.Actor, s shown) error {
	all, err := u.store.Rules(r.Context(), actor)
	if err != nil {
		return err
	}
	fm := form{words: "rule", values: merged(ruleValues(s.rule.Rule), s.typed), faults: s.faults}
	places, err := u.places(r, s.rule.ArticleID)
	if err != nil {
		return err
	}
	p := rulePage{frame: u.frame(r, actor, page.T("newsroom.rule.new"), "/newsroom/rules"), URL: "/newsroom/rules", Kind: s.rule.Kind, Faults: fm.all(), Fields: ruleFields(fm, s.rule.Kind, places),
		Trusted: fm.tick("trusted"), Told: fm.area("told", 2), Text: "newsroom.rule.switch-on", Then: "on", Rows: u.rows(all, s.rule.ID)}
	if s.rule.ID == 0 {
		for _, kind := range comment.RuleKinds {
			p.Kinds = append(p.Kinds, view{Name: page.T("newsroom.rule.kind." + kind), URL: "/newsroom/rules/new?kind=" + kind, Here: kind == s.rule.Kind})
		}
	} else {
		p.Title, p.URL, p.Delete = s.rule.Name, fmt.Sprintf("/newsroom/rules/%d", s.rule.ID), fmt.Sprintf("/newsroom/rules/%d/delete", s.rule.ID)
		p.State = ruleState(s.rule.Active)
		if s.rule.TriedAt != nil {
			p.Tried = page.T("newsroom.rule.tried", u.clock().When(*s.rule.TriedAt).Text)
		}
		if s.rule.Active {
			p.Text, p.Then = "newsroom.rule.switch-off", "off"
		}
	}
	if s.trial != nil {
		p.Trial = u.trial(s.trial)
	}
	return u.pages.one.Write(w, r, fm.status(), p)
}

// ruleFields are the fields that rules of a kind look at. What a number means is said by kind.
func ruleFields(fm form, kind string, places []option) []field {
	fields := []field{fm.must("name"), fm.pick("act", worded("newsroom.rule.act.", []string{string(comment.Hold), string(comment.Reject), string(comment.MarkSpam)}))}
	byKind := func(name, mode string) {
		f := fm.field(name)
		f.Label, f.Mode, f.Dir = "newsroom.rule."+name+"."+kind, mode, ""
		fields = append(fields, f)
	}
	if comment.HasWords(kind) {
		fields = append(fields, fm.area("words", 8))
	}
	if comment.CountsAmount(kind) {
		byKind("amount", "decimal")
	}
	if comment.CountsSeconds(kind) {
		byKind("seconds", "numeric")
	}
	return append(fields, fm.pick("where", places))
}

// places are where a rule may hold: everywhere, in a category with what is below it, under an article.
func (u *rules) places(r *http.Request, article int64) ([]option, error) {
	tree, err := u.taxonomy.Tree(r.Context())
	if err != nil {
		return nil, err
	}
	talked, err := u.store.Talking(r.Context(), article)
	if err != nil {
		return nil, err
	}
	out := []option{{Text: page.T("newsroom.rule.everywhere")}}
	for _, k := range tree.All() {
		out = append(out, option{Value: fmt.Sprintf("category-%d", k.ID), Text: page.T("newsroom.rule.category", trail(tree, k.ID))})
	}
	for _, a := range talked {
		out = append(out, option{Value: fmt.Sprintf("article-%d", a.ID), Text: page.T("newsroom.rule.article", short(a.Headline, 60))})
	}
	return out, nil
}

func ruleState(on bool) state {
	if on {
		return state{Class: "live", Word: page.T("newsroom.rule.on")}
	}
	return state{Class: "off", Word: page.T("newsroom.rule.off")}
}

func (u *rules) rows(all []comment.RuleLine, here int64) []ruleRow {
	out := make([]ruleRow, len(all))
	for i := range all {
		r := &all[i]
		out[i] = ruleRow{URL: fmt.Sprintf("/newsroom/rules/%d", r.ID), Name: r.Name, Where: r.Where, Held: page.Number(r.Held), State: ruleState(r.Active), Here: r.ID == here,
			Changed: page.T("newsroom.rule.as-installed")}
		if r.Where == "" {
			out[i].Where = page.T("newsroom.rule.everywhere")
		}
		if r.Decided > 0 {
			out[i].Approved = percent(r.Approved, r.Decided)
		}
		if r.ChangedBy != "" {
			out[i].Changed = page.T("newsroom.rule.changed-by", r.ChangedBy, u.clock().When(r.ChangedAt).Text)
		}
	}
	return out
}

// percent is n of all in a hundred, which isn't 0 or 100 unless it is none or all.
func percent(n, all int) string {
	p := int(math.Round(100 * float64(n) / float64(all)))
	if n > 0 {
		p = max(p, 1)
	}
	if n < all {
		p = min(p, 99)
	}
	return page.T("newsroom.rule.percent", strconv.Itoa(p))
}

func (u *rules) trial(t *comment.Trial) *trialPart {
	c := u.clock()
	p := &trialPart{Verdict: page.N("newsroom.rule.verdict", t.Held) + " " + page.N("newsroom.rule.verdict-approved", t.Approved), Held: t.Held, Passed: t.Approved, Caught: t.Refused,
		PassedSaid: page.N("newsroom.rule.passed", t.Approved), CaughtSaid: page.N("newsroom.rule.caught", t.Refused), Drawn: page.T("newsroom.rule.drawn")}
	p.Bar = page.T("newsroom.rule.bar", page.Number(t.Held), page.Number(t.Approved), page.Number(t.Refused))
	if t.Held == 0 {
		p.Verdict = page.T("newsroom.rule.verdict-none")
	}
	tried := page.T("newsroom.rule.tried-on-none")
	if t.Tried > 0 {
		tried = page.N("newsroom.rule.tried-on", t.Tried, c.Date(t.From).Text, c.Date(t.To).Text)
	}
	p.Facts = []trialFact{{page.T("newsroom.rule.fact.tried"), tried},
		{page.T("newsroom.rule.fact.catch"), page.T("newsroom.rule.catches", page.Number(t.Refused), page.Number(t.AllRefused), page.Number(t.Others))},
		{page.T("newsroom.rule.fact.cost"), costWords(t)}}
	if t.Line.Held > 0 {
		p.Line, p.LineSaid = t.Line.Text, page.T("newsroom.rule.line", t.Line.Text, page.Number(t.Line.Held), page.Number(t.Line.Approved))
	}
	for _, side := range [][]comment.Example{t.Caught, t.Passed} {
		for i := range side {
			e := &side[i]
			p.Examples = append(p.Examples, exampleRow{URL: fmt.Sprintf("/newsroom/comments/%d", e.ID), Name: e.Name, Lang: e.Language, Text: excerpt(e.Text, e.Marks), At: c.Short(e.At),
				State: state{map[comment.Status]string{comment.Approved: "live", comment.Rejected: "back", comment.Spam: "off"}[e.Status], page.T("newsroom.state." + string(e.Status))}})
		}
	}
	return p
}

func costWords(t *comment.Trial) string {
	perDay := int(math.Round(t.PerDay()))
	switch {
	case t.New == 0:
		return page.T("newsroom.rule.costs-nothing")
	case perDay == 0:
		return page.T("newsroom.rule.costs-little")
	}
	return page.N("newsroom.rule.costs", perDay)
}

// Bytes of a text that are shown before the first mark, and in all.
const (
	excerptBefore = 70
	excerptLength = 280
)

// excerpt cuts a text to the part around what matches, which is marked.
func excerpt(text string, marks [][2]int) []run {
	from := 0
	if len(marks) > 0 {
		from = wordStart(text, max(0, marks[0][0]-excerptBefore), marks[0][0])
	}
	to := runeStart(text, min(len(text), from+excerptLength))
	var out []run
	put := func(a, b int, marked bool) {
		if a < b {
			out = append(out, run{Text: strings.ReplaceAll(text[a:b], "\n", " "), Marked: marked})
		}
	}
	if from > 0 {
		out = append(out, run{Text: "…"})
	}
	at := from
	for _, m := range marks {
		if m[1] > to {
			break
		}
		put(at, m[0], false)
		put(m[0], m[1], true)
		at = m[1]
	}
	put(at, to, false)
	if to < len(text) {
		out = append(out, run{Text: "…"})
	}
	return out
}

// wordStart is where the first whole word of text from byte i on begins, before end; where there is none it is the start of a character.
func wordStart(text string, i, end int) int {
	i = runeStart(text, i)
	if i == 0 {
		return 0
	}
	if space := strings.IndexAny(text[i:end], " \n"); space >= 0 {
		return i + space + 1
	}
	return i
}

// runeStart is the start of the character that byte i belongs to.
func runeStart(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}
