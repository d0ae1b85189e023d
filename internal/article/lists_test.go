package article_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
)

// spread makes that many categories, and articles of which each stands in up to three of them and every minute has two. It gives the ids of the
// categories.
func (n *newsroom) spread(categories, articles int) []int64 {
	n.Helper()
	for sql, args := range map[string][]any{
		`INSERT INTO categories (slug, name, path, lineage) SELECT 'c' || i, 'C' || i, '/category/c' || i || '/', '{}' FROM generate_series(1, $1::integer) i`: {categories},
		`INSERT INTO articles (kind, public_state, record_head, listed, first_public_at, path, live_headline, live_standfirst, live_kicker, live_label, live_language, live_byline)
		SELECT 'article', 'published', 1, true, $1::timestamptz + (i / 2) * interval '1 minute', '/a/' || i || '/', 'Article ' || i, '', '', '', 'en', ''
		FROM generate_series(1, $2::integer) i`: {n.clock.now(), articles},
	} {
		if _, err := n.db.Owner.Exec(n.Context(), sql, args...); err != nil {
			n.Fatal(err)
		}
	}
	if _, err := n.db.Owner.Exec(n.Context(), `
		INSERT INTO article_categories (article_id, category_id, first, listed_at)
		SELECT a.id, c.id, k = 1, a.first_public_at
		FROM articles a
		CROSS JOIN LATERAL generate_series(1, a.id % 4) k
		JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM categories) c ON c.place = 1 + abs(hashint8(a.id * 10 + k)::bigint) % $1
		ON CONFLICT DO NOTHING`, categories); err != nil {
		n.Fatal(err)
	}
	return n.ids(`SELECT id FROM categories ORDER BY id`)
}

func (n *newsroom) ids(sql string, args ...any) []int64 {
	n.Helper()
	rows, err := n.db.Owner.Query(n.Context(), sql, args...)
	if err != nil {
		n.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		n.Fatal(err)
	}
	return ids
}

// listed gives the ids of one page, and the cursor of the next.
func (n *newsroom) listed(in article.ListIn) (ids []int64, next string) {
	n.Helper()
	cards, next, err := n.reader.LiveList(n.Context(), in)
	if err != nil {
		n.Fatal(err)
	}
	for _, c := range cards {
		ids = append(ids, c.ID)
	}
	return ids, next
}

// TestListOfCategories holds the list of one category, of several and of more than are merged to a plain statement: each article once, newest
// first and those of a minute by their ids, on pages by cursor and by offset and between two times.
func TestListOfCategories(t *testing.T) {
	n := newNewsroom(t)
	all := n.spread(40, 400)
	for _, of := range [][]int64{all[:1], all[1:3], all[3:6], all[4:9], all[:8], all[8:25], all[:32], all[:33], all, {all[0], all[5], all[0]}, {1 << 40}, {all[2], 1 << 40, all[7]}} {
		const plain = `
			SELECT id FROM articles
			WHERE listed AND first_public_at >= $2 AND first_public_at < $3 AND EXISTS (SELECT FROM article_categories c WHERE c.article_id = articles.id AND c.category_id = ANY ($1))
			ORDER BY first_public_at DESC, id DESC`
		from, to := n.clock.now(), n.clock.now().Add(24*time.Hour)
		want := n.ids(plain, of, from, to)
		if known := of[0] < 1<<40; known != (len(want) > 0) {
			t.Fatalf("%d articles stand in %v", len(want), of)
		}
		var walked []int64
		for in := (article.ListIn{Categories: of, Limit: 7}); ; {
			ids, next := n.listed(in)
			walked = append(walked, ids...)
			if in.Before = next; next == "" {
				break
			}
		}
		if !slices.Equal(walked, want) {
			t.Errorf("of %v the pages show\n%v, want\n%v", of, walked, want)
		}
		for offset := 0; offset < len(want)+7; offset += 7 {
			ids, next := n.listed(article.ListIn{Categories: of, Offset: offset, Limit: 7})
			end := min(offset+7, len(want))
			if part := want[min(offset, end):end]; !slices.Equal(ids, part) || (next == "") != (end == len(want)) {
				t.Errorf("of %v there are after %d articles %v, next %q, want %v of %d", of, offset, ids, next, part, len(want))
			}
		}
		from, to = n.clock.now().Add(40*time.Minute), n.clock.now().Add(80*time.Minute)
		if ids, _ := n.listed(article.ListIn{Categories: of, From: from, To: to, Limit: 200}); !slices.Equal(ids, n.ids(plain, of, from, to)) {
			t.Errorf("of %v there are between two times %v, want %v", of, ids, n.ids(plain, of, from, to))
		}
	}
}
