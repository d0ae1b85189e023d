-- +goose Up

CREATE TABLE front_slots (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	category_id bigint CONSTRAINT front_slots_category_fkey REFERENCES categories ON DELETE CASCADE,
	zone_id     bigint CONSTRAINT front_slots_zone_fkey REFERENCES categories ON DELETE CASCADE,
	place       integer NOT NULL CONSTRAINT front_slots_place_check CHECK (place BETWEEN 1 AND 9),
	act_id      bigint NOT NULL DEFAULT 0,
	CONSTRAINT front_slots_key UNIQUE NULLS NOT DISTINCT (category_id, zone_id, place)
);
COMMENT ON TABLE front_slots IS 'the places that editors have ever filled';
COMMENT ON COLUMN front_slots.category_id IS 'whose front it is; null: the front page';
COMMENT ON COLUMN front_slots.zone_id IS 'the section in whose band it stands; null: the lead package';
COMMENT ON COLUMN front_slots.act_id IS 'the newest of front_acts that touched it; no foreign key: they go with their category';
CREATE INDEX front_slots_zone_idx ON front_slots (zone_id);

CREATE TABLE front_placings (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	slot_id    bigint NOT NULL CONSTRAINT front_placings_slot_fkey REFERENCES front_slots ON DELETE CASCADE,
	article_id bigint NOT NULL REFERENCES articles,
	from_at    timestamptz NOT NULL,
	until_at   timestamptz,
	by         bigint REFERENCES staff,
	at         timestamptz NOT NULL,
	CONSTRAINT front_placings_times_check CHECK (until_at > from_at)
);
COMMENT ON TABLE front_placings IS 'the line of each place: in force is, of those that have begun and not ended and whose article is listed, the one that began last';
COMMENT ON COLUMN front_placings.from_at IS 'it begins then, or with its article''s publication where that is later';
COMMENT ON COLUMN front_placings.until_at IS 'null: no end';
CREATE INDEX front_placings_slot_idx ON front_placings (slot_id, from_at);
CREATE INDEX front_placings_article_idx ON front_placings (article_id);
CREATE INDEX front_placings_by_idx ON front_placings (by);
CREATE INDEX front_placings_from_idx ON front_placings (from_at);
CREATE INDEX front_placings_until_idx ON front_placings (until_at) WHERE until_at IS NOT NULL;

CREATE TABLE front_acts (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	category_id bigint CONSTRAINT front_acts_category_fkey REFERENCES categories ON DELETE CASCADE,
	act         text NOT NULL CONSTRAINT front_acts_act_check CHECK (act IN ('put', 'move', 'off', 'time', 'undo')),
	slot_id     bigint CONSTRAINT front_acts_slot_fkey REFERENCES front_slots ON DELETE SET NULL,
	article_id  bigint REFERENCES articles,
	undoes      bigint REFERENCES front_acts ON DELETE CASCADE,
	before      jsonb NOT NULL,
	after       jsonb NOT NULL,
	by          bigint REFERENCES staff,
	at          timestamptz NOT NULL
);
COMMENT ON TABLE front_acts IS 'one row a change of a front, with the lines of the places it touched, before and after, so that it can be taken back';
COMMENT ON COLUMN front_acts.slot_id IS 'the place it was about';
COMMENT ON COLUMN front_acts.undoes IS 'the act that this one takes back';
CREATE INDEX front_acts_category_idx ON front_acts (category_id, id DESC);
CREATE INDEX front_acts_slot_idx ON front_acts (slot_id);
CREATE INDEX front_acts_article_idx ON front_acts (article_id);
CREATE INDEX front_acts_undoes_idx ON front_acts (undoes);
CREATE INDEX front_acts_by_idx ON front_acts (by);

CREATE TABLE front_turns (
	one boolean PRIMARY KEY DEFAULT true CONSTRAINT front_turns_one_check CHECK (one),
	at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO front_turns DEFAULT VALUES;
COMMENT ON TABLE front_turns IS 'up to when the pages whose places begin or end by themselves were purged';

CREATE VIEW live_front AS
SELECT p.id, coalesce(s.category_id, 0) AS category_id, coalesce(s.zone_id, 0) AS zone_id, s.place, p.article_id, greatest(p.from_at, a.first_public_at) AS begins_at, p.until_at
FROM front_slots s
JOIN front_placings p ON p.slot_id = s.id
JOIN articles a ON a.id = p.article_id
WHERE a.listed;
COMMENT ON VIEW live_front IS 'what stands or will stand in each place, of what readers may see';

-- +goose StatementBegin
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_app') THEN
		GRANT SELECT, INSERT, UPDATE, DELETE ON front_slots, front_placings, front_acts, front_turns TO stet_app;
		GRANT SELECT ON live_front TO stet_app;
		GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO stet_app;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_reader') THEN
		GRANT SELECT ON live_front TO stet_reader;
	END IF;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP VIEW live_front;
DROP TABLE front_turns, front_acts, front_placings, front_slots;
