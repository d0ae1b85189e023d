package markup

import (
	"cmp"
	"slices"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// pair says that old[a] stands at new[b].
type pair struct{ a, b int }

func (p pair) plus(a, b int) pair { return pair{p.a + a, p.b + b} }

// exactLength is up to where the plain algorithm finds the shortest difference; it gives up beyond a hundred edits.
const exactLength = 100

// common finds a longest (or, in long sequences, a good) common subsequence, as pairs that rise in both.
func common(a, b []rune) []pair { return appendCommon(nil, a, b, pair{}) }

// appendCommon adds the pairs of a and b, which begin at at.
func appendCommon(out []pair, a, b []rune, at pair) []pair {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		out = append(out, at)
		a, b, at = a[1:], b[1:], at.plus(1, 1)
	}
	tail := 0
	for tail < len(a) && tail < len(b) && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	end := at.plus(len(a)-tail, len(b)-tail)
	out = appendMiddle(out, a[:len(a)-tail], b[:len(b)-tail], at)
	for i := range tail {
		out = append(out, end.plus(i, i))
	}
	return out
}

// appendMiddle cuts long stretches at what stands once in each (as patience diff does) and leaves short ones to Myers.
func appendMiddle(out []pair, a, b []rune, at pair) []pair {
	if len(a) == 0 || len(b) == 0 {
		return out
	}
	if len(a)+len(b) > exactLength {
		if anchors := rising(unique(a, b)); len(anchors) > 0 {
			var from pair
			for _, p := range anchors {
				out = appendCommon(out, a[from.a:p.a], b[from.b:p.b], at.plus(from.a, from.b))
				out = append(out, at.plus(p.a, p.b))
				from = p.plus(1, 1)
			}
			return appendCommon(out, a[from.a:], b[from.b:], at.plus(from.a, from.b))
		}
	}
	i, j := 0, 0
	for _, d := range append(lcs.DiffRunes(a, b), lcs.Diff{Start: len(a), ReplStart: len(b)}) {
		for ; i < d.Start; i, j = i+1, j+1 {
			out = append(out, at.plus(i, j))
		}
		i, j = d.End, d.ReplEnd
	}
	return out
}

// unique pairs what stands exactly once in a and once in b, in the order of a.
func unique(a, b []rune) []pair {
	type seen struct{ inA, inB, at int }
	counts := map[rune]*seen{}
	for _, r := range a {
		if counts[r] == nil {
			counts[r] = &seen{}
		}
		counts[r].inA++
	}
	for j, r := range b {
		if s := counts[r]; s != nil {
			s.inB, s.at = s.inB+1, j
		}
	}
	var out []pair
	for i, r := range a {
		if s := counts[r]; s.inA == 1 && s.inB == 1 {
			out = append(out, pair{i, s.at})
		}
	}
	return out
}

// rising keeps the longest run of pairs that rises in b too.
func rising(pairs []pair) []pair {
	var tops []int // the pair that ends the best run of each length
	before := make([]int, len(pairs))
	for i, p := range pairs {
		k, _ := slices.BinarySearchFunc(tops, p.b, func(t, b int) int { return cmp.Compare(pairs[t].b, b) })
		before[i] = -1
		if k > 0 {
			before[i] = tops[k-1]
		}
		if k == len(tops) {
			tops = append(tops, i)
		} else {
			tops[k] = i
		}
	}
	out := make([]pair, len(tops))
	if len(tops) == 0 {
		return out
	}
	for i, k := tops[len(tops)-1], len(tops)-1; i >= 0; i, k = before[i], k-1 {
		out[k] = pairs[i]
	}
	return out
}

// interner numbers strings so that they compare quickly. The zero value is ready.
type interner struct{ ids map[string]rune }

func (in *interner) id(s string) rune {
	if in.ids == nil {
		in.ids = map[string]rune{}
	}
	n, ok := in.ids[s]
	if !ok {
		n = rune(len(in.ids))
		in.ids[s] = n
	}
	return n
}

func (in *interner) all(ss []string) []rune {
	out := make([]rune, len(ss))
	for i, s := range ss {
		out[i] = in.id(s)
	}
	return out
}

// bag is the words of a text, sorted; two of them say how alike two texts are whatever the order of their words.
type bag []rune

func (in *interner) bag(text string) bag {
	var words []string
	for t := range tokenwise(text) {
		if t[0] != ' ' && t[0] != '\n' {
			words = append(words, t)
		}
	}
	b := bag(in.all(words))
	slices.Sort(b)
	return b
}

// alike is the share of words that two texts have in common, from 0 to 1.
func alike(a, b bag) float64 {
	if len(a)+len(b) == 0 {
		return 0
	}
	shared, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			shared, i, j = shared+1, i+1, j+1
		}
	}
	return 2 * float64(shared) / float64(len(a)+len(b))
}

type match struct {
	old, new int
	score    float64
}

// maxPairs bounds how many pairs of texts are compared for likeness.
const maxPairs = 40_000

// likest matches olds and news whose likeness is at least atLeast, the likest first, each once; near ones before far ones.
func likest(olds, news []bag, atLeast float64) []match {
	var all []match
	reach := len(olds) + len(news)
	if len(olds)*len(news) > maxPairs {
		reach = max(1, maxPairs/(len(olds)+len(news)))
	}
	for i, o := range olds {
		for j := max(0, i-reach); j < min(len(news), i+reach+1); j++ {
			if s := alike(o, news[j]); s >= atLeast {
				all = append(all, match{i, j, s})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y match) int {
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(abs(x.old-x.new), abs(y.old-y.new)))
	})
	usedOld, usedNew := map[int]bool{}, map[int]bool{}
	var out []match
	for _, m := range all {
		if !usedOld[m.old] && !usedNew[m.new] {
			usedOld[m.old], usedNew[m.new] = true, true
			out = append(out, m)
		}
	}
	return out
}

func abs(n int) int { return max(n, -n) }
