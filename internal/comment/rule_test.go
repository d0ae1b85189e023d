package comment_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/staff"
)

func suspect(words string) comment.Rule {
	return comment.Rule{Kind: "words", Name: "Suspect words", Act: comment.Hold, Words: words}
}

func TestRuleIsKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mo := d.moderator()
	version := func() int64 { return scan[int64](d, `SELECT rules FROM intake_versions`) }
	before := version()
	r := suspect("port\r\n\r\n  night ferry ")
	id, err := d.SaveRule(t.Context(), mo, r)
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.RuleByID(t.Context(), mo, id)
	if err != nil || got.Words != "port\nnight ferry" || got.ChangedBy != "Mo Derato" || got.Active {
		t.Errorf("RuleByID = %+v, %v", got, err)
	}
	r.ID, r.Active, r.PassTrusted, r.ArticleID = id, true, true, d.article()
	if _, err := d.SaveRule(t.Context(), mo, r); err != nil {
		t.Fatal(err)
	}
	if got, _ = d.RuleByID(t.Context(), mo, id); !got.Active || !got.PassTrusted || got.Where != "A headline" {
		t.Errorf("after the change: %+v", got)
	}
	if err := d.DeleteRule(t.Context(), mo, id); err != nil {
		t.Fatal(err)
	}
	if _, err := d.RuleByID(t.Context(), mo, id); !errors.Is(err, fault.NotFound) {
		t.Errorf("a deleted rule: %v", err)
	}
	if err := d.DeleteRule(t.Context(), mo, id); !errors.Is(err, fault.NotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	if err := d.RestoreRule(t.Context(), mo, id); err != nil {
		t.Fatal(err)
	}
	if again, _ := d.RuleByID(t.Context(), mo, id); again.Words != got.Words || !again.Active {
		t.Errorf("restored: %+v", again)
	}
	if n := version() - before; n != 4 {
		t.Errorf("intake's version moved by %d, want 4", n)
	}
	acts := scan[string](d, `SELECT string_agg(act, ' ' ORDER BY id) FROM audit WHERE object = $1`, fmt.Sprintf("rule:%d", id))
	if acts != "rule.create rule.change rule.delete rule.restore" {
		t.Errorf("the log has %s", acts)
	}
}

func TestRuleNeedsAModerator(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	author := d.person("A. Uthor", staff.Author)
	_, err1 := d.Rules(t.Context(), author)
	_, err2 := d.SaveRule(t.Context(), author, suspect("port"))
	_, err3 := d.TryRule(t.Context(), author, suspect("port"))
	for i, err := range []error{err1, err2, err3, d.DeleteRule(t.Context(), author, 1), d.RestoreRule(t.Context(), author, 1)} {
		if !errors.Is(err, fault.Forbidden) {
			t.Errorf("call %d = %v", i, err)
		}
	}
	if _, err := d.SaveRule(t.Context(), d.moderator(), comment.Rule{ID: 999999, Kind: "first", Name: "Gone", Act: comment.Hold}); !errors.Is(err, fault.NotFound) {
		t.Errorf("a rule that isn't there: %v", err)
	}
}

func TestRuleFaults(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mo := d.moderator()
	tests := []struct {
		field, want string
		change      func(r *comment.Rule)
	}{
		{"kind", "rule.kind.unknown", func(r *comment.Rule) { r.Kind = "weather" }},
		{"name", "rule.name.empty", func(r *comment.Rule) { r.Name = " " }},
		{"name", "rule.name.long", func(r *comment.Rule) { r.Name = strings.Repeat("é", 121) }},
		{"act", "rule.act.unknown", func(r *comment.Rule) { r.Act = comment.Approve }},
		{"told", "rule.told.long", func(r *comment.Rule) { r.Told = strings.Repeat("x", 501) }},
		{"words", "rule.words.empty", func(r *comment.Rule) { r.Words = "\n \n" }},
		{"words", "rule.words.nothing|2", func(r *comment.Rule) { r.Words = "port\n...\nferry" }},
		{"words", "rule.words.star|1", func(r *comment.Rule) { r.Words = "*port" }},
		{"words", "rule.words.star|1", func(r *comment.Rule) { r.Words = "po*rt" }},
		{"words", "rule.words.long|2", func(r *comment.Rule) { r.Words = "port\n" + strings.Repeat("x", 201) }},
		{"words", "rule.words.many", func(r *comment.Rule) { r.Words = strings.Repeat("port\n", 20_001) }},
		{"words", "field.characters", func(r *comment.Rule) { r.Words = "po\x00rt" }},
		{"amount", "rule.amount.count|100", func(r *comment.Rule) { r.Kind, r.Amount = "links", 1.5 }},
		{"amount", "rule.amount.count|100", func(r *comment.Rule) { r.Kind, r.Amount = "links", -1 }},
		{"amount", "rule.amount.share", func(r *comment.Rule) { r.Kind, r.Amount = "spam", 80 }},
		{"amount", "rule.amount.share", func(r *comment.Rule) { r.Kind, r.Amount = "capitals", math.NaN() }},
		{"seconds", "rule.seconds.range|86400", func(r *comment.Rule) { r.Kind = "fast" }},
		{"where", "rule.where.both", func(r *comment.Rule) { r.CategoryID, r.ArticleID = 1, 1 }},
		{"where", "rule.where.unknown", func(r *comment.Rule) { r.CategoryID = 999999 }},
	}
	for _, tt := range tests {
		r := suspect("port*\nnight ferr* over")
		tt.change(&r)
		_, err := d.SaveRule(t.Context(), mo, r)
		var invalid *fault.Invalid
		if !errors.As(err, &invalid) || invalid.Fields[tt.field] != tt.want {
			t.Errorf("%s: %v, want %s", tt.field, err, tt.want)
		}
	}
	if n := scan[int](d, `SELECT count(*) FROM rules WHERE kind = 'words'`); n != 0 {
		t.Errorf("%d rules were made", n)
	}
}

func TestRulesCost(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mo, article := d.moderator(), d.article()
	for i, act := range []comment.Act{comment.Approve, comment.Reject, ""} {
		in := d.guest(article)
		in.Body = fmt.Sprintf("See https://a.example/%d and https://b.example/%d", i, i)
		if _, id := d.post(in); act != "" {
			d.decide(mo, id, act)
		}
	}
	d.exec(`
		INSERT INTO hold_reasons (comment_id, rule, rule_id, at)
		SELECT c.id, 'links', r.id, $1 FROM comments c, rules r WHERE r.kind = 'links' AND NOT EXISTS (SELECT FROM hold_reasons h WHERE h.rule_id = r.id AND h.comment_id = c.id)`, d.now())
	cost := func() (held, decided, approved int) {
		all, err := d.Rules(t.Context(), mo)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			if r.Kind == "links" {
				return r.Held, r.Decided, r.Approved
			}
		}
		return -1, -1, -1
	}
	if h, n, a := cost(); h != 3 || n != 2 || a != 1 {
		t.Errorf("it held %d, of %d decided %d approved", h, n, a)
	}
	d.pass(31 * 24 * time.Hour)
	if h, _, _ := cost(); h != 0 {
		t.Errorf("a month later it held %d", h)
	}
}
