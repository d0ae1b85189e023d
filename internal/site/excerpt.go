package site

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"stet/internal/markup"
)

// opening is the text of the first paragraph, which may stand below a heading; without one it is that of the first block.
func opening(blocks []markup.Block) string {
	for _, b := range blocks {
		if strings.HasPrefix(b.HTML, "<p>") {
			if text := markup.Text(b.HTML); text != "" {
				return text
			}
		}
	}
	return markup.Text(markup.Join(blocks[:min(len(blocks), 1)]))
}

// excerpt is the first paragraph of a text, at most limit characters of it, cut after a sentence, else after a word, and
// never within what readers take for one character. The wide characters of East Asia count double.
func excerpt(text string, limit int) string {
	text, _, _ = strings.Cut(text, "\n")
	width, end := 0, len(text)
	for i, r := range text {
		if width++; unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) {
			width++
		}
		if width > limit {
			end = boundary(text, i)
			break
		}
	}
	if end == len(text) {
		return text
	}
	cut := text[:end]
	for _, stop := range []string{". ", "? ", "! ", "。", "؟ "} {
		if i := strings.LastIndex(cut, stop); i > end/2 {
			return strings.TrimSpace(cut[:i+len(stop)])
		}
	}
	if i := strings.LastIndexByte(cut, ' '); i > end/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.–") + "…"
}

const (
	joiner = '\u200d'
	virama = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0c4d\u0ccd\u0d4d" // bind the consonants of India's scripts
)

// boundary is the last place up to end, in bytes, at which text can be cut without tearing a letter from its marks, a joined emoji or a flag.
func boundary(text string, end int) int {
	for end > 0 {
		before, size := utf8.DecodeLastRuneInString(text[:end])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if !belongs(after) && before != joiner && !strings.ContainsRune(virama, before) && !halfFlag(text[:end], after) {
			return end
		}
		end -= size
	}
	return 0
}

// belongs tells whether a character is part of the one before it.
func belongs(r rune) bool {
	switch {
	case unicode.Is(unicode.M, r), r == joiner, r == '\u200c', r == '\u0e33', r == '\u0eb3': // the last two are vowels of Thai and Lao
		return true
	case r >= 0x1160 && r <= 0x11ff: // vowels and endings of spelt-out Hangul
		return true
	}
	return r >= 0x1f3fb && r <= 0x1f3ff || r >= 0xe0020 && r <= 0xe007f // tones of skin, flags of regions
}

// halfFlag tells whether a flag, which is two letters, would be cut in two.
func halfFlag(before string, after rune) bool {
	letters := 0
	for flagLetter(after) {
		r, size := utf8.DecodeLastRuneInString(before)
		if !flagLetter(r) {
			break
		}
		letters++
		before = before[:len(before)-size]
	}
	return letters%2 == 1
}

func flagLetter(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }
