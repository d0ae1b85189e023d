-- +goose Up

-- Words of new articles wait in a short list (64 kB: internal/postgres) and get their place in the index together, which takes a third of the
-- work of giving it to each word of each article.
ALTER INDEX article_search_tsv_idx SET (fastupdate = on);

-- +goose Down

ALTER INDEX article_search_tsv_idx SET (fastupdate = off);
