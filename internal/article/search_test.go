package article_test

import (
	"strings"
	"testing"
	"time"

	"stet/internal/article"
)

func (n *newsroom) write(d article.Draft) int64 {
	n.Helper()
	id, err := n.store.Create(n.Context(), n.editor, article.KindArticle, "")
	if err != nil {
		n.Fatal(err)
	}
	revision := n.save(id, 1, d)
	n.clock.tick(time.Minute)
	if _, err := n.store.Publish(n.Context(), n.editor, id, article.PublishIn{Revision: revision}); err != nil {
		n.Fatal(err)
	}
	return id
}

func TestSearch(t *testing.T) {
	n := newNewsroom(t)
	lights := n.write(article.Draft{Headline: "Cafés of Łódź", Standfirst: "Under the lamps", Body: "<p>The keepers were lighting the lamps.</p>", Tags: []string{"Harbours"}, Authors: []string{"Ivo Castellan"}})
	quake := n.write(article.Draft{Headline: "東京で地震がありました", Language: "ja", Body: "<p>今朝、東京で地震がありました。</p>"})
	korean := n.write(article.Draft{Headline: "바다가 길을 내주는 네 시간", Language: "ko", Body: "<p>하루에 두 번 바다가 갈라진다.</p>"})
	arabic := n.write(article.Draft{Headline: "خط التلغراف", Language: "ar", Body: "<p>لم يقطع أحد خط التلغراف في الصحراء.</p>"})
	german := n.write(article.Draft{Headline: "Häuser am Hafen", Language: "de", Body: "<p>Die alten Häuser standen am Hafen.</p>"})
	tests := []struct {
		name, q string
		want    []int64
	}{
		{"accents folded", "lodz cafe", []int64{lights}},
		{"stemmed", "lights lamp keeper", []int64{lights}},
		{"byline", "castellan", []int64{lights}},
		{"tag", "harbour", []int64{lights}},
		{"phrase", `"lighting the lamps"`, []int64{lights}},
		{"phrase in the wrong order", `"lamps the lighting"`, nil},
		{"without", "lamps -keepers", nil},
		{"or", "castellan or nothing-like-it", []int64{lights}},
		{"Japanese without spaces", "地震", []int64{quake}},
		{"Korean without its particle", "바다", []int64{korean}},
		{"Arabic", "التلغراف", []int64{arabic}},
		{"another language's word as written", "Häuser", []int64{german}},
		{"absent", "zeppelin", nil},
		{"operators only", `"" - & | ! ( ) :* <->`, nil},
		{"without a phrase", `lamps -"lighting the lamps"`, nil},
		{"a dash between words", "lamps - keepers", []int64{lights}},
		{"a rule of dashes", strings.Repeat("-", 150) + "lamps", []int64{lights}},
		{"dashes apart", strings.Repeat("- ", 90) + "lamps", []int64{lights}},
		{"dashes before brackets", strings.Repeat("-(", 90) + "lamps", []int64{lights}},
		{"dashes before empty phrases", strings.Repeat(`-""`, 60) + "lamps", []int64{lights}},
		{"a quote that never ends", `"lamps`, []int64{lights}},
	}
	for _, tt := range tests {
		for _, sort := range []string{"", "newest", "oldest"} {
			got, err := n.reader.LiveSearch(t.Context(), article.SearchIn{Q: tt.q, Language: "en", Sort: sort, Limit: 10})
			if err != nil {
				t.Errorf("%s (%s): %v", tt.name, sort, err)
				continue
			}
			if len(got.Hits) != len(tt.want) || got.Total != len(tt.want) || len(tt.want) > 0 && got.Hits[0].ID != tt.want[0] {
				t.Errorf("%s (%s): %q finds %+v of %d, want %v", tt.name, sort, tt.q, got.Hits, got.Total, tt.want)
			}
		}
	}
	got, err := n.reader.LiveSearch(t.Context(), article.SearchIn{Q: "lamps", Language: "en", Limit: 10})
	if err != nil || len(got.Hits) != 1 {
		t.Fatalf("search = %+v, %v", got, err)
	}
	found := false
	for _, m := range got.Hits[0].Snippet {
		found = found || m.Found && strings.EqualFold(m.Text, "lamps")
	}
	if !found {
		t.Errorf("snippet %+v does not mark what was found", got.Hits[0].Snippet)
	}
	tomorrow := n.clock.now().AddDate(0, 0, 1)
	if got, err := n.reader.LiveSearch(t.Context(), article.SearchIn{Q: "lamps", Language: "en", From: tomorrow, Limit: 10}); err != nil || len(got.Hits) != 0 || got.Total != 0 {
		t.Errorf("from tomorrow: %+v, %v, want nothing", got, err)
	}
}

