package staff

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/postgres"
)

// Keys of a session's values. Sessions reads them to fill its columns; who signs somebody in puts them.
const (
	SessionStaff   = "staff"   // int64: who is signed in
	SessionAddress = "address" // string: limit.Address of who signed in
	SessionDevice  = "device"  // string: the browser as it calls itself
)

// How long a session lasts: unused, and at most.
const (
	IdleTimeout = 12 * time.Hour
	Lifetime    = 14 * 24 * time.Hour
)

// seenEvery is how exactly the last use of a session is known; more exactly would be a write for each page.
const seenEvery = time.Minute

// Sessions keeps sessions in Postgres for scs, under the hash of their token. A session that was ended stays for a while as an
// empty row, so that a request which began before can't bring it back when it saves its values.
type Sessions struct {
	pool *pgxpool.Pool

	// Now replaces the database's clock in tests.
	Now func() time.Time
}

var _ scs.CtxStore = (*Sessions)(nil)

// NewSessions makes Sessions over the newsroom's pool.
func NewSessions(pool *pgxpool.Pool) *Sessions { return &Sessions{pool: pool} }

// Manager gives the session manager of the newsroom, with every field of the cookie set. It is mounted on the newsroom only.
func (s *Sessions) Manager() *scs.SessionManager {
	m := scs.New()
	m.Store = s
	m.HashTokenInStore = true
	m.Lifetime = Lifetime // the idle time is counted by FindCtx, with the database's clock
	m.Cookie = scs.SessionCookie{Name: "__Host-newsroom", Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode, Persist: true}
	return m
}

type unseen struct{}

// Unseen marks the requests that a page makes by itself, whether anybody looks at it or not: they are no use of the session, which ends as if
// they hadn't been made.
func Unseen(ctx context.Context) context.Context { return context.WithValue(ctx, unseen{}, true) }

// FindCtx returns the values of a session that stands, and notes that it was used unless the request is Unseen.
func (s *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.pool.QueryRow(ctx, `
		WITH found AS (
			SELECT token_hash, data, seen_at, coalesce($2::timestamptz, clock_timestamp()) AS now
			FROM sessions
			WHERE token_hash = $1 AND expires_at > coalesce($2::timestamptz, clock_timestamp())
				AND seen_at > coalesce($2::timestamptz, clock_timestamp()) - $3::interval
		), seen AS (
			UPDATE sessions s
			SET seen_at = f.now
			FROM found f
			WHERE s.token_hash = f.token_hash AND f.seen_at < f.now - $4::interval AND NOT $5
		)
		SELECT data FROM found`, token, postgres.At(s.Now), IdleTimeout, seenEvery, ctx.Value(unseen{}) != nil).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find session: %w", err)
	}
	return data, true, nil
}

// CommitCtx stores the values of a session, unless it was ended meanwhile.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, values, err := scs.GobCodec{}.Decode(data)
	if err != nil {
		return fmt.Errorf("commit session: %w", err)
	}
	staffID, _ := values[SessionStaff].(int64)
	address, _ := values[SessionAddress].(string)
	device, _ := values[SessionDevice].(string)
	_, err = s.pool.Exec(ctx, `
		INSERT INTO sessions (token_hash, data, expires_at, staff_id, address, device, created_at, seen_at)
		SELECT $1, $2, $3, nullif($4, 0), left($5, 100), left($6, 300), t, t
		FROM (SELECT coalesce($7::timestamptz, clock_timestamp()) AS t) AS now
		ON CONFLICT (token_hash) DO UPDATE
		SET data = excluded.data, expires_at = excluded.expires_at, staff_id = excluded.staff_id, address = excluded.address, device = excluded.device,
			seen_at = excluded.seen_at
		WHERE sessions.expires_at > excluded.seen_at`, token, data, expiry, staffID, address, device, postgres.At(s.Now))
	if err != nil {
		return fmt.Errorf("commit session: %w", err)
	}
	return nil
}

// end empties the sessions that the condition names. $1 is its argument, $2 the clock.
const end = `
	UPDATE sessions
	SET expires_at = 'epoch', data = '', address = '', device = '', staff_id = NULL, seen_at = coalesce($2::timestamptz, clock_timestamp())
	WHERE `

