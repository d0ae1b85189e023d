package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"stet/migrations"
)

// Direction of a migration.
type Direction int

// The two directions: all steps that are missing, or one step back.
const (
	Up Direction = iota
	Down
)

// Step is one numbered change of the schema.
type Step struct {
	Version int64
	Name    string
	Applied time.Time // zero: not applied
}

// SchemaError says that the database's schema isn't the one this program is written for.
type SchemaError struct{ Have, Want int64 }

// Error says what to do about it.
func (e *SchemaError) Error() string {
	if e.Have < e.Want {
		return fmt.Sprintf("the database's schema is at version %d and this program needs %d: run stet migrate", e.Have, e.Want)
	}
	return fmt.Sprintf("the database's schema is at version %d and this program knows %d: start a newer stet", e.Have, e.Want)
}

// ErrRecord is what Migrate Down returns while the public record has rows.
var ErrRecord = errors.New("the public record has rows, and going back could lose them: give --destroy to do it nevertheless")

const (
	lockRetries = 10
	migratorApp = "stet migrate"
)

// Migrate changes the schema in one direction and returns the steps taken. ownerURL must lead to Postgres itself and not to a pooler, as
// the lock that lets only one of several instances migrate belongs to a session; the others wait and then find nothing to do.
// Down refuses with ErrRecord while the public record has rows, unless destroy is set.
func Migrate(ctx context.Context, ownerURL string, d Direction, destroy bool) ([]Step, error) {
	p, err := provider(ownerURL)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	if d == Down {
		return down(ctx, ownerURL, p, destroy)
	}
	var steps []Step
	for try := 1; ; try++ {
		done, err := p.Up(ctx)
		steps = append(steps, taken(done, err)...)
		// A step that waits for a lock holds up everybody behind it, so it gives up after two seconds, is rolled back and tried again.
		if code(err) != lockNotAvailable || try == lockRetries {
			return steps, wrap("migrate up", err)
		}
		select {
		case <-ctx.Done():
			return steps, wrap("migrate up", ctx.Err())
		case <-time.After(time.Second + rand.N(time.Second)):
		}
	}
}

func down(ctx context.Context, ownerURL string, p *goose.Provider, destroy bool) ([]Step, error) {
	if !destroy {
		full, err := recorded(ctx, ownerURL)
		if err != nil {
			return nil, wrap("migrate down", err)
		}
		if full {
			return nil, wrap("migrate down", ErrRecord)
		}
	}
	done, err := p.Down(ctx)
	if errors.Is(err, goose.ErrNoNextVersion) {
		return nil, nil
	}
	if done == nil {
		return nil, wrap("migrate down", err)
	}
	return taken([]*goose.MigrationResult{done}, err), wrap("migrate down", err)
}

// recorded tells whether the public record has rows.
func recorded(ctx context.Context, url string) (bool, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false, err
	}
	defer conn.Close(ctx)
	var full bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM publications)`).Scan(&full)
	if code(err) == undefinedTable {
		return false, nil
	}
	return full, err
}

// Migrations lists all steps this program knows, in order, with the time each was applied to the database.
func Migrations(ctx context.Context, ownerURL string) ([]Step, error) {
	p, err := provider(ownerURL)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	status, err := p.Status(ctx)
	if err != nil {
		return nil, wrap("migration status", err)
	}
	var steps []Step
	for _, s := range status {
		steps = append(steps, Step{s.Source.Version, path.Base(s.Source.Path), s.AppliedAt})
	}
	return steps, nil
}

// Schema tells the version of the database's schema, 0 where there is none, and the one this program is written for.
func Schema(ctx context.Context, q Querier) (have, want int64, err error) {
	want = migrations.Newest()
	err = q.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&have)
	if code(err) == undefinedTable {
		return 0, want, nil
	}
	return have, want, wrap("schema version", err)
}

// CheckSchema returns a *SchemaError when the schema is older than this program needs, or newer by more than the one step by which every
// release must still work on the next one's schema: an instance that restarts in the middle of an upgrade has to come up.
func CheckSchema(ctx context.Context, q Querier) error {
	have, want, err := Schema(ctx, q)
	if err != nil {
		return err
	}
	if have < want || have > want+1 {
		return &SchemaError{Have: have, Want: want}
	}
	return nil
}

// provider opens a direct connection for goose and has it take the session lock.
func provider(url string) (*goose.Provider, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database url: %w", err)
	}
	tune(cfg, Options{AppName: migratorApp})
	cfg.RuntimeParams["lock_timeout"] = milliseconds(lockTimeout)
	// Ten minutes: another instance's long step is waited for.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600))
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*cfg)
	p, err := migrations.Provider(db, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return p, nil
}

// taken are the steps that were done, those before a failed one included.
func taken(done []*goose.MigrationResult, err error) []Step {
	if partial, ok := errors.AsType[*goose.PartialError](err); ok {
		done = partial.Applied
	}
	var steps []Step
	for _, r := range done {
		steps = append(steps, Step{r.Source.Version, path.Base(r.Source.Path), time.Now().UTC()})
	}
	return steps
}

// wrap adds what was being done; nil stays nil.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
