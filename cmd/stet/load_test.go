package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// clockTick is how long one tick of /proc's processor times is.
const clockTick = 10 * time.Millisecond

// contestant is a server that is asked for the same bytes as others.
type contestant struct {
	name, at string
	pid      int
}

// tally is what a round of requests came to.
type tally struct {
	requests int
	took     time.Duration
	cpu      time.Duration // of the server
	waits    []time.Duration
}

func (l tally) rate() float64 { return float64(l.requests) / l.took.Seconds() }

// perThousand is the processor time of a thousand requests.
func (l tally) perThousand() float64 { return l.cpu.Seconds() * 1000 / float64(l.requests) * 1000 }

func (l tally) at(share float64) time.Duration {
	return l.waits[min(len(l.waits)-1, int(share*float64(len(l.waits))))]
}

// hammer asks for one address over connections that are kept, each as fast as it is answered, and insists on 200 and one length.
func hammer(t testing.TB, c contestant, request []byte, connections int, d time.Duration) tally {
	t.Helper()
	var all sync.WaitGroup
	parts, faults := make([][]time.Duration, connections), make([]error, connections)
	before, began := processorTime(t, c.pid), time.Now()
	for i := range connections {
		all.Go(func() { parts[i], faults[i] = ask(c.at, request, began.Add(d)) })
	}
	all.Wait()
	out := tally{took: time.Since(began), cpu: processorTime(t, c.pid) - before}
	if err := errors.Join(faults...); err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	for _, p := range parts {
		out.waits = append(out.waits, p...)
	}
	out.requests = len(out.waits)
	slices.Sort(out.waits)
	return out
}

// ask sends the request again and again over one connection until the time is over and gives how long each answer took.
func ask(at string, request []byte, until time.Time) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", at)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	waits := make([]time.Duration, 0, 1<<16)
	length := -1
	for now := time.Now(); now.Before(until); {
		if _, err := conn.Write(request); err != nil {
			return nil, err
		}
		n, err := answer(in)
		if err != nil {
			return nil, err
		}
		if length >= 0 && n != length {
			return nil, fmt.Errorf("an answer of %d bytes after one of %d", n, length)
		}
		length = n
		end := time.Now()
		waits, now = append(waits, end.Sub(now)), end
	}
	return waits, nil
}

// answer reads one answer and gives the length of its body.
func answer(in *bufio.Reader) (length int, err error) {
	status, err := in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200")) {
		return 0, fmt.Errorf("answered %q", status)
	}
	length = -1
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(":")); bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		}
	}
	if length < 0 {
		return 0, errors.New("an answer without a length")
	}
	_, err = io.CopyN(io.Discard, in, int64(length))
	return length, err
}

// processorTime is what a process, its living children and those that it has buried have used.
func processorTime(t testing.TB, pid int) time.Duration {
	t.Helper()
	ticks, err := ticksOf(pid, true)
	if err != nil {
		t.Fatal(err)
	}
	children, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range children {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		for _, child := range strings.Fields(string(b)) {
			n, err := strconv.Atoi(child)
			if err != nil {
				t.Fatal(err)
			}
			if own, err := ticksOf(n, false); err == nil { // else it has ended, and the parent counts it next time
				ticks += own
			}
		}
	}
	return time.Duration(ticks) * clockTick
}

// ticksOf is the processor time in /proc/PID/stat: fields 14 and 15, and with the dead 16 and 17; see proc(5).
func ticksOf(pid int, dead bool) (ticks int, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // from the third on
	last := 13
	if dead {
		last = 15
	}
	for _, f := range fields[11:last] {
		n, err := strconv.Atoi(f)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return ticks, nil
}
