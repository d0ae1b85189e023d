package taxonomy_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/pgtest"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

func category(t *testing.T, s *taxonomy.Store, parent int64, name string) taxonomy.Category {
	t.Helper()
	c, err := s.Create(t.Context(), staff.System(), taxonomy.CategoryIn{ParentID: parent, Name: name})
	if err != nil {
		t.Fatalf("create %s: %v", name, err)
	}
	return c
}

// outline writes the tree as readers get it: paths in order.
func outline(t *testing.T, db *pgtest.DB) []string {
	t.Helper()
	tree, err := taxonomy.NewReader(db.Reader).LiveTree(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range tree.All() {
		if len(tree.Trail(c.ID)) != len(c.Lineage) || c.Lineage[len(c.Lineage)-1] != c.ID || strings.Count(c.Path, "/") != len(c.Lineage)+2 {
			t.Errorf("%s: lineage %v, trail %v", c.Path, c.Lineage, tree.Trail(c.ID))
		}
		out = append(out, c.Path)
	}
	return out
}

func wantFault(t *testing.T, what string, err error, field string) {
	t.Helper()
	var invalid *fault.Invalid
	if !errors.As(err, &invalid) || invalid.Fields[field] == "" {
		t.Errorf("%s: %v, want a fault of %q", what, err, field)
	}
}

func TestCategories(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := taxonomy.New(db.App)
	ctx := t.Context()
	world := category(t, store, 0, "World")
	asia := category(t, store, world.ID, "Asia")
	korea := category(t, store, asia.ID, "Korea")
	opinion := category(t, store, 0, "Opinion")
	if got, want := outline(t, db), []string{"/category/opinion/", "/category/world/", "/category/world/asia/", "/category/world/asia/korea/"}; !slices.Equal(got, want) {
		t.Errorf("tree = %v, want %v", got, want)
	}
	if err := store.Reorder(ctx, staff.System(), 0, []int64{world.ID, opinion.ID}); err != nil {
		t.Fatal(err)
	}
	moved, err := store.Update(ctx, staff.System(), asia.ID, taxonomy.CategoryIn{ParentID: opinion.ID, Slug: "Asia Pacific", Name: "Asia & Pacific", Description: "From the region"})
	if err != nil || moved.Path != "/category/opinion/asia-pacific/" {
		t.Fatalf("Update = %+v, %v", moved, err)
	}
	want := []string{"/category/world/", "/category/opinion/", "/category/opinion/asia-pacific/", "/category/opinion/asia-pacific/korea/"}
	if got := outline(t, db); !slices.Equal(got, want) {
		t.Errorf("tree after the move = %v, want %v", got, want)
	}
	r, err := address.Resolve(ctx, db.Reader, "/category/world/asia/korea/")
	if err != nil || r.CategoryID != korea.ID || r.CanonicalPath != "/category/opinion/asia-pacific/korea/" || r.Canonical {
		t.Errorf("the old address of what stood below: %+v, %v", r, err)
	}
	tree, err := store.Tree(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got := tree.Subtree(opinion.ID); !slices.Equal(got, []int64{opinion.ID, asia.ID, korea.ID}) {
		t.Errorf("Subtree = %v", got)
	}
	if got := tree.Children(0); len(got) != 2 || got[0].ID != world.ID {
		t.Errorf("roots = %+v", got)
	}
	if c, ok := tree.BySlug("korea"); !ok || c.ID != korea.ID {
		t.Errorf("BySlug = %+v, %v", c, ok)
	}
	if _, ok := tree.BySlug("none"); ok || tree.Trail(99) != nil || len(tree.Subtree(99)) != 0 {
		t.Error("what isn't there was found")
	}
	ids, err := taxonomy.IDs(ctx, db.App, []string{"korea", "none"})
	if err != nil || len(ids) != 1 || ids["korea"] != korea.ID {
		t.Errorf("IDs = %v, %v", ids, err)
	}
	rows, err := audit.New(db.App).List(ctx, audit.Filter{Act: "category."})
	if err != nil || len(rows) != 6 {
		t.Errorf("%d audit rows, %v, want 6", len(rows), err)
	}
}

func TestCategoryFaults(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := taxonomy.New(db.App)
	ctx := t.Context()
	world := category(t, store, 0, "World")
	asia := category(t, store, world.ID, "Asia")
	for _, test := range []struct {
		field string
		in    taxonomy.CategoryIn
	}{
		{"name", taxonomy.CategoryIn{Name: " "}},
		{"name", taxonomy.CategoryIn{Name: strings.Repeat("x", 121)}},
		{"name", taxonomy.CategoryIn{Name: "a\x00b"}},
		{"slug", taxonomy.CategoryIn{Name: "X", Slug: "world"}},
		{"slug", taxonomy.CategoryIn{Name: "X", Slug: "feed"}},
		{"slug", taxonomy.CategoryIn{Name: "X", Slug: "🎉"}},
		{"parent", taxonomy.CategoryIn{Name: "X", ParentID: 99}},
		{"position", taxonomy.CategoryIn{Name: "X", Position: -1}},
	} {
		_, err := store.Create(ctx, staff.System(), test.in)
		wantFault(t, "create", err, test.field)
	}
	_, err := store.Update(ctx, staff.System(), world.ID, taxonomy.CategoryIn{Name: "World", ParentID: asia.ID})
	wantFault(t, "a cycle", err, "parent")
	_, err = store.Update(ctx, staff.System(), world.ID, taxonomy.CategoryIn{Name: "World", ParentID: world.ID})
	wantFault(t, "below itself", err, "parent")
	_, err = store.Update(ctx, staff.System(), asia.ID, taxonomy.CategoryIn{Name: "Asia", Slug: "world"})
	wantFault(t, "a taken slug", err, "slug")
	if _, err = store.Update(ctx, staff.System(), 99, taxonomy.CategoryIn{Name: "X"}); !errors.Is(err, fault.NotFound) {
		t.Errorf("update nothing: %v", err)
	}
	deep := asia
	for range 6 {
		deep = category(t, store, deep.ID, "Deeper")
	}
	_, err = store.Create(ctx, staff.System(), taxonomy.CategoryIn{Name: "Too deep", ParentID: deep.ID})
	wantFault(t, "too deep", err, "parent")
	wantFault(t, "order of strangers", store.Reorder(ctx, staff.System(), 0, []int64{world.ID, asia.ID}), "")

	author := staff.Actor{ID: 1, Roles: staff.Roles{staff.Author, staff.Moderator}}
	if _, err := store.Create(ctx, author, taxonomy.CategoryIn{Name: "X"}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("create by an author: %v", err)
	}
	if got := outline(t, db); len(got) != 8 {
		t.Errorf("refused acts changed the tree: %v", got)
	}
}

func TestDeleteCategory(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := taxonomy.New(db.App)
	ctx := t.Context()
	world := category(t, store, 0, "World")
	asia := category(t, store, world.ID, "Asia")
	wantFault(t, "delete a parent", store.Delete(ctx, staff.System(), world.ID), "")
	if _, err := db.Super.Exec(ctx, `
		WITH a AS (INSERT INTO articles (kind) VALUES ('article') RETURNING id)
		INSERT INTO article_categories (article_id, category_id, first) SELECT id, $1, true FROM a`, asia.ID); err != nil {
		t.Fatal(err)
	}
	wantFault(t, "delete one in use", store.Delete(ctx, staff.System(), asia.ID), "")
	if _, err := db.Super.Exec(ctx, `DELETE FROM article_categories`); err != nil {
		t.Fatal(err)
	}
	if err := store.Delete(ctx, staff.System(), asia.ID); err != nil {
		t.Error(err)
	}
	if err := store.Delete(ctx, staff.System(), asia.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("delete it again: %v", err)
	}
}

// An import takes the next free slug, and goes on in its own transaction.
func TestAnySlug(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := taxonomy.New(db.App)
	a, b := category(t, store, 0, "A"), category(t, store, 0, "B")
	var got []string
	err := pgx.BeginFunc(t.Context(), db.App, func(tx pgx.Tx) error {
		for _, parent := range []int64{a.ID, b.ID, 0} {
			c, err := taxonomy.CreateTx(t.Context(), tx, staff.System(), taxonomy.CategoryIn{ParentID: parent, Slug: "foo", Name: "Foo", AnySlug: true})
			if err != nil {
				return err
			}
			got = append(got, c.Path)
		}
		return nil
	})
	if want := []string{"/category/a/foo/", "/category/b/foo-2/", "/category/foo-3/"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if c := category(t, store, 0, "🎉"); c.Slug == "" {
		t.Errorf("a name of emoji has no slug: %+v", c)
	}
}

// A category made below one that moves meanwhile ends up in the right place.
func TestMovesAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := taxonomy.New(db.App)
	a, b := category(t, store, 0, "A"), category(t, store, 0, "B")
	var all sync.WaitGroup
	do := func(step func(ctx context.Context) error) {
		all.Go(func() {
			if err := step(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	for _, name := range []string{"C", "D", "E"} {
		do(func(ctx context.Context) error {
			_, err := store.Create(ctx, staff.System(), taxonomy.CategoryIn{ParentID: a.ID, Name: name})
			return err
		})
	}
	do(func(ctx context.Context) error {
		_, err := store.Update(ctx, staff.System(), a.ID, taxonomy.CategoryIn{ParentID: b.ID, Name: "A"})
		return err
	})
	all.Wait()
	want := []string{"/category/b/", "/category/b/a/", "/category/b/a/c/", "/category/b/a/d/", "/category/b/a/e/"}
	if got := outline(t, db); !slices.Equal(got, want) {
		t.Errorf("tree = %v, want %v", got, want)
	}
}
