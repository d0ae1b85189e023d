package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"time"

	"golang.org/x/net/netutil"
)

// Limits of the server; contract.md and the security notes state them.
const (
	maxConnections = 4096
	maxStreams     = 100 // of one connection of HTTP/2
	shutdownLimit  = 25 * time.Second
	headerLimit    = 5 * time.Second   // for the head of a request
	answerLimit    = 30 * time.Second  // for an answer
	idleLimit      = 120 * time.Second // between two requests of a connection
)

// Serve listens at the configured address and serves until ctx ends, then stops so that no request is lost: not ready any more, a pause of
// drain for balancers to notice, in which every answer ends its connection, requests under way finished, background work stopped. ready is
// called with the address once requests are taken; the database may still be away then. It returns an error where listening fails or the
// database can't ever be used.
func (a *App) Serve(ctx context.Context, drain time.Duration, ready func(addr net.Addr)) error {
	boundMemory(a.log)
	ballast := newBallast()
	defer runtime.KeepAlive(ballast)
	security, err := secured(a.cfg, a.log)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", a.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	ops, err := a.serveOps()
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer ops()
	srv := a.server(security)
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	worked := make(chan struct{})
	go func() { defer close(worked); a.Work(working) }()

	failed := make(chan error, 2)
	ln = netutil.LimitListener(ln, maxConnections)
	if security == nil {
		ln = a.Shortcut(ln)
	}
	go func() { failed <- serveOver(srv, ln) }()
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

// server is the site's, with every limit set.
func (a *App) server(security *tls.Config) *http.Server {
	return &http.Server{
		Handler:           a.parting(a.handler),
		TLSConfig:         security,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ReadHeaderTimeout: headerLimit,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      answerLimit,
		IdleTimeout:       idleLimit,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
}

// serveOver serves plainly, or with TLS and then HTTP/2 too.
func serveOver(srv *http.Server, ln net.Listener) error {
	if srv.TLSConfig == nil {
		return srv.Serve(ln)
	}
	return srv.ServeTLS(ln, "", "")
}

// parting ends each connection with its next answer once the instance is leaving: a connection that is closed while nothing is on its way
// loses nothing, and one that is still open at the end may be closed while a request is.
func (a *App) parting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.leaving.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// pause gives balancers time to see that the instance isn't ready.
func pause(d time.Duration) {
	if d > 0 {
		time.Sleep(d)
	}
}
