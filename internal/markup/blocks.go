package markup

import (
	"strings"

	"golang.org/x/net/html"
)

func (f *flow) heading(n *html.Node, marks []*mark) {
	f.flush()
	f.name(n)
	h := element(map[string]string{"h1": "h2", "h2": "h2", "h3": "h3"}[n.Data])
	if h.Data == "" {
		h = element("h4")
	}
	f.dress(h, f.shapeOf(n))
	c := &flow{into: h, in: inLine}
	c.walk(n, marks)
	// A heading is bold anyway; word processors say so again.
	fill(h, lines(unmark(c.run, func(m *mark) bool { return m.name == "strong" })))
	f.finish(h, c.strays)
}

func (f *flow) preformatted(n *html.Node, marks []*mark) {
	f.flush()
	f.name(n)
	pre := element("pre")
	f.dress(pre, f.shapeOf(n))
	c := &flow{into: pre, in: inLine, pre: true}
	c.walk(n, marks)
	fill(pre, verbatim(c.run))
	f.finish(pre, c.strays)
}

func (f *flow) list(n *html.Node, marks []*mark) {
	f.flush()
	f.name(n)
	l := element(n.Data)
	f.dress(l, f.shapeOf(n))
	if start := attr(n, "start"); l.Data == "ol" && isCount(start) && len(start) <= 6 && start != "1" {
		set(l, "start", start)
	}
	for _, item := range items(n) {
		li := f.child("li", inItem)
		for _, c := range item {
			li.node(c, marks)
		}
		li.flush()
		bare(li.into)
		if li.into.FirstChild != nil {
			l.AppendChild(li.into)
		}
	}
	f.finish(l, nil)
}

// items groups the children of a list: each li's own, and what stands between them where it belongs. Many a list nests another
// directly within itself; that one goes with the item before.
func items(l *html.Node) [][]*html.Node {
	var groups [][]*html.Node
	for c := range l.ChildNodes() {
		switch {
		case c.Type == html.ElementNode && c.Data == "li":
			var group []*html.Node
			for g := range c.ChildNodes() {
				group = append(group, g)
			}
			groups = append(groups, group)
		case c.Type == html.TextNode && strings.IndexFunc(c.Data, visible) < 0:
		case len(groups) > 0 && c.Type == html.ElementNode && roles[c.Data] == list:
			groups[len(groups)-1] = append(groups[len(groups)-1], c)
		default:
			groups = append(groups, []*html.Node{c})
		}
	}
	return groups
}

// bare takes the paragraph off an item or cell that holds one only, or one before further lists: the same text written either
// way is then the same block.
func bare(el *html.Node) {
	p := el.FirstChild
	if p == nil || p.Data != "p" || len(p.Attr) > 0 {
		return
	}
	for s := p.NextSibling; s != nil; s = s.NextSibling {
		if s.Data != "ul" && s.Data != "ol" {
			return
		}
	}
	unwrap(p)
}

// unwrap puts the children of n in its place.
func unwrap(n *html.Node) {
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		n.Parent.InsertBefore(c, n)
	}
	n.Parent.RemoveChild(n)
}

func (f *flow) quote(n *html.Node, marks []*mark) {
	f.flush()
	f.name(n)
	q := f.child("blockquote", inQuote)
	f.dress(q.into, f.shapeOf(n))
	q.walk(n, marks)
	q.flush()
	q.sign()
	f.finish(q.into, q.strays)
}

// footer keeps who said it until the quotation ends: it stands last wherever it stood.
func (f *flow) footer(n *html.Node, marks []*mark) {
	f.flush()
	c := &flow{into: element("footer"), in: inLine, reader: f.reader, spans: true}
	c.walk(n, marks)
	f.signed = append(f.signed, leaf{br: true})
	f.signed = append(f.signed, c.run...)
	f.strays = append(f.strays, c.strays...)
}

// sign ends a quotation with its footer. A last paragraph that is nothing but a cite names the speaker, as WordPress writes it.
func (f *flow) sign() {
	last := f.into.LastChild
	footer := element("footer")
	fill(footer, lines(f.signed))
	switch signed := footer.FirstChild != nil; {
	case signed && last == nil:
		// A quotation of nothing: its footer is text like any other, and plain spans mean nothing there.
		p := element("p")
		fill(p, lines(unmark(f.signed, func(m *mark) bool { return m.name == "span" && len(m.attrs) == 0 })))
		f.finish(p, nil)
	case signed:
		f.finish(footer, nil)
	case last != nil && last != f.into.FirstChild && last.Data == "p" && len(last.Attr) == 0 &&
		last.FirstChild == last.LastChild && last.FirstChild.Data == "cite" && last.FirstChild.Type == html.ElementNode:
		last.Data, last.DataAtom = "footer", 0
	}
}

func (f *flow) table(n *html.Node, marks []*mark) {
	f.flush()
	f.name(n)
	t := element("table")
	f.dress(t, f.shapeOf(n))
	var strays []leaf
	shows := false
	for part := range n.ChildNodes() {
		switch {
		case part.Data == "caption" && !has(t, "caption"):
			c := element("caption")
			strays = append(strays, f.line(c, part, marks)...)
			if c.FirstChild != nil {
				t.InsertBefore(c, t.FirstChild)
			}
		case part.Data == "thead" || part.Data == "tbody":
			section := element(part.Data)
			shows = f.rows(section, part, marks) || shows
			if section.FirstChild != nil {
				t.AppendChild(section)
			}
		default:
			f.node(part, marks)
		}
	}
	if !shows {
		if c := t.FirstChild; c != nil && c.Data == "caption" {
			t.RemoveChild(c)
			c.Data, c.DataAtom = "p", 0
			f.add(c)
		}
		t = element("table")
	}
	f.flush()
	f.finish(t, strays)
}

// rows fills a part of a table and says whether any of its cells shows something.
func (f *flow) rows(section, src *html.Node, marks []*mark) (shows bool) {
	for r := range src.ChildNodes() {
		if r.Data != "tr" {
			continue
		}
		row := element("tr")
		for c := range r.ChildNodes() {
			if c.Type != html.ElementNode || c.Data != "td" && c.Data != "th" {
				continue
			}
			cell := f.child(c.Data, inCell)
			cell.walk(c, marks)
			cell.flush()
			bare(cell.into)
			f.dress(cell.into, shape{class: attr(c, "class"), lang: attr(c, "lang"), dir: attr(c, "dir")})
			span(cell.into, c)
			shows = shows || cell.into.FirstChild != nil
			row.AppendChild(cell.into)
		}
		if row.FirstChild != nil {
			section.AppendChild(row)
		}
	}
	return shows
}

func span(cell, src *html.Node) {
	if scope := attr(src, "scope"); cell.Data == "th" && scopes[scope] {
		set(cell, "scope", scope)
	}
	for _, key := range []string{"colspan", "rowspan"} {
		if v := attr(src, key); isCount(v) && len(v) <= 2 && v != "1" {
			set(cell, key, v)
		}
	}
}

func has(n *html.Node, name string) bool {
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode && c.Data == name {
			return true
		}
	}
	return false
}
