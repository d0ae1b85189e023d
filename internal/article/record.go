package article

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/markup"
	"stet/internal/media"
)

// Publication is one row of an article's public record. Number counts from 1 and is never reused; it is the N of #update-N and /v/N.
// Version is the number of the row whose content readers saw from then on. Notice is sanitised HTML. Amends is 0, or the number of the
// notice whose text this row replaces. By is the person behind it and empty on the readers' side.
type Publication struct {
	ArticleID   int64
	Number      int
	Kind        string
	RecordedAt  time.Time
	ClaimedAt   *time.Time
	Version     int
	Notice      string
	Pinned      bool
	Amends      int
	Withholds   []int
	ContentHash []byte
	PrevHash    []byte
	Hash        []byte
	By          string
}

// At is the time readers are shown: the one an import claimed, else the one it was recorded at.
func (p *Publication) At() time.Time {
	if p.ClaimedAt != nil {
		return *p.ClaimedAt
	}
	return p.RecordedAt
}

// ContentHash is SHA-256(salt ‖ RFC 8785 form of c). The salt, 32 random bytes of the version, goes when the version is withheld, so
// that nobody can find out by guessing what stood there.
func ContentHash(salt []byte, c *Content) ([]byte, error) {
	form, err := canonical(c)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append(append([]byte{}, salt...), form...))
	return sum[:], nil
}

// header is what Seal covers, under these names. Times are whole microseconds since 1970 in UTC, as Postgres keeps them; hashes are
// lower-case hexadecimal.
type header struct {
	V           int    `json:"v"`
	UID         string `json:"uid"`
	Number      int    `json:"number"`
	Kind        string `json:"kind"`
	RecordedAt  int64  `json:"recorded_at"`
	ClaimedAt   *int64 `json:"claimed_at"`
	Version     int    `json:"version"`
	Notice      string `json:"notice"`
	Pinned      bool   `json:"pinned"`
	Amends      int    `json:"amends"`
	Withholds   []int  `json:"withholds"`
	ContentHash string `json:"content_hash"`
	PrevHash    string `json:"prev_hash"`
}

// Seal is the hash of a row: SHA-256 over the RFC 8785 form of the object
//
//	{"v": 1, "uid", "number", "kind", "recorded_at", "claimed_at", "version", "notice", "pinned", "amends", "withholds",
//	 "content_hash", "prev_hash"}
//
// where uid is the article's, recorded_at and claimed_at (or null) are microseconds since 1970, amends is 0 and withholds null where
// there is none, the hashes are hexadecimal and prev_hash is that of the row before, empty for the first.
func Seal(uid string, p *Publication) ([]byte, error) {
	h := header{V: 1, UID: uid, Number: p.Number, Kind: p.Kind, RecordedAt: p.RecordedAt.UnixMicro(), Version: p.Version, Notice: p.Notice,
		Pinned: p.Pinned, Amends: p.Amends, Withholds: p.Withholds, ContentHash: hexOf(p.ContentHash), PrevHash: hexOf(p.PrevHash)}
	if p.ClaimedAt != nil {
		at := p.ClaimedAt.UnixMicro()
		h.ClaimedAt = &at
	}
	form, err := canonical(h)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(form)
	return sum[:], nil
}

// record adds a row to the public record of a, which is locked, and returns it sealed. Number, times and hashes are made here; the row's
// time is that of the lock, or that of the row before where the clock went back.
func record(ctx context.Context, tx pgx.Tx, a *locked, p Publication) (Publication, error) {
	var last Publication
	err := tx.QueryRow(ctx, `
		SELECT number, recorded_at, version, content_hash, hash
		FROM publications
		WHERE article_id = $1
		ORDER BY number DESC
		LIMIT 1`, a.ID).Scan(&last.Number, &last.RecordedAt, &last.Version, &last.ContentHash, &last.Hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return p, err
	}
	if p, err = follow(a, last, p); err != nil {
		return p, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO publications (article_id, number, kind, recorded_at, claimed_at, version, notice, pinned, amends, withholds, content_hash, prev_hash, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, nullif($9::bigint, 0), $10, $11, $12, $13)`,
		p.ArticleID, p.Number, p.Kind, p.RecordedAt, p.ClaimedAt, p.Version, p.Notice, p.Pinned, p.Amends, p.Withholds, p.ContentHash, p.PrevHash, p.Hash)
	if err != nil {
		return p, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO publication_acts (article_id, number, staff_id)
		VALUES ($1, $2, nullif($3::bigint, 0))`, a.ID, p.Number, a.actor.ID)
	if err != nil {
		return p, err
	}
	shown, err := media.ByIDs(ctx, tx, markup.MediaIDs([]markup.Block{{HTML: p.Notice}}))
	if err != nil || len(shown) == 0 {
		return p, err
	}
	return p, media.Uses(ctx, tx, a.object(), slices.Sorted(maps.Keys(shown)), true)
}

// follow makes p the row after last, the zero value where it is the first, and seals it.
func follow(a *locked, last, p Publication) (Publication, error) {
	p.ArticleID = a.ID
	p.Number = last.Number + 1
	p.RecordedAt = a.At.UTC().Truncate(time.Microsecond)
	if p.RecordedAt.Before(last.RecordedAt) {
		p.RecordedAt = last.RecordedAt.UTC()
	}
	p.PrevHash = last.Hash
	if p.PrevHash == nil {
		p.PrevHash = []byte{}
	}
	if p.Version == 0 {
		p.Version, p.ContentHash = last.Version, last.ContentHash
	}
	var err error
	p.Hash, err = Seal(a.UID, &p)
	return p, err
}

// newVersion stores c as the version that the next row of the record will make public and returns that row's number and hash.
func newVersion(ctx context.Context, a *locked, revisionID int64, c *Content, ids []string) (number int, hash []byte, err error) {
	salt := newSalt()
	if hash, err = ContentHash(salt, c); err != nil {
		return 0, nil, err
	}
	number = a.RecordHead + 1
	_, err = a.tx.Exec(ctx, `
		INSERT INTO versions (article_id, number, revision_id, content, salt, block_ids)
		VALUES ($1, $2, $3, $4, $5, $6)`, a.ID, number, revisionID, c, salt, ids)
	return number, hash, err
}

func newSalt() []byte {
	salt := make([]byte, 32)
	_, _ = rand.Read(salt) // never fails: crypto/rand ends the program instead
	return salt
}

// readRecord gives the whole record of an article, oldest first.
func readRecord(ctx context.Context, q querier, id int64) ([]Publication, error) {
	rows, err := q.Query(ctx, `
		SELECT p.article_id, p.number, p.kind, p.recorded_at, p.claimed_at, p.version, p.notice, p.pinned, coalesce(p.amends, 0) AS amends, p.withholds,
			p.content_hash, p.prev_hash, p.hash, coalesce(s.name, '') AS by
		FROM publications p
		LEFT JOIN publication_acts c USING (article_id, number)
		LEFT JOIN staff s ON s.id = c.staff_id
		WHERE p.article_id = $1
		ORDER BY p.number`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Publication])
}
