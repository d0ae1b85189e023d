package article

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/staff"
)

// Imported is an article or page taken over from another system. Status is Published, "scheduled" (with ScheduleAt) or "draft"; anything
// that wasn't public there comes as a draft. Path is the address it had and keeps, whatever its shape; Aliases are others that lead to it.
// ClaimedAt is the date it claims; the record keeps it beside the time of the import.
type Imported struct {
	Draft
	Kind       Kind
	Status     string
	Path       string
	Aliases    []string
	ClaimedAt  time.Time
	ScheduleAt time.Time
	GUID       string
	ParentID   int64
	By         int64
}

// ImportedAs says what became of an import. Taken are the aliases that other targets hold.
type ImportedAs struct {
	ID    int64
	Path  string // empty unless public
	Taken []string
}

// ImportTx takes in one article within tx, through the same checks and the same steps as a person's; the actor must be an admin. A Path
// that is taken is address.ErrTaken. Comments policy and the like act as in Save.
func (s *Store) ImportTx(ctx context.Context, tx pgx.Tx, actor staff.Actor, in Imported) (ImportedAs, error) {
	if !actor.Can(staff.Admin) {
		return ImportedAs{}, fault.Forbidden
	}
	uid, err := claimUID(ctx, tx, actor, "")
	if err != nil {
		return ImportedAs{}, err
	}
	id, err := s.insert(ctx, tx, actor, in.Kind, uid)
	if err != nil {
		return ImportedAs{}, err
	}
	_, err = tx.Exec(ctx, `
		UPDATE articles
		SET guid = nullif($2, ''), parent_id = nullif($3::bigint, 0), created_by = nullif($4::bigint, 0)
		WHERE id = $1`, id, in.GUID, in.ParentID, in.By)
	if err != nil {
		return ImportedAs{}, err
	}
	a, err := s.lock(ctx, tx, actor, id)
	if err != nil {
		return ImportedAs{}, err
	}
	if err := s.importDraft(ctx, a, in.Draft); err != nil {
		return ImportedAs{}, fmt.Errorf("import article: %w", err)
	}
	out := ImportedAs{ID: id}
	if err := s.importState(ctx, tx, a, in); err != nil {
		return out, fmt.Errorf("import article: %w", err)
	}
	out.Path = deref(a.Path)
	for _, alias := range in.Aliases {
		switch err := address.Alias(ctx, tx, address.Target{ArticleID: id}, alias); {
		case errors.Is(err, address.ErrTaken):
			out.Taken = append(out.Taken, alias)
		case err != nil:
			return out, err
		}
	}
	return out, audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "article.import", Object: a.object(), Detail: map[string]any{"status": in.Status}})
}

// importDraft puts the words on the empty first revision.
func (s *Store) importDraft(ctx context.Context, a *locked, d Draft) error {
	var c fault.Check
	r := d.revision(&c)
	if err := r.resolve(ctx, a.tx, d, &c); err != nil {
		return err
	}
	if err := c.Err(); err != nil {
		return err
	}
	_, err := s.keep(ctx, a, r, SaveIn{Draft: d, Base: a.Head})
	return err
}

// importState makes what was public there public here, as a row of kind imported with the date it claims, and schedules what waited.
func (s *Store) importState(ctx context.Context, tx pgx.Tx, a *locked, in Imported) error {
	switch in.Status {
	case Published:
		r, err := readRevision(ctx, tx, a.ID, a.Head)
		if err != nil {
			return err
		}
		claimed := in.ClaimedAt
		if claimed.IsZero() || claimed.After(a.At) {
			claimed = a.At
		}
		_, err = s.goPublic(ctx, tx, a, r, change{Kind: ImportedRow, ClaimedAt: &claimed, Path: in.Path})
		return err
	case "scheduled":
		return s.schedule(ctx, tx, a, PublishIn{Revision: a.Head, At: &in.ScheduleAt})
	}
	return nil
}
