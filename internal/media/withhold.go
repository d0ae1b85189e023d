package media

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// Delete removes what nothing shows and no text remembers: no article as it stands or stood, no autosave, no notice, no author, not the
// settings. Else it is a *fault.Invalid of the field delete that says what keeps it: used, published (readers saw it: it can be withheld),
// kept (an older text has it). It is for who may edit m. Its files go once it is gone.
func (s *Store) Delete(ctx context.Context, actor staff.Actor, id int64) error {
	var key string
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Nobody can begin to use it while the row is locked so.
		m, err := one(ctx, tx, id, "FOR UPDATE")
		if err != nil {
			return err
		}
		if !CanEdit(actor, m) {
			return fault.Forbidden
		}
		if err := kept(ctx, tx, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM media WHERE id = $1`, id); err != nil {
			return err
		}
		key = m.Key
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "media.delete", Object: object(id)})
	})
	if err != nil {
		return fmt.Errorf("delete media %d: %w", id, err)
	}
	if err := s.blobs.Remove(context.WithoutCancel(ctx), key); err != nil {
		return fmt.Errorf("delete media %d: its files: %w", id, err)
	}
	return nil
}

// kept says what keeps media from being deleted; nil where nothing does.
func kept(ctx context.Context, tx pgx.Tx, id int64) error {
	number := strconv.FormatInt(id, 10)
	var why string
	err := tx.QueryRow(ctx, `
		SELECT CASE
			WHEN EXISTS (SELECT FROM media_uses WHERE media_id = $1 AND public) THEN 'published'
			WHEN EXISTS (SELECT FROM media_uses WHERE media_id = $1) OR EXISTS (SELECT FROM authors WHERE portrait = $1) OR EXISTS (SELECT FROM articles WHERE live_image = $1)
				OR EXISTS (SELECT FROM settings WHERE $1 IN (logo, logo_night)) THEN 'used'
			WHEN EXISTS (SELECT FROM publications WHERE strpos(notice, $3) > 0) OR EXISTS (SELECT FROM schedules WHERE strpos(notice, $3) > 0) THEN 'published'
			WHEN EXISTS (SELECT FROM autosaves WHERE fields ->> 'image' = $2 OR strpos(fields::text, $4) > 0)
				OR EXISTS (SELECT FROM revisions WHERE image = $1) OR EXISTS (SELECT FROM revisions WHERE strpos(blocks::text, $4) > 0) THEN 'kept'
			ELSE '' END`, id, number, `data-media="`+number+`"`, `data-media=\"`+number+`\"`).Scan(&why)
	if err != nil {
		return err
	}
	if why != "" {
		return fault.Field("delete", "media.delete."+why)
	}
	return nil
}

// CanWithhold reports whether the actor may take media from readers, and give it back.
func CanWithhold(actor staff.Actor) bool { return actor.Can(staff.Admin) }

// errWithheld says that it is so already.
var errWithheld = fmt.Errorf("%w: withheld", fault.Conflict)

// Withhold takes media from readers: pages show none in its place, its addresses answer 404, and only the original stays, where nobody
// reads it. It is for admins; what is withheld already is fault.Conflict.
func (s *Store) Withhold(ctx context.Context, actor staff.Actor, id int64) error {
	err := s.hold(ctx, actor, id, func(tx pgx.Tx, m Media) error {
		if m.WithheldAt != nil {
			return errWithheld
		}
		_, err := tx.Exec(ctx, `
			UPDATE media
			SET withheld_at = coalesce($2::timestamptz, clock_timestamp()), variants = '[]', state = 'ready', why = ''
			WHERE id = $1`, id, postgres.At(s.Now))
		if err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "media.withhold", Object: object(id)}); err != nil {
			return err
		}
		// Before the row says so for good: what is said to be withheld must not be served.
		return s.blobs.Strip(context.WithoutCancel(ctx), m.Key, original)
	})
	if err != nil {
		return fmt.Errorf("withhold media %d: %w", id, err)
	}
	return nil
}

// hold runs an act of withholding on the locked row and announces the pages that show it.
func (s *Store) hold(ctx context.Context, actor staff.Actor, id int64, act func(tx pgx.Tx, m Media) error) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		m, err := one(ctx, tx, id, "FOR UPDATE")
		if err != nil {
			return err
		}
		if !CanWithhold(actor) {
			return fault.Forbidden
		}
		return errors.Join(act(tx, m), purge(ctx, tx, id))
	})
}

// Release gives readers back what was withheld. It is for admins; what isn't withheld is fault.Conflict. A picture is shown again when its
// variants have been made anew.
func (s *Store) Release(ctx context.Context, actor staff.Actor, id int64) error {
	err := s.hold(ctx, actor, id, func(tx pgx.Tx, m Media) error {
		if m.WithheldAt == nil {
			return fmt.Errorf("%w: not withheld", fault.Conflict)
		}
		variants, err := s.restored(ctx, m)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE media SET withheld_at = NULL, variants = $2 WHERE id = $1`, id, variants); err != nil {
			return err
		}
		if m.Width > 0 {
			if err := again(ctx, tx, id); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "media.release", Object: object(id)})
	})
	if err != nil {
		return fmt.Errorf("release media %d: %w", id, err)
	}
	return nil
}

// restored puts back what readers get of a file; of a picture there is nothing until it is made anew.
func (s *Store) restored(ctx context.Context, m Media) ([]Variant, error) {
	if m.Width > 0 || m.MissingFrom != "" {
		return []Variant{}, nil
	}
	f, err := s.blobs.Open(ctx, m.Key, original)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p := Prepared{key: m.Key, name: m.Name, bytes: m.Bytes}
	if err := s.prepareFile(ctx, &p, f); err != nil {
		return nil, err
	}
	return p.variants, nil
}

// sweep takes away again what was made of media that was withheld or deleted while it was made.
func (s *Store) sweep(ctx context.Context, m Media) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		is, err := one(ctx, tx, m.ID, "FOR UPDATE")
		switch {
		case errors.Is(err, fault.NotFound):
			return s.blobs.Remove(context.WithoutCancel(ctx), m.Key)
		case err == nil && is.WithheldAt != nil:
			return s.blobs.Strip(context.WithoutCancel(ctx), is.Key, original)
		}
		return err
	})
}
