package address

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/postgres"
)

// ErrTaken says that the path is, or once was, the address of something else. The caller takes another one or tells the person who
// chose it; the transaction goes on.
var ErrTaken = errors.New("address taken")

// Target is what stands at an address: exactly one id is set.
type Target struct {
	ArticleID, CategoryID, AuthorID, TagID int64
}

// Claim makes path the canonical address of the target. The one it had before stays and leads to the new one. Claiming what the
// target already has, canonical or not, succeeds. It returns ErrTaken where path belongs to another target.
func Claim(ctx context.Context, tx pgx.Tx, t Target, path string) error {
	if err := Alias(ctx, tx, t, path); err != nil {
		return err
	}
	// Two statements, as the unique index on canonical addresses is checked row by row.
	_, err := tx.Exec(ctx, `
		UPDATE addresses
		SET canonical = false
		WHERE canonical AND path <> $1
			AND (article_id = nullif($2, 0) OR category_id = nullif($3, 0) OR author_id = nullif($4, 0) OR tag_id = nullif($5, 0))`,
		path, t.ArticleID, t.CategoryID, t.AuthorID, t.TagID)
	if err != nil {
		return fmt.Errorf("claim %s: %w", path, err)
	}
	if _, err := tx.Exec(ctx, `UPDATE addresses SET canonical = true WHERE path = $1 AND NOT canonical`, path); err != nil {
		return fmt.Errorf("claim %s: %w", path, err)
	}
	return nil
}

// Alias makes path lead to the target; where it already does, canonical or not, nothing changes. It returns ErrTaken where path
// belongs to another target.
func Alias(ctx context.Context, tx pgx.Tx, t Target, path string) error {
	clean, ok := Clean(path)
	if !ok || clean != path {
		return fmt.Errorf("claim %q: not in the form of Clean", path)
	}
	// The constraint decides, not a look beforehand: of two who claim one path at once the second waits here and then finds the first.
	tag, err := tx.Exec(ctx, `
		INSERT INTO addresses (path, article_id, category_id, author_id, tag_id, canonical)
		VALUES ($1, nullif($2, 0), nullif($3, 0), nullif($4, 0), nullif($5, 0), false)
		ON CONFLICT ON CONSTRAINT addresses_path_key DO NOTHING`, path, t.ArticleID, t.CategoryID, t.AuthorID, t.TagID)
	if err != nil {
		return fmt.Errorf("claim %s: %w", path, err)
	}
	if tag.RowsAffected() == 1 {
		return nil
	}
	var held Target
	err = tx.QueryRow(ctx, `
		SELECT coalesce(article_id, 0), coalesce(category_id, 0), coalesce(author_id, 0), coalesce(tag_id, 0)
		FROM addresses
		WHERE path = $1`, path).Scan(&held.ArticleID, &held.CategoryID, &held.AuthorID, &held.TagID)
	if err != nil {
		return fmt.Errorf("claim %s: %w", path, err)
	}
	if held != t {
		return fmt.Errorf("claim %s: %w", path, ErrTaken)
	}
	return nil
}

// maxSuffix is how often ClaimFree tries.
const maxSuffix = 500

// ClaimFree claims path, or where it is taken the first of its suffixed forms that isn't, and returns the one it got. free, where
// it isn't nil, says which paths may be tried.
func ClaimFree(ctx context.Context, tx pgx.Tx, t Target, path string, free func(path string) bool) (string, error) {
	for n := 1; n <= maxSuffix; n++ {
		try := path
		if n > 1 {
			try = Suffixed(path, n)
		}
		if free != nil && !free(try) {
			continue
		}
		if err := Claim(ctx, tx, t, try); !errors.Is(err, ErrTaken) {
			return try, err
		}
	}
	return "", fmt.Errorf("claim %s: %w", path, ErrTaken)
}

