package app

import "context"

// Drop does what hearing of changed settings does.
func (a *App) Drop() { a.drop() }

// FlushReads keeps the reads counted so far.
func (a *App) FlushReads(ctx context.Context) error { return a.counter.Flush(ctx) }
