package comment

import (
	"fmt"
	"strings"
	"time"
)

// view is one of the queue's lists: which comments (c), joined with what, in which order.
type view struct {
	join, where, sort string
	opinion           string // the decision that an opinion is wanted on
	newest            bool
	waiting           bool // all of it waits, so that comment_waiting has its words
	long              bool // it may hold all comments there are
}

const waits = "c.pending_text IS NOT NULL AND c.erased_at IS NULL"

// waitsRead tells of what waits that its writer had read a version, by an expression that only one index has. With a plain condition a planner
// whose statistics say that nothing waits, as of ten million comments hardly any do, reads and sorts all that waits for each article.
const waitsRead = "CASE WHEN c.pending_text IS NOT NULL AND c.erased_at IS NULL THEN c.version_number END > 0"

// answered tells that somebody decided since the appeal.
const appealAnswered = "EXISTS (SELECT FROM decisions z WHERE z.comment_id = c.id AND z.at >= c.appealed_at AND z.undone_at IS NULL)"

var views = map[Status]view{
	Pending:   {where: waits, sort: "c.posted_at", waiting: true},
	Overtaken: {where: waitsRead, sort: "c.posted_at", waiting: true},
	Mine:      {where: waits + ` AND c.id IN (SELECT k.comment_id FROM comment_claims k, n WHERE k.staff_id = $2 AND k.until > n.now)`, sort: "c.posted_at", waiting: true},
	Reported: {where: `c.erased_at IS NULL
			AND c.id IN (SELECT r.comment_id FROM comment_reports r WHERE r.decided_at IS NULL AND NOT r.hidden)`, sort: "c.posted_at"},
	Appealed: {where: "c.appealed_at IS NOT NULL AND c.erased_at IS NULL AND NOT " + appealAnswered, sort: "c.appealed_at"},
	Second: {join: "JOIN second_opinions o ON o.comment_id = c.id JOIN decisions d ON d.id = o.decision_id", opinion: "o.decision_id",
		where: opinionWanted, sort: "o.asked_at"},
	Approved: {where: "c.status = 'approved' AND c.erased_at IS NULL", sort: "c.posted_at", newest: true, long: true},
	Rejected: {where: "c.status = 'rejected' AND c.erased_at IS NULL", sort: "c.posted_at", newest: true, long: true},
	Spam:     {where: "c.status = 'spam' AND c.erased_at IS NULL", sort: "c.posted_at", newest: true, long: true},
	Every:    {where: "c.erased_at IS NULL", sort: "c.posted_at", newest: true, long: true},
}

// overtaken are the comments that wait and were written before a notice of their article: article by article of those with comments that wait, as
// far fewer have a notice. %[1]s narrows them, %[2]s says how many of each article are enough.
const overtaken = `(
			WITH RECURSIVE w AS (
				(SELECT c.article_id FROM comments c WHERE ` + waitsRead + ` ORDER BY c.article_id LIMIT 1)
				UNION ALL
				SELECT (SELECT c.article_id FROM comments c WHERE ` + waitsRead + ` AND c.article_id > w.article_id ORDER BY c.article_id LIMIT 1)
				FROM w
				WHERE w.article_id IS NOT NULL
			)
			SELECT o.*
			FROM w
			JOIN articles j ON j.id = w.article_id AND j.notice_number IS NOT NULL
			CROSS JOIN LATERAL (
				SELECT c.*
				FROM comments c
				WHERE c.article_id = j.id AND %[1]s AND c.version_number < j.notice_number
				ORDER BY c.posted_at, c.id
				LIMIT %[2]d
			) o
		) c`

// searched are the comments that wait and have words in them: rare words by their index, those of very many comments in the order of the list. How
// many have them is found out first, as statistics know little of what came in today. %[1]s is the words' parameter, %[2]s narrows the comments,
// %[3]d says how many are enough.
const searched = `(
			WITH h AS MATERIALIZED (SELECT w.comment_id FROM comment_waiting w WHERE w.words ILIKE %[1]s LIMIT 2001)
			SELECT c.* FROM h JOIN comments c ON c.id = h.comment_id WHERE (SELECT count(*) FROM h) <= 2000 AND %[2]s
			UNION ALL
			(SELECT c.* FROM comments c
			WHERE (SELECT count(*) FROM h) > 2000 AND %[2]s AND EXISTS (SELECT FROM comment_waiting w WHERE w.comment_id = c.id AND w.words ILIKE %[1]s)
			ORDER BY c.posted_at, c.id
			LIMIT %[3]d)
		) c`

