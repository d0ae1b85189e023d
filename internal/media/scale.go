package media

import (
	"image"
	"image/draw"
	"math"
)

// scale draws the part of src at a size, through the Catmull-Rom filter. It holds but the rows that the filter sees at
// once: golang.org/x/image/draw keeps 32 bytes for each pixel of the part at the new width, hundreds of megabytes for a photograph.
func scale(src image.Image, part image.Rectangle, to image.Point) *image.RGBA {
	dst := image.NewRGBA(image.Rectangle{Max: to})
	if part.Size() == to {
		draw.Draw(dst, dst.Rect, src, part.Min, draw.Src)
		return dst
	}
	across, down := taps(part.Dx(), to.X), taps(part.Dy(), to.Y)
	rows := newRows(src, part, across)
	sum := make([]float32, 4*to.X)
	for y := range to.Y {
		clear(sum)
		for i, w := range down[y].weights {
			for x, v := range rows.at(down[y].from+i, len(down[y].weights)) {
				sum[x] += w * v
			}
		}
		settle(dst.Pix[y*dst.Stride:][:4*to.X], sum)
	}
	return dst
}

// tap is what one pixel of the result takes of a row or column of the source: the weights of pixels from one on.
type tap struct {
	from    int
	weights []float32
}

// taps are those of n pixels made of m.
func taps(m, n int) []tap {
	out, step := make([]tap, n), float64(m)/float64(n)
	wide := max(step, 1)
	for i := range out {
		center := (float64(i) + 0.5) * step
		from, to := max(0, int(math.Floor(center-2*wide))), min(m, int(math.Ceil(center+2*wide)))
		t, sum := tap{from: from, weights: make([]float32, to-from)}, 0.0
		for j := range t.weights {
			w := catmullRom((float64(from+j) + 0.5 - center) / wide)
			t.weights[j], sum = float32(w), sum+w
		}
		for j := range t.weights {
			t.weights[j] /= float32(sum)
		}
		out[i] = t
	}
	return out
}

func catmullRom(x float64) float64 {
	switch x = math.Abs(x); {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// settle rounds a row of sums to pixels. The filter swings beyond what there is; no colour may be lighter than its alpha lets it be.
func settle(pix []uint8, sum []float32) {
	for i := 0; i < len(pix); i += 4 {
		alpha := min(max(sum[i+3]+0.5, 0), 255)
		for c := range 3 {
			pix[i+c] = uint8(min(max(sum[i+c]+0.5, 0), alpha))
		}
		pix[i+3] = uint8(alpha)
	}
}

// rows gives the rows of a part of a picture at a new width, and keeps the last ones.
type rows struct {
	src    image.Image
	part   image.Rectangle
	across []tap
	line   *image.RGBA
	kept   map[int][]float32
	free   [][]float32
}

func newRows(src image.Image, part image.Rectangle, across []tap) *rows {
	return &rows{src: src, part: part, across: across, line: image.NewRGBA(image.Rect(0, 0, part.Dx(), 1)), kept: map[int][]float32{}}
}

// at is row y, of which the caller will not go back further than back.
func (r *rows) at(y, back int) []float32 {
	if row, ok := r.kept[y]; ok {
		return row
	}
	for old, row := range r.kept {
		if old < y-back {
			delete(r.kept, old)
			r.free = append(r.free, row)
		}
	}
	var row []float32
	if n := len(r.free); n > 0 {
		row, r.free = r.free[n-1], r.free[:n-1]
	} else {
		row = make([]float32, 4*len(r.across))
	}
	draw.Draw(r.line, r.line.Rect, r.src, image.Pt(r.part.Min.X, r.part.Min.Y+y), draw.Src)
	for x, t := range r.across {
		var red, green, blue, alpha float32
		pix := r.line.Pix[4*t.from:]
		for i, w := range t.weights {
			p := pix[4*i : 4*i+4 : 4*i+4]
			red += w * float32(p[0])
			green += w * float32(p[1])
			blue += w * float32(p[2])
			alpha += w * float32(p[3])
		}
		out := row[4*x : 4*x+4 : 4*x+4]
		out[0], out[1], out[2], out[3] = red, green, blue, alpha
	}
	r.kept[y] = row
	return row
}

// upright turns and mirrors a picture as its Exif orientation says.
func upright(m *image.RGBA, turn int) *image.RGBA {
	if turn == 1 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if turn >= 5 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			var sx, sy int
			switch turn {
			case 2:
				sx, sy = w-1-x, y
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sx, sy = x, h-1-y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, w-1-x
			case 7:
				sx, sy = h-1-y, w-1-x
			case 8:
				sx, sy = h-1-y, x
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], m.Pix[m.PixOffset(sx, sy):][:4])
		}
	}
	return out
}
