package comment_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/staff"
)

func TestWhoModerates(t *testing.T) {
	d := newDesk(t)
	_, id := d.post(d.guest(d.article()))
	for role, may := range map[staff.Role]bool{
		staff.Contributor: false, staff.Author: false, staff.Editor: true, staff.Admin: true, staff.Moderator: true,
	} {
		actor := d.person(string(role), role)
		if comment.CanModerate(actor) != may {
			t.Errorf("CanModerate(%s) = %v", role, !may)
		}
		if may {
			continue
		}
		_, _, queue := d.Queue(t.Context(), actor, comment.Filter{})
		_, reply := d.Reply(t.Context(), actor, id, "Hello.")
		_, ban := d.Ban(t.Context(), actor, comment.BanIn{CommentID: id})
		_, _, bans := d.Bans(t.Context(), actor, "")
		_, board := d.Board(t.Context(), actor, d.now())
		for what, err := range map[string]error{
			"Decide":    d.Decide(t.Context(), actor, comment.Pick{ID: id}, comment.Approve, ""),
			"Ban":       ban,
			"LiftBan":   d.LiftBan(t.Context(), actor, 1, true),
			"Bans":      bans,
			"SetHeld":   d.SetHeld(t.Context(), actor, 1, true),
			"Emergency": d.Emergency(t.Context(), actor, "closed"),
			"Board":     board,
			"EndStorm":  d.EndStorm(t.Context(), actor, 1),
			"Queue":     queue,
			"Reply":     reply,
		} {
			if !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s by %s = %v", what, role, err)
			}
		}
	}
	if r := d.item(id, comment.Pending); r.Decision != nil {
		t.Error("somebody without the right decided")
	}
}

// Every act from every status: what it leads to, what readers see then, and that Undo puts it back.
func TestDecisions(t *testing.T) {
	d := newDesk(t)
	moderator := d.moderator()
	for _, from := range []comment.Status{comment.Pending, comment.Approved, comment.Rejected, comment.Spam} {
		for act, want := range map[comment.Act]comment.Status{
			comment.Approve: comment.Approved, comment.Reject: comment.Rejected, comment.MarkSpam: comment.Spam, comment.Hold: comment.Pending,
		} {
			t.Run(fmt.Sprintf("%s %s", act, from), func(t *testing.T) {
				article := d.article()
				token, id := d.post(d.guest(article))
				if first := map[comment.Status]comment.Act{comment.Approved: comment.Approve, comment.Rejected: comment.Reject, comment.Spam: comment.MarkSpam}[from]; first != "" {
					d.decide(moderator, id, first)
				}
				p := d.pick(id, from)
				var err error
				tags := d.purges(func() { err = d.Decide(t.Context(), moderator, p, act, " Not  here. ") })
				if from == want {
					if !errors.Is(err, fault.Conflict) {
						t.Errorf("Decide = %v, want a conflict", err)
					}
					return
				}
				if err != nil {
					t.Fatalf("Decide = %v", err)
				}
				i := d.item(id, want)
				if i.Decision == nil || i.Decision.Act != act || i.Decision.Reason != "Not here." || i.Decision.By != moderator.Name {
					t.Errorf("decision = %+v", i.Decision)
				}
				public := from == comment.Approved || want == comment.Approved
				if len(tags) > 1 || (len(tags) == 1) != public {
					t.Errorf("announced %q", tags)
				}
				if n := d.counted(article); n == 1 != (want == comment.Approved) {
					t.Errorf("%d counted", n)
				}
				if n := scan[int](d, `SELECT count(*) FROM audit WHERE object = $1 AND act = $2 AND actor = $3`,
					fmt.Sprintf("comment:%d", id), "comment."+string(act), moderator.ID); n == 0 {
					t.Error("no row in the audit")
				}
				if err := d.Decide(t.Context(), moderator, i.Pick(), comment.Undo, ""); err != nil {
					t.Fatalf("Undo = %v", err)
				}
				back := d.item(id, from)
				if back.Text != i.Text || (d.counted(article) == 1) != (from == comment.Approved) {
					t.Errorf("after Undo: %+v", back)
				}
				if r := d.receipt(token); r.Status == comment.Deleted || r.Text == "" {
					t.Errorf("receipt after Undo: %+v", r)
				}
			})
		}
	}
}

