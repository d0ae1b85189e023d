package importer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	// maxSource is the largest body that is laid out at all: twice what an article may have, since its block comments go.
	maxSource = 2 << 20
	// maxMarks is how many tags and lines it may have: each becomes a node that weighs a hundred times its letters.
	maxMarks = 100_000
)

var (
	errTooLong  = fmt.Errorf("its text is larger than can be taken (%d KB)", maxSource>>10)
	errTooDense = fmt.Errorf("its text has more tags and lines than can be taken (%d)", maxMarks)
)

// body turns what WordPress stored into the HTML it would have shown.
type body struct {
	item   *Item
	survey *Survey
	stored Stored
	notes  []string
}

// Stored tells a body where its pictures are now. A picture is named by its address and, where the body says so, by the id of
// its attachment; 0 is the answer for one that isn't stored here.
type Stored func(address string, attachment int64) (media int64)

// Body returns the item's body as balanced HTML, not yet sanitised, with paragraphs made and shortcodes and block comments
// resolved. Pictures that are stored here bear their id in data-media, and links into the site begin at its root. Notes say
// what a person should look at: what was left as text or shown as a link.
func (s *Survey) Body(it *Item, stored Stored) (content string, notes []string, err error) {
	if len(it.Body) > maxSource {
		return "", nil, errTooLong
	}
	b := &body{item: it, survey: s, stored: stored}
	var parts []string
	for _, seg := range b.segments(strings.ReplaceAll(it.Body, "\r\n", "\n")) {
		text, err := b.layOut(seg)
		if err != nil {
			return "", nil, err
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "\n"), b.notes, nil
}

func (b *body) note(text string) {
	if !slices.Contains(b.notes, text) {
		b.notes = append(b.notes, text)
	}
}

// segment is a stretch of a body that one editor wrote.
type segment struct {
	text    string
	classic bool // paragraphs are still to be made
}

var (
	blockComment = regexp.MustCompile(`(?s)<!--\s+(/?)wp:([a-z][a-z0-9_/-]*)(.*?)(/?)-->`)
	htmlComment  = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// segments takes the block editor's comments out. What stands outside of every block, or in one of the classic editor, is laid
// out like an old body.
func (b *body) segments(src string) []segment {
	var out []segment
	var open []string
	classic := func() bool {
		return !slices.ContainsFunc(open, func(n string) bool { return n != "freeform" && n != "core/freeform" })
	}
	add := func(text string) {
		switch last := len(out) - 1; {
		case text == "":
		case last >= 0 && out[last].classic == classic():
			out[last].text += text
		default:
			out = append(out, segment{text, classic()})
		}
	}
	at := 0
	for _, m := range blockComment.FindAllStringSubmatchIndex(src, -1) {
		add(src[at:m[0]])
		at = m[1]
		name := src[m[4]:m[5]]
		switch {
		case m[2] < m[3]: // an end: of the innermost of that name, and of what is left open within
			if i := lastIndex(open, name); i >= 0 {
				open = open[:i]
			}
		case m[8] < m[9]:
			b.note("the block " + name + " has no words of its own and is left out")
		case len(open) < maxDepth:
			open = append(open, name)
		}
	}
	add(src[at:])
	return out
}

func lastIndex(names []string, name string) int {
	for i, n := range slices.Backward(names) {
		if n == name {
			return i
		}
	}
	return -1
}

func (b *body) layOut(seg segment) (string, error) {
	seg.text = b.shortcodes(withoutComments(seg.text))
	return b.paragraphs(seg)
}

// withoutComments drops HTML comments. Those that cut a body into teaser and rest or into pages part paragraphs: an article is
// one page here. One that never ends is text, or it would swallow all that follows.
func withoutComments(src string) string {
	src = htmlComment.ReplaceAllStringFunc(src, func(c string) string {
		if strings.HasPrefix(c, "<!--more") || strings.HasPrefix(c, "<!--nextpage") {
			return "\n\n"
		}
		return ""
	})
	return strings.ReplaceAll(src, "<!--", "&lt;!--")
}

func (b *body) paragraphs(seg segment) (string, error) {
	if len(seg.text) > maxSource {
		return "", errTooLong
	}
	if strings.Count(seg.text, "<")+strings.Count(seg.text, "\n") > maxMarks {
		return "", errTooDense
	}
	context := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragmentWithOptions(strings.NewReader(seg.text), context, html.ParseOptionEnableScripting(false))
	if err != nil {
		return "", fmt.Errorf("its body can't be read: %w", err)
	}
	root := &html.Node{Type: html.DocumentNode}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	b.linkPlayers(root)
	b.place(root)
	layout{seg.classic}.flow(root)
	var out strings.Builder
	for c := range root.ChildNodes() {
		if out.Len() > 0 && c.Type == html.ElementNode && blockTags[c.DataAtom] {
			out.WriteByte('\n')
		}
		if err := html.Render(&out, c); err != nil {
			return "", fmt.Errorf("its body can't be written: %w", err)
		}
	}
	return strings.TrimSpace(out.String()), nil
}

// linkPlayers puts a link in the place of each frame and player: nothing from elsewhere is shown in a page here.
func (b *body) linkPlayers(root *html.Node) {
	for n := range root.Descendants() {
		switch n.DataAtom {
		case atom.Iframe, atom.Video, atom.Audio, atom.Embed, atom.Object:
		default:
			continue
		}
		to := ""
		for _, a := range n.Attr {
			if (a.Key == "src" || a.Key == "data") && to == "" {
				to = a.Val
			}
		}
		for c := range n.Descendants() {
			for _, a := range c.Attr {
				if a.Key == "src" && to == "" {
					to = a.Val
				}
			}
		}
		if strings.HasPrefix(to, "//") {
			to = "https:" + to
		}
		if !webURL.MatchString(to) {
			continue
		}
		b.note("a frame or player is shown as a link")
		a := link(to)
		for c := n.FirstChild; c != nil; c = n.FirstChild {
			n.RemoveChild(c)
		}
		n.Data, n.DataAtom, n.Namespace, n.Attr = a.Data, a.DataAtom, "", a.Attr
		move(n, a)
	}
}
