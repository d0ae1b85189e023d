package comment_test

import (
	"errors"
	"io/fs"
	"log/slog"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/jobs"
	"stet/internal/mail"
	"stet/internal/mailtest"
	"stet/internal/page"
	"stet/internal/report"
	"stet/internal/settings"
	"stet/internal/staff"
	"stet/web"
)

// post is a desk whose mail goes to a server of the test.
type post struct {
	*desk
	*comment.Mailer
	box       *mailtest.Server
	moderator staff.Actor
	article   int64
}

func newPost(t *testing.T) *post {
	t.Helper()
	static, err := fs.Sub(web.FS, "static")
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t)
	reports := report.New(d.App, article.NewReader(d.Reader), secret, nil)
	d.AlsoErase, d.AlsoCopy = reports.Erase, reports.Copy
	p := &post{desk: d, box: mailtest.New(t), moderator: d.moderator(), article: d.article()}
	p.Mailer = comment.NewMailer(d.Store, mail.New(mail.Options{Server: p.box.URL(), From: &netmail.Address{Address: "post@news.example"},
		Base: &url.URL{Scheme: "https", Host: "news.example"}, Set: page.NewSet(web.FS, page.NewAssets(static), page.Options{}),
		Settings: settings.NewSource(d.App), Log: slog.New(slog.DiscardHandler)}))
	return p
}

// asking posts and approves a comment whose writer wants to hear of replies.
func (p *post) asking() (in comment.In, id, person int64) {
	p.t.Helper()
	in = p.guest(p.article)
	in.Notify = true
	_, id = p.published(p.moderator, in)
	return in, id, scan[int64](p.desk, `SELECT commenter_id FROM comments WHERE id = $1`, id)
}

// confirmed is asking, with the address confirmed from the mail.
func (p *post) confirmed() (id, person int64) {
	p.t.Helper()
	_, id, person = p.asking()
	p.pass(2 * time.Minute)
	had := len(p.box.All())
	if err := p.Confirm(p.t.Context(), id); err != nil {
		p.t.Fatal(err)
	}
	m := p.box.Wait(had + 1)[had]
	if err := p.ConfirmAddress(p.t.Context(), linkIn(p.t, m)); err != nil {
		p.t.Fatal(err)
	}
	return id, person
}

// linkIn is the token of the mail's link.
func linkIn(t testing.TB, m mailtest.Message) string {
	t.Helper()
	link := m.Link(t, "/comments/mail/")
	return link[strings.LastIndex(link, "/")+1:]
}

// reply posts and approves a reply.
func (p *post) reply(to int64) int64 {
	p.t.Helper()
	in := p.guest(p.article)
	in.Parent = to
	_, id := p.published(p.moderator, in)
	return id
}

