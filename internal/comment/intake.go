package comment

import (
	"context"
	"fmt"
	"net/mail"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"stet/internal/fault"
	"stet/internal/limit"
	"stet/internal/markup"
	"stet/internal/postgres"
)

// Limits of the form, in characters.
const (
	MaxName  = 80
	MaxEmail = 254
	MaxBody  = 10_000
)

// In is a comment as the form sent it. Parent is the comment it answers, 0 for none. Version is the number in the article's record that
// the reader had before them. Honeypot is a field that people don't see and leave empty. Notify asks to hear of answers by mail.
type In struct {
	ArticleID int64
	Name      string
	Email     string
	Body      string
	Parent    int64
	Version   int
	Address   netip.Addr
	Honeypot  string
	Notify    bool
}

// Post takes a comment in and returns the token of its receipt. Every comment is held until it is approved.
//
// The same comment again within ten minutes from the same address has the same receipt and counts towards no limit; from another address it is
// held as a duplicate, with a receipt of its own. A banned person, and who filled in the honeypot, is answered like everybody.
//
// Faults: *fault.Invalid on name, email, body and parent; NotFound where no public article is; Forbidden where comments are closed;
// *fault.TooMany for who is too fast.
func (s *Store) Post(ctx context.Context, in In) (token string, err error) {
	in.tidy()
	if err := in.check(); err != nil {
		return "", err
	}
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		token, err = s.post(ctx, tx, &in)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("post comment on article %d: %w", in.ArticleID, err)
	}
	return token, nil
}

// tidy brings the form to the shape that is stored; it takes nothing out but white space.
func (in *In) tidy() {
	in.Name = markup.Line(in.Name)
	in.Email = tidyEmail(in.Email)
	in.Body = tidyBody(in.Body)
}

// tidyEmail brings an address to the one form in which it is counted, banned and stored: é has two.
func tidyEmail(email string) string { return norm.NFC.String(strings.TrimSpace(email)) }

func tidyBody(body string) string {
	body = strings.ReplaceAll(body, "\r\n", "\n")
	return strings.Trim(strings.ReplaceAll(body, "\r", "\n"), "\n\t ")
}

func (in *In) check() error {
	var c fault.Check
	c.That(!markup.BadLine(in.Name), "name", "field.characters")
	c.That(visible(in.Name), "name", "comment.name.empty")
	c.That(utf8.RuneCountInString(in.Name) <= MaxName, "name", "comment.name.long")
	c.That(plausible(in.Email), "email", "comment.email.bad")
	checkBody(&c, in.Body)
	return c.Err()
}

func checkBody(c *fault.Check, body string) {
	// Postgres can't store NUL. Other controls and marks of direction stay: a body is isolated where it is shown.
	c.That(utf8.ValidString(body) && !strings.ContainsRune(body, 0), "body", "field.characters")
	c.That(visible(body), "body", "comment.body.empty")
	c.That(utf8.RuneCountInString(body) <= MaxBody, "body", "comment.body.long")
}

// visible tells a text in which there is something to see: joiners, marks of direction and spaces alone are nothing.
func visible(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r) && r != '\u2800' && r != '\u3164'
	}) >= 0
}

// plausible tells a bare address; whether anybody reads its mail is not known.
func plausible(email string) bool {
	if len(email) > MaxEmail || markup.BadLine(email) || strings.ContainsFunc(email, unicode.IsSpace) {
		return false
	}
	a, err := mail.ParseAddress(email)
	return err == nil && a.Address == email
}

// desk is all that the rules look at when a comment comes in, as this transaction finds it.
type desk struct {
	ID  int64
	Now time.Time
	above

	Page        bool
	PublicState *string
	Trashed     bool
	Policy      string
	PublicAt    *time.Time
	RecordHead  int

	SitePolicy string
	CloseDays  int
	PerEmail   int
	PerAddress int
	Window     int

	PersonID  *int64
	Banned    bool
	Known     bool
	NameTaken bool

	SameID      *int64
	SameHash    []byte
	SameAddress bool
}

func (s *Store) post(ctx context.Context, tx pgx.Tx, in *In) (string, error) {
	keys := s.duplicateKeys(said(*in))
	d, err := s.desk(ctx, tx, in, keys)
	if err != nil {
		return "", err
	}
	if err := d.open(); err != nil {
		return "", err
	}
	if d.SameID != nil && d.SameAddress {
		if t, ok := s.receiptOf(*d.SameID, d.SameHash); ok {
			return t, nil
		}
	}
	if in.Parent != 0 && d.ParentID == nil {
		return "", fault.Field("parent", "comment.parent.gone")
	}
	if err := s.allow(ctx, tx, in, d); err != nil {
		return "", err
	}
	t := token(s.secret, d.ID)
	return t, insert(ctx, tx, &row{
		ID: d.ID, ArticleID: in.ArticleID, above: d.above, Version: d.version(in.Version), Status: d.status(in), TokenHash: tokenHash(t),
		PersonID: d.PersonID, Email: in.Email, Name: in.Name, Body: in.Body, At: d.Now, DuplicateKey: keys[0], Address: stored(in.Address),
		Reasons: d.reasons(in), Notify: in.Notify,
	})
}

