package author

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// In is the form of a profile. Biography is HTML of any kind and is sanitised. An empty Slug is made of the name, or stays as it is.
// AnySlug takes the next free one where Slug is taken, as an import does.
type In struct {
	Slug, Name, Role, Biography string
	Links                       []Link
	Portrait                    int64
	StaffID                     int64
	AnySlug                     bool
}

// Lengths, in characters and entries, and how many slugs are tried.
const (
	maxName      = 120
	maxRole      = 120
	maxBiography = 20_000
	maxLinks     = 12
	maxSuffix    = 200
)

// Create makes a profile. For editors.
func (s *Store) Create(ctx context.Context, actor staff.Actor, in In) (made Author, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if made, err = CreateTx(ctx, tx, actor, in); err != nil {
			return err
		}
		return postgres.Purge(ctx, tx, address.Tag(made.Path()))
	})
	return made, err
}

// CreateTx is Create as a step of a larger transaction, such as the import of one item. It purges nothing: the profile is new.
func CreateTx(ctx context.Context, tx pgx.Tx, actor staff.Actor, in In) (Author, error) {
	made, err := create(ctx, tx, actor, in)
	if err != nil {
		return Author{}, fmt.Errorf("create author: %w", err)
	}
	return made, nil
}

func create(ctx context.Context, tx pgx.Tx, actor staff.Actor, in In) (Author, error) {
	if !CanCreate(actor) {
		return Author{}, fault.Forbidden
	}
	in, err := in.tidy()
	if err != nil {
		return Author{}, err
	}
	if in.StaffID != 0 && !CanLink(actor) {
		return Author{}, fault.Forbidden
	}
	chosen := in.Slug != "" && !in.AnySlug
	if in.Slug == "" {
		if in.Slug, err = madeSlug(ctx, tx, in.Name); err != nil {
			return Author{}, err
		}
	}
	a := Author{Slug: in.Slug, Name: in.Name, Role: in.Role, Biography: in.Biography, Links: in.Links, Portrait: in.Portrait, StaffID: in.StaffID}
	for n := 2; ; n++ {
		a.ID, err = insert(ctx, tx, a)
		if !errors.Is(err, errTaken) {
			break
		}
		if chosen || n > maxSuffix {
			return Author{}, fault.Field("slug", "field.slug.taken")
		}
		a.Slug = fmt.Sprintf("%s-%d", in.Slug, n)
	}
	if err != nil {
		return Author{}, err
	}
	if err := media.Uses(ctx, tx, object(a.ID), portraits(a), true); err != nil {
		return Author{}, err
	}
	return a, audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "author.create", Object: object(a.ID)})
}

// madeSlug is a slug of the name in the way the site's settings say.
func madeSlug(ctx context.Context, q postgres.Querier, name string) (string, error) {
	var ascii bool
	if err := q.QueryRow(ctx, `SELECT ascii_slugs FROM settings`).Scan(&ascii); err != nil {
		return "", err
	}
	slug := address.Slug(name, ascii)
	if slug == "" || address.ReservedListSlug(slug) {
		slug = "author"
	}
	return slug, nil
}

