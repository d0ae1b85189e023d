package comment_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/comment"
)

// counter counts statements and round trips.
type counter struct{ statements, trips atomic.Int64 }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.statements.Add(1)
	c.trips.Add(1)
	return ctx
}
func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *counter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.trips.Add(1)
	return ctx
}
func (c *counter) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {
	c.statements.Add(1)
}
func (c *counter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// BenchmarkPost saves comments of ever new people under one article, as a storm does. The server of the tests doesn't wait for its disk, so what is
// measured is the work and not the disk.
func BenchmarkPost(b *testing.B) {
	for name, parallel := range map[string]bool{"one": false, "many": true} {
		b.Run(name, func(b *testing.B) {
			d := newDesk(b)
			cfg, err := pgxpool.ParseConfig(d.AppURL)
			if err != nil {
				b.Fatal(err)
			}
			var count counter
			cfg.ConnConfig.Tracer = &count
			pool, err := pgxpool.NewWithConfig(b.Context(), cfg)
			if err != nil {
				b.Fatal(err)
			}
			defer pool.Close()
			store := comment.New(pool, secret, nil)
			store.Now = d.now
			article := d.article()
			post := func() {
				if _, err := store.Post(b.Context(), d.guest(article)); err != nil {
					b.Error(err)
				}
			}
			d.exec(`UPDATE settings SET comments_per_email = 1000, comments_per_address = 1000, comments_window = 1`)
			post() // connects
			count.statements.Store(0)
			count.trips.Store(0)
			b.ReportAllocs()
			b.ResetTimer()
			if parallel {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						post()
					}
				})
			} else {
				for range b.N {
					post()
				}
			}
			b.StopTimer()
			b.ReportMetric(float64(count.statements.Load())/float64(b.N), "queries/op")
			b.ReportMetric(float64(count.trips.Load())/float64(b.N), "trips/op")
		})
	}
}