// desk takes the lock that makes one comment of two identical ones, then reads in a statement of its own, which sees what the holder
// before it committed. All goes in one round trip. The writer's row is locked against being deleted with their last comment meanwhile.
func (s *Store) desk(ctx context.Context, tx pgx.Tx, in *In, keys [][]byte) (*desk, error) {
	var b pgx.Batch
	b.Queue(`SELECT pg_advisory_xact_lock($1)`, lockKey(said(*in)))
	b.Queue(`SELECT FROM commenters WHERE lower(email) = lower($1) FOR KEY SHARE`, in.Email)
	b.Queue(deskQuery, in.ArticleID, in.Parent, in.Email, in.Name, keys, stored(in.Address), postgres.At(s.Now), mailbox(in.Email))
	r := tx.SendBatch(ctx, &b)
	defer r.Close() //nolint:errcheck // what matters is reported by the reads below
	for range 2 {
		if _, err := r.Exec(); err != nil {
			return nil, err
		}
	}
	rows, err := r.Query()
	if err != nil {
		return nil, err
	}
	return one[desk](rows)
}

const deskQuery = `
	SELECT nextval('comments_id_seq') AS id, n.now,
		a.kind = 'page' AS page, a.public_state, a.trashed_at IS NOT NULL AS trashed, a.comments AS policy, a.first_public_at AS public_at, a.record_head,
		s.comments AS site_policy, s.comments_close_days AS close_days, s.comments_per_email AS per_email,
		s.comments_per_address AS per_address, s.comments_window AS window,
		m.id AS person_id,
		EXISTS (SELECT FROM bans b WHERE b.mailbox = $8 AND b.lifted_at IS NULL AND b.until > n.now) AS banned,
		-- LIMIT keeps it a look at one person's comments; as EXISTS, without statistics, it is hashed over everybody's
		(SELECT true FROM comments k WHERE k.commenter_id = m.id AND k.status = 'approved' LIMIT 1) IS NOT NULL AS known,
		f.name = translate(lower(normalize(s.title, NFKC)), ' .-_''', '')
			OR EXISTS (SELECT FROM staff u WHERE translate(lower(normalize(u.name, NFKC)), ' .-_''', '') = f.name)
			OR EXISTS (SELECT FROM authors u WHERE translate(lower(normalize(u.name, NFKC)), ' .-_''', '') = f.name) AS name_taken,
		p.id AS parent_id, p.root_id AS parent_root, p.depth AS parent_depth, p.path AS parent_path,
		d.id AS same_id, d.token_hash AS same_hash, coalesce(d.same, false) AS same_address
	FROM articles a
	CROSS JOIN settings s
	CROSS JOIN (SELECT coalesce($7::timestamptz, clock_timestamp()) AS now) n
	CROSS JOIN (SELECT translate(lower(normalize($4::text, NFKC)), ' .-_''', '') AS name) f
	LEFT JOIN commenters m ON lower(m.email) = lower($3)
	LEFT JOIN comments p ON p.id = $2 AND p.article_id = a.id AND p.status = 'approved' AND p.erased_at IS NULL
	LEFT JOIN LATERAL (
		SELECT c.id, c.token_hash, coalesce(r.address = $6::inet, false) AS same
		FROM comments c
		LEFT JOIN comment_addresses r ON r.comment_id = c.id
		WHERE c.duplicate_key = ANY ($5::bytea[]) AND c.posted_at > n.now - interval '10 minutes'
		-- The same address first: somebody else's copy must not hide one's own receipt.
		ORDER BY same DESC, c.posted_at DESC
		LIMIT 1
	) d ON true
	WHERE a.id = $1`

// open refuses where no comment is taken. A draft answers like an article that doesn't exist.
func (d *desk) open() error {
	switch {
	case d.PublicState == nil || d.Trashed:
		return fault.NotFound
	case *d.PublicState != "published":
		return fault.Forbidden
	}
	p := Policy{Article: d.Policy, Site: d.SitePolicy, Page: d.Page, CloseDays: d.CloseDays, PublicAt: *d.PublicAt}
	if p.Closed(d.Now) {
		return fault.Forbidden
	}
	return nil
}

// version is the record's number that the reader named, or 0 where there is no such one: the form of a page that was kept open is no fault.
func (d *desk) version(named int) int {
	if named < 0 || named > d.RecordHead {
		return 0
	}
	return named
}

// allow counts the comment for its e-mail and its address. Unlike other acts it does so inside the transaction: a form sent many times at
// once is one comment, and only behind the lock is it known which one counts. E-mail before address, always, so that no two wait for each other.
func (s *Store) allow(ctx context.Context, tx pgx.Tx, in *In, d *desk) error {
	per, now := time.Duration(d.Window)*time.Second, postgres.At(s.Now)
	email := s.limitKey("comment-email", strings.ToLower(in.Email))
	if err := limit.Allow(ctx, tx, email, limit.Rule{N: d.PerEmail, Per: per}, now); err != nil {
		return err
	}
	if !in.Address.IsValid() {
		return nil
	}
	address := s.limitKey("comment-address", limit.Address(in.Address))
	return limit.Allow(ctx, tx, address, limit.Rule{N: d.PerAddress, Per: per}, now)
}
