package seed_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/media"
	"stet/internal/pgtest"
	"stet/internal/seed"
	"stet/internal/settings"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

func newsroom(db *pgtest.DB) seed.Newsroom {
	return seed.Newsroom{Staff: staff.New(db.App), Settings: settings.New(db.App), Taxonomy: taxonomy.New(db.App), Authors: author.New(db.App), Media: media.New(db.App, nil),
		Articles: article.New(db.App, settings.NewSource(db.App)), Comments: comment.New(db.App, []byte("a secret of thirty-two bytes or so"), nil)}
}

var some = seed.Options{Articles: 30, Comments: 100, Authors: 4, Categories: 6, Seed: 7}

// sow runs the seed in a database of its own and insists that it tells its progress to the end.
func sow(t *testing.T, o seed.Options) *pgtest.DB {
	t.Helper()
	db := pgtest.New(t)
	told, of := 0, 0
	if err := seed.Run(t.Context(), newsroom(db), o, func(done, total int) { told, of = done, total }); err != nil {
		t.Fatal(err)
	}
	if of != o.Articles+o.Comments || told != of {
		t.Errorf("progress ended at %d of %d, want %d", told, of, o.Articles+o.Comments)
	}
	return db
}

func TestRun(t *testing.T) {
	t.Parallel()
	db := sow(t, some)
	for what, c := range map[string]struct {
		sql  string
		want int
	}{
		"public articles":     {`SELECT count(*) FROM articles WHERE public_state IN ('published', 'retracted')`, 30},
		"approved comments":   {`SELECT count(*) FROM comments WHERE status = 'approved' AND pending_text IS NULL`, 100},
		"counted comments":    {`SELECT coalesce(sum(approved), 0) FROM article_counts`, 100},
		"authors":             {`SELECT count(*) FROM authors`, 4},
		"categories":          {`SELECT count(*) FROM categories`, 6},
		"categories on top":   {`SELECT count(*) FROM categories WHERE parent_id IS NULL`, 2},
		"without a category":  {`SELECT count(*) FROM articles WHERE live_category IS NULL`, 0},
		"acts in the future":  {`SELECT count(*) FROM (SELECT recorded_at AS at FROM publications UNION ALL SELECT posted_at FROM comments UNION ALL SELECT decided_at FROM comments) x WHERE at > now()`, 0},
		"comments too early":  {`SELECT count(*) FROM comments c JOIN articles a ON a.id = c.article_id WHERE c.posted_at < a.first_public_at`, 0},
		"answers too early":   {`SELECT count(*) FROM comments c JOIN comments p ON p.id = c.parent_id WHERE c.posted_at < p.decided_at`, 0},
		"rows without a log":  {`SELECT count(*) FROM publications p WHERE NOT EXISTS (SELECT FROM log l WHERE (l.article_id, l.number) = (p.article_id, p.number))`, 0},
		"years with articles": {`SELECT least(10, count(DISTINCT date_trunc('year', first_public_at))) FROM articles`, 10},
	} {
		var got int
		if err := db.Super.QueryRow(t.Context(), c.sql).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s: %d, %v, want %d", what, got, err, c.want)
		}
	}
	var threads int
	if err := db.Super.QueryRow(t.Context(), `SELECT count(*) FROM comments WHERE parent_id IS NOT NULL`).Scan(&threads); err != nil || threads < 10 {
		t.Errorf("%d answers, %v, want some", threads, err)
	}
	var corrected int
	if err := db.Super.QueryRow(t.Context(), `SELECT count(*) FROM version_diffs d JOIN publications p USING (article_id, number) WHERE p.kind = 'correction'`).Scan(&corrected); err != nil || corrected == 0 {
		t.Errorf("%d corrections with what they changed, %v, want some", corrected, err)
	}
	checked, err := article.New(db.App, settings.NewSource(db.App)).Verify(t.Context(), func(f article.Fault) { t.Error(f) })
	if err != nil || checked < 30 {
		t.Errorf("Verify = %d, %v, want at least 30 rows", checked, err)
	}
}

func TestSameSeedSameContent(t *testing.T) {
	t.Parallel()
	read := func(o seed.Options) []string {
		rows, err := sow(t, o).Super.Query(t.Context(), `
			SELECT v.content->>'headline' || (v.content->>'body') || coalesce((SELECT string_agg(x.body, ' ' ORDER BY x.body)
				FROM comments c JOIN comment_texts x ON x.id = c.shown_text WHERE c.article_id = v.article_id), '')
			FROM versions v
			ORDER BY 1`)
		if err != nil {
			t.Fatal(err)
		}
		out, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	o := some
	first, again := read(o), read(o)
	if !slices.Equal(first, again) {
		t.Error("the same seed made other content")
	}
	if o.Seed++; slices.Equal(first, read(o)) {
		t.Error("another seed made the same content")
	}
}

// A second run goes beside the first: nothing of it is in the way.
func TestRunAgain(t *testing.T) {
	t.Parallel()
	db := sow(t, some)
	if err := seed.Run(t.Context(), newsroom(db), some, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.Super.QueryRow(t.Context(), `SELECT count(DISTINCT path) FROM articles`).Scan(&n); err != nil || n != 60 {
		t.Errorf("%d articles, %v, want 60", n, err)
	}
}

// TestTexts takes the words of articles from files. More articles than texts begin again with the first.
func TestTexts(t *testing.T) {
	t.Parallel()
	texts, err := seed.ReadTexts("testdata")
	if err != nil {
		t.Fatal(err)
	}
	o := seed.Options{Articles: len(texts) + 3, Authors: 2, Categories: 3, Seed: 3, Texts: texts}
	db := sow(t, o)
	var languages, headlines int
	err = db.Super.QueryRow(t.Context(), `SELECT count(DISTINCT language), count(DISTINCT headline) FROM live_articles`).Scan(&languages, &headlines)
	if err != nil || headlines != len(texts) || languages != 13 {
		t.Errorf("%d headlines in %d languages, %v, want %d in 13", headlines, languages, err, len(texts))
	}
	if _, err := seed.ReadTexts(t.TempDir()); err == nil {
		t.Error("a folder without texts is taken")
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	n := newsroom(db)
	for _, o := range []seed.Options{{Comments: 1}, {Articles: -1}, {Articles: 1, Authors: -1}} {
		if err := seed.Run(t.Context(), n, o, func(int, int) {}); err == nil {
			t.Errorf("Run(%+v) took it", o)
		}
	}
	is, err := n.Settings.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	is.Comments = "closed"
	if err := n.Settings.Save(t.Context(), 0, is); err != nil {
		t.Fatal(err)
	}
	if err := seed.Run(t.Context(), n, some, func(int, int) {}); err == nil {
		t.Error("Run took a site where comments are closed")
	}
}

// BenchmarkRun tells how many articles and comments a second are made; ten comments for each article.
func BenchmarkRun(b *testing.B) {
	db := pgtest.New(b)
	n := newsroom(db)
	if err := seed.Run(b.Context(), n, seed.Options{Articles: 1, Authors: 20, Categories: 12}, func(int, int) {}); err != nil {
		b.Fatal(err)
	}
	for name, o := range map[string]seed.Options{"articles": {Articles: 500, Authors: 1, Categories: 1, Seed: 1}, "comments": {Articles: 20, Comments: 4000, Seed: 2}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				o.Seed++
				began := time.Now()
				if err := seed.Run(b.Context(), n, o, func(int, int) {}); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(max(o.Articles, o.Comments))/time.Since(began).Seconds(), name+"/s")
			}
		})
	}
}
