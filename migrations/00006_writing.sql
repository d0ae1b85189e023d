-- +goose Up
ALTER TABLE revisions ADD COLUMN aside boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN revisions.aside IS 'the own text of a save that overlapped with another, kept beside: it never was the newest that stands';
ALTER TABLE revisions ADD COLUMN held text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN revisions.held IS 'NAME@REVISION: blocks and fields that its form had not taken over from base but still had as in that revision';
COMMENT ON COLUMN articles.head IS 'number of the newest revision that stands; one kept aside may have a higher number';

ALTER TABLE autosaves ADD COLUMN tab text NOT NULL DEFAULT '';
COMMENT ON COLUMN autosaves.tab IS 'the open form it came from; a save of that form makes it needless';

ALTER TABLE articles ADD COLUMN assigned_to bigint REFERENCES staff;
ALTER TABLE articles ADD COLUMN assigned_by bigint REFERENCES staff;
ALTER TABLE articles ADD COLUMN assigned_at timestamptz;
COMMENT ON COLUMN articles.assigned_to IS 'whose turn it is; acts at once, no version';
CREATE INDEX articles_assigned_idx ON articles (assigned_to);
CREATE INDEX articles_assigned_by_idx ON articles (assigned_by);
CREATE INDEX articles_embargo_idx ON articles (embargo) WHERE embargo IS NOT NULL;
CREATE INDEX articles_stage_idx ON articles (stage) WHERE stage <> 'draft';
CREATE INDEX schedules_failed_idx ON schedules (article_id) WHERE failed_at IS NOT NULL AND cancelled_at IS NULL;

ALTER TABLE settings ADD COLUMN required_checks text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN settings.required_checks IS 'checks that keep an article from being published while they are open';
CREATE OR REPLACE VIEW live_settings AS SELECT * FROM settings;

-- Who has an article open, and where in it. Rows are overwritten every few seconds and mean nothing once they are old, so they needn't outlive a crash.
CREATE UNLOGGED TABLE presences (
	article_id bigint NOT NULL REFERENCES articles,
	person_id  bigint NOT NULL REFERENCES staff,
	tab        text NOT NULL,
	block      text NOT NULL,
	at         timestamptz NOT NULL,
	CONSTRAINT presences_key PRIMARY KEY (article_id, person_id, tab)
);
CREATE INDEX presences_person_idx ON presences (person_id);

CREATE TABLE notes (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	article_id  bigint NOT NULL REFERENCES articles,
	block       text NOT NULL DEFAULT '',
	quote       text NOT NULL DEFAULT '',
	body        text NOT NULL,
	by          bigint REFERENCES staff,
	at          timestamptz NOT NULL,
	resolved_by bigint REFERENCES staff,
	resolved_at timestamptz
);
CREATE INDEX notes_article_idx ON notes (article_id, id);
CREATE INDEX notes_open_idx ON notes (article_id, id) WHERE resolved_at IS NULL;
CREATE INDEX notes_by_idx ON notes (by);
CREATE INDEX notes_resolved_by_idx ON notes (resolved_by);
COMMENT ON TABLE notes IS 'what colleagues tell each other about a draft; readers never see it';
COMMENT ON COLUMN notes.block IS 'id of the block it is about; empty: the whole article';
COMMENT ON COLUMN notes.quote IS 'how the block began when the note was written, for when it is gone';

CREATE TABLE preview_links (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	article_id bigint NOT NULL REFERENCES articles,
	token_hash bytea NOT NULL CONSTRAINT preview_links_token_key UNIQUE,
	label      text NOT NULL DEFAULT '',
	by         bigint REFERENCES staff,
	made_at    timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,
	revoked_at timestamptz,
	CONSTRAINT preview_links_expires_check CHECK (expires_at > made_at)
);
CREATE INDEX preview_links_article_idx ON preview_links (article_id, id);
CREATE INDEX preview_links_by_idx ON preview_links (by);
COMMENT ON TABLE preview_links IS 'a draft shown to someone without an account; only the hash of a link is kept';

-- +goose StatementBegin
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_app') THEN
		GRANT SELECT, INSERT, UPDATE, DELETE ON presences, notes, preview_links TO stet_app;
		GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO stet_app;
	END IF;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE preview_links, notes, presences;
DROP VIEW live_settings;
ALTER TABLE settings DROP COLUMN required_checks;
CREATE VIEW live_settings AS SELECT * FROM settings;
-- +goose StatementBegin
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_reader') THEN
		GRANT SELECT ON live_settings TO stet_reader;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_app') THEN
		GRANT SELECT, INSERT, UPDATE, DELETE ON live_settings TO stet_app;
	END IF;
END
$$;
-- +goose StatementEnd
DROP INDEX schedules_failed_idx, articles_stage_idx, articles_embargo_idx;
ALTER TABLE articles DROP COLUMN assigned_at, DROP COLUMN assigned_by, DROP COLUMN assigned_to;
ALTER TABLE autosaves DROP COLUMN tab;
ALTER TABLE revisions DROP COLUMN held;
ALTER TABLE revisions DROP COLUMN aside;
