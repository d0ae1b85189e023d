// Package author is the public profiles of who wrote it: name, biography, portrait. An author need not be able to sign in, and who
// signs in need not be an author.
//
// It must never show an account's e-mail or roles, and never change a byline: that stands in each version as it was printed.
package author

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// Link is one of the author's pages elsewhere, or a mailto: address they want to be known.
type Link struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Author is a profile. StaffID is known only on the newsroom's side.
type Author struct {
	ID        int64
	Slug      string
	Name      string
	Role      string // correspondent, editor-at-large …
	Biography string // sanitised HTML
	Links     []Link
	Portrait  int64 // media id; 0: none
	StaffID   int64 // who signs in as this author; 0: nobody
}

// Path is the author's canonical address.
func (a Author) Path() string { return "/author/" + a.Slug + "/" }

// CanCreate reports whether the actor may make and delete profiles.
func CanCreate(actor staff.Actor) bool { return actor.Can(staff.Editor) }

// CanEdit reports whether the actor may change the profile: editors any, authors their own, but for its name, slug and account.
func CanEdit(actor staff.Actor, a Author) bool {
	return CanCreate(actor) || a.StaffID != 0 && a.StaffID == actor.ID && actor.Can(staff.Contributor)
}

// CanLink allows choosing whose account a profile belongs to: it decides whose articles are their own.
func CanLink(actor staff.Actor) bool { return actor.Can(staff.Admin) }

// Store is the newsroom's side.
type Store struct{ pool *pgxpool.Pool }

// New makes a Store over the newsroom's pool.
func New(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

const columns = `id, slug, name, role, biography, links, coalesce(portrait, 0) AS portrait, coalesce(staff_id, 0) AS staff_id`

// Line is a profile in the newsroom's list.
type Line struct {
	Author
	Person   string // name of the account that signs in as this author
	Articles int    // public or once public under this byline
}

// List returns all profiles by name.
func (s *Store) List(ctx context.Context) ([]Line, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT u.id, u.slug, u.name, u.role, u.biography, u.links, coalesce(u.portrait, 0) AS portrait, coalesce(u.staff_id, 0) AS staff_id,
			coalesce(p.name, '') AS person, (SELECT count(*) FROM article_authors l WHERE l.author_id = u.id) AS articles
		FROM authors u
		LEFT JOIN staff p ON p.id = u.staff_id
		ORDER BY lower(u.name), u.id`)
	if err != nil {
		return nil, fmt.Errorf("list authors: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Line])
	if err != nil {
		return nil, fmt.Errorf("list authors: %w", err)
	}
	return list, nil
}

// ByID finds a profile.
func (s *Store) ByID(ctx context.Context, id int64) (Author, error) {
	return one(ctx, s.pool, `SELECT `+columns+` FROM authors WHERE id = $1`, id)
}

// BySlugs finds profiles by slug; an unknown slug is missing from the map.
func BySlugs(ctx context.Context, q postgres.Querier, slugs []string) (map[string]Author, error) {
	list, err := many(ctx, q, `SELECT `+columns+` FROM authors WHERE slug = ANY ($1)`, slugs)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Author, len(list))
	for _, a := range list {
		out[a.Slug] = a
	}
	return out, nil
}

// ByIDs finds profiles, in the order of the ids; an unknown one is left out.
func ByIDs(ctx context.Context, q postgres.Querier, ids []int64) ([]Author, error) {
	list, err := many(ctx, q, `SELECT `+columns+` FROM authors WHERE id = ANY ($1)`, ids)
	return inOrder(list, ids), err
}

// Reader is the readers' side.
type Reader struct{ pool postgres.ReadPool }

// NewReader makes a Reader over what readers' pages are read from.
func NewReader(pool postgres.ReadPool) *Reader { return &Reader{pool: pool} }

const liveColumns = `id, slug, name, role, biography, links, coalesce(portrait, 0) AS portrait, 0::bigint AS staff_id`

// LiveByID finds a profile; fault.NotFound where there is none.
func (r *Reader) LiveByID(ctx context.Context, id int64) (Author, error) {
	return one(ctx, r.pool, `SELECT `+liveColumns+` FROM live_authors WHERE id = $1`, id)
}

// LiveBySlug is LiveByID by slug.
func (r *Reader) LiveBySlug(ctx context.Context, slug string) (Author, error) {
	if !utf8.ValidString(slug) || strings.ContainsRune(slug, 0) {
		return Author{}, fmt.Errorf("author: %w", fault.NotFound)
	}
	return one(ctx, r.pool, `SELECT `+liveColumns+` FROM live_authors WHERE slug = $1`, slug)
}

// LiveByIDs reads profiles, in the order of the ids; an unknown one is left out.
func (r *Reader) LiveByIDs(ids []int64, out *[]Author) postgres.Read {
	if len(ids) == 0 {
		return postgres.Read{}
	}
	// As an array of its own, lest it be planned anew for each number of ids.
	return postgres.Read{From: r.pool, What: "find authors", SQL: `SELECT ` + liveColumns + ` FROM live_authors WHERE id = ANY (ARRAY(SELECT unnest($1::bigint[])))`, Args: []any{ids},
		Take: func(rows pgx.Rows) error {
			list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Author])
			*out = inOrder(list, ids)
			return err
		}}
}

func one(ctx context.Context, q postgres.Querier, sql string, arg any) (Author, error) {
	list, err := many(ctx, q, sql, arg)
	if err != nil {
		return Author{}, err
	}
	if len(list) == 0 {
		return Author{}, fmt.Errorf("author %v: %w", arg, fault.NotFound)
	}
	return list[0], nil
}

func many(ctx context.Context, q postgres.Querier, sql string, arg any) ([]Author, error) {
	rows, err := q.Query(ctx, sql, arg)
	if err != nil {
		return nil, fmt.Errorf("find authors: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Author])
	if err != nil {
		return nil, fmt.Errorf("find authors: %w", err)
	}
	return list, nil
}

func inOrder(list []Author, ids []int64) []Author {
	slices.SortFunc(list, func(a, b Author) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return list
}

// errTaken says that a slug, or the address that follows from it, belongs to something else.
var errTaken = errors.New("slug taken")
