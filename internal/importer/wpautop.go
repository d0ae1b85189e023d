package importer

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// WordPress stores a body as it was typed and makes its paragraphs whenever a page is shown: a blank line parts paragraphs, a
// line's end is a line break, block elements stand as they are and preformatted text keeps its lines. These are the rules as
// documented, worked on the parsed tree, so that what comes out is always balanced where WordPress's own text-wise rules
// leave an open tag.

var blockTags = tags(`address article aside blockquote caption center col colgroup dd details dialog dir div dl dt fieldset
	figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main map menu nav ol p pre section summary table
	tbody td tfoot th thead tr ul`)

var (
	untouched = tags(`pre textarea script style svg math select object iframe video audio canvas`)
	// structural elements hold elements only: the white space between them means nothing.
	structural = tags(`ul ol dl dir menu table thead tbody tfoot tr colgroup map`)
	// phrasing elements can't hold a paragraph.
	phrasing = tags(`h1 h2 h3 h4 h5 h6 p dt caption legend summary figcaption`)
	// tight elements hold bare text where there is but one paragraph of it.
	tight = tags(`li td th dd figure`)
	empty = tags(`img hr input video audio iframe embed object svg canvas br`)
)

func tags(names string) map[atom.Atom]bool {
	m := map[atom.Atom]bool{}
	for _, n := range strings.Fields(names) {
		m[atom.Lookup([]byte(n))] = true
	}
	return m
}

var blankLine = regexp.MustCompile(`\n[ \t\f\x{a0}]*(?:\n[ \t\f\x{a0}]*)+`)

// layout makes paragraphs. Where classic is false the markup already has them (the block editor wrote it) and only an address
// alone on its line becomes a link.
type layout struct{ classic bool }

// flow lays out the children of n.
func (l layout) flow(n *html.Node) {
	if structural[n.DataAtom] {
		for c := range n.ChildNodes() {
			if c.Type == html.ElementNode && !untouched[c.DataAtom] {
				l.flow(c)
			}
		}
		return
	}
	var out, run []*html.Node
	blocks := 0
	paras := func() {
		out = append(out, l.run(run)...)
		run = nil
	}
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		switch {
		case c.Type == html.CommentNode:
		case c.Type == html.ElementNode && (blockTags[c.DataAtom] || untouched[c.DataAtom] && c.DataAtom != atom.Svg || holdsBlock(c)):
			paras()
			out = append(out, l.block(c)...)
			blocks++
		default:
			run = append(run, c)
		}
	}
	paras()
	l.fill(n, out, blocks)
}

// fill puts what was laid out back into n: as paragraphs, or bare where n has room for one line of thought only.
func (l layout) fill(n *html.Node, out []*html.Node, blocks int) {
	loose := 0
	for _, c := range out {
		if c.Type == html.DocumentNode {
			loose++
		}
	}
	wrap := n.Type == html.DocumentNode || l.classic && !phrasing[n.DataAtom] &&
		(n.DataAtom == atom.Blockquote || loose > 1 || blocks > 0 && !tight[n.DataAtom])
	var before *html.Node
	for _, c := range out {
		switch {
		case c.Type != html.DocumentNode:
			n.AppendChild(c)
		case wrap:
			p := &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P}
			move(p, c)
			n.AppendChild(p)
		default:
			if before != nil && before.Type == html.DocumentNode {
				n.AppendChild(lineBreak())
			}
			move(n, c)
		}
		before = c
	}
}

// block lays out a block element and returns what stands in its place: a p may hold several paragraphs.
func (l layout) block(c *html.Node) []*html.Node {
	switch {
	case untouched[c.DataAtom]:
		return []*html.Node{c}
	case c.DataAtom != atom.P || holdsBlock(c):
		l.flow(c)
		return []*html.Node{c}
	}
	var run, out []*html.Node
	for x := c.FirstChild; x != nil; x = c.FirstChild {
		c.RemoveChild(x)
		run = append(run, x)
	}
	for _, content := range l.run(run) {
		p := &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P, Attr: c.Attr}
		move(p, content)
		out = append(out, p)
	}
	return out
}

// run cuts inline nodes into paragraphs, each a document node; empty ones are dropped.
func (l layout) run(nodes []*html.Node) []*html.Node {
	cut := &cutter{classic: l.classic}
	cut.open()
	for _, n := range nodes {
		cut.add(n)
	}
	cut.close()
	for _, p := range cut.done {
		linkLines(p)
	}
	return cut.done
}

// cutter copies inline nodes into paragraphs. An element that spans a paragraph's end is opened anew in the next, as a
// browser would.
type cutter struct {
	classic bool
	done    []*html.Node
	para    *html.Node
	stack   []*html.Node // open elements of the current paragraph, outermost first
	typed   *html.Node   // the last line break that was an element and not a line's end
}

