package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"
)

// crowd is readers who ask several instances for pages at an even rate, whatever else is measured meanwhile.
type crowd struct {
	cancel context.CancelFunc
	all    sync.WaitGroup
	began  time.Time
	parts  []crowdPart
}

type crowdPart struct {
	asked int
	late  int // asked later than its time by more than a tenth of a second: the rate was not kept
	err   error
}

// gather sends rate requests a second, over connections that are kept, for each path in turn. Zero is nobody.
func gather(t testing.TB, instances []string, host string, paths []string, rate int) *crowd {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c := &crowd{cancel: cancel, began: time.Now()}
	if rate == 0 {
		return c
	}
	const connections = 12
	c.parts = make([]crowdPart, connections)
	for i := range c.parts {
		own := make([]string, len(paths))
		for j := range paths {
			own[j] = paths[(i*7+j)%len(paths)]
		}
		c.all.Go(func() {
			c.parts[i].run(ctx, instances[i%len(instances)], host, own, time.Second*connections/time.Duration(rate))
		})
	}
	return c
}

func (p *crowdPart) run(ctx context.Context, at, host string, paths []string, every time.Duration) {
	conn, err := net.Dial("tcp", at)
	if err != nil {
		p.err = err
		return
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	for due := time.Now(); ; due = due.Add(every) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(due)):
		}
		if time.Since(due) > 100*time.Millisecond {
			p.late++
		}
		_, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: gzip\r\n\r\n", paths[p.asked%len(paths)], host)
		if err == nil {
			_, err = answer(in)
		}
		if err != nil {
			p.err = fmt.Errorf("%s: %w", paths[p.asked%len(paths)], err)
			return
		}
		p.asked++
	}
}

// disperse ends it and tells how many requests a second were answered. A request that failed fails the test.
func (c *crowd) disperse(t testing.TB) (rate float64, late int) {
	t.Helper()
	c.cancel()
	c.all.Wait()
	asked := 0
	var faults []error
	for _, p := range c.parts {
		asked, late, faults = asked+p.asked, late+p.late, append(faults, p.err)
	}
	if err := errors.Join(faults...); err != nil {
		t.Fatal(err)
	}
	return float64(asked) / time.Since(c.began).Seconds(), late
}
