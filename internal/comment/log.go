package comment

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// logPage is how many decisions stand on one page of a log.
const logPage = 100

// Line is one decision in a log. Name and Words say which comment, empty once it is erased. Last reports that it is what stands, so that it can be
// taken back. By is empty where nobody is known.
type Line struct {
	ID        int64
	CommentID int64
	Name      string
	Words     string
	Headline  string
	Act       Act
	Reason    string
	WasStatus Status
	ByID      int64
	By        string
	At        time.Time
	UndoneAt  *time.Time
	UndoneBy  string
	Last      bool
}

const lineQuery = `
	SELECT d.id, d.comment_id, c.name, coalesce(left(t.body, 120), '') AS words, coalesce(a.live_headline, '') AS headline, d.act, d.reason, d.was_status,
		coalesce(d.by, 0) AS by_id, coalesce(u.name, '') AS by, d.at, d.undone_at, coalesce(v.name, '') AS undone_by,
		d.undone_at IS NULL AND c.erased_at IS NULL AND NOT EXISTS (SELECT FROM decisions l WHERE l.comment_id = d.comment_id AND l.id > d.id AND l.undone_at IS NULL) AS last
	FROM decisions d
	JOIN comments c ON c.id = d.comment_id
	JOIN articles a ON a.id = c.article_id
	LEFT JOIN comment_texts t ON t.id = coalesce(d.was_pending, d.was_shown)
	LEFT JOIN staff u ON u.id = d.by
	LEFT JOIN staff v ON v.id = d.undone_by`

// Log is a page of all decisions, newest first, with the cursor of the next, empty at the end. By narrows it to one moderator's (0: all).
// Faults: Forbidden; NotFound for a cursor that no page gave.
func (s *Store) Log(ctx context.Context, actor staff.Actor, by int64, before string) (lines []Line, next string, err error) {
	if !CanModerate(actor) {
		return nil, "", fault.Forbidden
	}
	var id int64
	if before != "" {
		if id, err = strconv.ParseInt(before, 10, 64); err != nil || id <= 0 {
			return nil, "", fault.NotFound
		}
	}
	rows, err := s.pool.Query(ctx, lineQuery+`
	WHERE ($1::bigint = 0 OR d.by = $1) AND ($2::bigint = 0 OR (d.at, d.id) < (SELECT e.at, e.id FROM decisions e WHERE e.id = $2))
	ORDER BY d.at DESC, d.id DESC
	LIMIT $3`, by, id, logPage+1)
	if err != nil {
		return nil, "", fmt.Errorf("read the log of decisions: %w", err)
	}
	lines, err = pgx.CollectRows(rows, pgx.RowToStructByName[Line])
	if err != nil {
		return nil, "", fmt.Errorf("read the log of decisions: %w", err)
	}
	if len(lines) > logPage {
		lines = lines[:logPage]
		next = strconv.FormatInt(lines[logPage-1].ID, 10)
	}
	return lines, next, nil
}

// Sent is a text that a comment's writer sent. Shown and Waits say what it is now.
type Sent struct {
	ID    int64
	Body  string
	At    time.Time
	Score *float64
	Shown bool
	Waits bool
}

// Given is a second opinion on a comment; Act is empty where it is still wanted.
type Given struct {
	DecisionID int64
	Act        Act
	By         string
	At         *time.Time
}

// History is everything that happened to one comment, oldest first. Opinions that the actor could still be asked for aren't in it.
type History struct {
	Item      Item
	Texts     []Sent
	Decisions []Line
	Opinions  []Given
	Reports   []Report
	Ban       int64 // the newest ban made from it, 0 for none
}

// History reads it. Faults: Forbidden; NotFound.
func (s *Store) History(ctx context.Context, actor staff.Actor, id int64) (History, error) {
	item, err := s.CommentOf(ctx, actor, id)
	if err != nil {
		return History{}, err
	}
	h := History{Item: item}
	var b pgx.Batch
	b.Queue(`
		SELECT t.id, t.body, t.at, t.score, t.id = c.shown_text IS TRUE AND c.status = 'approved', t.id = c.pending_text IS TRUE
		FROM comment_texts t JOIN comments c ON c.id = t.comment_id
		WHERE t.comment_id = $1
		ORDER BY t.id`, id).Query(func(rows pgx.Rows) (err error) {
		h.Texts, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Sent])
		return err
	})
	b.Queue(lineQuery+`
		WHERE d.comment_id = $1
		ORDER BY d.id`, id).Query(func(rows pgx.Rows) (err error) {
		h.Decisions, err = pgx.CollectRows(rows, pgx.RowToStructByName[Line])
		return err
	})
	b.Queue(`
		SELECT o.decision_id, o.act, u.name, o.at
		FROM second_opinions o JOIN staff u ON u.id = o.by
		WHERE o.comment_id = $1 AND o.at IS NOT NULL
		ORDER BY o.at`, id).Query(func(rows pgx.Rows) (err error) {
		h.Opinions, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Given])
		return err
	})
	b.Queue(reportColumns+` AND r.comment_id = $1
		ORDER BY r.at, r.id
		LIMIT $2`, id, maxBulk).Query(func(rows pgx.Rows) (err error) {
		h.Reports, err = pgx.CollectRows(rows, pgx.RowToStructByName[Report])
		return err
	})
	b.Queue(`
		SELECT coalesce(max(id), 0)
		FROM bans
		WHERE comment_id = $1 AND lifted_at IS NULL AND until > coalesce($2::timestamptz, clock_timestamp())`, id, postgres.At(s.Now)).QueryRow(func(row pgx.Row) error { return row.Scan(&h.Ban) })
	if err := s.pool.SendBatch(ctx, &b).Close(); err != nil {
		return History{}, fmt.Errorf("read what happened to comment %d: %w", id, err)
	}
	return h, nil
}

