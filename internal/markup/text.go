package markup

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/rangetable"
)

// gap is what parts the next words from the last ones.
type gap int

const (
	none gap = iota
	space
	newline
	emptyLine
)

var gaps = [...]string{none: "", space: " ", newline: "\n", emptyLine: "\n\n"}

// plain writes words and the gaps between them.
type plain struct {
	b       strings.Builder
	pending gap
	started bool
	links   bool   // write where a link leads
	quote   string // before each line of a quotation
	pre     bool   // line ends count
}

func (p *plain) part(g gap) { p.pending = max(p.pending, g) }

func (p *plain) words(s string) {
	for len(s) > 0 {
		switch s[0] {
		case '\n':
			if p.pre {
				p.part(newline)
			}
			fallthrough
		case ' ', '\t', '\f', '\r':
			p.part(space)
			s = s[1:]
			continue
		}
		end := strings.IndexAny(s, " \n\t\f\r")
		if end < 0 {
			end = len(s)
		}
		if p.started {
			p.b.WriteString(strings.ReplaceAll(gaps[p.pending], "\n", "\n"+p.quote))
		} else {
			p.b.WriteString(p.quote)
		}
		p.started, p.pending = true, none
		p.b.WriteString(s[:end])
		s = s[end:]
	}
}

// Text is the plain text of a piece of HTML: its blocks parted by an empty line, the lines within a block by a line end, white
// space folded. A figure gives its caption, not its picture's description.
func Text(src string) string {
	if allCanonical(src) {
		return canonicalText(src)
	}
	return parsedText(src)
}

// parsedText is Text for all that may come in.
func parsedText(src string) string {
	var p plain
	for _, n := range parse(src) {
		p.node(n, emptyLine)
	}
	return p.b.String()
}

// textsOf is Text for each of a body's blocks, which are quicker read together than one by one.
func textsOf(blocks []string) []string {
	out := make([]string, len(blocks))
	nodes := parse(strings.Join(blocks, ""))
	together := len(nodes) == len(blocks)
	for i := 0; together && i < len(nodes); i++ {
		together = nodes[i].Type == html.ElementNode && nodes[i].Data == elementOf(blocks[i])
	}
	for i, b := range blocks {
		if !together {
			out[i] = Text(b)
			continue
		}
		var p plain
		p.node(nodes[i], emptyLine)
		out[i] = p.b.String()
	}
	return out
}

// node writes n; outer is the gap around a block at its level.
func (p *plain) node(n *html.Node, outer gap) {
	if n.Type == html.TextNode {
		p.words(n.Data)
		return
	}
	if n.Type != html.ElementNode {
		return
	}
	around, inner := none, outer
	switch roles[n.Data] {
	case fallback:
		return
	case lineBreak:
		p.part(newline)
	case paragraph, term, heading, list, quote, quoteFooter, figure, caption, table, preformatted, rule:
		around, inner = outer, newline
		if n.Data == "td" || n.Data == "th" {
			around = space
		}
	case inline:
		if (n.Data == "cite" || n.Data == "span") && n.Parent != nil && n.Parent.Data == "footer" {
			around = newline
		}
	}
	p.part(around)
	switch n.Data {
	case "rt":
		p.words("(")
		defer p.words(")")
	case "pre":
		p.pre = true
		defer func() { p.pre = false }()
	}
	if n.Data == "blockquote" && p.links {
		p.quoted(n)
	} else {
		for c := range n.ChildNodes() {
			p.node(c, inner)
		}
	}
	if href := attr(n, "href"); p.links && href != "" && strings.TrimSpace(textOf(n)) != href {
		p.words(" (" + href + ")")
	}
	p.part(around)
}

