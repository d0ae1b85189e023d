package comment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// Copy is everything that is kept about a person under their e-mail, for themselves, with names that stand in the JSON file.
type Copy struct {
	Email          string          `json:"email"`
	FirstAt        time.Time       `json:"first_at"`
	ConfirmedAt    *time.Time      `json:"confirmed_at,omitempty"`
	NoticesStopped *time.Time      `json:"notices_stopped_at,omitempty"`
	Comments       []CopiedComment `json:"comments"`
	Reports        []CopiedReport  `json:"reports"`
	Errors         []CopiedError   `json:"error_reports"`
}

// CopiedComment is one comment with all its texts, the newest last. Status is what the receipt says. Address is the network address that it
// came from, as long as that is kept.
type CopiedComment struct {
	ID           int64        `json:"id"`
	Article      string       `json:"article"`
	Headline     string       `json:"headline"`
	AnswerTo     *int64       `json:"answer_to,omitempty"`
	Name         string       `json:"name"`
	PostedAt     time.Time    `json:"posted_at"`
	Status       Standing     `json:"status"`
	Reason       string       `json:"reason,omitempty"`
	Notify       bool         `json:"wants_replies"`
	Appeal       string       `json:"appeal,omitempty"`
	Address      *string      `json:"address,omitempty"`
	AddressUntil *time.Time   `json:"address_kept_until,omitempty"`
	Texts        []CopiedText `json:"texts"`
}

// CopiedText is one wording of a comment.
type CopiedText struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// CopiedReport is a comment that somebody reported under the e-mail.
type CopiedReport struct {
	CommentID int64     `json:"comment"`
	Reason    string    `json:"reason"`
	Ground    string    `json:"ground,omitempty"`
	Detail    string    `json:"detail,omitempty"`
	Name      string    `json:"name,omitempty"`
	At        time.Time `json:"at"`
	Answer    string    `json:"answer,omitempty"`
	Appeal    string    `json:"appeal,omitempty"`
}

// CopiedError is an error in an article that somebody reported under the e-mail.
type CopiedError struct {
	Article string    `json:"article"`
	Quote   string    `json:"quote,omitempty"`
	Text    string    `json:"text"`
	Name    string    `json:"name,omitempty"`
	At      time.Time `json:"at"`
	Status  string    `json:"status"`
	Reason  string    `json:"reason,omitempty"`
}

// CopyByLink is the copy for the person whose mail link the token is. Faults: NotFound; Forbidden where the link's time is over.
func (s *Store) CopyByLink(ctx context.Context, token string) (Copy, error) {
	person, err := s.holder(token, ForData)
	if err != nil {
		return Copy{}, err
	}
	return s.copyOf(ctx, person)
}

// CopyPerson is the copy for an admin whom the person asked by another way than by mail. It leaves its trace. Faults: Forbidden; NotFound.
func (s *Store) CopyPerson(ctx context.Context, actor staff.Actor, person int64) (Copy, error) {
	if !actor.Can(staff.Admin) {
		return Copy{}, fault.Forbidden
	}
	c, err := s.copyOf(ctx, person)
	if err != nil {
		return Copy{}, err
	}
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "comment.copy-person", Object: fmt.Sprintf("commenter:%d", person)})
	})
	return c, err
}

func (s *Store) copyOf(ctx context.Context, person int64) (Copy, error) {
	var b pgx.Batch
	b.Queue(`SELECT email, first_at, confirmed_at, notices_stopped_at FROM commenters WHERE id = $1`, person)
	b.Queue(copiedCommentsQuery, person, postgres.At(s.Now))
	b.Queue(`
		SELECT r.comment_id, r.reason, r.ground, r.detail, r.name, r.at, r.answer, r.appeal
		FROM comment_reports r
		JOIN commenters m ON m.id = $1 AND lower(r.email) = lower(m.email) AND r.email <> ''
		ORDER BY r.id`, person)
	r := s.pool.SendBatch(ctx, &b)
	var c Copy
	err := r.QueryRow().Scan(&c.Email, &c.FirstAt, &c.ConfirmedAt, &c.NoticesStopped)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.NotFound
	}
	if err == nil {
		c.Comments, err = read[CopiedComment](r)
	}
	if err == nil {
		c.Reports, err = read[CopiedReport](r)
	}
	err = errors.Join(err, r.Close())
	if err == nil {
		c.Errors, err = s.copyElsewhere(ctx, c.Email)
	}
	if err != nil {
		return Copy{}, fmt.Errorf("copy for commenter %d: %w", person, err)
	}
	return c, nil
}

// copyElsewhere is what other rooms keep under an e-mail, oldest first.
func (s *Store) copyElsewhere(ctx context.Context, email string) ([]CopiedError, error) {
	if s.AlsoCopy == nil {
		return []CopiedError{}, nil
	}
	return s.AlsoCopy(ctx, email)
}

func read[T any](r pgx.BatchResults) ([]T, error) {
	rows, err := r.Query()
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// copiedCommentsQuery tells of each comment what its receipt tells: what a machine alone put aside waits.
const copiedCommentsQuery = `
	SELECT c.id, coalesce(a.path, '') AS article, CASE WHEN a.public_state IN ('published', 'retracted') THEN coalesce(a.live_headline, '') ELSE '' END AS headline,
		c.parent_id AS answer_to, c.name, c.posted_at,
		CASE WHEN c.status = 'approved' THEN 'published' WHEN c.status = 'pending' OR c.status = 'spam' AND d.id IS NULL AND NOT c.imported THEN 'pending' ELSE 'rejected' END AS status,
		CASE WHEN d.act = 'reject' THEN d.reason ELSE '' END AS reason, c.notify, c.appeal,
		host(r.address) AS address, r.expires_at AS address_until, t.texts
	FROM comments c
	JOIN articles a ON a.id = c.article_id
	LEFT JOIN comment_addresses r ON r.comment_id = c.id AND r.expires_at > coalesce($2::timestamptz, clock_timestamp())
	LEFT JOIN LATERAL (
		SELECT l.id, l.act, l.reason
		FROM decisions l
		WHERE l.comment_id = c.id AND l.undone_at IS NULL
		ORDER BY l.id DESC
		LIMIT 1
	) d ON true
	CROSS JOIN LATERAL (
		SELECT coalesce(jsonb_agg(jsonb_build_object('text', x.body, 'at', x.at) ORDER BY x.id), '[]') AS texts
		FROM comment_texts x
		WHERE x.comment_id = c.id
	) t
	WHERE c.commenter_id = $1 AND c.erased_at IS NULL
	ORDER BY c.id`
