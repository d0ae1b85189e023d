package article

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
)

// Reader is the readers' side: it runs as stet_reader and selects from live_* views only.
type Reader struct{ pool postgres.ReadPool }

// NewReader makes a Reader over what readers' pages are read from.
func NewReader(pool postgres.ReadPool) *Reader { return &Reader{pool: pool} }

// Live is an article as readers see it: a version with the record that stands beside it.
type Live struct {
	ID            int64
	UID           string
	Kind          Kind
	State         string // published or retracted
	Number        int    // the newest row of the record: data-version
	Path          string
	Content       Content
	Blocks        []markup.Block
	Record        []Publication
	FirstPublicAt time.Time
	UpdatedAt     *time.Time
	Listed        bool
	NoIndex       bool
	LiveMode      bool
	Comments      string // policy: default, open, premoderated or closed
	CloseDays     *int   // after publication until comments close; 0 never, nil where the article doesn't say
	Storm         bool   // comments are slowed down
	CommentCount  int
	GUID          string
}

// Imported tells whether its first row was taken over from another system.
func (l *Live) Imported() bool { return len(l.Record) > 0 && l.Record[0].Kind == ImportedRow }

// Notice is one notice in force. Number is its place in the record and its anchor; HTML is the text in force; AmendedAt says when that
// replaced an earlier one, nil when it never did.
type Notice struct {
	Number    int
	Kind      string
	At        time.Time
	Pinned    bool
	HTML      string
	AmendedAt *time.Time
}

// Notices gives the notices in force, oldest first.
func (l *Live) Notices() []Notice { return notices(l.Record) }

// notices folds the record into the notices in force: rows with a notice, with the text of their newest amendment. A retraction that was
// restored is no longer in force.
func notices(rows []Publication) []Notice {
	var out []Notice
	for _, p := range rows {
		switch {
		case p.Amends != 0:
			i := slices.IndexFunc(out, func(n Notice) bool { return n.Number == p.Amends })
			if i >= 0 {
				at := p.RecordedAt
				out[i].HTML, out[i].AmendedAt = p.Notice, &at
			}
		case p.Kind == Restored:
			out = slices.DeleteFunc(out, func(n Notice) bool { return n.Kind == Retraction })
			if p.Notice != "" {
				out = append(out, Notice{Number: p.Number, Kind: p.Kind, At: p.At(), HTML: p.Notice})
			}
		case tells(p.Kind):
			out = append(out, Notice{Number: p.Number, Kind: p.Kind, At: p.At(), Pinned: p.Pinned, HTML: p.Notice})
		}
	}
	return out
}

// Gone is what is left of a withdrawn or withheld article: no word of it.
type Gone struct {
	ID     int64
	Path   string
	State  string // withdrawn: 410; withheld: 451
	At     time.Time
	Notice string
}

// Found says what stands at a path: exactly one of the fields is set. Redirect is the canonical path where the asked one isn't it.
type Found struct {
	Redirect string
	Article  *Live
	Gone     *Gone
	Category int64
	Author   int64
	Tag      int64
}

// liveRow is one row of the query behind LiveByPath and LiveVersion.
type liveRow struct {
	ID              int64
	UID             string
	Kind            Kind
	PublicState     string
	RecordHead      int
	Path            string
	Content         *stored
	BlockIds        []string
	FirstPublicAt   time.Time
	UpdatedPublicAt *time.Time
	Listed          bool
	Noindex         bool
	Live            bool
	Comments        string
	CloseDays       *int
	Storm           bool
	CommentCount    int
	Guid            string
	Record          json.RawMessage
}

// liveColumns reads an article l with version v and the rows of its record up to the given number, in one go.
const liveColumns = `coalesce(l.id, 0) AS id, coalesce(l.uid::text, '') AS uid, coalesce(l.kind, '') AS kind, coalesce(l.public_state, '') AS public_state,
			coalesce(l.record_head, 0) AS record_head, coalesce(l.path, '') AS path, v.content, v.block_ids, coalesce(l.first_public_at, 'epoch') AS first_public_at,
			l.updated_public_at, coalesce(l.listed, false) AS listed, coalesce(l.noindex, false) AS noindex, coalesce(l.live, false) AS live,
			coalesce(l.comments, '') AS comments, l.comments_close_days AS close_days,
			EXISTS (SELECT FROM live_storms t WHERE t.article_id = l.id) AS storm, coalesce(n.approved, 0) AS comment_count, coalesce(l.guid, '') AS guid,
			(SELECT coalesce(jsonb_agg(jsonb_build_object('Number', p.number, 'Kind', p.kind, 'RecordedAt', p.recorded_at, 'ClaimedAt', p.claimed_at, 'Version', p.version,
				'Notice', p.notice, 'Pinned', p.pinned, 'Amends', coalesce(p.amends, 0), 'Withholds', p.withholds,
				'Hash', encode(p.hash, 'base64'), 'PrevHash', encode(p.prev_hash, 'base64')) ORDER BY p.number), '[]')
				FROM live_publications p WHERE p.article_id = l.id AND p.number <= $2) AS record`

