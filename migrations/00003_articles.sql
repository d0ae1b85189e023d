-- +goose Up
CREATE TABLE articles (
	id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	uid               uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT articles_uid_key UNIQUE,
	kind              text NOT NULL CONSTRAINT articles_kind_check CHECK (kind IN ('article', 'page')),
	parent_id         bigint REFERENCES articles,
	created_by        bigint REFERENCES staff,
	created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
	changed_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
	stage             text NOT NULL DEFAULT 'draft' CONSTRAINT articles_stage_check CHECK (stage IN ('draft', 'review', 'returned')),
	stage_note        text NOT NULL DEFAULT '',
	head              integer NOT NULL DEFAULT 0,
	noindex           boolean NOT NULL DEFAULT false,
	comments          text NOT NULL DEFAULT 'default' CONSTRAINT articles_comments_check CHECK (comments IN ('default', 'open', 'premoderated', 'closed')),
	embargo           timestamptz,
	live              boolean NOT NULL DEFAULT false,
	trashed_at        timestamptz,
	guid              text,

	public_state      text CONSTRAINT articles_public_state_check CHECK (public_state IN ('published', 'retracted', 'withdrawn', 'withheld')),
	record_head       integer NOT NULL DEFAULT 0,
	live_version      integer,
	live_revision     integer,
	first_public_at   timestamptz,
	updated_public_at timestamptz,
	listed            boolean NOT NULL DEFAULT false,
	path              text,
	live_headline     text,
	live_standfirst   text,
	live_kicker       text,
	live_label        text,
	live_language     text,
	live_byline       text,
	live_category     bigint REFERENCES categories,
	live_image        bigint REFERENCES media,
	live_image_alt    text,
	notice_kind       text,
	notice_number     integer,
	notice_at         timestamptz,
	CONSTRAINT articles_record_check CHECK ((public_state IS NULL) = (record_head = 0)),
	CONSTRAINT articles_listed_check CHECK (NOT listed OR (kind = 'article' AND public_state = 'published' AND trashed_at IS NULL))
);
COMMENT ON COLUMN articles.head IS 'number of the newest revision';
COMMENT ON COLUMN articles.public_state IS 'null: never public. This and all below is written by one function only, from the public record';
COMMENT ON COLUMN articles.record_head IS 'number of the newest row of its public record';
COMMENT ON COLUMN articles.live_version IS 'versions.number that readers see';
COMMENT ON COLUMN articles.live_revision IS 'revisions.number of that version';
COMMENT ON COLUMN articles.listed IS 'stands in lists, feeds, search and sitemaps';
COMMENT ON COLUMN articles.path IS 'a copy of its canonical address';
COMMENT ON COLUMN articles.updated_public_at IS 'time of the newest row that is not minor and not the first; null when there is none';
COMMENT ON COLUMN articles.notice_kind IS 'kind of the newest notice, for the label in lists';
CREATE INDEX articles_listed_idx ON articles (first_public_at DESC, id DESC) WHERE listed;
CREATE INDEX articles_pages_idx ON articles (live_headline, id) WHERE kind = 'page' AND public_state = 'published';
CREATE INDEX articles_changed_idx ON articles (changed_at DESC, id DESC);
CREATE INDEX articles_parent_idx ON articles (parent_id);
CREATE INDEX articles_created_by_idx ON articles (created_by);
CREATE INDEX articles_live_category_idx ON articles (live_category);
CREATE INDEX articles_live_image_idx ON articles (live_image);

