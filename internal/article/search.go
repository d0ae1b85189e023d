package article

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"stet/internal/postgres"
)

// SearchIn is a reader's search. Q is at most 200 characters, read like a web search: words, "phrases", -without, or. Language is the
// site's: words are read in it, in each language there are articles in, and as they stand.
type SearchIn struct {
	Q          string
	Language   string
	Categories []int64
	Author     int64
	From, To   time.Time
	Sort       string // relevance (the default), newest or oldest
	Offset     int
	Limit      int
}

// Mark is a piece of a snippet; Found pieces are words that were looked for.
type Mark struct {
	Text  string
	Found bool
}

// Hit is one article found, with the passage that shows why.
type Hit struct {
	Card
	Snippet []Mark
}

// SearchOut is one page of hits. Total counts all, up to 1,000; Capped says that there are more.
type SearchOut struct {
	Hits   []Hit
	Total  int
	Capped bool
	More   bool
}

const (
	maxHits    = 1000 // no exact count above it, and no page beyond
	candidates = 200  // so many of the newest matches are ranked
)

// configs are the languages the schema has a text search configuration for; others are searched as they are written.
var configs = []string{"ar", "da", "de", "el", "en", "es", "fi", "fr", "hu", "it", "nl", "no", "pt", "ro", "ru", "sv", "tr"}

// searchConfig names the text search configuration for a language.
func searchConfig(language string) string {
	base, _, _ := strings.Cut(language, "-")
	if slices.Contains(configs, base) {
		return "stet_" + base
	}
	return "stet_simple"
}

// unspaced tells scripts that Postgres's parser takes for one word however long, or whose words carry their particles with them.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}

// BigramMark parts in article_search a text from the bigrams made of it, so that snippets show only the text.
const BigramMark = "\x1f"

// withBigrams adds to text the overlapping pairs of characters of its unspaced runs.
func withBigrams(text string) string {
	pairs := bigrams(text, false)
	if pairs == "" {
		return text
	}
	return text + BigramMark + pairs
}

// bigrams gives the pairs of the unspaced runs of text, and where rest holds, all else of it too.
func bigrams(text string, rest bool) string {
	var b strings.Builder
	var run []rune
	flush := func() {
		if len(run) == 1 {
			b.WriteString(" " + string(run))
		}
		for i := range len(run) - 1 {
			b.WriteString(" " + string(run[i:i+2]))
		}
		if len(run) > 0 {
			b.WriteByte(' ')
		}
		run = run[:0]
	}
	for _, r := range text {
		if unspaced(r) {
			run = append(run, r)
			continue
		}
		flush()
		if rest {
			b.WriteRune(r)
		}
	}
	flush()
	return strings.TrimSpace(b.String())
}

// boundMinus takes out every minus that isn't one alone before a word or phrase: it would exclude the next word, however far, and Postgres
// refuses a search with more than a few dozen in a row.
func boundMinus(q string) string {
	in, out := []rune(q), []rune(q)
	begins := func(i int) bool { return i < len(in) && (unicode.IsLetter(in[i]) || unicode.IsDigit(in[i])) }
	for i, r := range in {
		bound := begins(i+1) || begins(i+2) && in[i+1] == '"'
		if r == '-' && (!bound || i > 0 && in[i-1] == '-') {
			out[i] = ' '
		}
	}
	return string(out)
}

// foundStart and foundEnd frame found words in what Postgres returns; they are private-use characters, taken out of texts first.
const foundStart, foundEnd = "\uE000", "\uE001"

type hitRow struct {
	Card
	Snippet string
	Total   int
}

// searchLimit is how long a search may take. One for a phrase that takes longer is done anew for its words.
const searchLimit = time.Second