func TestTwoAtOnceIsOneDecision(t *testing.T) {
	d := newDesk(t)
	actors := []staff.Actor{d.person("A", staff.Moderator), d.person("B", staff.Moderator)}
	acts := []comment.Act{comment.Approve, comment.Reject}
	article := d.article()
	for range 10 {
		_, id := d.post(d.guest(article))
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = d.Decide(t.Context(), actors[i], comment.Pick{ID: id}, acts[i], "") })
		}
		wg.Wait()
		winner := slices.Index(errs, nil)
		if winner < 0 {
			t.Fatalf("nobody decided: %v", errs)
		}
		decided, ok := errors.AsType[*comment.Decided](errs[1-winner])
		if !ok || !errors.Is(decided, fault.Conflict) || decided.By != actors[winner].Name || decided.Act != acts[winner] {
			t.Fatalf("the other one = %v, want what %s decided", errs[1-winner], actors[winner].Name)
		}
		if n := scan[int](d, `SELECT count(*) FROM decisions WHERE comment_id = $1`, id); n != 1 {
			t.Errorf("%d decisions", n)
		}
	}
	d.counted(article)
}

func TestManyDecideOnOneArticle(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	var picks []comment.Pick
	for range 24 {
		_, id := d.post(d.guest(article))
		picks = append(picks, comment.Pick{ID: id})
	}
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			// Overlapping and in any order.
			mine := slices.Concat(picks[i*3:i*3+3], picks[:3], picks[21:])
			slices.Reverse(mine)
			_, _, errs[i] = d.Bulk(t.Context(), moderator, mine, comment.Approve, "")
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if n := d.counted(article); n != 24 {
		t.Errorf("%d counted, want 24", n)
	}
}

func TestSeen(t *testing.T) {
	d := newDesk(t)
	moderator, other := d.moderator(), d.person("Other", staff.Moderator)
	token, id := d.post(d.guest(d.article()))
	stale := d.pick(id, comment.Pending)
	if err := d.Edit(t.Context(), token, "Something else altogether."); err != nil {
		t.Fatal(err)
	}
	decided, ok := errors.AsType[*comment.Decided](d.Decide(t.Context(), moderator, stale, comment.Approve, ""))
	if !ok || decided.Act != "edit" {
		t.Fatalf("approving a text that changed = %v", decided)
	}
	fresh := d.pick(id, comment.Pending)
	if again, err := comment.ParsePick(fresh.String()); err != nil || again != fresh {
		t.Errorf("ParsePick(%q) = %+v, %v", fresh, again, err)
	}
	if err := d.Decide(t.Context(), moderator, fresh, comment.Approve, ""); err != nil {
		t.Fatal(err)
	}
	if err := d.Decide(t.Context(), other, fresh, comment.MarkSpam, ""); !errors.Is(err, fault.Conflict) {
		t.Errorf("an act on what was seen before a decision = %v", err)
	}
	if err := d.Decide(t.Context(), other, comment.Pick{ID: id}, comment.MarkSpam, ""); !errors.Is(err, fault.Conflict) {
		t.Errorf("an act on a decided one that says nothing of what was seen = %v", err)
	}
	mine := d.pick(id, comment.Approved)
	if err := d.Decide(t.Context(), other, d.pick(id, comment.Approved), comment.MarkSpam, ""); err != nil {
		t.Errorf("replacing a decision that was seen = %v", err)
	}
	if err := d.Decide(t.Context(), moderator, mine, comment.Undo, ""); !errors.Is(err, fault.Conflict) {
		t.Errorf("Undo of a decision that was replaced = %v", err)
	}
	for _, s := range []string{"", "x", "1.2", "1.2.3.4", "-1", "1.2.x", "99999999999999999999"} {
		if _, err := comment.ParsePick(s); !errors.Is(err, fault.NotFound) {
			t.Errorf("ParsePick(%q) = %v", s, err)
		}
	}
}

