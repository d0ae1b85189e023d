package media

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/staff"
)

// View is one way to look at all media.
type View string

// The views of the desk.
const (
	All      View = ""
	Mine     View = "mine"     // of Filter.By
	NoAlt    View = "alt"      // pictures without alt text
	NoCredit View = "credit"   // pictures that don't say who made them
	Unused   View = "unused"   // what nothing shows: no article as it stands, no version readers saw, no author
	Files    View = "files"    // what is no picture
	Lost     View = "missing"  // what an import couldn't bring
	Held     View = "withheld" // what readers no longer get
)

// viewsSQL says in SQL what is in a view: m the media, u the number of its uses, $1 the person.
var viewsSQL = map[View]string{
	All:      `true`,
	Mine:     `m.created_by = $1 AND $1 > 0`,
	NoAlt:    `m.width > 0 AND m.alt = ''`,
	NoCredit: `m.width > 0 AND m.credit = ''`,
	Unused:   `coalesce(u.uses, 0) = 0`,
	Files:    `m.width = 0 AND coalesce(m.missing_from, '') = ''`,
	Lost:     `coalesce(m.missing_from, '') <> ''`,
	Held:     `m.withheld_at IS NOT NULL`,
}

// Outline is how wide a picture is against its height.
type Outline string

// The outlines. What is less than a seventh wider than high, or higher than wide, counts as square.
const (
	Lying    Outline = "wide"
	Even     Outline = "square"
	Standing Outline = "tall"
)

// Filter narrows a list; the zero value is everything, newest first.
type Filter struct {
	View     View
	By       int64 // the person of Mine
	Before   int64 // only what is older than this id: the last one of the page before
	Q        string
	Outline  Outline // "" for any; a file has none
	Since    time.Time
	Pictures bool // only what a page can show as a picture
	Files    bool // only what is handed over as a file
	Skip     int  // how many of the newest to pass over
	Limit    int  // how many to return, at most and by default PageSize
}

// PageSize is how many List returns at most.
const PageSize = 60

// Line is media as a list shows it.
type Line struct {
	Media
	Uploader string // who brought it; "" where that isn't known
	Uses     int    // how many articles and authors show it
}

// List returns the newest that the filter lets through: what has all words of Q in its name, alt text, caption or credit, whatever their
// case and accents. Everybody in the newsroom may see all. An unknown view or outline is a fault.
func (s *Store) List(ctx context.Context, f Filter) ([]Line, error) {
	in, ok := viewsSQL[f.View]
	if !ok {
		return nil, fmt.Errorf("list media: %w", fault.Field("view", "field.malformed"))
	}
	if f.Limit < 1 || f.Limit > PageSize {
		f.Limit = PageSize
	}
	rows, err := s.pool.Query(ctx, `
		SELECT m.*, coalesce(p.name, '') AS uploader, u.uses
		FROM (SELECT `+columns+` FROM media) m
		LEFT JOIN staff p ON p.id = m.created_by
		LEFT JOIN LATERAL (SELECT count(*) AS uses FROM media_uses WHERE media_id = m.id) u ON true
		WHERE $1::bigint IS NOT NULL AND `+in+`
			AND ($2::bigint = 0 OR m.id < $2)
			AND ($3 = '' OR unaccent(lower(concat_ws(' ', m.name, m.alt, m.caption, m.credit))) LIKE ALL (
				-- What LIKE reads as a pattern stands for itself.
				SELECT '%' || replace(replace(replace(unaccent(lower(word)), '\', '\\'), '%', '\%'), '_', '\_') || '%' FROM regexp_split_to_table(btrim($3), '\s+') AS word))
			AND ($4 = '' OR m.width > 0 AND $4 = CASE
				WHEN m.width::bigint * 7 > m.height::bigint * 8 THEN 'wide'
				WHEN m.height::bigint * 7 > m.width::bigint * 8 THEN 'tall'
				ELSE 'square' END)
			AND ($5::timestamptz IS NULL OR m.created_at >= $5)
			AND (NOT $6 OR m.width > 0 AND m.missing_from = '' AND m.withheld_at IS NULL)
			AND (NOT $7 OR m.width = 0 AND m.missing_from = '' AND m.withheld_at IS NULL)
		ORDER BY m.id DESC
		LIMIT $8 OFFSET $9`, f.By, f.Before, f.Q, string(f.Outline), when(f.Since), f.Pictures, f.Files, f.Limit, max(f.Skip, 0))
	if err != nil {
		return nil, fmt.Errorf("list media: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[Line])
	if err != nil {
		return nil, fmt.Errorf("list media: %w", err)
	}
	return list, nil
}

func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Counts tells how much is in each view; of Mine, what by uploaded.
func (s *Store) Counts(ctx context.Context, by int64) (map[View]int, error) {
	views, sql := make([]View, 0, len(viewsSQL)), `$1::bigint`
	for v, in := range viewsSQL {
		views, sql = append(views, v), sql+`, count(*) FILTER (WHERE `+in+`)`
	}
	counts := make([]int, len(views))
	to := make([]any, 0, len(views)+1)
	to = append(to, new(int64))
	for i := range counts {
		to = append(to, &counts[i])
	}
	err := s.pool.QueryRow(ctx, `
		SELECT `+sql+`
		FROM media m
		LEFT JOIN (SELECT media_id, count(*) AS uses FROM media_uses GROUP BY media_id) u ON u.media_id = m.id`, by).Scan(to...)
	if err != nil {
		return nil, fmt.Errorf("count media: %w", err)
	}
	out := make(map[View]int, len(views))
	for i, v := range views {
		out[v] = counts[i]
	}
	return out, nil
}

// maxSame is how many media of the same bytes are told of.
const maxSame = 1000

// Same lists by the id of each of list what else was made of the same bytes, oldest first.
func (s *Store) Same(ctx context.Context, list ...Media) (map[int64][]Media, error) {
	var sums [][]byte
	for _, m := range list {
		if len(m.SHA256) > 0 {
			sums = append(sums, m.SHA256)
		}
	}
	if len(sums) == 0 {
		return map[int64][]Media{}, nil
	}
	found, err := many(ctx, s.pool, `SELECT `+columns+` FROM media WHERE sha256 = ANY ($1) AND missing_from IS NULL ORDER BY id LIMIT $2`, sums, maxSame)
	out := map[int64][]Media{}
	for _, m := range list {
		for _, other := range found {
			if other.ID != m.ID && bytes.Equal(other.SHA256, m.SHA256) {
				out[m.ID] = append(out[m.ID], other)
			}
		}
	}
	return out, err
}

// UsedBy lists what shows it, as kind and id: article:12, author:3.
func (s *Store) UsedBy(ctx context.Context, id int64) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT user_of FROM media_uses WHERE media_id = $1 ORDER BY user_of`, id)
	if err != nil {
		return nil, fmt.Errorf("uses of media %d: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// SetFocus moves the point that crops keep, from the left and the top, 0 to 1, and gives the one before. Crops are made anew.
func (s *Store) SetFocus(ctx context.Context, actor staff.Actor, id int64, x, y float64) (wasX, wasY float64, err error) {
	m, err := s.ByID(ctx, id)
	if err != nil {
		return 0, 0, err
	}
	return m.FocalX, m.FocalY, s.Update(ctx, actor, id, Words{Alt: m.Alt, Caption: m.Caption, Credit: m.Credit, FocalX: x, FocalY: y})
}
