package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// bar shows the progress of long work: one line redrawn on a terminal, elsewhere a plain line now and then.
type bar struct {
	w        io.Writer
	terminal bool
	mu       sync.Mutex
	shown    time.Time
	what     string
	percent  int
}

func newBar(w io.Writer) *bar {
	file, isFile := w.(*os.File)
	return &bar{w: w, terminal: isFile && isTerminal(file), percent: -1}
}

// of gives set for one kind of work.
func (b *bar) of(what string) func(done, total int) {
	return func(done, total int) { b.set(what, done, total) }
}

// set says how much of total of the work is done; it may be called from several goroutines.
func (b *bar) set(what string, done, total int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	percent := 0
	if total > 0 {
		percent = 100 * done / total
	}
	now := time.Now()
	if b.terminal {
		if what != b.what && b.percent >= 0 {
			fmt.Fprintln(b.w)
		}
		if now.Sub(b.shown) < 50*time.Millisecond && done < total {
			return
		}
		fmt.Fprintf(b.w, "\r%s [%-30s] %d of %d ", what, strings.Repeat("=", percent*30/100), done, total)
	} else {
		if what == b.what && percent/10 == b.percent/10 && b.percent >= 0 || now.Sub(b.shown) < time.Second && done < total {
			return
		}
		fmt.Fprintf(b.w, "%s: %d of %d\n", what, done, total)
	}
	b.shown, b.what, b.percent = now, what, percent
}

// done ends the line; another kind of work may begin a new one.
func (b *bar) done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.terminal && b.percent >= 0 {
		fmt.Fprintln(b.w)
	}
	b.percent = -1
}