func TestUndo(t *testing.T) {
	d := newDesk(t)
	moderator := d.moderator()
	token, id := d.post(d.guest(d.article()))
	undo := func() error { return d.Decide(t.Context(), moderator, comment.Pick{ID: id}, comment.Undo, "") }
	if err := undo(); !errors.Is(err, fault.Conflict) {
		t.Errorf("Undo of nothing = %v", err)
	}
	d.decide(moderator, id, comment.Approve)
	if err := d.Edit(t.Context(), token, "Changed after approval."); err != nil {
		t.Fatal(err)
	}
	if err := undo(); err != nil {
		t.Fatal(err)
	}
	if r := d.receipt(token); r.Status != comment.Waits || r.Text != "Changed after approval." {
		t.Errorf("after Undo: %+v, want the newest text to wait", r)
	}
	if err := undo(); !errors.Is(err, fault.Conflict) {
		t.Errorf("Undo twice = %v", err)
	}
	// Back through several.
	for _, act := range []comment.Act{comment.Approve, comment.Hold, comment.Reject, comment.Hold} {
		d.decide(moderator, id, act)
	}
	for _, want := range []comment.Standing{comment.Refused, comment.Waits, comment.Published, comment.Waits} {
		if err := undo(); err != nil {
			t.Fatal(err)
		}
		if r := d.receipt(token); r.Status != want || r.Text != "Changed after approval." {
			t.Errorf("after Undo: %s, want %s", r.Status, want)
		}
	}
}

func TestBulk(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	_, first := d.post(d.guest(article))
	_, second := d.post(d.guest(d.article()))
	_, before := d.published(moderator, d.guest(article))
	picks := []comment.Pick{{ID: before}, {ID: second}, {ID: 1 << 40}, {ID: first}, {ID: first}}
	var done []int64
	var failed map[int64]error
	tags := d.purges(func() {
		var err error
		if done, failed, err = d.Bulk(t.Context(), moderator, picks, comment.Approve, ""); err != nil {
			t.Fatal(err)
		}
	})
	if !slices.Equal(done, []int64{first, second}) || len(failed) != 2 || !errors.Is(failed[before], fault.Conflict) || !errors.Is(failed[1<<40], fault.NotFound) {
		t.Errorf("Bulk = %v, %v", done, failed)
	}
	if len(tags) != 1 || strings.Count(tags[0], "comments:") != 2 {
		t.Errorf("announced %q, want one of two articles", tags)
	}
	done, _, err := d.Bulk(t.Context(), moderator, []comment.Pick{{ID: first}, {ID: second}}, comment.Undo, "")
	if err != nil || len(done) != 2 || len(d.queue(comment.Filter{})) != 2 {
		t.Errorf("Bulk undo = %v, %v", done, err)
	}
	for name, tt := range map[string]struct {
		picks  []comment.Pick
		act    comment.Act
		reason string
	}{
		"act":    {picks, "delete", ""},
		"reason": {picks, comment.Reject, strings.Repeat("x", 1001)},
		"":       {make([]comment.Pick, 501), comment.Reject, ""},
	} {
		_, _, err := d.Bulk(t.Context(), moderator, tt.picks, tt.act, tt.reason)
		if invalid, ok := errors.AsType[*fault.Invalid](err); !ok || invalid.Fields[name] == "" {
			t.Errorf("Bulk with bad %q = %v", name, err)
		}
	}
	if done, failed, err := d.Bulk(t.Context(), moderator, nil, comment.Approve, ""); len(done)+len(failed) != 0 || err != nil {
		t.Errorf("Bulk of none = %v, %v, %v", done, failed, err)
	}
}

