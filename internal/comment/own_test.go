package comment_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
)

func TestEditWhileItWaits(t *testing.T) {
	d := newDesk(t)
	token, id := d.post(d.guest(d.article()))
	if end := d.receipt(token).EditableUntil; !end.Equal(d.now().Add(10 * time.Minute)) {
		t.Errorf("editable until %v", end)
	}
	d.pass(9 * time.Minute)
	if err := d.Edit(t.Context(), token, "Second thoughts.\r\n"); err != nil {
		t.Fatal(err)
	}
	if r := d.receipt(token); r.Text != "Second thoughts." || r.Edit != "" || r.Status != comment.Waits {
		t.Errorf("receipt = %+v", r)
	}
	if i := d.item(id, comment.Pending); i.Text != "Second thoughts." || i.IsEdit() {
		t.Errorf("item = %+v", i)
	}
	if n := scan[int](d, `SELECT count(*) FROM comment_texts WHERE comment_id = $1 AND body <> ''`, id); n != 2 {
		t.Errorf("%d texts kept, want both", n)
	}
	before := d.all()
	if err := d.Edit(t.Context(), token, "Second thoughts."); err != nil || d.all() != before {
		t.Errorf("the same text again = %v, and changed something", err)
	}
	var invalid *fault.Invalid
	if err := d.Edit(t.Context(), token, " "); !errors.As(err, &invalid) || invalid.Fields["body"] == "" {
		t.Errorf("Edit to nothing = %v", err)
	}
	d.pass(time.Minute)
	if err := d.Edit(t.Context(), token, "Too late."); !errors.Is(err, fault.Forbidden) {
		t.Errorf("Edit after ten minutes = %v", err)
	}
	if !d.receipt(token).EditableUntil.IsZero() {
		t.Error("the receipt says it can be changed still")
	}
}

func TestEditOfPublished(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	in := d.guest(article)
	token, id := d.published(moderator, in)
	tags := d.purges(func() {
		if err := d.Edit(t.Context(), token, "New words: https://a.example https://b.example"); err != nil {
			t.Fatal(err)
		}
	})
	if len(tags) != 0 {
		t.Errorf("announced %q though readers see the old text", tags)
	}
	if live := d.thread(article, comment.Oldest, 1).Comments; len(live) != 1 || live[0].Body != in.Body {
		t.Errorf("readers see %+v, want the old text", live)
	}
	r := d.receipt(token)
	if r.Status != comment.Published || r.Text != in.Body || !strings.HasPrefix(r.Edit, "New words") {
		t.Errorf("receipt = %+v", r)
	}
	i := d.item(id, comment.Pending)
	if !i.IsEdit() || i.Stands != in.Body || i.Text != r.Edit {
		t.Errorf("item = %+v, want both texts", i)
	}
	rules := ""
	for _, why := range i.Reasons {
		rules += why.Rule + " "
	}
	if rules != "premoderated links edited " {
		t.Errorf("held for %s", rules)
	}

	tags = d.purges(func() {
		if err := d.Decide(t.Context(), moderator, i.Pick(), comment.Reject, "Say it without links."); err != nil {
			t.Fatal(err)
		}
	})
	if len(tags) != 0 {
		t.Errorf("announced %q for a refused edit", tags)
	}
	r = d.receipt(token)
	if r.Status != comment.Published || r.Text != in.Body || r.Edit != "" || !r.EditRefused || r.Reason != "Say it without links." {
		t.Errorf("receipt = %+v, want the old text and why", r)
	}
	if err := d.Edit(t.Context(), token, "New words."); err != nil {
		t.Fatal(err)
	}
	tags = d.purges(func() { d.decide(moderator, id, comment.Approve) })
	if want := fmt.Sprintf("comments:%d", article); len(tags) != 1 || tags[0] != want {
		t.Errorf("announced %q, want %q once", tags, want)
	}
	if live := d.thread(article, comment.Oldest, 1).Comments; live[0].Body != "New words." {
		t.Errorf("readers see %q", live[0].Body)
	}
	if n := d.counted(article); n != 1 {
		t.Errorf("%d counted, want 1", n)
	}
}

