package comment

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ago := func(seconds ...int) (out []time.Time) {
		for _, s := range seconds {
			out = append(out, now.Add(-time.Duration(s)*time.Second))
		}
		return out
	}
	last := now.Add(-9 * time.Second)
	for _, tt := range []struct {
		name string
		c    candidate
		r    Rule
		want bool
	}{
		{"two links of one", candidate{Body: "https://a.example www.b.example"}, Rule{Kind: ruleLinks, Amount: 1}, true},
		{"one link of one", candidate{Body: "https://a.example"}, Rule{Kind: ruleLinks, Amount: 1}, false},
		{"any link", candidate{Body: "https://a.example"}, Rule{Kind: ruleLinks}, true},
		{"first", candidate{}, Rule{Kind: ruleFirst}, true},
		{"known", candidate{Known: true}, Rule{Kind: ruleFirst}, false},
		{"capitals", candidate{Body: "THIS IS ALL LOUD AND LONG"}, Rule{Kind: ruleCapitals, Amount: 0.7}, true},
		{"Cyrillic capitals", candidate{Body: "ЭТО ОЧЕНЬ ГРОМКО И ДОЛГО СКАЗАНО"}, Rule{Kind: ruleCapitals, Amount: 0.7}, true},
		{"few letters", candidate{Body: "OK, NATO!"}, Rule{Kind: ruleCapitals, Amount: 0.7}, false},
		{"no cases", candidate{Body: strings.Repeat("한국어", 20)}, Rule{Kind: ruleCapitals, Amount: 0.7}, false},
		{"copy", candidate{Copies: ago(30)}, Rule{Kind: ruleDuplicate, Seconds: 60}, true},
		{"copy too old", candidate{Copies: ago(60)}, Rule{Kind: ruleDuplicate, Seconds: 60}, false},
		{"fast", candidate{Last: &last}, Rule{Kind: ruleFast, Seconds: 10}, true},
		{"slow enough", candidate{Last: &last}, Rule{Kind: ruleFast, Seconds: 9}, false},
		{"never before", candidate{}, Rule{Kind: ruleFast, Seconds: 9}, false},
		{"flood", candidate{Near: ago(1, 2, 3)}, Rule{Kind: ruleFlood, Amount: 2, Seconds: 60}, true},
		{"flood long ago", candidate{Near: ago(1, 2, 61)}, Rule{Kind: ruleFlood, Amount: 2, Seconds: 60}, false},
		{"spam", candidate{Score: Score{Value: 0.9, Known: true}}, Rule{Kind: ruleSpam, Amount: 0.8}, true},
		{"not learned", candidate{Score: Score{Value: 0.9}}, Rule{Kind: ruleSpam, Amount: 0.8}, false},
		{"words", candidate{Found: map[int64][]string{7: {"Casino"}}}, Rule{ID: 7, Kind: ruleWords}, true},
		{"another rule's words", candidate{Found: map[int64][]string{8: {"Casino"}}}, Rule{ID: 7, Kind: ruleWords}, false},
		{"trusted", candidate{Trusted: true}, Rule{Kind: ruleFirst, PassTrusted: true}, false},
		{"trusted all the same", candidate{Trusted: true}, Rule{Kind: ruleFirst}, true},
		{"other article", candidate{ArticleID: 1}, Rule{Kind: ruleFirst, ArticleID: 2}, false},
		{"below the category", candidate{Lineage: []int64{3, 4}}, Rule{Kind: ruleFirst, CategoryID: 3}, true},
		{"beside the category", candidate{Lineage: []int64{3, 4}}, Rule{Kind: ruleFirst, CategoryID: 5}, false},
	} {
		tt.c.At, tt.r.Act = now, Hold
		v := judge(&tt.c, []Rule{tt.r})
		if (v.Act == Hold) != tt.want || len(v.Reasons) == 1 != tt.want {
			t.Errorf("%s: %+v, want a match %v", tt.name, v, tt.want)
		}
	}
}

// All that match are named; the strictest acts, and only a rejection says anything.
func TestJudgeNamesAll(t *testing.T) {
	c := &candidate{Found: map[int64][]string{2: {"Damn", "damn"}, 3: {"pills"}}}
	rules := []Rule{{ID: 1, Kind: ruleFirst, Act: Hold}, {ID: 2, Kind: ruleWords, Act: Reject, Told: "No swearing."}, {ID: 3, Kind: ruleWords, Act: MarkSpam}}
	v := judge(c, rules)
	if len(v.Reasons) != 3 || v.Act != MarkSpam || v.Told != "" || v.Reasons[1].RuleID != 2 || !slices.Equal(v.Reasons[1].Words, []string{"Damn", "damn"}) {
		t.Errorf("judge = %+v", v)
	}
	if v := judge(c, rules[:2]); v.Act != Reject || v.Told != "No swearing." {
		t.Errorf("judge = %+v", v)
	}
}
