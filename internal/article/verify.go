package article

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Fault is one place where the public record, or what readers see, isn't what it must be.
type Fault struct {
	ArticleID int64
	Path      string
	Number    int // row of the record; 0 where the article as a whole is meant
	What      string
}

// String names article, row and fault in one line.
func (f Fault) String() string {
	if f.Number == 0 {
		return fmt.Sprintf("article %d (%s): %s", f.ArticleID, f.Path, f.What)
	}
	return fmt.Sprintf("article %d (%s), record row %d: %s", f.ArticleID, f.Path, f.Number, f.What)
}

// verified is what Verify reads of one article.
type verified struct {
	ID         int64
	UID        string
	Kind       Kind
	Path       *string
	RecordHead int
}

// Verify checks every public record against itself, against the log and against what readers see, within one snapshot, and calls found for
// each fault, by article. It returns how many rows of the record it checked. Nothing is changed.
func (s *Store) Verify(ctx context.Context, found func(Fault)) (checked int, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
			return err
		}
		for after := int64(0); ; {
			rows, err := tx.Query(ctx, `
				SELECT id, uid::text AS uid, kind, path, record_head
				FROM articles
				WHERE id > $1 AND (record_head > 0 OR id IN (SELECT article_id FROM publications))
				ORDER BY id
				LIMIT 500`, after)
			if err != nil {
				return err
			}
			page, err := pgx.CollectRows(rows, pgx.RowToStructByName[verified])
			if err != nil || len(page) == 0 {
				return err
			}
			for _, a := range page {
				n, err := (&inspection{verified: a, tx: tx, found: found}).all(ctx)
				if err != nil {
					return fmt.Errorf("article %d: %w", a.ID, err)
				}
				checked += n
				after = a.ID
			}
		}
	})
	if err != nil {
		return checked, fmt.Errorf("verify the record: %w", err)
	}
	if err := s.verifyLog(ctx, found); err != nil {
		return checked, fmt.Errorf("verify the log: %w", err)
	}
	return checked, nil
}

// inspection is the check of one article.
type inspection struct {
	verified
	tx    pgx.Tx
	found func(Fault)
	rows  []Publication
}

func (a *inspection) report(number int, format string, args ...any) {
	a.found(Fault{ArticleID: a.ID, Path: deref(a.Path), Number: number, What: fmt.Sprintf(format, args...)})
}

func (a *inspection) all(ctx context.Context) (int, error) {
	rows, err := readRecord(ctx, a.tx, a.ID)
	if err != nil {
		return 0, err
	}
	a.rows = rows
	if len(rows) == 0 || rows[len(rows)-1].Number != a.RecordHead {
		a.report(a.RecordHead, "the newest row is missing from the record")
	}
	if len(rows) == 0 {
		return 0, nil
	}
	contents, err := a.versions(ctx)
	if err != nil {
		return 0, err
	}
	a.chain()
	return len(rows), a.live(ctx, contents[rows[len(rows)-1].Version])
}

// chain checks numbers, times and seals.
func (a *inspection) chain() {
	prev := Publication{Hash: []byte{}}
	for _, p := range a.rows {
		if p.Number != prev.Number+1 {
			a.report(p.Number, "follows row %d: rows are missing or out of order", prev.Number)
		}
		if p.RecordedAt.Before(prev.RecordedAt) {
			a.report(p.Number, "its time lies before that of row %d", prev.Number)
		}
		if !bytes.Equal(p.PrevHash, prev.Hash) {
			a.report(p.Number, "is not sealed with row %d", prev.Number)
		}
		hash, err := Seal(a.UID, &p)
		if err != nil || !bytes.Equal(hash, p.Hash) {
			a.report(p.Number, "its kind, time, notice or version was changed: the seal does not fit")
		}
		prev = p
	}
}

// version is a row of versions as Verify reads it.
type version struct {
	Number     int
	Content    *Content
	Salt       []byte
	WithheldAt *time.Time
}

