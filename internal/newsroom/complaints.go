package newsroom

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
)

// complaints are the reports of comments by readers, and the rulings on them.
type complaints struct {
	*face
	store *comment.Store
	pages complaintPages
}

func (c *complaints) routes() []Route {
	const one = "/newsroom/reports/{id}"
	return []Route{
		{get, "/newsroom/reports", moderates, nil, c.list},
		{get, "/newsroom/reports/export.csv", moderates, nil, c.csv},
		{get, "/newsroom/reports/export.json", moderates, nil, c.json},
		{get, one, moderates, nil, c.show},
		{post, one + "/decide", moderates, nil, c.rule(false)},
		{post, one + "/appeal", moderates, nil, c.rule(true)},
		{post, one + "/undo", moderates, nil, c.undo},
	}
}

func (c *complaints) list(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	skip, err := q.Int("skip")
	if err != nil || skip > 1<<20 {
		return page.ErrMalformed
	}
	here := comment.ReportView(cmp.Or(q.Text("view"), string(comment.OpenReports)))
	list, more, err := c.store.Reports(r.Context(), actor, here, int(skip))
	if err != nil {
		return err
	}
	counts, err := c.store.ReportCounts(r.Context())
	if err != nil {
		return err
	}
	next := ""
	if more {
		next = strconv.Itoa(int(skip) + len(list))
	}
	today := c.now().In(c.source.Zone())
	fm := form{words: "reports", values: url.Values{"from": {today.AddDate(0, -1, 0).Format(time.DateOnly)}, "to": {today.Format(time.DateOnly)}}}
	p := complaintsPage{frame: c.frame(r, actor, page.T("newsroom.reports"), "/newsroom/reports"), None: page.T("newsroom.reports.none." + string(here)),
		Views: []view{complaintView(comment.OpenReports, here, page.Number(counts.Open)), complaintView(comment.ReportAppeals, here, page.Number(counts.Appeals)), complaintView(comment.DecidedReports, here, "")},
		Foot:  foot{Range: page.N("newsroom.range", len(list)), First: firstPage(q, "skip"), Next: nextPage(q, "skip", next), Words: "newsroom.further"},
		From:  fm.typed("from", "date"), To: fm.typed("to", "date")}
	if counts.Pressing > 0 {
		p.Pressing = page.N("newsroom.reports.pressing", counts.Pressing)
	}
	for i := range list {
		p.Rows = append(p.Rows, c.item(&list[i]))
	}
	return c.pages.list.Write(w, r, http.StatusOK, p)
}

func complaintView(v, here comment.ReportView, count string) view {
	return view{Name: page.T("newsroom.reports." + string(v)), URL: "/newsroom/reports?view=" + string(v), Count: count, Here: v == here}
}

// item is a report as the list and its comment's page show it.
func (c *complaints) item(r *comment.Report) complaintItem {
	clock := c.clock()
	out := complaintItem{URL: fmt.Sprintf("/newsroom/reports/%d", r.ID), Writer: cmp.Or(r.Writer, page.T("newsroom.reports.nameless")), Comment: short(strings.Join(paragraphs(cmp.Or(r.Reported, r.Text)), " "), 280),
		Article: cmp.Or(r.Headline, page.T("newsroom.untitled")), Lang: r.Language, ArticleURL: r.Path, At: clock.When(r.At), Reason: page.T("report.reason." + r.Reason), Illegal: r.Reason == comment.Illegal,
		Ground: r.Ground, Detail: paragraphs(r.Detail), Who: cmp.Or(r.Name, page.T("newsroom.reports.nameless")), Email: r.Email, Appeal: paragraphs(r.Appeal)}
	if r.Erased {
		out.Comment = page.T("newsroom.reports.erased")
	}
	if r.Many() {
		out.Many = page.N("newsroom.reports.many", r.Sources)
	}
	if r.DecidedAt != nil {
		out.Ruling = rulingWords(*r.Upheld, r.DecidedBy, clock.When(*r.DecidedAt).Text, r.Answer)
	}
	if r.AppealAt != nil {
		out.AppealRuling = rulingWords(*r.AppealUpheld, r.AppealBy, clock.When(*r.AppealAt).Text, r.AppealAnswer)
	}
	return out
}

func rulingWords(upheld bool, by, at, answer string) string {
	key := "newsroom.reports.kept-by"
	if upheld {
		key = "newsroom.reports.removed-by"
	}
	return page.T(key, cmp.Or(by, page.T("newsroom.comments.by-itself")), at, answer)
}

func (c *complaints) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return c.write(w, r, actor, id, form{words: "reports", values: url.Values{}})
}

