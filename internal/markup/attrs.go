package markup

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/idna"
)

// classes are the only ones kept, by element.
var classes = map[string][]string{
	"p":          {"embed", "file", "source"},
	"ol":         {"footnotes"},
	"blockquote": {"pull", "statement"},
	"figure":     {"table", "embed", "gallery", "missing", "file", "wide", "small"},
	"span":       {"credit", "role", "asked", "answered"},
	"th":         {"n"},
	"td":         {"n"},
}

// cards are paragraphs whose link is set in parts.
var cards = map[string]bool{"embed": true, "file": true}

// rels may stand in a link's rel, in this order.
var rels = []string{"author", "external", "license", "me", "nofollow", "noopener", "noreferrer", "sponsored", "ugc"}

var scopes = map[string]bool{"col": true, "row": true, "colgroup": true, "rowgroup": true}

const (
	langPattern = `[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,6}`
	timePattern = `[0-9TtZzPWDHMSY:+\-. ]{1,40}`
)

var (
	isLang  = regexp.MustCompile(`^` + langPattern + `$`).MatchString
	isTime  = regexp.MustCompile(`^` + timePattern + `$`).MatchString
	isCount = regexp.MustCompile(`^[1-9][0-9]{0,17}$`).MatchString
)

// choose picks the one class of an element that is known.
func choose(name, class string) string {
	for _, c := range strings.Fields(class) {
		if slices.Contains(classes[name], c) {
			return c
		}
	}
	return ""
}

// shapeOf is what n asks for its block; language and direction pass on from what stands around.
func (f *flow) shapeOf(n *html.Node) shape {
	s := shape{class: attr(n, "class"), lang: attr(n, "lang"), dir: strings.ToLower(attr(n, "dir"))}
	if n.Data == "p" {
		s.class = choose("p", s.class)
	}
	if s.lang == "" {
		s.lang = f.shape.lang
	}
	if s.dir == "" {
		s.dir = f.shape.dir
	}
	return s
}

// dress writes the attributes of s onto a new block.
func (f *flow) dress(el *html.Node, s shape) {
	if f.reader {
		return
	}
	c := choose(el.Data, s.class)
	if c == "source" && f.in != inFigure && f.in != inGallery {
		c = ""
	}
	if c != "" {
		set(el, "class", c)
	}
	spoken(el, s.lang, s.dir)
}

// spoken writes language and direction.
func spoken(el *html.Node, lang, dir string) {
	if isLang(lang) {
		set(el, "lang", lang)
	}
	if dir == "ltr" || dir == "rtl" || dir == "auto" {
		set(el, "dir", dir)
	}
}

// mark adds what the inline element n means to the marks around it.
func (f *flow) mark(n *html.Node, marks []*mark) []*mark {
	el := element(n.Data)
	switch n.Data {
	case "a":
		if id, ok := fileLink(n); ok && !f.reader {
			set(el, "data-media", id)
			break
		}
		href := link(attr(n, "href"))
		if href == "" || f.reader && !external(href) {
			return marks
		}
		set(el, "href", href)
		if rel := known(attr(n, "rel")); rel != "" && !f.reader {
			set(el, "rel", rel)
		}
		if hl := attr(n, "hreflang"); isLang(hl) && !f.reader {
			set(el, "hreflang", hl)
		}
	case "span":
		return f.span(n, marks)
	case "abbr":
		if title := strings.TrimSpace(fold(attr(n, "title"), true)); title != "" {
			set(el, "title", title)
		}
	case "time":
		if t := attr(n, "datetime"); isTime(t) {
			set(el, "datetime", t)
		}
	}
	if f.reader {
		if n.Data != "a" && n.Data != "em" && n.Data != "strong" && n.Data != "code" {
			return marks
		}
		return with(marks, &mark{n.Data, el.Attr})
	}
	spoken(el, attr(n, "lang"), strings.ToLower(attr(n, "dir")))
	return f.styled(n, with(marks, &mark{n.Data, el.Attr}))
}

// span keeps a span that says something: who made a picture, a language, a part of a footer or card.
func (f *flow) span(n *html.Node, marks []*mark) []*mark {
	if f.reader {
		return marks
	}
	el := element("span")
	if c := choose("span", attr(n, "class")); c != "" {
		set(el, "class", c)
	}
	spoken(el, attr(n, "lang"), strings.ToLower(attr(n, "dir")))
	if len(el.Attr) > 0 || f.spans && !marked(marks, "span") {
		marks = with(marks, &mark{"span", el.Attr})
	}
	return f.styled(n, marks)
}

// styled reads bold and italics that a word processor wrote as styles. A heading is bold anyway.
func (f *flow) styled(n *html.Node, marks []*mark) []*mark {
	style := attr(n, "style")
	if style == "" || f.in == inLine {
		return marks
	}
	switch styleValue(style, "font-weight") {
	case "bold", "600", "700", "800", "900":
		marks = with(marks, &mark{name: "strong"})
	}
	if styleValue(style, "font-style") == "italic" {
		marks = with(marks, &mark{name: "em"})
	}
	return marks
}

// known keeps the tokens of a rel that are allowed, each once, in one order.
func known(rel string) string {
	tokens := strings.Fields(strings.ToLower(rel))
	var kept []string
	for _, r := range rels {
		if slices.Contains(tokens, r) {
			kept = append(kept, r)
		}
	}
	return strings.Join(kept, " ")
}

func external(href string) bool { return href[0] != '/' && href[0] != '#' }

// link is the address that href means to a browser, if articles may link to it: http, https, mailto, a path from this site's
// root or a place on the page. It is "" for all others.
func link(href string) string {
	href = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return -1
		}
		return r
	}, strings.TrimSpace(clean(href)))
	href = strings.ReplaceAll(href, " ", "%20")
	if strings.HasPrefix(href, "//") {
		href = "https:" + href
	}
	u, err := url.Parse(href)
	if err != nil || strings.Contains(href, `\`) {
		return ""
	}
	u.User = nil
	switch u.Scheme {
	case "http", "https":
		host, err := asciiHost(u)
		if err != nil || u.Hostname() == "" {
			return ""
		}
		u.Host = host
	case "mailto":
		if u.Opaque == "" {
			return ""
		}
	case "":
		if u.Host != "" || href == "" || href[0] != '/' && href[0] != '#' {
			return ""
		}
	default:
		return ""
	}
	return u.String()
}

// hosts maps as browsers do, but keeps names that only registries forbid.
var hosts = idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.BidiRule())

func asciiHost(u *url.URL) (string, error) {
	if strings.IndexFunc(u.Host, func(r rune) bool { return r >= 0x80 }) < 0 {
		return u.Host, nil
	}
	h, err := hosts.ToASCII(u.Hostname())
	if err != nil {
		return "", err
	}
	if p := u.Port(); p != "" {
		h += ":" + p
	}
	return h, nil
}
