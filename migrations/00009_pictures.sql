-- +goose Up
ALTER TABLE media
	ADD COLUMN state text NOT NULL DEFAULT 'ready' CONSTRAINT media_state_check CHECK (state IN ('making', 'ready', 'failed')),
	ADD COLUMN state_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	ADD COLUMN why text NOT NULL DEFAULT '';
CREATE INDEX media_making_idx ON media (state_at) WHERE state = 'making';
COMMENT ON COLUMN media.state IS 'making: a job is to make the rest of its variants; failed: it could not, why says it as a key of the texts';
COMMENT ON COLUMN media.variants IS '[{"name", "width", "height", "mime", "bytes", "crop"}], the whole picture in every browser''s format first, smallest first; served at /media/KEY/NAME';

-- +goose Down
COMMENT ON COLUMN media.variants IS '[{"name", "width", "height", "mime"}], smallest first; served at /media/KEY/NAME';
ALTER TABLE media DROP COLUMN why, DROP COLUMN state_at, DROP COLUMN state;
