package site

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"stet/internal/article"
	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/page"
)

// pictures are the stored pictures of one page, read in one query.
type pictures map[int64]media.Media

// pictures reads what the ids name; 0 and ids that name nothing are left out.
func (v *visit) pictures(ids ...int64) (pictures, error) {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id int64) bool { return id == 0 })
	if len(ids) == 0 {
		return nil, nil
	}
	read := v.Media.LiveByIDs
	if v.draft && v.Drafts != nil {
		read = v.Drafts
	}
	found, err := read(v.ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read pictures: %w", err)
	}
	v.shows = append(v.shows, ids...)
	return found, nil
}

// tagPictures has the page made anew when one of its pictures is withheld, comes back or is cut otherwise.
func (v *visit) tagPictures(w http.ResponseWriter) {
	for _, id := range v.shows {
		page.Tags(w, "media:"+strconv.FormatInt(id, 10))
	}
}

// cardPictures reads the pictures of cards.
func (v *visit) cardPictures(cards ...[]article.Card) (pictures, error) {
	var ids []int64
	for _, list := range cards {
		for _, c := range list {
			ids = append(ids, c.ImageID)
		}
	}
	return v.pictures(ids...)
}

// spot is where a page draws a picture: in which shape, the zero one being the picture's own, and how wide.
type spot struct {
	shape media.Shape
	sizes string
}

// The spots of pictures.
var (
	atHead  = spot{"", "(min-width: 80rem) 61rem, (min-width: 64rem) calc(100vw - 17rem), 100vw"}
	atTop   = spot{media.Wide, "(min-width: 64rem) 42rem, 100vw"}
	inStory = spot{media.List, "(min-width: 64rem) 26rem, (min-width: 36rem) 50vw, 100vw"}
	inRow   = spot{media.List, "(min-width: 48rem) 12rem, 28vw"}
	ofFace  = spot{media.Tall, "8rem"}
)

// image is picture id as it is drawn there; nil where there is nothing to show.
func (ps pictures) image(id int64, alt string, at spot) *image {
	m, ok := ps[id]
	if !ok {
		return nil
	}
	p := m.Picture()
	if at.shape != "" {
		p = m.Crop(at.shape)
	}
	if p.Missing {
		return nil
	}
	im := &image{Src: p.Src, Srcset: p.SrcSet, Width: p.Width, Height: p.Height, Alt: alt}
	for _, s := range p.Sources {
		im.Sources = append(im.Sources, source{s.Type, s.Media, s.SrcSet, "", s.Width, s.Height})
	}
	im.size(at.sizes)
	return im
}

// Where a window is a phone's, and how wide a picture is drawn there.
const (
	onPhone    = "(width < 40rem)"
	sizesPhone = "100vw"
)

// lead is the picture at the head of an article: whole, cut closer on a phone where it is wide; one that is higher than wide is cut, lest
// it fill the page.
func (ps pictures) lead(id int64, alt string) *image {
	m, at := ps[id], atHead
	var phone media.Shape
	switch {
	case m.Height > m.Width:
		at.shape, phone = media.List, media.Tall
	case 2*m.Width > 3*m.Height:
		phone = media.List
	}
	im := ps.image(id, alt, at)
	if im == nil {
		return nil
	}
	im.First = true
	if p := m.Crop(phone); phone != "" && p.Src != im.Src && p.Src != m.Picture().Src {
		im.Sources = append(phoneSources(p), im.Sources...)
	}
	return im
}

// phoneSources are the files of another shape for phones, for every browser.
func phoneSources(p markup.Picture) []source {
	var out []source
	for _, s := range p.Sources {
		out = append(out, source{s.Type, onPhone, s.SrcSet, sizesPhone, s.Width, s.Height})
	}
	set := p.SrcSet
	if set == "" {
		set = p.Src + " " + strconv.Itoa(p.Width) + "w"
	}
	return append(out, source{"", onPhone, set, sizesPhone, p.Width, p.Height})
}

// size says how wide the picture is drawn.
func (im *image) size(sizes string) {
	if im.Srcset != "" {
		im.Sizes = sizes
	}
	for i := range im.Sources {
		im.Sources[i].Sizes = sizes
	}
}

// find gives a picture to package markup.
func (ps pictures) find(id int64) (markup.Picture, bool) {
	m, ok := ps[id]
	if !ok {
		return markup.Picture{}, false
	}
	return m.Picture(), true
}

// file gives an attachment to package markup.
func (ps pictures) file(id int64) (markup.File, bool) {
	f, ok := ps[id].File()
	if !ok {
		return markup.File{Note: page.T("file.missing")}, false
	}
	note := f.Word
	if f.Bytes > 0 {
		note = page.T("file.note", f.Word, page.Size(f.Bytes))
	}
	return markup.File{Href: f.URL, Type: f.MIME, Note: note, Audio: f.Audio}, true
}

// render shows stored markup with pictures and files.
func (v *visit) render(ps pictures) markup.Render {
	return markup.Render{Picture: ps.find, File: ps.file, Label: page.T("picture.missing"), Back: page.T("footnote.back"), Table: page.T("table")}
}

// renderNotice is render for row number of a record, whose footnotes share a page with those of others.
func (v *visit) renderNotice(ps pictures, number int) markup.Render {
	r := v.render(ps)
	r.Notes = "u" + strconv.Itoa(number) + "-"
	return r
}
