-- +goose Up
-- What readers may see. Reader pages run as stet_reader, which may select from these views and nothing else, so a forgotten condition
-- in a handler cannot show a draft, a held comment, an e-mail or a session. Views are plain filters, so indexes work through them.

CREATE VIEW live_articles AS
SELECT id, uid, kind, record_head, live_version, public_state, first_public_at, updated_public_at, listed, noindex, comments, live, guid, path,
	live_headline AS headline, live_standfirst AS standfirst, live_kicker AS kicker, live_label AS label, live_language AS language, live_byline AS byline,
	live_category AS category_id, live_image AS image_id, live_image_alt AS image_alt, notice_kind, notice_number, notice_at
FROM articles
WHERE public_state IN ('published', 'retracted') AND trashed_at IS NULL;

-- Withdrawn and withheld: the address, the kind and the notice, no word of the article.
CREATE VIEW live_gone AS
SELECT a.id, a.path, a.public_state, p.kind, p.number, p.recorded_at, p.notice
FROM articles a
JOIN publications p ON p.article_id = a.id AND p.number = (
	SELECT max(l.number) FROM publications l WHERE l.article_id = a.id AND l.kind IN ('withdrawn', 'withheld') AND l.amends IS NULL)
WHERE a.public_state IN ('withdrawn', 'withheld');

CREATE VIEW live_versions AS
SELECT v.article_id, v.number, v.content, v.block_ids, v.withheld_at
FROM versions v
JOIN articles a ON a.id = v.article_id
WHERE a.public_state IN ('published', 'retracted') AND a.trashed_at IS NULL;

CREATE VIEW live_publications AS
SELECT p.article_id, p.number, p.kind, p.recorded_at, p.claimed_at, p.version, p.notice, p.pinned, p.amends, p.withholds, p.content_hash, p.prev_hash, p.hash
FROM publications p
JOIN articles a ON a.id = p.article_id
WHERE a.public_state IN ('published', 'retracted') AND a.trashed_at IS NULL;

CREATE VIEW live_addresses AS
SELECT d.path, d.canonical, d.article_id, d.category_id, d.author_id, d.tag_id,
	coalesce(a.path, c.path, '/author/' || u.slug || '/', '/tag/' || t.slug || '/') AS canonical_path, a.public_state
FROM addresses d
LEFT JOIN articles a ON a.id = d.article_id
LEFT JOIN categories c ON c.id = d.category_id
LEFT JOIN authors u ON u.id = d.author_id
LEFT JOIN tags t ON t.id = d.tag_id
WHERE (d.article_id IS NULL OR a.public_state IS NOT NULL)
	AND (d.tag_id IS NULL OR EXISTS (SELECT FROM article_tags l WHERE l.tag_id = d.tag_id AND l.listed_at IS NOT NULL));

CREATE VIEW live_categories AS SELECT id, parent_id, slug, name, description, position, path, lineage FROM categories;

CREATE VIEW live_authors AS SELECT id, slug, name, role, biography, links, portrait FROM authors;

CREATE VIEW live_tags AS
SELECT id, slug, name FROM tags t WHERE EXISTS (SELECT FROM article_tags l WHERE l.tag_id = t.id AND l.listed_at IS NOT NULL);

CREATE VIEW live_article_categories AS SELECT article_id, category_id, first, listed_at FROM article_categories WHERE listed_at IS NOT NULL;
CREATE VIEW live_article_tags AS SELECT article_id, tag_id, position, listed_at FROM article_tags WHERE listed_at IS NOT NULL;
CREATE VIEW live_article_authors AS SELECT article_id, author_id, position, listed_at FROM article_authors WHERE listed_at IS NOT NULL;

CREATE VIEW live_media AS
SELECT id, key, name, mime, sha256, width, height, focal_x, focal_y, variants, missing_from
FROM media m
WHERE withheld_at IS NULL AND EXISTS (SELECT FROM media_uses u WHERE u.media_id = m.id AND u.public);

CREATE VIEW live_comments AS
SELECT c.id, c.article_id, c.parent_id, c.root_id, c.depth, c.path, c.version_number, c.name, c.posted_at, t.body, c.staff_id IS NOT NULL AS staff,
	EXISTS (SELECT FROM authors u JOIN article_authors l ON l.author_id = u.id WHERE u.staff_id = c.staff_id AND l.article_id = c.article_id) AS author
FROM comments c
JOIN comment_texts t ON t.id = c.shown_text
JOIN articles a ON a.id = c.article_id
WHERE c.status = 'approved' AND c.erased_at IS NULL AND a.public_state IN ('published', 'retracted') AND a.trashed_at IS NULL;

CREATE VIEW live_counts AS SELECT article_id, approved, last_at FROM article_counts;
CREATE VIEW live_search AS SELECT article_id, at, a, b, d, tsv FROM article_search;
-- The text search configurations that articles are indexed in: a query is read in each.
CREATE VIEW live_configs AS
SELECT c.cfgname AS name FROM pg_ts_config c
WHERE c.cfgname LIKE 'stet\_%' AND EXISTS (SELECT FROM article_search s WHERE s.config = c.oid);

CREATE VIEW live_settings AS SELECT * FROM settings;

-- Ids of the newest matches. Counts the query's words among the newest articles first: a common word walks the date index to the limit,
-- a rare one goes through the word index and sorts the few matches. Either alone is hundreds of times slower on the other kind of word.
-- Run it with plan_cache_mode = force_custom_plan, as a generic plan ignores the word.
-- +goose StatementBegin
CREATE FUNCTION search_ids(q tsquery, wanted integer DEFAULT 200, probe integer DEFAULT 2000) RETURNS TABLE (article_id bigint, at timestamptz) LANGUAGE plpgsql STABLE AS $$
DECLARE
	hits  bigint;
	total bigint;
BEGIN
	SELECT count(*) INTO hits FROM (SELECT s.tsv FROM live_search s ORDER BY s.at DESC, s.article_id DESC LIMIT probe) r WHERE r.tsv @@ q;
	SELECT greatest(reltuples, 1)::bigint INTO total FROM pg_class WHERE oid = 'article_search'::regclass;
	IF hits * hits > wanted::bigint * probe * probe / total THEN
		RETURN QUERY EXECUTE 'SELECT s.article_id, s.at FROM live_search s WHERE s.tsv @@ $1 ORDER BY s.at DESC, s.article_id DESC LIMIT $2' USING q, wanted;
	ELSE
		RETURN QUERY WITH m AS MATERIALIZED (SELECT s.article_id, s.at FROM live_search s WHERE s.tsv @@ q)
			SELECT m.article_id, m.at FROM m ORDER BY m.at DESC, m.article_id DESC LIMIT wanted;
	END IF;
END
$$;
-- +goose StatementEnd

-- The roles stand beside the database and may be missing where a host gives only one; then the one role does everything.
-- +goose StatementBegin
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_app') THEN
		GRANT USAGE ON SCHEMA public TO stet_app;
		GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO stet_app;
		GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO stet_app;
		REVOKE UPDATE, DELETE ON publications, publication_acts, revisions, bylines, log, audit FROM stet_app;
		REVOKE UPDATE, DELETE ON versions FROM stet_app;
		GRANT UPDATE (content, salt, block_ids, withheld_at) ON versions TO stet_app;
		REVOKE INSERT, UPDATE, DELETE ON goose_db_version FROM stet_app;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_reader') THEN
		GRANT USAGE ON SCHEMA public TO stet_reader;
		GRANT SELECT ON live_articles, live_gone, live_versions, live_publications, live_addresses, live_categories, live_authors, live_tags, live_article_categories,
			live_article_tags, live_article_authors, live_media, live_comments, live_counts, live_search, live_configs, live_settings, goose_db_version TO stet_reader;
	END IF;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION search_ids(tsquery, integer, integer);
DROP VIEW live_settings, live_configs, live_search, live_counts, live_comments, live_media, live_article_authors, live_article_tags, live_article_categories, live_tags,
	live_authors, live_categories, live_addresses, live_publications, live_versions, live_gone, live_articles;
