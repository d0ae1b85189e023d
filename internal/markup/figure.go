package markup

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// nameless stands where a picture was that has neither a description nor an address: a sign no language owns.
const nameless = "🖼"

func (f *flow) figure(n *html.Node, marks []*mark) {
	f.flush()
	f.name(n)
	in := inFigure
	if f.in == inFigure {
		in = inGallery
	}
	c := f.child("figure", in)
	c.shape.class = choose("figure", attr(n, "class"))
	c.walk(n, marks)
	c.flush()
	fig := c.into
	c.settle(f.shapeOf(n))
	if !isFigure(fig) {
		for p := fig.FirstChild; p != nil; p = fig.FirstChild {
			fig.RemoveChild(p)
			if p.Data == "figcaption" {
				p.Data, p.DataAtom = "p", 0
			}
			f.add(p)
		}
		return
	}
	f.finish(fig, nil)
}

// sizes are for a single picture.
var sizes = map[string]bool{"wide": true, "small": true}

// settle names the figure by what it came to hold.
func (f *flow) settle(s shape) {
	fig := f.into
	s.class = choose("figure", s.class)
	pictures := pictures(fig)
	if sizes[s.class] && (pictures != 1 || has(fig, "table") || has(fig, "figure")) {
		s.class = ""
	}
	switch {
	case s.class == "missing" && pictures > 0:
		s.class = ""
	case s.class != "":
	case has(fig, "table"):
		s.class = "table"
	case pictures > 1 || has(fig, "figure"):
		s.class = "gallery"
	case f.shape.class == "missing" && pictures == 0:
		s.class = "missing"
	}
	f.dress(fig, s)
}

// isFigure tells a figure from paragraphs that someone put into one.
func isFigure(fig *html.Node) bool {
	captioned, rest := has(fig, "figcaption"), 0
	for c := range fig.ChildNodes() {
		switch c.Data {
		case "figcaption", "p":
		case "pre", "blockquote", "ul", "ol":
			rest++
		default:
			return true
		}
	}
	lone := captioned && fig.FirstChild == fig.LastChild
	return fig.FirstChild != nil && !lone && (attr(fig, "class") != "" || captioned && rest > 0)
}

func pictures(n *html.Node) (count int) {
	for d := range n.Descendants() {
		if d.Data == "img" && d.Type == html.ElementNode {
			count++
		}
	}
	return count
}

func (f *flow) caption(n *html.Node, marks []*mark) {
	f.flush()
	c := element("figcaption")
	f.dress(c, shape{lang: attr(n, "lang"), dir: attr(n, "dir")})
	f.finish(c, f.line(c, n, marks))
}

// show puts a picture or a player in place. In running text it waits until the line has ended.
func (f *flow) show(l leaf) {
	if smiley(l.node) {
		f.run = append(f.run, leaf{text: attr(l.node, "alt"), marks: l.marks})
		return
	}
	if f.in == inLine {
		f.strays = append(f.strays, l)
		return
	}
	f.flush()
	if l.node.Data == "embed" {
		if p := card(attr(l.node, "src"), attr(l.node, "title")); p != nil {
			f.add(p)
		}
		return
	}
	if attr(l.node, "width") == "1" && attr(l.node, "height") == "1" {
		return // a tracker, not a picture
	}
	shown, missing := pictureOf(l)
	if f.in == inFigure || f.in == inGallery {
		if missing {
			f.shape.class = "missing"
		}
		f.add(shown)
		return
	}
	fig := element("figure")
	if missing {
		set(fig, "class", "missing")
	}
	fig.AppendChild(shown)
	f.add(fig)
}

// pictureOf makes the picture stored here under its id; of one from elsewhere, which is never loaded, a line that links to it.
func pictureOf(l leaf) (el *html.Node, missing bool) {
	if id := attr(l.node, "data-media"); isCount(id) {
		img := element("img")
		set(img, "data-media", id)
		set(img, "alt", strings.TrimSpace(fold(attr(l.node, "alt"), true)))
		return linked(l, img), false
	}
	src := link(attr(l.node, "src"))
	if lazy := link(attr(l.node, "data-src")); src == "" {
		src = lazy
	}
	words := textNode(firstVisible(attr(l.node, "alt"), fileName(src), src, nameless))
	p := element("p")
	if src == "" {
		p.AppendChild(linked(l, words))
		return p, true
	}
	a := element("a")
	set(a, "href", src)
	a.AppendChild(words)
	p.AppendChild(a)
	return p, true
}

// linked is n within the link that stood around l, if one did.
func linked(l leaf, n *html.Node) *html.Node {
	for _, m := range l.marks {
		if m.name == "a" {
			a := m.element()
			a.AppendChild(n)
			return a
		}
	}
	return n
}

// card is a static link in place of what would load something from elsewhere.
func card(src, title string) *html.Node {
	href := link(src)
	if href == "" || strings.HasPrefix(href, "#") {
		return nil
	}
	u, err := url.Parse(href)
	if err != nil {
		return nil
	}
	p, a := element("p"), element("a")
	set(p, "class", "embed")
	set(a, "href", href)
	p.AppendChild(a)
	strong := element("strong")
	strong.AppendChild(textNode(firstVisible(title, fileName(href), u.Host, href)))
	a.AppendChild(strong)
	if u.Host != "" {
		host := element("span")
		host.AppendChild(textNode(u.Host))
		a.AppendChild(textNode(" "))
		a.AppendChild(host)
	}
	return p
}

func firstVisible(candidates ...string) string {
	for _, c := range candidates {
		if c = strings.TrimSpace(fold(c, true)); strings.IndexFunc(c, visible) >= 0 {
			return c
		}
	}
	return nameless
}

// fileName is the last part of an address's path.
func fileName(href string) string {
	u, err := url.Parse(href)
	if err != nil || u.Path == "" || u.Path == "/" {
		return ""
	}
	return clean(path.Base(u.Path))
}

// smiley tells WordPress's pictures of faces, whose alt is the face itself.
func smiley(n *html.Node) bool {
	return n.Data == "img" && slices.ContainsFunc(strings.Fields(attr(n, "class")), func(c string) bool { return c == "wp-smiley" || c == "emoji" })
}
