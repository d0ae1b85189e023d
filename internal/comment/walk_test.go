package comment_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/staff"
)

// walkActs is how many acts a walk takes that change something.
const walkActs = 1000

// standing is all that undoing has to put back: what readers and moderators see of comments, what is counted, and what the filter learned.
// Counts that are nothing are as good as rows that aren't there; of a pin it is whether, not since when.
const standing = `
	SELECT jsonb_pretty(jsonb_build_object(
		'comments', (SELECT jsonb_agg(jsonb_build_array(id, status, shown_text, pending_text, decided_at, pinned_at IS NOT NULL, erased_at, appealed_at) ORDER BY id) FROM comments),
		'counts', (SELECT jsonb_agg(jsonb_build_array(article_id, approved, last_at) ORDER BY article_id) FROM article_counts WHERE approved <> 0),
		'threads', (SELECT jsonb_agg(jsonb_build_array(root_id, article_id, at, shown, pinned_at IS NOT NULL) ORDER BY root_id) FROM comment_threads WHERE shown <> 0),
		'tokens', (SELECT jsonb_agg(jsonb_build_array(token, ham, spam) ORDER BY token) FROM spam_tokens WHERE ham + spam > 0),
		'totals', (SELECT jsonb_agg(jsonb_build_array(ham, spam)) FROM spam_totals),
		'lessons', (SELECT jsonb_agg(l ORDER BY l.comment_id) FROM spam_lessons l),
		'people', (SELECT jsonb_agg(jsonb_build_array(id, always_held) ORDER BY id) FROM commenters),
		'bans', (SELECT count(*) FROM bans WHERE lifted_at IS NULL),
		'opinions', (SELECT count(*) FROM second_opinions),
		'emergency', (SELECT comments_emergency FROM settings)))`

// walker does one random act after the other and remembers how to take each back.
type walker struct {
	*desk
	*rand.Rand
	actors []staff.Actor
	all    []int64
	people []int64
	banned map[int64]bool
	undo   []func() error
}