// searchedMost is how many of the newest comments of a long list are looked through for words, a rule or a category.
const searchedMost = 2_000

// from is what the comments are chosen from, and what is asked of them there.
func (q *listing) from() (from, where string) {
	where = strings.Join(append([]string{q.view.where}, q.where...), "\n\t\t\tAND ")
	switch {
	case q.status == Overtaken:
		return fmt.Sprintf(overtaken, where, q.limit+1), "true"
	case q.words != "":
		return fmt.Sprintf(searched, q.words, where, q.limit+1), "true"
	case len(q.sought) > 0:
		return fmt.Sprintf("(SELECT c.* FROM comments c WHERE %s ORDER BY c.posted_at DESC, c.id DESC LIMIT %d) c", where, searchedMost), strings.Join(q.sought, "\n\t\t\tAND ")
	}
	return "comments c " + q.join, where
}

// sql chooses the comments first, on an index in the list's order; what belongs to them is then read for one page only.
func (q *listing) sql() string {
	direction, opinion := "", "0::bigint"
	if q.newest {
		direction = " DESC"
	}
	if q.opinion != "" {
		opinion = q.opinion
	}
	from, where := q.from()
	return fmt.Sprintf(`
	WITH n AS (SELECT coalesce($1::timestamptz, clock_timestamp()) AS now, $2::bigint AS me),
	chosen AS (
		SELECT c.*, %[1]s AS sorted_at, %[2]s AS opinion
		FROM %[3]s
		WHERE %[4]s
		ORDER BY %[1]s%[5]s, c.id%[5]s
		LIMIT %[6]d
	)%[7]s
	ORDER BY c.sorted_at%[5]s, c.id%[5]s`, q.sort, opinion, from, where, direction, q.limit+1, itemColumns)
}

// oneItem is the item of a comment, whatever became of it.
const oneItem = `
	WITH n AS (SELECT coalesce($1::timestamptz, clock_timestamp()) AS now, $2::bigint AS me),
	chosen AS (SELECT c.*, c.posted_at AS sorted_at, 0::bigint AS opinion FROM comments c WHERE c.id = $3)` + itemColumns