func TestReplyBeforeItsParent(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	_, parent := d.published(moderator, d.guest(article))
	in := d.guest(article)
	in.Parent = parent
	_, reply := d.post(in)
	d.decide(moderator, parent, comment.Hold)
	err := d.Decide(t.Context(), moderator, comment.Pick{ID: reply}, comment.Approve, "")
	if invalid, ok := errors.AsType[*fault.Invalid](err); !ok || invalid.Fields["parent"] == "" {
		t.Errorf("approving a reply to a held comment = %v", err)
	}
	done, failed, err := d.Bulk(t.Context(), moderator, []comment.Pick{{ID: reply}, {ID: parent}}, comment.Approve, "")
	if err != nil || len(done) != 2 {
		t.Errorf("both together = %v, %v, %v", done, failed, err)
	}
}

func TestDecisionThatBreaksOffChangesNothing(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	_, a := d.post(d.guest(article))
	_, b := d.post(d.guest(article))
	before := d.all()
	d.exec(`ALTER TABLE article_counts ADD CONSTRAINT broken CHECK (approved < 2)`)
	var err error
	tags := d.purges(func() {
		_, _, err = d.Bulk(t.Context(), moderator, []comment.Pick{{ID: a}, {ID: b}}, comment.Approve, "")
	})
	if err == nil || len(tags) != 0 || d.all() != before {
		t.Errorf("Bulk = %v, announced %q, and left something behind", err, tags)
	}
}

func TestReply(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	_, asked := d.published(moderator, d.guest(article))
	_, held := d.post(d.guest(article))
	d.exec(`UPDATE articles SET comments = 'closed'`)
	d.pass(time.Minute)
	var first int64
	tags := d.purges(func() {
		for i := range 2 {
			id, err := d.Reply(t.Context(), moderator, asked, "We asked them.\r\n")
			if err != nil || i == 1 && id != first {
				t.Fatalf("Reply = %d, %v", id, err)
			}
			first = id
		}
	})
	if len(tags) != 1 || d.counted(article) != 2 {
		t.Errorf("announced %q, %d counted", tags, d.counted(article))
	}
	live := d.thread(article, comment.Oldest, 1).Comments
	if len(live) != 2 || !live[1].Staff || live[1].Author || live[1].Name != moderator.Name || live[1].ParentID != asked || live[1].Version != 3 {
		t.Errorf("readers see %+v", live)
	}
	profile := scan[int64](d, `INSERT INTO authors (slug, name, staff_id) VALUES ('mo', 'Mo', $1) RETURNING id`, moderator.ID)
	d.exec(`INSERT INTO article_authors (article_id, author_id, position) VALUES ($1, $2, 1)`, article, profile)
	if live := d.thread(article, comment.Oldest, 1).Comments; !live[1].Author {
		t.Error("the article's author isn't marked as such")
	}
	_, err := d.Reply(t.Context(), moderator, held, "Hello.")
	if invalid, ok := errors.AsType[*fault.Invalid](err); !ok || invalid.Fields["parent"] == "" {
		t.Errorf("Reply to a held one = %v", err)
	}
	if _, err := d.Reply(t.Context(), moderator, asked, " "); err == nil {
		t.Error("an empty Reply was taken")
	}
	if _, err := d.Reply(t.Context(), staff.System(), asked, "Hello."); !errors.Is(err, fault.Forbidden) {
		t.Errorf("Reply by nobody = %v", err)
	}
	d.exec(`UPDATE articles SET public_state = 'withdrawn'`)
	if _, err := d.Reply(t.Context(), moderator, asked, "Too late."); !errors.Is(err, fault.NotFound) {
		t.Errorf("Reply under a withdrawn article = %v", err)
	}
}
