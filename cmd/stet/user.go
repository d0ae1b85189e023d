package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"stet/internal/app"
	"stet/internal/staff"
)

type userCmd struct {
	Add      userAdd      `cmd:"" help:"Add a person."`
	List     userList     `cmd:"" help:"List all people, one a line."`
	Role     userRole     `cmd:"" help:"Give a person other roles."`
	Disable  userDisable  `cmd:"" help:"End a person's sessions and let them sign in no more."`
	Password userPassword `cmd:"" help:"Give a person another password."`
	Factor   userFactor   `cmd:"" help:"Remove a lost second factor."`
}

// asSystem opens the program and runs act in its own name.
func asSystem(ctx context.Context, s streams, act func(a *app.App, by staff.Actor) error) error {
	a, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer a.Close()
	return act(a, staff.System())
}

// person finds by e-mail whom an act is about.
func person(ctx context.Context, s streams, email string, act func(a *app.App, by staff.Actor, who staff.Person) error) error {
	return asSystem(ctx, s, func(a *app.App, by staff.Actor) error {
		who, err := a.Staff.ByEmail(ctx, by, email)
		if err != nil {
			return fmt.Errorf("%s: %w", email, err)
		}
		return act(a, by, who)
	})
}

// password reads one line of standard input, or makes a password and prints it once.
func password(s streams, fromInput bool) (string, error) {
	if !fromInput {
		made := strings.ToLower(rand.Text()[:20])
		fmt.Fprintf(s.Out, "password: %s\n", made)
		return made, nil
	}
	line, err := bufio.NewReader(s.In).ReadString('\n')
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	if err != nil {
		return "", fmt.Errorf("no password on standard input: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

type userAdd struct {
	Email         string `required:"" help:"Their e-mail, with which they sign in."`
	Name          string `required:"" help:"Their name, as colleagues see it."`
	Role          string `required:"" help:"One or more of contributor, author, editor, admin, moderator, parted by commas."`
	PasswordStdin bool   `help:"Read the password from standard input; otherwise one is made and printed."`
}

func (c userAdd) Run(ctx context.Context, s streams) error {
	roles, err := staff.ParseRoles(strings.Split(c.Role, ","))
	if err != nil {
		return err
	}
	return asSystem(ctx, s, func(a *app.App, by staff.Actor) error {
		secret, err := password(s, c.PasswordStdin)
		if err != nil {
			return err
		}
		_, err = a.Staff.Add(ctx, by, staff.NewPerson{Email: c.Email, Name: c.Name, Roles: roles, Password: secret})
		return err
	})
}

type userList struct{}

func (userList) Run(ctx context.Context, s streams) error {
	return asSystem(ctx, s, func(a *app.App, by staff.Actor) error {
		people, err := a.Staff.List(ctx, by)
		for _, p := range people {
			state := strings.Join(p.Roles.Strings(), ",")
			if p.DisabledAt != nil {
				state += " (disabled)"
			}
			fmt.Fprintf(s.Out, "%s\t%s\t%s\n", p.Email, p.Name, state)
		}
		return err
	})
}

type userRole struct {
	Email string `arg:""`
	Role  string `arg:"" help:"One or more, parted by commas; they replace the ones before."`
}

func (c userRole) Run(ctx context.Context, s streams) error {
	roles, err := staff.ParseRoles(strings.Split(c.Role, ","))
	if err != nil {
		return err
	}
	return person(ctx, s, c.Email, func(a *app.App, by staff.Actor, who staff.Person) error {
		return a.Staff.SetRoles(ctx, by, who.ID, roles)
	})
}

type userDisable struct {
	Email string `arg:""`
}

func (c userDisable) Run(ctx context.Context, s streams) error {
	return person(ctx, s, c.Email, func(a *app.App, by staff.Actor, who staff.Person) error { return a.Staff.Disable(ctx, by, who.ID) })
}

type userPassword struct {
	Email         string `arg:""`
	PasswordStdin bool   `help:"Read the password from standard input; otherwise one is made and printed."`
}

func (c userPassword) Run(ctx context.Context, s streams) error {
	return person(ctx, s, c.Email, func(a *app.App, by staff.Actor, who staff.Person) error {
		secret, err := password(s, c.PasswordStdin)
		if err != nil {
			return err
		}
		return a.Staff.SetPassword(ctx, by, who.ID, secret)
	})
}

type userFactor struct {
	Email string `arg:""`
	Reset bool   `required:"" help:"Say that the factor is to be removed."`
}

func (c userFactor) Run(ctx context.Context, s streams) error {
	return person(ctx, s, c.Email, func(a *app.App, by staff.Actor, who staff.Person) error { return a.Staff.ResetFactor(ctx, by, who.ID) })
}
