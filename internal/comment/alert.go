package comment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/jobs"
	"stet/internal/limit"
	"stet/internal/mail"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// alertLimit is how many alerts of one kind a moderator is mailed.
var alertLimit = limit.Rule{N: 6, Per: time.Hour}

// Watch looks for what moderators should know of and has them told by mail, once each time: that the oldest of what waits has waited for
// longer than the settings allow, that a storm began. The program calls it every minute.
func (s *Store) Watch(ctx context.Context) error {
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, watchQuery, postgres.At(s.Now))
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[jobs.CommentAlert])
		if err != nil {
			return err
		}
		for _, a := range found {
			if err := jobs.Insert(ctx, tx, a, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("watch comments: %w", err)
	}
	return nil
}

// watchQuery gives what moderators haven't been told of, and remembers that they are now. An old queue is forgotten when it isn't any more.
const watchQuery = `
	WITH now AS (
		SELECT coalesce($1::timestamptz, clock_timestamp()) AS now
	), old AS (
		SELECT s.queue_alert > 0 AND coalesce((
				SELECT min(t.at)
				FROM comments c
				JOIN comment_texts t ON t.id = c.pending_text
				WHERE c.pending_text IS NOT NULL AND c.erased_at IS NULL) < n.now - make_interval(mins => s.queue_alert), false) AS old, n.now
		FROM settings s, now n
	), forgotten AS (
		DELETE FROM alerts a
		USING old
		WHERE a.what = 'queue' AND NOT old.old
	)
	INSERT INTO alerts (what, id, at)
	SELECT 'queue', 0, now FROM old WHERE old
	UNION ALL
	SELECT 'storm', t.id, n.now FROM storms t, now n WHERE t.ended_at IS NULL AND t.began_at > n.now - interval '1 hour'
	ON CONFLICT (what, id) DO NOTHING
	RETURNING what, id, 0::bigint`

// Alert tells moderators of something, or one of them. It is looked at again: what is over by now isn't told.
func (m *Mailer) Alert(ctx context.Context, j jobs.CommentAlert) error {
	n, err := m.notice(ctx, j)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	if err == nil && j.Staff == 0 {
		err = m.spread(ctx, j)
	} else if err == nil {
		err = m.warn(ctx, j, n)
	}
	if err != nil {
		return fmt.Errorf("alert %s %d: %w", j.What, j.ID, err)
	}
	return nil
}

// spread queues a job for each moderator.
func (m *Mailer) spread(ctx context.Context, j jobs.CommentAlert) error {
	return postgres.InTx(ctx, m.s.pool, func(tx pgx.Tx) error {
		people, err := staff.WithRole(ctx, tx, staff.Moderator, staff.Editor, staff.Admin)
		if err != nil {
			return err
		}
		for _, id := range people {
			j.Staff = id
			if err := jobs.Insert(ctx, tx, j, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// warn writes to one moderator, unless they were written to often enough.
func (m *Mailer) warn(ctx context.Context, j jobs.CommentAlert, n mail.Notice) error {
	email, err := staff.AddressOf(ctx, m.s.pool, j.Staff)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = limit.Allow(ctx, m.s.pool, fmt.Sprintf("alert-%s:%d", j.What, j.Staff), alertLimit, postgres.At(m.s.Now))
	if _, many := errors.AsType[*fault.TooMany](err); many {
		return nil
	}
	if err != nil {
		return err
	}
	return m.mail.Send(ctx, mail.Alert(mail.Envelope{To: email, Recipient: fmt.Sprintf("staff %d", j.Staff), Ref: fmt.Sprintf("%d %s", j.ID, n.About)}, n))
}

// notice is what there is to tell; NotFound where it is over.
func (m *Mailer) notice(ctx context.Context, j jobs.CommentAlert) (mail.Notice, error) {
	n := mail.Notice{What: j.What, Link: m.mail.Link("/newsroom/comments")}
	var article int64
	var err error
	if j.What == jobs.Storm {
		err = m.s.pool.QueryRow(ctx, `
			SELECT a.id, coalesce(a.live_headline, '')
			FROM storms t
			JOIN articles a ON a.id = t.article_id
			WHERE t.id = $1 AND t.ended_at IS NULL`, j.ID).Scan(&article, &n.About)
		n.Link += fmt.Sprintf("?article=%d", article)
	} else {
		err = m.s.pool.QueryRow(ctx, `SELECT id FROM alerts WHERE what = $1 AND id = $2`, j.What, j.ID).Scan(&article)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return n, fault.NotFound
	}
	return n, err
}
