package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/jobs"
	"stet/internal/postgres"
)

// queue has the rest of a picture made once tx commits, if there is a rest.
func queue(ctx context.Context, tx pgx.Tx, m Media) error {
	if m.State != Making {
		return nil
	}
	return jobs.Insert(ctx, tx, jobs.Picture{Media: m.ID}, time.Time{})
}

// again has a picture made anew.
func again(ctx context.Context, tx pgx.Tx, id int64) error {
	list, err := many(ctx, tx, `UPDATE media SET state = 'making', state_at = clock_timestamp(), why = '' WHERE id = $1 RETURNING `+columns, id)
	if err != nil {
		return err
	}
	return queue(ctx, tx, list[0])
}

// Handle registers what is done for jobs about pictures.
func (s *Store) Handle(h *jobs.Handlers) {
	jobs.Handle(h, func(ctx context.Context, job jobs.Picture) error {
		err := s.Develop(ctx, job.Media)
		if errors.Is(err, fault.NotFound) {
			return jobs.GiveUp(err)
		}
		return err
	})
}

// Develop makes the variants that a picture still lacks and purges the pages that show it; it is what jobs.Picture asks for. Media whose
// variants are all there, or that isn't a picture, stays as it is. A picture that can't be made is noted as Failed, which is no error: trying
// again would change nothing. Files of an earlier focal point stay where they are, for pages that somebody still has;
// of what was withheld or deleted meanwhile none stay.
func (s *Store) Develop(ctx context.Context, id int64) error {
	m, err := s.ByID(ctx, id)
	if err != nil {
		return fmt.Errorf("develop media %d: %w", id, err)
	}
	if m.State != Making || m.WithheldAt != nil {
		return s.sweep(ctx, m)
	}
	err = s.complete(ctx, &m)
	if refused, ok := errors.AsType[*fault.Invalid](err); ok {
		m.State, m.Why, err = Failed, refused.Fields["file"], nil
	}
	if err == nil {
		err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return finish(ctx, tx, m) })
	}
	if err := errors.Join(err, s.sweep(ctx, m)); err != nil {
		return fmt.Errorf("develop media %d: %w", id, err)
	}
	return nil
}

// complete makes the files that m lacks and notes them in it.
func (s *Store) complete(ctx context.Context, m *Media) error {
	whole := plan(*m, s.AVIF && s.Vips != "")
	have := map[string]Variant{}
	for _, v := range m.Variants {
		have[v.Name] = v
	}
	wanted := slices.DeleteFunc(slices.Clone(whole), func(v Variant) bool { return have[v.Name].Name != "" })
	if len(wanted) > 0 {
		f, err := s.blobs.Open(ctx, m.Key, original)
		if err != nil {
			return err
		}
		defer f.Close()
		req := request{MIME: m.MIME, FocalX: m.FocalX, FocalY: m.FocalY, Wanted: wanted, Vips: s.Vips}
		if err := develop(ctx, f, req, s.keep(ctx, m.Key, wanted, have)); err != nil {
			return err
		}
	}
	for i, v := range whole {
		made, ok := have[v.Name]
		if !ok {
			return fmt.Errorf("%s wasn't made", v.Name)
		}
		whole[i] = made
	}
	m.Variants, m.State = whole, Ready
	return nil
}

// keep writes what a child makes, if it is what was wanted, and notes it in have.
func (s *Store) keep(ctx context.Context, key string, wanted []Variant, have map[string]Variant) func(answer, io.Reader) error {
	return func(a answer, data io.Reader) error {
		if a.Variant == nil {
			return nil
		}
		made := *a.Variant
		plain := made
		plain.Bytes = 0
		if !slices.Contains(wanted, plain) {
			return fmt.Errorf("%q wasn't asked for", made.Name)
		}
		have[made.Name] = made
		return s.blobs.Put(ctx, key, made.Name, data)
	}
}

// finish notes what was made, unless another focal point was chosen meanwhile: then its own job makes the picture.
func finish(ctx context.Context, tx pgx.Tx, m Media) error {
	tag, err := tx.Exec(ctx, `
		UPDATE media
		SET variants = $2, state = $3, why = $4, state_at = clock_timestamp()
		WHERE id = $1 AND state = 'making' AND key = $5 AND focal_x = $6::real AND focal_y = $7::real`,
		m.ID, m.Variants, m.State, m.Why, m.Key, m.FocalX, m.FocalY)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	return purge(ctx, tx, m.ID)
}

// overdue is after how long a picture's job is taken for lost.
const overdue = time.Hour

// Retry puts the jobs of pictures into the queue again whose variants should have been made long ago.
func (s *Store) Retry(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		late, err := many(ctx, tx, `
			UPDATE media
			SET state_at = clock_timestamp()
			WHERE id IN (
				SELECT id
				FROM media
				WHERE state = 'making' AND state_at < coalesce($1::timestamptz, clock_timestamp()) - $2::interval
				ORDER BY state_at
				LIMIT 1000
				FOR UPDATE SKIP LOCKED
			)
			RETURNING `+columns, postgres.At(s.Now), overdue)
		if err != nil {
			return err
		}
		for _, m := range late {
			if err := queue(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("retry pictures: %w", err)
	}
	return nil
}