// versions checks that each version stands with the content its row sealed, or was withheld by a later row.
func (a *inspection) versions(ctx context.Context) (map[int]*Content, error) {
	q, err := a.tx.Query(ctx, `
		SELECT number, content, salt, withheld_at
		FROM versions
		WHERE article_id = $1
		ORDER BY number`, a.ID)
	if err != nil {
		return nil, err
	}
	versions, err := pgx.CollectRows(q, pgx.RowToStructByName[version])
	if err != nil {
		return nil, err
	}
	contents := map[int]*Content{}
	hashes := map[int][]byte{}
	for _, v := range versions {
		contents[v.Number] = v.Content
		if v.Content == nil {
			if !slices.ContainsFunc(a.rows, func(p Publication) bool { return slices.Contains(p.Withholds, v.Number) }) {
				a.report(v.Number, "its text is gone, and no row says that it was withheld")
			}
			continue
		}
		if hashes[v.Number], err = ContentHash(v.Salt, v.Content); err != nil {
			return nil, err
		}
	}
	for _, p := range a.rows {
		content, stands := contents[p.Version]
		switch {
		case !stands:
			a.report(p.Number, "version %d is missing", p.Version)
		case content != nil && !bytes.Equal(hashes[p.Version], p.ContentHash):
			a.report(p.Number, "the text, headline, byline or picture of version %d was changed: its hash does not fit", p.Version)
		}
	}
	return contents, nil
}

// live computes what readers must see and compares it with what they do.
func (a *inspection) live(ctx context.Context, c *Content) error {
	want := project(a.Kind, a.rows, c)
	var got live
	err := a.tx.QueryRow(ctx, `
		SELECT coalesce(public_state, ''), record_head, coalesce(live_version, 0), coalesce(first_public_at, '-infinity'), updated_public_at, listed, notice_kind,
			notice_number, notice_at, coalesce(live_headline, ''), coalesce(live_standfirst, ''), coalesce(live_kicker, ''), coalesce(live_label, ''),
			coalesce(live_language, ''), coalesce(live_byline, ''), coalesce(live_category, 0), coalesce(live_image, 0), coalesce(live_image_alt, '')
		FROM articles
		WHERE id = $1`, a.ID).Scan(&got.State, &got.RecordHead, &got.Version, &got.FirstAt, &got.UpdatedAt, &got.Listed, &got.NoticeKind,
		&got.NoticeNumber, &got.NoticeAt, &got.Headline, &got.Standfirst, &got.Kicker, &got.Label, &got.Language, &got.Byline, &got.Category, &got.Image, &got.ImageAlt)
	if err != nil {
		return err
	}
	for _, d := range want.differences(got) {
		a.report(0, "readers see another %s than the record says", d)
	}
	if a.Path == nil || c == nil || !want.Listed {
		return nil
	}
	w := searchWords(c)
	var same bool
	err = a.tx.QueryRow(ctx, `
		SELECT coalesce((SELECT (a, b, d) = ($2::text, $3::text, $4::text) FROM article_search WHERE article_id = $1), false)`,
		a.ID, w.a, w.b, w.d).Scan(&same)
	if err == nil && !same {
		a.report(0, "search finds it by other words than the record says")
	}
	return err
}

// differences names the columns in which got isn't l.
func (l live) differences(got live) []string {
	var out []string
	add := func(same bool, what string) {
		if !same {
			out = append(out, what)
		}
	}
	add(l.State == got.State, "state")
	add(l.Version == got.Version, "version")
	add(l.FirstAt.Equal(got.FirstAt), "date")
	add(sameTime(l.UpdatedAt, got.UpdatedAt), "date of its update")
	add(l.Listed == got.Listed, "place in lists")
	add(deref(l.NoticeKind) == deref(got.NoticeKind) && deref(l.NoticeNumber) == deref(got.NoticeNumber) && sameTime(l.NoticeAt, got.NoticeAt), "newest notice")
	add(l.Headline == got.Headline, "headline")
	add(l.Standfirst == got.Standfirst, "standfirst")
	add(l.Kicker == got.Kicker, "kicker")
	add(l.Label == got.Label, "label")
	add(l.Language == got.Language, "language")
	add(l.Byline == got.Byline, "byline")
	add(l.Category == got.Category, "category")
	add(l.Image == got.Image && l.ImageAlt == got.ImageAlt, "picture")
	return out
}

func sameTime(x, y *time.Time) bool { return (x == nil) == (y == nil) && (x == nil || x.Equal(*y)) }
