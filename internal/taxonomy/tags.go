package taxonomy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
)

// Tag is one word that articles bear. Names are unique whatever their case.
type Tag struct {
	ID   int64
	Slug string
	Name string
}

// Path is the tag's canonical address.
func (t Tag) Path() string { return "/tag/" + t.Slug + "/" }

// EnsureTags returns the ids of the tags with these names, in their order and without doubles, making those that there aren't. A
// name that was a tag's before it was renamed or merged leads to that tag.
func EnsureTags(ctx context.Context, tx pgx.Tx, names []string) ([]int64, error) {
	lines := make([]string, 0, len(names))
	for _, n := range names {
		if n = markup.Line(n); n != "" {
			lines = append(lines, n)
		}
	}
	found, err := EachTag(ctx, tx, lines)
	var ids []int64
	for _, id := range found {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, err
}

// EachTag is EnsureTags for many names at once, each a line and none empty: it returns one id a name.
func EachTag(ctx context.Context, tx pgx.Tx, lines []string) ([]int64, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	found, err := tagsByName(ctx, tx, lines)
	if err != nil {
		return nil, fmt.Errorf("ensure tags: %w", err)
	}
	// Missing ones are made in one order by everybody, so that two transactions never wait for each other.
	var missing []string
	for i, n := range lines {
		if found[i] == 0 {
			missing = append(missing, n)
		}
	}
	slices.Sort(missing)
	made := map[string]int64{}
	for _, n := range slices.Compact(missing) {
		t, err := EnsureTag(ctx, tx, Tag{Name: n})
		if err != nil {
			return nil, err
		}
		made[n] = t.ID
	}
	for i, n := range lines {
		found[i] = max(found[i], made[n])
	}
	return found, nil
}

// tagsByName gives the id of each name's tag, 0 where there is none.
func tagsByName(ctx context.Context, q postgres.Querier, names []string) ([]int64, error) {
	rows, err := q.Query(ctx, `
		SELECT coalesce(t.id, 0)
		FROM unnest($1::text[]) WITH ORDINALITY AS n (name, place)
		LEFT JOIN tags t ON lower(t.name) = lower(n.name)
		ORDER BY n.place`, names)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// EnsureTag returns the tag of that name, making it where there is none: at the given slug, or where that is taken the next free
// one. An empty slug is made of the name, and then a name that was a tag's before leads to that tag.
func EnsureTag(ctx context.Context, tx pgx.Tx, in Tag) (Tag, error) {
	var c fault.Check
	in.Name = markup.Line(in.Name)
	checkName(&c, in.Name)
	if err := c.Err(); err != nil {
		return Tag{}, fmt.Errorf("ensure tag: %w", err)
	}
	t, err := ensureTag(ctx, tx, in)
	if err != nil {
		return Tag{}, fmt.Errorf("ensure tag: %w", err)
	}
	return t, nil
}

func ensureTag(ctx context.Context, tx pgx.Tx, in Tag) (Tag, error) {
	if t, ok, err := tagByName(ctx, tx, in.Name); ok || err != nil {
		return t, err
	}
	given := address.Slug(in.Slug, false)
	base := given
	if base == "" || address.ReservedListSlug(base) {
		var err error
		if base, err = madeSlug(ctx, tx, in.Name, tagSlug(in.Name)); err != nil {
			return Tag{}, err
		}
	}
	if given == "" {
		if t, ok, err := formerly(ctx, tx, base); ok || err != nil {
			return t, err
		}
	}
	in.Slug = base
	for n := 2; n <= maxSuffix; n++ {
		t, err := insertTag(ctx, tx, in)
		if !errors.Is(err, errTaken) {
			return t, err
		}
		// Somebody may have made the same tag meanwhile.
		if t, ok, err := tagByName(ctx, tx, in.Name); ok || err != nil {
			return t, err
		}
		in.Slug = fmt.Sprintf("%s-%d", base, n)
	}
	return Tag{}, fault.Field("slug", "field.slug.taken")
}

// tagSlug is a slug for a name that leaves none: always the same for one name.
func tagSlug(name string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(name)))
	return "tag-" + hex.EncodeToString(sum[:4])
}

