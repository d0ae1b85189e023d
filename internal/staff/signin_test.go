package staff_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/pgtest"
	"stet/internal/staff"
)

const password = "let it stand, said the editor"

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// newsroom makes a store whose clock the test moves, and an admin.
func newsroom(t *testing.T, db *pgtest.DB) (store *staff.Store, now *time.Time, admin staff.Person) {
	t.Helper()
	at := start
	store = staff.New(db.App)
	store.Now = func() time.Time { return at }
	return store, &at, add(t, store, "Admin", staff.Admin)
}

func add(t *testing.T, store *staff.Store, name string, roles ...staff.Role) staff.Person {
	t.Helper()
	p, err := store.Add(t.Context(), staff.System(), staff.NewPerson{
		Email: strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@Example.org", Name: name, Password: password, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func signIn(ctx context.Context, store *staff.Store, email, password, address string) error {
	_, _, err := store.SignIn(ctx, staff.SignIn{Email: email, Password: password, Address: address})
	return err
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store, _, admin := newsroom(t, db)
	ctx := t.Context()
	ada := add(t, store, "Ada Byron", staff.Author, staff.Moderator)
	gone := add(t, store, "Gone Person", staff.Author)
	if err := store.Disable(ctx, staff.System(), gone.ID); err != nil {
		t.Fatal(err)
	}

	who, code, err := store.SignIn(ctx, staff.SignIn{Email: " ADA.byron@example.org ", Password: password, Address: "192.0.2.1"})
	if err != nil || code || who.ID != ada.ID || who.Name != "Ada Byron" || !who.Can(staff.Author) || who.Can(staff.Editor) || !who.Moderates() {
		t.Errorf("SignIn = %+v, %v, %v", who, code, err)
	}
	for email, pw := range map[string]string{
		ada.Email: "another password", "nobody@example.org": password, gone.Email: password, "": password, "a\x00b@example.org": password,
		strings.Repeat("a", 300): password,
	} {
		if err := signIn(ctx, store, email, pw, "192.0.2.1"); err != staff.ErrRefused {
			t.Errorf("SignIn(%.30q) = %v, want exactly ErrRefused", email, err)
		}
	}
	log := audit.New(db.App)
	in, err := log.List(ctx, audit.Filter{Act: "staff.sign-in"})
	if err != nil || len(in) != 1 || in[0].Actor != ada.ID {
		t.Errorf("sign-ins logged: %+v, %v", in, err)
	}
	refused, err := log.List(ctx, audit.Filter{Act: "staff.refuse"})
	if err != nil || len(refused) != 6 {
		t.Errorf("%d refusals logged, %v, want 6", len(refused), err)
	}
	for _, row := range refused {
		if strings.Contains(string(row.Detail), "@") || row.Actor != 0 {
			t.Errorf("refusal logged as %+v", row)
		}
	}
	if _, err := store.Actor(ctx, gone.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("Actor of a disabled person: %v", err)
	}
	if a, err := store.Actor(ctx, admin.ID); err != nil || !a.Can(staff.Admin) {
		t.Errorf("Actor = %+v, %v", a, err)
	}
}

// An account's limit grows, holds from every address, answers alike whether the account exists, and ends by itself or by a good sign-in.
func TestSignInLimits(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store, now, _ := newsroom(t, db)
	ctx := t.Context()
	ada := add(t, store, "Ada", staff.Author)
	for _, email := range []string{ada.Email, "nobody@example.org"} {
		*now = start
		for n := range 10 {
			if err := signIn(ctx, store, email, "wrong password", fmt.Sprintf("192.0.2.%d", n)); err != staff.ErrRefused {
				t.Fatalf("try %d for %s: %v", n, email, err)
			}
		}
		var many *fault.TooMany
		if err := signIn(ctx, store, email, password, "198.51.100.1"); !errors.As(err, &many) || many.After != 15*time.Minute {
			t.Errorf("eleventh try for %s: %v, want a wait of 15 minutes", email, err)
		}
		for range 2 {
			*now = now.Add(15 * time.Minute)
			for range 10 {
				if err := signIn(ctx, store, email, "wrong password", "203.0.113.9"); err != staff.ErrRefused {
					t.Fatalf("after the wait: %v", err)
				}
			}
		}
		*now = now.Add(15 * time.Minute)
		if err := signIn(ctx, store, email, password, "198.51.100.1"); !errors.As(err, &many) || many.After < time.Hour {
			t.Errorf("thirty-first try for %s: %v, want a wait of hours", email, err)
		}
	}
	*now = now.Add(3 * time.Hour)
	if err := signIn(ctx, store, ada.Email, password, "198.51.100.1"); err != nil {
		t.Errorf("sign-in after the limit: %v", err)
	}
	for n := range 9 {
		if err := signIn(ctx, store, ada.Email, "wrong password", "198.51.100.2"); err != staff.ErrRefused {
			t.Fatalf("try %d after a good sign-in: %v", n, err)
		}
	}
}

func TestAddressLimit(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store, _, _ := newsroom(t, db)
	var many *fault.TooMany
	n := 0
	for ; n < 100; n++ {
		if err := signIn(t.Context(), store, fmt.Sprintf("p%d@example.org", n), password, "2001:db8::/64"); errors.As(err, &many) {
			break
		}
	}
	if n != 60 {
		t.Errorf("one address tried %d accounts, want 60", n)
	}
}

func TestVerifyCode(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store, now, _ := newsroom(t, db)
	ctx := t.Context()
	ada := add(t, store, "Ada", staff.Editor)
	if _, err := db.App.Exec(ctx, `UPDATE staff SET totp_secret = '12345678901234567890' WHERE id = $1`, ada.ID); err != nil {
		t.Fatal(err)
	}
	who, code, err := store.SignIn(ctx, staff.SignIn{Email: ada.Email, Password: password, Address: "192.0.2.1"})
	if err != nil || !code || who.ID != ada.ID || who.Can(staff.Contributor) {
		t.Fatalf("SignIn = %+v, %v, %v, want a code asked for and no rights yet", who, code, err)
	}
	*now = time.Unix(1111111111, 0) // RFC 6238: 050471; the step before: 081804
	for _, test := range []struct {
		code string
		want error
	}{
		{"000000", staff.ErrRefused}, {"", staff.ErrRefused}, {"05 0471", nil}, {"050471", staff.ErrRefused},
		{"081804", staff.ErrRefused}, // right, but older than the one that counted
	} {
		got, err := store.VerifyCode(ctx, ada.ID, test.code, "192.0.2.1")
		if err != test.want || err == nil && !got.Can(staff.Editor) {
			t.Errorf("VerifyCode(%s) = %+v, %v, want %v", test.code, got, err, test.want)
		}
	}
	if _, err := store.VerifyCode(ctx, 999, "050471", "192.0.2.1"); err != staff.ErrRefused {
		t.Errorf("code of nobody: %v", err)
	}
	var many *fault.TooMany
	for range 11 {
		_, err = store.VerifyCode(ctx, ada.ID, "000000", "192.0.2.1")
	}
	if !errors.As(err, &many) {
		t.Errorf("guessing codes goes on: %v", err)
	}
	if err := store.ResetFactor(ctx, staff.System(), ada.ID); err != nil {
		t.Fatal(err)
	}
	if _, code, err := store.SignIn(ctx, staff.SignIn{Email: ada.Email, Password: password, Address: "192.0.2.1"}); err != nil || code {
		t.Errorf("SignIn after reset = %v, %v", code, err)
	}
}
