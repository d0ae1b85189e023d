-- +goose Up
CREATE TABLE commenters (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email        text NOT NULL CONSTRAINT commenters_email_check CHECK (length(email) BETWEEN 3 AND 254),
	first_at     timestamptz NOT NULL,
	banned_until timestamptz,
	ban_reason   text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX commenters_email_key ON commenters (lower(email));
COMMENT ON TABLE commenters IS 'people who comment as guests; never shown, never in a feed, deleted when they ask';
COMMENT ON COLUMN commenters.banned_until IS 'infinity: for good';

CREATE TABLE comments (
	id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	article_id     bigint NOT NULL REFERENCES articles,
	parent_id      bigint REFERENCES comments,
	root_id        bigint NOT NULL REFERENCES comments,
	depth          integer NOT NULL,
	path           bigint[] NOT NULL,
	version_number integer NOT NULL,
	status         text NOT NULL CONSTRAINT comments_status_check CHECK (status IN ('pending', 'approved', 'rejected', 'spam')),
	token_hash     bytea NOT NULL CONSTRAINT comments_token_key UNIQUE,
	commenter_id   bigint REFERENCES commenters,
	staff_id       bigint REFERENCES staff,
	name           text NOT NULL,
	posted_at      timestamptz NOT NULL,
	shown_text     bigint,
	pending_text   bigint,
	duplicate_key  bytea,
	decided_at     timestamptz,
	erased_at      timestamptz,
	imported       boolean NOT NULL DEFAULT false
);
COMMENT ON COLUMN comments.path IS 'ids from the root to itself, cut to the three steps that are shown indented; what is deeper stands under the third';
COMMENT ON COLUMN comments.version_number IS 'number in the article''s record that the commenter had read; 0 unknown';
COMMENT ON COLUMN comments.shown_text IS 'comment_texts.id that readers see while approved';
COMMENT ON COLUMN comments.pending_text IS 'comment_texts.id that waits for a decision: the first one, or an edit';
COMMENT ON COLUMN comments.duplicate_key IS 'keyed hash of article, parent, e-mail, name and text';
COMMENT ON COLUMN comments.staff_id IS 'answered from the newsroom: shown with a badge';
CREATE INDEX comments_thread_idx ON comments (article_id, root_id, path, id) WHERE status = 'approved';
CREATE INDEX comments_queue_idx ON comments (posted_at, id) WHERE pending_text IS NOT NULL AND erased_at IS NULL;
CREATE INDEX comments_status_idx ON comments (status, posted_at DESC, id DESC);
CREATE INDEX comments_article_idx ON comments (article_id, status);
CREATE INDEX comments_parent_idx ON comments (parent_id);
CREATE INDEX comments_root_idx ON comments (root_id);
CREATE INDEX comments_commenter_idx ON comments (commenter_id);
CREATE INDEX comments_staff_idx ON comments (staff_id);
CREATE INDEX comments_duplicate_idx ON comments (duplicate_key, posted_at DESC) WHERE duplicate_key IS NOT NULL;

CREATE TABLE comment_texts (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	comment_id bigint NOT NULL REFERENCES comments,
	body       text NOT NULL,
	at         timestamptz NOT NULL
);
CREATE INDEX comment_texts_comment_idx ON comment_texts (comment_id);
COMMENT ON TABLE comment_texts IS 'each text a commenter sent, kept for moderators until erased';
ALTER TABLE comments
	ADD CONSTRAINT comments_shown_text_fk FOREIGN KEY (shown_text) REFERENCES comment_texts,
	ADD CONSTRAINT comments_pending_text_fk FOREIGN KEY (pending_text) REFERENCES comment_texts;
CREATE INDEX comments_shown_text_idx ON comments (shown_text);
CREATE INDEX comments_pending_text_idx ON comments (pending_text);

CREATE TABLE comment_addresses (
	comment_id bigint PRIMARY KEY REFERENCES comments,
	address    inet NOT NULL,
	expires_at timestamptz NOT NULL
);
CREATE INDEX comment_addresses_expires_idx ON comment_addresses (expires_at);
COMMENT ON COLUMN comment_addresses.address IS 'an IPv6 address is cut to its /64';

CREATE TABLE hold_reasons (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	comment_id bigint NOT NULL REFERENCES comments,
	rule       text NOT NULL,
	words      text[] NOT NULL DEFAULT '{}',
	at         timestamptz NOT NULL
);
CREATE INDEX hold_reasons_comment_idx ON hold_reasons (comment_id);
COMMENT ON TABLE hold_reasons IS 'every rule that matched at intake, kept so that a later change of the rules does not rewrite why';

CREATE TABLE decisions (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	comment_id  bigint NOT NULL REFERENCES comments,
	act         text NOT NULL CONSTRAINT decisions_act_check CHECK (act IN ('approve', 'reject', 'spam', 'hold')),
	reason      text NOT NULL DEFAULT '',
	was_status  text NOT NULL,
	was_shown   bigint REFERENCES comment_texts,
	was_pending bigint REFERENCES comment_texts,
	by          bigint REFERENCES staff,
	at          timestamptz NOT NULL,
	undone_at   timestamptz,
	undone_by   bigint REFERENCES staff
);
CREATE INDEX decisions_comment_idx ON decisions (comment_id, id DESC);
CREATE INDEX decisions_by_idx ON decisions (by);
CREATE INDEX decisions_undone_by_idx ON decisions (undone_by);
CREATE INDEX decisions_was_shown_idx ON decisions (was_shown);
CREATE INDEX decisions_was_pending_idx ON decisions (was_pending);
COMMENT ON COLUMN decisions.was_status IS 'with was_shown and was_pending: what Undo puts back';

CREATE TABLE article_counts (
	article_id bigint PRIMARY KEY REFERENCES articles,
	approved   integer NOT NULL,
	last_at    timestamptz
);
COMMENT ON TABLE article_counts IS 'apart from articles, so that approving locks nothing that publishing locks';

-- +goose Down
ALTER TABLE comments DROP CONSTRAINT comments_shown_text_fk, DROP CONSTRAINT comments_pending_text_fk;
DROP TABLE article_counts, decisions, hold_reasons, comment_addresses, comment_texts, comments, commenters;
