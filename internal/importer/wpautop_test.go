package importer

import (
	"strings"
	"testing"
)

func laidOut(src string) (string, error) {
	got, _, err := (&Survey{}).Body(&Item{Kind: Post, Body: src}, nil)
	return got, err
}

func TestParagraphs(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"two paragraphs", "One.\n\nTwo.", "<p>One.</p>\n<p>Two.</p>"},
		{"windows line ends", "One.\r\n\r\nTwo\r\nlines.", "<p>One.</p>\n<p>Two<br/>lines.</p>"},
		{"many blank lines", "\n\n\nOne.\n \n\t\nTwo.\n\n", "<p>One.</p>\n<p>Two.</p>"},
		{"line break", "One\ntwo", "<p>One<br/>two</p>"},
		{"typed break at a line's end", "One<br />\ntwo", "<p>One<br/>two</p>"},
		{"two typed breaks part", "One<br><br>two", "<p>One</p>\n<p>two</p>"},
		{"inline element stays in its paragraph", "An <em>inline</em> word.", "<p>An <em>inline</em> word.</p>"},
		{"element over paragraphs is opened anew", "<strong id=\"a\">One.\n\nTwo.</strong>", "<p><strong id=\"a\">One.</strong></p>\n<p><strong>Two.</strong></p>"},
		{"block stands alone", "One\n<h2>Two</h2>\nThree", "<p>One</p>\n<h2>Two</h2>\n<p>Three</p>"},
		{"block between words", "One<hr>Two", "<p>One</p>\n<hr/>\n<p>Two</p>"},
		{"written paragraphs", "<p>One\ntwo</p>\n<p>Three\n\nfour</p>", "<p>One<br/>two</p>\n<p>Three</p>\n<p>four</p>"},
		{"written paragraph without its end", "<p>One\n\ntwo", "<p>One</p>\n<p>two</p>"},
		{"empty paragraphs go", "<p>&nbsp;</p>One<p></p><p><b></b></p>", "<p>One</p>"},
		{"preformatted keeps its lines", "a\n<pre>x\n\ny &lt;b&gt;\n</pre>\nb", "<p>a</p>\n<pre>x\n\ny &lt;b&gt;\n</pre>\n<p>b</p>"},
		{"list", "<ul>\n\t<li>One</li>\n\n\t<li>Two\nlines</li>\n</ul>", "<ul>\n\t<li>One</li>\n\n\t<li>Two<br/>lines</li>\n</ul>"},
		{"nested list", "<ul><li>One\n<ul><li>Two</li></ul></li></ul>", "<ul><li>One<ul><li>Two</li></ul></li></ul>"},
		{"list item of two paragraphs", "<ol><li>One\n\nTwo</li></ol>", "<ol><li><p>One</p><p>Two</p></li></ol>"},
		{"quotation", "<blockquote>One\n\nTwo</blockquote>", "<blockquote><p>One</p><p>Two</p></blockquote>"},
		{"quotation of one", "<blockquote>One <cite>Me</cite></blockquote>", "<blockquote><p>One <cite>Me</cite></p></blockquote>"},
		{"division of one line", "<div>\nOne\n</div>", "<div>One</div>"},
		{"division of two", "<div>One\n\nTwo</div>", "<div><p>One</p><p>Two</p></div>"},
		{"table", "<table><tr><td>One</td><td>Two\n\nThree</td></tr></table>", "<table><tbody><tr><td>One</td><td><p>Two</p><p>Three</p></td></tr></tbody></table>"},
		{"heading over two lines", "<h2>One\ntwo</h2>", "<h2>One<br/>two</h2>"},
		{"link around a block", "<a href=\"/x\"><div>One</div></a>", "<a href=\"/x\"><div>One</div></a>"},
		{"picture", "<img src=\"a.jpg\">\n\nOne", "<p><img src=\"a.jpg\"/></p>\n<p>One</p>"},
		{"address alone on its line", "Look:\nhttps://example.org/a?b=1&c=2\nNice.", "<p>Look:<br/><a href=\"https://example.org/a?b=1&amp;c=2\">https://example.org/a?b=1&amp;c=2</a><br/>Nice.</p>"},
		{"address in a sentence", "Look at https://example.org/ now.", "<p>Look at https://example.org/ now.</p>"},
		{"address in a link", "<a href=\"/a\">https://example.org/</a>", "<p><a href=\"/a\">https://example.org/</a></p>"},
		{"comment", "One<!-- two\n\nthree -->four", "<p>Onefour</p>"},
		{"comment without its end is text", "One <!-- two", "<p>One &lt;!-- two</p>"},
		{"a less-than sign", "1 < 2 and <3", "<p>1 &lt; 2 and &lt;3</p>"},
		{"left open", "<em>One\n\n<div>Two", "<em><p>One</p><div>Two</div></em>"},
		{"nothing", " \n\n ", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := laidOut(c.in)
			if err != nil || got != c.want {
				t.Errorf("laidOut(%q)\n got %q, %v\nwant %q", c.in, got, err, c.want)
			}
		})
	}
}

// What has been laid out once stays as it is.
func TestParagraphsTwice(t *testing.T) {
	for _, in := range []string{"One\n\nTwo\nthree", "<ul><li>a\n\nb</li></ul>", "<blockquote>a\n\nb</blockquote>c"} {
		once, err := laidOut(in)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := laidOut(once); err != nil || twice != once {
			t.Errorf("laidOut twice of %q = %q, %v, want %q", in, twice, err, once)
		}
	}
}

func FuzzParagraphs(f *testing.F) {
	for _, s := range []string{"a\n\nb", "<b>a\n\nb</b>", "<p>a<div>b</p>", "<table>a<tr>", "<br><br>\n<br>", "<a><b></a></b>\n\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := laidOut(s)
		if err != nil {
			return
		}
		if words(got) != words(withoutComments(s)) && !strings.ContainsAny(s, "<&\x00\r") {
			t.Errorf("laidOut(%q) = %q has other words", s, got)
		}
	})
}

func words(s string) string { return plainText(s) }
