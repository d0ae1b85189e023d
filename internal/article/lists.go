package article

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
)

// Card is an article as lists show it.
type Card struct {
	ID            int64
	Kind          Kind
	Path          string
	Headline      string
	Standfirst    string
	Kicker        string
	Label         string
	Language      string
	Byline        string
	CategoryID    int64
	ImageID       int64
	ImageAlt      string
	FirstPublicAt time.Time
	UpdatedAt     *time.Time
	NoticeKind    string
	NoticeNumber  int
	NoticeAt      *time.Time
	Comments      int
	GUID          string
	// Live tells that it is being added to while it is read.
	Live bool
}

// cardColumns reads a Card from live_articles l and live_counts n.
const cardColumns = `l.id, l.kind, l.path, l.headline, l.standfirst, l.kicker, l.label, l.language, l.byline, coalesce(l.category_id, 0) AS category_id,
			coalesce(l.image_id, 0) AS image_id, coalesce(l.image_alt, '') AS image_alt, l.first_public_at, l.updated_public_at AS updated_at,
			coalesce(l.notice_kind, '') AS notice_kind, coalesce(l.notice_number, 0) AS notice_number, l.notice_at, coalesce(n.approved, 0) AS comments,
			coalesce(l.guid, '') AS guid, l.live`

// CardColumns are those columns for rooms that list articles by what they know of them.
const CardColumns = cardColumns

// ListIn asks for a part of the listed articles, newest first. Categories, Author and Tag narrow it when set (one of the three), From and
// To bound the time of first publication (To is excluded). Before is the cursor a former call returned; Offset counts from there.
type ListIn struct {
	Categories []int64
	Author     int64
	Tag        int64
	From, To   time.Time
	Before     string
	Offset     int
	Limit      int
}

// cursor is a place in a list ordered by time and id, newest first.
type cursor struct {
	at time.Time
	id int64
}

// String gives the cursor's form in addresses.
func (c cursor) String() string {
	b := binary.AppendVarint(nil, c.at.UnixMicro())
	return base64.RawURLEncoding.EncodeToString(binary.AppendVarint(b, c.id))
}

// parseCursor reads a cursor; empty is before everything. A malformed one is a fault on the field before.
func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{at: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), id: 1 << 62}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	at, n := binary.Varint(b)
	if err != nil || len(s) > 40 || n <= 0 {
		return cursor{}, fault.Field("before", "field.malformed")
	}
	id, m := binary.Varint(b[n:])
	if m <= 0 || at > 1<<56 || at < -(1<<56) {
		return cursor{}, fault.Field("before", "field.malformed")
	}
	return cursor{at: time.UnixMicro(at), id: id}, nil
}

// maxList bounds one page of a list.
const maxList = 200

