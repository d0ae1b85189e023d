package markup

import (
	"slices"
	"strings"
)

// Op is what became of a piece of text.
type Op int

// The pieces of a comparison.
const (
	Same  Op = iota
	Added    // only in the new text
	Gone     // only in the old text
)

// Span is a piece of plain text; templates escape it.
type Span struct {
	Op   Op
	Text string
}

// String is "same", "added" or "gone".
func (o Op) String() string { return [...]string{"same", "added", "gone"}[o] }

// DiffKind is what became of a block.
type DiffKind int

// The kinds of a block's change.
const (
	Unchanged         DiffKind = iota
	Inserted                   // only in the new body
	Removed                    // only in the old body
	Changed                    // its words differ
	FormattingChanged          // the same words: markup, a link or a picture differs, see Details
	Moved                      // the same or nearly the same words at another place; it is listed where it stands now
)

// String is "unchanged", "inserted", "removed", "changed", "formatting" or "moved".
func (k DiffKind) String() string {
	return [...]string{"unchanged", "inserted", "removed", "changed", "formatting", "moved"}[k]
}

// BlockDiff is one block of a comparison, in the order of the new body; what is gone stands where it stood.
type BlockDiff struct {
	Kind DiffKind
	// Spans are the words of both: Same and Gone together are Old, Same and Added together are New.
	Spans []Span
	// Old and New are the plain texts; "" for a block that wasn't or isn't there.
	Old, New string
	// From and To are the block's positions in the old and new body, counted from 0; -1 for none.
	From, To int
	// Element is the name of the block's element: "p", "h2", "figure".
	Element string
	// Details are the links and pictures that differ.
	Details []Detail
}

// related is how alike two texts must be to be compared word by word; less alike ones are one gone and one added.
const related = 0.4

// carried is how alike two texts far apart must be to be the same block moved.
const carried = 0.8

// movedWords is how many words a block needs to be told as moved when its markup isn't the same throughout.
const movedWords = 4

// side is one of two bodies being compared.
type side struct {
	html, text []string
	ids        []rune
	words      *interner
}

func newSide(blocks []string, ids, words *interner) side {
	return side{html: blocks, text: textsOf(blocks), ids: ids.all(blocks), words: words}
}

// bag is the words of block i; a picture without a caption is known by itself.
func (s side) bag(i int) bag {
	if s.text[i] == "" {
		return bag{s.words.id(s.html[i])}
	}
	return s.words.bag(s.text[i])
}

func (s side) bags(from, to int) []bag {
	out := make([]bag, 0, to-from)
	for i := from; i < to; i++ {
		out = append(out, s.bag(i))
	}
	return out
}

// Diff compares two bodies, given as the HTML of their blocks: whole blocks first, then the words of those that changed. The
// words of scripts that don't part them are compared by character.
func Diff(before, after []string) []BlockDiff {
	var ids, words interner
	a, b := newSide(before, &ids, &words), newSide(after, &ids, &words)
	var out []BlockDiff
	i, j := 0, 0
	for _, p := range append(common(a.ids, b.ids), pair{len(before), len(after)}) {
		out = append(out, align(a, b, pair{i, j}, p)...)
		if p.a < len(before) {
			out = append(out, describe(a, b, p.a, p.b))
		}
		i, j = p.a+1, p.b+1
	}
	return moves(out, a, b)
}

// DiffText compares two plain texts, a headline or a caption, word by word.
func DiffText(before, after string) []Span {
	if before == after {
		return piece(Same, before)
	}
	a, b := tokens(before), tokens(after)
	var in interner
	pairs := append(common(in.all(a), in.all(b)), pair{len(a), len(b)})
	var w spanWriter
	i, j := 0, 0
	for _, p := range pairs {
		w.gone(strings.Join(a[i:p.a], ""))
		w.added(strings.Join(b[j:p.b], ""))
		if p.a < len(a) {
			w.same(a[p.a])
		}
		i, j = p.a+1, p.b+1
	}
	return w.end()
}

func piece(op Op, text string) []Span {
	if text == "" {
		return nil
	}
	return []Span{{op, text}}
}

// spanWriter gathers changes; a space between two of them joins them, for changes word by word read badly one by one.
type spanWriter struct {
	out                []Span
	stands, went, came strings.Builder
	space              string // between a change and what comes after it
}

func (w *spanWriter) gone(s string)  { w.change(s, &w.went) }
func (w *spanWriter) added(s string) { w.change(s, &w.came) }

func (w *spanWriter) change(s string, to *strings.Builder) {
	if s == "" {
		return
	}
	w.put(Same, &w.stands)
	w.went.WriteString(w.space)
	w.came.WriteString(w.space)
	w.space = ""
	to.WriteString(s)
}

