package postgres

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// slow is how long a statement may take before the log hears of it.
const slow = 200 * time.Millisecond

// Counter counts the statements run under one context. Begin, commit and rollback aren't counted, nor what a new connection sets up.
type Counter struct {
	mu  sync.Mutex
	sql []Statement
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

type counterKey struct{}

// CountQueries gives a context whose statements the Counter counts, for tests and benchmarks that hold a page to its number of queries.
func CountQueries(ctx context.Context) (context.Context, *Counter) {
	c := new(Counter)
	return context.WithValue(ctx, counterKey{}, c), c
}

func count(ctx context.Context, s Statement) {
	if c, ok := ctx.Value(counterKey{}).(*Counter); ok {
		c.add(s)
	}
}

// tracer is the seam where statements can be watched.
type tracer struct{ slow *slog.Logger }

type begunKey struct{}

type begun struct {
	sql string
	at  time.Time
}

// TraceQueryStart counts the statement and remembers when it began.
func (t tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	switch data.SQL {
	case "begin", "commit", "rollback": // as pgx spells them
		return ctx
	}
	count(ctx, Statement{data.SQL, data.Args})
	if t.slow == nil {
		return ctx
	}
	return context.WithValue(ctx, begunKey{}, begun{data.SQL, time.Now()})
}

// TraceQueryEnd reports a slow statement; its arguments may be personal and stay out of the log.
func (t tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	b, ok := ctx.Value(begunKey{}).(begun)
	if !ok || t.slow == nil {
		return
	}
	if took := time.Since(b.at); took > slow {
		t.slow.WarnContext(ctx, "slow statement", "took", took, "sql", b.sql, "failed", data.Err != nil)
	}
}

// TraceBatchStart has nothing to do: each statement of a batch is counted by itself.
func (t tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery counts one statement of a batch.
func (t tracer) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	count(ctx, Statement{data.SQL, data.Args})
}

// TraceBatchEnd has nothing to do.
func (t tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
