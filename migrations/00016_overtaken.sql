-- +goose Up

-- By an expression, so that no other index serves in its place: see waitsRead in internal/comment.
DROP INDEX comments_overtaken_idx;
CREATE INDEX comments_overtaken_idx ON comments (article_id, posted_at, id) INCLUDE (version_number)
WHERE CASE WHEN pending_text IS NOT NULL AND erased_at IS NULL THEN version_number END > 0;

-- +goose Down

DROP INDEX comments_overtaken_idx;
CREATE INDEX comments_overtaken_idx ON comments (article_id, posted_at, id) INCLUDE (version_number)
WHERE pending_text IS NOT NULL AND erased_at IS NULL AND version_number > 0;