// tell performs what is due for a person and says how long it wants to wait, 0 where it is done.
func (p *post) tell(person int64) time.Duration {
	p.t.Helper()
	err := p.Replies(p.t.Context(), person)
	if later, ok := errors.AsType[*jobs.NotYet](err); ok {
		return later.Wait
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return 0
}

func (p *post) queued(kind string) int {
	p.t.Helper()
	return scan[int](p.desk, `SELECT count(*) FROM river_job WHERE kind = $1`, kind)
}

func TestReplyIsToldOnce(t *testing.T) {
	p := newPost(t)
	id, person := p.confirmed()
	reply := p.reply(id)
	if wait := p.tell(person); wait != 90*time.Second {
		t.Errorf("waits %s, want a minute and a half: an approval may be taken back", wait)
	}
	p.box.Wait(1) // the confirmation
	p.pass(90 * time.Second)
	for range 2 {
		p.tell(person)
	}
	m := p.box.Wait(2)[1]
	email := scan[string](p.desk, `SELECT email FROM commenters WHERE id = $1`, person)
	if m.To != email || !strings.Contains(m.Text, "A headline") && !strings.Contains(m.Subject, "A headline") {
		t.Errorf("to %s: %s\n%s", m.To, m.Subject, m.Text)
	}
	if want := "/2026/03/a-headline/comments/"; !strings.Contains(m.Link(t, want), want) || reply == 0 {
		t.Error("no link to the reply")
	}
	if scan[int](p.desk, `SELECT count(*) FROM river_job WHERE args::text ~ '@|reader'`) != 0 {
		t.Error("a job holds more than ids")
	}
}

func TestNothingIsTold(t *testing.T) {
	for name, tt := range map[string]func(p *post, id, person, reply int64){
		"the approval was taken back": func(p *post, _, _, reply int64) { p.decide(p.moderator, reply, comment.Undo) },
		"the reply was deleted":       func(p *post, _, _, reply int64) { p.exec(`UPDATE comments SET erased_at = now() WHERE id = $1`, reply) },
		"the parent was hidden":       func(p *post, id, _, _ int64) { p.decide(p.moderator, id, comment.Hold) },
		"all notices were stopped": func(p *post, _, person, _ int64) {
			p.exec(`UPDATE commenters SET notices_stopped_at = now() WHERE id = $1`, person)
		},
		"the thread's were stopped": func(p *post, id, _, _ int64) { p.exec(`UPDATE comments SET notify = false WHERE id = $1`, id) },
		"the address isn't confirmed": func(p *post, _, person, _ int64) {
			p.exec(`UPDATE commenters SET confirmed_at = NULL WHERE id = $1`, person)
		},
		"the writer was banned": func(p *post, _, person, _ int64) {
			p.exec(`INSERT INTO bans (commenter_id, mailbox, at) SELECT id, mailbox, now() FROM commenters WHERE id = $1`, person)
		},
		"the domain was banned": func(p *post, _, _, _ int64) {
			p.exec(`INSERT INTO bans (domain, at) VALUES ('example.org', now())`)
		},
		"the article went": func(p *post, _, _, _ int64) { p.exec(`UPDATE articles SET public_state = 'withdrawn'`) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t)
			id, person := p.confirmed()
			reply := p.reply(id)
			tt(p, id, person, reply)
			p.pass(time.Hour)
			if wait := p.tell(person); wait != 0 {
				t.Errorf("waits %s", wait)
			}
			p.box.Wait(1) // the confirmation alone
		})
	}
}

func TestOneselfAndHeldRepliesAreNoNews(t *testing.T) {
	p := newPost(t)
	in, id, _ := p.asking()
	before := p.queued("replies")
	own := in
	own.Parent, own.Body = id, "I answer myself."
	p.published(p.moderator, own)
	held := p.guest(p.article)
	held.Parent = id
	p.post(held)
	if n := scan[int](p.desk, `SELECT count(*) FROM reply_notices`); n != 0 || p.queued("replies") != before {
		t.Errorf("%d notices and %d jobs, want none", n, p.queued("replies")-before)
	}
	if _, err := p.Reply(t.Context(), p.moderator, id, "The newsroom answers."); err != nil {
		t.Fatal(err)
	}
	if n := scan[int](p.desk, `SELECT count(*) FROM reply_notices`); n != 1 {
		t.Errorf("%d notices, want that of the newsroom's answer", n)
	}
}

func TestDigest(t *testing.T) {
	p := newPost(t)
	id, person := p.confirmed()
	for range 5 {
		p.reply(id)
	}
	p.pass(90 * time.Second)
	p.tell(person)
	if m := p.box.Wait(2)[1]; m.Subject != "5 replies to your comments" || strings.Count(m.Text, "/a-headline/comments/") != 5 {
		t.Errorf("%s\n%s", m.Subject, m.Text)
	}
	for n := range 2 {
		p.reply(id)
		p.pass(90 * time.Second)
		p.tell(person)
		p.box.Wait(3 + n)
	}
	// Three letters left within a day: from here on one an hour.
	p.reply(id)
	p.pass(90 * time.Second)
	wait := p.tell(person)
	if wait <= 50*time.Minute || wait > time.Hour {
		t.Errorf("waits %s, want the rest of an hour", wait)
	}
	p.reply(id)
	p.pass(wait)
	if again := p.tell(person); again != 0 {
		t.Errorf("waits %s more", again)
	}
	if m := p.box.Wait(5)[4]; m.Subject != "2 replies to your comments" {
		t.Errorf("%s, want both that came meanwhile", m.Subject)
	}
	p.pass(24 * time.Hour)
	p.reply(id)
	p.pass(90 * time.Second)
	p.tell(person)
	p.box.Wait(6)
}

