package app_test

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"stet/internal/app"
)

// sheet opens the sheet of a new article in a world with a public article, and another site to make cards of.
func sheet(t *testing.T) (b *tab, other, path string) {
	t.Helper()
	site := outside(t)
	w := newWorld(t, func(o *app.Options) {
		o.Inside = []netip.AddrPort{netip.MustParseAddrPort(site.Listener.Addr().String())}
	})
	_, path = w.published("Cafés at Cape Ore", "<p>Open.</p>")
	return w.inEditor(""), site.URL, path
}

// gives insists on what the field would send.
func (b *tab) gives(what, want string) {
	b.Helper()
	if got := b.saved(); got != want {
		b.Errorf("%s:\n%s\nwant\n%s", what, got, want)
	}
}

// line selects the whole line with the caret.
func (b *tab) line() {
	b.Helper()
	b.do(chromedp.Focus(chromedp.CSS("#body-text")))
	b.stroke("Home", 0)
	b.stroke("End", shift)
	b.rest()
}

// tool presses a button of the bar.
func (b *tab) tool(name string) {
	b.Helper()
	b.press(`[name="tool-` + name + `"]`)
}

// TestEditorLinks sets links by words of a headline, by an address and by pasting one, alters and removes them.
func TestEditorLinks(t *testing.T) {
	b, other, path := sheet(t)
	b.fresh("<p>The lamp</p>")
	b.line()
	b.stroke("k", ctrl)
	b.until(`document.activeElement.closest('.panel.link')`)
	b.typed("cafe")
	b.until(`document.querySelector('.panel.link [role=option]')`)
	b.stroke("ArrowDown", 0)
	b.stroke("Enter", 0)
	b.gives("a link to an own article", `<p><a href="`+path+`">The lamp</a></p>`)
	b.stroke("k", ctrl)
	if got := eval[string](b, `document.activeElement.value`); got != path {
		t.Errorf("the panel of a link shows %q", got)
	}
	b.clipboard("", "") // the field keeps what it shows when nothing is pasted
	b.typed("nonsense here\n")
	if eval[string](b, `document.querySelector('.panel.link .hint').textContent`) == "" {
		t.Error("what is no address is taken without a word")
	}
	b.enters(`.panel.link`, "Link to", "lights.example/log")
	b.stroke("Enter", 0)
	b.gives("another address", `<p><a href="https://lights.example/log">The lamp</a></p>`)
	b.tool("link")
	b.press(`.panel.link .main ~ button:not(.shut)`)
	b.gives("the link removed", `<p>The lamp</p>`)
	b.line()
	b.clipboard("", "https://lights.example/pasted")
	b.gives("an address pasted over words", `<p><a href="https://lights.example/pasted">The lamp</a></p>`)
	b.fresh("")
	b.stroke("k", ctrl)
	b.typed("cafe")
	b.until(`document.querySelector('.panel.link [role=option]')`)
	b.press(`.panel.link [role=option]`)
	b.gives("a link without words", `<p><a href="`+path+`">Cafés at Cape Ore</a></p>`)
	b.cards(other)
	b.footnotes()
	b.clean()
}

// cards makes a card of a page, and one of a page that can't be read.
func (b *tab) cards(other string) {
	b.Helper()
	for _, tt := range []struct{ at, want string }{
		{other + "/page", `^<p>Before</p><figure class="embed".*The lamp &lt;script&gt;.*</figure>$`},
		{other + "/gone", `^<p>Before</p><p class="embed"><a href="` + other + `/gone">.*</p>$`},
	} {
		b.fresh("<p>Before</p>")
		b.tool("card")
		b.until(`document.activeElement.closest('.panel.link')`)
		b.typed(tt.at + "\n")
		b.until(`document.querySelector('#body-text .asis')`)
		if got := b.saved(); !regexp.MustCompile(tt.want).MatchString(got) {
			b.Errorf("the card of %s: %s", tt.at, got)
		}
		if eval[bool](b, `!!document.querySelector('#body-text .asis :is(a, script, iframe)')`) {
			b.Errorf("the card of %s is alive in the editor", tt.at)
		}
	}
}

