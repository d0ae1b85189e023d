package comment

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// spoken is a word of a text, from byte start to before end, and how it is looked up: in small letters without accents, full-width and
// half-width forms as the usual ones, without characters that nobody sees.
type spoken struct {
	start, end int
	folded     string
}

// wordsOf cuts a text into words. Letters and digits in a row are one, with the marks and invisible characters between them; a character of
// a script without spaces is one for itself, and so is a pictogram or the sign of a currency.
func wordsOf(text string) []spoken {
	c := cutter{words: make([]spoken, 0, len(text)/3+1), folded: make([]byte, 0, len(text)), ends: make([]int, 0, len(text)/3+1), start: -1}
	for i, r := range text {
		c.take(i, r)
	}
	c.end(len(text))
	all := string(c.folded)
	from := 0
	for i := range c.words {
		to := c.ends[i]
		c.words[i].folded = all[from:to]
		from = to
	}
	return c.words
}

// cutter goes through a text once. What it folds stands in one row of bytes, so that a text costs few allocations however many words it has.
type cutter struct {
	words  []spoken
	folded []byte
	ends   []int // in folded, by word

	start  int // of the word at hand, -1: none
	alone  bool
	marked bool // it has a mark that stays, which may have to be put together with its letter
}

func (c *cutter) take(i int, r rune) {
	g := glyphOf(r)
	if c.start >= 0 && g.kind != joins && (g.kind != inWord || c.alone) {
		c.end(i)
	}
	if c.start < 0 {
		if g.kind != inWord && g.kind != byItself {
			return
		}
		c.start, c.alone, c.marked = i, g.kind == byItself, false
	}
	c.marked = c.marked || g.kind == joins && g.folded != "" || jamo(r)
	if g.folded == "" && g.same {
		c.folded = utf8.AppendRune(c.folded, r)
		return
	}
	c.folded = append(c.folded, g.folded...)
}

func (c *cutter) end(at int) {
	if c.start < 0 {
		return
	}
	from := 0
	if len(c.ends) > 0 {
		from = c.ends[len(c.ends)-1]
	}
	if c.marked {
		c.folded = append(c.folded[:from], norm.NFC.Bytes(c.folded[from:])...)
	}
	c.words = append(c.words, spoken{start: c.start, end: at})
	c.ends = append(c.ends, len(c.folded))
	c.start = -1
}

// jamo tells the pieces of Korean syllables, which are put together where they stand alone.
func jamo(r rune) bool { return 0x1100 <= r && r <= 0x11ff }

// runeKind is what a character is to the words of a text.
type runeKind uint8

const (
	between  runeKind = iota // no part of any
	inWord                   // a part of one
	byItself                 // one for itself
	joins                    // belongs to the one before it
)

// glyph is a character as words are cut and looked up; with same it stands for itself.
type glyph struct {
	folded string
	kind   runeKind
	same   bool
}

// lowGlyphs are those of most alphabets, worked out once: looking each up in Unicode's tables would cost more than all the rest.
var lowGlyphs = sync.OnceValue(func() *[0x3000]glyph {
	all := new([0x3000]glyph)
	for r := range rune(len(all)) {
		all[r] = workOut(r)
	}
	return all
})

func glyphOf(r rune) glyph {
	switch {
	case r < 0x3000:
		return lowGlyphs()[r]
	case 0x4e00 <= r && r <= 0x9fff, 0x3041 <= r && r <= 0x3096, 0x30a1 <= r && r <= 0x30fa:
		return glyph{kind: byItself, same: true}
	case 0xac00 <= r && r <= 0xd7a3:
		return glyph{kind: inWord, same: true}
	}
	return workOut(r)
}

func workOut(r rune) glyph { return glyph{folded: foldRune(r), kind: kindOf(r)} }

var (
	spaceless = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Thai, unicode.Lao, unicode.Khmer,
		unicode.Myanmar, unicode.Tibetan}
	// longVowels belong to no script of their own and stand in Kana.
	longVowels = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0x30fc, Hi: 0x30fc, Stride: 1}, {Lo: 0xff70, Hi: 0xff70, Stride: 1}}}
)

func kindOf(r rune) runeKind {
	switch {
	case unicode.In(r, unicode.M, unicode.Cf):
		return joins
	case unicode.In(r, spaceless...) && (unicode.IsLetter(r) || unicode.IsNumber(r)), unicode.Is(longVowels, r):
		return byItself
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return inWord
	case unicode.In(r, unicode.So, unicode.Sc) || r > utf8.RuneSelf && unicode.Is(unicode.Sk, r):
		return byItself
	}
	return between
}

// folds are letters that Unicode doesn't take apart and people do.
var folds = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h", 'ς': "σ", 'ـ': ""}

// accents are the marks that stand on letters of alphabets. In other scripts a mark is a vowel, and another word.
var accents = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0300, Hi: 0x036f, Stride: 1}, {Lo: 0x0483, Hi: 0x0489, Stride: 1}, {Lo: 0x0591, Hi: 0x05c7, Stride: 1}, {Lo: 0x0610, Hi: 0x061a, Stride: 1},
	{Lo: 0x064b, Hi: 0x065f, Stride: 1}, {Lo: 0x0670, Hi: 0x0670, Stride: 1}, {Lo: 0x06d6, Hi: 0x06ed, Stride: 1}, {Lo: 0x1ab0, Hi: 0x1aff, Stride: 1},
	{Lo: 0x1dc0, Hi: 0x1dff, Stride: 1}, {Lo: 0x20d0, Hi: 0x20ff, Stride: 1}, {Lo: 0xfe00, Hi: 0xfe0f, Stride: 1}, {Lo: 0xfe20, Hi: 0xfe2f, Stride: 1},
}}

func foldRune(r rune) string {
	var folded []rune
	for _, part := range norm.NFKD.String(string(unicode.ToLower(r))) {
		part = unicode.ToLower(part)
		if unicode.Is(accents, part) || unicode.Is(unicode.Cf, part) {
			continue
		}
		if s, ok := folds[part]; ok {
			folded = append(folded, []rune(s)...)
			continue
		}
		folded = append(folded, part)
	}
	return norm.NFC.String(string(folded))
}