func TestConfirmationIsAskedOnceADay(t *testing.T) {
	p := newPost(t)
	in, id, person := p.asking()
	if n := p.queued("confirm"); n != 1 {
		t.Fatalf("%d jobs ask for confirmation, want 1", n)
	}
	second := in
	second.Body = "A second one."
	_, other := p.published(p.moderator, second)
	waits := p.guest(p.article)
	waits.Notify = true
	_, held := p.post(waits)
	taken := p.guest(p.article)
	taken.Notify = true
	_, undone := p.published(p.moderator, taken)
	p.decide(p.moderator, undone, comment.Undo)
	for _, c := range []int64{id, other, held, undone, id} {
		if err := p.Confirm(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	m := p.box.Wait(1)[0]
	if m.To != in.Email || m.Header.Get("List-Unsubscribe") != "" {
		t.Errorf("to %s", m.To)
	}
	p.pass(25 * time.Hour)
	if err := p.Confirm(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	p.box.Wait(2)

	// A reply that came before the address was confirmed is told once it is.
	p.reply(id)
	p.pass(2 * time.Minute)
	if wait := p.tell(person); wait != 0 {
		t.Errorf("waits %s", wait)
	}
	p.box.Wait(2)
	if err := p.ConfirmAddress(t.Context(), linkIn(t, m)); err != nil {
		t.Fatal(err)
	}
	p.tell(person)
	p.box.Wait(3)
}

func TestMailLinks(t *testing.T) {
	p := newPost(t)
	id, person := p.confirmed()
	p.reply(id)
	p.pass(2 * time.Minute)
	p.tell(person)
	all := p.box.Wait(2)
	confirm, notices := linkIn(t, all[0]), linkIn(t, all[1])
	ctx := t.Context()
	for name, err := range map[string]error{
		"a link of another purpose": p.StopNotices(ctx, confirm, 0),
		"one that shows data":       p.EraseByLink(ctx, notices),
		"a changed one":             p.StopNotices(ctx, "A"+notices[1:], 0),
		"a short one":               p.StopNotices(ctx, notices[:len(notices)-4], 0),
		"a receipt":                 p.StopNotices(ctx, strings.Repeat("A", 43), 0),
		"nothing":                   p.ConfirmAddress(ctx, ""),
	} {
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
	if is, err := p.MailPage(ctx, notices); err != nil || len(is.Notices) != 1 || is.Stopped {
		t.Errorf("MailPage = %+v, %v", is, err)
	}
	// Under a new secret the links of the old one hold on.
	p.Store = comment.New(p.App, []byte("a new secret of thirty-two bytes, now"), secret)
	p.Store.Now = p.now
	for range 2 {
		if err := p.StopNotices(ctx, notices, 0); err != nil {
			t.Fatal(err)
		}
	}
	if is, err := p.MailPage(ctx, notices); err != nil || !is.Stopped {
		t.Errorf("MailPage = %+v, %v after stopping", is, err)
	}
	if err := p.ResumeNotices(ctx, notices); err != nil {
		t.Fatal(err)
	}
	if err := p.StopNotices(ctx, notices, id); err != nil {
		t.Fatal(err)
	}
	if is, err := p.MailPage(ctx, notices); err != nil || is.Stopped || len(is.Notices) != 0 {
		t.Errorf("MailPage = %+v, %v after stopping for the one comment", is, err)
	}
	p.pass(8 * 24 * time.Hour)
	if err := p.ConfirmAddress(ctx, confirm); !errors.Is(err, fault.Forbidden) {
		t.Errorf("after a week ConfirmAddress = %v, want forbidden", err)
	}
	if is, err := p.MailPage(ctx, confirm); err != nil || !is.Over || is.Email != "" {
		t.Errorf("MailPage = %+v, %v for a link whose time is over", is, err)
	}
}

func TestAskForData(t *testing.T) {
	p := newPost(t)
	in, _, person := p.asking()
	from := netip.MustParseAddr("192.0.2.1")
	ask := func(email string) error { return p.AskForData(t.Context(), email, from) }
	for _, email := range []string{strings.ToUpper(in.Email), "stranger@example.org"} {
		if err := ask(email); err != nil {
			t.Errorf("%s: %v", email, err)
		}
	}
	if err := ask("no address"); err == nil {
		t.Error("what is no address was taken")
	}
	if n := scan[int](p.desk, `SELECT count(*) FROM river_job WHERE kind = 'data_link' AND args->>'person' = $1::bigint::text`, person); n != 1 {
		t.Errorf("%d jobs, want 1", n)
	}
	for range 2 { // at most one in ten minutes
		if err := p.DataLink(t.Context(), person); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.DataLink(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	m := p.box.Wait(1)[0]
	c, err := p.CopyByLink(t.Context(), linkIn(t, m))
	if err != nil || c.Email != in.Email || len(c.Comments) != 1 || c.Comments[0].Texts[0].Text != in.Body || c.Comments[0].Status != comment.Published {
		t.Errorf("CopyByLink = %+v, %v", c, err)
	}
	// Too often for one e-mail can't be told from outside; too often from one address can.
	for range 5 {
		if err := ask(in.Email); err != nil {
			t.Errorf("asked again: %v", err)
		}
	}
	if n := p.queued("data_link"); n != 4 {
		t.Errorf("%d jobs, want three for the one and one for the stranger", n)
	}
	var many error
	for range 30 {
		many = ask("another@example.org")
	}
	if _, ok := errors.AsType[*fault.TooMany](many); !ok {
		t.Errorf("the thirtieth = %v, want too many", many)
	}
}

func TestReplyNoticesRollBack(t *testing.T) {
	p := newPost(t)
	_, id, _ := p.asking()
	before := p.queued("replies")
	in := p.guest(p.article)
	in.Parent = id
	_, reply := p.post(in)
	p.exec(`CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
		CREATE TRIGGER no BEFORE UPDATE ON article_counts FOR EACH ROW EXECUTE FUNCTION no()`)
	if err := p.Decide(t.Context(), p.moderator, comment.Pick{ID: reply}, comment.Approve, ""); err == nil {
		t.Fatal("approved")
	}
	if p.queued("replies") != before || scan[int](p.desk, `SELECT count(*) FROM reply_notices`) != 0 {
		t.Error("a decision that failed leaves a job or a notice")
	}
}

// warn performs the alerts that wait, those they lead to included, and says how many mails came of them.
func (p *post) warn() int {
	p.t.Helper()
	had := len(p.box.All())
	for {
		rows, err := p.Super.Query(p.t.Context(), `DELETE FROM river_job WHERE kind = 'comment_alert' RETURNING args`)
		if err != nil {
			p.t.Fatal(err)
		}
		alerts, err := pgx.CollectRows(rows, pgx.RowTo[jobs.CommentAlert])
		if err != nil {
			p.t.Fatal(err)
		}
		if len(alerts) == 0 {
			return len(p.box.All()) - had
		}
		for _, a := range alerts {
			if err := p.Alert(p.t.Context(), a); err != nil {
				p.t.Fatal(err)
			}
		}
	}
}

func TestModeratorsAreWarnedOnce(t *testing.T) {
	p := newPost(t)
	p.exec(`UPDATE settings SET queue_alert = 120`)
	p.person("An Author", staff.Author)
	gone := p.person("Ed Gone", staff.Editor)
	p.exec(`UPDATE staff SET disabled_at = now() WHERE id = $1`, gone.ID)
	p.person("Ed Itor", staff.Editor)
	watch := func() {
		t.Helper()
		if err := p.Watch(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	_, id := p.desk.post(p.guest(p.article))
	p.pass(119 * time.Minute)
	watch()
	if n := p.warn(); n != 0 {
		t.Errorf("%d mails before the time", n)
	}
	p.pass(2 * time.Minute)
	watch()
	watch()
	if n := p.warn(); n != 2 {
		t.Errorf("%d mails, want one to the moderator and one to the editor", n)
	}
	p.pass(time.Hour)
	watch()
	if n := p.warn(); n != 0 {
		t.Errorf("%d more mails about the same queue", n)
	}
	p.decide(p.moderator, id, comment.Approve)
	watch()
	p.desk.post(p.guest(p.article))
	p.pass(3 * time.Hour)
	watch()
	if n := p.warn(); n != 2 {
		t.Errorf("%d mails, want two: the queue was empty meanwhile", n)
	}

	p.exec(`INSERT INTO storms (article_id, newcomers, usual, began_at, seen_at) VALUES ($1, 12, 0.5, $2, $2)`, p.article, p.now())
	watch()
	watch()
	if n := p.warn(); n != 2 {
		t.Errorf("%d mails about a storm, want two", n)
	}
	all := p.box.All()
	if m := all[len(all)-1]; m.Subject != "Many newcomers comment on: A headline" {
		t.Errorf("subject %q", m.Subject)
	}
}
