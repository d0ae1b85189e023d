package markup

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Overlap is a block that two people changed in different ways. A text of "" says that the block isn't there.
type Overlap struct {
	ID                 string
	Base, Mine, Theirs string // HTML
	// After is the ID of the merged block that stands before this one's place; "" for the start.
	After string
}

// Merge joins two edits of base, block by block, by their IDs (see Identify). Edits of different blocks merge without a word,
// with the same result whoever comes first. What one side added stands where it put it; where both added at one place, both
// stand; what both added alike stands once. A block that one side took out stays out unless the other changed it. A block that
// one side moved is moved. Where both sides changed one block differently, or one changed what the other took out, the merged
// blocks hold mine and an Overlap tells of it, in the order of the merged blocks.
func Merge(base, mine, theirs []Block) (merged []Block, overlaps []Overlap) {
	m := newMerger(base, mine, theirs)
	spine := m.spine()
	mineRuns, theirRuns := m.runs(m.mine, spine, m.movedMine), m.runs(m.theirs, spine, m.movedTheirs)
	var order []string
	for k := range len(spine) + 1 {
		if k > 0 {
			order = append(order, spine[k-1])
		}
		order = append(order, m.together(mineRuns[k], theirRuns[k])...)
	}
	after := ""
	done := map[string]bool{}
	for _, id := range order {
		if done[id] {
			continue
		}
		done[id] = true
		html, overlap := m.settle(id)
		if overlap != nil {
			overlap.After = after
			overlaps = append(overlaps, *overlap)
		}
		if html != "" {
			merged = append(merged, Block{ID: m.name(id), HTML: html})
			after = m.name(id)
		}
	}
	return merged, overlaps
}

// version is one of the three bodies: its blocks by key, in order.
type version struct {
	keys []string
	html map[string]string
}

// unnamed begins the key of a block whose ID is missing or doubled; such a block can't be anyone else's.
const unnamed = "?"

func newVersion(blocks []Block, name string) version {
	v := version{html: map[string]string{}}
	for i, b := range blocks {
		key := b.ID
		if _, doubled := v.html[key]; doubled || key == "" {
			key = unnamed + name + strconv.Itoa(i) + unnamed + b.ID
		}
		v.keys = append(v.keys, key)
		v.html[key] = b.HTML
	}
	return v
}

type merger struct {
	base, mine, theirs     version
	movedMine, movedTheirs map[string]bool
	twins                  map[string]string // a block that both added alike: one's key for the other's
}

func newMerger(base, mine, theirs []Block) *merger {
	m := &merger{
		base: newVersion(base, "base"), mine: newVersion(mine, "mine"), theirs: newVersion(theirs, "theirs"),
		twins: map[string]string{},
	}
	m.movedMine, m.movedTheirs = m.moved(m.mine), m.moved(m.theirs)
	return m
}

// name is the ID that the block with this key was given.
func (m *merger) name(key string) string {
	if strings.HasPrefix(key, unnamed) {
		return key[strings.LastIndex(key, unnamed)+1:]
	}
	return key
}

// moved tells which blocks of base stand out of their order in v: the fewest that explain it.
func (m *merger) moved(v version) map[string]bool {
	at := map[string]int{}
	for i, k := range m.base.keys {
		at[k] = i
	}
	var pairs []pair
	for i, k := range v.keys {
		if p, ok := at[k]; ok {
			pairs = append(pairs, pair{i, p})
		}
	}
	out := map[string]bool{}
	for _, p := range pairs {
		out[v.keys[p.a]] = true
	}
	for _, p := range rising(pairs) {
		delete(out, v.keys[p.a])
	}
	return out
}

// gone tells a block of base that the merged body has no place for: nobody who has it kept a claim to it.
func (m *merger) gone(key string) bool {
	_, inMine := m.mine.html[key]
	_, inTheirs := m.theirs.html[key]
	return !inMine && !inTheirs
}

// spine is the blocks of base that nobody moved, in their order, those that one side took out included: what stands around them
// keeps its place by them.
func (m *merger) spine() []string {
	var out []string
	for _, k := range m.base.keys {
		if !m.movedMine[k] && !m.movedTheirs[k] && !m.gone(k) {
			out = append(out, k)
		}
	}
	return out
}

// runs lists, for the start and for each block of the spine, what side v put after it: blocks it added and blocks it moved there.
func (m *merger) runs(v version, spine []string, moved map[string]bool) [][]string {
	at := map[string]int{}
	for i, k := range spine {
		at[k] = i + 1
	}
	out := make([][]string, len(spine)+1)
	k := 0
	for _, key := range v.keys {
		if i, ok := at[key]; ok {
			k = i
			continue
		}
		if _, old := m.base.html[key]; !old || moved[key] {
			out[k] = append(out[k], key)
		}
	}
	return out
}

// together joins what both sides put at one place. Blocks that are the same stand once and part the rest; of the rest the run
// with the smaller first ID comes first, so that it doesn't matter who merges.
func (m *merger) together(mine, theirs []string) []string {
	if len(mine) == 0 || len(theirs) == 0 {
		return append(mine, theirs...)
	}
	a, b, first, second := mine, theirs, m.mine, m.theirs
	if slices.Compare(b, a) < 0 {
		a, b, first, second = b, a, second, first
	}
	var in interner
	shared := common(in.all(m.marks(a, first, second)), in.all(m.marks(b, second, first)))
	var out []string
	i, j := 0, 0
	for _, p := range append(shared, pair{len(a), len(b)}) {
		x, y := a[i:p.a], b[j:p.b]
		if len(x) > 0 && len(y) > 0 && y[0] < x[0] {
			x, y = y, x
		}
		out = append(append(out, x...), y...)
		if p.a < len(a) {
			out = append(out, m.unite(a[p.a], b[p.b]))
		}
		i, j = p.a+1, p.b+1
	}
	return out
}

// marks is what tells blocks of one side as the same as the other's: the ID where both have it, else the HTML.
func (m *merger) marks(keys []string, own, other version) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = "html " + own.html[k]
		if _, both := other.html[k]; both {
			out[i] = "id " + k
		}
	}
	return out
}

// unite makes one block of two that both sides added alike.
func (m *merger) unite(a, b string) string {
	if a == b {
		return a
	}
	key, twin := min(a, b), max(a, b)
	m.twins[key] = twin
	return key
}

// settle decides what block key holds: "" for nothing. Its overlap is nil where the sides agree.
func (m *merger) settle(key string) (string, *Overlap) {
	base, old := m.base.html[key]
	mine, theirs := m.mine.html[key], m.theirs.html[key]
	if _, twin := m.twins[key]; twin {
		return cmp.Or(mine, theirs), nil
	}
	switch {
	case mine == theirs:
		return mine, nil
	case !old && (mine == "" || theirs == ""):
		return cmp.Or(mine, theirs), nil
	case mine == base:
		return theirs, nil
	case theirs == base:
		return mine, nil
	}
	return mine, &Overlap{ID: m.name(key), Base: base, Mine: mine, Theirs: theirs}
}