// footnotes sets one after another, the second before the first.
func (b *tab) footnotes() {
	b.Helper()
	b.fresh("<p>The lamp</p>")
	b.stroke("End", 0)
	b.rest()
	b.tool("footnote")
	b.typed("Last.")
	eval[bool](b, `(() => { const e = document.querySelector('[name=body]').stet; e.show(e.blocks()[0].id); return true })()`)
	for range len("The") {
		b.stroke("ArrowRight", 0)
	}
	b.rest()
	b.tool("footnote")
	b.typed("First.")
	got := withoutName.ReplaceAllString(b.saved(), "p-x")
	if want := `<p>The<a href="#p-x"><sup>1</sup></a> lamp<a href="#p-x"><sup>2</sup></a></p><ol class="footnotes"><li>First.</li><li>Last.</li></ol>`; got != want {
		b.Errorf("footnotes:\n%s\nwant\n%s", got, want)
	}
}

var withoutName = regexp.MustCompile(`p-[a-z]{8}`)

// TestEditorPictures takes pictures by file, by drop and from those that are there, with their words; says why one isn't taken; gathers some;
// and chooses the lead picture.
func TestEditorPictures(t *testing.T) {
	b, _, _ := sheet(t)
	eval[bool](b, `(() => {
		const bytes = s => Uint8Array.from(atob(s), c => c.charCodeAt(0))
		window.file = (name, of) => new File([of ? bytes(of) : 'no picture'], name, { type: 'image/png' })
		window.carrying = (...files) => { const data = new DataTransfer(); files.forEach(f => data.items.add(f)); return data }
		window.bars = []
		new MutationObserver(() => document.querySelectorAll('.uploads progress').forEach(p => window.bars.push(p.value))).observe(document.body, { subtree: true, childList: true, attributes: true })
		return true
	})()`)
	png := js(base64.StdEncoding.EncodeToString(greyPNG(t)))
	b.fresh("<p>Before</p><p>After</p>")
	b.tool("picture")
	b.chooseFile(`file('quay.png', ` + png + `)`)
	b.until(`document.querySelector('#body-text .picture img')?.naturalWidth`)
	if bars := eval[[]float64](b, `window.bars`); len(bars) == 0 || bars[len(bars)-1] != 1 {
		t.Errorf("the progress shown was %v", bars)
	}
	b.enters(`#body-text .picture`, "Alt text", "A grey quay")
	b.enters(`#body-text .picture`, "Credit", "Ama Tolland")
	b.enters(`#body-text .picture`, "Size", "wide")
	b.press(`#body-text .picture figcaption`)
	b.typed("The quay at \"six\"")
	b.gives("an uploaded picture", `<p>Before</p><figure class="wide"><img data-media="1" alt="A grey quay"/><figcaption>The quay at “six” <span class="credit">Ama Tolland</span></figcaption></figure><p>After</p>`)
	b.stroke("Enter", 0)
	b.typed("On. ")
	b.gives("Enter in a caption", `<p>Before</p><figure class="wide"><img data-media="1" alt="A grey quay"/><figcaption>The quay at “six” <span class="credit">Ama Tolland</span></figcaption></figure><p>On. After</p>`)

	b.drops(`file('lens.png', ` + png + `)`)
	b.until(`document.querySelectorAll('#body-text .picture').length === 2`)
	if got := b.saved(); !strings.HasPrefix(got, `<p>Before</p><figure><img data-media="2" alt=""/></figure><figure class="wide">`) {
		t.Errorf("a dropped picture doesn't stand where it was dropped: %s", got)
	}
	b.drops(`file('bad.png', '')`)
	b.until(`document.querySelector('.uploads .err')`)
	if got := eval[string](b, `document.querySelector('.uploads .err').innerText`); !strings.Contains(got, "bad.png") || len(got) < 30 {
		t.Errorf("a file that isn't taken is told by %q", got)
	}
	b.press(`.uploads .err button`)
	b.until(`!document.querySelector('.uploads li')`)
	b.gathers()
	b.leads()
	b.clean()
}

