package article

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// SitemapEntry is one address for crawlers.
type SitemapEntry struct {
	ID            int64
	Path          string
	Headline      string
	Language      string
	FirstPublicAt time.Time
	ChangedAt     time.Time
}

// SitemapPart is how many ids a part of the sitemap spans. A part that later articles lie beyond changes only with its own.
const SitemapPart = 2000

// SitemapTag is the cache tag of the part of the sitemap that begins after an id.
func SitemapTag(after int64) string { return fmt.Sprintf("sitemap:%d", after) }

// sitemapTag is the cache tag of the part that an article stands in.
func sitemapTag(id int64) string { return SitemapTag((id - 1) / SitemapPart * SitemapPart) }

// LiveSitemap gives the public, indexable articles and pages of the part of the sitemap that begins after an id, by id.
func (r *Reader) LiveSitemap(ctx context.Context, after int64) ([]SitemapEntry, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT id, path, headline, language, first_public_at, greatest(first_public_at, updated_public_at) AS changed_at
		FROM live_articles
		WHERE id > $1 AND id <= $2 AND NOT noindex AND public_state = 'published'
		ORDER BY id`, pgx.QueryExecModeExec, after, after+SitemapPart) // planned each time: of two bounds a general plan guesses nothing
	if err != nil {
		return nil, fmt.Errorf("list for the sitemap: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[SitemapEntry])
}

// LiveSitemapParts gives the ids after which the parts begin that have an article, in order.
func (r *Reader) LiveSitemapParts(ctx context.Context) ([]int64, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT after
		FROM generate_series(0, (SELECT id FROM live_articles ORDER BY id DESC LIMIT 1) - 1, $1::bigint) AS after
		CROSS JOIN LATERAL (
			SELECT FROM live_articles
			WHERE id > after AND id <= after + $1 AND NOT noindex AND public_state = 'published'
			-- the order makes it a look at the first one
			ORDER BY id
			LIMIT 1
		) AS has`, SitemapPart)
	if err != nil {
		return nil, fmt.Errorf("list the parts of the sitemap: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// LiveNews gives listed, indexable articles first published since a time, newest first.
func (r *Reader) LiveNews(ctx context.Context, since time.Time, limit int) ([]SitemapEntry, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT id, path, headline, language, first_public_at, greatest(first_public_at, updated_public_at) AS changed_at
		FROM live_articles
		WHERE listed AND NOT noindex AND first_public_at >= $1
		ORDER BY first_public_at DESC, id DESC
		LIMIT $2`, since, limit)
	if err != nil {
		return nil, fmt.Errorf("list for the news sitemap: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[SitemapEntry])
}
