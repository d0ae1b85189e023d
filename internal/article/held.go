package article

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"stet/internal/fault"
	"stet/internal/markup"
)

// Held is a block (by its id) or a field that a form still has as in Revision, while all else in it stems from the base it names. A form
// saves in place and goes on: where what others changed meanwhile stands in a block that was written in since it was sent, the form keeps
// its own, and the next save is compared with what it was made from.
type Held struct {
	Name     string
	Revision int
}

// Limits of what a form may hold back: names, and different revisions among them.
const (
	maxHeld          = 2000
	maxHeldRevisions = 20
)

// ParseHeld reads NAME@REVISION, parted by white space, as a form sends it. What can't be read is a fault on the field revision.
func ParseHeld(text string) ([]Held, error) {
	var out []Held
	numbers := map[int]bool{}
	for word := range strings.FieldsSeq(text) {
		name, number, _ := strings.Cut(word, "@")
		n, err := strconv.Atoi(number)
		if err != nil || n <= 0 || name == "" {
			return nil, errBase
		}
		numbers[n] = true
		out = append(out, Held{name, n})
	}
	if len(out) > maxHeld || len(numbers) > maxHeldRevisions {
		return nil, errBase
	}
	return out, nil
}

// errBase says that a form was made from what is no revision of this article.
var errBase = fault.Field("revision", "article.revision.unknown")

func heldNames(held []Held) []string {
	var out []string
	for _, h := range held {
		out = append(out, h.Name+"@"+strconv.Itoa(h.Revision))
	}
	return out
}

// baseOf gives what r was made from: its base, with what r held back as it was in the revision that is named for it. Head is the newest
// revision, which needn't be read again.
func baseOf(ctx context.Context, q querier, id int64, r, head revision) (revision, error) {
	read := map[int]revision{head.Number: head}
	at := func(number int) (revision, error) {
		if got, ok := read[number]; ok {
			return got, nil
		}
		got, err := readRevision(ctx, q, id, number)
		if errors.Is(err, fault.NotFound) || err == nil && got.Aside {
			return got, errBase
		}
		read[number] = got
		return got, err
	}
	base, err := at(r.Base)
	if err != nil {
		return base, err
	}
	held, err := ParseHeld(strings.Join(r.Held, " "))
	if err != nil {
		return base, err
	}
	blocks := map[int]map[string]bool{}
	for _, h := range held {
		from, err := at(h.Revision)
		if err != nil {
			return base, err
		}
		if base.take(h.Name, &from) {
			continue
		}
		if blocks[h.Revision] == nil {
			blocks[h.Revision] = map[string]bool{}
		}
		blocks[h.Revision][h.Name] = true
	}
	for number, names := range blocks {
		base.blocks = heldBlocks(base.blocks, read[number].blocks, names)
	}
	return base, nil
}

// heldBlocks gives blocks with the named ones as they are in from: with that text and after the same neighbour, or not at all.
func heldBlocks(blocks, from []markup.Block, names map[string]bool) []markup.Block {
	after := map[string][]markup.Block{} // what stands after a block that isn't named; "" for the start
	neighbour := ""
	for _, b := range from {
		if names[b.ID] {
			after[neighbour] = append(after[neighbour], b)
		} else {
			neighbour = b.ID
		}
	}
	out := append([]markup.Block(nil), after[""]...)
	delete(after, "")
	for _, b := range blocks {
		if names[b.ID] {
			continue
		}
		out = append(append(out, b), after[b.ID]...)
		delete(after, b.ID)
	}
	for _, b := range from { // their neighbour is gone
		out = append(out, after[b.ID]...)
	}
	return out
}

// take copies the field of that name and reports whether there is one.
func (r *revision) take(name string, from *revision) bool {
	switch name {
	case "headline":
		r.Headline = from.Headline
	case "standfirst":
		r.Standfirst = from.Standfirst
	case "kicker":
		r.Kicker = from.Kicker
	case "dateline":
		r.Dateline = from.Dateline
	case "label":
		r.Label = from.Label
	case "slug":
		r.Slug = from.Slug
	case "language":
		r.Language = from.Language
	case "image":
		r.Image = from.Image
	case "image_alt":
		r.ImageAlt = from.ImageAlt
	case "image_caption":
		r.ImageCaption = from.ImageCaption
	case "image_credit":
		r.ImageCredit = from.ImageCredit
	case "category":
		r.Category, r.CategorySlug = from.Category, from.CategorySlug
	case "also":
		r.Also, r.AlsoSlugs = from.Also, from.AlsoSlugs
	case "tags":
		r.Tags = from.Tags
	case "authors":
		r.bylines = from.bylines
	default:
		return false
	}
	return true
}
