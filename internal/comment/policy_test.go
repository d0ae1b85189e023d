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

func TestPolicy(t *testing.T) {
	public := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	days := func(n int) *int { return &n }
	for _, tt := range []struct {
		name  string
		p     comment.Policy
		after int // days
		want  string
	}{
		{"site", comment.Policy{Site: "premoderated"}, 9999, "read first"},
		{"site open", comment.Policy{Site: "open"}, 1, "open"},
		{"site closed", comment.Policy{Site: "closed"}, 1, "closed"},
		{"young enough", comment.Policy{Site: "open", SiteDays: 14}, 13, "open"},
		{"too old", comment.Policy{Site: "open", SiteDays: 14}, 14, "closed"},
		{"open by hand", comment.Policy{Article: "open", Site: "open", SiteDays: 14}, 15, "open"},
		{"read first by hand", comment.Policy{Article: "premoderated", Site: "open", SiteDays: 14}, 15, "read first"},
		{"read first by hand, with days", comment.Policy{Article: "premoderated", ArticleDays: days(3), Site: "open"}, 3, "closed"},
		{"open by hand beats its days", comment.Policy{Article: "open", ArticleDays: days(3), Site: "closed"}, 3, "open"},
		{"article over site", comment.Policy{Article: "premoderated", Site: "closed"}, 1, "read first"},
		{"article closed", comment.Policy{Article: "closed", Site: "open"}, 1, "closed"},
		{"category over site", comment.Policy{Category: "open", Site: "closed"}, 1, "open"},
		{"category closed", comment.Policy{Category: "closed", Site: "open"}, 1, "closed"},
		{"article over category", comment.Policy{Article: "open", Category: "closed", Site: "closed"}, 1, "open"},
		{"category's days", comment.Policy{Category: "open", Site: "open", CategoryDays: days(2), SiteDays: 14}, 2, "closed"},
		{"category's never", comment.Policy{Site: "open", CategoryDays: days(0), SiteDays: 14}, 99, "open"},
		{"article's days over category's", comment.Policy{Site: "open", ArticleDays: days(5), CategoryDays: days(2)}, 4, "open"},
		{"article's never", comment.Policy{Site: "open", ArticleDays: days(0), CategoryDays: days(2), SiteDays: 1}, 99, "open"},
		{"page", comment.Policy{Site: "open", Page: true}, 1, "closed"},
		{"page that asks", comment.Policy{Article: "open", Site: "closed", Page: true}, 1, "open"},
		{"emergency", comment.Policy{Article: "open", Site: "open", Emergency: "premoderated"}, 1, "read first"},
		{"emergency closes", comment.Policy{Article: "open", Site: "open", Emergency: "closed"}, 1, "closed"},
		{"emergency opens nothing", comment.Policy{Article: "closed", Site: "open", Emergency: "premoderated"}, 1, "closed"},
		{"emergency opens nothing old", comment.Policy{Site: "open", SiteDays: 1, Emergency: "premoderated"}, 1, "closed"},
		{"storm", comment.Policy{Article: "open", Site: "open", Storm: true}, 1, "read first"},
		{"storm under closed", comment.Policy{Article: "closed", Site: "open", Storm: true}, 1, "closed"},
	} {
		p := tt.p
		if p.PublicAt = public; p.Article == "" {
			p.Article = "default"
		}
		got := "open"
		switch {
		case p.Closed(public.AddDate(0, 0, tt.after)):
			got = "closed"
		case p.ReadFirst():
			got = "read first"
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// category makes one below another, 0 for none.
func (d *desk) category(parent int64, set string) int64 {
	d.t.Helper()
	id := scan[int64](d, `
		INSERT INTO categories (parent_id, slug, name, path, lineage)
		VALUES (nullif($1::bigint, 0), 'c' || $2, 'C', '/category/c' || $2 || '/', '{}') RETURNING id`, parent, fmt.Sprint(d.guests.Add(1)))
	d.exec(`UPDATE categories SET lineage = coalesce((SELECT lineage FROM categories WHERE id = $2), '{}') || $1, `+set+` WHERE id = $1`, id, parent)
	return id
}

// open makes an article under which comments appear at once.
func (d *desk) open() int64 {
	d.t.Helper()
	id := d.article()
	d.exec(`UPDATE articles SET comments = 'open' WHERE id = $1`, id)
	return id
}

// old is somebody of whom a comment was approved, long enough ago.
func (d *desk) old(article int64) comment.In {
	d.t.Helper()
	in := d.guest(article)
	d.published(d.moderator(), in)
	d.pass(time.Hour)
	in.Body = fmt.Sprintf("Another comment, number %d.", d.guests.Add(1))
	return in
}

func TestPolicyOfCategories(t *testing.T) {
	d := newDesk(t)
	d.exec(`UPDATE settings SET comments = 'closed', comments_close_days = 1`)
	top := d.category(0, `comments = 'premoderated', comments_close_days = 30`)
	middle := d.category(top, `comments = 'default'`)
	leaf := d.category(middle, `comments = 'open', comments_close_days = 0`)
	for _, tt := range []struct {
		category int64
		after    time.Duration
		want     string
	}{
		{top, time.Hour, "premoderated first"},
		{middle, time.Hour, "premoderated first"},
		{middle, 31 * 24 * time.Hour, "closed"},
		{leaf, 31 * 24 * time.Hour, "first"},
	} {
		article := d.article()
		d.exec(`UPDATE articles SET live_category = $2 WHERE id = $1`, article, tt.category)
		d.pass(tt.after)
		token, err := d.Post(t.Context(), d.guest(article))
		got := "closed"
		if !errors.Is(err, fault.Forbidden) {
			got = d.rules(d.receipt(token).ID)
		}
		if got != tt.want {
			t.Errorf("category %d after %v: %s, want %s (%v)", tt.category, tt.after, got, tt.want, err)
		}
	}
	if _, err := d.Post(t.Context(), d.guest(d.article())); !errors.Is(err, fault.Forbidden) {
		t.Errorf("without a category = %v", err)
	}
}

func TestOpenIsPublicAtOnce(t *testing.T) {
	d := newDesk(t)
	article := d.open()
	in := d.old(article)
	var token string
	tags := d.purges(func() { token, _ = d.post(in) })
	if r := d.receipt(token); r.Status != comment.Published || r.Text != in.Body {
		t.Errorf("receipt = %+v", r)
	}
	if want := fmt.Sprintf("comments:%d", article); len(tags) != 1 || tags[0] != want || d.counted(article) != 2 {
		t.Errorf("announced %q, %d counted", tags, d.counted(article))
	}
	if n := scan[int](d, `SELECT count(*) FROM comment_threads`); n != 2 {
		t.Errorf("%d threads", n)
	}
	// A reply to it as well, and the same again is the same.
	reply := d.old(article)
	reply.Parent = d.receipt(token).ID
	first, id := d.post(reply)
	if again, _ := d.post(reply); again != first || d.counted(article) != 4 {
		t.Errorf("%d counted", d.counted(article))
	}
	if d.status(id) != comment.Approved {
		t.Errorf("a reply is %s", d.status(id))
	}
}

func TestOpenThatBreaksOffLeavesNothing(t *testing.T) {
	d := newDesk(t)
	in := d.old(d.open())
	d.exec(`ALTER TABLE article_counts ADD CONSTRAINT broken CHECK (approved < 2)`)
	before := d.all()
	var err error
	tags := d.purges(func() { _, err = d.Post(t.Context(), in) })
	if err == nil || len(tags) != 0 || d.all() != before {
		t.Errorf("Post = %v, announced %q, and left something behind", err, tags)
	}
}

func TestTrust(t *testing.T) {
	d := newDesk(t)
	moderator, article := d.moderator(), d.article()
	d.exec(`UPDATE settings SET trust_after = 3, trust_days = 30, comments_per_email = 1000, comments_per_address = 1000`)
	in := d.guest(article)
	n := 0
	send := func(where int64) string {
		t.Helper()
		n++
		d.pass(time.Minute)
		again := in
		again.ArticleID, again.Body, again.Address = where, fmt.Sprintf("Text %d.", n), netip.AddrFrom4([4]byte{10, 1, byte(n), 1})
		_, id := d.post(again)
		return strings.TrimSpace(string(d.status(id)) + " " + d.rules(id))
	}
	approve := func() {
		t.Helper()
		send(article)
		d.decide(moderator, scan[int64](d, `SELECT max(id) FROM comments`), comment.Approve)
	}
	approve()
	approve()
	if got := send(article); got != "pending premoderated" {
		t.Errorf("after two: %s", got)
	}
	approve()
	if got := send(article); got != "approved" {
		t.Errorf("after three: %s", got)
	}
	d.exec(`UPDATE articles SET comments = 'premoderated'`)
	if got := send(article); got != "pending premoderated" {
		t.Errorf("where the article itself says so: %s", got)
	}
	section := d.category(0, `comments = 'premoderated'`)
	d.exec(`UPDATE articles SET comments = 'default', live_category = $1`, section)
	if got := send(article); got != "approved" {
		t.Errorf("where the category says so: %s", got)
	}
	for what, set := range map[string]string{
		"emergency": `UPDATE settings SET comments_emergency = 'premoderated'`,
		"held":      `UPDATE commenters SET always_held = true`,
		"storm":     `INSERT INTO storms (article_id, newcomers, usual, began_at, seen_at) SELECT id, 10, 0, now(), now() FROM articles`,
	} {
		d.exec(set)
		want := "pending " + what
		if what == "held" {
			want = "pending premoderated held"
		}
		if got := send(article); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
		d.exec(`UPDATE settings SET comments_emergency = ''`)
		d.exec(`UPDATE commenters SET always_held = false`)
		d.exec(`DELETE FROM storms`)
	}
	// One refusal among the last ten ends it, the eleventh decision before now doesn't.
	send(article)
	refused := scan[int64](d, `SELECT max(id) FROM comments`)
	d.decide(moderator, refused, comment.Hold)
	d.decide(moderator, refused, comment.Reject)
	if got := send(article); got != "pending premoderated" {
		t.Errorf("after a rejection: %s", got)
	}
	for range 9 {
		approve()
	}
	if got := send(article); got != "pending premoderated" {
		t.Errorf("nine approvals after a rejection: %s", got)
	}
	approve()
	if got := send(article); got != "approved" {
		t.Errorf("ten approvals after a rejection: %s", got)
	}
	d.pass(30 * 24 * time.Hour)
	if got := send(article); got != "pending premoderated" {
		t.Errorf("after it lapsed: %s", got)
	}
}

func TestEmergency(t *testing.T) {
	d := newDesk(t)
	moderator, article := d.moderator(), d.open()
	in := d.old(article)
	if tags := d.purges(func() {
		if err := d.Emergency(t.Context(), moderator, "premoderated"); err != nil {
			t.Fatal(err)
		}
	}); len(tags) != 1 || tags[0] != "all" {
		t.Errorf("announced %q", tags)
	}
	if _, id := d.post(in); d.rules(id) != "emergency" {
		t.Errorf("held for %q", d.rules(id))
	}
	if err := d.Emergency(t.Context(), moderator, "closed"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Post(t.Context(), d.guest(article)); !errors.Is(err, fault.Forbidden) {
		t.Errorf("Post while all is closed = %v", err)
	}
	if tags := d.purges(func() {
		if err := d.Emergency(t.Context(), moderator, "closed"); err != nil {
			t.Fatal(err)
		}
	}); len(tags) != 0 {
		t.Errorf("announced %q for what was so already", tags)
	}
	if err := d.Emergency(t.Context(), moderator, ""); err != nil {
		t.Fatal(err)
	}
	in.Body = "It is over."
	d.pass(time.Minute)
	if _, id := d.post(in); d.status(id) != comment.Approved {
		t.Errorf("afterwards: %s for %q", d.status(id), d.rules(id))
	}
	if err := d.Emergency(t.Context(), moderator, "open"); fieldOf(err) != "mode" {
		t.Errorf("Emergency(open) = %v", err)
	}
	if n := scan[int](d, `SELECT count(*) FROM audit WHERE act = 'comment.emergency'`); n != 3 {
		t.Errorf("%d rows in the audit", n)
	}
}
