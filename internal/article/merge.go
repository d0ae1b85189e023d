package article

import (
	"fmt"
	"slices"
	"time"

	"stet/internal/fault"
	"stet/internal/markup"
)

// Overlap says that two people changed the same since Base, so that only a person can decide. It is a fault.Conflict. Mine is what was
// submitted, kept as revision Aside, Theirs the newest revision, Before what both were made from. By names who saved since Base, MineBy who
// submitted mine; Own says that the actor did. Blocks and Fields are where they part, Joined what merged by itself, Order the ids of the
// merged blocks, mine where they part. Resolve puts them together; saving again with Head as the base puts mine on top.
type Overlap struct {
	Article              int64
	Base, Aside, Head    int
	BaseAt, MineAt, At   time.Time
	MineBy, By           string
	Own                  bool
	Before, Mine, Theirs Draft
	Blocks               []markup.Overlap
	Fields               []string
	Joined               []Joined
	Order                []string
}

// Joined is a block (by its id, with its HTML before and now, "" where it isn't there) or a field that merged by itself, and whose it is.
type Joined struct {
	Name         string
	Field        bool
	Mine, Theirs bool
	Before, Now  string
}

// Error counts what overlaps.
func (o *Overlap) Error() string {
	return fmt.Sprintf("conflict with revision %d in %d paragraphs and %d fields", o.Head, len(o.Blocks), len(o.Fields))
}

// Unwrap makes an Overlap a fault.Conflict.
func (o *Overlap) Unwrap() error { return fault.Conflict }

func (o *Overlap) found() bool { return len(o.Blocks)+len(o.Fields) > 0 }

// merge joins two revisions made from base: what only one side changed is taken, what both changed alike too, and what both changed
// differently is noted in o, with mine standing in the result.
func merge(base, mine, theirs revision, o *Overlap) revision {
	out := mine
	o.note("headline", field(&out.Headline, base.Headline, theirs.Headline))
	o.note("standfirst", field(&out.Standfirst, base.Standfirst, theirs.Standfirst))
	o.note("kicker", field(&out.Kicker, base.Kicker, theirs.Kicker))
	o.note("dateline", field(&out.Dateline, base.Dateline, theirs.Dateline))
	o.note("label", field(&out.Label, base.Label, theirs.Label))
	o.note("slug", field(&out.Slug, base.Slug, theirs.Slug))
	o.note("language", field(&out.Language, base.Language, theirs.Language))
	o.note("image", field(&out.Image, base.Image, theirs.Image))
	o.note("image_alt", field(&out.ImageAlt, base.ImageAlt, theirs.ImageAlt))
	o.note("image_caption", field(&out.ImageCaption, base.ImageCaption, theirs.ImageCaption))
	o.note("image_credit", field(&out.ImageCredit, base.ImageCredit, theirs.ImageCredit))
	o.note("category", field(&out.Category, base.Category, theirs.Category))
	if out.Category == theirs.Category {
		out.CategorySlug = theirs.CategorySlug
	}
	out.Also = list(base.Also, mine.Also, theirs.Also)
	out.AlsoSlugs = slugs(out.Also, &mine, &theirs)
	out.Tags = list(base.Tags, mine.Tags, theirs.Tags)
	switch {
	case slices.Equal(mine.bylines, base.bylines):
		out.bylines = theirs.bylines
	case !slices.Equal(theirs.bylines, base.bylines) && !slices.Equal(theirs.bylines, mine.bylines):
		o.Fields = append(o.Fields, "authors")
	}
	out.blocks, o.Blocks = markup.Merge(base.blocks, mine.blocks, theirs.blocks)
	return out
}

// field decides one value: mine holds the submitted one and is changed to theirs where only they changed it. It reports whether both did,
// differently.
func field[T comparable](mine *T, base, theirs T) (overlaps bool) {
	if *mine == base {
		*mine = theirs
	}
	return theirs != base && theirs != *mine
}

// note adds a field to those that overlap.
func (o *Overlap) note(name string, overlaps bool) {
	if overlaps {
		o.Fields = append(o.Fields, name)
	}
}

// list merges two edits of a list in which each value stands once, as the blocks of a body are: additions of both stay, removals of both hold,
// and what one side moved is moved.
func list[T comparable](base, mine, theirs []T) []T {
	values := map[string]T{}
	blocks := func(list []T) []markup.Block {
		var out []markup.Block
		for _, v := range list {
			id := fmt.Sprint("=", v)
			values[id] = v
			out = append(out, markup.Block{ID: id, HTML: id})
		}
		return out
	}
	merged, _ := markup.Merge(blocks(base), blocks(mine), blocks(theirs)) // a value is what it is called: nobody changes it
	var out []T
	for _, b := range merged {
		out = append(out, values[b.HTML])
	}
	return out
}

// slugs names further categories as one of the sides does.
func slugs(also []int64, sides ...*revision) []string {
	known := map[int64]string{}
	for _, r := range sides {
		for i, id := range r.Also {
			known[id] = r.AlsoSlugs[i]
		}
	}
	var out []string
	for _, id := range also {
		out = append(out, known[id])
	}
	return out
}
