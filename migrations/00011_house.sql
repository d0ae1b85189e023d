-- +goose Up

-- How often articles are read. Nothing about who reads stands here.
CREATE TABLE article_reads (
	article_id bigint NOT NULL,
	hour       timestamptz NOT NULL CONSTRAINT article_reads_hour_check CHECK (hour = date_trunc('hour', hour, 'UTC')),
	reads      bigint NOT NULL CONSTRAINT article_reads_check CHECK (reads > 0),
	CONSTRAINT article_reads_key PRIMARY KEY (article_id, hour)
);
CREATE INDEX article_reads_hour_idx ON article_reads (hour) INCLUDE (article_id, reads);
COMMENT ON TABLE article_reads IS 'reads of each article by the hour; no foreign key, as counting never waits for an act on the article';

CREATE TABLE article_read_days (
	article_id bigint NOT NULL,
	day        date NOT NULL,
	reads      bigint NOT NULL CONSTRAINT article_read_days_check CHECK (reads > 0),
	CONSTRAINT article_read_days_key PRIMARY KEY (article_id, day)
);
COMMENT ON TABLE article_read_days IS 'hours that grew old, added up to days in the zone that the site had then';

CREATE VIEW live_reads AS SELECT article_id, hour, reads FROM article_reads;

ALTER TABLE settings
	ADD COLUMN logo bigint REFERENCES media,
	ADD COLUMN logo_night bigint REFERENCES media,
	ADD COLUMN accent_day text NOT NULL DEFAULT '' CONSTRAINT settings_accent_day_check CHECK (accent_day ~ '^(#[0-9a-f]{6})?$'),
	ADD COLUMN accent_night text NOT NULL DEFAULT '' CONSTRAINT settings_accent_night_check CHECK (accent_night ~ '^(#[0-9a-f]{6})?$'),
	ADD COLUMN navigation jsonb NOT NULL DEFAULT '[]',
	ADD COLUMN footer jsonb NOT NULL DEFAULT '[]',
	ADD COLUMN imprint text NOT NULL DEFAULT '',
	ADD COLUMN reads_by text NOT NULL DEFAULT 'server' CONSTRAINT settings_reads_by_check CHECK (reads_by IN ('server', 'beacon')),
	ADD COLUMN breaking jsonb NOT NULL DEFAULT '{}',
	ADD COLUMN breaking_was jsonb NOT NULL DEFAULT '{}';
CREATE INDEX settings_logo_idx ON settings (logo);
CREATE INDEX settings_logo_night_idx ON settings (logo_night);
COMMENT ON COLUMN settings.accent_day IS 'the one colour on light paper; empty: the program''s own';
COMMENT ON COLUMN settings.navigation IS '[{"name", "url", "category"}] in the section bar, in order; none: the top categories';
COMMENT ON COLUMN settings.footer IS '[{"title", "links"}] at the foot; none: the sections and the static pages';
COMMENT ON COLUMN settings.reads_by IS 'server: pages that this server hands out; beacon: what readers'' browsers say, where a cache stands before the server';
COMMENT ON COLUMN settings.breaking IS '{"text", "url", "until", "number"}: the line over all pages, until its time';
COMMENT ON COLUMN settings.breaking_was IS 'the line before it, for Undo';
CREATE OR REPLACE VIEW live_settings AS SELECT * FROM settings;

-- +goose StatementBegin
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_app') THEN
		GRANT SELECT, INSERT, UPDATE, DELETE ON article_reads, article_read_days TO stet_app;
		GRANT SELECT ON live_reads TO stet_app;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_reader') THEN
		GRANT SELECT ON live_reads TO stet_reader;
	END IF;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP VIEW live_settings;
ALTER TABLE settings
	DROP COLUMN logo, DROP COLUMN logo_night, DROP COLUMN accent_day, DROP COLUMN accent_night, DROP COLUMN navigation, DROP COLUMN footer, DROP COLUMN imprint,
	DROP COLUMN reads_by, DROP COLUMN breaking, DROP COLUMN breaking_was;
CREATE VIEW live_settings AS SELECT * FROM settings;
DROP VIEW live_reads;
DROP TABLE article_read_days, article_reads;
-- +goose StatementBegin
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_app') THEN
		GRANT SELECT, INSERT, UPDATE, DELETE ON live_settings TO stet_app;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_reader') THEN
		GRANT SELECT ON live_settings TO stet_reader;
	END IF;
END
$$;
-- +goose StatementEnd
