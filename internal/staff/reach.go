package staff

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/postgres"
)

// WithRole are the ids of those who may sign in and have one of the roles, in order: those whom the program itself writes to.
func WithRole(ctx context.Context, q postgres.Querier, roles ...Role) ([]int64, error) {
	rows, err := q.Query(ctx, `SELECT id FROM staff WHERE disabled_at IS NULL AND roles && $1::text[] ORDER BY id`, Roles(roles).Strings())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// AddressOf is where the program writes to one of the newsroom. Who is gone or may not sign in any more is NotFound.
func AddressOf(ctx context.Context, q postgres.Querier, id int64) (string, error) {
	var email string
	err := q.QueryRow(ctx, `SELECT email FROM staff WHERE id = $1 AND disabled_at IS NULL`, id).Scan(&email)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fault.NotFound
	}
	return email, err
}
