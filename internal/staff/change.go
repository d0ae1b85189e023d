package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
)

// locked is a person whose row this transaction holds.
type locked struct {
	Person
	hash string
	sole bool // the only admin who can sign in
}

// act runs one change of a person by an admin: lock, rule, steps, audit row.
func (s *Store) act(ctx context.Context, by Actor, id int64, name string, steps func(tx pgx.Tx, p locked) (detail map[string]any, err error)) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if !CanManage(by) {
			return fault.Forbidden
		}
		p, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		detail, err := steps(tx, p)
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: by.ID, Act: "staff." + name, Object: object(id), Detail: detail})
	})
	if err != nil {
		return fmt.Errorf("%s of person %d: %w", name, id, err)
	}
	return nil
}

// lock takes the person's row and those of all admins, always in the order of their ids: two admins who demote each other at once
// must not leave the site without one.
func lock(ctx context.Context, tx pgx.Tx, id int64) (locked, error) {
	rows, err := tx.Query(ctx, `
		SELECT id, email, name, roles, password_hash, disabled_at
		FROM staff
		WHERE id = $1 OR 'admin' = ANY (roles)
		ORDER BY id
		FOR UPDATE`, id)
	if err != nil {
		return locked{}, err
	}
	var found locked
	admins := 0
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var p locked
		if err := row.Scan(&p.ID, &p.Email, &p.Name, &p.Roles, &p.hash, &p.DisabledAt); err != nil {
			return struct{}{}, err
		}
		if p.ID == id {
			found = p
		}
		if p.admin() {
			admins++
		}
		return struct{}{}, nil
	})
	if err != nil {
		return locked{}, err
	}
	if found.ID == 0 {
		return locked{}, fault.NotFound
	}
	found.sole = found.admin() && admins == 1
	return found, nil
}

func (p locked) admin() bool { return p.Roles.Has(Admin) && p.DisabledAt == nil }

// Rename changes the name that the newsroom shows.
func (s *Store) Rename(ctx context.Context, by Actor, id int64, name string) error {
	return s.act(ctx, by, id, "rename", func(tx pgx.Tx, _ locked) (map[string]any, error) {
		var c fault.Check
		name = markup.Line(name)
		if checkName(&c, name); c.Err() != nil {
			return nil, c.Err()
		}
		_, err := tx.Exec(ctx, `UPDATE staff SET name = $2 WHERE id = $1`, id, name)
		return nil, err
	})
}

// SetRoles replaces a person's roles and ends their sessions. The last admin stays one.
func (s *Store) SetRoles(ctx context.Context, by Actor, id int64, roles Roles) error {
	return s.act(ctx, by, id, "roles", func(tx pgx.Tx, p locked) (map[string]any, error) {
		var c fault.Check
		checkRoles(&c, roles)
		c.That(!p.sole || roles.Has(Admin), "roles", "staff.last-admin")
		if err := c.Err(); err != nil {
			return nil, err
		}
		detail := map[string]any{"from": p.Roles.Strings(), "to": roles.Strings()}
		if slices.Equal(p.Roles, roles) {
			return detail, nil
		}
		if _, err := tx.Exec(ctx, `UPDATE staff SET roles = $2 WHERE id = $1`, id, roles.Strings()); err != nil {
			return nil, err
		}
		return detail, endAll(ctx, tx, id)
	})
}

// Disable keeps a person out from now on and ends their sessions. The last admin can't be disabled.
func (s *Store) Disable(ctx context.Context, by Actor, id int64) error {
	return s.act(ctx, by, id, "disable", func(tx pgx.Tx, p locked) (map[string]any, error) {
		if p.sole {
			return nil, fault.Field("", "staff.last-admin")
		}
		_, err := tx.Exec(ctx, `
			UPDATE staff
			SET disabled_at = coalesce($2::timestamptz, clock_timestamp())
			WHERE id = $1 AND disabled_at IS NULL`, id, postgres.At(s.Now))
		if err != nil {
			return nil, err
		}
		return nil, endAll(ctx, tx, id)
	})
}

// Enable lets a disabled person sign in again, with the password and roles they had.
func (s *Store) Enable(ctx context.Context, by Actor, id int64) error {
	return s.act(ctx, by, id, "enable", func(tx pgx.Tx, _ locked) (map[string]any, error) {
		_, err := tx.Exec(ctx, `UPDATE staff SET disabled_at = NULL WHERE id = $1`, id)
		return nil, err
	})
}

// SetPassword gives a person a password and ends their sessions. A second factor stays.
func (s *Store) SetPassword(ctx context.Context, by Actor, id int64, password string) error {
	if !CanManage(by) {
		return fmt.Errorf("password of person %d: %w", id, fault.Forbidden)
	}
	hash, err := hashPassword(ctx, password) // before the transaction: it takes its time
	if err != nil {
		return fmt.Errorf("password of person %d: %w", id, err)
	}
	return s.act(ctx, by, id, "password", func(tx pgx.Tx, p locked) (map[string]any, error) {
		return nil, setPassword(ctx, tx, p, password, hash)
	})
}

// setPassword checks a password against the locked person, stores its hash and ends all sessions.
func setPassword(ctx context.Context, tx pgx.Tx, p locked, password, hash string) error {
	var c fault.Check
	checkPassword(&c, "password", password, p.Person)
	if err := c.Err(); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE staff SET password_hash = $2 WHERE id = $1`, p.ID, hash); err != nil {
		return err
	}
	return endAll(ctx, tx, p.ID)
}

// ChangeOwnPassword replaces the actor's password, for who knows the current one, and ends all their sessions: the caller renews
// the token of the one at hand. A wrong current password is a fault of the field current; tries count as sign-ins do.
func (s *Store) ChangeOwnPassword(ctx context.Context, by Actor, current, password string) error {
	err := s.changeOwn(ctx, by, current, password)
	if err != nil {
		return fmt.Errorf("own password of person %d: %w", by.ID, err)
	}
	return nil
}

func (s *Store) changeOwn(ctx context.Context, by Actor, current, password string) error {
	key := "sign-in:own:" + object(by.ID)
	if err := s.allowAccount(ctx, key); err != nil {
		return err
	}
	var was string
	err := s.pool.QueryRow(ctx, `SELECT password_hash FROM staff WHERE id = $1 AND disabled_at IS NULL`, by.ID).Scan(&was)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.NotFound
	}
	if err != nil {
		return err
	}
	right, err := verifyPassword(ctx, was, current)
	if err != nil {
		return err
	}
	if !right {
		if err := s.refuse(ctx, account{id: by.ID}, "current password"); !errors.Is(err, ErrRefused) {
			return err
		}
		return fault.Field("current", "staff.password.wrong")
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	s.forget(ctx, key)
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		p, err := lock(ctx, tx, by.ID)
		if err != nil {
			return err
		}
		if p.hash != was { // changed meanwhile, so what was typed as the current one isn't
			return fault.Field("current", "staff.password.wrong")
		}
		if err := setPassword(ctx, tx, p, password, hash); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: by.ID, Act: "staff.password", Object: object(by.ID), Detail: map[string]any{"own": true}})
	})
}

// ResetFactor takes the second factor off somebody who lost it, and ends their sessions.
func (s *Store) ResetFactor(ctx context.Context, by Actor, id int64) error {
	return s.act(ctx, by, id, "reset-factor", func(tx pgx.Tx, _ locked) (map[string]any, error) {
		if _, err := tx.Exec(ctx, `UPDATE staff SET totp_secret = NULL, totp_step = NULL WHERE id = $1`, id); err != nil {
			return nil, err
		}
		return nil, endAll(ctx, tx, id)
	})
}