// TestWalkAndBack takes a thousand random acts, then takes all of them back in the other order: nothing is left of them but their log.
// STET_WALK_SEED repeats a walk.
func TestWalkAndBack(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("STET_WALK_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("STET_WALK_SEED=%d", seed)
	w := newWalker(t, seed)
	before := scan[string](w.desk, standing)
	kinds := map[string]int{}
	for len(w.undo) < walkActs {
		w.pass(time.Second)
		n := len(w.undo)
		kind, err := w.step()
		switch {
		case errors.Is(err, fault.Conflict), errors.Is(err, fault.Forbidden), errors.Is(err, fault.NotFound):
		case err != nil:
			if _, ok := errors.AsType[*fault.Invalid](err); !ok {
				t.Fatalf("%s = %v", kind, err)
			}
		}
		if len(w.undo) > n {
			kinds[kind]++
		}
	}
	t.Log(kinds)
	if scan[string](w.desk, standing) == before {
		t.Fatal("a thousand acts changed nothing")
	}
	for i, back := range slices.Backward(w.undo) {
		w.pass(time.Second)
		if err := back(); err != nil {
			t.Fatalf("taking back act %d = %v", i, err)
		}
	}
	if after := scan[string](w.desk, standing); after != before {
		t.Errorf("%s", firstDifference(before, after))
	}
}

func newWalker(t *testing.T, seed uint64) *walker {
	d := newDesk(t)
	d.exec(`UPDATE settings SET second_opinions = 3`)
	w := &walker{desk: d, Rand: rand.New(rand.NewPCG(seed, 1)), banned: map[int64]bool{}}
	for _, name := range []string{"One", "Two", "Three"} {
		w.actors = append(w.actors, d.person(name, staff.Moderator))
	}
	articles := []int64{d.article(), d.article()}
	for i := range 48 {
		in := d.guest(articles[i%2])
		if i%4 == 3 && i > 8 {
			in.Email = "again" + strconv.Itoa(i%3) + "@example.org"
		}
		if i > 8 && i%5 == 0 {
			in.Parent = w.all[i%2]
		}
		token, id := d.post(in)
		if i < 8 {
			d.decide(w.actors[0], id, comment.Approve)
		}
		if i == 2 || i == 3 {
			if err := d.Edit(t.Context(), token, "Another text "+strconv.Itoa(i)); err != nil {
				t.Fatal(err)
			}
		}
		w.all = append(w.all, id)
		d.pass(time.Minute)
	}
	d.exec(`DELETE FROM second_opinions`)
	rows, err := d.Super.Query(t.Context(), `SELECT id FROM commenters ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		w.people = append(w.people, id)
	}
	return w
}

func (w *walker) actor() staff.Actor { return w.actors[w.IntN(len(w.actors))] }
func (w *walker) comment() int64     { return w.all[w.IntN(len(w.all))] }

var walkDecisions = []comment.Act{comment.Approve, comment.Approve, comment.Reject, comment.MarkSpam, comment.Hold}

// step does something, and keeps how to undo it if it was done.
func (w *walker) step() (kind string, err error) {
	switch n := w.IntN(20); {
	case n < 10:
		return "decide", w.decideOne()
	case n < 13:
		return "bulk", w.bulk()
	case n < 15:
		return "pin", w.pin()
	case n < 16:
		return "ban", w.ban()
	case n < 18:
		return "second", w.second()
	case n < 19:
		return "hold", w.held()
	}
	return "emergency", w.emergency()
}

// pick names a comment as somebody who looks at it now sees it.
func (w *walker) pick(id int64) comment.Pick {
	i, err := w.CommentOf(w.t.Context(), w.actors[0], id)
	if err != nil {
		w.t.Fatal(err)
	}
	return i.Pick()
}

func (w *walker) decideOne() error {
	id, act := w.comment(), walkDecisions[w.IntN(len(walkDecisions))]
	if err := w.Decide(w.t.Context(), w.actor(), w.pick(id), act, "why"); err != nil {
		return err
	}
	by := w.actor()
	w.undo = append(w.undo, func() error { return w.Decide(w.t.Context(), by, comment.Pick{ID: id}, comment.Undo, "") })
	return nil
}

func (w *walker) bulk() error {
	var picks []comment.Pick
	for range 2 + w.IntN(6) {
		picks = append(picks, w.pick(w.comment()))
	}
	done, _, err := w.Bulk(w.t.Context(), w.actor(), picks, walkDecisions[w.IntN(len(walkDecisions))], "all of them")
	if err != nil || len(done) == 0 {
		return err
	}
	by := w.actor()
	w.undo = append(w.undo, func() error {
		var back []comment.Pick
		for _, id := range done {
			back = append(back, comment.Pick{ID: id})
		}
		_, failed, err := w.Bulk(w.t.Context(), by, back, comment.Undo, "")
		for _, e := range failed {
			err = errors.Join(err, e)
		}
		return err
	})
	return nil
}

func (w *walker) pin() error {
	id := w.all[w.IntN(8)]
	on := !scan[bool](w.desk, `SELECT pinned_at IS NOT NULL FROM comments WHERE id = $1`, id)
	if !on && w.IntN(2) == 0 || scan[string](w.desk, `SELECT status FROM comments WHERE id = $1`, id) != "approved" {
		return fault.NotFound
	}
	if err := w.Pin(w.t.Context(), w.actor(), id, on); err != nil {
		return err
	}
	by := w.actor()
	w.undo = append(w.undo, func() error { return w.Pin(w.t.Context(), by, id, !on) })
	return nil
}

// ban bans who isn't banned: a second ban replaces the first for good.
func (w *walker) ban() error {
	id := w.comment()
	person := scan[int64](w.desk, `SELECT commenter_id FROM comments WHERE id = $1`, id)
	if w.banned[person] {
		return fault.NotFound
	}
	made, err := w.Ban(w.t.Context(), w.actor(), comment.BanIn{CommentID: id, Reason: "enough", Network: w.IntN(2) == 0, HideAll: w.IntN(3) > 0})
	if err != nil {
		return err
	}
	w.banned[person] = true
	by := w.actor()
	w.undo = append(w.undo, func() error { return w.LiftBan(w.t.Context(), by, made, true) })
	return nil
}

func (w *walker) second() error {
	by := w.actor()
	wanted, _, err := w.Queue(w.t.Context(), by, comment.Filter{Status: comment.Second, Limit: 1})
	if err != nil || len(wanted) == 0 {
		return err
	}
	decision := wanted[0].Opinion
	if _, err := w.GiveOpinion(w.t.Context(), by, decision, []comment.Act{comment.Approve, comment.Reject, comment.MarkSpam}[w.IntN(3)]); err != nil {
		return err
	}
	w.undo = append(w.undo, func() error { return w.TakeOpinionBack(w.t.Context(), by, decision) })
	return nil
}

func (w *walker) held() error {
	person := w.people[w.IntN(len(w.people))]
	on := !scan[bool](w.desk, `SELECT always_held FROM commenters WHERE id = $1`, person)
	if err := w.SetHeld(w.t.Context(), w.actor(), person, on); err != nil {
		return err
	}
	by := w.actor()
	w.undo = append(w.undo, func() error { return w.SetHeld(w.t.Context(), by, person, !on) })
	return nil
}

func (w *walker) emergency() error {
	was, err := w.EmergencyNow(w.t.Context())
	if err != nil {
		return err
	}
	if err := w.Emergency(w.t.Context(), w.actor(), []string{"", "closed", "premoderated"}[w.IntN(3)]); err != nil {
		return err
	}
	by := w.actor()
	w.undo = append(w.undo, func() error { return w.Emergency(w.t.Context(), by, was) })
	return nil
}

// firstDifference shows where two texts part.
func firstDifference(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	from := max(0, n-300)
	return "before:\n" + a[from:min(len(a), n+300)] + "\n\nafter:\n" + b[from:min(len(b), n+300)]
}
