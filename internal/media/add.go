package media

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// MaxBytes is the largest upload.
const MaxBytes = 40 << 20

// original is the name under which the bytes are kept as they came. It is never served.
const original = "original"

// Upload is a file with its words. Name is only shown: what the file is, its bytes say.
type Upload struct {
	Name                 string
	Reader               io.Reader
	Alt, Caption, Credit string
}

// Prepared is an upload whose files are written and which no row names yet: InsertTx or FillTx makes it one, Discard removes it.
type Prepared struct {
	key, name, mime      string
	sum                  []byte
	bytes                int64
	width, height        int
	variants             []Variant
	state                string
	alt, caption, credit string
}

// Prepare reads an upload, checks it and writes its original and, of a picture, the smallest variant; the others are made later, by Develop.
// Where the upload has no words of its own those count that the picture carries. It asks no database, so that a slow picture holds no
// transaction. What can't be taken is a *fault.Invalid and leaves no file.
func (s *Store) Prepare(ctx context.Context, up Upload) (Prepared, error) {
	var c fault.Check
	p := Prepared{key: strings.ToLower(rand.Text()), name: FileName(up.Name), state: Ready}
	p.alt, p.caption, p.credit = tidyWords(&c, up.Alt, up.Caption, up.Credit)
	if err := c.Err(); err != nil {
		return Prepared{}, fmt.Errorf("prepare upload: %w", err)
	}
	err := s.prepare(ctx, &p, up.Reader)
	if err != nil {
		return Prepared{}, errors.Join(fmt.Errorf("prepare upload: %w", err), s.Discard(ctx, p))
	}
	return p, nil
}

func (s *Store) prepare(ctx context.Context, p *Prepared, r io.Reader) error {
	in := &intake{r: r, sum: sha256.New()}
	if err := s.blobs.Put(ctx, p.key, original, in); err != nil {
		return err
	}
	if in.n == 0 {
		return fault.Field("file", "media.file.empty")
	}
	p.sum, p.bytes = in.sum.Sum(nil), in.n
	f, err := s.blobs.Open(ctx, p.key, original)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	p.mime = sniffed(head[:n])
	if _, picture := formats[p.mime]; picture {
		return s.preparePicture(ctx, p, f)
	}
	return s.prepareFile(ctx, p, f)
}

func (s *Store) preparePicture(ctx context.Context, p *Prepared, f io.ReadSeeker) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	err := develop(ctx, f, request{MIME: p.mime}, func(a answer, data io.Reader) error {
		switch {
		case a.Facts != nil:
			p.width, p.height = a.Facts.Width, a.Facts.Height
			found := a.Facts.Found.under()
			p.alt, p.caption, p.credit = cmp.Or(p.alt, found.Alt), cmp.Or(p.caption, found.Caption), cmp.Or(p.credit, found.Credit)
			return nil
		case a.Variant == nil || !served.MatchString("/media/"+p.key+"/"+a.Variant.Name):
			return errors.New("an answer that makes no sense")
		}
		p.variants = append(p.variants, *a.Variant)
		return s.blobs.Put(ctx, p.key, a.Variant.Name, data)
	})
	p.state = Making
	return err
}

// Discard removes the files of an upload that no row will name.
func (s *Store) Discard(ctx context.Context, p Prepared) error {
	return s.blobs.Remove(context.WithoutCancel(ctx), p.key)
}

// intake counts and sums what is read, and refuses what is too large while it comes.
type intake struct {
	r   io.Reader
	n   int64
	sum hash.Hash
}

func (in *intake) Read(b []byte) (int, error) {
	n, err := in.r.Read(b)
	in.n += int64(n)
	in.sum.Write(b[:n]) // a hash never fails
	if in.n > MaxBytes {
		return n, fault.Field("file", "media.file.large")
	}
	return n, err
}

