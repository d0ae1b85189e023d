package comment

import (
	"context"
	"fmt"

	"stet/internal/postgres"
)

// Prune removes the addresses that were kept long enough and says how many.
func (s *Store) Prune(ctx context.Context) (int64, error) {
	tag, err := s.pool.Exec(ctx, `
		DELETE FROM comment_addresses
		WHERE expires_at <= coalesce($1::timestamptz, clock_timestamp())`, postgres.At(s.Now))
	if err != nil {
		return 0, fmt.Errorf("prune addresses of comments: %w", err)
	}
	if err := s.pruneReports(ctx); err != nil {
		return 0, err
	}
	return tag.RowsAffected(), nil
}
