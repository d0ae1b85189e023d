package comment_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/staff"
)

// TestThreadGoesOnOverPages reads one long thread and one deep one page by page.
func TestThreadGoesOnOverPages(t *testing.T) {
	d := newDesk(t)
	article := d.article()
	root := d.said(article, 0, "root")
	a := d.said(article, root, "a")
	for i := range 47 {
		d.said(article, a, fmt.Sprint(i))
	}
	d.said(article, root, "b")
	d.said(article, a, "late")
	d.said(article, d.said(article, root, "c"), "cc")
	second := d.thread(article, comment.Oldest, 2)
	if got, want := shape(second.Comments), ".b<<root .c<<root ..cc<c"; got != want || second.Total != 53 || second.Pages != 2 {
		t.Errorf("page 2 of a long thread: %s (%d on %d pages), want %s", got, second.Total, second.Pages, want)
	}
	deep := d.article()
	at := int64(0)
	for i := range 120 {
		at = d.said(deep, at, fmt.Sprint(i))
	}
	third := d.thread(deep, comment.Replied, 3)
	if got := shape(third.Comments[:2]); len(third.Comments) != 20 || got != "..~100<<99 ..~101<100" {
		t.Errorf("page 3 of a deep thread: %d comments, %s", len(third.Comments), got)
	}
}

