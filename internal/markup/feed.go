package markup

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// Feed is the HTML of a body or notice for a feed, which is read away from this site: every address that begins with "/" or "#"
// goes through abs, pictures and files too. pic and file find them as Render does; nil, or a picture that is missing, leaves its alt
// text in its place, a file its title. As in Render.Body, blocks in canonical form are passed on and those between them are made anew.
func Feed(blocks []Block, abs func(path string) string, pic func(mediaID int64) (Picture, bool), file func(mediaID int64) (File, bool)) string {
	anew := func(blocks []Block) string {
		if len(blocks) == 0 {
			return ""
		}
		return fed(Join(blocks), abs, pic, file)
	}
	var b strings.Builder
	left := 0 // the first of the blocks that are still to be written
	for i, bl := range blocks {
		whole, ok := away(bl.HTML, abs)
		if !ok {
			if strings.Contains(bl.HTML, "footnotes") {
				return anew(blocks)
			}
			continue
		}
		b.WriteString(anew(blocks[left:i]))
		b.WriteString(whole)
		left = i + 1
	}
	b.WriteString(anew(blocks[left:]))
	return b.String()
}

// away is a block in canonical form as it is read elsewhere. It is false where that isn't canonical.
func away(src string, abs func(path string) string) (string, bool) {
	if _, ok := canonical(src); !ok {
		return "", false
	}
	// What is written like this is an attribute: in a text there are no quotation marks.
	const here = ` href="/`
	if !strings.Contains(src, here) {
		return src, true
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(src, here)
		b.WriteString(before)
		if !found {
			break
		}
		path, rest, _ := strings.Cut(after, `"`)
		b.WriteString(` href="` + html.EscapeString(abs("/"+html.UnescapeString(path))) + `"`)
		src = rest
	}
	_, ok := canonical(b.String())
	return b.String(), ok
}

// fed is Feed for what isn't canonical.
func fed(src string, abs func(path string) string, pic func(mediaID int64) (Picture, bool), file func(mediaID int64) (File, bool)) string {
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
