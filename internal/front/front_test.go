package front_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"stet/internal/fault"
	"stet/internal/front"
)

// TestFillsItself has a front that nobody touched: the newest lead, the sections show the rest, nothing twice.
func TestFillsItself(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.want("- - - - | - - - - | - - - -")
	d.publish("sea", names("s", 6)...)
	d.publish("land", names("l", 3)...)
	d.want("l3 l2 l1 s6 | s5 s4 s3 s2 | - - - -")
}

// TestPlaced puts articles in places: they stand there and nowhere else, with and without an end.
func TestPlaced(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.publish("sea", names("s", 6)...)
	l := d.publish("land", names("l", 3)...)
	d.put(s[0], 0, 1)
	d.want("*s1 l3 l2 l1 | s6 s5 s4 s3 | - - - -")
	d.put(l[2], d.land.ID, 2)
	d.want("*s1 l2 l1 s6 | s5 s4 s3 s2 | - *l3 - -")
	d.put(s[1], 0, 1, time.Time{}, hour(18))
	d.want("*s2 l2 l1 s6 | s5 s4 s3 s1 | - *l3 - -")
	d.pass(8 * time.Hour)
	d.pass(30 * time.Minute)
	d.want("*s1 l2 l1 s6 | s5 s4 s3 s2 | - *l3 - -")
	d.put(s[2], 0, 1)
	d.want("*s3 l2 l1 s6 | s5 s4 s2 s1 | - *l3 - -")
	// What it took the place of for good doesn't come back.
	b := d.board(0)
	_, err := d.store.Off(t.Context(), d.editor, front.OneIn{Place: front.Slot{Place: 1}, Placing: b.Zones[0].Places[0].Placing, Seen: b.Seen})
	d.must(err)
	d.want("l2 l1 s6 s5 | s4 s3 s2 s1 | - *l3 - -")
	// An article stands in one place: put elsewhere, it leaves the one it has.
	d.put(l[2], 0, 4)
	d.want("l2 l1 s6 *l3 | s5 s4 s3 s2 | - - - -")
}

// TestWaits has places keep what they have until what waits for them is public, and passes over what isn't any longer.
func TestWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.publish("sea", names("s", 3)...)
	d.put(s[0], 0, 1)
	later := d.schedule("later", "land", hour(18))
	d.put(later, 0, 1)
	never, _ := d.draft("never", "land")
	d.put(never, 0, 2)
	d.want("*s1 s3 s2 - | - - - - | - - - -")
	d.pass(time.Hour)
	// Whoever is put there meanwhile gives way as well: they saw what is in line.
	d.put(s[1], 0, 1)
	d.want("*s2 s3 s1 - | - - - - | - - - -")
	p := d.board(0).Zones[0].Places[0]
	if p.Next == nil || p.Next.Headline != "later" || !p.Next.At.Equal(hour(18)) || len(p.Line) != 1 || !p.Line[0].Scheduled {
		t.Errorf("place 1 is %+v with next %+v, want later at 18:00", p, p.Next)
	}
	d.pass(9 * time.Hour)
	d.want("*later s3 s2 s1 | - - - - | - - - -")
	d.must(d.retract(later))
	d.want("*s2 s3 s1 - | - - - - | - - - -")
}

func (d *desk) retract(id int64) error {
	return d.articles.Retract(d.Context(), d.editor, id, "<p>It doesn't hold.</p>")
}

// TestTimes has placings begin and end by themselves, and says when.
func TestTimes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.publish("sea", names("s", 4)...)
	d.put(s[0], 0, 1, hour(12), hour(14))
	d.put(s[1], 0, 1, hour(13))
	next := func() string {
		live, err := d.reader.Live(t.Context(), 0)
		d.must(err)
		if live.Next.IsZero() {
			return ""
		}
		return live.Next.UTC().Format("15:04")
	}
	for _, step := range []struct {
		by   time.Duration
		lead string
		next string
	}{{0, "s4", "12:00"}, {3 * time.Hour, "*s1", "13:00"}, {time.Hour, "*s2", "14:00"}, {time.Hour, "*s2", ""}} {
		d.pass(step.by)
		if got := strings.Fields(d.shows())[0]; got != step.lead || next() != step.next {
			t.Errorf("at %s place 1 has %s until %q, want %s until %q", d.now().Format("15:04"), got, next(), step.lead, step.next)
		}
	}
}

// TestMove swaps what stands in two places, and takes what fills itself along.
func TestMove(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.publish("sea", names("s", 6)...)
	d.put(s[0], 0, 1, time.Time{}, hour(18))
	d.put(s[1], 0, 2)
	move := func(id int64, from, to front.Slot) {
		t.Helper()
		_, err := d.store.Move(t.Context(), d.editor, front.MoveIn{From: from, To: to, Article: id, Seen: d.board(0).Seen})
		d.must(err)
	}
	d.want("*s1 *s2 s6 s5 | s4 s3 - - | - - - -")
	move(s[0], front.Slot{Place: 1}, front.Slot{Place: 2})
	d.want("*s2 *s1 s6 s5 | s4 s3 - - | - - - -")
	if until := d.board(0).Zones[0].Places[1].Stands.Until; !until.Equal(hour(18)) {
		t.Errorf("s1 stands until %s, want 18:00 as before", until)
	}
	move(s[3], front.Slot{Zone: d.sea.ID, Place: 1}, front.Slot{Place: 1})
	d.want("*s4 *s1 s6 s5 | *s2 s3 - - | - - - -")
	move(s[1], front.Slot{Zone: d.sea.ID, Place: 1}, front.Slot{Place: 4})
	d.want("*s4 *s1 s6 *s2 | s5 s3 - - | - - - -")
}

