package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stet/internal/pgtest"
)

// BenchmarkOverload asks a server of its own for pages that have to be made: first 16 at a time, each as soon as the one before is there, which
// tells how many it can make in a second; then ten times as many, whether they are answered or not. Who is turned away or waits for over a second
// hasn't been served. The one that asks needs processor time too, on the same machine.
func BenchmarkOverload(b *testing.B) {
	db := pgtest.New(b)
	publishOne(b, db)
	p, address := serving(b, db)
	p.answers(b, address+"/readyz", http.StatusOK, 20*time.Second)
	r := &rush{TB: b, server: p, host: strings.TrimPrefix(address, "http://")}
	for b.Loop() {
		r.closed(16, time.Second)
		peak := r.closed(16, 5*time.Second)
		over := r.open(10*peak.rate(), 10*time.Second)
		b.ReportMetric(peak.rate(), "peak/s")
		b.ReportMetric(over.rate(), "served/s")
		b.ReportMetric(float64(over.turned.Load())/over.lasted.Seconds(), "turned/s")
		b.ReportMetric(float64(over.lost.Load())/over.lasted.Seconds(), "lost/s")
		b.ReportMetric(100*over.rate()/peak.rate(), "%of-peak")
		b.ReportMetric(over.p99(), "p99-ms")
		one := float64(peak.processor.Microseconds()) / float64(len(peak.took))
		b.ReportMetric(one, "µs-of-one-served")
		b.ReportMetric((float64(over.processor.Microseconds())-one*float64(len(over.took)))/float64(over.turned.Load()), "µs-of-one-turned")
	}
}

const rushConnections = 1000

// rush is many readers.
type rush struct {
	testing.TB
	server *process
	host   string
	asked  atomic.Int64
}

// result is what they got.
type result struct {
	mu           sync.Mutex
	took         []time.Duration // of those served within a second
	turned, lost atomic.Int64
	lasted       time.Duration
	processor    time.Duration // that the server took, without its database
}

func (o *result) rate() float64 { return float64(len(o.took)) / o.lasted.Seconds() }

func (o *result) p99() float64 {
	slices.Sort(o.took)
	if len(o.took) == 0 {
		return 0
	}
	return float64(o.took[len(o.took)*99/100].Milliseconds())
}

// ask asks for a page that nobody has asked for before. It does no more than it must, as it takes its processor time from the one it asks.
func (r *rush) ask(o *result, over *bufio.ReadWriter) error {
	at := time.Now()
	fmt.Fprintf(over, "GET /search?q=word%d HTTP/1.1\r\nHost: %s\r\n\r\n", r.asked.Add(1), r.host)
	if err := over.Flush(); err != nil {
		return err
	}
	head, err := over.ReadString('\n')
	if err != nil {
		return err
	}
	length := 0
	for line := "."; line != "\r\n"; {
		if line, err = over.ReadString('\n'); err != nil {
			return err
		}
		if n, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			if length, err = strconv.Atoi(strings.TrimSpace(n)); err != nil {
				return err
			}
		}
	}
	if _, err := over.Discard(length); err != nil {
		return err
	}
	took := time.Since(at)
	switch {
	case strings.HasPrefix(head, "HTTP/1.1 503 "):
		o.turned.Add(1)
	case !strings.HasPrefix(head, "HTTP/1.1 200 "):
		return errors.New(head)
	case took > time.Second:
		o.lost.Add(1)
	default:
		o.mu.Lock()
		o.took = append(o.took, took)
		o.mu.Unlock()
	}
	return nil
}

// reader has a connection and asks whenever it is told to.
func (r *rush) reader(o *result, told <-chan struct{}) {
	conn, err := net.Dial("tcp", r.host)
	if err != nil {
		r.Error(err)
		return
	}
	defer conn.Close()
	over := bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
	for range told {
		if err := r.ask(o, over); err != nil {
			r.Error(err)
			return
		}
	}
}

// run has readers who are told to ask by tell, and gives what they got and what the server took of the processor for it.
func (r *rush) run(readers int, lasting time.Duration, tell func(o *result, told chan<- struct{})) *result {
	o := &result{lasted: lasting}
	told := make(chan struct{})
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() { r.reader(o, told) })
	}
	before := r.processor()
	tell(o, told)
	close(told)
	wg.Wait()
	o.processor = r.processor() - before
	return o
}

// closed has so many readers ask one after the other.
func (r *rush) closed(readers int, lasting time.Duration) *result {
	return r.run(readers, lasting, func(_ *result, told chan<- struct{}) {
		for until := time.Now().Add(lasting); time.Now().Before(until); {
			told <- struct{}{}
		}
	})
}

// open has readers come at a rate, as many as have connections.
func (r *rush) open(rate float64, lasting time.Duration) *result {
	return r.run(rushConnections, lasting, func(o *result, told chan<- struct{}) {
		sent := 0
		for began := time.Now(); time.Since(began) < lasting; <-time.After(time.Millisecond) {
			for ; float64(sent) < rate*time.Since(began).Seconds(); sent++ {
				select {
				case told <- struct{}{}:
				default:
					o.lost.Add(1)
				}
			}
		}
	})
}

// processor is what the server has taken of the processors so far.
func (r *rush) processor() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.server.Process.Pid))
	if err != nil {
		r.Fatal(err)
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	var ticks int64
	for _, field := range strings.Fields(after)[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			r.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
