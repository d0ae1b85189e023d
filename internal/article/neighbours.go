package article

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// Neighbours is what stands around an article on its page: the articles related to it, nearest first, or while none are known the newest of its
// section, and those published before and after it in its category. All are listed, and none is the article itself.
type Neighbours struct {
	Related, Newest []Card
	Previous, Next  *Card
}

// NeighboursIn names an article, its category with what is below it, and when it was published; Each is how many related or newest to give.
type NeighboursIn struct {
	ID       int64
	Category int64
	Section  []int64
	At       time.Time
	Each     int
}

// neighbour ties a card to the place it was asked for.
type neighbour struct {
	Card
	Place string
}

// LiveNeighbours gives what stands around an article, in one query.
func (r *Reader) LiveNeighbours(ctx context.Context, in NeighboursIn) (Neighbours, error) {
	var out Neighbours
	// A number that is written out lets the planner know how few rows there are: with a parameter it plans anew at each page.
	each := strconv.Itoa(in.Each)
	rows, err := r.pool.Query(ctx, `
		WITH related AS (
			SELECT related_id AS article_id, 'related' AS place, position::bigint AS rank
			FROM live_related
			WHERE article_id = $1
			ORDER BY position
			LIMIT `+each+`
		), newest AS (
			SELECT DISTINCT c.article_id, 'newest' AS place, -extract(epoch FROM c.listed_at)::bigint AS rank
			FROM unnest($3::bigint[]) AS wanted, LATERAL (
				SELECT article_id, listed_at FROM live_article_categories
				WHERE category_id = wanted AND article_id <> $1
				ORDER BY listed_at DESC, article_id DESC
				LIMIT `+each+`) AS c
			WHERE NOT EXISTS (SELECT FROM related)
			ORDER BY rank, article_id DESC
			LIMIT `+each+`
		), previous AS (
			SELECT article_id, 'previous' AS place, 0::bigint AS rank FROM live_article_categories
			WHERE category_id = $2 AND (listed_at, article_id) < ($4, $1)
			ORDER BY listed_at DESC, article_id DESC
			LIMIT 1
		), next AS (
			SELECT article_id, 'next' AS place, 0::bigint AS rank FROM live_article_categories
			WHERE category_id = $2 AND (listed_at, article_id) > ($4, $1)
			ORDER BY listed_at, article_id
			LIMIT 1
		), picked AS (TABLE related UNION ALL TABLE newest UNION ALL TABLE previous UNION ALL TABLE next)
		SELECT `+cardColumns+`, picked.place
		FROM picked
		JOIN live_articles l ON l.id = picked.article_id
		LEFT JOIN live_counts n ON n.article_id = l.id
		ORDER BY picked.rank, l.id DESC`, in.ID, in.Category, in.Section, in.At)
	if err != nil {
		return out, fmt.Errorf("read around article %d: %w", in.ID, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[neighbour])
	if err != nil {
		return out, fmt.Errorf("read around article %d: %w", in.ID, err)
	}
	for i := range found {
		c := &found[i].Card
		switch found[i].Place {
		case "related":
			out.Related = append(out.Related, *c)
		case "newest":
			out.Newest = append(out.Newest, *c)
		case "previous":
			out.Previous = c
		case "next":
			out.Next = c
		}
	}
	return out, nil
}
