package comment

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
)

// Imported is a comment from elsewhere. Body is plain text. ParentID is an imported comment of the same article, 0 for none. PostedAt's zero
// value is now. Email may be missing; StaffID marks an answer from the newsroom.
type Imported struct {
	ArticleID int64
	ParentID  int64
	Name      string
	Email     string
	Body      string
	Status    Status
	PostedAt  time.Time
	Address   netip.Addr
	StaffID   int64
}

// ImportTx writes a comment as it stood elsewhere, whatever the article's policy, and keeps the article's count. It refuses nothing for its
// length or characters: what can't be stored is left out. The caller says which pages are out of date, once for all it imports. A parent
// that isn't on the article is *fault.Invalid on parent, an article that isn't there NotFound.
func (s *Store) ImportTx(ctx context.Context, tx pgx.Tx, in Imported) (int64, error) {
	d, err := s.slot(ctx, tx, &in)
	if err != nil {
		return 0, fmt.Errorf("import comment on article %d: %w", in.ArticleID, err)
	}
	r := &row{
		ID: d.ID, ArticleID: in.ArticleID, above: d.above, Status: in.Status, TokenHash: tokenHash(token(s.secret, d.ID)), PersonID: d.PersonID,
		Email: tidyEmail(storable(in.Email)), Name: clip(storable(in.Name), MaxName), Body: tidyBody(sound(in.Body)), At: d.At, Address: d.address(&in),
		Imported: true, Kept: d.AddressesDays,
	}
	if !plausible(r.Email) {
		r.Email, r.PersonID = "", nil
	}
	if in.StaffID != 0 {
		r.StaffID, r.Email, r.PersonID = &in.StaffID, "", nil
	}
	if in.Status != Pending {
		r.DecidedAt = &d.Now
	}
	if _, err := insert(ctx, tx, r); err != nil {
		return 0, fmt.Errorf("import comment on article %d: %w", in.ArticleID, err)
	}
	t := tally{}
	root, _, _ := d.place(d.ID)
	t.add(&held{ArticleID: in.ArticleID, RootID: root, PostedAt: d.At}, false, in.Status == Approved, true)
	if err := t.count(ctx, tx); err != nil {
		return 0, fmt.Errorf("import comment on article %d: %w", in.ArticleID, err)
	}
	return r.ID, nil
}

// slot is where an imported comment goes.
type slot struct {
	ID  int64
	Now time.Time
	At  time.Time
	above
	PersonID      *int64
	AddressesDays int
}

func (s *Store) slot(ctx context.Context, tx pgx.Tx, in *Imported) (*slot, error) {
	var posted *time.Time
	if !in.PostedAt.IsZero() {
		posted = &in.PostedAt
	}
	rows, err := tx.Query(ctx, `
		SELECT nextval('comments_id_seq') AS id, n.now, coalesce($4::timestamptz, n.now) AS at, m.id AS person_id, s.addresses_days,
			p.id AS parent_id, p.root_id AS parent_root, p.depth AS parent_depth, p.path AS parent_path
		FROM articles a
		CROSS JOIN settings s
		CROSS JOIN (SELECT coalesce($5::timestamptz, clock_timestamp()) AS now) n
		LEFT JOIN commenters m ON lower(m.email) = lower($3)
		LEFT JOIN comments p ON p.id = $2 AND p.article_id = a.id
		WHERE a.id = $1`, in.ArticleID, in.ParentID, tidyEmail(storable(in.Email)), posted, postgres.At(s.Now))
	if err != nil {
		return nil, err
	}
	d, err := one[slot](rows)
	if err != nil {
		return nil, err
	}
	if in.ParentID != 0 && d.ParentID == nil {
		return nil, fault.Field("parent", "comment.parent.gone")
	}
	return d, nil
}

// address is what is still kept of one: nothing of a comment older than addresses are.
func (d *slot) address(in *Imported) *netip.Addr {
	if !d.Now.Before(d.At.AddDate(0, 0, d.AddressesDays)) {
		return nil
	}
	return stored(in.Address)
}

// storable is a line without what a line can't hold.
func storable(s string) string {
	return strings.Map(func(r rune) rune {
		if markup.BadLine(string(r)) {
			return -1
		}
		return r
	}, markup.Line(sound(s)))
}

func sound(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "") }

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
