package markup

import (
	"math"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/rangetable"
)

// How fast a text is read, a minute.
const (
	wordsAMinute      = 230.0
	charactersAMinute = 500.0
)

var characters = rangetable.Merge(unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)

// Length is how much there is to read in a piece of HTML. The zero value is nothing.
type Length struct {
	words, pieces int // tokens of letters or digits; pieces are those of them that are Han, kana or Hangul
	signs         int // letters in pieces
	unparted      int // letters of scripts that don't part words
}

// Measure measures a piece of HTML.
func Measure(src string) (l Length) {
	for rest := Text(src); rest != ""; {
		if octets[rest[0]]&wordOctet == 0 && rest[0] < utf8.RuneSelf && (len(rest) == 1 || rest[1] < utf8.RuneSelf) {
			rest = rest[1:] // a space or sign by itself, and most of them are
			continue
		}
		n := token(rest)
		s := rest[:n]
		rest = rest[n:]
		r, _ := utf8.DecodeRuneInString(s)
		switch {
		case r < utf8.RuneSelf:
			if inWord(r) {
				l.words++
			}
		case unicode.Is(unparting, r):
			l.unparted++
		case unicode.Is(characters, r):
			l.pieces++
			l.signs += utf8.RuneCountInString(s)
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			l.words++
		}
	}
	return l
}

// Words is the number of words. In scripts that don't part words each Han or kana character counts as one, and so do five letters of Thai, Lao,
// Khmer or Burmese.
func (l Length) Words() int { return l.words + l.pieces + (l.unparted+4)/5 }

// Minutes is how long it takes to read, in whole minutes: words at 230 a minute, what is written in Chinese, Japanese or Korean characters at
// 500 of them, five letters of scripts that don't part words as one word. Less than a minute is 0.
func (l Length) Minutes() int {
	minutes := (float64(l.words)+float64(l.unparted)/5)/wordsAMinute + float64(l.signs)/charactersAMinute
	if minutes < 1 {
		return 0
	}
	return int(math.Round(minutes))
}
