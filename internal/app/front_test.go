package app_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"stet/internal/article"
	"stet/internal/staff"
)

var seenField = regexp.MustCompile(`name="seen" value="(\d+)"`)

// seen is the newest act on the front page that its page in the newsroom says to have shown.
func (v *visitor) seen() string {
	v.Helper()
	m := seenField.FindStringSubmatch(v.get("/newsroom/front").body)
	if m == nil {
		v.Fatal("the front page's forms don't say what their editor has seen")
	}
	return m[1]
}

// TestFrontByForms arranges the front page without a script: put, move, time, off and undo, and what can't be done keeps what was typed.
func TestFrontByForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ids []string
	for i := range 6 {
		id, _ := w.published(fmt.Sprint("Story ", i+1), "<p>Said.</p>")
		ids = append(ids, strconv.FormatInt(id, 10))
	}
	v, reader := w.signedIn(staff.Editor), w.visitor()
	leads := func(want string) {
		t.Helper()
		_, after, _ := strings.Cut(reader.get("/").body, `class="package"`)
		h2, _, _ := strings.Cut(after, "</h2>")
		if !strings.Contains(h2, want+"<") {
			t.Errorf("the lead is not %s: %s", want, h2)
		}
	}
	act := func(status int, pairs ...string) answer {
		t.Helper()
		return v.post("/newsroom/front", status, append(pairs, "category", "", "seen", v.seen())...)
	}
	leads("Story 6")
	a := act(http.StatusSeeOther, "act", "put", "to", "0.1", "article", ids[0])
	if to := a.Header.Get("Location"); to != "/newsroom/front#p-0.1" {
		t.Errorf("after a put the browser goes to %s", to)
	}
	leads("Story 1")
	undo := regexp.MustCompile(`action="(/newsroom/front/\d+/undo)"`)
	flash := undo.FindStringSubmatch(v.get("/newsroom/front").body)
	act(http.StatusSeeOther, "act", "move 0.2", "place", "0.1", "article", ids[0])
	leads("Story 6")
	// What others stand on can't be taken back before them.
	if a := v.post(flash[1], http.StatusConflict); !strings.Contains(a.body, "It fills itself") {
		t.Errorf("a refused undo doesn't say what stands there:\n%.1500s", a.body)
	}
	v.post(undo.FindStringSubmatch(v.get("/newsroom/front").body)[1], http.StatusSeeOther)
	leads("Story 1")
	v.post(flash[1], http.StatusSeeOther)
	leads("Story 6")
	for what, pairs := range map[string][]string{
		"no time":    {"act", "put", "to", "0.1", "article", ids[0], "until", "soon"},
		"the past":   {"act", "put", "to", "0.1", "article", ids[0], "until", "2020-01-01T10:00"},
		"no place":   {"act", "put", "to", "0.9", "article", ids[0]},
		"no article": {"act", "put", "to", "0.1", "article", "999"},
	} {
		if a := act(http.StatusUnprocessableEntity, pairs...); len(pairs) > 6 && !strings.Contains(a.body, `value="`+pairs[7]+`"`) {
			t.Errorf("%s: what was typed is lost", what)
		}
	}
	v.post("/newsroom/front", http.StatusBadRequest, "act", "burn", "place", "0.1")
	v.post("/newsroom/front", http.StatusNotFound, "act", "put", "to", "0.1", "article", ids[0], "category", "nowhere")
}

// TestFrontClockChange refuses a time that the site's clock skips or shows twice, and names both readings.
func TestFrontClockChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	is, err := w.app.Settings.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	is.Zone = "Europe/Berlin"
	if err := w.app.Settings.Save(t.Context(), w.people[staff.Admin].ID, is); err != nil {
		t.Fatal(err)
	}
	id, _ := w.published("Story", "<p>Said.</p>")
	v := w.signedIn(staff.Editor)
	skips := time.Date(time.Now().Year()+1, 3, 31, 0, 0, 0, 0, time.UTC)
	skips = skips.AddDate(0, 0, -int(skips.Weekday())) // the last Sunday of March
	day := skips.Format(time.DateOnly)
	a := v.post("/newsroom/front", http.StatusUnprocessableEntity, "act", "put", "to", "0.1", "article", strconv.FormatInt(id, 10), "until", day+"T02:30")
	if !strings.Contains(html.UnescapeString(a.body), day+"T03:30:00+02:00") {
		t.Errorf("the answer names no reading of the time:\n%.3000s", a.body)
	}
	v.post("/newsroom/front", http.StatusSeeOther, "act", "put", "to", "0.1", "article", strconv.FormatInt(id, 10), "until", day+"T03:30:00+02:00")
}

