package markup

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func seeds(f *testing.F) {
	for _, s := range []string{
		"", "plain\n\nwords", `<p>a <b>b <i>c</b> d</i></p>`, `<h1>x<img src=/y></h1>`, `<ul><li>a<ul><li>b</ul>c<li><p>d<p>e</ul>`,
		`<blockquote><footer>f</footer><p>q<cite>c</cite></blockquote>`, `<figure><img data-media=3 alt="a"><figcaption>c<p>d</figcaption></figure>`,
		`<table><caption>c<tr><th scope=row>h<td>d<table><tr><td>n</table></table>`, "<pre>\n\n a\n  b</pre>", `<a href="https://x.example/ä?b=c d">l</a>`,
		`<p id="p-abcdefgh">a<br> <br>b</p>`, `<div lang=ar dir=rtl>x<p>y</div>z`, `<b style="font-weight:normal"><p>x</p></b>`,
		`<video><source src=/a.mp4></video>`, `<ruby>a<rt>b</ruby>`, `<dl><dt>a<dd>b</dl>`, `<figure><figcaption>x</figcaption></figure>`,
		`<span style="font-style:italic">x</span>`, `<p class=embed><a href=/x><b>T</b> <span>s</span></a>`, `<q>a<q>b</q></q>`, "a<b\n<3 <c>",
	} {
		f.Add(s)
	}
}

func FuzzArticle(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		checkArticle(t, src)
		blocks := Identify(Article(src), nil)
		if back := Article(Editable(blocks)); !same(back, blocks) {
			t.Errorf("Editable of %q reads back as\n%v, was\n%v", src, back, blocks)
		}
		if text := Text(src); !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			t.Errorf("Text(%q) = %q", src, text)
		}
	})
}

func FuzzComment(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		checkComment(t, src)
		if text := PlainComment(src); !utf8.ValidString(text) {
			t.Errorf("PlainComment(%q) = %q", src, text)
		}
	})
}

func FuzzDiff(f *testing.F) {
	f.Add("one two three", "one 2 three")
	f.Add("a b c d e f g", "g f e d c b a")
	f.Add("東京で地震", "東京に津波")
	f.Add("  x ", "x  \n")
	f.Fuzz(func(t *testing.T, before, after string) {
		checkSpans(t, DiffText(before, after), before, after)
		var a, b []string
		for _, bl := range Article(before) {
			a = append(a, bl.HTML)
		}
		for _, bl := range Article(after) {
			b = append(b, bl.HTML)
		}
		checkDiff(t, a, b)
	})
}
