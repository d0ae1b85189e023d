package article_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

func picks(ids ...int64) []article.BulkPick {
	out := make([]article.BulkPick, len(ids))
	for i, id := range ids {
		out[i].ID = id
	}
	return out
}

func (n *newsroom) bulk(in article.BulkIn) article.BulkDone {
	n.Helper()
	done, err := n.store.Bulk(n.Context(), n.editor, in)
	n.must(err)
	return done
}

func (n *newsroom) tags(id int64) []string {
	n.Helper()
	e, err := n.store.Edit(n.Context(), n.editor, id)
	n.must(err)
	return e.Draft.Tags
}

func TestBulkTags(t *testing.T) {
	n := newNewsroom(t)
	draft, _ := n.draft("Draft")
	live, path := n.published("Live")
	changed, _ := n.published("Changed")
	n.save(changed, 2, article.Draft{Headline: "Changed, not public", Body: body})
	trashed, _ := n.draft("Trashed")
	n.must(n.store.Trash(t.Context(), n.editor, trashed))
	in := article.BulkIn{Act: article.BulkAddTag, Value: " Harbours ", Picks: picks(draft, live, changed, trashed, 999), Public: true, Key: "k"}
	done := n.bulk(in)
	if len(done.Changed) != 3 || done.Public != 1 || done.Waiting != 1 || len(done.Refused) != 2 || done.Refused[0].Headline != "Trashed" || done.Refused[1].Headline != "" {
		t.Errorf("done = %+v, want 3 changed, 1 public, 1 waiting, 2 refused", done)
	}
	if got := n.live(path); !slices.Contains(got.Content.Tags, "Harbours") || got.Record[1].Kind != article.Minor {
		t.Errorf("readers see %v with %+v", got.Content.Tags, got.Record)
	}
	if again := n.bulk(in); len(again.Changed) != 3 || again.Public != 1 || len(n.record(live)) != 2 {
		t.Errorf("the same form again = %+v", again)
	}
	in.Key, in.Value = "", "harbours"
	if done := n.bulk(in); done.Unchanged != 3 {
		t.Errorf("a tag that is there = %+v, want 3 unchanged", done)
	}
	// What something came after isn't taken back.
	n.save(draft, 3, article.Draft{Headline: "Draft", Body: "<p>More.</p>", Tags: []string{"Lights", "Harbours"}})
	undone := n.bulk(article.BulkIn{Act: article.BulkUndo, Picks: done.Changed})
	if len(undone.Changed) != 2 || undone.Public != 1 || len(undone.Refused) != 1 || undone.Refused[0].Why != "article.bulk.after" {
		t.Errorf("undone = %+v, want 2 taken back and 1 refused", undone)
	}
	if got := n.live(path); slices.Contains(got.Content.Tags, "Harbours") || len(got.Record) != 3 {
		t.Errorf("after undo readers see %v with %+v", got.Content.Tags, got.Record)
	}
	if !slices.Contains(n.tags(draft), "Harbours") || slices.Contains(n.tags(live), "Harbours") {
		t.Errorf("after undo: %v and %v", n.tags(draft), n.tags(live))
	}
	if got := n.faults(); got != "" {
		t.Errorf("Verify finds:\n%s", got)
	}
}

func TestBulkWithoutPublishing(t *testing.T) {
	n := newNewsroom(t)
	live, path := n.published("Live")
	done := n.bulk(article.BulkIn{Act: article.BulkRemoveTag, Value: "lights", Picks: picks(live)})
	if done.Waiting != 1 || done.Public != 0 || len(n.tags(live)) != 0 || !slices.Contains(n.live(path).Content.Tags, "Lights") {
		t.Errorf("done = %+v, want it to wait", done)
	}
	reviewed, path := n.published("In review")
	n.must(n.store.Submit(t.Context(), n.editor, reviewed))
	done = n.bulk(article.BulkIn{Act: article.BulkAddTag, Value: "Ports", Picks: picks(reviewed), Public: true})
	if done.Waiting != 1 || slices.Contains(n.live(path).Content.Tags, "Ports") {
		t.Errorf("done = %+v, want it to wait for who reviews it", done)
	}
}

