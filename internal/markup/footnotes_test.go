package markup

import (
	"strings"
	"testing"
)

const storedNotes = `<p>Lit<sup><a href="#fn1">1</a></sup> and seen.<sup><a href="#fn2">2</a></sup> Again.<sup><a href="#fn1">1</a></sup></p>` +
	`<ol class="footnotes"><li>The ledger.</li><li>The chart.</li></ol>`

// TestFootnotesAreAdopted brings the notes of several systems into one form, which stays as it is when it is saved again.
func TestFootnotesAreAdopted(t *testing.T) {
	for name, src := range map[string]string{
		"stored": storedNotes,
		"with ids": `<p>Lit<sup><a href="#fn1" id="ref1">1</a></sup> and seen.<sup><a href="#fn2" id="ref2">2</a></sup> Again.<sup><a href="#fn1">1</a></sup></p>
			<ol class="footnotes"><li id="fn1">The ledger. <a href="#ref1" aria-label="Back to the text">Back</a></li><li id="fn2">The chart. <a href="#ref2">Back</a></li></ol>`,
		"WordPress": `<p>Lit<sup data-fn="5a-1" class="fn"><a href="#5a-1" id="5a-1-link">1</a></sup> and seen.<sup data-fn="5a-2" class="fn"><a href="#5a-2" id="5a-2-link">2</a></sup> Again.<sup><a href="#5a-1">1</a></sup></p>
			<ol class="wp-block-footnotes"><li id="5a-1">The ledger. <a href="#5a-1-link" aria-label="Jump to footnote reference 1">↩︎</a></li><li id="5a-2">The chart. <a href="#5a-2-link">↩︎</a></li></ol>`,
		"Markdown": `<p>Lit<sup class="footnote-ref"><a href="#fn1" id="fnref1">1</a></sup> and seen.<sup id="fnref:2"><a href="#fn:2" class="footnote-ref">2</a></sup> Again.<sup><a href="#fn1">1</a></sup></p>
			<section class="footnotes"><ol class="footnotes-list"><li id="fn1" class="footnote-item"><p>The ledger. <a href="#fnref1" class="footnote-backref">↩︎</a></p></li><li id="fn:2"><p>The chart. <a href="#fnref:2">↩</a></p></li></ol></section>`,
	} {
		got := Join(Article(src))
		if got != storedNotes {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, storedNotes)
		}
		if again := Join(Article(got)); again != got {
			t.Errorf("%s, saved again:\n%s", name, again)
		}
	}
	for _, plain := range []string{
		`<p>See <a href="#a">the first</a>.</p><ol><li>One</li><li>Two</li></ol>`,
		`<p>H<sub>2</sub>O<sup>2</sup></p><ol><li>One</li></ol>`,
	} {
		if got := Join(Article(strings.Replace(plain, "<li>", `<li id="a">`, 1))); got != plain {
			t.Errorf("what is no footnote became\n%s\nwant\n%s", got, plain)
		}
	}
}

func TestFootnotesAreShown(t *testing.T) {
	r := Render{Back: "Back"}
	const want = `<p>Lit<sup><a href="#fn1" id="ref1">1</a></sup> and seen.<sup><a href="#fn2" id="ref2">2</a></sup> Again.<sup><a href="#fn1">1</a></sup></p>` +
		`<ol class="footnotes"><li id="fn1">The ledger. <a href="#ref1">Back</a></li><li id="fn2">The chart. <a href="#ref2">Back</a></li></ol>`
	if got := string(r.HTML(storedNotes)); got != want {
		t.Errorf("shown as\n%s\nwant\n%s", got, want)
	}
	r.Notes = "u4-"
	if got := string(r.HTML(storedNotes)); got != strings.NewReplacer(`"#`, `"#u4-`, `id="`, `id="u4-`).Replace(want) {
		t.Errorf("in a notice as\n%s", got)
	}
	// The editor links to the list itself.
	r = Render{Back: "Back", IDs: true}
	body := []Block{{ID: "aaaaaaaa", HTML: `<p>Lit<a href="#p-bbbbbbbb"><sup>2</sup></a></p>`}, {ID: "bbbbbbbb", HTML: `<ol class="footnotes"><li>One.</li><li>Two.</li></ol>`}}
	if got, want := string(r.Body(body)), `<p id="p-aaaaaaaa">Lit<a href="#fn2" id="ref2"><sup>2</sup></a></p><ol class="footnotes" id="p-bbbbbbbb"><li>One.</li><li id="fn2">Two. <a href="#ref2">Back</a></li></ol>`; got != want {
		t.Errorf("shown as\n%s\nwant\n%s", got, want)
	}
	if got := string(Render{}.HTML(storedNotes)); got != storedNotes {
		t.Errorf("elsewhere than on a page:\n%s", got)
	}
	for _, odd := range []string{`<p><sup><a href="#fn9">9</a></sup></p><ol class="footnotes"><li>One.</li></ol>`, `<ol class="footnotes"><li>One, see <a href="#fn1">1</a>.</li></ol>`,
		`<p><a href="#fn1">1</a></p>`} {
		if got := string((Render{Back: "Back"}).HTML(odd)); got != odd {
			t.Errorf("%s is shown as\n%s", odd, got)
		}
	}
	if got := string((Render{Table: "Table"}).HTML(`<table><tbody><tr><td>1</td></tr></tbody></table>`)); !strings.Contains(got, `<div class="scroll" tabindex="0" role="region" aria-label="Table">`) {
		t.Errorf("a table without a caption: %s", got)
	}
}
