package markup

import (
	"crypto/rand"
)

// idPrefix stands before a block's ID in an id attribute.
const idPrefix = "p-"

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

// Identify gives every block an ID. One that a single block carries stays. Blocks without one, or with one that several carry
// (an editor doubles it when a paragraph is cut in two), are matched with the previous blocks whose IDs are free: by the same
// HTML, the same text, then the most similar text. The rest get new random IDs. The blocks given are left as they are.
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
	rematch(out, previous, used)
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
