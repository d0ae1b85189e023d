package markup

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// canonicalBlocks are one block for everything that canonical form may hold.
var canonicalBlocks = []string{
	`<p>A sentence.</p>`, `<p lang="pt-BR" dir="auto">a &amp; b &lt; c &gt; d &#39;e&#39; &#34;f&#34;</p>`, `<p dir="rtl">نص</p>`, "<p>no\u00a0break, می\u200cروم, so\u00adft</p>",
	`<h2 lang="de">a <em>b</em></h2>`, `<h3>c</h3>`, `<h4 dir="ltr">d</h4>`, `<hr/>`, `<p>a<br/>b <em>c<br/>d</em><br/>e</p>`,
	`<p>a <em>b</em> <strong>c</strong> <code>d</code> <s>e</s> <del>f</del> <ins>g</ins> <sup>h</sup> <sub>i</sub> <cite>j</cite> <q>k</q></p>`,
	`<p><em lang="fr">a <strong>b <a href="/c">d</a></strong></em> e<sup>2</sup></p>`,
	`<p><a href="https://a.example">a</a> <a href="http://a.example/b?c=d&amp;e=%C3%A4#f" rel="author nofollow noopener" hreflang="ar" lang="en" dir="ltr">b</a></p>`,
	`<p><a href="https://a.example" rel="` + strings.Join(rels, " ") + `">a</a></p>`,
	`<p><a href="mailto:a+b@c.example?subject=d%20e">a</a> <a href="https://a.example">b</a></p>`,
	`<p><a href="/">a</a> <a href="/b/c.d/e-f_g~h/?i=(j),k;l:m@n!o$p*+q">b</a></p>`,
	`<ul lang="en"><li>a</li><li>b <em>c</em><ol><li>d<ul><li>e</li></ul></li></ol></li></ul>`, `<ol start="4"><li>a</li></ol>`, `<ol dir="rtl"><li>a<br/>b</li></ol>`,
	`<blockquote><p>a</p><p>b</p><footer>c <em>d</em></footer></blockquote>`, `<blockquote class="pull" lang="en" dir="ltr"><p>a</p></blockquote>`,
	`<blockquote class="statement"><p>a</p></blockquote>`,
}

// nearlyCanonical are blocks that a step would change, or that say too little to tell.
var nearlyCanonical = []string{
	``, `text`, `<p></p>`, `<p> a</p>`, `<p>a </p>`, `<p>a  b</p>`, "<p>a\nb</p>", "<p>\u200b</p>", `<p>a</p> `, `<p>a</p><p>b</p>`, `<p>a`, `<p>a</p`, `<p>a&b</p>`, `<p>a"b</p>`,
	`<p>a&nbsp;b</p>`, "<p>a\u0085b</p>", "<p>a\xffb</p>", "<p>a\x00b</p>", `<p><br/>a</p>`, `<p>a<br/></p>`, `<p>a<br/><br/>b</p>`, `<p>a<br>b</p>`, `<p>a<br/> b</p>`, `<p>a <br/>b</p>`,
	`<p><em></em>a</p>`, `<p><em>a</em><em>b</em></p>`, `<p><em>a</em><br/><em>b</em></p>`, `<p><em>a<br/></em>b</p>`, `<p>a<em><br/>b</em></p>`, `<p><em>a<em>b</em></em></p>`,
	`<p><em>a</p>`, `<p><em>a</strong></p>`, `<p>a</em></p>`, `<p><b>a</b></p>`, `<P>a</P>`, `<p id="p-abcdefgh">a</p>`, `<p class="embed">a</p>`, `<p dir="auto" lang="en">a</p>`,
	`<p lang="e">a</p>`, `<p dir="up">a</p>`, `<p onclick="x">a</p>`, `<p lang="en"onclick="x">a</p>`, `<p/>`, `<h1>a</h1>`, `<h2><strong>a</strong></h2>`, `<hr>`, `<hr lang="en"/>`,
	`<ul></ul>`, `<ul><li></li></ul>`, `<ul><li><ul><li>a</li></ul></li></ul>`, `<ul><li><p>a</p></li></ul>`, `<ol start="1"><li>a</li></ol>`, `<ol class="footnotes"><li>a</li></ol>`,
	`<ul><li>a<ul><li>b</li></ul>c</li></ul>`, `<ul><li>a </li></ul>`, `<blockquote>a</blockquote>`, `<blockquote><p>a</p><p><cite>b</cite></p></blockquote>`,
	`<blockquote><footer>a</footer></blockquote>`, `<blockquote><p>a</p><footer>b</footer><p>c</p></blockquote>`, `<script>a</script>`, `<p><script>a</script></p>`, `<p><img/></p>`,
	`<p><a>a</a></p>`, `<p><a href="javascript:x">a</a></p>`, `<p><a href="//a.example">a</a></p>`, `<p><a href="/\a.example">a</a></p>`, `<p><a href="https:///a">a</a></p>`,
	`<p><a href="https://a@b.example/">a</a></p>`, `<p><a href="https://a.example:1/">a</a></p>`, `<p><a href="/a#">a</a></p>`, `<p><a href="/a#b#c">a</a></p>`, `<p><a href="/%zz">a</a></p>`,
	`<p><a href="/a b">a</a></p>`, `<p><a href="/ä">a</a></p>`, `<p><a href="/a?b&c">a</a></p>`, `<p><a href="#fn1">a</a></p>`, `<p><a href="HTTPS://a.example/">a</a></p>`,
	`<p><a href="/a" rel="nofollow author">a</a></p>`, `<p><a href="/a" rel="opener">a</a></p>`, `<p><a href="/a" rel="">a</a></p>`, `<p><a href="/a" target="_blank">a</a></p>`, `<p><a href='/a'>a</a></p>`,
	`<p><a href="/a" rel=">a</a></p>`, `<p lang=">a</p>`, `<p><a href="/a>a</a></p>`, `<p><a href="mailto:">a</a></p>`, `<p><a href="mailto:?to=a">a</a></p>`, `<p><a href="mailto:/a">a</a></p>`,
	`<p><a href="/a">a <em><a href="/b">b</a></em></a></p>`, `<p><a data-media="1">a</a></p>`, `<p>a<!-- b --></p>`, `<p>a</p><!-- b -->`,
}

