package article

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
)

// sequencerLock is the advisory lock that makes one instance at a time the sequencer.
const sequencerLock = 0x57e7_109

// Sequence gives the rows of all records that have no place in the log yet the next ones, in the order of their times, and returns how
// many. The log is gap-free: with it a record whose last rows were removed is found out. Every instance may call it; one at a time works.
func (s *Store) Sequence(ctx context.Context) (int, error) {
	var n int64
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, sequencerLock).Scan(&mine); err != nil || !mine {
			return err
		}
		// Each row is looked up by its key, whatever the planner thinks of the queue's length: the records of a large site are never read whole.
		tag, err := tx.Exec(ctx, `
			WITH next AS MATERIALIZED (
				SELECT q.article_id, q.number, p.recorded_at, p.hash
				FROM log_queue q, LATERAL (SELECT recorded_at, hash FROM publications p WHERE p.article_id = q.article_id AND p.number = q.number OFFSET 0) p
				ORDER BY p.recorded_at, q.article_id, q.number
				LIMIT 10000
			), placed AS (
				INSERT INTO log (index, article_id, number, hash)
				SELECT (SELECT coalesce(max(index), 0) FROM log) + row_number() OVER (ORDER BY recorded_at, article_id, number), article_id, number, hash
				FROM next
			)
			DELETE FROM log_queue q USING next WHERE (q.article_id, q.number) = (next.article_id, next.number)`)
		n = tag.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sequence the log: %w", err)
	}
	return int(n), nil
}

// verifyLog checks that the log has no gap and that each of its rows still stands in its record.
func (s *Store) verifyLog(ctx context.Context, found func(Fault)) error {
	var rows, last int64
	if err := s.pool.QueryRow(ctx, `SELECT count(*), coalesce(max(index), 0) FROM log`).Scan(&rows, &last); err != nil {
		return err
	}
	if rows != last {
		found(Fault{What: fmt.Sprintf("the log has %d rows and ends with %d: rows are missing", rows, last)})
	}
	lost, err := s.pool.Query(ctx, `
		SELECT l.article_id, coalesce(a.path, '') AS path, l.number
		FROM log l
		LEFT JOIN publications p ON p.article_id = l.article_id AND p.number = l.number AND p.hash = l.hash
		LEFT JOIN articles a ON a.id = l.article_id
		WHERE p.article_id IS NULL
		ORDER BY l.index`)
	if err != nil {
		return err
	}
	var f Fault
	_, err = pgx.ForEachRow(lost, []any{&f.ArticleID, &f.Path, &f.Number}, func() error {
		f.What = "the log names a row that is gone from the record or was sealed anew"
		found(f)
		return nil
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}
