package article

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/postgres"
	"stet/internal/taxonomy"
)

// live is what an article's row says of its public face. It follows from the record and the content alone, so that Verify can compute it
// again and compare.
type live struct {
	State        string
	RecordHead   int
	Version      int
	FirstAt      time.Time
	UpdatedAt    *time.Time
	Listed       bool
	NoticeKind   *string
	NoticeNumber *int
	NoticeAt     *time.Time
	Headline     string
	Standfirst   string
	Kicker       string
	Label        string
	Language     string
	Byline       string
	Category     int64
	Image        int64
	ImageAlt     string
}

// project computes the public face from the whole record, oldest first, and the content of the last row's version (nil: withheld).
func project(kind Kind, rows []Publication, c *Content) live {
	last := rows[len(rows)-1]
	l := live{State: Published, RecordHead: last.Number, Version: last.Version, FirstAt: rows[0].At()}
	for _, p := range rows {
		switch p.Kind {
		case Retraction:
			l.State = Retracted
		case WithdrawnRow:
			l.State = Withdrawn
		case Restored:
			l.State = Published
		}
		if tells(p.Kind) {
			at := p.RecordedAt
			l.UpdatedAt = &at
			if p.Amends == 0 && p.Kind != Restored {
				l.NoticeKind, l.NoticeNumber, l.NoticeAt = &p.Kind, &p.Number, &at
			}
		}
	}
	if c == nil {
		l.State = Withheld
		return l
	}
	l.Listed = kind == KindArticle && l.State == Published
	l.Headline, l.Standfirst, l.Kicker, l.Label, l.Language = c.Headline, c.Standfirst, c.Kicker, c.Label, c.Language
	names := make([]string, len(c.Bylines))
	for i, b := range c.Bylines {
		names[i] = b.Text
	}
	l.Byline = strings.Join(names, ", ")
	if c.Category != nil {
		l.Category = c.Category.ID
	}
	if c.Image != nil {
		l.Image, l.ImageAlt = c.Image.Media, c.Image.Alt
	}
	return l
}

// tells says whether a row of this kind is an update that readers are told of.
func tells(kind string) bool {
	return slices.Contains(NoticeKinds, kind) || kind == Retraction || kind == Restored
}

// goLive writes the public face of a from its record: the live columns, its places in lists, its words for search, its pictures. It is the
// only function that does, and every act on the record ends in it.
func (s *Store) goLive(ctx context.Context, tx pgx.Tx, a *locked) error {
	rows, err := readRecord(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	version := rows[len(rows)-1].Version
	c, _, err := readVersion(ctx, tx, a.ID, version)
	if err != nil {
		return err
	}
	l := project(a.Kind, rows, c)
	_, err = tx.Exec(ctx, `
		UPDATE articles
		SET public_state = $2, record_head = $3, live_version = $4, first_public_at = $5, updated_public_at = $6, listed = $7, path = $8,
			live_headline = $9, live_standfirst = $10, live_kicker = $11, live_label = $12, live_language = $13, live_byline = $14,
			live_category = nullif($15::bigint, 0), live_image = nullif($16::bigint, 0), live_image_alt = $17, notice_kind = $18, notice_number = $19, notice_at = $20,
			live_revision = (SELECT r.number FROM versions v JOIN revisions r ON r.id = v.revision_id WHERE v.article_id = $1 AND v.number = $4),
			changed_at = $21
		WHERE id = $1`,
		a.ID, l.State, l.RecordHead, l.Version, l.FirstAt, l.UpdatedAt, l.Listed, a.Path, l.Headline, l.Standfirst, l.Kicker, l.Label, l.Language, l.Byline,
		l.Category, l.Image, l.ImageAlt, l.NoticeKind, l.NoticeNumber, l.NoticeAt, a.At)
	if err != nil {
		return err
	}
	tags, err := s.goListed(ctx, tx, a, l, c)
	if err != nil {
		return err
	}
	if err := wantRelated(ctx, tx, a, l, rows[0]); err != nil {
		return err
	}
	a.PublicState, a.RecordHead, a.LiveVersion, a.FirstPublicAt = &l.State, l.RecordHead, &l.Version, &l.FirstAt
	return postgres.Purge(ctx, tx, tags...)
}

// goListed writes where the article stands in lists and what search finds it by, and gives the tags of all pages that show it, those of
// lists it has left among them.
func (s *Store) goListed(ctx context.Context, tx pgx.Tx, a *locked, l live, c *Content) ([]string, error) {
	tags, err := s.everywhere(ctx, tx, a, l)
	if err != nil {
		return nil, err
	}
	var listedAt *time.Time
	if l.Listed {
		listedAt = &l.FirstAt
	}
	if c == nil {
		c = &Content{}
	}
	tagIDs, err := taxonomy.EnsureTags(ctx, tx, c.Tags)
	if err != nil {
		return nil, err
	}
	var first int64
	var categories, authors []int64
	if c.Category != nil {
		first = c.Category.ID
		categories = append(categories, first)
	}
	for _, also := range c.Also {
		categories = append(categories, also.ID)
	}
	for _, b := range c.Bylines {
		if b.Author != 0 && !slices.Contains(authors, b.Author) {
			authors = append(authors, b.Author)
		}
	}
	gone, err := listTags(ctx, tx, a.ID, places{categories, tagIDs, authors})
	if err != nil {
		return nil, err
	}
	var b pgx.Batch
	b.Queue(`DELETE FROM article_categories WHERE article_id = $1`, a.ID)
	b.Queue(`DELETE FROM article_tags WHERE article_id = $1`, a.ID)
	b.Queue(`DELETE FROM article_authors WHERE article_id = $1`, a.ID)
	b.Queue(`
		INSERT INTO article_categories (article_id, category_id, first, listed_at)
		SELECT $1, id, id = $3, $4 FROM unnest($2::bigint[]) AS id`, a.ID, categories, first, listedAt)
	b.Queue(`
		INSERT INTO article_tags (article_id, tag_id, position, listed_at)
		SELECT $1, id, n, $3 FROM unnest($2::bigint[]) WITH ORDINALITY AS t (id, n)`, a.ID, tagIDs, listedAt)
	b.Queue(`
		INSERT INTO article_authors (article_id, author_id, position, listed_at)
		SELECT $1, id, n, $3 FROM unnest($2::bigint[]) WITH ORDINALITY AS t (id, n)`, a.ID, authors, listedAt)
	queueSearch(&b, a, l, c)
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return nil, err
	}
	return append(tags, gone...), media.Uses(ctx, tx, a.object(), c.mediaIDs(), true)
}

