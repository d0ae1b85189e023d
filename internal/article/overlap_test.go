package article_test

import (
	"errors"
	"strings"
	"testing"

	"stet/internal/article"
	"stet/internal/fault"
)

// clash makes an article whose editor and admin changed the same paragraph and the same standfirst, and different other things.
func (n *newsroom) clash(key string) (id int64, o *article.Overlap) {
	n.Helper()
	id, base := n.draft("Two at once")
	d, err := n.store.Revision(n.Context(), n.editor, id, base)
	if err != nil {
		n.Fatal(err)
	}
	mine, theirs := d, d
	theirs.Body = strings.Replace(strings.Replace(d.Body, "came on", "came on, late", 1), "A clause", "Another clause", 1)
	theirs.Standfirst = "Theirs beneath it."
	mine.Body = strings.Replace(strings.Replace(d.Body, "the lamp", "a lamp", 1), "Nobody dared", "Few dared", 1)
	mine.Standfirst, mine.Comments = "Mine beneath it.", "closed"
	n.save(id, base, theirs)
	n.sent = article.SaveIn{Draft: mine, Base: base, Key: key}
	_, err = n.store.Save(n.Context(), n.admin, id, n.sent)
	if !errors.As(err, &o) {
		n.Fatalf("the same paragraph changed by both: %v, want an overlap", err)
	}
	return id, o
}

// TestOverlapIsKeptAside: the answer is a conflict, and yet what was sent is a revision; the article stays as it was.
func TestOverlapIsKeptAside(t *testing.T) {
	n := newNewsroom(t)
	id, o := n.clash("k")
	if o.Aside != o.Head+1 || len(o.Blocks) != 1 || len(o.Fields) != 1 || len(o.Joined) != 2 || !o.Own {
		t.Fatalf("overlap = %+v, want revision %d aside, a block and a field to choose, two that joined", o, o.Head+1)
	}
	aside, err := n.store.Revision(t.Context(), n.editor, id, o.Aside)
	if err != nil || !strings.Contains(aside.Body, "a lamp came on.") || aside.Standfirst != "Mine beneath it." {
		t.Errorf("the revision aside = %+v, %v, want what was sent", aside, err)
	}
	e, err := n.store.Edit(t.Context(), n.editor, id)
	if err != nil || e.Head != o.Head || e.Draft.Standfirst != "Theirs beneath it." || e.Draft.Comments == "closed" || e.Saves != o.Aside || !e.Revisions[0].Aside || e.Revisions[1].Aside {
		t.Errorf("the article = head %d, %+v, %v, want theirs and nothing of mine", e.Head, e.Draft, err)
	}
	var acts int
	if err := n.db.Owner.QueryRow(t.Context(), `SELECT count(*) FROM audit WHERE act = 'article.aside'`).Scan(&acts); err != nil || acts != 1 {
		t.Errorf("%d audit rows of it, %v, want 1", acts, err)
	}
	// The same form again meets the same overlap and makes no further revision.
	var again *article.Overlap
	_, err = n.store.Save(t.Context(), n.admin, id, n.sent)
	if !errors.As(err, &again) || again.Aside != o.Aside {
		t.Errorf("the same key again: %v, want revision %d aside", err, o.Aside)
	}
	// The next revisions take the numbers after it.
	if saved, err := n.store.Save(t.Context(), n.editor, id, article.SaveIn{Draft: article.Draft{Headline: "On", Body: o.Theirs.Body}, Base: o.Head}); err != nil || saved.Number != o.Aside+1 {
		t.Errorf("the next save = %+v, %v, want revision %d", saved, err, o.Aside+1)
	}
	for _, base := range []int{0, -1, o.Aside, 99} {
		_, err := n.store.Save(t.Context(), n.editor, id, article.SaveIn{Draft: o.Theirs, Base: base})
		if invalid := new(fault.Invalid); !errors.As(err, &invalid) || invalid.Fields["revision"] == "" {
			t.Errorf("a save upon %d: %v, want a fault of the revision", base, err)
		}
	}
}

func TestResolve(t *testing.T) {
	for name, tt := range map[string]struct {
		block, field         article.Choice
		has, lacks, standing string
	}{
		"mine":   {article.Choice{Keep: article.KeepMine}, article.Choice{Keep: article.KeepTheirs}, "a lamp came on.", "late", "Theirs beneath it."},
		"theirs": {article.Choice{Keep: article.KeepTheirs}, article.Choice{Keep: article.KeepMine}, "the lamp came on, late", "a lamp", "Mine beneath it."},
		"both":   {article.Choice{Keep: article.KeepBoth}, article.Choice{Keep: article.KeepBoth}, "a lamp came on.</p>", "<script", "Mine beneath it. Theirs beneath it."},
		"anew":   {article.Choice{Keep: article.KeepAnew, Text: "<p>A lamp, late.<script>x</script></p>"}, article.Choice{Keep: article.KeepAnew, Text: "Anew."}, "A lamp, late.", "<script", "Anew."},
	} {
		n := newNewsroom(t)
		id, o := n.clash("")
		in := article.ResolveIn{Draft: article.Draft{Comments: "closed"}, Aside: o.Aside, Head: o.Head, Key: "r",
			Choices: map[string]article.Choice{o.Blocks[0].ID: tt.block, "standfirst": tt.field}}
		saved, err := n.store.Resolve(t.Context(), n.admin, id, in)
		if err != nil || saved.Number != o.Aside+1 {
			t.Fatalf("%s: %+v, %v, want revision %d", name, saved, err, o.Aside+1)
		}
		e, err := n.store.Edit(t.Context(), n.editor, id)
		if err != nil || e.Head != saved.Number || !strings.Contains(e.Draft.Body, tt.has) || strings.Contains(e.Draft.Body, tt.lacks) || e.Draft.Standfirst != tt.standing {
			t.Errorf("%s: %+v, %v, want %q without %q under %q", name, e.Draft, err, tt.has, tt.lacks, tt.standing)
		}
		if !strings.Contains(e.Draft.Body, "Another clause") || !strings.Contains(e.Draft.Body, "Few dared") || e.Draft.Comments != "closed" {
			t.Errorf("%s: %+v, want what merged by itself too", name, e.Draft)
		}
		if again, err := n.store.Resolve(t.Context(), n.admin, id, in); err != nil || again.Number != saved.Number {
			t.Errorf("%s: the same again = %+v, %v, want revision %d", name, again, err, saved.Number)
		}
	}
}

