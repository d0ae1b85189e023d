package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// Limits of the server; contract.md and the security notes state them.
const (
	maxConnections = 4096
	shutdownLimit  = 25 * time.Second
)

// Serve listens at the configured address and serves until ctx ends, then stops cleanly: not ready any more, a pause of drain for
// balancers to notice, requests under way finished, background work stopped. ready is called with the address once requests are taken;
// the database may still be away then. It returns an error where listening fails or the database can't ever be used.
func (a *App) Serve(ctx context.Context, drain time.Duration, ready func(addr net.Addr)) error {
	ln, err := net.Listen("tcp", a.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	srv := &http.Server{
		Handler:           a.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	worked := make(chan struct{})
	go func() { defer close(worked); a.Work(working) }()

	failed := make(chan error, 2)
	go func() { failed <- srv.Serve(netutil.LimitListener(ln, maxConnections)) }()
	go func() {
		if err := a.Wait(ctx); err != nil && ctx.Err() == nil {
			failed <- err
		}
	}()
	ready(ln.Addr())

	select {
	case err = <-failed:
	case <-ctx.Done():
		a.leaving.Store(true)
		pause(drain)
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownLimit)
	defer cancel()
	stopped := srv.Shutdown(within)
	stopWork()
	<-worked
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, stopped)
}

// pause gives balancers time to see that the instance isn't ready.
func pause(d time.Duration) {
	if d > 0 {
		time.Sleep(d)
	}
}
