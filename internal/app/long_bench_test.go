package app_test

import (
	"slices"
	"testing"
	"time"
)

// BenchmarkLongArticle asks for the page of an article with 50,000 comments as a reader's browser does, with nothing cached: ten thousand
// threads of five, their first page, one in the middle and the last.
func BenchmarkLongArticle(b *testing.B) {
	w := newWorld(b)
	article, path := w.published("A long discussion", "<p>At 21:14 the lamp at Cape Ore came on.</p>")
	for _, statement := range []string{
		`SET session_replication_role = replica`, // texts and comments refer to each other; here both are known to be right
		`INSERT INTO comment_texts (id, comment_id, body, at)
		OVERRIDING SYSTEM VALUE
		SELECT i, i, 'Comment number ' || i || ' says something about the lights, and then a little more, so that it fills two lines.', now()
		FROM generate_series(1, 50000) i`,
		`INSERT INTO comments (id, article_id, parent_id, root_id, depth, path, version_number, status, token_hash, name, posted_at, shown_text, decided_at)
		OVERRIDING SYSTEM VALUE
		SELECT i, $1, CASE WHEN i % 5 <> 1 THEN i - (i - 1) % 5 END, i - (i - 1) % 5, CASE WHEN i % 5 = 1 THEN 1 ELSE 2 END,
			CASE WHEN i % 5 = 1 THEN ARRAY [i] ELSE ARRAY [i - (i - 1) % 5, i] END, 1, 'approved', sha256(i::text::bytea), 'Reader ' || i,
			now() - interval '1 day' + i * interval '1 second', i, now()
		FROM generate_series(1::bigint, 50000) i`,
		`INSERT INTO article_counts SELECT article_id, count(*), max(posted_at) FROM comments GROUP BY article_id`,
		`INSERT INTO comment_threads SELECT root_id, article_id, min(posted_at), count(*) FROM comments GROUP BY root_id, article_id`,
		`SET session_replication_role = origin`,
		`VACUUM ANALYZE`,
	} {
		var args []any
		if slices.Contains([]byte(statement), '$') {
			args = []any{article}
		}
		if _, err := w.db.Super.Exec(b.Context(), statement, args...); err != nil {
			b.Fatal(err)
		}
	}
	for name, to := range map[string]string{"first": path, "middle": path + "comment-page-500/", "last": path + "comment-page-1000/", "newest": path + "?comments=newest",
		"replied": path + "?comments=replied"} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				w.page(b.Context(), to)
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
