package app_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"stet/internal/article"
	"stet/internal/staff"
)

// tale is one reader's report of an error, on a public article.
type tale struct {
	*world
	t      *testing.T
	id     int64
	path   string
	reader *visitor
	editor *visitor
}

func newTale(t *testing.T) *tale {
	t.Helper()
	w := newWorld(t)
	s := &tale{world: w, t: t, reader: w.visitor(), editor: w.signedIn(staff.Editor)}
	s.id, s.path = w.published("The lamp", "<p>At 21:14 the lamp came on.</p>")
	return s
}

// report sends an error and gives the receipt's address and the report's id.
func (s *tale) report(pairs ...string) (receipt string, id int64) {
	s.t.Helper()
	got := s.reader.post(s.path+"report", http.StatusSeeOther, append([]string{"quote", "At 21:14 the lamp came on.", "body", "It was 21:15.", "version", "1"}, pairs...)...)
	if err := s.db.Super.QueryRow(s.t.Context(), `SELECT max(id) FROM error_reports`).Scan(&id); err != nil {
		s.t.Fatal(err)
	}
	return got.Header.Get("Location"), id
}

func (s *tale) expect(v *visitor, path string, words ...string) answer {
	s.t.Helper()
	a := v.get(path)
	for _, w := range words {
		if absent, ok := strings.CutPrefix(w, "!"); ok == strings.Contains(a.body, strings.TrimPrefix(w, "!")) {
			s.t.Errorf("GET %s: %q is there: %v\n%.3000s", path, absent, ok, regexp.MustCompile(`(?s).*<main`).ReplaceAllString(a.body, "<main"))
		}
	}
	return a
}

func TestErrorReported(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	s.expect(s.reader, s.path, `href="`+s.path+`report?version=1"`)
	s.expect(s.reader, s.path+"history", `href="`+s.path+`report?version=1"`)
	form := s.expect(s.reader, s.path+"report?quote="+url.QueryEscape(`<b>"At 21:14</b> `+strings.Repeat("ä", 600)), `&lt;b&gt;&#34;At 21:14&lt;/b&gt;`, "!<b>", "!"+strings.Repeat("ä", 490), `name="version" value="1"`)
	private(t, form)
	if empty := s.reader.post(s.path+"report", http.StatusUnprocessableEntity, "quote", "Typed.", "body", " ", "name", "Ann", "email", "no"); !strings.Contains(empty.body, "Typed.") || strings.Count(empty.body, `aria-invalid="true"`) != 2 {
		t.Errorf("a form that can't be taken lost something:\n%.2000s", empty.body)
	}
	if got := s.reader.get(s.path + "report/"); got.Header.Get("Location") != s.path+"report" {
		t.Errorf("with a slash at the end it leads to %q", got.Header.Get("Location"))
	}

	receipt, id := s.report("name", "Ann <i>Reader</i>", "email", "ann@reader.example", "credit", "1")
	if again, same := s.report("name", "Ann <i>Reader</i>", "email", "ann@reader.example", "credit", "1"); again != receipt || same != id {
		t.Error("the same report twice has two receipts")
	}
	private(t, s.expect(s.reader, receipt, `data-status="open"`, "It was 21:15.", "!ann@reader.example"))
	s.expect(s.editor, "/newsroom/corrections", "Ann &lt;i&gt;Reader", "The text still says", "It was 21:15.", "!<i>Reader")
	s.expect(s.editor, fmt.Sprintf("/newsroom/articles/%d", s.id), "1 error report open")
	s.expect(s.editor, "/newsroom/articles?needs=me", "1 error report open")

	at := fmt.Sprintf("/newsroom/corrections/%d", id)
	s.editor.post(at+"/check", http.StatusSeeOther, "seen", "open")
	s.expect(s.reader, receipt, `data-status="checking"`)
	if late := s.editor.post(at+"/decline", http.StatusConflict, "seen", "open", "reason", "Typed in vain."); !strings.Contains(late.body, "Typed in vain.") || !strings.Contains(late.body, "The editor") {
		t.Errorf("a late answer: %.2000s", late.body)
	}
	s.editor.post(at+"/decline", http.StatusUnprocessableEntity, "seen", "checking", "reason", "")
	s.editor.post(at+"/decline", http.StatusSeeOther, "seen", "checking", "reason", "The log says <21:14>.")
	s.expect(s.reader, receipt, `data-status="declined"`, "The log says &lt;21:14&gt;.")
	s.editor.post(at+"/undo", http.StatusSeeOther)
	s.expect(s.editor, at, fmt.Sprintf(`href="/newsroom/articles/%d/updates?report=%d"`, s.id, id))

	update := fmt.Sprintf("/newsroom/articles/%d/updates", s.id)
	s.expect(s.editor, update+fmt.Sprintf("?report=%d", id), fmt.Sprintf(`name="report" value="%d"`, id), `value="correction" checked`, "At 21:14 the lamp came on.")
	s.editor.post(update, http.StatusUnprocessableEntity, "kind", "correction", "notice", "", "report", fmt.Sprint(id), "key", "k")
	for range 2 { // the same form twice is one notice
		s.editor.post(update, http.StatusSeeOther, "kind", "correction", "notice", "<p>It was 21:15.</p>", "report", fmt.Sprint(id), "key", "k")
	}
	s.expect(s.reader, receipt, `data-status="corrected"`, `href="`+s.path+`#update-2"`)
	for _, path := range []string{s.path, s.path + "history", "/corrections/"} {
		s.expect(s.reader, path, "Reported by a reader:", "Ann &lt;i&gt;Reader")
	}
	s.reader.post(receipt, http.StatusBadRequest, "act", "other")
	s.reader.post(receipt, http.StatusSeeOther, "act", "erase")
	for _, path := range []string{s.path, s.path + "history", "/corrections/", receipt} {
		s.expect(s.reader, path, "!Ann", "!Reported by a reader:")
	}
	s.editor.post(update, http.StatusNotFound, "kind", "correction", "notice", "<p>x</p>", "report", "999")
}

