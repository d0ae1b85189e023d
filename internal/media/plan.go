package media

import (
	"fmt"
	"image"
	"math"
	"strconv"
)

// widths are those at which pictures are served, never wider than they are. A narrower picture also gets one at its own width.
var widths = []int{400, 800, 1280, 1920}

// cuts are the shapes that are made of each picture, with the widths that pages show them at.
var cuts = []struct {
	shape  Shape
	widths []int
}{
	{Wide, []int{400, 800, 1280}},
	{List, []int{400, 800, 1280}},
	{Square, []int{400, 800}},
	{Tall, []int{400, 800}},
	{Share, []int{1200}},
}

// leastCut is the narrowest cut that is made: what is smaller is shown whole.
const leastCut = 100

// extensions of the files, by type.
var extensions = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/avif": ".avif"}

// first is the variant that a picture of that size gets at once; its type is still to be said.
func first(size image.Point) Variant { return sized(size, targets(size.X, widths)[0]) }

// sized is a variant of the whole picture at a width.
func sized(size image.Point, w int) Variant {
	return Variant{Width: w, Height: max(1, int((int64(size.Y)*int64(w)+int64(size.X)/2)/int64(size.X)))}
}

// plan is every variant of a picture: of the whole one first, in the type that every browser shows and then in better ones, then of its cuts
// around the focal point. A name says all that the file is made of, so that an address never changes its content.
func plan(m Media, avif bool) []Variant {
	size, plain := image.Pt(m.Width, m.Height), "image/jpeg"
	if len(m.Variants) > 0 && m.Variants[0].MIME == "image/png" {
		plain = "image/png" // something shows through
	}
	types := []string{plain, "image/webp"}
	if avif {
		types = append(types, "image/avif")
	}
	var out []Variant
	for _, kind := range types {
		for _, w := range targets(size.X, widths) {
			out = append(out, sized(size, w).as(kind, strconv.Itoa(w)))
		}
	}
	for _, c := range cuts {
		part := c.shape.cut(size, m.FocalX, m.FocalY)
		if part.Dx() < leastCut || nearly(part.Size(), size) {
			continue
		}
		kinds := types
		if c.shape == Share { // other sites read the oldest formats
			kinds = types[:1]
		}
		for _, kind := range kinds {
			for _, w := range targets(part.Dx(), c.widths) {
				v := sized(part.Size(), w)
				v.Crop = c.shape
				out = append(out, v.as(kind, fmt.Sprintf("%d-%s-%d-%d", w, c.shape, hundredth(m.FocalX), hundredth(m.FocalY))))
			}
		}
	}
	return out
}

// as is the variant in a type, under its name.
func (v Variant) as(kind, stem string) Variant {
	v.MIME, v.Name = kind, stem+extensions[kind]
	return v
}

// targets are the widths for a picture of width w, smallest first. A width that is nearly the picture's own is left out: it would cost
// almost as much and save readers nothing.
func targets(w int, widths []int) []int {
	var out []int
	for _, t := range widths {
		if t > w*4/5 {
			return append(out, min(w, widths[len(widths)-1]))
		}
		out = append(out, t)
	}
	return out
}

// nearly reports that a cut takes next to nothing away.
func nearly(part, whole image.Point) bool {
	return part.X*part.Y >= whole.X*whole.Y*99/100
}

func hundredth(part float64) int { return int(math.Round(part * 100)) }

// ratio is width and height of a shape.
func (s Shape) ratio() (w, h int) {
	// The shapes are this room's own.
	_, _ = fmt.Sscanf(string(s), "%dx%d", &w, &h)
	return max(w, 1), max(h, 1)
}

// cut is the largest part of a picture that has the shape, with the focal point as near to its middle as may be.
func (s Shape) cut(size image.Point, focalX, focalY float64) image.Rectangle {
	w, h := s.ratio()
	part := image.Pt(size.X, max(1, (size.X*h+w/2)/w))
	if part.Y > size.Y {
		part = image.Pt(max(1, (size.Y*w+h/2)/h), size.Y)
	}
	place := func(focal float64, part, whole int) int {
		middle := float64(hundredth(focal)) / 100 * float64(whole)
		return max(0, min(whole-part, int(math.Round(middle-float64(part)/2))))
	}
	at := image.Pt(place(focalX, part.X, size.X), place(focalY, part.Y, size.Y))
	return image.Rectangle{Min: at, Max: at.Add(part)}
}

// reach is the size at which a picture is drawn once so that all that is wanted can be made of it.
func reach(wanted []Variant, size image.Point) image.Point {
	most := 0.0
	for _, v := range wanted {
		part := size
		if v.Crop != "" {
			part = v.Crop.cut(size, 0.5, 0.5).Size()
		}
		most = max(most, float64(v.Width)/float64(part.X), float64(v.Height)/float64(part.Y))
	}
	most = min(most, 1)
	return image.Pt(min(size.X, int(math.Ceil(most*float64(size.X)))), min(size.Y, int(math.Ceil(most*float64(size.Y)))))
}
