package markup

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainText tells that a text has no markup, no entity and no character that is more than what it looks like.
func plainText(text string) bool {
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			if octets[text[i]]&commentOctet == 0 {
				return false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == unicode.ReplacementChar || !unicode.IsGraphic(r) || unicode.IsSpace(r) {
			return false
		}
		i += size
	}
	return true
}

// quick is CommentHTML for a text without markup, which most comments are: the same HTML without a tree and a policy run, as nothing but
// the tags written here is left unescaped. A test holds it to the long way.
func quick(text string) string {
	const start, end = `<p dir="auto">`, "</p>"
	escaped := html.EscapeString(text) // touches no white space
	var b strings.Builder
	b.Grow(len(escaped) + len(start+end)*(1+strings.Count(text, "\n")))
	open := false
	for line := range strings.SplitSeq(escaped, "\n") {
		filled := false
		for word := range strings.FieldsSeq(line) {
			switch {
			case filled:
				b.WriteByte(' ')
			case open:
				b.WriteString("<br/>")
			default:
				b.WriteString(start)
			}
			filled, open = true, true
			b.WriteString(word)
		}
		if open && !filled {
			b.WriteString(end)
			open = false
		}
	}
	if open {
		b.WriteString(end)
	}
	return b.String()
}
