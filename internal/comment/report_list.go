package comment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// ReportView is a list of reports.
type ReportView string

// The open reports come with what is illegal first, then what many people reported, each oldest first; appeals oldest first; decided ones newest
// first.
const (
	OpenReports    ReportView = "open"
	DecidedReports ReportView = "decided"
	ReportAppeals  ReportView = "appeals"
)

const reportPage = 50

// Report is a reader's report of a comment as moderators see it, with the comment. Reported is the text that the reader saw, Text the one that
// stands. Sources is from how many different addresses the comment's open reports came, Others how many open ones there are besides this.
// Times are nil where it didn't happen; Upheld and AppealUpheld then too.
type Report struct {
	ID           int64
	CommentID    int64
	Reason       string
	Ground       string
	Detail       string
	Name         string
	Email        string
	At           time.Time
	DecidedAt    *time.Time
	DecidedBy    string
	Upheld       *bool
	Answer       string
	Appeal       string
	AppealedAt   *time.Time
	AppealAt     *time.Time
	AppealBy     string
	AppealUpheld *bool
	AppealAnswer string
	Removed      bool // by a decision that its ruling made, and that stands
	Writer       string
	PostedAt     time.Time
	Status       Status
	Erased       bool // the comment
	Reported     string
	Text         string
	ArticleID    int64
	Headline     string
	Path         string
	Language     string
	Sources      int
	Others       int
}

// Many reports whether enough different people reported the comment for it to be pressing.
func (r *Report) Many() bool { return r.Sources >= manyReports }

const reportColumns = `
		SELECT r.id, r.comment_id, r.reason, r.ground, r.detail, r.name, r.email, r.at, r.decided_at, coalesce(u.name, '') AS decided_by, r.upheld, r.answer,
			r.appeal, r.appealed_at, r.appeal_at, coalesce(w.name, '') AS appeal_by, r.appeal_upheld, r.appeal_answer, r.decision_id IS NOT NULL AS removed,
			c.name AS writer, c.posted_at, c.status, c.erased_at IS NOT NULL AS erased, coalesce(o.body, '') AS reported, coalesce(t.body, '') AS text,
			c.article_id, coalesce(a.live_headline, '') AS headline, coalesce(a.path, '') AS path, coalesce(a.live_language, '') AS language, m.sources,
			m.open - (r.decided_at IS NULL)::integer AS others
		FROM comment_reports r
		JOIN comments c ON c.id = r.comment_id
		JOIN articles a ON a.id = c.article_id
		LEFT JOIN comment_texts o ON o.id = r.text_id
		LEFT JOIN comment_texts t ON t.id = coalesce(c.pending_text, c.shown_text)
		LEFT JOIN staff u ON u.id = r.decided_by
		LEFT JOIN staff w ON w.id = r.appeal_by
		CROSS JOIN LATERAL (
			SELECT count(*) AS open, count(DISTINCT k.source) AS sources
			FROM comment_reports k
			WHERE k.comment_id = r.comment_id AND k.decided_at IS NULL AND NOT k.hidden
		) m
		WHERE NOT r.hidden`

// Reports is a page of one list, skipping the first so many, and whether there are more. Names and e-mails are for moderators only, so everyone
// else is Forbidden; an unknown list is NotFound.
func (s *Store) Reports(ctx context.Context, actor staff.Actor, view ReportView, skip int) (list []Report, more bool, err error) {
	if !CanModerate(actor) {
		return nil, false, fault.Forbidden
	}
	if skip < 0 || skip > maxPage {
		return nil, false, fault.NotFound
	}
	var narrow string
	switch view {
	case OpenReports:
		narrow = ` AND r.decided_at IS NULL
		ORDER BY r.reason <> 'illegal', m.sources < $3, r.at, r.id`
	case ReportAppeals:
		narrow = ` AND r.appealed_at IS NOT NULL AND r.appeal_at IS NULL AND $3 > 0
		ORDER BY r.appealed_at, r.id`
	case DecidedReports:
		narrow = ` AND r.decided_at IS NOT NULL AND $3 > 0
		ORDER BY r.decided_at DESC, r.id DESC`
	default:
		return nil, false, fault.NotFound
	}
	rows, err := s.pool.Query(ctx, reportColumns+narrow+`
		OFFSET $1 LIMIT $2`, skip, reportPage+1, manyReports)
	if err != nil {
		return nil, false, fmt.Errorf("list reports: %w", err)
	}
	list, err = pgx.CollectRows(rows, pgx.RowToStructByName[Report])
	if err != nil {
		return nil, false, fmt.Errorf("list reports: %w", err)
	}
	more = len(list) > reportPage
	return list[:min(len(list), reportPage)], more, nil
}