// Of returns every path of the target, the canonical one first.
func Of(ctx context.Context, q postgres.Querier, t Target) ([]string, error) {
	rows, err := q.Query(ctx, `
		SELECT path
		FROM addresses
		WHERE article_id = nullif($1, 0) OR category_id = nullif($2, 0) OR author_id = nullif($3, 0) OR tag_id = nullif($4, 0)
		ORDER BY canonical DESC, path`, t.ArticleID, t.CategoryID, t.AuthorID, t.TagID)
	if err != nil {
		return nil, fmt.Errorf("addresses of %+v: %w", t, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Resolved is what a reader's path leads to. Canonical: the page stands there. Otherwise it stands at CanonicalPath, to which the
// path leads for good; that is empty where the target has no address of its own any more.
type Resolved struct {
	Target
	Canonical     bool
	CanonicalPath string
	PublicState   string // of an article: published, retracted, withdrawn or withheld
}

// Resolve says what stands at path, or at path with or without its last slash. It reads a view, so a draft's address is
// fault.NotFound like one that never was.
func Resolve(ctx context.Context, q postgres.Querier, path string) (Resolved, error) {
	path, ok := Clean(path)
	if !ok {
		return Resolved{}, fault.NotFound
	}
	var r Resolved
	err := q.QueryRow(ctx, `
		SELECT coalesce(article_id, 0), coalesce(category_id, 0), coalesce(author_id, 0), coalesce(tag_id, 0), canonical AND path = $1,
			coalesce(canonical_path, ''), coalesce(public_state, '')
		FROM live_addresses
		WHERE path = ANY ($2)
		ORDER BY path = $1 DESC
		LIMIT 1`, path, slices.Compact([]string{path, toggled(path)})).
		Scan(&r.ArticleID, &r.CategoryID, &r.AuthorID, &r.TagID, &r.Canonical, &r.CanonicalPath, &r.PublicState)
	if errors.Is(err, pgx.ErrNoRows) {
		return Resolved{}, fault.NotFound
	}
	if err != nil {
		return Resolved{}, fmt.Errorf("resolve %s: %w", path, err)
	}
	return r, nil
}

// toggled is path with its last slash when it has none, and without when it has one.
func toggled(path string) string {
	if path == "/" {
		return path
	}
	if bare, had := strings.CutSuffix(path, "/"); had {
		return bare
	}
	return path + "/"
}

// FreeMany gives each of many wanted paths or, where it is taken, by another of them too, the first of its suffixed forms that isn't. It only
// looks: ClaimMany decides.
func FreeMany(ctx context.Context, q postgres.Querier, paths []string, free func(path string) bool) ([]string, error) {
	got, suffix := slices.Clone(paths), make([]int, len(paths))
	mine := make(map[string]bool, len(paths))
	open := make([]int, len(paths))
	for i := range open {
		open[i] = i
	}
	for len(open) > 0 {
		tries := make([]string, 0, len(open))
		for _, i := range open {
			if err := nextFree(&got[i], paths[i], &suffix[i], free); err != nil {
				return nil, err
			}
			tries = append(tries, got[i])
		}
		rows, err := q.Query(ctx, `SELECT path FROM addresses WHERE path = ANY ($1)`, tries)
		if err != nil {
			return nil, fmt.Errorf("look for %d paths: %w", len(paths), err)
		}
		taken, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, fmt.Errorf("look for %d paths: %w", len(paths), err)
		}
		var still []int
		for _, i := range open {
			if mine[got[i]] || slices.Contains(taken, got[i]) {
				still = append(still, i)
				continue
			}
			mine[got[i]] = true
		}
		open = still
	}
	return got, nil
}

// ClaimMany makes each path the canonical address of its article, none of which has one yet. Where one of them was taken meanwhile it is
// ErrTaken, and unlike with Claim the transaction has failed.
func ClaimMany(ctx context.Context, tx pgx.Tx, articles []int64, paths []string) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"addresses"}, []string{"path", "article_id", "canonical"},
		pgx.CopyFromSlice(len(paths), func(i int) ([]any, error) { return []any{paths[i], articles[i], true}, nil }))
	if postgres.IsUnique(err, "addresses_path_key") {
		err = ErrTaken
	}
	if err != nil {
		return fmt.Errorf("claim %d paths: %w", len(paths), err)
	}
	return nil
}

// nextFree goes on to the next form of path that may be tried; n counts them.
func nextFree(try *string, path string, n *int, free func(path string) bool) error {
	for *n < maxSuffix {
		*n++
		if *try = path; *n > 1 {
			*try = Suffixed(path, *n)
		}
		if free(*try) {
			return nil
		}
	}
	return fmt.Errorf("claim %s: %w", path, ErrTaken)
}
