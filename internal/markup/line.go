package markup

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes one line of a one-line field: white space and line ends within become single spaces, those around go. Spaces that
// typography needs (no-break, narrow, ideographic) stay. It takes out nothing else: ask BadLine afterwards.
func Line(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	spaced := false
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch r {
		case ' ', '\t', '\n', '\v', '\f', '\r', '\u0085', '\u2028', '\u2029':
			spaced = true
		default:
			if spaced {
				b.WriteByte(' ')
			}
			spaced = false
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return strings.TrimSpace(b.String())
}

// BadLine tells a line that can't be taken: it isn't UTF-8, holds control characters, or could turn the direction of the text
// around it (bidi embeddings, overrides and isolates). Joiners and direction marks, which many languages need, are fine.
func BadLine(s string) bool {
	return !utf8.ValidString(s) || strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
	}) >= 0
}

// Blank tells a line in which there is nothing to see: spaces, joiners, marks without a letter, and letters that are drawn as nothing.
func Blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.IsMark(r) && !strings.ContainsRune("\u115f\u1160\u2800\u3164\uffa0", r)
	})
}