// private checks what an answer whose address is a secret, or that holds what somebody typed, says to caches and machines.
func private(t *testing.T, a answer) {
	t.Helper()
	for name, want := range map[string]string{"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if a.Header.Get("Set-Cookie") != "" {
		t.Error("it sets a cookie")
	}
}

// TestReportAddressStays has an article that is older than the word "report" in its address.
func TestReportAddressStays(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	_, old := s.published("Older", "<p>Than the word.</p>")
	for _, sql := range []string{`UPDATE addresses SET path = '/2009/05/report/' WHERE path = $1`, `UPDATE articles SET path = '/2009/05/report/' WHERE path = $1`} {
		if _, err := s.db.Super.Exec(t.Context(), sql, old); err != nil {
			t.Fatal(err)
		}
	}
	s.expect(s.reader, "/2009/05/report/", "Than the word.")
	s.expect(s.reader, "/2009/05/report/history", "Older")
	s.expect(s.reader, "/2009/05/report/report", "Send the report", "Older")
	if got := s.reader.get("/2009/05/report"); got.StatusCode != http.StatusMovedPermanently {
		t.Errorf("without its slash = %d", got.StatusCode)
	}
	s.reader.post("/2009/05/report/", http.StatusMethodNotAllowed)
	s.reader.post("/2009/05/report/report", http.StatusSeeOther, "body", "Wrong.")
}

func TestReportsHostile(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	for _, bad := range []string{`"><script>alert(1)</script>`, `{{.}}`, "javascript:alert(1)", "\u202egnirts", "a\x01b", strings.Repeat("🏴", 300), `=HYPERLINK("http://x.example")`} {
		s.expect(s.reader, s.path+"report?quote="+url.QueryEscape(bad), "!<script>alert", "Send the report")
	}
	for _, path := range []string{"/comments/errors/x", "/comments/errors/" + strings.Repeat("A", 43), "/comments/reports/" + strings.Repeat("A", 43), "/comments/reports/x"} {
		if got := s.reader.get(path); got.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s = %d", path, got.StatusCode)
		}
		s.reader.post(path, http.StatusNotFound, "act", "erase")
	}
	machine := s.reader.post(s.path+"report", http.StatusSeeOther, "body", "Buy.", "website", "https://spam.example/")
	s.expect(s.reader, machine.Header.Get("Location"), `data-status="open"`)
	s.expect(s.editor, "/newsroom/corrections", "!Buy.")
	for i := range 9 {
		s.reader.post(s.path+"report", http.StatusSeeOther, "body", fmt.Sprint("Number ", i))
	}
	if got := s.reader.post(s.path+"report", http.StatusTooManyRequests, "body", "Kept, although it is one too many."); got.Header.Get("Retry-After") == "" || !strings.Contains(got.body, "Kept, although") {
		t.Errorf("too fast: Retry-After %q", got.Header.Get("Retry-After"))
	}
	if got := s.reader.get(s.path + "report?version=x&version=-1&quote=%00"); got.StatusCode != http.StatusBadRequest {
		t.Errorf("a NUL in the quote = %d", got.StatusCode)
	}
}

