package importer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
)

// Kinds of things that an import remembers.
const (
	refArticle  = "article"
	refAuthor   = "author"
	refCategory = "category"
	refMedia    = "media"
	refTag      = "tag"
)

// memory is what earlier runs brought in: a thing of a source is imported once, and its digest tells when it has changed there.
type memory struct{ source string }

// seen is how a thing stands to what is remembered.
type seen struct {
	target  int64 // 0: it is new
	differs bool  // it was imported, and is another now
}

var errBusy = errors.New("another import of the same site is at work")

// claim takes the thing for this transaction, or says what it became before. The constraint decides, so of two imports at once
// the second waits and then finds it there.
func (m memory) claim(ctx context.Context, tx pgx.Tx, kind, id string, digest []byte) (seen, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO import_refs (source, kind, source_id, target, digest)
		VALUES ($1, $2, $3, 0, $4)
		ON CONFLICT ON CONSTRAINT import_refs_key DO NOTHING`, m.source, kind, short(id), digest)
	if err != nil || tag.RowsAffected() == 1 {
		return seen{}, err
	}
	var s seen
	var was []byte
	err = tx.QueryRow(ctx, `
		SELECT target, digest
		FROM import_refs
		WHERE source = $1 AND kind = $2 AND source_id = $3`, m.source, kind, short(id)).Scan(&s.target, &was)
	if errors.Is(err, pgx.ErrNoRows) {
		return seen{}, errBusy
	}
	s.differs = !bytes.Equal(was, digest)
	return s, err
}

// target is what a thing became in an earlier run; 0 for one that is new.
func (m memory) target(ctx context.Context, q postgres.Querier, kind, id string) (target int64, err error) {
	err = q.QueryRow(ctx, `
		SELECT target
		FROM import_refs
		WHERE source = $1 AND kind = $2 AND source_id = $3`, m.source, kind, short(id)).Scan(&target)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return target, err
}

// became notes what the thing is here.
func (m memory) became(ctx context.Context, tx pgx.Tx, kind, id string, target int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE import_refs
		SET target = $4
		WHERE source = $1 AND kind = $2 AND source_id = $3`, m.source, kind, short(id), target)
	if err != nil {
		return fmt.Errorf("remember %s %s: %w", kind, id, err)
	}
	return nil
}

// short keeps an id within what an index takes.
func short(id string) string {
	if len(id) <= 500 {
		return id
	}
	return fmt.Sprintf("%.400s#%x", id, sha256.Sum256([]byte(id)))
}

func digestOf(fields ...string) []byte {
	h := sha256.New()
	for _, f := range fields {
		fmt.Fprintf(h, "%d:%s", len(f), f)
	}
	return h.Sum(nil)
}
