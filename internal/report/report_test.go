package report_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/pgtest"
	"stet/internal/postgres"
	"stet/internal/report"
	"stet/internal/staff"
)

var secret = []byte("a secret of thirty-two bytes or so")

type site struct{}

func (site) Zone() *time.Location { return time.UTC }
func (site) ASCIISlugs() bool     { return true }

// newsroom is a database with people of each role and one public article of the editor's.
type newsroom struct {
	testing.TB
	*report.Store
	db        *pgtest.DB
	articles  *article.Store
	readers   *report.Reader
	at        time.Time
	article   int64
	editor    staff.Actor
	author    staff.Actor
	moderator staff.Actor
}

func newNewsroom(t testing.TB) *newsroom {
	t.Helper()
	db := pgtest.New(t)
	n := &newsroom{TB: t, db: db, articles: article.New(db.App, site{}), readers: report.NewReader(db.Reader), at: time.Date(2026, 6, 16, 9, 40, 0, 0, time.UTC)}
	n.Store = report.New(db.App, article.NewReader(db.Reader), secret, nil)
	n.Now = func() time.Time { return n.at }
	n.editor, n.author, n.moderator = n.person("Edi Tor", staff.Editor), n.person("Aut Hor", staff.Author), n.person("Mo Derator", staff.Moderator)
	n.article = n.published(n.editor)
	return n
}

func (n *newsroom) must(err error) {
	n.Helper()
	if err != nil {
		n.Fatal(err)
	}
}

func (n *newsroom) person(name string, role staff.Role) staff.Actor {
	n.Helper()
	var id int64
	n.must(n.db.Super.QueryRow(n.Context(), `INSERT INTO staff (email, name, roles, password_hash) VALUES ($1, $2, $3, '') RETURNING id`,
		string(role)+"@example.org", name, staff.Roles{role}.Strings()).Scan(&id))
	return staff.Actor{ID: id, Name: name, Roles: staff.Roles{role}}
}

// published makes a public article of somebody's.
func (n *newsroom) published(owner staff.Actor) int64 {
	n.Helper()
	id, err := n.articles.Create(n.Context(), owner, article.KindArticle, "")
	n.must(err)
	saved, err := n.articles.Save(n.Context(), owner, id, article.SaveIn{Draft: article.Draft{Headline: fmt.Sprintf("The lamp %d", id),
		Body: `<p>At 21:14 the lamp came <em>on</em>.</p><p>Nobody dared to open “the door” of the tower.</p>`}, Base: 1})
	n.must(err)
	_, err = n.articles.Publish(n.Context(), owner, id, article.PublishIn{Revision: saved.Number})
	n.must(err)
	return id
}

func (n *newsroom) corrected(id int64) int {
	n.Helper()
	out, err := n.articles.Append(n.Context(), n.editor, id, article.NoticeIn{Kind: article.Correction, Notice: "<p>It was 21:15.</p>"})
	n.must(err)
	return out.Number
}

// in is a report from an address of its own.
func (n *newsroom) in(last byte) report.In {
	return report.In{ArticleID: n.article, Version: 1, Quote: "At 21:14 the lamp came on.", Body: "It was 21:15.", Name: "Ann Reader", Email: "ann@example.org", Credit: true,
		Address: netip.AddrFrom4([4]byte{10, 0, 0, last})}
}

func (n *newsroom) report(in report.In) (token string, id int64) {
	n.Helper()
	token, err := n.Report(n.Context(), in)
	n.must(err)
	n.must(n.db.Super.QueryRow(n.Context(), `SELECT id FROM error_reports WHERE token_hash = sha256($1)`, []byte(token)).Scan(&id))
	return token, id
}

func (n *newsroom) receipt(token string) report.Receipt {
	n.Helper()
	r, err := n.ByToken(n.Context(), token)
	n.must(err)
	return r
}

func (n *newsroom) list(actor staff.Actor, status report.Status) report.Listed {
	n.Helper()
	l, err := n.List(n.Context(), actor, report.Filter{Status: status})
	n.must(err)
	return l
}

func (n *newsroom) credits() map[report.Notice][]report.Credit {
	n.Helper()
	var c map[report.Notice][]report.Credit
	n.must(n.readers.LiveCredits(&c, n.article).Run(n.Context()))
	return c
}

