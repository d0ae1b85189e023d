package comment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/jobs"
	"stet/internal/mail"
	"stet/internal/postgres"
)

// How often people are written to. The first three mails about replies within a day leave at once, each with all that has come; later ones at
// most once an hour.
const (
	atOnce       = 3
	digestEvery  = time.Hour
	confirmEvery = 24 * time.Hour
	dataEvery    = 10 * time.Minute
	leaseFor     = 5 * time.Minute
	noticesKept  = 30 * 24 * time.Hour
)

// Mailer writes letters to commenters and moderators. Only jobs call it.
type Mailer struct {
	s    *Store
	mail *mail.Sender
}

// NewMailer makes a Mailer that sends over m.
func NewMailer(s *Store, m *mail.Sender) *Mailer { return &Mailer{s: s, mail: m} }

// Handle registers the work of this room's jobs.
func (m *Mailer) Handle(h *jobs.Handlers) {
	jobs.Handle(h, func(ctx context.Context, j jobs.Replies) error { return m.Replies(ctx, j.Person) })
	jobs.Handle(h, func(ctx context.Context, j jobs.Confirm) error { return m.Confirm(ctx, j.Comment) })
	jobs.Handle(h, func(ctx context.Context, j jobs.DataLink) error { return m.DataLink(ctx, j.Person) })
	jobs.Handle(h, m.Alert)
}

// reader is who a letter about replies would be for.
type reader struct {
	Email     string
	Confirmed bool
	Stopped   bool
	Banned    bool
	Now       time.Time
	Sent      int        // letters within a day
	LastSent  *time.Time // the newest of them
	Next      *time.Time // when the next reply on the list is due
}

// Replies tells a person of the replies that are due, all in one letter. Everything is looked at again: replies that readers don't see any
// more, parents that were deleted, people who were banned, stopped the notices or never confirmed their address are passed over.
//
// It returns *jobs.NotYet where it isn't time yet. A letter may come twice when the program dies while it is sent, then under the same Message-ID.
func (m *Mailer) Replies(ctx context.Context, person int64) error {
	r, err := m.reader(ctx, person)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("replies for commenter %d: %w", person, err)
	}
	switch {
	case !r.Confirmed, r.Stopped, r.Banned, r.Next == nil:
		return nil
	case r.Next.After(r.Now):
		return &jobs.NotYet{Wait: r.Next.Sub(r.Now)}
	case r.Sent >= atOnce && r.LastSent.Add(digestEvery).After(r.Now):
		return &jobs.NotYet{Wait: r.LastSent.Add(digestEvery).Sub(r.Now)}
	}
	list, err := m.take(ctx, person)
	if err != nil {
		return fmt.Errorf("replies for commenter %d: %w", person, err)
	}
	if len(list) == 0 {
		return nil
	}
	return m.tell(ctx, person, r.Email, list)
}

func (m *Mailer) reader(ctx context.Context, person int64) (*reader, error) {
	rows, err := m.s.pool.Query(ctx, `
		SELECT m.email, m.confirmed_at IS NOT NULL AS confirmed, m.notices_stopped_at IS NOT NULL AS stopped, `+bannedQuery+` AS banned, n.now,
			(SELECT count(DISTINCT r.sent_at) FROM reply_notices r WHERE r.commenter_id = m.id AND r.sent_at > n.now - interval '1 day') AS sent,
			(SELECT max(r.sent_at) FROM reply_notices r WHERE r.commenter_id = m.id AND r.sent_at > n.now - interval '1 day') AS last_sent,
			(SELECT min(r.due_at) FROM reply_notices r WHERE r.commenter_id = m.id AND r.sent_at IS NULL) AS next
		FROM commenters m
		CROSS JOIN (SELECT coalesce($2::timestamptz, clock_timestamp()) AS now) n
		WHERE m.id = $1`, person, postgres.At(m.s.Now))
	if err != nil {
		return nil, err
	}
	return one[reader](rows)
}

// dueReply is a reply that is taken to be told.
type dueReply struct {
	ID        int64
	ArticleID int64
	Name      string
	Headline  string
	Path      string
	Body      string
}

// take reads the replies that are due and keeps other instances from sending them meanwhile.
func (m *Mailer) take(ctx context.Context, person int64) ([]dueReply, error) {
	rows, err := m.s.pool.Query(ctx, `
		WITH taken AS (
			UPDATE reply_notices r
			SET taken_until = n.now + $3::interval
			FROM comments c, comments p, (SELECT coalesce($2::timestamptz, clock_timestamp()) AS now) n
			WHERE r.commenter_id = $1 AND r.sent_at IS NULL AND r.due_at BETWEEN n.now - $4::interval AND n.now
				AND (r.taken_until IS NULL OR r.taken_until < n.now)
				AND c.id = r.comment_id AND c.status = 'approved' AND c.erased_at IS NULL
				AND p.id = c.parent_id AND p.status = 'approved' AND p.erased_at IS NULL AND p.notify AND p.commenter_id = r.commenter_id
			RETURNING r.comment_id
		)
		SELECT l.id, l.article_id, l.name, coalesce(a.headline, '') AS headline, coalesce(a.path, '') AS path, l.body
		FROM taken t
		JOIN live_comments l ON l.id = t.comment_id
		JOIN live_articles a ON a.id = l.article_id
		ORDER BY l.posted_at, l.id`, person, postgres.At(m.s.Now), leaseFor, noticesKept)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[dueReply])
}

