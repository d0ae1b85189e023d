package markup

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// body reads "a:text b c" into blocks with the IDs aaaaaaaa, bbbbbbbb…; the text is the ID's letter unless given.
func body(s string) []Block {
	var out []Block
	for f := range strings.FieldsSeq(s) {
		id, text, given := strings.Cut(f, ":")
		if !given {
			text = id
		}
		out = append(out, Block{ID: strings.Repeat(id, idLength), HTML: "<p>" + text + "</p>"})
	}
	return out
}

// spell is body the other way round.
func spell(blocks []Block) string {
	var out []string
	for _, b := range blocks {
		text := strings.TrimSuffix(strings.TrimPrefix(b.HTML, "<p>"), "</p>")
		id := b.ID[:1]
		if text != id {
			id += ":" + text
		}
		out = append(out, id)
	}
	return strings.Join(out, " ")
}

func TestMerge(t *testing.T) {
	for _, tt := range []struct{ name, base, mine, theirs, want, overlaps string }{
		{"nothing", "a b", "a b", "a b", "a b", ""},
		{"different blocks", "a b c", "a:1 b c", "a b c:2", "a:1 b c:2", ""},
		{"same edit", "a b", "a:1 b", "a:1 b", "a:1 b", ""},
		{"one block", "a b", "a:1 b", "a:2 b", "a:1 b", "a:a/1/2 after -"},
		{"added in two places", "a b", "a x b", "a b y", "a x b y", ""},
		{"added in one place", "a b", "a x b", "a y b", "a x y b", ""},
		{"runs stay together", "a b", "a z w b", "a y v b", "a y v z w b", ""},
		{"added alike", "a b", "a x:new b", "a y:new b", "a x:new b", ""},
		{"added alike among others", "a", "a x:new k", "a h y:new", "a h x:new k", ""},
		{"taken out", "a b c", "a c", "a b c:1", "a c:1", ""},
		{"taken out by both", "a b c", "a c", "a c", "a c", ""},
		{"I took out what they changed", "a b c", "a c", "a b:1 c", "a c", "b:b//1 after a"},
		{"they took out what I changed", "a b c", "a b:1 c", "a c", "a b:1 c", "b:b/1/ after a"},
		{"added after what they took out", "a b c", "a b x c", "a c", "a x c", ""},
		{"moved", "a b c d", "d a b c", "a b c d", "d a b c", ""},
		{"moved and changed", "a b c d", "d a b c", "a b c d:1", "d:1 a b c", ""},
		{"moved and added", "a b c d", "d a b c", "a b x c d", "d a b x c", ""},
		{"moved and taken out", "a b c d", "d a b c", "a b c", "a b c", ""},
		{"moved by both alike", "a b c", "c a b", "c a b", "c a b", ""},
		{"moved by both elsewhere", "a b c d e", "e a b c d", "a e b c d", "e a b c d", ""},
		{"emptied and filled", "a", "", "a x", "x", ""},
		{"from nothing", "", "a", "b", "a b", ""},
		{"one ID, two texts", "a", "a x:1", "a x:2", "a x:1", "x:/1/2 after a"},
	} {
		merged, overlaps := Merge(body(tt.base), body(tt.mine), body(tt.theirs))
		var told []string
		for _, o := range overlaps {
			strip := strings.NewReplacer("<p>", "", "</p>", "").Replace
			after := "-"
			if o.After != "" {
				after = o.After[:1]
			}
			told = append(told, fmt.Sprintf("%s:%s/%s/%s after %s", o.ID[:1], strip(o.Base), strip(o.Mine), strip(o.Theirs), after))
		}
		if got := spell(merged); got != tt.want || strings.Join(told, " ") != tt.overlaps {
			t.Errorf("%s: Merge(%q, %q, %q) = %q, %q; want %q, %q", tt.name, tt.base, tt.mine, tt.theirs, got, told, tt.want, tt.overlaps)
		}
	}
}

func TestMergeKeepsBlocksWithoutID(t *testing.T) {
	base := body("a b")
	mine := []Block{base[0], {HTML: "<p>new</p>"}, base[1], {ID: base[1].ID, HTML: "<p>second half</p>"}}
	merged, overlaps := Merge(base, mine, base)
	if !reflect.DeepEqual(merged, mine) || overlaps != nil {
		t.Errorf("Merge = %v, %v; want %v", merged, overlaps, mine)
	}
}

// scene is a base and what two people did to it.
type scene struct{ base, mine, theirs []Block }

func (s scene) String() string {
	return fmt.Sprintf("base %q, mine %q, theirs %q", s.base, s.mine, s.theirs)
}

