-- +goose Up

-- Columns that are mostly empty have indexes without the empty ones: they serve the same look-ups and deletions at a tenth of the size.
DROP INDEX comments_staff_idx, comments_pending_text_idx, comments_pinned_by_idx, comments_parent_idx, decisions_undone_by_idx, decisions_was_shown_idx,
	decisions_was_pending_idx, decisions_by_idx, hold_reasons_text_idx;
CREATE INDEX comments_staff_idx ON comments (staff_id) WHERE staff_id IS NOT NULL;
CREATE INDEX comments_pending_text_idx ON comments (pending_text) WHERE pending_text IS NOT NULL;
CREATE INDEX comments_pinned_by_idx ON comments (pinned_by) WHERE pinned_by IS NOT NULL;
CREATE INDEX comments_parent_idx ON comments (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX decisions_undone_by_idx ON decisions (undone_by) WHERE undone_by IS NOT NULL;
CREATE INDEX decisions_was_shown_idx ON decisions (was_shown) WHERE was_shown IS NOT NULL;
CREATE INDEX decisions_was_pending_idx ON decisions (was_pending) WHERE was_pending IS NOT NULL;
CREATE INDEX hold_reasons_text_idx ON hold_reasons (text_id) WHERE text_id IS NOT NULL;

-- The newest comments of an article, for its feed.
DROP INDEX comments_article_idx;
CREATE INDEX comments_article_idx ON comments (article_id, status, posted_at DESC, id DESC);

-- The list of all comments, whatever became of them.
CREATE INDEX comments_posted_idx ON comments (posted_at DESC, id DESC) WHERE erased_at IS NULL;

-- Pages far down the list of everything are counted off in the index alone: it implies all that live_articles asks for.
DROP INDEX articles_listed_idx;
CREATE INDEX articles_listed_idx ON articles (first_public_at DESC, id DESC)
WHERE listed AND public_state IN ('published', 'retracted') AND trashed_at IS NULL;

-- A search looks at the words of many articles and at the text of a few: the words stay in the row.
ALTER TABLE article_search ALTER COLUMN tsv SET STORAGE MAIN;

-- A text copied in bulk comes before its comment, as what waits is entered among the words that moderators search.
ALTER TABLE comments ALTER CONSTRAINT comments_shown_text_fk NOT DEFERRABLE, ALTER CONSTRAINT comments_pending_text_fk NOT DEFERRABLE;
ALTER TABLE comment_texts ALTER CONSTRAINT comment_texts_comment_id_fkey DEFERRABLE;

-- Which articles have comments that wait, and which of those were written before a change.
CREATE INDEX comments_overtaken_idx ON comments (article_id, posted_at, id) INCLUDE (version_number)
WHERE pending_text IS NOT NULL AND erased_at IS NULL AND version_number > 0;

CREATE TABLE comment_waiting (
	comment_id bigint PRIMARY KEY REFERENCES comments ON DELETE CASCADE,
	words      text NOT NULL
);
CREATE INDEX comment_waiting_words_idx ON comment_waiting USING gin (words gin_trgm_ops) WITH (gin_pending_list_limit = 256);
COMMENT ON TABLE comment_waiting IS 'what moderators search through: name, e-mail and text of comments that wait, and of no others';

-- +goose StatementBegin
CREATE FUNCTION comment_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.pending_text IS NULL OR NEW.erased_at IS NOT NULL THEN
		DELETE FROM comment_waiting WHERE comment_id = NEW.id;
	ELSE
		INSERT INTO comment_waiting (comment_id, words)
		SELECT NEW.id, concat_ws(E'\n', NEW.name, m.email, t.body)
		FROM comment_texts t
		LEFT JOIN commenters m ON m.id = NEW.commenter_id
		WHERE t.id = NEW.pending_text
		ON CONFLICT (comment_id) DO UPDATE
		SET words = excluded.words;
	END IF;
	RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER comments_waits AFTER INSERT ON comments FOR EACH ROW
WHEN (NEW.pending_text IS NOT NULL AND NEW.erased_at IS NULL) EXECUTE FUNCTION comment_waits();
CREATE TRIGGER comments_waited AFTER UPDATE OF name, commenter_id, pending_text, erased_at ON comments FOR EACH ROW
WHEN (OLD.pending_text IS NOT NULL OR NEW.pending_text IS NOT NULL) EXECUTE FUNCTION comment_waits();
INSERT INTO comment_waiting (comment_id, words)
SELECT c.id, concat_ws(E'\n', c.name, m.email, t.body)
FROM comments c
JOIN comment_texts t ON t.id = c.pending_text
LEFT JOIN commenters m ON m.id = c.commenter_id
WHERE c.erased_at IS NULL;

-- The articles that a reader's search finds, in its order, and how many there are, up to one more than most. Each statement is planned for the
-- words and filters asked for. Without filters the newest articles are looked at first: a common word walks the date index until enough are
-- found, a rare one goes through the word index and sorts the few matches. A phrase of common words can be told from the words alone only by
-- reading each article that has them: it is looked for among the newest 20,000, and a common word among
-- the first 5,000 that filters leave. What is common enough isn't counted, where both the newest
-- articles and the statistics say that there are more. It changes nothing; volatile it is as it asks how a statement would be run.
-- +goose StatementBegin
CREATE FUNCTION search_found(q tsquery, wanted integer, most integer, categories bigint[], author bigint, since timestamptz, before timestamptz, oldest boolean)
RETURNS TABLE (article_id bigint, at timestamptz, total bigint) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	probe  CONSTANT integer := 2000;
	hits   bigint;
	about  double precision;
	rows   bigint;
	plan   json;
	filter text := '';
	walk   text := 'live_search'; -- the articles that the filters leave, and more, with an index in their order
	span   text := '';
	way    text := 'DESC';
	order_ text;
	ids    bigint[];
	ats    timestamptz[];
	reach  integer;
BEGIN
	IF since IS NOT NULL THEN
		span := span || ' AND s.at >= $6';
	END IF;
	IF before IS NOT NULL THEN
		span := span || ' AND s.at < $7';
	END IF;
	IF oldest THEN
		way := 'ASC';
	END IF;
	order_ := 's.at ' || way || ', s.article_id ' || way;
	IF author <> 0 THEN
		walk := '(SELECT u.article_id, u.listed_at AS at FROM live_article_authors u WHERE u.author_id = $5)';
	ELSIF cardinality(categories) > 0 THEN
		walk := '(SELECT DISTINCT n.article_id, n.at FROM unnest($4) AS wanted, LATERAL (SELECT s.article_id, s.listed_at AS at FROM live_article_categories s
			WHERE s.category_id = wanted' || replace(span, 's.at', 's.listed_at') || ' ORDER BY s.listed_at ' || way || ', s.article_id ' || way || ' LIMIT $2) n)';
	END IF;
	IF cardinality(categories) > 0 THEN
		filter := filter || ' AND EXISTS (SELECT FROM live_article_categories c WHERE c.article_id = s.article_id AND c.category_id = ANY ($4))';
	END IF;
	IF author <> 0 THEN
		filter := filter || ' AND EXISTS (SELECT FROM live_article_authors u WHERE u.article_id = s.article_id AND u.author_id = $5)';
	END IF;
	filter := filter || span;
	EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM live_search s WHERE s.tsv @@ %L::tsquery', q) INTO plan;
	about := (plan->0->'Plan'->>'Plan Rows')::double precision;
	IF (filter <> '' OR oldest) AND about <= 10000 THEN
		RETURN QUERY EXECUTE 'WITH m AS MATERIALIZED (SELECT s.article_id, s.at FROM live_search s WHERE s.tsv @@ $1),
				k AS MATERIALIZED (SELECT s.article_id, s.at FROM m s WHERE true' || filter || ')
			SELECT s.article_id, s.at, least((SELECT count(*) FROM k), $3 + 1) FROM k s ORDER BY ' || order_ || ' LIMIT $2'
		USING q, wanted, most, categories, author, since, before;
		RETURN;
	ELSIF filter <> '' OR oldest THEN
		FOREACH reach IN ARRAY ARRAY [2000, 5000] LOOP
			EXECUTE 'WITH w AS MATERIALIZED (SELECT s.article_id, s.at FROM ' || walk || ' s WHERE true' || filter || ' ORDER BY ' || order_ || ' LIMIT $2)
				SELECT (SELECT count(*) FROM w), array_agg(s.article_id ORDER BY ' || order_ || '), array_agg(s.at ORDER BY ' || order_ || ')
				FROM w s JOIN live_search l ON l.article_id = s.article_id WHERE l.tsv @@ $1'
			INTO hits, ids, ats USING q, reach, most, categories, author, since, before;
			EXIT WHEN hits < reach OR cardinality(ids) > most;
		END LOOP;
		RETURN QUERY SELECT f.id, f.time, least(cardinality(ids), most + 1)::bigint FROM unnest(ids[:wanted], ats[:wanted]) AS f (id, time);
		RETURN;
	END IF;
	SELECT count(*) INTO hits FROM (SELECT s.tsv FROM live_search s ORDER BY s.at DESC, s.article_id DESC LIMIT probe) r WHERE r.tsv @@ q;
	SELECT greatest(reltuples, 1)::bigint INTO rows FROM pg_class WHERE oid = 'article_search'::regclass;
	IF hits * hits > wanted::bigint * probe * probe / rows THEN
		total := CASE WHEN hits >= 8 AND about > 4 * most THEN most + 1 END;
		IF total IS NULL THEN
			EXECUTE 'SELECT count(*) FROM (SELECT FROM live_search s WHERE s.tsv @@ $1 LIMIT $2 + 1) n' INTO total USING q, most;
		END IF;
		RETURN QUERY EXECUTE 'SELECT s.article_id, s.at, $3 FROM live_search s WHERE s.tsv @@ $1 ORDER BY s.at DESC, s.article_id DESC LIMIT $2' USING q, wanted, total;
	ELSIF about > 10000 AND q::text ~ '<(-|[0-9]+)>' THEN
		RETURN QUERY EXECUTE 'WITH m AS MATERIALIZED (
				SELECT s.article_id, s.at FROM (SELECT * FROM live_search ORDER BY at DESC, article_id DESC LIMIT 20000) s WHERE s.tsv @@ $1)
			SELECT m.article_id, m.at, least((SELECT count(*) FROM m), $3 + 1) FROM m ORDER BY m.at DESC, m.article_id DESC LIMIT $2' USING q, wanted, most;
	ELSE
		RETURN QUERY EXECUTE 'WITH m AS MATERIALIZED (SELECT s.article_id, s.at FROM live_search s WHERE s.tsv @@ $1)
			SELECT m.article_id, m.at, least((SELECT count(*) FROM m), $3 + 1) FROM m ORDER BY m.at DESC, m.article_id DESC LIMIT $2' USING q, wanted, most;
	END IF;
