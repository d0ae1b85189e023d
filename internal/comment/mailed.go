package comment

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/jobs"
	"stet/internal/limit"
	"stet/internal/postgres"
)

// How often links to one's data may be asked for.
var (
	askAddress = limit.Rule{N: 20, Per: time.Hour}
	askEmail   = limit.Rule{N: 3, Per: time.Hour}
)

// Mailed is what the page of a mail link shows. Over says that the link's time is over and nothing else is told; Gone that nothing is kept any
// more about whose link it was.
type Mailed struct {
	Purpose   Purpose
	Over      bool
	Gone      bool
	Email     string
	Confirmed bool
	Stopped   bool // no notices at all
	Comments  int  // how many are kept
	Notices   []Noticed
}

// Noticed is a published comment whose writer hears of replies to it.
type Noticed struct {
	ID       int64
	Headline string
	Path     string
	PostedAt time.Time
}

// MailPage is what a mail link leads to. It changes nothing: mail programs open links by themselves. A token that wasn't made here is NotFound.
func (s *Store) MailPage(ctx context.Context, token string) (Mailed, error) {
	l, err := s.unsign(token)
	if err != nil {
		return Mailed{}, err
	}
	out := Mailed{Purpose: l.Purpose, Over: !s.clock().Before(l.Until)}
	if out.Over {
		return out, nil
	}
	err = s.pool.QueryRow(ctx, `
		SELECT m.email, m.confirmed_at IS NOT NULL, m.notices_stopped_at IS NOT NULL, (SELECT count(*) FROM comments c WHERE c.commenter_id = m.id)
		FROM commenters m
		WHERE m.id = $1`, l.Person).Scan(&out.Email, &out.Confirmed, &out.Stopped, &out.Comments)
	if errors.Is(err, pgx.ErrNoRows) {
		return Mailed{Purpose: l.Purpose, Gone: true}, nil
	}
	if err == nil && l.Purpose == ForNotices {
		out.Notices, err = s.noticed(ctx, l.Person)
	}
	if err != nil {
		return Mailed{}, fmt.Errorf("page of a mail to commenter %d: %w", l.Person, err)
	}
	return out, nil
}

// noticed are the newest hundred comments of a person of whose replies they hear.
func (s *Store) noticed(ctx context.Context, person int64) ([]Noticed, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT c.id, coalesce(a.headline, '') AS headline, coalesce(a.path, '') AS path, c.posted_at
		FROM comments c
		JOIN live_articles a ON a.id = c.article_id
		WHERE c.commenter_id = $1 AND c.notify AND c.status = 'approved' AND c.erased_at IS NULL
		ORDER BY c.posted_at DESC, c.id DESC
		LIMIT 100`, person)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Noticed])
}

// ConfirmAddress notes that whoever holds the link reads the mail of that address: from now on they are told of replies, first of those that
// came meanwhile. Faults: NotFound; Forbidden where the link's time is over.
func (s *Store) ConfirmAddress(ctx context.Context, token string) error {
	person, err := s.holder(token, ForConfirm)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE commenters
			SET confirmed_at = coalesce(confirmed_at, $2::timestamptz, clock_timestamp()), notices_stopped_at = NULL
			WHERE id = $1`, person, postgres.At(s.Now))
		if err != nil {
			return fmt.Errorf("confirm address of commenter %d: %w", person, err)
		}
		if tag.RowsAffected() == 0 {
			return fault.NotFound
		}
		return jobs.Insert(ctx, tx, jobs.Replies{Person: person}, time.Time{})
	})
}

// StopNotices ends the mails about replies: to one comment, or with 0 to all. A second call changes nothing. Faults as of ConfirmAddress.
func (s *Store) StopNotices(ctx context.Context, token string, commentID int64) error {
	person, err := s.holder(token, ForNotices)
	if err != nil {
		return err
	}
	if commentID != 0 {
		_, err = s.pool.Exec(ctx, `UPDATE comments SET notify = false WHERE id = $2 AND commenter_id = $1`, person, commentID)
	} else {
		_, err = s.pool.Exec(ctx, `
			UPDATE commenters
			SET notices_stopped_at = coalesce(notices_stopped_at, $2::timestamptz, clock_timestamp())
			WHERE id = $1`, person, postgres.At(s.Now))
	}
	if err != nil {
		return fmt.Errorf("stop notices of commenter %d: %w", person, err)
	}
	return nil
}

