package markup

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Part is one block of a body as somebody who checks it looks at it.
type Part struct {
	ID      string
	Element string // "p", "h2", "figure"
	Class   string
	Words   int
	Letters int // of its plain text, in runes
	Links   []Link
	Shown   []Shown
	Files   []int64 // the attachments it links to
}

// Link is one link of a block. Text is what it says; of a linked picture, its description.
type Link struct{ Href, Text string }

// Shown is one picture of a block with the words that belong to it. Credit is the one in its own caption, or in the caption of the gallery
// around it.
type Shown struct {
	Media       int64
	Alt, Credit string
}

// Survey describes the blocks of a body, in their order.
func Survey(blocks []Block) []Part {
	out := make([]Part, len(blocks))
	for i, b := range blocks {
		text := Text(b.HTML)
		p := Part{ID: b.ID, Element: elementOf(b.HTML), Words: Words(b.HTML), Letters: len([]rune(text))}
		for _, top := range parse(b.HTML) {
			if top.Type == html.ElementNode && p.Class == "" {
				p.Class = attr(top, "class")
			}
			wrap := element("body")
			wrap.AppendChild(top)
			p.survey(wrap)
		}
		out[i] = p
	}
	return out
}

func (p *Part) survey(wrap *html.Node) {
	for d := range wrap.Descendants() {
		switch {
		case d.Type != html.ElementNode:
		case d.Data == "a" && mediaID(d) != 0:
			p.Files = append(p.Files, mediaID(d))
		case d.Data == "a":
			p.Links = append(p.Links, Link{Href: attr(d, "href"), Text: says(d)})
		case d.Data == "img":
			p.Shown = append(p.Shown, Shown{Media: mediaID(d), Alt: strings.TrimSpace(attr(d, "alt")), Credit: creditOf(d)})
		}
	}
}

// says is the text of a link, with the descriptions of its pictures.
func says(a *html.Node) string {
	text := textOf(a)
	for _, img := range images(a) {
		text += " " + attr(img, "alt")
	}
	return strings.TrimSpace(text)
}

// creditOf finds who made a picture, in the nearest figure that says so.
func creditOf(img *html.Node) string {
	for fig := img.Parent; fig != nil; fig = fig.Parent {
		if fig.Data != "figure" {
			continue
		}
		for c := range fig.ChildNodes() {
			if c.Data != "figcaption" {
				continue
			}
			for d := range c.Descendants() {
				if d.Data == "span" && slices.Contains(strings.Fields(attr(d, "class")), "credit") {
					return strings.TrimSpace(textOf(d))
				}
			}
		}
	}
	return ""
}
