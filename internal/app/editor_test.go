package app_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"stet/internal/markup"
	"stet/internal/staff"
)

// corpus finds files of the shared test data; none, with a note, where it isn't on this machine.
func corpus(t testing.TB, glob string) []string {
	t.Helper()
	dir := os.Getenv("STET_SHARED_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	files, err := filepath.Glob(filepath.Join(dir, glob))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Log("corpus absent")
	}
	return files
}

// jsonLines reads a file of one JSON value a line.
func jsonLines[T any](t testing.TB, file string) []T {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, v)
	}
	return out
}

// inEditor opens the sheet of a new article as its editor.
func (w *world) inEditor(body string) *tab {
	w.Helper()
	id, _ := w.draft("The lamp at Cape Ore", body)
	b := w.browser()
	b.width(1280)
	b.signIn(staff.Editor)
	b.open(fmt.Sprintf("/newsroom/articles/%d", id))
	b.do(chromedp.WaitVisible(chromedp.CSS("#body-text")))
	return b
}

// until waits for something to become true on the page.
func (b *tab) until(condition string) {
	b.Helper()
	for !eval[bool](b, "!!("+condition+")") {
		if b.ctx.Err() != nil {
			b.Fatalf("never came true: %s\n%s", condition, b.where())
		}
	}
}

// rest lets the page do what it put off: draw, and see where the caret went.
func (b *tab) rest() {
	b.Helper()
	eval[bool](b, `(window.rested = false, requestAnimationFrame(() => setTimeout(() => { window.rested = true })), true)`)
	b.until(`window.rested`)
}

// js is a Go value as JavaScript writes it.
func js(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// through loads each source into the editor and gives the HTML that it would save.
func (b *tab) through(sources []string) []string {
	b.Helper()
	return eval[[]string](b, `(() => { const e = document.querySelector('[name=body]').stet; return `+js(sources)+`.map(s => { e.load(s); return e.html() }) })()`)
}

// paste pastes each source into an empty editor, as a clipboard's HTML and text, and gives what would be saved.
func (b *tab) paste(sources []string) []string {
	b.Helper()
	return eval[[]string](b, `(() => {
		const e = document.querySelector('[name=body]').stet, at = document.querySelector('#body-text')
		return `+js(sources)+`.map(html => {
			e.load('')
			const data = new DataTransfer()
			data.setData('text/html', html)
			at.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
			return e.html()
		})
	})()`)
}

var withoutID = regexp.MustCompile(` id="p-[a-z]{8}"`)

// bare is a body as its blocks' HTML, one a line: what a save makes of it.
func bare(src string) string {
	var b strings.Builder
	for _, block := range markup.Article(src) {
		b.WriteString(block.HTML + "\n")
	}
	return b.String()
}

// bodies are sources of every kind that an article can hold, and all real articles at hand.
func bodies(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../markup/testdata/article/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden bodies: %v", err)
	}
	var out []string
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(raw))
	}
	out = append(out, everyKind)
	for _, f := range corpus(t, "articles/*.jsonl") {
		for _, a := range jsonLines[struct {
			HTML string `json:"body_html"`
		}](t, f) {
			if a.HTML != "" {
				out = append(out, a.HTML)
			}
		}
	}
	return out
}

// everyKind has a block of each kind that the editor makes.
const everyKind = `<h2>Two lights</h2><h3>Under it</h3><h4>And there</h4>
<p>At <time datetime="2026-06-16T21:14+02:00">21:14</time> the <em lang="la">lux</em> <strong>came <em>on</em></strong>, wrote <abbr title="Port Authority">PA</abbr>:
<q>it <q>is</q> lit</q>, H<sub>2</sub>O<sup>3</sup>, <s>no</s> <del>old</del><ins>new</ins> <code>lamp --on</code>, <cite>The Log</cite>.<br>Next line.<sup><a href="#p-footnote">1</a></sup></p>
<p lang="ja"><ruby>漢字<rt>かんじ</rt></ruby><ruby>語<rt>ご</rt></ruby></p>
<ul><li>one</li><li>two<ol start="3"><li>deep</li></ol></li><li><p>a</p><p>b</p></li></ul>
<blockquote><p>Said.</p><footer>Somebody, <cite>Somewhere</cite></footer></blockquote><blockquote class="pull"><p>Pulled</p></blockquote>
<blockquote class="statement"><p>“The line stays open.”</p><footer><cite>Callavar Port Authority</cite><span class="role">Harbour master</span><span>By e-mail</span><span class="asked">Asked <time datetime="2026-05-13T10:00">13 May</time></span><span class="answered">Answered <time datetime="2026-05-13T18:30">13 May, 18:30</time></span></footer></blockquote>
<figure class="wide"><a href="https://full.example/lens.jpg"><img data-media="12" alt="A lens, lit"></a><figcaption>The <em>lens</em>. <span class="credit">Ama Tolland</span></figcaption></figure>
<figure class="small"><img data-media="12" alt=""></figure>
<figure class="gallery"><figure><img data-media="14" alt="One"></figure><figure><img data-media="15" alt="Two"><figcaption>Second</figcaption></figure><figcaption>Both</figcaption></figure>
<figure class="table"><figcaption>Nights</figcaption><table><thead><tr><th scope="col">Year</th><th scope="col" class="n">Nights</th></tr></thead><tbody><tr><td>1986</td><td class="n">31</td></tr><tr><td colspan="2">none</td></tr></tbody></table><p class="source">Source: ledgers</p></figure>
<figure class="table"><table><tbody><tr><td>a</td><td></td></tr></tbody></table></figure><figure class="table"><table><tbody><tr><td>b</td></tr></tbody></table><p class="source">Source</p></figure>
<figure class="gallery"><figure><img data-media="14" alt="One"></figure></figure>
<pre><code>  lamp on
    lamp off</code></pre><hr>
<p class="embed"><a href="https://videos.example/a"><strong>A kettle</strong> <span>videos.example</span></a></p>
<figure class="missing"><p><a href="https://elsewhere.example/quay.jpg">quay.jpg</a></p></figure>
<ol class="footnotes" id="p-footnote"><li>See the log.</li></ol>`

