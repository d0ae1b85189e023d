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
}

// note adds the step of one comment from was to is.
func (t tally) note(h *held, was, is state) {
	t.add(h, h.live(was), h.live(is), !same(was.Shown, is.Shown))
}

func (t tally) add(h *held, was, is, text bool) {
	if was == is && !(is && text) {
		return
	}
	c := t[h.ArticleID]
	if c == nil {
		c = &change{}
		t[h.ArticleID] = c
	}
	switch {
	case is && !was:
		c.delta++
		if h.PostedAt.After(c.newest) {
			c.newest = h.PostedAt
		}
	case was && !is:
		c.delta--
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
		tags = append(tags, fmt.Sprintf("article:%d", id))
	}
	return postgres.Purge(ctx, tx, tags...)
}

func (t tally) count(ctx context.Context, tx pgx.Tx) error {
	var b pgx.Batch
	for _, id := range slices.Sorted(maps.Keys(t)) {
		c := t[id]
		if c.delta != 0 || c.removed {
			var newest *time.Time
			if !c.newest.IsZero() {
				newest = &c.newest
			}
			b.Queue(`
				INSERT INTO article_counts (article_id, approved, last_at)
				VALUES ($1, greatest($2::integer, 0), $3)
				ON CONFLICT (article_id) DO UPDATE
				SET approved = article_counts.approved + $2, last_at = greatest(article_counts.last_at, excluded.last_at)`, id, c.delta, newest)
		}
		if c.removed {
			// In a statement after the one that took the row's lock: it sees what everybody before committed.
			b.Queue(`
				UPDATE article_counts
				SET last_at = (SELECT max(posted_at) FROM comments WHERE article_id = $1 AND status = 'approved' AND erased_at IS NULL)
				WHERE article_id = $1`, id)
		}
	}
	return tx.SendBatch(ctx, &b).Close()
}
