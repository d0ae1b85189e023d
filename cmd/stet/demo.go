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
	on := stage{dir: dir, secret: secret, fresh: fresh, start: func(context.Context) error { return nil }, stop: func() error { return nil }}
	if d.Server != "" {
		if on.server, err = postgres.ParseServer(d.Server, secret); err != nil {
			return err
		}
		return d.perform(ctx, s, on)
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
	on.server, on.start, on.stop = cluster, cluster.Start, cluster.Stop
	return d.perform(ctx, s, on)
}

// server is where the demo's databases are: a private Postgres, or one that was named.
type server interface {
	URL(role, db string) string
}

// stage is what one run of the demo stands on. Fresh: the newsroom is to be made, and what an earlier demo left goes first.
type stage struct {
	dir, secret string
	fresh       bool
	server      server
	start       func(context.Context) error
	stop        func() error
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

// perform starts Postgres, composes the program meanwhile and serves. Making the pictures needs no database and begins before it is there.
func (d demoCmd) perform(ctx context.Context, s streams, on stage) error {
	started := make(chan error, 1)
	go func() { started <- on.start(ctx) }()
	a, making, err := d.compose(ctx, s, on)
	if failed := <-started; failed != nil {
		return errors.Join(failed, err)
	}
	if err != nil {
		return errors.Join(err, on.stop())
	}
	defer a.Close()
	return errors.Join(d.serve(ctx, s, on, a, making), on.stop())
}

// compose makes the program, and begins the newsroom where there is none yet.
func (d demoCmd) compose(ctx context.Context, s streams, on stage) (*app.App, *demo.Making, error) {
	cfg, err := d.config(on)
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.NewTextHandler(s.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.New(ctx, cfg, app.Options{Log: log, Web: d.Web})
	if err != nil || !on.fresh {
		return a, nil, err
	}
	making, err := demo.Newsroom{Staff: a.Staff, Settings: a.Settings, Taxonomy: a.Taxonomy, Authors: a.Authors, Media: a.Media, Articles: a.Articles,
		Comments: a.Comments, Reports: a.Reports, Reads: a.Reads, Fronts: a.Fronts}.Begin(ctx)
	return a, making, err
}

// serve prepares the database and serves from it.
func (d demoCmd) serve(ctx context.Context, s streams, on stage, a *app.App, making *demo.Making) error {
	if on.fresh {
		super := on.server.URL(pglocal.Superuser, "postgres")
		if err := postgres.DropDatabase(ctx, super, demoDatabase); err != nil {
			return err
		}
		if err := postgres.Provision(ctx, super, demoDatabase, postgres.Passwords{Owner: on.secret, App: on.secret}); err != nil {
			return err
		}
	}
	if _, err := postgres.Migrate(ctx, on.server.URL(postgres.Owner, demoDatabase), postgres.Up, false); err != nil {
		return err
	}
	signIns, err := newsroom(ctx, s, on.dir, making)
	if err != nil {
		return err
	}
	return a.Serve(ctx, 0, func(net.Addr) {
		fmt.Fprintf(s.Out, "\n  %s/ is the magazine, %s/newsroom/ its newsroom. Sign in as:\n\n", a.BaseURL(), a.BaseURL())
		for _, who := range signIns {
			fmt.Fprintf(s.Out, "  %-12s %-32s %s\n", who.Role, who.Email, who.Password)
		}
		fmt.Fprintf(s.Out, "\n  Kept in %s. Ctrl-C stops everything.\n\n", on.dir)
	})
}

// config is the demo's own: only the mail server is read from the environment.
func (d demoCmd) config(on stage) (config.Config, error) {
	host, port, err := net.SplitHostPort(d.Listen)
	if err != nil {
		return config.Config{}, fmt.Errorf("--listen %s: %w", d.Listen, err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	server, from, err := config.Mail(os.LookupEnv)
	if err != nil {
		return config.Config{}, err
	}
	return config.Config{SMTP: server, MailFrom: from, DatabaseURL: on.server.URL(postgres.App, demoDatabase), Listen: d.Listen, BaseURL: &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)},
		Data: on.dir, Media: filepath.Join(on.dir, "media"), Secret: []byte(on.secret), Work: true}, nil
}

// newsroom finishes making the demo's people, articles and comments and keeps the sign-ins; where nothing is to be made it gives those that
// were kept.
func newsroom(ctx context.Context, s streams, dir string, making *demo.Making) ([]demo.SignIn, error) {
	file := filepath.Join(dir, "sign-ins.json")
	var signIns []demo.SignIn
	if making == nil {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		return signIns, json.Unmarshal(b, &signIns)
	}
	bar := newBar(s.Err)
	signIns, err := making.Finish(ctx, time.Now(), bar.of("making the demo newsroom"))
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