// insert tries one slug, in a savepoint of its own as the address may be taken after the row is in.
func insert(ctx context.Context, tx pgx.Tx, a Author) (id int64, err error) {
	err = pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			INSERT INTO authors (slug, name, role, biography, links, portrait, staff_id)
			VALUES ($1, $2, $3, $4, $5, nullif($6, 0), nullif($7, 0))
			ON CONFLICT ON CONSTRAINT authors_slug_key DO NOTHING
			RETURNING id`, a.Slug, a.Name, a.Role, a.Biography, a.Links, a.Portrait, a.StaffID).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return errTaken
		}
		if err != nil {
			return asFault(err)
		}
		err = address.Claim(ctx, tx, address.Target{AuthorID: id}, a.Path())
		if errors.Is(err, address.ErrTaken) {
			return errTaken
		}
		return err
	})
	return id, err
}

// asFault turns what a constraint says into the fault of a field.
func asFault(err error) error {
	switch {
	case postgres.IsUnique(err, "authors_slug_key"):
		return fault.Field("slug", "field.slug.taken")
	case postgres.IsUnique(err, "authors_staff_key"):
		return fault.Field("staff", "author.staff.taken")
	case postgres.IsForeignKey(err, "authors_staff_id_fkey"):
		return fault.Field("staff", "author.staff.unknown")
	case postgres.IsForeignKey(err, "authors_portrait_fkey"):
		return fault.Field("portrait", "author.portrait.unknown")
	}
	return err
}

// Update changes a profile. Under another slug its old address leads to the new one. Who edits only their own keeps its name, slug
// and account, whatever the form says; another account is an admin's to choose.
func (s *Store) Update(ctx context.Context, actor staff.Actor, id int64, in In) (now Author, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		was, err := one(ctx, tx, `SELECT `+columns+` FROM authors WHERE id = $1 FOR UPDATE`, id)
		if err != nil {
			return err
		}
		if !CanEdit(actor, was) {
			return fault.Forbidden
		}
		if !CanCreate(actor) {
			in.Slug, in.Name, in.StaffID = was.Slug, was.Name, was.StaffID
		}
		if in.StaffID != was.StaffID && !CanLink(actor) {
			return fault.Forbidden
		}
		if now, err = update(ctx, tx, was, in); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "author.update", Object: object(id)}); err != nil {
			return err
		}
		purge := []string{object(id)}
		if now.Slug != was.Slug {
			purge = append(purge, address.Tag(was.Path()), address.Tag(now.Path()))
		}
		return postgres.Purge(ctx, tx, purge...)
	})
	if err != nil {
		return Author{}, fmt.Errorf("update author %d: %w", id, err)
	}
	return now, nil
}

func update(ctx context.Context, tx pgx.Tx, was Author, in In) (Author, error) {
	if in.Slug == "" {
		in.Slug = was.Slug
	}
	in, err := in.tidy()
	if err != nil {
		return Author{}, err
	}
	a := Author{ID: was.ID, Slug: in.Slug, Name: in.Name, Role: in.Role, Biography: in.Biography, Links: in.Links, Portrait: in.Portrait, StaffID: in.StaffID}
	_, err = tx.Exec(ctx, `
		UPDATE authors
		SET slug = $2, name = $3, role = $4, biography = $5, links = $6, portrait = nullif($7, 0), staff_id = nullif($8, 0)
		WHERE id = $1`, a.ID, a.Slug, a.Name, a.Role, a.Biography, a.Links, a.Portrait, a.StaffID)
	if err != nil {
		return Author{}, asFault(err)
	}
	err = address.Claim(ctx, tx, address.Target{AuthorID: a.ID}, a.Path())
	if errors.Is(err, address.ErrTaken) {
		return Author{}, fault.Field("slug", "field.slug.taken")
	}
	if err != nil {
		return Author{}, err
	}
	return a, media.Uses(ctx, tx, object(a.ID), portraits(a), true)
}

// Delete removes a profile under which nothing was ever written: no article and no draft. For editors.
func (s *Store) Delete(ctx context.Context, actor staff.Actor, id int64) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if !CanCreate(actor) {
			return fault.Forbidden
		}
		tag, err := tx.Exec(ctx, `DELETE FROM authors WHERE id = $1`, id)
		switch {
		case postgres.IsForeignKey(err, "bylines_author_id_fkey"), postgres.IsForeignKey(err, "article_authors_author_id_fkey"):
			return fault.Field("", "author.used")
		case err != nil:
			return err
		case tag.RowsAffected() == 0:
			return fault.NotFound
		}
		if err := audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "author.delete", Object: object(id)}); err != nil {
			return err
		}
		return postgres.Purge(ctx, tx, object(id))
	})
	if err != nil {
		return fmt.Errorf("delete author %d: %w", id, err)
	}
	return nil
}

// tidy puts the form into shape, sanitises the biography and checks all that needs no look at other rows.
func (in In) tidy() (In, error) {
	var c fault.Check
	in.Name, in.Role = markup.Line(in.Name), markup.Line(in.Role)
	c.That(in.Name != "", "name", "field.required")
	c.That(!markup.BadLine(in.Name), "name", "field.characters")
	c.That(utf8.RuneCountInString(in.Name) <= maxName, "name", "field.long")
	c.That(!markup.BadLine(in.Role), "role", "field.characters")
	c.That(utf8.RuneCountInString(in.Role) <= maxRole, "role", "field.long")
	c.That(utf8.ValidString(in.Biography) && !strings.ContainsRune(in.Biography, 0), "biography", "field.characters")
	c.That(utf8.RuneCountInString(in.Biography) <= maxBiography, "biography", "field.long")
	if in.Slug != "" {
		made := address.Slug(in.Slug, false)
		c.That(made != "", "slug", "field.slug")
		c.That(!address.ReservedListSlug(made), "slug", "field.slug.reserved")
		in.Slug = made
	}
	in.Links = tidyLinks(&c, in.Links)
	if err := c.Err(); err != nil {
		return In{}, err
	}
	in.Biography = markup.Notice(in.Biography)
	return in, nil
}

func tidyLinks(c *fault.Check, links []Link) []Link {
	out := []Link{}
	for _, l := range links {
		l = Link{markup.Line(l.Name), strings.TrimSpace(l.URL)}
		if l == (Link{}) {
			continue
		}
		c.That(l.Name != "" && !markup.BadLine(l.Name) && utf8.RuneCountInString(l.Name) <= 60, "links", "author.links.name")
		c.That(isLink(l.URL), "links", "author.links.url")
		out = append(out, l)
	}
	c.That(len(out) <= maxLinks, "links", "author.links.many")
	return out
}

// isLink reports whether s is an https address or a plain mailto one.
func isLink(s string) bool {
	u, err := url.Parse(s)
	if err != nil || len(s) > 500 || markup.BadLine(s) {
		return false
	}
	switch u.Scheme {
	case "https":
		return u.Host != "" && u.User == nil
	case "mailto":
		a, err := mail.ParseAddress(u.Opaque)
		return err == nil && a.Address == u.Opaque && u.RawQuery == ""
	}
	return false
}

func portraits(a Author) []int64 {
	if a.Portrait == 0 {
		return nil
	}
	return []int64{a.Portrait}
}

func object(id int64) string { return fmt.Sprintf("author:%d", id) }