func (c *cutter) open() {
	c.para = &html.Node{Type: html.DocumentNode}
	at := c.para
	for i, n := range c.stack {
		again := shallow(n)
		again.Attr = slices.DeleteFunc(again.Attr, func(a html.Attribute) bool { return a.Key == "id" })
		at.AppendChild(again)
		c.stack[i], at = again, again
	}
}

func (c *cutter) close() {
	trim(c.para)
	if c.para.FirstChild != nil {
		c.done = append(c.done, c.para)
	}
}

func (c *cutter) top() *html.Node {
	if len(c.stack) > 0 {
		return c.stack[len(c.stack)-1]
	}
	return c.para
}

func (c *cutter) add(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		c.text(n.Data)
	case n.Type != html.ElementNode:
	case n.DataAtom == atom.Br:
		c.lineBreak(true)
	case untouched[n.DataAtom] || n.FirstChild == nil:
		c.top().AppendChild(n)
	default:
		opened := shallow(n)
		c.top().AppendChild(opened)
		c.stack = append(c.stack, opened)
		for x := n.FirstChild; x != nil; x = n.FirstChild {
			n.RemoveChild(x)
			c.add(x)
		}
		c.stack = c.stack[:len(c.stack)-1]
	}
}

func (c *cutter) text(s string) {
	if !c.classic {
		c.top().AppendChild(&html.Node{Type: html.TextNode, Data: s})
		return
	}
	for i, para := range blankLine.Split(s, -1) {
		if i > 0 {
			c.close()
			c.open()
		}
		for j, line := range strings.Split(para, "\n") {
			if j > 0 {
				c.lineBreak(false)
			}
			if line != "" {
				c.top().AppendChild(&html.Node{Type: html.TextNode, Data: line})
			}
		}
	}
}

// lineBreak ends a line. Two line breaks in a row that somebody typed as such part paragraphs; a line's end next to a line
// break adds nothing.
func (c *cutter) lineBreak(typed bool) {
	last := c.top().LastChild
	for last != nil && last.Type == html.TextNode && strings.TrimSpace(last.Data) == "" {
		last = last.PrevSibling
	}
	switch {
	case !c.classic || last == nil || last.DataAtom != atom.Br:
		last = lineBreak()
		c.top().AppendChild(last)
	case typed && last == c.typed:
		c.close()
		c.open()
	}
	if typed {
		c.typed = last
	}
}

func lineBreak() *html.Node { return &html.Node{Type: html.ElementNode, Data: "br", DataAtom: atom.Br} }

// trim takes white space and line breaks off both ends of n and drops elements left without content.
func trim(n *html.Node) {
	prune(n)
	blank := func(c *html.Node) bool {
		return c != nil && (c.DataAtom == atom.Br || c.Type == html.TextNode && strings.TrimSpace(c.Data) == "")
	}
	for blank(n.FirstChild) {
		n.RemoveChild(n.FirstChild)
	}
	for blank(n.LastChild) {
		n.RemoveChild(n.LastChild)
	}
	if c := n.FirstChild; c != nil && c.Type == html.TextNode {
		c.Data = strings.TrimLeft(c.Data, " \t\n\f")
	}
	if c := n.LastChild; c != nil && c.Type == html.TextNode {
		c.Data = strings.TrimRight(c.Data, " \t\n\f")
	}
}

func prune(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.ElementNode {
			if !untouched[c.DataAtom] {
				prune(c)
			}
			if c.FirstChild == nil && !empty[c.DataAtom] {
				n.RemoveChild(c)
			}
		}
		c = next
	}
}

var webURL = regexp.MustCompile(`^https?://[^\s<>"]+$`)

// linkLines makes a link of each address that stands alone on its line: WordPress shows what it leads to there.
func linkLines(p *html.Node) {
	for c := p.FirstChild; c != nil; c = c.NextSibling {
		alone := c.Type == html.TextNode && (c.PrevSibling == nil || c.PrevSibling.DataAtom == atom.Br) &&
			(c.NextSibling == nil || c.NextSibling.DataAtom == atom.Br)
		if !alone || !webURL.MatchString(strings.TrimSpace(c.Data)) {
			continue
		}
		a := link(strings.TrimSpace(c.Data))
		p.InsertBefore(a, c)
		p.RemoveChild(c)
		c = a
	}
}

func link(to string) *html.Node {
	a := &html.Node{Type: html.ElementNode, Data: "a", DataAtom: atom.A, Attr: []html.Attribute{{Key: "href", Val: to}}}
	a.AppendChild(&html.Node{Type: html.TextNode, Data: to})
	return a
}

func shallow(n *html.Node) *html.Node {
	return &html.Node{Type: n.Type, Data: n.Data, DataAtom: n.DataAtom, Namespace: n.Namespace, Attr: slices.Clone(n.Attr)}
}

func move(to, from *html.Node) {
	for c := from.FirstChild; c != nil; c = from.FirstChild {
		from.RemoveChild(c)
		to.AppendChild(c)
	}
}

func holdsBlock(n *html.Node) bool {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && (blockTags[c.DataAtom] || c.DataAtom == atom.Pre) {
			return true
		}
	}
	return false
}
