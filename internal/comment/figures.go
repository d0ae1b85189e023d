package comment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Figures is the queue in numbers. Ages says how many wait up to each of AgeSteps, the last for longer; none is counted beyond CountMost.
// Hours are the hours of the day so far in which somebody decided. Rules is what rules alone called spam today, Undone how many of them
// people took out again. Agreement is of the second opinions of ninety days, by the rule that had held the comment; Articles are those
// with most waiting among the oldest comments that do.
type Figures struct {
	Ages      []int
	Hours     []Hour
	People    []Share
	Rules     int
	Undone    int
	Agreement []Agreement
	Articles  []Load
	Emergency string // what the switch for all comments is at, empty while it is off
}

// AgeSteps part the waiting comments by how long they wait.
var AgeSteps = []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour}

// Hour is an hour of the day and how many decisions of it stand.
type Hour struct{ Hour, Approved, Refused int }

// Share is how many decisions somebody took today, and how many of them were undone.
type Share struct {
	ID              int64
	Name            string
	Decided, Undone int
}

// Agreement says how many second opinions on comments held by a rule were the same as the first.
type Agreement struct {
	Rule         string
	Asked, Agree int
}

// Load is an article with comments that wait.
type Load struct {
	ID       int64
	Headline string
	Waiting  int
}

// queue reads all of it; midnight is when the day began for the newsroom, in whose zone the hours are.
func (f *Figures) queue(b *pgx.Batch, now *time.Time, midnight time.Time) {
	f.queueAges(b, now)
	b.Queue(`
		SELECT extract(hour FROM d.at AT TIME ZONE $2)::integer, count(*) FILTER (WHERE d.act = 'approve'), count(*) FILTER (WHERE d.act IN ('reject', 'spam'))
		FROM (SELECT at, act FROM decisions WHERE at >= $1 AND undone_at IS NULL AND by IS NOT NULL ORDER BY at DESC LIMIT 20000) d
		GROUP BY 1
		ORDER BY 1`, midnight, midnight.Location().String()).Query(func(rows pgx.Rows) (err error) {
		f.Hours, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Hour])
		return err
	})
	b.Queue(`
		SELECT u.id, u.name, count(*), count(d.undone_at)
		FROM (SELECT by, undone_at FROM decisions WHERE at >= $1 AND by IS NOT NULL AND act <> 'hold' ORDER BY at DESC LIMIT 20000) d
		JOIN staff u ON u.id = d.by
		GROUP BY u.id
		ORDER BY count(*) DESC, u.name`, midnight).Query(func(rows pgx.Rows) (err error) {
		f.People, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Share])
		return err
	})
	f.queueRules(b, midnight, now)
	b.Queue(`SELECT comments_emergency FROM settings`).QueryRow(func(row pgx.Row) error { return row.Scan(&f.Emergency) })
	b.Queue(`
		SELECT c.article_id, coalesce(a.live_headline, ''), c.n
		FROM (
			SELECT article_id, count(*) AS n
			FROM (SELECT article_id FROM comments c WHERE `+waits+` ORDER BY posted_at, id LIMIT $1) c
			GROUP BY article_id
			ORDER BY count(*) DESC, article_id DESC
			LIMIT 30
		) c
		JOIN articles a ON a.id = c.article_id
		ORDER BY c.n DESC, c.article_id DESC`, CountMost).Query(func(rows pgx.Rows) (err error) {
		f.Articles, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Load])
		return err
	})
}

// queueAges counts each step by itself, on the queue's own index.
func (f *Figures) queueAges(b *pgx.Batch, now *time.Time) {
	f.Ages = make([]int, len(AgeSteps)+1)
	for i := range f.Ages {
		var younger, older *time.Duration
		if i > 0 {
			younger = &AgeSteps[i-1]
		}
		if i < len(AgeSteps) {
			older = &AgeSteps[i]
		}
		b.Queue(`
			WITH n AS (SELECT coalesce($1::timestamptz, clock_timestamp()) AS now)
			SELECT count(*)
			FROM (
				SELECT FROM comments c
				WHERE `+waits+`
					AND c.posted_at <= coalesce((SELECT now FROM n) - $2::interval, 'infinity') AND c.posted_at > coalesce((SELECT now FROM n) - $3::interval, '-infinity')
				LIMIT $4
			) c`, now, younger, older, CountMost).QueryRow(func(row pgx.Row) error { return row.Scan(&f.Ages[i]) })
	}
}

// queueRules counts what no person has looked at, and how often people and their seconds agreed.
func (f *Figures) queueRules(b *pgx.Batch, midnight time.Time, now *time.Time) {
	b.Queue(`
		SELECT
			(SELECT count(*) FROM (
				SELECT FROM comments c
				WHERE c.status = 'spam' AND c.posted_at >= $1 AND NOT EXISTS (SELECT FROM decisions d WHERE d.comment_id = c.id)
				LIMIT $2) s),
			(SELECT count(DISTINCT d.comment_id) FROM decisions d
				WHERE d.at >= $1 AND d.undone_at IS NULL AND d.was_status = 'spam' AND d.act IN ('approve', 'hold')
					AND NOT EXISTS (SELECT FROM decisions e WHERE e.comment_id = d.comment_id AND e.id < d.id))`,
		midnight, tabMost).QueryRow(func(row pgx.Row) error { return row.Scan(&f.Rules, &f.Undone) })
	b.Queue(`
		SELECT h.rule, count(*), count(*) FILTER (WHERE o.act = d.act)
		FROM second_opinions o
		JOIN decisions d ON d.id = o.decision_id
		CROSS JOIN LATERAL (SELECT DISTINCT rule FROM hold_reasons WHERE comment_id = o.comment_id) h
		WHERE o.at > coalesce($1::timestamptz, clock_timestamp()) - interval '90 days'
		GROUP BY h.rule
		ORDER BY count(*) DESC, h.rule`, now).Query(func(rows pgx.Rows) (err error) {
		f.Agreement, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Agreement])
		return err
	})
}

// EmergencyNow is what the switch for all comments is at, empty while it is off.
func (s *Store) EmergencyNow(ctx context.Context) (mode string, err error) {
	if err := s.pool.QueryRow(ctx, `SELECT comments_emergency FROM settings`).Scan(&mode); err != nil {
		return "", fmt.Errorf("read the emergency switch: %w", err)
	}
	return mode, nil
}
