package main

import (
	"context"
	"net"
	"time"

	"stet/internal/app"
	"stet/internal/config"
)

// drain is how long a server that was told to stop goes on taking requests while it answers "not ready", so that a balancer sees it first.
const drain = 5 * time.Second

type serveCmd struct{}

// Run serves until it is told to stop.
func (serveCmd) Run(ctx context.Context, s streams) error {
	cfg, err := load(s, config.ForServer)
	if err != nil {
		return err
	}
	log := logger(s, cfg.Log)
	a, err := app.New(ctx, cfg, app.Options{Log: log})
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Serve(ctx, drain, func(addr net.Addr) { log.Info("serving", "address", addr.String(), "site", cfg.BaseURL.String()) })
}
