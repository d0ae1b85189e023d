package article

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/jobs"
	"stet/internal/postgres"
)

// How related articles are made.
const (
	relatedKept   = 12 // more than are shown, so that enough is left when some go
	relatedShown  = 4
	relatedPause  = 3 * time.Minute  // an article that changes often is related anew no more than so often
	relatedImport = 10 * time.Minute // an import's articles wait for one another
)

// HandleRelated has the queue make lists of related articles.
func (s *Store) HandleRelated(h *jobs.Handlers) {
	jobs.Handle(h, func(ctx context.Context, j jobs.Related) error { return s.Relate(ctx, j.Article) })
}

// wantRelated asks for a new list of what is related to a, whose public face just became l, where its text or its state is another.
func wantRelated(ctx context.Context, tx pgx.Tx, a *locked, l live, first Publication) error {
	if a.Kind != KindArticle || l.Version == deref(a.LiveVersion) && l.State == deref(a.PublicState) {
		return nil
	}
	var at time.Time
	switch {
	case a.PublicState != nil:
		at = time.Now().Add(relatedPause)
	case first.Kind == ImportedRow:
		at = time.Now().Add(relatedImport)
	}
	return jobs.InsertOnce(ctx, tx, jobs.Related{Article: a.ID}, at)
}

// Relate makes the list of articles related to an article, nearest first, and has its page made anew where the list is another. One that is
// related for the first time also belongs in the lists of those in its own; one that left the lists is missed in those that have few left.
// Nothing public under id is no error.
func (s *Store) Relate(ctx context.Context, id int64) error {
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var public, listed, imported bool
		err := tx.QueryRow(ctx, `
			SELECT public_state IN ('published', 'retracted') AND trashed_at IS NULL AND kind = 'article', listed,
				EXISTS (SELECT FROM publications p WHERE p.article_id = a.id AND p.number = 1 AND p.kind = 'imported')
			FROM articles a
			WHERE id = $1 AND public_state IS NOT NULL`, id).Scan(&public, &listed, &imported)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		var list []int64
		if public {
			if list, err = nearest(ctx, tx, id); err != nil {
				return err
			}
		}
		first, err := keepRelated(ctx, tx, id, list)
		if err != nil {
			return err
		}
		switch {
		case !listed:
			list, err = missing(ctx, tx, id)
		case !first || imported:
			list = nil
		}
		// Each of many that work at once waits for jobs of the others: in one order nobody waits for somebody who waits for it.
		slices.Sort(list)
		for _, other := range list {
			if err == nil {
				err = jobs.InsertOnce(ctx, tx, jobs.Related{Article: other}, time.Now().Add(relatedPause))
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("relate article %d: %w", id, err)
	}
	return nil
}

// keepRelated puts a list in the place of the one before; first tells that there was none.
func keepRelated(ctx context.Context, tx pgx.Tx, id int64, list []int64) (first bool, err error) {
	rows, err := tx.Query(ctx, `SELECT related_id FROM article_related WHERE article_id = $1 ORDER BY position`, id)
	if err != nil {
		return false, err
	}
	had, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || slices.Equal(had, list) {
		return false, err
	}
	var b pgx.Batch
	b.Queue(`DELETE FROM article_related WHERE article_id = $1`, id)
	b.Queue(`
		INSERT INTO article_related (article_id, position, related_id)
		SELECT $1, n, other FROM unnest($2::bigint[]) WITH ORDINALITY AS t (other, n)
		ON CONFLICT DO NOTHING`, id, list)
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return false, err
	}
	return len(had) == 0, postgres.Purge(ctx, tx, fmt.Sprintf("article:%d", id))
}

