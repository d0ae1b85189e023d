package markup

import (
	"html"
	"strings"
	"unicode"
)

// plainText tells that a text has no markup, no entity and no character that is more than what it looks like.
func plainText(text string) bool {
	for _, r := range text {
		switch {
		case r == '<', r == '&', r == unicode.ReplacementChar:
			return false
		case r == ' ', r == '\n', r == '\t':
		case !unicode.IsGraphic(r) || unicode.IsSpace(r):
			return false
		}
	}
	return true
}

// quick is CommentHTML for a text without markup, which most comments are: the same HTML without a tree and a policy run, as nothing but
// the tags written here is left unescaped. A test holds it to the long way.
func quick(text string) string {
	var b strings.Builder
	open := false
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.Join(strings.Fields(line), " ")
		switch {
		case line == "" && open:
			b.WriteString("</p>")
			open = false
			continue
		case line == "":
			continue
		case open:
			b.WriteString("<br/>")
		default:
			b.WriteString(`<p dir="auto">`)
			open = true
		}
		b.WriteString(html.EscapeString(line))
	}
	if open {
		b.WriteString("</p>")
	}
	return b.String()
}
