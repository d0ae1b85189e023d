package poster

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"

	"stet/web"
)

// typeface is a font whose faces are made in the sizes that are asked for. Only one goroutine uses it at a time.
type typeface struct {
	font  *sfnt.Font
	buf   sfnt.Buffer
	sizes map[int]font.Face
}

type faces struct{ serif, sans *typeface }

func readFaces() (*faces, error) {
	serif, err := readFace("cards/stet-serif-600.ttf")
	if err != nil {
		return nil, err
	}
	sans, err := readFace("cards/stet-sans-600.ttf")
	return &faces{serif, sans}, err
}

func readFace(name string) (*typeface, error) {
	b, err := web.FS.ReadFile(name)
	if err != nil {
		return nil, err
	}
	f, err := opentype.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return &typeface{font: f, sizes: map[int]font.Face{}}, nil
}

// at is the face in a size of pixels.
func (t *typeface) at(size int) (font.Face, error) {
	if f, ok := t.sizes[size]; ok {
		return f, nil
	}
	f, err := opentype.NewFace(t.font, &opentype.FaceOptions{Size: float64(size), DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, err
	}
	t.sizes[size] = f
	return f, nil
}

// covers reports whether the typeface has every character of text.
func (t *typeface) covers(text string) bool {
	for _, r := range text {
		if i, err := t.font.GlyphIndex(&t.buf, r); err != nil || i == 0 {
			return false
		}
	}
	return true
}

// alike are characters that look like, or are no wider than, one that the typefaces have.
var alike = strings.NewReplacer("\u2010", "-", "\u2011", "-", "\u2012", "–", "\u2015", "—", "\u02bc", "’", "\u2212", "–")

// tidy is text as it is drawn: composed, on one line, without what has no form of its own.
func tidy(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(text, "")))
	return strings.Join(strings.Fields(alike.Replace(text)), " ")
}

// setting is a text set in lines of one size.
type setting struct {
	face  font.Face
	size  int
	lines []string
}

// leading is the distance of two lines, of the size.
func leading(size int) int { return size * 114 / 100 }

// set breaks text into lines no wider than wide, in the largest of the sizes, which shrink, in which they take no more than high and no word
// has to be broken. In the smallest words are broken, and what still doesn't fit gives way to an ellipsis.
func (t *typeface) set(text string, sizes []int, wide, high int) (setting, error) {
	for i, size := range sizes {
		f, err := t.at(size)
		if err != nil {
			return setting{}, err
		}
		last := i == len(sizes)-1
		most := max(1, high/leading(size))
		lines, broken := wrap(f, text, wide)
		switch {
		case len(lines) <= most && (!broken || last):
			return setting{f, size, balance(f, text, wide, len(lines))}, nil
		case last:
			lines = lines[:most]
			lines[most-1] = clip(f, lines[most-1], wide)
			return setting{f, size, lines}, nil
		}
	}
	return setting{}, fmt.Errorf("no size to set text in")
}

func width(f font.Face, s string) int { return font.MeasureString(f, s).Ceil() }

// wrap breaks text greedily, and says whether it had to break a word.
func wrap(f font.Face, text string, wide int) (lines []string, broken bool) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		joined := word
		if line != "" {
			joined = line + " " + word
		}
		if width(f, joined) <= wide {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for width(f, word) > wide {
			n := fitting(f, word, fixed.I(wide))
			lines, word, broken = append(lines, word[:n]), word[n:], true
		}
		line = word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines, broken
}

// fitting is how many bytes of s fit into wide, one character at least. The typefaces have no combining marks, so that what they cover may
// be cut between any two characters.
func fitting(f font.Face, s string, wide fixed.Int26_6) int {
	var at fixed.Int26_6
	for i, r := range s {
		a, ok := f.GlyphAdvance(r)
		if at += a; ok && at > wide && i > 0 {
			return i
		}
	}
	return len(s)
}

// balance breaks text into no more lines than before, as even as they can be.
func balance(f font.Face, text string, wide, lines int) []string {
	low, high := wide/2, wide
	for high-low > 4 {
		middle := (low + high) / 2
		if got, broken := wrap(f, text, middle); len(got) > lines || broken {
			low = middle
		} else {
			high = middle
		}
	}
	out, _ := wrap(f, text, high)
	return out
}

// clip shortens a line until an ellipsis fits behind it.
func clip(f font.Face, line string, wide int) string {
	for runes := []rune(line); len(runes) > 0; runes = runes[:len(runes)-1] {
		if short := strings.TrimRight(string(runes), " ,.;:–—-") + "…"; width(f, short) <= wide {
			return short
		}
	}
	return "…"
}
