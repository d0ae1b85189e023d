package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"stet/internal/article"
	"stet/internal/staff"
)

func sheetOf(id int64) string { return fmt.Sprintf("/newsroom/articles/%d", id) }

func (v *visitor) shows(path string, texts ...string) answer {
	v.Helper()
	got := v.get(path)
	for _, text := range texts {
		want := !strings.HasPrefix(text, "!")
		if text = strings.TrimPrefix(text, "!"); strings.Contains(got.body, text) != want {
			v.Errorf("%s (%d) shows %q: %v, want %v", path, got.StatusCode, text, !want, want)
		}
	}
	return got
}

func TestNotesBesideTheSheet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, _ := w.draft("Noted", "<p>One.</p><p>Two.</p>")
	v, at := w.signedIn(staff.Editor), sheetOf(id)
	block := regexp.MustCompile(`<option value="([a-z0-9]+)">2: Two`).FindStringSubmatch(v.get(at).body)
	if block == nil {
		t.Fatal("the second paragraph can't be chosen without a script")
	}
	for range 2 { // the hidden field is empty where no script fills it
		v.post(at+"/notes", http.StatusSeeOther, "note", "Says <b>who</b>?\nAsk.", "block", "", "block", block[1], "key", "k")
	}
	got := v.shows(at, "Says &lt;b&gt;who&lt;/b&gt;?<br>Ask.", "paragraph 2", `data-note-block="`+block[1]+`"`, `<span class="count">1</span>`)
	if n := strings.Count(got.body, "Ask."); n != 1 {
		t.Errorf("the note stands %d times", n)
	}
	v.shows("/newsroom/articles", "1 open note")
	note := regexp.MustCompile(`/notes/(\d+)/resolve`).FindString(got.body)
	v.post(at+note, http.StatusSeeOther)
	v.shows(at, "1 resolved", "Resolved by The editor", `!<span class="count">`)
	v.post(at+strings.Replace(note, "resolve", "reopen", 1), http.StatusSeeOther)
	v.shows(at, "!1 resolved")
	wrong := v.post(at+"/notes", http.StatusUnprocessableEntity, "note", strings.Repeat("a", article.MaxStaffNote+1))
	if !strings.Contains(wrong.body, strings.Repeat("a", article.MaxStaffNote+1)) || !strings.Contains(wrong.body, "4,000 characters at most") {
		t.Error("a note that is too long isn't given back with its fault")
	}
	if e, err := w.app.Articles.Edit(t.Context(), w.people[staff.Editor], id); err != nil || e.Head != 2 || e.State.Status() != "draft" {
		t.Errorf("notes made revision %d, status %s, %v", e.Head, e.State.Status(), err)
	}
}

func TestNeedsMeIsTheFirstPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.signedIn(staff.Editor)
	if got := v.get("/newsroom/").Header.Get("Location"); got != "/newsroom/articles" {
		t.Errorf("with nothing to do, /newsroom/ leads to %s", got)
	}
	v.shows("/newsroom/articles?needs=me", "Nothing needs you.")
	id, _ := w.draft("Given", "<p>One.</p>")
	admin := w.signedIn(staff.Admin)
	admin.post(sheetOf(id)+"/assign", http.StatusSeeOther, "person", fmt.Sprint(w.people[staff.Editor].ID))
	if got := v.get("/newsroom/").Header.Get("Location"); got != "/newsroom/articles?needs=me" {
		t.Errorf("with something to do, /newsroom/ leads to %s", got)
	}
	v.shows("/newsroom/articles?needs=me", "Given", "The admin gave it to you.", `aria-current="page">Needs me <span>1</span>`)
	v.shows("/newsroom/articles", "Given", "The editor’s turn")
	v.shows(fmt.Sprintf("/newsroom/articles?assigned=%d", w.people[staff.Admin].ID), "!Given")
	wrong := admin.post(sheetOf(id)+"/assign", http.StatusUnprocessableEntity, "person", fmt.Sprint(w.people[staff.Moderator].ID))
	if !strings.Contains(wrong.body, "Only people who may see the article") {
		t.Error("an assignment to somebody who can't see it isn't explained")
	}
}

func TestEndAndUnscheduleByForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, path := w.published("Ends", "<p>One.</p>")
	v, at := w.signedIn(staff.Editor), sheetOf(id)
	v.shows(at, "Set an end")
	if got := v.post(at+"/end", http.StatusUnprocessableEntity, "at", "soon", "notice", "Gone."); !strings.Contains(got.body, "Gone.") {
		t.Error("what was typed is lost")
	}
	when := time.Now().UTC().AddDate(0, 0, 1)
	v.post(at+"/end", http.StatusSeeOther, "at", when.Format(time.RFC3339), "notice", "The licence ended.")
	v.shows(at, "To end, ")
	month := "/newsroom/coming?month=" + when.Format("2006-01")
	v.shows(month, "Ends", "Withdrawal", "by The editor")
	v.shows(month+"&view=month", `<th scope="col" abbr="Monday">Mon</th>`, "Ends")
	v.shows("/newsroom/coming?month=1999-01", "Nothing comes by itself this month", "February 1999", "December 1998")
	if got := v.get("/newsroom/coming?month=x"); got.StatusCode != http.StatusNotFound {
		t.Errorf("a month that is none: %d", got.StatusCode)
	}
	w.signedIn(staff.Author).shows(month, "!Withdrawal")
	v.shows(at+"/unschedule", "To end, ")
	v.post(at+"/unschedule", http.StatusSeeOther)
	v.shows(at, "!To end, ")
	if got := v.get(path); got.StatusCode != http.StatusOK {
		t.Errorf("the article answers %d", got.StatusCode)
	}
}

func TestPreviewsAndTheirLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, revision := w.draft("Shown before its time", "<p>Newest words.</p>")
	v, at := w.signedIn(staff.Editor), sheetOf(id)
	v.post(at, http.StatusSeeOther, "revision", fmt.Sprint(revision), "body", "<p>Other words.</p>")
	got := v.shows(at+"/preview", "Other words.", "!in confidence")
	if policy := got.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'self'") {
		t.Errorf("the preview can't be framed: %s", policy)
	}
	v.shows(fmt.Sprintf("%s/preview?revision=%d", at, revision), "Newest words.")
	v.shows(at+"/preview/widths?width=412", `width="412"`)
	v.shows(at+"/preview/widths?width=9", `width="360"`)
	wide := v.shows(at+"/preview/widths?width=768&revision=2", `width="768"`, `src="`+at+`/preview?revision=2"`)
	if policy := wide.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("a page of the newsroom can be framed: %s", policy)
	}

	made := v.post(at+"/preview-links", http.StatusCreated, "days", "7", "label", "Counsel")
	link := regexp.MustCompile(`/newsroom/preview/[A-Z0-9]+`).FindString(made.body)
	stranger := w.visitor()
	shown := stranger.shows(link, "Other words.", "in confidence", `content="noindex"`)
	for name, want := range map[string]string{"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"} {
		if got := shown.Header.Get(name); got != want {
			t.Errorf("the link answers %s: %q, want %q", name, got, want)
		}
	}
	if shown.StatusCode != http.StatusOK || len(shown.Cookies()) > 0 {
		t.Errorf("the link answers %d with cookies %v", shown.StatusCode, shown.Cookies())
	}
	sheet := v.shows(at, "Counsel", "!"+link)
	v.post(at+regexp.MustCompile(`/preview-links/\d+/revoke`).FindString(sheet.body), http.StatusSeeOther)
	for _, path := range []string{link, "/newsroom/preview/x", link + "x"} {
		if got := stranger.get(path); got.StatusCode != http.StatusNotFound || strings.Contains(got.body, "Other words.") {
			t.Errorf("%s answers %d", path, got.StatusCode)
		}
	}
	if got := v.post(at+"/preview-links", http.StatusUnprocessableEntity, "days", "31"); !strings.Contains(got.body, "From 1 to 30 days.") {
		t.Error("31 days aren't explained")
	}
}

func TestDuplicateByForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, _ := w.published("Copied", "<p>One.</p>")
	v := w.signedIn(staff.Editor)
	to := v.post(sheetOf(id)+"/duplicate", http.StatusSeeOther, "key", "k").Header.Get("Location")
	if again := v.post(sheetOf(id)+"/duplicate", http.StatusSeeOther, "key", "k").Header.Get("Location"); again != to || to == sheetOf(id) {
		t.Errorf("the copy is at %s and %s", to, again)
	}
	v.shows(to, "Copied", fmt.Sprintf("From revision 2 of article %d", id))
}

func TestBulkByForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	live, path := w.published("Live", "<p>One.</p>")
	draft, _ := w.draft("Draft", "<p>Two.</p>")
	v := w.signedIn(staff.Editor)
	v.shows("/newsroom/articles", `name="ids" value="`+fmt.Sprint(live)+`"`, "Add an update", sheetOf(live)+"/updates", "!"+sheetOf(draft)+"/updates")
	f := url.Values{"ids": {fmt.Sprint(live), fmt.Sprint(draft)}, "act": {"add-tag"}, "tag": {"Harbours"}, "public": {"1"}, "back": {"/newsroom/articles?kind=article"}}
	if got := v.do(http.MethodPost, "/newsroom/articles/bulk", f); got.Header.Get("Location") != "/newsroom/articles?kind=article" {
		t.Errorf("bulk leads to %s", got.Header.Get("Location"))
	}
	said := v.shows("/newsroom/articles", "2 changed. 1 of them is public.", `action="/newsroom/articles/bulk"`)
	v.shows(path, "Harbours")
	undo := url.Values{"act": {"undo"}}
	for _, m := range regexp.MustCompile(`name="ids" value="(\d+-[^"]+)"`).FindAllStringSubmatch(said.body, -1) {
		undo.Add("ids", m[1])
	}
	v.do(http.MethodPost, "/newsroom/articles/bulk", undo)
	v.shows("/newsroom/articles", "2 taken back.")
	v.shows(path, "!Harbours")
	v.post("/newsroom/articles/bulk", http.StatusSeeOther, "ids", fmt.Sprint(live), "ids", fmt.Sprint(draft), "act", "trash")
	v.shows("/newsroom/articles?status=trashed", "1 stays as it was:", "“Live”", "Take it out", "Draft")
	v.post(sheetOf(draft)+"/untrash", http.StatusSeeOther)
	v.shows("/newsroom/articles?status=trashed", "The trash is empty.")
	v.shows("/newsroom/articles?sort=headline&q=L", `aria-sort="ascending"`, "sort=changed", `name="sort" value="headline"`)
	v.post("/newsroom/articles/bulk", http.StatusUnprocessableEntity, "ids", "x", "act", "trash")
}

// TestDeskOnAPhone is the way of an editor on the road: what needs them, a note resolved, an update appended.
func TestDeskOnAPhone(t *testing.T) {
	w := newWorld(t)
	id, path := w.published("The lamp at Cape Ore", "<p>At 21:14 the lamp came on.</p>")
	if _, err := w.app.Articles.WriteNote(t.Context(), w.people[staff.Admin], id, article.StaffNoteIn{Body: "Who saw it?"}); err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	b.width(360)
	b.signIn(staff.Editor)
	b.sees("Needs me")
	b.sees("Who saw it?")
	b.fits()
	b.click(`.todo a`)
	b.fits()
	b.do(chromedp.Click(chromedp.CSS(`#notes button[formaction$="/resolve"]`), chromedp.NodeVisible), chromedp.WaitVisible(chromedp.CSS(`#notes details summary`)))
	b.clean()
	b.sees("1 resolved")
	b.open("/newsroom/")
	b.fits()
	b.sees("Add an update")
	b.click(`[data-rows] a[href$="/updates"]`)
	b.write("notice", "Kest answered this morning.")
	b.click(`main form[action$="/updates"] button`)
	b.open(path)
	b.sees("Kest answered this morning.")
	for _, page := range []string{"/newsroom/coming?view=month", sheetOf(id) + "/preview/widths", sheetOf(id) + "/end"} {
		b.open(page)
		b.fits()
	}
}
