package article

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/staff"
)

// Target is a public article or page that a link can lead to.
type Target struct {
	Headline string
	Path     string // from the site's root
	Kind     Kind
	At       time.Time // when it was first public
}

// Limits of Find: what it returns, and how much of a query it reads.
const (
	maxFound = 10
	maxWords = 8
)

// Find gives the newest ten articles and pages that readers see and whose headline has a word for each word of q, beginning with it;
// case and accents don't count. An empty q gives the newest. Whoever may write may ask.
func (s *Store) Find(ctx context.Context, actor staff.Actor, q string) ([]Target, error) {
	if !actor.Can(staff.Contributor) {
		return nil, fmt.Errorf("find articles: %w", fault.Forbidden)
	}
	rows, err := s.pool.Query(ctx, `
		SELECT headline, path, kind, first_public_at AS at
		FROM live_articles
		WHERE public_state = 'published' AND unaccent(lower(headline)) ~ ALL (SELECT unaccent(lower(word)) FROM unnest($1::text[]) AS word)
		ORDER BY first_public_at DESC, id DESC
		LIMIT $2`, beginnings(q), maxFound)
	if err != nil {
		return nil, fmt.Errorf("find articles: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Target])
	if err != nil {
		return nil, fmt.Errorf("find articles: %w", err)
	}
	return found, nil
}

// beginnings are the words of q as patterns for Postgres. Where words aren't parted by spaces they may begin anywhere.
func beginnings(q string) []string {
	words := strings.FieldsFunc(q, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.N, unicode.M) })
	words = words[:min(len(words), maxWords)]
	out := make([]string, len(words))
	for i, word := range words {
		out[i] = regexp.QuoteMeta(word)
		if strings.IndexFunc(word, unspaced) < 0 {
			out[i] = `\m` + out[i]
		}
	}
	return out
}
