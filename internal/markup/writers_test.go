package markup

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// pairsOfEdits is how many random pairs of edits the property test tries; STET_MERGE_PAIRS sets another number, STET_MERGE_SEED the seed.
const pairsOfEdits = 10_000

// para is a block as its writers think of it: sentences of words, most of which stand nowhere else, so that each can be followed.
type para struct {
	id        string
	sentences [][]string
}

func (p para) clone() para {
	out := para{id: p.id}
	for _, s := range p.sentences {
		out.sentences = append(out.sentences, slices.Clone(s))
	}
	return out
}

func (p para) text() string {
	var out []string
	for _, s := range p.sentences {
		if len(s) > 0 {
			out = append(out, strings.Join(s, " ")+".")
		}
	}
	return strings.Join(out, " ")
}

// desk makes texts and edits at random. Each word it makes up is new. Most of its texts are short, which is where edits meet; one in ten is not.
type desk struct {
	*rand.Rand
	words int
	long  int // 1 for a long text, 0 for a short one
}

func (d *desk) word(mark string) string {
	d.words++
	return mark + strconv.Itoa(d.words)
}

var usual = []string{"the", "of", "harbour", "and", "a", "letter", "to", "on", "was"}

func (d *desk) sentence(mark string) []string {
	out := []string{d.word(mark)}
	for range 2 + d.IntN(2+5*d.long) {
		if d.IntN(3) == 0 {
			out = append(out, usual[d.IntN(len(usual))])
		} else {
			out = append(out, d.word(mark))
		}
	}
	return out
}

func (d *desk) para(mark string) para {
	p := para{}
	for range 2 + d.IntN(2+2*d.long) {
		p.sentences = append(p.sentences, d.sentence(mark))
	}
	return p
}

func (d *desk) base() []para {
	out := make([]para, 3+d.IntN(3+7*d.long))
	for i := range out {
		out[i] = d.para("b")
		out[i].id = d.id()
	}
	return out
}

func (d *desk) id() string {
	var id [idLength]byte
	for i := range id {
		id[i] = 'a' + byte(d.IntN(26))
	}
	return string(id[:])
}

// edits changes the blocks of base that own names, in the way of one writer, and adds some of their own.
func (d *desk) edits(base []para, own map[string]bool, mark string) []para {
	var out []para
	for _, p := range base {
		out = append(out, p.clone())
	}
	for range 1 + d.IntN(5) {
		at := d.pick(out, own)
		if at < 0 {
			break
		}
		switch d.IntN(9) {
		case 0: // insert words
			s := &out[at].sentences[d.IntN(len(out[at].sentences))]
			*s = slices.Insert(*s, d.IntN(len(*s)+1), d.word(mark), d.word(mark))
		case 1: // delete words
			if s := &out[at].sentences[d.IntN(len(out[at].sentences))]; len(*s) > 2 {
				*s = slices.Delete(*s, 1, 2)
			}
		case 2: // replace words
			if s := out[at].sentences[d.IntN(len(out[at].sentences))]; len(s) > 0 {
				s[d.IntN(len(s))] = d.word(mark)
			}
		case 3: // write a sentence anew
			out[at].sentences[d.IntN(len(out[at].sentences))] = d.sentence(mark)
		case 4: // split
			if n := len(out[at].sentences); n > 1 {
				cut := 1 + d.IntN(n-1)
				second := para{sentences: slices.Clone(out[at].sentences[cut:])}
				out[at].sentences = out[at].sentences[:cut:cut]
				out = slices.Insert(out, at+1, second)
			}
		case 5: // join
			if at+1 < len(out) && own[out[at+1].id] {
				out[at].sentences = append(out[at].sentences, out[at+1].sentences...)
				out = slices.Delete(out, at+1, at+2)
			}
		case 6: // move
			p := out[at]
			out = slices.Delete(out, at, at+1)
			out = slices.Insert(out, d.IntN(len(out)+1), p)
		case 7: // take out
			out = slices.Delete(out, at, at+1)
		case 8: // a new paragraph
			out = slices.Insert(out, d.IntN(len(out)+1), d.para(mark))
		}
	}
	return out
}

