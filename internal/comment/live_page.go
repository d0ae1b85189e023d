package comment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/postgres"
)

// pageQueries are pageQuery with the ORDER BY of each order; every one of them is an index.
var pageQueries = map[Order]string{
	Oldest:  fmt.Sprintf(pageQuery, "at, root_id"),
	Newest:  fmt.Sprintf(pageQuery, "at DESC, root_id DESC"),
	Replied: fmt.Sprintf(pageQuery, "shown DESC, at, root_id"),
}

// pageQuery is a page as a stretch of all comments, from $2 up to $3. The counts of the threads say which threads it lies in, so no comment
// before it is looked at, save in the thread in which it begins. As each thread has at least one comment, the first $3 threads are enough.
const pageQuery = `
	WITH pinned AS (
		SELECT root_id, shown, sum(shown) OVER (ORDER BY pinned_at, root_id) - shown AS before
		FROM live_threads
		WHERE article_id = $1 AND pinned_at IS NOT NULL
	), others AS (
		SELECT root_id, shown, sum(shown) OVER (ORDER BY %[1]s) - shown + (SELECT coalesce(sum(shown), 0) FROM pinned) AS before
		FROM (
			SELECT root_id, at, shown
			FROM live_threads
			WHERE article_id = $1 AND pinned_at IS NULL
			ORDER BY %[1]s
			LIMIT $3
		) t
	), touched AS (
		SELECT root_id, before FROM pinned WHERE before < $3 AND before + shown > $2
		UNION ALL
		SELECT root_id, before FROM others WHERE before < $3 AND before + shown > $2
	), page AS (
		SELECT c.id, t.before, c.path
		FROM touched t
		CROSS JOIN LATERAL (
			SELECT id, path
			FROM live_places
			WHERE article_id = $1 AND root_id = t.root_id
			ORDER BY path, id
			OFFSET greatest($2 - t.before, 0)
			LIMIT $3 - greatest(t.before, $2)
		) c
	)
	SELECT l.id, l.article_id, coalesce(l.parent_id, 0) AS parent_id, l.root_id, l.path, least(l.depth, $4) AS depth, l.depth > $4 AS deeper,
		l.version_number AS version, l.name, l.body, l.posted_at, l.staff, l.author, l.pinned_at IS NOT NULL AS pinned,
		coalesce(p.name, '') AS parent_name, here.id IS NOT NULL AS parent_here, l.parent_id IS NOT NULL AND p.id IS NULL AS parent_gone,
		(SELECT approved FROM live_counts WHERE article_id = $1) AS total
	FROM page
	-- LIMIT keeps these two a look at fifty comments; as joins they are hashed over all there are
	CROSS JOIN LATERAL (SELECT * FROM live_comments WHERE id = page.id LIMIT 1) l
	LEFT JOIN LATERAL (SELECT id, name FROM live_comments WHERE id = l.parent_id LIMIT 1) p ON true
	LEFT JOIN page here ON here.id = l.parent_id
	ORDER BY page.before, page.path, page.id`

// Thread is one page of an article's comments, in the order in which they are shown. It may begin in the midst of a thread.
type Thread struct {
	Comments []Live
	Total    int // comments on all pages
	Page     int
	Pages    int // at least 1
}

// Exists tells whether there is such a page; the first is always there.
func (t *Thread) Exists() bool { return t.Page == 1 || len(t.Comments) > 0 }

// LiveThread reads a page of the comments that readers see, in one query. Page counts from 1; of one that doesn't exist out says so.
func (r *Reader) LiveThread(articleID int64, order Order, page int, out *Thread) postgres.Read {
	*out = Thread{Page: page, Pages: 1}
	if page < 1 || page > maxPage {
		return postgres.Read{}
	}
	return postgres.Read{From: r.pool, What: fmt.Sprintf("comments of article %d", articleID), SQL: pageQueries[order], Args: []any{articleID, (page - 1) * PerPage, page * PerPage, shownSteps},
		Take: out.take}
}

func (t *Thread) take(rows pgx.Rows) error {
	var c Live
	// By their places: finding the fields by name again for each row takes longer than reading them.
	into := []any{&c.ID, &c.ArticleID, &c.ParentID, &c.RootID, &c.Path, &c.Depth, &c.Deeper, &c.Version, &c.Name, &c.Body, &c.PostedAt, &c.Staff, &c.Author, &c.Pinned,
		&c.ParentName, &c.ParentHere, &c.ParentGone, &t.Total}
	_, err := pgx.ForEachRow(rows, into, func() error {
		t.Comments = append(t.Comments, c)
		c = Live{}
		return nil
	})
	t.Pages = max(1, (t.Total+PerPage-1)/PerPage)
	return err
}

// Place is where a comment stands.
type Place struct {
	Page   int
	Anchor string
}

// placeQuery counts what stands before a comment as pageQuery does.
const placeQuery = `
	SELECT (
			SELECT coalesce(sum(o.shown), 0)
			FROM live_threads o
			WHERE o.article_id = $1 AND o.pinned_at IS NOT NULL AND (t.pinned_at IS NULL OR (o.pinned_at, o.root_id) < (t.pinned_at, t.root_id))
		) + (
			SELECT coalesce(sum(o.shown), 0)
			FROM live_threads o
			WHERE o.article_id = $1 AND o.pinned_at IS NULL AND t.pinned_at IS NULL AND (o.at, o.root_id) < (t.at, t.root_id)
		) + (
			SELECT count(*)
			FROM live_places o
			WHERE o.article_id = $1 AND o.root_id = l.root_id AND (o.path, o.id) < (l.path, l.id)
		)
	FROM live_comments l
	JOIN live_threads t ON t.root_id = l.root_id
	WHERE l.id = $2 AND l.article_id = $1`

// LivePlace is the place of a comment in the order Oldest, or NotFound where readers don't see it on that article.
func (r *Reader) LivePlace(ctx context.Context, articleID, commentID int64) (Place, error) {
	var before int
	err := r.pool.QueryRow(ctx, placeQuery, articleID, commentID).Scan(&before)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Place{}, fault.NotFound
	case err != nil:
		return Place{}, fmt.Errorf("place of comment %d: %w", commentID, err)
	}
	return Place{Page: before/PerPage + 1, Anchor: anchor(commentID)}, nil
}

// LiveOne is one comment as readers see it, or NotFound where they don't see it on that article.
func (r *Reader) LiveOne(ctx context.Context, articleID, commentID int64) (Live, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT l.id, l.article_id, coalesce(l.parent_id, 0) AS parent_id, l.root_id, l.path, least(l.depth, $3) AS depth, l.depth > $3 AS deeper,
			l.version_number AS version, l.name, l.body, l.posted_at, l.staff, l.author, l.pinned_at IS NOT NULL AS pinned,
			coalesce(p.name, '') AS parent_name, false AS parent_here, l.parent_id IS NOT NULL AND p.id IS NULL AS parent_gone
		FROM live_comments l
		LEFT JOIN live_comments p ON p.id = l.parent_id
		WHERE l.article_id = $1 AND l.id = $2`, articleID, commentID, shownSteps)
	if err != nil {
		return Live{}, fmt.Errorf("comment %d: %w", commentID, err)
	}
	l, err := one[Live](rows)
	if err != nil {
		return Live{}, fmt.Errorf("comment %d: %w", commentID, err)
	}
	return *l, nil
}
