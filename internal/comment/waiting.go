package comment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
	"stet/internal/staff"
)

// CountMost is how far the queue is counted; beyond it an estimate has to do.
const CountMost = 1000

// Waiting is how many comments wait, and since when the oldest does (the zero time where none does). More says that Count is where counting
// stopped: About is then what the database last estimated, 0 where it doesn't know. Late says that the oldest waits longer than the
// newsroom wants.
type Waiting struct {
	Count  int
	More   bool
	About  int
	Oldest time.Time
	Late   bool
}

// Waiting is what the newsroom shows above its queue and on every page. It costs the same however much waits.
func (s *Store) Waiting(ctx context.Context) (w Waiting, err error) {
	var b pgx.Batch
	w.queue(&b, postgres.At(s.Now))
	if err := s.pool.SendBatch(ctx, &b).Close(); err != nil {
		return Waiting{}, fmt.Errorf("count what waits: %w", err)
	}
	return w, nil
}

func (w *Waiting) queue(b *pgx.Batch, now *time.Time) {
	b.Queue(`
		SELECT q.waiting, q.oldest, coalesce(q.oldest < coalesce($1::timestamptz, clock_timestamp()) - make_interval(mins => s.queue_alert) AND s.queue_alert > 0, false),
			-- what ANALYZE last counted in the queue's own index
			CASE WHEN q.waiting > $2 THEN (SELECT reltuples::bigint FROM pg_class WHERE oid = 'comments_queue_idx'::regclass) ELSE 0 END
		FROM settings s, (
			SELECT count(*) AS waiting, min(posted_at) AS oldest
			FROM (SELECT posted_at FROM comments WHERE pending_text IS NOT NULL AND erased_at IS NULL ORDER BY posted_at, id LIMIT $2 + 1) c
		) q`, now, CountMost).QueryRow(func(row pgx.Row) error {
		var oldest *time.Time
		err := row.Scan(&w.Count, &oldest, &w.Late, &w.About)
		if w.Count > CountMost {
			w.Count, w.More = CountMost, true
		}
		if w.About <= CountMost {
			w.About = 0
		}
		if oldest != nil {
			w.Oldest = *oldest
		}
		return err
	})
}

// tabMost is how far the other lists are counted: enough to know what there is to do, or that it is much.
const tabMost = 1_000

// queueTabs counts each list of the queue save Pending, at most tabMost of it, for actor. Overtaken ones are counted among the oldest CountMost
// that wait.
func queueTabs(b *pgx.Batch, now *time.Time, actor staff.Actor, tabs *map[Status]int) {
	// Numbers that are written out let one plan serve always.
	b.Queue(fmt.Sprintf(`
		WITH n AS (SELECT coalesce($1::timestamptz, clock_timestamp()) AS now)
		SELECT
			(SELECT coalesce(sum(c.n), 0)
				FROM (
					SELECT article_id, version_number, count(*) AS n
					FROM (SELECT article_id, version_number FROM comments c WHERE `+waits+` ORDER BY posted_at, id LIMIT %[2]d) w
					GROUP BY article_id, version_number
				) c
				CROSS JOIN LATERAL (SELECT notice_number FROM articles WHERE id = c.article_id LIMIT 1) a
				WHERE c.version_number > 0 AND a.notice_number > c.version_number),
			(SELECT count(DISTINCT r.comment_id) FROM comment_reports r WHERE r.decided_at IS NULL AND NOT r.hidden),
			(SELECT count(*) FROM comments c WHERE c.appealed_at IS NOT NULL AND c.erased_at IS NULL AND NOT `+appealAnswered+`),
			(SELECT count(*) FROM comments c JOIN second_opinions o ON o.comment_id = c.id JOIN decisions d ON d.id = o.decision_id WHERE `+opinionWanted+`),
			(SELECT count(*) FROM (SELECT FROM comments WHERE status = 'approved' LIMIT %[1]d) c),
			(SELECT count(*) FROM (SELECT FROM comments WHERE status = 'rejected' LIMIT %[1]d) c),
			(SELECT count(*) FROM (SELECT FROM comments WHERE status = 'spam' LIMIT %[1]d) c),
			(SELECT count(*) FROM bans b, n WHERE b.lifted_at IS NULL AND b.until > n.now)`, tabMost, CountMost), now, actor.ID).QueryRow(func(row pgx.Row) error {
		var overtaken, reported, appealed, second, approved, rejected, spam, bans int
		err := row.Scan(&overtaken, &reported, &appealed, &second, &approved, &rejected, &spam, &bans)
		*tabs = map[Status]int{Overtaken: overtaken, Reported: reported, Appealed: appealed, Second: second, Approved: approved, Rejected: rejected, Spam: spam, Banned: bans}
		return err
	})
}

// Banned names among the counts of tabs the bans that stand.
const Banned Status = "banned"

// Capped reports whether a count of tabs stopped there.
func Capped(n int) bool { return n >= tabMost }
