package comment_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"

	"github.com/jackc/pgx/v5"
)

// from is a report of abuse from an address of its own.
func from(n byte, article, id int64) comment.ReportIn {
	return comment.ReportIn{ArticleID: article, CommentID: id, Reason: "abuse", Detail: "It insults.", Address: netip.AddrFrom4([4]byte{10, 9, 9, n})}
}

func (d *desk) report(in comment.ReportIn) (token string, id int64) {
	d.t.Helper()
	token, err := d.ReportComment(d.t.Context(), in)
	if err != nil {
		d.t.Fatalf("ReportComment = %v", err)
	}
	return token, scan[int64](d, `SELECT id FROM comment_reports WHERE token_hash = sha256($1)`, []byte(token))
}

func (d *desk) reportReceipt(token string) comment.ReportReceipt {
	d.t.Helper()
	r, err := d.ReportByToken(d.t.Context(), token)
	if err != nil {
		d.t.Fatalf("ReportByToken = %v", err)
	}
	return r
}

func (d *desk) reports(view comment.ReportView) []int64 {
	d.t.Helper()
	list, _, err := d.Reports(d.t.Context(), staff.System(), view, 0)
	if err != nil {
		d.t.Fatalf("Reports(%s) = %v", view, err)
	}
	var ids []int64
	for _, r := range list {
		ids = append(ids, r.ID)
	}
	return ids
}

func TestReportOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	article := d.article()
	mo := d.moderator()
	_, id := d.published(mo, d.guest(article))
	token, one := d.report(from(1, article, id))
	again, same := d.report(from(1, article, id))
	if again != token || same != one {
		t.Error("the same report twice has two receipts")
	}
	// Under a new secret the old receipt is still the answer, and other words from the same address are another report, but no other person.
	renewed := comment.New(d.App, []byte("a new secret, as long as the other"), secret)
	renewed.Now = d.now
	if got, err := renewed.ReportComment(t.Context(), from(1, article, id)); err != nil || got != token {
		t.Errorf("under a new secret ReportComment = %q, %v, want the receipt given before", got, err)
	}
	more := from(1, article, id)
	more.Detail = "And it lies."
	d.report(more)
	d.report(from(2, article, id))
	trap := from(3, article, id)
	trap.Honeypot = "x"
	trapped, _ := d.report(trap)
	if r := d.reportReceipt(trapped); !r.DecidedAt.IsZero() || r.Reason != "abuse" {
		t.Errorf("a machine's receipt is %+v, want one like everybody's", r)
	}
	list, more2, err := d.Reports(t.Context(), mo, comment.OpenReports, 0)
	if err != nil || more2 || len(list) != 3 || list[0].Sources != 2 || list[0].Others != 2 || list[0].Many() {
		t.Fatalf("Reports = %+v, %v, %v; want three from two addresses", list, more2, err)
	}
	if it := d.item(id, comment.Reported); it.Reports != 3 || it.Status != comment.Approved {
		t.Errorf("in the queue it has %d reports and is %s, want 3 and approved", it.Reports, it.Status)
	}
	d.report(from(4, article, id))
	_, other := d.published(mo, d.guest(article))
	_, later := d.report(from(5, article, other))
	illegal := from(6, article, other)
	illegal.Reason, illegal.Ground, illegal.Name, illegal.Email, illegal.GoodFaith = comment.Illegal, "Libel", "Ann", "ann@example.org", true
	_, first := d.report(illegal)
	ids := d.reports(comment.OpenReports)
	if len(ids) != 6 || ids[0] != first || ids[5] != later {
		t.Errorf("open reports = %v, want %d first: it is illegal, and %d last: nobody else reports that one", ids, first, later)
	}
	if n, err := d.ReportCounts(t.Context()); err != nil || n != (comment.ReportCounts{Open: 6, Pressing: 6}) {
		t.Errorf("ReportCounts = %+v, %v", n, err)
	}
	if got := d.counted(article); got != 2 {
		t.Errorf("%d comments are public, want 2: a report hides nothing", got)
	}
}

func TestReportRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	article := d.article()
	_, held := d.post(d.guest(article))
	_, id := d.published(d.moderator(), d.guest(article))
	for name, in := range map[string]comment.ReportIn{"held": from(1, article, held), "nowhere": from(1, article, 999), "another article's": from(1, article+1, id)} {
		if _, err := d.ReportComment(t.Context(), in); !errors.Is(err, fault.NotFound) {
			t.Errorf("report of a comment that is %s = %v, want NotFound", name, err)
		}
	}
	for _, test := range []struct {
		field string
		spoil func(*comment.ReportIn)
	}{
		{"reason", func(in *comment.ReportIn) { in.Reason = "dislike" }},
		{"detail", func(in *comment.ReportIn) { in.Detail = strings.Repeat("ä", comment.MaxDetail+1) }},
		{"detail", func(in *comment.ReportIn) { in.Detail = "a\x00b" }},
		{"detail", func(in *comment.ReportIn) { in.Detail = " \u200b" }},
		{"ground", func(in *comment.ReportIn) { in.Ground = "" }},
		{"ground", func(in *comment.ReportIn) { in.Ground = "a\u202eb" }},
		{"name", func(in *comment.ReportIn) { in.Name = "" }},
		{"email", func(in *comment.ReportIn) { in.Email = "" }},
		{"email", func(in *comment.ReportIn) { in.Email = "Ann <ann@example.org>" }},
		{"good_faith", func(in *comment.ReportIn) { in.GoodFaith = false }},
	} {
		in := from(1, article, id)
		in.Reason, in.Ground, in.Name, in.Email, in.GoodFaith = comment.Illegal, "Libel", "Ann", "ann@example.org", true
		test.spoil(&in)
		var invalid *fault.Invalid
		if _, err := d.ReportComment(t.Context(), in); !errors.As(err, &invalid) || invalid.Fields[test.field] == "" {
			t.Errorf("a bad %s: %v", test.field, err)
		}
	}
	for i := range 20 {
		in := from(7, article, id)
		in.Detail = strings.Repeat("x", i+1)
		d.report(in)
	}
	var many *fault.TooMany
	if _, err := d.ReportComment(t.Context(), from(7, article, id)); !errors.As(err, &many) {
		t.Errorf("the 21st report of an hour = %v, want TooMany", err)
	}
	d.pass(time.Hour)
	d.report(from(7, article, id))
	for _, forged := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("é", 43)} {
		if _, err := d.ReportByToken(t.Context(), forged); !errors.Is(err, fault.NotFound) {
			t.Errorf("ReportByToken(%q) = %v", forged, err)
		}
		if err := d.AppealReport(t.Context(), forged, "No."); !errors.Is(err, fault.NotFound) {
			t.Errorf("AppealReport(%q) = %v", forged, err)
		}
		if err := d.EraseReport(t.Context(), forged); !errors.Is(err, fault.NotFound) {
			t.Errorf("EraseReport(%q) = %v", forged, err)
		}
	}
}

func TestReportDecided(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	article, mo := d.article(), d.moderator()
	own, id := d.published(mo, d.guest(article))
	token, one := d.report(from(1, article, id))
	second, two := d.report(from(2, article, id))
	before := d.state()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	// Upheld: the comment goes, both are answered, its writer reads why.
	must(d.DecideReport(t.Context(), mo, one, comment.Ruling{Upheld: true, Answer: "It insults a person."}))
	for _, tk := range []string{token, second} {
		if r := d.reportReceipt(tk); !r.Upheld || r.Answer != "It insults a person." || r.Appealable || r.CommentPublic {
			t.Errorf("receipt = %+v, want upheld", r)
		}
	}
	if r := d.receipt(own); r.Status != comment.Refused || r.Reason != "It insults a person." {
		t.Errorf("the writer's receipt = %+v", r)
	}
	if err := d.DecideReport(t.Context(), mo, two, comment.Ruling{Answer: "No."}); !errors.Is(err, fault.Conflict) {
		t.Errorf("a second ruling = %v, want Conflict", err)
	}
	if d.counted(article) != 0 {
		t.Error("the comment is still public")
	}
	must(d.UndoReport(t.Context(), mo, two))
	if got := d.state(); got != before {
		t.Errorf("after Undo\n%s\nwant\n%s", got, before)
	}

	// The queue's own decision does the same, and so does taking it back there.
	must(d.Decide(t.Context(), mo, comment.Pick{ID: id}, comment.Hold, ""))
	must(d.Decide(t.Context(), mo, comment.Pick{ID: id}, comment.Reject, "Off topic."))
	if r := d.reportReceipt(token); !r.Upheld || r.Answer != "Off topic." {
		t.Errorf("receipt after a rejection = %+v", r)
	}
	d.decide(mo, id, comment.Undo)
	d.decide(mo, id, comment.Undo)
	if got := d.state(); got != before {
		t.Errorf("after Undo in the queue\n%s\nwant\n%s", got, before)
	}
}

func TestReportAppealed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	article, mo := d.article(), d.moderator()
	_, id := d.published(mo, d.guest(article))
	token, one := d.report(from(1, article, id))
	second, two := d.report(from(2, article, id))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.DecideReport(t.Context(), mo, one, comment.Ruling{Answer: "It is an opinion.", All: true}))
	if r := d.reportReceipt(second); r.Upheld || r.DecidedAt.IsZero() || !r.Appealable {
		t.Errorf("receipt = %+v, want turned down with the other", r)
	}
	if err := d.AppealReport(t.Context(), token, " "); err == nil {
		t.Error("an empty appeal was taken")
	}
	must(d.AppealReport(t.Context(), token, "It is not: it names me."))
	if err := d.AppealReport(t.Context(), token, "And again."); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a second appeal = %v, want Forbidden", err)
	}
	if err := d.UndoReport(t.Context(), mo, one); !errors.Is(err, fault.Conflict) {
		t.Errorf("Undo under an appeal = %v, want Conflict", err)
	}
	if ids := d.reports(comment.ReportAppeals); len(ids) != 1 || ids[0] != one {
		t.Errorf("appeals = %v", ids)
	}
	must(d.DecideAppeal(t.Context(), mo, one, comment.Ruling{Upheld: true, Answer: "You are right."}))
	if r := d.reportReceipt(token); !r.AppealUpheld || r.AppealAnswer != "You are right." || r.Upheld || r.CommentPublic {
		t.Errorf("receipt after the appeal = %+v", r)
	}
	must(d.UndoReport(t.Context(), mo, one))
	if ids := d.reports(comment.ReportAppeals); len(ids) != 1 || d.counted(article) != 1 {
		t.Errorf("after Undo of the appeal's ruling: appeals %v, %d public", ids, d.counted(article))
	}
	must(d.DecideAppeal(t.Context(), mo, one, comment.Ruling{Answer: "It stays."}))
	must(d.UndoReport(t.Context(), mo, one))
	must(d.UndoReport(t.Context(), mo, two))
	if ids := d.reports(comment.OpenReports); len(ids) != 1 || ids[0] != two {
		t.Errorf("open = %v, want %d: the other was appealed", ids, two)
	}
	if n := scan[int](d, `SELECT count(*) FROM audit WHERE act LIKE 'comment.report-%'`); n != 6 {
		t.Errorf("%d acts in the log, want 6", n)
	}
}

