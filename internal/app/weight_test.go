package app_test

import (
	"strings"
	"testing"
)

// Bounds of an article's page with thirty comments, pictures left out: bytes over the wire on a first visit, with and without italics
// on it, bytes of its HTML as sent, and requests.
const (
	wireMost    = 100_000
	wireItalics = 135_000
	htmlMost    = 15_000
	askedMost   = 8
)

// shifts counts how much moves without having been asked to while a page comes.
const shifts = `window.shifted = 0; new PerformanceObserver(l => { for (const e of l.getEntries()) if (!e.hadRecentInput) window.shifted += e.value; }).observe({type: 'layout-shift', buffered: true});`

// loaded is what a page brought with it, as the browser measured it.
type loaded struct {
	Name, Kind string
	Wire, Body int
}

const whatLoaded = `performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource')).map(e => ({Name: e.name, Kind: e.initiatorType, Wire: e.transferSize, Body: e.encodedBodySize}))`

// TestWeightOfAnArticle opens the demo's leading article with thirty comments in a new browser and weighs what comes.
func TestWeightOfAnArticle(t *testing.T) {
	w := newWorld(t)
	w.demo()
	path := w.thirty("two-countries-that-do-not-speak")
	b := w.browser()
	b.before(shifts)
	b.width(1280)
	b.open(path)
	b.until(`document.fonts.status === 'loaded'`)
	wire, html, asked, italics := 0, 0, 0, false
	for _, e := range eval[[]loaded](b, whatLoaded) {
		if !strings.HasPrefix(e.Name, w.server.URL+"/") {
			t.Errorf("the page loads %s", e.Name)
		}
		if strings.Contains(e.Name, "/media/") {
			continue
		}
		t.Logf("%6d bytes over the wire: %s %s", e.Wire, e.Kind, strings.TrimPrefix(e.Name, w.server.URL))
		wire, asked = wire+e.Wire, asked+1
		italics = italics || strings.Contains(e.Name, "italic")
		if e.Kind == "navigation" {
			html = e.Body
		}
	}
	most := wireMost
	if italics {
		most = wireItalics
	}
	t.Logf("%d bytes over the wire of at most %d, HTML %d of %d, %d requests of %d", wire, most, html, htmlMost, asked, askedMost)
	if wire > most || html > htmlMost || asked > askedMost {
		t.Error("the page is too heavy")
	}
	if cookies := eval[string](b, `document.cookie`); cookies != "" {
		t.Errorf("the page keeps cookies: %s", cookies)
	}
	b.still(path)
	b.sameWithoutScripts(path)
}

// thirty tops an article's comments up to thirty and gives its address.
func (w *world) thirty(slug string) string {
	w.Helper()
	if _, err := w.db.Super.Exec(w.Context(), `UPDATE settings SET comments_per_email = 1000, comments_per_address = 1000`); err != nil {
		w.Fatal(err)
	}
	for _, c := range w.cards() {
		if !strings.Contains(c.Path, slug) {
			continue
		}
		for i := c.Comments; i < 30; i++ {
			w.says(c.ID, "Reader "+strings.Repeat("i", i), "The tide tables of 1931 were printed before the bank moved, which anybody who has sailed there could have said, and many did.", 0)
		}
		return c.Path
	}
	w.Fatalf("no article %s", slug)
	return ""
}

// still insists that nothing on a page moves while it comes, narrow and wide.
func (b *tab) still(path string) {
	b.Helper()
	for _, width := range []int64{360, 1280} {
		b.width(width)
		b.open(path)
		b.until(`document.fonts.status === 'loaded'`)
		eval[bool](b, `[...document.images].forEach(i => i.loading = 'eager'), true`)
		b.until(`[...document.images].every(i => i.complete)`)
		if moved := eval[float64](b, `window.shifted`); moved != 0 {
			b.Errorf("at %d px the page shifts by %v", width, moved)
		}
	}
}

// sameWithoutScripts insists that an article reads the same where no script runs.
func (b *tab) sameWithoutScripts(path string) {
	b.Helper()
	// The line below the text offers to copy the address only where a script can.
	const text = `[...document.querySelectorAll('.head, .record, #body, .notices, #written-by, .thread')].map(e => e.innerText).join('\n')`
	b.open(path)
	with := eval[string](b, text)
	b.scripts(false)
	b.open(path)
	without := eval[string](b, text)
	if at := parts(with, without); at >= 0 || len(without) < 1000 {
		b.Errorf("without scripts the article reads %q where it reads %q with them", cut(without[at:], 200), cut(with[at:], 200))
	}
	b.scripts(true)
}

// parts is where two texts part; -1 where they are one.
func parts(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	return -1
}
