package article_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/markup"
)

// TestOverlapWhileAScheduleWaits: a change waits for its time when two people meet in another paragraph. What is kept aside is no part of what
// goes public; the schedule holds its own revision, and the choice made afterwards stays a draft.
func TestOverlapWhileAScheduleWaits(t *testing.T) {
	n := newNewsroom(t)
	id, path := n.published("Meanwhile")
	d, err := n.store.Revision(t.Context(), n.editor, id, 2)
	if err != nil {
		t.Fatal(err)
	}
	change := d
	change.Body = strings.Replace(d.Body, "Nobody dared", "Hardly anybody dared", 1)
	rev := n.save(id, 2, change)
	n.schedule(id, article.PublishIn{Revision: rev, Kind: article.Update, Notice: "<p>More.</p>"}, time.Hour)

	mine, theirs := change, change
	theirs.Body = strings.Replace(change.Body, "the lamp", "their lamp", 1)
	mine.Body = strings.Replace(change.Body, "the lamp", "my lamp", 1)
	n.save(id, rev, theirs)
	var o *article.Overlap
	if _, err := n.store.Save(t.Context(), n.admin, id, article.SaveIn{Draft: mine, Base: rev}); !errors.As(err, &o) {
		t.Fatalf("both changed one paragraph: %v", err)
	}
	if e, err := n.store.Edit(t.Context(), n.editor, id); err != nil || len(e.Schedules) != 1 || e.Schedules[0].Failed != "" {
		t.Fatalf("schedules after the overlap = %+v, %v, want the one that waits", e.Schedules, err)
	}
	choose := article.ResolveIn{Aside: o.Aside, Head: o.Head, Choices: map[string]article.Choice{o.Blocks[0].ID: {Keep: article.KeepBoth}}}
	if _, err := n.store.Resolve(t.Context(), n.admin, id, choose); err != nil {
		t.Fatal(err)
	}
	n.clock.tick(time.Hour)
	n.due(1)
	if text := markup.Join(n.live(path).Blocks); !strings.Contains(text, "Hardly anybody") || strings.Contains(text, "my lamp") || strings.Contains(text, "their lamp") {
		t.Errorf("readers see %s, want the scheduled change and nothing else", text)
	}
	e, err := n.store.Edit(t.Context(), n.editor, id)
	if err != nil || !strings.Contains(e.Draft.Body, "my lamp") || !strings.Contains(e.Draft.Body, "their lamp") || !strings.Contains(e.Draft.Body, "Hardly anybody") {
		t.Errorf("the draft = %+v, %v, want both texts still in it", e.Draft, err)
	}
	if got := n.faults(); got != "" {
		t.Errorf("Verify finds:\n%s", got)
	}
}

// TestAsideIsNotPublished: a revision kept aside is nobody's newest, neither now nor at a time.
func TestAsideIsNotPublished(t *testing.T) {
	n := newNewsroom(t)
	id, o := n.clash("")
	at := n.clock.now().Add(time.Hour)
	for name, in := range map[string]article.PublishIn{"now": {Revision: o.Aside}, "at a time": {Revision: o.Aside, At: &at}} {
		if _, err := n.store.Publish(t.Context(), n.editor, id, in); err == nil {
			t.Errorf("published %s", name)
		}
	}
	// The newest goes public all the same, with the overlap still open.
	n.schedule(id, article.PublishIn{Revision: o.Head}, time.Hour)
	n.clock.tick(time.Hour)
	n.due(1)
	if text := markup.Join(n.live("/2026/06/two-at-once/").Blocks); !strings.Contains(text, "came on, late") || strings.Contains(text, "a lamp") {
		t.Errorf("readers see %s, want the newest", text)
	}
	if left, err := n.store.Overlap(t.Context(), n.admin, id, o.Aside); err != nil || len(left.Blocks) != 1 {
		t.Errorf("the overlap afterwards = %+v, %v, want it still to be chosen", left, err)
	}
}
