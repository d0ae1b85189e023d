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

// Notices says whether the writer of a comment is told of answers by mail.
type Notices string

// They didn't ask for it; asked, and the address isn't confirmed; are told; or have stopped all such mails.
const (
	NoticesOff     Notices = "off"
	NoticesAsked   Notices = "asked"
	NoticesOn      Notices = "on"
	NoticesStopped Notices = "stopped"
)

// Receipt is a comment as its writer sees it. Ahead is how many wait before it, MoreAhead that counting stopped there. CategoryID is the
// article's, whose decisions Waiting is about; Version the number in the article's record that its writer had read. EditableUntil is the zero
// time where it can't be changed.
// Text is what is published or waits; where an edit of a published comment waits it is Edit. Reason is a moderator's for a refusal, or a
// rule's, or for refusing an edit (EditRefused) while the text before it stands.
type Receipt struct {
	ID            int64
	ArticleID     int64
	Status        Standing
	Reason        string
	EditRefused   bool
	Ahead         int
	MoreAhead     bool
	Waiting       WaitingTime
	EditableUntil time.Time
	Name          string
	Text          string
	Edit          string
	PostedAt      time.Time
	ArticlePath   string
	Headline      string
	CategoryID    int64
	Version       int
	Notices       Notices
	ParentID      int64
	ParentName    string

	// Appealable says that its writer may speak against the rejection, once. Appealed is when they did, the zero time where they didn't, and
	// AppealAnswered that a moderator has decided again since.
	Appealable     bool
	Appealed       time.Time
	AppealAnswered bool
}

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
	b.Queue(receiptQuery, id, CountMost)
	b.Queue(waitingTimeOf, postgres.At(s.Now), id)
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
	out := Receipt{ID: h.ID, ArticleID: h.ArticleID, Status: h.standing(), PostedAt: h.PostedAt, Text: h.Body}
	var stands string
	err = r.QueryRow().Scan(&out.Name, &stands, &out.ArticlePath, &out.Headline, &out.CategoryID, &out.ParentName, &out.Version, &out.Notices, &out.Ahead)
	if err != nil {
		return Receipt{}, err
	}
	out.Ahead, out.MoreAhead = min(out.Ahead, CountMost), out.Ahead > CountMost
	if h.Status == Approved && h.queued() {
		out.Text, out.Edit = stands, h.Body
	}
	if h.ParentID != nil {
		out.ParentID = *h.ParentID
	}
	if last := h.last(); last.Act == Reject {
		out.Reason, out.EditRefused = last.Reason, h.Status == Approved && !h.queued()
	}
	if h.Status == Rejected && h.DecisionID == nil {
		out.Reason = h.Told
	}
	if err := r.QueryRow().Scan(&out.Waiting.Samples, &out.Waiting.Median, &out.Waiting.P90); err != nil {
		return Receipt{}, err
	}
	if err := r.Close(); err != nil {
		return Receipt{}, err
	}
	return out, s.may(ctx, h, &out)
}

// may fills in what its writer may still do.
func (s *Store) may(ctx context.Context, h *held, out *Receipt) (err error) {
	if h.Banned, err = s.isBanned(ctx, s.pool, h.Email, h.Address); err != nil {
		return err
	}
	out.EditableUntil, out.Appealable = h.editableUntil(), h.appealable()
	if h.Appealed != nil {
		out.Appealed, out.AppealAnswered = *h.Appealed, !h.Appealing
	}
	return nil
}

// receiptQuery is what stands around a comment. What the spam filter put aside is ahead of as many as if it waited: its writer isn't told.
const receiptQuery = `
	SELECT c.name, CASE WHEN c.pending_text IS NOT NULL THEN coalesce(t.body, '') ELSE '' END AS stands, coalesce(a.path, '') AS path,
		CASE WHEN a.public_state IN ('published', 'retracted') THEN a.live_headline ELSE '' END AS headline, coalesce(a.live_category, 0) AS category_id,
		coalesce(p.name, '') AS parent_name, c.version_number,
		CASE
			WHEN NOT c.notify OR m.id IS NULL THEN 'off'
			WHEN m.notices_stopped_at IS NOT NULL THEN 'stopped'
			WHEN m.confirmed_at IS NULL THEN 'asked'
			ELSE 'on'
		END AS notices,
		CASE WHEN c.erased_at IS NOT NULL OR c.pending_text IS NULL AND c.status <> 'spam' THEN 0 ELSE (
			SELECT count(*) FROM (
				SELECT FROM comments q
				WHERE q.pending_text IS NOT NULL AND q.erased_at IS NULL AND (q.posted_at, q.id) < (c.posted_at, c.id)
				LIMIT $2 + 1) n) END AS ahead
	FROM comments c
	JOIN articles a ON a.id = c.article_id
	LEFT JOIN commenters m ON m.id = c.commenter_id
	LEFT JOIN comment_texts t ON t.id = c.shown_text
	LEFT JOIN comments p ON p.id = c.parent_id AND p.status = 'approved' AND p.erased_at IS NULL
	WHERE c.id = $1`

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
