package settings

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/postgres"
)

// Breaking is the line over all pages. It is gone by itself at Until, and there is none while Text is empty.
type Breaking struct {
	Text string `json:"text,omitempty"`
	// URL is where it leads: a path of the site or an https address; empty where there is nothing to read yet.
	URL   string    `json:"url,omitempty"`
	Until time.Time `json:"until,omitzero"`
	// Number counts the changes of the line: Undo takes back one that is still the newest.
	Number int64 `json:"number,omitempty"`
}

// Shown reports whether readers see the line at a time.
func (b Breaking) Shown(at time.Time) bool { return b.Text != "" && at.Before(b.Until) }

// Limits of a breaking line.
const (
	BreakingLongest = 140 // characters
	BreakingMost    = 7 * 24 * time.Hour
)

// SetBreaking puts a line over all pages in place of the one there, or ends that where in has no text. It returns the number with which
// UndoBreaking takes this back. That actorID is an editor is the caller's rule. Bad fields are a *fault.Invalid: text, url, until.
func (s *Store) SetBreaking(ctx context.Context, actorID int64, in Breaking) (number int64, err error) {
	in.Text, in.URL = strings.Join(strings.Fields(in.Text), " "), strings.TrimSpace(in.URL)
	if in.Text == "" {
		in = Breaking{}
	} else if err := in.check(s.clock()); err != nil {
		return 0, fmt.Errorf("set the breaking line: %w", err)
	}
	in.Until = in.Until.UTC().Truncate(time.Second)
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		number, err = s.turnBreaking(ctx, tx, actorID, func(Breaking, Breaking) (Breaking, error) { return in, nil })
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("set the breaking line: %w", err)
	}
	return number, nil
}

// UndoBreaking puts the line back that stood before change number; it may have run out since. Where the line was changed again the fault is
// fault.Conflict.
func (s *Store) UndoBreaking(ctx context.Context, actorID, number int64) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := s.turnBreaking(ctx, tx, actorID, func(is, was Breaking) (Breaking, error) {
			if is.Number != number {
				return Breaking{}, fault.Conflict
			}
			return was, nil
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("undo the breaking line: %w", err)
	}
	return nil
}

// turnBreaking puts what next makes of the line and the one before it in its place.
func (s *Store) turnBreaking(ctx context.Context, tx pgx.Tx, actorID int64, next func(is, was Breaking) (Breaking, error)) (int64, error) {
	var is, was Breaking
	if err := tx.QueryRow(ctx, `SELECT breaking, breaking_was FROM settings FOR UPDATE`).Scan(&is, &was); err != nil {
		return 0, err
	}
	to, err := next(is, was)
	if err != nil {
		return 0, err
	}
	to.Number = is.Number + 1
	// The state that Save compares stays: a line that comes and goes takes nobody's form of settings from them.
	if _, err := tx.Exec(ctx, `UPDATE settings SET breaking = $1, breaking_was = $2`, to, is); err != nil {
		return 0, err
	}
	act := "settings.breaking"
	if to.Text == "" {
		act = "settings.breaking-end"
	}
	detail := map[string]any{"text": to.Text, "url": to.URL}
	if !to.Until.IsZero() {
		detail["until"] = to.Until.Format(time.RFC3339)
	}
	if err := audit.Write(ctx, tx, audit.Entry{Actor: actorID, Act: act, Object: "settings", Detail: detail}); err != nil {
		return 0, err
	}
	return to.Number, postgres.Purge(ctx, tx, "all")
}

func (b Breaking) check(now time.Time) error {
	var c fault.Check
	c.That(utf8.RuneCountInString(b.Text) <= BreakingLongest, "text", "field.long")
	c.That(plain(b.Text), "text", "field.characters")
	c.That(b.URL == "" || isPlace(b.URL), "url", "settings.breaking.place")
	c.That(b.Until.After(now), "until", "settings.breaking.past")
	c.That(!b.Until.After(now.Add(BreakingMost)), "until", "settings.breaking.far")
	return c.Err()
}

func (s *Store) clock() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}