// Record is a person and what became of all they wrote. Total is how many comments that are.
type Record struct {
	Person
	Email string
	Names []string // under which they wrote, the newest first, at most ten
	Total int
	Waits int
}

// RecordOf reads it for moderators; a person's comments are the queue's list Every with PersonID. Faults: Forbidden; NotFound.
func (s *Store) RecordOf(ctx context.Context, actor staff.Actor, personID int64) (Record, error) {
	if !CanModerate(actor) {
		return Record{}, fault.Forbidden
	}
	var r Record
	err := s.pool.QueryRow(ctx, `
		WITH n AS (SELECT coalesce($2::timestamptz, clock_timestamp()) AS now)
		SELECT m.id, m.first_at, m.email, m.confirmed_at IS NOT NULL, m.always_held, tr.until, k.approved, k.rejected, k.spam, k.total, k.waits,
			b.until IS NOT NULL, nullif(b.until, 'infinity'), coalesce(b.reason, ''),
			ARRAY (SELECT l.name FROM comments l WHERE l.commenter_id = m.id AND l.name <> '' GROUP BY l.name ORDER BY max(l.posted_at) DESC LIMIT 10)
		FROM commenters m
		CROSS JOIN n
		CROSS JOIN settings s
		LEFT JOIN LATERAL (`+trustedUntil+`) tr ON true
		LEFT JOIN LATERAL (
			SELECT i.until, i.reason FROM bans i
			WHERE i.mailbox = m.mailbox AND i.lifted_at IS NULL AND i.until > n.now
			ORDER BY i.until DESC
			LIMIT 1
		) b ON true
		CROSS JOIN LATERAL (
			SELECT count(*) AS total, count(*) FILTER (WHERE i.status = 'approved') AS approved, count(*) FILTER (WHERE i.status = 'rejected') AS rejected,
				count(*) FILTER (WHERE i.status = 'spam') AS spam, count(i.pending_text) AS waits
			FROM comments i
			WHERE i.commenter_id = m.id
		) k
		WHERE m.id = $1`, personID, postgres.At(s.Now)).Scan(&r.ID, &r.FirstAt, &r.Email, &r.Confirmed, &r.AlwaysHeld, &r.TrustedUntil, &r.Approved, &r.Rejected,
		&r.Spam, &r.Total, &r.Waits, &r.Banned, &r.BannedUntil, &r.BanReason, &r.Names)
	if errors.Is(err, pgx.ErrNoRows) {
		return Record{}, fault.NotFound
	}
	if err != nil {
		return Record{}, fmt.Errorf("read the record of person %d: %w", personID, err)
	}
	return r, nil
}

// WaitingOf picks what waits of a person, at most as many as one act takes, oldest first. Faults: Forbidden; NotFound where nobody is.
func (s *Store) WaitingOf(ctx context.Context, actor staff.Actor, personID int64) ([]Pick, error) {
	if !CanModerate(actor) {
		return nil, fault.Forbidden
	}
	rows, err := s.pool.Query(ctx, `
		SELECT c.id
		FROM comments c
		WHERE c.commenter_id = $1 AND `+waits+`
		ORDER BY c.posted_at, c.id
		LIMIT $2`, personID, maxBulk)
	if err != nil {
		return nil, fmt.Errorf("list what waits of person %d: %w", personID, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("list what waits of person %d: %w", personID, err)
	}
	picks := make([]Pick, len(ids))
	for i, id := range ids {
		picks[i].ID = id
	}
	return picks, nil
}

// Moderator is somebody who took decisions.
type Moderator struct {
	ID   int64
	Name string
}

// Moderators are those who ever decided, by name. Fault: Forbidden.
func (s *Store) Moderators(ctx context.Context, actor staff.Actor) ([]Moderator, error) {
	if !CanModerate(actor) {
		return nil, fault.Forbidden
	}
	rows, err := s.pool.Query(ctx, `SELECT id, name FROM staff u WHERE EXISTS (SELECT FROM decisions d WHERE d.by = u.id) ORDER BY name, id`)
	if err != nil {
		return nil, fmt.Errorf("list moderators: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Moderator])
	if err != nil {
		return nil, fmt.Errorf("list moderators: %w", err)
	}
	return out, nil
}

const savedReasons = `SELECT saved_reasons FROM settings`

// Reasons are the saved ones for a rejection, in the newsroom's order. Fault: Forbidden.
func (s *Store) Reasons(ctx context.Context, actor staff.Actor) (saved []string, err error) {
	if !CanModerate(actor) {
		return nil, fault.Forbidden
	}
	if err := s.pool.QueryRow(ctx, savedReasons).Scan(&saved); err != nil {
		return nil, fmt.Errorf("read saved reasons: %w", err)
	}
	return saved, nil
}
