package taxonomy

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/address"
	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// CanEdit reports whether the actor may change categories and tags.
func CanEdit(a staff.Actor) bool { return a.Can(staff.Editor) }

// Store is the newsroom's side.
type Store struct{ pool *pgxpool.Pool }

// New makes a Store over the newsroom's pool.
func New(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// Tree reads all categories.
func (s *Store) Tree(ctx context.Context) (Tree, error) { return readTree(ctx, s.pool) }

// Reader is the readers' side.
type Reader struct{ pool postgres.ReadPool }

// NewReader makes a Reader over what readers' pages are read from.
func NewReader(pool postgres.ReadPool) *Reader { return &Reader{pool: pool} }

// LiveTree reads all categories: one small query.
func (r *Reader) LiveTree(ctx context.Context) (Tree, error) { return readTree(ctx, r.pool) }

// act runs one change of taxonomy: rule, steps, then what they return: the audit row and the tags to purge.
func (s *Store) act(ctx context.Context, actor staff.Actor, name string, steps func(tx pgx.Tx) (audit.Entry, []string, error)) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if !CanEdit(actor) {
			return fault.Forbidden
		}
		entry, purge, err := steps(tx)
		if err != nil {
			return err
		}
		entry.Actor, entry.Act = actor.ID, name
		if err := audit.Write(ctx, tx, entry); err != nil {
			return err
		}
		return postgres.Purge(ctx, tx, purge...)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// everywhere purges all pages: the categories stand in every page's menu.
var everywhere = []string{"all"}

// checkName notes what is wrong with a name or description.
func checkName(c *fault.Check, name string) {
	c.That(name != "", "name", "field.required")
	c.That(!markup.BadLine(name), "name", "field.characters")
	c.That(utf8.RuneCountInString(name) <= 120, "name", "field.long")
}

// cleanSlug puts a slug that a person or an export chose into its form and notes where it can't be one. Empty stays empty.
func cleanSlug(c *fault.Check, slug string) string {
	if slug == "" {
		return ""
	}
	made := address.Slug(slug, false)
	c.That(made != "", "slug", "field.slug")
	c.That(!address.ReservedListSlug(made), "slug", "field.slug.reserved")
	return made
}

// madeSlug is a slug of the name in the way the site's settings say; fallback where the name leaves none.
func madeSlug(ctx context.Context, q postgres.Querier, name, fallback string) (string, error) {
	var ascii bool
	if err := q.QueryRow(ctx, `SELECT ascii_slugs FROM settings`).Scan(&ascii); err != nil {
		return "", err
	}
	slug := address.Slug(name, ascii)
	if slug == "" || address.ReservedListSlug(slug) {
		slug = fallback
	}
	return slug, nil
}
