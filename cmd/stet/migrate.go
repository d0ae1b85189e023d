package main

import (
	"context"
	"fmt"

	"stet/internal/config"
	"stet/internal/postgres"
)

type migrateCmd struct {
	Direction string `arg:"" optional:"" enum:"up,down,status" default:"up" help:"up (the default), down or status."`
	Destroy   bool   `help:"With down: go back although the public record has rows, which may be lost."`
}

// Run changes the schema or says where it stands, a step a line.
func (m migrateCmd) Run(ctx context.Context, s streams) error {
	cfg, err := load(s, config.ForMigrate)
	if err != nil {
		return err
	}
	if m.Direction == "status" {
		steps, err := postgres.Migrations(ctx, cfg.MigrateDatabaseURL)
		for _, step := range steps {
			state := "missing"
			if !step.Applied.IsZero() {
				state = step.Applied.Format("2006-01-02 15:04:05Z07:00")
			}
			fmt.Fprintf(s.Out, "%05d  %-24s %s\n", step.Version, step.Name, state)
		}
		return err
	}
	direction := postgres.Up
	if m.Direction == "down" {
		direction = postgres.Down
	}
	steps, err := postgres.Migrate(ctx, cfg.MigrateDatabaseURL, direction, m.Destroy)
	for _, step := range steps {
		fmt.Fprintf(s.Err, "%s %05d %s\n", m.Direction, step.Version, step.Name)
	}
	if err == nil && len(steps) == 0 {
		fmt.Fprintln(s.Err, "nothing to do")
	}
	return err
}
