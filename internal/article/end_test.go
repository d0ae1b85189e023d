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

func TestUnscheduleClearsWhatFailed(t *testing.T) {
	n := newNewsroom(t)
	id, _ := n.failing("Cleared")
	e, err := n.store.Edit(t.Context(), n.editor, id)
	n.must(err)
	if !e.State.Failed || e.State.Scheduled || e.State.Status() != "live" || !strings.HasPrefix(e.Schedules[0].Failed, "article.schedule.overlap|") {
		t.Errorf("state = %+v, schedules = %+v, want failed for an overlap", e.State, e.Schedules)
	}
	n.must(n.store.Unschedule(t.Context(), n.editor, id, ""))
	if e, err := n.store.Edit(t.Context(), n.editor, id); err != nil || e.State.Failed || len(e.Schedules) != 0 {
		t.Errorf("after unschedule: %+v, %+v, %v", e.State, e.Schedules, err)
	}
	if err := n.store.Unschedule(t.Context(), n.editor, id, ""); !errors.Is(err, fault.Forbidden) {
		t.Errorf("unschedule twice: %v, want forbidden", err)
	}
	if got := n.needs(n.editor); len(got) != 0 {
		t.Errorf("it still needs %v", got)
	}
}

func (n *newsroom) record(id int64) []article.Publication {
	n.Helper()
	e, err := n.store.Edit(n.Context(), n.editor, id)
	n.must(err)
	return e.Record
}

func TestEnd(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	id, path := n.published("Ends")
	in := func(d time.Duration) time.Time { return n.clock.now().Add(d) }
	for name, err := range map[string]error{"no notice": n.store.End(ctx, n.editor, id, in(time.Hour), " "), "past": n.store.End(ctx, n.editor, id, in(-time.Minute), "Gone."),
		"far": n.store.End(ctx, n.editor, id, in(11*365*24*time.Hour), "Gone.")} {
		var invalid *fault.Invalid
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v, want a fault", name, err)
		}
	}
	draft, _ := n.draft("Not public")
	if err := n.store.End(ctx, n.editor, draft, in(time.Hour), "Gone."); !errors.Is(err, fault.Forbidden) {
		t.Errorf("end what isn't public: %v, want forbidden", err)
	}
	n.must(n.store.End(ctx, n.editor, id, in(3*time.Hour), "Too late."))
	n.must(n.store.End(ctx, n.editor, id, in(time.Hour), "The licence <b>ended</b>."))
	e, err := n.store.Edit(ctx, n.editor, id)
	n.must(err)
	if !e.State.Ends || e.State.Scheduled || e.State.Status() != "live" || len(e.Schedules) != 1 {
		t.Errorf("state = %+v, schedules = %+v, want one end", e.State, e.Schedules)
	}
	// Neither an update nor a change calls it off.
	n.append(id, article.Update, "<p>News.</p>", "")
	n.clock.tick(time.Hour)
	n.due(1)
	n.due(0)
	if got := n.record(id); len(got) != 3 || got[2].Kind != article.WithdrawnRow || !strings.Contains(got[2].Notice, "licence") {
		t.Errorf("at its time: %+v, want it withdrawn with its notice", got)
	}
	if f, err := n.reader.LiveByPath(ctx, path); err != nil || f.Gone == nil || f.Gone.State != article.Withdrawn {
		t.Errorf("readers find %+v, %v, want it withdrawn", f, err)
	}
	if got := n.faults(); got != "" {
		t.Errorf("Verify finds:\n%s", got)
	}
}

func TestEndAndChangeAtTheSameSecond(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	id, _ := n.published("Both")
	n.must(n.store.End(ctx, n.editor, id, n.clock.now().Add(time.Hour), "Gone."))
	rev := n.save(id, 2, article.Draft{Headline: "Both, changed", Body: body})
	n.schedule(id, article.PublishIn{Revision: rev, Kind: article.Minor}, time.Hour)
	n.clock.tick(time.Hour)
	n.due(2)
	if got := n.record(id); len(got) != 3 || got[1].Kind != article.Minor || got[2].Kind != article.WithdrawnRow {
		t.Errorf("record = %+v, want the change and then the end", got)
	}
	if e, err := n.store.Edit(ctx, n.editor, id); err != nil || e.State.Failed {
		t.Errorf("state = %+v, %v, want nothing failed", e.State, err)
	}
}

