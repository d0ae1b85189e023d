package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"stet/internal/app"
	"stet/internal/config"
	"stet/internal/seed"
)

// open makes the program for a command that works in its database.
func open(ctx context.Context, s streams) (*app.App, error) {
	cfg, err := load(s, config.ForTools)
	if err != nil {
		return nil, err
	}
	a, err := app.New(ctx, cfg, app.Options{Log: logger(s, cfg.Log)})
	if err != nil {
		return nil, err
	}
	within, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := a.Wait(within); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

type verifyCmd struct{}

// Run checks the record.
func (verifyCmd) Run(ctx context.Context, s streams) error {
	a, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer a.Close()
	return verify(ctx, s, a.Articles)
}

type seedCmd struct {
	Articles   int    `required:"" help:"How many articles."`
	Comments   int    `required:"" help:"How many approved comments, over all articles."`
	Authors    int    `default:"20" help:"How many authors."`
	Categories int    `default:"12" help:"How many categories."`
	Seed       uint64 `default:"1" help:"The same number makes the same content."`
	Texts      string `type:"existingdir" placeholder:"DIR" help:"Take the articles' words from the files of JSON lines in this folder (title, body_html or body_text, lang, summary, tags)."`
}

// Run fills the database and shows how far it is.
func (c seedCmd) Run(ctx context.Context, s streams) error {
	o := seed.Options{Articles: c.Articles, Comments: c.Comments, Authors: c.Authors, Categories: c.Categories, Seed: c.Seed}
	if c.Texts != "" {
		var err error
		if o.Texts, err = seed.ReadTexts(c.Texts); err != nil {
			return err
		}
	}
	a, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer a.Close()
	// Nearly all that is made is thrown away at once.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	bar := newBar(s.Err)
	defer bar.done()
	return seed.Run(ctx, seed.Newsroom{Staff: a.Staff, Settings: a.Settings, Taxonomy: a.Taxonomy, Authors: a.Authors, Media: a.Media, Articles: a.Articles, Comments: a.Comments},
		o, bar.of("seed"))
}

// version is set by release builds: -ldflags "-X main.version=1.2.3".
var version = "dev"

type versionCmd struct{}

// Run prints one line.
func (versionCmd) Run(s streams) error {
	commit := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				commit = setting.Value
			}
		}
	}
	_, err := fmt.Fprintf(s.Out, "stet %s, commit %s, %s\n", version, commit, runtime.Version())
	return err
}