// What the editor opens and saves unaltered is what it was, and what it writes anew of its own document means the same.
func TestEditorKeepsBodies(t *testing.T) {
	b := newWorld(t).inEditor("<p>x</p>")
	var editable, nameless []string
	for _, src := range bodies(t) {
		blocks := markup.Identify(markup.Article(src), nil)
		text := markup.Editable(blocks)
		editable = append(editable, text)
		// Blocks that get their ids from the editor are written by it, all others given back as they came.
		nameless = append(nameless, withoutID.ReplaceAllString(text, ""))
	}
	const batch = 50
	for from := 0; from < len(editable); from += batch {
		to := min(from+batch, len(editable))
		for i, got := range b.through(editable[from:to]) {
			if want := editable[from+i]; slices.Compare(ids(got), ids(want)) != 0 || bare(got) != bare(want) {
				t.Fatalf("opened and saved:\n%s\nwant\n%s", got, want)
			}
		}
		for i, got := range b.through(nameless[from:to]) {
			if got, want := bare(got), bare(nameless[from+i]); settled(got) != settled(want) {
				t.Fatalf("written anew:\n%s\nwant\n%s", got, want)
			}
		}
	}
	kept := eval[int](b, `(() => { const e = document.querySelector('[name=body]').stet; e.load(`+js(everyKind)+`); return document.querySelectorAll('#body-text > .asis').length })()`)
	if kept != 2 {
		t.Errorf("%d blocks of those that the editor makes can't be edited, want the card and the lost picture only", kept)
	}
	b.clean()
	t.Logf("%d bodies", len(editable))
}

func ids(body string) []string { return withoutID.FindAllString(body, -1) }

// settled writes a body as the marks around each of its words, in one order: which of two marks is the outer one means nothing.
func settled(body string) string {
	inline := []string{"a", "abbr", "cite", "code", "del", "em", "ins", "q", "s", "span", "strong", "sub", "sup", "time"}
	var b strings.Builder
	var around []string
	last := ""
	z := html.NewTokenizer(strings.NewReader(body))
	for {
		kind := z.Next()
		tok := z.Token()
		switch {
		case kind == html.ErrorToken:
			return b.String()
		case kind == html.TextToken:
			if marks := strings.Join(slices.Sorted(slices.Values(around)), " "); marks != last {
				last = marks
				b.WriteString("[" + marks + "]")
			}
			b.WriteString(tok.Data)
		case kind == html.StartTagToken && slices.Contains(inline, tok.Data):
			around = append(around, tok.String())
		case kind == html.EndTagToken && slices.Contains(inline, tok.Data):
			around = around[:len(around)-1]
		default:
			b.WriteString("\n" + tok.String())
			last = ""
		}
	}
}

