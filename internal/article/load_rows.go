package article

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/postgres"
)

// longList is how many bytes of words may wait for their place in the index of words while many articles are loaded, which then takes a third
// of the work. Until they have it searches look them all through. The newest articles, those with Relate, come last; they see to it that only
// few wait.
const longList = "64MB"

// write copies all rows of all articles into their tables, those first that others refer to.
func (l *load) write(ctx context.Context, tx pgx.Tx) error {
	n := 0
	for i := range l.items {
		n += len(l.items[i].revisions)
	}
	revisionIDs, err := postgres.NextIDs(ctx, tx, "revisions_id_seq", n)
	if err != nil {
		return err
	}
	t := &tables{}
	for i := range l.items {
		a := &l.items[i]
		for j := range a.revisions {
			a.revisions[j].ID, revisionIDs = revisionIDs[0], revisionIDs[1:]
		}
		t.article(a, l.actor.ID)
		t.drafts(a, l.actor.ID)
		t.public(a, l.actor.ID)
		t.lists(a, l.tags)
	}
	// Long texts are packed by the quicker method, where the server has it.
	_, err = tx.Exec(ctx, `SELECT set_config(name, 'lz4', true) FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)`)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(l.in, func(in Loaded) bool { return in.Relate }) {
		_, err := tx.Exec(ctx, `SELECT set_config('gin_pending_list_limit', $1, true), set_config('work_mem', $1, true)`, longList)
		if err != nil {
			return err
		}
	}
	if err := t.copy(ctx, tx); err != nil {
		return err
	}
	for i := range l.items {
		if len(l.items[i].uses) == 0 {
			continue
		}
		if err := media.Uses(ctx, tx, l.items[i].object(), l.items[i].uses, true); err != nil {
			return err
		}
	}
	return nil
}

// tables are the rows that wait to be copied.
type tables struct {
	articles, revisions, bylines, versions, publications, acts, diffs, categories, tags, authors [][]any

	search searchColumns
}

func (t *tables) article(a *loadItem, by int64) {
	l := &a.live
	last := a.record[len(a.record)-1].RecordedAt
	t.articles = append(t.articles, []any{a.ID, a.UID, a.Kind, id(by), a.record[0].RecordedAt, last, a.Head, l.State, l.RecordHead, l.Version,
		a.revisions[len(a.revisions)-1].Number, l.FirstAt, l.UpdatedAt, l.Listed, a.Path, l.Headline, l.Standfirst, l.Kicker, l.Label, l.Language, l.Byline,
		id(l.Category), id(l.Image), l.ImageAlt, l.NoticeKind, l.NoticeNumber, l.NoticeAt})
}

func (t *tables) drafts(a *loadItem, by int64) {
	for i := range a.revisions {
		r := &a.revisions[i]
		if r.blocks == nil {
			r.blocks = []markup.Block{}
		}
		t.revisions = append(t.revisions, []any{r.ID, a.ID, r.Number, r.Base, r.Headline, r.Standfirst, r.Kicker, r.Dateline, r.Label, r.Slug, r.Language, r.blocks,
			id(r.Image), r.ImageAlt, r.ImageCaption, r.ImageCredit, id(r.Category), solid(r.Also), solid(r.Tags), r.Note, id(by), r.At})
		for _, b := range lines(r.bylines) {
			t.bylines = append(t.bylines, []any{r.ID, b.Position, id(b.Author), b.Text})
		}
	}
}

func (t *tables) public(a *loadItem, by int64) {
	for _, v := range a.versions {
		t.versions = append(t.versions, []any{a.ID, v.number, a.revisions[v.revision].ID, v.content, v.salt, solid(v.ids)})
		if v.diff != nil {
			t.diffs = append(t.diffs, []any{a.ID, v.number, v.diff})
		}
	}
	for _, p := range a.record {
		t.publications = append(t.publications, []any{a.ID, p.Number, p.Kind, p.RecordedAt, p.Version, p.Notice, p.Pinned, p.ContentHash, p.PrevHash, p.Hash})
		t.acts = append(t.acts, []any{a.ID, p.Number, id(by)})
	}
}

