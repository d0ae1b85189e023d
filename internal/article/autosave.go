package article

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
	"stet/internal/staff"
)

// Autosaved is what somebody typed into the form of an article and hasn't saved: the fields as the form sent them, the revision they were
// typed upon and the open form they came from. It is nobody's history: there is one of a person and an article, and only that person sees it.
type Autosaved struct {
	Base   int
	Fields map[string][]string
	Tab    string
	At     time.Time
}

// Autosave keeps what the actor typed in place of what they typed before, and gives the time. It makes no revision and changes nothing else:
// no status, no date, no page, and it holds nobody's save up. For whoever may save the article.
func (s *Store) Autosave(ctx context.Context, actor staff.Actor, id int64, in Autosaved) (time.Time, error) {
	var at time.Time
	err := s.beside(ctx, actor, id, CanSave, func(tx pgx.Tx, a *locked) error {
		at = a.At
		_, err := tx.Exec(ctx, `
			INSERT INTO autosaves (article_id, person_id, base, fields, tab, at)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT ON CONSTRAINT autosaves_key DO UPDATE
			SET base = excluded.base, fields = excluded.fields, tab = excluded.tab, at = excluded.at`, id, actor.ID, in.Base, in.Fields, in.Tab, a.At)
		return err
	})
	return at, err
}

// DiscardAutosave forgets what the actor typed and hasn't saved.
func (s *Store) DiscardAutosave(ctx context.Context, actor staff.Actor, id int64) error {
	return s.beside(ctx, actor, id, CanSave, func(tx pgx.Tx, _ *locked) error {
		_, err := tx.Exec(ctx, `DELETE FROM autosaves WHERE article_id = $1 AND person_id = $2`, id, actor.ID)
		return err
	})
}

// Autosaved gives what the actor typed and hasn't saved; At is zero where there is nothing.
func (s *Store) Autosaved(ctx context.Context, actor staff.Actor, id int64) (Autosaved, error) {
	var out Autosaved
	err := s.see(ctx, actor, id, func(tx pgx.Tx, _ *locked) error {
		err := tx.QueryRow(ctx, `
			SELECT base, fields, tab, at
			FROM autosaves
			WHERE article_id = $1 AND person_id = $2`, id, actor.ID).Scan(&out.Base, &out.Fields, &out.Tab, &out.At)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return out, err
}

// dropAutosave forgets what the saved form typed before. What another form of the same person typed meanwhile stays: it holds other words.
func dropAutosave(ctx context.Context, a *locked, in SaveIn) error {
	if in.Tab == "" {
		return nil
	}
	_, err := a.tx.Exec(ctx, `DELETE FROM autosaves WHERE article_id = $1 AND person_id = $2 AND tab = $3`, a.ID, a.actor.ID, in.Tab)
	return err
}

// beside runs steps that concern an article without changing it: the rule holds, but the article's row isn't kept from anybody and no audit
// row is written.
func (s *Store) beside(ctx context.Context, actor staff.Actor, id int64, rule func(staff.Actor, State) bool, steps func(tx pgx.Tx, a *locked) error) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		a, err := s.find(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if !rule(actor, a.state()) {
			return refusal(a.state())
		}
		return steps(tx, a)
	})
}
