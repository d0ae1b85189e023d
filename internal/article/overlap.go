package article

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/staff"
)

// Overlap gives what revision aside, which was kept beside another's text, and the newest revision differ in, as they stand now. For whoever
// may see the article. A revision that isn't kept aside is a fault, one that isn't there not found.
func (s *Store) Overlap(ctx context.Context, actor staff.Actor, id int64, aside int) (*Overlap, error) {
	var o *Overlap
	err := s.see(ctx, actor, id, func(tx pgx.Tx, a *locked) error {
		r, err := readAside(ctx, tx, id, aside)
		if err != nil {
			return err
		}
		o, err = overlapOf(ctx, tx, a, r)
		return err
	})
	return o, err
}

// errNotAside says that a revision stands in the article's line, so that there is nothing to choose.
var errNotAside = fault.Field("", "article.overlap.none")

func readAside(ctx context.Context, q querier, id int64, number int) (revision, error) {
	r, err := readRevision(ctx, q, id, number)
	if err == nil && !r.Aside {
		err = errNotAside
	}
	return r, err
}

// overlapOf compares mine, a revision kept aside, with the newest one.
func overlapOf(ctx context.Context, q querier, a *locked, mine revision) (*Overlap, error) {
	head, err := readRevision(ctx, q, a.ID, a.Head)
	if err != nil {
		return nil, err
	}
	base, err := baseOf(ctx, q, a.ID, mine, head)
	if err != nil {
		return nil, err
	}
	return sides{base, mine, head}.overlap(ctx, q, a)
}

// sides are the two texts that meet and what both were made from.
type sides struct{ base, mine, head revision }

func (s sides) overlap(ctx context.Context, q querier, a *locked) (*Overlap, error) {
	base, mine, head := s.base, s.mine, s.head
	by, err := savers(ctx, q, a, base.Number)
	if err != nil {
		return nil, err
	}
	o := &Overlap{Article: a.ID, Base: base.Number, Aside: mine.Number, Head: head.Number, BaseAt: base.At, MineAt: mine.At, At: head.At, MineBy: mine.byName, By: by,
		Own: mine.By == a.actor.ID, Before: base.draft(a), Mine: mine.draft(a), Theirs: head.draft(a)}
	merged := merge(base, mine, head, o)
	for _, b := range merged.blocks {
		o.Order = append(o.Order, b.ID)
	}
	o.join(base, mine, head, merged)
	return o, nil
}

// savers names who saved after revision base, others before the actor: two tabs of one person may meet too.
func savers(ctx context.Context, q querier, a *locked, base int) (string, error) {
	var names []string
	err := q.QueryRow(ctx, `
		SELECT coalesce(array_agg(name ORDER BY last DESC), '{}')
		FROM (SELECT s.id, s.name, max(r.number) AS last
			FROM revisions r
			JOIN staff s ON s.id = r.by
			WHERE r.article_id = $1 AND r.number > $2 AND r.number <= $3 AND NOT r.aside
			GROUP BY s.id) AS who
		WHERE id <> $4 OR NOT EXISTS (SELECT FROM revisions r WHERE r.article_id = $1 AND r.number > $2 AND r.number <= $3 AND NOT r.aside AND r.by <> $4)`,
		a.ID, base, a.Head, a.actor.ID).Scan(&names)
	if len(names) > 3 {
		names = names[:3]
	}
	return strings.Join(names, ", "), err
}

// fieldNames are the fields of a revision, as forms name them, in the order of a page.
var fieldNames = []string{"headline", "standfirst", "kicker", "dateline", "category", "also", "tags", "authors", "label", "slug", "language", "image", "image_caption",
	"image_credit", "image_alt"}

// differs tells whether two revisions part in the field of that name.
func (r *revision) differs(name string, o *revision) bool {
	x, y := *r, *r
	x.take(name, o)
	x.blocks, y.blocks = nil, nil
	return !x.same(y)
}

