package app_test

import (
	"strings"
	"testing"

	"stet/internal/markup"
)

// fresh empties the editor and puts the caret into it.
func (b *tab) fresh(body string) {
	b.Helper()
	eval[bool](b, `(() => { const e = document.querySelector('[name=body]').stet; e.load(`+js(body)+`); e.show(e.blocks()[0]?.id ?? ''); document.querySelector('#body-text').focus(); return true })()`)
}

// saved is what the field would send, without ids, as the server keeps it.
func (b *tab) saved() string {
	b.Helper()
	return strings.ReplaceAll(strings.TrimSpace(bare(eval[string](b, `document.querySelector('[name=body]').stet.html()`))), "\n", "")
}

// speak sets the article's language, by which quotation marks are chosen.
func (b *tab) speak(language string) {
	b.Helper()
	eval[bool](b, `(document.querySelector('[name=language]').value = `+js(language)+`, true)`)
}

// TestEditorTyping holds what typing turns into, key by key.
func TestEditorTyping(t *testing.T) {
	b := newWorld(t).inEditor("")
	for _, tt := range []struct{ language, typed, want string }{
		{"en", `## Night`, `<h2>Night</h2>`},
		{"en", `### Night`, `<h3>Night</h3>`},
		{"en", "- a\nb\n\nc", `<ul><li>a</li><li>b</li></ul><p>c</p>`},
		{"en", "1. a\nb", `<ol><li>a</li><li>b</li></ol>`},
		{"en", `> said`, `<blockquote><p>said</p></blockquote>`},
		{"en", "```lamp \"on\"", "<pre><code>lamp &#34;on&#34;</code></pre>"},
		{"en", `---a`, `<hr/><p>a</p>`},
		{"en", "**so** *it* `is` now", `<p><strong>so</strong> <em>it</em> <code>is</code> now</p>`},
		{"en", `"It's," she said... 'no'`, `<p>“It’s,” she said… ‘no’</p>`},
		{"de", `"Nein", sagt sie`, `<p>„Nein“, sagt sie</p>`},
		{"fr", `"Oui" ! J'y vais`, "<p>«\u00a0Oui\u00a0»\u202f! J’y vais</p>"},
		{"pl", `"Nie"`, `<p>„Nie”</p>`},
		{"sv", `"Nej"`, `<p>”Nej”</p>`},
		{"ja", `"x"`, `<p>&#34;x&#34;</p>`},
		{"en", `a -- b--c`, `<p>a – b—c</p>`},
		{"en", "one\ntwo", `<p>one</p><p>two</p>`},
		{"en", "/stat\nWe note it.", `<blockquote class="statement"><p>We note it.</p></blockquote>`},
		{"en", "/no such thing", `<p>/no such thing</p>`},
	} {
		b.speak(tt.language)
		b.fresh("")
		b.typed(tt.typed)
		if got := b.saved(); got != tt.want {
			t.Errorf("%s: %q became\n%s\nwant\n%s", tt.language, tt.typed, got, tt.want)
		}
	}
	b.clean()
}

// TestEditorKeys holds the keys that act on the text.
func TestEditorKeys(t *testing.T) {
	b := newWorld(t).inEditor("")
	b.fresh("<p>one</p><p>two</p><p>three</p>")
	b.stroke("ArrowDown", alt)
	if got, want := b.saved(), "<p>two</p><p>one</p><p>three</p>"; got != want {
		t.Errorf("moved down: %s, want %s", got, want)
	}
	b.stroke("z", ctrl)
	if got, want := b.saved(), "<p>one</p><p>two</p><p>three</p>"; got != want {
		t.Errorf("undone: %s, want %s", got, want)
	}
	b.stroke("End", 0)
	b.stroke("Home", shift)
	b.rest()
	b.stroke("b", ctrl)
	if got, want := b.saved(), "<p><strong>one</strong></p><p>two</p><p>three</p>"; got != want {
		t.Errorf("bold: %s, want %s", got, want)
	}
	b.stroke("k", ctrl)
	b.until(`document.activeElement.closest('.panel.link')`)
	b.typed("lights.example/log\n")
	if got, want := b.saved(), `<p><a href="https://lights.example/log"><strong>one</strong></a></p><p>two</p><p>three</p>`; got != want {
		t.Errorf("linked: %s, want %s", got, want)
	}
	names := eval[[]string](b, `document.querySelector('[name=body]').stet.blocks().map(b => b.id)`)
	b.stroke("End", 0)
	b.rest()
	b.stroke("Enter", 0)
	b.typed("new")
	after := eval[[]string](b, `document.querySelector('[name=body]').stet.blocks().map(b => b.id)`)
	if len(after) != 4 || after[0] != names[0] || after[2] != names[1] || after[3] != names[2] || after[1] == names[0] || len(after[1]) != 8 {
		t.Errorf("after a paragraph was cut in two the blocks are %v, before %v", after, names)
	}
	b.stroke("Escape", 0)
	if eval[bool](b, `document.activeElement.id === 'body-text'`) {
		t.Error("Escape doesn't leave the sheet")
	}
	b.clean()
}

