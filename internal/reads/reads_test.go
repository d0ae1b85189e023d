package reads_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/pgtest"
	"stet/internal/reads"
	"stet/internal/settings"
	"stet/internal/staff"
)

// desk is a newsroom with two public articles, at noon.
type desk struct {
	*testing.T
	db   *pgtest.DB
	now  time.Time
	kept *reads.Store
	ids  [2]int64
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t, db: pgtest.New(t), now: time.Date(2026, 6, 16, 12, 20, 0, 0, time.UTC)}
	d.kept = reads.New(d.db.App)
	d.kept.Now = func() time.Time { return d.now }
	s := article.New(d.db.App, settings.NewSource(d.db.App))
	s.Now = d.kept.Now
	for i, headline := range []string{"One", "Two"} {
		id, err := s.Create(t.Context(), staff.System(), article.KindArticle, "")
		d.must(err)
		saved, err := s.Save(t.Context(), staff.System(), id, article.SaveIn{Draft: article.Draft{Headline: headline, Body: "<p>Words.</p>"}, Base: 1})
		d.must(err)
		_, err = s.Publish(t.Context(), staff.System(), id, article.PublishIn{Revision: saved.Number})
		d.must(err)
		d.ids[i] = id
	}
	return d
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) figures(article int64, zone *time.Location) reads.Figures {
	d.Helper()
	f, err := d.kept.Figures(d.Context(), article, zone)
	d.must(err)
	return f
}

func TestFigures(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	seoul, err := time.LoadLocation("Asia/Seoul")
	d.must(err)
	d.must(d.kept.Add(t.Context(), []reads.Read{
		{d.ids[0], d.now, 2}, {d.ids[0], d.now.Add(-time.Minute), 3}, {d.ids[0], d.now.Add(-time.Hour), 4}, {d.ids[0], d.now.Add(-47 * time.Hour), 5},
		{d.ids[0], d.now.Add(-29 * 24 * time.Hour), 6}, {d.ids[0], d.now.Add(-40 * 24 * time.Hour), 7}, {d.ids[1], d.now, 1}, {999999, d.now, 1}, {d.ids[1], d.now, 0}}))
	d.must(d.kept.Add(t.Context(), []reads.Read{{d.ids[0], d.now, 1}}))
	f := d.figures(d.ids[0], seoul)
	if len(f.Hours) != reads.HoursShown || len(f.Days) != reads.DaysShown || f.Total != 28 {
		t.Fatalf("%d hours, %d days, %d in all; want %d, %d, 28", len(f.Hours), len(f.Days), f.Total, reads.HoursShown, reads.DaysShown)
	}
	last := f.Hours[reads.HoursShown-1]
	if last.N != 6 || !last.At.Equal(d.now.Truncate(time.Hour)) || f.Hours[reads.HoursShown-2].N != 4 || f.Hours[0].N != 5 {
		t.Errorf("hours = %+v", f.Hours)
	}
	// In Seoul it is the evening of the 16th; 47 hours ago was the evening of the 14th.
	today := f.Days[reads.DaysShown-1]
	if today.N != 10 || today.At.Format(time.DateTime) != "2026-06-16 00:00:00" || f.Days[reads.DaysShown-3].N != 5 || f.Days[0].N != 6 {
		t.Errorf("days = %+v", f.Days)
	}
	if f := d.figures(d.ids[1], time.UTC); f.Total != 1 {
		t.Errorf("the other article has %d reads, want 1", f.Total)
	}
	if _, err := d.kept.Figures(t.Context(), 999999, time.UTC); !errors.Is(err, fault.NotFound) {
		t.Errorf("figures of nothing: %v, want not found", err)
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	old := d.now.Add(-reads.Kept)
	d.must(d.kept.Add(t.Context(), []reads.Read{{d.ids[0], d.now, 1}, {d.ids[0], old.Add(-time.Hour), 2}, {d.ids[0], old.Add(-2 * time.Hour), 3}, {d.ids[0], old.Add(-30 * time.Hour), 4}}))
	for range 2 {
		d.must(d.kept.Prune(t.Context()))
	}
	d.must(d.kept.Add(t.Context(), []reads.Read{{d.ids[0], old.Add(-3 * time.Hour), 5}}))
	d.must(d.kept.Prune(t.Context()))
	var hours, days, most int
	d.must(d.db.Owner.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM article_reads), count(*), max(reads) FROM article_read_days`).Scan(&hours, &days, &most))
	if hours != 1 || days != 2 || most != 10 {
		t.Errorf("%d hours, %d days, most %d; want 1, 2, 10", hours, days, most)
	}
	if f := d.figures(d.ids[0], time.UTC); f.Total != 15 {
		t.Errorf("%d reads in all, want 15", f.Total)
	}
}

func TestMostRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	list := article.NewReader(d.db.Reader)
	d.must(d.kept.Add(t.Context(), []reads.Read{{d.ids[0], d.now, 2}, {d.ids[1], d.now, 1}, {d.ids[1], d.now.Add(-3 * time.Hour), 2}, {d.ids[0], d.now.Add(-30 * time.Hour), 9}}))
	for enough, want := range map[int]int64{2: d.ids[1], 3: d.ids[0]} {
		got, longer, err := list.LiveMostRead(t.Context(), d.now.Add(-24*time.Hour), d.now.Add(-7*24*time.Hour), enough)
		d.must(err)
		if len(got) != 2 || got[0].ID != want || longer != (enough == 3) {
			t.Errorf("most read, %d wanted: %+v, %v; want article %d first of 2", enough, got, longer, want)
		}
	}
	if got, _, err := list.LiveMostRead(t.Context(), d.now.Add(time.Hour), d.now.Add(time.Hour), 5); err != nil || len(got) != 0 {
		t.Errorf("most read in time to come: %v, %v", got, err)
	}
}

// TestCounterKeepsWhatFails counts while the database refuses, past the turn of an hour.
func TestCounterKeepsWhatFails(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := reads.NewCounter(d.kept, d.kept.Now)
	kept := c.Of(d.ids[0])
	kept.Add()
	c.Add(d.ids[0])
	c.Add(d.ids[1])
	ended, end := context.WithCancel(t.Context())
	end()
	if err := c.Flush(ended); err == nil {
		t.Fatal("a flush over a connection that ended succeeded")
	}
	d.now = d.now.Add(time.Hour)
	kept.Add() // a pointer that was taken before a flush goes on counting
	d.must(c.Flush(t.Context()))
	d.must(c.Flush(t.Context()))
	f := d.figures(d.ids[0], time.UTC)
	if got := f.Hours[reads.HoursShown-2:]; got[0].N != 2 || got[1].N != 1 {
		t.Errorf("hours = %+v, want 2 and 1", got)
	}
	if f := d.figures(d.ids[1], time.UTC); f.Total != 1 {
		t.Errorf("the other article has %d reads, want 1", f.Total)
	}
}
