package article

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"stet/internal/staff"
)

// CopyIn says which revision is copied (0: the newest), the note that the copy's revision carries, and a Key that makes a repeated
// submission one copy.
type CopyIn struct {
	Revision  int
	Note, Key string
}

// Duplicate begins a new draft of the actor's with the content of a revision, and gives its id. It has a uid of its own, no address and no
// past; an embargo comes along, as it is about the words.
func (s *Store) Duplicate(ctx context.Context, actor staff.Actor, id int64, in CopyIn) (int64, error) {
	var made int64
	err := s.act(ctx, actor, id, verb{"duplicate", CanDuplicate}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		key := in.Key
		if key != "" {
			key = fmt.Sprintf("duplicate %d %s", a.ID, key)
		}
		uid, err := claimUID(ctx, tx, actor, key)
		if err != nil {
			return nil, err
		}
		if made, err = articleOf(ctx, tx, uid); err != nil {
			return nil, err
		}
		if made != 0 {
			return nil, errDone
		}
		number := in.Revision
		if number == 0 {
			number = a.Head
		}
		r, err := readRevision(ctx, tx, a.ID, number)
		if err != nil {
			return nil, err
		}
		if made, err = s.insert(ctx, tx, actor, a.Kind, uid); err != nil {
			return nil, err
		}
		to, err := s.lock(ctx, tx, actor, made)
		if err != nil {
			return nil, err
		}
		r.Base, r.Slug, r.Note, r.Aside, r.Held = to.Head, "", in.Note, false, nil
		if _, err := addRevision(ctx, tx, to, r); err != nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, `UPDATE articles SET embargo = $2, parent_id = $3 WHERE id = $1`, made, a.Embargo, a.ParentID)
		return map[string]any{"revision": number, "into": made}, err
	})
	return made, err
}
