package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/postgres"
)

// plan is a node of what EXPLAIN ANALYZE says of a statement.
type plan struct {
	Node    string  `json:"Node Type"`
	Table   string  `json:"Relation Name"`
	Index   string  `json:"Index Name"`
	Guessed float64 `json:"Plan Rows"`
	Rows    float64 `json:"Actual Rows"`
	Loops   float64 `json:"Actual Loops"`
	Hit     int     `json:"Shared Hit Blocks"`
	Read    int     `json:"Shared Read Blocks"`
	Plans   []plan
}

// walk visits the nodes; within are the kinds of those above.
func (p *plan) walk(within []string, visit func(within []string, p *plan)) {
	visit(within, p)
	for i := range p.Plans {
		p.Plans[i].walk(append(slices.Clip(within), p.Node), visit)
	}
}

// shape is which ways the plan goes into large tables, without what it found on them.
func (p *plan) shape(large map[string]bool) string {
	var b strings.Builder
	p.walk(nil, func(within []string, n *plan) {
		if large[n.Table] {
			fmt.Fprintf(&b, "%d %s %s %s\n", len(within), n.Node, n.Table, n.Index)
		}
	})
	return b.String()
}

// pages is how much of the database was looked at.
func (p *plan) pages() int { return p.Hit + p.Read }

func (p *plan) String() string {
	var b strings.Builder
	p.walk(nil, func(within []string, n *plan) {
		fmt.Fprintf(&b, "%s%s %s %s guessed %.0f found %.0f × %.0f, %d pages\n", strings.Repeat("  ", len(within)), n.Node, n.Table, n.Index, n.Guessed, n.Rows, n.Loops, n.pages())
	})
	return b.String()
}

// run is a statement as the program ran it. planned says that each run is planned for its own values.
type run struct {
	sql     string
	args    []any
	planned bool
}

// runOf takes the options of pgx out of what a statement was given.
func runOf(s postgres.Statement) run {
	r := run{sql: s.SQL}
	for _, a := range s.Args {
		if mode, is := a.(pgx.QueryExecMode); is {
			r.planned = mode == pgx.QueryExecModeExec
			continue
		}
		r.args = append(r.args, a)
	}
	return r
}

// reads reports whether the statement only looks.
func (r *run) reads() bool {
	sql := strings.TrimSpace(r.sql)
	return (strings.HasPrefix(sql, "SELECT") || strings.HasPrefix(sql, "WITH")) && !strings.Contains(sql, "INSERT INTO") && !strings.Contains(sql, "pg_notify") &&
		!strings.Contains(sql, "UPDATE ") && !strings.Contains(sql, "DELETE ")
}

// explainer asks how statements are run. With seek a table is read through only where no index would do, as on a small database all plans do.
type explainer struct {
	*testing.T
	pools    []*pgxpool.Pool // the first whose role may run it
	seek     bool
	prepared int
	told     map[string]bool
}

const explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "

// first is the plan of a statement that is planned for its values.
func (e *explainer) first(r run) *plan { return e.after(r, nil, "force_custom_plan") }

// seventh is the plan of a statement that was run six times before on its connection, with other arguments or the same.
func (e *explainer) seventh(r run, before []any) *plan {
	return e.after(r, slices.Repeat([][]any{before}, 6), "auto")
}

// after prepares a statement as the driver does, runs it with what came before and asks how it is run then.
func (e *explainer) after(r run, before [][]any, mode string) *plan {
	e.Helper()
	holes := make([]string, len(r.args))
	for i := range holes {
		holes[i] = fmt.Sprintf("$%d", i+1)
	}
	e.prepared++
	execute := fmt.Sprintf("EXECUTE prepared_%d", e.prepared)
	if len(holes) > 0 {
		execute += "(" + strings.Join(holes, ", ") + ")"
	}
	return e.ask(r, func(ctx context.Context, tx pgx.Tx) ([]byte, error) {
		statements := []string{`SET LOCAL statement_timeout = '60s'`, `SET LOCAL plan_cache_mode = ` + mode, fmt.Sprintf("PREPARE prepared_%d AS %s", e.prepared, r.sql)}
		if e.seek {
			statements = append(statements, `SET LOCAL enable_seqscan = off`)
		}
		for _, sql := range statements {
			if _, err := tx.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
				return nil, err
			}
		}
		for _, args := range before {
			if _, err := tx.Exec(ctx, execute, e.literally(args)...); err != nil {
				return nil, err
			}
		}
		var answer []byte
		err := tx.QueryRow(ctx, explain+execute, e.literally(r.args)...).Scan(&answer)
		return answer, err
	})
}

// literally has the driver write the arguments into the statement.
func (e *explainer) literally(args []any) []any {
	return append([]any{pgx.QueryExecModeSimpleProtocol}, args...)
}

func (e *explainer) ask(r run, how func(ctx context.Context, tx pgx.Tx) ([]byte, error)) *plan {
	e.Helper()
	for i, pool := range e.pools {
		var answer []byte
		err := postgres.InTx(e.Context(), pool, func(tx pgx.Tx) (err error) {
			answer, err = how(e.Context(), tx)
			return err
		})
		if postgres.IsDenied(err) && i < len(e.pools)-1 {
			continue
		}
		var said []struct{ Plan plan }
		if err == nil {
			err = json.Unmarshal(answer, &said)
		}
		if err != nil {
			e.Errorf("explain: %v\n%s\n%v", err, r.sql, r.args)
			return nil
		}
		return &said[0].Plan
	}
	return nil
}
