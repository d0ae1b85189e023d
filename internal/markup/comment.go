package markup

import (
	"strings"

	"golang.org/x/net/html"
)

const readerRel = "nofollow ugc noopener"

// comment makes a tree of a reader's text.
func comment(text string) *html.Node {
	tree := pour(literal(clean(text)), &flow{into: element("body"), reader: true})
	for d := range tree.Descendants() {
		switch d.Data {
		case "p", "blockquote":
			if d.Type == html.ElementNode {
				set(d, "dir", "auto")
			}
		case "a":
			if d.Type == html.ElementNode {
				set(d, "rel", readerRel)
			}
		}
	}
	return tree
}

// PlainComment is the plain text of a comment, for mail, feeds and the queue: quotations behind "> ", each link with the address
// it leads to.
func PlainComment(text string) string {
	p := plain{links: true}
	for n := range comment(text).ChildNodes() {
		p.node(n, emptyLine)
	}
	return p.b.String()
}

// literal escapes every "<" that begins no tag of HTML, so that "a <b" and "List<String>" keep all their words.
func literal(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "<")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if isTag(rest) {
			b.WriteByte('<')
		} else {
			b.WriteString("&lt;")
		}
		s = rest
	}
}

// isTag says whether rest, which follows a "<", goes on as a tag of an HTML element and ends before another begins.
func isTag(rest string) bool {
	end := strings.IndexAny(rest, "<>")
	if end < 0 || rest[end] != '>' {
		return false
	}
	name := strings.TrimPrefix(rest[:end], "/")
	if i := strings.IndexAny(name, " \t\n/"); i >= 0 {
		more := strings.Trim(name[i:], " \t\n/")
		if more != "" && !strings.Contains(more, "=") {
			return false // "a <b and c> d" compares; it isn't bold
		}
		name = name[:i]
	}
	name = strings.ToLower(name)
	_, known := tags[name]
	return known || muted[name] || players[name] || strings.Contains(otherTags, " "+name+" ")
}

// otherTags are elements of HTML whose tags go without a trace.
const otherTags = " applet area base basefont bdi bdo bgsound big blink body button canvas col colgroup data datalist font frame" +
	" frameset head html input keygen label link map mark marquee math meta meter nobr optgroup output param picture plaintext" +
	" progress rb rp rtc select slot small svg template textarea track u wbr "
