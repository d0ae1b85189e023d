package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"stet/internal/pgtest"
	"stet/internal/postgres"
)

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came within 10 s")
		panic("unreachable")
	}
}

// listen runs a listener until the test ends and returns when it listens; up receives every later Up, down every Down.
func listen(t *testing.T, url string, l postgres.Listener) (up <-chan struct{}, down <-chan error) {
	t.Helper()
	ups, downs := make(chan struct{}, 100), make(chan error, 100)
	l.Up = func() { ups <- struct{}{} }
	l.Down = func(err error) { downs <- err }
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- postgres.Listen(ctx, url, l) }()
	t.Cleanup(func() {
		cancel()
		if err := receive(t, ended); !errors.Is(err, context.Canceled) {
			t.Errorf("Listen ended with %v, want context.Canceled", err)
		}
	})
	receive(t, ups)
	return ups, downs
}

func TestListen(t *testing.T) {
	db := pgtest.New(t)
	got := make(chan string, 10)
	// A check far more often than notifications come shows that checking loses none.
	up, down := listen(t, db.AppURL, postgres.Listener{Channel: "Odd channel", Notify: func(p string) { got <- p }, Check: 5 * time.Millisecond})
	say := func(payload string) { run(t, db.Super, "SELECT pg_notify('Odd channel', $1)", payload) }
	for _, word := range []string{"one", "two", "three"} {
		say(word)
		if payload := receive(t, got); payload != word {
			t.Errorf("heard %q, want %q", payload, word)
		}
	}
	run(t, db.Super, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'stet listen'")
	if err := receive(t, down); err == nil {
		t.Error("Down was called without a reason")
	}
	receive(t, up)
	say("four")
	if payload := receive(t, got); payload != "four" {
		t.Errorf("heard %q after a lost connection, want four", payload)
	}
}

func TestListenWhereThereIsNoDatabase(t *testing.T) {
	downs := make(chan error, 100)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- postgres.Listen(ctx, "postgres://127.0.0.1:1/nowhere", postgres.Listener{
			Channel: "c",
			Up:      func() { t.Error("Up without a database") },
			Down:    func(err error) { downs <- err },
		})
	}()
	for range 3 {
		if err := receive(t, downs); !postgres.IsUnavailable(err) {
			t.Errorf("Down(%v), want unavailable", err)
		}
	}
	cancel()
	if err := receive(t, ended); !errors.Is(err, context.Canceled) {
		t.Errorf("Listen = %v, want context.Canceled", err)
	}
}
