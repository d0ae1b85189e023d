package article

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/staff"
)

// Colleague is somebody of the newsroom; the zero value is nobody.
type Colleague struct {
	ID   int64
	Name string
}

// colleaguesSQL are the people who may see article a, who alone can be given it.
const colleaguesSQL = `
		SELECT s.id, s.name
		FROM staff s
		LEFT JOIN authors u ON u.staff_id = s.id
		WHERE s.disabled_at IS NULL AND (s.roles && '{editor,admin}' OR s.roles && '{contributor,author}' AND (a.created_by = s.id
			OR EXISTS (SELECT FROM revisions o JOIN bylines b ON b.revision_id = o.id
				WHERE o.article_id = a.id AND o.number = a.head AND b.author_id = u.id)))`

// Assign says whose turn it is with an article: person is somebody who may see it, or 0 for nobody. It acts at once and changes neither
// status nor revisions. Who is no editor can take an article of their own, or hand back what was theirs.
func (s *Store) Assign(ctx context.Context, actor staff.Actor, id, person int64) error {
	return s.act(ctx, actor, id, verb{"assign", CanAssign}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		_, err := assign(ctx, tx, a, person)
		return map[string]any{"person": person}, err
	})
}

// assign gives a, which is locked, to person and returns whose it was. Where that is the same person it is done already.
func assign(ctx context.Context, tx pgx.Tx, a *locked, person int64) (was int64, err error) {
	var sees bool
	err = tx.QueryRow(ctx, `
		SELECT coalesce(a.assigned_to, 0), EXISTS (SELECT FROM (`+colleaguesSQL+`) c WHERE c.id = $2)
		FROM articles a
		WHERE a.id = $1`, a.ID, person).Scan(&was, &sees)
	if err != nil {
		return 0, err
	}
	switch {
	case person == was:
		return was, errDone
	case !a.actor.Can(staff.Editor) && person != a.actor.ID && (person != 0 || was != a.actor.ID):
		return was, fmt.Errorf("%w for somebody else", fault.Forbidden)
	case person != 0 && !sees:
		return was, fault.Field("person", "article.assign.unknown")
	}
	_, err = tx.Exec(ctx, `
		UPDATE articles
		SET assigned_to = nullif($2::bigint, 0), assigned_by = nullif($3::bigint, 0), assigned_at = $4
		WHERE id = $1`, a.ID, person, a.actor.ID, a.At)
	return was, err
}

// assignable are those to whom the actor may give a, by name.
func assignable(ctx context.Context, tx pgx.Tx, a *locked) ([]Colleague, error) {
	if !CanAssign(a.actor, a.state()) {
		return nil, nil
	}
	rows, err := tx.Query(ctx, `
		SELECT c.id, c.name
		FROM articles a
		CROSS JOIN LATERAL (`+colleaguesSQL+`) c
		WHERE a.id = $1 AND ($2 OR c.id = $3)
		ORDER BY lower(c.name), c.id`, a.ID, a.actor.Can(staff.Editor), a.actor.ID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Colleague])
}
