package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"stet/internal/staff"
)

// TestRulesByForms makes a rule, tries it before and after it is kept, and takes it away and back, with plain forms alone.
func TestRulesByForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, _ := w.published("The strait", "<p>Two navies.</p>")
	for i, body := range []string{"I took the night ferry from that port for twenty years.", "A report on ports.", "The port was bought."} {
		w.says(id, fmt.Sprintf("Reader %d", i), body, 0)
	}
	v := w.signedIn(staff.Moderator)
	typed := []string{"kind", "words", "name", "Suspect: harbours", "act", "hold", "words", "port\nbought", "where", "", "trusted", "0", "told", ""}

	got := v.post("/newsroom/rules", http.StatusOK, append(typed, "then", "try")...)
	for _, text := range []string{"It would have held 2 comments. 2 of them were approved.", "“port” alone holds 1, of which 1 were approved.", "<mark>port</mark>", `value="Suspect: harbours"`, "port\nbought</textarea>"} {
		if !strings.Contains(got.body, text) {
			t.Errorf("the trial doesn't show %q", text)
		}
	}
	v.shows("/newsroom/rules", "!Suspect: harbours")
	got = v.post("/newsroom/rules", http.StatusOK, append(typed, "without", "port")...)
	if !strings.Contains(got.body, "It would have held 1 comment.") || !strings.Contains(got.body, "\nbought</textarea>") {
		t.Error("the trial without a word holds something else")
	}
	got = v.post("/newsroom/rules", http.StatusUnprocessableEntity, "kind", "words", "name", "", "act", "hold", "words", "po*rt", "then", "on")
	for _, text := range []string{"Give the rule a name.", "In line 1 a star", "po*rt</textarea>"} {
		if !strings.Contains(got.body, text) {
			t.Errorf("the refused form doesn't show %q", text)
		}
	}

	one := v.post("/newsroom/rules", http.StatusSeeOther, append(typed, "then", "on")...).Header.Get("Location")
	v.shows(one, "Suspect: harbours", "On from now", "Switch it off")
	v.post(one, http.StatusOK, append(typed, "then", "try")...)
	v.shows(one, "tried ")
	v.post(one, http.StatusSeeOther, append(typed, "then", "off")...)
	v.shows(one, "Switch it on")
	v.post(one+"/delete", http.StatusSeeOther)
	v.shows("/newsroom/rules", one+"/restore", "!>Suspect: harbours<")
	v.post(one+"/restore", http.StatusSeeOther)
	v.shows("/newsroom/rules", "Suspect: harbours")
}

// TestRulesByKeys tries and keeps a rule with t and s.
func TestRulesByKeys(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.signIn(staff.Moderator)
	b.open("/newsroom/rules/new?kind=links")
	b.do(chromedp.SendKeys(chromedp.CSS("#name"), "Three links"))
	b.do(chromedp.SendKeys(chromedp.CSS("#amount"), "2"))
	b.do(chromedp.Blur(chromedp.CSS("#amount")))
	b.keyOn("t")
	b.sees("It would have held nothing.")
	b.keyOn("s")
	b.sees("Saved: Three links.")
}

// keyOn types one key that leads to another page.
func (b *tab) keyOn(k string) {
	b.Helper()
	if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(k)); err != nil {
		b.Fatalf("key %s: %v\n%s", k, err, b.where())
	}
	b.clean()
}