// flat is how all comments of an article follow each other, found without the counts.
func (d *desk) flat(article int64, order comment.Order) []int64 {
	d.t.Helper()
	rows, err := d.Super.Query(d.t.Context(), fmt.Sprintf(`
		SELECT c.id
		FROM live_comments c
		JOIN comments r ON r.id = c.root_id
		JOIN (SELECT root_id, count(*) AS shown FROM live_comments GROUP BY root_id) n ON n.root_id = c.root_id
		ORDER BY CASE WHEN r.status = 'approved' AND r.erased_at IS NULL THEN r.pinned_at END NULLS LAST,
			%s, c.root_id, c.path, c.id`, map[comment.Order]string{comment.Oldest: "r.posted_at", comment.Newest: "r.posted_at DESC", comment.Replied: "n.shown DESC, r.posted_at"}[order]))
	if err != nil {
		d.t.Fatal(err)
	}
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			d.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// TestThreadsAfterManyActs lets a random walk of everything that makes comments appear and vanish pass over an article. The counts of its
// threads are right after each act; at the end all pages together are all comments, and every comment is found where its place says.
func TestThreadsAfterManyActs(t *testing.T) {
	d := newDesk(t)
	article, actor := d.article(), d.moderator()
	d.exec(`UPDATE settings SET comments_per_email = 1000, comments_per_address = 1000`)
	var ids []int64
	var tokens []string
	r := rand.New(rand.NewPCG(7, 11))
	for range 260 {
		var parent int64
		if len(ids) > 0 && r.IntN(3) > 0 {
			parent = ids[r.IntN(len(ids))]
		}
		ids = append(ids, d.said(article, parent, fmt.Sprint(len(ids))))
	}
	acts := []comment.Act{comment.Approve, comment.Reject, comment.MarkSpam, comment.Hold, comment.Undo}
	for range 300 {
		id := ids[r.IntN(len(ids))]
		d.pass(time.Minute)
		switch r.IntN(8) {
		case 0:
			if token, err := d.Post(t.Context(), d.guest(article)); err == nil {
				tokens, ids = append(tokens, token), append(ids, d.receipt(token).ID)
				d.decide(actor, ids[len(ids)-1], comment.Approve)
			}
		case 1:
			if len(tokens) > 1 {
				if err := d.Delete(t.Context(), tokens[r.IntN(len(tokens))]); err != nil {
					t.Fatal(err)
				}
			}
		case 2:
			refused(t, d.Pin(t.Context(), actor, id, r.IntN(3) > 0))
		case 3:
			reply, err := d.Reply(t.Context(), actor, id, fmt.Sprint("Thanks ", r.Int()))
			if refused(t, err); err == nil {
				ids = append(ids, reply)
			}
		default:
			refused(t, d.Decide(t.Context(), actor, comment.Pick{ID: id, Seen: false}, acts[r.IntN(len(acts))], ""))
		}
		d.threads()
	}
	d.counted(article)
	for _, order := range []comment.Order{comment.Oldest, comment.Newest, comment.Replied} {
		want := d.flat(article, order)
		var got []int64
		for page := range d.thread(article, order, 1).Pages {
			on := d.thread(article, order, page+1)
			if on.Total != len(want) {
				t.Fatalf("%s, page %d: %d in all, want %d", order, page+1, on.Total, len(want))
			}
			for _, l := range on.Comments {
				got = append(got, l.ID)
			}
		}
		if len(want) < 150 || !slices.Equal(got, want) {
			t.Errorf("%s: pages hold %v\nwant %v", order, got, want)
		}
	}
	for i, id := range d.flat(article, comment.Oldest) {
		if got, err := d.Readers.LivePlace(t.Context(), article, id); err != nil || got.Page != i/comment.PerPage+1 {
			t.Errorf("LivePlace of number %d = %+v, %v", i, got, err)
		}
	}
}

// refused lets pass what a rule refuses.
func refused(t *testing.T, err error) {
	t.Helper()
	var invalid *fault.Invalid
	if err != nil && !errors.Is(err, fault.Conflict) && !errors.As(err, &invalid) {
		t.Fatal(err)
	}
}

func TestPin(t *testing.T) {
	d := newDesk(t)
	article, actor := d.article(), d.moderator()
	a := d.said(article, 0, "a")
	b := d.said(article, 0, "b")
	c := d.said(article, 0, "c")
	bd := d.said(article, b, "bd")
	_, waits := d.post(d.guest(article))
	tags := d.purges(func() {
		for _, id := range []int64{c, b, b} {
			if err := d.Pin(t.Context(), actor, id, true); err != nil {
				t.Fatal(err)
			}
			d.pass(time.Minute)
		}
	})
	if want := fmt.Sprintf("comments:%d", article); len(tags) != 2 || tags[0] != want || tags[1] != want {
		t.Errorf("Pin purges %q", tags)
	}
	for order, want := range map[comment.Order]string{comment.Oldest: "!c !b .bd<b a", comment.Newest: "!c !b .bd<b a", comment.Replied: "!c !b .bd<b a"} {
		if got := shape(d.thread(article, order, 1).Comments); got != want {
			t.Errorf("%s: %s, want %s", order, got, want)
		}
	}
	if n := scan[int](d, `SELECT count(*) FROM audit WHERE act = 'comment.pin' AND actor = $1`, actor.ID); n != 2 {
		t.Errorf("%d audit rows of two pins", n)
	}
	var invalid *fault.Invalid
	for _, id := range []int64{bd, waits} {
		if err := d.Pin(t.Context(), actor, id, true); !errors.As(err, &invalid) {
			t.Errorf("Pin(%d) = %v, want *fault.Invalid", id, err)
		}
	}
	if err := d.Pin(t.Context(), actor, 1<<40, true); !errors.Is(err, fault.NotFound) {
		t.Errorf("Pin of none = %v", err)
	}
	if err := d.Pin(t.Context(), d.person("Ed Itor", staff.Author), a, true); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an author's Pin = %v", err)
	}
	// What is held loses its place on top with its first comment, and has it again afterwards.
	d.decide(actor, b, comment.Hold)
	if got := shape(d.thread(article, comment.Oldest, 1).Comments); got != "!c a .bd<?" {
		t.Errorf("with a pinned comment held: %s", got)
	}
	d.decide(actor, b, comment.Undo)
	if err := d.Pin(t.Context(), actor, c, false); err != nil {
		t.Fatal(err)
	}
	if got := shape(d.thread(article, comment.Oldest, 1).Comments); got != "!b .bd<b a c" {
		t.Errorf("after one is unpinned: %s", got)
	}
	d.counted(article)
}
