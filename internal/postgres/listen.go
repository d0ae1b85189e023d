package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
)

// Listener says what to listen for and whom to tell. The functions are called one after the other from one goroutine and should return
// soon: notifications wait meanwhile.
type Listener struct {
	Channel string
	Notify  func(payload string)
	// Up is called whenever the channel is listened to again, before any notification: whatever was sent until then may be lost.
	Up func()
	// Down is called when the connection is lost or can't be made, at first once and then after every failed try.
	Down func(error)
	// Check is how long a silent connection is believed; 0 means 15 s.
	Check time.Duration
}

const (
	backoffFirst = 100 * time.Millisecond
	backoffLast  = time.Second
	checkTimeout = 5 * time.Second
)

// Listen keeps a connection of its own listening until ctx ends, and returns ctx's error. url must lead to Postgres itself and not to a
// pooler that hands out a server connection per transaction. A lost connection is made anew after 0.1 to 1 s, for ever; one that died
// silently is found out by asking.
func Listen(ctx context.Context, url string, l Listener) error {
	if l.Check == 0 {
		l.Check = 15 * time.Second
	}
	backoff := backoffFirst
	for {
		up, err := l.once(ctx, url)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if up {
			backoff = backoffFirst
		}
		l.Down(err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(backoff):
		}
		backoff = min(2*backoff, backoffLast)
	}
}

// once listens over one connection until it breaks; up tells whether it came to listening at all.
func (l Listener) once(ctx context.Context, url string) (up bool, err error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return false, fmt.Errorf("database url: %w", err)
	}
	tune(cfg, Options{AppName: "stet listen"})
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3}}
	cfg.DialFunc = dialer.DialContext
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return false, err
	}
	defer func() {
		// The connection is broken or no longer wanted; how its closing goes changes nothing.
		_ = conn.Close(context.WithoutCancel(ctx))
	}()
	if err := within(ctx, checkTimeout, func(ctx context.Context) error {
		_, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{l.Channel}.Sanitize())
		return err
	}); err != nil {
		return false, err
	}
	l.Up()
	for {
		if err := l.next(ctx, conn); err != nil {
			return true, err
		}
	}
}

// next delivers one notification, or proves that the silent connection is alive.
func (l Listener) next(ctx context.Context, conn *pgx.Conn) error {
	var payload string
	err := within(ctx, l.Check, func(ctx context.Context) error {
		n, err := conn.WaitForNotification(ctx)
		if err == nil {
			payload = n.Payload
		}
		return err
	})
	if err == nil {
		l.Notify(payload)
		return nil
	}
	if ctx.Err() != nil || conn.IsClosed() || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return within(ctx, checkTimeout, func(ctx context.Context) error {
		_, err := conn.Exec(ctx, "SELECT 1")
		return err
	})
}

// within runs fn under a deadline of its own.
func within(ctx context.Context, d time.Duration, fn func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return fn(ctx)
}