// checkCanonical holds one block to what the form promises, and says whether it has it: what is shown is what the long way makes of it, the
// policies of today would change nothing in it, and its text is what a parser reads.
func checkCanonical(t *testing.T, src string) bool {
	t.Helper()
	if _, ok := canonical(src); !ok {
		return false
	}
	blocks := []Block{{ID: "abcdefgh", HTML: src}}
	for _, r := range []Render{{}, {IDs: true, Back: "back", Picture: anyPicture}} {
		if got, want := string(r.Body(blocks)), r.anew(blocks); got != want {
			t.Fatalf("%q is shown as\n%q, the long way gives\n%q", src, got, want)
		}
	}
	if got, want := string(Render{}.HTML(src+src)), (Render{}).made(src+src); got != want {
		t.Fatalf("%q twice is shown as\n%q, the long way gives\n%q", src, got, want)
	}
	if got, want := Feed(blocks, fromRoot, anyPicture, anyFile), fed(src, fromRoot, anyPicture, anyFile); got != want {
		t.Fatalf("%q is in a feed\n%q, the long way gives\n%q", src, got, want)
	}
	if got := shown.Sanitize(src); got != src {
		t.Fatalf("the policy for what is shown makes %q of %q: what it forbids must leave the canonical form", got, src)
	}
	if got := stored.Sanitize(src); got != src {
		t.Fatalf("the policy for what is stored makes %q of %q", got, src)
	}
	if got, want := Text(src+src), parsedText(src+src); got != want {
		t.Fatalf("the text of %q twice is %q, a parser reads %q", src, got, want)
	}
	return true
}

func TestCanonicalForm(t *testing.T) {
	for _, src := range canonicalBlocks {
		if !checkCanonical(t, src) {
			t.Errorf("%q isn't taken for canonical", src)
		}
		if back := Article(src); len(back) != 1 || back[0].HTML != src {
			t.Errorf("%q is stored as %v", src, back)
		}
	}
	for _, src := range nearlyCanonical {
		if _, ok := canonical(src); ok {
			t.Errorf("%q is taken for canonical", src)
		}
	}
}

// almost writes blocks as they are stored, with a mistake here and there.
type almost struct {
	*rand.Rand
	b strings.Builder
}

