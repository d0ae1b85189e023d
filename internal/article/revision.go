package article

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/author"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/taxonomy"
)

// languageTag is the shape of the BCP 47 tags an article's language may be: en, pt-BR, zh-Hant.
var languageTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-(?:[A-Z]{2}|[0-9]{3}))?$`)

// revision is one saved state of a draft, as the table holds it.
type revision struct {
	ID           int64
	Number       int
	Base         int
	Headline     string
	Standfirst   string
	Kicker       string
	Dateline     string
	Label        string
	Slug         string
	Language     string
	Blocks       json.RawMessage
	Image        int64
	ImageAlt     string
	ImageCaption string
	ImageCredit  string
	Category     int64
	CategorySlug string
	Also         []int64
	AlsoSlugs    []string
	Tags         []string
	Note         string
	By           int64
	ByName       string
	At           time.Time
	Bylines      json.RawMessage
	Aside        bool
	Held         []string

	blocks  []markup.Block
	bylines []ContentByline
	byName  string
}

// readRevision gives one revision of an article. A number that isn't there is not found.
func readRevision(ctx context.Context, q querier, id int64, number int) (revision, error) {
	rows, err := q.Query(ctx, `
		SELECT r.id, r.number, r.base, r.headline, r.standfirst, r.kicker, r.dateline, r.label, r.slug, r.language, r.blocks, coalesce(r.image, 0) AS image,
			r.image_alt, r.image_caption, r.image_credit, coalesce(r.category, 0) AS category, coalesce(c.slug, '') AS category_slug,
			ARRAY (SELECT o.id FROM categories o WHERE o.id = ANY (r.also) ORDER BY array_position(r.also, o.id)) AS also,
			ARRAY (SELECT o.slug FROM categories o WHERE o.id = ANY (r.also) ORDER BY array_position(r.also, o.id)) AS also_slugs,
			r.tags, r.note, coalesce(r.by, 0) AS by, coalesce(s.name, '') AS by_name, r.at, r.aside, r.held,
			(SELECT coalesce(jsonb_agg(jsonb_build_object('author', coalesce(b.author_id, 0), 'slug', coalesce(u.slug, ''), 'text', b.text) ORDER BY b.position), '[]')
				FROM bylines b LEFT JOIN authors u ON u.id = b.author_id WHERE b.revision_id = r.id) AS bylines
		FROM revisions r
		LEFT JOIN categories c ON c.id = r.category
		LEFT JOIN staff s ON s.id = r.by
		WHERE r.article_id = $1 AND r.number = $2`, id, number)
	if err != nil {
		return revision{}, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[revision])
	if errors.Is(err, pgx.ErrNoRows) {
		return r, fault.NotFound
	}
	if err != nil {
		return r, err
	}
	r.byName = r.ByName
	if err := json.Unmarshal(r.Blocks, &r.blocks); err != nil {
		return r, err
	}
	return r, json.Unmarshal(r.Bylines, &r.bylines)
}

// addRevision stores r as the newest revision of a, in the name of its actor, and returns its number. One that is kept aside takes a number
// too but leaves the article as it is. The lock on the article's row keeps the numbers apart.
func addRevision(ctx context.Context, tx pgx.Tx, a *locked, r revision) (int, error) {
	if r.blocks == nil {
		r.blocks = []markup.Block{}
	}
	err := tx.QueryRow(ctx, `
		WITH added AS (
		INSERT INTO revisions (article_id, number, base, headline, standfirst, kicker, dateline, label, slug, language, blocks, image, image_alt, image_caption,
			image_credit, category, also, tags, note, by, at, aside, held)
		VALUES ($1, (SELECT coalesce(max(number), 0) + 1 FROM revisions WHERE article_id = $1), $2, $3, $4, $5, $6, $7, $8, $9, $10, nullif($11::bigint, 0), $12, $13, $14, nullif($15::bigint, 0),
			coalesce($16::bigint[], '{}'), coalesce($17::text[], '{}'), $18, nullif($19::bigint, 0), $20, $21, coalesce($22::text[], '{}'))
		RETURNING id, number
		), signed AS (
		INSERT INTO bylines (revision_id, position, author_id, text)
		SELECT added.id, b.position, nullif(b.author, 0), b.text
		FROM added, jsonb_to_recordset($23) AS b (position integer, author bigint, text text)
		)
		SELECT number FROM added`,
		a.ID, r.Base, r.Headline, r.Standfirst, r.Kicker, r.Dateline, r.Label, r.Slug, r.Language, r.blocks, r.Image, r.ImageAlt, r.ImageCaption,
		r.ImageCredit, r.Category, r.Also, r.Tags, r.Note, a.actor.ID, a.At, r.Aside, r.Held, lines(r.bylines)).Scan(&r.Number)
	if err != nil || r.Aside {
		return r.Number, err
	}
	if err := media.Uses(ctx, tx, a.object(), r.mediaIDs(), false); err != nil {
		return 0, err
	}
	a.Head = r.Number
	_, err = tx.Exec(ctx, `
		UPDATE articles
		SET head = $2, changed_at = $3
		WHERE id = $1`, a.ID, a.Head, a.At)
	return a.Head, err
}

// line is a row of bylines.
type line struct {
	Position int    `json:"position"`
	Author   int64  `json:"author"`
	Text     string `json:"text"`
}

func lines(bylines []ContentByline) []line {
	out := make([]line, 0, len(bylines))
	for i, b := range bylines {
		out = append(out, line{i + 1, b.Author, b.Text})
	}
	return out
}

func (r *revision) mediaIDs() []int64 {
	ids := markup.MediaIDs(r.blocks)
	if r.Image != 0 {
		ids = append(ids, r.Image)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// names is what forms name by slug and id, as it was found.
type names struct {
	categories map[string]int64
	authors    map[string]author.Author
	media      map[int64]media.Media
}

// findNames finds what drafts name, with the pictures of their revisions' bodies.
func findNames(ctx context.Context, tx pgx.Tx, revisions []*revision, drafts []Draft) (names, error) {
	var n names
	var slugs, authors []string
	var pictures []int64
	for i, d := range drafts {
		slugs = append(slugs, d.Also...)
		if d.Category != "" {
			slugs = append(slugs, d.Category)
		}
		authors = append(authors, d.Authors...)
		pictures = append(pictures, markup.MediaIDs(revisions[i].blocks)...)
		if d.Image != 0 {
			pictures = append(pictures, d.Image)
		}
	}
	var err error
	if n.categories, err = taxonomy.IDs(ctx, tx, unique(slugs)); err != nil {
		return n, err
	}
	if n.authors, err = author.BySlugs(ctx, tx, unique(authors)); err != nil {
		return n, err
	}
	n.media, err = media.ByIDs(ctx, tx, unique(pictures))
	return n, err
}

func unique[T cmp.Ordered](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}

// resolve finds what the form names by slug and id, noting under its field what isn't there.
func (r *revision) resolve(ctx context.Context, tx pgx.Tx, d Draft, c *fault.Check) error {
	n, err := findNames(ctx, tx, []*revision{r}, []Draft{d})
	if err == nil {
		r.fill(n, d, c)
	}
	return err
}

// fill puts what was found in the place of what the form names, noting under its field what isn't there.
func (r *revision) fill(n names, d Draft, c *fault.Check) {
	r.Category, r.CategorySlug = n.categories[d.Category], d.Category
	c.That(d.Category == "" || r.Category != 0, "category", "article.category.unknown")
	for _, slug := range d.Also {
		id := n.categories[slug]
		c.That(id != 0, "also", "article.category.unknown")
		if id != 0 && id != r.Category && !slices.Contains(r.Also, id) {
			r.Also, r.AlsoSlugs = append(r.Also, id), append(r.AlsoSlugs, slug)
		}
	}
	for _, tag := range d.Tags {
		tag = markup.Line(tag)
		known := func(t string) bool { return strings.EqualFold(t, tag) }
		if tag != "" && !slices.ContainsFunc(r.Tags, known) {
			r.Tags = append(r.Tags, tag)
		}
	}
	for _, name := range d.Authors {
		name = markup.Line(name)
		u, known := n.authors[name]
		switch {
		case name == "":
		case known:
			r.bylines = append(r.bylines, ContentByline{Author: u.ID, Slug: u.Slug, Text: u.Name})
		case strings.Contains(name, " "):
			r.bylines = append(r.bylines, ContentByline{Text: name})
		default:
			c.That(false, "authors", "article.authors.unknown")
		}
	}
	r.Image = d.Image
	r.checkMedia(n.media, c)
}

// resolveMedia looks for the pictures, noting under its field what isn't there.
func (r *revision) resolveMedia(ctx context.Context, tx pgx.Tx, c *fault.Check) error {
	found, err := media.ByIDs(ctx, tx, r.mediaIDs())
	if err == nil {
		r.checkMedia(found, c)
	}
	return err
}

func (r *revision) checkMedia(found map[int64]media.Media, c *fault.Check) {
	for _, id := range r.mediaIDs() {
		if _, known := found[id]; known {
			continue
		}
		if id == r.Image {
			c.That(false, "image", "article.image.unknown")
		} else {
			c.That(false, "body", "article.body.picture")
		}
	}
}

// same tells whether saving r on top of o would change nothing.
func (r *revision) same(o revision) bool {
	return r.Headline == o.Headline && r.Standfirst == o.Standfirst && r.Kicker == o.Kicker && r.Dateline == o.Dateline && r.Label == o.Label &&
		r.Slug == o.Slug && r.Language == o.Language && r.Image == o.Image && r.ImageAlt == o.ImageAlt && r.ImageCaption == o.ImageCaption &&
		r.ImageCredit == o.ImageCredit && r.Category == o.Category && slices.Equal(r.Also, o.Also) && slices.Equal(r.Tags, o.Tags) &&
		slices.Equal(r.bylines, o.bylines) && slices.Equal(r.blocks, o.blocks)
}

// draft gives the revision as the form shows it, with what acts at once from the article's row.
func (r *revision) draft(a *locked) Draft {
	d := r.fields()
	d.Body = markup.Editable(r.blocks)
	if a != nil {
		d.Comments, d.CloseDays, d.Embargo, d.NoIndex, d.Live = a.Comments, a.CommentsCloseDays, a.Embargo, a.Noindex, a.Live
	}
	return d
}

// fields is the draft without its body.
func (r *revision) fields() Draft {
	d := Draft{Headline: r.Headline, Standfirst: r.Standfirst, Kicker: r.Kicker, Dateline: r.Dateline, Label: r.Label, Slug: r.Slug, Language: r.Language,
		Category: r.CategorySlug, Also: r.AlsoSlugs, Tags: r.Tags, Image: r.Image, ImageAlt: r.ImageAlt, ImageCaption: r.ImageCaption, ImageCredit: r.ImageCredit}
	for _, b := range r.bylines {
		if b.Slug != "" {
			d.Authors = append(d.Authors, b.Slug)
		} else {
			d.Authors = append(d.Authors, b.Text)
		}
	}
	return d
}
