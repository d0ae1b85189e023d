package comment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
)

// PerPage is how many comments stand on one page, answers included: a page stays short however long one thread is.
const PerPage = 50

// maxPage keeps the page's arithmetic far from overflow.
const maxPage = 1_000_000

// Order is how threads follow each other; pinned ones come first in all of them, and within a thread it is always oldest first.
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
type Reader struct{ pool postgres.ReadPool }

// NewReader makes a Reader over what readers' pages are read from.
func NewReader(pool postgres.ReadPool) *Reader { return &Reader{pool: pool} }

// Live is a comment as readers see it. Depth is 1 to 3; Deeper marks what answers something below the third step and stands there all
// the same. ParentName is who is answered, ParentHere that this comment stands on the same page; ParentGone that it isn't there any more.
// Author marks an answer by one who wrote the article. Path are the ids of the steps that are shown, from the thread's first to itself or, of
// one that is Deeper, to the third.
type Live struct {
	ID         int64
	ArticleID  int64
	ParentID   int64
	RootID     int64
	Path       []int64
	Depth      int
	Deeper     bool
	Version    int
	Name       string
	Body       string
	PostedAt   time.Time
	Staff      bool
	Author     bool
	Pinned     bool
	ParentName string
	ParentHere bool
	ParentGone bool
}

// Anchor is the comment's id on its page.
func (l *Live) Anchor() string { return anchor(l.ID) }

func anchor(id int64) string { return fmt.Sprintf("comment-%d", id) }

// LiveLatest is the newest n comments of an article, newest first, for its feed.
func (r *Reader) LiveLatest(ctx context.Context, articleID int64, n int) ([]Live, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT l.id, l.article_id, coalesce(l.parent_id, 0) AS parent_id, l.root_id, l.path, least(l.depth, $3) AS depth, l.depth > $3 AS deeper,
			l.version_number AS version, l.name, l.body, l.posted_at, l.staff, l.author, l.pinned_at IS NOT NULL AS pinned,
			coalesce(p.name, '') AS parent_name, false AS parent_here, l.parent_id IS NOT NULL AND p.id IS NULL AS parent_gone
		FROM (
			SELECT id, posted_at
			FROM live_places
			WHERE article_id = $1
			ORDER BY posted_at DESC, id DESC
			LIMIT $2
		) n
		-- LIMIT keeps these two a look at some comments; as joins they may be hashed over all there are
		CROSS JOIN LATERAL (SELECT * FROM live_comments WHERE id = n.id LIMIT 1) l
		LEFT JOIN LATERAL (SELECT id, name FROM live_comments WHERE id = l.parent_id LIMIT 1) p ON true
		ORDER BY n.posted_at DESC, n.id DESC`, articleID, n, shownSteps)
	if err != nil {
		return nil, fmt.Errorf("newest comments of article %d: %w", articleID, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Live])
	if err != nil {
		return nil, fmt.Errorf("newest comments of article %d: %w", articleID, err)
	}
	return list, nil
}