CREATE TABLE revisions (
	id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	article_id    bigint NOT NULL REFERENCES articles,
	number        integer NOT NULL,
	base          integer NOT NULL,
	headline      text NOT NULL,
	standfirst    text NOT NULL,
	kicker        text NOT NULL,
	dateline      text NOT NULL,
	label         text NOT NULL CONSTRAINT revisions_label_check CHECK (label IN ('news', 'analysis', 'opinion', 'interview', 'sponsored')),
	slug          text NOT NULL,
	language      text NOT NULL,
	blocks        jsonb NOT NULL,
	image         bigint REFERENCES media,
	image_alt     text NOT NULL,
	image_caption text NOT NULL,
	image_credit  text NOT NULL,
	category      bigint REFERENCES categories,
	also          bigint[] NOT NULL,
	tags          text[] NOT NULL,
	note          text NOT NULL,
	by            bigint REFERENCES staff,
	at            timestamptz NOT NULL,
	CONSTRAINT revisions_number_key UNIQUE (article_id, number)
);
CREATE INDEX revisions_image_idx ON revisions (image);
CREATE INDEX revisions_category_idx ON revisions (category);
CREATE INDEX revisions_by_idx ON revisions (by);
COMMENT ON TABLE revisions IS 'one row an explicit save; internal, immutable';
COMMENT ON COLUMN revisions.base IS 'number of the revision it was edited from; 0 for the first';
COMMENT ON COLUMN revisions.blocks IS '[{"id", "html"}]: top-level elements of the body, sanitised';
CREATE TRIGGER revisions_rows BEFORE UPDATE OR DELETE ON revisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER revisions_table BEFORE TRUNCATE ON revisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE bylines (
	revision_id bigint NOT NULL REFERENCES revisions,
	position    integer NOT NULL,
	author_id   bigint REFERENCES authors,
	text        text NOT NULL,
	CONSTRAINT bylines_key PRIMARY KEY (revision_id, position)
);
CREATE INDEX bylines_author_idx ON bylines (author_id);

CREATE TABLE autosaves (
	article_id bigint NOT NULL REFERENCES articles,
	person_id  bigint NOT NULL REFERENCES staff,
	base       integer NOT NULL,
	fields     jsonb NOT NULL,
	at         timestamptz NOT NULL,
	CONSTRAINT autosaves_key PRIMARY KEY (article_id, person_id)
);
CREATE INDEX autosaves_person_idx ON autosaves (person_id);

CREATE TABLE versions (
	article_id  bigint NOT NULL REFERENCES articles,
	number      integer NOT NULL,
	revision_id bigint NOT NULL REFERENCES revisions,
	content     jsonb,
	salt        bytea,
	block_ids   text[],
	withheld_at timestamptz,
	CONSTRAINT versions_key PRIMARY KEY (article_id, number),
	CONSTRAINT versions_withheld_check CHECK ((content IS NULL) = (withheld_at IS NOT NULL) AND (salt IS NULL) = (withheld_at IS NOT NULL)
		AND (block_ids IS NULL) = (withheld_at IS NOT NULL))
);
CREATE INDEX versions_revision_idx ON versions (revision_id);
COMMENT ON TABLE versions IS 'what was public, self-contained; the only change to a row is to be emptied together with a record row of kind withheld';
COMMENT ON COLUMN versions.number IS 'the row of the record that made it public';
COMMENT ON COLUMN versions.block_ids IS 'ids of the blocks in content, for anchors; outside the hash';