func TestReport(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	token, id := n.report(n.in(1))
	if again, same := n.report(n.in(1)); again != token || same != id {
		t.Error("the same report twice has two receipts")
	}
	if other, _ := n.report(n.in(2)); other == token {
		t.Error("the same words from elsewhere have the receipt of another reader")
	}
	trap := n.in(3)
	trap.Honeypot = "x"
	machine, _ := n.report(trap)
	if r := n.receipt(machine); r.Status != report.Open {
		t.Errorf("a machine's receipt is %+v", r)
	}
	l := n.list(n.moderator, "")
	if len(l.Lines) != 2 || l.Counts[report.Open] != 2 || l.Next != "" {
		t.Fatalf("List = %+v, want two", l)
	}
	if p := l.Lines[0].Passage; !p.Stands || p.Text != "At 21:14 the lamp came on." {
		t.Errorf("passage = %+v", p)
	}
	renewed := report.New(n.db.App, nil, []byte("another secret of the same length"), secret)
	if got, err := renewed.Report(t.Context(), n.in(1)); err != nil || got != token {
		t.Errorf("under a new secret Report = %q, %v, want the receipt given before", got, err)
	}
	for field, spoil := range map[string]func(*report.In){
		"body":    func(in *report.In) { in.Body = " \n\u200b" },
		"name":    func(in *report.In) { in.Name = "a\u202eb" },
		"email":   func(in *report.In) { in.Email = "not one" },
		"version": func(in *report.In) { in.Version = 1<<30 + 1 },
	} {
		in := n.in(4)
		spoil(&in)
		var invalid *fault.Invalid
		if _, err := n.Report(t.Context(), in); !errors.As(err, &invalid) || invalid.Fields[field] == "" {
			t.Errorf("a bad %s = %v", field, err)
		}
	}
	nowhere := n.in(4)
	nowhere.ArticleID = 999
	if _, err := n.Report(t.Context(), nowhere); !errors.Is(err, fault.NotFound) {
		t.Errorf("a report about nothing = %v", err)
	}
	late := n.in(5)
	late.Version, late.Quote, late.Name, late.Email = 99, strings.Repeat("wörd ", 200)+"\x00\u0007", "", ""
	bare, _ := n.report(late)
	if r := n.receipt(bare); r.Personal || r.Credit || len([]rune(r.Quote)) > report.MaxQuote {
		t.Errorf("receipt = %+v", r)
	}
	for i := range 10 {
		in := n.in(6)
		in.Body = strings.Repeat("x", i+1)
		n.report(in)
	}
	var many *fault.TooMany
	if _, err := n.Report(t.Context(), n.in(6)); !errors.As(err, &many) {
		t.Errorf("the eleventh of an hour = %v, want TooMany", err)
	}
	for _, forged := range []string{"", "x", strings.Repeat("A", 43)} {
		if _, err := n.ByToken(t.Context(), forged); !errors.Is(err, fault.NotFound) {
			t.Errorf("ByToken(%q) = %v", forged, err)
		}
		if err := n.Forget(t.Context(), forged); !errors.Is(err, fault.NotFound) {
			t.Errorf("Forget(%q) = %v", forged, err)
		}
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	ctx := t.Context()
	token, id := n.report(n.in(1))
	n.must(n.Check(ctx, n.editor, id, report.Open))
	var answered *report.Answered
	if err := n.Decline(ctx, n.editor, id, report.Open, "No."); !errors.As(err, &answered) || answered.Status != report.Checking || answered.By != "Edi Tor" {
		t.Errorf("an answer to what isn't open any more = %v", err)
	}
	n.must(n.Undo(ctx, n.editor, id))
	if err := n.Undo(ctx, n.editor, id); !errors.Is(err, fault.Conflict) {
		t.Errorf("Undo twice = %v, want Conflict", err)
	}
	var invalid *fault.Invalid
	if err := n.Decline(ctx, n.editor, id, "", " "); !errors.As(err, &invalid) {
		t.Errorf("declined without a reason = %v", err)
	}
	n.must(n.Decline(ctx, n.editor, id, report.Open, "The log says 21:14."))
	if r := n.receipt(token); r.Status != report.Declined || r.Reason != "The log says 21:14." {
		t.Errorf("receipt = %+v", r)
	}
	n.must(n.Reopen(ctx, n.editor, id, report.Declined))
	if r := n.receipt(token); r.Status != report.Open || r.Reason != "" {
		t.Errorf("receipt of an open report = %+v", r)
	}
	if err := n.Correct(ctx, n.editor, id, "", 1); !errors.As(err, &invalid) {
		t.Errorf("answered by what is no notice = %v", err)
	}
	number := n.corrected(n.article)
	n.must(n.Correct(ctx, n.editor, id, report.Open, number))
	n.must(n.Correct(ctx, n.editor, id, report.Open, number)) // the same form again
	if r := n.receipt(token); r.Status != report.Corrected || r.Notice != number || r.Kind != article.Correction {
		t.Errorf("receipt = %+v", r)
	}
	want := report.Notice{ArticleID: n.article, Number: number}
	if c := n.credits(); len(c[want]) != 1 || c[want][0] != (report.Credit{Name: "Ann Reader"}) {
		t.Errorf("credits = %+v", c)
	}
	n.must(n.Undo(ctx, n.editor, id))
	if c := n.credits(); len(c) != 0 || n.receipt(token).Notice != 0 {
		t.Errorf("credits after Undo = %+v", c)
	}
	n.must(n.Correct(ctx, n.editor, id, "", number))
	n.must(n.Forget(ctx, token))
	if c := n.credits(); len(c) != 0 || n.receipt(token).Personal {
		t.Errorf("credits of who is forgotten = %+v", c)
	}
	second, two := n.report(n.in(2))
	n.must(n.Correct(ctx, n.editor, two, "", number))
	n.must(postgres.InTx(ctx, n.db.App, func(tx pgx.Tx) error { return n.Erase(ctx, tx, "ANN@example.org") }))
	if r := n.receipt(second); r.Body != "" || r.Quote != "" || r.Personal || len(n.credits()) != 0 {
		t.Errorf("after erasure receipt %+v, credits %+v", r, n.credits())
	}
	if l, err := n.One(ctx, n.editor, two); err != nil || !l.Erased || l.Name+l.Email+l.Body != "" {
		t.Errorf("One = %+v, %v", l, err)
	}
	var acts int
	n.must(n.db.Super.QueryRow(ctx, `SELECT count(*) FROM audit WHERE object LIKE 'error-report:%'`).Scan(&acts))
	if acts != 8 {
		t.Errorf("%d acts in the log, want 8", acts)
	}
}

func TestWhoMay(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	ctx := t.Context()
	_, edits := n.report(n.in(1))
	n.must(n.Check(ctx, n.editor, edits, ""))
	own := n.published(n.author)
	in := n.in(2)
	in.ArticleID = own
	_, authors := n.report(in)
	if l := n.list(n.author, ""); len(l.Lines) != 1 || l.Lines[0].ID != authors || !l.Lines[0].CanAnswer(n.author) || l.Counts[report.Checking] != 0 {
		t.Errorf("an author's list = %+v, want their own alone", l)
	}
	if l := n.list(n.moderator, ""); len(l.Lines) != 1 || l.Lines[0].CanAnswer(n.moderator) || l.Counts[report.Checking] != 1 {
		t.Errorf("a moderator's list = %+v", l)
	}
	for name, test := range map[string]struct {
		err, want error
	}{
		"an author on another's":    {n.Check(ctx, n.author, edits, ""), fault.NotFound},
		"a moderator":               {n.Check(ctx, n.moderator, authors, ""), fault.Forbidden},
		"a moderator's Undo":        {n.Undo(ctx, n.moderator, edits), fault.Forbidden},
		"an author on their own":    {n.Check(ctx, n.author, authors, ""), nil},
		"an editor on the author's": {n.Decline(ctx, n.editor, authors, "", "No."), nil},
		"nobody":                    {func() error { _, err := n.List(ctx, staff.Actor{}, report.Filter{}); return err }(), fault.Forbidden},
		"an author sends a comment": {func() error { _, err := n.FromComment(ctx, n.author, 1); return err }(), fault.Forbidden},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%s = %v, want %v", name, test.err, test.want)
		}
	}
	n.must(n.Reopen(ctx, n.editor, authors, ""))
	if needs, err := n.Needs(ctx, n.author); err != nil || len(needs) != 1 || needs[0].ArticleID != own || needs[0].Reports != 1 {
		t.Errorf("an author's needs = %+v, %v", needs, err)
	}
	if needs, err := n.Needs(ctx, n.moderator); err != nil || len(needs) != 0 {
		t.Errorf("a moderator's needs = %+v, %v", needs, err)
	}
	if open, err := n.Unanswered(ctx, n.article); err != nil || open != 1 {
		t.Errorf("Unanswered = %d, %v", open, err)
	}
	for _, f := range []report.Filter{{Status: "x"}, {After: "x"}, {After: "1-x"}} {
		if _, err := n.List(ctx, n.editor, f); !errors.Is(err, fault.NotFound) {
			t.Errorf("List(%+v) = %v, want NotFound", f, err)
		}
	}
}