// TestEditorKeepsNames makes other kinds of a block, which stays the same block to everybody who merges with it or left a note on it.
func TestEditorKeepsNames(t *testing.T) {
	b := newWorld(t).inEditor("")
	for _, tt := range []struct {
		name string
		act  func()
		want string
	}{
		{"a heading by key", func() { b.stroke("2", ctrl|alt) }, `<h2>one</h2>`},
		{"a heading by typing", func() { b.typed("## ") }, `<h2>one</h2>`},
		{"code by typing", func() { b.typed("```") }, `<pre><code>one</code></pre>`},
		{"a list by typing", func() { b.typed("- ") }, `<ul><li>one</li></ul>`},
		{"a quotation", func() { b.tool("quotation") }, `<blockquote><p>one</p></blockquote>`},
		{"a quotation and back", func() { b.tool("quotation"); b.tool("quotation") }, `<p>one</p>`},
		{"a statement", func() { b.tool("statement") }, `<blockquote class="statement"><p>one</p></blockquote>`},
		{"a statement and back", func() { b.tool("statement"); b.tool("statement") }, `<p>one</p>`},
	} {
		b.fresh(`<p id="p-aaaaaaaa">one</p><p id="p-bbbbbbbb">two</p>`)
		b.rest()
		tt.act()
		b.gives(tt.name, tt.want+`<p>two</p>`)
		if names := eval[[]string](b, `document.querySelector('[name=body]').stet.blocks().map(b => b.id)`); len(names) != 2 || names[0] != "aaaaaaaa" || names[1] != "bbbbbbbb" {
			t.Errorf("%s: the blocks are %v", tt.name, names)
		}
	}
	b.clean()
}

// TestEditorTables makes rows and columns by keys and buttons.
func TestEditorTables(t *testing.T) {
	b := newWorld(t).inEditor("")
	b.fresh(`<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>`)
	b.stroke("Tab", 0)
	b.stroke("Tab", 0)
	b.typed("c")
	press := func(name string) { eval[bool](b, `(document.querySelector('[name="tool-`+name+`"]').click(), true)`) }
	for _, tt := range []struct{ act, want string }{
		{"row.head", `<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead><tbody><tr><td>c</td><td></td></tr></tbody></table>`},
		{"column.add", `<table><thead><tr><th scope="col">a</th><th scope="col"></th><th scope="col">b</th></tr></thead><tbody><tr><td>c</td><td></td><td></td></tr></tbody></table>`},
		{"column.delete", `<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead><tbody><tr><td>c</td><td></td></tr></tbody></table>`},
		{"row.add", `<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead><tbody><tr><td>c</td><td></td></tr><tr><td></td><td></td></tr></tbody></table>`},
		{"row.delete", `<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead><tbody><tr><td>c</td><td></td></tr></tbody></table>`},
		{"table.delete", ``},
	} {
		press(tt.act)
		if got := b.saved(); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.act, got, tt.want)
		}
	}
	b.clean()
}

// TestEditorAdopts gives the editor the answer to a save while somebody goes on writing.
func TestEditorAdopts(t *testing.T) {
	b := newWorld(t).inEditor("")
	base := `<p id="p-aaaaaaaa">one</p><p id="p-bbbbbbbb">two</p><p id="p-cccccccc">three</p>`
	block := func(id, html string) markup.Block { return markup.Block{ID: id, HTML: html} }
	sent := []markup.Block{block("aaaaaaaa", "<p>one</p>"), block("bbbbbbbb", "<p>two</p>"), block("cccccccc", "<p>three</p>")}
	for _, tt := range []struct {
		name, meanwhile string
		come            []markup.Block
		took            bool
		want            string
	}{
		{"nothing new", "", sent, true, "<p>one</p><p>two</p><p>three</p>"},
		{"another block changed", "!", []markup.Block{sent[0], block("bbbbbbbb", "<p>two and &#34;more&#34;</p>"), sent[2]}, true, "<p>!one</p><p>two and &#34;more&#34;</p><p>three</p>"},
		{"this block changed", "!", []markup.Block{block("aaaaaaaa", "<p>uno</p>"), sent[1], sent[2]}, false, "<p>!one</p><p>two</p><p>three</p>"},
		{"one came, one went", "!", []markup.Block{sent[0], block("dddddddd", "<h2>new</h2>"), sent[2]}, true, "<p>!one</p><h2>new</h2><p>three</p>"},
		{"one moved", "!", []markup.Block{sent[2], sent[0], sent[1]}, true, "<p>three</p><p>!one</p><p>two</p>"},
		{"this one went", "!", []markup.Block{sent[1], sent[2]}, false, "<p>!one</p><p>two</p><p>three</p>"},
	} {
		b.fresh(base)
		b.typed(tt.meanwhile)
		took := eval[bool](b, `document.querySelector('[name=body]').stet.adopt(`+js(tt.come)+`, `+js(sent)+`)`)
		if got := b.saved(); took != tt.took || got != tt.want {
			t.Errorf("%s: %v, %s\nwant %v, %s", tt.name, took, got, tt.took, tt.want)
		}
		if here := eval[string](b, `document.querySelector('[name=body]').stet.block()`); here != "aaaaaaaa" {
			t.Errorf("%s: the caret went to %q", tt.name, here)
		}
	}
	b.clean()
}

