package staff_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/pgtest"
	"stet/internal/staff"
)

func actorOf(t *testing.T, store *staff.Store, p staff.Person) staff.Actor {
	t.Helper()
	a, err := store.Actor(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAdd(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store, _, admin := newsroom(t, db)
	ctx := t.Context()
	by := actorOf(t, store, admin)
	good := staff.NewPerson{Email: "Ada@example.org", Name: " Ada  Byron ", Password: password, Roles: staff.Roles{staff.Author}}
	p, err := store.Add(ctx, by, good)
	if err != nil || p.Name != "Ada Byron" || p.Email != "Ada@example.org" || !slices.Equal(p.Roles, good.Roles) || p.DisabledAt != nil || p.Factor {
		t.Errorf("Add = %+v, %v", p, err)
	}
	for _, test := range []struct {
		field string
		spoil func(*staff.NewPerson)
	}{
		{"email", func(p *staff.NewPerson) { p.Email = "aDa@example.org" }},
		{"email", func(p *staff.NewPerson) { p.Email = "Ada <b@example.org>" }},
		{"email", func(p *staff.NewPerson) { p.Email = "ada" }},
		{"email", func(p *staff.NewPerson) { p.Email = strings.Repeat("a", 250) + "@example.org" }},
		{"name", func(p *staff.NewPerson) { p.Name = " " }},
		{"name", func(p *staff.NewPerson) { p.Name = "a\u202eb" }},
		{"name", func(p *staff.NewPerson) { p.Name = strings.Repeat("x", 81) }},
		{"roles", func(p *staff.NewPerson) { p.Roles = nil }},
		{"roles", func(p *staff.NewPerson) { p.Roles = staff.Roles{"owner"} }},
		{"password", func(p *staff.NewPerson) { p.Password = "password1" }},
	} {
		bad := good
		test.spoil(&bad)
		_, err := store.Add(ctx, by, bad)
		var invalid *fault.Invalid
		if !errors.As(err, &invalid) || invalid.Fields[test.field] == "" {
			t.Errorf("%s: %v, want a fault of it", test.field, err)
		}
	}
	list, err := store.List(ctx, by)
	if err != nil || len(list) != 2 || list[0].Name != "Ada Byron" || list[1].Name != "Admin" {
		t.Errorf("List = %+v, %v", list, err)
	}
	found, err := store.ByEmail(ctx, by, "ADA@EXAMPLE.org")
	if err != nil || found.ID != p.ID {
		t.Errorf("ByEmail = %+v, %v", found, err)
	}
}

// Nobody below admin sees or changes people, except themselves.
func TestOnlyAdmins(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store, _, admin := newsroom(t, db)
	ctx := t.Context()
	by := actorOf(t, store, add(t, store, "Ed", staff.Editor, staff.Moderator))
	for name, do := range map[string]func() error{
		"add":      func() error { _, err := store.Add(ctx, by, staff.NewPerson{}); return err },
		"list":     func() error { _, err := store.List(ctx, by); return err },
		"email":    func() error { _, err := store.ByEmail(ctx, by, "x@example.org"); return err },
		"rename":   func() error { return store.Rename(ctx, by, admin.ID, "X") },
		"roles":    func() error { return store.SetRoles(ctx, by, by.ID, staff.Roles{staff.Admin}) },
		"disable":  func() error { return store.Disable(ctx, by, admin.ID) },
		"enable":   func() error { return store.Enable(ctx, by, admin.ID) },
		"password": func() error { return store.SetPassword(ctx, by, admin.ID, password) },
		"factor":   func() error { return store.ResetFactor(ctx, by, admin.ID) },
	} {
		if err := do(); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s by an editor: %v, want forbidden", name, err)
		}
	}
	if _, err := store.ByID(ctx, by, admin.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("an editor looks at somebody: %v, want not found", err)
	}
	if p, err := store.ByID(ctx, by, by.ID); err != nil || p.Name != "Ed" {
		t.Errorf("an editor looks at themselves: %+v, %v", p, err)
	}
	if err := store.Disable(ctx, staff.System(), 12345); !errors.Is(err, fault.NotFound) {
		t.Errorf("disable nobody: %v", err)
	}
}

func TestLastAdminStays(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store, _, admin := newsroom(t, db)
	ctx := t.Context()
	by := actorOf(t, store, admin)
	var invalid *fault.Invalid
	if err := store.Disable(ctx, by, admin.ID); !errors.As(err, &invalid) {
		t.Errorf("the last admin was disabled: %v", err)
	}
	if err := store.SetRoles(ctx, by, admin.ID, staff.Roles{staff.Editor}); !errors.As(err, &invalid) {
		t.Errorf("the last admin was demoted: %v", err)
	}
	second := add(t, store, "Second", staff.Admin)
	// Each takes the other's role at once: one must lose.
	var errs [2]error
	var both sync.WaitGroup
	for i, id := range []int64{admin.ID, second.ID} {
		both.Go(func() { errs[i] = store.SetRoles(ctx, staff.System(), id, staff.Roles{staff.Editor}) })
	}
	both.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("both at once: %v, %v, want exactly one refused", errs[0], errs[1])
	}
}

func TestPasswordsAndRenames(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store, _, _ := newsroom(t, db)
	ctx := t.Context()
	ada := add(t, store, "Ada", staff.Author)
	by := actorOf(t, store, ada)
	const next = "a quite different sentence"
	var invalid *fault.Invalid
	if err := store.ChangeOwnPassword(ctx, by, "wrong one", next); !errors.As(err, &invalid) || invalid.Fields["current"] == "" {
		t.Errorf("change with a wrong current password: %v", err)
	}
	if rows, err := audit.New(db.App).List(ctx, audit.Filter{Act: "staff.refuse"}); err != nil || len(rows) != 1 {
		t.Errorf("%d refusals of a current password logged, %v, want 1", len(rows), err)
	}
	if err := store.ChangeOwnPassword(ctx, by, password, "short"); !errors.As(err, &invalid) || invalid.Fields["password"] == "" {
		t.Errorf("change to a short password: %v", err)
	}
	if err := store.ChangeOwnPassword(ctx, by, password, next); err != nil {
		t.Fatal(err)
	}
	if err := signIn(ctx, store, ada.Email, password, "192.0.2.1"); err != staff.ErrRefused {
		t.Errorf("the old password: %v", err)
	}
	if err := signIn(ctx, store, ada.Email, next, "192.0.2.1"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if err := store.SetPassword(ctx, staff.System(), ada.ID, "changeme123"); !errors.As(err, &invalid) {
		t.Errorf("a common password was set: %v", err)
	}
	if err := store.SetPassword(ctx, staff.System(), ada.ID, password); err != nil {
		t.Fatal(err)
	}
	if err := store.Rename(ctx, staff.System(), ada.ID, "Ada  Lovelace"); err != nil {
		t.Fatal(err)
	}
	if err := store.Disable(ctx, staff.System(), ada.ID); err != nil {
		t.Fatal(err)
	}
	if err := store.Enable(ctx, staff.System(), ada.ID); err != nil {
		t.Fatal(err)
	}
	if a := actorOf(t, store, ada); a.Name != "Ada Lovelace" {
		t.Errorf("renamed = %+v", a)
	}
	if err := signIn(ctx, store, ada.Email, password, "192.0.2.1"); err != nil {
		t.Errorf("after enabling: %v", err)
	}
}
