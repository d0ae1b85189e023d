package front_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/front"
)

// stored is all that stands in line, to the last column.
func (d *desk) stored() []map[string]any {
	d.Helper()
	rows, err := d.db.Super.Query(d.Context(), `SELECT * FROM front_placings ORDER BY id`)
	d.must(err)
	out, err := pgx.CollectRows(rows, pgx.RowToMap)
	d.must(err)
	return out
}

// TestUndoAll does two hundred acts at random, time going by, and takes them back from the last to the first: after each the table is as it was.
func TestUndoAll(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.publish("sea", names("s", 9)...)
	draft, _ := d.draft("draft", "sea")
	ids = append(ids, draft, d.schedule("later", "land", hour(15)))
	random := rand.New(rand.NewPCG(7, 7))
	slot := func() front.Slot {
		zones := []int64{0, d.sea.ID, d.land.ID}
		return front.Slot{Zone: zones[random.IntN(3)], Place: 1 + random.IntN(4)}
	}
	var acts []int64
	var before [][]map[string]any
	for len(acts) < 200 {
		d.pass(time.Duration(random.IntN(120)) * time.Second)
		was := d.stored()
		act, err := d.anyAct(random, slot, ids[random.IntN(len(ids))])
		var invalid *fault.Invalid
		if errors.As(err, &invalid) || err == nil && act == 0 {
			if !reflect.DeepEqual(d.stored(), was) {
				t.Fatal("an act that was refused changed something")
			}
			continue
		}
		d.must(err)
		acts, before = append(acts, act), append(before, was)
	}
	last := d.stored()
	for i := len(acts) - 1; i >= 0; i-- {
		if i > 0 && i%50 == 0 { // one that others stand on can't go first
			if _, _, err := d.store.Undo(t.Context(), d.editor, acts[0]); err != nil && !errors.Is(err, fault.Conflict) {
				t.Fatal(err)
			}
		}
		_, _, err := d.store.Undo(t.Context(), d.editor, acts[i])
		d.must(err)
		if !reflect.DeepEqual(d.stored(), before[i]) {
			t.Fatalf("after act %d was taken back the table isn't as it was", i)
		}
	}
	if len(before[0]) != 0 || len(last) == 0 {
		t.Errorf("the table had %d rows before and %d after, want none and some", len(before[0]), len(last))
	}
	if n := d.count(`SELECT count(*) FROM audit WHERE act LIKE 'front.%'`); n != 400 {
		t.Errorf("%d acts were logged, want 400", n)
	}
}

func (d *desk) count(sql string, args ...any) (n int) {
	d.Helper()
	d.must(d.db.Super.QueryRow(d.Context(), sql, args...).Scan(&n))
	return n
}

// anyAct does one of all acts, mostly a sensible one.
func (d *desk) anyAct(random *rand.Rand, slot func() front.Slot, id int64) (int64, error) {
	ctx, seen, now := d.Context(), d.board(0).Seen, d.now()
	soon := func() time.Time {
		if random.IntN(2) == 0 {
			return time.Time{}
		}
		return now.Add(time.Duration(1+random.IntN(60)) * time.Minute)
	}
	in := front.OneIn{Place: slot(), Seen: seen}
	for _, z := range d.board(0).Zones {
		for _, p := range z.Places {
			for _, one := range p.Line {
				in.Place, in.Placing = p.Slot, one.ID
			}
			if p.Stands != nil && (in.Placing == 0 || random.IntN(3) == 0) {
				in.Place, in.Placing = p.Slot, p.Stands.ID
			}
		}
	}
	switch n := random.IntN(10); {
	case n < 4 || in.Placing == 0:
		return d.store.Put(ctx, d.editor, front.PutIn{To: slot(), Article: id, From: soon(), Until: soon(), Seen: seen})
	case n < 7:
		return d.store.Move(ctx, d.editor, front.MoveIn{From: slot(), To: slot(), Article: id, Seen: seen})
	case n < 9:
		return d.store.Time(ctx, d.editor, in, soon(), soon())
	}
	return d.store.Off(ctx, d.editor, in)
}

// TestUndoRefused takes back an act whose place somebody changed since: that is told, with what stands there now.
func TestUndoRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.publish("sea", names("s", 3)...)
	first := d.put(s[0], 0, 1)
	second := d.put(s[1], 0, 1)
	_, _, err := d.store.Undo(t.Context(), d.editor, first)
	var changed *front.Changed
	if !errors.As(err, &changed) || len(changed.Places) != 1 || changed.Places[0].Headline != "s2" {
		t.Fatalf("Undo of an act that another stands on = %v", err)
	}
	acts := d.board(0).Acts
	if len(acts) != 2 || !acts[0].Undoable || acts[1].Undoable || acts[0].Headline != "s2" || acts[0].Place != 1 {
		t.Errorf("the history says %+v, want the newest undoable and the one before not", acts)
	}
	_, again, err := d.store.Undo(t.Context(), d.editor, second)
	d.must(err)
	d.want("*s1 s3 s2 - | - - - - | - - - -")
	// Undone is undone once, and can itself be undone.
	if _, _, err := d.store.Undo(t.Context(), d.editor, second); !errors.Is(err, fault.Conflict) {
		t.Errorf("a second Undo = %v, want a conflict", err)
	}
	_, _, err = d.store.Undo(t.Context(), d.editor, again)
	d.must(err)
	d.want("*s2 s3 s1 - | - - - - | - - - -")
	if _, _, err := d.store.Undo(t.Context(), d.editor, 9999); !errors.Is(err, fault.NotFound) {
		t.Errorf("Undo of nothing = %v", err)
	}
	if _, _, err := d.store.Undo(t.Context(), d.author, second); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an author's Undo = %v", err)
	}
}