// FileName is the last element of a name as it was sent, fit to be shown.
func FileName(s string) string {
	s = markup.Line(path.Base(strings.ReplaceAll(s, `\`, "/")))
	if s == "." || s == "/" || markup.BadLine(s) {
		return "unnamed"
	}
	if r := []rune(s); len(r) > 200 {
		s = string(r[len(r)-200:])
	}
	return s
}

// The longest words, in characters.
const (
	maxAlt     = 1000
	maxCaption = 2000
	maxCredit  = 200
)

func tidyWords(c *fault.Check, alt, caption, credit string) (string, string, string) {
	alt, caption, credit = markup.Line(alt), markup.Line(caption), markup.Line(credit)
	for _, f := range []struct {
		name, value string
		long        int
	}{{"alt", alt, maxAlt}, {"caption", caption, maxCaption}, {"credit", credit, maxCredit}} {
		c.That(!markup.BadLine(f.value), f.name, "field.characters")
		c.That(utf8.RuneCountInString(f.value) <= f.long, f.name, "field.long")
	}
	return alt, caption, credit
}

// Add takes an upload.
func (s *Store) Add(ctx context.Context, actor staff.Actor, up Upload) (Media, error) {
	if !CanAdd(actor) {
		return Media{}, fmt.Errorf("add media: %w", fault.Forbidden)
	}
	p, err := s.Prepare(ctx, up)
	if err != nil {
		return Media{}, err
	}
	return s.AddPrepared(ctx, actor, p)
}

// AddPicture is Add for what must be a picture: a file of any other kind is a fault of the field file.
func (s *Store) AddPicture(ctx context.Context, actor staff.Actor, up Upload) (Media, error) {
	if !CanAdd(actor) {
		return Media{}, fmt.Errorf("add picture: %w", fault.Forbidden)
	}
	p, err := s.Prepare(ctx, up)
	if err != nil {
		return Media{}, err
	}
	if p.width == 0 {
		return Media{}, errors.Join(fmt.Errorf("add picture: %w", fault.Field("file", "media.file.type")), s.Discard(ctx, p))
	}
	return s.AddPrepared(ctx, actor, p)
}

// AddPrepared makes a prepared upload media; when that fails its files go again.
func (s *Store) AddPrepared(ctx context.Context, actor staff.Actor, p Prepared) (Media, error) {
	return s.store(ctx, p, func(tx pgx.Tx) (Media, error) { return s.InsertTx(ctx, tx, actor, p) })
}

// store runs the step that names what was prepared; when the step fails the files go again.
func (s *Store) store(ctx context.Context, p Prepared, step func(tx pgx.Tx) (Media, error)) (m Media, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
		m, err = step(tx)
		return err
	})
	if err != nil {
		return Media{}, errors.Join(err, s.Discard(ctx, p))
	}
	return m, nil
}

// InsertTx makes a prepared upload media, as a step of a larger transaction; when that fails the caller discards it.
func (s *Store) InsertTx(ctx context.Context, tx pgx.Tx, actor staff.Actor, p Prepared) (Media, error) {
	if !CanAdd(actor) {
		return Media{}, fmt.Errorf("add media: %w", fault.Forbidden)
	}
	list, err := many(ctx, tx, `
		INSERT INTO media (key, name, mime, sha256, bytes, width, height, variants, state, alt, caption, credit, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $14, $9, $10, $11, nullif($12, 0), coalesce($13::timestamptz, clock_timestamp()))
		RETURNING `+columns,
		p.key, p.name, p.mime, p.sum, p.bytes, p.width, p.height, p.variants, p.alt, p.caption, p.credit, actor.ID, postgres.At(s.Now), p.state)
	if err != nil {
		return Media{}, fmt.Errorf("add media: %w", err)
	}
	m := list[0]
	if err := queue(ctx, tx, m); err != nil {
		return Media{}, fmt.Errorf("add media: %w", err)
	}
	return m, audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "media.add", Object: object(m.ID), Detail: map[string]any{"mime": m.MIME, "bytes": m.Bytes}})
}

// Missing is a picture or file that an import names and couldn't bring.
type Missing struct {
	URL                  string
	Alt, Caption, Credit string
}

// AddMissing keeps a place for bytes that aren't there: pages show a placeholder until Fill brings them.
func (s *Store) AddMissing(ctx context.Context, tx pgx.Tx, actor staff.Actor, in Missing) (Media, error) {
	var c fault.Check
	in.Alt, in.Caption, in.Credit = tidyWords(&c, in.Alt, in.Caption, in.Credit)
	c.That(in.URL != "" && len(in.URL) <= 2000 && !markup.BadLine(in.URL), "file", "media.file.address")
	if err := c.Err(); err != nil {
		return Media{}, fmt.Errorf("add missing media: %w", err)
	}
	if !CanAdd(actor) {
		return Media{}, fmt.Errorf("add missing media: %w", fault.Forbidden)
	}
	list, err := many(ctx, tx, `
		INSERT INTO media (key, name, mime, sha256, bytes, alt, caption, credit, missing_from, created_by, created_at)
		VALUES ($1, $2, '', '', 0, $3, $4, $5, $6, nullif($7, 0), coalesce($8::timestamptz, clock_timestamp()))
		RETURNING `+columns,
		strings.ToLower(rand.Text()), FileName(in.URL), in.Alt, in.Caption, in.Credit, in.URL, actor.ID, postgres.At(s.Now))
	if err != nil {
		return Media{}, fmt.Errorf("add missing media: %w", err)
	}
	m := list[0]
	return m, audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "media.miss", Object: object(m.ID)})
}

// Fill brings the bytes of what was missing. Its words stay, where it has any.
func (s *Store) Fill(ctx context.Context, actor staff.Actor, id int64, up Upload) (Media, error) {
	if !CanAdd(actor) {
		return Media{}, fmt.Errorf("fill media %d: %w", id, fault.Forbidden)
	}
	p, err := s.Prepare(ctx, up)
	if err != nil {
		return Media{}, err
	}
	return s.store(ctx, p, func(tx pgx.Tx) (Media, error) { return s.FillTx(ctx, tx, actor, id, p) })
}

// FillTx is Fill with a prepared upload, as a transaction of the caller's. It purges the pages that show it.
func (s *Store) FillTx(ctx context.Context, tx pgx.Tx, actor staff.Actor, id int64, p Prepared) (Media, error) {
	m, err := fill(ctx, tx, actor, id, p)
	if err != nil {
		return Media{}, fmt.Errorf("fill media %d: %w", id, err)
	}
	return m, nil
}

func fill(ctx context.Context, tx pgx.Tx, actor staff.Actor, id int64, p Prepared) (Media, error) {
	was, err := one(ctx, tx, id, "FOR UPDATE")
	if err != nil {
		return Media{}, err
	}
	if !CanEdit(actor, was) {
		return Media{}, fault.Forbidden
	}
	if was.MissingFrom == "" {
		return Media{}, fault.Conflict
	}
	list, err := many(ctx, tx, `
		UPDATE media
		SET key = $2, name = $3, mime = $4, sha256 = $5, bytes = $6, width = $7, height = $8, variants = $9, missing_from = NULL,
			state = $13, state_at = clock_timestamp(), why = '',
			alt = coalesce(nullif(alt, ''), $10), caption = coalesce(nullif(caption, ''), $11), credit = coalesce(nullif(credit, ''), $12)
		WHERE id = $1
		RETURNING `+columns, id, p.key, p.name, p.mime, p.sum, p.bytes, p.width, p.height, p.variants, p.alt, p.caption, p.credit, p.state)
	if err != nil {
		return Media{}, err
	}
	if err := queue(ctx, tx, list[0]); err != nil {
		return Media{}, err
	}
	if err := audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "media.fill", Object: object(id)}); err != nil {
		return Media{}, err
	}
	return list[0], purge(ctx, tx, id)
}

// purge announces the pages that show the media, where readers may see it.
func purge(ctx context.Context, tx pgx.Tx, id int64) error {
	rows, err := tx.Query(ctx, `SELECT user_of FROM media_uses WHERE media_id = $1 AND public`, id)
	if err != nil {
		return err
	}
	tags, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tags) == 0 {
		return err
	}
	if slices.Contains(tags, "settings:1") {
		tags = append(tags, "settings") // the site's own picture stands around every page
	}
	return postgres.Purge(ctx, tx, append(tags, object(id))...)
}

// Words is the form of media: what a new use of it begins with, and the point that crops keep.
type Words struct {
	Alt, Caption, Credit string
	FocalX, FocalY       float64
}

// Update changes the words. What is public keeps the words it was published with. Another focal point has the cuts made anew, by Develop;
// until then pages show those of the old one.
func (s *Store) Update(ctx context.Context, actor staff.Actor, id int64, in Words) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		was, err := one(ctx, tx, id, "FOR UPDATE")
		if err != nil {
			return err
		}
		if !CanEdit(actor, was) {
			return fault.Forbidden
		}
		var c fault.Check
		in.Alt, in.Caption, in.Credit = tidyWords(&c, in.Alt, in.Caption, in.Credit)
		c.That(in.FocalX >= 0 && in.FocalX <= 1, "focal_x", "field.range")
		c.That(in.FocalY >= 0 && in.FocalY <= 1, "focal_y", "field.range")
		if err := c.Err(); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE media
			SET alt = $2, caption = $3, credit = $4, focal_x = $5, focal_y = $6
			WHERE id = $1`, id, in.Alt, in.Caption, in.Credit, in.FocalX, in.FocalY)
		if err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "media.update", Object: object(id)}); err != nil {
			return err
		}
		if hundredth(in.FocalX) == hundredth(was.FocalX) && hundredth(in.FocalY) == hundredth(was.FocalY) || was.Width == 0 || was.MissingFrom != "" {
			return nil
		}
		return again(ctx, tx, id)
	})
	if err != nil {
		return fmt.Errorf("update media %d: %w", id, err)
	}
	return nil
}
