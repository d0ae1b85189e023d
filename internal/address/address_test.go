package address_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/fault"
	"stet/internal/pgtest"
)

// tags makes tags to give addresses to, listed so that readers may see them.
func tags(t *testing.T, db *pgtest.DB, slugs ...string) []address.Target {
	t.Helper()
	var out []address.Target
	var article int64
	if err := db.Super.QueryRow(t.Context(), `INSERT INTO articles (kind) VALUES ('article') RETURNING id`).Scan(&article); err != nil {
		t.Fatal(err)
	}
	for i, slug := range slugs {
		var id int64
		if err := db.App.QueryRow(t.Context(), `INSERT INTO tags (slug, name) VALUES ($1, $1) RETURNING id`, slug).Scan(&id); err != nil {
			t.Fatal(err)
		}
		_, err := db.Super.Exec(t.Context(), `INSERT INTO article_tags (article_id, tag_id, position, listed_at) VALUES ($1, $2, $3, now())`, article, id, i)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, address.Target{TagID: id})
	}
	return out
}

func do(t *testing.T, db *pgtest.DB, step func(ctx context.Context, tx pgx.Tx) error) error {
	t.Helper()
	return pgx.BeginFunc(t.Context(), db.App, func(tx pgx.Tx) error { return step(t.Context(), tx) })
}

func claim(t *testing.T, db *pgtest.DB, target address.Target, path string) error {
	t.Helper()
	return do(t, db, func(ctx context.Context, tx pgx.Tx) error { return address.Claim(ctx, tx, target, path) })
}

func TestClaimAndResolve(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	two := tags(t, db, "new", "other")
	a, b := two[0], two[1]
	for _, path := range []string{"/tag/old/", "/tag/mid/", "/tag/new/"} {
		if err := claim(t, db, a, path); err != nil {
			t.Fatal(err)
		}
	}
	if err := do(t, db, func(ctx context.Context, tx pgx.Tx) error { return address.Alias(ctx, tx, a, "/?tag=7") }); err != nil {
		t.Fatal(err)
	}
	for path, canonical := range map[string]bool{"/tag/old/": false, "/tag/mid": false, "/tag/new": false, "/tag/new/": true, "/?tag=7": false} {
		r, err := address.Resolve(t.Context(), db.Reader, path)
		if err != nil || r.Target != a || r.Canonical != canonical || r.CanonicalPath != "/tag/new/" {
			t.Errorf("Resolve(%s) = %+v, %v", path, r, err)
		}
	}
	for _, path := range []string{"/tag/none/", "//tag/new/", "", "/tag/new/\x00", "/TAG/new/"} {
		if _, err := address.Resolve(t.Context(), db.Reader, path); !errors.Is(err, fault.NotFound) {
			t.Errorf("Resolve(%q) = %v, want not found", path, err)
		}
	}
	if err := claim(t, db, b, "/tag/old/"); !errors.Is(err, address.ErrTaken) {
		t.Errorf("claim of an old path of something else: %v, want taken", err)
	}
	if err := claim(t, db, a, "/tag/old/"); err != nil {
		t.Errorf("claim of an own old path: %v", err)
	}
	paths, err := address.Of(t.Context(), db.App, a)
	if want := []string{"/tag/old/", "/?tag=7", "/tag/mid/", "/tag/new/"}; err != nil || !slices.Equal(paths, want) {
		t.Errorf("Of = %v, %v, want %v", paths, err, want)
	}
	if err := claim(t, db, a, "/not//clean"); err == nil || errors.Is(err, address.ErrTaken) {
		t.Errorf("claim of what is no address: %v", err)
	}
}

// A path that is taken doesn't spoil the transaction, so that the next one can be tried in it.
func TestClaimFree(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var got []string
	err := do(t, db, func(ctx context.Context, tx pgx.Tx) error {
		for _, target := range tags(t, db, "a", "b", "c") {
			path, err := address.ClaimFree(ctx, tx, target, "/tag/x/", func(p string) bool { return !strings.Contains(p, "-2") })
			if err != nil {
				return err
			}
			got = append(got, path)
		}
		return nil
	})
	if want := []string{"/tag/x/", "/tag/x-3/", "/tag/x-4/"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("ClaimFree = %v, %v, want %v", got, err, want)
	}
}

func TestClaimAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	targets := tags(t, db, "a", "b", "c", "d")
	results := make([]error, len(targets))
	var all sync.WaitGroup
	for i, target := range targets {
		all.Go(func() { results[i] = claim(t, db, target, "/tag/one/") })
	}
	all.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else if !errors.Is(err, address.ErrTaken) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d got the one address", won)
	}
}

// A draft's address answers like one that never was.
func TestResolveHidesDrafts(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var id int64
	if err := db.App.QueryRow(t.Context(), `INSERT INTO articles (kind) VALUES ('article') RETURNING id`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	if err := claim(t, db, address.Target{ArticleID: id}, "/2026/03/secret/"); err != nil {
		t.Fatal(err)
	}
	if _, err := address.Resolve(t.Context(), db.Reader, "/2026/03/secret/"); !errors.Is(err, fault.NotFound) {
		t.Errorf("Resolve = %v, want not found", err)
	}
}
