package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Passwords of the roles that sign in. An empty one leaves the role without: it signs in where the server asks for none.
type Passwords struct{ Owner, App string }

// Provision creates what is missing of the three roles and the database, owned by Owner, and gives the roles the passwords that are set.
// superURL signs in as a superuser to any database of the server. It may run again at any time, and on several machines at once.
func Provision(ctx context.Context, superURL, db string, p Passwords) error {
	conn, err := pgx.Connect(ctx, superURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	// Rights granted by two at once end one of them with "tuple concurrently updated". The lock goes with the connection.
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, provisionLock); err != nil {
		return fmt.Errorf("wait for another provisioning: %w", err)
	}
	if err := provisionRoles(ctx, conn, p); err != nil {
		return fmt.Errorf("provision roles: %w", err)
	}
	if err := provisionDatabase(ctx, conn, db); err != nil {
		return fmt.Errorf("provision database %s: %w", db, err)
	}
	return nil
}

// provisionLock is the advisory lock that lets one provision at a time.
const provisionLock = 0x57e7_201

func provisionRoles(ctx context.Context, conn *pgx.Conn, p Passwords) error {
	for _, r := range []struct{ name, attributes, password string }{
		{Owner, "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE", p.Owner},
		{Reader, "NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE", ""},
		{App, "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT", p.App},
	} {
		// There is no CREATE ROLE IF NOT EXISTS; that somebody else was quicker is as good.
		_, err := conn.Exec(ctx, "CREATE ROLE "+r.name+" "+r.attributes)
		if err != nil && code(err) != duplicateObject && !IsUnique(err, "pg_authid_rolname_index") {
			return err
		}
		if r.password == "" {
			continue
		}
		if _, err := conn.Exec(ctx, "ALTER ROLE "+r.name+" PASSWORD "+literal(r.password)); err != nil {
			return err
		}
	}
	var member bool
	if err := conn.QueryRow(ctx, `SELECT pg_has_role($1, $2, 'MEMBER')`, App, Reader).Scan(&member); err != nil || member {
		return err
	}
	// NOINHERIT above, so that App sees as Reader only after it has said SET ROLE.
	_, err := conn.Exec(ctx, "GRANT "+Reader+" TO "+App)
	if IsUnique(err, "pg_auth_members_role_member_index") {
		return nil
	}
	return err
}

func provisionDatabase(ctx context.Context, conn *pgx.Conn, db string) error {
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, db).Scan(&there); err != nil {
		return err
	}
	if !there {
		create := "CREATE DATABASE " + pgx.Identifier{db}.Sanitize() + " OWNER " + Owner + " TEMPLATE template0 ENCODING 'UTF8'"
		_, err := conn.Exec(ctx, create+" LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'")
		if code(err) == wrongObjectType { // a system that has no such locale
			_, err = conn.Exec(ctx, create)
		}
		if err != nil && code(err) != duplicateDatabase && !IsUnique(err, "pg_database_datname_index") {
			return err
		}
	}
	cfg := conn.Config().Copy()
	cfg.Database = db
	inside, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	_, err = inside.Exec(ctx, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
	return errors.Join(err, inside.Close(ctx))
}

// literal quotes a text for statements that take no parameters.
func literal(s string) string {
	return "E'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// Standing is what the role that signed in may do, for a warning where it is more than it should.
type Standing struct {
	// Reader: it can become Reader. Without, readers' pages run with the role that signed in and a fault in a page could show a draft.
	Reader bool
	// Owner: it owns the schema or is a superuser, and so could change the public record.
	Owner bool
}

// Stand asks for the standing of the role behind q.
func Stand(ctx context.Context, q Querier) (Standing, error) {
	var s Standing
	err := q.QueryRow(ctx, `
		SELECT
			EXISTS (SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(session_user, oid, 'MEMBER')),
			(SELECT rolsuper FROM pg_roles WHERE rolname = session_user)
				OR EXISTS (
					SELECT FROM pg_class c
					WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND pg_has_role(session_user, c.relowner, 'MEMBER'))`,
		Reader).Scan(&s.Reader, &s.Owner)
	if err != nil {
		return Standing{}, fmt.Errorf("standing of the database role: %w", err)
	}
	return s, nil
}
