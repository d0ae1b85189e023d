package postgres

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// PurgeChannel carries the tags of pages that an act changed, space-separated, or the one word "all".
const PurgeChannel = "stet_purge"

// purgeLimit keeps below Postgres's 8,000 bytes for one notification.
const purgeLimit = 7900

// Purge announces, when tx commits, that every cached page under one of the tags is out of date. It is called once in a
// transaction, and only by acts that change a public page: a notification serialises commits.
func Purge(ctx context.Context, tx pgx.Tx, tags ...string) error {
	slices.Sort(tags)
	tags = slices.Compact(tags)
	if len(tags) == 0 {
		return nil
	}
	payload := strings.Join(tags, " ")
	if len(payload) > purgeLimit {
		payload = "all"
	}
	if _, err := tx.Exec(ctx, `SELECT pg_notify($1, $2)`, PurgeChannel, payload); err != nil {
		return err
	}
	if p, ok := ctx.Value(purgesKey{}).(*Purges); ok {
		p.add(payload)
	}
	return nil
}

// Purges are what one request announced, for the instance that answers it: its notification may come after the answer, and whoever made a
// change must not be shown what was before.
type Purges struct {
	mu   sync.Mutex
	tags []string
}

type purgesKey struct{}

// Purging gives a context under which Purge also notes its tags in the Purges returned, whatever becomes of their transactions.
func Purging(ctx context.Context) (context.Context, *Purges) {
	p := &Purges{}
	return context.WithValue(ctx, purgesKey{}, p), p
}

func (p *Purges) add(payload string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tags = append(p.tags, strings.Fields(payload)...)
}

// Take returns the tags noted since the last Take.
func (p *Purges) Take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	tags := p.tags
	p.tags = nil
	return tags
}

// At gives the parameter for SQL's coalesce($n::timestamptz, clock_timestamp()): nil where now is nil, so that the database's clock
// counts and a machine with a wrong one changes nothing. Tests and the demo set a clock of their own.
func At(now func() time.Time) *time.Time {
	if now == nil {
		return nil
	}
	t := now()
	return &t
}
