package comment_test

import (
	"errors"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
)

func TestStorm(t *testing.T) {
	d := newDesk(t)
	d.exec(`UPDATE settings SET comments_per_email = 1000, comments_per_address = 1000, storm_newcomers = 10`)
	article, moderator := d.open(), d.moderator()
	known := d.old(article)
	storms := func() int { return scan[int](d, `SELECT count(*) FROM storms WHERE ended_at IS NULL`) }
	one := d.guest(article)
	for i := range 12 { // one person is no storm
		one.Body = string(rune('a'+i)) + " comment"
		d.post(one)
	}
	for range 8 {
		d.post(d.guest(article))
	}
	if storms() != 0 {
		t.Fatal("a storm of nine people")
	}
	tenth := d.guest(article)
	_, id := d.post(tenth)
	if storms() != 1 || d.rules(id) != "storm first flood" {
		t.Fatalf("%d storms; the tenth is held for %q", storms(), d.rules(id))
	}
	tenth.Body = "And another thing."
	many, ok := errors.AsType[*fault.TooMany](func() error { _, err := d.Post(t.Context(), tenth); return err }())
	if !ok || many.After <= 0 || many.After > 15*time.Minute {
		t.Errorf("a second one within a quarter of an hour = %v", many)
	}
	if _, id := d.post(known); d.status(id) != comment.Pending {
		t.Errorf("in a storm a known person's is %s", d.status(id))
	}
	if b, err := d.Board(t.Context(), moderator, d.now()); err != nil || len(b.Storms) != 1 || b.Storms[0].ArticleID != article || b.Storms[0].Newcomers != 10 {
		t.Errorf("storms = %+v, %v", b.Storms, err)
	}
	d.pass(2*time.Hour - time.Second)
	if n, err := d.EndQuiet(t.Context()); n != 0 || err != nil {
		t.Errorf("EndQuiet within two hours = %d, %v", n, err)
	}
	d.pass(time.Second)
	tags := d.purges(func() {
		if n, err := d.EndQuiet(t.Context()); n != 1 || err != nil {
			t.Errorf("EndQuiet after two quiet hours = %d, %v", n, err)
		}
	})
	if len(tags) != 1 || storms() != 0 {
		t.Errorf("announced %q, %d storms", tags, storms())
	}
	for range 10 {
		d.post(d.guest(article))
	}
	if err := d.EndStorm(t.Context(), moderator, article); err != nil {
		t.Fatal(err)
	}
	d.post(d.guest(article))
	if storms() != 0 {
		t.Error("it began anew at once after it was ended by hand")
	}
	if err := d.EndStorm(t.Context(), moderator, article); !errors.Is(err, fault.NotFound) {
		t.Errorf("EndStorm of none = %v", err)
	}
	if n := scan[int](d, `SELECT count(*) FROM audit WHERE act IN ('comment.storm', 'comment.calm')`); n != 4 {
		t.Errorf("%d rows in the audit", n)
	}
}

func TestEditThroughEveryRule(t *testing.T) {
	d := newDesk(t)
	article := d.open()
	d.exec(`INSERT INTO rules (kind, name, act, words, told, active) VALUES ('words', 'Blocked', 'reject', 'verboten', 'Not that word.', true)`)
	d.exec(`UPDATE intake_versions SET rules = rules + 1`)
	token, id := d.post(d.old(article))
	d.pass(time.Minute)
	tags := d.purges(func() {
		if err := d.Edit(t.Context(), token, "Said better, at once."); err != nil {
			t.Fatal(err)
		}
	})
	if r := d.receipt(token); len(tags) != 1 || r.Text != "Said better, at once." || r.Edit != "" {
		t.Errorf("announced %q; receipt = %+v", tags, r)
	}
	if err := d.Edit(t.Context(), token, "That is verboten."); err != nil {
		t.Fatal(err)
	}
	if r := d.receipt(token); r.Status != comment.Published || r.Text != "Said better, at once." || r.Edit != "That is verboten." {
		t.Errorf("receipt = %+v, want the old text to stand", r)
	}
	waits, other := d.post(d.guest(article))
	if err := d.Edit(t.Context(), waits, "That is verboten, too."); err != nil {
		t.Fatal(err)
	}
	if r := d.receipt(waits); r.Status != comment.Refused || r.Reason != "Not that word." {
		t.Errorf("receipt = %+v, want it refused", r)
	}
	if d.status(id) != comment.Approved || d.status(other) != comment.Rejected {
		t.Errorf("%s, %s", d.status(id), d.status(other))
	}
	// A rule that is turned off holds nothing more, from the very next comment on.
	d.exec(`UPDATE rules SET active = false WHERE kind = 'words'`)
	d.exec(`UPDATE intake_versions SET rules = rules + 1`)
	in := d.guest(article)
	in.Body = "Nothing is verboten now."
	if _, id := d.post(in); d.status(id) != comment.Pending {
		t.Errorf("afterwards: %s", d.status(id))
	}
}

func TestAppeal(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	token, id := d.post(d.guest(article))
	if err := d.Appeal(t.Context(), token, "Why?"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("Appeal of one that waits = %v", err)
	}
	d.decide(moderator, id, comment.Reject)
	if r := d.receipt(token); !r.Appealable {
		t.Errorf("receipt = %+v", r)
	}
	if err := d.Appeal(t.Context(), token, " \n"); fieldOf(err) != "appeal" {
		t.Errorf("empty Appeal = %v", err)
	}
	if err := d.Appeal(t.Context(), token, "It was a quotation."); err != nil {
		t.Fatal(err)
	}
	if r := d.receipt(token); r.Appealable || r.Appealed.IsZero() || r.AppealAnswered || r.Status != comment.Refused {
		t.Errorf("receipt = %+v", r)
	}
	if err := d.Appeal(t.Context(), token, "Again."); !errors.Is(err, fault.Forbidden) {
		t.Errorf("second Appeal = %v", err)
	}
	d.decide(moderator, id, comment.Reject) // the same again is an answer
	if r := d.receipt(token); !r.AppealAnswered || r.Status != comment.Refused || r.Appealable {
		t.Errorf("receipt = %+v", r)
	}
}
