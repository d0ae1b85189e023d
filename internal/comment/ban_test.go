package comment_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/receipt"
	"stet/internal/staff"
)

func (d *desk) ban(actor staff.Actor, in comment.BanIn) int64 {
	d.t.Helper()
	id, err := d.Ban(d.t.Context(), actor, in)
	if err != nil {
		d.t.Fatalf("Ban(%+v) = %v", in, err)
	}
	return id
}

// from is a comment as somebody with that e-mail and address sends it.
func (d *desk) from(article int64, email, address string) comment.In {
	in := d.guest(article)
	in.Email, in.Address = email, netip.MustParseAddr(address)
	return in
}

// rules are the names of the rules for which a comment is held.
func (d *desk) rules(id int64) string {
	d.t.Helper()
	return scan[string](d, `SELECT coalesce(string_agg(rule, ' ' ORDER BY id), '') FROM hold_reasons WHERE comment_id = $1`, id)
}

func (d *desk) status(id int64) comment.Status {
	d.t.Helper()
	return scan[comment.Status](d, `SELECT status FROM comments WHERE id = $1`, id)
}

func fieldOf(err error) string {
	invalid, ok := errors.AsType[*fault.Invalid](err)
	if !ok || len(invalid.Fields) != 1 {
		return fmt.Sprint(err)
	}
	for f := range invalid.Fields {
		return f
	}
	return ""
}

func TestBan(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	in := d.guest(article)
	_, shown := d.published(moderator, in)
	in.Body = "Another."
	d.pass(time.Minute)
	_, waits := d.post(in)
	until := d.now().Add(time.Hour)
	var ban int64
	tags := d.purges(func() {
		ban = d.ban(moderator, comment.BanIn{CommentID: waits, Until: &until, Reason: "Threats.", HideAll: true})
	})
	if len(tags) != 1 || d.counted(article) != 0 || len(d.queue(comment.Filter{})) != 0 {
		t.Errorf("after hiding all: announced %q, %d counted, %d wait", tags, d.counted(article), len(d.queue(comment.Filter{})))
	}
	who := d.item(shown, comment.Rejected).Person
	if who == nil || !who.Banned || who.BannedUntil == nil || !who.BannedUntil.Equal(until) || who.BanReason != "Threats." || who.Rejected != 2 {
		t.Errorf("person = %+v", who)
	}
	in.Email, in.Name, in.Body = strings.ToUpper(in.Email), "New name", "I am back."
	token, id := d.post(in)
	if r := d.receipt(token); r.Status != comment.Waits {
		t.Errorf("a banned person is told %s", r.Status)
	}
	if i := d.item(id, comment.Spam); !slices.ContainsFunc(i.Reasons, func(r comment.Reason) bool { return r.Rule == "banned" }) {
		t.Errorf("held for %+v", i.Reasons)
	}
	d.pass(time.Hour)
	in.Body = "I am back at last."
	_, later := d.post(in)
	if d.status(later) != comment.Pending {
		t.Errorf("after the ban: %s", d.status(later))
	}
	list, next, err := d.Bans(t.Context(), moderator, "")
	if err != nil || next != "" || len(list) != 1 {
		t.Fatalf("Bans = %+v, %q, %v", list, next, err)
	}
	if b := list[0]; b.ID != ban || !b.Over || b.Hidden != 2 || b.By != moderator.Name || b.Mailbox == "" || b.Network != "" || b.CommentID != waits {
		t.Errorf("ban = %+v", b)
	}
}

