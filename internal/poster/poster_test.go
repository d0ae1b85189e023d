package poster

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var red = color.RGBA{0xb1, 0x12, 0x1b, 0xff}

// made insists that in gives a picture of the right size and gives its pixels.
func made(t *testing.T, in In) image.Image {
	t.Helper()
	b, err := New().Make(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	im, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if im.Bounds().Dx() != Width || im.Bounds().Dy() != Height || len(b) > MaxBytes {
		t.Errorf("%dx%d, %d bytes; want %dx%d, at most %d", im.Bounds().Dx(), im.Bounds().Dy(), len(b), Width, Height, MaxBytes)
	}
	if dir := os.Getenv("STET_POSTERS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+".png"), b, 0o600); err != nil {
			t.Error(err)
		}
	}
	return im
}

// is compares a pixel with a colour.
func is(im image.Image, x, y int, want color.RGBA) bool {
	return color.RGBAModel.Convert(im.At(x, y)) == want
}

// inks counts the pixels of r in a colour.
func inks(im image.Image, r image.Rectangle, want color.RGBA) (n int) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if is(im, x, y, want) {
				n++
			}
		}
	}
	return n
}

func TestHeadline(t *testing.T) {
	t.Parallel()
	for name, headline := range map[string]string{
		"short":    "Lamp lit",
		"ordinary": "Who cut the cable? A harbour town asks, and the company answers in four letters",
		"quotes":   "“Nobody asked us”: the year-long wait for a ferry that was promised twice — and paid for",
		"accents":  "Łódź, Kraków, Şanlıurfa: où naît la forêt? Über Ärger, mañana y «siempre»",
		"long":     strings.Repeat("The council postponed the vote on the new bridge again ", 12),
		"one word": strings.Repeat("Donaudampfschiff", 20)[:300],
		"one line": strings.Repeat("i", 300),
		"turned":   "Abc \u202edef\u202c ghi\u2066 jkl\u2069\u200f",
		"hyphens":  "A state\u2011of\u2011the\u2011art plan\u00ad that\u202fisn\u02bct",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			im := made(t, In{Headline: headline, Site: "The Margin", Accent: red})
			if !is(im, 0, 0, paper) || !is(im, Width-1, Height-1, paper) || !is(im, lineAt+1, 0, red) || !is(im, lineAt+1, Height-1, red) {
				t.Error("no line on paper")
			}
			if n := inks(im, image.Rect(textAt-4, textTop-10, Width-70, textTop+textHigh+20), ink); n < 1000 {
				t.Errorf("%d pixels of the headline", n)
			}
			if n := inks(im, image.Rect(textAt, nameBase-nameSize, Width, nameBase+12), soft); n < 300 {
				t.Errorf("%d pixels of the name", n)
			}
			for _, edge := range []image.Rectangle{{image.Point{lineAt + lineWide, 0}, image.Point{textAt - 6, Height}}, {image.Point{Width - 70, 0}, image.Point{Width, Height}},
				{image.Point{textAt, textTop + textHigh + 8}, image.Point{Width, nameBase - nameSize - 29}}} {
				if n := inks(im, edge, paper); n != edge.Dx()*edge.Dy() {
					t.Errorf("something stands in %v", edge)
				}
			}
		})
	}
}

// TestNotCovered gives the site's own picture for what the typefaces lack.
func TestNotCovered(t *testing.T) {
	t.Parallel()
	for name, headline := range map[string]string{
		"arabic": "لم يقطع أحد خط التلغراف", "korean": "누가 전선을 끊었나", "chinese": "誰剪斷了電纜", "greek": "Ποιος έκοψε το καλώδιο", "russian": "Кто перерезал кабель",
		"emoji": "A lamp 💡 is lit", "family": "👨‍👩‍👧‍👦", "combining": "X\u0301\u0302\u0303 marks", "nothing": "", "bidi alone": "\u202e\u202c", "bytes": "\xff\xfe",
		"mathematical": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			im := made(t, In{Headline: headline, Site: "The Margin", Accent: red})
			if !is(im, 0, 0, red) || !is(im, lineAt+1, 8, red) {
				t.Error("not on the accent")
			}
			if n := inks(im, image.Rect(textAt, 100, Width-textAt, Height-100), paper); n < 5000 {
				t.Errorf("%d pixels of the name", n)
			}
		})
	}
	t.Run("neither", func(t *testing.T) {
		t.Parallel()
		if im := made(t, In{Headline: "누가", Site: "여백", Accent: red}); !is(im, lineAt+1, 8, paper) || !is(im, 0, 0, red) {
			t.Error("a name that isn't covered: want the line on the accent")
		}
	})
}

func TestLogo(t *testing.T) {
	t.Parallel()
	blue := color.RGBA{0x10, 0x20, 0xc0, 0xff}
	plain := image.NewRGBA(image.Rect(0, 0, 300, 100))
	noise := image.NewRGBA(image.Rect(0, 0, 800, 600))
	for i := range plain.Pix {
		plain.Pix[i] = []uint8{blue.R, blue.G, blue.B, blue.A}[i%4]
	}
	for i := range noise.Pix {
		noise.Pix[i] = uint8(rand.N(256))
	}
	give := func(im image.Image, err error) func(context.Context) (image.Image, error) {
		return func(context.Context) (image.Image, error) { return im, err }
	}
	im := made(t, In{Site: "The Margin", Accent: red, Logo: give(plain, nil)})
	if !is(im, Width/2, Height/2, blue) || !is(im, 0, 0, red) || !is(im, Width/2, Height/2-140, paper) {
		t.Error("no logo on paper on the accent")
	}
	for name, logo := range map[string]func(context.Context) (image.Image, error){
		"noise": give(noise, nil), "broken": give(nil, errors.New("broken")), "empty": give(image.NewRGBA(image.Rectangle{}), nil), "a hair": give(image.NewRGBA(image.Rect(0, 0, 1, 5000)), nil),
	} {
		if im := made(t, In{Site: "The Margin", Accent: red, Logo: logo}); !is(im, 0, 0, red) {
			t.Errorf("%s: not on the accent", name)
		}
	}
}

func TestMakerKeepsAFew(t *testing.T) {
	t.Parallel()
	m := New()
	asked := 0
	in := func(key string) In {
		return In{Site: "The Margin", Accent: red, LogoKey: key, Logo: func(context.Context) (image.Image, error) {
			asked++
			return nil, errors.New("none")
		}}
	}
	for _, key := range []string{"a", "a", "b", "a"} {
		if _, err := m.Make(t.Context(), in(key)); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 2 {
		t.Errorf("%d pictures were made, want 2", asked)
	}
	for i := range keep {
		m.put(strings.Repeat("x", i+1), nil)
	}
	if len(m.made) != keep || m.used.Len() != keep {
		t.Errorf("%d are kept, want %d", len(m.made), keep)
	}
	m.making <- struct{}{}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := m.Make(ended, in("c")); !errors.Is(err, context.Canceled) {
		t.Errorf("while another is made, with a context that ended: %v", err)
	}
}

func BenchmarkHeadline(b *testing.B) {
	for b.Loop() {
		if _, err := New().render(b.Context(), In{Headline: "Who cut the cable? A harbour town asks, and the company answers in four letters", Site: "The Margin", Accent: red}); err != nil {
			b.Fatal(err)
		}
	}
}
