package comment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/postgres"
)

// Standing is what a receipt says of its comment.
type Standing string

// The standings, as they stand in the page's data-status.
const (
	Waits     Standing = "pending"
	Published Standing = "published"
	Refused   Standing = "rejected"
	Deleted   Standing = "deleted"
)

// Receipt is a comment as its writer sees it. Ahead is how many wait before it. EditableUntil is the zero time where it can't be changed.
// Text is what is published or waits; where an edit of a published comment waits it is Edit. Reason is a moderator's for a refusal, or
// for refusing an edit (EditRefused) while the text before it stands.
type Receipt struct {
	ID            int64
	ArticleID     int64
	Status        Standing
	Reason        string
	EditRefused   bool
	Ahead         int
	Waiting       WaitingTime
	EditableUntil time.Time
	Name          string
	Text          string
	Edit          string
	PostedAt      time.Time
	ArticlePath   string
	Headline      string
	ParentID      int64
	ParentName    string
}

// WaitingTime is how long the decisions of the last seven days took, at most the newest 500 of them.
type WaitingTime struct {
	Samples int
	Median  time.Duration
	P90     time.Duration
}

// Known reports whether there were enough decisions to promise anything.
func (w WaitingTime) Known() bool { return w.Samples >= 10 }

// ByToken is the receipt of a comment. A token nobody was given is NotFound.
func (s *Store) ByToken(ctx context.Context, token string) (Receipt, error) {
	id, err := idOf(ctx, s.pool, token)
	if err != nil {
		return Receipt{}, err
	}
	r, err := s.receipt(ctx, id)
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt of comment %d: %w", id, err)
	}
	return r, nil
}

// idOf is the comment to which a token was given.
func idOf(ctx context.Context, q postgres.Querier, token string) (int64, error) {
	if len(token) != tokenLength {
		return 0, fault.NotFound
	}
	var id int64
	err := q.QueryRow(ctx, `SELECT id FROM comments WHERE token_hash = $1`, tokenHash(token)).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, fault.NotFound
	}
	return id, err
}

func (s *Store) receipt(ctx context.Context, id int64) (Receipt, error) {
	var b pgx.Batch
	b.Queue(heldQuery, []int64{id}, postgres.At(s.Now))
	b.Queue(`
		SELECT c.name, CASE WHEN c.pending_text IS NOT NULL THEN coalesce(t.body, '') ELSE '' END AS stands, coalesce(a.path, '') AS path,
			CASE WHEN a.public_state IN ('published', 'retracted') THEN a.live_headline ELSE '' END AS headline,
			coalesce(p.name, '') AS parent_name,
			CASE WHEN c.pending_text IS NULL OR c.erased_at IS NOT NULL THEN 0 ELSE (
				SELECT count(*) FROM comments q
				WHERE q.pending_text IS NOT NULL AND q.erased_at IS NULL AND (q.posted_at, q.id) < (c.posted_at, c.id)) END AS ahead
		FROM comments c
		JOIN articles a ON a.id = c.article_id
		LEFT JOIN comment_texts t ON t.id = c.shown_text
		LEFT JOIN comments p ON p.id = c.parent_id AND p.status = 'approved' AND p.erased_at IS NULL
		WHERE c.id = $1`, id)
	b.Queue(waitingTimeQuery, postgres.At(s.Now))
	r := s.pool.SendBatch(ctx, &b)
	defer r.Close() //nolint:errcheck // what matters is reported by the reads below
	rows, err := r.Query()
	if err != nil {
		return Receipt{}, err
	}
	h, err := one[held](rows)
	if err != nil {
		return Receipt{}, err
	}
	out := Receipt{ID: h.ID, ArticleID: h.ArticleID, Status: h.standing(), EditableUntil: h.editableUntil(), PostedAt: h.PostedAt, Text: h.Body}
	var stands string
	if err := r.QueryRow().Scan(&out.Name, &stands, &out.ArticlePath, &out.Headline, &out.ParentName, &out.Ahead); err != nil {
		return Receipt{}, err
	}
	if h.Status == Approved && h.queued() {
		out.Text, out.Edit = stands, h.Body
	}
	if h.ParentID != nil {
		out.ParentID = *h.ParentID
	}
	if last := h.last(); last.Act == Reject {
		out.Reason, out.EditRefused = last.Reason, h.Status == Approved && !h.queued()
	}
	if err := r.QueryRow().Scan(&out.Waiting.Samples, &out.Waiting.Median, &out.Waiting.P90); err != nil {
		return Receipt{}, err
	}
	return out, nil
}

// standing is what its writer is told. What a machine alone put aside waits, as far as they know.
func (h *held) standing() Standing {
	switch {
	case h.Erased:
		return Deleted
	case h.Status == Approved:
		return Published
	case h.Status == Pending || h.hidden():
		return Waits
	default:
		return Refused
	}
}

// waitingTimeQuery walks back from the newest decision: there is no need to look at all of a busy week.
const waitingTimeQuery = `
	SELECT count(*), coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY w.took), '0'), coalesce(percentile_cont(0.9) WITHIN GROUP (ORDER BY w.took), '0')
	FROM (
		SELECT d.at - t.at AS took
		FROM (SELECT * FROM decisions ORDER BY id DESC LIMIT 500) d
		JOIN comment_texts t ON t.id = d.was_pending
		WHERE d.act <> 'hold' AND d.undone_at IS NULL AND d.at > coalesce($1::timestamptz, clock_timestamp()) - interval '7 days'
	) w`