// chooseFile gives a file that the page made to the panel's field.
func (b *tab) chooseFile(file string) {
	b.Helper()
	b.until(`document.querySelector('.panel.pictures [type=file]')`)
	eval[bool](b, `(() => { const input = document.querySelector('.panel.pictures [type=file]'); input.files = carrying(`+file+`).files; input.dispatchEvent(new Event('change', { bubbles: true })); return true })()`)
}

// drops lets a file fall on the first paragraph.
func (b *tab) drops(file string) {
	b.Helper()
	if !eval[bool](b, `(() => {
		const at = document.querySelector('#body-text > p'), box = at.getBoundingClientRect()
		const say = name => at.dispatchEvent(new DragEvent(name, { dataTransfer: carrying(`+file+`), clientX: box.left + 5, clientY: box.top + 5, bubbles: true, cancelable: true }))
		say('dragover')
		const shown = document.querySelector('.editor > .drop')?.checkVisibility()
		say('drop')
		return shown
	})()`) {
		b.Error("nothing shows where a dragged file would fall")
	}
}

// gathers makes a gallery of two pictures that are there.
func (b *tab) gathers() {
	b.Helper()
	b.fresh("")
	pick := func(name string) {
		b.until(`document.querySelectorAll('.panel.pictures .pics button').length > 0`)
		b.typed(name)
		b.until(`document.querySelectorAll('.panel.pictures .pics button').length === 1`)
		b.press(`.panel.pictures .pics button`)
	}
	b.typed("/gall\n")
	pick("quay")
	b.press(`#body-text .gallery > figcaption`)
	b.typed("Both")
	eval[bool](b, `(() => { const e = document.querySelector('[name=body]').stet; e.show(e.blocks()[0].id); return true })()`)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#body-text').focus()`))
	b.tool("picture")
	pick("lens")
	b.gives("a gallery", `<figure class="gallery"><figure><img data-media="1" alt=""/></figure><figure><img data-media="2" alt=""/></figure><figcaption>Both</figcaption></figure>`)
}

// leads chooses the lead picture; its words come with it and what was written under it comes back.
func (b *tab) leads() {
	b.Helper()
	words := `[...document.querySelectorAll('[data-lead] :is([name=image], [name=image_alt])')].map(i => i.value).join(' ')`
	if _, err := b.db.App.Exec(b.Context(), `UPDATE media SET alt = name`); err != nil {
		b.Fatal(err)
	}
	pick := func(name string) {
		b.press(`[data-lead] .ways button`)
		b.until(`document.querySelector('[data-lead] .panel.pictures .pics button')`)
		b.typed(name)
		b.until(`document.querySelectorAll('[data-lead] .pics button').length === 1`)
		b.press(`[data-lead] .pics button`)
	}
	pick("quay")
	if got := eval[string](b, words); got != "1 quay.png" {
		b.Errorf("the lead picture and its words: %q", got)
	}
	b.set(`[name=image_alt]`, "The quay by night")
	pick("lens")
	if got := eval[string](b, words); got != "2 lens.png" {
		b.Errorf("another lead picture: %q", got)
	}
	pick("quay")
	if got := eval[string](b, words); got != "1 The quay by night" {
		b.Errorf("the first one again: %q", got)
	}
	b.set(`[name=headline]`, "With a picture")
	b.save()
	at := eval[string](b, `location.pathname`)
	b.open(at)
	if got := eval[string](b, words); got != "1 The quay by night" {
		b.Errorf("saved: %q", got)
	}
	b.press(`[data-lead] .ways button:last-child`)
	if got := eval[string](b, words); strings.TrimSpace(got) != "" || eval[bool](b, `!!document.querySelector('[data-lead] .thumb')`) {
		b.Errorf("taken away: %q", got)
	}
}

