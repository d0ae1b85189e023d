package comment_test

import (
	"slices"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/staff"
)

// flood puts n comments that wait into the queue, of a tenth as many people under two hundred articles, each held by two rules.
func (d *desk) flood(n int) {
	d.t.Helper()
	d.exec(`
		INSERT INTO articles (kind, public_state, record_head, first_public_at, path, live_headline, live_standfirst, live_language)
		SELECT 'article', 'published', 3, $1::timestamptz, '/2026/03/a-' || i || '/', 'A headline of some length, number ' || i, 'What stands below it', 'en'
		FROM generate_series(1, 200) i`, d.now().Add(-48*time.Hour))
	d.exec(`
		INSERT INTO commenters (email, first_at, mailbox)
		SELECT 'f' || i || '@example.org', $1::timestamptz, 'f' || i || '@example.org'
		FROM generate_series(1, $2::integer) i`, d.now().Add(-48*time.Hour), max(n/10, 1))
	d.exec(`
		INSERT INTO comments (id, article_id, root_id, depth, path, version_number, status, token_hash, commenter_id, name, posted_at)
		OVERRIDING SYSTEM VALUE
		SELECT s.id, (SELECT min(id) FROM articles) + s.id % 200, s.id, 1, ARRAY [s.id], 2, 'pending', sha256(s.id::text::bytea), m.first + s.id % greatest($2::integer / 10, 1), 'Reader ' || s.id,
			$1::timestamptz - interval '24 hours' + s.id * interval '80 hours' / 100000 / 4
		FROM (SELECT nextval('comments_id_seq') AS id FROM generate_series(1, $2::integer)) s, (SELECT min(id) AS first FROM commenters WHERE email LIKE 'f%') m`, d.now(), n)
	// The texts take longer than the server gives a request.
	d.exec(`
		BEGIN;
		SET LOCAL statement_timeout = 0;
		WITH texts AS (
			INSERT INTO comment_texts (comment_id, body, at, score, telling)
			SELECT id, repeat('Somebody wrote a comment of some length here, number ' || id || '. ', 6), posted_at, 0.3, '[{"token": "length", "weight": -1.2}, {"token": "wrote", "weight": 0.7}]'
			FROM comments WHERE status = 'pending'
			RETURNING id, comment_id
		)
		UPDATE comments c SET pending_text = t.id FROM texts t WHERE t.comment_id = c.id;
		COMMIT`)
	d.exec(`INSERT INTO hold_reasons (comment_id, rule, words, at) SELECT id, r, '{}', posted_at FROM comments, unnest('{premoderated,first}'::text[]) r WHERE status = 'pending'`)
	d.exec(`INSERT INTO comment_addresses (comment_id, address, at, expires_at) SELECT id, '10.0.0.0'::inet + id % 50000, posted_at, posted_at + interval '30 days' FROM comments WHERE status = 'pending'`)
	for _, table := range []string{"articles", "commenters", "comments", "comment_texts", "hold_reasons", "comment_addresses"} {
		d.exec(`VACUUM ANALYZE ` + table)
	}
}

// BenchmarkQueuePage reads all that one page of the queue shows while 100,000 comments wait: at its beginning, in its middle, narrowed to an
// article.
func BenchmarkQueuePage(b *testing.B) {
	d := newDesk(b)
	d.flood(100_000)
	actor := d.person("Mo", staff.Moderator)
	middle := scan[time.Time](d, `SELECT posted_at FROM comments ORDER BY posted_at OFFSET 50000 LIMIT 1`)
	for name, f := range map[string]comment.Filter{
		"first":     {Limit: 30},
		"middle":    {Limit: 30, After: comment.Cursor(middle, 0)},
		"article":   {Limit: 30, ArticleID: scan[int64](d, `SELECT min(id) + 7 FROM articles`)},
		"overtaken": {Limit: 30, Status: comment.Overtaken},
		"rule":      {Limit: 30, Rule: "first"},
		"no rule":   {Limit: 30, Rule: "links"},
		"words":     {Limit: 30, Q: "number 99999."},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				from := time.Now()
				if _, _, err := d.Queue(b.Context(), actor, f); err != nil {
					b.Fatal(err)
				}
				if _, err := d.Board(b.Context(), actor, d.now().Truncate(24*time.Hour)); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(from))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
	for name, do := range map[string]func() error{
		"queue":   func() error { _, _, err := d.Queue(b.Context(), actor, comment.Filter{Limit: 30}); return err },
		"waiting": func() error { _, err := d.Waiting(b.Context()); return err },
		"board":   func() error { _, err := d.Board(b.Context(), actor, d.now().Truncate(24*time.Hour)); return err },
		"claim":   func() error { _, err := d.Claim(b.Context(), actor, 0); return err },
	} {
		b.Run("part "+name, func(b *testing.B) {
			for b.Loop() {
				if err := do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
