package article_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
)

func TestAutosave(t *testing.T) {
	n := newNewsroom(t)
	id, base := n.draft("Beside")
	ctx := t.Context()
	state := func() (s string) {
		t.Helper()
		err := n.db.Owner.QueryRow(ctx, `SELECT concat_ws('|', (SELECT jsonb_agg(a ORDER BY id) FROM articles a), (SELECT count(*) FROM revisions), (SELECT count(*) FROM audit))`).Scan(&s)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := state()
	keep := func(tab, words string) {
		t.Helper()
		n.clock.tick(time.Second)
		at, err := n.store.Autosave(ctx, n.editor, id, article.Autosaved{Base: base, Fields: map[string][]string{"body": {words}}, Tab: tab})
		if err != nil || !at.Equal(n.clock.now()) {
			t.Fatalf("Autosave = %v, %v", at, err)
		}
	}
	keep("one", "first")
	keep("one", "second")
	got, err := n.store.Autosaved(ctx, n.editor, id)
	if err != nil || got.Base != base || got.Tab != "one" || !slices.Equal(got.Fields["body"], []string{"second"}) {
		t.Errorf("kept %+v, %v, want what was typed last", got, err)
	}
	if other, err := n.store.Autosaved(ctx, n.admin, id); err != nil || !other.At.IsZero() {
		t.Errorf("somebody else gets %+v, %v", other, err)
	}
	if state() != before {
		t.Error("an autosave changed the article, its history or the log")
	}
	if _, err := n.store.Autosave(ctx, n.author, id, article.Autosaved{}); !errors.Is(err, fault.NotFound) {
		t.Errorf("an author autosaves another's draft: %v, want not found", err)
	}
	d, err := n.store.Revision(ctx, n.editor, id, base)
	if err != nil {
		t.Fatal(err)
	}
	// Another open form of the same person saves: the words of this one stay.
	d.Kicker = "Other"
	saved, err := n.store.Save(ctx, n.editor, id, article.SaveIn{Draft: d, Base: base, Tab: "two"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := n.store.Autosaved(ctx, n.editor, id); err != nil || got.At.IsZero() {
		t.Errorf("after another form's save: %+v, %v, want the words kept", got, err)
	}
	d.Kicker = "Own"
	if _, err := n.store.Save(ctx, n.editor, id, article.SaveIn{Draft: d, Base: saved.Number, Tab: "one"}); err != nil {
		t.Fatal(err)
	}
	if got, err := n.store.Autosaved(ctx, n.editor, id); err != nil || !got.At.IsZero() {
		t.Errorf("after its own save: %+v, %v, want nothing", got, err)
	}
	keep("one", "third")
	if err := n.store.DiscardAutosave(ctx, n.editor, id); err != nil {
		t.Fatal(err)
	}
	if got, err := n.store.Autosaved(ctx, n.editor, id); err != nil || !got.At.IsZero() {
		t.Errorf("after it was discarded: %+v, %v, want nothing", got, err)
	}
}

func TestPresence(t *testing.T) {
	n := newNewsroom(t)
	id, base := n.draft("Together")
	ctx := t.Context()
	attend := func(tab, block string) article.Around {
		t.Helper()
		a, err := n.store.Attend(ctx, n.editor, id, tab, block)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	others := func() []article.Presence {
		t.Helper()
		a, err := n.store.Attend(ctx, n.admin, id, "a", "")
		if err != nil || a.Head != base || a.By != n.editor.Name || a.Own {
			t.Fatalf("Attend = %+v, %v", a, err)
		}
		return a.Others
	}
	if got := attend("x", "abcdefgh"); len(got.Others) != 0 || !got.Own {
		t.Errorf("alone: %+v", got)
	}
	n.clock.tick(time.Second)
	if got := attend("y", "bcdefghi"); len(got.Others) != 0 {
		t.Errorf("another tab of the same person is somebody else: %+v", got)
	}
	if got := others(); len(got) != 1 || got[0] != (article.Presence{Name: n.editor.Name, Block: "bcdefghi"}) {
		t.Errorf("the admin sees %+v, want the editor once, where they are now", got)
	}
	if err := n.store.Leave(ctx, n.editor, id, "y"); err != nil {
		t.Fatal(err)
	}
	if got := others(); len(got) != 1 || got[0].Block != "abcdefgh" {
		t.Errorf("after one tab was closed: %+v, want the other", got)
	}
	n.clock.tick(article.Present + time.Second) // the line is lost
	if got := others(); len(got) != 0 {
		t.Errorf("after the line was lost: %+v, want nobody", got)
	}
	if err := n.store.Prune(ctx); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := n.db.Owner.QueryRow(ctx, `SELECT count(*) FROM presences`).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows are left, %v, want the admin's", rows, err)
	}
	if _, err := n.store.Attend(ctx, n.author, id, "z", ""); !errors.Is(err, fault.NotFound) {
		t.Errorf("an author attends another's draft: %v, want not found", err)
	}
}

// TestTwoTabs: one person, two open forms. Nothing is asked unless both hold other words for the same.
func TestTwoTabs(t *testing.T) {
	n := newNewsroom(t)
	id, base := n.draft("Two tabs")
	ctx := t.Context()
	d, err := n.store.Revision(ctx, n.editor, id, base)
	if err != nil {
		t.Fatal(err)
	}
	a, b := d, d
	a.Body = strings.Replace(d.Body, "came on", "came on, late", 1) + "\n\n<p>A new end.</p>"
	b.Body = strings.Replace(d.Body, "Nobody", "Hardly anybody", 1)
	n.save(id, base, a)
	n.save(id, base, b)
	both := a
	both.Body = strings.Replace(a.Body, "Nobody", "Hardly anybody", 1)
	last := n.save(id, base, both) // what both hold together, from a form as old
	n.save(id, base, a)            // and once more what stands already
	e, err := n.store.Edit(ctx, n.editor, id)
	if err != nil || e.Head != last || strings.Count(e.Draft.Body, "A new end.") != 1 || !strings.Contains(e.Draft.Body, "late") || !strings.Contains(e.Draft.Body, "Hardly") {
		t.Errorf("in the end: head %d, %q, %v, want revision %d with everything once", e.Head, e.Draft.Body, err, last)
	}
}

// TestFormOpenForAWeek saves from a revision long past, under a key that was long forgotten.
func TestFormOpenForAWeek(t *testing.T) {
	n := newNewsroom(t)
	id, base := n.draft("A week")
	ctx := t.Context()
	d, err := n.store.Revision(ctx, n.editor, id, base)
	if err != nil {
		t.Fatal(err)
	}
	mine := d
	mine.Body = strings.Replace(d.Body, "Nobody", "Hardly anybody", 1)
	if _, err := n.store.Save(ctx, n.admin, id, article.SaveIn{Draft: mine, Base: base, Key: "old"}); err != nil {
		t.Fatal(err)
	}
	head := base + 1
	for day := range 7 {
		n.clock.tick(24 * time.Hour)
		theirs, err := n.store.Revision(ctx, n.editor, id, head)
		if err != nil {
			t.Fatal(err)
		}
		theirs.Kicker = time.Weekday(day).String()
		head = n.save(id, head, theirs)
	}
	n.clock.tick(40 * 24 * time.Hour)
	if err := n.store.Prune(ctx); err != nil {
		t.Fatal(err)
	}
	again, err := n.store.Save(ctx, n.admin, id, article.SaveIn{Draft: mine, Base: base, Key: "old"})
	if err != nil || again.Number != head || !again.Unchanged {
		t.Errorf("the same form again = %+v, %v, want nothing new", again, err)
	}
	mine.Body = strings.Replace(mine.Body, "A clause", "Another clause", 1)
	saved, err := n.store.Save(ctx, n.admin, id, article.SaveIn{Draft: mine, Base: base, Key: "new"})
	if err != nil || !saved.Merged || saved.Fields.Kicker != "Saturday" {
		t.Errorf("the form of a week ago = %+v, %v, want it joined with the week", saved, err)
	}
}
