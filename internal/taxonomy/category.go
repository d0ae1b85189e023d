package taxonomy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// CategoryIn is the form of a category. An empty Slug is made of the name. AnySlug takes the next free one where Slug is taken,
// as an import does.
type CategoryIn struct {
	ParentID    int64
	Slug        string
	Name        string
	Description string
	Position    int
	AnySlug     bool

	Comments          string // as of Category; empty is default
	CommentsCloseDays *int
}

// commentPolicies are the values of Comments.
var commentPolicies = []string{"default", "open", "premoderated", "closed"}

// maxDepth is how deep the tree may be, and maxSuffix how many slugs are tried.
const (
	maxDepth  = 8
	maxSuffix = 200
)

// Create makes a category. A slug that is taken is a fault of the field slug, unless in.AnySlug is set or it was made of the name.
func (s *Store) Create(ctx context.Context, actor staff.Actor, in CategoryIn) (made Category, err error) {
	err = s.act(ctx, actor, "category.create", func(tx pgx.Tx) (audit.Entry, []string, error) {
		made, err = create(ctx, tx, in)
		return audit.Entry{Object: object(made.ID)}, everywhere, err
	})
	return made, err
}

// CreateTx is Create as a step of a larger transaction, such as the import of one item; the caller purges "all" in it.
func CreateTx(ctx context.Context, tx pgx.Tx, actor staff.Actor, in CategoryIn) (Category, error) {
	if !CanEdit(actor) {
		return Category{}, fmt.Errorf("category.create: %w", fault.Forbidden)
	}
	made, err := create(ctx, tx, in)
	if err != nil {
		return Category{}, fmt.Errorf("category.create: %w", err)
	}
	return made, audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "category.create", Object: object(made.ID)})
}

func object(id int64) string { return fmt.Sprintf("category:%d", id) }

