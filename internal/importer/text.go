package importer

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// wordTags are the tags that stand within a line. What looks like any other is text.
var wordTags = tags(`a abbr acronym audio b bdi bdo big br button cite code data del dfn em embed font i iframe img input ins kbd label
	mark meter noscript object output picture progress q rp rt ruby s samp script small span strike strong style sub sup time tt u
	var video wbr`)

// plainText is the text of a title, a name or an excerpt: WordPress keeps HTML in them. It is one line, without the invisible
// characters that a line may not have here (controls and those that override the direction of what follows).
func plainText(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return oneLine(s)
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for hidden := false; ; {
		switch z.Next() {
		case html.ErrorToken:
			return oneLine(b.String())
		case html.TextToken:
			if !hidden {
				b.WriteString(html.UnescapeString(string(z.Raw())))
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			t := z.Token()
			if !wordTags[t.DataAtom] && !blockTags[t.DataAtom] {
				b.WriteString(raw) // "List<String>" and "the <html> tag" are words
			}
			if blockTags[t.DataAtom] || t.DataAtom == atom.Br {
				b.WriteByte(' ')
			}
			if t.DataAtom == atom.Script || t.DataAtom == atom.Style {
				hidden = t.Type == html.StartTagToken
			}
		}
	}
}

func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