// quoted marks the lines of a quotation as mail does.
func (p *plain) quoted(n *html.Node) {
	before := p.quote
	if p.started {
		p.b.WriteString(strings.ReplaceAll(gaps[p.pending], "\n", "\n"+before))
	}
	p.started, p.pending = false, none
	p.quote += "> "
	for c := range n.ChildNodes() {
		p.node(c, emptyLine)
	}
	p.quote, p.started = before, true
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// Words counts the words of a piece of HTML, as Length.Words does.
func Words(src string) int { return Measure(src).Words() }

var (
	unparting   = rangetable.Merge(unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	byCharacter = rangetable.Merge(unparting, unicode.Han, unicode.Hiragana, unicode.Katakana)
)

// tokens cuts text into words, spaces and single signs, so that joining them gives it back. Words of scripts that don't part
// them are cut by character; nothing is cut before a combining mark or inside a joined emoji.
func tokens(s string) []string {
	return slices.Collect(tokenwise(s))
}

// tokenwise gives tokens one after the other.
func tokenwise(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for len(s) > 0 {
			n := token(s)
			if !yield(s[:n]) {
				return
			}
			s = s[n:]
		}
	}
}

// token is the length of the first token of s.
func token(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case unicode.IsSpace(r):
		for n < len(s) {
			next, size := utf8.DecodeRuneInString(s[n:])
			if !unicode.IsSpace(next) {
				break
			}
			n += size
		}
		return n
	case inWord(r):
		return word(s)
	default:
		return cluster(s)
	}
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return octets[r]&wordOctet != 0
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r)) && !unicode.Is(byCharacter, r)
}

// word is the length of the word at the start of s: letters and digits, with the signs that stand inside words and numbers.
func word(s string) int {
	n := 0
	var before rune
	for n < len(s) {
		if octets[s[n]]&wordOctet != 0 {
			for n++; n < len(s) && octets[s[n]]&wordOctet != 0; n++ {
			}
			before = rune(s[n-1])
			continue
		}
		r, size := utf8.DecodeRuneInString(s[n:])
		switch {
		case inWord(r) || unicode.IsMark(r):
		case inside(r, before, s[n+size:]):
		default:
			return n
		}
		before = r
		n += size
	}
	return n
}

// inside tells an apostrophe, hyphen or joiner between letters, and a point or comma between digits.
func inside(r, before rune, rest string) bool {
	after, _ := utf8.DecodeRuneInString(rest)
	switch r {
	case '\'', '’', '-', '\u2010', '\u2011', '\u00AD', '\u200C', '\u200D', '·':
		return inWord(after)
	case '.', ',', ':', '/':
		return unicode.IsDigit(before) && unicode.IsDigit(after)
	}
	return false
}

// cluster is the length of one sign with what belongs to it.
func cluster(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if regional(r) {
		if next, size := utf8.DecodeRuneInString(s[n:]); regional(next) {
			return n + size
		}
	}
	for n < len(s) && s[n] >= utf8.RuneSelf { // nothing that belongs to a sign is ASCII
		next, size := utf8.DecodeRuneInString(s[n:])
		switch {
		case next == '\u200D':
			_, joined := utf8.DecodeRuneInString(s[n+size:])
			n += size + joined
		case unicode.IsMark(next) || 0x1F3FB <= next && next <= 0x1F3FF:
			n += size
		default:
			return n
		}
	}
	return n
}

func regional(r rune) bool { return 0x1F1E6 <= r && r <= 0x1F1FF }

// MediaIDs lists the pictures that the blocks show and the files that they hand over, each once, in order.
func MediaIDs(blocks []Block) []int64 {
	var with []Block // parsing takes a hundred times as long as a look
	for _, b := range blocks {
		if namesMedia(b.HTML) {
			with = append(with, b)
		}
	}
	if len(with) == 0 {
		return nil
	}
	var ids []int64
	for _, n := range parse(Join(with)) {
		for d := range n.Descendants() {
			if id := mediaID(d); id != 0 && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// namesMedia tells whether html might have a data-media attribute.
func namesMedia(html string) bool {
	for {
		i := strings.IndexByte(html, '-')
		if i < 0 {
			return false
		}
		before, after := html[:i], html[i+1:]
		if len(before) >= 4 && len(after) >= 5 && strings.EqualFold(before[i-4:], "data") && strings.EqualFold(after[:5], "media") {
			return true
		}
		html = after
	}
}

func mediaID(n *html.Node) int64 {
	if n.Type != html.ElementNode || n.Data != "img" && n.Data != "a" {
		return 0
	}
	id, err := strconv.ParseInt(attr(n, "data-media"), 10, 64)
	if err != nil {
		return 0
	}
	return id
}
