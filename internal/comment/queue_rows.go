package comment

import "time"

// Conditions and columns that both lists share. Which comments is settled first, on an index in the list's order; what belongs to them is
// then read for one page only.
const (
	queueNarrow = `
			AND ($1::bigint = 0 OR c.article_id = $1)
			AND ($2::bigint = 0 OR EXISTS (
				SELECT FROM article_categories l JOIN categories k ON k.id = l.category_id
				WHERE l.article_id = c.article_id AND $2 = ANY (k.lineage)))
			AND ($3::text = '' OR c.name ILIKE $3
				OR EXISTS (SELECT FROM comment_texts t WHERE t.id = coalesce(c.pending_text, c.shown_text) AND t.body ILIKE $3)
				OR EXISTS (SELECT FROM commenters m WHERE m.id = c.commenter_id AND m.email ILIKE $3))`

	queueColumns = `
	SELECT c.id, c.article_id, c.status, c.name, coalesce(m.email, '') AS email, c.posted_at, c.staff_id IS NOT NULL AS staff, c.imported,
		t.body AS text, t.id AS text_id, t.at AS text_at, CASE WHEN c.status = 'approved' AND c.pending_text IS NOT NULL THEN coalesce(o.body, '') ELSE '' END AS stands,
		c.version_number AS version, a.record_head, coalesce(a.live_headline, '') AS headline, coalesce(a.path, '') AS path, coalesce(a.live_language, '') AS language,
		p.id AS parent_id, p.name AS parent_name, pt.body AS parent_text, p.posted_at AS parent_at, p.status AS parent_status,
		m.id AS person_id, m.first_at, x.until IS NOT NULL AS banned, nullif(x.until, 'infinity') AS banned_until,
		coalesce(x.reason, '') AS ban_reason, r.approved, r.rejected, r.spam,
		(SELECT count(*) FROM comment_reports k WHERE k.comment_id = c.id AND k.decided_at IS NULL AND NOT k.hidden) AS reports,
		h.reasons, d.id AS decision_id, d.act AS decision_act, d.reason AS decision_reason, coalesce(d.by_name, '') AS decision_by, d.at AS decision_at
	FROM chosen c
	JOIN articles a ON a.id = c.article_id
	JOIN comment_texts t ON t.id = coalesce(c.pending_text, c.shown_text)
	CROSS JOIN (SELECT coalesce($8::timestamptz, clock_timestamp()) AS now) n
	LEFT JOIN comment_texts o ON o.id = c.shown_text
	LEFT JOIN comments p ON p.id = c.parent_id
	LEFT JOIN comment_texts pt ON pt.id = coalesce(p.shown_text, p.pending_text)
	LEFT JOIN commenters m ON m.id = c.commenter_id
	LEFT JOIN LATERAL (
		SELECT b.until, b.reason
		FROM bans b
		WHERE b.mailbox = m.mailbox AND b.lifted_at IS NULL AND b.until > n.now
		ORDER BY b.until DESC
		LIMIT 1
	) x ON true
	CROSS JOIN LATERAL (
		SELECT count(*) FILTER (WHERE k.status = 'approved') AS approved, count(*) FILTER (WHERE k.status = 'rejected') AS rejected,
			count(*) FILTER (WHERE k.status = 'spam') AS spam
		FROM comments k
		WHERE k.commenter_id = c.commenter_id
	) r
	CROSS JOIN LATERAL (
		SELECT coalesce(jsonb_agg(jsonb_build_object('rule', w.rule, 'words', w.words) ORDER BY w.id), '[]') AS reasons
		FROM hold_reasons w
		WHERE w.comment_id = c.id
	) h
	LEFT JOIN LATERAL (
		SELECT l.id, l.act, l.reason, u.name AS by_name, l.at
		FROM decisions l
		LEFT JOIN staff u ON u.id = l.by
		WHERE l.comment_id = c.id AND l.undone_at IS NULL
		ORDER BY l.id DESC
		LIMIT 1
	) d ON true`

	waitingQuery = `
	WITH chosen AS (
		SELECT c.*
		FROM comments c
		WHERE c.pending_text IS NOT NULL AND c.erased_at IS NULL AND $7::text IN ('', 'pending')
			AND ($4::timestamptz IS NULL OR (c.posted_at, c.id) > ($4, $5::bigint))` + queueNarrow + `
		ORDER BY c.posted_at, c.id
		LIMIT $6
	)` + queueColumns + `
	ORDER BY c.posted_at, c.id`

	decidedQuery = `
	WITH chosen AS (
		SELECT c.*
		FROM comments c
		WHERE c.status = $7 AND c.erased_at IS NULL
			AND ($4::timestamptz IS NULL OR (c.posted_at, c.id) < ($4, $5::bigint))` + queueNarrow + `
		ORDER BY c.posted_at DESC, c.id DESC
		LIMIT $6
	)` + queueColumns + `
	ORDER BY c.posted_at DESC, c.id DESC`

	// What is reported is few: it is found from the reports that are open.
	reportedQuery = `
	WITH chosen AS (
		SELECT c.*
		FROM (SELECT DISTINCT comment_id FROM comment_reports WHERE decided_at IS NULL AND NOT hidden) o
		JOIN comments c ON c.id = o.comment_id
		WHERE c.erased_at IS NULL AND $7::text = 'reported'
			AND ($4::timestamptz IS NULL OR (c.posted_at, c.id) > ($4, $5::bigint))` + queueNarrow + `
		ORDER BY c.posted_at, c.id
		LIMIT $6
	)` + queueColumns + `
	ORDER BY c.posted_at, c.id`
)