func TestCommentReported(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	mo := s.signedIn(staff.Moderator)
	s.reader.post(s.path+"comments", http.StatusSeeOther, "name", "Rude", "email", "rude@reader.example", "body", "You <b>all</b> are fools.", "version", "1")
	form := s.path + "comments/1/report"
	if got := s.reader.get(form); got.StatusCode != http.StatusNotFound {
		t.Errorf("the form for a comment that is held = %d", got.StatusCode)
	}
	mo.post("/newsroom/comments/1/approve", http.StatusSeeOther)
	s.expect(s.reader, s.path, `href="`+form+`"`)
	private(t, s.expect(s.reader, form, "are fools.", "Which law"))
	s.reader.post(form, http.StatusUnprocessableEntity, "detail", "Typed.")
	if got := s.reader.post(form, http.StatusUnprocessableEntity, "reason", "illegal", "detail", "Typed.", "ground", "=cmd|' /C calc'!A0"); !strings.Contains(got.body, "Typed.") || !strings.Contains(got.body, "=cmd|") {
		t.Error("the form lost what was typed")
	}
	sent := s.reader.post(form, http.StatusSeeOther, "reason", "illegal", "detail", "It insults <me>.", "ground", "=cmd|' /C calc'!A0", "name", "Ann Marker", "email", "ann@marker.example", "good_faith", "1")
	receipt := sent.Header.Get("Location")
	private(t, s.expect(s.reader, receipt, `data-status="open"`))
	s.expect(mo, "/newsroom/reports", "1 is pressing", "It is illegal")
	s.expect(mo, "/newsroom/comments?status=reported", "are fools.")
	s.expect(mo, "/newsroom/reports/1", "It insults &lt;me&gt;.", "Ann Marker", "ann@marker.example")
	mo.post("/newsroom/reports/1/decide", http.StatusUnprocessableEntity, "answer", "No choice.")
	mo.post("/newsroom/reports/1/decide", http.StatusUnprocessableEntity, "upheld", "1")
	mo.post("/newsroom/reports/1/decide", http.StatusSeeOther, "upheld", "0", "answer", "@It is <an> opinion.")
	mo.post("/newsroom/reports/1/decide", http.StatusConflict, "upheld", "1", "answer", "Again.")
	s.expect(s.reader, receipt, `data-status="declined"`, "@It is &lt;an&gt; opinion.")
	s.reader.post(receipt, http.StatusUnprocessableEntity, "act", "appeal", "detail", "")
	s.reader.post(receipt, http.StatusSeeOther, "act", "appeal", "detail", "It names me.")
	s.reader.post(receipt, http.StatusForbidden, "act", "appeal", "detail", "And again.")
	s.expect(mo, "/newsroom/reports?view=appeals", "are fools.")
	mo.post("/newsroom/reports/1/appeal", http.StatusSeeOther, "upheld", "1", "answer", "It does.")
	s.expect(s.reader, receipt, `data-status="upheld"`, "It does.")
	s.expect(s.reader, s.path, "!are fools.")
	s.export(mo)
	mo.post("/newsroom/reports/1/undo", http.StatusSeeOther)
	s.expect(s.reader, s.path, "are fools.")
	s.reader.post(receipt, http.StatusSeeOther, "act", "erase")
	s.expect(mo, "/newsroom/reports/1", "!Ann Marker", "!ann@marker.example")
}

