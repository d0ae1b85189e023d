package comment

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
)

// ruleForeign is a service elsewhere that was asked and called it spam.
const ruleForeign = "foreign"

// foreignBatch is how many texts are taken to a service at once.
const foreignBatch = 20

// Foreign asks a service elsewhere whether a text is spam. It is told the name, the text and the network address, never an e-mail.
type Foreign func(ctx context.Context, name, body string, from netip.Addr) (spam bool, err error)

// AskForeign takes what waits since at most a day to a service elsewhere, each text once, and keeps a verdict of spam among the reasons why it
// is held; it decides nothing. What has no network address is not asked about. Texts for which the service has no answer are taken to it again
// the next time; the error joins theirs. It is for the background: no transaction is open while it asks.
func (s *Store) AskForeign(ctx context.Context, ask Foreign) error {
	type text struct {
		ID        int64
		CommentID int64
		Name      string
		Body      string
		Address   netip.Addr
	}
	rows, err := s.pool.Query(ctx, `
		UPDATE comment_texts t
		SET asked_at = n.now
		FROM (SELECT coalesce($1::timestamptz, clock_timestamp()) AS now) n, comments c
		JOIN comment_addresses a ON a.comment_id = c.id
		WHERE c.id = t.comment_id AND t.id IN (
			SELECT w.id
			FROM comments q
			JOIN comment_texts w ON w.id = q.pending_text
			JOIN comment_addresses k ON k.comment_id = q.id
			WHERE q.pending_text IS NOT NULL AND q.erased_at IS NULL AND w.asked_at IS NULL
				AND q.posted_at > coalesce($1::timestamptz, clock_timestamp()) - interval '1 day'
			ORDER BY q.posted_at, q.id
			LIMIT $2
			FOR UPDATE OF w SKIP LOCKED)
		RETURNING t.id, t.comment_id, c.name, t.body, a.address`, postgres.At(s.Now), foreignBatch)
	if err != nil {
		return fmt.Errorf("texts for a service: %w", err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowToStructByName[text])
	if err != nil {
		return fmt.Errorf("texts for a service: %w", err)
	}
	var all error
	for _, t := range texts {
		spam, err := ask(ctx, t.Name, t.Body, t.Address)
		if err == nil && spam {
			_, err = s.pool.Exec(ctx, `
				INSERT INTO hold_reasons (comment_id, rule, words, at, text_id)
				SELECT c.id, $3, '{}', coalesce($4::timestamptz, clock_timestamp()), $2
				FROM comments c
				WHERE c.id = $1 AND c.erased_at IS NULL`, t.CommentID, t.ID, ruleForeign, postgres.At(s.Now))
		}
		if err != nil {
			_, again := s.pool.Exec(ctx, `UPDATE comment_texts SET asked_at = NULL WHERE id = $1`, t.ID)
			all = errors.Join(all, fmt.Errorf("ask a service about comment %d: %w", t.CommentID, err), again)
		}
	}
	return all
}