func TestLists(t *testing.T) {
	n := newNewsroom(t)
	var ids []int64
	for _, headline := range []string{"One", "Two", "Three", "Four", "Five"} {
		ids = append(ids, n.write(article.Draft{Headline: headline, Body: body}))
	}
	var seen []string
	for before, pages := "", 0; ; pages++ {
		cards, next, err := n.reader.LiveList(t.Context(), article.ListIn{Before: before, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cards {
			seen = append(seen, c.Headline)
		}
		if next == "" {
			break
		}
		before = next
	}
	if got := strings.Join(seen, " "); got != "Five Four Three Two One" {
		t.Errorf("the pages show %q, want newest first, each once", got)
	}
	cards, _, err := n.reader.LiveList(t.Context(), article.ListIn{Offset: 3, Limit: 2})
	if err != nil || len(cards) != 2 || cards[0].Headline != "Two" {
		t.Errorf("by offset = %+v, %v, want Two and One", cards, err)
	}
	at := n.live("/2026/06/three/").FirstPublicAt
	cards, _, err = n.reader.LiveList(t.Context(), article.ListIn{From: at, To: at.Add(time.Minute), Limit: 10})
	if err != nil || len(cards) != 1 || cards[0].Headline != "Three" {
		t.Errorf("by time = %+v, %v, want Three alone: the end is not part of it", cards, err)
	}
	for _, bad := range []string{"x", "!!!!", strings.Repeat("A", 100), "AA"} {
		if _, _, err := n.reader.LiveList(t.Context(), article.ListIn{Before: bad, Limit: 2}); err == nil {
			t.Errorf("cursor %q was taken", bad)
		}
	}
	n.clock.tick(time.Hour)
	n.append(ids[0], article.Correction, "<p>Wrong figure.</p>", "")
	record, _, err := n.reader.LiveRecord(t.Context(), []string{article.Correction}, "", 10)
	if err != nil || len(record) != 1 || record[0].ID != ids[0] || record[0].Number != 2 || !strings.Contains(record[0].Notice, "Wrong figure") {
		t.Errorf("record = %+v, %v, want the correction", record, err)
	}
}

// TestStatusInSQLAndGo holds the list's status in SQL to the rules' in Go.
func TestStatusInSQLAndGo(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	n.draft("draft")
	review, _ := n.draft("review")
	must(n.store.Submit(ctx, n.editor, review))
	returned, _ := n.draft("returned")
	must(n.store.Submit(ctx, n.editor, returned))
	must(n.store.Return(ctx, n.editor, returned, "Find another source."))
	scheduled, rev := n.draft("scheduled")
	n.schedule(scheduled, article.PublishIn{Revision: rev}, time.Hour)
	trashed, _ := n.draft("trashed")
	must(n.store.Trash(ctx, n.editor, trashed))
	n.published("live")
	changed, _ := n.published("changed")
	n.save(changed, 2, article.Draft{Headline: "changed"})
	retracted, _ := n.published("retracted")
	must(n.store.Retract(ctx, n.editor, retracted, "x"))
	withdrawn, _ := n.published("withdrawn")
	must(n.store.Withdraw(ctx, n.editor, withdrawn, "x"))
	withheld, _ := n.published("withheld")
	must(n.store.Withhold(ctx, n.admin, withheld, []int{1}, "x"))

	for _, status := range []string{"draft", "review", "returned", "scheduled", "trashed", "live", "changed", "retracted", "withdrawn", "withheld"} {
		got, err := n.store.List(ctx, n.editor, article.Filter{Status: status, Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		if got.Counts[status] != 1 {
			t.Errorf("%d articles counted as %s, want 1", got.Counts[status], status)
		}
		for _, line := range got.Lines {
			e, err := n.store.Edit(ctx, n.editor, line.ID)
			if err != nil {
				t.Fatal(err)
			}
			if e.State.Status() != line.Status || line.Headline != line.Status {
				t.Errorf("%q is %q in the list and %q by the rules", line.Headline, line.Status, e.State.Status())
			}
		}
		if len(got.Lines) == 0 {
			t.Errorf("no article is listed as %s", status)
		}
	}
	if got, err := n.store.List(ctx, n.author, article.Filter{Limit: 50}); err != nil || len(got.Lines) != 0 {
		t.Errorf("an author sees %d articles of others, %v", len(got.Lines), err)
	}
	if got, err := n.store.List(ctx, n.editor, article.Filter{Q: "nobody dared", Limit: 50}); err != nil || len(got.Lines) < 5 {
		t.Errorf("by words of the body: %d, %v", len(got.Lines), err)
	}
	if got, err := n.store.List(ctx, n.editor, article.Filter{Q: "100%", Limit: 50}); err != nil || len(got.Lines) != 0 {
		t.Errorf("by a pattern taken literally: %d, %v", len(got.Lines), err)
	}
}
