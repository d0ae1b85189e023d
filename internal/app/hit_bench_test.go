package app_test

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// loadOf names the address that this program, run again, asks for under load: its processor time isn't the server's then.
const loadOf = "STET_TEST_LOAD"

const (
	loadConns  = 32
	loadRounds = 5
)

func init() {
	to, n, ok := strings.Cut(os.Getenv(loadOf), " ")
	if !ok {
		return
	}
	times, err := strconv.Atoi(n)
	if err == nil {
		err = load(to, times)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// load asks for an address times over, on connections that are kept.
func load(to string, times int) error {
	at, err := url.Parse(to)
	if err != nil {
		return err
	}
	ask := []byte("GET " + at.Path + " HTTP/1.1\r\nHost: " + at.Host + "\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0\r\nAccept-Encoding: gzip\r\n\r\n")
	var left atomic.Int64
	left.Store(int64(times))
	var wg sync.WaitGroup
	failed := make(chan error, loadConns)
	for range loadConns {
		wg.Go(func() {
			conn, err := net.Dial("tcp", at.Host) //nolint:noctx // it ends with the process
			if err != nil {
				failed <- err
				return
			}
			defer conn.Close() //nolint:errcheck // it was only read
			in := bufio.NewReaderSize(conn, 64<<10)
			for left.Add(-1) >= 0 {
				if err := once(conn, in, ask); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(failed)
	return <-failed
}

func once(conn io.Writer, in *bufio.Reader, ask []byte) error {
	if _, err := conn.Write(ask); err != nil {
		return err
	}
	lines := textproto.NewReader(in)
	status, err := lines.ReadLine()
	if err != nil || !strings.Contains(status, " 200 ") {
		return fmt.Errorf("%s: %w", status, cmp.Or(err, io.ErrUnexpectedEOF))
	}
	h, err := lines.ReadMIMEHeader()
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(h.Get("Content-Length"))
	if err == nil {
		_, err = in.Discard(n)
	}
	return err
}

// processor is the time that this process has taken.
func processor(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkHitOnTheWire has a kept article asked for over 32 connections, in turn with a bare handler that has the same bytes and headers ready, and
// reports medians of what 1,000 requests cost the server's processor and how many a second it answers.
func BenchmarkHitOnTheWire(b *testing.B) {
	w := newWorldOf(b, only)
	w.works()
	path := w.discussed()
	w.settled()
	bareServer := httptest.NewServer(plainly(w.ask(http.MethodGet, path, "Accept-Encoding", "gzip")))
	defer bareServer.Close()
	cost, rate := map[string][]float64{}, map[string][]float64{}
	for b.Loop() {
		for range loadRounds {
			for name, to := range map[string]string{"kept": w.server.URL + path, "bare": bareServer.URL + path} {
				const times = 20_000
				child := exec.CommandContext(b.Context(), os.Args[0])
				child.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d", loadOf, to, times))
				before, began := processor(b), time.Now()
				if out, err := child.CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, out)
				}
				cost[name] = append(cost[name], (processor(b)-before).Seconds()*1e6/times)
				rate[name] = append(rate[name], times/time.Since(began).Seconds())
			}
		}
	}
	median := func(of []float64) float64 { slices.Sort(of); return of[len(of)/2] }
	for _, name := range []string{"kept", "bare"} {
		b.ReportMetric(median(cost[name]), name+"-cpu-ms/1000")
		b.ReportMetric(median(rate[name]), name+"-rps")
		b.Logf("%s: cpu-ms/1000 %.1f–%.1f, rps %.0f–%.0f", name, cost[name][0], cost[name][len(cost[name])-1], rate[name][0], rate[name][len(rate[name])-1])
	}
	b.ReportMetric(median(cost["kept"])/median(cost["bare"]), "cpu-ratio")
	b.ReportMetric(median(rate["kept"])/median(rate["bare"]), "rps-ratio")
}
