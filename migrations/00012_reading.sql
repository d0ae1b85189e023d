-- +goose Up
CREATE TABLE article_related (
	article_id bigint NOT NULL REFERENCES articles,
	position   integer NOT NULL,
	related_id bigint NOT NULL REFERENCES articles,
	CONSTRAINT article_related_key PRIMARY KEY (article_id, position),
	CONSTRAINT article_related_self_check CHECK (article_id <> related_id)
);
CREATE INDEX article_related_related_idx ON article_related (related_id);
COMMENT ON TABLE article_related IS 'what stands under an article as related, nearest first; more than is shown, so that enough is left when one goes';

CREATE TABLE version_diffs (
	article_id bigint NOT NULL,
	number     integer NOT NULL,
	diff       jsonb NOT NULL,
	CONSTRAINT version_diffs_key PRIMARY KEY (article_id, number),
	CONSTRAINT version_diffs_version_fk FOREIGN KEY (article_id, number) REFERENCES versions (article_id, number)
);
COMMENT ON TABLE version_diffs IS 'what a version changed against the newest one before it that stands, written in the transaction that makes it public; see article.Changes';

CREATE VIEW live_related AS
SELECT r.article_id, r.position, r.related_id
FROM article_related r
JOIN articles a ON a.id = r.related_id
WHERE a.listed;

-- A version that was withheld has no words here, whatever became of its row.
CREATE VIEW live_diffs AS
SELECT d.article_id, d.number, d.diff
FROM version_diffs d
JOIN versions v USING (article_id, number)
JOIN articles a ON a.id = d.article_id
WHERE v.withheld_at IS NULL AND a.public_state IN ('published', 'retracted') AND a.trashed_at IS NULL;

-- +goose StatementBegin
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_app') THEN
		GRANT SELECT, INSERT, UPDATE, DELETE ON article_related, version_diffs TO stet_app;
		GRANT SELECT ON live_related, live_diffs TO stet_app;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'stet_reader') THEN
		GRANT SELECT ON live_related, live_diffs TO stet_reader;
	END IF;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP VIEW live_diffs, live_related;
DROP TABLE version_diffs, article_related;
