package article_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/markup"
)

// told writes changes as a text: fields, kinds of blocks, and words as [-gone-] and {+added+}.
func told(c article.Changes) string {
	var b strings.Builder
	spans := func(all []markup.Span) {
		for _, s := range all {
			b.WriteString(map[markup.Op]string{markup.Same: "", markup.Added: "{+", markup.Gone: "[-"}[s.Op] + s.Text + map[markup.Op]string{markup.Same: "", markup.Added: "+}", markup.Gone: "-]"}[s.Op])
		}
		b.WriteString("\n")
	}
	for _, l := range c.Lines {
		b.WriteString(l.Field + ": ")
		spans(l.Spans)
	}
	for _, d := range c.Body {
		if d.Kind != markup.Unchanged {
			b.WriteString(d.Kind.String() + ": ")
			spans(d.Spans)
		}
	}
	return b.String()
}

func TestCompare(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	id, _ := n.published("The lamp at Cape Ore")
	e, err := n.store.Edit(t.Context(), n.editor, id)
	if err != nil {
		t.Fatal(err)
	}
	d := e.Draft
	d.Headline, d.Label, d.Tags, d.Authors, d.Note = "The lamp at Cape Ormond", "opinion", []string{"Lights", "Capes"}, []string{"Ivo Castellan", "Mara Quell"}, "Names"
	d.Body = `<p>Nobody dared to open it.</p><p>At <strong>21:14</strong> the lamp came on.</p><p>Then it rained.</p>`
	n.save(id, 2, d)

	c, err := n.store.Compare(t.Context(), n.editor, id, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !c.FromLive || c.From.Number != 2 || c.To.Number != 3 || c.Last != 3 || c.To.Note != "Names" || c.To.By != "Edi Tor" || !slices.Equal(c.From.Public, []int{1}) {
		t.Errorf("Compare = %+v, want from what readers see, revision 2, to 3", c)
	}
	want := "headline: The lamp at Cape [-Ore-]{+Ormond+}\nlabel: [-news-]{+opinion+}\nbyline: Ivo Castellan{+, Mara Quell+}\n" +
		"removed: [-A clause-]\nmoved: At 21:14 the lamp came on.\ninserted: {+Then it rained.+}\n"
	if got := told(c.Changes); got != want {
		t.Errorf("changes:\n%s\nwant\n%s", got, want)
	}
	if got := fmt.Sprint(c.Facts); got != "[{label [news] [opinion]} {tags [Lights] [Lights Capes]}]" {
		t.Errorf("facts = %s", got)
	}
	back, err := n.store.Compare(t.Context(), n.editor, id, 3, 2)
	if err != nil || back.FromLive || !strings.Contains(told(back.Changes), "headline: The lamp at Cape [-Ormond-]{+Ore+}") {
		t.Errorf("backwards: %v\n%s", err, told(back.Changes))
	}
	if same, err := n.store.Compare(t.Context(), n.editor, id, 3, 3); err != nil || !same.None() {
		t.Errorf("with itself: %+v, %v, want nothing", same, err)
	}
	for _, pair := range [][2]int{{2, 4}, {9, 2}} {
		if _, err := n.store.Compare(t.Context(), n.editor, id, pair[0], pair[1]); !errors.Is(err, fault.NotFound) {
			t.Errorf("Compare(%v) = %v, want not found", pair, err)
		}
	}
	if _, err := n.store.Compare(t.Context(), n.author, id, 0, 0); !errors.Is(err, fault.NotFound) {
		t.Errorf("somebody else's article: %v, want not found", err)
	}
}

// TestCompareShowsWhatTheHistoryWill publishes what was compared: the readers' versions differ by the same.
func TestCompareShowsWhatTheHistoryWill(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	id, _ := n.published("The lamp")
	for i, body := range []string{"<p>One.</p><p>At 21:14 the lamp came on again.</p>", "<p>At 21:14 the lamp came on again.</p><p>One, not two.</p>", "<p>Two.</p>"} {
		number := n.save(id, i+2, article.Draft{Headline: "The lamp", Body: body, Dateline: fmt.Sprint(i)})
		before, err := n.store.Compare(t.Context(), n.editor, id, 0, number)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: number, Kind: article.Update, Notice: "New."}); err != nil {
			t.Fatal(err)
		}
		versions, err := n.reader.LiveVersions(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		was, is := versions[i+1], versions[i+2]
		if got, want := told(article.ChangesOf(&was, &is)), told(before.Changes); got != want || got == "" {
			t.Errorf("the history shows\n%s\nbefore it was\n%s", got, want)
		}
	}
}

func TestRevisionsByPage(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	id, revision := n.draft("Often saved")
	for i := range article.RevisionPage {
		revision = n.save(id, revision, article.Draft{Headline: fmt.Sprint("Saved ", i)})
	}
	first, err := n.store.Revisions(t.Context(), n.editor, id, 0)
	if err != nil || len(first) != article.RevisionPage || first[0].Number != revision {
		t.Fatalf("first page: %d, %v", len(first), err)
	}
	rest, err := n.store.Revisions(t.Context(), n.editor, id, first[len(first)-1].Number)
	if err != nil || len(rest) != 2 || rest[1].Number != 1 {
		t.Errorf("second page: %+v, %v, want revisions 2 and 1", rest, err)
	}
}
