package comment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
)

// Prune removes the addresses that were kept long enough, by what was settled when they came in or by what is now, and says how many; with
// them what is left of old notices and alerts.
func (s *Store) Prune(ctx context.Context) (int64, error) {
	tag, err := s.pool.Exec(ctx, `
		DELETE FROM comment_addresses
		WHERE expires_at <= coalesce($1::timestamptz, clock_timestamp())
			OR at <= coalesce($1::timestamptz, clock_timestamp()) - (SELECT make_interval(days => addresses_days) FROM settings)`, postgres.At(s.Now))
	if err != nil {
		return 0, fmt.Errorf("prune addresses of comments: %w", err)
	}
	if err := s.pruneNotices(ctx); err != nil {
		return 0, err
	}
	if err := s.pruneReports(ctx); err != nil {
		return 0, err
	}
	return tag.RowsAffected(), nil
}

// pruneNotices forgets replies that were told, or that nobody would want to hear of any more, and storms of which moderators were told.
func (s *Store) pruneNotices(ctx context.Context) error {
	var b pgx.Batch
	b.Queue(`DELETE FROM reply_notices WHERE due_at < coalesce($1::timestamptz, clock_timestamp()) - $2::interval`, postgres.At(s.Now), noticesKept)
	b.Queue(`DELETE FROM alerts WHERE what <> 'queue' AND at < coalesce($1::timestamptz, clock_timestamp()) - $2::interval`, postgres.At(s.Now), noticesKept)
	if err := s.pool.SendBatch(ctx, &b).Close(); err != nil {
		return fmt.Errorf("prune notices: %w", err)
	}
	return nil
}
