package comment_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/comment"
)

// many is how many comments the long discussions have.
const many = 50_000

// discussions are shapes of a long discussion: which comment number i, counted from 0, answers (-1: none).
var discussions = map[string]func(i int) int{
	"apart": func(int) int { return -1 },
	"fives": func(i int) int { return first(i%5 == 0, i-i%5) },
	"one":   func(i int) int { return first(i == 0, 0) },
	"deep":  func(i int) int { return first(i%10_000 == 0, i-1) },
	"half":  func(i int) int { return first(i == 0 || i > many/2, 0) },
}

func first(is bool, parent int) int {
	if is {
		return -1
	}
	return parent
}

// discuss writes many approved comments under an article at once and counts them as acts do.
func (d *desk) discuss(article int64, parent func(i int) int) {
	d.t.Helper()
	ctx := d.t.Context()
	roots, depths, paths := make([]int64, many), make([]int, many), make([][]int64, many)
	var texts, comments [][]any
	for i := range many {
		id := int64(i + 1)
		var answers *int64
		roots[i], depths[i], paths[i] = id, 1, []int64{id}
		if p := parent(i); p >= 0 {
			above := int64(p + 1)
			answers, roots[i], depths[i], paths[i] = &above, roots[p], depths[p]+1, paths[p]
			if depths[i] <= 3 {
				paths[i] = append(slices.Clone(paths[p]), id)
			}
		}
		at := d.now().Add(time.Duration(i) * time.Second)
		texts = append(texts, []any{id, id, fmt.Sprintf("Comment number %d says something about the lights, and then a little more, so that it fills two lines.", i), at})
		comments = append(comments, []any{id, article, answers, roots[i], depths[i], paths[i], 1, "approved", []byte(fmt.Sprint(i)), fmt.Sprint("Reader ", i), at, id, at})
	}
	err := pgx.BeginFunc(ctx, d.Super, func(tx pgx.Tx) error {
		// Texts and comments refer to each other; here both are known to be right.
		if _, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
			return err
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"comment_texts"}, []string{"id", "comment_id", "body", "at"}, pgx.CopyFromRows(texts)); err != nil {
			return err
		}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"comments"}, []string{"id", "article_id", "parent_id", "root_id", "depth", "path", "version_number", "status",
			"token_hash", "name", "posted_at", "shown_text", "decided_at"}, pgx.CopyFromRows(comments))
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.exec(`INSERT INTO article_counts SELECT article_id, count(*), max(posted_at) FROM comments GROUP BY article_id`)
	d.exec(`INSERT INTO comment_threads SELECT root_id, article_id, min(posted_at), count(*) FROM comments GROUP BY root_id, article_id`)
	d.exec(`VACUUM ANALYZE`)
	d.threads()
}

// BenchmarkLongDiscussion reads pages of articles with 50,000 comments, and finds comments in them, from Postgres alone.
func BenchmarkLongDiscussion(b *testing.B) {
	for name, parent := range discussions {
		d := newDesk(b)
		article := d.article()
		d.discuss(article, parent)
		last := d.thread(article, comment.Oldest, 1).Pages
		for at, page := range map[string]int{"first": 1, "middle": last / 2, "last": last} {
			for _, order := range []comment.Order{comment.Oldest, comment.Newest, comment.Replied} {
				b.Run(fmt.Sprintf("%s/%s/%s", name, at, order), func(b *testing.B) {
					measured(b, func() { d.thread(article, order, page) })
				})
			}
			id := d.thread(article, comment.Oldest, page).Comments[0].ID
			b.Run(fmt.Sprintf("%s/%s/place", name, at), func(b *testing.B) {
				measured(b, func() {
					if got, err := d.Readers.LivePlace(b.Context(), article, id); err != nil || got.Page != page {
						b.Errorf("LivePlace = %+v, %v, want page %d", got, err, page)
					}
				})
			})
		}
	}
}

// measured tells how long most and nearly all runs take.
func measured(b *testing.B, do func()) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		do()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}
