package article

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"stet/internal/markup"
)

// Diff is what a version changed, as it is kept for the history: Changes without what stayed as it was. Against is the version that it was
// compared with, Same how many blocks stayed.
type Diff struct {
	Against int
	Lines   []LineChange
	Body    []markup.BlockDiff
	Same    int
}

// None reports that nothing which is read differs.
func (d *Diff) None() bool { return len(d.Lines) == 0 && len(d.Body) == 0 }

// DiffOf compares two versions, of which was has the number against.
func DiffOf(was, is *Content, against int) Diff {
	c := ChangesOf(was, is)
	d := Diff{Against: against, Lines: c.Lines, Same: c.Same()}
	for _, b := range c.Body {
		if b.Kind != markup.Unchanged {
			b.Old, b.New = "", "" // the spans say both
			d.Body = append(d.Body, b)
		}
	}
	return d
}

// keepDiff writes what version number of an article changed against the newest one before it that stands; the first that stands changed
// nothing. It follows whatever makes a version or takes one away.
func keepDiff(ctx context.Context, tx pgx.Tx, id int64, number int) error {
	var was, is *Content
	var against int
	err := tx.QueryRow(ctx, `
		SELECT w.number, w.content, v.content
		FROM versions v
		JOIN versions w ON w.article_id = v.article_id AND w.number < v.number AND w.withheld_at IS NULL
		WHERE v.article_id = $1 AND v.number = $2 AND v.withheld_at IS NULL
		ORDER BY w.number DESC
		LIMIT 1`, id, number).Scan(&against, &was, &is)
	if errors.Is(err, pgx.ErrNoRows) {
		_, err = tx.Exec(ctx, `DELETE FROM version_diffs WHERE article_id = $1 AND number = $2`, id, number)
		return err
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO version_diffs (article_id, number, diff)
		VALUES ($1, $2, $3)
		ON CONFLICT (article_id, number) DO UPDATE
		SET diff = excluded.diff`, id, number, DiffOf(was, is, against))
	return err
}

// forgetDiffs takes away every diff that holds words of the versions, which were just withheld, and compares those after them with what
// still stands before.
func forgetDiffs(ctx context.Context, tx pgx.Tx, id int64, versions []int) error {
	if _, err := tx.Exec(ctx, `DELETE FROM version_diffs WHERE article_id = $1 AND number = ANY ($2)`, id, versions); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `
		SELECT number
		FROM (SELECT number, withheld_at, lag(number) OVER (ORDER BY number) AS before FROM versions WHERE article_id = $1) v
		WHERE withheld_at IS NULL AND before = ANY ($2)`, id, versions)
	if err != nil {
		return err
	}
	after, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return err
	}
	for _, number := range after {
		if err := keepDiff(ctx, tx, id, number); err != nil {
			return err
		}
	}
	return nil
}

// LiveDiffs gives what each version of a public article changed, by its number, for those that stand, but for the first of them. A version
// older than the keeping of diffs is compared now.
func (r *Reader) LiveDiffs(ctx context.Context, id int64) (map[int]Diff, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT v.number, d.diff
		FROM live_versions v
		LEFT JOIN live_diffs d USING (article_id, number)
		WHERE v.article_id = $1 AND v.withheld_at IS NULL
		ORDER BY v.number`, id)
	if err != nil {
		return nil, err
	}
	out := map[int]Diff{}
	var standing, missing []int
	var number int
	var kept *Diff
	_, err = pgx.ForEachRow(rows, []any{&number, &kept}, func() error {
		switch {
		case kept != nil:
			out[number] = *kept
		case len(standing) > 0:
			missing = append(missing, len(standing))
		}
		standing = append(standing, number)
		kept = nil
		return nil
	})
	if err != nil || len(missing) == 0 {
		return out, err
	}
	contents, err := r.LiveVersions(ctx, id)
	for _, i := range missing {
		was, is := contents[standing[i-1]], contents[standing[i]]
		out[standing[i]] = DiffOf(&was, &is, standing[i-1])
	}
	return out, err
}
