package article

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/staff"
)

type querier = postgres.Querier

// Site is what the room must know of the site's settings: its zone, in which addresses and schedules are dated, and whether new slugs
// are written in ASCII.
type Site interface {
	Zone() *time.Location
	ASCIISlugs() bool
}

// Store is the newsroom's side: drafts, revisions and every act on the public record.
type Store struct {
	pool *pgxpool.Pool
	site Site

	// Now replaces the database's clock in tests and where the demo tells its story; nil otherwise.
	Now func() time.Time

	// Home is the origin of the site: a link that begins with it is one within the site. Nil where only paths are.
	Home *url.URL
}

// New makes a Store over the newsroom's pool.
func New(pool *pgxpool.Pool, site Site) *Store { return &Store{pool: pool, site: site} }

// locked is an article whose row this transaction holds, as the actor finds it. At is the database's time at the lock: the one now of the act.
type locked struct {
	ID                int64
	UID               string
	Kind              Kind
	ParentID          *int64
	Stage             string
	Head              int
	PublicState       *string
	RecordHead        int
	LiveVersion       *int
	LiveRevision      *int
	FirstPublicAt     *time.Time
	UpdatedPublicAt   *time.Time
	Path              *string
	Embargo           *time.Time
	Comments          string
	CommentsCloseDays *int
	Noindex           bool
	Live              bool
	TrashedAt         *time.Time
	Guid              *string
	Own               bool
	Scheduled         bool
	Ends              bool
	Failed            bool
	At                time.Time
	actor             staff.Actor
	tx                pgx.Tx // the one that holds the row
}

// state gives what the rules look at.
func (a *locked) state() State {
	s := State{Kind: a.Kind, Stage: a.Stage, Own: a.Own, Scheduled: a.Scheduled, Ends: a.Ends, Failed: a.Failed, Trashed: a.TrashedAt != nil, Embargo: a.Embargo}
	if a.PublicState != nil {
		s.Public = *a.PublicState
		s.Changed = a.LiveRevision != nil && *a.LiveRevision != a.Head
	}
	return s
}

func (a *locked) object() string { return fmt.Sprintf("article:%d", a.ID) }

// lock finds an article and takes its row for the rest of the transaction. The clock is read once the row is held: an act that waited for
// another comes after it.
func (s *Store) lock(ctx context.Context, tx pgx.Tx, actor staff.Actor, id int64) (*locked, error) {
	if _, err := tx.Exec(ctx, `SELECT FROM articles WHERE id = $1 FOR NO KEY UPDATE`, id); err != nil {
		return nil, err
	}
	a, err := s.find(ctx, tx, actor, id)
	if a != nil {
		a.tx = tx
	}
	return a, err
}

// verb is an act's name and the rule that allows it.
type verb struct {
	name string
	rule func(staff.Actor, State) bool
}

// act runs one act on one article: lock, rule, steps, then the audit row.
func (s *Store) act(ctx context.Context, actor staff.Actor, id int64, v verb, steps func(tx pgx.Tx, a *locked) (detail map[string]any, err error)) error {
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		a, err := s.lock(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if !v.rule(actor, a.state()) {
			return refusal(a.state())
		}
		detail, err := steps(tx, a)
		if errors.Is(err, errDone) {
			return nil
		}
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "article." + v.name, Object: a.object(), Detail: detail})
	})
	if err != nil {
		return fmt.Errorf("%s article %d: %w", v.name, id, err)
	}
	return nil
}

// errDone ends an act that needs no audit row of its own: an earlier, equal submission did it, or it wrote its own.
var errDone = errors.New("done already")

// refusal is Forbidden; the state that refuses is for the log.
func refusal(s State) error { return fmt.Errorf("%w while %s", fault.Forbidden, s.Status()) }

// maxKey bounds a form's key, in bytes. Those that the newsroom makes are far shorter.
const maxKey = 200

// submitted looks whether the same form was taken before: key is made by the form, empty where a client sends none.
func submitted(ctx context.Context, tx pgx.Tx, a *locked, act, key string) (result int, before bool, err error) {
	if key == "" {
		return 0, false, nil
	}
	if len(key) > maxKey || markup.BadLine(key) {
		return 0, false, fault.Field("key", "field.long")
	}
	err = tx.QueryRow(ctx, `
		SELECT result
		FROM submissions
		WHERE article_id = $1 AND act = $2 AND key = $3`, a.ID, act, key).Scan(&result)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	return result, err == nil, err
}

// remember notes the result of a form, so that the same one again answers the same.
func remember(ctx context.Context, a *locked, act, key string, result int) error {
	if key == "" {
		return nil
	}
	_, err := a.tx.Exec(ctx, `
		INSERT INTO submissions (article_id, act, key, result, at)
		VALUES ($1, $2, $3, $4, $5)`, a.ID, act, key, result, a.At)
	return err
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }
