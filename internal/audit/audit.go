// Package audit keeps who did what to which object: one row an act, written in the transaction of the act, so that there is no
// act without its row and no row without its act.
//
// It must never hold personal data in a row's detail, never change or delete a row, and never decide who may act.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Entry is one act.
type Entry struct {
	// Actor is the person's id; 0 is the system, or somebody who is not signed in.
	Actor int64
	// Act is the noun and the verb, such as article.publish.
	Act string
	// Object is kind and id, such as article:12; empty where the act has none.
	Object string
	// Detail says what a reader of the log wants to know besides: ids, kinds and numbers, never names, texts or addresses of people.
	Detail map[string]any
}

// Write adds the entry to tx.
func Write(ctx context.Context, tx pgx.Tx, e Entry) error {
	if e.Detail == nil {
		e.Detail = map[string]any{}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO audit (actor, act, object, detail)
		VALUES (nullif($1, 0), $2, $3, $4)`, e.Actor, e.Act, e.Object, e.Detail)
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Act, err)
	}
	return nil
}

// Row is one act as it is listed.
type Row struct {
	ID     int64
	At     time.Time
	Actor  int64  // 0: the system, or somebody who was not signed in
	Name   string // of the actor, as it is now
	Act    string
	Object string
	Detail json.RawMessage
}

// Filter narrows a list; the zero value is everything, newest first.
type Filter struct {
	Before int64  // only rows older than this id: the last one of the page before
	Act    string // an act, or with a last dot all acts of a noun: "article."
	Object string
	Actor  int64
}

// PageSize is how many rows List returns at most.
const PageSize = 100

// Store lists acts.
type Store struct{ pool *pgxpool.Pool }

// New makes a Store over the newsroom's pool.
func New(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// List returns the newest rows that the filter lets through, at most PageSize. Who may ask is the caller's rule.
func (s *Store) List(ctx context.Context, f Filter) ([]Row, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT a.id, a.at, coalesce(a.actor, 0) AS actor, coalesce(p.name, '') AS name, a.act, a.object, a.detail
		FROM audit a
		LEFT JOIN staff p ON p.id = a.actor
		WHERE ($1::bigint = 0 OR a.id < $1)
			AND ($2 = '' OR a.act = $2 OR right($2, 1) = '.' AND starts_with(a.act, $2))
			AND ($3 = '' OR a.object = $3)
			AND ($4::bigint = 0 OR a.actor = $4)
		ORDER BY a.id DESC
		LIMIT $5`, f.Before, f.Act, f.Object, f.Actor, PageSize)
	if err != nil {
		return nil, fmt.Errorf("list audit: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Row])
	if err != nil {
		return nil, fmt.Errorf("list audit: %w", err)
	}
	return list, nil
}
