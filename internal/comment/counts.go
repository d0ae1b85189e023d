package comment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
)

// tally is what an act changes of what readers see, by article.
type tally map[int64]*change

type change struct {
	delta   int
	newest  time.Time // of the comments that became public
	removed bool
	threads map[int64]int // by first comment, how many more of it readers see
}

// of is what changes under an article.
func (t tally) of(article int64) *change {
	c := t[article]
	if c == nil {
		c = &change{threads: map[int64]int{}}
		t[article] = c
	}
	return c
}

// note adds the step of one comment from was to is.
func (t tally) note(h *held, was, is state) {
	t.add(h, h.live(was), h.live(is), !same(was.Shown, is.Shown))
}

func (t tally) add(h *held, was, is, text bool) {
	if was == is && !(is && text) {
		return
	}
	c := t.of(h.ArticleID)
	switch {
	case is && !was:
		c.delta++
		c.threads[h.RootID]++
		if h.PostedAt.After(c.newest) {
			c.newest = h.PostedAt
		}
	case was && !is:
		c.delta--
		c.threads[h.RootID]--
		c.removed = true
	}
}

// write brings the counts up to date, in the order of the articles so that no two acts wait for each other, and says which pages are out
// of date. It is the last step of an act: a row of counts is shared by all who decide on an article's comments.
func (t tally) write(ctx context.Context, tx pgx.Tx) error {
	if len(t) == 0 {
		return nil
	}
	if err := t.count(ctx, tx); err != nil {
		return err
	}
	tags := make([]string, 0, len(t))
	for id := range t {
		tags = append(tags, fmt.Sprintf("comments:%d", id))
	}
	return postgres.Purge(ctx, tx, tags...)
}

func (t tally) count(ctx context.Context, tx pgx.Tx) error {
	var b pgx.Batch
	for _, id := range slices.Sorted(maps.Keys(t)) {
		t[id].queue(&b, id)
	}
	return tx.SendBatch(ctx, &b).Close()
}

// queue adds the statements for one article. The first one takes the lock behind which all that count under this article follow each other, so
// that those after it see what everybody before committed.
func (c *change) queue(b *pgx.Batch, article int64) {
	if len(c.threads) == 0 {
		return
	}
	var newest *time.Time
	if !c.newest.IsZero() {
		newest = &c.newest
	}
	b.Queue(`
		INSERT INTO article_counts (article_id, approved, last_at)
		VALUES ($1, greatest($2::integer, 0), $3)
		ON CONFLICT (article_id) DO UPDATE
		SET approved = article_counts.approved + $2, last_at = greatest(article_counts.last_at, excluded.last_at)`, article, c.delta, newest)
	if c.removed {
		b.Queue(`
			UPDATE article_counts
			SET last_at = (SELECT max(posted_at) FROM comments WHERE article_id = $1 AND status = 'approved' AND erased_at IS NULL)
			WHERE article_id = $1`, article)
	}
	roots := slices.Sorted(maps.Keys(c.threads))
	deltas := make([]int, len(roots))
	for i, root := range roots {
		deltas[i] = c.threads[root]
	}
	b.Queue(`
		INSERT INTO comment_threads (root_id, article_id, at, shown, pinned_at)
		SELECT r.id, r.article_id, r.posted_at, d.delta, CASE WHEN r.status = 'approved' AND r.erased_at IS NULL THEN r.pinned_at END
		FROM unnest($1::bigint[], $2::integer[]) AS d (root_id, delta)
		JOIN comments r ON r.id = d.root_id
		ON CONFLICT (root_id) DO UPDATE
		SET shown = comment_threads.shown + excluded.shown, pinned_at = excluded.pinned_at`, roots, deltas)
	b.Queue(`DELETE FROM comment_threads WHERE root_id = ANY ($1) AND shown <= 0`, roots)
}
