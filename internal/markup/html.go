package markup

import (
	"html/template"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// This is the one file of the project that makes template.HTML. Every value it makes left a policy in the same function, or a check that lets
// nothing by but what a policy would let out as it is.

// Picture is where a stored picture stands now.
type Picture struct {
	Src    string // a path from this site's root, or an http(s) address
	SrcSet string // candidates with widths: "/media/…/640.webp 640w, …"; may be empty
	Width  int    // of Src, in pixels
	Height int
	// Sources are better files of the same picture, the best first: a browser takes the first that it can show and else Src or SrcSet.
	Sources []Source
	// Missing says that the picture is known but can't be shown: withheld, or its bytes are lost.
	Missing bool
}

// Source is a set of files for browsers that know its type and whose window is as Media says.
type Source struct {
	Type   string // "image/webp"; may be empty
	Media  string // "(width < 40rem)"; empty for every window
	SrcSet string // as Picture.SrcSet; never empty
	Width  int    // of one of its files, for the shape: another window may get a picture cut otherwise
	Height int
}

// bodySizes tells browsers how wide a picture in a body is drawn.
const bodySizes = "(min-width: 40rem) 38rem, 100vw"

// Render turns stored blocks into what a page shows. The current policy runs again each time but on what it is known to leave as it is: a
// stricter one needs no rewriting of what is stored. The zero value shows no pictures, only their placeholders.
type Render struct {
	// Picture finds a picture by its id; false, like Picture.Missing, makes a visible placeholder with its alt text.
	Picture func(mediaID int64) (Picture, bool)
	// File finds an attachment by its id; false leaves its title without a link, with the note that the file comes with.
	File func(mediaID int64) (File, bool)
	// IDs writes id="p-…" on every block that has an ID.
	IDs bool
	// Label is what a placeholder says before the alt text, in the page's language; it may be empty.
	Label string
	// Back is what a footnote's way back to the text says; empty: footnotes are shown as they are stored. Notes stands before their ids where
	// several texts share a page: "" or "u3-".
	Back, Notes string
	// Table names a table that has no caption.
	Table string
}

// Body is the HTML of a body. Blocks in canonical form are passed on, those between them are made anew together. Footnotes are all made anew,
// since they are spread over many blocks.
func (r Render) Body(blocks []Block) template.HTML {
	size := 0
	for i := range blocks {
		size += len(blocks[i].HTML) + len(idAttr) + idLength + 1
	}
	var b strings.Builder
	b.Grow(size)
	left := 0 // the first of the blocks that are still to be written
	for i := range blocks {
		bl := &blocks[i]
		room, ok := canonical(bl.HTML)
		if !ok {
			if strings.Contains(bl.HTML, "footnotes") {
				return template.HTML(r.anew(blocks))
			}
			continue
		}
		b.WriteString(r.anew(blocks[left:i]))
		left = i + 1
		b.WriteString(bl.HTML[:room])
		if r.IDs && validID(bl.ID) {
			b.WriteString(idAttr + bl.ID + `"`)
		}
		b.WriteString(bl.HTML[room:])
	}
	b.WriteString(r.anew(blocks[left:]))
	return template.HTML(b.String())
}

// anew makes the HTML of stored blocks from the beginning.
func (r Render) anew(blocks []Block) string {
	if len(blocks) == 0 {
		return ""
	}
	if r.IDs {
		return r.made(withIDs(blocks))
	}
	return r.made(Join(blocks))
}

// HTML is Body for a notice, which is stored as one piece.
func (r Render) HTML(src string) template.HTML {
	if allCanonical(src) {
		return template.HTML(src)
	}
	return template.HTML(r.made(src))
}

// made takes src through the content model, gives it what it needs on a page and has the policy look at it last.
func (r Render) made(src string) string {
	tree := build(src)
	r.notes(tree)
	for n := range tree.ChildNodes() {
		if !r.IDs {
			drop(n, "id")
		}
	}
	r.pictures(tree)
	files(tree, r.File)
	r.frameTables(tree)
	return shown.Sanitize(inner(tree))
}

// CommentHTML is a reader's comment, stored as plain text, as HTML: line ends become breaks and paragraphs, and of the markup a
// reader may have written p, br, em, strong, code, blockquote and a are honoured. Addresses outside links stay text. A "<" that
// begins no element of HTML is a "<".
func CommentHTML(text string) template.HTML {
	if plainText(text) {
		return template.HTML(quick(text))
	}
	return template.HTML(reader.Sanitize(inner(comment(text))))
}

// inner renders the children of n.
func inner(n *html.Node) string {
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(render(c))
	}
	return b.String()
}

