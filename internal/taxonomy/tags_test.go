package taxonomy_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/fault"
	"stet/internal/pgtest"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

func ensure(t *testing.T, db *pgtest.DB, names ...string) (ids []int64) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), db.App, func(tx pgx.Tx) (err error) {
		ids, err = taxonomy.EnsureTags(t.Context(), tx, names)
		return err
	})
	if err != nil {
		t.Fatalf("ensure %v: %v", names, err)
	}
	return ids
}

func TestEnsureTags(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := taxonomy.New(db.App)
	ids := ensure(t, db, "Trade", " Rule  of law ", "trade", "C", "C++", "🎉", "page", "", "선거")
	if len(ids) != 7 {
		t.Fatalf("ids = %v, want 7", ids)
	}
	if again := ensure(t, db, "TRADE", "Rule of law", "C", "c++", "🎉", "Page", "선거"); !slices.Equal(again, ids) {
		t.Errorf("again = %v, want %v", again, ids)
	}
	var slugs []string
	for _, id := range ids {
		tag, err := store.Tag(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		slugs = append(slugs, tag.Slug)
	}
	if slugs[0] != "trade" || slugs[1] != "rule-of-law" || slugs[2] != "c" || slugs[3] != "c-2" || !strings.HasPrefix(slugs[4], "tag-") ||
		!strings.HasPrefix(slugs[5], "tag-") || slugs[6] != "seongeo" {
		t.Errorf("slugs = %v", slugs)
	}
	if ids := ensure(t, db); ids != nil {
		t.Errorf("of no names: %v", ids)
	}
	err := pgx.BeginFunc(t.Context(), db.App, func(tx pgx.Tx) error {
		got, err := taxonomy.EnsureTag(t.Context(), tx, taxonomy.Tag{Slug: "trade", Name: "Commerce"})
		if got.Slug != "trade-2" {
			t.Errorf("a second tag at a taken slug = %+v", got)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestEnsureTagsAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	orders := [][]string{{"a", "b", "c", "d"}, {"d", "c", "b", "a"}, {"b", "d", "a", "c"}, {"c", "a", "d", "b"}}
	var all sync.WaitGroup
	for _, names := range orders {
		all.Go(func() { ensure(t, db, names...) })
	}
	all.Wait()
	list, err := taxonomy.New(db.App).Tags(t.Context(), "", "")
	if err != nil || len(list) != 4 {
		t.Errorf("%v, %v, want 4 tags", list, err)
	}
}

func bear(t *testing.T, db *pgtest.DB, tags ...int64) (article int64) {
	t.Helper()
	if err := db.Super.QueryRow(t.Context(), `INSERT INTO articles (kind) VALUES ('article') RETURNING id`).Scan(&article); err != nil {
		t.Fatal(err)
	}
	for i, id := range tags {
		_, err := db.Super.Exec(t.Context(), `INSERT INTO article_tags (article_id, tag_id, position, listed_at) VALUES ($1, $2, $3, now())`, article, id, i)
		if err != nil {
			t.Fatal(err)
		}
	}
	return article
}

// A draft that still says the old name doesn't bring a renamed or merged tag back.
func TestRenameAndMergeTags(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := taxonomy.New(db.App)
	reader := taxonomy.NewReader(db.Reader)
	ctx := t.Context()
	ids := ensure(t, db, "Burma", "Myanmar news", "Thailand")
	burma, news, thailand := ids[0], ids[1], ids[2]
	bear(t, db, burma, news)
	bear(t, db, burma)
	if err := store.RenameTag(ctx, staff.System(), burma, taxonomy.TagIn{Name: "Myanmar"}); err != nil {
		t.Fatal(err)
	}
	if got := ensure(t, db, "Burma"); !slices.Equal(got, []int64{burma}) {
		t.Errorf("the old name with the slug kept = %v, want %d", got, burma)
	}
	if err := store.RenameTag(ctx, staff.System(), burma, taxonomy.TagIn{Name: "Myanmar", Slug: "myanmar"}); err != nil {
		t.Fatal(err)
	}
	if got := ensure(t, db, "Burma"); !slices.Equal(got, []int64{burma}) {
		t.Errorf("the old name with another slug = %v, want %d", got, burma)
	}
	wantFault(t, "a taken name", store.RenameTag(ctx, staff.System(), burma, taxonomy.TagIn{Name: "THAILAND"}), "name")
	wantFault(t, "a taken slug", store.RenameTag(ctx, staff.System(), burma, taxonomy.TagIn{Name: "Myanmar", Slug: "thailand"}), "slug")
	wantFault(t, "merge with itself", store.MergeTags(ctx, staff.System(), burma, burma), "into")
	if err := store.MergeTags(ctx, staff.System(), news, burma); err != nil {
		t.Fatal(err)
	}
	if got := ensure(t, db, "Myanmar News"); !slices.Equal(got, []int64{burma}) {
		t.Errorf("the merged name = %v, want %d", got, burma)
	}
	for _, path := range []string{"/tag/burma/", "/tag/myanmar-news/"} {
		r, err := address.Resolve(ctx, db.Reader, path)
		if err != nil || r.TagID != burma || r.CanonicalPath != "/tag/myanmar/" || r.Canonical {
			t.Errorf("%s = %+v, %v", path, r, err)
		}
	}
	list, err := store.Tags(ctx, "myan", "")
	if err != nil || len(list) != 1 || list[0].Articles != 2 {
		t.Errorf("Tags = %+v, %v", list, err)
	}
	if tag, err := reader.LiveTagBySlug(ctx, "myanmar"); err != nil || tag.ID != burma {
		t.Errorf("LiveTag = %+v, %v", tag, err)
	}
	if tag, err := reader.LiveTag(ctx, burma); err != nil || tag.Slug != "myanmar" {
		t.Errorf("LiveTag by id = %+v, %v", tag, err)
	}
	var found map[string]taxonomy.Tag
	if err := reader.LiveTags([]string{"MYANMAR", "Thailand"}, &found).Run(ctx); err != nil || len(found) != 1 || found["myanmar"].ID != burma {
		t.Errorf("LiveTags = %v, %v", found, err)
	}
	for _, slug := range []string{"thailand", "none", "\x00", "\xff"} {
		if _, err := reader.LiveTagBySlug(ctx, slug); !errors.Is(err, fault.NotFound) {
			t.Errorf("LiveTagBySlug(%q) = %v, want not found", slug, err)
		}
	}
	wantFault(t, "delete one in use", store.DeleteTag(ctx, staff.System(), burma), "")
	if err := store.DeleteTag(ctx, staff.System(), thailand); err != nil {
		t.Error(err)
	}
	if err := store.DeleteTag(ctx, staff.System(), thailand); !errors.Is(err, fault.NotFound) {
		t.Errorf("delete it again: %v", err)
	}
	if err := store.MergeTags(ctx, staff.Actor{Roles: staff.Roles{staff.Author}}, burma, news); !errors.Is(err, fault.Forbidden) {
		t.Errorf("merge by an author: %v", err)
	}
}