// DeleteCtx ends one session: signing out.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	if _, err := s.pool.Exec(ctx, end+`token_hash = $1`, token, postgres.At(s.Now)); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// Find is FindCtx without a context. scs asks for it, Commit and Delete of every store and calls them only on one without the methods above.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// Session is one place where somebody is signed in.
type Session struct {
	ID        string // names it among a person's sessions and is of no use for anything else
	Address   string
	Device    string
	CreatedAt time.Time
	SeenAt    time.Time
}

// sessionID is what of a token's hash is shown: enough to tell a person's sessions apart.
const sessionID = `left(encode(sha256(convert_to(token_hash, 'UTF8')), 'hex'), 16)`

// ListSessions returns the sessions of a person that stand, the latest used first. For the person and for admins.
func (s *Sessions) ListSessions(ctx context.Context, by Actor, staffID int64) ([]Session, error) {
	if by.ID != staffID && !CanManage(by) {
		return nil, fmt.Errorf("list sessions: %w", fault.Forbidden)
	}
	rows, err := s.pool.Query(ctx, `
		SELECT `+sessionID+` AS id, address, device, created_at, seen_at
		FROM sessions
		WHERE staff_id = $1 AND expires_at > coalesce($2::timestamptz, clock_timestamp())
			AND seen_at > coalesce($2::timestamptz, clock_timestamp()) - $3::interval
		ORDER BY seen_at DESC, id`, staffID, postgres.At(s.Now), IdleTimeout)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Session])
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return list, nil
}

// SessionID is the ID under which ListSessions lists the session of a token, to mark the one at hand.
func SessionID(token string) string {
	stored := sha256.Sum256([]byte(token)) // as scs makes it under HashTokenInStore
	shown := sha256.Sum256([]byte(base64.RawURLEncoding.EncodeToString(stored[:])))
	return hex.EncodeToString(shown[:])[:16]
}

// EndSession ends one session of a person by its ID. For the person and for admins; one that doesn't stand isn't found.
func (s *Sessions) EndSession(ctx context.Context, by Actor, staffID int64, id string) error {
	return s.act(ctx, by, staffID, "end-session", func(tx pgx.Tx) error {
		if _, err := hex.DecodeString(id); err != nil {
			return fault.NotFound // also what Postgres takes for no text at all
		}
		tag, err := tx.Exec(ctx, end+`staff_id = $1 AND `+sessionID+` = $3`, staffID, postgres.At(s.Now), id)
		if err == nil && tag.RowsAffected() == 0 {
			return fault.NotFound
		}
		return err
	})
}

// EndAll ends all sessions of a person. For the person and for admins.
func (s *Sessions) EndAll(ctx context.Context, by Actor, staffID int64) error {
	return s.act(ctx, by, staffID, "end-sessions", func(tx pgx.Tx) error { return endAll(ctx, tx, staffID) })
}

func (s *Sessions) act(ctx context.Context, by Actor, staffID int64, name string, step func(tx pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if by.ID != staffID && !CanManage(by) {
			return fault.Forbidden
		}
		if err := step(tx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: by.ID, Act: "staff." + name, Object: object(staffID)})
	})
	if err != nil {
		return fmt.Errorf("%s of person %d: %w", name, staffID, err)
	}
	return nil
}

func endAll(ctx context.Context, tx pgx.Tx, staffID int64) error {
	_, err := tx.Exec(ctx, end+`staff_id = $1`, staffID, nil)
	return err
}

// Prune removes sessions that ended or lapsed over an hour ago.
func (s *Sessions) Prune(ctx context.Context) (int64, error) {
	tag, err := s.pool.Exec(ctx, `
		DELETE FROM sessions
		WHERE (expires_at < coalesce($1::timestamptz, clock_timestamp()) AND seen_at < coalesce($1::timestamptz, clock_timestamp()) - interval '1 hour')
			OR seen_at < coalesce($1::timestamptz, clock_timestamp()) - $2::interval - interval '1 hour'`, postgres.At(s.Now), IdleTimeout)
	if err != nil {
		return 0, fmt.Errorf("prune sessions: %w", err)
	}
	return tag.RowsAffected(), nil
}