// missing lists the articles in whose lists too few are left to be shown, now that id left them.
func missing(ctx context.Context, tx pgx.Tx, id int64) ([]int64, error) {
	rows, err := tx.Query(ctx, `
		SELECT r.article_id
		FROM article_related r
		JOIN articles a ON a.id = r.related_id
		WHERE r.article_id IN (SELECT article_id FROM article_related WHERE related_id = $1)
		GROUP BY r.article_id
		HAVING count(*) FILTER (WHERE a.listed) < $2`, id, relatedShown)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// nearest ranks the listed articles near an article. It looks only at a bounded number of candidates: the newest of its category and of those
// beside it, the newest under each of its tags, and the newest with any of the words that tell most of it. A word tells the more the fewer
// articles have it, which the planner's statistics know without counting; bigrams make it work in scripts that don't part words. A shared tag
// counts the more the rarer it is, another language takes more than half of the weight away, and a year takes a good part of it.
func nearest(ctx context.Context, tx pgx.Tx, id int64) ([]int64, error) {
	rows, err := tx.Query(ctx, `
		WITH me AS MATERIALIZED (
			SELECT a.id, a.live_category AS category, a.live_language AS language, c.parent_id AS parent
			FROM articles a
			LEFT JOIN categories c ON c.id = a.live_category
			WHERE a.id = $1
		), said AS MATERIALIZED (
			SELECT t.lexeme, t.positions, t.weights
			FROM article_search s, unnest(s.tsv) AS t (lexeme, positions, weights)
			WHERE s.article_id = $1 AND length(t.lexeme) > 1 AND t.lexeme !~ '[\\'']'
		), common AS MATERIALIZED (
			-- grouped, as the planner, who can't know how many words there are, would join them one by one
			SELECT word, max(share) AS share
			FROM (
				SELECT e.word, e.share, false AS said
				FROM pg_stats s, unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS e (word, share)
				WHERE s.schemaname = current_schema() AND s.tablename = 'article_search' AND s.attname = 'tsv'
				UNION ALL
				SELECT lexeme, 0, true FROM said
			) w
			GROUP BY word
			HAVING bool_or(said)
		), telling AS MATERIALIZED (
			SELECT t.lexeme
			FROM said t
			JOIN common c ON c.word = t.lexeme
			WHERE c.share < 0.1
			ORDER BY CASE WHEN 'A' = ANY (t.weights) THEN 3 WHEN 'B' = ANY (t.weights) THEN 2 ELSE 1 END
				* (1 + ln(cardinality(t.positions))) * -ln(greatest(c.share, 0.00005)) DESC, t.lexeme
			LIMIT 16
		), q AS MATERIALIZED (
			-- own is how well the article itself answers its own words: others are measured by it
			SELECT w.q, ts_rank('{0.1, 0.2, 0.4, 1.0}', s.tsv, w.q) AS own
			FROM (SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery AS q FROM telling) AS w
			LEFT JOIN article_search s ON s.article_id = $1
		), tagged AS MATERIALIZED (
			SELECT m.tag_id, 2 / (1 + ln(greatest(1, (SELECT count(*) FROM (
				SELECT FROM article_tags t WHERE t.tag_id = m.tag_id AND t.listed_at IS NOT NULL LIMIT 1000) AS t)))) AS weight
			FROM article_tags m
			WHERE m.article_id = $1
		), beside AS MATERIALIZED (
			SELECT c.id, CASE WHEN c.id = me.category THEN 200 ELSE 30 END AS newest
			FROM me
			JOIN categories c ON c.id IN (me.category, me.parent) OR c.parent_id IN (me.category, me.parent)
		), candidates AS (
			SELECT n.article_id
			FROM beside, LATERAL (SELECT c.article_id FROM article_categories c
				WHERE c.category_id = beside.id AND c.listed_at IS NOT NULL
				ORDER BY c.listed_at DESC, c.article_id DESC LIMIT beside.newest) AS n
			UNION SELECT n.article_id
			FROM tagged, LATERAL (SELECT t.article_id FROM article_tags t
				WHERE t.tag_id = tagged.tag_id AND t.listed_at IS NOT NULL
				ORDER BY t.listed_at DESC, t.article_id DESC LIMIT 50) AS n
			UNION SELECT f.article_id FROM q, search_ids(q.q, 100) AS f WHERE q.q IS NOT NULL
		)
		SELECT a.id
		FROM candidates
		-- LIMIT keeps these a look at the candidates; as joins they are hashed over all there are
		CROSS JOIN LATERAL (SELECT * FROM articles WHERE id = candidates.article_id AND listed AND id <> $1 LIMIT 1) a
		CROSS JOIN LATERAL (SELECT tsv FROM article_search WHERE article_id = candidates.article_id LIMIT 1) s
		CROSS JOIN me CROSS JOIN q
		ORDER BY (
				CASE WHEN a.live_category = me.category THEN 1 WHEN EXISTS (
					SELECT FROM article_categories c WHERE c.article_id = a.id AND c.category_id IN (SELECT id FROM beside)) THEN 0.5 ELSE 0 END
				+ coalesce((SELECT sum(tagged.weight) FROM article_tags t JOIN tagged USING (tag_id) WHERE t.article_id = a.id), 0)
				+ 3 * coalesce(ts_rank('{0.1, 0.2, 0.4, 1.0}', s.tsv, q.q) / nullif(q.own, 0), 0)
			) * CASE WHEN a.live_language = me.language THEN 1 ELSE 0.4 END
			* (0.5 + 0.5 * exp(-greatest(0, extract(epoch FROM clock_timestamp() - a.first_public_at)) / 31536000)) DESC, a.first_public_at DESC, a.id DESC
		LIMIT $2`, id, relatedKept)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