// TestEditorPastes puts what word processors put on the clipboard into the editor.
func TestEditorPastes(t *testing.T) {
	b := newWorld(t).inEditor("<p>x</p>")
	type facts struct {
		File, ID                                          string
		Links                                             []string
		Images, Tables, LI, Headings, Bold, Italic, Words int
		Listed                                            int    `json:"word_list_paragraphs"`
		FirstWords                                        string `json:"first_words"`
	}
	for src, want := range map[string]string{
		`<b style="font-weight:normal" id="docs-internal-guid-1"><p><span style="font-weight:700">Bold</span><span> plain</span></p></b>`:                                                                                             "<p><strong>Bold</strong> plain</p>",
		`<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>1.</span>One<o:p></o:p></p><p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>2.</span>Two</p>`: "<ol><li>One</li><li>Two</li></ol>",
	} {
		if got := markup.Join(markup.Article(b.paste([]string{src})[0])); got != want {
			t.Errorf("pasted %s\n became %s\nwant %s", src, got, want)
		}
	}
	count := 2
	for _, file := range corpus(t, "paste/facts.jsonl") {
		sources := map[string]string{}
		for _, p := range jsonLines[struct{ ID, HTML string }](t, filepath.Join(filepath.Dir(file), "lexical-pastes.jsonl")) {
			sources[p.ID] = p.HTML
		}
		for _, f := range jsonLines[facts](t, file) {
			src, ok := sources[f.ID]
			if !ok {
				raw, err := os.ReadFile(filepath.Join(filepath.Dir(file), f.File))
				if err != nil {
					t.Fatal(err)
				}
				src = string(raw)
			}
			name, got := f.File+" "+f.ID, withoutID.ReplaceAllString(b.paste([]string{src})[0], "")
			if trace := regexp.MustCompile(`(?i)mso|<o:p|<style|<font|docs-internal-guid|<!--|file:|style=`).FindString(got); trace != "" {
				t.Errorf("%s leaves %q in %s", name, trace, got)
			}
			if text := pressed(markup.Text(got)); !strings.Contains(text, pressed(f.FirstWords)) && !inOrder(text, pressed(f.FirstWords)) {
				t.Errorf("%s lost words of %q: %s", name, f.FirstWords, got)
			}
			for tag, want := range map[string]int{"<table": f.Tables, "<li": f.LI + f.Listed, "<h": f.Headings, "<figure class=\"missing\"": f.Images} {
				if n := strings.Count(got, tag); n < want {
					t.Errorf("%s has %d %s, %d came out: %s", name, want, tag, n, got)
				}
			}
			for _, link := range f.Links {
				if !strings.Contains(got, `href="`+link+`"`) {
					t.Errorf("%s lost the link to %s: %s", name, link, got)
				}
			}
			if bold, em := strings.Contains(got, "<strong"), strings.Contains(got, "<em"); f.Headings == 0 && bold != (f.Bold > 0) || f.Italic > 0 && !em {
				t.Errorf("%s: bold %d, italic %d: %s", name, f.Bold, f.Italic, got)
			}
			if again := bare(got); markup.Text(again) != markup.Text(got) {
				t.Errorf("%s: the server keeps\n%s\nof\n%s", name, again, got)
			}
			count++
		}
	}
	b.clean()
	t.Logf("%d pastes", count)
}

func pressed(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\u00a0", " ")), "")
}

func inOrder(got, want string) bool {
	for _, r := range want {
		_, rest, ok := strings.Cut(got, string(r))
		if !ok {
			return false
		}
		got = rest
	}
	return true
}

// TestEditorRunsNothing loads and pastes hostile markup in a real browser: none of it runs or asks anything of anybody.
func TestEditorRunsNothing(t *testing.T) {
	b := newWorld(t).inEditor("<p>x</p>")
	eval[bool](b, `(() => {
		window.ran = []
		for (const name of ['alert', 'prompt', 'confirm', 'open', 'print']) window[name] = (...args) => { window.ran.push(name + ' ' + args) }
		window.before = performance.getEntriesByType('resource').length
		return true
	})()`)
	files := append([]string{""}, corpus(t, "xss/*.jsonl")...)
	count := 0
	for _, file := range files {
		sources := slices.Clone(attacks)
		if file != "" {
			sources = nil
			for _, x := range jsonLines[struct{ HTML string }](t, file) {
				sources = append(sources, x.HTML)
			}
		}
		b.through(sources)
		b.paste(sources)
		// What was written for later must have had its chance.
		b.rest()
		if ran := eval[[]string](b, `window.ran`); len(ran) > 0 {
			t.Errorf("%s ran: %v", filepath.Base(file), ran)
		}
		count += len(sources)
	}
	if asked := eval[[]string](b, `performance.getEntriesByType('resource').slice(window.before).map(e => e.name).filter(n => !n.startsWith(location.origin + '/newsroom/media/') && !n.startsWith(location.origin + '/static/') && !n.startsWith(location.href + '/'))`); len(asked) > 0 {
		t.Errorf("asked for %v", asked)
	}
	if path := eval[string](b, `location.pathname`); !strings.HasPrefix(path, "/newsroom/articles/") {
		t.Errorf("the page went to %s", path)
	}
	b.clean()
	t.Logf("%d sources, each loaded and pasted", count)
}