// itemColumns reads what belongs to the comments of chosen. Everything that could be long is bounded.
const itemColumns = `
	SELECT c.id, c.article_id, c.status, c.name, coalesce(m.email, '') AS email, coalesce(host(x.address), '') AS address, c.posted_at, c.sorted_at,
		c.staff_id IS NOT NULL AS staff, c.imported, c.erased_at IS NOT NULL AS erased, c.pinned_at IS NOT NULL AS pinned, c.opinion,
		coalesce(t.body, '') AS text, coalesce(t.id, 0) AS text_id, coalesce(t.at, c.posted_at) AS text_at, t.score, t.telling,
		CASE WHEN c.status = 'approved' AND c.pending_text IS NOT NULL THEN coalesce(o.body, '') ELSE '' END AS stands,
		c.version_number AS version, a.record_head, coalesce(a.live_version, 0) AS live_version, coalesce(a.live_headline, '') AS headline,
		coalesce(a.live_standfirst, '') AS standfirst, coalesce(a.path, '') AS path, coalesce(a.live_language, '') AS language,
		z.kind AS notice_kind, z.recorded_at AS notice_at,
		p.id AS parent_id, p.name AS parent_name, pt.body AS parent_text, p.posted_at AS parent_at, p.status AS parent_status,
		m.id AS person_id, m.first_at, m.confirmed_at IS NOT NULL AS confirmed, coalesce(m.always_held, false) AS always_held, tr.until AS trusted_until,
		b.until IS NOT NULL AS banned, nullif(b.until, 'infinity') AS banned_until, coalesce(b.reason, '') AS ban_reason,
		r.approved, r.rejected, r.spam, coalesce(f.reason, '') AS refused, f.at AS refused_at, y.near, y.near_spam, h.reasons,
		(SELECT count(*) FROM comment_reports e WHERE e.comment_id = c.id AND e.decided_at IS NULL AND NOT e.hidden) AS reports,
		c.appeal, c.appealed_at, c.appealed_at IS NOT NULL AND ` + appealAnswered + ` AS appeal_answered,
		coalesce(k.name, '') AS held_by, coalesce(k.staff_id = n.me, false) AS held_by_me,
		d.id AS decision_id, d.act AS decision_act, d.reason AS decision_reason, coalesce(d.by_name, '') AS decision_by, d.at AS decision_at
	FROM chosen c
	CROSS JOIN n
	CROSS JOIN settings s
	JOIN articles a ON a.id = c.article_id
	LEFT JOIN comment_texts t ON t.id = coalesce(c.pending_text, c.shown_text)
	LEFT JOIN comment_texts o ON o.id = c.shown_text
	LEFT JOIN comments p ON p.id = c.parent_id
	LEFT JOIN comment_texts pt ON pt.id = coalesce(p.shown_text, p.pending_text)
	LEFT JOIN commenters m ON m.id = c.commenter_id
	LEFT JOIN comment_addresses x ON x.comment_id = c.id
	LEFT JOIN LATERAL (
		-- a correction before all others: it is what a comment is most often about
		SELECT i.kind, i.recorded_at
		FROM publications i
		WHERE c.version_number > 0 AND i.article_id = c.article_id AND i.number > c.version_number
			AND i.kind IN ('update', 'correction', 'clarification', 'note', 'retraction')
		ORDER BY i.kind = 'correction' DESC, i.number
		LIMIT 1
	) z ON true
	LEFT JOIN LATERAL (
		SELECT i.until, i.reason
		FROM bans i
		WHERE i.mailbox = m.mailbox AND i.lifted_at IS NULL AND i.until > n.now
		ORDER BY i.until DESC
		LIMIT 1
	) b ON true
	CROSS JOIN LATERAL (
		SELECT count(*) FILTER (WHERE i.status = 'approved') AS approved, count(*) FILTER (WHERE i.status = 'rejected') AS rejected,
			count(*) FILTER (WHERE i.status = 'spam') AS spam
		FROM (SELECT l.status FROM comments l WHERE l.commenter_id = c.commenter_id ORDER BY l.posted_at DESC LIMIT 200) i
	) r
	LEFT JOIN LATERAL (` + trustedUntil + `) tr ON true
	LEFT JOIN LATERAL (
		SELECT l.reason, l.at
		FROM (SELECT id FROM comments WHERE commenter_id = c.commenter_id AND status = 'rejected' ORDER BY posted_at DESC LIMIT 1) i
		JOIN decisions l ON l.comment_id = i.id AND l.act = 'reject' AND l.undone_at IS NULL
		ORDER BY l.id DESC
		LIMIT 1
	) f ON true
	CROSS JOIN LATERAL (
		SELECT count(*) AS near, count(*) FILTER (WHERE i.status = 'spam') AS near_spam
		FROM (
			SELECT l.status
			FROM comment_addresses g JOIN comments l ON l.id = g.comment_id
			WHERE g.network = x.network AND g.address = x.address AND g.at > n.now - interval '1 day' AND l.id <> c.id
			LIMIT 50
		) i
	) y
	CROSS JOIN LATERAL (
		SELECT coalesce(jsonb_agg(jsonb_build_object('rule', w.rule, 'words', w.words, 'rule_id', coalesce(w.rule_id, 0), 'name', coalesce(u.name, '')) ORDER BY w.id), '[]') AS reasons
		FROM hold_reasons w
		LEFT JOIN rules u ON u.id = w.rule_id
		WHERE w.comment_id = c.id AND (w.text_id IS NULL OR w.text_id = t.id)
	) h
	LEFT JOIN LATERAL (
		SELECT u.name, i.staff_id
		FROM comment_claims i JOIN staff u ON u.id = i.staff_id
		WHERE i.comment_id = c.id AND i.until > n.now
	) k ON true
	LEFT JOIN LATERAL (
		SELECT l.id, l.act, l.reason, u.name AS by_name, l.at
		FROM decisions l
		LEFT JOIN staff u ON u.id = l.by
		WHERE l.comment_id = c.id AND l.undone_at IS NULL
		ORDER BY l.id DESC
		LIMIT 1
	) d ON true`

// trustedUntil is when the trust in person m lapses, no row where they aren't trusted (s are the settings, n the time).
const trustedUntil = `
		SELECT v.until
		FROM (
			SELECT i.decided_at + make_interval(days => s.trust_days) AS until
			FROM comments i
			WHERE i.commenter_id = m.id AND i.status = 'approved' AND i.decided_at IS NOT NULL AND NOT m.always_held AND s.trust_after > 0
			ORDER BY i.posted_at DESC
			OFFSET greatest(s.trust_after - 1, 0)
			LIMIT 1
		) v
		WHERE v.until > n.now AND NOT EXISTS (
			SELECT FROM (SELECT i.status FROM comments i WHERE i.commenter_id = m.id AND i.decided_at IS NOT NULL ORDER BY i.posted_at DESC LIMIT 10) l
			WHERE l.status IN ('rejected', 'spam'))`

