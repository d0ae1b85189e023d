package article_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/staff"
)

func TestFind(t *testing.T) {
	n := newNewsroom(t)
	for _, d := range []article.Draft{{Headline: "Cafés of Łódź"}, {Headline: "“Lamps” (and 50% of them)", Language: "en"}, {Headline: "東京で地震がありました", Language: "ja"}} {
		d.Body = "<p>Words.</p>"
		n.write(d)
	}
	gone := n.write(article.Draft{Headline: "Lamps that weren’t", Body: "<p>Words.</p>"})
	if err := n.store.Retract(n.Context(), n.editor, gone, "It does not hold."); err != nil {
		t.Fatal(err)
	}
	n.draft("Lamps nobody has seen")
	for q, want := range map[string][]string{
		"lod":                   {"Cafés of Łódź"},
		"LODZ cafe":             {"Cafés of Łódź"},
		"odz":                   nil,
		"lamps":                 {"“Lamps” (and 50% of them)"},
		"“lamps” 50%":           {"“Lamps” (and 50% of them)"},
		`.* \m [a-z]`:           nil,
		"地震":                    {"東京で地震がありました"},
		"zeppelin":              nil,
		" -- ":                  {"東京で地震がありました", "“Lamps” (and 50% of them)", "Cafés of Łódź"},
		"a b c d e f g h i j k": nil,
	} {
		got, err := n.store.Find(t.Context(), n.author, q)
		if err != nil {
			t.Errorf("%q: %v", q, err)
			continue
		}
		var headlines []string
		for _, g := range got {
			headlines = append(headlines, g.Headline)
		}
		if fmt.Sprint(headlines) != fmt.Sprint(want) {
			t.Errorf("%q finds %q, want %q", q, headlines, want)
		}
	}
	if _, err := n.store.Find(t.Context(), staff.Actor{ID: 1, Roles: staff.Roles{staff.Moderator}}, ""); !errors.Is(err, fault.Forbidden) {
		t.Errorf("for a moderator: %v, want Forbidden", err)
	}
	for i := range 12 {
		n.write(article.Draft{Headline: fmt.Sprintf("Serial %d", i), Body: "<p>Words.</p>"})
	}
	got, err := n.store.Find(t.Context(), n.editor, "serial")
	if err != nil || len(got) != 10 || got[0].Headline != "Serial 11" || got[0].Path == "" || got[0].Kind != article.KindArticle || got[0].At.Before(time.Date(2026, 6, 16, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("of 12: %+v, %v, want the newest ten", got, err)
	}
}