func TestBulkCategoryAssignTrash(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	if _, err := taxonomy.New(n.db.App).Create(ctx, n.admin, taxonomy.CategoryIn{Name: "Ports", Slug: "ports"}); err != nil {
		t.Fatal(err)
	}
	a, _ := n.draft("A")
	b := n.begun(n.author, "B")
	if done := n.bulk(article.BulkIn{Act: article.BulkCategory, Value: "ports", Picks: picks(a, b)}); len(done.Changed) != 2 {
		t.Errorf("category: %+v", done)
	}
	if e, err := n.store.Edit(ctx, n.editor, a); err != nil || e.Draft.Category != "ports" {
		t.Errorf("category = %q, %v", e.Draft.Category, err)
	}
	done := n.bulk(article.BulkIn{Act: article.BulkAssign, Value: fmt.Sprint(n.author.ID), Picks: picks(a, b)})
	if len(done.Changed) != 1 || len(done.Refused) != 1 || done.Refused[0].Why != "article.assign.unknown" {
		t.Errorf("assign: %+v, want A refused, as its author can't see it", done)
	}
	if n.bulk(article.BulkIn{Act: article.BulkUndo, Picks: done.Changed}); n.beside(n.editor, b).Assigned.ID != 0 {
		t.Error("undo left it assigned")
	}
	done = n.bulk(article.BulkIn{Act: article.BulkTrash, Picks: picks(a, b)})
	if again := n.bulk(article.BulkIn{Act: article.BulkTrash, Picks: picks(a, b)}); len(done.Changed) != 2 || again.Unchanged != 2 {
		t.Errorf("trash = %+v, again %+v", done, again)
	}
	if undone := n.bulk(article.BulkIn{Act: article.BulkUndo, Picks: done.Changed}); len(undone.Changed) != 2 {
		t.Errorf("undone = %+v", undone)
	}
	// An author changes their own and learns nothing of others'.
	mine, err := n.store.Bulk(ctx, n.author, article.BulkIn{Act: article.BulkAddTag, Value: "Mine", Picks: picks(a, b)})
	if err != nil || len(mine.Changed) != 1 || len(mine.Refused) != 1 || mine.Refused[0].Headline != "" {
		t.Errorf("an author: %+v, %v", mine, err)
	}
}

func TestBulkThatCantBe(t *testing.T) {
	n := newNewsroom(t)
	id, _ := n.draft("A")
	for field, in := range map[string]article.BulkIn{
		"act":    {Act: "publish", Picks: picks(id)},
		"ids":    {Act: article.BulkTrash},
		"value":  {Act: article.BulkAddTag, Value: " ", Picks: picks(id)},
		"value ": {Act: article.BulkCategory, Value: "none", Picks: picks(id)},
		"ids ":   {Act: article.BulkTrash, Picks: make([]article.BulkPick, 201)},
	} {
		var invalid *fault.Invalid
		if _, err := n.store.Bulk(t.Context(), n.editor, in); !errors.As(err, &invalid) || invalid.Fields[strings.TrimSpace(field)] == "" {
			t.Errorf("%+v: %v, want a fault on %s", in, err, field)
		}
	}
	if _, err := n.store.Bulk(t.Context(), staff.Actor{ID: 1, Roles: staff.Roles{staff.Moderator}}, article.BulkIn{Act: article.BulkTrash, Picks: picks(id)}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a moderator: %v, want forbidden", err)
	}
	for _, text := range []string{"", "0", "-1", "1-", "1-x2", "1-r", "1-r-2", "a", "1-r99999999999"} {
		if p, err := article.ParseBulkPick(text); err == nil {
			t.Errorf("ParseBulkPick(%q) = %+v, want a fault", text, p)
		}
	}
	for _, p := range []article.BulkPick{{ID: 12}, {ID: 12, Done: 'r', N: 7}, {ID: 1, Done: 'a'}} {
		if got, err := article.ParseBulkPick(p.String()); err != nil || got != p {
			t.Errorf("ParseBulkPick(%q) = %+v, %v, want %+v", p, got, err, p)
		}
	}
}

func TestListInEachOrder(t *testing.T) {
	n := newNewsroom(t)
	for _, headline := range []string{"beta", "Alpha", "beta", "Gamma", ""} {
		n.clock.tick(time.Minute)
		id, rev := n.draft(headline)
		if headline == "Gamma" || headline == "Alpha" {
			n.schedule(id, article.PublishIn{Revision: rev}, time.Duration(len(headline)*int(headline[0]))*time.Minute)
			n.must(n.store.Assign(t.Context(), n.editor, id, n.admin.ID))
			_, err := n.store.WriteNote(t.Context(), n.editor, id, article.StaffNoteIn{Body: "Look."})
			n.must(err)
		}
	}
	for sort, want := range map[string]string{"": " Gamma beta Alpha beta", "headline": " Alpha beta beta Gamma", "scheduled": "Alpha Gamma beta beta "} {
		var got []string
		for before := ""; ; {
			l, err := n.store.List(t.Context(), n.editor, article.Filter{Sort: sort, Before: before, Limit: 2})
			n.must(err)
			for _, line := range l.Lines {
				got = append(got, line.Headline)
			}
			if before = l.Next; before == "" || len(got) > 5 {
				break
			}
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("by %q: %q, want %q", sort, text, want)
		}
	}
	l, err := n.store.List(t.Context(), n.editor, article.Filter{Assigned: n.admin.ID, Limit: 9})
	if err != nil || len(l.Lines) != 2 || l.Lines[0].Assigned != "Ada Min" || l.Lines[0].OpenNotes != 1 || len(l.Colleagues) != 3 {
		t.Errorf("assigned to the admin: %+v, %v", l, err)
	}
	for _, f := range []article.Filter{{Sort: "x"}, {Sort: "headline", Before: "!"}, {Sort: "headline", Before: "AP8"}, {Before: "!"}} {
		var invalid *fault.Invalid
		if _, err := n.store.List(t.Context(), n.editor, f); !errors.As(err, &invalid) {
			t.Errorf("%+v: %v, want a fault", f, err)
		}
	}
}
