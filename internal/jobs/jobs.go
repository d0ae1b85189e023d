// Package jobs is the queue of work that nobody waits for: it is put there in the transaction that gives rise to it, and done afterwards,
// once or, where something broke in the middle, again.
//
// What a job carries is ids and nothing else: its worker reads anew what they stand for, so that a job never knows what has been erased or
// decided otherwise meanwhile. It must know no noun, and nothing outside of it may see which queue stands behind it.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// Args is one kind of job with the ids it is about.
type Args interface {
	// Kind names the kind in the database, for good.
	Kind() string
}

// Replies tells a person of the replies to their comments that are due.
type Replies struct {
	Person int64 `json:"person"`
}

// Confirm asks a person by mail whether they want to hear of replies, if the comment that asked for it is still approved.
type Confirm struct {
	Comment int64 `json:"comment"`
}

// DataLink sends a person the link to what is kept about them.
type DataLink struct {
	Person int64 `json:"person"`
}

// CommentAlert tells moderators of something about comments: with Staff 0 it looks for who is to be told and queues one job for each.
type CommentAlert struct {
	What  string `json:"what"`
	ID    int64  `json:"id"`
	Staff int64  `json:"staff,omitempty"`
}

// ArticleAlert tells the people of an article of something about it, like CommentAlert. By is who did it, and needn't be told; 0 for nobody.
type ArticleAlert struct {
	What  string `json:"what"`
	ID    int64  `json:"id"`
	By    int64  `json:"by,omitempty"`
	Staff int64  `json:"staff,omitempty"`
}

// Related finds the articles related to one.
type Related struct {
	Article int64 `json:"article"`
}

// Picture makes the files of a picture that its upload didn't wait for.
type Picture struct {
	Media int64 `json:"media"`
}

// What an alert may be about.
const (
	QueueOld       = "queue"     // ID: 0
	Storm          = "storm"     // ID: of storms
	ScheduleFailed = "schedule"  // ID: the article
	Submitted      = "submitted" // ID: the article
	Returned       = "returned"  // ID: the article
)

// Kind names the job.
func (Replies) Kind() string { return "replies" }

// Kind names the job.
func (Confirm) Kind() string { return "confirm" }

// Kind names the job.
func (DataLink) Kind() string { return "data_link" }

// Kind names the job.
func (CommentAlert) Kind() string { return "comment_alert" }

// Kind names the job.
func (ArticleAlert) Kind() string { return "article_alert" }

// Kind names the job.
func (Related) Kind() string { return "related" }

// Kind names the job.
func (Picture) Kind() string { return "picture" }

// heavy is a job that takes minutes of a processor: such jobs are done one at a time, and none waits behind them that isn't heavy.
type heavy interface{ heavy() }

func (Picture) heavy() {}

// heavyQueue is where heavy jobs wait.
const heavyQueue = "heavy"

// inserter puts jobs there and does none; it holds no connection.
var inserter = sync.OnceValues(func() (*river.Client[pgx.Tx], error) {
	return river.NewClient(riverpgxv5.New(nil), &river.Config{Logger: slog.New(slog.DiscardHandler), PollOnly: true})
})

// Insert puts a job into the queue when tx commits, to be done at that time; the zero time is as soon as may be. Done means tried: up to
// Attempts times, each later than the one before.
func Insert(ctx context.Context, tx pgx.Tx, job Args, at time.Time) error {
	return insert(ctx, tx, job, &river.InsertOpts{ScheduledAt: at, MaxAttempts: Attempts})
}

// InsertOnce is Insert for work of which once is enough: while a job with the same ids waits or is being done, no other is put there, whatever
// time it asks for.
func InsertOnce(ctx context.Context, tx pgx.Tx, job Args, at time.Time) error {
	return insert(ctx, tx, job, &river.InsertOpts{ScheduledAt: at, MaxAttempts: Attempts, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}})
}

// unfinished are the states of a job that is still to be done.
var unfinished = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}

func insert(ctx context.Context, tx pgx.Tx, job Args, opts *river.InsertOpts) error {
	if _, is := job.(heavy); is {
		opts.Queue = heavyQueue
	}
	client, err := inserter()
	if err == nil {
		_, err = client.InsertTx(ctx, tx, job, opts)
	}
	if err != nil {
		return fmt.Errorf("queue job %s: %w", job.Kind(), err)
	}
	return nil
}

