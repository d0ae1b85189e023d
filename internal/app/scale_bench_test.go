package app_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"stet/internal/config"
	"stet/internal/pgtest"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// BenchmarkScale asks for the pages of a site of 1,000 articles and of a large one by turns, with nothing cached, and reports how long nineteen of
// twenty take in both. The large one is what STET_SCALE_DATABASE_URL leads to, filled by stet seed; without it one of 20,000 articles is made.
func BenchmarkScale(b *testing.B) {
	small := newLibrary(b, 1000)
	large := newLargeLibrary(b)
	ofSmall, ofLarge := small.measured(), large.measured()
	for _, name := range measured {
		b.Run(name, func(b *testing.B) {
			var few, many []time.Duration
			for b.Loop() {
				few = append(few, small.takes(ofSmall[name]))
				many = append(many, large.takes(ofLarge[name]))
			}
			b.ReportMetric(p95(few), "small-p95-ms")
			b.ReportMetric(p95(many), "large-p95-ms")
			b.ReportMetric(p95(many)/p95(few), "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func p95(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)*95/100].Microseconds()) / 1000
}

// newLargeLibrary is over a database that is there, or makes one.
func newLargeLibrary(b *testing.B) *library {
	b.Helper()
	url := os.Getenv("STET_SCALE_DATABASE_URL")
	if url == "" {
		return newLibrary(b, 20_000)
	}
	db := &pgtest.DB{AppURL: url, Super: pgtest.Pool(b, url, postgres.Options{})}
	l := &library{world: newWorldOver(b, db, func(*config.Config) {})}
	l.articles = l.count(`SELECT reltuples::bigint FROM pg_class WHERE relname = 'articles'`)
	l.busy = l.text(`SELECT path FROM articles WHERE id = (SELECT article_id FROM article_counts ORDER BY approved DESC LIMIT 1)`)
	if l.count(`SELECT count(*) FROM (SELECT FROM comments WHERE pending_text IS NOT NULL LIMIT 1) c`) == 0 {
		l.queue(l.articles / 10)
	}
	l.moderator = l.signedIn(staff.Moderator)
	return l
}

// measured are the kinds of pages, in the order of their names.
var measured = []string{"archive, oldest month", "article", "article, most discussed", "author", "category 1", "category 200", "feed", "feed of a category", "front", "queue",
	"queue, overtaken", "queue, words", "search, absent", "search, common", "search, common and common", "search, common and rare", "search, phrase", "search, phrase of common words",
	"search, rare", "search, within a category", "sitemap, part"}

// measured gives addresses of each kind.
func (l *library) measured() map[string][]string {
	category := l.text(`SELECT path FROM categories ORDER BY id LIMIT 1`)
	articles := l.many(`SELECT path FROM articles WHERE listed AND id % ` + strconv.Itoa(max(l.articles/50, 1)) + ` = 0 AND id > 0 ORDER BY id DESC LIMIT 50`)
	words := l.many(`SELECT word FROM ts_stat('SELECT tsv FROM article_search WHERE config = ''stet_en''::regconfig ORDER BY at DESC LIMIT 2000') WHERE ndoc BETWEEN 2 AND 6 AND word ~ '^[a-z]+$' ORDER BY word LIMIT 20`)
	last := strconv.Itoa(max(2, min(200, l.articles/20/6)))
	with := func(before string, words []string) (out []string) {
		for _, w := range words {
			out = append(out, "/search?q="+before+w)
		}
		return out
	}
	common := []string{"state", "great", "world", "could", "time", "life", "school", "never", "year", "people"}
	var pairs, phrases []string
	for i, w := range common {
		pairs = append(pairs, w+"+"+common[(i+1)%len(common)])
		phrases = append(phrases, "%22"+w+"+"+common[(i+1)%len(common)]+"%22")
	}
	var rarePhrases []string
	for i, w := range words {
		rarePhrases = append(rarePhrases, "%22"+w+"+"+common[i%len(common)]+"%22")
	}
	return map[string][]string{
		"front": {"/"}, "category 1": {category}, "category 200": {category + "page/" + last}, "archive, oldest month": {l.text(`SELECT to_char(min(first_public_at), '/YYYY/MM/') FROM articles WHERE listed`)},
		"author": {"/author/" + l.text(`SELECT slug FROM authors ORDER BY id LIMIT 1`) + "/"}, "article": articles, "article, most discussed": {l.busy}, "feed": {"/feed/"},
		"feed of a category": {category + "feed/"}, "sitemap, part": {"/sitemap.xml?after=0"}, "queue": {"/newsroom/comments"}, "queue, overtaken": {"/newsroom/comments?status=overtaken"},
		"queue, words":   {"/newsroom/comments?q=number+77+says", "/newsroom/comments?q=lights", "/newsroom/comments?q=nowhere+at+all"},
		"search, absent": with("", []string{"qqqqzz", "zzqqxx", "xxyyzz"}), "search, common": with("", common), "search, rare": with("", words), "search, common and common": with("", pairs),
		"search, common and rare": with("state+", words), "search, phrase": with("", rarePhrases), "search, phrase of common words": with("", phrases),
		"search, within a category": with("", []string{"state&category=" + strings.Trim(category[len("/category"):], "/"), words[0] + "&category=" + strings.Trim(category[len("/category"):], "/")}),
	}
}

// takes asks for one of the addresses, by turns, and says how long the answer took.
func (l *library) takes(paths []string) time.Duration {
	l.Helper()
	l.asked++
	path := paths[l.asked%len(paths)]
	l.app.Forget()
	r := httptest.NewRequestWithContext(l.Context(), http.MethodGet, path, nil)
	r.Host = l.base().Host
	if strings.HasPrefix(path, "/newsroom/") {
		for _, k := range l.moderator.client.Jar.Cookies(l.base()) {
			r.AddCookie(k)
		}
	}
	rec := httptest.NewRecorder()
	began := time.Now()
	l.app.Handler().ServeHTTP(rec, r)
	took := time.Since(began)
	if rec.Code != http.StatusOK {
		l.Fatalf("GET %s = %d", path, rec.Code)
	}
	return took
}