// LiveList gives listed articles, newest first, and the cursor of the next page, empty at the end.
func (r *Reader) LiveList(ctx context.Context, in ListIn) (cards []Card, next string, err error) {
	before, err := parseCursor(in.Before)
	if err != nil {
		return nil, "", err
	}
	in.Limit = min(max(in.Limit, 1), maxList)
	from := in.From
	if from.IsZero() {
		from = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if !in.To.IsZero() && !in.To.After(before.at) {
		before = cursor{at: in.To} // no id is below 0, so nothing of that moment comes before it
	}
	bounds := []any{from, before.at, before.id}
	rows, err := r.listRows(ctx, in, bounds)
	if err != nil {
		return nil, "", fmt.Errorf("list: %w", err)
	}
	cards, err = pgx.CollectRows(rows, pgx.RowToStructByName[Card])
	if err != nil {
		return nil, "", fmt.Errorf("list: %w", err)
	}
	if len(cards) > in.Limit {
		cards = cards[:in.Limit]
		last := cards[len(cards)-1]
		next = cursor{at: last.FirstPublicAt, id: last.ID}.String()
	}
	return cards, next, nil
}

// listRows picks the index that gives the newest first: that of each category asked for, of an author, of a tag, or of all.
func (r *Reader) listRows(ctx context.Context, in ListIn, bounds []any) (pgx.Rows, error) {
	const bound = `listed_at >= $1 AND (listed_at, article_id) < ($2, $3)`
	// First pages have their length written out, so that one plan serves always; later ones are too many for a statement each.
	most, cut := strconv.Itoa(in.Limit+1), "LIMIT "+strconv.Itoa(in.Limit+1)
	if in.Offset > 0 {
		most, cut = "$4", "LIMIT $4 - $5 OFFSET $5"
		bounds = append(bounds, in.Offset+in.Limit+1, in.Offset)
	}
	of := "$" + strconv.Itoa(len(bounds)+1)
	const page = `
		SELECT ` + cardColumns + `
		FROM picked
		JOIN live_articles l ON l.id = picked.article_id
		LEFT JOIN live_counts n ON n.article_id = l.id
		ORDER BY l.first_public_at DESC, l.id DESC`
	switch {
	case len(in.Categories) > 0:
		if in.Offset > 0 {
			// Far down, a plan made for these numbers would hash all that the lists hold so far. It doesn't see through a SELECT.
			most, cut = "(SELECT $4::bigint)", "LIMIT (SELECT $4::bigint - $5::bigint) OFFSET (SELECT $5::bigint)"
		}
		return r.pool.Query(ctx, `
		WITH picked AS (
			SELECT DISTINCT c.listed_at, c.article_id
			FROM `+fromCategories(len(in.Categories), of, bound, most)+` AS c
			ORDER BY listed_at DESC, article_id DESC
			`+cut+`
		)`+page, append(bounds, in.Categories)...)
	case in.Author != 0:
		return r.pool.Query(ctx, `
		WITH picked AS (
			SELECT article_id FROM live_article_authors
			WHERE author_id = `+of+` AND `+bound+`
			ORDER BY listed_at DESC, article_id DESC
			`+cut+`
		)`+page, append(bounds, in.Author)...)
	case in.Tag != 0:
		return r.pool.Query(ctx, `
		WITH picked AS (
			SELECT article_id FROM live_article_tags
			WHERE tag_id = `+of+` AND `+bound+`
			ORDER BY listed_at DESC, article_id DESC
			`+cut+`
		)`+page, append(bounds, in.Tag)...)
	}
	return r.pool.Query(ctx, `
		WITH picked AS (
			SELECT id AS article_id FROM live_articles
			WHERE listed AND first_public_at >= $1 AND (first_public_at, id) < ($2, $3)
			ORDER BY first_public_at DESC, id DESC
			`+cut+`
		)`+page, bounds...)
}

// mostMerged is of how many categories the lists are merged as they are read.
const mostMerged = 32

// fromCategories is what a list of that many categories is chosen from; of is the parameter with their ids, bound and most are what bounds the list
// of each. A list of each in a SELECT of its own is merged with the others as far as the page goes, where those that a loop gives are all read and
// then sorted. There are SELECTs for the next power of two, so that few statements serve all categories: places past the end of the ids are NULL,
// and nothing is read for them.
func fromCategories(n int, of, bound, most string) string {
	list := func(id string) string {
		return `(
				SELECT listed_at, article_id FROM live_article_categories
				WHERE category_id = ` + id + ` AND ` + bound + `
				ORDER BY listed_at DESC, article_id DESC
				LIMIT ` + most + `)`
	}
	if n > mostMerged {
		return `unnest(` + of + `::bigint[]) AS wanted, LATERAL ` + list("wanted")
	}
	var lists []string
	for i := range 1 << bits.Len(uint(n-1)) {
		lists = append(lists, list(fmt.Sprintf("(%s::bigint[])[%d]", of, i+1)))
	}
	return "(" + strings.Join(lists, " UNION ALL ") + ")"
}

// section ties a card to the section it was asked for.
type section struct {
	Card
	Section int64
}

// LiveSections gives the newest articles of each section, which is a category with those below it, in one query: under has the ids below
// each section. The section 0, where under has it, are all articles.
func (r *Reader) LiveSections(ctx context.Context, under map[int64][]int64, each int) (map[int64][]Card, error) {
	var roots, ids []int64
	_, all := under[0]
	for root, subtree := range under {
		for _, id := range subtree {
			roots, ids = append(roots, root), append(ids, id)
		}
	}
	most := strconv.Itoa(each) // written out, as in LiveNeighbours
	rows, err := r.pool.Query(ctx, `
		WITH picked AS (
			SELECT DISTINCT w.root AS section, c.article_id, c.listed_at
			FROM unnest($1::bigint[], $2::bigint[]) AS w (root, id), LATERAL (
				SELECT article_id, listed_at FROM live_article_categories
				WHERE category_id = w.id
				ORDER BY listed_at DESC, article_id DESC
				LIMIT `+most+`) AS c
			UNION ALL
			(SELECT 0, id, first_public_at
			FROM live_articles
			WHERE listed AND $3
			ORDER BY first_public_at DESC, id DESC
			LIMIT `+most+`)
		), ranked AS (
			SELECT section, article_id, row_number() OVER (PARTITION BY section ORDER BY listed_at DESC, article_id DESC) AS place
			FROM picked
		)
		SELECT `+cardColumns+`, ranked.section
		FROM ranked
		-- LIMIT keeps this a look at those; as a join it may be hashed over all there are
		CROSS JOIN LATERAL (SELECT * FROM live_articles WHERE id = ranked.article_id LIMIT 1) l
		LEFT JOIN live_counts n ON n.article_id = l.id
		WHERE ranked.place <= `+most+`
		ORDER BY ranked.section, ranked.place`, roots, ids, all)
	if err != nil {
		return nil, fmt.Errorf("list sections: %w", err)
	}
	cards, err := pgx.CollectRows(rows, pgx.RowToStructByName[section])
	if err != nil {
		return nil, fmt.Errorf("list sections: %w", err)
	}
	out := map[int64][]Card{}
	for _, c := range cards {
		out[c.Section] = append(out[c.Section], c.Card)
	}
	return out, nil
}

// LiveDiscussed gives, of the newest 3,000 listed articles, those published since a time that have most comments.
func (r *Reader) LiveDiscussed(ctx context.Context, since time.Time, limit int) ([]Card, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT `+cardColumns+`
		FROM (
			SELECT a.id, c.approved
			FROM (SELECT id FROM live_articles WHERE listed AND first_public_at >= $1 ORDER BY first_public_at DESC, id DESC LIMIT 3000) a
			-- LIMIT keeps this a look at those; as a join it may be hashed over all there are
			CROSS JOIN LATERAL (SELECT approved FROM live_counts WHERE article_id = a.id LIMIT 1) c
			WHERE c.approved > 0
			ORDER BY c.approved DESC, a.id DESC
			LIMIT `+strconv.Itoa(limit)+`
		) n
		JOIN live_articles l ON l.id = n.id
		ORDER BY n.approved DESC, l.first_public_at DESC`, since)
	if err != nil {
		return nil, fmt.Errorf("list most discussed: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Card])
}

// LiveMostRead gives the listed articles that were read most since a time, most first; where there are fewer than limit of them, those read
// most since earlier, and true.
func (r *Reader) LiveMostRead(ctx context.Context, since, earlier time.Time, limit int) (cards []Card, longer bool, err error) {
	type most struct {
		Card
		Longer bool
	}
	rows, err := r.pool.Query(ctx, `
		WITH soon AS MATERIALIZED (
			SELECT m.article_id, m.reads
			FROM (SELECT article_id, sum(reads) AS reads FROM live_reads WHERE hour >= $1 GROUP BY article_id) m
			JOIN live_articles l ON l.id = m.article_id AND l.listed
			ORDER BY m.reads DESC, m.article_id DESC
			LIMIT $3
		), late AS (
			SELECT m.article_id, m.reads
			FROM (
				SELECT article_id, sum(reads) AS reads
				FROM live_reads
				-- The longer time is only looked through where the shorter one gave too little.
				WHERE hour >= $2 AND (SELECT count(*) FROM soon) < $3
				GROUP BY article_id
			) m
			JOIN live_articles l ON l.id = m.article_id AND l.listed
			ORDER BY m.reads DESC, m.article_id DESC
			LIMIT $3
		)
		SELECT `+cardColumns+`, m.longer
		FROM (
			SELECT article_id, reads, false AS longer FROM soon WHERE (SELECT count(*) FROM soon) >= $3
			UNION ALL SELECT article_id, reads, true FROM late
		) m
		JOIN live_articles l ON l.id = m.article_id
		LEFT JOIN live_counts n ON n.article_id = l.id
		ORDER BY m.reads DESC, l.id DESC`, since, earlier, limit)
	if err != nil {
		return nil, false, fmt.Errorf("list most read: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[most])
	if err != nil {
		return nil, false, fmt.Errorf("list most read: %w", err)
	}
	for _, m := range found {
		cards, longer = append(cards, m.Card), m.Longer
	}
	return cards, longer, nil
}

// RecordCard is one notice with the article it stands in.
type RecordCard struct {
	Card
	Number int
	Row    string `db:"record_kind"` // its kind
	At     time.Time
	Notice string
}

// LiveRecord gives notices of the given kinds over all articles, newest first, each with its text in force, and the cursor of the next page.
func (r *Reader) LiveRecord(ctx context.Context, kinds []string, before string, limit int) ([]RecordCard, string, error) {
	c, err := parseCursor(before)
	if err != nil {
		return nil, "", err
	}
	limit = min(max(limit, 1), maxList)
	// The kinds are written out, as the index of notices serves only a plan that knows them.
	for _, kind := range kinds {
		if !slices.Contains(NoticeKinds, kind) && kind != Retraction && kind != Restored {
			return nil, "", fmt.Errorf("list the record: no notice is of kind %q", kind)
		}
	}
	rows, err := r.pool.Query(ctx, `
		SELECT `+cardColumns+`, p.number, p.kind AS record_kind, p.recorded_at AS at,
			coalesce((SELECT m.notice FROM live_publications m WHERE m.article_id = p.article_id AND m.amends = p.number ORDER BY m.number DESC LIMIT 1), p.notice) AS notice
		FROM live_publications p
		JOIN live_articles l ON l.id = p.article_id
		LEFT JOIN live_counts n ON n.article_id = l.id
		WHERE p.kind IN ('`+strings.Join(kinds, "', '")+`') AND p.amends IS NULL AND (p.recorded_at, p.article_id) < ($1, $2)
		ORDER BY p.recorded_at DESC, p.article_id DESC, p.number DESC
		LIMIT `+strconv.Itoa(limit+1), c.at, c.id)
	if err != nil {
		return nil, "", fmt.Errorf("list the record: %w", err)
	}
	cards, err := pgx.CollectRows(rows, pgx.RowToStructByName[RecordCard])
	if err != nil {
		return nil, "", fmt.Errorf("list the record: %w", err)
	}
	next := ""
	if len(cards) > limit {
		cards = cards[:limit]
		next = cursor{at: cards[limit-1].At, id: cards[limit-1].ID}.String()
	}
	return cards, next, nil
}

// FeedItem is a card with its text, for feeds.
type FeedItem struct {
	Card
	Content Content
}

// LiveFeed gives what a feed of that list holds, newest first, with full text.
func (r *Reader) LiveFeed(ctx context.Context, in ListIn) ([]FeedItem, error) {
	cards, _, err := r.LiveList(ctx, in)
	if err != nil || len(cards) == 0 {
		return nil, err
	}
	ids := make([]int64, len(cards))
	for i, c := range cards {
		ids[i] = c.ID
	}
	rows, err := r.pool.Query(ctx, `
		SELECT l.id, v.content
		FROM live_articles l
		JOIN live_versions v ON v.article_id = l.id AND v.number = l.live_version
		WHERE l.id = ANY ($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read feed: %w", err)
	}
	contents := map[int64]Content{}
	var id int64
	var c Content
	if _, err = pgx.ForEachRow(rows, []any{&id, &c}, func() error { contents[id], c = c, Content{}; return nil }); err != nil {
		return nil, fmt.Errorf("read feed: %w", err)
	}
	items := make([]FeedItem, len(cards))
	for i, card := range cards {
		items[i] = FeedItem{Card: card, Content: contents[card.ID]}
	}
	return items, nil
}

// PageLink leads to a static page.
type PageLink struct{ Path, Headline string }

// LivePages gives the public static pages that stand at the top, by headline.
func (r *Reader) LivePages(ctx context.Context, limit int) ([]PageLink, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT path, headline
		FROM live_articles
		WHERE kind = 'page' AND public_state = 'published' AND path ~ '^/[^/]+/?$'
		ORDER BY headline, id
		LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list pages: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[PageLink])
}

// LiveCount counts the listed articles of an author.
func (r *Reader) LiveCount(ctx context.Context, author int64) (n int, err error) {
	err = r.pool.QueryRow(ctx, `SELECT count(*) FROM live_article_authors WHERE author_id = $1`, author).Scan(&n)
	return n, err
}

// LiveFirst gives the time of the oldest listed article, zero where there is none: where archives begin.
func (r *Reader) LiveFirst(ctx context.Context) (time.Time, error) {
	var at *time.Time
	err := r.pool.QueryRow(ctx, `SELECT min(first_public_at) FROM live_articles WHERE listed`).Scan(&at)
	return deref(at), err
}