// tell sends the letter and notes that it was sent. What the server refuses for good isn't tried again; anything else puts the replies back.
func (m *Mailer) tell(ctx context.Context, person int64, email string, list []dueReply) error {
	var out []mail.Reply
	ids, refs := make([]int64, len(list)), make([]string, len(list))
	for i, r := range list {
		ids[i], refs[i] = r.ID, object(r.ID)
		out = append(out, mail.Reply{Name: r.Name, Headline: r.Headline, Text: r.Body, URL: m.mail.Link(fmt.Sprintf("%s/comments/%d", strings.TrimSuffix(r.Path, "/"), r.ID))})
	}
	letter := mail.Replies(mail.Envelope{To: email, Recipient: recipient(person), Ref: strings.Join(refs, " ")}, out, m.mail.Link(m.s.mailLink(ForNotices, person, noticesFor)))
	sent := m.mail.Send(ctx, letter)
	over := sent == nil || jobs.IsGivenUp(sent)
	// What was sent is noted although the job's time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, err := m.s.pool.Exec(ctx, `
		UPDATE reply_notices
		SET taken_until = NULL, sent_at = CASE WHEN $3 THEN coalesce($2::timestamptz, clock_timestamp()) END
		WHERE comment_id = ANY ($1)`, ids, postgres.At(m.s.Now), over)
	if err != nil {
		return errors.Join(sent, fmt.Errorf("note what was sent to commenter %d: %w", person, err))
	}
	return sent
}

// Confirm asks who wrote a comment to confirm their address: if the comment is still approved and asks for notices, the address isn't
// confirmed and was asked nothing for a day. So nobody can have the site write to strangers without a moderator's having read what they sent.
func (m *Mailer) Confirm(ctx context.Context, commentID int64) error {
	var person int64
	var email, headline string
	// The day is begun before the letter leaves: two comments approved at once are one letter.
	err := m.s.pool.QueryRow(ctx, `
		UPDATE commenters m
		SET confirm_sent_at = n.now
		FROM comments c, live_articles a, (SELECT coalesce($2::timestamptz, clock_timestamp()) AS now) n
		WHERE c.id = $1 AND c.commenter_id = m.id AND c.status = 'approved' AND c.erased_at IS NULL AND c.notify AND a.id = c.article_id
			AND m.confirmed_at IS NULL AND m.notices_stopped_at IS NULL AND (m.confirm_sent_at IS NULL OR m.confirm_sent_at <= n.now - $3::interval)
			AND NOT `+bannedQuery+`
		RETURNING m.id, m.email, coalesce(a.headline, '')`, commentID, postgres.At(m.s.Now), confirmEvery).Scan(&person, &email, &headline)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("confirmation for comment %d: %w", commentID, err)
	}
	letter := mail.Confirm(mail.Envelope{To: email, Recipient: recipient(person), Ref: object(commentID)}, headline, m.mail.Link(m.s.mailLink(ForConfirm, person, confirmFor)))
	if err := m.mail.Send(ctx, letter); err != nil {
		return m.again(ctx, err, `UPDATE commenters SET confirm_sent_at = NULL WHERE id = $1`, person)
	}
	return nil
}

// DataLink sends a person the link to what is kept about them, at most one in ten minutes.
func (m *Mailer) DataLink(ctx context.Context, person int64) error {
	var email string
	var at time.Time
	err := m.s.pool.QueryRow(ctx, `
		UPDATE commenters m
		SET link_sent_at = n.now
		FROM (SELECT coalesce($2::timestamptz, clock_timestamp()) AS now) n
		WHERE m.id = $1 AND (m.link_sent_at IS NULL OR m.link_sent_at <= n.now - $3::interval)
		RETURNING m.email, n.now`, person, postgres.At(m.s.Now), dataEvery).Scan(&email, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data link for commenter %d: %w", person, err)
	}
	site, err := m.mail.Site(ctx)
	if err == nil {
		letter := mail.Data(mail.Envelope{To: email, Recipient: recipient(person), Ref: at.Format(time.RFC3339Nano)}, site, m.mail.Link(m.s.mailLink(ForData, person, dataFor)))
		err = m.mail.Send(ctx, letter)
	}
	if err != nil {
		return m.again(ctx, err, `UPDATE commenters SET link_sent_at = NULL WHERE id = $1`, person)
	}
	return nil
}

// again lets a letter that wasn't sent be sent at the next attempt.
func (m *Mailer) again(ctx context.Context, err error, sql string, person int64) error {
	if jobs.IsGivenUp(err) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, failed := m.s.pool.Exec(ctx, sql, person)
	return errors.Join(err, failed)
}

func recipient(person int64) string { return fmt.Sprintf("commenter %d", person) }

// bannedQuery reports whether a ban of the mailbox or the domain stands against commenter m at the time n.now.
const bannedQuery = `EXISTS (
				SELECT FROM bans b
				WHERE (b.mailbox = m.mailbox OR '.' || split_part(lower(m.email), '@', 2) LIKE '%.' || b.domain) AND b.lifted_at IS NULL AND b.until > n.now)`