// author edits blocks at random; moves only if it may.
func author(r *rand.Rand, base []Block, mark string, moves bool) []Block {
	var out []Block
	added := func() {
		for r.IntN(6) == 0 {
			// The place in the list keeps IDs apart, the random letters before it their order at random.
			id := string([]byte{byte('a' + r.IntN(26)), byte('a' + r.IntN(26)), byte('a' + len(out)/26), byte('a' + len(out)%26)}) + strings.Repeat(mark, 4)
			out = append(out, Block{ID: id, HTML: "<p>added " + id + "</p>"})
		}
	}
	for _, b := range base {
		added()
		switch r.IntN(8) {
		case 0:
		case 1:
			out = append(out, Block{ID: b.ID, HTML: "<p>" + mark + " wrote " + b.ID + "</p>"})
		default:
			out = append(out, b)
		}
	}
	added()
	for moves && len(out) > 1 && r.IntN(2) == 0 {
		i, j := r.IntN(len(out)), r.IntN(len(out))
		b := out[i]
		out = slices.Insert(slices.Delete(out, i, i+1), min(j, len(out)-1), b)
	}
	return out
}

func randomScene(r *rand.Rand) scene {
	var s scene
	for i := range r.IntN(9) {
		id := strings.Repeat(string(rune('a'+i)), idLength)
		s.base = append(s.base, Block{ID: id, HTML: "<p>base " + id + "</p>"})
	}
	moves := r.IntN(2) == 0
	s.mine, s.theirs = author(r, s.base, "m", moves), author(r, s.base, "t", moves)
	return s
}

func ids(blocks []Block) []string {
	var out []string
	for _, b := range blocks {
		out = append(out, b.ID)
	}
	return out
}

func texts(blocks []Block) map[string]string {
	out := map[string]string{}
	for _, b := range blocks {
		out[b.ID] = b.HTML
	}
	return out
}

// checkMerge asserts what holds for every merge.
func checkMerge(t testing.TB, s scene) bool {
	t.Helper()
	merged, overlaps := Merge(s.base, s.mine, s.theirs)
	other, swapped := Merge(s.base, s.theirs, s.mine)
	fail := func(format string, args ...any) bool {
		t.Errorf(format+"\n%v\nmerged %q\noverlaps %q", append(args, s, merged, overlaps)...)
		return false
	}
	base, mine, theirs, got := texts(s.base), texts(s.mine), texts(s.theirs), texts(merged)
	if len(got) != len(merged) {
		return fail("a block stands twice")
	}
	asked := map[string]bool{}
	for _, o := range overlaps {
		asked[o.ID] = true
		if o.Base != base[o.ID] || o.Mine != mine[o.ID] || o.Theirs != theirs[o.ID] || got[o.ID] != mine[o.ID] {
			return fail("overlap %q misstates its texts", o)
		}
	}
	for id := range union(base, mine, theirs) {
		b, m, h := base[id], mine[id], theirs[id]
		want := m
		switch {
		case m == h:
		case m == b:
			want = h
		case h == b:
		default:
			if !asked[id] {
				return fail("nobody was asked about %s", id)
			}
			continue
		}
		if asked[id] || got[id] != want {
			return fail("block %s is %q, want %q", id, got[id], want)
		}
	}
	if len(overlaps) == 0 && !reflect.DeepEqual(merged, other) || len(overlaps) != len(swapped) {
		return fail("the other way round: %q, %q", other, swapped)
	}
	if again, none := Merge(s.base, merged, merged); len(none) > 0 || !reflect.DeepEqual(again, merged) {
		return fail("merged with itself: %q", again)
	}
	return true
}

func union(maps ...map[string]string) map[string]bool {
	out := map[string]bool{}
	for _, m := range maps {
		for k := range m {
			out[k] = true
		}
	}
	return out
}

// keepsOrder says that the blocks which both lists have stand in the same order in both.
func keepsOrder(list, in []Block) bool {
	at := map[string]int{}
	for i, id := range ids(in) {
		at[id] = i + 1
	}
	last := 0
	for _, id := range ids(list) {
		if i := at[id]; i != 0 {
			if i < last {
				return false
			}
			last = i
		}
	}
	return true
}

func TestMergeOfRandomEdits(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 3))
	count := 0
	for range 20_000 {
		s := randomScene(r)
		if !checkMerge(t, s) {
			return
		}
		merged, overlaps := Merge(s.base, s.mine, s.theirs)
		if len(overlaps) > 0 {
			count++
		}
		for _, alone := range []struct{ got, want []Block }{
			{first(Merge(s.base, s.mine, s.base)), s.mine}, {first(Merge(s.base, s.base, s.theirs)), s.theirs},
			{first(Merge(s.base, s.mine, s.mine)), s.mine},
		} {
			if !slices.Equal(alone.got, alone.want) {
				t.Fatalf("%v\nan edit alone became %q, want %q", s, alone.got, alone.want)
			}
		}
		ordered := keepsOrder(s.mine, s.base) && keepsOrder(s.theirs, s.base)
		if ordered && (!keepsOrder(s.mine, merged) || !keepsOrder(s.theirs, merged)) {
			t.Fatalf("%v\nmerged %q: nobody moved a block, yet one moved", s, merged)
		}
	}
	t.Logf("20,000 pairs, %d of them with overlaps", count)
}

func first(blocks []Block, _ []Overlap) []Block { return blocks }

func FuzzMerge(f *testing.F) {
	f.Add([]byte("12345678abcdefgh"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var seed [16]byte
		copy(seed[:], data)
		r := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(seed[:]), binary.LittleEndian.Uint64(seed[8:])))
		checkMerge(t, randomScene(r))
	})
}