func (c *complaints) write(w http.ResponseWriter, r *http.Request, actor staff.Actor, id int64, fm form) error {
	list, err := c.store.ReportsOf(r.Context(), actor, id)
	if err != nil {
		return err
	}
	one := &list[0]
	clock := c.clock()
	p := complaintPage{frame: c.frame(r, actor, page.T("newsroom.reports.one"), "/newsroom/reports"), Item: c.item(one), Faults: fm.all(), Posted: clock.When(one.PostedAt),
		Text: paragraphs(one.Reported), Status: page.T("newsroom.comments." + string(one.Status)), CommentURL: fmt.Sprintf("/newsroom/comments?status=%s", one.Status)}
	if one.Erased {
		p.Text, p.Status, p.CommentURL = nil, page.T("newsroom.reports.erased"), ""
	}
	if one.Text != one.Reported && !one.Erased {
		p.Now = paragraphs(one.Text)
	}
	for i := range list[1:] {
		p.Others = append(p.Others, c.item(&list[i+1]))
	}
	appeals := one.AppealedAt != nil && one.AppealAt == nil
	switch {
	case one.DecidedAt == nil:
		p.Action = p.Item.URL + "/decide"
	case appeals:
		p.Action, p.First = p.Item.URL+"/appeal", page.T("newsroom.reports.first-by", cmp.Or(one.DecidedBy, page.T("newsroom.comments.by-itself")))
	}
	p.Undoes = one.DecidedAt != nil && !appeals
	p.Upheld = fm.pick("upheld", []option{{Value: "1", Text: page.T("newsroom.reports.uphold"), Hint: page.T("newsroom.reports.uphold-hint")}, {Value: "0", Text: page.T("newsroom.reports.keep"), Hint: page.T("newsroom.reports.keep-hint")}})
	p.Answer = fm.area("answer", 4)
	p.Answer.Required = true
	if one.DecidedAt == nil && one.Others > 0 {
		p.All = fm.tick("all")
		p.All.Hint = page.N("newsroom.reports.others", one.Others)
	}
	return c.pages.one.Write(w, r, fm.status(), p)
}

// rule gives the address of a ruling, on a report or on its appeal.
func (c *complaints) rule(appeal bool) handler {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		id, f, err := idForm(w, r)
		if err != nil {
			return err
		}
		in := comment.Ruling{Upheld: f.Text("upheld") == "1", Answer: f.Text("answer"), All: ticked(f.Values["all"])}
		switch {
		case f.Text("upheld") != "1" && f.Text("upheld") != "0":
			err = fault.Field("upheld", "newsroom.reports.choose")
		case appeal:
			err = c.store.DecideAppeal(r.Context(), actor, id, in)
		default:
			err = c.store.DecideReport(r.Context(), actor, id, in)
		}
		if faults, ok := refused(err); ok {
			return c.write(w, r, actor, id, form{words: "reports", values: f.Values, faults: faults})
		}
		if err != nil {
			return err
		}
		key := "newsroom.reports.done.kept"
		if in.Upheld {
			key = "newsroom.reports.done.removed"
		}
		at := fmt.Sprintf("/newsroom/reports/%d", id)
		c.sayUndo(r, page.T(key), at+"/undo")
		return seeOther(w, r, at)
	}
}

func (c *complaints) undo(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err == nil {
		err = c.store.UndoReport(r.Context(), actor, id)
	}
	if err != nil {
		return err
	}
	c.say(r, page.T("newsroom.reports.done.undo"))
	return seeOther(w, r, fmt.Sprintf("/newsroom/reports/%d", id))
}

// span reads the days of an export: both are in it. No day is from the beginning, or until now.
func (c *complaints) span(r *http.Request) (from, to time.Time, err error) {
	q, err := page.Query(r)
	if err != nil {
		return from, to, err
	}
	to = c.now().AddDate(0, 0, 1)
	for name, at := range map[string]*time.Time{"from": &from, "to": &to} {
		text := q.Text(name)
		if text == "" {
			continue
		}
		if *at, err = time.ParseInLocation(time.DateOnly, text, c.source.Zone()); err != nil {
			return from, to, page.ErrMalformed
		}
		if name == "to" {
			*at = at.AddDate(0, 0, 1)
		}
	}
	return from, to, nil
}

var exportHead = []string{"report", "comment", "article", "reason", "ground", "reported_at", "decided_at", "upheld", "answer", "appealed_at", "appeal_decided_at", "appeal_upheld", "appeal_answer"}

// csv exports the rulings of a span of days for a spreadsheet.
func (c *complaints) csv(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	from, to, err := c.span(r)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	sheet := csv.NewWriter(&out)
	_ = sheet.Write(exportHead) // a buffer takes everything
	err = c.store.ReportLog(r.Context(), actor, from, to, func(l comment.ReportLine) error { return sheet.Write(exportRow(l)) })
	if err != nil {
		return err
	}
	sheet.Flush()
	return download(w, "text/csv; charset=utf-8", "reports.csv", out.Bytes())
}

func exportRow(l comment.ReportLine) []string {
	row := []string{strconv.FormatInt(l.Report, 10), strconv.FormatInt(l.Comment, 10), l.Article, l.Reason, l.Ground, l.ReportedAt.UTC().Format(time.RFC3339),
		l.DecidedAt.UTC().Format(time.RFC3339), strconv.FormatBool(l.Upheld), l.Answer, "", "", "", l.AppealAnswer}
	if l.AppealedAt != nil {
		row[9] = l.AppealedAt.UTC().Format(time.RFC3339)
	}
	if l.AppealAt != nil {
		row[10], row[11] = l.AppealAt.UTC().Format(time.RFC3339), strconv.FormatBool(*l.AppealUpheld)
	}
	for i := range row {
		row[i] = harmless(row[i])
	}
	return row
}

// harmless keeps a spreadsheet from reading as a formula what a reader typed.
func harmless(cell string) string {
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " ")); strings.ContainsRune("=+-@|%\t\r\n＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}

// json exports the rulings of a span of days for a program.
func (c *complaints) json(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	from, to, err := c.span(r)
	if err != nil {
		return err
	}
	lines := []comment.ReportLine{}
	err = c.store.ReportLog(r.Context(), actor, from, to, func(l comment.ReportLine) error { lines = append(lines, l); return nil })
	if err != nil {
		return err
	}
	body, err := json.Marshal(lines)
	if err != nil {
		return fmt.Errorf("export reports: %w", err)
	}
	return download(w, "application/json; charset=utf-8", "reports.json", body)
}

// download answers with a file to be kept.
func download(w http.ResponseWriter, kind, name string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body) // whoever asked went away; there is nobody to tell
	return nil
}
