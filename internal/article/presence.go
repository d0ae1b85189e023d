package article

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
	"stet/internal/staff"
)

// Present is how long a sign of life counts. An open form gives one every few seconds; who is gone for longer isn't there.
const Present = 12 * time.Second

// Presence is somebody else who has an article open, and the block they are in, "" where that isn't known.
type Presence struct {
	Name  string
	Block string
}

// Around is what an open form must know of others: who is there, by name, and the newest revision with who saved it and when.
type Around struct {
	Others []Presence
	Head   int
	By     string
	Own    bool // the actor saved it
	At     time.Time
}

// Attend notes that the actor has the article open in a tab, with the caret in block, and tells who else has. A person's own tabs are no
// others. For whoever may see the article; it changes nothing of it.
func (s *Store) Attend(ctx context.Context, actor staff.Actor, id int64, tab, block string) (Around, error) {
	var out Around
	err := s.beside(ctx, actor, id, CanSee, func(tx pgx.Tx, a *locked) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO presences (article_id, person_id, tab, block, at)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT ON CONSTRAINT presences_key DO UPDATE
			SET block = excluded.block, at = excluded.at`, id, actor.ID, tab, block, a.At)
		if err != nil {
			return err
		}
		if out.Others, err = present(ctx, tx, a); err != nil {
			return err
		}
		out.Head = a.Head
		return tx.QueryRow(ctx, `
			SELECT coalesce(s.name, ''), coalesce(s.id = $3, false), r.at
			FROM revisions r
			LEFT JOIN staff s ON s.id = r.by
			WHERE r.article_id = $1 AND r.number = $2`, id, a.Head, actor.ID).Scan(&out.By, &out.Own, &out.At)
	})
	return out, err
}

// present lists the others, each once, in the tab that gave the latest sign of life.
func present(ctx context.Context, q querier, a *locked) ([]Presence, error) {
	rows, err := q.Query(ctx, `
		SELECT name, block
		FROM (SELECT DISTINCT ON (s.id) s.id, s.name, p.block
			FROM presences p
			JOIN staff s ON s.id = p.person_id
			WHERE p.article_id = $1 AND p.person_id <> $2 AND p.at > $3::timestamptz - $4::interval
			ORDER BY s.id, p.at DESC) AS here
		ORDER BY name, id`, a.ID, a.actor.ID, a.At, Present)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Presence])
}

// Leave takes back what Attend noted of a tab.
func (s *Store) Leave(ctx context.Context, actor staff.Actor, id int64, tab string) error {
	return s.beside(ctx, actor, id, CanSee, func(tx pgx.Tx, _ *locked) error {
		_, err := tx.Exec(ctx, `DELETE FROM presences WHERE article_id = $1 AND person_id = $2 AND tab = $3`, id, actor.ID, tab)
		return err
	})
}

// submissionsKept is how long a form that is sent again is known as the same. After that it is merged like any other, which gives the same.
const submissionsKept = 30 * 24 * time.Hour

// Prune removes signs of life that don't count any more, and the keys of forms long taken.
func (s *Store) Prune(ctx context.Context) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM presences WHERE at < coalesce($1::timestamptz, clock_timestamp()) - $2::interval`, postgres.At(s.Now), Present); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM submissions WHERE at < coalesce($1::timestamptz, clock_timestamp()) - $2::interval`, postgres.At(s.Now), submissionsKept)
		return err
	})
}
