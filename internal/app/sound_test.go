package app_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// sound checks what holds for every page that readers see.
type sound struct {
	origin string
	page   *html.Node
	wrong  []string
}

// unsound lists what is wrong with a page of the site at an origin, whatever it is about.
func unsound(origin, text string) []string {
	s := &sound{origin: origin, wrong: active(text)}
	s.parse(text)
	s.frame()
	s.headings()
	s.elements()
	s.head()
	return s.wrong
}

func (s *sound) parse(text string) {
	tree, err := html.Parse(strings.NewReader(text))
	if err != nil { // a reader of a string doesn't fail
		panic(err)
	}
	s.page = tree
}

func (s *sound) note(format string, args ...any) {
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

func (s *sound) all(selector string) []*html.Node {
	return cascadia.QueryAll(s.page, cascadia.MustCompile(selector))
}

// one gives an attribute of the only element that a selector finds; it notes where there isn't exactly one.
func (s *sound) one(selector, attr string) string {
	found := s.all(selector)
	if len(found) != 1 {
		s.note("%d of %s, want one", len(found), selector)
		return ""
	}
	return attrOf(found[0], attr)
}

func attrOf(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func textIn(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// frame looks at the language and the landmarks.
func (s *sound) frame() {
	if s.one("html[lang]", "lang") == "" {
		s.note("no language")
	}
	if dir := s.one("html", "dir"); dir != "ltr" && dir != "rtl" {
		s.note("direction %q", dir)
	}
	for _, landmark := range []string{"main#main", "body > header", "body > footer", `body > a.skip[href="#main"]`, "h1"} {
		s.one(landmark, "")
	}
	names := map[string]bool{}
	for _, nav := range s.all("nav") {
		name := attrOf(nav, "aria-label") + attrOf(nav, "aria-labelledby")
		if name == "" {
			s.note("a <nav> without a name")
		}
		names[name] = true
	}
	for _, part := range s.all("[lang]") {
		if attrOf(part, "lang") == "" {
			s.note("<%s> in no language", part.Data)
		}
	}
}

// headings go down one level at a time.
func (s *sound) headings() {
	before := 0
	for n := range s.page.Descendants() {
		if n.Type != html.ElementNode || len(n.Data) != 2 || n.Data[0] != 'h' || n.Data[1] < '1' || n.Data[1] > '6' {
			continue
		}
		level := int(n.Data[1] - '0')
		if level > before+1 && !(before == 0 && level <= 2) {
			s.note("heading %q of level %d after one of level %d", textIn(n), level, before)
		}
		if textIn(n) == "" {
			s.note("an empty <%s>", n.Data)
		}
		before = level
	}
}

// elements looks for ids that stand twice, pictures that move the text when they come, and what is loaded from elsewhere.
func (s *sound) elements() {
	ids := map[string]bool{}
	for n := range s.page.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attrOf(n, "id"); has(n, "id") {
			if id == "" || ids[id] || strings.ContainsAny(id, " \t\n") {
				s.note("the id %q is empty, twice or has blanks", id)
			}
			ids[id] = true
		}
		if n.DataAtom == atom.Img {
			for _, key := range []string{"src", "alt", "width", "height"} {
				if !has(n, key) {
					s.note("a picture without %s: %s", key, attrOf(n, "src"))
				}
			}
		}
		for _, from := range loads(n) {
			if !strings.HasPrefix(from, "/") || strings.HasPrefix(from, "//") {
				s.note("<%s> loads %s", n.Data, from)
			}
		}
	}
	for _, link := range s.all(`a[href^="#"]`) {
		if to := attrOf(link, "href")[1:]; to != "" && !ids[to] {
			s.note("a link leads to #%s, which isn't there", to)
		}
	}
	for _, ref := range []string{"aria-labelledby", "aria-describedby", "aria-controls", "for", "form"} {
		for _, n := range s.all("[" + ref + "]") {
			for id := range strings.FieldsSeq(attrOf(n, ref)) {
				if !ids[id] {
					s.note("<%s %s=%q>, which isn't there", n.Data, ref, id)
				}
			}
		}
	}
}

// loads are the addresses that a browser fetches for an element.
func loads(n *html.Node) []string {
	var out []string
	switch n.DataAtom {
	case atom.Img, atom.Source, atom.Script, atom.Audio, atom.Video, atom.Track, atom.Input:
		if has(n, "src") {
			out = append(out, attrOf(n, "src"))
		}
		for candidate := range strings.SplitSeq(attrOf(n, "srcset"), ",") {
			if fields := strings.Fields(candidate); len(fields) > 0 {
				out = append(out, fields[0])
			}
		}
	case atom.Link:
		if rel := attrOf(n, "rel"); rel == "stylesheet" || rel == "preload" || strings.Contains(rel, "icon") || rel == "prefetch" {
			out = append(out, attrOf(n, "href"))
		}
	}
	return out
}

// head looks at what a page says of itself to those who list it.
func (s *sound) head() {
	if titles := s.all("head > title"); len(titles) != 1 || textIn(titles[0]) == "" {
		s.note("no title, or several")
	}
	if said := s.one(`head > meta[name="description"]`, "content"); said == "" || len([]rune(said)) > 210 {
		s.note("description %q", said)
	}
	canonical := ""
	if links := s.all(`head > link[rel="canonical"]`); len(links) > 0 {
		canonical = s.one(`head > link[rel="canonical"]`, "href")
		s.own("canonical", canonical)
	}
	for _, rel := range []string{"prev", "next"} {
		for _, n := range s.all(`head > link[rel="` + rel + `"]`) {
			s.own(rel, attrOf(n, "href"))
		}
	}
	if canonical == "" || len(s.all(`head > meta[property="og:url"]`)) == 0 {
		return
	}
	for _, name := range []string{"og:type", "og:title", "og:site_name", "og:description"} {
		if s.one(`head > meta[property="`+name+`"]`, "content") == "" {
			s.note("%s says nothing", name)
		}
	}
	if at := s.one(`head > meta[property="og:url"]`, "content"); at != canonical {
		s.note("og:url is %s, the canonical address %s", at, canonical)
	}
	s.one(`head > meta[name="twitter:card"]`, "content")
	for _, n := range s.all(`head > meta[property="og:image"]`) {
		s.own("og:image", attrOf(n, "content"))
		if s.one(`head > meta[property="og:image:alt"]`, "content") == "" {
			s.note("the picture for other sites has no words")
		}
	}
}

// own insists that an address is an absolute one of this site.
func (s *sound) own(what, at string) {
	if u, err := url.Parse(at); err != nil || !strings.HasPrefix(at, s.origin+"/") || u.Fragment != "" {
		s.note("%s is %s", what, at)
	}
}

// references are the addresses of this site that a page at an address leads to or loads, without what browsers keep for themselves.
func references(at *url.URL, text string) []string {
	tree, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return nil
	}
	var out []string
	for n := range tree.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		all := loads(n)
		switch {
		case (n.DataAtom == atom.A || n.DataAtom == atom.Link) && has(n, "href"):
			all = append(all, attrOf(n, "href"))
		case n.DataAtom == atom.Meta && attrOf(n, "property") == "og:image":
			all = append(all, attrOf(n, "content"))
		}
		for _, to := range all {
			u, err := at.Parse(to)
			if err != nil || strings.HasPrefix(to, "#") || u.Host != at.Host || u.Scheme != at.Scheme {
				continue
			}
			if u.Fragment = ""; !slices.Contains(out, u.RequestURI()) {
				out = append(out, u.RequestURI())
			}
		}
	}
	return out
}

// dataIn are the pieces of structured data on a page.
func dataIn(text string) []string {
	tree, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return nil
	}
	var out []string
	for _, n := range cascadia.QueryAll(tree, cascadia.MustCompile(`script[type="application/ld+json"]`)) {
		out = append(out, textIn(n))
	}
	return out
}
