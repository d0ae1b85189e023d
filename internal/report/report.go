// Package report holds the errors that readers report in articles: how a report comes in, the receipt its sender keeps, the newsroom's list,
// every answer with its way back, and the credit beside the correction that a report led to.
//
// It must never change an article or its record, never show a name to readers but through live_credits, from which it vanishes with the report's,
// and never keep a second copy of what a comment says.
package report

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/text/unicode/norm"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/limit"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/receipt"
)

// Status is where a report stands.
type Status string

// An open report waits for somebody to look at it. A corrected one names the notice that answers it, a declined one why it is none.
const (
	Open      Status = "open"
	Checking  Status = "checking"
	Corrected Status = "corrected"
	Declined  Status = "declined"
)

// Statuses lists them in the order of a report's way.
var Statuses = []Status{Open, Checking, Corrected, Declined}

// Limits of the forms, in characters.
const (
	MaxQuote  = 500
	MaxBody   = 4000
	MaxName   = comment.MaxName
	MaxReason = 1000
)

// perAddress is how many reports may come from one address.
var perAddress = limit.Rule{N: 10, Per: time.Hour}

// Store is the side of those who report and of those who answer.
type Store struct {
	pool     *pgxpool.Pool
	articles *article.Reader
	keys     receipt.Keys

	// Now replaces the database's clock in tests and where the demo tells its story; nil otherwise.
	Now func() time.Time
}

// New makes a Store over the newsroom's pool; articles gives the text that readers see now. Receipts are keyed by secret; old is the secret
// before it while it is being replaced, else nil.
func New(pool *pgxpool.Pool, articles *article.Reader, secret, old []byte) *Store {
	return &Store{pool: pool, articles: articles, keys: receipt.Keys{Secret: secret, Old: old}}
}

// In is a report as the form sent it. Version is the number in the article's record that the reader had before them, Quote the sentence,
// Body what is wrong with it. Name and Email may be empty; Credit allows the name beside the correction. Honeypot is a field that people
// don't see and leave empty.
type In struct {
	ArticleID int64
	Version   int
	Quote     string
	Body      string
	Name      string
	Email     string
	Credit    bool
	Address   netip.Addr
	Honeypot  string
}

// Report takes a report in and returns the token of its receipt. The same report again from the same address has the same receipt and counts
// towards no limit; a machine is answered like everybody.
//
// Faults: *fault.Invalid on quote, body, name and email; NotFound where no public article is; *fault.TooMany for who is too fast.
func (s *Store) Report(ctx context.Context, in In) (token string, err error) {
	in.tidy()
	if err := in.check(); err != nil {
		return "", err
	}
	tokens := s.keys.Tokens("error", in.said())
	if token, err = s.given(ctx, tokens); token != "" || err != nil {
		return token, err
	}
	if in.Address.IsValid() {
		if err := limit.Allow(ctx, s.pool, "error-report:"+receipt.Token(s.keys.Secret, "address", []byte(limit.Address(in.Address))), perAddress, postgres.At(s.Now)); err != nil {
			return "", err
		}
	}
	tag, err := s.pool.Exec(ctx, `
		INSERT INTO error_reports (article_id, version, quote, body, name, email, credit, token_hash, hidden, at, changed_at)
		SELECT a.id, CASE WHEN $2 BETWEEN 0 AND a.record_head THEN $2 ELSE 0 END, $3, $4, $5, $6, $7, $8, $9, n.now, n.now
		FROM articles a
		CROSS JOIN (SELECT coalesce($10::timestamptz, clock_timestamp()) AS now) n
		WHERE a.id = $1 AND a.public_state IN ('published', 'retracted') AND a.trashed_at IS NULL
		ON CONFLICT (token_hash) DO NOTHING`,
		in.ArticleID, in.Version, in.Quote, in.Body, in.Name, in.Email, in.Credit, receipt.Hash(tokens[0]), in.Honeypot != "", postgres.At(s.Now))
	if err != nil {
		return "", fmt.Errorf("report an error in article %d: %w", in.ArticleID, err)
	}
	if tag.RowsAffected() == 1 {
		return tokens[0], nil
	}
	// The same form came in twice at once, or there is no such article.
	if token, err = s.given(ctx, tokens); token == "" && err == nil {
		err = fault.NotFound
	}
	return token, err
}

// tidy brings the form to the shape that is stored. A name that isn't to be named is kept all the same: it is how the newsroom answers.
func (in *In) tidy() {
	in.Name, in.Quote = markup.Line(in.Name), Quote(in.Quote)
	in.Email = norm.NFC.String(strings.TrimSpace(in.Email))
	in.Body = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(in.Body, "\r\n", "\n"), "\r", "\n"))
	in.Credit = in.Credit && in.Name != ""
}

// Quote is a text on one line, cut to what a report quotes.
func Quote(text string) string {
	text = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))), " ")
	if r := []rune(text); len(r) > MaxQuote {
		text = strings.TrimSpace(string(r[:MaxQuote]))
	}
	return text
}

func (in *In) check() error {
	var c fault.Check
	c.That(in.Version <= 1<<30, "version", "field.characters")
	c.That(utf8.ValidString(in.Body) && !strings.ContainsRune(in.Body, 0), "body", "field.characters")
	c.That(comment.Visible(in.Body), "body", "error.body.empty")
	c.That(utf8.RuneCountInString(in.Body) <= MaxBody, "body", "error.body.long")
	c.That(!markup.BadLine(in.Name), "name", "field.characters")
	c.That(in.Name == "" || comment.Visible(in.Name), "name", "field.characters")
	c.That(utf8.RuneCountInString(in.Name) <= MaxName, "name", "comment.name.long")
	c.That(in.Email == "" || comment.Plausible(in.Email), "email", "comment.email.bad")
	return c.Err()
}

// said is what makes two reports the same one.
func (in *In) said() []byte {
	return []byte(strings.Join([]string{fmt.Sprint(in.ArticleID), in.Quote, in.Body, in.Name, strings.ToLower(in.Email), limit.Address(in.Address)}, "\x00"))
}

// given is the one of tokens under which a report came in already; empty where none did.
func (s *Store) given(ctx context.Context, tokens []string) (string, error) {
	var hash []byte
	err := s.pool.QueryRow(ctx, `SELECT token_hash FROM error_reports WHERE token_hash = ANY ($1) LIMIT 1`, receipt.Hashes(tokens)).Scan(&hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for a report: %w", err)
	}
	i := slices.IndexFunc(tokens, func(t string) bool { return slices.Equal(receipt.Hash(t), hash) })
	return tokens[max(i, 0)], nil
}