func TestFromComment(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	ctx := t.Context()
	comments := comment.New(n.db.App, secret, nil)
	token, err := comments.Post(ctx, comment.In{ArticleID: n.article, Name: "Ilse", Email: "ilse@example.org", Version: 1,
		Body: "> Nobody dared to open “the door”\nI did.", Address: netip.AddrFrom4([4]byte{10, 1, 1, 1})})
	n.must(err)
	rec, err := comments.ByToken(ctx, token)
	n.must(err)
	id, err := n.FromComment(ctx, n.moderator, rec.ID)
	n.must(err)
	if again, err := n.FromComment(ctx, n.moderator, rec.ID); err != nil || again != id {
		t.Errorf("sent twice = %d, %v, want %d", again, err, id)
	}
	l, err := n.One(ctx, n.editor, id)
	if err != nil || l.Name != "Ilse" || !strings.HasSuffix(l.Body, "I did.") || !l.Passage.Stands || l.SentBy != "Mo Derator" || l.Version != 1 {
		t.Errorf("One = %+v, %v", l, err)
	}
	number := n.corrected(n.article)
	n.must(n.Correct(ctx, n.editor, id, "", number))
	at := report.Notice{ArticleID: n.article, Number: number}
	if c := n.credits(); len(c) != 0 {
		t.Errorf("a comment that nobody may read is credited: %+v", c)
	}
	n.must(comments.Decide(ctx, n.moderator, comment.Pick{ID: rec.ID}, comment.Approve, ""))
	if c := n.credits(); len(c[at]) != 1 || c[at][0] != (report.Credit{Name: "Ilse", CommentID: rec.ID}) {
		t.Errorf("credits = %+v", c)
	}
	n.must(comments.Delete(ctx, token))
	if l, err := n.One(ctx, n.editor, id); err != nil || !l.Erased || l.Name+l.Body != "" || len(n.credits()) != 0 {
		t.Errorf("after the comment was deleted: %+v, %v, credits %+v", l, err, n.credits())
	}
	if _, err := n.FromComment(ctx, n.moderator, 999); !errors.Is(err, fault.NotFound) {
		t.Errorf("a comment that isn't there = %v", err)
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	for i := range 40 {
		in := n.in(byte(i))
		in.Body = fmt.Sprintf("Number %d%%.", i)
		n.report(in)
		n.at = n.at.Add(time.Minute)
	}
	seen := map[int64]bool{}
	f := report.Filter{}
	for range 3 {
		l, err := n.List(context.WithoutCancel(t.Context()), n.editor, f)
		n.must(err)
		for _, line := range l.Lines {
			if seen[line.ID] {
				t.Errorf("report %d is listed twice", line.ID)
			}
			seen[line.ID] = true
		}
		if f.After = l.Next; f.After == "" {
			break
		}
	}
	if len(seen) != 40 {
		t.Errorf("%d reports on all pages, want 40", len(seen))
	}
	if l, err := n.List(t.Context(), n.editor, report.Filter{Q: "number 7%"}); err != nil || len(l.Lines) != 1 {
		t.Errorf("looked for one = %d, %v", len(l.Lines), err)
	}
	if l, err := n.List(t.Context(), n.editor, report.Filter{ArticleID: 999}); err != nil || len(l.Lines) != 0 {
		t.Errorf("of another article = %d, %v", len(l.Lines), err)
	}
}
