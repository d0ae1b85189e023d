package app_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"stet/internal/staff"
)

// fromWord is what Word puts on the clipboard for a heading, a paragraph with a link and a list.
const fromWord = `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name="Generator" content="Microsoft Word 15"><style>p.MsoNormal {margin:0cm}</style></head><body lang="EN-GB"><!--StartFragment-->
<h2 style="mso-line-height-rule:exactly"><span lang="EN-GB">What the log says<o:p></o:p></span></h2>
<p class="MsoNormal"><b style="mso-bidi-font-weight:normal">Six</b> minutes, says the <a href="https://lights.example/log">log</a>.<o:p></o:p></p>
<p class="MsoListParagraph" style="mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">·<span style="font:7.0pt">&nbsp;&nbsp; </span></span>First night<o:p></o:p></p>
<p class="MsoListParagraph" style="mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">·<span style="font:7.0pt">&nbsp;&nbsp; </span></span>Second night<o:p></o:p></p>
<!--EndFragment--></body></html>`

// enters goes to a field of the editor by its label and types into it; what isn't typed, such as a time, is put there as the browser's own
// picker does.
func (b *tab) enters(within, label, value string) {
	b.Helper()
	field := fmt.Sprintf(`[...document.querySelectorAll(%q)].find(f => f.ariaLabel === %[2]q || [...f.labels].some(l => l.textContent === %[2]q))`, within+" :is(input, select)", label)
	b.until(`document.querySelector(` + js(within) + `)`)
	typed := eval[bool](b, fmt.Sprintf(`(() => {
		const field = %s, value = %q
		field.focus()
		if (field.matches('[type=text], [type=search], :not([type], select)')) { field.select(); return true }
		field.value = value
		field.dispatchEvent(new Event(field.nodeName === 'SELECT' ? 'change' : 'input', { bubbles: true }))
		return false
	})()`, field, value))
	if typed {
		b.typed(value)
	}
}

// clipboard pastes HTML where the focus is.
func (b *tab) clipboard(html, text string) {
	b.Helper()
	eval[bool](b, fmt.Sprintf(`(() => {
		const data = new DataTransfer()
		if (%[1]s) data.setData('text/html', %[1]s)
		data.setData('text/plain', %[2]s)
		document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
		return true
	})()`, js(html), js(text)))
}

// leaves presses a key that goes to another page and waits for it.
func (b *tab) leaves(key string, modifiers int64) {
	b.Helper()
	from := eval[string](b, `location.href`)
	b.stroke(key, modifiers)
	b.until(`location.href !== ` + js(from) + ` && document.readyState === 'complete'`)
	b.clean()
}

// TestStoryInEditor is the whole way of an article in the editor: it is written by keys, pasted from Word, saved and scheduled; once it is
// public an update is appended and a correction published. Readers see all of it.
func TestStoryInEditor(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.width(1280)
	b.signIn(staff.Editor)
	b.open("/newsroom/articles")
	b.click(`form[action="/newsroom/articles"][method=post] button`)
	at := eval[string](b, `location.pathname`)
	b.writesStory()
	b.leaves("Enter", ctrl)
	if got := eval[string](b, `location.pathname`); got != at+"/publish" {
		t.Fatalf("Ctrl-Enter goes to %s", got)
	}
	b.fill(`[name=at]`, "2031-05-14T09:30")
	b.click(mainButton)
	b.sees("2031")
	if _, err := w.db.App.Exec(t.Context(), `UPDATE schedules SET at = clock_timestamp() WHERE cancelled_at IS NULL`); err != nil {
		t.Fatal(err)
	}
	if n, err := w.app.Articles.PerformDue(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d were due, %v", n, err)
	}
	b.appendsUpdate(at)
	b.corrects(at)
	b.open(at)
	path := publicPath(t, eval[string](b, `document.documentElement.outerHTML`))
	b.readsStory(path)
}

