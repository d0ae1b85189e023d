package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/jobs"
	"stet/internal/pgtest"
	"stet/internal/postgres"
)

const patience = 30 * time.Second

// run does jobs until the test ends or stop is called.
func run(t *testing.T, db *pgtest.DB, h *jobs.Handlers) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- jobs.Run(ctx, db.App, h, jobs.Options{Log: slog.New(slog.DiscardHandler), Poll: 20 * time.Millisecond})
	}()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Error("the work doesn't stop")
		}
	}
	t.Cleanup(stop)
	return stop
}

func insert(t *testing.T, db *pgtest.DB, job jobs.Args, at time.Time) {
	t.Helper()
	if err := postgres.InTx(t.Context(), db.App, func(tx pgx.Tx) error { return jobs.Insert(t.Context(), tx, job, at) }); err != nil {
		t.Fatal(err)
	}
}

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// now makes all that waits due, as if the time had passed.
func now(t *testing.T, db *pgtest.DB) {
	t.Helper()
	_, err := db.Owner.Exec(t.Context(), `UPDATE river_job SET scheduled_at = now(), state = 'available' WHERE state IN ('scheduled', 'retryable')`)
	if err != nil {
		t.Fatal(err)
	}
}

func TestInsertIsPartOfItsTransaction(t *testing.T) {
	db := pgtest.New(t)
	did := make(chan int64, 10)
	h := jobs.NewHandlers()
	jobs.Handle(h, func(_ context.Context, j jobs.DataLink) error { did <- j.Person; return nil })
	sorry := errors.New("sorry")
	err := postgres.InTx(t.Context(), db.App, func(tx pgx.Tx) error {
		return errors.Join(jobs.Insert(t.Context(), tx, jobs.DataLink{Person: 1}, time.Time{}), sorry)
	})
	if !errors.Is(err, sorry) {
		t.Fatal(err)
	}
	insert(t, db, jobs.DataLink{Person: 2}, time.Time{})
	run(t, db, h)
	if got := receive(t, did); got != 2 {
		t.Errorf("did the job of person %d, want only that of the committed transaction", got)
	}
	var n int
	if err := db.App.QueryRow(t.Context(), `SELECT count(*) FROM river_job`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d jobs in the table (%v), want 1", n, err)
	}
}

func TestJobsSurviveARestart(t *testing.T) {
	db := pgtest.New(t)
	began, did := make(chan bool, 10), make(chan bool, 10)
	h := jobs.NewHandlers()
	jobs.Handle(h, func(ctx context.Context, _ jobs.Replies) error { began <- true; <-ctx.Done(); return ctx.Err() })
	insert(t, db, jobs.Replies{Person: 1}, time.Time{})
	insert(t, db, jobs.Confirm{Comment: 1}, time.Now().Add(time.Hour))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- jobs.Run(ctx, db.App, h, jobs.Options{Log: slog.New(slog.DiscardHandler), Poll: 20 * time.Millisecond, Stop: time.Millisecond})
	}()
	receive(t, began)
	cancel()
	if err := receive(t, done); err != nil {
		t.Fatal(err)
	}

	second := jobs.NewHandlers()
	jobs.Handle(second, func(context.Context, jobs.Replies) error { did <- true; return nil })
	jobs.Handle(second, func(context.Context, jobs.Confirm) error { did <- false; return nil })
	now(t, db)
	run(t, db, second)
	got := []bool{receive(t, did), receive(t, did)}
	if !slices.Contains(got, true) || !slices.Contains(got, false) {
		t.Errorf("did %v, want the job that was cut off and the one that was yet to come", got)
	}
}

func TestFailedJobsComeBack(t *testing.T) {
	db := pgtest.New(t)
	tries := make(chan string, 10)
	first := true
	h := jobs.NewHandlers()
	jobs.Handle(h, func(context.Context, jobs.Replies) error {
		defer func() { first = false }()
		tries <- "replies"
		if first {
			return errors.New("the server is away")
		}
		return nil
	})
	jobs.Handle(h, func(context.Context, jobs.Confirm) error {
		tries <- "confirm"
		return jobs.GiveUp(errors.New("no such mailbox"))
	})
	jobs.Handle(h, func(context.Context, jobs.DataLink) error { tries <- "link"; return &jobs.NotYet{Wait: time.Hour} })
	run(t, db, h)
	for _, tt := range []struct {
		job   jobs.Args
		name  string
		state string
	}{
		{jobs.Replies{Person: 1}, "replies", "retryable"},
		{jobs.Confirm{Comment: 1}, "confirm", "cancelled"},
		{jobs.DataLink{Person: 1}, "link", "scheduled"},
	} {
		insert(t, db, tt.job, time.Time{})
		if got := receive(t, tries); got != tt.name {
			t.Fatalf("did %s, want %s", got, tt.name)
		}
		until(t, db, tt.job.Kind(), tt.state)
	}
	if _, err := db.Owner.Exec(t.Context(), `UPDATE river_job SET scheduled_at = now(), state = 'available' WHERE state = 'retryable'`); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, tries); got != "replies" {
		t.Errorf("did %s, want the failed one again", got)
	}
	until(t, db, "replies", "completed")
}

// until waits for a job of that kind in that state.
func until(t *testing.T, db *pgtest.DB, kind, state string) {
	t.Helper()
	late := time.After(patience)
	for {
		var got string
		if err := db.App.QueryRow(t.Context(), `SELECT state FROM river_job WHERE kind = $1`, kind).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got == state {
			return
		}
		select {
		case <-late:
			t.Fatalf("%s is %s, want %s", kind, got, state)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
