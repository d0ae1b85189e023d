package newsroom

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// rules keeps the rules that hold comments, and tries them.
type rules struct {
	*face
	store    *comment.Store
	taxonomy *taxonomy.Store
	pages    rulePages
}

// limitRule is a list of as many words as a rule takes, percent-encoded.
const limitRule = 3*(1<<20) + limitForm

func (u *rules) list(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	all, err := u.store.Rules(r.Context(), actor)
	if err != nil {
		return err
	}
	return u.pages.list.Write(w, r, http.StatusOK, rulesPage{frame: u.frame(r, actor, page.T("newsroom.rules"), "/newsroom/rules"), Rows: u.rows(all, 0)})
}

func (u *rules) begin(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	kind := cmp.Or(q.Text("kind"), comment.RuleKinds[0])
	if !slices.Contains(comment.RuleKinds, kind) {
		return fault.NotFound
	}
	return u.write(w, r, actor, shown{rule: comment.RuleLine{Rule: comment.Rule{Kind: kind, Act: comment.Hold, ArticleID: queryID(q, "article")}}})
}

// queryID is a number in the address, 0 for what is none.
func queryID(q page.Form, name string) int64 {
	id, err := q.Int(name)
	if err != nil {
		return 0
	}
	return id
}

func (u *rules) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	rule, err := u.one(r, actor)
	if err != nil {
		return err
	}
	return u.write(w, r, actor, shown{rule: rule})
}

func (u *rules) one(r *http.Request, actor staff.Actor) (comment.RuleLine, error) {
	id, err := pathID(r)
	if err != nil {
		return comment.RuleLine{}, err
	}
	return u.store.RuleByID(r.Context(), actor, id)
}

func (u *rules) create(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitRule)
	if err != nil {
		return err
	}
	return u.take(w, r, actor, f, comment.RuleLine{Rule: comment.Rule{Kind: f.Text("kind")}})
}

func (u *rules) change(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	was, err := u.one(r, actor)
	if err != nil {
		return err
	}
	f, err := page.ParseForm(w, r, limitRule)
	if err != nil {
		return err
	}
	return u.take(w, r, actor, f, was)
}

// take does with the form what its button says: try it, which answers with the form as it was typed and changes nothing, or save it, and
// switch it on or off with that.
func (u *rules) take(w http.ResponseWriter, r *http.Request, actor staff.Actor, f page.Form, was comment.RuleLine) error {
	rule, err := readRule(f, was.Rule)
	then := f.Text("then")
	if line := f.Get("without"); line != "" {
		then, rule.Words = "try", without(rule.Words, line)
		f.Values.Set("words", rule.Words)
	}
	show := shown{rule: was, typed: f.Values}
	if err == nil && then == "try" {
		var trial comment.Trial
		if trial, err = u.store.TryRule(r.Context(), actor, rule); err == nil {
			show.trial = &trial
			return u.write(w, r, actor, show)
		}
	}
	id := was.ID
	if err == nil {
		rule.Active = then == "on" || then != "off" && was.Active
		id, err = u.store.SaveRule(r.Context(), actor, rule)
	}
	if faults, ok := refused(err); ok {
		show.faults = faults
		return u.write(w, r, actor, show)
	}
	if err != nil {
		return err
	}
	u.say(r, page.T("newsroom.rule.done."+ruleDone(then), rule.Name))
	return seeOther(w, r, fmt.Sprintf("/newsroom/rules/%d", id))
}

func ruleDone(then string) string {
	if then == "on" || then == "off" {
		return then
	}
	return "save"
}

// without is a list with one of its lines left out.
func without(words, line string) string {
	var kept []string
	for l := range strings.Lines(words) {
		if l = strings.TrimSpace(l); l != line {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

func (u *rules) remove(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	rule, err := u.one(r, actor)
	if err != nil {
		return err
	}
	if err := u.store.DeleteRule(r.Context(), actor, rule.ID); err != nil {
		return err
	}
	u.sayUndo(r, page.T("newsroom.deleted", rule.Name), fmt.Sprintf("/newsroom/rules/%d/restore", rule.ID))
	return seeOther(w, r, "/newsroom/rules")
}

func (u *rules) restore(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := u.store.RestoreRule(r.Context(), actor, id); err != nil {
		return err
	}
	u.say(r, page.T("newsroom.rule.done.restore"))
	return seeOther(w, r, fmt.Sprintf("/newsroom/rules/%d", id))
}

// readRule is the rule that a form holds; what it lacks stays as it was.
func readRule(f page.Form, was comment.Rule) (comment.Rule, error) {
	in := was
	for name, to := range map[string]*string{"name": &in.Name, "told": &in.Told, "words": &in.Words} {
		if f.Has(name) {
			*to = f.Get(name)
		}
	}
	if f.Has("act") {
		in.Act = comment.Act(f.Text("act"))
	}
	if f.Has("trusted") {
		in.PassTrusted = ticked(f.Values["trusted"])
	}
	if f.Has("where") {
		in.CategoryID, in.ArticleID = placed(f.Text("where"))
	}
	var err error
	if f.Has("seconds") {
		if in.Seconds, err = whole(f, "seconds"); err != nil {
			return in, err
		}
	}
	if f.Has("amount") {
		if in.Amount, err = strconv.ParseFloat(strings.ReplaceAll(f.Text("amount"), ",", "."), 64); err != nil {
			return in, fault.Field("amount", "newsroom.no-number")
		}
	}
	return in, nil
}

// where is the value of the place that a rule is for, and placed reads it: what it can't read is an article that isn't there.
func where(r comment.Rule) string {
	switch {
	case r.CategoryID != 0:
		return fmt.Sprintf("category-%d", r.CategoryID)
	case r.ArticleID != 0:
		return fmt.Sprintf("article-%d", r.ArticleID)
	}
	return ""
}

func placed(value string) (category, article int64) {
	if value == "" {
		return 0, 0
	}
	kind, number, _ := strings.Cut(value, "-")
	id, err := strconv.ParseInt(number, 10, 64)
	switch {
	case err != nil || id <= 0 || kind != "category" && kind != "article":
		return 0, -1
	case kind == "category":
		return id, 0
	}
	return 0, id
}

// ruleValues is a rule as its form holds it.
func ruleValues(r comment.Rule) url.Values {
	v := url.Values{"kind": {r.Kind}, "name": {r.Name}, "act": {string(r.Act)}, "words": {r.Words}, "where": {where(r)}, "told": {r.Told}}
	if comment.CountsAmount(r.Kind) {
		v.Set("amount", strconv.FormatFloat(r.Amount, 'f', -1, 64))
	}
	if comment.CountsSeconds(r.Kind) {
		v.Set("seconds", strconv.Itoa(r.Seconds))
	}
	if r.PassTrusted {
		v.Set("trusted", "1")
	}
	return v
}