// queued is a row of a list.
type queued struct {
	ID             int64
	ArticleID      int64
	Status         Status
	Name           string
	Email          string
	Address        string
	PostedAt       time.Time
	SortedAt       time.Time
	Staff          bool
	Imported       bool
	Erased         bool
	Pinned         bool
	Opinion        int64
	Text           string
	TextID         int64
	TextAt         time.Time
	Score          *float64
	Telling        []Telling
	Stands         string
	Version        int
	RecordHead     int
	LiveVersion    int
	Headline       string
	Standfirst     string
	Path           string
	Language       string
	NoticeKind     *string
	NoticeAt       *time.Time
	ParentID       *int64
	ParentName     *string
	ParentText     *string
	ParentAt       *time.Time
	ParentStatus   *Status
	PersonID       *int64
	FirstAt        *time.Time
	Confirmed      bool
	AlwaysHeld     bool
	TrustedUntil   *time.Time
	Banned         bool
	BannedUntil    *time.Time
	BanReason      string
	Approved       int
	Rejected       int
	Spam           int
	Refused        string
	RefusedAt      *time.Time
	Near           int
	NearSpam       int
	Reasons        []Reason
	Reports        int
	Appeal         string
	AppealedAt     *time.Time
	AppealAnswered bool
	HeldBy         string
	HeldByMe       bool
	DecisionID     *int64
	DecisionAct    *Act
	DecisionReason *string
	DecisionBy     string
	DecisionAt     *time.Time
}

func (q *queued) item() Item {
	i := Item{ID: q.ID, ArticleID: q.ArticleID, Status: q.Status, Name: q.Name, Email: q.Email, Address: q.Address, PostedAt: q.PostedAt, SortedAt: q.SortedAt,
		Staff: q.Staff, Imported: q.Imported, Erased: q.Erased, Pinned: q.Pinned, Opinion: q.Opinion, Text: q.Text, TextID: q.TextID, TextAt: q.TextAt, Score: q.Score,
		Telling: q.Telling, Stands: q.Stands, Version: q.Version, RecordHead: q.RecordHead, Headline: q.Headline, Standfirst: q.Standfirst, Path: q.Path,
		Language: q.Language, Reasons: q.Reasons, Near: q.Near, NearSpam: q.NearSpam, Reports: q.Reports, HeldBy: q.HeldBy, HeldByMe: q.HeldByMe, liveVersion: q.LiveVersion}
	if q.NoticeKind != nil {
		i.Notice = &Notice{Kind: *q.NoticeKind, At: *q.NoticeAt}
	}
	if q.AppealedAt != nil {
		i.Appeal = &Appealing{Text: q.Appeal, At: *q.AppealedAt, Answered: q.AppealAnswered}
	}
	if q.ParentID != nil {
		i.Parent = &Parent{ID: *q.ParentID, Name: *q.ParentName, PostedAt: *q.ParentAt, Status: *q.ParentStatus}
		if q.ParentText != nil {
			i.Parent.Text = *q.ParentText
		}
	}
	if q.DecisionID != nil {
		i.Decision = &Decision{ID: *q.DecisionID, Act: *q.DecisionAct, Reason: *q.DecisionReason, By: q.DecisionBy, At: *q.DecisionAt}
	}
	i.Person = q.person()
	return i
}

// person is who wrote it, nil where nobody is known any more.
func (q *queued) person() *Person {
	if q.PersonID == nil {
		return nil
	}
	p := &Person{ID: *q.PersonID, FirstAt: *q.FirstAt, Approved: q.Approved, Rejected: q.Rejected, Spam: q.Spam, Refused: q.Refused, RefusedAt: q.RefusedAt,
		Confirmed: q.Confirmed, AlwaysHeld: q.AlwaysHeld, TrustedUntil: q.TrustedUntil, Banned: q.Banned, BanReason: q.BanReason}
	if q.Banned {
		p.BannedUntil, p.TrustedUntil = q.BannedUntil, nil
	}
	return p
}