// ReportsOf is one report and after it all others of the same comment, oldest first. Faults: Forbidden; NotFound.
func (s *Store) ReportsOf(ctx context.Context, actor staff.Actor, id int64) ([]Report, error) {
	if !CanModerate(actor) {
		return nil, fault.Forbidden
	}
	rows, err := s.pool.Query(ctx, reportColumns+` AND r.comment_id = (SELECT comment_id FROM comment_reports WHERE id = $1)
		ORDER BY r.id <> $1, r.at, r.id
		LIMIT $2`, id, maxBulk)
	if err != nil {
		return nil, fmt.Errorf("read report %d: %w", id, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Report])
	if err != nil {
		return nil, fmt.Errorf("read report %d: %w", id, err)
	}
	if len(list) == 0 || list[0].ID != id {
		return nil, fault.NotFound
	}
	return list, nil
}

// ReportCounts is how many reports are in each list that somebody has to do something about. Pressing ones are illegal content, and comments that
// many people reported.
type ReportCounts struct{ Open, Pressing, Appeals int }

// ReportCounts counts what waits.
func (s *Store) ReportCounts(ctx context.Context) (n ReportCounts, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT coalesce(sum(c.open), 0), coalesce(sum(c.open) FILTER (WHERE c.illegal OR c.sources >= $1), 0), coalesce(sum(c.appeals), 0)
		FROM (
			SELECT count(*) FILTER (WHERE decided_at IS NULL) AS open, bool_or(reason = 'illegal' AND decided_at IS NULL) AS illegal,
				count(DISTINCT source) FILTER (WHERE decided_at IS NULL) AS sources, count(*) FILTER (WHERE decided_at IS NOT NULL) AS appeals
			FROM comment_reports
			WHERE (decided_at IS NULL OR (appealed_at IS NOT NULL AND appeal_at IS NULL)) AND NOT hidden
			GROUP BY comment_id
		) c`, manyReports).Scan(&n.Open, &n.Pressing, &n.Appeals)
	if err != nil {
		return n, fmt.Errorf("count reports: %w", err)
	}
	return n, nil
}

// ReportLine is a ruling as it is exported: nothing in it names who reported or who wrote. The appeal's fields are nil and empty where there
// was none, or it waits.
type ReportLine struct {
	Report       int64      `json:"report"`
	Comment      int64      `json:"comment"`
	Article      string     `json:"article"`
	Reason       string     `json:"reason"`
	Ground       string     `json:"ground"`
	ReportedAt   time.Time  `json:"reported_at"`
	DecidedAt    time.Time  `json:"decided_at"`
	Upheld       bool       `json:"upheld"`
	Answer       string     `json:"answer"`
	AppealedAt   *time.Time `json:"appealed_at"`
	AppealAt     *time.Time `json:"appeal_decided_at"`
	AppealUpheld *bool      `json:"appeal_upheld"`
	AppealAnswer string     `json:"appeal_answer"`
}

// ReportLog gives each ruling from one time up to, not including, another, oldest first, to yield. It stops at yield's first error, which it
// gives back. Faults: Forbidden.
func (s *Store) ReportLog(ctx context.Context, actor staff.Actor, from, to time.Time, yield func(ReportLine) error) error {
	if !CanModerate(actor) {
		return fault.Forbidden
	}
	rows, err := s.pool.Query(ctx, `
		SELECT r.id AS report, r.comment_id AS comment, coalesce(a.path, '') AS article, r.reason, r.ground, r.at AS reported_at, r.decided_at, r.upheld, r.answer,
			r.appealed_at, r.appeal_at, r.appeal_upheld, r.appeal_answer
		FROM comment_reports r
		JOIN comments c ON c.id = r.comment_id
		JOIN articles a ON a.id = c.article_id
		WHERE r.decided_at >= $1 AND r.decided_at < $2 AND NOT r.hidden
		ORDER BY r.decided_at, r.id`, from, to)
	if err != nil {
		return fmt.Errorf("export reports: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		line, err := pgx.RowToStructByName[ReportLine](rows)
		if err != nil {
			return fmt.Errorf("export reports: %w", err)
		}
		if err := yield(line); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("export reports: %w", err)
	}
	return nil
}

// pruneReports forgets from how many addresses reports came when addresses themselves are forgotten.
func (s *Store) pruneReports(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, `
		UPDATE comment_reports
		SET source = NULL
		WHERE source IS NOT NULL AND at < coalesce($1::timestamptz, clock_timestamp()) - (SELECT make_interval(days => addresses_days) FROM settings)`,
		postgres.At(s.Now))
	if err != nil {
		return fmt.Errorf("prune sources of reports: %w", err)
	}
	return nil
}