// state is what an act and its Undo must leave equal.
func (d *desk) state() string {
	d.t.Helper()
	return scan[string](d, `
		SELECT concat((SELECT jsonb_agg(to_jsonb(c) - 'decided_at' ORDER BY c.id) FROM comments c), (SELECT jsonb_agg(r ORDER BY r.id) FROM comment_reports r),
			(SELECT jsonb_agg(n ORDER BY n.article_id) FROM article_counts n))`)
}

func TestReportsOfGoneComment(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	article, mo := d.article(), d.moderator()
	own, id := d.published(mo, d.guest(article))
	token, one := d.report(from(1, article, id))
	if err := d.Delete(t.Context(), own); err != nil {
		t.Fatal(err)
	}
	if err := d.DecideReport(t.Context(), mo, one, comment.Ruling{Upheld: true, Answer: "It is gone."}); err != nil {
		t.Fatalf("ruling on a deleted comment = %v", err)
	}
	if r := d.reportReceipt(token); !r.Upheld {
		t.Errorf("receipt = %+v", r)
	}
	if err := d.UndoReport(t.Context(), mo, one); err != nil {
		t.Errorf("Undo = %v", err)
	}
}

func TestReportsForModerators(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	article, mo, author := d.article(), d.moderator(), d.person("Ann Author", staff.Author)
	_, id := d.published(mo, d.guest(article))
	in := from(1, article, id)
	in.Reason, in.Ground, in.Name, in.Email, in.GoodFaith = comment.Illegal, "=Libel", "Ann", "Ann@Example.org", true
	token, one := d.report(in)
	ctx := t.Context()
	for name, err := range map[string]error{
		"Reports":      func() error { _, _, err := d.Reports(ctx, author, comment.OpenReports, 0); return err }(),
		"ReportsOf":    func() error { _, err := d.ReportsOf(ctx, author, one); return err }(),
		"ReportLog":    d.ReportLog(ctx, author, time.Time{}, d.now(), nil),
		"DecideReport": d.DecideReport(ctx, author, one, comment.Ruling{Answer: "No."}),
		"DecideAppeal": d.DecideAppeal(ctx, author, one, comment.Ruling{Answer: "No."}),
		"UndoReport":   d.UndoReport(ctx, author, one),
	} {
		if !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s for an author = %v, want Forbidden", name, err)
		}
	}
	if _, _, err := d.Reports(ctx, mo, "x", 0); !errors.Is(err, fault.NotFound) {
		t.Errorf("an unknown list = %v", err)
	}
	if _, err := d.ReportsOf(ctx, mo, 999); !errors.Is(err, fault.NotFound) {
		t.Errorf("an unknown report = %v", err)
	}
	if err := d.DecideReport(ctx, mo, one, comment.Ruling{Answer: "It is true."}); err != nil {
		t.Fatal(err)
	}
	d.pass(time.Minute)
	var lines []comment.ReportLine
	err := d.ReportLog(ctx, mo, d.now().Add(-time.Hour), d.now(), func(l comment.ReportLine) error { lines = append(lines, l); return nil })
	if err != nil || len(lines) != 1 || lines[0].Ground != "=Libel" || lines[0].Answer != "It is true." || lines[0].Upheld {
		t.Errorf("ReportLog = %+v, %v", lines, err)
	}
	if err := d.EraseReport(ctx, token); err != nil || d.reportReceipt(token).Personal {
		t.Errorf("EraseReport = %v, and something personal is left: %v", err, d.reportReceipt(token).Personal)
	}
	another := from(2, article, id)
	another.Name, another.Email, another.Detail = "Ann", "ann@example.org", "marker"
	d.report(another)
	err = postgres.InTx(ctx, d.App, func(tx pgx.Tx) error { return d.EraseReports(ctx, tx, "ANN@example.org") })
	if err != nil || strings.Contains(d.state(), "marker") || strings.Contains(strings.ToLower(d.state()), "ann@example.org") {
		t.Errorf("EraseReports = %v, and left %s", err, d.state())
	}
}
