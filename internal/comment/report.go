package comment

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/limit"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/receipt"
)

// ReportReasons are what a reader may say is wrong with a comment, in the order in which a form offers them.
var ReportReasons = []string{"abuse", "hate", "spam", "private", "false", "other", Illegal}

// Illegal is the reason that asks for a ground, for who reports it, and that they do so in good faith.
const Illegal = "illegal"

// Limits of the form, in characters.
const (
	MaxGround = 500
	MaxDetail = 2000
)

// manyReports is from how many different addresses on a comment's reports are pressing.
const manyReports = 3

// reportLimit is how many comments may be reported from one address.
var reportLimit = limit.Rule{N: 20, Per: time.Hour}

// ReportIn is a report as the form sent it. Ground (which law), Name, Email and GoodFaith are asked for where the reason is Illegal; else they
// may be empty. Honeypot is a field that people don't see and leave empty.
type ReportIn struct {
	CommentID int64
	ArticleID int64
	Reason    string
	Ground    string
	Detail    string
	Name      string
	Email     string
	GoodFaith bool
	Address   netip.Addr
	Honeypot  string
}

// ReportComment takes a reader's report of a comment in and returns the token of its receipt. The same report again from the same address
// has the same receipt and counts towards no limit; a machine is answered like everybody. It changes nothing that readers see.
//
// Faults: *fault.Invalid on reason, ground, detail, name, email and good_faith; NotFound where readers see no such comment on that article;
// *fault.TooMany for who is too fast.
func (s *Store) ReportComment(ctx context.Context, in ReportIn) (token string, err error) {
	in.tidy()
	if err := in.check(); err != nil {
		return "", err
	}
	tokens := receipt.Keys{Secret: s.secret, Old: s.old}.Tokens("report", in.said())
	if token, err = s.reported(ctx, tokens); token != "" || err != nil {
		return token, err
	}
	if in.Address.IsValid() {
		if err := limit.Allow(ctx, s.pool, s.limitKey("comment-report", limit.Address(in.Address)), reportLimit, postgres.At(s.Now)); err != nil {
			return "", err
		}
	}
	tag, err := s.pool.Exec(ctx, `
		INSERT INTO comment_reports (comment_id, text_id, reason, ground, detail, name, email, token_hash, source, hidden, at)
		SELECT c.id, c.shown_text, $3, $4, $5, $6, $7, $8, $9, $10, coalesce($11::timestamptz, clock_timestamp())
		FROM comments c
		JOIN articles a ON a.id = c.article_id
		WHERE c.id = $1 AND c.article_id = $2 AND c.status = 'approved' AND c.erased_at IS NULL
			AND a.public_state IN ('published', 'retracted') AND a.trashed_at IS NULL
		ON CONFLICT (token_hash) DO NOTHING`,
		in.CommentID, in.ArticleID, in.Reason, in.Ground, in.Detail, in.Name, in.Email, receipt.Hash(tokens[0]), s.source(&in), in.Honeypot != "", postgres.At(s.Now))
	if err != nil {
		return "", fmt.Errorf("report comment %d: %w", in.CommentID, err)
	}
	if tag.RowsAffected() == 1 {
		return tokens[0], nil
	}
	// The same form came in twice at once, or there is no such comment.
	if token, err = s.reported(ctx, tokens); token == "" && err == nil {
		err = fault.NotFound
	}
	return token, err
}

func (in *ReportIn) tidy() {
	in.Name, in.Ground = markup.Line(in.Name), markup.Line(in.Ground)
	in.Email, in.Detail = tidyEmail(in.Email), tidyBody(in.Detail)
	if in.Reason != Illegal {
		in.Ground = ""
	}
}

func (in *ReportIn) check() error {
	var c fault.Check
	c.That(slices.Contains(ReportReasons, in.Reason), "reason", "report.reason.choose")
	c.That(!markup.BadLine(in.Name), "name", "field.characters")
	c.That(utf8.RuneCountInString(in.Name) <= MaxName, "name", "comment.name.long")
	c.That(in.Email == "" || plausible(in.Email), "email", "comment.email.bad")
	checkWords(&c, in.Detail)
	if in.Reason == Illegal {
		c.That(!markup.BadLine(in.Ground), "ground", "field.characters")
		c.That(visible(in.Ground), "ground", "report.ground.empty")
		c.That(utf8.RuneCountInString(in.Ground) <= MaxGround, "ground", "report.ground.long")
		c.That(visible(in.Detail), "detail", "report.detail.empty")
		c.That(visible(in.Name), "name", "report.name.empty")
		c.That(in.Email != "", "email", "comment.email.bad")
		c.That(in.GoodFaith, "good_faith", "report.faith")
	}
	return c.Err()
}

// checkWords is the rule of what a reader explains in a field "detail".
func checkWords(c *fault.Check, detail string) {
	c.That(utf8.ValidString(detail) && !strings.ContainsRune(detail, 0), "detail", "field.characters")
	c.That(utf8.RuneCountInString(detail) <= MaxDetail, "detail", "report.detail.long")
}

// Visible tells a text in which there is something to see, as a comment's own form asks, for other forms that readers send.
func Visible(text string) bool { return visible(text) }

// Plausible tells a bare address; whether anybody reads its mail is not known.
func Plausible(email string) bool { return plausible(email) }

// said is what makes two reports the same one.
func (in *ReportIn) said() []byte {
	return []byte(strings.Join([]string{fmt.Sprint(in.CommentID), in.Reason, in.Ground, in.Detail, in.Name, strings.ToLower(in.Email), fmt.Sprint(stored(in.Address))}, "\x00"))
}

