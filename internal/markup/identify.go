package markup

import (
	"crypto/rand"
	"slices"
)

// idPrefix stands before a block's ID in an id attribute, which idAttr begins.
const (
	idPrefix = "p-"
	idAttr   = ` id="` + idPrefix
)

const idLength = 8

func validID(id string) bool {
	if len(id) != idLength {
		return false
	}
	for _, c := range []byte(id) {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// akin is how like its former self a block without an ID must be to get that one's.
const akin = 0.6

// Identify gives every block an ID. One that a single block carries stays, unless it has slipped onto another text while its own stands
// beside it without one. Blocks without one, or with one that several carry (an editor doubles it when a paragraph is cut in two), are
// matched with the previous blocks whose IDs are free: by the same HTML, the same text, then the most similar text; an ID that several
// carry and none of them resembles goes to the first. The rest get new random IDs. The blocks given are left as they are.
func Identify(blocks, previous []Block) []Block {
	count := map[string]int{}
	for _, b := range blocks {
		count[b.ID]++
	}
	out := make([]Block, len(blocks))
	used := map[string]bool{}
	for i, b := range blocks {
		out[i] = Block{HTML: b.HTML}
		if validID(b.ID) && count[b.ID] == 1 {
			out[i].ID = b.ID
			used[b.ID] = true
		}
	}
	slipped(out, previous, used)
	rematch(out, previous, used)
	for i, b := range blocks {
		if out[i].ID == "" && validID(b.ID) && count[b.ID] > 1 && !used[b.ID] {
			out[i].ID, used[b.ID] = b.ID, true
		}
	}
	for _, p := range previous {
		used[p.ID] = true
	}
	for i := range out {
		for out[i].ID == "" {
			if id := newID(); !used[id] {
				used[id] = true
				out[i].ID = id
			}
		}
	}
	return out
}

// slipped takes the ID off a block that is unlike the one which had it before, where a nameless block is like that one: somebody wrote a new
// paragraph between a tag and its text.
func slipped(out, previous []Block, used map[string]bool) {
	if len(previous) == 0 {
		return
	}
	var in interner
	var nameless []bag
	for _, b := range out {
		if b.ID == "" {
			nameless = append(nameless, in.bag(Text(b.HTML)))
		}
	}
	if len(nameless) == 0 {
		return
	}
	had := make(map[string]string, len(previous))
	for _, p := range previous {
		had[p.ID] = p.HTML
	}
	left := maxPairs
	for i, b := range out {
		before, known := had[b.ID]
		if b.ID == "" || !known || before == b.HTML || left < len(nameless) {
			continue
		}
		was := in.bag(Text(before))
		if alike(was, in.bag(Text(b.HTML))) >= akin {
			continue
		}
		left -= len(nameless)
		if slices.ContainsFunc(nameless, func(n bag) bool { return alike(was, n) >= akin }) {
			out[i].ID = ""
			delete(used, b.ID)
		}
	}
}

// rematch gives nameless blocks the free IDs of previous ones.
func rematch(out, previous []Block, used map[string]bool) {
	take := func(i int, p Block) {
		out[i].ID = p.ID
		used[p.ID] = true
	}
	exact := func(key func(string) string) {
		free := map[string][]Block{}
		for _, p := range previous {
			if validID(p.ID) && !used[p.ID] {
				k := key(p.HTML)
				free[k] = append(free[k], p)
			}
		}
		for i := range out {
			if out[i].ID != "" || len(free) == 0 {
				continue
			}
			k := key(out[i].HTML)
			if ps := free[k]; len(ps) > 0 {
				take(i, ps[0])
				free[k] = ps[1:]
			}
		}
	}
	exact(func(h string) string { return h })
	exact(Text)
	similar(out, previous, used, take)
}

// similar matches what is left by likeness, the likest pair first.
func similar(out, previous []Block, used map[string]bool, take func(int, Block)) {
	var in interner
	var olds, news []int
	var oldBags, newBags []bag
	for i, p := range previous {
		if validID(p.ID) && !used[p.ID] {
			olds, oldBags = append(olds, i), append(oldBags, in.bag(Text(p.HTML)))
		}
	}
	if len(olds) == 0 {
		return
	}
	for i, b := range out {
		if b.ID == "" {
			news, newBags = append(news, i), append(newBags, in.bag(Text(b.HTML)))
		}
	}
	for _, m := range likest(oldBags, newBags, akin) {
		if p := previous[olds[m.old]]; !used[p.ID] {
			take(news[m.new], p)
		}
	}
}

func newID() string {
	var raw [idLength]byte
	// crypto/rand.Read never returns an error.
	rand.Read(raw[:])
	for i, b := range raw {
		raw[i] = 'a' + b%26
	}
	return string(raw[:])
}
