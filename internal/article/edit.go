package article

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// Editing is all that the editor's page shows of an article.
type Editing struct {
	ID            int64
	Kind          Kind
	Head          int // number of the newest revision: the base of the next save
	Draft         Draft
	State         State
	StageNote     string
	Path          string // empty before the first publication
	FirstPublicAt *time.Time
	Record        []Publication
	Revisions     []RevisionLine // the newest, those kept aside too
	Saves         int            // how many revisions there are
	Schedules     []Schedule
	CreatedBy     string
	Words         int
	Changed       []string // ids of the blocks that differ from those which readers see; none where nothing is public
}

// RevisionLine is one revision in a list. Public holds the numbers of the record's rows that made it public. Aside: somebody's own text of a
// save that overlapped with another, kept beside; it never was the newest.
type RevisionLine struct {
	Number int
	Base   int
	At     time.Time
	By     string
	Note   string
	Aside  bool
	Public []int
}

// recentRevisions is how many the editor's page lists.
const recentRevisions = 20

// Edit gives an article to its editor. One that the actor may not see is not found.
func (s *Store) Edit(ctx context.Context, actor staff.Actor, id int64) (Editing, error) {
	var e Editing
	err := s.see(ctx, actor, id, func(tx pgx.Tx, a *locked) error {
		r, err := readRevision(ctx, tx, a.ID, a.Head)
		if err != nil {
			return err
		}
		e = Editing{ID: a.ID, Kind: a.Kind, Head: a.Head, Draft: r.draft(a), State: a.state(), Path: deref(a.Path), FirstPublicAt: a.FirstPublicAt}
		for _, b := range r.blocks {
			e.Words += markup.Words(b.HTML)
		}
		if e.Changed, err = changedBlocks(ctx, tx, a, r.blocks); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `
			SELECT a.stage_note, coalesce(s.name, ''), (SELECT count(*) FROM revisions r WHERE r.article_id = a.id)
			FROM articles a
			LEFT JOIN staff s ON s.id = a.created_by
			WHERE a.id = $1`, id).Scan(&e.StageNote, &e.CreatedBy, &e.Saves)
		if err != nil {
			return err
		}
		if e.Record, err = readRecord(ctx, tx, id); err != nil {
			return err
		}
		if e.Revisions, err = readRevisions(ctx, tx, id, picked{limit: recentRevisions}); err != nil {
			return err
		}
		e.Schedules, err = readSchedules(ctx, tx, id)
		return err
	})
	return e, err
}

// see runs reads on an article that the actor may see, in one snapshot and without holding its row against anybody.
func (s *Store) see(ctx context.Context, actor staff.Actor, id int64, reads func(tx pgx.Tx, a *locked) error) error {
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		a, err := s.find(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		return reads(tx, a)
	})
	if err != nil {
		return fmt.Errorf("see article %d: %w", id, err)
	}
	return nil
}

// Notices gives the notices in force of the article being edited, oldest first.
func (e *Editing) Notices() []Notice { return notices(e.Record) }

func readSchedules(ctx context.Context, q querier, id int64) ([]Schedule, error) {
	rows, err := q.Query(ctx, `
		SELECT id, act, revision, kind, at, CASE WHEN failed_at IS NOT NULL THEN why ELSE '' END AS failed
		FROM schedules
		WHERE article_id = $1 AND done_at IS NULL AND cancelled_at IS NULL
		ORDER BY at, id`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Schedule])
}

// Revision gives one revision as a draft.
func (s *Store) Revision(ctx context.Context, actor staff.Actor, id int64, number int) (Draft, error) {
	var d Draft
	err := s.see(ctx, actor, id, func(tx pgx.Tx, a *locked) error {
		r, err := readRevision(ctx, tx, id, number)
		d = r.draft(a)
		return err
	})
	return d, err
}

