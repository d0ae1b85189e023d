package postgres

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// slow is how long a statement may take before the log hears of it.
const slow = 200 * time.Millisecond

// Counter counts the statements run under one context. Begin, commit and rollback aren't counted, nor what a new connection sets up.
type Counter struct {
	mu    sync.Mutex
	sql   []Statement
	trips int
}

// Statement is one that ran: its text, and what it was run with.
type Statement struct {
	SQL  string
	Args []any
}

// N is the number of statements so far.
func (c *Counter) N() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.sql)
}

// Trips is the number of round trips so far: statements sent together take one.
func (c *Counter) Trips() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.trips
}

// Statements are the texts so far, in the order in which they began.
func (c *Counter) Statements() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]string, len(c.sql))
	for i, s := range c.sql {
		out[i] = s.SQL
	}
	return out
}

// Run are the statements so far with their arguments, in the order in which they began.
func (c *Counter) Run() []Statement {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sql)
}

func (c *Counter) add(s Statement) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sql = append(c.sql, s)
}

func (c *Counter) trip() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trips++
}

type counterKey struct{}

// CountQueries gives a context whose statements the Counter counts, for tests and benchmarks that hold a page to its number of queries.
func CountQueries(ctx context.Context) (context.Context, *Counter) {
	c := new(Counter)
	return context.WithValue(ctx, counterKey{}, c), c
}

func counterOf(ctx context.Context) (*Counter, bool) {
	c, ok := ctx.Value(counterKey{}).(*Counter)
	return c, ok
}

// tracer is the seam where statements can be watched.
type tracer struct{ slow *slog.Logger }

type begunKey struct{}

type begun struct {
	sql any // text, or batched
	at  time.Time
}

// TraceQueryStart counts the statement and remembers when it began.
func (t tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	switch data.SQL {
	case "begin", "commit", "rollback": // as pgx spells them
		return ctx
	}
	if c, ok := counterOf(ctx); ok {
		c.trip()
		c.add(Statement{data.SQL, data.Args})
	}
	if t.slow == nil {
		return ctx
	}
	return context.WithValue(ctx, begunKey{}, begun{data.SQL, time.Now()})
}

// TraceQueryEnd reports a slow statement; its arguments may be personal and stay out of the log.
func (t tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	t.end(ctx, data.Err)
}

func (t tracer) end(ctx context.Context, err error) {
	b, ok := ctx.Value(begunKey{}).(begun)
	if !ok || t.slow == nil {
		return
	}
	if took := time.Since(b.at); took > slow {
		t.slow.WarnContext(ctx, "slow statement", "took", took, "sql", b.sql, "failed", err != nil)
	}
}

// TraceBatchStart counts the round trip and remembers when it began.
func (t tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	if c, ok := counterOf(ctx); ok {
		c.trip()
	}
	if t.slow == nil {
		return ctx
	}
	return context.WithValue(ctx, begunKey{}, begun{batched(data.Batch.QueuedQueries), time.Now()})
}

// TraceBatchQuery counts one statement of a batch.
func (t tracer) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	if c, ok := counterOf(ctx); ok {
		c.add(Statement{data.SQL, data.Args})
	}
}

// TraceBatchEnd reports a slow batch as a whole: Postgres answers all of it at once, so nobody here knows which statement took how long.
func (t tracer) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	t.end(ctx, data.Err)
}

// batched are statements that were sent together, written down when somebody reads them.
type batched []*pgx.QueuedQuery

// LogValue writes the statements without their arguments.
func (b batched) LogValue() slog.Value {
	all := make([]string, len(b))
	for i, q := range b {
		all[i] = q.SQL
	}
	return slog.StringValue(strings.Join(all, "; "))
}
