package app_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/pgtest"
	"stet/internal/postgres"
	"stet/internal/seed"
	"stet/internal/site"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// plenty is how many articles the plans are looked at with, STET_EXPLAIN. On fewer than 50,000 tables are so small that reading one through is
// often best: there the test asks only whether an index would do.
func plenty(t *testing.T) (articles int, seek bool) {
	t.Helper()
	articles = 3000
	if s := os.Getenv("STET_EXPLAIN"); s != "" {
		var err error
		if articles, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	return articles, articles < 50_000
}

// library is a world with very many articles and comments, and one category, author and tag that hardly anything has.
type library struct {
	*world
	articles int
	rare     string // the address of the one article in them
	busy     string // of the most discussed one
	quiet    string // of one without comments

	moderator *visitor
	asked     int
}

func newLibrary(t testing.TB, articles int) *library {
	t.Helper()
	l := &library{world: newWorld(t), articles: articles}
	editor := l.people[staff.Editor]
	n := seed.Newsroom{Staff: l.app.Staff, Settings: l.app.Settings, Taxonomy: l.app.Taxonomy, Authors: l.app.Authors, Media: l.app.Media, Articles: l.app.Articles, Comments: l.app.Comments}
	if err := seed.Run(t.Context(), n, seed.Options{Articles: articles, Comments: 3 * articles, Authors: 20, Categories: 12, Brief: true}, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.app.Taxonomy.Create(t.Context(), editor, taxonomy.CategoryIn{Name: "Rarely used"}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.app.Authors.Create(t.Context(), editor, author.In{Name: "Seldom"}); err != nil {
		t.Fatal(err)
	}
	store := *l.app.Articles
	store.Now = time.Now
	_, err := store.Load(t.Context(), editor, []article.Loaded{{At: time.Now().Add(-24 * time.Hour), Draft: article.Draft{Headline: "Hapax legomenon", Standfirst: "Said once.",
		Body: "<p>A hapax is a word that stands once in all of a library.</p>", Category: "rarely-used", Authors: []string{"seldom"}, Tags: []string{"Hapax"}, Language: "en"}}})
	if err != nil {
		t.Fatal(err)
	}
	l.rare = l.text(`SELECT path FROM articles WHERE live_headline = 'Hapax legomenon'`)
	l.busy = l.text(`SELECT path FROM articles a JOIN article_counts c ON c.article_id = a.id ORDER BY c.approved DESC LIMIT 1`)
	l.quiet = l.text(`SELECT path FROM articles a LEFT JOIN article_counts c ON c.article_id = a.id WHERE listed ORDER BY coalesce(c.approved, 0), id DESC LIMIT 1`)
	l.queue(articles / 5)
	l.moderator = l.signedIn(staff.Moderator)
	l.sql(`INSERT INTO article_reads (article_id, hour, reads)
		SELECT id, date_trunc('hour', now() - h * interval '1 hour', 'UTC'), 1 + id % 50 FROM (SELECT id FROM articles ORDER BY id DESC LIMIT 100) a, generate_series(0, 20) h`)
	for _, table := range []string{"articles", "revisions", "versions", "publications", "article_search", "article_categories", "article_tags", "article_authors", "comments", "comment_texts",
		"comment_threads", "comment_waiting", "commenters", "hold_reasons", "article_counts", "article_reads", "addresses", "tags", "authors", "categories", "decisions"} {
		l.sql("VACUUM ANALYZE " + table)
	}
	return l
}

// queue has comments wait under the newest articles, each held by a rule, and one by a rule that seldom matches.
func (l *library) queue(n int) {
	l.Helper()
	ids := l.many(`SELECT id FROM articles WHERE listed ORDER BY id DESC LIMIT 200`)
	store := *l.app.Comments
	store.Now = time.Now
	var in []comment.Loaded
	for i := range n {
		id, err := strconv.ParseInt(ids[i%len(ids)], 10, 64)
		if err != nil {
			l.Fatal(err)
		}
		in = append(in, comment.Loaded{ArticleID: id, Name: fmt.Sprint("Reader ", i), Email: fmt.Sprintf("waiting-%d@readers.example", i), Version: 1, Waits: true,
			Body: fmt.Sprintf("Comment number %d says something about the lights.", i), At: time.Now().Add(-time.Duration(n-i) * time.Second)})
	}
	if err := store.Load(l.Context(), l.people[staff.Moderator], in); err != nil {
		l.Fatal(err)
	}
	l.sql(`INSERT INTO hold_reasons (comment_id, rule, words, at) SELECT id, 'premoderated', '{}', posted_at FROM comments WHERE status = 'pending'`)
	l.sql(`INSERT INTO hold_reasons (comment_id, rule, words, at) SELECT max(id), 'links', '{}', now() FROM comments WHERE status = 'pending'`)
}

func (l *library) sql(sql string, args ...any) {
	l.Helper()
	tx := func(ctx context.Context) error {
		conn, err := l.db.Super.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		if _, err := conn.Exec(ctx, `SET statement_timeout = 0`); err != nil {
			return err
		}
		_, err = conn.Exec(ctx, sql, args...)
		return err
	}
	if err := tx(l.Context()); err != nil {
		l.Fatalf("%s: %v", sql, err)
	}
}

func (l *library) many(sql string) (all []string) {
	l.Helper()
	if err := l.db.Super.QueryRow(l.Context(), `SELECT array_agg(x::text) FROM (`+sql+`) AS q (x)`).Scan(&all); err != nil {
		l.Fatal(err)
	}
	return all
}

// addresses are what each pattern of the readers' pages is asked for by: somewhere common, somewhere rare, at the beginning and far down. A
// pattern that isn't here fails the test; one that leads elsewhere or keeps no page of its own has no address.
func (l *library) addresses() map[string][]string {
	category, tag := l.text(`SELECT path FROM categories ORDER BY id LIMIT 1`), l.text(`SELECT '/tag/' || slug || '/' FROM tags t ORDER BY (SELECT count(*) FROM article_tags a WHERE a.tag_id = t.id) DESC LIMIT 1`)
	oldest, newest := l.text(`SELECT to_char(min(first_public_at), '/YYYY/MM/DD/') FROM articles`), l.text(`SELECT to_char(max(first_public_at), '/YYYY/MM/DD/') FROM articles`)
	said := l.text(`SELECT max(c.id) FROM comments c JOIN articles a ON a.id = c.article_id WHERE c.status = 'approved' AND a.path = '` + l.busy + `'`)
	changed := l.text(`SELECT a.path FROM articles a JOIN version_diffs d ON d.article_id = a.id ORDER BY a.id DESC LIMIT 1`)
	far := strconv.Itoa(min(200, l.articles/20/12))
	lists := []string{category, tag, "/author/" + l.text(`SELECT slug FROM authors ORDER BY id LIMIT 1`) + "/", "/category/rarely-used/", "/tag/hapax/", "/author/seldom/"}
	dates := func(n int) []string { return []string{oldest[:n], newest[:n]} }
	each := func(on []string, below string) (out []string) {
		for _, at := range on {
			out = append(out, at+below)
		}
		return out
	}
	const y, m, d = "/{y:[0-9]{4}}", "/{m:[0-9]{2}}", "/{d:[0-9]{2}}"
	articles := []string{l.busy, l.quiet, l.rare, changed}
	return map[string][]string{
		"/": {"/"}, "/page/{n}": {"/page/2", "/page/" + far}, "/page/{n}/": nil, "/card.png": {"/card.png"}, "/robots.txt": {"/robots.txt"}, "/.well-known/security.txt": {"/.well-known/security.txt"},
		"/comments/{token}": nil, "/comments/errors/{token}": nil, "/comments/reports/{token}": nil, "/comments/mail/{token}": nil, "/comments/mine": nil,
		"/corrections": nil, "/corrections/": {"/corrections/"}, "/corrections/feed": nil, "/corrections/feed/": {"/corrections/feed/"}, "/corrections/feed/atom": nil,
		"/corrections/feed/atom/": {"/corrections/feed/atom/"}, "/corrections/feed.json": {"/corrections/feed.json"}, "/feed": nil, "/feed/": {"/feed/"}, "/feed/atom": nil, "/feed/atom/": {"/feed/atom/"},
		"/feed.json": {"/feed.json"}, "/sitemap.xml": {"/sitemap.xml", "/sitemap.xml?after=0", "/sitemap.xml?after=" + l.text(`SELECT (max(id) - 1) / 2000 * 2000 FROM articles`)},
		"/sitemap-news.xml": {"/sitemap-news.xml"}, "/search": l.searches(category), "/search/": nil,
		y: nil, y + "/": dates(6), y + "/page/{n}": each(dates(6), "page/2"), y + "/page/{n}/": nil,
		y + m: nil, y + m + "/": dates(9), y + m + "/page/{n}": each(dates(9), "page/2"), y + m + "/page/{n}/": nil,
		y + m + d: nil, y + m + d + "/": dates(12), y + m + d + "/page/{n}": each(dates(12), "page/2"), y + m + d + "/page/{n}/": nil,
		"ARTICLE": articles, "ARTICLEcard/{n}.png": each(articles[:1], "card/1.png"), "ARTICLEcomment-page-{n}": {l.busy + "comment-page-2/", l.busy + "comment-page-2/?comments=newest", l.busy + "?comments=replied"},
		"ARTICLEcomments/{n}": {l.busy + "comments/" + said}, "ARTICLEcomments/{n}/report": {l.busy + "comments/" + said + "/report"}, "ARTICLEedit": nil, "ARTICLEfeed": each(articles[:3], "feed/"),
		"ARTICLEhistory": each(articles, "history"), "ARTICLEreply/{n}": {l.busy + "reply/" + said}, "ARTICLEreport": each(articles[:1], "report"), "ARTICLEsince/{n}": each(articles, "since/0"),
		"ARTICLEupdates.xml": each(articles, "updates.xml"), "ARTICLEv/{n}": each(articles, "v/1"),
		"LIST": lists, "LISTfeed/": each(lists, "feed/"), "LISTfeed/atom/": each(lists, "feed/atom/"), "LISTfeed.json": each(lists, "feed.json"), "LISTpage/{n}": each(lists[:3], "page/"+far),
	}
}

// searches are for words that nearly all, some, one and no article has, and for all of them narrowed down.
func (l *library) searches(category string) (out []string) {
	some := l.text(`SELECT word FROM ts_stat('SELECT tsv FROM article_search WHERE config = ''stet_en''::regconfig LIMIT 1000') ORDER BY abs(ndoc - 30), word LIMIT 1`)
	slug := strings.Trim(category[len("/category"):], "/")
	for _, q := range []string{"state", some, "hapax", "nowhere%2Dto-be-found", "state+world", "state+" + some, `%22great+state%22`, "state+-" + some, "state+or+" + some} {
		for _, narrowed := range []string{"", "&sort=newest", "&sort=oldest", "&category=" + slug, "&category=rarely-used", "&from=2025-01-01"} {
			out = append(out, "/search?q="+q+narrowed)
		}
	}
	return out
}

// desks are the queue's pages.
func (l *library) desks() (out []string) {
	ids := l.many(`SELECT id FROM articles WHERE listed ORDER BY id DESC LIMIT 1`)
	for _, status := range []string{"pending", "overtaken", "approved", "rejected", "spam", "every", "reported", "appealed", "second", "mine"} {
		for _, narrowed := range []string{"", "&article=" + ids[0], "&category=rarely-used", "&q=lights", "&q=number+77+says", "&q=nowhere", "&rule=premoderated", "&rule=links"} {
			out = append(out, "/newsroom/comments?status="+status+narrowed)
		}
	}
	return out
}

// visited asks for an address and gives the statements that the program ran for it.
func (l *library) visited(path string) []run {
	l.Helper()
	l.app.Forget()
	ctx, c := postgres.CountQueries(l.Context())
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	r.Host = l.base().Host
	if strings.HasPrefix(path, "/newsroom/") {
		for _, k := range l.moderator.client.Jar.Cookies(l.base()) {
			r.AddCookie(k)
		}
	}
	rec := httptest.NewRecorder()
	l.app.Handler().ServeHTTP(rec, r)
	if rec.Code >= http.StatusInternalServerError || rec.Code == http.StatusNotFound && !strings.Contains(path, "page/") && !strings.HasSuffix(path, ".txt") {
		l.Errorf("GET %s = %d", path, rec.Code)
	}
	var out []run
	for _, s := range c.Run() {
		if r := runOf(s); r.reads() {
			out = append(out, r)
		}
	}
	return out
}

// TestPlans asks for every readers' page and the queue's and looks how each statement was run: neither when it is planned for its values nor
// after six runs is a large table read through, and no guess is a hundred times too low. What is run in another way with another value stands
// in the list of valued.
func TestPlans(t *testing.T) {
	n, seek := plenty(t)
	l := newLibrary(t, n)
	byPattern := l.addresses()
	var paths []string
	for _, pattern := range site.Routes() {
		at, known := byPattern[pattern]
		if !known {
			t.Errorf("no address is asked for of %s", pattern)
		}
		paths = append(paths, at...)
	}
	paths = append(paths, l.desks()...)
	asked, statements := map[string][]run{}, []string{}
	for _, path := range paths {
		for _, r := range l.visited(path) {
			if _, known := asked[r.sql]; !known {
				statements = append(statements, r.sql)
			}
			same := func(o run) bool { return fmt.Sprint(o.args) == fmt.Sprint(r.args) }
			if len(asked[r.sql]) < 8 && !slices.ContainsFunc(asked[r.sql], same) {
				asked[r.sql] = append(asked[r.sql], r)
			}
		}
	}
	if len(statements) < 40 {
		t.Errorf("only %d statements were seen", len(statements))
	}
	e := &explainer{T: t, seek: seek, told: map[string]bool{}, pools: []*pgxpool.Pool{pgtest.Pool(t, l.db.AppURL, one(postgres.Readers())), pgtest.Pool(t, l.db.AppURL, one(postgres.Options{}))}}
	listed := e.values(l)
	large := l.large(n / 10)
	for _, sql := range statements {
		shapes := map[string]string{}
		for _, r := range asked[sql] {
			p := e.first(r)
			e.judge(r, "planned for its values", p, large)
			if p == nil || r.planned {
				continue
			}
			shapes[p.shape(large)] = fmt.Sprintf("%v\n%s", r.args, p)
			e.judge(r, "after six runs", e.seventh(r, r.args), large)
		}
		if len(shapes) > 1 && !listed[sql] {
			t.Errorf("this statement is run in %d ways and stands in no list of valued\n%s\nwith %s", len(shapes), sql, strings.Join(slices.Sorted(maps.Values(shapes)), "\nwith "))
		}
	}
	t.Logf("%d statements of %d pages, %d of them by their value", len(statements), len(paths), len(listed))
}

// valued are the pages whose statements may be run in another way for another value: what very many have, and what hardly anything has.
func (l *library) valued() map[string][2]string {
	at := l.addresses()
	lists := at["LIST"]
	return map[string][2]string{
		"category":          {lists[0], lists[3]},
		"tag":               {lists[1], lists[4]},
		"author":            {lists[2], lists[5]},
		"feed":              {lists[0] + "feed/", lists[3] + "feed/"},
		"archive":           {at["/{y:[0-9]{4}}/"][1], at["/{y:[0-9]{4}}/{m:[0-9]{2}}/{d:[0-9]{2}}/"][0]},
		"discussion":        {l.busy, l.quiet},
		"order":             {l.busy + "?comments=replied", l.quiet + "?comments=replied"},
		"comments' feed":    {l.busy + "feed/", l.quiet + "feed/"},
		"page":              {at["/page/{n}"][0], at["/page/{n}"][1]},
		"queue's ages":      {"/newsroom/comments", "/newsroom/comments?status=mine"},
		"queue's article":   {"/newsroom/comments?article=" + l.text(`SELECT article_id FROM comments WHERE status = 'pending' ORDER BY id LIMIT 1`), "/newsroom/comments?article=1"},
		"queue's category":  {"/newsroom/comments?category=" + strings.Trim(lists[0][len("/category"):], "/"), "/newsroom/comments?category=rarely-used"},
		"approved articles": {"/newsroom/comments?status=approved&article=" + l.text(`SELECT id FROM articles WHERE path = '`+l.busy+`'`), "/newsroom/comments?status=approved&article=" + l.text(`SELECT id FROM articles WHERE path = '`+l.quiet+`'`)},
	}
}

// values runs the statements of each pair of pages six times with the values of the one and then with those of the other, and insists that it
// looks at hardly more than where it is planned for them. It gives the statements.
func (e *explainer) values(l *library) map[string]bool {
	listed := map[string]bool{}
	for name, pair := range l.valued() {
		common, rare := map[string]run{}, map[string]run{}
		for _, r := range l.visited(pair[0]) {
			if _, first := common[r.sql]; !first { // the first of the one, the last of the other
				common[r.sql] = r
			}
		}
		for _, r := range l.visited(pair[1]) {
			rare[r.sql] = r
		}
		compared := 0
		for sql, c := range common {
			r, both := rare[sql]
			if !both || c.planned || fmt.Sprint(c.args) == fmt.Sprint(r.args) {
				continue
			}
			listed[sql] = true
			compared++
			e.compare(name+", rare after common", r, c.args)
			e.compare(name+", common after rare", c, r.args)
		}
		if compared == 0 {
			e.Errorf("%s: %s and %s run no statement with different values", name, pair[0], pair[1])
		}
	}
	return listed
}

func (e *explainer) compare(name string, r run, before []any) {
	best, got := e.first(r), e.seventh(r, before)
	if best != nil && got != nil && got.pages() > 4*best.pages()+200 {
		e.Errorf("%s: after six runs a statement looks at %d pages, planned for its values at %d\n%s\nwith %v\n%s\n%s", name, got.pages(), best.pages(), r.sql, r.args, got, best)
	}
}

func one(o postgres.Options) postgres.Options { o.MaxConns = 1; return o }

// large are the tables of at least n rows.
func (l *library) large(n int) map[string]bool {
	out := map[string]bool{}
	for _, name := range l.many(fmt.Sprintf(`SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples >= %d`, n)) {
		out[name] = true
	}
	return out
}

// most is how many pages of the database, of 8 kB, one statement may look at.
const most = 40_000

// wrong is by how much a guess may be too low before another plan would have been chosen. What is guessed of a list in an array, of words, or of
// what was put in order and cut isn't known by any statistics.
// Of few rows a wrong guess leads to no other plan that would be worse to feel.
const wrong, few = 100, 5000

func (e *explainer) judge(r run, when string, p *plan, large map[string]bool) {
	if p == nil {
		return
	}
	var faults []string
	p.walk(nil, func(within []string, n *plan) {
		// Under a limit it ends when there is enough.
		if limited := len(within) > 0 && within[len(within)-1] == "Limit"; n.Node == "Seq Scan" && large[n.Table] && n.Loops > 0 && !limited {
			faults = append(faults, "reads all of "+n.Table)
		}
		if n.Table != "" && n.Rows > few && n.Rows > wrong*max(n.Guessed, 1) {
			faults = append(faults, fmt.Sprintf("finds %.0f in %s, where %.0f were guessed", n.Rows, n.Table, n.Guessed))
		}
	})
	if p.pages() > most {
		faults = append(faults, fmt.Sprintf("looks at %d pages", p.pages()))
	}
	if len(faults) > 0 && !e.told[r.sql] {
		e.told[r.sql] = true // once is enough
		e.Errorf("%s, a statement %s\n%s\nwith %v\n%s", when, strings.Join(faults, ", "), r.sql, r.args, p)
	}
}
