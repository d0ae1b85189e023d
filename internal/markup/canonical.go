package markup

import (
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A block in canonical form is one that every step from what is stored to what is shown leaves as it is: a paragraph, heading, list, quotation
// or rule of nothing but text, line breaks, plain marks and plain links, in the very bytes that those steps write. What reads it knows all that
// can come out, whatever the database holds, so it needs neither tree nor policy. A test holds the form to the long way and to the policy; what
// can't be told cheaply isn't in it.

// canonical tells whether html is one block in canonical form, and where its start tag has room for an id.
func canonical(html string) (room int, ok bool) {
	c := canon{src: html}
	if !utf8.ValidString(html) {
		return 0, false
	}
	room, ok = c.block()
	return room, ok && c.at == len(html)
}

// allCanonical tells whether html is nothing but blocks in canonical form.
func allCanonical(html string) bool {
	if !utf8.ValidString(html) {
		return false
	}
	for c := (canon{src: html}); c.at < len(html); {
		if _, ok := c.block(); !ok {
			return false
		}
	}
	return true
}

// canonicalText is Text for what is in canonical form.
func canonicalText(src string) string {
	var b strings.Builder
	b.Grow(len(src))
	pending, depth := none, 0
	for src != "" {
		words, rest, tagged := strings.Cut(src, "<")
		if words != "" {
			if b.Len() > 0 {
				b.WriteString(gaps[pending])
			}
			pending = none
			b.WriteString(html.UnescapeString(words))
		}
		if !tagged {
			break
		}
		tag, after, _ := strings.Cut(rest, ">")
		src = after
		around := newline
		switch name, _, _ := strings.Cut(tag, " "); name {
		case "br/":
		case "hr/":
			around = emptyLine
		case "p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "footer":
			if depth == 0 {
				around = emptyLine
			}
			depth++
		case "/p", "/h2", "/h3", "/h4", "/ul", "/ol", "/li", "/blockquote", "/footer":
			if depth--; depth == 0 {
				around = emptyLine
			}
		default:
			continue
		}
		pending = max(pending, around)
	}
	return b.String()
}

// marking is a set of inline elements.
type marking uint16

const (
	emMark marking = 1 << iota
	strongMark
	linkMark
	codeMark
	sMark
	delMark
	insMark
	supMark
	subMark
	citeMark
	qMark
	anyMark marking = 1<<iota - 1
)

func markingOf(name string) marking {
	switch name {
	case "em":
		return emMark
	case "strong":
		return strongMark
	case "a":
		return linkMark
	case "code":
		return codeMark
	case "s":
		return sMark
	case "del":
		return delMark
	case "ins":
		return insMark
	case "sup":
		return supMark
	case "sub":
		return subMark
	case "cite":
		return citeMark
	case "q":
		return qMark
	}
	return 0
}

// How deep canonical marks and lists nest.
const (
	canonMarks = 6
	canonLists = 3
)

// canon reads canonical form from valid UTF-8. Each of its methods goes on to the end of what it is named for, or is false.
type canon struct {
	src string
	at  int

	// Of the line that is being read:
	spaced bool    // a space here would be folded away: there is nothing before it but a space or a break
	broken bool    // a break stands before
	shows  bool    // there is something to see
	fresh  marking // opened since the last words
	shut   marking // closed since the last words
	depth  int
	open   [canonMarks]string
}

// skip goes beyond s if it stands here.
func (c *canon) skip(s string) bool {
	if !strings.HasPrefix(c.src[c.at:], s) {
		return false
	}
	c.at += len(s)
	return true
}

// tag goes beyond "<name" and gives the name.
func (c *canon) tag() string {
	if c.at >= len(c.src) || c.src[c.at] != '<' {
		return ""
	}
	from := c.at + 1
	for c.at = from; c.at < len(c.src) && (c.src[c.at] >= 'a' && c.src[c.at] <= 'z' || c.src[c.at] >= '0' && c.src[c.at] <= '9'); c.at++ {
	}
	return c.src[from:c.at]
}

// attr goes beyond an attribute if it stands here; key is written as in ` lang="`.
func (c *canon) attr(key string) (value string, stands bool) {
	rest, stands := strings.CutPrefix(c.src[c.at:], key)
	if !stands {
		return "", false
	}
	value, _, stands = strings.Cut(rest, `"`)
	if stands { // one without an end is left, and fits nothing
		c.at += len(key) + len(value) + 1
	}
	return value, stands
}

// spoken reads language and direction.
func (c *canon) spoken() bool {
	if lang, stands := c.attr(` lang="`); stands && !isLang(lang) {
		return false
	}
	dir, stands := c.attr(` dir="`)
	return !stands || dir == "ltr" || dir == "rtl" || dir == "auto"
}

// block reads a block of the root. room is where its start tag ends.
func (c *canon) block() (room int, ok bool) {
	name := c.tag()
	if name == "blockquote" {
		if class, stands := c.attr(` class="`); stands && !slices.Contains(classes[name], class) {
			return 0, false
		}
	}
	if name != "hr" && !c.spoken() {
		return 0, false
	}
	if name == "ol" {
		if start, stands := c.attr(` start="`); stands && (!isCount(start) || len(start) > 6 || start == "1") {
			return 0, false
		}
	}
	room = c.at
	switch name {
	case "p":
		ok = c.skip(">") && c.line(anyMark) && c.skip("</p>")
	case "h2":
		ok = c.skip(">") && c.line(anyMark&^strongMark) && c.skip("</h2>")
	case "h3":
		ok = c.skip(">") && c.line(anyMark&^strongMark) && c.skip("</h3>")
	case "h4":
		ok = c.skip(">") && c.line(anyMark&^strongMark) && c.skip("</h4>")
	case "ul":
		ok = c.skip(">") && c.items(1) && c.skip("</ul>")
	case "ol":
		ok = c.skip(">") && c.items(1) && c.skip("</ol>")
	case "blockquote":
		ok = c.skip(">") && c.quotation() && c.skip("</blockquote>")
	case "hr":
		ok = c.skip("/>")
	}
	return room, ok
}

// items reads what a list holds, down to the depth that is allowed.
func (c *canon) items(depth int) bool {
	some := false
	for c.skip("<li>") {
		some = true
		if !c.line(anyMark) {
			return false
		}
		if c.skip("<ul>") {
			if depth == canonLists || !c.items(depth+1) || !c.skip("</ul>") {
				return false
			}
		} else if c.skip("<ol>") {
			if depth == canonLists || !c.items(depth+1) || !c.skip("</ol>") {
				return false
			}
		}
		if !c.skip("</li>") {
			return false
		}
	}
	return some
}

// quotation reads what a quotation holds: paragraphs, then who said it. A cite may mean a footer there.
func (c *canon) quotation() bool {
	some := false
	for c.skip("<p>") {
		some = true
		if !c.line(anyMark&^citeMark) || !c.skip("</p>") {
			return false
		}
	}
	if c.skip("<footer>") {
		return some && c.line(anyMark&^citeMark) && c.skip("</footer>")
	}
	return some
}

// line reads running text with the marks that are allowed, up to a tag that isn't one of its.
func (c *canon) line(allowed marking) bool {
	c.spaced, c.broken, c.shows, c.fresh, c.shut, c.depth = true, false, false, 0, 0, 0
	for c.words() {
		from := c.at
		switch {
		case c.skip("<br/>"):
			if c.spaced || c.fresh != 0 {
				return false
			}
			c.spaced, c.broken = true, true
		case c.depth > 0 && c.skip("</"):
			if !c.close() {
				return false
			}
		default:
			m := markingOf(c.tag())
			if m == 0 {
				c.at = from
				return c.depth == 0 && !c.spaced && c.shows
			}
			if m&allowed == 0 || !c.begin(c.src[from+1:c.at], m) {
				return false
			}
		}
	}
	return false
}

// begin opens a mark. One that stood here before, with nothing but a break between, might be one with it.
func (c *canon) begin(name string, m marking) bool {
	if (c.shut|c.fresh)&m != 0 || c.depth == canonMarks || slices.Contains(c.open[:c.depth], name) {
		return false
	}
	if m == linkMark && !c.link() || !c.spoken() || !c.skip(">") {
		return false
	}
	c.open[c.depth] = name
	c.depth++
	c.fresh |= m
	return true
}

// close ends the innermost mark, which must hold words and not end in a break.
func (c *canon) close() bool {
	name := c.open[c.depth-1]
	m := markingOf(name)
	if !c.skip(name) || !c.skip(">") || c.fresh&m != 0 || c.broken {
		return false
	}
	c.depth--
	c.shut |= m
	return true
}

// link reads the attributes that only a link has.
func (c *canon) link() bool {
	href, stands := c.attr(` href="`)
	if !stands || !plainHref(href) {
		return false
	}
	if rel, stands := c.attr(` rel="`); stands {
		at := -1
		for token := range strings.SplitSeq(rel, " ") {
			i := slices.Index(rels, token)
			if i <= at {
				return false
			}
			at = i
		}
	}
	lang, stands := c.attr(` hreflang="`)
	return !stands || isLang(lang)
}

// plainHref tells an address as it is stored that means to browsers what it says: on the web, for mail or a path from this site's root, of a
// host's name and characters that are written in one way only.
func plainHref(href string) bool {
	rest := href
	for _, scheme := range [...]string{"https://", "http://", "mailto:"} {
		if after, ok := strings.CutPrefix(href, scheme); ok {
			rest = after
			break
		}
	}
	switch name := hostLength(rest); {
	case len(rest) == len(href):
		if rest == "" || rest[0] != '/' || len(rest) > 1 && rest[1] == '/' {
			return false
		}
	case name == 0:
		return false
	case href[0] == 'h':
		if rest = rest[name:]; rest != "" && rest[0] != '/' && rest[0] != '?' && rest[0] != '#' {
			return false
		}
	}
	return plainAddress(rest)
}

// hostLength is how much of s could be a host's name.
func hostLength(s string) int {
	n := 0
	for n < len(s) && octets[s[n]]&hostOctet != 0 {
		n++
	}
	return n
}

// plainAddress tells what may stand behind the host of an address, or be one without.
func plainAddress(rest string) bool {
	fragment := false
	for i := 0; i < len(rest); i++ {
		switch b := rest[i]; {
		case b == '#':
			if fragment || i == len(rest)-1 {
				return false
			}
			fragment = true
		case b == '%':
			if len(rest)-i < 3 || octets[rest[i+1]]&hexOctet == 0 || octets[rest[i+2]]&hexOctet == 0 {
				return false
			}
		case b == '&':
			if !strings.HasPrefix(rest[i:], "&amp;") {
				return false
			}
		case octets[b]&addressOctet == 0:
			return false
		}
	}
	return true
}

// What octets mean here.
const (
	textOctet    = 1 << iota // stands in text for itself
	foreignOctet             // is part of a character beyond ASCII that stands for itself
	hostOctet                // in a host's name
	addressOctet             // in an address, beyond the host
	hexOctet
	wordOctet    // a letter or digit
	commentOctet // in a comment without markup
)

// firstOfControls begins every control character beyond ASCII, and the first signs of Latin.
const firstOfControls = 0xc2

var octets = func() (kinds [256]uint8) {
	for b := range kinds {
		if r := rune(b); b < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsNumber(r)) {
			kinds[b] |= wordOctet
		}
		if b >= ' ' && b < 0x7f && b != '<' && b != '&' || b == '\n' || b == '\t' {
			kinds[b] |= commentOctet
		}
		switch {
		case b >= utf8.RuneSelf:
			if b != firstOfControls {
				kinds[b] |= foreignOctet
			}
		case b > ' ' && b != 0x7f && !strings.ContainsRune(`<>&"'`, rune(b)):
			kinds[b] |= textOctet
		}
	}
	for _, b := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") {
		kinds[b] |= hostOctet | addressOctet
	}
	for _, b := range []byte("/?=~_+,;:@!$()*") {
		kinds[b] |= addressOctet
	}
	for _, b := range []byte("0123456789abcdefABCDEF") {
		kinds[b] |= hexOctet
	}
	return kinds
}()

