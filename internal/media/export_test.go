package media

import (
	"context"
	"io"
	"os"
	"runtime"
	"syscall"
	"time"
)

// Cost is what a child process took.
type Cost struct {
	CPU  time.Duration
	Peak int // resident memory, in bytes
}

// Measured has a child look at a picture, make its first variant and, where rest says so, all others; it tells what that took in all, and at most.
func Measured(ctx context.Context, f io.ReadSeeker, rest bool, vips string) (Cost, error) {
	head := make([]byte, 64)
	n, err := io.ReadFull(f, head)
	if err != nil && n == 0 {
		return Cost{}, err
	}
	var m Media
	m.FocalX, m.FocalY, m.MIME = 0.5, 0.5, sniffed(head[:n])
	take := func(a answer, _ io.Reader) error {
		if a.Facts != nil {
			m.Width, m.Height = a.Facts.Width, a.Facts.Height
		}
		if a.Variant != nil {
			m.Variants = append(m.Variants, *a.Variant)
		}
		return nil
	}
	req := request{MIME: m.MIME}
	first, err := run(ctx, f, req, take)
	total := cost(first)
	if err != nil || !rest {
		return total, err
	}
	req.Wanted, req.Vips, req.FocalX, req.FocalY = plan(m, false), vips, m.FocalX, m.FocalY
	second, err := run(ctx, f, req, take)
	more := cost(second)
	return Cost{total.CPU + more.CPU, max(total.Peak, more.Peak)}, err
}

func cost(p *os.ProcessState) Cost {
	if p == nil {
		return Cost{}
	}
	return Cost{CPU: p.UserTime() + p.SystemTime(), Peak: peak(p)}
}

// peak is the most memory that a process had.
func peak(p *os.ProcessState) int {
	used, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int(used.Maxrss)
	}
	return int(used.Maxrss) << 10
}
