package article

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/jobs"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// What a schedule does at its time.
const (
	FirstAct  = "first"  // publishes what isn't public yet
	ChangeAct = "change" // publishes a change
	EndAct    = "end"    // withdraws
)

// Schedule is an act that waits for its time, or failed at it: Failed then says why.
type Schedule struct {
	ID       int64
	Act      string // FirstAct, ChangeAct or EndAct
	Revision int
	Kind     string
	At       time.Time
	Failed   string
}

// maxAhead is how far ahead something may be scheduled.
const maxAhead = 10 * 365 * 24 * time.Hour

// ParseAt reads a time from a form: RFC 3339, or YYYY-MM-DDTHH:MM on the wall clock of zone. A wall time that the clock skips or shows
// twice is a fault on the field at that names both readings.
func ParseAt(text string, zone *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", text, zone)
	if err != nil {
		return time.Time{}, fault.Field("at", "article.at.unreadable")
	}
	// Around a change of the clock the same wall time read with the offset before and the one after gives two instants.
	_, before := t.Add(-24 * time.Hour).Zone()
	_, after := t.Add(24 * time.Hour).Zone()
	wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
	if asked, err := time.Parse("2006-01-02T15:04", text); err == nil {
		wall = asked
	}
	first := wall.Add(-time.Duration(before) * time.Second).In(zone)
	second := wall.Add(-time.Duration(after) * time.Second).In(zone)
	const layout = "2006-01-02T15:04"
	firstFits, secondFits := first.Format(layout) == text, second.Format(layout) == text
	if before == after || firstFits != secondFits {
		return t, nil
	}
	return time.Time{}, fault.Field("at", fmt.Sprintf("article.at.clock|%s|%s", first.Format(time.RFC3339), second.Format(time.RFC3339)))
}

// schedule keeps in for its time. A second one replaces the first. Dates of one article can't run backwards: what changes a public article
// is recorded after what it changes.
func (s *Store) schedule(ctx context.Context, tx pgx.Tx, a *locked, in PublishIn) error {
	if a.Embargo != nil && in.At.Before(*a.Embargo) {
		return fault.Field("at", "article.embargo.ahead")
	}
	if in.At.After(a.At.Add(maxAhead)) {
		return fault.Field("at", "article.at.far")
	}
	r, err := readRevision(ctx, tx, a.ID, in.Revision)
	if err != nil {
		return err
	}
	if markup.Blank(r.Headline) {
		return fault.Field("headline", "article.headline.required")
	}
	c := change{Kind: in.Kind, Notice: in.Notice, Pinned: in.Pinned}
	if err := c.check(a); err != nil {
		return err
	}
	act := FirstAct
	if a.PublicState != nil {
		act = ChangeAct
	}
	if err := s.await(ctx, tx, a, Schedule{Act: act, Revision: in.Revision, Kind: c.Kind, At: *in.At}, c); err != nil {
		return err
	}
	return remember(ctx, a, "publish", in.Key, 0)
}

// await writes what is to happen, in place of what was to happen of the same kind.
func (s *Store) await(ctx context.Context, tx pgx.Tx, a *locked, w Schedule, c change) error {
	if _, err := cancel(ctx, tx, a, w.Act); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO schedules (article_id, act, revision, base_version, kind, notice, pinned, at, zone, by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, nullif($10::bigint, 0))`,
		a.ID, w.Act, w.Revision, a.LiveVersion, c.Kind, c.Notice, c.Pinned, w.At, s.site.Zone().String(), a.actor.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE articles SET changed_at = $2 WHERE id = $1`, a.ID, a.At)
	return err
}

// Unschedule calls off what waits for its time and clears what failed at it: what does act, or all of it that the actor may call off where
// act is empty. What waits no longer is a fault on the field act.
func (s *Store) Unschedule(ctx context.Context, actor staff.Actor, id int64, act string) error {
	return s.act(ctx, actor, id, verb{"unschedule", CanUnschedule}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		acts := []string{FirstAct, ChangeAct}
		if CanEnd(actor, a.state()) || actor.Can(staff.Editor) {
			acts = append(acts, EndAct)
		}
		if act != "" {
			if !slices.Contains(acts, act) {
				return nil, fault.Field("act", "article.unschedule.gone")
			}
			acts = []string{act}
		}
		off, err := cancel(ctx, tx, a, acts...)
		if err == nil && len(off) == 0 {
			err = fault.Field("act", "article.unschedule.gone")
		}
		return map[string]any{"acts": off}, err
	})
}

