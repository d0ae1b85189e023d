package taxonomy

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// TagLine is a tag with the number of articles that bear it, drafts that were once public included.
type TagLine struct {
	Tag
	Articles int
}

// TagPage is how many tags Tags returns at most.
const TagPage = 200

// Tags lists tags by name, those whose name holds q, from after the name after on: the last one of the page before.
func (s *Store) Tags(ctx context.Context, q, after string) ([]TagLine, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT t.id, t.slug, t.name, (SELECT count(*) FROM article_tags l WHERE l.tag_id = t.id) AS articles
		FROM tags t
		WHERE ($1 = '' OR strpos(lower(t.name), lower($1)) > 0) AND lower(t.name) > lower($2)
		ORDER BY lower(t.name)
		LIMIT $3`, q, after, TagPage)
	if err != nil {
		return nil, fmt.Errorf("list tags: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[TagLine])
	if err != nil {
		return nil, fmt.Errorf("list tags: %w", err)
	}
	return list, nil
}

// Tag finds a tag by id.
func (s *Store) Tag(ctx context.Context, id int64) (Tag, error) {
	return one(ctx, s.pool, `SELECT id, slug, name FROM tags WHERE id = $1`, id)
}

// TagIn is the form of a tag. An empty Slug keeps the one it has.
type TagIn struct {
	Slug, Name string
}

// RenameTag changes a tag's name or slug; its old address leads to the new one. A name or slug that is taken is a fault of its field:
// Merge makes one of two.
func (s *Store) RenameTag(ctx context.Context, actor staff.Actor, id int64, in TagIn) error {
	return s.act(ctx, actor, "tag.rename", func(tx pgx.Tx) (audit.Entry, []string, error) {
		purge, err := renameTag(ctx, tx, id, in)
		return audit.Entry{Object: tagObject(id)}, purge, err
	})
}

func renameTag(ctx context.Context, tx pgx.Tx, id int64, in TagIn) (purge []string, err error) {
	var c fault.Check
	in.Name = markup.Line(in.Name)
	checkName(&c, in.Name)
	in.Slug = cleanSlug(&c, in.Slug)
	if err := c.Err(); err != nil {
		return nil, err
	}
	was, err := one(ctx, tx, `SELECT id, slug, name FROM tags WHERE id = $1 FOR UPDATE`, id)
	if err != nil {
		return nil, err
	}
	if in.Slug == "" {
		in.Slug = was.Slug
	}
	_, err = tx.Exec(ctx, `UPDATE tags SET slug = $2, name = $3 WHERE id = $1`, id, in.Slug, in.Name)
	if postgres.IsUnique(err, "tags_name_key") {
		return nil, fault.Field("name", "tag.name.taken")
	}
	if postgres.IsUnique(err, "tags_slug_key") {
		return nil, fault.Field("slug", "field.slug.taken")
	}
	if err != nil {
		return nil, err
	}
	now := Tag{ID: id, Slug: in.Slug, Name: in.Name}
	if err := address.Claim(ctx, tx, address.Target{TagID: id}, now.Path()); err != nil {
		if errors.Is(err, address.ErrTaken) {
			return nil, fault.Field("slug", "field.slug.taken")
		}
		return nil, err
	}
	purge, err = bearers(ctx, tx, id)
	return append(purge, address.Tag(was.Path()), address.Tag(now.Path())), err
}

// MergeTags makes one tag of two: all that bore from bears into, and from's addresses lead there.
func (s *Store) MergeTags(ctx context.Context, actor staff.Actor, from, into int64) error {
	return s.act(ctx, actor, "tag.merge", func(tx pgx.Tx) (audit.Entry, []string, error) {
		purge, err := mergeTags(ctx, tx, from, into)
		return audit.Entry{Object: tagObject(into), Detail: map[string]any{"from": from}}, purge, err
	})
}

func mergeTags(ctx context.Context, tx pgx.Tx, from, into int64) (purge []string, err error) {
	if from == into {
		return nil, fault.Field("into", "tag.merge.same")
	}
	// Both rows are locked in the order of their ids, whichever way round two merges go.
	tag, err := tx.Exec(ctx, `SELECT FROM tags WHERE id IN ($1, $2) ORDER BY id FOR UPDATE`, from, into)
	if err != nil {
		return nil, err
	}
	if tag.RowsAffected() != 2 {
		return nil, fault.NotFound
	}
	if purge, err = bearers(ctx, tx, from); err != nil {
		return nil, err
	}
	paths, err := address.Of(ctx, tx, address.Target{TagID: from})
	if err != nil {
		return nil, err
	}
	for _, p := range paths {
		purge = append(purge, address.Tag(p))
	}
	var b pgx.Batch
	b.Queue(`
		INSERT INTO article_tags (article_id, tag_id, position, listed_at)
		SELECT article_id, $2, position, listed_at FROM article_tags WHERE tag_id = $1
		ON CONFLICT ON CONSTRAINT article_tags_key DO NOTHING`, from, into)
	b.Queue(`DELETE FROM article_tags WHERE tag_id = $1`, from)
	b.Queue(`UPDATE addresses SET tag_id = $2, canonical = false WHERE tag_id = $1`, from, into)
	b.Queue(`DELETE FROM tags WHERE id = $1`, from)
	return append(purge, tagObject(into)), tx.SendBatch(ctx, &b).Close()
}

// DeleteTag removes a tag that no article bears.
func (s *Store) DeleteTag(ctx context.Context, actor staff.Actor, id int64) error {
	return s.act(ctx, actor, "tag.delete", func(tx pgx.Tx) (audit.Entry, []string, error) {
		tag, err := tx.Exec(ctx, `DELETE FROM tags WHERE id = $1`, id)
		switch {
		case postgres.IsForeignKey(err, "article_tags_tag_id_fkey"):
			err = fault.Field("", "tag.used")
		case err == nil && tag.RowsAffected() == 0:
			err = fault.NotFound
		}
		return audit.Entry{Object: tagObject(id)}, []string{tagObject(id)}, err
	})
}

// bearers are the cache tags of the tag and of every public article that bears it.
func bearers(ctx context.Context, q postgres.Querier, id int64) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT 'article:' || article_id FROM article_tags WHERE tag_id = $1 AND listed_at IS NOT NULL`, id)
	if err != nil {
		return nil, err
	}
	purge, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return append(purge, tagObject(id)), err
}

func tagObject(id int64) string { return fmt.Sprintf("tag:%d", id) }
