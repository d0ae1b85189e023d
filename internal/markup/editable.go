package markup

import (
	"strings"

	"golang.org/x/net/html"
)

// Editable is what the textarea of the editor shows: a block after an empty line, its parts on lines of their own, quotes as they
// are typed, id="p-…" on each block that has an ID. Article reads it back into the same blocks.
func Editable(blocks []Block) string {
	var e editable
	for n := range build(withIDs(blocks)).ChildNodes() {
		if e.b.Len() > 0 {
			e.b.WriteString("\n\n")
		}
		e.block(n, "")
	}
	return e.b.String()
}

type editable struct{ b strings.Builder }

// stacked elements hold blocks only, so that line ends within them mean nothing.
func stacked(n *html.Node) bool {
	if n.FirstChild == nil {
		return false
	}
	switch n.Data {
	case "ul", "ol", "blockquote", "table", "thead", "tbody":
		return true
	case "figure":
		return true
	case "li":
		return n.FirstChild.Type == html.ElementNode && roles[n.FirstChild.Data] > player
	}
	return false
}

func (e *editable) block(n *html.Node, indent string) {
	e.b.WriteString(indent)
	if !stacked(n) {
		e.inline(n)
		return
	}
	e.open(n)
	for c := range n.ChildNodes() {
		e.b.WriteByte('\n')
		e.block(c, indent+"  ")
	}
	e.b.WriteString("\n" + indent + "</" + n.Data + ">")
}

func (e *editable) inline(n *html.Node) {
	if n.Type == html.TextNode {
		e.b.WriteString(typed.Replace(n.Data))
		return
	}
	e.open(n)
	switch n.Data {
	case "br", "hr", "img":
		return
	}
	for c := range n.ChildNodes() {
		e.inline(c)
	}
	e.b.WriteString("</" + n.Data + ">")
}

func (e *editable) open(n *html.Node) {
	e.b.WriteString("<" + n.Data)
	if id := attr(n, "id"); id != "" {
		e.b.WriteString(` id="` + id + `"`)
	}
	for _, a := range n.Attr {
		if a.Key != "id" {
			e.b.WriteString(" " + a.Key + `="` + typedAttr.Replace(a.Val) + `"`)
		}
	}
	e.b.WriteString(">")
}

var (
	typed     = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\u00A0", "&nbsp;")
	typedAttr = strings.NewReplacer("&", "&amp;", `"`, "&quot;", "\u00A0", "&nbsp;")
)
