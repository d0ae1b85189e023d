package markup

import (
	"strings"

	"golang.org/x/net/html"
)

// The content model. Everything that comes in is poured through flows; each flow fills one element of the new tree with blocks
// that its place allows. What was built is again what building it anew gives, so that saving twice changes nothing.

// maxDepth bounds how deep lists, quotations, figures and tables nest; deeper ones become paragraphs.
const maxDepth = 6

type role int

const (
	transparent role = iota
	fallback         // rp: brackets for browsers that know no ruby
	inline
	lineBreak
	picture
	player
	paragraph
	term // dt: a paragraph in bold
	heading
	list
	quote
	quoteFooter
	figure
	caption
	table
	preformatted
	rule
)

var roles = map[string]role{
	"strong": inline, "em": inline, "code": inline, "s": inline, "del": inline, "ins": inline, "sup": inline, "sub": inline,
	"cite": inline, "q": inline, "abbr": inline, "time": inline, "a": inline, "span": inline, "ruby": inline, "rt": inline, "rp": fallback,
	"br": lineBreak, "img": picture, "embed": player,
	"p": paragraph, "div": paragraph, "li": paragraph, "dd": paragraph, "caption": paragraph, "tr": paragraph, "td": paragraph,
	"th": paragraph, "dt": term, "h1": heading, "h2": heading, "h3": heading, "h4": heading, "h5": heading, "h6": heading,
	"ul": list, "ol": list, "blockquote": quote, "footer": quoteFooter, "figure": figure, "figcaption": caption, "table": table,
	"pre": preformatted, "hr": rule,
}

// place is where a flow stands; it decides what may.
type place int

const (
	root place = iota
	inQuote
	inItem
	inCell
	inFigure
	inGallery // a figure within a figure
	inLine    // a heading or caption: running text only
)

// flow fills one element.
type flow struct {
	into   *html.Node
	in     place
	depth  int
	reader bool // a reader's comment: few elements, line ends count
	spans  bool // plain spans stand for parts of the line: a footer, a card
	pre    bool // white space counts

	run     []leaf
	shape   shape  // what the paragraph around the run asks for
	outside bool   // the run stands in no paragraph
	parted  int    // how often a blank line parted it
	id      string // waits for the next block of the root
	strays  []leaf // pictures and players found in a line, to be put after it
	signed  []leaf // a quotation's footer
}

// shape is what a block takes from its source, and from what stood around it.
type shape struct{ class, lang, dir string }

// build makes a tree of src that keeps to the content model; its root's children are the blocks, with their ids.
func build(src string) *html.Node { return pour(src, &flow{into: element("body"), outside: true}) }

func pour(src string, f *flow) *html.Node {
	nodes := parse(src)
	if !f.reader && strings.Contains(src, "#") {
		adoptNotes(nodes)
	}
	for _, n := range nodes {
		f.node(n, nil)
	}
	f.flush()
	return f.into
}

// child is a flow for a new element within f.
func (f *flow) child(name string, in place) *flow {
	return &flow{into: element(name), in: in, depth: f.depth + 1, reader: f.reader}
}

func (f *flow) walk(n *html.Node, marks []*mark) {
	for c := range n.ChildNodes() {
		f.node(c, marks)
	}
}

func (f *flow) node(n *html.Node, marks []*mark) {
	if n.Type == html.TextNode {
		f.text(n.Data, marks)
		return
	}
	if n.Type != html.ElementNode {
		return
	}
	switch f.role(n) {
	case fallback:
		return
	case inline:
		f.walk(n, f.mark(n, marks))
		return
	case lineBreak:
		f.run = append(f.run, leaf{br: true, marks: marks})
		return
	case picture, player:
		f.show(leaf{node: n, marks: marks})
		return
	case paragraph:
		f.paragraph(n, marks)
	case term:
		f.paragraph(n, with(marks, &mark{name: "strong"}))
	case heading:
		f.heading(n, marks)
	case list:
		f.list(n, marks)
	case quote:
		f.quote(n, marks)
	case quoteFooter:
		f.footer(n, marks)
	case figure:
		f.figure(n, marks)
	case caption:
		f.caption(n, marks)
	case table:
		f.table(n, marks)
	case preformatted:
		f.preformatted(n, marks)
	case rule:
		f.flush()
		f.name(n)
		f.add(element("hr"))
	default:
		f.walk(n, marks)
		return
	}
	// An id that found no block must not pass to a neighbour.
	f.id = ""
}