// TestEditorFinds finds and replaces, chooses from the menu by keys, writes a statement's fields, leaves the sheet and shows what the margin says.
func TestEditorFinds(t *testing.T) {
	b, _, _ := sheet(t)
	b.fresh("<p>Lamp, lamp and <em>la</em>mp.</p><p>No lámpara. The lamp.</p>")
	b.tool("find")
	b.until(`document.activeElement.closest('.panel.find')`)
	b.typed("lamp")
	told := func(want string) {
		t.Helper()
		b.until(`document.querySelector('.panel.find [role=status]').textContent === ` + js(want))
	}
	told("1 of 4")
	b.stroke("Enter", 0)
	told("2 of 4")
	b.stroke("Enter", shift)
	b.stroke("Enter", shift)
	told("4 of 4")
	b.press(`#find-exact`)
	told("3 of 3")
	b.enters(`.panel.find`, "Replace with", "light")
	b.stroke("Enter", 0)
	b.gives("one replaced", `<p>Lamp, lamp and <em>la</em>mp.</p><p>No lámpara. The light.</p>`)
	told("1 of 2")
	b.press(`.panel.find .ask:last-of-type button:last-child`)
	told("2 replaced")
	b.gives("all replaced", `<p>Lamp, light and <em>light</em>.</p><p>No lámpara. The light.</p>`)
	b.stroke("Escape", 0)
	if n := eval[int](b, `document.querySelectorAll('.panel, .hit').length`) - eval[int](b, `document.querySelectorAll('.panel.slash').length`); n != 0 {
		t.Errorf("%d parts of finding are left after Escape", n)
	}
	b.stroke("z", ctrl)
	b.gives("undone at once", `<p>Lamp, lamp and <em>la</em>mp.</p><p>No lámpara. The light.</p>`)
	b.menu()
	b.statement()
	b.margins()
	b.clean()
}

// menu chooses by keys and closes without a choice.
func (b *tab) menu() {
	b.Helper()
	b.fresh("")
	shown := `document.querySelector('#slash').checkVisibility()`
	b.typed("/")
	b.until(shown)
	first := eval[string](b, `document.querySelector('#body-text').getAttribute('aria-activedescendant')`)
	b.stroke("ArrowDown", 0)
	b.stroke("ArrowDown", 0)
	b.stroke("ArrowUp", 0)
	now := eval[string](b, `document.querySelector('#body-text').getAttribute('aria-activedescendant')`)
	if first == now || !eval[bool](b, `document.getElementById(`+js(now)+`).getAttribute('aria-selected') === 'true'`) {
		b.Errorf("arrows go from %q to %q", first, now)
	}
	b.stroke("Escape", 0)
	if eval[bool](b, shown) || !eval[bool](b, `document.activeElement.id === 'body-text'`) {
		b.Error("Escape doesn't close the menu, or leaves the sheet with it")
	}
	b.stroke("Backspace", 0)
	b.typed("/tab\na")
	b.stroke("Tab", 0)
	b.typed("b")
	if got := b.saved(); !strings.Contains(got, `<th scope="col">a</th><th scope="col">b</th>`) {
		b.Errorf("a table from the menu: %s", got)
	}
}

// statement writes one with all its fields, and makes a paragraph of it again.
func (b *tab) statement() {
	b.Helper()
	b.fresh("<p>The line stays open.</p>")
	b.tool("statement")
	for label, value := range map[string]string{"Speaker": "Port Authority", "Role": "Harbour master", "Source": "By e-mail", "Asked": "2026-05-13T10:00", "Answered": "2026-05-13T18:30"} {
		b.enters(`.statement`, label, value)
	}
	b.gives("a statement", `<blockquote class="statement"><p>The line stays open.</p><footer><cite>Port Authority</cite><span class="role">Harbour master</span><span>By e-mail</span>`+
		`<span class="asked">Asked <time datetime="2026-05-13T10:00">13 May 2026 at 10:00</time></span><span class="answered">Answered <time datetime="2026-05-13T18:30">13 May 2026 at 18:30</time></span></footer></blockquote>`)
	b.press(`.statement .said p`)
	b.tool("statement")
	b.gives("no statement any more", `<p>The line stays open.</p>`)
	b.stroke("z", ctrl)
	if got := eval[string](b, `document.querySelector('.statement input').value`); got != "Port Authority" {
		b.Errorf("undone, the speaker is %q", got)
	}
	b.enters(`.statement`, "Asked", "")
	if got := b.saved(); strings.Contains(got, "asked") || !strings.Contains(got, "answered") {
		b.Errorf("the time of asking taken away: %s", got)
	}
	b.do(chromedp.Focus(chromedp.CSS("#body-text")))
	b.stroke("Escape", 0)
	b.stroke("Tab", 0)
	if at := eval[string](b, `document.activeElement.outerHTML.slice(0, 80)`); eval[bool](b, `document.activeElement === document.body || document.activeElement.closest('#body-text') !== null`) {
		b.Errorf("Escape and Tab lead to %s", at)
	}
}

