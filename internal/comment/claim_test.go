package comment_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/staff"
)

// Eight moderators take a queue of sixty away, one comment each at a time: nobody gets what another has.
func TestNobodyGetsTheSame(t *testing.T) {
	d := newDesk(t)
	article := d.article()
	for range 60 {
		d.post(d.guest(article))
		d.pass(time.Second)
	}
	var mu sync.Mutex
	seen := map[int64]string{}
	var wg sync.WaitGroup
	for i := range 8 {
		actor := d.person(string(rune('A'+i)), staff.Moderator)
		wg.Go(func() {
			for {
				id, err := d.Claim(t.Context(), actor, 0)
				if err != nil {
					t.Errorf("Claim = %v", err)
					return
				}
				if id == 0 {
					return
				}
				mu.Lock()
				if who, ok := seen[id]; ok {
					t.Errorf("%s got what %s has", actor.Name, who)
				}
				seen[id] = actor.Name
				mu.Unlock()
				if err := d.Decide(t.Context(), actor, comment.Pick{ID: id}, comment.Approve, ""); err != nil {
					t.Errorf("Decide = %v", err)
				}
			}
		})
	}
	wg.Wait()
	if len(seen) != 60 || scan[int](d, `SELECT count(*) FROM comment_claims`) != 0 {
		t.Errorf("%d of 60 were given, %d claims are left", len(seen), scan[int](d, `SELECT count(*) FROM comment_claims`))
	}
}

func TestClaim(t *testing.T) {
	d := newDesk(t)
	article, one, two := d.article(), d.person("One", staff.Moderator), d.person("Two", staff.Moderator)
	var all []int64
	for range 3 {
		_, id := d.post(d.guest(article))
		all = append(all, id)
		d.pass(time.Second)
	}
	claim := func(actor staff.Actor, after, want int64) {
		t.Helper()
		if id, err := d.Claim(t.Context(), actor, after); err != nil || id != want {
			t.Errorf("Claim = %d, %v, want %d", id, err, want)
		}
	}
	claim(one, 0, all[0])
	claim(one, 0, all[0]) // a form sent twice
	claim(two, 0, all[1])
	if i := d.item(all[1], comment.Pending); i.HeldBy != "Two" || i.HeldByMe {
		t.Errorf("the list shows %+v", i)
	}
	if got, err := d.Claimed(t.Context(), two); err != nil || got.ID != all[1] || !got.HeldByMe {
		t.Errorf("Claimed = %d, %v", got.ID, err)
	}
	claim(two, all[1], all[2])
	claim(two, all[2], all[1]) // the queue's end: from its beginning, past what One has
	d.pass(2 * time.Minute)
	if err := d.Renew(t.Context(), one, all[0]); err != nil {
		t.Errorf("Renew = %v", err)
	}
	d.pass(2 * time.Minute)
	if err := d.Renew(t.Context(), two, all[1]); !errors.Is(err, fault.NotFound) {
		t.Errorf("Renew after its end = %v", err)
	}
	if _, err := d.Claimed(t.Context(), two); !errors.Is(err, fault.NotFound) {
		t.Errorf("Claimed after its end = %v", err)
	}
	claim(two, 0, all[1])
	// Who has it doesn't keep others from deciding: a list shows it, and what was decided is told.
	d.decide(one, all[1], comment.Reject)
	if _, err := d.Claimed(t.Context(), two); !errors.Is(err, fault.NotFound) {
		t.Errorf("Claimed after a decision = %v", err)
	}
	if err := d.Release(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	claim(two, 0, all[0])
	author := d.person("Author", staff.Author)
	if _, err := d.Claim(t.Context(), author, 0); !errors.Is(err, fault.Forbidden) {
		t.Errorf("Claim by an author = %v", err)
	}
	if err := errors.Join(d.Release(t.Context(), author)); !errors.Is(err, fault.Forbidden) {
		t.Errorf("Release by an author = %v", err)
	}
}

func TestSecondOpinion(t *testing.T) {
	d := newDesk(t)
	d.exec(`UPDATE settings SET second_opinions = 1`)
	article, first, second := d.article(), d.person("First", staff.Moderator), d.person("Second", staff.Moderator)
	_, id := d.post(d.guest(article))
	d.decide(first, id, comment.Reject)
	d.exec(`UPDATE decisions SET reason = 'off topic'`)
	list := func(actor staff.Actor) []comment.Item {
		t.Helper()
		items, _, err := d.Queue(t.Context(), actor, comment.Filter{Status: comment.Second})
		if err != nil {
			t.Fatal(err)
		}
		return items
	}
	if got := list(first); len(got) != 0 {
		t.Errorf("who decided is asked again: %v", ids(got))
	}
	got := list(second)
	if len(got) != 1 || got[0].ID != id || got[0].Status != comment.Pending || got[0].Decision != nil || got[0].Opinion == 0 {
		t.Fatalf("asked blind for %+v", got)
	}
	if given, err := d.Claim(t.Context(), second, 0); err != nil || given != id {
		t.Errorf("one at a time gives %d, %v", given, err)
	}
	if i, err := d.Claimed(t.Context(), second); err != nil || i.Opinion != got[0].Opinion || i.Decision != nil || i.Status != comment.Pending {
		t.Errorf("Claimed = %+v, %v", i, err)
	}
	if _, err := d.GiveOpinion(t.Context(), first, got[0].Opinion, comment.Reject); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an opinion on one's own decision = %v", err)
	}
	if _, err := d.GiveOpinion(t.Context(), second, got[0].Opinion, comment.Hold); err == nil {
		t.Error("Hold was taken for an opinion")
	}
	if _, err := d.GiveOpinion(t.Context(), second, 1<<62, comment.Approve); !errors.Is(err, fault.NotFound) {
		t.Errorf("an opinion on nothing = %v", err)
	}
	o, err := d.GiveOpinion(t.Context(), second, got[0].Opinion, comment.Approve)
	if err != nil || o.Agrees() || o.First.By != "First" || o.First.Reason != "off topic" || o.Comment != id {
		t.Errorf("GiveOpinion = %+v, %v", o, err)
	}
	if _, err := d.GiveOpinion(t.Context(), d.person("Third", staff.Moderator), got[0].Opinion, comment.Approve); !errors.Is(err, fault.Conflict) {
		t.Errorf("a third opinion = %v", err)
	}
	around, err := d.Board(t.Context(), second, d.now().Add(-time.Hour))
	if err != nil || !slices.ContainsFunc(around.Figures.Agreement, func(a comment.Agreement) bool { return a.Asked == 1 && a.Agree == 0 }) {
		t.Errorf("figures = %+v, %v", around.Figures, err)
	}
	if err := d.TakeOpinionBack(t.Context(), second, got[0].Opinion); err != nil || len(list(second)) != 1 {
		t.Errorf("TakeOpinionBack = %v", err)
	}
	if err := d.Decide(t.Context(), first, comment.Pick{ID: id}, comment.Undo, ""); err != nil || len(list(second)) != 0 {
		t.Errorf("what was taken back is asked about (%v)", err)
	}
}

