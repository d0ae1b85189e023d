package markup

import (
	"math"
	"unicode"
	"unicode/utf8"
)

// How fast a text is read, a minute.
const (
	wordsAMinute      = 230.0
	charactersAMinute = 500.0
)

var characters = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul}

// Minutes is how long a piece of HTML takes to read, in whole minutes: its words at 230 a minute, what is written in Chinese, Japanese or Korean
// characters at 500 of them, five letters of scripts that don't part words as one word. Less than a minute is 0.
func Minutes(src string) int {
	words, signs, unparted := 0, 0, 0
	for t := range tokenwise(Text(src)) {
		r, _ := utf8.DecodeRuneInString(t)
		switch {
		case unicode.In(r, characters...):
			signs += utf8.RuneCountInString(t)
		case unicode.In(r, unparting...):
			unparted++
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			words++
		}
	}
	minutes := (float64(words)+float64(unparted)/5)/wordsAMinute + float64(signs)/charactersAMinute
	if minutes < 1 {
		return 0
	}
	return int(math.Round(minutes))
}
