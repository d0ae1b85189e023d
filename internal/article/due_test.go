package article_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/markup"
)

func (n *newsroom) due(want int) {
	n.Helper()
	if got, err := n.store.PerformDue(n.Context()); err != nil || got != want {
		n.Errorf("PerformDue = %d, %v, want %d", got, err, want)
	}
}

func (n *newsroom) schedule(id int64, in article.PublishIn, in2 time.Duration) {
	n.Helper()
	at := n.clock.now().Add(in2)
	in.At = &at
	if _, err := n.store.Publish(n.Context(), n.editor, id, in); err != nil {
		n.Fatalf("schedule: %v", err)
	}
}

func TestScheduledFirstPublication(t *testing.T) {
	n := newNewsroom(t)
	id, revision := n.draft("At its time")
	n.schedule(id, article.PublishIn{Revision: revision}, time.Hour)
	n.clock.tick(59 * time.Minute)
	n.due(0)
	if _, err := n.reader.LiveByPath(t.Context(), "/2026/06/at-its-time/"); !errors.Is(err, fault.NotFound) {
		t.Errorf("public before its time: %v", err)
	}
	n.clock.tick(time.Minute)
	n.due(1)
	n.due(0)
	if got := n.live("/2026/06/at-its-time/"); got.Number != 1 || got.Record[0].Kind != article.Original {
		t.Errorf("published = %+v, want one original row", got.Record)
	}
}

func TestScheduledChangeMergesWithWhatWentPublicMeanwhile(t *testing.T) {
	n := newNewsroom(t)
	id, path := n.published("Merged at its time")
	d, err := n.store.Revision(t.Context(), n.editor, id, 2)
	if err != nil {
		t.Fatal(err)
	}
	change, correction := d, d
	change.Body = strings.Replace(d.Body, "Nobody dared", "Hardly anybody dared", 1)
	rev := n.save(id, 2, change)
	n.schedule(id, article.PublishIn{Revision: rev, Kind: article.Update, Notice: "<p>More.</p>"}, time.Hour)
	correction.Body = strings.Replace(d.Body, "21:14", "21:41", 1)
	restored, err := n.store.RestoreRevision(t.Context(), n.editor, id, 2)
	if err != nil {
		t.Fatal(err)
	}
	fixed := n.save(id, restored.Number, correction)
	if _, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: fixed, Kind: article.Correction, Notice: "<p>21:41.</p>"}); err != nil {
		t.Fatal(err)
	}
	n.clock.tick(time.Hour)
	n.due(1)
	text := markup.Join(n.live(path).Blocks)
	if !strings.Contains(text, "21:41") || !strings.Contains(text, "Hardly anybody") {
		t.Errorf("readers see %s, want the correction and the scheduled change", text)
	}
	if got := n.faults(); got != "" {
		t.Errorf("Verify finds:\n%s", got)
	}
}

func TestScheduledChangeThatOverlapsIsRefused(t *testing.T) {
	n := newNewsroom(t)
	id, path := n.published("Refused at its time")
	d, err := n.store.Revision(t.Context(), n.editor, id, 2)
	if err != nil {
		t.Fatal(err)
	}
	change, correction := d, d
	change.Body = strings.Replace(d.Body, "21:14", "21:15", 1)
	rev := n.save(id, 2, change)
	n.schedule(id, article.PublishIn{Revision: rev, Kind: article.Update, Notice: "<p>More.</p>"}, time.Hour)
	correction.Body = strings.Replace(d.Body, "21:14", "21:41", 1)
	fixed := n.save(id, rev, correction)
	if _, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: fixed, Kind: article.Correction, Notice: "<p>21:41.</p>"}); err != nil {
		t.Fatal(err)
	}
	n.clock.tick(time.Hour)
	n.due(1)
	n.due(0)
	if text := markup.Join(n.live(path).Blocks); !strings.Contains(text, "21:41") {
		t.Errorf("readers see %s, want the correction to stand", text)
	}
	e, err := n.store.Edit(t.Context(), n.editor, id)
	if err != nil || len(e.Schedules) != 1 || e.Schedules[0].Failed == "" {
		t.Errorf("schedules = %+v, %v, want one that failed, with its reason", e.Schedules, err)
	}
	mended := n.save(id, e.Head, article.Draft{Headline: "Refused at its time", Body: "<p>Mended by hand.</p>"})
	if _, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: mended, Kind: article.Update, Notice: "<p>More.</p>"}); err != nil {
		t.Fatal(err)
	}
	if e, err := n.store.Edit(t.Context(), n.editor, id); err != nil || len(e.Schedules) != 0 {
		t.Errorf("schedules after a person published = %+v, %v, want none", e.Schedules, err)
	}
}

func TestEmbargo(t *testing.T) {
	n := newNewsroom(t)
	id, revision := n.draft("Embargoed")
	d, err := n.store.Revision(t.Context(), n.editor, id, revision)
	if err != nil {
		t.Fatal(err)
	}
	until := n.clock.now().Add(2 * time.Hour)
	d.Embargo, d.Kicker = &until, "Wait"
	revision = n.save(id, revision, d)
	early := until.Add(-time.Minute)
	for name, in := range map[string]article.PublishIn{"now": {Revision: revision}, "scheduled before it": {Revision: revision, At: &early}} {
		if _, err := n.store.Publish(t.Context(), n.admin, id, in); err == nil {
			t.Errorf("published %s", name)
		}
	}
	lifted := d
	lifted.Embargo = nil
	if _, err := n.store.Save(t.Context(), n.editor, id, article.SaveIn{Draft: lifted, Base: revision}); err == nil {
		t.Error("an editor lifted the embargo")
	}
	if _, err := n.store.Save(t.Context(), n.admin, id, article.SaveIn{Draft: lifted, Base: revision}); err != nil {
		t.Errorf("an admin lifts the embargo: %v", err)
	}
	var logged int
	if err := n.db.Owner.QueryRow(t.Context(), `SELECT count(*) FROM audit WHERE act = 'article.embargo' AND actor = $1`, n.admin.ID).Scan(&logged); err != nil || logged != 1 {
		t.Errorf("lifting it is logged %d times, %v, want once", logged, err)
	}
	if _, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: revision}); err != nil {
		t.Errorf("publish after it was lifted: %v", err)
	}
}

func TestUnscheduleAndOvertake(t *testing.T) {
	n := newNewsroom(t)
	off, rev := n.draft("Called off")
	n.schedule(off, article.PublishIn{Revision: rev}, time.Hour)
	if err := n.store.Unschedule(t.Context(), n.editor, off, ""); err != nil {
		t.Fatal(err)
	}
	sooner, rev := n.draft("Sooner")
	n.schedule(sooner, article.PublishIn{Revision: rev}, time.Hour)
	n.schedule(sooner, article.PublishIn{Revision: rev}, 2*time.Hour)
	if _, err := n.store.Publish(t.Context(), n.editor, sooner, article.PublishIn{Revision: rev}); err != nil {
		t.Fatal(err)
	}
	n.clock.tick(3 * time.Hour)
	n.due(0)
	if got := n.live("/2026/06/sooner/"); len(got.Record) != 1 {
		t.Errorf("record = %+v, want one row", got.Record)
	}
}