// Whoever fits one of three is banned, in every spelling and both shapes of the network.
func TestWhomABanFits(t *testing.T) {
	d := newDesk(t)
	moderator := d.moderator()
	d.exec(`UPDATE settings SET comments_per_email = 1000, comments_per_address = 1000`)
	_, four := d.post(d.from(d.article(), "Jose\u0301+news@mail.troll.example", "192.0.2.17"))
	d.ban(moderator, comment.BanIn{CommentID: four, Network: true, Domain: true})
	_, six := d.post(d.from(d.article(), "a.b@gmail.com", "2001:db8:1:2::1"))
	d.ban(moderator, comment.BanIn{CommentID: six, Network: true})
	for _, tt := range []struct {
		email, address string
		banned         bool
	}{
		{"JOS\u00c9@mail.troll.example", "198.51.100.1", true},
		{"jos\u00e9+other@mail.troll.example", "198.51.100.1", true},
		{"somebody@mail.troll.example", "198.51.100.1", true},
		{"somebody@deep.mail.troll.example", "198.51.100.1", true},
		{"somebody@troll.example", "198.51.100.1", false},
		{"somebody@othermail.troll.example", "198.51.100.1", false},
		{"somebody@example.org", "192.0.2.250", true},
		{"somebody@example.org", "::ffff:192.0.2.250", true},
		{"somebody@example.org", "192.0.3.1", false},
		{"AB@googlemail.com", "198.51.100.1", true},
		{"ab+x@gmail.com", "198.51.100.1", true},
		{"abc@gmail.com", "198.51.100.1", false},
		{"somebody@example.org", "2001:db8:1:2:ffff::9", true},
		{"somebody@example.org", "2001:db8:1:3::9", false},
	} {
		_, id := d.post(d.from(d.article(), tt.email, tt.address))
		if (d.status(id) == comment.Spam) != tt.banned {
			t.Errorf("%s from %s is %s, banned %v", tt.email, tt.address, d.status(id), tt.banned)
		}
	}
	// Erased: only a keyed hash is left of the mailbox, under this secret or the one before.
	for _, key := range [][]byte{secret, old} {
		d.exec(`UPDATE bans SET commenter_id = NULL, domain = NULL, network = NULL, mailbox = 'h:' || $1`,
			hex.EncodeToString(receipt.Keyed(key, "ban", []byte("erased@example.org"))))
		store := comment.New(d.App, secret, old)
		store.Now = d.now
		in := d.from(d.article(), "Erased@example.org", "198.51.100.1")
		if _, err := store.Post(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if got := scan[string](d, `SELECT status FROM comments ORDER BY id DESC LIMIT 1`); got != "spam" {
			t.Errorf("somebody banned and erased comes in as %s", got)
		}
	}
	list, _, err := d.Bans(t.Context(), moderator, "")
	if err != nil || len(list) != 2 || list[0].Mailbox != "" {
		t.Errorf("Bans = %+v, %v", list, err)
	}
}

func TestBanIsRefused(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	in := d.guest(article)
	in.Address = netip.Addr{}
	_, nowhere := d.published(moderator, in)
	_, free := d.post(d.from(article, "x@Gmail.com", "192.0.2.1"))
	_, sub := d.post(d.from(article, "x@eu.outlook.com", "192.0.2.1"))
	answer, err := d.Reply(t.Context(), moderator, nowhere, "Hello.")
	if err != nil {
		t.Fatal(err)
	}
	past := d.now()
	before := d.all()
	for name, tt := range map[string]struct {
		in   comment.BanIn
		want string
	}{
		"no address kept":    {comment.BanIn{CommentID: nowhere, Network: true}, "network"},
		"free mail":          {comment.BanIn{CommentID: free, Domain: true}, "domain"},
		"free mail below":    {comment.BanIn{CommentID: sub, Domain: true}, "domain"},
		"over already":       {comment.BanIn{CommentID: free, Until: &past}, "until"},
		"a colleague":        {comment.BanIn{CommentID: answer}, ""},
		"long reason":        {comment.BanIn{CommentID: free, Reason: strings.Repeat("x", 1001)}, "reason"},
		"controls in reason": {comment.BanIn{CommentID: free, Reason: "a\x01"}, "reason"},
	} {
		if _, err := d.Ban(t.Context(), moderator, tt.in); fieldOf(err) != tt.want {
			t.Errorf("%s: Ban = %v, want a fault on %q", name, err, tt.want)
		}
	}
	if _, err := d.Ban(t.Context(), moderator, comment.BanIn{CommentID: 1 << 40}); !errors.Is(err, fault.NotFound) {
		t.Errorf("banning nobody = %v", err)
	}
	if d.all() != before {
		t.Error("a refused ban left something behind")
	}
}

func TestLiftBan(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	in := d.guest(article)
	_, shown := d.published(moderator, in)
	in.Body = "Another."
	_, waits := d.post(in)
	in.Body, in.Email = "With a tag.", strings.Replace(in.Email, "@", "+tag@", 1)
	_, tagged := d.post(in)
	first := d.ban(moderator, comment.BanIn{CommentID: waits, HideAll: true})
	if got := fmt.Sprintln(d.status(shown), d.status(waits), d.status(tagged)); got != "rejected rejected rejected\n" {
		t.Fatalf("hidden: %s", got)
	}
	// Decided anew since: that stands.
	d.decide(moderator, tagged, comment.Hold)
	second := d.ban(moderator, comment.BanIn{CommentID: waits, Reason: "For good."})
	if err := d.LiftBan(t.Context(), moderator, first, true); !errors.Is(err, fault.Conflict) {
		t.Errorf("lifting a ban that another replaced = %v", err)
	}
	if d.status(shown) != comment.Rejected {
		t.Error("a refused act restored something")
	}
	if err := d.LiftBan(t.Context(), moderator, second, true); err != nil {
		t.Fatal(err)
	}
	if d.status(shown) != comment.Rejected || !d.item(shown, comment.Rejected).Person.Banned {
		t.Error("the ban that was replaced is not back")
	}
	if err := d.LiftBan(t.Context(), moderator, first, true); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintln(d.status(shown), d.status(waits), d.status(tagged)); got != "approved pending pending\n" || d.counted(article) != 1 {
		t.Errorf("restored: %s", got)
	}
	if d.item(shown, comment.Approved).Person.Banned {
		t.Error("banned still")
	}
	third := d.ban(moderator, comment.BanIn{CommentID: waits, HideAll: true})
	if err := d.LiftBan(t.Context(), moderator, third, false); err != nil {
		t.Fatal(err)
	}
	if d.status(shown) != comment.Rejected {
		t.Error("lifting alone brought comments back")
	}
	if err := d.LiftBan(t.Context(), moderator, 1<<40, true); !errors.Is(err, fault.NotFound) {
		t.Errorf("lifting no ban = %v", err)
	}
	if n := scan[int](d, `SELECT count(*) FROM audit WHERE act IN ('comment.ban', 'comment.unban')`); n != 6 {
		t.Errorf("%d rows in the audit", n)
	}
}

func TestBanThatBreaksOffChangesNothing(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	_, id := d.published(moderator, d.guest(article))
	ban := d.ban(moderator, comment.BanIn{CommentID: id, HideAll: true})
	d.exec(`ALTER TABLE audit ADD CONSTRAINT broken CHECK (act NOT IN ('comment.ban', 'comment.unban')) NOT VALID`)
	before := d.all() + scan[string](d, `SELECT jsonb_agg(b)::text FROM bans b`)
	if _, err := d.Ban(t.Context(), moderator, comment.BanIn{CommentID: id, HideAll: true}); err == nil {
		t.Error("Ban succeeded")
	}
	if err := d.LiftBan(t.Context(), moderator, ban, true); err == nil {
		t.Error("LiftBan succeeded")
	}
	if d.all()+scan[string](d, `SELECT jsonb_agg(b)::text FROM bans b`) != before {
		t.Error("half of it was done")
	}
}

// A banned person's old comments are evidence, whichever of the three holds for them.
func TestBannedPersonCanChangeNothing(t *testing.T) {
	d := newDesk(t)
	article, moderator := d.article(), d.moderator()
	in := d.from(article, "troll@troll.example", "192.0.2.1")
	shown, id := d.published(moderator, in)
	post := func(act comment.Act) string {
		in.Body = fmt.Sprint("Comment to ", act)
		d.pass(time.Minute)
		token, id := d.post(in)
		if act != "" {
			d.decide(moderator, id, act)
		}
		return token
	}
	waits, rejected := post(""), post(comment.Reject)
	d.ban(moderator, comment.BanIn{CommentID: id, Network: true, Domain: true})
	row := scan[string](d, `SELECT mailbox || ' ' || network || ' ' || domain FROM bans`)
	if row != "troll@troll.example 192.0.2.0/24 troll.example" {
		t.Fatalf("banned: %s", row)
	}
	for _, only := range []string{
		`mailbox = 'troll@troll.example', network = NULL, domain = NULL`, `mailbox = NULL, network = '192.0.2.0/24', domain = NULL`,
		`mailbox = NULL, network = NULL, domain = 'troll.example'`,
	} {
		d.exec(`UPDATE bans SET ` + only)
		before := d.all()
		for what, err := range map[string]error{
			"Edit of a published one": d.Edit(t.Context(), shown, "Words."), "Edit": d.Edit(t.Context(), waits, "Words."),
			"Delete": d.Delete(t.Context(), shown), "Appeal": d.Appeal(t.Context(), rejected, "Please."),
		} {
			if !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s: %s = %v", only, what, err)
			}
		}
		if d.receipt(rejected).Appealable || !d.receipt(waits).EditableUntil.IsZero() || d.all() != before {
			t.Errorf("%s: the receipt offers what is refused, or something changed", only)
		}
	}
	d.exec(`UPDATE bans SET lifted_at = at`)
	if err := d.Edit(t.Context(), waits, "Words."); err != nil {
		t.Errorf("Edit after the ban = %v", err)
	}
}