// margins shows who is here, notes and what readers don't see yet.
func (b *tab) margins() {
	b.Helper()
	b.fresh(`<p id="p-aaaaaaaa">one</p><p id="p-bbbbbbbb" dir="rtl" lang="ar">اثنان</p><p id="p-cccccccc">three</p>`)
	eval[bool](b, `(document.querySelector('[name=body]').stet.mark({ here: { aaaaaaaa: ['Maria'] }, notes: { bbbbbbbb: 2 }, changed: ['cccccccc'] }), true)`)
	b.typed("and ")
	shown := eval[[]string](b, `[...document.querySelectorAll('#body-text > p')].map(p => [getComputedStyle(p, '::before').content, getComputedStyle(p, '::after').borderWidth, p.textContent].join(' '))`)
	if want := []string{`"Maria" 0px 0px 0px 3px and one`, `"2 notes" 0px اثنان`, `counter(block) 0px 3px 0px 0px three`}; fmt.Sprint(shown) != fmt.Sprint(want) {
		b.Errorf("the margin shows %v, want %v", shown, want)
	}
	eval[bool](b, `(document.querySelector('[name=body]').stet.mark({ here: {} }), true)`)
	if n := eval[int](b, `document.querySelectorAll('#body-text > [data-here]').length`); n != 0 {
		b.Error("a name stays after its person left")
	}
	if n := eval[int](b, `document.querySelectorAll('#body-text > :is([data-notes], [data-changed])').length`); n != 2 {
		b.Error("other marks went with it")
	}
}

// TestEditorOpensItsOwn writes a block of each kind as sparsely as it can be written, and opens what the server keeps of it: all of it can be
// written in again.
func TestEditorOpensItsOwn(t *testing.T) {
	b, _, _ := sheet(t)
	for name, keys := range map[string]string{
		"table": "/table\na", "statement": "/stat\nSaid", "quotation": "/quote\nSaid", "list": "- a\nb", "numbered": "3. a", "code": "``` a", "heading": "#### a", "rule": "---a", "mixed": "- **a** `b`",
	} {
		b.fresh("")
		b.typed(keys)
		b.reopens(name)
	}
	b.fresh("<ul><li>a</li><li>b</li></ul>")
	b.stroke("ArrowDown", 0)
	b.rest()
	b.stroke("Tab", 0)
	b.reopens("a list in a list")
	b.fresh("<p>Said</p>")
	b.tool("statement")
	b.enters(`.statement`, "Answered", "2026-05-13T18:30")
	b.reopens("a statement with a time only")
	b.fresh("<p>Words</p>")
	b.stroke("End", 0)
	b.rest()
	b.tool("footnote")
	b.typed("Note")
	b.reopens("a footnote")
	b.clean()
}

// reopens gives the editor what the server keeps of its text.
func (b *tab) reopens(name string) {
	b.Helper()
	kept := b.saved()
	b.fresh(kept)
	if got := b.saved(); got != kept || got == "" || eval[bool](b, `!!document.querySelector('#body-text > .asis')`) {
		b.Errorf("%s comes back as it is only, or as another: %s\nwas\n%s", name, got, kept)
	}
}