CREATE TABLE publications (
	article_id   bigint NOT NULL REFERENCES articles,
	number       integer NOT NULL CONSTRAINT publications_number_check CHECK (number > 0),
	kind         text NOT NULL CONSTRAINT publications_kind_check CHECK (kind IN ('original', 'imported', 'update', 'correction', 'clarification', 'note',
		'minor', 'retraction', 'withdrawn', 'restored', 'withheld')),
	recorded_at  timestamptz NOT NULL,
	claimed_at   timestamptz,
	version      integer NOT NULL,
	notice       text NOT NULL,
	pinned       boolean NOT NULL DEFAULT false,
	amends       integer,
	withholds    integer[],
	content_hash bytea NOT NULL,
	prev_hash    bytea NOT NULL,
	hash         bytea NOT NULL,
	CONSTRAINT publications_key PRIMARY KEY (article_id, number),
	CONSTRAINT publications_version_fk FOREIGN KEY (article_id, version) REFERENCES versions (article_id, number),
	CONSTRAINT publications_amends_fk FOREIGN KEY (article_id, amends) REFERENCES publications (article_id, number),
	CONSTRAINT publications_claimed_check CHECK ((claimed_at IS NULL) OR kind = 'imported'),
	CONSTRAINT publications_withholds_check CHECK ((withholds IS NULL) = (kind <> 'withheld'))
);
CREATE INDEX publications_at_idx ON publications (recorded_at DESC, article_id, number);
CREATE INDEX publications_corrections_idx ON publications (recorded_at DESC, article_id, number) WHERE kind IN ('correction', 'clarification', 'retraction') AND amends IS NULL;
COMMENT ON TABLE publications IS 'the public record: what became public, of which kind and when; append-only; each row sealed with the one before it in the same article';
COMMENT ON COLUMN publications.claimed_at IS 'the date an import named; recorded_at is when it was taken over';
COMMENT ON COLUMN publications.notice IS 'sanitised HTML; empty for original, imported and minor';
COMMENT ON COLUMN publications.amends IS 'number of the notice whose text this one replaces; it keeps its anchor';
COMMENT ON COLUMN publications.hash IS 'SHA-256 over the RFC 8785 form of the row; see article.Seal';
CREATE TRIGGER publications_rows BEFORE UPDATE OR DELETE ON publications FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER publications_table BEFORE TRUNCATE ON publications FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Refuses a row that doesn't follow the one before it: a number left out, a time that runs backwards, another predecessor.
-- +goose StatementBegin
CREATE FUNCTION publications_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	last publications;
BEGIN
	SELECT * INTO last FROM publications WHERE article_id = NEW.article_id ORDER BY number DESC LIMIT 1;
	IF NEW.number <> coalesce(last.number, 0) + 1 THEN
		RAISE EXCEPTION 'record of article %: number % does not follow %', NEW.article_id, NEW.number, coalesce(last.number, 0) USING ERRCODE = 'restrict_violation';
	END IF;
	IF NEW.recorded_at < last.recorded_at THEN
		RAISE EXCEPTION 'record of article %: time runs backwards', NEW.article_id USING ERRCODE = 'restrict_violation';
	END IF;
	IF NEW.prev_hash <> coalesce(last.hash, ''::bytea) THEN
		RAISE EXCEPTION 'record of article %: number % is not sealed with the row before it', NEW.article_id, NEW.number USING ERRCODE = 'restrict_violation';
	END IF;
	RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER publications_follow BEFORE INSERT ON publications FOR EACH ROW EXECUTE FUNCTION publications_follow();

-- A version may only be emptied, and only in the transaction that records it as withheld.
-- +goose StatementBegin
CREATE FUNCTION versions_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'UPDATE' AND OLD.content IS NOT NULL AND NEW.content IS NULL AND NEW.salt IS NULL AND NEW.block_ids IS NULL AND NEW.withheld_at IS NOT NULL
		AND (NEW.article_id, NEW.number, NEW.revision_id) = (OLD.article_id, OLD.number, OLD.revision_id)
		AND EXISTS (SELECT FROM publications p WHERE p.article_id = OLD.article_id AND p.kind = 'withheld' AND OLD.number = ANY (p.withholds))
	THEN
		RETURN NEW;
	END IF;
	RAISE EXCEPTION '% on versions is refused: what was public stands', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER versions_rows BEFORE UPDATE OR DELETE ON versions FOR EACH ROW EXECUTE FUNCTION versions_change();
CREATE TRIGGER versions_table BEFORE TRUNCATE ON versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE publication_acts (
	article_id bigint NOT NULL,
	number     integer NOT NULL,
	staff_id   bigint REFERENCES staff,
	credited   text NOT NULL DEFAULT '',
	CONSTRAINT publication_acts_key PRIMARY KEY (article_id, number),
	CONSTRAINT publication_acts_fk FOREIGN KEY (article_id, number) REFERENCES publications (article_id, number)
);
CREATE INDEX publication_acts_staff_idx ON publication_acts (staff_id);
COMMENT ON TABLE publication_acts IS 'the people behind a row of the record, outside its hash';