// foundRow is one row of the query behind LiveByPath: an address and, where an article stands there, the article.
type foundRow struct {
	liveRow
	To        string
	Canonical bool
	Category  int64
	Author    int64
	Tag       int64
	ArticleID int64
	State     string
}

// LiveByPath finds what stands at path, which is clean and decoded, in one query. Nothing, or nothing public: fault.NotFound.
func (r *Reader) LiveByPath(ctx context.Context, path string) (Found, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT `+liveColumns+`, d.canonical, d.canonical_path AS to, coalesce(d.category_id, 0) AS category, coalesce(d.author_id, 0) AS author,
			coalesce(d.tag_id, 0) AS tag, coalesce(d.article_id, 0) AS article_id, coalesce(d.public_state, '') AS state
		FROM live_addresses d
		LEFT JOIN live_articles l ON l.id = d.article_id AND d.canonical
		LEFT JOIN live_versions v ON v.article_id = l.id AND v.number = l.live_version
		LEFT JOIN live_counts n ON n.article_id = l.id
		WHERE d.path = $1`, path, wholeRecord)
	if err != nil {
		return Found{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[foundRow])
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Found{}, fault.NotFound
	case err != nil:
		return Found{}, fmt.Errorf("find %q: %w", path, err)
	case !row.Canonical:
		return Found{Redirect: row.To}, nil
	case row.ArticleID == 0:
		return Found{Category: row.Category, Author: row.Author, Tag: row.Tag}, nil
	case row.State == Withdrawn || row.State == Withheld:
		g, err := r.liveGone(ctx, row.ArticleID)
		return Found{Gone: g}, err
	case row.ID == 0:
		return Found{}, fault.NotFound
	}
	l, err := row.article()
	return Found{Article: l}, err
}

// wholeRecord is a number no record reaches.
const wholeRecord = 1 << 30

// LiveArticle gives a public article as it stands now.
func (r *Reader) LiveArticle(ctx context.Context, id int64) (*Live, error) {
	return r.live(ctx, id, `
		SELECT `+liveColumns+`
		FROM live_articles l
		JOIN live_versions v ON v.article_id = l.id AND v.number = l.live_version
		LEFT JOIN live_counts n ON n.article_id = l.id
		WHERE l.id = $1`, wholeRecord)
}

// LiveVersion gives a public article as row number of its record had it, with the notices up to then. A number that never was, or whose
// version was withheld, is not found.
func (r *Reader) LiveVersion(ctx context.Context, id int64, number int) (*Live, error) {
	l, err := r.live(ctx, id, `
		SELECT `+liveColumns+`
		FROM live_articles l
		JOIN live_publications p ON p.article_id = l.id AND p.number = $2
		JOIN live_versions v ON v.article_id = l.id AND v.number = p.version
		LEFT JOIN live_counts n ON n.article_id = l.id
		WHERE l.id = $1 AND v.content IS NOT NULL`, number)
	if err == nil {
		l.Number = number
	}
	return l, err
}

func (r *Reader) live(ctx context.Context, id int64, sql string, upTo int) (*Live, error) {
	rows, err := r.pool.Query(ctx, sql, id, upTo)
	if err != nil {
		return nil, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[liveRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.NotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read live article %d: %w", id, err)
	}
	return row.article()
}

func (row *liveRow) article() (*Live, error) {
	l := &Live{ID: row.ID, UID: row.UID, Kind: row.Kind, State: row.PublicState, Number: row.RecordHead, Path: row.Path, FirstPublicAt: row.FirstPublicAt,
		UpdatedAt: row.UpdatedPublicAt, Listed: row.Listed, NoIndex: row.Noindex, LiveMode: row.Live, Comments: row.Comments, CloseDays: row.CloseDays, Storm: row.Storm, CommentCount: row.CommentCount, GUID: row.Guid}
	if row.Content != nil {
		l.Content = Content(*row.Content)
		l.Blocks = l.Content.blocks(row.BlockIds)
	}
	if err := json.Unmarshal(row.Record, &l.Record); err != nil {
		return nil, fmt.Errorf("read record of live article %d: %w", l.ID, err)
	}
	return l, nil
}

func (r *Reader) liveGone(ctx context.Context, id int64) (*Gone, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT id, path, public_state AS state, recorded_at AS at, notice
		FROM live_gone
		WHERE id = $1`, id)
	if err != nil {
		return nil, err
	}
	g, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Gone])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.NotFound
	}
	return g, err
}

// LiveVersions gives the contents of all versions of a public article that stand, by number, for the word diffs of its history.
func (r *Reader) LiveVersions(ctx context.Context, id int64) (map[int]Content, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT number, content
		FROM live_versions
		WHERE article_id = $1 AND content IS NOT NULL`, id)
	if err != nil {
		return nil, err
	}
	out := map[int]Content{}
	var number int
	var c Content
	_, err = pgx.ForEachRow(rows, []any{&number, &c}, func() error {
		out[number] = c
		c = Content{}
		return nil
	})
	return out, err
}
