package article

import (
	"context"

	"github.com/jackc/pgx/v5"

	"stet/internal/markup"
	"stet/internal/staff"
)

// Beside is what colleagues keep beside an article: it belongs to no revision. Notes are oldest first; Assignable are those to whom the
// actor may give the article, by name; Links are the preview links in force, newest first. Blocks are those of the newest revision.
type Beside struct {
	Blocks     []BlockStart
	Notes      []StaffNote
	Assigned   Colleague
	Assignable []Colleague
	Links      []PreviewLink
}

// BlockStart is a block's id with how it begins, as plain text.
type BlockStart struct{ ID, Text string }

func startOf(b markup.Block) string {
	text := []rune(markup.Line(markup.Text(b.HTML)))
	return string(text[:min(len(text), maxQuote)])
}

// Beside gives it for an article that the actor may see.
func (s *Store) Beside(ctx context.Context, actor staff.Actor, id int64) (Beside, error) {
	var out Beside
	err := s.see(ctx, actor, id, func(tx pgx.Tx, a *locked) error {
		r, err := readRevision(ctx, tx, id, a.Head)
		if err != nil {
			return err
		}
		for _, b := range r.blocks {
			out.Blocks = append(out.Blocks, BlockStart{b.ID, startOf(b)})
		}
		if out.Notes, err = readNotes(ctx, tx, id, r.blocks); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `
			SELECT coalesce(s.id, 0), coalesce(s.name, '')
			FROM articles a
			LEFT JOIN staff s ON s.id = a.assigned_to
			WHERE a.id = $1`, id).Scan(&out.Assigned.ID, &out.Assigned.Name)
		if err != nil {
			return err
		}
		if out.Assignable, err = assignable(ctx, tx, a); err != nil {
			return err
		}
		if CanShare(actor, a.state()) {
			out.Links, err = readLinks(ctx, tx, a)
		}
		return err
	})
	return out, err
}
