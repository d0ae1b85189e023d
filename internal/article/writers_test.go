package article

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"stet/internal/markup"
)

// pairsOfEdits is how many random pairs of edits of an article's fields are tried; STET_MERGE_SEED sets the seed.
const pairsOfEdits = 10_000

// hands makes edits of fields at random. Each value it makes up is new.
type hands struct {
	*rand.Rand
	made int64
}

func (h *hands) number() int64 { h.made++; return h.made }
func (h *hands) line() string  { return "w" + strconv.FormatInt(h.number(), 10) }

// single are the fields with one value; authors are one, since their order speaks.
var single = slices.DeleteFunc(slices.Clone(fieldNames), func(name string) bool { return name == "tags" || name == "also" })

// alter gives r another value in a field with one.
func (h *hands) alter(r *revision, name string) {
	from := revision{Image: h.number(), Category: h.number(), CategorySlug: h.line(), bylines: []ContentByline{{Author: h.number(), Slug: h.line(), Text: h.line()}, {Text: h.line()}}}
	for _, line := range []*string{&from.Headline, &from.Standfirst, &from.Kicker, &from.Dateline, &from.Label, &from.Slug, &from.Language, &from.ImageAlt, &from.ImageCaption,
		&from.ImageCredit} {
		*line = h.line()
	}
	if h.IntN(8) == 0 {
		from = revision{} // taken out
	}
	r.take(name, &from)
}

func (h *hands) also(r *revision) {
	id := h.number()
	at := h.IntN(len(r.Also) + 1)
	r.Also, r.AlsoSlugs = slices.Insert(r.Also, at, id), slices.Insert(r.AlsoSlugs, at, slugOf(id))
}

func (h *hands) tag(r *revision) { r.Tags = slices.Insert(r.Tags, h.IntN(len(r.Tags)+1), h.line()) }

func slugOf(id int64) string { return "slug" + strconv.FormatInt(id, 10) }

func (h *hands) base() revision {
	r := revision{Number: 1, Label: "news", Language: "en"}
	for _, name := range single {
		if h.IntN(3) > 0 {
			h.alter(&r, name)
		}
	}
	for range h.IntN(5) {
		h.tag(&r)
	}
	for range h.IntN(4) {
		h.also(&r)
	}
	for i := range 2 + h.IntN(3) {
		r.blocks = append(r.blocks, markup.Block{ID: fmt.Sprintf("block%c%c%c", 'a'+i, 'a'+i, 'a'+i), HTML: "<p>" + h.line() + "</p>"})
	}
	return r
}

func clone(r revision) revision {
	r.Tags, r.Also, r.AlsoSlugs, r.blocks = slices.Clone(r.Tags), slices.Clone(r.Also), slices.Clone(r.AlsoSlugs), slices.Clone(r.blocks)
	return r
}

// edit changes what side, 0 or 1, owns: of the fields, blocks and entries of lists every one whose owner says so, besides additions of its own.
func (h *hands) edit(base revision, side int, owner map[string]int) revision {
	r := clone(base)
	mine := func(name string) bool { return owner[name] == side && h.IntN(2) == 0 }
	for _, name := range single {
		if mine(name) {
			h.alter(&r, name)
		}
	}
	r.Tags = slices.DeleteFunc(r.Tags, mine)
	r.Also = slices.DeleteFunc(r.Also, func(id int64) bool { return mine(slugOf(id)) })
	r.AlsoSlugs = slugs(r.Also, &base)
	for range h.IntN(3) {
		h.tag(&r)
		h.also(&r)
	}
	for i, b := range r.blocks {
		if mine(b.ID) {
			r.blocks[i].HTML = "<p>" + h.line() + "</p>"
		}
	}
	return r
}

// owners shares out all that base has.
func (h *hands) owners(base revision) map[string]int {
	out := map[string]int{}
	for _, name := range slices.Concat(single, base.Tags, base.AlsoSlugs) {
		out[name] = h.IntN(2)
	}
	for _, b := range base.blocks {
		out[b.ID] = h.IntN(2)
	}
	return out
}

