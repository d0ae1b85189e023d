package jobs

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// The pauses between attempts grow fourfold, from the first to the longest.
const (
	firstPause   = 15 * time.Second
	longestPause = 8 * time.Hour
)

type backoff struct{}

// NextRetry is when a job that failed comes back, with some chance in it: what failed together shouldn't come back together.
func (backoff) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(pause(len(job.Errors)))
}

// pause is the wait after a job has failed so many times before.
func pause(before int) time.Duration {
	d := longestPause
	if before < 12 {
		d = min(firstPause<<(2*before), longestPause)
	}
	return d - rand.N(d/5)
}

// failures logs what went wrong: the kind, never what the job is about beyond its ids.
type failures struct{ log *slog.Logger }

// HandleError is told of each attempt that failed.
func (f *failures) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	level := slog.LevelWarn
	if job.Attempt >= job.MaxAttempts {
		level = slog.LevelError
	}
	f.log.Log(context.Background(), level, "job failed", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "error", err)
	return nil
}

// HandlePanic is told of each attempt that panicked; the job is tried again like any that failed.
func (f *failures) HandlePanic(_ context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	f.log.Error("job panicked", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "panic", value, "stack", trace)
	return nil
}
