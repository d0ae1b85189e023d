-- +goose Up

-- A comment and its text refer to each other: copied in bulk, each comes before the other.
ALTER TABLE comments ALTER CONSTRAINT comments_shown_text_fk DEFERRABLE, ALTER CONSTRAINT comments_pending_text_fk DEFERRABLE;

-- +goose Down
ALTER TABLE comments ALTER CONSTRAINT comments_shown_text_fk NOT DEFERRABLE, ALTER CONSTRAINT comments_pending_text_fk NOT DEFERRABLE;