func TestLogs(t *testing.T) {
	d := newDesk(t)
	article, one, two := d.article(), d.person("One", staff.Moderator), d.person("Two", staff.Moderator)
	in := d.guest(article)
	token, id := d.published(one, in)
	if err := d.Edit(t.Context(), token, "Another text."); err != nil {
		t.Fatal(err)
	}
	if err := d.Decide(t.Context(), two, comment.Pick{ID: id}, comment.Reject, "not civil"); err != nil {
		t.Fatal(err)
	}
	d.decide(one, id, comment.Undo)
	h, err := d.History(t.Context(), one, id)
	if err != nil || len(h.Texts) != 2 || len(h.Decisions) != 2 || h.Decisions[1].UndoneBy != "One" || !h.Decisions[0].Last || h.Decisions[1].Last || !h.Texts[0].Shown || !h.Texts[1].Waits {
		t.Errorf("History = %+v, %v", h, err)
	}
	lines, next, err := d.Log(t.Context(), one, two.ID, "")
	if err != nil || next != "" || len(lines) != 1 || lines[0].Reason != "not civil" || lines[0].CommentID != id {
		t.Errorf("Log = %+v, %v", lines, err)
	}
	r, err := d.RecordOf(t.Context(), one, h.Item.Person.ID)
	if err != nil || r.Email != in.Email || r.Total != 1 || r.Waits != 1 || !slices.Equal(r.Names, []string{in.Name}) {
		t.Errorf("RecordOf = %+v, %v", r, err)
	}
	if picks, err := d.WaitingOf(t.Context(), one, r.ID); err != nil || len(picks) != 1 || picks[0].ID != id {
		t.Errorf("WaitingOf = %v, %v", picks, err)
	}
	if err := d.Delete(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	h, err = d.History(t.Context(), one, id)
	if err != nil || h.Item.Name != "" || h.Item.Person != nil || h.Texts[0].Body+h.Texts[1].Body != "" || len(h.Decisions) != 2 {
		t.Errorf("History of a deleted comment = %+v, %v", h, err)
	}
	for _, huge := range []int64{0, 1 << 62} {
		_, err1 := d.History(t.Context(), one, huge)
		_, err2 := d.RecordOf(t.Context(), one, huge)
		if !errors.Is(err1, fault.NotFound) || !errors.Is(err2, fault.NotFound) {
			t.Errorf("%d: %v, %v", huge, err1, err2)
		}
	}
	for _, before := range []string{"x", "-1", "0", "99999999999999999999"} {
		if _, _, err := d.Log(t.Context(), one, 0, before); !errors.Is(err, fault.NotFound) {
			t.Errorf("Log before %q = %v", before, err)
		}
	}
}

// behindTheRecord writes rows of an article's public record that nobody published.
func (d *desk) behindTheRecord(sql string, article int64) {
	d.t.Helper()
	d.exec("BEGIN; SET LOCAL session_replication_role = replica; " + fmt.Sprintf(sql, article) + "; COMMIT")
}

func TestQueueViews(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	d.behindTheRecord(`INSERT INTO versions (article_id, number, revision_id, content, salt, block_ids)
		VALUES (%d, 1, 1, '{"body": ["<p>Nobody came. It was left to the two <em>harbour masters</em> to find out, in practice, what that meant. They found a telephone.</p>"]}', '', '{}')`, article)
	d.exec(`UPDATE articles SET live_version = 1 WHERE id = $1`, article)
	in := d.guest(article)
	in.Body = "Who wrote that “it was LEFT to the two harbour masters to find out”?"
	_, id := d.post(in)
	other := d.guest(d.article())
	other.Address = in.Address
	_, near := d.post(other)
	d.decide(moderator, near, comment.MarkSpam)
	i := d.item(id, comment.Pending)
	if want := "It was left to the two harbour masters to find out, in practice, what that meant."; i.Passage != want {
		t.Errorf("passage = %q, want %q", i.Passage, want)
	}
	d.exec(`INSERT INTO article_search (article_id, config, at, a, b, d)
		VALUES ($1, 'stet_en', now(), '', '', E'Is it so? This paragraph says: It was left to the two harbour\nmasters to find out. They did.\x1fto find')`, article)
	if got, want := d.item(id, comment.Pending).Passage, "This paragraph says: It was left to the two harbour"; got != want {
		t.Errorf("passage = %q, want %q: what search keeps of the article", got, want)
	}
	if i.Near != 1 || i.NearSpam != 1 || i.Address != in.Address.String() || i.Notice != nil {
		t.Errorf("item = %+v", i)
	}
	if got := d.queue(comment.Filter{Status: comment.Overtaken}); len(got) != 0 {
		t.Errorf("overtaken = %v", ids(got))
	}
	d.exec(`UPDATE articles SET notice_kind = 'correction', notice_number = 3 WHERE id = $1`, article)
	d.behindTheRecord(`INSERT INTO publications (article_id, number, kind, recorded_at, version, notice, content_hash, prev_hash, hash)
		VALUES (%d, 3, 'correction', now(), 1, '', '', '', '')`, article)
	if got := d.queue(comment.Filter{Status: comment.Overtaken}); len(got) != 1 || got[0].Notice == nil || got[0].Notice.Kind != "correction" {
		t.Errorf("overtaken = %+v", got)
	}
	around, err := d.Board(t.Context(), moderator, d.now())
	if err != nil || around.Tabs[comment.Overtaken] != 1 || around.Tabs[comment.Spam] != 1 {
		t.Errorf("tabs = %v, %v", around.Tabs, err)
	}
	if got := d.queue(comment.Filter{Rule: "first"}); len(got) != 1 {
		t.Errorf("held as a first comment = %v", ids(got))
	}
	if got := d.queue(comment.Filter{Rule: "9999"}); len(got) != 0 {
		t.Errorf("held by no rule = %v", ids(got))
	}
	d.exec(`UPDATE settings SET queue_alert = 5`)
	d.pass(6 * time.Minute)
	if w, err := d.Waiting(t.Context()); err != nil || !w.Late || w.More {
		t.Errorf("Waiting = %+v, %v", w, err)
	}
}
