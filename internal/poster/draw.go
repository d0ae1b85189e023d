package poster

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
)

// The colours besides the accent.
var (
	paper = color.RGBA{0xff, 0xff, 0xff, 0xff}
	ink   = color.RGBA{0x12, 0x12, 0x12, 0xff}
	soft  = color.RGBA{0x5c, 0x59, 0x55, 0xff}
)

// steps is how many colours lie between two that meet where a letter ends.
const steps = 32

// The layout, in pixels: the red line that parts margin and matter, the text right of it, the site's name below.
const (
	lineAt, lineWide = 84, 4
	textAt           = 132
	textWide         = Width - textAt - 84
	textTop          = 84
	textHigh         = 390
	nameBase         = Height - 72
	nameSize         = 34
)

var (
	headlineSizes = []int{112, 100, 88, 80, 72, 64, 58, 52, 46, 40}
	nameSizes     = []int{nameSize, 30, 26, 22}
	titleSizes    = []int{148, 132, 116, 100, 88, 76, 64, 52, 44}
)

// sheet is a picture of few colours: a ground, and on it inks that are mixed with it where letters end.
type sheet struct{ *image.Paletted }

func newSheet(ground color.RGBA, inks ...color.RGBA) *sheet {
	colours := color.Palette{}
	for _, ink := range inks {
		for i := range steps {
			colours = append(colours, mixed(ground, ink, i))
		}
	}
	return &sheet{image.NewPaletted(image.Rect(0, 0, Width, Height), colours)}
}

// mixed goes from a at 0 to b at steps-1.
func mixed(a, b color.RGBA, i int) color.RGBA {
	mix := func(x, y uint8) uint8 { return uint8((int(x)*(steps-1-i) + int(y)*i) / (steps - 1)) }
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
}

// fill paints a rectangle with ink number n.
func (s *sheet) fill(r image.Rectangle, n int) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			s.SetColorIndex(x, y, uint8(n*steps+steps-1))
		}
	}
}

// write draws a line of text that begins at a point of its base line, in ink number n.
func (s *sheet) write(f font.Face, text string, at image.Point, n int) {
	m := f.Metrics()
	area := image.Rect(at.X-8, at.Y-m.Ascent.Ceil()-8, at.X+width(f, text)+8, at.Y+m.Descent.Ceil()+8).Intersect(s.Bounds())
	mask := image.NewAlpha(area)
	d := font.Drawer{Dst: mask, Src: image.Opaque, Face: f, Dot: fixed.P(at.X, at.Y)}
	d.DrawString(text)
	for py := area.Min.Y; py < area.Max.Y; py++ {
		for px := area.Min.X; px < area.Max.X; px++ {
			if a := int(mask.AlphaAt(px, py).A); a > 0 {
				s.SetColorIndex(px, py, uint8(n*steps+a*(steps-1)/0xff))
			}
		}
	}
}

// headline is a page's own picture.
func (f *faces) headline(text string, in In) (image.Image, error) {
	s := newSheet(paper, ink, in.Accent, soft)
	s.fill(image.Rect(lineAt, 0, lineAt+lineWide, Height), 1)
	set, err := f.serif.set(text, headlineSizes, textWide, textHigh)
	if err != nil {
		return nil, err
	}
	for i, line := range set.lines {
		s.write(set.face, line, image.Pt(textAt, textTop+set.size*78/100+i*leading(set.size)), 0)
	}
	name := tidy(in.Site)
	if !f.sans.covers(name) {
		return s, nil
	}
	below, err := f.sans.set(name, nameSizes, textWide, nameSize*2)
	if err != nil {
		return nil, err
	}
	s.fill(image.Rect(textAt, nameBase-nameSize-28, textAt+72, nameBase-nameSize-28+lineWide), 1)
	s.write(below.face, below.lines[0], image.Pt(textAt, nameBase), 2)
	return s, nil
}

// name is the site's own picture: its name on its colour, or the colour alone where the typefaces lack the name.
func (f *faces) name(name string, accent color.RGBA) (image.Image, error) {
	s := newSheet(accent, paper)
	if name == "" || !f.serif.covers(name) {
		s.fill(image.Rect(lineAt, 0, lineAt+lineWide, Height), 0)
		return s, nil
	}
	set, err := f.serif.set(name, titleSizes, Width-2*textAt, textHigh)
	if err != nil {
		return nil, err
	}
	top := (Height - len(set.lines)*leading(set.size)) / 2
	for i, line := range set.lines {
		s.write(set.face, line, image.Pt((Width-width(set.face, line))/2, top+set.size*84/100+i*leading(set.size)), 0)
	}
	return s, nil
}

// withLogo is the site's own picture where it has a logo, which stands on paper as it does on a page.
func withLogo(logo image.Image, accent color.RGBA) image.Image {
	const wide, high, air = 760, 300, 56
	out := image.NewRGBA(image.Rect(0, 0, Width, Height))
	draw.Draw(out, out.Bounds(), image.NewUniform(accent), image.Point{}, draw.Src)
	b := logo.Bounds()
	w, h := wide, wide*b.Dy()/b.Dx()
	if h > high {
		w, h = high*b.Dx()/b.Dy(), high
	}
	w, h = max(w, 1), max(h, 1)
	at := image.Rect((Width-w)/2, (Height-h)/2, (Width-w)/2+w, (Height-h)/2+h)
	draw.Draw(out, at.Inset(-air), image.NewUniform(paper), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(out, at, logo, b, draw.Over, nil)
	return out
}