// join lists what merged by itself: fields first, then blocks in their order, those that are gone last.
func (o *Overlap) join(base, mine, theirs, merged revision) {
	for _, name := range fieldNames {
		if !slices.Contains(o.Fields, name) && merged.differs(name, &base) {
			o.Joined = append(o.Joined, Joined{Name: name, Field: true, Mine: mine.differs(name, &base), Theirs: theirs.differs(name, &base)})
		}
	}
	asked := map[string]bool{}
	for _, b := range o.Blocks {
		asked[b.ID] = true
	}
	byMine, byTheirs := changed(base.blocks, mine.blocks), changed(base.blocks, theirs.blocks)
	before, now := byID(base.blocks), byID(merged.blocks)
	for _, b := range append(slices.Clone(merged.blocks), base.blocks...) {
		if (byMine[b.ID] || byTheirs[b.ID]) && !asked[b.ID] {
			asked[b.ID] = true
			o.Joined = append(o.Joined, Joined{Name: b.ID, Mine: byMine[b.ID], Theirs: byTheirs[b.ID], Before: before[b.ID], Now: now[b.ID]})
		}
	}
}

func changed(from, to []markup.Block) map[string]bool {
	out := map[string]bool{}
	for _, id := range markup.Altered(from, to) {
		out[id] = true
	}
	return out
}

func byID(blocks []markup.Block) map[string]string {
	out := make(map[string]string, len(blocks))
	for _, b := range blocks {
		out[b.ID] = b.HTML
	}
	return out
}

// saved tells of a revision what a form that goes on must know.
func (r *revision) saved() Saved {
	d := r.fields()
	return Saved{Number: r.Number, At: r.At, Blocks: r.blocks, Fields: d}
}

// taken names the blocks and fields that r has otherwise than mine, which was joined into it.
func (r *revision) taken(mine revision) []string {
	out := markup.Altered(mine.blocks, r.blocks)
	for _, name := range fieldNames {
		if r.differs(name, &mine) {
			out = append(out, name)
		}
	}
	return out
}

// How a person keeps what overlaps.
const (
	KeepMine   = "mine"
	KeepTheirs = "theirs"
	KeepBoth   = "both" // mine first
	KeepAnew   = "anew" // neither: the text given
)

// Choice is how one block or field is kept. Text is HTML for a block, a line for a field.
type Choice struct{ Keep, Text string }

// ResolveIn is what a person chose for an overlap: Head is the newest revision as they saw it, Choices go by the ids of blocks and the names
// of fields. Of Draft only what acts at once and the note count.
type ResolveIn struct {
	Draft
	Aside, Head int
	Choices     map[string]Choice
	Key         string
}

// Resolve puts a revision kept aside together with the newest one as it was chosen and saves that as the next revision. Who saved meanwhile
// is merged with, as in Save: a new overlap keeps the chosen text aside and is returned. A choice that is missing or can't be: *fault.Invalid.
func (s *Store) Resolve(ctx context.Context, actor staff.Actor, id int64, in ResolveIn) (Saved, error) {
	sent, err := sentKey(in.Key, in)
	if err != nil {
		return Saved{}, err
	}
	var out outcome
	save := SaveIn{Draft: in.Draft, Base: in.Head, Key: in.Key}
	err = s.act(ctx, actor, id, verb{"resolve", CanSave}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		number, before, err := submitted(ctx, tx, a, "resolve", sent)
		if err != nil {
			return nil, err
		}
		if before {
			out, err = savedBefore(ctx, a, number)
			return nil, cmp.Or(err, errDone)
		}
		chosen, err := choose(ctx, a, in)
		if err != nil {
			return nil, err
		}
		if out, err = s.keep(ctx, a, chosen, save); err != nil {
			return nil, err
		}
		save.Key = sent
		return kept(ctx, a, "resolve", save, out)
	})
	return out.answer(err)
}

