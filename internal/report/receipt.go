package report

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/receipt"
)

// Receipt is a report as its sender sees it. Path and Headline are empty where the article is no longer public. Reason is why it was declined,
// Notice the number of the notice that answers it, Kind that notice's; all are empty elsewhere. Personal tells that a name or e-mail is kept.
type Receipt struct {
	Status    Status
	Reason    string
	Notice    int
	Kind      string
	Quote     string
	Body      string
	At        time.Time
	ChangedAt time.Time
	Path      string
	Headline  string
	Language  string
	Credit    bool
	Personal  bool
}

// ByToken is the receipt of a report. A token nobody was given is NotFound.
func (s *Store) ByToken(ctx context.Context, token string) (Receipt, error) {
	if len(token) != receipt.Length {
		return Receipt{}, fault.NotFound
	}
	rows, err := s.pool.Query(ctx, `
		SELECT e.status, CASE WHEN e.status = 'declined' THEN e.reason ELSE '' END AS reason, coalesce(p.number, 0) AS notice, coalesce(p.kind, '') AS kind,
			e.quote, e.body, e.at, e.changed_at, CASE WHEN v.seen THEN coalesce(a.path, '') ELSE '' END AS path,
			CASE WHEN v.seen THEN coalesce(a.live_headline, '') ELSE '' END AS headline, coalesce(a.live_language, '') AS language, e.credit,
			e.name <> '' OR e.email <> '' AS personal
		FROM error_reports e
		JOIN articles a ON a.id = e.article_id
		CROSS JOIN LATERAL (SELECT coalesce(a.public_state IN ('published', 'retracted'), false) AND a.trashed_at IS NULL AS seen) v
		LEFT JOIN publications p ON p.article_id = e.article_id AND p.number = e.publication AND e.status = 'corrected'
		WHERE e.token_hash = $1 AND e.comment_id IS NULL`, receipt.Hash(token))
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt of an error report: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Receipt])
	if errors.Is(err, pgx.ErrNoRows) {
		return Receipt{}, fault.NotFound
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt of an error report: %w", err)
	}
	return r, nil
}

// Forget blanks the name and the e-mail of who sent a report, for themselves; the credit beside a correction goes with them. A second call does
// nothing. Faults: NotFound.
func (s *Store) Forget(ctx context.Context, token string) error {
	if len(token) != receipt.Length {
		return fault.NotFound
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			UPDATE error_reports
			SET name = '', email = '', credit = false
			WHERE token_hash = $1 AND comment_id IS NULL
			RETURNING article_id, publication IS NOT NULL`, receipt.Hash(token))
		if err != nil {
			return err
		}
		n, err := purge(ctx, tx, rows)
		if err == nil && n == 0 {
			err = fault.NotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("forget who sent a report: %w", err)
	}
	return nil
}

// Copy is what somebody reported under an e-mail, in any case of its letters, for themselves, oldest first. Only who showed that the e-mail is
// theirs, or an admin, may be given it: the caller asks.
func (s *Store) Copy(ctx context.Context, email string) ([]comment.CopiedError, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT coalesce(a.path, '') AS article, e.quote, e.body AS text, e.name, e.at, e.status, e.reason
		FROM error_reports e
		JOIN articles a ON a.id = e.article_id
		WHERE lower(e.email) = lower($1) AND e.email <> ''
		ORDER BY e.at, e.id`, email)
	if err != nil {
		return nil, fmt.Errorf("copy error reports: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[comment.CopiedError])
	if err != nil {
		return nil, fmt.Errorf("copy error reports: %w", err)
	}
	return list, nil
}

// Erase blanks, in tx, all that a person wrote in reports under an e-mail, in any case of its letters; the credits go with it, and the pages that
// show one are purged. What was decided stays.
func (s *Store) Erase(ctx context.Context, tx pgx.Tx, email string) error {
	rows, err := tx.Query(ctx, `
		UPDATE error_reports
		SET name = '', email = '', credit = false, quote = '', body = '', erased_at = coalesce($2::timestamptz, clock_timestamp())
		WHERE lower(email) = lower($1) AND email <> ''
		RETURNING article_id, publication IS NOT NULL`, email, postgres.At(s.Now))
	if err == nil {
		_, err = purge(ctx, tx, rows)
	}
	if err != nil {
		return fmt.Errorf("erase error reports: %w", err)
	}
	return nil
}

// purge reads the articles of changed reports, says which of their pages are out of date because a credit changed, and counts the reports.
func purge(ctx context.Context, tx pgx.Tx, rows pgx.Rows) (n int, err error) {
	var tags []string
	var id int64
	var credited bool
	_, err = pgx.ForEachRow(rows, []any{&id, &credited}, func() error {
		n++
		if credited {
			tags = append(tags, fmt.Sprintf("article:%d", id))
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	return n, postgres.Purge(ctx, tx, tags...)
}
