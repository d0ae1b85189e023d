package article_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"stet/internal/article"
	"stet/internal/fault"
)

func TestSaveMerges(t *testing.T) {
	n := newNewsroom(t)
	id, base := n.draft("Together")
	d, err := n.store.Revision(t.Context(), n.editor, id, base)
	if err != nil {
		t.Fatal(err)
	}
	mine, theirs := d, d
	theirs.Body = strings.Replace(d.Body, "the lamp came on", "the lamp came on, late", 1)
	mine.Body = strings.Replace(d.Body, "Nobody dared", "Hardly anybody dared", 1)
	mine.Kicker = "Strait"
	n.save(id, base, theirs)
	saved, err := n.store.Save(t.Context(), n.admin, id, article.SaveIn{Draft: mine, Base: base})
	if err != nil || !saved.Merged {
		t.Fatalf("Save on top of another's = %+v, %v, want a merge", saved, err)
	}
	got, err := n.store.Revision(t.Context(), n.editor, id, saved.Number)
	if err != nil || !strings.Contains(got.Body, "came on, late") || !strings.Contains(got.Body, "Hardly anybody") || got.Kicker != "Strait" {
		t.Errorf("merged = %+v, %v, want both edits", got, err)
	}

	mine.Body = strings.Replace(d.Body, "the lamp came on", "a lamp shone", 1)
	_, err = n.store.Save(t.Context(), n.admin, id, article.SaveIn{Draft: mine, Base: base})
	var o *article.Overlap
	if !errors.As(err, &o) || !errors.Is(err, fault.Conflict) {
		t.Fatalf("the same paragraph changed by both: %v, want an overlap", err)
	}
	if len(o.Blocks) != 1 || !strings.Contains(o.Theirs.Body, "came on, late") || !strings.Contains(o.Mine.Body, "a lamp shone") || o.Head != saved.Number || o.By != n.editor.Name || o.Aside != o.Head+1 {
		t.Errorf("overlap = %+v, want one block with both full texts", o)
	}
	if again, err := n.store.Save(t.Context(), n.admin, id, article.SaveIn{Draft: mine, Base: o.Head}); err != nil || again.Number != o.Aside+1 {
		t.Errorf("saving mine on top = %+v, %v, want the next revision", again, err)
	}
}

func TestSaveTwice(t *testing.T) {
	n := newNewsroom(t)
	id, base := n.draft("Twice")
	d, err := n.store.Revision(t.Context(), n.editor, id, base)
	if err != nil {
		t.Fatal(err)
	}
	d.Kicker = "Once"
	first, err1 := n.store.Save(t.Context(), n.editor, id, article.SaveIn{Draft: d, Base: base, Key: "k"})
	again, err2 := n.store.Save(t.Context(), n.editor, id, article.SaveIn{Draft: d, Base: base, Key: "k"})
	if err1 != nil || err2 != nil || first.Number != base+1 || again.Number != first.Number {
		t.Errorf("the same form twice: %+v, %v and %+v, %v, want one revision", first, err1, again, err2)
	}
	same, err := n.store.Save(t.Context(), n.editor, id, article.SaveIn{Draft: d, Base: first.Number})
	if err != nil || !same.Unchanged || same.Number != first.Number {
		t.Errorf("saving what is there = %+v, %v, want no new revision", same, err)
	}
}

func TestSaveRefusesFields(t *testing.T) {
	n := newNewsroom(t)
	id, base := n.draft("Fields")
	tests := map[string]article.Draft{
		"headline":   {Headline: "a\u202eb"},
		"standfirst": {Standfirst: "a\x00b"},
		"label":      {Label: "advert"},
		"language":   {Language: "English"},
		"slug":       {Slug: "feed"},
		"category":   {Category: "no-such"},
		"also":       {Also: []string{"no-such"}},
		"authors":    {Authors: []string{"no-such"}},
		"image":      {Image: 999},
		"body":       {Body: strings.Repeat("x", article.MaxBody+1)},
		"comments":   {Comments: "sometimes"},
		"tags":       {Tags: []string{"a\x01b"}},
	}
	for field, d := range tests {
		_, err := n.store.Save(t.Context(), n.editor, id, article.SaveIn{Draft: d, Base: base})
		var invalid *fault.Invalid
		if !errors.As(err, &invalid) || invalid.Fields[field] == "" || len(invalid.Fields) != 1 {
			t.Errorf("a bad %s: %v, want a fault on it alone", field, err)
		}
	}
	if e, err := n.store.Edit(t.Context(), n.editor, id); err != nil || e.Head != base {
		t.Errorf("refused saves left revision %d, %v, want %d", e.Head, err, base)
	}
}