// queued is a row of either list.
type queued struct {
	ID             int64
	ArticleID      int64
	Status         Status
	Name           string
	Email          string
	PostedAt       time.Time
	Staff          bool
	Imported       bool
	Text           string
	TextID         int64
	TextAt         time.Time
	Stands         string
	Version        int
	RecordHead     int
	Headline       string
	Path           string
	Language       string
	ParentID       *int64
	ParentName     *string
	ParentText     *string
	ParentAt       *time.Time
	ParentStatus   *Status
	PersonID       *int64
	FirstAt        *time.Time
	Banned         bool
	BannedUntil    *time.Time
	BanReason      string
	Approved       int
	Rejected       int
	Spam           int
	Reports        int
	Reasons        []Reason
	DecisionID     *int64
	DecisionAct    *Act
	DecisionReason *string
	DecisionBy     string
	DecisionAt     *time.Time
}

func (q *queued) item() Item {
	i := Item{ID: q.ID, ArticleID: q.ArticleID, Status: q.Status, Name: q.Name, Email: q.Email, PostedAt: q.PostedAt, Staff: q.Staff, Imported: q.Imported,
		Text: q.Text, TextID: q.TextID, TextAt: q.TextAt, Stands: q.Stands, Version: q.Version, RecordHead: q.RecordHead, Headline: q.Headline, Path: q.Path,
		Language: q.Language, Reports: q.Reports, Reasons: q.Reasons}
	if q.ParentID != nil {
		i.Parent = &Parent{ID: *q.ParentID, Name: *q.ParentName, PostedAt: *q.ParentAt, Status: *q.ParentStatus}
		if q.ParentText != nil {
			i.Parent.Text = *q.ParentText
		}
	}
	if q.PersonID != nil {
		i.Person = &Person{ID: *q.PersonID, FirstAt: *q.FirstAt, Approved: q.Approved, Rejected: q.Rejected, Spam: q.Spam, Banned: q.Banned, BanReason: q.BanReason}
		if q.Banned {
			i.Person.BannedUntil = q.BannedUntil
		}
	}
	if q.DecisionID != nil {
		i.Decision = &Decision{ID: *q.DecisionID, Act: *q.DecisionAct, Reason: *q.DecisionReason, By: q.DecisionBy, At: *q.DecisionAt}
	}
	return i
}
