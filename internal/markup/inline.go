package markup

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// leaf is a piece of running text: words, a line break (br) or, on its way out of the text, a picture or player (node).
type leaf struct {
	text  string
	br    bool
	node  *html.Node
	marks []*mark
}

// mark is an inline element around leaves. Two leaves share one when they came out of the same element.
type mark struct {
	name  string
	attrs []html.Attribute
}

// maxMarks bounds how deep inline elements may nest.
const maxMarks = 12

// joined marks mean the same whether they stand once or twice side by side.
var joined = map[string]bool{"em": true, "strong": true, "s": true, "a": true}

func (m *mark) joins(o *mark) bool {
	return m == o || joined[m.name] && m.name == o.name && slices.Equal(m.attrs, o.attrs)
}

func (m *mark) element() *html.Node {
	n := element(m.name)
	n.Attr = slices.Clone(m.attrs)
	return n
}

func marked(marks []*mark, name string) bool {
	return slices.ContainsFunc(marks, func(m *mark) bool { return m.name == name })
}

// with adds m to marks unless it would nest in its like or too deep. Quotations and languages do nest.
func with(marks []*mark, m *mark) []*mark {
	if len(marks) >= maxMarks || marked(marks, m.name) && m.name != "q" && m.name != "span" {
		return marks
	}
	return append(marks[:len(marks):len(marks)], m)
}

// unmark takes marks off the leaves.
func unmark(leaves []leaf, off func(*mark) bool) []leaf {
	for i, l := range leaves {
		leaves[i].marks = slices.DeleteFunc(slices.Clone(l.marks), off)
	}
	return leaves
}

// fill writes the leaves into el as text and inline elements.
func fill(el *html.Node, leaves []leaf) {
	type open struct {
		mark *mark
		node *html.Node
	}
	var stack []open
	for i, l := range leaves {
		marks := l.marks
		if l.br {
			marks = around(leaves, i)
		}
		k := 0
		for k < len(stack) && k < len(marks) && stack[k].mark.joins(marks[k]) {
			k++
		}
		stack = stack[:k]
		at := el
		if k > 0 {
			at = stack[k-1].node
		}
		for _, m := range marks[k:] {
			n := m.element()
			at.AppendChild(n)
			stack = append(stack, open{m, n})
			at = n
		}
		if l.br {
			at.AppendChild(element("br"))
		} else {
			at.AppendChild(textNode(l.text))
		}
	}
}

// around gives a line break the marks that its neighbours share, so that none is left holding nothing else.
func around(leaves []leaf, i int) []*mark {
	if i == 0 || i == len(leaves)-1 {
		return nil
	}
	a, b := leaves[i-1].marks, leaves[i+1].marks
	k := 0
	for k < len(a) && k < len(b) && a[k].joins(b[k]) {
		k++
	}
	return a[:k]
}

// squeeze folds the white space of a run as a browser shows it.
func squeeze(run []leaf) []leaf {
	out := make([]leaf, 0, len(run))
	spaced := true
	for _, l := range run {
		if l.br {
			out = append(trimEnd(out), l)
			spaced = true
			continue
		}
		l.text = fold(l.text, spaced)
		if l.text == "" {
			continue
		}
		spaced = strings.HasSuffix(l.text, " ")
		out = append(out, l)
	}
	return trimEnd(out)
}

// fold makes one space of each run of white space; none at the start when spaced says that one stands before.
func fold(s string, spaced bool) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if r == ' ' || r == '\n' || r == '\t' || r == '\f' || r == '\r' {
			if !spaced {
				b.WriteByte(' ')
			}
			spaced = true
			continue
		}
		b.WriteRune(r)
		spaced = false
	}
	return b.String()
}

func trimEnd(leaves []leaf) []leaf {
	for len(leaves) > 0 {
		last := &leaves[len(leaves)-1]
		if last.br {
			break
		}
		last.text = strings.TrimRight(last.text, " ")
		if last.text != "" {
			break
		}
		leaves = leaves[:len(leaves)-1]
	}
	return leaves
}

// paragraphs parts a run at two line breaks in a row and leaves out what shows nothing.
func paragraphs(run []leaf) [][]leaf {
	if len(run) == 0 {
		return nil
	}
	var parts [][]leaf
	leaves := squeeze(run)
	from := 0
	for i := range len(leaves) + 1 {
		if i < len(leaves) && (!leaves[i].br || i+1 < len(leaves) && !leaves[i+1].br) {
			continue
		}
		if p := trimBreaks(leaves[from:i]); !blank(p) {
			parts = append(parts, p)
		}
		from = i
	}
	return parts
}

// lines is a run as the content of one element: no line break doubled, none at the ends. It is nil when nothing would show.
func lines(run []leaf) []leaf {
	leaves := slices.CompactFunc(squeeze(run), func(a, b leaf) bool { return a.br && b.br })
	leaves = trimBreaks(leaves)
	if blank(leaves) {
		return nil
	}
	return leaves
}

func trimBreaks(leaves []leaf) []leaf {
	for len(leaves) > 0 && leaves[0].br {
		leaves = leaves[1:]
	}
	for len(leaves) > 0 && leaves[len(leaves)-1].br {
		leaves = leaves[:len(leaves)-1]
	}
	return leaves
}

// verbatim is a run as the content of a pre: white space counts, line breaks are line ends.
func verbatim(run []leaf) []leaf {
	var out []leaf
	for _, l := range run {
		if l.br {
			l = leaf{text: "\n", marks: l.marks}
		}
		if len(out) == 0 {
			// A line end after the tag would be read as no part of the text.
			l.text = strings.TrimLeft(l.text, "\n")
		}
		if l.text != "" {
			out = append(out, l)
		}
	}
	for len(out) > 0 {
		last := &out[len(out)-1]
		last.text = strings.TrimRight(last.text, " \t\n")
		if last.text != "" {
			break
		}
		out = out[:len(out)-1]
	}
	if blank(out) {
		return nil
	}
	return out
}

func blank(leaves []leaf) bool {
	for _, l := range leaves {
		if strings.IndexFunc(l.text, visible) >= 0 {
			return false
		}
	}
	return true
}

// visible is false for white space of every kind and for what takes no room: an editor's empty paragraph is full of them.
func visible(r rune) bool {
	return !unicode.IsSpace(r) && r != '\u200B' && r != '\u00AD' && r != '\uFEFF' && r != '\u2060'
}
