package article

import (
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
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

// LiveNeighbours reads what stands around an article, in one query.
func (r *Reader) LiveNeighbours(in NeighboursIn, out *Neighbours) postgres.Read {
	// A number that is written out lets the planner know how few rows there are, and from an array of its own it can't tell how many categories:
	// with parameters it plans anew at each page.
	each := strconv.Itoa(in.Each)
	return postgres.Read{From: r.pool, What: fmt.Sprintf("read around article %d", in.ID), Take: out.take, Args: []any{in.ID, in.Category, in.Section, in.At}, SQL: `
		WITH related AS (
			SELECT related_id AS article_id, 'related' AS place, position::bigint AS rank
			FROM live_related
			WHERE article_id = $1
			ORDER BY position
			LIMIT ` + each + `
		), newest AS (
			SELECT DISTINCT c.article_id, 'newest' AS place, -extract(epoch FROM c.listed_at)::bigint AS rank
			FROM unnest(ARRAY(SELECT unnest($3::bigint[]))) AS wanted, LATERAL (
				SELECT article_id, listed_at FROM live_article_categories
				WHERE category_id = wanted AND article_id <> $1
				ORDER BY listed_at DESC, article_id DESC
				LIMIT ` + each + `) AS c
			WHERE NOT EXISTS (SELECT FROM related)
			ORDER BY rank, article_id DESC
			LIMIT ` + each + `
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
		SELECT ` + cardColumns + `, picked.place
		FROM picked
		JOIN live_articles l ON l.id = picked.article_id
		LEFT JOIN live_counts n ON n.article_id = l.id
		ORDER BY picked.rank, l.id DESC`}
}

func (n *Neighbours) take(rows pgx.Rows) error {
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[neighbour])
	if err != nil {
		return err
	}
	for i := range found {
		c := &found[i].Card
		switch found[i].Place {
		case "related":
			n.Related = append(n.Related, *c)
		case "newest":
			n.Newest = append(n.Newest, *c)
		case "previous":
			n.Previous = c
		case "next":
			n.Next = c
		}
	}
	return nil
}