var (
	almostWords   = []string{"word", "a", " ", " ", " two words ", "&amp;", "&#39;", "&#34;", "&lt;", "&gt;", "é", "漢字", "می\u200cروم", "\u00a0", "\u200b", "😀", "}}", "\ufffd", ".", "<br/>", "<br/>"}
	almostMarks   = []string{"em", "strong", "code", "s", "del", "ins", "sup", "sub", "cite", "q", "em", "strong"}
	almostHrefs   = []string{"/", "/a/b?c=d&amp;e#f", "https://a.example", "http://a.example/%C3%A4?b=?c#d/e?f", "https://A.example?b", "https://a.example#b", "/a:b//c/../d", "/%2f%2F./", "mailto:a%40b@c.example", "mailto:A?subject=b?c&amp;d#e"}
	mistakes      = []string{"  ", "\n", "\t", "'", "\"", "&", "&nbsp;", "&amp", "\u0085", "\x00", "\xff", "<", ">", "<br>", "<b>", "</b>", "</em>", "<em>", "</p>", "<p>", "<!--x-->", "</", "<img/>", "<span>", "</li>"}
	badAttributes = []string{` class="pull"`, ` id="p-abcdefgh"`, ` onclick="x"`, ` lang='en'`, ` dir="x"`, ` start="2"`, ` lang="en"`, ` lang="`, ` dir="`, ` `, `/`}
	badHrefs      = []string{"", "//a.example", "/\\a", "javascript:x", "https://", "https://a@b", "/a b", "/a#", "/a#b#c", "/%2", "https://a.example:80/", "/ä", "/a'b", "mailto:", "mailto://a", "mailto:@", "#a", "https://ä.example/", "/[a]", "https://a.example:/"}
)

func (a *almost) pick(from []string) string { return from[a.IntN(len(from))] }

func (a *almost) attrs() {
	if a.IntN(8) == 0 {
		a.b.WriteString(` lang="` + a.pick([]string{"en", "pt-BR", "x", "zh-Hant-TW", "e_n"}) + `"`)
	}
	if a.IntN(8) == 0 {
		a.b.WriteString(` dir="` + a.pick([]string{"ltr", "rtl", "auto"}) + `"`)
	}
	if a.IntN(60) == 0 {
		a.b.WriteString(a.pick(badAttributes))
	}
}

func (a *almost) line(depth int) {
	for range 1 + a.IntN(4) {
		switch n := a.IntN(60); {
		case n == 0:
			a.b.WriteString(a.pick(mistakes))
		case n < 8 && depth < 4:
			mark := a.pick(almostMarks)
			a.b.WriteString("<" + mark)
			a.attrs()
			a.b.WriteString(">")
			a.line(depth + 1)
			a.b.WriteString("</" + mark + ">")
		case n < 14 && depth < 4:
			href := a.pick(almostHrefs)
			if a.IntN(10) == 0 {
				href = a.pick(badHrefs)
			}
			a.b.WriteString(`<a href="` + href + `"`)
			if a.IntN(5) == 0 {
				a.b.WriteString(` rel="` + a.pick([]string{"nofollow", "author me ugc", "noopener noreferrer", "ugc me", "\">", "me me", "", "opener"}) + `"`)
			}
			if a.IntN(8) == 0 {
				a.b.WriteString(` hreflang="` + a.pick([]string{"en", "ar", "?"}) + `"`)
			}
			a.attrs()
			a.b.WriteString(">")
			a.line(depth + 1)
			a.b.WriteString("</a>")
		default:
			a.b.WriteString(a.pick(almostWords))
		}
	}
}

// element writes a start tag, what it holds and the end tag, which is left out now and then.
func (a *almost) element(name string, inner func()) {
	a.b.WriteString("<" + name)
	a.attrs()
	a.b.WriteString(">")
	inner()
	if a.IntN(200) > 0 {
		a.b.WriteString("</" + name + ">")
	}
}

func (a *almost) items(depth int) {
	for range 1 + a.IntN(2) {
		a.b.WriteString("<li>")
		a.line(2)
		if depth < 4 && a.IntN(3) == 0 {
			name := a.pick([]string{"ul", "ol"})
			a.b.WriteString("<" + name + ">")
			a.items(depth + 1)
			a.b.WriteString("</" + name + ">")
		}
		a.b.WriteString("</li>")
	}
}