// words reads text up to the next tag. It is false at the end of everything, too: a line ends with a tag.
func (c *canon) words() bool {
	src, i, from := c.src, c.at, c.at
	spaced, plain := c.spaced, uint8(textOctet)
	if c.shows {
		plain |= foreignOctet // nobody needs to look at them any more
	}
	for i < len(src) {
		b := src[i]
		switch {
		case octets[b]&plain != 0:
			for i++; i < len(src) && octets[src[i]]&plain != 0; i++ {
			}
			spaced, c.shows, plain = false, true, textOctet|foreignOctet
			continue
		case b == ' ':
			if spaced {
				return false
			}
			spaced = true
			i++
			continue
		case b == '<':
			if c.at = i; i > from {
				c.spaced, c.broken, c.fresh, c.shut = spaced, false, 0, 0
			}
			return true
		case b == '&':
			n := entity(src[i:])
			if n == 0 {
				return false
			}
			i += n
			c.shows, plain = true, textOctet|foreignOctet
		case b < utf8.RuneSelf:
			return false
		default:
			r, size := utf8.DecodeRuneInString(src[i:])
			if unicode.IsControl(r) {
				return false
			}
			i += size
			if !c.shows && visible(r) {
				c.shows, plain = true, textOctet|foreignOctet
			}
		}
		spaced = false
	}
	return false
}

// entity is the length of the entity at the start of s, if it is one of those that are written.
func entity(s string) int {
	for _, e := range [...]string{"&#39;", "&#34;", "&amp;", "&lt;", "&gt;"} {
		if strings.HasPrefix(s, e) {
			return len(e)
		}
	}
	return 0
}
