package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"stet/internal/app"
	"stet/internal/config"
	"stet/internal/demo"
	"stet/internal/pglocal"
	"stet/internal/postgres"
)

// demoDatabase is the database of the demo within its private Postgres.
const demoDatabase = "stet_demo"

type demoCmd struct {
	Listen string `default:"127.0.0.1:8080" help:"Address to serve at."`
	Dir    string `help:"Where the demo lives, kept between runs (default: stet-demo in the user's cache folder)."`
	Reset  bool   `help:"Begin anew."`
	Server string `help:"Use this Postgres instead of a private one: a superuser's URL." placeholder:"URL"`
	Web    string `help:"Reread templates and assets from this directory at each request."`
}

// Run starts the whole system and serves until it is told to stop.
func (d demoCmd) Run(ctx context.Context, s streams) error {
	dir, err := d.dir()
	if err != nil {
		return err
	}
	fresh := d.Reset || !exists(filepath.Join(dir, "sign-ins.json"))
	if fresh {
		if err := forget(dir); err != nil {
			return err
		}
	}
	secret, err := keep(filepath.Join(dir, "secret"))
	if err != nil {
		return err
	}
	if d.Server != "" {
		server, err := postgres.ParseServer(d.Server, secret)
		if err != nil {
			return err
		}
		return d.serve(ctx, s, stage{dir: dir, secret: secret, server: server, fresh: fresh})
	}
	cluster, err := pglocal.Open(filepath.Join(dir, "postgres"), pglocal.Options{Fetch: true})
	if err != nil {
		return err
	}
	if fresh {
		if err := cluster.Destroy(); err != nil {
			return err
		}
	}
	if err := cluster.Start(ctx); err != nil {
		return err
	}
	return errors.Join(d.serve(ctx, s, stage{dir: dir, secret: secret, server: cluster}), cluster.Stop())
}

// server is where the demo's databases are: a private Postgres, or one that was named.
type server interface {
	URL(role, db string) string
}

// stage is what one run of the demo stands on. Fresh: a database that an earlier demo left is to go first.
type stage struct {
	dir, secret string
	server      server
	fresh       bool
}

// dir makes the demo's folder.
func (d demoCmd) dir() (string, error) {
	dir := d.Dir
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			cache = os.TempDir()
		}
		dir = filepath.Join(cache, "stet-demo")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// serve runs the program over a started Postgres, with the demo's newsroom in it.
func (d demoCmd) serve(ctx context.Context, s streams, on stage) error {
	super := on.server.URL(pglocal.Superuser, "postgres")
	if on.fresh {
		if err := postgres.DropDatabase(ctx, super, demoDatabase); err != nil {
			return err
		}
	}
	if err := postgres.Provision(ctx, super, demoDatabase, postgres.Passwords{Owner: on.secret, App: on.secret}); err != nil {
		return err
	}
	if _, err := postgres.Migrate(ctx, on.server.URL(postgres.Owner, demoDatabase), postgres.Up, false); err != nil {
		return err
	}
	cfg, err := d.config(on)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(s.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.New(ctx, cfg, app.Options{Log: log, Web: d.Web})
	if err != nil {
		return err
	}
	defer a.Close()
	signIns, err := d.newsroom(ctx, s, on.dir, a)
	if err != nil {
		return err
	}
	return a.Serve(ctx, 0, func(net.Addr) {
		fmt.Fprintf(s.Out, "\n  %s/ is the magazine, %s/newsroom/ its newsroom. Sign in as:\n\n", cfg.BaseURL, cfg.BaseURL)
		for _, who := range signIns {
			fmt.Fprintf(s.Out, "  %-12s %-32s %s\n", who.Role, who.Email, who.Password)
		}
		fmt.Fprintf(s.Out, "\n  Kept in %s. Ctrl-C stops everything.\n\n", on.dir)
	})
}

// config is the demo's own: nothing is read from the environment.
func (d demoCmd) config(on stage) (config.Config, error) {
	host, port, err := net.SplitHostPort(d.Listen)
	if err != nil {
		return config.Config{}, fmt.Errorf("--listen %s: %w", d.Listen, err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return config.Config{DatabaseURL: on.server.URL(postgres.App, demoDatabase), Listen: d.Listen, BaseURL: &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)},
		Data: on.dir, Media: filepath.Join(on.dir, "media"), Secret: []byte(on.secret), Work: true}, nil
}

// newsroom makes the demo's people, articles and comments on the first run, and gives the sign-ins of that run on all others.
func (d demoCmd) newsroom(ctx context.Context, s streams, dir string, a *app.App) ([]demo.SignIn, error) {
	file := filepath.Join(dir, "sign-ins.json")
	var signIns []demo.SignIn
	if b, err := os.ReadFile(file); err == nil {
		return signIns, json.Unmarshal(b, &signIns)
	}
	bar := newBar(s.Err)
	signIns, err := demo.Newsroom{Staff: a.Staff, Settings: a.Settings, Taxonomy: a.Taxonomy, Authors: a.Authors, Media: a.Media, Articles: a.Articles,
		Comments: a.Comments}.Make(ctx, time.Now(), bar.of("making the demo newsroom"))
	bar.done()
	if err != nil {
		return nil, fmt.Errorf("make the demo newsroom: %w", err)
	}
	b, err := json.MarshalIndent(signIns, "", "  ")
	if err != nil {
		return nil, err
	}
	return signIns, os.WriteFile(file, b, 0o600)
}

// forget removes what belongs to an earlier demo, or to one that was interrupted while it was made.
func forget(dir string) error {
	return errors.Join(os.RemoveAll(filepath.Join(dir, "sign-ins.json")), os.RemoveAll(filepath.Join(dir, "media")), os.RemoveAll(filepath.Join(dir, "secret")))
}

// keep reads a secret from a file, or makes it.
func keep(file string) (string, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		secret := rand.Text() + rand.Text()
		return secret, os.WriteFile(file, []byte(secret), 0o600)
	}
	return strings.TrimSpace(string(b)), err
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