// TestRefused is about what can't be done.
func TestRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.publish("sea", names("s", 2)...)
	ctx := t.Context()
	in := front.PutIn{To: front.Slot{Place: 1}, Article: s[0]}
	if _, err := d.store.Put(ctx, d.author, in); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an author's Put = %v", err)
	}
	if _, err := d.store.Ahead(ctx, d.author, 0, time.Time{}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an author looks ahead: %v", err)
	}
	if _, err := d.store.Board(ctx, d.author, 0, time.Time{}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an author's Board = %v", err)
	}
	try := func(change func(*front.PutIn), field, what string) {
		t.Helper()
		bad := in
		change(&bad)
		_, err := d.store.Put(ctx, d.editor, bad)
		fieldFault(t, err, field, what)
	}
	for _, slot := range []front.Slot{{Place: 0}, {Place: 5}, {Zone: d.sea.ID, Place: 5}, {Zone: 99, Place: 1}} {
		try(func(p *front.PutIn) { p.To = slot }, "to", "front.place.unknown")
	}
	try(func(p *front.PutIn) { p.Category, p.To = d.sea.ID, front.Slot{Zone: d.sea.ID, Place: 1} }, "to", "front.place.unknown")
	try(func(p *front.PutIn) { p.Article = 999 }, "article", "front.article.gone")
	try(func(p *front.PutIn) { p.Until = d.now() }, "until", "front.until.past")
	try(func(p *front.PutIn) { p.From, p.Until = hour(18), hour(17) }, "until", "front.until.past")
	try(func(p *front.PutIn) { p.From = d.now().AddDate(11, 0, 0) }, "from", "front.far")
	d.must(d.retract(s[1]))
	try(func(p *front.PutIn) { p.Article = s[1] }, "article", "front.article.gone")
	if _, err := d.store.Put(ctx, d.editor, front.PutIn{Category: 99, To: front.Slot{Place: 1}, Article: s[0]}); !errors.Is(err, fault.NotFound) {
		t.Errorf("Put on the front of no category = %v", err)
	}
	if _, err := d.store.Off(ctx, d.editor, front.OneIn{Place: front.Slot{Place: 1}, Placing: 99}); !errors.Is(err, fault.NotFound) {
		t.Errorf("Off of nothing = %v", err)
	}
	draft, _ := d.draft("draft", "sea")
	_, err := d.store.Move(ctx, d.editor, front.MoveIn{From: front.Slot{Place: 1}, To: front.Slot{Place: 2}, Article: draft})
	fieldFault(t, err, "article", "front.article.gone")
	for i := range 20 {
		d.put(s[0], 0, 3, hour(12).Add(time.Duration(i)*time.Minute), hour(20))
		if i == 0 {
			continue
		}
		if n := len(d.board(0).Zones[0].Places[2].Line); n != 1 {
			t.Fatalf("the same article is %d times in line", n)
		}
	}
}

// TestConflict has two editors at the same places: whoever didn't see what the other did is told who did what, and can go on from there.
func TestConflict(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.publish("sea", names("s", 4)...)
	d.put(s[0], 0, 1)
	seen := d.board(0).Seen
	_, err := d.store.Put(t.Context(), d.other, front.PutIn{To: front.Slot{Place: 1}, Article: s[1], Seen: seen})
	d.must(err)
	// Another place is none of it.
	_, err = d.store.Put(t.Context(), d.editor, front.PutIn{To: front.Slot{Place: 2}, Article: s[2], Seen: seen})
	d.must(err)
	_, err = d.store.Put(t.Context(), d.editor, front.PutIn{To: front.Slot{Place: 1}, Article: s[3], Seen: seen})
	var changed *front.Changed
	if !errors.As(err, &changed) || !errors.Is(err, fault.Conflict) || len(changed.Places) != 1 {
		t.Fatalf("Put unseen = %v, want a conflict about one place", err)
	}
	if p := changed.Places[0]; p.Slot != (front.Slot{Place: 1}) || p.By != "Oth Er" || p.Headline != "s2" || p.Act != "put" || !p.When.Equal(d.now()) {
		t.Errorf("the conflict says %+v", p)
	}
	_, err = d.store.Put(t.Context(), d.editor, front.PutIn{To: front.Slot{Place: 1}, Article: s[3], Seen: d.board(0).Seen})
	d.must(err)
	d.want("*s4 *s3 s2 s1 | - - - - | - - - -")
}

// TestTwoAtOnce lets many editors change one place at the same moment with the same knowledge: one of them does.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.publish("sea", names("s", 8)...)
	var won, told sync.Map
	var all sync.WaitGroup
	for i, id := range s {
		all.Go(func() {
			_, err := d.store.Put(t.Context(), d.editor, front.PutIn{To: front.Slot{Place: 1}, Article: id})
			var changed *front.Changed
			switch {
			case err == nil:
				won.Store(i, id)
			case errors.As(err, &changed):
				told.Store(i, id)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n, m := size(&won), size(&told); n != 1 || m != len(s)-1 {
		t.Errorf("%d puts won and %d were told, want 1 and %d", n, m, len(s)-1)
	}
}

func size(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}