func (a *almost) block() string {
	a.b.Reset()
	switch name := a.pick([]string{"p", "p", "p", "h2", "h3", "h4", "ul", "ol", "blockquote", "hr"}); name {
	case "hr":
		a.b.WriteString("<hr")
		if a.IntN(8) == 0 {
			a.attrs()
		}
		a.b.WriteString("/>")
	case "ul", "ol":
		a.element(name, func() { a.items(0) })
	case "blockquote":
		a.element(name, func() {
			for range a.IntN(3) {
				a.b.WriteString("<p>")
				a.line(1)
				a.b.WriteString("</p>")
			}
			if a.IntN(3) == 0 {
				a.b.WriteString("<footer>")
				a.line(1)
				a.b.WriteString("</footer>")
			}
		})
	default:
		a.element(name, func() { a.line(0) })
	}
	return a.b.String()
}

// TestCanonicalIsTheLongWay compares both ways on blocks that are almost canonical, one by one, and on bodies that have them among others.
func TestCanonicalIsTheLongWay(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	a := &almost{Rand: rand.New(rand.NewPCG(seed, 0))}
	const rounds = 3_000
	quick := 0
	var raw strings.Builder
	for i := range rounds {
		src := a.block()
		if checkCanonical(t, src) {
			quick++
		}
		raw.WriteString(src)
		if i%5 == 4 {
			raw.WriteString(soup(a.Rand))
			checkBody(t, raw.String())
			raw.Reset()
		}
	}
	t.Logf("%d of %d blocks are canonical", quick, rounds)
	if quick < rounds/5 || quick > rounds*4/5 {
		t.Errorf("%d of %d blocks are canonical, which leaves too few of one kind", quick, rounds)
	}
}

// checkBody holds all ways of showing a body to the long one, and counts how many of its blocks are canonical.
func checkBody(t *testing.T, src string) (quick, all int) {
	t.Helper()
	blocks := Identify(Article(src), nil)
	for _, b := range blocks {
		if checkCanonical(t, b.HTML) {
			quick++
		}
	}
	for _, r := range []Render{{}, {IDs: true, Back: "back", Picture: anyPicture, File: anyFile, Table: "Table"}} {
		if got, want := string(r.Body(blocks)), r.anew(blocks); got != want {
			t.Fatalf("%q is shown as\n%q, the long way gives\n%q", src, got, want)
		}
		if got, want := string(r.HTML(Join(blocks))), r.made(Join(blocks)); got != want {
			t.Fatalf("%q in one piece is shown as\n%q, the long way gives\n%q", src, got, want)
		}
	}
	if got, want := Feed(blocks, fromRoot, anyPicture, anyFile), fed(Join(blocks), fromRoot, anyPicture, anyFile); got != want {
		t.Fatalf("%q is in a feed\n%q, the long way gives\n%q", src, got, want)
	}
	if got, want := Text(Join(blocks)), parsedText(Join(blocks)); got != want {
		t.Fatalf("the text of %q is %q, a parser reads %q", src, got, want)
	}
	return quick, len(blocks)
}

// TestRealBodiesAreTheLongWay takes all there is of real and hostile bodies both ways, and says how many blocks are canonical.
func TestRealBodiesAreTheLongWay(t *testing.T) {
	t.Parallel()
	type body struct {
		BodyHTML string `json:"body_html"`
		BodyText string `json:"body_text"`
		HTML     string
	}
	for _, src := range sources(t, "testdata/article/*.html") {
		checkBody(t, src)
	}
	for _, glob := range []string{"articles/*.jsonl", "xss/*.jsonl", "paste/*.jsonl"} {
		quick, all := 0, 0
		for _, file := range sharedData(t, glob) {
			for _, a := range readLines[body](t, file) {
				src := a.BodyHTML + a.HTML
				if src == "" {
					src = html.EscapeString(a.BodyText)
				}
				checkCanonical(t, src) // as if it had got into the database as it is
				q, n := checkBody(t, src)
				quick, all = quick+q, all+n
			}
		}
		t.Logf("%s: %d of %d blocks are canonical, none is shown otherwise", filepath.Dir(glob), quick, all)
	}
}

func FuzzCanonical(f *testing.F) {
	for _, src := range append(canonicalBlocks, nearlyCanonical...) {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) { checkCanonical(t, src) })
}