// role is what n is at this place; what may not stand here becomes a paragraph of its text.
func (f *flow) role(n *html.Node) role {
	r := roles[n.Data]
	allowed := true
	switch r {
	case transparent, fallback, inline, lineBreak, paragraph:
		return r
	case picture, player:
		if f.reader {
			return transparent
		}
		return r
	case heading:
		if f.in != root && f.in != inLine {
			return term
		}
		allowed = f.in == root
	case list, preformatted:
		allowed = f.in != inLine && f.depth < maxDepth
	case quote:
		if f.reader && f.depth < maxDepth/2 {
			return r
		}
		allowed = f.in != inLine && f.depth < maxDepth
	case quoteFooter:
		allowed = f.in == inQuote
	case figure:
		allowed = f.in != inLine && f.in != inGallery && f.depth < maxDepth
	case caption:
		allowed = (f.in == inFigure || f.in == inGallery) && !has(f.into, "figcaption")
	case table:
		allowed = f.in != inLine && f.in != inCell && f.depth < maxDepth-1
	case rule:
		allowed = f.in == root || f.in == inQuote
	}
	if !allowed || f.reader {
		return paragraph
	}
	return r
}

// text adds words to the run. Where line ends count, they break the line; outside paragraphs a blank line parts them.
func (f *flow) text(s string, marks []*mark) {
	if f.reader && len(f.run) > 0 && f.run[len(f.run)-1].br {
		// "<br>" and a line end after it are one break.
		s = strings.TrimPrefix(s, "\n")
	}
	broken := f.reader || f.outside && !f.pre && f.in == root && strings.Contains(s, "\n")
	if !broken {
		f.run = append(f.run, leaf{text: s, marks: marks})
		return
	}
	for i, line := range strings.Split(s, "\n") {
		switch {
		case i == 0:
		case f.reader:
			f.run = append(f.run, leaf{br: true, marks: marks})
		case strings.TrimSpace(line) == "" && f.parted < maxTags/2:
			f.parted++
			f.run = append(f.run, leaf{br: true, marks: marks}, leaf{br: true, marks: marks})
		default:
			line = "\n" + line
		}
		if line != "" {
			f.run = append(f.run, leaf{text: line, marks: marks})
		}
	}
}

// flush makes paragraphs of the run.
func (f *flow) flush() {
	run := f.run
	f.run = nil
	for _, part := range paragraphs(run) {
		p := element("p")
		f.dress(p, f.shape)
		fill(p, part)
		tidyFile(p)
		f.add(p)
	}
}

// add puts a finished block into the element.
func (f *flow) add(n *html.Node) {
	if f.in == root && f.id != "" {
		set(n, "id", f.id)
		f.id = ""
	}
	f.into.AppendChild(n)
}

// name keeps the id of a source element for the block it becomes.
func (f *flow) name(n *html.Node) {
	if id := attr(n, "id"); f.in == root && strings.HasPrefix(id, idPrefix) && validID(id[len(idPrefix):]) {
		f.id = id
	}
}

// paragraph reads an element that parts text and may hold other blocks.
func (f *flow) paragraph(n *html.Node, marks []*mark) {
	if f.in == inLine {
		f.run = append(f.run, leaf{br: true, marks: marks})
		f.walk(n, marks)
		f.run = append(f.run, leaf{br: true, marks: marks})
		return
	}
	f.flush()
	f.name(n)
	shape, outside, spans := f.shape, f.outside, f.spans
	f.shape = f.shapeOf(n)
	// A div is a page's furniture: text in it may be as loose as outside.
	f.outside = outside && n.Data == "div"
	f.spans = n.Data == "p" && cards[f.shape.class]
	f.walk(n, f.styled(n, marks))
	f.flush()
	f.shape, f.outside, f.spans = shape, outside, spans
}

// line gathers the running text of n into el and returns what can't stand in it.
func (f *flow) line(el, n *html.Node, marks []*mark) (strays []leaf) {
	c := &flow{into: el, in: inLine, reader: f.reader}
	c.walk(n, marks)
	fill(el, lines(c.run))
	return c.strays
}

// finish puts el in place if it holds anything, and what didn't fit into it after it.
func (f *flow) finish(el *html.Node, strays []leaf) {
	if el.FirstChild != nil {
		f.add(el)
	}
	for _, s := range strays {
		f.show(s)
	}
}