func (w *spanWriter) same(s string) {
	if w.went.Len()+w.came.Len() > 0 && w.space == "" && strings.TrimSpace(s) == "" {
		w.space = s
		return
	}
	w.flush()
	w.stands.WriteString(s)
}

// flush ends a change; the space after it stands.
func (w *spanWriter) flush() {
	w.put(Gone, &w.went)
	w.put(Added, &w.came)
	w.stands.WriteString(w.space)
	w.space = ""
}

func (w *spanWriter) put(op Op, text *strings.Builder) {
	w.out = append(w.out, piece(op, text.String())...)
	text.Reset()
}

func (w *spanWriter) end() []Span {
	w.flush()
	w.put(Same, &w.stands)
	return w.out
}

// describe tells what became of old block i, which is new block j.
func describe(a, b side, i, j int) BlockDiff {
	d := BlockDiff{Old: a.text[i], New: b.text[j], From: i, To: j, Element: elementOf(b.html[j])}
	d.Spans = DiffText(d.Old, d.New)
	switch {
	case a.html[i] == b.html[j]:
	case d.Old == d.New:
		d.Kind = FormattingChanged
		d.Details = details(a.html[i], b.html[j])
	default:
		d.Kind = Changed
		d.Details = details(a.html[i], b.html[j])
	}
	return d
}

func removed(a side, i int) BlockDiff {
	return BlockDiff{Kind: Removed, Spans: piece(Gone, a.text[i]), Old: a.text[i], From: i, To: -1, Element: elementOf(a.html[i])}
}

func added(b side, j int) BlockDiff {
	return BlockDiff{Kind: Inserted, Spans: piece(Added, b.text[j]), New: b.text[j], From: -1, To: j, Element: elementOf(b.html[j])}
}

// align describes a stretch where no block stayed as it was: it pairs what is alike, in order, and tells the rest gone or added.
func align(a, b side, from, to pair) []BlockDiff {
	var out []BlockDiff
	if from.a == to.a && from.b == to.b {
		return nil
	}
	matches := slices.DeleteFunc(likest(a.bags(from.a, to.a), b.bags(from.b, to.b), related), func(m match) bool {
		return a.text[from.a+m.old] == ""
	})
	matches = append(matches, wordless(a, b, from, to)...)
	slices.SortFunc(matches, func(x, y match) int { return x.old - y.old })
	pairs := make([]pair, len(matches))
	for k, m := range matches {
		pairs[k] = pair{m.old, m.new}
	}
	i, j := from.a, from.b
	for _, p := range append(rising(pairs), pair{to.a - from.a, to.b - from.b}) {
		for ; i < from.a+p.a; i++ {
			out = append(out, removed(a, i))
		}
		for ; j < from.b+p.b; j++ {
			out = append(out, added(b, j))
		}
		if i < to.a && j < to.b {
			out = append(out, describe(a, b, i, j))
			i, j = i+1, j+1
		}
	}
	return out
}

// wordless pairs blocks without words, such as pictures, of the same element in their order.
func wordless(a, b side, from, to pair) []match {
	var out []match
	j := from.b
	for i := from.a; i < to.a; i++ {
		if a.text[i] != "" {
			continue
		}
		for ; j < to.b; j++ {
			if b.text[j] == "" && elementOf(a.html[i]) == elementOf(b.html[j]) {
				out = append(out, match{old: i - from.a, new: j - from.b})
				j++
				break
			}
		}
	}
	return out
}

// moves joins what is gone in one place and added in another.
func moves(diffs []BlockDiff, a, b side) []BlockDiff {
	var olds, news []int
	var oldBags, newBags []bag
	for k, d := range diffs {
		switch {
		case d.Kind == Removed:
			olds, oldBags = append(olds, k), append(oldBags, a.bag(d.From))
		case d.Kind == Inserted:
			news, newBags = append(news, k), append(newBags, b.bag(d.To))
		}
	}
	drop := map[int]bool{}
	for _, m := range likest(oldBags, newBags, carried) {
		o, n := &diffs[olds[m.old]], &diffs[news[m.new]]
		if a.html[o.From] != b.html[n.To] && len(oldBags[m.old]) < movedWords {
			continue
		}
		drop[olds[m.old]] = true
		details := details(a.html[o.From], b.html[n.To])
		*n = BlockDiff{Kind: Moved, Spans: DiffText(o.Old, n.New), Old: o.Old, New: n.New, From: o.From, To: n.To,
			Element: n.Element, Details: details}
	}
	out := diffs[:0]
	for k, d := range diffs {
		if !drop[k] {
			out = append(out, d)
		}
	}
	return out
}

func elementOf(block string) string {
	name := strings.TrimPrefix(block, "<")
	if end := strings.IndexAny(name, " />"); end >= 0 {
		return name[:end]
	}
	return ""
}