// LiveSearch finds listed articles. It runs with plans made for the words asked for: a general plan can be hundreds of times slower. Where a
// phrase would take too long, the articles that have all of its words are found.
func (r *Reader) LiveSearch(ctx context.Context, in SearchIn) (SearchOut, error) {
	var out SearchOut
	q := strings.TrimSpace(bigrams(boundMinus(in.Q), true))
	if q == "" || in.Offset >= maxHits {
		return out, nil
	}
	in.Limit = min(max(in.Limit, 1), 50)
	hits, err := r.search(ctx, q, in)
	if loose := strings.ReplaceAll(q, `"`, " "); postgres.IsCanceled(err) && loose != q {
		hits, err = r.search(ctx, loose, in)
	}
	if err != nil {
		return out, fmt.Errorf("search: %w", err)
	}
	if out.More = len(hits) > in.Limit; out.More {
		hits = hits[:in.Limit]
	}
	for _, h := range hits {
		out.Hits = append(out.Hits, Hit{Card: h.Card, Snippet: marks(h.Snippet)})
		out.Total = h.Total
	}
	if out.Capped = out.Total > maxHits; out.Capped {
		out.Total = maxHits
	}
	return out, nil
}

// search gives one page of hits and one more where there is a next page.
func (r *Reader) search(ctx context.Context, q string, in SearchIn) (hits []hitRow, err error) {
	err = pgx.BeginTxFunc(ctx, r.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf(`SET LOCAL statement_timeout = %d`, searchLimit.Milliseconds())); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, searchSQL(in.Sort), pgx.QueryExecModeExec, q, searchConfig(in.Language), in.Limit+1, in.Offset,
			max(candidates, in.Offset+in.Limit+1), maxHits, in.Categories, in.Author, when(in.From), when(in.To), in.Sort == "oldest")
		if err != nil {
			return err
		}
		hits, err = pgx.CollectRows(rows, pgx.RowToStructByName[hitRow])
		return err
	})
	return hits, err
}

// when is nil where no time is set.
func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// searchSQL reads the words in each configuration that articles are indexed in, and what one of them finds is found; sort is one of a fixed
// table of orders.
func searchSQL(sort string) string {
	// A year halves a match's weight, so that of equal ones the newer comes first.
	order := `ts_rank('{0.1, 0.2, 0.4, 1.0}', s.tsv, q.q) / (1 + greatest(0, extract(epoch FROM clock_timestamp() - s.at)) / 31536000) DESC, s.at DESC`
	switch sort {
	case "newest":
		order = `s.at DESC, s.article_id DESC`
	case "oldest":
		order = `s.at, s.article_id`
	}
	return `
		WITH parsed AS (
			SELECT websearch_to_tsquery(c::regconfig, $1::text)::text AS t FROM (VALUES ($2::text), ('stet_simple') UNION SELECT name::text FROM live_configs) AS used (c)
		), q AS MATERIALIZED (
			SELECT string_agg(DISTINCT '(' || t || ')', ' | ')::tsquery AS q FROM parsed WHERE t <> ''
		), found AS MATERIALIZED (
			SELECT f.article_id, f.total
			FROM q, search_found(q.q, $5::integer, $6::integer, $7::bigint[], $8::bigint, $9::timestamptz, $10::timestamptz, $11::boolean) AS f
			WHERE q.q IS NOT NULL
		), page AS (
			SELECT s.article_id, s.d, q.q, found.total, row_number() OVER (ORDER BY ` + order + `) AS place
			FROM found
			JOIN live_search s USING (article_id), q
			ORDER BY place
			LIMIT $3::integer OFFSET $4::integer
		)
		SELECT ` + cardColumns + `, page.total, ts_headline($2::text::regconfig, split_part(page.d, '` + BigramMark + `', 1), page.q,
			'StartSel=` + foundStart + `, StopSel=` + foundEnd + `, MaxFragments=2, MaxWords=22, MinWords=8, FragmentDelimiter=" … "') AS snippet
		FROM page
		JOIN live_articles l ON l.id = page.article_id
		LEFT JOIN live_counts n ON n.article_id = l.id
		ORDER BY page.place`
}

// marks cuts a snippet at its frames.
func marks(s string) []Mark {
	var out []Mark
	for s != "" {
		before, rest, found := strings.Cut(s, foundStart)
		if before != "" {
			out = append(out, Mark{Text: strings.ReplaceAll(before, foundEnd, "")})
		}
		if !found {
			break
		}
		var word string
		word, s, _ = strings.Cut(rest, foundEnd)
		out = append(out, Mark{Text: strings.ReplaceAll(word, foundStart, ""), Found: true})
	}
	return out
}
