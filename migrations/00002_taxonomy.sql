-- +goose Up
CREATE TABLE categories (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	parent_id   bigint REFERENCES categories,
	slug        text NOT NULL CONSTRAINT categories_slug_check CHECK (length(slug) BETWEEN 1 AND 200),
	name        text NOT NULL CONSTRAINT categories_name_check CHECK (length(name) BETWEEN 1 AND 120),
	description text NOT NULL DEFAULT '',
	position    integer NOT NULL DEFAULT 0,
	path        text NOT NULL,
	lineage     bigint[] NOT NULL,
	CONSTRAINT categories_slug_key UNIQUE (slug)
);
CREATE INDEX categories_parent_idx ON categories (parent_id, position, name);
CREATE INDEX categories_lineage_idx ON categories USING gin (lineage);
COMMENT ON COLUMN categories.slug IS 'unique over the whole tree, so that forms and filters name a category by it alone';
COMMENT ON COLUMN categories.path IS 'its canonical address, /category/parent/child/; written with slug and parent';
COMMENT ON COLUMN categories.lineage IS 'ids from the root down to itself';

CREATE TABLE tags (
	id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	slug text NOT NULL CONSTRAINT tags_slug_key UNIQUE CONSTRAINT tags_slug_check CHECK (length(slug) BETWEEN 1 AND 200),
	name text NOT NULL CONSTRAINT tags_name_check CHECK (length(name) BETWEEN 1 AND 120)
);
CREATE UNIQUE INDEX tags_name_key ON tags (lower(name));

CREATE TABLE media (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key          text NOT NULL CONSTRAINT media_key_key UNIQUE,
	name         text NOT NULL,
	mime         text NOT NULL,
	sha256       bytea NOT NULL,
	bytes        bigint NOT NULL,
	width        integer NOT NULL DEFAULT 0,
	height       integer NOT NULL DEFAULT 0,
	focal_x      real NOT NULL DEFAULT 0.5 CONSTRAINT media_focal_x_check CHECK (focal_x BETWEEN 0 AND 1),
	focal_y      real NOT NULL DEFAULT 0.5 CONSTRAINT media_focal_y_check CHECK (focal_y BETWEEN 0 AND 1),
	variants     jsonb NOT NULL DEFAULT '[]',
	alt          text NOT NULL DEFAULT '',
	caption      text NOT NULL DEFAULT '',
	credit       text NOT NULL DEFAULT '',
	missing_from text,
	created_by   bigint REFERENCES staff,
	created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
	withheld_at  timestamptz
);
CREATE INDEX media_created_idx ON media (created_at DESC, id DESC);
CREATE INDEX media_sha256_idx ON media (sha256);
CREATE INDEX media_created_by_idx ON media (created_by);
COMMENT ON COLUMN media.key IS '128 random bits in the address: a picture of a draft cannot be guessed';
COMMENT ON COLUMN media.variants IS '[{"name", "width", "height", "mime"}], smallest first; served at /media/KEY/NAME';
COMMENT ON COLUMN media.missing_from IS 'the address an import named while the bytes were not there; null when they are';

CREATE TABLE authors (
	id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	slug      text NOT NULL CONSTRAINT authors_slug_key UNIQUE CONSTRAINT authors_slug_check CHECK (length(slug) BETWEEN 1 AND 200),
	name      text NOT NULL CONSTRAINT authors_name_check CHECK (length(name) BETWEEN 1 AND 120),
	role      text NOT NULL DEFAULT '',
	biography text NOT NULL DEFAULT '',
	links     jsonb NOT NULL DEFAULT '[]',
	portrait  bigint REFERENCES media,
	staff_id  bigint CONSTRAINT authors_staff_key UNIQUE REFERENCES staff
);
CREATE INDEX authors_portrait_idx ON authors (portrait);
COMMENT ON TABLE authors IS 'public profiles of who wrote it; an author need not be able to sign in';
COMMENT ON COLUMN authors.biography IS 'sanitised HTML';
COMMENT ON COLUMN authors.links IS '[{"name", "url"}]';

-- +goose Down
DROP TABLE authors, media, tags, categories;
