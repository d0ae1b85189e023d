package markup

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

func checkSpans(t testing.TB, spans []Span, before, after string) {
	t.Helper()
	var a, b strings.Builder
	for i, s := range spans {
		if s.Op != Added {
			a.WriteString(s.Text)
		}
		if s.Op != Gone {
			b.WriteString(s.Text)
		}
		if s.Text == "" || i > 0 && spans[i-1].Op == s.Op {
			t.Errorf("DiffText(%q, %q) has an idle span: %v", before, after, spans)
		}
	}
	if a.String() != before || b.String() != after {
		t.Errorf("DiffText(%q, %q) = %v, which adds up to %q and %q", before, after, spans, a.String(), b.String())
	}
}

// checkDiff asserts that every block of both bodies is told of exactly once.
func checkDiff(t testing.TB, before, after []string) {
	t.Helper()
	from, to := make([]int, len(before)), make([]int, len(after))
	last := -1
	for _, d := range Diff(before, after) {
		if d.From >= 0 {
			from[d.From]++
		}
		if d.To >= 0 {
			to[d.To]++
			if d.To <= last {
				t.Errorf("Diff tells new block %d after %d", d.To, last)
			}
			last = d.To
		}
		checkSpans(t, d.Spans, d.Old, d.New)
		if (d.Kind == Unchanged) != (d.From >= 0 && d.To >= 0 && before[d.From] == after[d.To] && d.Kind != Moved) {
			t.Errorf("Diff calls %d to %d %v", d.From, d.To, d.Kind)
		}
	}
	for _, n := range append(from, to...) {
		if n != 1 {
			t.Errorf("Diff(%q, %q) tells of blocks %v and %v times", before, after, from, to)
			return
		}
	}
}

// told writes spans as a proof-reader would: [-gone-]{+added+}.
func told(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		switch s.Op {
		case Same:
			b.WriteString(s.Text)
		case Gone:
			b.WriteString("[-" + s.Text + "-]")
		case Added:
			b.WriteString("{+" + s.Text + "+}")
		}
	}
	return b.String()
}

func TestDiffText(t *testing.T) {
	for _, tt := range []struct{ before, after, want string }{
		{"", "", ""},
		{"The same", "The same", "The same"},
		{"", "New", "{+New+}"},
		{"across 14 kilometres of grey water", "across 41 kilometres of grey water", "across [-14-]{+41+} kilometres of grey water"},
		{"on Tuesday", "on Wednesday", "on [-Tuesday-]{+Wednesday+}"},
		{"41,000 vessels have passed", "some 14,000 vessels have passed", "[-41,000-]{+some 14,000+} vessels have passed"},
		{"the navy closed the strait", "the navy opened a strait", "the navy [-closed the-]{+opened a+} strait"},
		{"one of them retires.", "one of them retires, and nobody knows.", "one of them retires{+, and nobody knows+}."},
		{"It won’t", "It will", "It [-won’t-]{+will+}"},
		{"東京で地震がありました", "東京で津波がありました", "東京で[-地震-]{+津波+}がありました"},
		{"서울에서 회담이 열렸다", "서울에서 회담이 끝났다", "서울에서 회담이 [-열렸다-]{+끝났다+}"},
		{"قال الوزير أمس", "قال الرئيس أمس", "قال [-الوزير-]{+الرئيس+} أمس"},
		{"กรุงเทพ", "กรุงเทพฯ", "กรุงเทพ{+ฯ+}"},
		{"👩🏽‍🚀 landed", "👨🏽‍🚀 landed", "[-👩🏽‍🚀-]{+👨🏽‍🚀+} landed"},
	} {
		got := DiffText(tt.before, tt.after)
		if told(got) != tt.want {
			t.Errorf("DiffText(%q, %q) = %s, want %s", tt.before, tt.after, told(got), tt.want)
		}
		checkSpans(t, got, tt.before, tt.after)
	}
}

func TestDiff(t *testing.T) {
	const (
		lamp  = `<p>At 21:14 on Monday the lamp at Cape Ore came on.</p>`
		lamp2 = `<p>At 21:14 on Tuesday the lamp at Cape Ore came on.</p>`
		boat  = `<p>There is a boat, two books and a pencil sharpener.</p>`
		fish  = `<p>A quarrel about fish was legible in <a href="https://a.example/">bearings</a>.</p>`
		fish2 = `<p>A quarrel about fish was legible in <a href="https://b.example/">bearings</a>.</p>`
		head  = `<h2>Nights</h2>`
		pic   = `<figure><img data-media="7" alt="A lens"/></figure>`
		pic2  = `<figure><img data-media="8" alt="A lens"/></figure>`
	)
	for _, tt := range []struct {
		name          string
		before, after []string
		want          []string
	}{
		{"same", []string{lamp, boat}, []string{lamp, boat}, []string{"unchanged 0>0", "unchanged 1>1"}},
		{"words", []string{lamp, boat}, []string{lamp2, boat}, []string{"changed 0>0", "unchanged 1>1"}},
		{"in and out", []string{lamp, boat}, []string{head, lamp}, []string{"inserted -1>0", "unchanged 0>1", "removed 1>-1"}},
		{"link", []string{lamp, fish}, []string{lamp, fish2}, []string{"unchanged 0>0", "formatting 1>1 link https://a.example/>https://b.example/"}},
		{"picture", []string{lamp, pic}, []string{lamp, pic2}, []string{"unchanged 0>0", "formatting 1>1 picture 7>8"}},
		{"moved", []string{lamp, boat, fish}, []string{fish, lamp, boat}, []string{"moved 2>0", "unchanged 0>1", "unchanged 1>2"}},
		{"picture moved", []string{pic, lamp, boat}, []string{lamp, boat, pic}, []string{"unchanged 1>0", "unchanged 2>1", "moved 0>2"}},
		{"replaced", []string{lamp}, []string{`<p>Something else was written by nobody.</p>`}, []string{"removed 0>-1", "inserted -1>0"}},
		{"nothing", nil, []string{lamp}, []string{"inserted -1>0"}},
	} {
		var got []string
		for _, d := range Diff(tt.before, tt.after) {
			s := fmt.Sprintf("%v %d>%d", d.Kind, d.From, d.To)
			for _, x := range d.Details {
				s += " " + x.What + " " + x.Old + ">" + x.New
			}
			got = append(got, s)
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("Diff(%s) = %q, want %q", tt.name, got, tt.want)
		}
		checkDiff(t, tt.before, tt.after)
	}
}

func TestDiffOfRandomBodies(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for range 500 {
		var before, after []string
		for range r.IntN(12) {
			before = append(before, "<p>"+sentence(r)+"</p>")
		}
		for _, b := range before {
			switch r.IntN(5) {
			case 0:
			case 1:
				after = append(after, strings.Replace(b, " ", " and ", 1))
			case 2:
				after = append(after, b, "<p>"+sentence(r)+"</p>")
			default:
				after = append(after, b)
			}
		}
		r.Shuffle(min(len(after), r.IntN(4)), func(i, j int) { after[i], after[j] = after[j], after[i] })
		checkDiff(t, before, after)
	}
}

var someWords = strings.Fields(`lamp ledger pencil strait boat clerk keeper convention harbour minute evening bearing mercury lens inspector
	bicycle winter prism signal fishery embassy treaty customs launch glass the a of and in to at by with from`)

func sentence(r *rand.Rand) string {
	words := make([]string, 4+r.IntN(20))
	for i := range words {
		words[i] = someWords[r.IntN(len(someWords))]
	}
	return strings.Join(words, " ") + "."
}
