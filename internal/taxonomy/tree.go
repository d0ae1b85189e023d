// Package taxonomy is what articles are filed under: the tree of categories and the flat set of tags.
//
// It must never know an article beyond its id, and never lose an address: a category or tag that moves leaves a redirect.
package taxonomy

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
)

// Category is one place of the tree.
type Category struct {
	ID          int64
	ParentID    int64 // 0: a root
	Slug        string
	Name        string
	Description string
	Position    int // among its siblings; equal ones stand by name
	Path        string
	Lineage     []int64 // from the root down to itself

	Comments          string // default (as the one above, at last the site), open, premoderated or closed
	CommentsCloseDays *int   // days after publication; 0: never; nil: as the one above, at last the site
}

// Tree is all categories at one moment.
type Tree struct {
	sorted   []Category // each before those below it, siblings in their order
	at       map[int64]int
	children map[int64][]Category
}

// newTree puts the categories in order. Each one's parent must be among them.
func newTree(all []Category) Tree {
	t := Tree{at: make(map[int64]int, len(all)), children: map[int64][]Category{}}
	for _, c := range all {
		t.children[c.ParentID] = append(t.children[c.ParentID], c)
	}
	for _, siblings := range t.children {
		slices.SortFunc(siblings, func(a, b Category) int {
			return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
		})
	}
	t.walk(0)
	return t
}

func (t *Tree) walk(parent int64) {
	for _, c := range t.children[parent] {
		t.at[c.ID] = len(t.sorted)
		t.sorted = append(t.sorted, c)
		t.walk(c.ID)
	}
}

// All returns every category, each before those below it, siblings in their order.
func (t Tree) All() []Category { return t.sorted }

// ByID finds a category.
func (t Tree) ByID(id int64) (Category, bool) {
	i, ok := t.at[id]
	if !ok {
		return Category{}, false
	}
	return t.sorted[i], true
}

// BySlug finds a category by its slug, which is unique over the whole tree.
func (t Tree) BySlug(slug string) (Category, bool) {
	i := slices.IndexFunc(t.sorted, func(c Category) bool { return c.Slug == slug })
	if i < 0 {
		return Category{}, false
	}
	return t.sorted[i], true
}

// Children returns the categories right below id in their order; of 0 the roots.
func (t Tree) Children(id int64) []Category { return t.children[id] }

// Trail returns the categories from the root down to id itself; none where there is no such category.
func (t Tree) Trail(id int64) []Category {
	c, ok := t.ByID(id)
	if !ok {
		return nil
	}
	out := make([]Category, 0, len(c.Lineage))
	for _, up := range c.Lineage {
		if c, ok := t.ByID(up); ok {
			out = append(out, c)
		}
	}
	return out
}

// Comments is what holds for comments on articles of the category id: what it says, or the nearest above it that says anything. The policy is
// "default" and closeDays nil where none does.
func (t Tree) Comments(id int64) (policy string, closeDays *int) {
	policy = "default"
	for _, c := range slices.Backward(t.Trail(id)) {
		if policy == "default" {
			policy = c.Comments
		}
		if closeDays == nil {
			closeDays = c.CommentsCloseDays
		}
	}
	return policy, closeDays
}

// Subtree returns the ids of id and of all below it.
func (t Tree) Subtree(id int64) []int64 {
	out := []int64{}
	if _, ok := t.ByID(id); !ok {
		return out
	}
	for _, c := range t.sorted {
		if slices.Contains(c.Lineage, id) {
			out = append(out, c.ID)
		}
	}
	return out
}

// readTree reads the view, which both roles may: a category is public from the moment it is made.
func readTree(ctx context.Context, q postgres.Querier) (Tree, error) {
	rows, err := q.Query(ctx, `
		SELECT id, coalesce(parent_id, 0) AS parent_id, slug, name, description, position, path, lineage, comments, comments_close_days
		FROM live_categories`)
	if err != nil {
		return Tree{}, fmt.Errorf("read categories: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Category])
	if err != nil {
		return Tree{}, fmt.Errorf("read categories: %w", err)
	}
	return newTree(all), nil
}

// IDs finds categories by their slugs; an unknown slug is missing from the map.
func IDs(ctx context.Context, q postgres.Querier, slugs []string) (map[string]int64, error) {
	out := map[string]int64{}
	if len(slugs) == 0 {
		return out, nil
	}
	rows, err := q.Query(ctx, `SELECT slug, id FROM live_categories WHERE slug = ANY ($1)`, slugs)
	if err != nil {
		return nil, fmt.Errorf("find categories: %w", err)
	}
	var slug string
	var id int64
	_, err = pgx.ForEachRow(rows, []any{&slug, &id}, func() error {
		out[slug] = id
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find categories: %w", err)
	}
	return out, nil
}