func TestEditIsRefused(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	rejected, id := d.post(d.guest(article))
	d.decide(moderator, id, comment.Reject)
	deleted, _ := d.post(d.guest(article))
	if err := d.Delete(t.Context(), deleted); err != nil {
		t.Fatal(err)
	}
	banned, id := d.published(moderator, d.guest(article))
	d.ban(moderator, comment.BanIn{CommentID: id})
	for name, token := range map[string]string{"rejected": rejected, "deleted": deleted, "banned": banned} {
		if err := d.Edit(t.Context(), token, "Words."); !errors.Is(err, fault.Forbidden) {
			t.Errorf("Edit of a %s one = %v", name, err)
		}
	}
	if err := d.Edit(t.Context(), strings.Repeat("x", 43), "Words."); !errors.Is(err, fault.NotFound) {
		t.Errorf("Edit with no receipt = %v", err)
	}
	many, _ := d.post(d.guest(article))
	var err error
	for i := 0; i <= 10 && err == nil; i++ {
		err = d.Edit(t.Context(), many, fmt.Sprint("Text ", i))
	}
	if _, ok := errors.AsType[*fault.TooMany](err); !ok {
		t.Errorf("eleven edits = %v", err)
	}
}

func TestDelete(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	in := d.guest(article)
	in.Name, in.Email, in.Body = "Unmistakable Person", "unmistakable@example.org", "Unmistakable https://unmistakable.example www.unmistakable.example"
	in.Address = netip.MustParseAddr("198.51.100.77")
	token, id := d.published(moderator, in)
	reply := d.guest(article)
	reply.Parent = id
	d.published(moderator, reply)
	if err := d.Edit(t.Context(), token, "Unmistakable still."); err != nil {
		t.Fatal(err)
	}
	tags := d.purges(func() {
		for range 2 {
			if err := d.Delete(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
	})
	if want := fmt.Sprintf("comments:%d", article); len(tags) != 1 || tags[0] != want {
		t.Errorf("announced %q, want %q once", tags, want)
	}
	if all := strings.ToLower(d.all()); strings.Contains(all, "unmistakable") || strings.Contains(all, "198.51.100.77") {
		t.Errorf("something is left of it: %s", all)
	}
	if r := d.receipt(token); r.Status != comment.Deleted || r.Text != "" || r.Name != "" {
		t.Errorf("receipt = %+v", r)
	}
	if n := d.counted(article); n != 1 {
		t.Errorf("%d counted, want the reply alone", n)
	}
	live := d.thread(article, comment.Oldest, 1).Comments
	if len(live) != 1 || !live[0].ParentGone || live[0].ParentID != id || live[0].Depth != 2 {
		t.Errorf("readers see %+v, want a reply to a deleted comment", live)
	}
	if n := len(d.queue(comment.Filter{})); n != 0 {
		t.Errorf("%d wait, want none", n)
	}
	decided, ok := errors.AsType[*comment.Decided](d.Decide(t.Context(), moderator, comment.Pick{ID: id}, comment.Approve, ""))
	if !ok || decided.Act != "erase" {
		t.Errorf("deciding on a deleted one = %v", decided)
	}
	again, _ := d.post(in)
	if again == token {
		t.Error("said again after deleting it, it has the receipt of what was deleted")
	}
}

func TestDeleteKeepsThePersonWithOtherComments(t *testing.T) {
	d := newDesk(t)
	in := d.guest(d.article())
	first, _ := d.post(in)
	in.Body = "Another."
	second, _ := d.post(in)
	people := func() int { return scan[int](d, `SELECT count(*) FROM commenters`) }
	if err := d.Delete(t.Context(), first); err != nil || people() != 1 {
		t.Errorf("after one of two: %d people (%v)", people(), err)
	}
	if err := d.Delete(t.Context(), second); err != nil || people() != 0 {
		t.Errorf("after both: %d people (%v)", people(), err)
	}
}

func TestDeleteThatBreaksOffChangesNothing(t *testing.T) {
	d := newDesk(t)
	token, _ := d.published(d.moderator(), d.guest(d.article()))
	d.exec(`ALTER TABLE article_counts ADD CONSTRAINT broken CHECK (approved > 0)`)
	before := d.all()
	if err := d.Delete(t.Context(), token); err == nil {
		t.Fatal("Delete succeeded")
	}
	if d.all() != before {
		t.Error("half of it was deleted")
	}
}

func TestReceipt(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	_, parent := d.published(moderator, d.guest(article))
	var tokens []string
	var ids []int64
	for range 22 {
		d.pass(time.Minute)
		in := d.guest(article)
		in.Parent = parent
		token, id := d.post(in)
		tokens, ids = append(tokens, token), append(ids, id)
	}
	r := d.receipt(tokens[21])
	if r.Ahead != 21 || r.Waiting.Known() || r.ParentID != parent || r.ParentName != "Reader 2" {
		t.Errorf("receipt = %+v", r)
	}
	d.pass(time.Minute)
	for _, id := range ids[:20] {
		d.decide(moderator, id, comment.Reject)
	}
	r = d.receipt(tokens[21])
	// The first one took no time, the others 22, 21, … 3 minutes.
	if r.Ahead != 1 || !r.Waiting.Known() || r.Waiting.Samples != 21 || r.Waiting.Median != 12*time.Minute || r.Waiting.P90 != 20*time.Minute {
		t.Errorf("receipt = %+v", r)
	}
	d.exec(`INSERT INTO categories (slug, name, position, path, lineage) VALUES ('coast', 'Coast', 1, '/category/coast/', '{}')`)
	other := d.article()
	d.exec(`UPDATE articles SET live_category = (SELECT max(id) FROM categories) WHERE id = $1`, other)
	elsewhere, _ := d.post(d.guest(other))
	if r := d.receipt(elsewhere); r.Waiting.Known() || r.Ahead != 2 || r.CategoryID == 0 || r.Version != 2 || r.Notices != comment.NoticesOff {
		t.Errorf("receipt in another category = %+v", r)
	}
	w, err := d.Waiting(t.Context())
	if err != nil || w.Count != 3 || !w.Oldest.Equal(d.now().Add(-2*time.Minute)) {
		t.Errorf("Waiting = %+v, %v", w, err)
	}
	d.pass(14 * 24 * time.Hour)
	if d.receipt(tokens[21]).Waiting.Samples != 0 {
		t.Error("decisions of two weeks ago count still")
	}
	if r := d.receipt(tokens[0]); r.Status != comment.Refused || r.Ahead != 0 {
		t.Errorf("receipt = %+v", r)
	}
	d.exec(`UPDATE articles SET public_state = 'withdrawn'`)
	if r := d.receipt(tokens[21]); r.Headline != "" {
		t.Errorf("the receipt names a withdrawn article: %+v", r)
	}
}

// TestReceiptSaysWhetherMailsCome walks through what a wish for mail can come to.
func TestReceiptSaysWhetherMailsCome(t *testing.T) {
	d := newDesk(t)
	in := d.guest(d.article())
	in.Notify = true
	token, _ := d.post(in)
	for _, step := range []struct {
		sql  string
		want comment.Notices
	}{{`SELECT 1`, comment.NoticesAsked}, {`UPDATE commenters SET confirmed_at = now()`, comment.NoticesOn}, {`UPDATE commenters SET notices_stopped_at = now()`, comment.NoticesStopped}} {
		d.exec(step.sql)
		if got := d.receipt(token).Notices; got != step.want {
			t.Errorf("after %s: %s, want %s", step.sql, got, step.want)
		}
	}
}

func TestPrune(t *testing.T) {
	d := newDesk(t)
	in := d.guest(d.article())
	in.Address = netip.MustParseAddr("2001:db8:1:2:3:4:5:6")
	_, id := d.post(in)
	if got := scan[string](d, `SELECT host(address) FROM comment_addresses WHERE comment_id = $1`, id); got != "2001:db8:1:2::" {
		t.Errorf("address kept: %s", got)
	}
	d.pass(30*24*time.Hour - time.Second)
	if n, err := d.Prune(t.Context()); n != 0 || err != nil {
		t.Errorf("Prune before 30 days = %d, %v", n, err)
	}
	d.pass(time.Second)
	if n, err := d.Prune(t.Context()); n != 1 || err != nil {
		t.Errorf("Prune after 30 days = %d, %v", n, err)
	}
	in = d.guest(in.ArticleID)
	in.Address = netip.Addr{}
	d.post(in)
}