func TestEndIsCalledOff(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	end := func(headline string) int64 {
		id, _ := n.published(headline)
		n.must(n.store.End(ctx, n.editor, id, n.clock.now().Add(time.Hour), "Gone."))
		return id
	}
	retracted, chosen := end("Retracted"), end("Chosen")
	n.must(n.store.Retract(ctx, n.editor, retracted, "It does not hold."))
	rev := n.save(chosen, 2, article.Draft{Headline: "Chosen, changed", Body: body})
	n.schedule(chosen, article.PublishIn{Revision: rev, Kind: article.Minor}, time.Hour)
	if err := n.store.Unschedule(ctx, n.editor, chosen, article.FirstAct); err == nil {
		t.Error("called off what didn't wait")
	}
	n.must(n.store.Unschedule(ctx, n.editor, chosen, article.EndAct))
	if e, err := n.store.Edit(ctx, n.editor, chosen); err != nil || e.State.Ends || !e.State.Scheduled {
		t.Errorf("state = %+v, %v, want only the change to wait", e.State, err)
	}
	n.clock.tick(time.Hour)
	n.due(1)
}

func TestEndThatCantBe(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	id, _ := n.published("Withheld first")
	n.must(n.store.End(ctx, n.editor, id, n.clock.now().Add(time.Hour), "Gone."))
	n.must(n.store.Withhold(ctx, n.admin, id, []int{1}, "A court."))
	n.clock.tick(time.Hour)
	n.due(1)
	if e, err := n.store.Edit(ctx, n.editor, id); err != nil || !e.State.Failed || e.Schedules[0].Failed != "article.schedule.withheld" {
		t.Errorf("schedules = %+v, %v, want a failed end with its reason", e.Schedules, err)
	}
	if got := n.needs(n.editor); !slices.Equal(got, []string{"failed Withheld first"}) {
		t.Errorf("needs = %v", got)
	}
}

// What was withheld meanwhile doesn't come back with a change that was based on it.
func TestScheduledChangeOfWithheldBase(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	id, path := n.published("Base withheld")
	d, err := n.store.Revision(ctx, n.editor, id, 2)
	n.must(err)
	change := d
	change.Body = strings.Replace(d.Body, "A clause", "The clause", 1)
	rev := n.save(id, 2, change)
	n.schedule(id, article.PublishIn{Revision: rev, Kind: article.Update, Notice: "<p>More.</p>"}, time.Hour)
	restored, err := n.store.RestoreRevision(ctx, n.editor, id, 2)
	n.must(err)
	cut := d
	cut.Body = strings.Replace(d.Body, "Nobody dared to open it.", "It stood open.", 1)
	fixed := n.save(id, restored.Number, cut)
	_, err = n.store.Publish(ctx, n.editor, id, article.PublishIn{Revision: fixed, Kind: article.Correction, Notice: "<p>Cut.</p>"})
	n.must(err)
	n.must(n.store.Withhold(ctx, n.admin, id, []int{1}, "A court."))
	n.clock.tick(time.Hour)
	n.due(1)
	var text strings.Builder
	for _, b := range n.live(path).Blocks {
		text.WriteString(b.HTML)
	}
	if got := text.String(); strings.Contains(got, "Nobody dared") || !strings.Contains(got, "The clause") {
		t.Errorf("readers see %s, want the change without what was withheld", got)
	}
}

func TestTwoInstancesPerformOnce(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	const articles = 6
	ids := make([]int64, articles)
	for i := range ids {
		ids[i], _ = n.published("Ends " + string(rune('A'+i)))
		n.must(n.store.End(ctx, n.editor, ids[i], n.clock.now().Add(time.Hour), "Gone."))
	}
	n.clock.tick(time.Hour)
	done := make(chan int)
	for range 2 {
		go func() {
			got, err := n.store.PerformDue(ctx)
			if err != nil {
				t.Error(err)
			}
			done <- got
		}()
	}
	total := <-done + <-done
	for total < articles { // what one held while the other looked is left for the next second
		got, err := n.store.PerformDue(ctx)
		n.must(err)
		if got == 0 {
			break
		}
		total += got
	}
	if total != articles {
		t.Errorf("performed %d, want %d", total, articles)
	}
	for _, id := range ids {
		if got := n.record(id); len(got) != 2 {
			t.Errorf("record = %+v, want it withdrawn once", got)
		}
	}
}