// choose makes the text that was chosen, as edited from revision in.Head.
func choose(ctx context.Context, a *locked, in ResolveIn) (revision, error) {
	mine, err := readAside(ctx, a.tx, a.ID, in.Aside)
	if err != nil {
		return mine, err
	}
	head, err := readRevision(ctx, a.tx, a.ID, in.Head)
	if err != nil || head.Aside {
		return mine, errBase
	}
	base, err := baseOf(ctx, a.tx, a.ID, mine, head)
	if err != nil {
		return mine, err
	}
	var o Overlap
	var c fault.Check
	out := merge(base, mine, head, &o)
	out.Note, out.Aside, out.Held = markup.Line(in.Note), false, nil
	for _, name := range o.Fields {
		c.That(out.chooseField(name, &head, in.Choices[name]), name, "article.overlap.choose")
	}
	out.blocks = chooseBlocks(out.blocks, o.Blocks, in.Choices, &c)
	d := out.draft(a)
	d.Note = in.Note
	d.check(&c)
	if err := out.resolveMedia(ctx, a.tx, &c); err != nil {
		return out, err
	}
	return out, c.Err()
}

// chooseField decides one field of r, in which mine stands, and reports whether it can be kept that way.
func (r *revision) chooseField(name string, theirs *revision, how Choice) bool {
	text, both := r.text(name), *theirs
	other := both.text(name)
	switch how.Keep {
	case KeepMine:
		return true
	case KeepTheirs:
		return r.take(name, theirs)
	case KeepBoth:
		if name == "authors" {
			for _, b := range theirs.bylines {
				if !slices.Contains(r.bylines, b) {
					r.bylines = append(slices.Clip(r.bylines), b)
				}
			}
			return true
		}
		if text == nil {
			return false
		}
		*text = strings.TrimSpace(*text + " " + *other)
		return true
	case KeepAnew:
		if text == nil {
			return false
		}
		*text = markup.Line(how.Text)
		return true
	}
	return false
}

// text is the field of that name where it is words; nil where it is a choice among things that are there.
func (r *revision) text(name string) *string {
	return map[string]*string{"headline": &r.Headline, "standfirst": &r.Standfirst, "kicker": &r.Kicker, "dateline": &r.Dateline, "image_alt": &r.ImageAlt,
		"image_caption": &r.ImageCaption, "image_credit": &r.ImageCredit}[name]
}

// IsWords reports whether a field holds words, so that both texts of it can stand one after the other, or a third.
func IsWords(name string) bool {
	var r revision
	return r.text(name) != nil
}

// chooseBlocks decides the blocks that overlap; merged holds mine where they do.
func chooseBlocks(merged []markup.Block, overlaps []markup.Overlap, choices map[string]Choice, c *fault.Check) []markup.Block {
	chosen := map[string][]markup.Block{}
	after := map[string][]markup.Overlap{}
	present := byID(merged)
	for _, o := range overlaps {
		blocks, ok := chooseBlock(o, choices[o.ID])
		c.That(ok, o.ID, "article.overlap.choose")
		chosen[o.ID] = blocks
		if _, stands := present[o.ID]; !stands {
			after[o.After] = append(after[o.After], o)
		}
	}
	var out []markup.Block
	gone := func(id string) {
		for _, o := range after[id] {
			out = append(out, chosen[o.ID]...)
		}
	}
	gone("")
	for _, b := range merged {
		if blocks, ok := chosen[b.ID]; ok {
			out = append(out, blocks...)
		} else {
			out = append(out, b)
		}
		gone(b.ID)
	}
	return markup.Identify(out, nil)
}

func chooseBlock(o markup.Overlap, how Choice) (blocks []markup.Block, ok bool) {
	add := func(html string) {
		b := markup.Block{HTML: html}
		if len(blocks) == 0 {
			b.ID = o.ID
		}
		if html != "" {
			blocks = append(blocks, b)
		}
	}
	switch how.Keep {
	case KeepMine:
		add(o.Mine)
	case KeepTheirs:
		add(o.Theirs)
	case KeepBoth:
		add(o.Mine)
		add(o.Theirs)
	case KeepAnew:
		if len(how.Text) > MaxBody {
			return nil, false
		}
		for _, b := range markup.Article(how.Text) {
			add(b.HTML)
		}
	default:
		return nil, false
	}
	return blocks, true
}
