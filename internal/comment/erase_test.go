package comment_test

import (
	"context"
	"errors"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/staff"
)

// dump is the whole database as a backup of it would be, in lower case.
func (d *desk) dump() string {
	d.t.Helper()
	bin := scan[string](d, `SELECT setting FROM pg_config WHERE name = 'BINDIR'`)
	out, err := exec.CommandContext(d.t.Context(), filepath.Join(bin, "pg_dump"), "--data-only", "--dbname", d.SuperURL).Output()
	if err != nil {
		d.t.Fatalf("pg_dump: %v", err)
	}
	return strings.ToLower(string(out))
}

// marked are what a test looks for: parts of the name, the e-mail, the texts, the network address.
var marked = []string{"marquard", "zyxgrunt", "qwelphid", "vorbelicht", "198.51.100.77"}

// life is everything that can happen to somebody who comments. It gives their person and their comments.
func (p *post) life() (person int64, ids []int64) {
	p.t.Helper()
	ctx := p.t.Context()
	in := p.guest(p.article)
	in.Name, in.Email, in.Body, in.Notify = "Zyxgrunt Marquard", "zyxgrunt.marquard@example.org", "A qwelphid opinion of https://vorbelicht.example and https://vorbelicht.example/2", true
	in.Address = netip.MustParseAddr("198.51.100.77")
	token, first := p.published(p.moderator, in)
	if err := p.Edit(ctx, token, "A vorbelicht opinion, changed."); err != nil {
		p.t.Fatal(err)
	}
	p.decide(p.moderator, first, comment.Approve)
	for _, act := range []comment.Act{comment.MarkSpam, comment.Reject} {
		next := in
		next.Body = "Qwelphid " + string(act)
		_, id := p.post(next)
		if err := p.Decide(ctx, p.moderator, comment.Pick{ID: id}, act, "Marquard writes qwelphid again."); err != nil {
			p.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	waiting := in
	waiting.Body = "Vorbelicht waits."
	_, pending := p.post(waiting)
	person = scan[int64](p.desk, `SELECT commenter_id FROM comments WHERE id = $1`, first)
	p.exec(`UPDATE commenters SET confirmed_at = first_at WHERE id = $1`, person)
	p.reply(first)
	p.exec(`UPDATE comments SET appeal = 'Marquard appeals', told = 'qwelphid' WHERE id = $1`, pending)
	p.report(in.Email, first)
	if err := p.AskForData(ctx, in.Email, in.Address); err != nil {
		p.t.Fatal(err)
	}
	p.pass(2 * time.Minute)
	p.tell(person)
	return person, append(ids, first, pending)
}

// report has the person report another's comment and an error, and a moderator send theirs to the corrections; 0 is none.
func (p *post) report(email string, own int64) {
	p.t.Helper()
	_, other := p.published(p.moderator, p.guest(p.article))
	_, err := p.ReportComment(p.t.Context(), comment.ReportIn{CommentID: other, ArticleID: p.article, Reason: comment.Illegal, Ground: "The qwelphid act", Detail: "Marquard knows.",
		Name: "Zyxgrunt Marquard", Email: email, GoodFaith: true, Address: netip.MustParseAddr("198.51.100.77")})
	if err != nil {
		p.t.Fatal(err)
	}
	p.exec(`
		INSERT INTO error_reports (article_id, quote, body, name, email, credit, token_hash, at, changed_at)
		VALUES ($1, 'The vorbelicht sentence.', 'A qwelphid error.', 'Zyxgrunt Marquard', $2, true, '\x01', now(), now())`, p.article, email)
	if own == 0 {
		return
	}
	p.exec(`
		INSERT INTO error_reports (article_id, body, quote, comment_id, token_hash, at, changed_at)
		VALUES ($1, 'A vorbelicht opinion', 'qwelphid', $2, '\x02', now(), now())`, p.article, own)
}

func TestErasureLeavesNoTrace(t *testing.T) {
	p := newPost(t)
	p.exec(`UPDATE settings SET addresses_days = 30`)
	person, ids := p.life()
	p.exec(`
		INSERT INTO bans (commenter_id, mailbox, comment_id, reason, at)
		SELECT id, mailbox, $2, 'Marquard again', now()
		FROM commenters
		WHERE id = $1`, person, ids[0])
	before := p.dump()
	for _, m := range marked {
		if !strings.Contains(before, m) {
			t.Errorf("%q isn't in the database before: the test looks for nothing", m)
		}
	}
	if c, err := p.CopyPerson(t.Context(), p.person("Ad Min", staff.Admin), person); err != nil || len(c.Comments) != 4 || len(c.Reports) != 1 || len(c.Errors) != 1 {
		t.Errorf("CopyPerson = %+v, %v", c, err)
	}
	if err := p.ErasePerson(t.Context(), p.person("Ed Itor", staff.Editor), person); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an editor erases: %v", err)
	}
	admin := p.person("Ad Minor", staff.Admin)
	if err := p.ErasePerson(t.Context(), admin, person); err != nil {
		t.Fatal(err)
	}
	after := p.dump()
	for _, m := range marked {
		if i := strings.Index(after, m); i >= 0 {
			t.Errorf("%q is left: …%s…", m, after[max(0, i-200):min(len(after), i+100)])
		}
	}
	if err := p.ErasePerson(t.Context(), admin, person); !errors.Is(err, fault.NotFound) {
		t.Errorf("erased twice: %v", err)
	}
	if n := p.counted(p.article); n != 2 {
		t.Errorf("%d comments counted, want the two of others", n)
	}
	live := p.thread(p.article, comment.Oldest, 1).Comments
	gone := 0
	for _, c := range live {
		if c.ParentGone {
			gone++
		}
	}
	if len(live) != 2 || gone != 1 {
		t.Errorf("readers see %+v, want a reply to a deleted comment and another's", live)
	}
	if boxes := scan[string](p.desk, `SELECT string_agg(mailbox || coalesce(commenter_id::text, ''), ' ') FROM bans`); !strings.HasPrefix(boxes, "h:") || strings.Contains(boxes, " ") {
		t.Errorf("the ban keeps %q, want a hash alone", boxes)
	}
}

func TestErasureByMail(t *testing.T) {
	p := newPost(t)
	person, _ := p.life()
	if err := p.DataLink(t.Context(), person); err != nil {
		t.Fatal(err)
	}
	all := p.box.All()
	token := linkIn(t, all[len(all)-1])
	if is, err := p.MailPage(t.Context(), token); err != nil || is.Purpose != comment.ForData || is.Comments != 4 {
		t.Errorf("MailPage = %+v, %v", is, err)
	}
	if err := p.EraseByLink(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	after := p.dump()
	for _, m := range marked {
		if strings.Contains(after, m) {
			t.Errorf("%q is left", m)
		}
	}
	if is, err := p.MailPage(t.Context(), token); err != nil || !is.Gone {
		t.Errorf("MailPage = %+v, %v after the erasure", is, err)
	}
	if err := p.EraseByLink(t.Context(), token); !errors.Is(err, fault.NotFound) {
		t.Errorf("erased twice: %v", err)
	}
	if _, err := p.CopyByLink(t.Context(), token); !errors.Is(err, fault.NotFound) {
		t.Errorf("a copy of nobody: %v", err)
	}
	// What was queued for them finds nobody.
	for _, err := range []error{p.Replies(t.Context(), person), p.DataLink(t.Context(), person)} {
		if err != nil {
			t.Error(err)
		}
	}
}

// TestErasureOfWhoOnlyReported asks, copies and erases for somebody who never commented.
func TestErasureOfWhoOnlyReported(t *testing.T) {
	for name, only := range map[string]string{"both": "", "an error": "comment_reports", "a comment": "error_reports"} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t)
			p.report("Zyxgrunt.Marquard@example.org", 0)
			if only != "" {
				p.exec(`DELETE FROM ` + only)
			}
			if err := p.AskForData(t.Context(), "zyxgrunt.marquard@EXAMPLE.org", netip.Addr{}); err != nil {
				t.Fatal(err)
			}
			person := scan[int64](p.desk, `SELECT id FROM commenters WHERE mailbox = 'zyxgrunt.marquard@example.org'`)
			if n := scan[int](p.desk, `SELECT count(*) FROM river_job WHERE kind = 'data_link' AND args->>'person' = $1::bigint::text`, person); n != 1 {
				t.Errorf("%d jobs for them, want 1", n)
			}
			if err := p.DataLink(t.Context(), person); err != nil {
				t.Fatal(err)
			}
			token := linkIn(t, p.box.Wait(1)[0])
			c, err := p.CopyByLink(t.Context(), token)
			if err != nil || len(c.Comments) != 0 || (len(c.Reports) == 1) == (only == "comment_reports") || (len(c.Errors) == 1) == (only == "error_reports") {
				t.Errorf("CopyByLink = %+v, %v", c, err)
			}
			if err := p.EraseByLink(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			after := p.dump()
			for _, m := range marked {
				if strings.Contains(after, m) {
					t.Errorf("%q is left", m)
				}
			}
			if n := scan[int](p.desk, `SELECT count(*) FROM comment_reports WHERE source IS NOT NULL`); n != 0 {
				t.Errorf("%d reports still tell where they came from", n)
			}
			if err := p.AskForData(t.Context(), "zyxgrunt.marquard@example.org", netip.Addr{}); err != nil {
				t.Fatal(err)
			}
			if n := scan[int](p.desk, `SELECT count(*) FROM commenters WHERE mailbox LIKE 'zyx%'`); n != 0 {
				t.Error("who asked after the erasure was made somebody again")
			}
		})
	}
}

// TestErasureWhileTheyComment posts while the person is erased: the comment is erased with the others or is somebody new's.
func TestErasureWhileTheyComment(t *testing.T) {
	p := newPost(t)
	in := p.guest(p.article)
	_, first := p.post(in)
	person := scan[int64](p.desk, `SELECT commenter_id FROM comments WHERE id = $1`, first)
	posted := make(chan error, 1)
	go func() {
		again := in
		again.Body = "Another one meanwhile."
		_, err := p.Post(context.WithoutCancel(t.Context()), again)
		posted <- err
	}()
	if err := p.ErasePerson(t.Context(), staff.System(), person); err != nil {
		t.Fatal(err)
	}
	if err := <-posted; err != nil {
		t.Fatal(err)
	}
	if n := scan[int](p.desk, `SELECT count(*) FROM comments WHERE commenter_id = $1`, person); n != 0 {
		t.Errorf("%d comments still name the person", n)
	}
}