END
$$;
-- +goose StatementEnd

-- Also when, so that the newest are found without their texts.
CREATE OR REPLACE VIEW live_places AS SELECT id, article_id, root_id, path, posted_at FROM comments WHERE status = 'approved' AND erased_at IS NULL;

-- +goose StatementBegin
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_app') THEN
		GRANT SELECT, INSERT, UPDATE, DELETE ON comment_waiting TO stet_app;
	END IF;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP VIEW live_places;
CREATE VIEW live_places AS SELECT id, article_id, root_id, path FROM comments WHERE status = 'approved' AND erased_at IS NULL;
-- +goose StatementBegin
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_app') THEN
		GRANT SELECT ON live_places TO stet_app;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_reader') THEN
		GRANT SELECT ON live_places TO stet_reader;
	END IF;
END
$$;
-- +goose StatementEnd
DROP FUNCTION search_found(tsquery, integer, integer, bigint[], bigint, timestamptz, timestamptz, boolean);
DROP TRIGGER comments_waits ON comments;
DROP TRIGGER comments_waited ON comments;
DROP FUNCTION comment_waits();
DROP TABLE comment_waiting;
DROP INDEX comments_overtaken_idx;
ALTER TABLE comment_texts ALTER CONSTRAINT comment_texts_comment_id_fkey NOT DEFERRABLE;
ALTER TABLE comments ALTER CONSTRAINT comments_shown_text_fk DEFERRABLE, ALTER CONSTRAINT comments_pending_text_fk DEFERRABLE;
ALTER TABLE article_search ALTER COLUMN tsv SET STORAGE EXTENDED;
DROP INDEX articles_listed_idx;
CREATE INDEX articles_listed_idx ON articles (first_public_at DESC, id DESC) WHERE listed;
DROP INDEX comments_posted_idx, comments_article_idx;
CREATE INDEX comments_article_idx ON comments (article_id, status);
DROP INDEX comments_staff_idx, comments_pending_text_idx, comments_pinned_by_idx, comments_parent_idx, decisions_undone_by_idx, decisions_was_shown_idx,
	decisions_was_pending_idx, hold_reasons_text_idx;
CREATE INDEX comments_staff_idx ON comments (staff_id);
CREATE INDEX comments_pending_text_idx ON comments (pending_text);
CREATE INDEX comments_pinned_by_idx ON comments (pinned_by);
CREATE INDEX comments_parent_idx ON comments (parent_id);
CREATE INDEX decisions_by_idx ON decisions (by);
CREATE INDEX decisions_undone_by_idx ON decisions (undone_by);
CREATE INDEX decisions_was_shown_idx ON decisions (was_shown);
CREATE INDEX decisions_was_pending_idx ON decisions (was_pending);
CREATE INDEX hold_reasons_text_idx ON hold_reasons (text_id);
