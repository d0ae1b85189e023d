package markup

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// maxTags bounds the elements of one body. Beyond it tags are dropped and their text stays: no article comes near it, and a
// megabyte of "<p>" must not become a third of a million nodes.
const maxTags = 30_000

// tags says which tags reach the parser and under which name. All others are dropped, their text stays.
var tags = map[string]string{
	"b": "strong", "strong": "strong", "i": "em", "em": "em", "var": "em", "dfn": "em",
	"code": "code", "kbd": "code", "samp": "code", "tt": "code", "s": "s", "strike": "s", "del": "del", "ins": "ins",
	"sup": "sup", "sub": "sub", "cite": "cite", "q": "q", "abbr": "abbr", "acronym": "abbr", "time": "time",
	"a": "a", "span": "span", "ruby": "ruby", "rt": "rt", "rp": "rp", "br": "br", "img": "img", "image": "img",
	"p": "p", "h1": "h1", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h5", "h6": "h6", "hr": "hr",
	"ul": "ul", "menu": "ul", "dir": "ul", "ol": "ol", "li": "li", "dt": "dt", "dd": "dd",
	"blockquote": "blockquote", "footer": "footer", "figure": "figure", "figcaption": "figcaption",
	"pre": "pre", "listing": "pre", "xmp": "pre",
	"table": "table", "caption": "caption", "thead": "thead", "tbody": "tbody", "tfoot": "tbody", "tr": "tr", "th": "th", "td": "td",
	"div": "div", "section": "div", "article": "div", "main": "div", "header": "div", "aside": "div", "nav": "div", "address": "div",
	"center": "div", "form": "div", "fieldset": "div", "legend": "div", "details": "div", "summary": "div", "hgroup": "div",
	"dialog": "div", "search": "div", "dl": "div", "option": "div",
}

// formatting elements are opened again by the parser in every following paragraph until they are closed.
var formatting = map[string]bool{"strong": true, "em": true, "code": true, "s": true}

// muted elements hold no prose: their text goes with their tags.
var muted = map[string]bool{"script": true, "style": true, "title": true, "noscript": true, "iframe": true, "noembed": true, "noframes": true}

// players show something from elsewhere; they become a link to it.
var players = map[string]bool{"iframe": true, "embed": true, "object": true, "video": true, "audio": true, "source": true}

var keptAttrs = []string{
	"id", "class", "style", "lang", "dir", "href", "rel", "hreflang", "title", "datetime", "scope", "colspan", "rowspan", "start",
	"data-media", "alt", "src", "data-src", "width", "height",
}

// tame rewrites src so that the parser's work stays in proportion to it: known tags under their names here, known attributes,
// no formatting within itself (or the parser would open it again a million times), no controls, comments or foreign elements.
func tame(src string) string {
	t := tamer{open: map[string][]bool{}}
	z := html.NewTokenizer(strings.NewReader(clean(src)))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return t.out.String()
		case html.TextToken:
			if !t.mute {
				t.out.WriteString(html.EscapeString(clean(z.Token().Data)))
			}
			t.mute = false
		case html.StartTagToken, html.SelfClosingTagToken:
			t.start(z.Token())
		case html.EndTagToken:
			t.end(z.Token().Data)
		}
	}
}

type tamer struct {
	out    strings.Builder
	count  int
	mute   bool              // the next token is the text of a muted element
	open   map[string][]bool // formatting elements not closed yet, and whether their tag was written
	filled bool              // the player around has its link already
}

func (t *tamer) start(tok html.Token) {
	t.mute = muted[tok.Data]
	if players[tok.Data] {
		t.player(tok)
		return
	}
	name, ok := tags[tok.Data]
	if !ok || (t.count >= maxTags && name != "br") {
		return
	}
	switch {
	case formatting[name]:
		written := !slices.Contains(t.open[name], true) && !upright(tok)
		t.open[name] = append(t.open[name], written)
		if !written {
			return
		}
	case name == "td" || name == "th" || name == "caption":
		// The parser, too, starts afresh here: what was opened outside doesn't close inside.
		clear(t.open)
	}
	t.count++
	t.write(name, tok.Attr)
}

func (t *tamer) end(raw string) {
	t.mute = false
	if players[raw] {
		t.filled = false
		return
	}
	name, ok := tags[raw]
	if !ok {
		return
	}
	if formatting[name] {
		stack := t.open[name]
		if len(stack) > 0 {
			t.open[name] = stack[:len(stack)-1]
			if !stack[len(stack)-1] {
				return
			}
		}
	}
	if name == "td" || name == "th" || name == "caption" {
		clear(t.open)
	}
	t.out.WriteString("</" + name + ">")
}

// player writes a void element in place of what would load something; flow.go makes a link of it. A video with several sources is one.
func (t *tamer) player(tok html.Token) {
	inner := tok.Data == "source"
	if !inner {
		t.filled = false
	}
	if t.filled || t.count >= maxTags {
		return
	}
	src := tokenAttr(tok, "src")
	if tok.Data == "object" {
		src = tokenAttr(tok, "data")
	}
	if link(src) == "" {
		return
	}
	t.filled = inner || tok.Data == "video" || tok.Data == "audio"
	t.count++
	t.write("embed", []html.Attribute{{Key: "src", Val: src}, {Key: "title", Val: tokenAttr(tok, "title")}})
}

func (t *tamer) write(name string, attrs []html.Attribute) {
	t.out.WriteString("<" + name)
	for _, a := range attrs {
		if slices.Contains(keptAttrs, a.Key) {
			t.out.WriteString(" " + a.Key + `="` + html.EscapeString(clean(a.Val)) + `"`)
		}
	}
	t.out.WriteString(">")
}

// upright tells the wrapper that Google Docs puts around everything: bold in name, not in style.
func upright(tok html.Token) bool {
	style := tokenAttr(tok, "style")
	weight, slant := styleValue(style, "font-weight"), styleValue(style, "font-style")
	return tok.Data == "b" && (weight == "normal" || weight == "400") || tok.Data == "i" && slant == "normal"
}

func styleValue(style, property string) string {
	for decl := range strings.SplitSeq(style, ";") {
		if k, v, ok := strings.Cut(decl, ":"); ok && strings.EqualFold(strings.TrimSpace(k), property) {
			return strings.ToLower(strings.TrimSpace(v))
		}
	}
	return ""
}

func tokenAttr(tok html.Token, key string) string {
	for _, a := range tok.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// clean takes out control characters but line ends and tabs, and replaces what isn't UTF-8.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			if r == '\r' {
				return '\n'
			}
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD"))
}