func TestOthersDraftsAreNotFound(t *testing.T) {
	n := newNewsroom(t)
	id, base := n.draft("Not yours")
	_, err := n.store.Save(t.Context(), n.author, id, article.SaveIn{Draft: article.Draft{Headline: "Mine"}, Base: base})
	if !errors.Is(err, fault.NotFound) {
		t.Errorf("an author saves another's draft: %v, want not found", err)
	}
	if _, err := n.store.Edit(t.Context(), n.author, id); !errors.Is(err, fault.NotFound) {
		t.Errorf("an author opens another's draft: %v, want not found", err)
	}
	if _, err := n.store.Edit(t.Context(), n.author, 1<<40); !errors.Is(err, fault.NotFound) {
		t.Errorf("an article that isn't: %v, want not found", err)
	}
}

// TestManySaveAtOnce lets many people save one article: each save is a revision, a merge or an overlap, and none is lost.
func TestManySaveAtOnce(t *testing.T) {
	n := newNewsroom(t)
	id, base := n.draft("Crowded")
	d, err := n.store.Revision(t.Context(), n.editor, id, base)
	if err != nil {
		t.Fatal(err)
	}
	const writers = 8
	var wg sync.WaitGroup
	errs := make([]error, writers)
	for i := range writers {
		wg.Go(func() {
			mine := d
			mine.Tags = append(mine.Tags[:len(mine.Tags):len(mine.Tags)], fmt.Sprintf("tag %d", i))
			_, errs[i] = n.store.Save(t.Context(), n.editor, id, article.SaveIn{Draft: mine, Base: base})
		})
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	e, err := n.store.Edit(t.Context(), n.editor, id)
	if err != nil || e.Head != base+writers || len(e.Draft.Tags) != 1+writers {
		t.Errorf("head %d with tags %v, %v, want %d revisions and all tags", e.Head, e.Draft.Tags, err, writers)
	}
}

// TestActsThatFailMidwayChangeNothing breaks each act at its last step, the audit row, and compares the tables before and after.
func TestActsThatFailMidwayChangeNothing(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	id, _ := n.published("Halfway")
	draft, base := n.draft("Not yet")
	d, err := n.store.Revision(ctx, n.editor, draft, base)
	if err != nil {
		t.Fatal(err)
	}
	d.Kicker = "Changed"
	state := func() (s string) {
		t.Helper()
		err := n.db.Owner.QueryRow(ctx, `
			SELECT concat_ws('|', (SELECT jsonb_agg(a ORDER BY id) FROM articles a), (SELECT count(*) FROM revisions), (SELECT count(*) FROM versions),
				(SELECT count(*) FROM publications), (SELECT count(*) FROM addresses), (SELECT count(*) FROM schedules), (SELECT count(*) FROM submissions),
				(SELECT count(*) FROM article_search), (SELECT count(*) FROM tags), (SELECT count(*) FROM log_queue))`).Scan(&s)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := state()
	if _, err := n.db.Owner.Exec(ctx, `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is full' USING ERRCODE = '53100'; END $$`); err != nil {
		t.Fatal(err)
	}
	if _, err := n.db.Owner.Exec(ctx, `CREATE TRIGGER fail BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION fail()`); err != nil {
		t.Fatal(err)
	}
	later := n.clock.now().AddDate(0, 0, 1)
	acts := map[string]func() error{
		"create": func() error { _, err := n.store.Create(ctx, n.editor, article.KindArticle, "k"); return err },
		"save": func() error {
			_, err := n.store.Save(ctx, n.editor, draft, article.SaveIn{Draft: d, Base: base, Key: "k"})
			return err
		},
		"publish": func() error {
			_, err := n.store.Publish(ctx, n.editor, draft, article.PublishIn{Revision: base, Key: "k"})
			return err
		},
		"schedule": func() error {
			_, err := n.store.Publish(ctx, n.editor, draft, article.PublishIn{Revision: base, At: &later})
			return err
		},
		"append": func() error {
			_, err := n.store.Append(ctx, n.editor, id, article.NoticeIn{Kind: article.Update, Notice: "x", Key: "k"})
			return err
		},
		"retract":          func() error { return n.store.Retract(ctx, n.editor, id, "x") },
		"withdraw":         func() error { return n.store.Withdraw(ctx, n.editor, id, "x") },
		"withhold":         func() error { return n.store.Withhold(ctx, n.admin, id, []int{1}, "x") },
		"submit":           func() error { return n.store.Submit(ctx, n.editor, draft) },
		"trash":            func() error { return n.store.Trash(ctx, n.editor, draft) },
		"restore_revision": func() error { _, err := n.store.RestoreRevision(ctx, n.editor, draft, 1); return err },
	}
	for name, act := range acts {
		if err := act(); err == nil {
			t.Errorf("%s succeeded without its audit row", name)
		}
		if after := state(); after != before {
			t.Errorf("%s failed and changed:\n%s\n%s", name, before, after)
		}
	}
}
