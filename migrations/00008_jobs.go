package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"
)

// jobsStep is this step's number, jobsVersion that of the job queue's own schema which it leads to. A newer queue's schema gets a step of its own.
const (
	jobsStep    = 8
	jobsVersion = 8
)

// jobs makes the tables of the job queue. Their own history can't run in one transaction: it uses values of an enum that it has just added.
// Run again after it broke off, it goes on where it stopped.
func jobs() *goose.Migration {
	return goose.NewGoMigration(jobsStep, &goose.GoFunc{RunDB: jobsUp}, &goose.GoFunc{RunDB: jobsDown})
}

func jobsUp(ctx context.Context, db *sql.DB) error {
	if err := migrateJobs(ctx, db, rivermigrate.DirectionUp, jobsVersion); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, `
		DO $$
		BEGIN
			IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_app') THEN
				GRANT SELECT, INSERT, UPDATE, DELETE ON river_job, river_leader, river_queue, river_notification TO stet_app;
				GRANT SELECT ON river_migration TO stet_app;
				GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO stet_app;
			END IF;
		END
		$$`)
	return err
}

func jobsDown(ctx context.Context, db *sql.DB) error {
	return migrateJobs(ctx, db, rivermigrate.DirectionDown, -1)
}

func migrateJobs(ctx context.Context, db *sql.DB, direction rivermigrate.Direction, target int) error {
	m, err := rivermigrate.New(riverdatabasesql.New(db), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if _, err := m.Migrate(ctx, direction, &rivermigrate.MigrateOpts{TargetVersion: target}); err != nil {
		return fmt.Errorf("job queue's tables: %w", err)
	}
	return nil
}