// everywhere gives the tags of what shows an article wherever it is listed: its own pages, the front, the archive, and what leads to one of its
// addresses.
func (s *Store) everywhere(ctx context.Context, tx pgx.Tx, a *locked, l live) ([]string, error) {
	if a.Kind == KindPage {
		return []string{"all"}, nil // static pages are named at the foot of every page
	}
	tags := []string{a.object(), "front", "corrections", sitemapTag(a.ID), address.Tag(deref(a.Path))}
	day := l.FirstAt.In(s.site.Zone())
	for _, span := range []string{"2006", "2006/01", "2006/01/02"} {
		tags = append(tags, "day:"+day.Format(span))
	}
	paths, err := address.Of(ctx, tx, address.Target{ArticleID: a.ID})
	for _, p := range paths {
		tags = append(tags, address.Tag(p))
	}
	return tags, err
}

// places are the lists that an article enters besides those it stands in.
type places struct{ categories, tags, authors []int64 }

// listTags gives the cache tags of all lists by category, tag and author that an article stands in or enters.
func listTags(ctx context.Context, q querier, id int64, in places) (tags []string, err error) {
	err = q.QueryRow(ctx, `
		WITH was AS (
			SELECT 'category:' || unnest(lineage) AS tag FROM categories WHERE id = ANY ($2::bigint[]) OR id IN (SELECT category_id FROM article_categories WHERE article_id = $1)
			UNION SELECT 'tag:' || tag_id FROM article_tags WHERE article_id = $1
			UNION SELECT 'author:' || author_id FROM article_authors WHERE article_id = $1
			UNION SELECT 'tag:' || unnest($3::bigint[])
			UNION SELECT 'path:/tag/' || slug FROM tags WHERE id = ANY ($3::bigint[])
			UNION SELECT 'author:' || unnest($4::bigint[])
		)
		SELECT coalesce(array_agg(tag), '{}') FROM was`, id, in.categories, in.tags, in.authors).Scan(&tags)
	return tags, err
}

// mediaIDs gives the pictures a version shows.
func (c *Content) mediaIDs() []int64 {
	var ids []int64
	if c.Image != nil {
		ids = append(ids, c.Image.Media)
	}
	for _, p := range c.Pictures {
		ids = append(ids, p.Media)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// queueSearch writes the words by which search finds the article, or takes them away where it isn't listed.
func queueSearch(b *pgx.Batch, a *locked, l live, c *Content) {
	if !l.Listed {
		b.Queue(`DELETE FROM article_search WHERE article_id = $1`, a.ID)
		return
	}
	w := searchWords(c)
	b.Queue(`
		INSERT INTO article_search (article_id, config, at, a, b, d)
		VALUES ($1, $2::text::regconfig, $3, $4, $5, $6)
		ON CONFLICT (article_id) DO UPDATE
		SET config = excluded.config, at = excluded.at, a = excluded.a, b = excluded.b, d = excluded.d`, a.ID, w.config, l.FirstAt, w.a, w.b, w.d)
}

// words is what article_search keeps of a version: a headline; b standfirst, kicker, bylines and tags; d the body.
type words struct{ config, a, b, d string }

func searchWords(c *Content) words {
	names := make([]string, 0, len(c.Bylines)+len(c.Tags)+2)
	names = append(names, c.Standfirst, c.Kicker)
	for _, b := range c.Bylines {
		names = append(names, b.Text)
	}
	names = append(names, c.Tags...)
	body := make([]string, len(c.Body))
	for i, html := range c.Body {
		body[i] = markup.Text(html)
	}
	w := words{config: searchConfig(c.Language), a: withBigrams(c.Headline), b: withBigrams(strings.Join(names, " · ")), d: withBigrams(strings.Join(body, "\n"))}
	if len(w.d) > maxSearchBody {
		w.d = strings.ToValidUTF8(w.d[:maxSearchBody], "")
	}
	return w
}

// maxSearchBody keeps the vector below Postgres's one megabyte.
const maxSearchBody = 500_000