// export reads both exports: nothing in them is a formula, and nobody is named.
func (s *tale) export(mo *visitor) {
	s.t.Helper()
	sheet := mo.get("/newsroom/reports/export.csv?from=2020-01-01")
	rows, err := csv.NewReader(strings.NewReader(sheet.body)).ReadAll()
	if err != nil || len(rows) != 2 || !strings.HasPrefix(sheet.Header.Get("Content-Disposition"), "attachment") {
		s.t.Fatalf("export.csv = %q, %v", sheet.body, err)
	}
	for _, cell := range rows[1] {
		if cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
			s.t.Errorf("a spreadsheet would run %q", cell)
		}
	}
	doc := mo.get("/newsroom/reports/export.json?to=2120-01-01")
	var lines []map[string]any
	if err := json.Unmarshal([]byte(doc.body), &lines); err != nil || len(lines) != 1 || lines[0]["answer"] != "@It is <an> opinion." || lines[0]["appeal_upheld"] != true {
		s.t.Errorf("export.json = %s, %v", doc.body, err)
	}
	if both := sheet.body + doc.body; strings.Contains(both, "Marker") || strings.Contains(both, "marker.example") || strings.Contains(both, "insults") {
		s.t.Errorf("an export names somebody: %s", both)
	}
	if none := mo.get("/newsroom/reports/export.json?to=2020-01-01"); none.body != "[]" {
		s.t.Errorf("an export of nothing = %s", none.body)
	}
	if bad := mo.get("/newsroom/reports/export.csv?from=soon"); bad.StatusCode != http.StatusBadRequest {
		s.t.Errorf("from a day that is none = %d", bad.StatusCode)
	}
}

func TestCommentSentToCorrections(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	mo := s.signedIn(staff.Moderator)
	s.reader.post(s.path+"comments", http.StatusSeeOther, "name", "Ilse", "email", "ilse@reader.example", "body", "> the lamp came on\nIt was 21:15.", "version", "1")
	mo.post("/newsroom/comments/1/approve", http.StatusSeeOther)
	mo.post("/newsroom/comments/1/correct", http.StatusSeeOther)
	s.expect(mo, "/newsroom/corrections/1", "Ilse, in a comment that The moderator sent here", "!Write the correction")
	mo.post("/newsroom/corrections/1/check", http.StatusForbidden, "seen", "open")
	s.editor.post(fmt.Sprintf("/newsroom/articles/%d/updates", s.id), http.StatusSeeOther, "kind", article.Correction, "notice", "<p>It was 21:15.</p>")
	s.editor.post("/newsroom/corrections/1/correct", http.StatusUnprocessableEntity, "seen", "open", "notice", "7")
	s.editor.post("/newsroom/corrections/1/correct", http.StatusSeeOther, "seen", "open", "notice", "2")
	s.expect(s.reader, s.path, "Reported by a reader:", `<a href="`+s.path+`comments/1"><bdi>Ilse</bdi></a>`)
	mo.post("/newsroom/comments/1/hold", http.StatusSeeOther)
	s.expect(s.reader, s.path, "!Reported by a reader:", "!Ilse")
}

// TestErasureTakesTheCredit erases somebody who only reported an error: the pages that name them beside the correction don't any more.
func TestErasureTakesTheCredit(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	_, id := s.report("name", "Zyxgrunt Reader", "email", "zyx@reader.example", "credit", "1")
	s.editor.post(fmt.Sprintf("/newsroom/articles/%d/updates", s.id), http.StatusSeeOther, "kind", "correction", "notice", "<p>It was 21:15.</p>",
		"report", fmt.Sprint(id), "key", "k")
	pages := []string{s.path, s.path + "history", "/corrections/"}
	for _, path := range pages {
		s.expect(s.reader, path, "Zyxgrunt Reader")
	}
	s.reader.post("/comments/mine", http.StatusSeeOther, "email", "ZYX@reader.example")
	var person int64
	if err := s.db.Super.QueryRow(t.Context(), `SELECT id FROM commenters WHERE lower(email) = 'zyx@reader.example'`).Scan(&person); err != nil {
		t.Fatal(err)
	}
	if c, err := s.app.Comments.CopyPerson(t.Context(), s.people[staff.Admin], person); err != nil || len(c.Errors) != 1 || c.Errors[0].Text != "It was 21:15." {
		t.Errorf("CopyPerson = %+v, %v", c, err)
	}
	if err := s.app.Comments.ErasePerson(t.Context(), s.people[staff.Admin], person); err != nil {
		t.Fatal(err)
	}
	for _, path := range pages {
		s.expect(s.reader, path, "!Zyxgrunt")
	}
}
