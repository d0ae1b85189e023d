package reads

import (
	"context"
	"sync"
	"testing"
	"time"
)

// tally is a place for reads that counts them.
func tally(total map[int64]int64) func(context.Context, []Read) error {
	return func(_ context.Context, reads []Read) error {
		for _, r := range reads {
			total[r.Article] += r.N
		}
		return nil
	}
}

// TestNothingIsLost counts from many sides, through the counter and through pointers that are kept, while it is flushed again and again.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	total := map[int64]int64{}
	c := &Counter{keep: tally(total), now: time.Now, waiting: map[hourOf]int64{}}
	const readers, each, articles = 8, 20_000, 40
	var counting sync.WaitGroup
	for range readers {
		counting.Go(func() {
			kept := c.Of(1)
			for i := range each {
				kept.Add()
				c.Add(int64(i%articles) + 1)
			}
		})
	}
	stop, flushed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(flushed)
		for {
			select {
			case <-stop:
				return
			default:
				if err := c.Flush(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	counting.Wait()
	close(stop)
	<-flushed
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := int64(readers*each + readers*each/articles); total[1] != want || total[2] != readers*each/articles {
		t.Errorf("%d and %d reads, want %d and %d", total[1], total[2], want, readers*each/articles)
	}
}

// TestCounterIsBounded reads more articles than a counter holds.
func TestCounterIsBounded(t *testing.T) {
	t.Parallel()
	total := map[int64]int64{}
	c := &Counter{keep: tally(total), now: time.Now, waiting: map[hourOf]int64{}}
	for i := range int64(2 * most) {
		c.Add(i)
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(total) != most {
		t.Errorf("%d articles were counted, want %d", len(total), most)
	}
}

func BenchmarkCount(b *testing.B) {
	c := &Counter{keep: tally(map[int64]int64{}), now: time.Now, waiting: map[hourOf]int64{}}
	b.Run("by id", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				c.Add(7)
			}
		})
	})
	b.Run("by pointer", func(b *testing.B) {
		count := c.Of(7)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				count.Add()
			}
		})
	})
}
