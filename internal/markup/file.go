package markup

import (
	"strings"

	"golang.org/x/net/html"
)

// File is where an attachment stands now: a document to keep, or a sound to listen to.
type File struct {
	Href string // a path from this site's root
	Type string // its MIME type
	// Note is its kind and size for the eye, in the page's language; of a file that isn't there, that it isn't. It may be empty.
	Note string
	// Audio gives it a player besides.
	Audio bool
}

// fileLink is what an attachment's link is while it is stored: the number of a file in place of an address.
func fileLink(n *html.Node) (id string, ok bool) {
	id = attr(n, "data-media")
	return id, n.Data == "a" && isCount(id)
}

// tidyFile leaves of a paragraph that hands over a file what was written. Its note is made anew wherever it is shown.
func tidyFile(p *html.Node) {
	if p.Data != "p" || attr(p, "class") != "file" || len(fileLinks(p)) == 0 {
		return
	}
	for c := p.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.ElementNode && c.Data == "span" && len(c.Attr) == 0 {
			p.RemoveChild(c)
		}
		c = next
	}
	if last := p.LastChild; last != nil && last.Type == html.TextNode {
		last.Data = strings.TrimRight(last.Data, " ")
		if last.Data == "" {
			p.RemoveChild(last)
		}
	}
}

// fileLinks are the links to attachments below n.
func fileLinks(n *html.Node) []*html.Node {
	var found []*html.Node
	for d := range n.Descendants() {
		if _, ok := fileLink(d); ok && d.Type == html.ElementNode {
			found = append(found, d)
		}
	}
	return found
}

// files gives the links to attachments below n their addresses, and the paragraphs that hand one over its kind, size and player. What isn't
// there keeps its words, without a link.
func files(n *html.Node, find func(mediaID int64) (File, bool)) {
	for _, a := range fileLinks(n) {
		var f File
		ok := false
		if find != nil {
			f, ok = find(mediaID(a))
		}
		drop(a, "data-media")
		p := a.Parent
		if p.Data == "p" && attr(p, "class") == "file" {
			handOver(p, a, f, ok)
		}
		if !ok {
			unwrap(a)
			continue
		}
		set(a, "href", f.Href)
		set(a, "type", f.Type)
	}
}

// handOver writes after the link a what it leads to.
func handOver(p, a *html.Node, f File, ok bool) {
	after := a.NextSibling
	if f.Note != "" {
		note := element("span")
		note.AppendChild(textNode(f.Note))
		p.InsertBefore(textNode(" "), after)
		p.InsertBefore(note, after)
	}
	if !ok || !f.Audio {
		return
	}
	player := element("audio")
	set(player, "controls", "")
	set(player, "preload", "none")
	set(player, "src", f.Href)
	set(player, "aria-label", textOf(a))
	p.InsertBefore(textNode(" "), after)
	p.InsertBefore(player, after)
}