// pick gives the place of a block that is one's own to edit, -1 for none.
func (d *desk) pick(text []para, own map[string]bool) int {
	var at []int
	for i, p := range text {
		if own[p.id] && len(p.sentences) > 0 {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return -1
	}
	return at[d.IntN(len(at))]
}

// blocksOf is a text as the editor sends it: every block with its id, new ones without.
func blocksOf(text []para) []Block {
	var out []Block
	for _, p := range text {
		if t := p.text(); t != "" {
			out = append(out, Block{ID: p.id, HTML: "<p>" + t + "</p>"})
		}
	}
	return out
}

// typedOf is a text as it stands in the textarea after somebody edited it there: ids are lost where a paragraph was typed anew or pasted, and
// doubled where one was cut in two by copying.
func (d *desk) typedOf(text []para) string {
	var out []string
	last := ""
	for _, p := range text {
		t, id := p.text(), p.id
		if t == "" {
			continue
		}
		switch {
		case id == "" && last != "" && d.IntN(2) == 0:
			id = last
		case id != "" && d.IntN(6) == 0:
			id = ""
		}
		switch {
		case id != "":
			out = append(out, `<p id="p-`+id+`">`+t+"</p>")
		case d.IntN(2) == 0:
			out = append(out, "<p>"+t+"</p>")
		default:
			out = append(out, t)
		}
		last = p.id
	}
	return strings.Join(out, "\n\n")
}

// counts tells how often each word that can be followed stands in each of some texts.
type counts map[string][4]int

// count adds the words of the n-th text.
func (c counts) count(n int, blocks []Block) {
	for _, b := range blocks {
		for w := range strings.FieldsFuncSeq(b.HTML, func(r rune) bool { return strings.ContainsRune("<>/. ", r) }) {
			if last := w[len(w)-1]; last >= '0' && last <= '9' {
				times := c[w]
				times[n]++
				c[w] = times
			}
		}
	}
}

// TestWritersOfDifferentBlocks joins random edits of two people, as the editor sends them and as the textarea does. Who edits different blocks
// is never asked, whoever saves first; every word that one put in stands once, every word that one took out is gone.
func TestWritersOfDifferentBlocks(t *testing.T) {
	t.Parallel()
	tryPairs(t, func(d *desk) string {
		base := d.base()
		own, others := map[string]bool{}, map[string]bool{}
		for _, p := range base {
			if d.IntN(2) == 0 {
				own[p.id] = true
			} else {
				others[p.id] = true
			}
		}
		return d.bothWays(base, d.edits(base, own, "m"), d.edits(base, others, "t"), mergeFault)
	})
}

// TestWritersOfOneBlock: two sentences of one paragraph are one block, and a person decides. Whatever is chosen, both texts were shown.
func TestWritersOfOneBlock(t *testing.T) {
	t.Parallel()
	tryPairs(t, func(d *desk) string {
		base := d.base()
		at := d.IntN(len(base))
		i := d.IntN(len(base[at].sentences))
		j := (i + 1 + d.IntN(len(base[at].sentences)-1)) % len(base[at].sentences)
		rest := map[string]bool{}
		for k, p := range base {
			if k != at && d.IntN(2) == 0 {
				rest[p.id] = true
			}
		}
		mine, theirs := d.edits(base, rest, "m"), d.edits(base, nil, "t")
		k := slices.IndexFunc(mine, func(p para) bool { return p.id == base[at].id })
		mine[k].sentences[i] = append(mine[k].sentences[i], d.word("m"))
		theirs[at].sentences[j][0] = d.word("t")
		return d.bothWays(base, mine, theirs, func(was, mine, theirs []Block) string { return askFault(was, mine, theirs, base[at].id) })
	})
}

// tryPairs has many pairs of edits made and judged, each from a seed of its own that follows from the one it prints, and fails with what one
// says is wrong.
func tryPairs(t *testing.T, judge func(*desk) string) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("STET_MERGE_SEED"), 10, 64); err == nil {
		seed = s
	}
	pairs := pairsOfEdits
	if n, err := strconv.Atoi(os.Getenv("STET_MERGE_PAIRS")); err == nil {
		pairs = n
	}
	t.Logf("seed %d", seed)
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for first := range workers {
		wg.Go(func() {
			for n := first; n < pairs && !t.Failed(); n += workers {
				d := &desk{Rand: rand.New(rand.NewPCG(seed, uint64(n)))}
				if d.IntN(10) == 0 {
					d.long = 1
				}
				if fault := judge(d); fault != "" {
					t.Errorf("pair %d of seed %d: %s", n, seed, fault)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d pairs of edits, each through the editor and through the textarea", pairs)
}

// bothWays judges two edits as the editor sends them and as the textarea does.
func (d *desk) bothWays(base, mine, theirs []para, judge func(base, mine, theirs []Block) string) string {
	was := blocksOf(base)
	for way, both := range map[string][2][]Block{
		"editor":   {blocksOf(mine), blocksOf(theirs)},
		"textarea": {Article(d.typedOf(mine)), Article(d.typedOf(theirs))},
	} {
		is, hers := Identify(both[0], was), Identify(both[1], was)
		if fault := judge(was, is, hers); fault != "" {
			return fmt.Sprintf("%s: %s\nbase %s\nmine %s\ntheirs %s", way, fault, spelt(was), spelt(is), spelt(hers))
		}
	}
	return ""
}

// mergeFault merges two edits in both orders and says what is wrong with the result; "" for nothing.
func mergeFault(base, mine, theirs []Block) string {
	merged, overlaps := Merge(base, mine, theirs)
	other, swapped := Merge(base, theirs, mine)
	switch {
	case len(overlaps)+len(swapped) > 0:
		return fmt.Sprintf("asked about %q", overlaps)
	case !slices.Equal(merged, other):
		return fmt.Sprintf("the order matters:\n%s\n%s", spelt(merged), spelt(other))
	}
	words := counts{}
	for n, text := range [][]Block{base, mine, theirs, merged} {
		words.count(n, text)
	}
	for w, times := range words {
		want := 0
		if times[1] > 0 && times[2] > 0 || times[0] == 0 {
			want = 1
		}
		if times[3] != want {
			return fmt.Sprintf("%q stands %d times, want %d\nmerged %s", w, times[3], want, spelt(merged))
		}
	}
	return ""
}

// askFault merges two edits that part in one block and says what is wrong with the question; "" for nothing.
func askFault(base, mine, theirs []Block, id string) string {
	merged, overlaps := Merge(base, mine, theirs)
	if len(overlaps) != 1 || overlaps[0].ID != id {
		return fmt.Sprintf("asked about %q, want block %s", overlaps, id)
	}
	words := counts{}
	for n, text := range [][]Block{mine, theirs, merged, {{HTML: overlaps[0].Mine}, {HTML: overlaps[0].Theirs}}} {
		words.count(n, text)
	}
	for w, times := range words {
		if w[0] != 'b' && times[2] == 0 && times[3] == 0 {
			return fmt.Sprintf("%q is neither in the text nor shown", w)
		}
	}
	return ""
}

func spelt(blocks []Block) string {
	var out []string
	for _, b := range blocks {
		out = append(out, "\n  "+cmp.Or(b.ID, "-")+" "+b.HTML)
	}
	return strings.Join(out, "")
}
