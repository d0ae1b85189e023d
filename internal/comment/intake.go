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

// Post takes a comment in and returns the token of its receipt. It is held for every reason there is: the policy where it is read first, and
// each rule that matches. One that nothing holds is public at once.
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

func (s *Store) post(ctx context.Context, tx pgx.Tx, in *In) (string, error) {
	what := said(*in)
	a := &asked{ArticleID: in.ArticleID, Parent: in.Parent, Name: in.Name, Email: in.Email, Body: in.Body, Address: stored(in.Address),
		Keys: s.duplicateKeys(what), Lock: lockKey(what)}
	d, set, err := s.look(ctx, tx, a)
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
	if err := s.weather(ctx, tx, a, d); err != nil {
		return "", err
	}
	t := token(s.secret, d.ID)
	e := d.enter(a, set, in.Honeypot != "")
	r := &row{
		ID: d.ID, ArticleID: in.ArticleID, above: d.above, Version: d.version(in.Version), Status: e.Status, TokenHash: tokenHash(t),
		PersonID: d.PersonID, Email: in.Email, Name: in.Name, Body: in.Body, At: d.Now, DuplicateKey: a.Keys[0], Address: a.Address,
		Reasons: e.Reasons, Notify: in.Notify, Newcomer: !d.Known, Told: e.Told, Score: d.Score, Kept: d.AddressesDays,
	}
	return t, s.receive(ctx, tx, r)
}

// receive writes a comment. One that nothing holds is public at once, with all that follows; the others change nothing that anybody sees.
func (s *Store) receive(ctx context.Context, tx pgx.Tx, r *row) error {
	if r.Status != Approved {
		_, err := insert(ctx, tx, r)
		return err
	}
	r.DecidedAt = &r.At
	text, err := insert(ctx, tx, r)
	if err != nil {
		return err
	}
	found, err := s.lock(ctx, tx, []int64{r.ID})
	if err != nil {
		return err
	}
	was := state{Pending, nil, &text}
	if err := s.after(ctx, tx, []step{{held: found[0], was: was}}); err != nil {
		return err
	}
	t := tally{}
	t.note(found[0], was, found[0].state())
	return t.write(ctx, tx)
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
