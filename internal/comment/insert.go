package comment

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
)

// row is a comment about to be written. PersonID is nil where the e-mail is new, Email empty where there is no person at all.
type row struct {
	ID        int64
	ArticleID int64
	above
	Version      int
	Status       Status
	TokenHash    []byte
	PersonID     *int64
	StaffID      *int64
	Email        string
	Name         string
	Body         string
	At           time.Time
	DecidedAt    *time.Time
	DuplicateKey []byte
	Address      *netip.Addr
	Imported     bool
	Notify       bool
	Newcomer     bool
	Reasons      []Reason
	Told         string
	Score        Score
	Kept         int // days for which the address is
}

// insert writes the comment with its text, person, address and reasons in one statement and returns the text's id.
func insert(ctx context.Context, tx pgx.Tx, r *row) (text int64, err error) {
	root, depth, path := r.place(r.ID)
	err = tx.QueryRow(ctx, `
		WITH person AS (
			INSERT INTO commenters (email, mailbox, first_at)
			SELECT @email, @mailbox, @at
			WHERE @person::bigint IS NULL AND @email <> ''
			-- Somebody's first two comments may come in at once.
			ON CONFLICT (lower(email)) DO UPDATE SET first_at = least(commenters.first_at, excluded.first_at)
			RETURNING id
		), text AS (
			INSERT INTO comment_texts (comment_id, body, at, score, telling)
			VALUES (@id, @body, @at, @score, @telling)
			RETURNING id
		), address AS (
			INSERT INTO comment_addresses (comment_id, address, at, expires_at)
			SELECT @id, @address, @at, @at::timestamptz + make_interval(days => @kept)
			WHERE @address::inet IS NOT NULL AND @kept > 0
		), reasons AS (
			INSERT INTO hold_reasons (comment_id, rule, words, at, rule_id, text_id)
			SELECT @id, r.rule, coalesce(r.words, '{}'), @at, r.rule_id, text.id
			FROM text, jsonb_to_recordset(@reasons::jsonb) AS r (rule text, words text[], rule_id bigint)
		)
		INSERT INTO comments (id, article_id, parent_id, root_id, depth, path, version_number, status, token_hash, commenter_id, staff_id, name,
			posted_at, shown_text, pending_text, duplicate_key, decided_at, imported, notify, newcomer, told)
		OVERRIDING SYSTEM VALUE
		SELECT @id, @article, @parent, @root, @depth, @path, @version, @status::text, @token, coalesce(@person, (SELECT id FROM person)), @staff, @name,
			@at, CASE WHEN @status <> 'pending' THEN text.id END, CASE WHEN @status = 'pending' THEN text.id END, @duplicate, @decided, @imported, @notify,
			@newcomer, @told
		FROM text
		RETURNING coalesce(shown_text, pending_text)`, pgx.StrictNamedArgs{
		"id": r.ID, "article": r.ArticleID, "parent": r.ParentID, "root": root, "depth": depth, "path": path, "version": r.Version,
		"status": r.Status, "token": r.TokenHash, "person": r.PersonID, "email": r.Email, "mailbox": mailbox(r.Email), "staff": r.StaffID, "name": r.Name, "body": r.Body, "at": r.At,
		"decided": r.DecidedAt, "duplicate": r.DuplicateKey, "address": r.Address, "kept": r.Kept, "imported": r.Imported, "notify": r.Notify, "reasons": r.Reasons,
		"newcomer": r.Newcomer, "told": r.Told, "score": r.Score.value(), "telling": r.Score.telling(),
	}).Scan(&text)
	return text, err
}

// value is what is kept of a score, nil where there is none.
func (s Score) value() *float64 {
	if !s.Known {
		return nil
	}
	return &s.Value
}

func (s Score) telling() []Telling {
	if !s.Known {
		return nil
	}
	return s.Telling
}

// one is the only row, or fault.NotFound.
func one[T any](rows pgx.Rows) (*T, error) {
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.NotFound
	}
	return v, err
}
