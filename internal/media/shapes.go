package media

import (
	"slices"
	"strconv"
	"strings"

	"stet/internal/markup"
)

// Variant is one file that readers may get, at /media/KEY/NAME.
type Variant struct {
	Name   string `json:"name"`
	Width  int    `json:"width"` // 0 for what is no picture
	Height int    `json:"height"`
	MIME   string `json:"mime"`
	Bytes  int    `json:"bytes,omitempty"` // 0 where it was made before they were counted
	Crop   Shape  `json:"crop,omitempty"`  // "" for the whole picture
}

// Shape is the form that a picture is cut to around its focal point, as width "x" height.
type Shape string

// The shapes that pages show.
const (
	Wide   Shape = "16x9"    // the first story of a front
	List   Shape = "3x2"     // stories and lists
	Square Shape = "1x1"     // where pictures are small
	Tall   Shape = "4x5"     // portraits
	Share  Shape = "191x100" // what other sites show of a page
)

// States of media.
const (
	Making = "making" // a job is to make its other variants; what there is can be shown
	Ready  = "ready"
	Failed = "failed" // the job couldn't; what there is can be shown
)

// jpegRate is how many bytes a pixel of a photograph takes, about.
const jpegRate = 0.2

// Weight is how many bytes the variant has; where they weren't counted, about as many as a photograph of its size.
func (v Variant) Weight() int {
	if v.Bytes > 0 {
		return v.Bytes
	}
	return int(float64(v.Width) * float64(v.Height) * jpegRate)
}

// everywhere reports whether every browser shows the variant.
func (v Variant) everywhere() bool { return v.MIME == "image/jpeg" || v.MIME == "image/png" }

// URL is the address of one of its variants.
func (m Media) URL(v Variant) string { return "/media/" + m.Key + "/" + v.Name }

// plainWidth is the widest variant for those who know no srcset.
const plainWidth = 1280

// better are the types that a browser is offered before what each one shows, the best first.
var better = []string{"image/avif", "image/webp"}

// Picture is how the whole picture is shown now; Missing where there is nothing to show.
func (m Media) Picture() markup.Picture { return m.picture("") }

// Crop is how the picture is shown cut to a shape; the whole picture where that isn't made yet.
func (m Media) Crop(s Shape) markup.Picture {
	if !slices.ContainsFunc(m.Variants, func(v Variant) bool { return v.Crop == s && v.everywhere() }) {
		s = ""
	}
	return m.picture(s)
}

func (m Media) picture(s Shape) markup.Picture {
	plain := m.of(s, Variant.everywhere)
	if len(plain) == 0 || m.Width == 0 || m.WithheldAt != nil {
		return markup.Picture{Width: m.Width, Height: m.Height, Missing: true}
	}
	best := plain[0]
	for _, v := range plain {
		if v.Width <= plainWidth {
			best = v
		}
	}
	p := markup.Picture{Src: m.URL(best), Width: best.Width, Height: best.Height}
	if len(plain) > 1 {
		p.SrcSet = m.srcSet(plain)
	}
	for _, kind := range better {
		if files := m.of(s, func(v Variant) bool { return v.MIME == kind }); len(files) > 0 {
			p.Sources = append(p.Sources, markup.Source{Type: kind, SrcSet: m.srcSet(files), Width: best.Width, Height: best.Height})
		}
	}
	return p
}

// of lists the pictures of one shape that are wanted, smallest first.
func (m Media) of(s Shape, wanted func(Variant) bool) (out []Variant) {
	for _, v := range m.Variants {
		if v.Width > 0 && v.Crop == s && wanted(v) {
			out = append(out, v)
		}
	}
	return out
}

func (m Media) srcSet(files []Variant) string {
	set := make([]string, len(files))
	for i, v := range files {
		set[i] = m.URL(v) + " " + strconv.Itoa(v.Width) + "w"
	}
	return strings.Join(set, ", ")
}

// For is the whole picture in a format for every browser, as a screen of so many pixels across loads it: the smallest that fills it, else
// the largest. False: there is none.
func (m Media) For(width int) (Variant, bool) {
	files := m.of("", Variant.everywhere)
	for _, v := range files {
		if v.Width >= width {
			return v, true
		}
	}
	if len(files) == 0 || m.Width == 0 {
		return Variant{}, false
	}
	return files[len(files)-1], true
}