// Attempts is how often a job is tried before it is given up: over some two days, as mail servers do.
const Attempts = 12

// Handlers say what is done for each kind of job.
type Handlers struct {
	workers *river.Workers
}

// NewHandlers are none yet.
func NewHandlers() *Handlers { return &Handlers{workers: river.NewWorkers()} }

// Handle has work done for jobs of one kind; a second time for the same kind panics. An error brings the job back later, save GiveUp, which
// ends it, and NotYet, which says when.
func Handle[T Args](h *Handlers, work func(ctx context.Context, job T) error) {
	river.AddWorker(h.workers, &worker[T]{do: work})
}

type worker[T Args] struct {
	river.WorkerDefaults[T]
	do func(ctx context.Context, job T) error
}

// Work does one job.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	err := w.do(ctx, job.Args)
	if later, ok := errors.AsType[*NotYet](err); ok {
		return river.JobSnooze(later.Wait)
	}
	if gone, ok := errors.AsType[*giveUpError](err); ok {
		return river.JobCancel(gone.error)
	}
	return err
}

// Timeout is how long one attempt may take; 0: as long as jobs do.
func (w *worker[T]) Timeout(job *river.Job[T]) time.Duration {
	if _, is := Args(job.Args).(heavy); is {
		return heavyTime
	}
	return 0
}

type giveUpError struct{ error }

func (e *giveUpError) Unwrap() error { return e.error }

// GiveUp is an error after which trying again makes no sense.
func GiveUp(err error) error { return &giveUpError{err} }

// IsGivenUp tells whether an error is GiveUp's.
func IsGivenUp(err error) bool {
	_, ok := errors.AsType[*giveUpError](err)
	return ok
}

// NotYet is what a job returns for which it isn't time yet: it comes back after Wait, which counts as no attempt.
type NotYet struct{ Wait time.Duration }

// Error says how long.
func (e *NotYet) Error() string { return "not before " + e.Wait.String() }

// Options of a Run.
type Options struct {
	Log *slog.Logger
	// Poll is how often the queue is looked at; 0: every second.
	Poll time.Duration
	// Stop is how long jobs under way may take to end; 0: a quarter of a minute.
	Stop time.Duration
}

// Limits of the work.
const (
	workers   = 4
	jobTime   = time.Minute      // of one attempt
	heavyTime = 8 * time.Minute  // of a heavy one
	stuckTime = 10 * time.Minute // after which a job whose instance died is somebody else's
	stopTime  = 15 * time.Second // in which jobs under way may end
)

// Run does jobs until ctx ends and then waits for those under way, as long as Stop says; what was cut off is done again later. It
// returns early only where it can't begin: an error of the database, or a queue whose tables are another version's.
//
// It asks the queue every second and doesn't listen: what is in it may wait that long, and a listening connection for it costs more.
func Run(ctx context.Context, pool *pgxpool.Pool, h *Handlers, o Options) error {
	if err := validate(ctx, pool); err != nil {
		return err
	}
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	if o.Stop == 0 {
		o.Stop = stopTime
	}
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Workers: h.workers, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}, heavyQueue: {MaxWorkers: 1}}, Logger: o.Log, PollOnly: true,
		FetchPollInterval: o.Poll, FetchCooldown: min(o.Poll, river.FetchCooldownDefault), JobTimeout: jobTime, RescueStuckJobsAfter: stuckTime, SoftStopTimeout: o.Stop,
		MaxAttempts: Attempts, RetryPolicy: backoff{}, ErrorHandler: &failures{o.Log},
		// Ids of what readers wrote are kept no longer than somebody needs to find a fault.
		CompletedJobRetentionPeriod: time.Hour, CancelledJobRetentionPeriod: 24 * time.Hour, DiscardedJobRetentionPeriod: 7 * 24 * time.Hour,
	})
	if err != nil {
		return fmt.Errorf("job queue: %w", err)
	}
	if err := client.Start(ctx); err != nil {
		return fmt.Errorf("job queue: %w", err)
	}
	<-client.Stopped()
	return nil
}

// validate says whether the queue's tables are those that its code was written for.
func validate(ctx context.Context, pool *pgxpool.Pool) error {
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("job queue: %w", err)
	}
	res, err := m.Validate(ctx, nil)
	if err != nil {
		return fmt.Errorf("job queue: %w", err)
	}
	if !res.OK {
		return fmt.Errorf("job queue: its tables are another version's: %v", res.Messages)
	}
	return nil
}