// TestResolveMeetsAnother chooses while somebody saves the same words again: the chosen text is kept aside in its turn.
func TestResolveMeetsAnother(t *testing.T) {
	n := newNewsroom(t)
	id, o := n.clash("")
	in := article.ResolveIn{Aside: o.Aside, Head: o.Head, Choices: map[string]article.Choice{o.Blocks[0].ID: {Keep: article.KeepBoth}}}
	_, err := n.store.Resolve(t.Context(), n.admin, id, in)
	if invalid := new(fault.Invalid); !errors.As(err, &invalid) || invalid.Fields["standfirst"] == "" {
		t.Fatalf("a choice is missing: %v, want a fault of the standfirst", err)
	}
	later := o.Theirs
	later.Body = strings.Replace(later.Body, "came on, late", "came on, very late", 1)
	n.save(id, o.Head, later)
	in.Choices["standfirst"] = article.Choice{Keep: article.KeepMine}
	var next *article.Overlap
	if _, err = n.store.Resolve(t.Context(), n.admin, id, in); !errors.As(err, &next) || next.Aside != o.Aside+2 || len(next.Blocks) != 1 || len(next.Fields) != 0 {
		t.Fatalf("the same words changed again: %v, %+v, want them asked about again", err, next)
	}
	in = article.ResolveIn{Aside: next.Aside, Head: next.Head, Choices: map[string]article.Choice{next.Blocks[0].ID: {Keep: article.KeepMine}}}
	if _, err = n.store.Resolve(t.Context(), n.admin, id, in); err != nil {
		t.Fatal(err)
	}
	e, err := n.store.Edit(t.Context(), n.editor, id)
	if err != nil || !strings.Contains(e.Draft.Body, "a lamp came on.") || strings.Count(e.Draft.Body, "came on") != 2 || e.Draft.Standfirst != "Mine beneath it." {
		t.Errorf("in the end = %+v, %v, want both sentences as first chosen", e.Draft, err)
	}
	if _, err := n.store.Overlap(t.Context(), n.editor, id, e.Head); err == nil {
		t.Error("a revision that stands is an overlap")
	}
	if _, err := n.store.Overlap(t.Context(), n.editor, id, 99); !errors.Is(err, fault.NotFound) {
		t.Errorf("a revision that isn't there: %v, want not found", err)
	}
}

// TestHeld saves a form that went on in a block which others changed since the form was sent: what it holds back is compared with what it was
// made from, all else with what stands.
func TestHeld(t *testing.T) {
	n := newNewsroom(t)
	id, base := n.draft("In place")
	d, err := n.store.Revision(t.Context(), n.editor, id, base)
	if err != nil {
		t.Fatal(err)
	}
	theirs := d
	theirs.Body = strings.Replace(d.Body, "the lamp", "a lamp", 1)
	n.save(id, base, theirs)
	mine := d
	mine.Body += "\n\n<p id=\"p-zzzzzzzz\">A new end.</p>"
	first, err := n.store.Save(t.Context(), n.admin, id, article.SaveIn{Draft: mine, Base: base})
	if err != nil || !first.Merged || len(first.Theirs) != 1 {
		t.Fatalf("first = %+v, %v, want one block of theirs in it", first, err)
	}
	// Meanwhile the form went on writing in its own new block: nothing to ask, and their word stays.
	held := []article.Held{{Name: first.Theirs[0], Revision: base}}
	mine.Body = strings.Replace(mine.Body, "A new end.", "A new end, longer.", 1)
	second, err := n.store.Save(t.Context(), n.admin, id, article.SaveIn{Draft: mine, Base: first.Number, Held: held})
	if err != nil {
		t.Fatalf("second = %+v, %v", second, err)
	}
	got, err := n.store.Revision(t.Context(), n.editor, id, second.Number)
	if err != nil || !strings.Contains(got.Body, "a lamp") || strings.Count(got.Body, "A new end") != 1 || !strings.Contains(got.Body, "longer") {
		t.Errorf("second = %q, %v, want their word and one new end", got.Body, err)
	}
	// It writes in the block that it holds back: that is asked about.
	mine.Body = strings.Replace(mine.Body, "came on", "went on", 1)
	var o *article.Overlap
	if _, err := n.store.Save(t.Context(), n.admin, id, article.SaveIn{Draft: mine, Base: second.Number, Held: held}); !errors.As(err, &o) || len(o.Blocks) != 1 || o.Blocks[0].ID != first.Theirs[0] {
		t.Fatalf("their block changed here: %v, want it asked about", err)
	}
	if o, err := n.store.Overlap(t.Context(), n.admin, id, o.Aside); err != nil || len(o.Blocks) != 1 {
		t.Errorf("seen again: %+v, %v, want the same overlap", o, err)
	}
}