// pictures gives every picture below n its addresses and size, or puts a placeholder in its place.
func (r Render) pictures(n *html.Node) {
	for _, img := range images(n) {
		p, ok := Picture{Missing: true}, false
		if id := mediaID(img); r.Picture != nil && id != 0 {
			p, ok = r.Picture(id)
		}
		if !ok || p.Missing || p.Src == "" {
			r.placeholder(img)
			continue
		}
		alt := attr(img, "alt")
		img.Attr = nil
		set(img, "src", p.Src)
		if p.SrcSet != "" {
			set(img, "srcset", p.SrcSet)
			set(img, "sizes", bodySizes)
		}
		if p.Width > 0 && p.Height > 0 {
			set(img, "width", strconv.Itoa(p.Width))
			set(img, "height", strconv.Itoa(p.Height))
		}
		set(img, "alt", alt)
		set(img, "loading", "lazy")
		set(img, "decoding", "async")
		offer(img, p.Sources)
	}
}

// offer puts a picture behind its better files.
func offer(img *html.Node, sources []Source) {
	if len(sources) == 0 {
		return
	}
	picture := element("picture")
	img.Parent.InsertBefore(picture, img)
	img.Parent.RemoveChild(img)
	for _, s := range sources {
		source := element("source")
		for _, a := range []struct{ key, value string }{{"type", s.Type}, {"media", s.Media}, {"srcset", s.SrcSet}, {"sizes", bodySizes}} {
			if a.value != "" {
				set(source, a.key, a.value)
			}
		}
		if s.Width > 0 && s.Height > 0 {
			set(source, "width", strconv.Itoa(s.Width))
			set(source, "height", strconv.Itoa(s.Height))
		}
		picture.AppendChild(source)
	}
	picture.AppendChild(img)
}

// placeholder puts the words for a picture where it stood. They take the place of the link around it too, which led from the
// picture, not from them.
func (r Render) placeholder(img *html.Node) {
	p := element("p")
	words := firstVisible(strings.TrimSpace(r.Label+" "+attr(img, "alt")), nameless)
	p.AppendChild(textNode(words))
	at := img
	if at.Parent.Data == "a" {
		at = at.Parent
	}
	fig := at.Parent
	fig.InsertBefore(p, at)
	fig.RemoveChild(at)
	if fig.Data == "figure" && attr(fig, "class") == "" {
		set(fig, "class", "missing")
	}
}

func images(n *html.Node) []*html.Node {
	var found []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == "img" {
			found = append(found, d)
		}
	}
	return found
}

// frameTables lets wide tables scroll by themselves, also by keyboard.
func (r Render) frameTables(n *html.Node) {
	var tables []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == "table" {
			tables = append(tables, d)
		}
	}
	for _, t := range tables {
		frame := element("div")
		set(frame, "class", "scroll")
		set(frame, "tabindex", "0")
		name := tableName(t)
		if name == "" {
			name = r.Table
		}
		if name != "" {
			set(frame, "role", "region")
			set(frame, "aria-label", name)
		}
		if id := attr(t, "id"); id != "" {
			drop(t, "id")
			set(frame, "id", id)
		}
		t.Parent.InsertBefore(frame, t)
		t.Parent.RemoveChild(t)
		frame.AppendChild(t)
	}
}

// tableName is what stands over a table: its caption or its figure's.
func tableName(t *html.Node) string {
	for c := range t.ChildNodes() {
		if c.Data == "caption" {
			return textOf(c)
		}
	}
	if t.Parent.Data != "figure" {
		return ""
	}
	for c := range t.Parent.ChildNodes() {
		if c.Data == "figcaption" {
			return textOf(c)
		}
	}
	return ""
}
