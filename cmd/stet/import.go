package main

import (
	"context"

	"stet/internal/importer"
)

type importCmd struct {
	Wordpress importWordpress `cmd:"" help:"A WordPress export (WXR). Running it again adds only what is new."`
}

type importWordpress struct {
	File   string `arg:"" type:"existingfile" help:"The export, FILE.xml."`
	Media  string `type:"existingdir" help:"Where the old site's uploads lie; pictures that aren't there are listed as missing."`
	DryRun bool   `help:"Do everything, then undo it, and say what an import would do."`
}

// Run imports and prints what became of each item.
func (c importWordpress) Run(ctx context.Context, s streams) error {
	a, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer a.Close()
	bar := newBar(s.Err)
	report, err := a.Importer().WordPress(ctx, c.File, importer.Options{MediaDir: c.Media, DryRun: c.DryRun, Progress: bar.set})
	bar.done()
	if report != nil {
		if _, err := report.WriteTo(s.Out); err != nil {
			return err
		}
	}
	return err
}