// ResumeNotices takes StopNotices for all back. Faults as of ConfirmAddress.
func (s *Store) ResumeNotices(ctx context.Context, token string) error {
	person, err := s.holder(token, ForNotices)
	if err != nil {
		return err
	}
	if _, err := s.pool.Exec(ctx, `UPDATE commenters SET notices_stopped_at = NULL WHERE id = $1`, person); err != nil {
		return fmt.Errorf("resume notices of commenter %d: %w", person, err)
	}
	return nil
}

// AskForData has the link to what is kept about an address mailed to it, if anything is. Whether it is can't be told from the answer. Faults:
// *fault.Invalid on email; *fault.TooMany for an address of the network that asks too often. An e-mail that is asked for too often is sent
// nothing more, and that can't be told either.
func (s *Store) AskForData(ctx context.Context, email string, from netip.Addr) error {
	email = tidyEmail(email)
	if !plausible(email) {
		return fault.Field("email", "comment.email.bad")
	}
	if from.IsValid() {
		if err := limit.Allow(ctx, s.pool, s.limitKey("data-address", limit.Address(from)), askAddress, postgres.At(s.Now)); err != nil {
			return err
		}
	}
	err := limit.Allow(ctx, s.pool, s.limitKey("data-email", strings.ToLower(email)), askEmail, postgres.At(s.Now))
	if _, many := errors.AsType[*fault.TooMany](err); many {
		return nil
	}
	if err != nil {
		return err
	}
	elsewhere, err := s.copyElsewhere(ctx, email)
	if err != nil {
		return fmt.Errorf("look for somebody's reports: %w", err)
	}
	var since *time.Time
	if len(elsewhere) > 0 {
		since = &elsewhere[0].At
	}
	// A job is queued for nobody too: that it isn't would be seen in how long the answer takes.
	return s.queueDataLink(ctx, askingQuery, email, mailbox(email), since)
}

// askingQuery gives the person of an e-mail; 0 where nothing is kept under it. Who only ever reported something has no row yet and gets one, for
// which the link can stand; it goes with the erasure.
const askingQuery = `
	WITH made AS (
		INSERT INTO commenters (email, mailbox, first_at)
		SELECT $1, $2, k.since
		FROM (SELECT least($3::timestamptz, (SELECT min(at) FROM comment_reports WHERE lower(email) = lower($1) AND email <> '')) AS since) k
		WHERE k.since IS NOT NULL AND NOT EXISTS (SELECT FROM commenters WHERE lower(email) = lower($1))
		-- Their first comment may come in at the same time.
		ON CONFLICT (lower(email)) DO UPDATE SET first_at = least(commenters.first_at, excluded.first_at)
		RETURNING id
	)
	SELECT coalesce((SELECT id FROM made), (SELECT id FROM commenters WHERE lower(email) = lower($1)), 0)`

// SendDataLink has the writer of a receipt's comment mailed the link to what is kept about them. Nothing is sent for a comment that is nobody's
// any more. A token nobody was given is NotFound.
func (s *Store) SendDataLink(ctx context.Context, token string) error {
	id, err := idOf(ctx, s.pool, token)
	if err != nil {
		return err
	}
	return s.queueDataLink(ctx, `SELECT coalesce(commenter_id, 0) FROM comments WHERE id = $1`, id)
}

// queueDataLink puts the job for the person that the query finds there; for 0 it will do nothing.
func (s *Store) queueDataLink(ctx context.Context, query string, args ...any) error {
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var person int64
		if err := tx.QueryRow(ctx, query, args...).Scan(&person); err != nil {
			return err
		}
		return jobs.Insert(ctx, tx, jobs.DataLink{Person: person}, time.Time{})
	})
	if err != nil {
		return fmt.Errorf("queue the link to somebody's data: %w", err)
	}
	return nil
}
