package markup

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// Feed is the HTML of a body or notice for a feed, which is read away from this site: every address that begins with "/" or "#"
// goes through abs, pictures and files too. pic and file find them as Render does; nil, or a picture that is missing, leaves its alt
// text in its place, a file its title.
func Feed(src string, abs func(path string) string, pic func(mediaID int64) (Picture, bool), file func(mediaID int64) (File, bool)) string {
	tree := build(src)
	for n := range tree.ChildNodes() {
		drop(n, "id")
	}
	for _, img := range images(tree) {
		var p Picture
		ok := false
		if pic != nil {
			p, ok = pic(mediaID(img))
		}
		if !ok || p.Missing || p.Src == "" {
			Render{}.placeholder(img)
			continue
		}
		alt := attr(img, "alt")
		img.Attr = nil
		set(img, "src", absolute(p.Src, abs))
		if p.Width > 0 && p.Height > 0 {
			set(img, "width", strconv.Itoa(p.Width))
			set(img, "height", strconv.Itoa(p.Height))
		}
		set(img, "alt", alt)
	}
	files(tree, func(id int64) (f File, ok bool) {
		if file != nil {
			f, ok = file(id)
		}
		f.Href = absolute(f.Href, abs)
		return f, ok
	})
	for d := range tree.Descendants() {
		if d.Type != html.ElementNode || d.Data != "a" {
			continue
		}
		for i := range d.Attr {
			if d.Attr[i].Key == "href" {
				d.Attr[i].Val = absolute(d.Attr[i].Val, abs)
			}
		}
	}
	return shown.Sanitize(inner(tree))
}

func absolute(href string, abs func(string) string) string {
	if strings.HasPrefix(href, "/") || strings.HasPrefix(href, "#") {
		return abs(href)
	}
	return href
}
