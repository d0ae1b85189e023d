package comment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/fault"
)

// PerPage is how many threads stand on one page: a first comment with everything under it.
const PerPage = 50

// maxPage keeps the page's arithmetic far from overflow.
const maxPage = 1_000_000

// Order is how threads follow each other; within a thread it is always oldest first.
type Order string

// The orders, as they stand in the address.
const (
	Oldest  Order = "oldest"
	Newest  Order = "newest"
	Replied Order = "replied" // most comments first
)

// ParseOrder reads an order; the empty text is Oldest.
func ParseOrder(s string) (Order, bool) {
	switch o := Order(s); o {
	case "":
		return Oldest, true
	case Oldest, Newest, Replied:
		return o, true
	}
	return "", false
}

// Reader is the readers' side. Its pool may see live_comments and no other comment.
type Reader struct{ pool *pgxpool.Pool }

// NewReader makes a Reader over the pool of stet_reader.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{pool: pool} }

// Live is a comment as readers see it. Depth is 1 to 3; Deeper marks what answers something below the third step and stands there all
// the same. ParentName is who is answered; ParentGone that this comment isn't there any more. Author marks an answer by one who wrote the article.
type Live struct {
	ID         int64
	ArticleID  int64
	ParentID   int64
	RootID     int64
	Depth      int
	Deeper     bool
	Version    int
	Name       string
	Body       string
	PostedAt   time.Time
	Staff      bool
	Author     bool
	ParentName string
	ParentGone bool
}

// Anchor is the comment's id on its page.
func (l *Live) Anchor() string { return anchor(l.ID) }

func anchor(id int64) string { return fmt.Sprintf("comment-%d", id) }

// Thread is one page of an article's comments, in the order in which they are shown.
type Thread struct {
	Comments []Live
	Total    int // comments on all pages
	Page     int
	Pages    int // at least 1
}

// LiveThread is a page of the comments that readers see, in one query. Page counts from 1; one beyond the last is NotFound, save the first.
func (r *Reader) LiveThread(ctx context.Context, articleID int64, order Order, page int) (Thread, error) {
	t := Thread{Page: page, Pages: 1}
	if page < 1 || page > maxPage {
		return t, fault.NotFound
	}
	rows, err := r.pool.Query(ctx, `
		WITH threads AS (
			SELECT root_id, min(posted_at) AS at, count(*) AS comments
			FROM live_comments
			WHERE article_id = $1
			GROUP BY root_id
		), page AS (
			SELECT root_id, sum(comments) OVER () AS total, count(*) OVER () AS threads,
				row_number() OVER (ORDER BY CASE $2 WHEN 'newest' THEN at END DESC, CASE $2 WHEN 'replied' THEN comments END DESC, at, root_id) AS place
			FROM threads
			ORDER BY place
			OFFSET $3 LIMIT $4
		)
		SELECT l.id, l.article_id, coalesce(l.parent_id, 0) AS parent_id, l.root_id, least(l.depth, $5) AS depth, l.depth > $5 AS deeper,
			l.version_number AS version, l.name, l.body, l.posted_at, l.staff, l.author, p.total, p.threads
		FROM page p
		JOIN live_comments l ON l.root_id = p.root_id AND l.article_id = $1
		ORDER BY p.place, l.path, l.id`, articleID, string(order), (page-1)*PerPage, PerPage, shownSteps)
	if err != nil {
		return t, fmt.Errorf("comments of article %d: %w", articleID, err)
	}
	var total, threads int
	t.Comments, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (l Live, err error) {
		err = row.Scan(&l.ID, &l.ArticleID, &l.ParentID, &l.RootID, &l.Depth, &l.Deeper, &l.Version, &l.Name, &l.Body, &l.PostedAt, &l.Staff, &l.Author,
			&total, &threads)
		return l, err
	})
	if err != nil {
		return t, fmt.Errorf("comments of article %d: %w", articleID, err)
	}
	if len(t.Comments) == 0 && page > 1 {
		return t, fault.NotFound
	}
	t.Total, t.Pages = total, max(1, (threads+PerPage-1)/PerPage)
	nameParents(t.Comments)
	return t, nil
}

// nameParents fills in who is answered: a whole thread stands on one page, so who isn't there is nowhere.
func nameParents(list []Live) {
	names := make(map[int64]string, len(list))
	for i := range list {
		names[list[i].ID] = list[i].Name
	}
	for i := range list {
		if list[i].ParentID != 0 {
			name, there := names[list[i].ParentID]
			list[i].ParentName, list[i].ParentGone = name, !there
		}
	}
}

// Place is where a comment stands.
type Place struct {
	Page   int
	Anchor string
}

// LivePlace is the place of a comment in the order Oldest, or NotFound where readers don't see it on that article.
func (r *Reader) LivePlace(ctx context.Context, articleID, commentID int64) (Place, error) {
	var place *int
	err := r.pool.QueryRow(ctx, `
		SELECT max(t.place)
		FROM (
			SELECT root_id, row_number() OVER (ORDER BY min(posted_at), root_id) AS place
			FROM live_comments
			WHERE article_id = $1
			GROUP BY root_id
		) t
		JOIN live_comments l ON l.root_id = t.root_id AND l.id = $2 AND l.article_id = $1`, articleID, commentID).Scan(&place)
	if err != nil {
		return Place{}, fmt.Errorf("place of comment %d: %w", commentID, err)
	}
	if place == nil {
		return Place{}, fault.NotFound
	}
	return Place{Page: (*place-1)/PerPage + 1, Anchor: anchor(commentID)}, nil
}

// LiveLatest is the newest n comments of an article, newest first, for its feed.
func (r *Reader) LiveLatest(ctx context.Context, articleID int64, n int) ([]Live, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT l.id, l.article_id, coalesce(l.parent_id, 0) AS parent_id, l.root_id, least(l.depth, $3) AS depth, l.depth > $3 AS deeper,
			l.version_number AS version, l.name, l.body, l.posted_at, l.staff, l.author, coalesce(p.name, '') AS parent_name,
			l.parent_id IS NOT NULL AND p.id IS NULL AS parent_gone
		FROM live_comments l
		LEFT JOIN live_comments p ON p.id = l.parent_id
		WHERE l.article_id = $1
		ORDER BY l.posted_at DESC, l.id DESC
		LIMIT $2`, articleID, n, shownSteps)
	if err != nil {
		return nil, fmt.Errorf("newest comments of article %d: %w", articleID, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Live])
	if err != nil {
		return nil, fmt.Errorf("newest comments of article %d: %w", articleID, err)
	}
	return list, nil
}