func tagByName(ctx context.Context, q postgres.Querier, name string) (t Tag, found bool, err error) {
	err = q.QueryRow(ctx, `SELECT id, slug, name FROM tags WHERE lower(name) = lower($1)`, name).Scan(&t.ID, &t.Slug, &t.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		return Tag{}, false, nil
	}
	return t, err == nil, err
}

// formerly finds the tag whose former name makes slug: its old address leads to it, or it kept the slug when it was renamed. A tag
// whose own name makes the slug is another one that happens to share it, as "C" and "C++" do.
func formerly(ctx context.Context, q postgres.Querier, slug string) (t Tag, found bool, err error) {
	var canonical bool
	err = q.QueryRow(ctx, `
		SELECT t.id, t.slug, t.name, d.canonical
		FROM addresses d
		JOIN tags t ON t.id = d.tag_id
		WHERE d.path = $1`, Tag{Slug: slug}.Path()).Scan(&t.ID, &t.Slug, &t.Name, &canonical)
	if errors.Is(err, pgx.ErrNoRows) {
		return Tag{}, false, nil
	}
	if err != nil {
		return Tag{}, false, err
	}
	own := slices.Contains([]string{address.Slug(t.Name, true), address.Slug(t.Name, false), tagSlug(t.Name)}, slug)
	return t, !canonical || !own, nil
}

// insertTag tries one slug, in a savepoint of its own as the address may be taken after the row is in.
func insertTag(ctx context.Context, tx pgx.Tx, t Tag) (Tag, error) {
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			INSERT INTO tags (slug, name)
			VALUES ($1, $2)
			ON CONFLICT DO NOTHING
			RETURNING id`, t.Slug, t.Name).Scan(&t.ID)
		if errors.Is(err, pgx.ErrNoRows) {
			return errTaken
		}
		if err != nil {
			return err
		}
		err = address.Claim(ctx, tx, address.Target{TagID: t.ID}, t.Path())
		if errors.Is(err, address.ErrTaken) {
			return errTaken
		}
		return err
	})
	return t, err
}

// LiveTag finds a tag that a public article bears; fault.NotFound where there is none.
func (r *Reader) LiveTag(ctx context.Context, id int64) (Tag, error) {
	return one(ctx, r.pool, `SELECT id, slug, name FROM live_tags WHERE id = $1`, id)
}

// LiveTagBySlug is LiveTag by slug.
func (r *Reader) LiveTagBySlug(ctx context.Context, slug string) (Tag, error) {
	return one(ctx, r.pool, `SELECT id, slug, name FROM live_tags WHERE slug = $1`, slug)
}

// LiveTags reads those of the names that are tags of public articles, by lower-case name.
func (r *Reader) LiveTags(names []string, out *map[string]Tag) postgres.Read {
	if len(names) == 0 {
		return postgres.Read{}
	}
	return postgres.Read{From: r.pool, What: "find tags", Args: []any{names}, SQL: `
		SELECT id, slug, name
		FROM live_tags
		WHERE lower(name) = ANY (ARRAY(SELECT lower(n) FROM unnest($1::text[]) AS n))`,
		Take: func(rows pgx.Rows) error {
			list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Tag])
			*out = make(map[string]Tag, len(list))
			for _, t := range list {
				(*out)[strings.ToLower(t.Name)] = t
			}
			return err
		}}
}

func one(ctx context.Context, q postgres.Querier, sql string, arg any) (t Tag, err error) {
	if s, ok := arg.(string); ok && (!utf8.ValidString(s) || strings.ContainsRune(s, 0)) {
		return Tag{}, fmt.Errorf("tag: %w", fault.NotFound)
	}
	err = q.QueryRow(ctx, sql, arg).Scan(&t.ID, &t.Slug, &t.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.NotFound
	}
	if err != nil {
		return Tag{}, fmt.Errorf("tag %v: %w", arg, err)
	}
	return t, nil
}
