package main

import (
	"context"
	"fmt"
	"time"

	"stet/internal/app"
	"stet/internal/article"
	"stet/internal/backup"
	"stet/internal/config"
	"stet/internal/media"
	"stet/internal/postgres"
)

type backupCmd struct {
	File string `arg:"" help:"Where to write it. An earlier file of that name is replaced once the new one is whole."`
}

// Run saves the site.
func (c backupCmd) Run(ctx context.Context, s streams) error {
	cfg, err := load(s, config.ForMigrate)
	if err != nil {
		return err
	}
	site, done, err := saved(s, cfg)
	if err != nil {
		return err
	}
	m, err := backup.Make(ctx, site, c.File)
	done()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.Out, "%s: schema %d, %d bytes of database, %d files of media with %d bytes\n", c.File, m.Schema, m.Dump.Bytes, m.Media.Files, m.Media.Bytes)
	return err
}

type restoreCmd struct {
	File    string `arg:"" type:"existingfile" help:"What stet backup wrote."`
	Replace bool   `help:"Replace all that is in the database."`
}

// Run makes the site again, brings an older schema up to date and checks the public record.
func (c restoreCmd) Run(ctx context.Context, s streams) error {
	cfg, err := load(s, config.ForMigrate)
	if err != nil {
		return err
	}
	site, done, err := saved(s, cfg)
	if err != nil {
		return err
	}
	m, err := backup.Restore(ctx, site, c.File, c.Replace)
	done()
	if err != nil {
		return err
	}
	steps, err := postgres.Migrate(ctx, site.Address, postgres.Up, false)
	for _, step := range steps {
		fmt.Fprintf(s.Err, "up %05d %s\n", step.Version, step.Name)
	}
	if err != nil {
		return err
	}
	cfg.DatabaseURL = site.Address
	a, err := app.New(ctx, cfg, app.Options{Log: logger(s, cfg.Log)})
	if err != nil {
		return err
	}
	defer a.Close()
	if err := verify(ctx, s, a.Articles); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.Out, "%s of %s: restored, with %d files of media\n", c.File, m.Made.Format(time.RFC3339), m.Media.Files)
	return err
}

// saved is the site of the environment. done ends what shows the progress.
func saved(s streams, cfg config.Config) (site backup.Site, done func(), err error) {
	site.Address = cfg.MigrateDatabaseURL
	if site.Media, err = app.OpenBlobs(cfg); err != nil {
		return site, nil, err
	}
	if bucket, ok := site.Media.(*media.S3); ok {
		if err := bucket.Check(context.Background()); err != nil {
			return site, nil, err
		}
	}
	bar := newBar(s.Err)
	site.Progress = bar.set
	site.Notice = func(what string) { fmt.Fprintln(s.Err, "stet:", what) }
	return site, bar.done, nil
}

// verify names each fault of the record on a line of its own.
func verify(ctx context.Context, s streams, articles *article.Store) error {
	faults := 0
	checked, err := articles.Verify(ctx, func(f article.Fault) {
		faults++
		fmt.Fprintln(s.Out, f)
	})
	if err != nil {
		return err
	}
	if faults > 0 {
		fmt.Fprintf(s.Err, "stet: the public record is broken in %d places (%d rows checked)\n", faults, checked)
		return errReported
	}
	_, err = fmt.Fprintf(s.Out, "the public record stands: %d rows checked\n", checked)
	return err
}