// cancel calls off those of acts that wait or failed, and tells which did.
func cancel(ctx context.Context, tx pgx.Tx, a *locked, acts ...string) ([]string, error) {
	rows, err := tx.Query(ctx, `
		UPDATE schedules
		SET cancelled_at = $3
		WHERE article_id = $1 AND act = ANY ($2) AND done_at IS NULL AND cancelled_at IS NULL
		RETURNING act`, a.ID, acts, a.At)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// overtake calls off what a person's publication overtook: the first one that was to come, and whatever else failed at its time. An end
// stays, as what is published may still have to go.
func overtake(ctx context.Context, tx pgx.Tx, a *locked) error {
	_, err := tx.Exec(ctx, `
		UPDATE schedules
		SET cancelled_at = $2
		WHERE article_id = $1 AND (act = 'first' OR act = 'change' AND failed_at IS NOT NULL) AND done_at IS NULL AND cancelled_at IS NULL`, a.ID, a.At)
	return err
}

// due is a schedule whose time has come, locked by this transaction.
type due struct {
	ID          int64
	ArticleID   int64
	Act         string
	Revision    int
	BaseVersion *int
	Kind        string
	Notice      string
	Pinned      bool
	By          int64
}

// PerformDue performs what is due, each act in a transaction of its own, and returns how many it performed or gave up. Every instance
// calls it once a second; the lock on the article's row makes each act happen once. What can't be performed is marked as failed with its
// reason and not tried again.
func (s *Store) PerformDue(ctx context.Context) (int, error) {
	n := 0
	for {
		done, more, err := s.performOne(ctx)
		if done {
			n++
		}
		if err != nil || !more {
			return n, err
		}
	}
}

// performOne locks the article before the schedule, as every act of a person does. An article that is locked already, by another instance
// or by somebody's save, is left for the next second.
func (s *Store) performOne(ctx context.Context) (done, more bool, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var id int64
		err := tx.QueryRow(ctx, `
			SELECT c.id
			FROM schedules c
			JOIN articles a ON a.id = c.article_id
			WHERE c.done_at IS NULL AND c.cancelled_at IS NULL AND c.failed_at IS NULL AND c.at <= coalesce($1::timestamptz, clock_timestamp())
			ORDER BY c.at, c.act = 'end', c.id
			LIMIT 1
			FOR NO KEY UPDATE OF a SKIP LOCKED`, postgres.At(s.Now)).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		more = true
		// What was read before the lock may have been performed or called off meanwhile.
		rows, err := tx.Query(ctx, `
			SELECT id, article_id, act, revision, base_version, kind, notice, pinned, coalesce(by, 0) AS by
			FROM schedules
			WHERE id = $1 AND done_at IS NULL AND cancelled_at IS NULL AND failed_at IS NULL
			FOR UPDATE`, id)
		if err != nil {
			return err
		}
		d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[due])
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		done = true
		return s.performOrFail(ctx, tx, d)
	})
	if err != nil {
		return false, false, fmt.Errorf("perform what is due: %w", err)
	}
	return done, more, nil
}

// performOrFail performs d within a savepoint, so that a refusal undoes the act but not the note of it. Any other error ends the whole
// transaction, and the act stays due.
func (s *Store) performOrFail(ctx context.Context, tx pgx.Tx, d due) error {
	at := time.Time{}
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		var err error
		at, err = s.perform(ctx, tx, d)
		return err
	})
	var invalid *fault.Invalid
	switch {
	case err == nil:
		_, err = tx.Exec(ctx, `UPDATE schedules SET done_at = $2 WHERE id = $1`, d.ID, at)
		return err
	case errors.As(err, &invalid), errors.Is(err, fault.Conflict), errors.Is(err, fault.Forbidden), errors.Is(err, fault.NotFound):
		_, failed := tx.Exec(ctx, `
			UPDATE schedules
			SET failed_at = coalesce($3::timestamptz, clock_timestamp()), why = $2
			WHERE id = $1`, d.ID, reason(err), postgres.At(s.Now))
		if failed == nil {
			failed = jobs.Insert(ctx, tx, jobs.ArticleAlert{What: jobs.ScheduleFailed, ID: d.ArticleID}, time.Time{})
		}
		if failed != nil {
			return failed
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: d.By, Act: "article.schedule.failed", Object: fmt.Sprintf("article:%d", d.ArticleID)})
	}
	return err
}