// writesStory fills the sheet and saves it.
func (b *tab) writesStory() {
	b.Helper()
	b.set(`[name=headline]`, "The lamp at Cape Ore")
	b.set(`[name=standfirst]`, "Lit again.")
	b.do(chromedp.Focus(chromedp.CSS(`#body-text`)))
	b.typed("## Two nights\nThe lamp \"came on\" at 21:14, **again**.\n/stat\nThe line stays open.")
	b.enters(`.statement`, "Speaker", "Ama Tolland")
	b.enters(`.statement`, "Role", "Harbour master")
	b.enters(`.statement`, "Source", "By e-mail")
	b.enters(`.statement`, "Asked", "2026-05-13T10:00")
	b.enters(`.statement`, "Answered", "2026-05-13T18:30")
	b.do(chromedp.Focus(chromedp.CSS(`#body-text`)))
	b.rest()
	b.stroke("Enter", 0)
	b.stroke("Enter", 0)
	b.clipboard(fromWord, "What the log says")
	b.until(`document.querySelectorAll('#body-text ul > li').length === 2`)
	b.stroke("s", ctrl)
	b.says("Saved ")
	b.clean()
}

// appendsUpdate writes the notice of an update in the notice's editor, with a statement in it.
func (b *tab) appendsUpdate(at string) {
	b.Helper()
	b.open(at + "/updates")
	b.pick(`[name=kind][value=update]`)
	b.write("notice", "Kest answered \"this morning\".")
	b.stroke("Enter", 0)
	b.typed("/stat\nIt was us.")
	b.enters(`.statement`, "Speaker", "Kest")
	b.stroke("Enter", 0)
	if !eval[bool](b, `document.activeElement.labels[0].textContent === 'Role'`) {
		b.Errorf("Enter in a field of the notice leads to %s", b.where())
	}
	b.leaves("Enter", ctrl)
}

// corrects changes the heading and publishes that as a correction.
func (b *tab) corrects(at string) {
	b.Helper()
	b.open(at)
	b.until(`document.querySelector('[name=body]').stet`)
	eval[bool](b, `(() => { const e = document.querySelector('[name=body]').stet; e.show(e.blocks()[0].id); return true })()`)
	b.stroke("End", 0)
	b.rest()
	b.typed(" and a day")
	b.leaves("Enter", ctrl)
	b.pick(`#kind-correction`)
	b.write("notice", "We had left out the day.")
	b.leaves("Enter", ctrl)
}

// readsStory is what a reader must find of it.
func (b *tab) readsStory(path string) {
	b.Helper()
	reader := b.person()
	reader.width(360)
	reader.open(path)
	reader.fits()
	for _, text := range []string{"The lamp at Cape Ore", "Lit again.", "Two nights and a day", "The lamp “came on” at 21:14, again.", "The line stays open.", "Ama Tolland", "Harbour master", "By e-mail",
		"What the log says", "Six minutes, says the log.", "Second night", "Kest answered “this morning”.", "It was us.", "We had left out the day."} {
		reader.sees(text)
	}
	for part, want := range map[string]int{`#body h2`: 2, `#body p strong`: 2, `#body blockquote.statement cite`: 1, `#body .asked time[datetime="2026-05-13T10:00"]`: 1, `#body .answered time[datetime="2026-05-13T18:30"]`: 1,
		`#body a[href="https://lights.example/log"]`: 1, `#body ul li`: 2, `#update-2[data-kind=update] time[datetime]`: 1, `#update-2 blockquote.statement cite`: 1, `#update-3[data-kind=correction] time[datetime]`: 1} {
		if n := eval[int](reader, `document.querySelectorAll(`+js(part)+`).length`); n != want {
			b.Errorf("readers find %s %d times, want %d", part, n, want)
		}
	}
	body := eval[string](reader, `document.querySelector('#body').innerHTML`)
	if trace := regexp.MustCompile(`(?i)msonormal|msolist|mso-|o:p|style=`).FindString(body); trace != "" {
		b.Errorf("%q of Word is left in %s", trace, body)
	}
	reader.open(path + "history")
	reader.fits()
	if got := eval[string](reader, `[...document.querySelectorAll('.diff ins')].map(e => e.textContent).join(' ')`); strings.TrimSpace(got) != "and a day" {
		b.Errorf("the history marks %q as new", got)
	}
}
