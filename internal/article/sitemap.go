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

// LiveSitemap gives public, indexable articles and pages by id, from the first after the given one.
func (r *Reader) LiveSitemap(ctx context.Context, after int64, limit int) ([]SitemapEntry, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT id, path, headline, language, first_public_at, greatest(first_public_at, updated_public_at) AS changed_at
		FROM live_articles
		WHERE id > $1 AND NOT noindex AND public_state = 'published'
		ORDER BY id
		LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list for the sitemap: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[SitemapEntry])
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
