package importer

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Progress is told how far long work is: one bar on a terminal, plain lines otherwise. The zero value says nothing.
type Progress struct {
	w        io.Writer
	terminal bool
	every    time.Duration
	last     time.Time
	drawn    bool
}

// ProgressOn reports to f, which is stderr.
func ProgressOn(f *os.File) *Progress {
	info, err := f.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	p := &Progress{w: f, terminal: terminal, every: 5 * time.Second}
	if terminal {
		p.every = 100 * time.Millisecond
	}
	return p
}

// step says that done of total of the work named what is done. It writes at most every so often, and at the end.
func (p *Progress) step(what string, done, total int) {
	if p == nil || p.w == nil || total == 0 {
		return
	}
	now := time.Now()
	if done < total && now.Sub(p.last) < p.every {
		return
	}
	p.last = now
	percent := min(100, done*100/total)
	// What can't be written to a terminal that went away is no reason to stop the work.
	if !p.terminal {
		_, _ = fmt.Fprintf(p.w, "%s: %d of %d (%d %%)\n", what, done, total, percent)
		return
	}
	p.drawn = true
	const width = 30
	full := percent * width / 100
	_, _ = fmt.Fprintf(p.w, "\r\x1b[K%s [%s%s] %d of %d", what, strings.Repeat("#", full), strings.Repeat(".", width-full), done, total)
}

// end leaves the bar's line.
func (p *Progress) end() {
	if p != nil && p.drawn {
		_, _ = fmt.Fprintln(p.w)
		p.drawn = false
	}
}
