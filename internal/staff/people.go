package staff

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
)

// Store keeps people. Every change of one is a transaction with its audit row.
type Store struct {
	pool *pgxpool.Pool

	// Now replaces the database's clock in tests.
	Now func() time.Time
}

// New makes a Store over the newsroom's pool.
func New(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// Person is one who signs in, as an admin sees them.
type Person struct {
	ID         int64
	Email      string
	Name       string
	Roles      Roles
	Factor     bool // a second factor is set
	AuthorID   int64
	CreatedAt  time.Time
	DisabledAt *time.Time
	SeenAt     *time.Time // last request in a session that still stands
}

// NewPerson is who is to be added.
type NewPerson struct {
	Email, Name, Password string
	Roles                 Roles
}

// Actor loads the person as they are now, for one request. A disabled person isn't found.
func (s *Store) Actor(ctx context.Context, id int64) (Actor, error) {
	a, err := actor(ctx, s.pool, id)
	if err != nil {
		return Actor{}, fmt.Errorf("actor %d: %w", id, err)
	}
	return a, nil
}

func actor(ctx context.Context, q postgres.Querier, id int64) (Actor, error) {
	var a Actor
	err := q.QueryRow(ctx, `
		SELECT p.id, p.name, p.roles, coalesce(u.id, 0)
		FROM staff p
		LEFT JOIN authors u ON u.staff_id = p.id
		WHERE p.id = $1 AND p.disabled_at IS NULL`, id).Scan(&a.ID, &a.Name, &a.Roles, &a.AuthorID)
	if errors.Is(err, pgx.ErrNoRows) {
		return Actor{}, fault.NotFound
	}
	return a, err
}

const selectPeople = `
	SELECT p.id, p.email, p.name, p.roles, p.totp_secret IS NOT NULL AS factor, coalesce(u.id, 0) AS author_id, p.created_at, p.disabled_at,
		(SELECT max(c.seen_at) FROM sessions c WHERE c.staff_id = p.id) AS seen_at
	FROM staff p
	LEFT JOIN authors u ON u.staff_id = p.id`

// List returns everybody by name, the disabled last. Only for admins.
func (s *Store) List(ctx context.Context, by Actor) ([]Person, error) {
	if !CanManage(by) {
		return nil, fmt.Errorf("list staff: %w", fault.Forbidden)
	}
	rows, err := s.pool.Query(ctx, selectPeople+` ORDER BY p.disabled_at IS NOT NULL, lower(p.name), p.id`)
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Person])
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	return list, nil
}

// ByID returns one person. Only for admins, and for anyone about themselves.
func (s *Store) ByID(ctx context.Context, by Actor, id int64) (Person, error) {
	if !CanManage(by) && by.ID != id {
		return Person{}, fmt.Errorf("person %d: %w", id, fault.NotFound)
	}
	return s.one(ctx, `WHERE p.id = $1`, id)
}

// ByEmail returns the person with that e-mail, in whatever case it is written. Only for admins.
func (s *Store) ByEmail(ctx context.Context, by Actor, email string) (Person, error) {
	if !CanManage(by) {
		return Person{}, fmt.Errorf("person by e-mail: %w", fault.Forbidden)
	}
	return s.one(ctx, `WHERE lower(p.email) = lower($1)`, strings.TrimSpace(email))
}

func (s *Store) one(ctx context.Context, where string, arg any) (Person, error) {
	rows, err := s.pool.Query(ctx, selectPeople+" "+where, arg)
	if err != nil {
		return Person{}, fmt.Errorf("person: %w", err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Person])
	if errors.Is(err, pgx.ErrNoRows) {
		return Person{}, fmt.Errorf("person: %w", fault.NotFound)
	}
	if err != nil {
		return Person{}, fmt.Errorf("person: %w", err)
	}
	return p, nil
}

// Add makes an account. Only for admins. An e-mail that is taken is a fault of the field email.
func (s *Store) Add(ctx context.Context, by Actor, in NewPerson) (Person, error) {
	if !CanManage(by) {
		return Person{}, fmt.Errorf("add person: %w", fault.Forbidden)
	}
	in.Email, in.Name = strings.TrimSpace(in.Email), markup.Line(in.Name)
	if err := in.check(); err != nil {
		return Person{}, fmt.Errorf("add person: %w", err)
	}
	hash, err := hashPassword(ctx, in.Password)
	if err != nil {
		return Person{}, fmt.Errorf("add person: %w", err)
	}
	var id int64
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			INSERT INTO staff (email, name, roles, password_hash, created_at)
			VALUES ($1, $2, $3, $4, coalesce($5::timestamptz, clock_timestamp()))
			RETURNING id`, in.Email, in.Name, in.Roles.Strings(), hash, postgres.At(s.Now)).Scan(&id)
		if postgres.IsUnique(err, "staff_email_key") {
			return fault.Field("email", "staff.email.taken")
		}
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: by.ID, Act: "staff.add", Object: object(id), Detail: map[string]any{"roles": in.Roles.Strings()}})
	})
	if err != nil {
		return Person{}, fmt.Errorf("add person: %w", err)
	}
	return s.one(ctx, `WHERE p.id = $1`, id)
}

func (in NewPerson) check() error {
	var c fault.Check
	a, err := mail.ParseAddress(in.Email)
	c.That(err == nil && a.Address == in.Email && len(in.Email) <= 254 && !markup.BadLine(in.Email), "email", "field.email")
	checkName(&c, in.Name)
	checkRoles(&c, in.Roles)
	checkPassword(&c, "password", in.Password, Person{Email: in.Email, Name: in.Name})
	return c.Err()
}

func checkName(c *fault.Check, name string) {
	c.That(name != "", "name", "field.required")
	c.That(!markup.BadLine(name), "name", "field.characters")
	c.That(utf8.RuneCountInString(name) <= 80, "name", "field.long")
}

func checkRoles(c *fault.Check, rs Roles) {
	c.That(len(rs) > 0, "roles", "staff.roles.none")
	for _, r := range rs {
		c.That(slices.Contains(AllRoles, r), "roles", "staff.roles.unknown")
	}
}

func object(id int64) string { return fmt.Sprintf("staff:%d", id) }