CREATE TABLE log (
	index      bigint PRIMARY KEY,
	article_id bigint NOT NULL,
	number     integer NOT NULL,
	hash       bytea NOT NULL,
	CONSTRAINT log_row_key UNIQUE (article_id, number)
);
COMMENT ON TABLE log IS 'all rows of all records in one gap-free order, filled by one sequencer';
CREATE TRIGGER log_rows BEFORE UPDATE OR DELETE ON log FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_table BEFORE TRUNCATE ON log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Rows that wait for their place in the log.
CREATE TABLE log_queue (
	article_id bigint NOT NULL,
	number     integer NOT NULL,
	CONSTRAINT log_queue_key PRIMARY KEY (article_id, number)
);
-- +goose StatementBegin
CREATE FUNCTION publications_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO log_queue (article_id, number) VALUES (NEW.article_id, NEW.number);
	RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER publications_queue AFTER INSERT ON publications FOR EACH ROW EXECUTE FUNCTION publications_queue();

CREATE TABLE schedules (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	article_id   bigint NOT NULL REFERENCES articles,
	act          text NOT NULL CONSTRAINT schedules_act_check CHECK (act IN ('first', 'change', 'end')),
	revision     integer NOT NULL,
	base_version integer,
	kind         text NOT NULL DEFAULT '',
	notice       text NOT NULL DEFAULT '',
	pinned       boolean NOT NULL DEFAULT false,
	at           timestamptz NOT NULL,
	zone         text NOT NULL,
	by           bigint REFERENCES staff,
	done_at      timestamptz,
	cancelled_at timestamptz,
	failed_at    timestamptz,
	why          text NOT NULL DEFAULT '',
	CONSTRAINT schedules_revision_fk FOREIGN KEY (article_id, revision) REFERENCES revisions (article_id, number)
);
CREATE INDEX schedules_due_idx ON schedules (at) WHERE done_at IS NULL AND cancelled_at IS NULL AND failed_at IS NULL;
CREATE INDEX schedules_article_idx ON schedules (article_id);
CREATE INDEX schedules_by_idx ON schedules (by);
CREATE UNIQUE INDEX schedules_pending_key ON schedules (article_id, act) WHERE done_at IS NULL AND cancelled_at IS NULL AND failed_at IS NULL;
COMMENT ON COLUMN schedules.base_version IS 'what readers saw when it was scheduled; another version meanwhile is merged by block or refused';

CREATE TABLE addresses (
	path        text NOT NULL CONSTRAINT addresses_path_check CHECK (path LIKE '/%' AND length(path) <= 2000),
	article_id  bigint REFERENCES articles,
	category_id bigint REFERENCES categories ON DELETE CASCADE,
	author_id   bigint REFERENCES authors ON DELETE CASCADE,
	tag_id      bigint REFERENCES tags ON DELETE CASCADE,
	canonical   boolean NOT NULL,
	CONSTRAINT addresses_path_key PRIMARY KEY (path),
	CONSTRAINT addresses_target_check CHECK (num_nonnulls(article_id, category_id, author_id, tag_id) = 1)
);
CREATE INDEX addresses_article_idx ON addresses (article_id) WHERE article_id IS NOT NULL;
CREATE INDEX addresses_category_idx ON addresses (category_id) WHERE category_id IS NOT NULL;
CREATE INDEX addresses_author_idx ON addresses (author_id) WHERE author_id IS NOT NULL;
CREATE INDEX addresses_tag_idx ON addresses (tag_id) WHERE tag_id IS NOT NULL;
CREATE UNIQUE INDEX addresses_canonical_key ON addresses (article_id, category_id, author_id, tag_id) NULLS NOT DISTINCT WHERE canonical;
COMMENT ON TABLE addresses IS 'every path that ever answered; the canonical one answers, the others lead to it in one step';