// lockTree lets one transaction at a time change the tree: paths and lineages follow from rows that another could be moving.
func lockTree(ctx context.Context, tx pgx.Tx) (Tree, error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('categories', 0))`); err != nil {
		return Tree{}, err
	}
	return readTree(ctx, tx)
}

// tidy puts the form into shape and checks all that needs no look at the tree.
func (in CategoryIn) tidy(c *fault.Check) CategoryIn {
	in.Name, in.Description = markup.Line(in.Name), strings.TrimSpace(in.Description)
	in.Slug = cleanSlug(c, in.Slug)
	checkName(c, in.Name)
	c.That(!markup.BadLine(markup.Line(in.Description)), "description", "field.characters")
	c.That(utf8.RuneCountInString(in.Description) <= 2000, "description", "field.long")
	in.Comments = cmp.Or(in.Comments, "default")
	c.That(slices.Contains(commentPolicies, in.Comments), "comments", "category.comments.unknown")
	c.That(in.CommentsCloseDays == nil || *in.CommentsCloseDays >= 0 && *in.CommentsCloseDays <= 36500, "comments_close_days", "field.range")
	c.That(in.Position >= 0 && in.Position <= 100_000, "position", "field.range")
	return in
}

func create(ctx context.Context, tx pgx.Tx, in CategoryIn) (Category, error) {
	var c fault.Check
	in = in.tidy(&c)
	tree, err := lockTree(ctx, tx)
	if err != nil {
		return Category{}, err
	}
	checkParent(&c, tree, 0, in.ParentID)
	if err := c.Err(); err != nil {
		return Category{}, err
	}
	chosen := in.Slug != "" && !in.AnySlug
	if in.Slug == "" {
		if in.Slug, err = madeSlug(ctx, tx, in.Name, fmt.Sprintf("category-%d", len(tree.sorted)+1)); err != nil {
			return Category{}, err
		}
	}
	base := in.Slug
	for n := 2; ; n++ {
		made, err := insert(ctx, tx, tree, in)
		if !errors.Is(err, errTaken) {
			return made, err
		}
		if chosen || n > maxSuffix {
			return Category{}, fault.Field("slug", "field.slug.taken")
		}
		in.Slug = fmt.Sprintf("%s-%d", base, n)
	}
}

// errTaken says that a slug, or the address that follows from it, belongs to something else.
var errTaken = errors.New("slug taken")

// insert tries one slug, in a savepoint of its own as the address may be taken after the row is in.
func insert(ctx context.Context, tx pgx.Tx, tree Tree, in CategoryIn) (made Category, err error) {
	err = pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		made = Category{ParentID: in.ParentID, Slug: in.Slug, Name: in.Name, Description: in.Description, Position: in.Position,
			Comments: in.Comments, CommentsCloseDays: in.CommentsCloseDays}
		parent, _ := tree.ByID(in.ParentID)
		made.Path = under(parent, in.Slug)
		err := tx.QueryRow(ctx, `
			INSERT INTO categories (parent_id, slug, name, description, position, path, lineage, comments, comments_close_days)
			VALUES (nullif($1, 0), $2, $3, $4, $5, $6, '{}', $7, $8)
			ON CONFLICT ON CONSTRAINT categories_slug_key DO NOTHING
			RETURNING id`, in.ParentID, in.Slug, in.Name, in.Description, in.Position, made.Path,
			in.Comments, in.CommentsCloseDays).Scan(&made.ID)
		if errors.Is(err, pgx.ErrNoRows) {
			return errTaken
		}
		if err != nil {
			return err
		}
		made.Lineage = append(slices.Clone(parent.Lineage), made.ID)
		if _, err := tx.Exec(ctx, `UPDATE categories SET lineage = $2 WHERE id = $1`, made.ID, made.Lineage); err != nil {
			return err
		}
		err = address.Claim(ctx, tx, address.Target{CategoryID: made.ID}, made.Path)
		if errors.Is(err, address.ErrTaken) {
			return errTaken
		}
		return err
	})
	return made, err
}

// under is the address of the category slug below parent; a parent without id is the root.
func under(parent Category, slug string) string {
	if parent.ID == 0 {
		return "/category/" + slug + "/"
	}
	return parent.Path + slug + "/"
}

// checkParent notes why the category id can't stand below parent: there is no such one, it is the category itself or below it, or
// the tree would grow too deep.
func checkParent(c *fault.Check, tree Tree, id, parent int64) {
	if parent == 0 {
		return
	}
	up, ok := tree.ByID(parent)
	c.That(ok, "parent", "category.parent.unknown")
	c.That(!slices.Contains(up.Lineage, id), "parent", "category.parent.cycle")
	deepest := 1
	was, _ := tree.ByID(id)
	for _, below := range tree.Subtree(id) {
		b, _ := tree.ByID(below)
		deepest = max(deepest, len(b.Lineage)-len(was.Lineage)+1)
	}
	c.That(len(up.Lineage)+deepest <= maxDepth, "parent", "category.parent.deep")
}

// Update changes a category. Under another parent or slug it moves with all below it, and each old address leads to the new one.
// An empty Slug keeps the one it has.
func (s *Store) Update(ctx context.Context, actor staff.Actor, id int64, in CategoryIn) (now Category, err error) {
	err = s.act(ctx, actor, "category.update", func(tx pgx.Tx) (audit.Entry, []string, error) {
		now, err = update(ctx, tx, id, in)
		return audit.Entry{Object: object(id)}, everywhere, err
	})
	return now, err
}

func update(ctx context.Context, tx pgx.Tx, id int64, in CategoryIn) (Category, error) {
	var c fault.Check
	in = in.tidy(&c)
	tree, err := lockTree(ctx, tx)
	if err != nil {
		return Category{}, err
	}
	was, ok := tree.ByID(id)
	if !ok {
		return Category{}, fault.NotFound
	}
	checkParent(&c, tree, id, in.ParentID)
	if err := c.Err(); err != nil {
		return Category{}, err
	}
	if in.Slug == "" {
		in.Slug = was.Slug
	}
	now := was
	now.ParentID, now.Slug, now.Name, now.Description, now.Position = in.ParentID, in.Slug, in.Name, in.Description, in.Position
	now.Comments, now.CommentsCloseDays = in.Comments, in.CommentsCloseDays
	_, err = tx.Exec(ctx, `
		UPDATE categories
		SET parent_id = nullif($2, 0), slug = $3, name = $4, description = $5, position = $6, comments = $7, comments_close_days = $8
		WHERE id = $1`, id, now.ParentID, now.Slug, now.Name, now.Description, now.Position, now.Comments, now.CommentsCloseDays)
	if postgres.IsUnique(err, "categories_slug_key") {
		return Category{}, fault.Field("slug", "field.slug.taken")
	}
	if err != nil {
		return Category{}, err
	}
	parent, _ := tree.ByID(in.ParentID)
	return move(ctx, tx, tree, now, parent)
}

// move gives the category, and then all below it, the path and lineage that follow from its parent.
func move(ctx context.Context, tx pgx.Tx, tree Tree, c, parent Category) (Category, error) {
	was := c
	c.Path, c.Lineage = under(parent, c.Slug), append(slices.Clone(parent.Lineage), c.ID)
	if c.Path == was.Path && slices.Equal(c.Lineage, was.Lineage) {
		return c, nil
	}
	if _, err := tx.Exec(ctx, `UPDATE categories SET path = $2, lineage = $3 WHERE id = $1`, c.ID, c.Path, c.Lineage); err != nil {
		return Category{}, err
	}
	err := address.Claim(ctx, tx, address.Target{CategoryID: c.ID}, c.Path)
	if errors.Is(err, address.ErrTaken) {
		return Category{}, fault.Field("slug", "field.slug.taken")
	}
	if err != nil {
		return Category{}, err
	}
	for _, child := range tree.Children(c.ID) {
		if _, err := move(ctx, tx, tree, child, c); err != nil {
			return Category{}, err
		}
	}
	return c, nil
}

// Reorder puts siblings into the order of ids. All of them must stand below the one parent.
func (s *Store) Reorder(ctx context.Context, actor staff.Actor, parent int64, ids []int64) error {
	return s.act(ctx, actor, "category.reorder", func(tx pgx.Tx) (audit.Entry, []string, error) {
		tag, err := tx.Exec(ctx, `
			UPDATE categories c
			SET position = o.place
			FROM unnest($2::bigint[]) WITH ORDINALITY AS o (id, place)
			WHERE c.id = o.id AND coalesce(c.parent_id, 0) = $1`, parent, ids)
		if err == nil && tag.RowsAffected() != int64(len(ids)) {
			err = fault.Field("", "category.order.unknown")
		}
		return audit.Entry{Object: object(parent)}, everywhere, err
	})
}

// Delete removes a category under which nothing ever stood: no article, no draft, no category.
func (s *Store) Delete(ctx context.Context, actor staff.Actor, id int64) error {
	return s.act(ctx, actor, "category.delete", func(tx pgx.Tx) (audit.Entry, []string, error) {
		if _, err := lockTree(ctx, tx); err != nil {
			return audit.Entry{}, nil, err
		}
		return audit.Entry{Object: object(id)}, everywhere, remove(ctx, tx, id)
	})
}

func remove(ctx context.Context, tx pgx.Tx, id int64) error {
	var also bool // has no foreign key, being an array
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM revisions WHERE $1 = ANY (also))`, id).Scan(&also); err != nil {
		return err
	}
	used := fault.Field("", "category.used")
	if also {
		return used
	}
	tag, err := tx.Exec(ctx, `DELETE FROM categories WHERE id = $1`, id)
	for _, key := range []string{"revisions_category_fkey", "article_categories_category_id_fkey", "articles_live_category_fkey", "categories_parent_id_fkey", "rules_category_id_fkey"} {
		if postgres.IsForeignKey(err, key) {
			return used
		}
	}
	if err == nil && tag.RowsAffected() == 0 {
		return fault.NotFound
	}
	return err
}
