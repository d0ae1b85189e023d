-- +goose Up
-- Extensions are trusted ones: the owner of the database may create them.
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- One text search configuration a language: its stemmer, with accents folded. Generated columns need a configuration that does the
-- folding itself, as unaccent() isn't immutable.
-- +goose StatementBegin
DO $$
DECLARE
	c record;
BEGIN
	FOR c IN
		SELECT * FROM (VALUES
			('simple', 'simple', 'simple'), ('ar', 'arabic', 'arabic_stem'), ('da', 'danish', 'danish_stem'), ('de', 'german', 'german_stem'),
			('el', 'greek', 'greek_stem'), ('en', 'english', 'english_stem'), ('es', 'spanish', 'spanish_stem'), ('fi', 'finnish', 'finnish_stem'),
			('fr', 'french', 'french_stem'), ('hu', 'hungarian', 'hungarian_stem'), ('it', 'italian', 'italian_stem'), ('nl', 'dutch', 'dutch_stem'),
			('no', 'norwegian', 'norwegian_stem'), ('pt', 'portuguese', 'portuguese_stem'), ('ro', 'romanian', 'romanian_stem'),
			('ru', 'russian', 'russian_stem'), ('sv', 'swedish', 'swedish_stem'), ('tr', 'turkish', 'turkish_stem')
		) AS l (code, base, stem)
	LOOP
		EXECUTE format('CREATE TEXT SEARCH CONFIGURATION stet_%s (COPY = %I)', c.code, c.base);
		EXECUTE format('ALTER TEXT SEARCH CONFIGURATION stet_%s ALTER MAPPING FOR hword, hword_part, word WITH unaccent, %I', c.code, c.stem);
	END LOOP;
END
$$;
-- +goose StatementEnd

-- Refuses every change to what may only be added to.
-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '% on % is refused: rows are only ever added', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
-- +goose StatementEnd

CREATE TABLE staff (
	id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email         text NOT NULL CONSTRAINT staff_email_check CHECK (length(email) BETWEEN 3 AND 254 AND email LIKE '%_@_%'),
	name          text NOT NULL CONSTRAINT staff_name_check CHECK (length(name) BETWEEN 1 AND 80),
	roles         text[] NOT NULL CONSTRAINT staff_roles_check CHECK (roles <@ ARRAY ['contributor', 'author', 'editor', 'admin', 'moderator']),
	password_hash text NOT NULL,
	totp_secret   bytea,
	totp_step     bigint,
	created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
	disabled_at   timestamptz
);
CREATE UNIQUE INDEX staff_email_key ON staff (lower(email));
COMMENT ON COLUMN staff.roles IS 'a set; contributor < author < editor < admin, moderator beside them';
COMMENT ON COLUMN staff.disabled_at IS 'people are disabled and never deleted: the record names them';
COMMENT ON COLUMN staff.totp_step IS 'the last accepted time step, so that a code counts once';

CREATE TABLE sessions (
	token_hash text PRIMARY KEY,
	data       bytea NOT NULL,
	expires_at timestamptz NOT NULL,
	staff_id   bigint REFERENCES staff ON DELETE CASCADE,
	address    text NOT NULL DEFAULT '',
	device     text NOT NULL DEFAULT '',
	created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	seen_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX sessions_staff_idx ON sessions (staff_id);
CREATE INDEX sessions_expires_idx ON sessions (expires_at);
COMMENT ON COLUMN sessions.token_hash IS 'the cookie holds the token, the table only its hash';

CREATE TABLE audit (
	id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at     timestamptz NOT NULL DEFAULT clock_timestamp(),
	actor  bigint REFERENCES staff,
	act    text NOT NULL,
	object text NOT NULL DEFAULT '',
	detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_at_idx ON audit (at DESC, id DESC);
CREATE INDEX audit_actor_idx ON audit (actor);
CREATE INDEX audit_object_idx ON audit (object);
COMMENT ON TABLE audit IS 'who did what to which object, written in the transaction of the act; no personal data in detail';
COMMENT ON COLUMN audit.actor IS 'null: the system, or somebody who is not signed in';
COMMENT ON COLUMN audit.object IS 'kind and id, such as article:12';
CREATE TRIGGER audit_rows BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_table BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE settings (
	one                   boolean PRIMARY KEY DEFAULT true CONSTRAINT settings_one_check CHECK (one),
	title                 text NOT NULL DEFAULT 'Stet' CONSTRAINT settings_title_check CHECK (length(title) BETWEEN 1 AND 80),
	motto                 text NOT NULL DEFAULT '',
	description           text NOT NULL DEFAULT '',
	language              text NOT NULL DEFAULT 'en',
	zone                  text NOT NULL DEFAULT 'UTC',
	contact_email         text NOT NULL DEFAULT '',
	social                jsonb NOT NULL DEFAULT '[]',
	ascii_slugs           boolean NOT NULL DEFAULT true,
	comments              text NOT NULL DEFAULT 'premoderated' CONSTRAINT settings_comments_check CHECK (comments IN ('open', 'premoderated', 'closed')),
	comments_close_days   integer NOT NULL DEFAULT 0 CONSTRAINT settings_close_check CHECK (comments_close_days >= 0),
	comments_per_email    integer NOT NULL DEFAULT 5 CONSTRAINT settings_per_email_check CHECK (comments_per_email BETWEEN 1 AND 1000),
	comments_per_address  integer NOT NULL DEFAULT 20 CONSTRAINT settings_per_address_check CHECK (comments_per_address BETWEEN 1 AND 1000),
	comments_window       integer NOT NULL DEFAULT 600 CONSTRAINT settings_window_check CHECK (comments_window BETWEEN 1 AND 86400),
	changed_at            timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE settings IS 'one row: what an admin decides about the site; nothing secret, nothing about the machine';
COMMENT ON COLUMN settings.social IS '[{"name", "url"}], shown under "Connect with us"';
COMMENT ON COLUMN settings.comments_close_days IS 'comments close this many days after publication; 0: never';
COMMENT ON COLUMN settings.comments_window IS 'seconds over which the two limits count';
INSERT INTO settings DEFAULT VALUES;

CREATE UNLOGGED TABLE limits (
	key  text PRIMARY KEY,
	hits timestamptz[] NOT NULL
);
COMMENT ON TABLE limits IS 'the times at which each key acted within its window; unlogged, as a crash may forget them';

CREATE TABLE import_refs (
	source    text NOT NULL,
	kind      text NOT NULL,
	source_id text NOT NULL,
	target    bigint NOT NULL,
	digest    bytea NOT NULL,
	at        timestamptz NOT NULL DEFAULT clock_timestamp(),
	CONSTRAINT import_refs_key PRIMARY KEY (source, kind, source_id)
);
COMMENT ON COLUMN import_refs.digest IS 'of the item as it was imported: a later run says "differs" when it has changed';

-- +goose Down
DROP TABLE import_refs, limits, settings, audit, sessions, staff;
DROP FUNCTION refuse_change();
-- +goose StatementBegin
DO $$
DECLARE
	c text;
BEGIN
	FOR c IN SELECT cfgname FROM pg_ts_config WHERE cfgname LIKE 'stet\_%' LOOP
		EXECUTE format('DROP TEXT SEARCH CONFIGURATION %I', c);
	END LOOP;
END
$$;
-- +goose StatementEnd
