// Package reads is how often articles are read: counted in memory, kept by the hour, shown to the newsroom.
//
// It must never know who reads: no cookie, no address and nothing made of one is kept, and a count is never undone into visits.
package reads

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/fault"
	"stet/internal/postgres"
)

// Kept is how long reads are kept by the hour; Prune adds up what is older to days.
const Kept = 31 * 24 * time.Hour

// Read is how often an article was read within the hour that At lies in.
type Read struct {
	Article int64
	At      time.Time
	N       int64
}

// Store keeps reads and gives them to the newsroom.
type Store struct {
	pool *pgxpool.Pool

	// Now replaces the database's clock in tests and where the demo tells its story; nil otherwise.
	Now func() time.Time
}

// New makes a Store over the newsroom's pool.
func New(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// Add adds reads to what is kept, all or none. Reads of what is no article are left out. Readers' pages learn of it when they are next made:
// nothing is purged.
func (s *Store) Add(ctx context.Context, reads []Read) error {
	if len(reads) == 0 {
		return nil
	}
	ids, hours, n := make([]int64, len(reads)), make([]time.Time, len(reads)), make([]int64, len(reads))
	for i, r := range reads {
		ids[i], hours[i], n[i] = r.Article, r.At.UTC().Truncate(time.Hour), r.N
	}
	_, err := s.pool.Exec(ctx, `
		INSERT INTO article_reads AS r (article_id, hour, reads)
		SELECT i.article_id, i.hour, sum(i.reads)
		FROM unnest($1::bigint[], $2::timestamptz[], $3::bigint[]) AS i (article_id, hour, reads)
		WHERE i.reads > 0 AND EXISTS (SELECT FROM articles a WHERE a.id = i.article_id)
		GROUP BY i.article_id, i.hour
		-- In one order on every instance, so that two of them never wait for each other.
		ORDER BY i.article_id, i.hour
		ON CONFLICT ON CONSTRAINT article_reads_key DO UPDATE SET reads = r.reads + excluded.reads`, ids, hours, n)
	if err != nil {
		return fmt.Errorf("keep reads: %w", err)
	}
	return nil
}

// Prune adds up hours older than Kept to days of the site's zone.
func (s *Store) Prune(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, `
		WITH old AS (
			DELETE FROM article_reads
			WHERE hour < coalesce($1::timestamptz, clock_timestamp()) - $2::interval
			RETURNING article_id, hour, reads
		)
		INSERT INTO article_read_days AS d (article_id, day, reads)
		SELECT article_id, (hour AT TIME ZONE (SELECT zone FROM settings))::date AS day, sum(reads)
		FROM old
		GROUP BY 1, 2
		ORDER BY 1, 2
		ON CONFLICT ON CONSTRAINT article_read_days_key DO UPDATE SET reads = d.reads + excluded.reads`, postgres.At(s.Now), Kept)
	if err != nil {
		return fmt.Errorf("add up old reads: %w", err)
	}
	return nil
}

// The spans that Figures shows.
const (
	HoursShown = 48
	DaysShown  = 30
)

// Span is an hour or a day, by the time at which it begins in the site's zone, with its reads.
type Span struct {
	At time.Time
	N  int64
}

// Figures are the reads of one article: of each of the last HoursShown hours and DaysShown days, this one included, the oldest first and
// those without a read among them; and of all time.
type Figures struct {
	Hours, Days []Span
	Total       int64
}

// Figures reads them; days begin and end in zone. Everybody in the newsroom who sees the article may see them. Fault: NotFound.
func (s *Store) Figures(ctx context.Context, article int64, zone *time.Location) (Figures, error) {
	var f Figures
	var known bool
	var b pgx.Batch
	now := postgres.At(s.Now)
	collect := func(to *[]Span) func(pgx.Rows) error {
		return func(rows pgx.Rows) (err error) {
			*to, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Span])
			for i := range *to {
				(*to)[i].At = (*to)[i].At.In(zone)
			}
			return err
		}
	}
	b.Queue(`
		SELECT EXISTS (SELECT FROM articles WHERE id = $1),
			coalesce((SELECT sum(reads) FROM article_reads WHERE article_id = $1), 0)::bigint + coalesce((SELECT sum(reads) FROM article_read_days WHERE article_id = $1), 0)::bigint`,
		article).QueryRow(func(row pgx.Row) error { return row.Scan(&known, &f.Total) })
	b.Queue(`
		SELECT h.at, coalesce(r.reads, 0)::bigint
		FROM generate_series(0, $2::integer - 1) AS ago
		CROSS JOIN LATERAL (SELECT date_trunc('hour', coalesce($3::timestamptz, clock_timestamp()), 'UTC') - make_interval(hours => ago) AS at) h
		LEFT JOIN article_reads r ON r.article_id = $1 AND r.hour = h.at
		ORDER BY h.at`, article, HoursShown, now).Query(collect(&f.Hours))
	b.Queue(`
		WITH today AS (SELECT (coalesce($3::timestamptz, clock_timestamp()) AT TIME ZONE $4)::date AS day)
		SELECT d.day::timestamp AT TIME ZONE $4, coalesce(sum(r.reads), 0)::bigint
		FROM today, generate_series(0, $2::integer - 1) AS ago
		CROSS JOIN LATERAL (SELECT today.day - ago AS day) d
		LEFT JOIN article_reads r ON r.article_id = $1
			AND r.hour >= d.day::timestamp AT TIME ZONE $4 AND r.hour < (d.day + 1)::timestamp AT TIME ZONE $4
		GROUP BY d.day
		ORDER BY d.day`, article, DaysShown, now, zone.String()).Query(collect(&f.Days))
	if err := s.pool.SendBatch(ctx, &b).Close(); err != nil {
		return Figures{}, fmt.Errorf("read how often an article is read: %w", err)
	}
	if !known {
		return Figures{}, fmt.Errorf("reads of article %d: %w", article, fault.NotFound)
	}
	return f, nil
}