// TestFrontConflict has one editor change a place that another changed unseen: they are told, and can do it all the same.
func TestFrontConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, _ := w.published("Story one", "<p>Said.</p>")
	two, _ := w.published("Story two", "<p>Said.</p>")
	v, other := w.signedIn(staff.Editor), w.signedIn(staff.Admin)
	seen := v.seen()
	other.post("/newsroom/front", http.StatusSeeOther, "act", "put", "to", "0.1", "article", strconv.FormatInt(one, 10), "seen", seen)
	until := time.Now().AddDate(1, 0, 0).Format("2006-01-02T15:04")
	a := v.post("/newsroom/front", http.StatusConflict, "act", "put", "to", "0.1", "article", strconv.FormatInt(two, 10), "until", until, "seen", seen)
	for _, want := range []string{"The admin put a story there", "Story one", `name="until" value="` + until + `"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the answer lacks %s:\n%.2500s", want, a.body)
		}
	}
	again := seenField.FindStringSubmatch(a.body)
	v.post("/newsroom/front", http.StatusSeeOther, "act", "put", "to", "0.1", "article", strconv.FormatInt(two, 10), "seen", again[1])
}

// TestFrontPreview shows the front as it will be to an editor only, and keeps it from everybody else.
func TestFrontPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.published("Now", "<p>Said.</p>")
	id, revision := w.draft("Later", "<p>Said.</p>")
	at := time.Now().Add(24 * time.Hour)
	if _, err := w.app.Articles.Publish(t.Context(), w.people[staff.Editor], id, article.PublishIn{Revision: revision, At: &at}); err != nil {
		t.Fatal(err)
	}
	v := w.signedIn(staff.Editor)
	v.post("/newsroom/front", http.StatusSeeOther, "act", "put", "to", "0.1", "article", strconv.FormatInt(id, 10), "seen", v.seen())
	then := "/newsroom/front/preview?at=" + strings.ReplaceAll(at.Add(time.Hour).Format(time.RFC3339), "+", "%2B")
	for path, later := range map[string]bool{"/newsroom/front/preview": false, then: true} {
		a := v.get(path)
		if a.StatusCode != http.StatusOK || strings.Contains(a.body, ">Later<") != later || a.Header.Get("Cache-Control") != "private, no-store" || a.Header.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("%s = %d %v, want the scheduled article: %v", path, a.StatusCode, a.Header, later)
		}
	}
	if a := w.visitor().get("/"); strings.Contains(a.body, "Later") {
		t.Error("readers see what is scheduled")
	}
	if a := w.signedIn(staff.Author).get(then); a.StatusCode != http.StatusForbidden {
		t.Errorf("an author's preview of the front = %d", a.StatusCode)
	}
}

// TestFrontInBrowser drags a story from the pool and between places, and moves, times and takes off one by keys.
func TestFrontInBrowser(t *testing.T) {
	w := newWorld(t)
	for i := range 7 {
		w.published(fmt.Sprint("Story ", i+1), "<p>Said.</p>")
	}
	b := w.browser()
	b.width(1280)
	b.signIn(staff.Editor)
	b.open("/newsroom/front")
	b.fits()
	shows := func(want string) {
		t.Helper()
		// What isn't scripted yet hears neither drag nor key.
		b.until(`document.querySelector('main.scripted') && [...document.querySelectorAll('.slot')].slice(0, 4).map(s => (s.querySelector('[data-off]') ? '*' : '') + s.querySelector('h3').textContent.trim().slice(-1)).join(' ') === ` + strconv.Quote(want))
		b.clean()
	}
	shows("7 6 5 4")
	b.drag(`.pool [data-article] .grip`, `[data-slot="0.2"]`) // the newest that isn't on the front
	shows("7 *3 6 5")
	b.drag(`[data-slot="0.2"] .grip`, `[data-slot="0.1"]`)
	shows("*3 7 6 5")
	focus := func(slot string) {
		eval[bool](b, fmt.Sprintf(`(document.querySelector('[data-slot="%s"] h3 a').focus(), true)`, slot))
	}
	focus("0.1")
	b.do(chromedp.KeyEvent(kb.ArrowDown, chromedp.KeyModifiers(chromedp.ModifierAlt)))
	shows("7 *3 6 5")
	if !eval[bool](b, `document.activeElement.closest('[data-slot]')?.dataset.slot === '0.2'`) {
		t.Error("after a move the story has lost the focus")
	}
	focus("0.2")
	b.key("4")
	shows("7 6 5 *3")
	focus("0.4")
	b.key("t")
	if !eval[bool](b, `document.activeElement.name === 'until' && document.activeElement.closest('details').open`) {
		t.Error("t doesn't lead to the time")
	}
	focus("0.4")
	b.key(kb.Delete)
	shows("7 6 5 4")
}

// drag carries what stands at from to the middle of to.
func (b *tab) drag(from, to string) {
	b.Helper()
	type point struct{ X, Y float64 }
	middle := func(selector string) point {
		eval[bool](b, fmt.Sprintf(`(document.querySelector(%q).closest("li").scrollIntoView({block: "nearest"}), true)`, selector))
		return eval[point](b, fmt.Sprintf(`(r => ({X: r.x + r.width / 2, Y: r.y + r.height / 2}))(document.querySelector(%q).getBoundingClientRect())`, selector))
	}
	middle(to)
	start := middle(from)
	end := middle(to)
	b.do(chromedp.MouseEvent(chromedp.MousePressed, start.X, start.Y, chromedp.Button("left")))
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, (start.X+end.X)/2, (start.Y+end.Y)/2, chromedp.Button("left")))
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, end.X, end.Y, chromedp.Button("left")))
	b.do(chromedp.MouseEvent(chromedp.MouseReleased, end.X, end.Y, chromedp.Button("left")))
}

// TestFrontWithoutScript puts a story in a place and takes it off again in a browser whose scripts are off.
func TestFrontWithoutScript(t *testing.T) {
	w := newWorld(t)
	for i := range 6 {
		w.published(fmt.Sprint("Story ", i+1), "<p>Said.</p>")
	}
	b := w.browser()
	b.width(360)
	b.signIn(staff.Editor)
	b.scripts(false)
	b.open("/newsroom/front")
	b.fits()
	b.click(`form:has(> [value=put]) .foot button`)
	b.sees("Put in place 1.")
	b.open("/")
	b.sees("Story 2")
	b.open("/newsroom/front")
	b.click(`[data-slot="0.1"] [data-off]`)
	b.sees("Taken out of place 1.")
	b.click(`.flash button`)
	b.sees("Taken back.")
}