// RestoreRevision makes an old revision the newest again, as a new one. Nothing that readers see changes.
func (s *Store) RestoreRevision(ctx context.Context, actor staff.Actor, id int64, number int) (Saved, error) {
	var out Saved
	err := s.act(ctx, actor, id, verb{"restore_revision", CanSave}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		r, err := readRevision(ctx, tx, id, number)
		if err != nil {
			return nil, err
		}
		head, err := readRevision(ctx, tx, id, a.Head)
		if err != nil {
			return nil, err
		}
		if out = (Saved{Number: a.Head, Unchanged: true}); r.same(head) {
			return nil, errDone
		}
		r.Base, r.Note, r.Aside, r.Held = a.Head, "", false, nil
		number, err := addRevision(ctx, tx, a, r)
		out = Saved{Number: number}
		return map[string]any{"revision": number, "from": r.Number}, err
	})
	return out, err
}

// Preview gives the newest revision as readers would see it, with the record that stands.
func (s *Store) Preview(ctx context.Context, actor staff.Actor, id int64) (*Live, error) {
	return s.PreviewRevision(ctx, actor, id, 0)
}

// PreviewRevision gives any revision as readers would see it; number 0 is the newest.
func (s *Store) PreviewRevision(ctx context.Context, actor staff.Actor, id int64, number int) (*Live, error) {
	var l *Live
	err := s.see(ctx, actor, id, func(tx pgx.Tx, a *locked) (err error) {
		l, err = s.preview(ctx, tx, a, cmp.Or(number, a.Head))
		return err
	})
	return l, err
}

func (s *Store) preview(ctx context.Context, tx pgx.Tx, a *locked, number int) (*Live, error) {
	r, err := readRevision(ctx, tx, a.ID, number)
	if err != nil {
		return nil, err
	}
	content, ids, err := s.content(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	l := &Live{ID: a.ID, UID: a.UID, Kind: a.Kind, State: Published, Number: a.RecordHead, Path: deref(a.Path), Content: *content, Blocks: content.blocks(ids),
		FirstPublicAt: a.At, UpdatedAt: a.UpdatedPublicAt, NoIndex: true, LiveMode: a.Live, Comments: a.Comments, CloseDays: a.CommentsCloseDays, GUID: deref(a.Guid)}
	if a.FirstPublicAt != nil {
		l.FirstPublicAt = *a.FirstPublicAt
	}
	l.Record, err = readRecord(ctx, tx, a.ID)
	return l, err
}

// find reads an article's row as the actor finds it, and the clock with it. An article that the actor may not see is not found.
func (s *Store) find(ctx context.Context, tx pgx.Tx, actor staff.Actor, id int64) (*locked, error) {
	rows, err := tx.Query(ctx, `
		SELECT a.id, a.uid::text AS uid, a.kind, a.parent_id, a.stage, a.head, a.public_state, a.record_head, a.live_version, a.live_revision, a.first_public_at,
			a.updated_public_at, a.path, a.embargo, a.comments, a.comments_close_days, a.noindex, a.live, a.trashed_at, a.guid,
			coalesce(a.created_by = nullif($2::bigint, 0), false) OR EXISTS (
				SELECT FROM revisions r JOIN bylines b ON b.revision_id = r.id
				WHERE r.article_id = a.id AND r.number = a.head AND b.author_id = nullif($3::bigint, 0)) AS own,
			coalesce(w.scheduled, false) AS scheduled, coalesce(w.ends, false) AS ends, coalesce(w.failed, false) AS failed,
			coalesce($4::timestamptz, clock_timestamp()) AS at
		FROM articles a
		CROSS JOIN LATERAL (
			SELECT bool_or(c.failed_at IS NULL AND c.act <> 'end') AS scheduled, bool_or(c.failed_at IS NULL AND c.act = 'end') AS ends,
				bool_or(c.failed_at IS NOT NULL) AS failed
			FROM schedules c
			WHERE c.article_id = a.id AND c.done_at IS NULL AND c.cancelled_at IS NULL) w
		WHERE a.id = $1`, id, actor.ID, actor.AuthorID, postgres.At(s.Now))
	if err != nil {
		return nil, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByNameLax[locked])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.NotFound
	}
	if err != nil {
		return nil, err
	}
	a.actor = actor
	if !CanSee(actor, a.state()) {
		return nil, fault.NotFound
	}
	return a, nil
}
