package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
)

// Codes of Postgres that a program acts on.
const (
	uniqueViolation     = "23505"
	foreignKeyViolation = "23503"
	restrictViolation   = "23001"
	insufficientRights  = "42501"
	undefinedTable      = "42P01"
	undefinedObject     = "42704"
	duplicateObject     = "42710"
	duplicateDatabase   = "42P04"
	wrongObjectType     = "42809"
	invalidParameter    = "22023"
	lockNotAvailable    = "55P03"
	queryCanceled       = "57014"
)

// code is the SQLSTATE in err, empty where Postgres said nothing.
func code(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code
	}
	return ""
}

// violates tells whether err is that kind of violation of the named constraint.
func violates(err error, kind, constraint string) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == kind && pg.ConstraintName == constraint
}

// IsUnique tells whether err says that the unique constraint or index of that name would be violated: the thing is there already.
func IsUnique(err error, constraint string) bool { return violates(err, uniqueViolation, constraint) }

// IsForeignKey tells whether err says that the foreign key of that name would be violated: what is named isn't there, or is still named.
func IsForeignKey(err error, constraint string) bool {
	return violates(err, foreignKeyViolation, constraint)
}

// IsCanceled tells whether err says that a statement took longer than it may, or was ended from outside.
func IsCanceled(err error) bool { return code(err) == queryCanceled }

// IsDenied tells whether err says that the role has no right to do this.
func IsDenied(err error) bool { return code(err) == insufficientRights }

// IsRefused tells whether err comes from a trigger that keeps rows as they are, such as those of the public record.
func IsRefused(err error) bool { return code(err) == restrictViolation }

// IsUnavailable tells whether err is what waiting mends: the database is away, starting, stopping, full, failing over, or so busy that a
// deadline passed. The same request may be tried again; the answer for a visitor is 503 with Retry-After. Of an error that is both (a
// refused password from one of two hosts) IsHopeless has the last word.
func IsUnavailable(err error) bool {
	if err == nil || IsHopeless(err) || errors.Is(err, context.Canceled) {
		return false
	}
	if c := code(err); c != "" {
		return passes(c) || (c == "0A000" && strings.Contains(err.Error(), "cached plan"))
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok { // timeouts and broken connections; a deadline that passed is one too
		return true
	}
	return errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, puddle.ErrClosedPool) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// passes tells whether a SQLSTATE is about the state of the server and not about the statement.
func passes(c string) bool {
	switch c {
	case "57P01", "57P02", "57P03", // shut down, crashed, starting
		queryCanceled, lockNotAvailable, "25P03", // statement, lock or idle time used up
		"40001", "40P01", // lost against another transaction
		"25006": // a primary that has become a standby
		return true
	}
	return strings.HasPrefix(c, "08") || strings.HasPrefix(c, "53") // connection lost; out of connections, memory or disk
}

// IsHopeless tells whether err is what waiting won't mend: an unparsable URL, a wrong password, an unknown database or role, a
// certificate that doesn't hold, a schema this program isn't written for. Somebody must change something.
func IsHopeless(err error) bool {
	if _, ok := errors.AsType[*pgconn.ParseConfigError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*SchemaError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	switch code(err) {
	case "28000", "28P01", "3D000": // unknown role or refused by pg_hba.conf; wrong password; unknown database
		return true
	case insufficientRights, invalidParameter, undefinedObject: // may not connect, or may not take the role, or there is no such role
		return connecting(err)
	}
	return false
}

// prepareError is what a new connection failed with after it was made.
type prepareError struct{ error }

func (e *prepareError) Error() string { return "prepare connection: " + e.error.Error() }
func (e *prepareError) Unwrap() error { return e.error }

// connecting tells whether err arose while a connection was made, and not by a statement of ours.
func connecting(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	_, ok := errors.AsType[*prepareError](err)
	return ok
}