// TestEditorHugePaste pastes more than an article holds, and a document that is huge only by its styles.
func TestEditorHugePaste(t *testing.T) {
	b := newWorld(t).inEditor("")
	b.fresh("<p>kept</p>")
	paste := func(html, text string) float64 {
		return eval[float64](b, `(() => {
			const data = new DataTransfer(), from = performance.now()
			data.setData('text/html', `+html+`)
			data.setData('text/plain', `+text+`)
			document.querySelector('#body-text').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
			return performance.now() - from
		})()`)
	}
	took := paste(`'<p>The lamp came on again. </p>'.repeat(160000)`, `'The lamp came on again.\n\n'.repeat(200000)`)
	t.Logf("5 MB of text: answered in %.0f ms", took)
	if got := b.saved(); got != "<p>kept</p>" {
		t.Errorf("after a paste that is too large the text is %.200s", got)
	}
	b.sees("Nothing was pasted")
	took = paste(`'<p class="MsoNormal" style="`+strings.Repeat("mso-style:x;", 400)+`">The lamp came on again.</p>'.repeat(1000)`, `'The lamp came on again.\n\n'.repeat(1000)`)
	t.Logf("5 MB of styles: pasted in %.0f ms", took)
	if n := strings.Count(b.saved(), "The lamp came on again."); n != 1000 {
		t.Errorf("%d paragraphs of 1000 came", n)
	}
	if eval[bool](b, `!document.querySelector('.told-here').hidden`) {
		t.Error("the message stays after a paste that went well")
	}
	b.clean()
}

// TestEditorMovesText cuts everything and pastes it again: it is the same text, of the same blocks.
func TestEditorMovesText(t *testing.T) {
	b := newWorld(t).inEditor("")
	for _, html := range []string{everyKind, `<p>one</p>`, `<h2>one</h2><p>two</p>`, `<ul><li>one</li><li>two</li></ul>`} {
		b.fresh(html)
		before := eval[string](b, `document.querySelector('[name=body]').stet.html()`)
		b.stroke("a", ctrl)
		b.rest()
		eval[bool](b, `(() => {
			window.board = new DataTransfer()
			const say = name => document.querySelector('#body-text').dispatchEvent(new ClipboardEvent(name, { clipboardData: window.board, bubbles: true, cancelable: true }))
			say('cut')
			window.left = document.querySelector('[name=body]').stet.html()
			say('paste')
			return true
		})()`)
		if left := eval[string](b, `window.left`); left != "" {
			t.Errorf("cutting leaves %s", left)
		}
		if after := eval[string](b, `document.querySelector('[name=body]').stet.html()`); after != before {
			t.Errorf("cut and pasted:\n%s\nwas\n%s", after, before)
		}
	}
	b.clean()
}

// TestEditorNotes leaves a note on the words that are selected: it stands in the margin of their block.
func TestEditorNotes(t *testing.T) {
	b := newWorld(t).inEditor("<p>The lamp came on.</p><p>Nobody waved.</p>")
	ids := eval[[]string](b, `(() => { const e = document.querySelector('[name=body]').stet, ids = e.blocks().map(b => b.id); e.show(ids[1]); return ids })()`)
	b.line()
	b.tool("note")
	b.until(`document.activeElement.form?.id === 'note'`)
	b.typed("Who says so?")
	b.press(`button[form=note]`)
	b.until(`document.querySelectorAll('#body-text > p')[1].dataset.notes === '1 note'`)
	if got := eval[string](b, `document.querySelector('[data-note-block="`+ids[1]+`"]').innerText`); !strings.Contains(got, "paragraph 2") || !strings.Contains(got, "Who says so?") {
		t.Errorf("the note says %q", got)
	}
	if n := eval[int](b, `document.querySelectorAll('#body-text > [data-notes]').length`); n != 1 {
		t.Errorf("%d blocks have a note", n)
	}
	b.clean()
}