CREATE TABLE article_categories (
	article_id  bigint NOT NULL REFERENCES articles,
	category_id bigint NOT NULL REFERENCES categories,
	first       boolean NOT NULL,
	listed_at   timestamptz,
	CONSTRAINT article_categories_key PRIMARY KEY (article_id, category_id)
);
CREATE UNIQUE INDEX article_categories_first_key ON article_categories (article_id) WHERE first;
CREATE INDEX article_categories_list_idx ON article_categories (category_id, listed_at DESC, article_id DESC);
COMMENT ON COLUMN article_categories.listed_at IS 'time under which it stands in lists; null while it is not listed';

CREATE TABLE article_tags (
	article_id bigint NOT NULL REFERENCES articles,
	tag_id     bigint NOT NULL REFERENCES tags,
	position   integer NOT NULL,
	listed_at  timestamptz,
	CONSTRAINT article_tags_key PRIMARY KEY (article_id, tag_id)
);
CREATE INDEX article_tags_list_idx ON article_tags (tag_id, listed_at DESC, article_id DESC);

CREATE TABLE article_authors (
	article_id bigint NOT NULL REFERENCES articles,
	author_id  bigint NOT NULL REFERENCES authors,
	position   integer NOT NULL,
	listed_at  timestamptz,
	CONSTRAINT article_authors_key PRIMARY KEY (article_id, author_id)
);
CREATE INDEX article_authors_list_idx ON article_authors (author_id, listed_at DESC, article_id DESC);

CREATE TABLE media_uses (
	media_id bigint NOT NULL REFERENCES media,
	user_of  text NOT NULL,
	public   boolean NOT NULL DEFAULT false,
	CONSTRAINT media_uses_key PRIMARY KEY (media_id, user_of)
);
CREATE INDEX media_uses_user_idx ON media_uses (user_of);
COMMENT ON COLUMN media_uses.user_of IS 'kind and id of what shows it, such as article:12';
COMMENT ON COLUMN media_uses.public IS 'true from the moment a public version showed it, for good';

CREATE TABLE submissions (
	article_id bigint NOT NULL REFERENCES articles,
	act        text NOT NULL,
	key        text NOT NULL,
	result     integer NOT NULL,
	at         timestamptz NOT NULL,
	CONSTRAINT submissions_key PRIMARY KEY (article_id, act, key)
);
COMMENT ON TABLE submissions IS 'makes a form sent twice one act: result is the revision or record number of the first';

CREATE TABLE article_search (
	article_id bigint PRIMARY KEY REFERENCES articles,
	config     regconfig NOT NULL,
	at         timestamptz NOT NULL,
	a          text NOT NULL,
	b          text NOT NULL,
	d          text NOT NULL,
	tsv        tsvector GENERATED ALWAYS AS (
		setweight(to_tsvector(config, a), 'A') || setweight(to_tsvector(config, b), 'B') || setweight(to_tsvector(config, d), 'D')) STORED
);
CREATE INDEX article_search_tsv_idx ON article_search USING gin (tsv) WITH (fastupdate = off);
CREATE INDEX article_search_config_idx ON article_search (config);
CREATE INDEX article_search_at_idx ON article_search (at DESC, article_id DESC);
ALTER TABLE article_search ALTER COLUMN tsv SET STATISTICS 2000;
COMMENT ON TABLE article_search IS 'the words of the live version of what is listed: a headline; b standfirst, bylines, tags; d body';

-- +goose Down
DROP TABLE article_search, submissions, media_uses, article_authors, article_tags, article_categories, addresses, schedules, log_queue, log, publication_acts,
	publications, versions, autosaves, bylines, revisions, articles;
DROP FUNCTION publications_follow(), publications_queue(), versions_change();
