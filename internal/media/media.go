// Package media is pictures and files: what is uploaded, the variants that readers get, the words that go with them, and where the
// bytes live.
//
// It must never serve the bytes that somebody sent, only what this room made of them (files apart, which are sent as downloads);
// never delete what a public version shows; and never tell by an address what can be guessed.
package media

import (
	"context"
	"fmt"
	"os/exec"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// Media is one picture or file. The readers' side knows neither words nor who uploaded it: a version carries its own words.
type Media struct {
	ID          int64
	Key         string // 128 random bits, part of every address
	Name        string // of the file as it was uploaded
	MIME        string
	SHA256      []byte // of the original
	Bytes       int64
	Width       int // as it is shown, after its orientation; 0 for what is no picture
	Height      int
	FocalX      float64 // what a crop keeps, from the left and the top, 0 to 1
	FocalY      float64
	Variants    []Variant // the whole picture for every browser first, smallest first; none while it is missing
	State       string    // Making, Ready or Failed
	Why         string    // of Failed, as a key of the texts
	Alt         string
	Caption     string
	Credit      string
	MissingFrom string // the address an import named while the bytes weren't there
	CreatedBy   int64
	CreatedAt   time.Time
	WithheldAt  *time.Time
}

// CanAdd reports whether the actor may upload.
func CanAdd(actor staff.Actor) bool { return actor.Can(staff.Contributor) }

// CanEdit reports whether the actor may change the words of m: editors of all, everybody else of what they uploaded.
func CanEdit(actor staff.Actor, m Media) bool {
	return actor.Can(staff.Editor) || CanAdd(actor) && m.CreatedBy != 0 && m.CreatedBy == actor.ID
}

// Store is the newsroom's side.
type Store struct {
	pool  *pgxpool.Pool
	blobs Blobs
	// Vips is the program vipsthumbnail, which makes files of the newer types in less time; "" does without.
	Vips string
	// AVIF has files of that type made too, where Vips is there.
	AVIF bool

	// Now replaces the database's clock in tests and where the demo tells its story; nil otherwise.
	Now func() time.Time
}

// New makes a Store over the newsroom's pool and the place of the bytes. It uses vipsthumbnail where that is on the PATH.
func New(pool *pgxpool.Pool, blobs Blobs) *Store {
	vips, err := exec.LookPath("vipsthumbnail")
	if err != nil {
		vips = ""
	}
	return &Store{pool: pool, blobs: blobs, Vips: vips}
}

const columns = `id, key, name, mime, sha256, bytes, width, height, focal_x, focal_y, variants, state, why, alt, caption, credit, coalesce(missing_from, '') AS missing_from,
	coalesce(created_by, 0) AS created_by, created_at, withheld_at`

// ByID finds one.
func (s *Store) ByID(ctx context.Context, id int64) (Media, error) { return one(ctx, s.pool, id, "") }

// BySum finds the picture that was made of a file with this SHA-256, if readers may see it.
func (s *Store) BySum(ctx context.Context, sum []byte) (Media, error) {
	list, err := many(ctx, s.pool, `SELECT `+columns+` FROM media WHERE sha256 = $1 AND width > 0 AND missing_from IS NULL AND withheld_at IS NULL ORDER BY id LIMIT 1`, sum)
	if err != nil {
		return Media{}, err
	}
	if len(list) == 0 {
		return Media{}, fmt.Errorf("media of a file: %w", fault.NotFound)
	}
	return list[0], nil
}

// ByIDs is the function of that name, for the newsroom.
func (s *Store) ByIDs(ctx context.Context, ids []int64) (map[int64]Media, error) {
	return ByIDs(ctx, s.pool, ids)
}

// ByIDs finds what the ids name; an unknown one is missing from the map.
func ByIDs(ctx context.Context, q postgres.Querier, ids []int64) (map[int64]Media, error) {
	if len(ids) == 0 {
		return map[int64]Media{}, nil
	}
	list, err := many(ctx, q, `SELECT `+columns+` FROM media WHERE id = ANY ($1)`, ids)
	return byID(list), err
}

// Reader is the readers' side: only what a public version or profile shows, and nothing that is withheld.
type Reader struct{ pool postgres.ReadPool }

// NewReader makes a Reader over what readers' pages are read from.
func NewReader(pool postgres.ReadPool) *Reader { return &Reader{pool: pool} }

// LiveByIDs finds what the ids name; what readers may not see is missing from the map, as if it weren't there.
func (r *Reader) LiveByIDs(ctx context.Context, ids []int64) (map[int64]Media, error) {
	if len(ids) == 0 {
		return map[int64]Media{}, nil
	}
	list, err := many(ctx, r.pool, `
		SELECT id, key, name, mime, sha256, width, height, focal_x, focal_y, variants, coalesce(missing_from, '') AS missing_from
		FROM live_media
		-- as an array of its own, lest it be planned anew for each number of ids
		WHERE id = ANY (ARRAY(SELECT unnest($1::bigint[])))`, ids)
	return byID(list), err
}

func byID(list []Media) map[int64]Media {
	out := make(map[int64]Media, len(list))
	for _, m := range list {
		out[m.ID] = m
	}
	return out
}

func one(ctx context.Context, q postgres.Querier, id int64, suffix string) (Media, error) {
	list, err := many(ctx, q, `SELECT `+columns+` FROM media WHERE id = $1 `+suffix, id)
	if err != nil {
		return Media{}, err
	}
	if len(list) == 0 {
		return Media{}, fmt.Errorf("media %d: %w", id, fault.NotFound)
	}
	return list[0], nil
}

func many(ctx context.Context, q postgres.Querier, sql string, args ...any) ([]Media, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("find media: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[Media])
	if err != nil {
		return nil, fmt.Errorf("find media: %w", err)
	}
	return list, nil
}

// Uses notes that userOf, as kind and id, shows the media. For what is public it only adds: a picture that a public version showed
// stays readable for good. Otherwise it replaces what userOf showed before it was public.
func Uses(ctx context.Context, tx pgx.Tx, userOf string, ids []int64, public bool) error {
	if ids == nil {
		ids = []int64{}
	}
	_, err := tx.Exec(ctx, `
		WITH gone AS (
		DELETE FROM media_uses
		WHERE user_of = $1 AND NOT $3 AND NOT public AND media_id <> ALL ($2)
		)
		INSERT INTO media_uses (media_id, user_of, public)
		SELECT DISTINCT id, $1, $3::boolean FROM unnest($2::bigint[]) AS id ORDER BY id
		ON CONFLICT ON CONSTRAINT media_uses_key DO UPDATE
		SET public = true
		WHERE excluded.public AND NOT media_uses.public`, userOf, ids, public)
	if postgres.IsForeignKey(err, "media_uses_media_id_fkey") {
		// Somebody deleted it since it was looked at.
		return fmt.Errorf("media uses of %s: %w", userOf, fault.Field("body", "article.body.picture"))
	}
	if err != nil {
		return fmt.Errorf("media uses of %s: %w", userOf, err)
	}
	return nil
}

func object(id int64) string { return fmt.Sprintf("media:%d", id) }
