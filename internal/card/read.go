package card

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"stet/internal/markup"
)

// page is what a page tells of itself, as lines of text. image is an absolute address.
type page struct{ title, text, author, site, image, alt, lang string }

// How many characters a line may have.
const (
	maxTitle = 200
	maxText  = 320
	maxName  = 100
	maxAlt   = 400
)

// maxData bounds a piece of structured data that is read.
const maxData = 256 << 10

// clues are what is found in a page, the first of each name.
type clues struct {
	said map[string]string
	lang string
	base *url.URL
}

// read finds the words in a page, or in its beginning. kind and set are what the server says of it.
func read(body []byte, kind, set string, at *url.URL) page {
	if set != "" {
		kind += "; charset=" + set
	}
	c := &clues{said: map[string]string{}, base: at}
	// An unknown encoding is read as it stands: its letters are what the page's readers would see too.
	r, err := charset.NewReader(bytes.NewReader(body), kind)
	if err != nil {
		r = bytes.NewReader(body)
	}
	c.scan(r)
	return c.page()
}

// scan goes through the page's tags. No tree is built: all that counts stands in single elements.
func (c *clues) scan(r io.Reader) {
	z := html.NewTokenizer(r)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			c.tag(z, z.Token())
		}
	}
}

func (c *clues) tag(z *html.Tokenizer, t html.Token) {
	a := make(map[string]string, len(t.Attr))
	for _, at := range t.Attr {
		if _, had := a[at.Key]; !had {
			a[at.Key] = at.Val
		}
	}
	switch t.DataAtom {
	case atom.Html:
		c.lang = cmp.Or(c.lang, a["lang"])
	case atom.Base:
		if to, err := c.base.Parse(a["href"]); err == nil && a["href"] != "" {
			c.base = to
		}
	case atom.Title:
		if z.Next() == html.TextToken {
			c.say("title", z.Token().Data)
		}
	case atom.Meta:
		c.say(strings.ToLower(cmp.Or(a["property"], a["name"])), a["content"])
	case atom.Link:
		if a["itemprop"] == "name" {
			c.say("itemprop:name", a["content"]) // a channel's name, on pages of films
		}
	case atom.Script:
		if strings.EqualFold(strings.TrimSpace(a["type"]), "application/ld+json") && z.Next() == html.TextToken {
			c.data(z.Token().Data)
		}
	}
}

func (c *clues) say(name, what string) {
	if strings.TrimSpace(what) != "" && name != "" && c.said[name] == "" {
		c.said[name] = what
	}
}

// data reads the first thing that structured data describes by a headline.
func (c *clues) data(text string) {
	var top any
	if len(text) > maxData || json.Unmarshal([]byte(text), &top) != nil {
		return
	}
	for _, thing := range things(top) {
		headline := word(thing["headline"])
		if headline == "" {
			continue
		}
		c.say("ld:title", headline)
		c.say("ld:text", word(thing["description"]))
		c.say("ld:author", word(thing["author"]))
		c.say("ld:site", word(thing["publisher"]))
		c.say("ld:image", word(thing["image"]))
		return
	}
}

// things are the objects of structured data, alone, in a list or in a graph.
func things(v any) []map[string]any {
	switch v := v.(type) {
	case map[string]any:
		out := []map[string]any{v}
		if graph, ok := v["@graph"].([]any); ok {
			out = append(out, things(graph)...)
		}
		return out
	case []any:
		var out []map[string]any
		for _, one := range v {
			if object, ok := one.(map[string]any); ok {
				out = append(out, object)
			}
		}
		return out
	}
	return nil
}

// word is a value as text: itself, its name or address, or the first of a list.
func word(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		return cmp.Or(text(v["name"]), text(v["url"]))
	case []any:
		if len(v) > 0 {
			if object, ok := v[0].(map[string]any); ok {
				return cmp.Or(text(object["name"]), text(object["url"]))
			}
			return text(v[0])
		}
	}
	return ""
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// first is the first of the named clues that isn't empty, as a line.
func (c *clues) first(long int, names ...string) string {
	for _, name := range names {
		if s := line(c.said[name], long); s != "" {
			return s
		}
	}
	return ""
}

func (c *clues) page() page {
	p := page{
		title: c.first(maxTitle, "og:title", "twitter:title", "ld:title", "title"),
		text:  c.first(maxText, "og:description", "twitter:description", "ld:text", "description"),
		site:  cmp.Or(c.first(maxName, "og:site_name", "ld:site", "application-name"), bareHost(c.base)),
		lang:  c.lang,
	}
	for _, name := range []string{"author", "article:author", "ld:author", "itemprop:name"} {
		if who := c.first(maxName, name); who != "" && who != p.site && who != p.title && !strings.Contains(who, "://") {
			p.author = who
			break
		}
	}
	if p.text == p.title {
		p.text = ""
	}
	for _, name := range []string{"og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "ld:image"} {
		if at, err := c.base.Parse(strings.TrimSpace(c.said[name])); err == nil && c.said[name] != "" {
			p.image, p.alt = at.String(), cmp.Or(c.first(maxAlt, "og:image:alt", "twitter:image:alt"), p.title)
			break
		}
	}
	return p
}

// line makes a line of at most long characters of what another site says: what could turn or break the text around it goes.
func line(s string, long int) string {
	s = strings.Map(func(r rune) rune {
		if one := string(r); markup.BadLine(one) && markup.Line(one) != "" {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	r := []rune(markup.Line(s))
	if len(r) <= long {
		return string(r)
	}
	short := string(r[:long-1])
	if i := strings.LastIndexByte(short, ' '); i > len(short)*3/4 {
		short = short[:i]
	}
	return strings.TrimRight(short, " ,;:.–—-") + "…"
}

// bareHost is a host as people call it.
func bareHost(u *url.URL) string { return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.") }
