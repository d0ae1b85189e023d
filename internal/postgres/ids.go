package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// NextIDs takes n numbers from a sequence at once, for rows that are copied into its table. They rise, but others may take some between them.
func NextIDs(ctx context.Context, tx pgx.Tx, sequence string, n int) ([]int64, error) {
	rows, err := tx.Query(ctx, `SELECT nextval($1::text::regclass) FROM generate_series(1, $2::integer)`, sequence, n)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
