package staff

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/limit"
	"stet/internal/postgres"
)

// ErrRefused answers every sign-in that isn't let in, whatever the reason: no such account, a disabled one, a wrong password or
// code. It is a *fault.Invalid about the form as a whole.
var ErrRefused = fault.Field("", "staff.sign-in.refused")

// The limits of sign-ins. They grow: who used up the first of an account waits minutes, who goes on waits hours; nobody is locked
// out for good. A good sign-in forgets the account's.
var (
	accountRules = []limit.Rule{{N: 10, Per: 15 * time.Minute}, {N: 30, Per: 3 * time.Hour}}
	addressRules = []limit.Rule{{N: 60, Per: 15 * time.Minute}, {N: 400, Per: 24 * time.Hour}}
)

// SignIn is one submission of the sign-in form. Address is limit.Address of who sent it.
type SignIn struct {
	Email, Password, Address string
}

// SignIn checks an e-mail and a password. needsCode: the person has a second factor and is signed in only after VerifyCode with
// the returned Actor's ID. Refusals are ErrRefused or *fault.TooMany; known, unknown and disabled accounts take the same time and
// get the same answer.
func (s *Store) SignIn(ctx context.Context, in SignIn) (who Actor, needsCode bool, err error) {
	email := strings.ToLower(strings.TrimSpace(in.Email))
	key := "sign-in:account:" + email
	if err := s.allow(ctx, key, in.Address); err != nil {
		return Actor{}, false, fmt.Errorf("sign in: %w", err)
	}
	p, err := s.find(ctx, email)
	if err != nil {
		return Actor{}, false, fmt.Errorf("sign in: %w", err)
	}
	right, err := verifyPassword(ctx, p.hash, in.Password)
	if err != nil {
		return Actor{}, false, fmt.Errorf("sign in: %w", err)
	}
	if !right || p.id == 0 || p.disabled {
		return Actor{}, false, s.refuse(ctx, p, "password")
	}
	s.forget(ctx, key)
	if p.secret != nil {
		return Actor{ID: p.id}, true, nil
	}
	who, err = s.enter(ctx, p.id, "password")
	return who, false, err
}

// VerifyCode checks the code of the second factor for the person whose password was right before. Each code counts once. Refusals
// are ErrRefused or *fault.TooMany.
func (s *Store) VerifyCode(ctx context.Context, id int64, code, address string) (Actor, error) {
	key := "sign-in:code:" + strconv.FormatInt(id, 10)
	if err := s.allow(ctx, key, address); err != nil {
		return Actor{}, fmt.Errorf("verify code: %w", err)
	}
	p := account{id: id}
	var now time.Time
	err := s.pool.QueryRow(ctx, `
		SELECT totp_secret, coalesce(totp_step, 0), disabled_at IS NOT NULL, coalesce($2::timestamptz, clock_timestamp())
		FROM staff
		WHERE id = $1`, id, postgres.At(s.Now)).Scan(&p.secret, &p.step, &p.disabled, &now)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Actor{}, fmt.Errorf("verify code: %w", err)
	}
	step, right := matchCode(p.secret, strings.ReplaceAll(code, " ", ""), now)
	if !right || p.disabled || step <= p.step {
		return Actor{}, s.refuse(ctx, p, "code")
	}
	// The condition makes the code count once, also when two instances are given it at once.
	tag, err := s.pool.Exec(ctx, `UPDATE staff SET totp_step = $2 WHERE id = $1 AND coalesce(totp_step, 0) < $2`, id, step)
	if err != nil {
		return Actor{}, fmt.Errorf("verify code: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return Actor{}, s.refuse(ctx, p, "code")
	}
	s.forget(ctx, key)
	return s.enter(ctx, id, "code")
}

// account is what signing in must know of a person. An unknown one has id 0 and a hash that no password has.
type account struct {
	id       int64
	hash     string
	disabled bool
	secret   []byte
	step     int64
}

func (s *Store) find(ctx context.Context, email string) (account, error) {
	a := account{hash: dummy()}
	if strings.ContainsRune(email, 0) || len(email) > 254 {
		return a, nil
	}
	err := s.pool.QueryRow(ctx, `
		SELECT id, password_hash, disabled_at IS NOT NULL, totp_secret
		FROM staff
		WHERE lower(email) = $1`, email).Scan(&a.id, &a.hash, &a.disabled, &a.secret)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, nil
	}
	return a, err
}

func (s *Store) allow(ctx context.Context, key, address string) error {
	for _, r := range addressRules {
		if err := limit.Allow(ctx, s.pool, "sign-in:address:"+address, r, postgres.At(s.Now)); err != nil {
			return err
		}
	}
	return s.allowAccount(ctx, key)
}

func (s *Store) allowAccount(ctx context.Context, key string) error {
	for _, r := range accountRules {
		if err := limit.Allow(ctx, s.pool, key, r, postgres.At(s.Now)); err != nil {
			return err
		}
	}
	return nil
}

// forget drops the account's counts. That it fails must not keep out somebody whose password was right: the counts lapse by themselves.
func (s *Store) forget(ctx context.Context, key string) {
	for _, r := range accountRules {
		if err := limit.Forget(ctx, s.pool, key, r); err != nil {
			return
		}
	}
}

// refuse logs the refusal, for unknown accounts too, and returns ErrRefused.
func (s *Store) refuse(ctx context.Context, a account, what string) error {
	e := audit.Entry{Act: "staff.refuse", Detail: map[string]any{"wrong": what}}
	if a.id != 0 {
		e.Object = object(a.id)
	}
	if a.disabled {
		e.Detail["disabled"] = true
	}
	if err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return audit.Write(ctx, tx, e) }); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return ErrRefused
}

// enter logs the sign-in and gives the person as an actor.
func (s *Store) enter(ctx context.Context, id int64, by string) (who Actor, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if who, err = actor(ctx, tx, id); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: id, Act: "staff.sign-in", Object: object(id), Detail: map[string]any{"by": by}})
	})
	if errors.Is(err, fault.NotFound) { // disabled meanwhile
		return Actor{}, ErrRefused
	}
	if err != nil {
		return Actor{}, fmt.Errorf("sign in: %w", err)
	}
	return who, nil
}