func (t *tables) lists(a *loadItem, tags map[string]int64) {
	c := a.newest()
	var listedAt any
	if a.Listed {
		listedAt = a.FirstAt
		t.search.add(a.ID, a.FirstAt, searchWords(c))
	}
	if c.Category != nil {
		t.categories = append(t.categories, []any{a.ID, c.Category.ID, true, listedAt})
	}
	for _, also := range c.Also {
		t.categories = append(t.categories, []any{a.ID, also.ID, false, listedAt})
	}
	for i, tag := range a.tagged(tags) {
		t.tags = append(t.tags, []any{a.ID, tag, i + 1, listedAt})
	}
	seen := map[int64]bool{0: true}
	for _, b := range c.Bylines {
		if !seen[b.Author] {
			t.authors = append(t.authors, []any{a.ID, b.Author, len(seen), listedAt})
		}
		seen[b.Author] = true
	}
}

func (t *tables) copy(ctx context.Context, tx pgx.Tx) error {
	for _, table := range []struct {
		name    string
		columns []string
		rows    [][]any
	}{
		{"articles", []string{"id", "uid", "kind", "created_by", "created_at", "changed_at", "head", "public_state", "record_head", "live_version", "live_revision",
			"first_public_at", "updated_public_at", "listed", "path", "live_headline", "live_standfirst", "live_kicker", "live_label", "live_language", "live_byline",
			"live_category", "live_image", "live_image_alt", "notice_kind", "notice_number", "notice_at"}, t.articles},
		{"revisions", []string{"id", "article_id", "number", "base", "headline", "standfirst", "kicker", "dateline", "label", "slug", "language", "blocks", "image",
			"image_alt", "image_caption", "image_credit", "category", "also", "tags", "note", "by", "at"}, t.revisions},
		{"bylines", []string{"revision_id", "position", "author_id", "text"}, t.bylines},
		{"versions", []string{"article_id", "number", "revision_id", "content", "salt", "block_ids"}, t.versions},
		{"publications", []string{"article_id", "number", "kind", "recorded_at", "version", "notice", "pinned", "content_hash", "prev_hash", "hash"}, t.publications},
		{"publication_acts", []string{"article_id", "number", "staff_id"}, t.acts},
		{"version_diffs", []string{"article_id", "number", "diff"}, t.diffs},
		{"article_categories", []string{"article_id", "category_id", "first", "listed_at"}, t.categories},
		{"article_tags", []string{"article_id", "tag_id", "position", "listed_at"}, t.tags},
		{"article_authors", []string{"article_id", "author_id", "position", "listed_at"}, t.authors},
	} {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{table.name}, table.columns, pgx.CopyFromRows(table.rows)); err != nil {
			return err
		}
	}
	return t.search.insert(ctx, tx)
}

// searchColumns are sent as parameters: the name of a configuration has no form in which it could be copied.
type searchColumns struct {
	ids             []int64
	at              []time.Time
	config, a, b, d []string
}

func (s *searchColumns) add(id int64, at time.Time, w words) {
	s.ids, s.at, s.config = append(s.ids, id), append(s.at, at), append(s.config, w.config)
	s.a, s.b, s.d = append(s.a, w.a), append(s.b, w.b), append(s.d, w.d)
}

func (s *searchColumns) insert(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO article_search (article_id, config, at, a, b, d)
		SELECT id, config::regconfig, at, a, b, d
		FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[]) AS t (id, config, at, a, b, d)`,
		s.ids, s.config, s.at, s.a, s.b, s.d)
	return err
}

// id is that of another row, nil where there is none.
func id(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}

// solid is never nil, as no column of a list may be.
func solid[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
