package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
)

// Server is a Postgres that somebody else runs and whose superuser is known: a place for a demo.
type Server struct {
	super    url.URL
	password string
}

// ParseServer reads a superuser's URL. password is that of the roles that Provision makes there.
func ParseServer(super, password string) (*Server, error) {
	u, err := url.Parse(super)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.User == nil {
		return nil, fmt.Errorf("%w: want postgres://superuser:password@host/postgres", errServer)
	}
	return &Server{super: *u, password: password}, nil
}

var errServer = errors.New("not a superuser's URL")

// URL is the address of db for role; any role but the three of ours is the superuser.
func (s *Server) URL(role, db string) string {
	u := s.super
	u.Path = "/" + db
	if role == Owner || role == App {
		u.User = url.UserPassword(role, s.password)
	}
	return u.String()
}

// DropDatabase removes db with all that is in it, ending its connections; one that isn't there is no error. superURL must lead to another.
func DropDatabase(ctx context.Context, superURL, db string) error {
	conn, err := pgx.Connect(ctx, superURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{db}.Sanitize()+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop database %s: %w", db, err)
	}
	return nil
}
