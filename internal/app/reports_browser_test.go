package app_test

import (
	"net/http"
	"strings"
	"testing"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/staff"
)

// TestErrorInBrowser goes the whole way of an error on a phone: a reader reports a sentence, an editor checks and corrects it, the reader is credited
// and then takes their name away.
func TestErrorInBrowser(t *testing.T) {
	s := newTale(t)
	b := s.browser()
	b.width(360)
	b.open(s.path + "report?quote=At+21%3A14+the+lamp+came+on.")
	b.fits()
	if quote := eval[string](b, `document.querySelector('[name=quote]').value`); quote != "At 21:14 the lamp came on." {
		t.Errorf("the form quotes %q", quote)
	}
	b.set(`[name=body]`, "It was 21:15.")
	b.set(`[name=name]`, "Ilse Brandt")
	b.set(`[name=email]`, "ilse@reader.example")
	b.press(`[name=credit]`)
	b.click(`main form button`)
	receipt := eval[string](b, `location.pathname`)
	b.fits()
	b.sees("Nobody has looked at it yet")

	b.signIn(staff.Editor)
	b.open("/newsroom/articles?needs=me")
	b.click(`.todo a`)
	b.fits()
	b.click(`.wrongs h2 a`)
	b.sees("The text still says")
	b.click(`form[action$="/check"] button`)
	b.fits()
	b.click(`a[href*="/updates?report="]`)
	b.sees("It answers a reader’s report")
	b.write("notice", "An earlier version said 21:14. It was 21:15.")
	b.click(`main form[action$="/updates"] button`)
	b.sees("It answers the report")

	b.open(receipt)
	if status := eval[string](b, `document.querySelector('[data-status]').dataset.status`); status != "corrected" {
		t.Errorf("receipt = %q, want corrected", status)
	}
	b.click(`.steps a`)
	b.sees("Reported by a reader: Ilse Brandt")
	b.fits()
	b.open(receipt)
	b.click(`button[value=erase]`)
	b.open(s.path)
	if text := eval[string](b, `document.body.innerText`); strings.Contains(text, "Ilse") || !strings.Contains(text, "It was 21:15.") {
		t.Errorf("after the name was erased the page says:\n%.1500s", text)
	}
}

// TestReportsAreAccessible lets axe judge the forms in which readers report something, as they are at first and with faults, and the receipts.
func TestReportsAreAccessible(t *testing.T) {
	s := newTale(t)
	ctx, editor := t.Context(), s.people[staff.Editor]
	receipt, id := s.report("name", "Ann", "credit", "1")
	s.reader.post(s.path+"comments", http.StatusSeeOther, "name", "Rude", "email", "rude@reader.example", "body", "Fools.", "version", "1")
	done, err := s.app.Articles.Append(ctx, editor, s.id, article.NoticeIn{Kind: article.Correction, Notice: "<p>It was 21:15.</p>"})
	for _, err := range []error{err, s.app.Reports.Correct(ctx, editor, id, "", done.Number), s.app.Comments.Decide(ctx, editor, comment.Pick{ID: 1}, comment.Approve, "")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	form := s.path + "comments/1/report"
	turned := s.reader.post(form, http.StatusSeeOther, "reason", "spam").Header.Get("Location")
	if err := s.app.Comments.DecideReport(ctx, editor, 1, comment.Ruling{Answer: "It sells nothing."}); err != nil {
		t.Fatal(err)
	}
	r := s.round()
	for _, path := range []string{s.path, s.path + "report?quote=the+lamp", form, receipt, turned} {
		r.visit(path)
	}
	r.send("an error without words", s.path+"report", "[name=body]", map[string]string{"body": " ", "email": "x", "quote": "the lamp"})
	r.send("an illegal comment without a ground", form, "[name=ground]", map[string]string{"detail": ""})
	r.tell()
}
