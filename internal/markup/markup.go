// Package markup turns what people write into what may be shown: it cuts a body into blocks of sanitised HTML, makes plain text
// of them, compares them word by word and merges the edits of several people block by block.
//
// Everything is pure: no database, no network, no clock. It must never import another room, never let markup through that its
// policies don't name, and never lose a word or a picture silently: what can't be kept as markup is kept as text or as a link.
//
// Whatever comes in goes the same way: its tags are tamed (tame.go), parsed as a browser would (golang.org/x/net/html), rebuilt
// under a strict content model (flow.go and its neighbours) and sanitised last (policy.go). Nothing touches the HTML after that. Only what is
// stored in a form that all this would leave as it is (canonical.go), or a comment without markup (quick.go), is spared the way when it is shown.
package markup

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Block is one top-level element of a body: a paragraph, a heading, a picture with its caption.
type Block struct {
	// ID names the block through all revisions, so that edits of different blocks merge: eight lower-case letters, or "" where
	// none was given yet (see Identify).
	ID string `json:"id"`
	// HTML is one sanitised element without an id attribute.
	HTML string `json:"html"`
}

// settleRounds is how often a body may change when it is read again before its markup is given up for its text.
const settleRounds = 4

// Article cuts src into sanitised blocks. A block's ID is read from id="p-xxxxxxxx" on its element and may be missing or doubled
// afterwards. What the article policy doesn't allow becomes text, a link or nothing active; text outside any element becomes
// paragraphs, parted at blank lines. Article(Join(Article(x))) has the same HTML as Article(x).
func Article(src string) []Block {
	blocks := cut(build(src))
	for range settleRounds {
		// What a parser makes of the result must be the result itself; anything else is how a mutation attack begins.
		again := cut(build(withIDs(blocks)))
		if same(blocks, again) {
			return blocks
		}
		blocks = again
	}
	return cut(build(html.EscapeString(Text(src))))
}

// Notice is Article for the short text of an update or a correction, as one piece of HTML.
func Notice(src string) string { return Join(Article(src)) }

// Join is the bare HTML of the blocks, without ids.
func Join(blocks []Block) string {
	var b strings.Builder
	for _, bl := range blocks {
		b.WriteString(bl.HTML)
	}
	return b.String()
}

// cut renders and sanitises the children of root, each as a block.
func cut(root *html.Node) []Block {
	var blocks []Block
	for n := range root.ChildNodes() {
		id := strings.TrimPrefix(attr(n, "id"), idPrefix)
		drop(n, "id")
		blocks = append(blocks, Block{ID: id, HTML: render(n)})
	}
	// The policy passes what the content model builds as it is; asking once for all is much quicker than for each.
	if all := Join(blocks); stored.Sanitize(all) == all {
		return blocks
	}
	kept := blocks[:0]
	for _, b := range blocks {
		if b.HTML = strings.TrimSpace(stored.Sanitize(b.HTML)); b.HTML != "" {
			kept = append(kept, b)
		}
	}
	return kept
}

// withIDs is the HTML of the blocks with id="p-…" on each that has an ID.
func withIDs(blocks []Block) string {
	var b strings.Builder
	for _, bl := range blocks {
		end := strings.IndexAny(bl.HTML, " />")
		if !validID(bl.ID) || end < 0 || bl.HTML[0] != '<' {
			b.WriteString(bl.HTML)
			continue
		}
		b.WriteString(bl.HTML[:end] + idAttr + bl.ID + `"` + bl.HTML[end:])
	}
	return b.String()
}

func same(a, b []Block) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// parse reads src as the content of a page's body. Nesting that the parser refuses costs the markup, never the words.
func parse(src string) []*html.Node {
	tamed := tame(src)
	nodes, err := html.ParseFragment(strings.NewReader(tamed), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return []*html.Node{{Type: html.TextNode, Data: wordsOf(tamed)}}
	}
	return nodes
}

// wordsOf is the text of src, tags read as blank lines: for what is nested too deep to be parsed.
func wordsOf(src string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(src))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			b.WriteString(z.Token().Data)
		default:
			b.WriteString("\n\n")
		}
	}
}

func render(n *html.Node) string {
	var b strings.Builder
	if err := html.Render(&b, n); err != nil {
		// Only a void element with children or an unknown node type can fail, and this room builds neither.
		panic("markup: render: " + err.Error())
	}
	return b.String()
}

func element(name string) *html.Node {
	return &html.Node{Type: html.ElementNode, Data: name, DataAtom: atom.Lookup([]byte(name))}
}

func textNode(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func set(n *html.Node, key, val string) {
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: val})
}

func drop(n *html.Node, key string) {
	kept := n.Attr[:0]
	for _, a := range n.Attr {
		if a.Key != key {
			kept = append(kept, a)
		}
	}
	n.Attr = kept
}