// TestWritersOfFields joins random edits of two people in an article's fields, lists and blocks. Who edits different ones is never asked, whoever
// saves first; what one changed is as they left it, what they added stands once, what they took out is gone. Where both change one field, it is
// asked about and nothing else is; alike, it isn't.
func TestWritersOfFields(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("STET_MERGE_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("seed %d", seed)
	for n := range pairsOfEdits {
		h := &hands{Rand: rand.New(rand.NewPCG(seed, uint64(n)))}
		base := h.base()
		owner := h.owners(base)
		mine, theirs := h.edit(base, 0, owner), h.edit(base, 1, owner)
		if fault := joinFault(base, mine, theirs); fault != "" {
			t.Fatalf("pair %d: %s\nbase %+v\nmine %+v\ntheirs %+v", n, fault, base, mine, theirs)
		}
		name := single[h.IntN(len(single))]
		h.alter(&mine, name)
		h.alter(&theirs, name)
		var o, swapped Overlap
		got := merge(base, mine, theirs, &o)
		merge(base, theirs, mine, &swapped)
		var want []string
		if mine.differs(name, &base) && theirs.differs(name, &base) && mine.differs(name, &theirs) {
			want = []string{name}
		}
		if !slices.Equal(o.Fields, want) || !slices.Equal(swapped.Fields, want) || len(o.Blocks) > 0 || want != nil && got.differs(name, &mine) {
			t.Fatalf("pair %d: both changed %s: asked about %q and %q, want %q, mine standing in the result %+v", n, name, o.Fields, swapped.Fields, want, got)
		}
		theirs.take(name, &mine)
		o = Overlap{}
		if got = merge(base, mine, theirs, &o); got.differs(name, &mine) || o.found() {
			t.Fatalf("pair %d: both changed %s alike: asked about %q", n, name, o.Fields)
		}
	}
	t.Logf("%d pairs of edits of fields", pairsOfEdits)
}

// joinFault merges two edits of different things in both orders and says what is wrong with the result; "" for nothing.
func joinFault(base, mine, theirs revision) string {
	var o, swapped Overlap
	got, other := merge(base, mine, theirs, &o), merge(base, theirs, mine, &swapped)
	if o.found() || swapped.found() {
		return fmt.Sprintf("asked about %q and %q", o.Fields, o.Blocks)
	}
	if !got.same(other) || !slices.Equal(got.AlsoSlugs, other.AlsoSlugs) {
		return fmt.Sprintf("the order matters:\n%+v\n%+v", got, other)
	}
	for _, name := range single {
		want := &mine
		if theirs.differs(name, &base) {
			want = &theirs
		}
		if got.differs(name, want) {
			return fmt.Sprintf("%s = %+v", name, got)
		}
	}
	for i, b := range base.blocks {
		want := mine.blocks[i]
		if theirs.blocks[i] != b {
			want = theirs.blocks[i]
		}
		if got.blocks[i] != want {
			return fmt.Sprintf("block %s = %q, want %q", b.ID, got.blocks[i], want)
		}
	}
	for i, id := range got.Also {
		if got.AlsoSlugs[i] != slugOf(id) {
			return fmt.Sprintf("category %d is called %q", id, got.AlsoSlugs[i])
		}
	}
	if fault := listFault(base.Tags, mine.Tags, theirs.Tags, got.Tags); fault != "" {
		return fault
	}
	return listFault(base.AlsoSlugs, mine.AlsoSlugs, theirs.AlsoSlugs, got.AlsoSlugs)
}

func listFault(base, mine, theirs, got []string) string {
	want := map[string]int{}
	for _, v := range slices.Concat(base, mine, theirs) {
		if !slices.Contains(base, v) || slices.Contains(mine, v) && slices.Contains(theirs, v) {
			want[v] = 1
		}
	}
	is := map[string]int{}
	for _, v := range got {
		is[v]++
	}
	if !reflect.DeepEqual(is, want) {
		return fmt.Sprintf("the list %q, want %v of it", got, want)
	}
	return ""
}