// reason is why something couldn't happen at its time, as a key of the catalogue.
func reason(err error) string {
	var o *Overlap
	var invalid *fault.Invalid
	switch {
	case errors.As(err, &o):
		return fmt.Sprintf("article.schedule.overlap|%d", len(o.Blocks)+len(o.Fields))
	case errors.As(err, &invalid):
		for _, field := range slices.Sorted(maps.Keys(invalid.Fields)) {
			return invalid.Fields[field]
		}
	}
	return "article.schedule.refused"
}

// notNow is the refusal of what was scheduled, in words that say what stands against it.
func notNow(s State) error {
	switch s.Public {
	case Withdrawn, Withheld:
		return fault.Field("at", "article.schedule."+s.Public)
	}
	return fault.Field("at", "article.schedule.refused")
}

// perform is Publish or Withdraw at its time: the same lock, rule, steps and audit row, in the name of who scheduled it.
func (s *Store) perform(ctx context.Context, tx pgx.Tx, d due) (time.Time, error) {
	a, err := s.lock(ctx, tx, staff.System(), d.ArticleID)
	if err != nil {
		return time.Time{}, err
	}
	a.actor.ID = d.By
	if d.Act == EndAct {
		return a.At, s.performEnd(ctx, tx, a, d)
	}
	if !CanPublish(staff.System(), a.state()) {
		return a.At, notNow(a.state())
	}
	if a.Embargo != nil && a.Embargo.After(a.At) {
		return a.At, fault.Field("embargo", "article.embargo.ahead")
	}
	r, err := readRevision(ctx, tx, a.ID, d.Revision)
	if err != nil {
		return a.At, err
	}
	if d.BaseVersion != nil && a.LiveVersion != nil && *d.BaseVersion != *a.LiveVersion {
		if r, err = s.rebase(ctx, tx, a, d, r); err != nil {
			return a.At, err
		}
	}
	p, err := s.goPublic(ctx, tx, a, r, change{Kind: d.Kind, Notice: d.Notice, Pinned: d.Pinned})
	if err != nil {
		return a.At, err
	}
	return a.At, audit.Write(ctx, tx, audit.Entry{Actor: d.By, Act: "article.publish", Object: a.object(),
		Detail: map[string]any{"revision": r.Number, "number": p.Number, "kind": p.Kind, "scheduled": true}})
}

// rebase joins a scheduled change with what went public since it was scheduled, so that it doesn't silently take back a correction. Where
// both changed the same it is refused.
func (s *Store) rebase(ctx context.Context, tx pgx.Tx, a *locked, d due, mine revision) (revision, error) {
	base, err := versionRevision(ctx, tx, a.ID, *d.BaseVersion)
	if err != nil {
		return mine, err
	}
	theirs, err := versionRevision(ctx, tx, a.ID, *a.LiveVersion)
	if err != nil {
		return mine, err
	}
	var o Overlap
	merged := merge(base, mine, theirs, &o)
	if o.found() {
		return mine, &o
	}
	merged.blocks = markup.Identify(merged.blocks, mine.blocks)
	merged.Base, merged.Note = mine.Number, ""
	head := a.Head
	number, err := addRevision(ctx, tx, a, merged)
	if err != nil {
		return mine, err
	}
	if err := carryOn(ctx, a, mine, head, number); err != nil {
		return mine, err
	}
	return readRevision(ctx, tx, a.ID, number)
}

// carryOn keeps a draft that was edited on after mine was scheduled the newest revision: what was merged into public is joined to it, and
// where they part the draft's own words stand.
func carryOn(ctx context.Context, a *locked, mine revision, head, public int) error {
	if head == mine.Number {
		return nil
	}
	draft, err := readRevision(ctx, a.tx, a.ID, head)
	if err != nil {
		return err
	}
	went, err := readRevision(ctx, a.tx, a.ID, public)
	if err != nil {
		return err
	}
	var kept Overlap
	next := merge(mine, draft, went, &kept)
	next.Base, next.Note = head, ""
	_, err = addRevision(ctx, a.tx, a, next)
	return err
}

// versionRevision gives the revision that a version was made from.
func versionRevision(ctx context.Context, tx pgx.Tx, id int64, version int) (revision, error) {
	var number int
	err := tx.QueryRow(ctx, `
		SELECT r.number
		FROM versions v
		JOIN revisions r ON r.id = v.revision_id
		WHERE v.article_id = $1 AND v.number = $2`, id, version).Scan(&number)
	if err != nil {
		return revision{}, err
	}
	return readRevision(ctx, tx, id, number)
}
