package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Read is a statement of a reader that hasn't been sent yet, with what becomes of its rows. The nouns' readers make them, so that a page can have
// all it needs sent together. The zero Read asks for nothing.
type Read struct {
	From ReadPool
	What string // what its errors say it was for
	SQL  string
	Args []any
	// Take reads the rows to their end. It asks the database for nothing more: the connection isn't free.
	Take func(pgx.Rows) error
}

// Run sends the statement by itself.
func (r Read) Run(ctx context.Context) error {
	if r.SQL == "" {
		return nil
	}
	rows, err := r.From.Query(ctx, r.SQL, r.Args...)
	if err == nil {
		err = r.Take(rows)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", r.What, err)
	}
	return nil
}

// Together sends the statements in one round trip over one connection and takes their rows in the order given, until one fails. ctx decides where
// they are read and the connection keeps their plans, as for statements that run by themselves. Reads from several pools are one round trip to
// each.
func Together(ctx context.Context, reads ...Read) error {
	var first ReadPool
	var here, elsewhere []Read
	for _, r := range reads {
		switch {
		case r.SQL == "":
		case first == nil || r.From == first:
			first, here = r.From, append(here, r)
		default:
			elsewhere = append(elsewhere, r)
		}
	}
	switch len(here) {
	case 0:
		return nil
	case 1:
		if err := here[0].Run(ctx); err != nil {
			return err
		}
	default:
		if err := send(ctx, first, here); err != nil {
			return err
		}
	}
	return Together(ctx, elsewhere...)
}

// send sends reads of one pool.
func send(ctx context.Context, pool ReadPool, reads []Read) error {
	var b pgx.Batch
	var failed error
	for i := range reads {
		r := &reads[i]
		b.Queue(r.SQL, r.Args...).Query(func(rows pgx.Rows) error {
			// Kept here and not returned: for an error of ours the driver would forget the plans of all the statements.
			if err := r.Take(rows); err != nil && failed == nil {
				failed = fmt.Errorf("%s: %w", r.What, err)
			}
			return nil
		})
	}
	err := pool.SendBatch(ctx, &b).Close()
	switch {
	case failed != nil:
		return failed
	case err != nil: // before any of them ran
		return fmt.Errorf("%s, and what is sent with it: %w", reads[0].What, err)
	}
	return nil
}