// source tells reports from one address of one comment from those of others, and can be compared with nothing else.
func (s *Store) source(in *ReportIn) []byte {
	if !in.Address.IsValid() {
		return nil
	}
	return keyed(s.secret, "report-source", fmt.Appendf(nil, "%d %s", in.CommentID, limit.Address(in.Address)))
}

// reported gives the one of tokens under which a report came in already; empty where none did.
func (s *Store) reported(ctx context.Context, tokens []string) (string, error) {
	var hash []byte
	err := s.pool.QueryRow(ctx, `SELECT token_hash FROM comment_reports WHERE token_hash = ANY ($1) LIMIT 1`, receipt.Hashes(tokens)).Scan(&hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for a report: %w", err)
	}
	i := slices.IndexFunc(tokens, func(t string) bool { return slices.Equal(receipt.Hash(t), hash) })
	return tokens[max(i, 0)], nil
}

// ReportReceipt is a report as who made it sees it. Upheld is what was decided at DecidedAt, Answer why; both times are the zero time before.
// Appealable holds where it was turned down and no appeal was made yet. Personal tells that a name or e-mail is kept.
type ReportReceipt struct {
	Reason        string
	At            time.Time
	ArticlePath   string
	Headline      string
	CommentID     int64
	DecidedAt     time.Time
	Upheld        bool
	Answer        string
	Appealable    bool
	Appeal        string
	AppealedAt    time.Time
	AppealAt      time.Time
	AppealUpheld  bool
	AppealAnswer  string
	CommentPublic bool
	Personal      bool
}

// ReportByToken is the receipt of a report. A token nobody was given is NotFound.
func (s *Store) ReportByToken(ctx context.Context, token string) (ReportReceipt, error) {
	if len(token) != receipt.Length {
		return ReportReceipt{}, fault.NotFound
	}
	rows, err := s.pool.Query(ctx, `
		SELECT r.reason, r.at, coalesce(a.path, '') AS article_path, CASE WHEN v.seen THEN a.live_headline ELSE '' END AS headline, r.comment_id,
			coalesce(r.decided_at, $2) AS decided_at, coalesce(r.upheld, false) AS upheld, r.answer,
			r.upheld IS FALSE AND r.appealed_at IS NULL AND r.erased_at IS NULL AS appealable,
			r.appeal, coalesce(r.appealed_at, $2) AS appealed_at, coalesce(r.appeal_at, $2) AS appeal_at, coalesce(r.appeal_upheld, false) AS appeal_upheld, r.appeal_answer,
			v.seen AND c.status = 'approved' AND c.erased_at IS NULL AS comment_public, r.name <> '' OR r.email <> '' AS personal
		FROM comment_reports r
		JOIN comments c ON c.id = r.comment_id
		JOIN articles a ON a.id = c.article_id
		CROSS JOIN LATERAL (SELECT coalesce(a.public_state IN ('published', 'retracted'), false) AND a.trashed_at IS NULL AS seen) v
		WHERE r.token_hash = $1`, receipt.Hash(token), time.Time{})
	if err != nil {
		return ReportReceipt{}, fmt.Errorf("receipt of a report: %w", err)
	}
	r, err := one[ReportReceipt](rows)
	if err != nil {
		return ReportReceipt{}, fmt.Errorf("receipt of a report: %w", err)
	}
	return *r, nil
}

// AppealReport says once why a report that was turned down should be looked at again. Faults: NotFound; Forbidden where nothing was turned
// down or an appeal was made already; *fault.Invalid on detail.
func (s *Store) AppealReport(ctx context.Context, token, text string) error {
	text = tidyBody(text)
	var c fault.Check
	c.That(visible(text), "detail", "report.appeal.empty")
	checkWords(&c, text)
	if err := c.Err(); err != nil {
		return err
	}
	return s.ownReport(ctx, token, `
		UPDATE comment_reports
		SET appeal = $2, appealed_at = coalesce($3::timestamptz, clock_timestamp())
		WHERE token_hash = $1 AND upheld IS FALSE AND appealed_at IS NULL AND erased_at IS NULL`, text, postgres.At(s.Now))
}

// EraseReport blanks the name and the e-mail of who made a report, for themselves. A second call does nothing.
func (s *Store) EraseReport(ctx context.Context, token string) error {
	return s.ownReport(ctx, token, `UPDATE comment_reports SET name = '', email = '' WHERE token_hash = $1`)
}

// ownReport changes one's own report where the statement's condition holds, else it is Forbidden; without a report of that token NotFound.
func (s *Store) ownReport(ctx context.Context, token, sql string, args ...any) error {
	if len(token) != receipt.Length {
		return fault.NotFound
	}
	hash := receipt.Hash(token)
	tag, err := s.pool.Exec(ctx, sql, append([]any{hash}, args...)...)
	if err != nil {
		return fmt.Errorf("change a report: %w", err)
	}
	if tag.RowsAffected() == 1 {
		return nil
	}
	var there bool
	if err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM comment_reports WHERE token_hash = $1)`, hash).Scan(&there); err != nil {
		return fmt.Errorf("change a report: %w", err)
	}
	if !there {
		return fault.NotFound
	}
	return fault.Forbidden
}

// EraseReports blanks, in tx, all that a person wrote in reports of comments under an e-mail, in any case of its letters; what was decided
// stays.
func (s *Store) EraseReports(ctx context.Context, tx pgx.Tx, email string) error {
	_, err := tx.Exec(ctx, `
		UPDATE comment_reports
		SET name = '', email = '', ground = '', detail = '', appeal = '', source = NULL, erased_at = coalesce($2::timestamptz, clock_timestamp())
		WHERE lower(email) = lower($1) AND email <> ''`, email, postgres.At(s.Now))
	if err != nil {
		return fmt.Errorf("erase reports: %w", err)
	}
	return nil
}
