package article

import (
	"context"
	"path"
	"slices"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/staff"
)

// Comparison is two states of an article side by side. FromLive says that From is what readers see, as it was published. Last is the
// highest number of a revision.
type Comparison struct {
	From, To RevisionLine
	FromLive bool
	Last     int
	Changes  Changes
	Facts    []FactChange
	// Pictures are the lead pictures of both, by id.
	Pictures map[int64]media.Media
}

// FactChange is something beside the text that differs: label, slug, language, category, also, tags or authors. Was and Is are the values
// as people know them, one or several; authors come as name and profile, and only where the names alone don't tell.
type FactChange struct {
	Field   string
	Was, Is []string
}

// None reports that nothing at all differs.
func (c *Comparison) None() bool { return c.Changes.None() && len(c.Facts) == 0 }

// Compare compares two revisions of an article by number. From 0 is what readers see, or where nothing is public the revision before to;
// to 0 is the newest one that stands. A number that isn't there is not found.
func (s *Store) Compare(ctx context.Context, actor staff.Actor, id int64, from, to int) (Comparison, error) {
	var c Comparison
	err := s.see(ctx, actor, id, func(tx pgx.Tx, a *locked) error {
		if to == 0 {
			to = a.Head
		}
		c.FromLive = from == 0 && a.LiveVersion != nil && a.LiveRevision != nil
		switch {
		case c.FromLive:
			from = *a.LiveRevision
		case from == 0:
			from = max(to-1, 1)
		}
		was, is, err := s.states(ctx, tx, a, [2]int{from, to}, c.FromLive)
		if err != nil {
			return err
		}
		c.Changes = ChangesOf(was, is)
		if c.Facts, err = facts(ctx, tx, was, is); err != nil {
			return err
		}
		if c.Pictures, err = media.ByIDs(ctx, tx, []int64{was.lead().Media, is.lead().Media}); err != nil {
			return err
		}
		lines, err := readRevisions(ctx, tx, id, picked{numbers: []int{from, to}, limit: 2})
		if err != nil {
			return err
		}
		for _, l := range lines {
			if l.Number == from {
				c.From = l
			}
			if l.Number == to {
				c.To = l
			}
		}
		return tx.QueryRow(ctx, `SELECT max(number) FROM revisions WHERE article_id = $1`, id).Scan(&c.Last)
	})
	return c, err
}

// states gives the contents of two revisions; of the first as it was published, where it is the one that readers see.
func (s *Store) states(ctx context.Context, tx pgx.Tx, a *locked, numbers [2]int, live bool) (was, is *Content, err error) {
	var both [2]*Content
	for i, n := range numbers {
		r, err := readRevision(ctx, tx, a.ID, n)
		if err != nil {
			return nil, nil, err
		}
		if both[i], _, err = s.content(ctx, tx, r); err != nil {
			return nil, nil, err
		}
	}
	if live {
		// What is withheld from readers still stands in its revision.
		published, _, err := readVersion(ctx, tx, a.ID, *a.LiveVersion)
		if err != nil {
			return nil, nil, err
		}
		if published != nil {
			both[0] = published
		}
	}
	for _, c := range both {
		// An empty slug leaves a public article where it is.
		if c.Slug == "" && a.Path != nil {
			c.Slug = path.Base(*a.Path)
		}
	}
	return both[0], both[1], nil
}

// facts lists what differs beside the text.
func facts(ctx context.Context, q querier, was, is *Content) ([]FactChange, error) {
	names, err := categoryNames(ctx, q, was, is)
	if err != nil {
		return nil, err
	}
	all := []FactChange{
		{"label", one(was.Label), one(is.Label)}, {"slug", one(was.Slug), one(is.Slug)}, {"language", one(was.Language), one(is.Language)},
		{"category", names(was.Category), names(is.Category)}, {"also", names(each(was.Also)...), names(each(is.Also)...)}, {"tags", was.Tags, is.Tags},
	}
	if was.printedByline() == is.printedByline() {
		all = append(all, FactChange{"authors", profiles(was.Bylines), profiles(is.Bylines)})
	}
	return slices.DeleteFunc(all, func(f FactChange) bool { return slices.Equal(f.Was, f.Is) }), nil
}

func one(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

func each(list []ContentCategory) []*ContentCategory {
	out := make([]*ContentCategory, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// profiles are bylines with the profile behind each.
func profiles(bylines []ContentByline) []string {
	out := make([]string, len(bylines))
	for i, b := range bylines {
		if out[i] = b.Text; b.Slug != "" {
			out[i] += " (" + b.Slug + ")"
		}
	}
	return out
}

// categoryNames names the categories of both by what they are called now; one that is gone by its slug.
func categoryNames(ctx context.Context, q querier, both ...*Content) (func(...*ContentCategory) []string, error) {
	var ids []int64
	for _, c := range both {
		for _, k := range append(each(c.Also), c.Category) {
			if k != nil {
				ids = append(ids, k.ID)
			}
		}
	}
	called := map[int64]string{}
	rows, err := q.Query(ctx, `SELECT id, name FROM categories WHERE id = ANY ($1)`, ids)
	if err != nil {
		return nil, err
	}
	var id int64
	var name string
	_, err = pgx.ForEachRow(rows, []any{&id, &name}, func() error { called[id] = name; return nil })
	return func(categories ...*ContentCategory) []string {
		var out []string
		for _, k := range categories {
			switch {
			case k == nil:
			case called[k.ID] != "":
				out = append(out, called[k.ID])
			default:
				out = append(out, k.Slug)
			}
		}
		return out
	}, err
}

// RevisionPage is how many revisions a page of them holds.
const RevisionPage = 50

// Revisions lists the revisions of an article, newest first: those with a number below before, or the newest where that is 0; at most
// RevisionPage. Those kept aside are among them.
func (s *Store) Revisions(ctx context.Context, actor staff.Actor, id int64, before int) ([]RevisionLine, error) {
	if before < 0 {
		return nil, fault.NotFound
	}
	var out []RevisionLine
	err := s.see(ctx, actor, id, func(tx pgx.Tx, _ *locked) (err error) {
		out, err = readRevisions(ctx, tx, id, picked{before: before, limit: RevisionPage})
		return err
	})
	return out, err
}

// picked says which revisions to read: those named, or those below a number, 0 for no bound.
type picked struct {
	numbers []int
	before  int
	limit   int
}

func readRevisions(ctx context.Context, q querier, id int64, p picked) ([]RevisionLine, error) {
	rows, err := q.Query(ctx, `
		SELECT r.number, r.base, r.at, coalesce(s.name, '') AS by, r.note, r.aside,
			ARRAY (SELECT v.number FROM versions v WHERE v.revision_id = r.id ORDER BY v.number) AS public
		FROM revisions r
		LEFT JOIN staff s ON s.id = r.by
		WHERE r.article_id = $1 AND (cardinality($2::integer[]) = 0 OR r.number = ANY ($2)) AND ($3 = 0 OR r.number < $3)
		ORDER BY r.number DESC
		LIMIT $4`, id, append([]int{}, p.numbers...), p.before, p.limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[RevisionLine])
}
