package importer

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/media"
	"stet/internal/pgtest"
	"stet/internal/settings"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// desk is an empty newsroom with a database of its own.
type desk struct {
	testing.TB
	Newsroom
	db     *pgtest.DB
	reader *article.Reader
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	db := pgtest.New(t)
	blobs, err := media.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := blobs.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &desk{TB: t, db: db, reader: article.NewReader(db.Reader), Newsroom: Newsroom{
		Pool: db.App, Articles: article.New(db.App, settings.NewSource(db.App)), Comments: comment.New(db.App, []byte(strings.Repeat("k", 32)), nil),
		Taxonomy: taxonomy.New(db.App), Authors: author.New(db.App), Media: media.New(db.App, blobs), Settings: settings.New(db.App),
	}}
	return d
}

func (d *desk) load(file string, o Options) *Report {
	d.Helper()
	r, err := d.WordPress(d.Context(), file, o)
	if err != nil {
		d.Fatalf("WordPress(%s): %v", file, err)
	}
	return r
}

// column reads one column as text, in its order.
func (d *desk) column(sql string, args ...any) []string {
	d.Helper()
	rows, err := d.db.Super.Query(d.Context(), sql, args...)
	if err != nil {
		d.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		d.Fatal(err)
	}
	return out
}

func (d *desk) number(sql string, args ...any) int {
	d.Helper()
	var n int
	if err := d.db.Super.QueryRow(d.Context(), sql, args...).Scan(&n); err != nil {
		d.Fatal(err)
	}
	return n
}

func (d *desk) want(what string, got, want any) {
	d.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		d.Errorf("%s = %v, want %v", what, got, want)
	}
}

// state is everything an import may touch, to compare before and after.
func (d *desk) state() map[string]string {
	d.Helper()
	out := map[string]string{}
	for _, table := range []string{
		"articles", "revisions", "bylines", "versions", "publications", "schedules", "addresses", "article_categories", "article_tags", "article_authors",
		"categories", "tags", "authors", "media", "media_uses", "comments", "comment_texts", "commenters", "article_counts", "import_refs", "audit", "article_search",
	} {
		out[table] = d.column(`SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') || ' ' || count(*) FROM ` + table + ` t`)[0]
	}
	return out
}

func TestImport(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := d.load("testdata/full.xml", Options{})
	for _, c := range []struct {
		kind, fate string
		want       int
	}{
		{"articles", "published", 1}, {"articles", "scheduled", 1}, {"articles", "draft", 2}, {"pages", "published", 1}, {"pages", "draft", 1},
		{"comments", "approved", 1}, {"comments", "pending", 1}, {"comments", "spam", 1}, {"comments", "rejected", 1}, {"comments", leftOut, 1},
		{"categories", isNew, 2}, {"tags", isNew, 1}, {"authors", isNew, 2}, {"media", noBytes, 2}, {"other items", "nav_menu_item", 1},
	} {
		d.want(c.kind+" "+c.fate, r.Count(c.kind, c.fate), c.want)
	}
	found, err := d.reader.LiveByPath(t.Context(), "/letter/2024/05/tide-tables/")
	if err != nil || found.Article == nil {
		t.Fatalf("LiveByPath = %+v, %v", found, err)
	}
	a := found.Article
	d.want("headline", a.Content.Headline, "The tide tables & the moon")
	d.want("standfirst", a.Content.Standfirst, "Why the tables are right.")
	d.want("language", a.Content.Language, "en-GB")
	d.want("guid", a.GUID, "https://harbour.example/letter/?p=11")
	d.want("category", a.Content.Category.Slug, "tides")
	d.want("tags", a.Content.Tags, []string{"θάλασσα"})
	d.want("bylines", []string{a.Content.Bylines[0].Text, a.Content.Bylines[1].Text}, []string{"Inês Duarte", "João Reis"})
	d.want("record", []any{a.Record[0].Kind, a.Record[0].ClaimedAt.UTC().Format(time.RFC3339), len(a.Record)}, []any{"imported", "2024-05-03T07:30:00Z", 1})
	d.want("first public", a.FirstPublicAt.UTC().Format(time.RFC3339), "2024-05-03T07:30:00Z")
	d.want("picture", []any{a.Content.Image.Alt, a.Content.Image.Caption}, []any{`Boats at a "quay"`, "The quay at noon"})
	d.want("comments", a.CommentCount, 1)
	for path, to := range map[string]string{"/?p=11": a.Path, "/letter/2024/05/tide-table/": a.Path, "/?page_id=30": "/letter/about/", "/?p=30": "/letter/about/"} {
		got, err := d.reader.LiveByPath(t.Context(), path)
		if err != nil || got.Redirect != to {
			t.Errorf("LiveByPath(%s) = %q, %v, want a redirect to %s", path, got.Redirect, err, to)
		}
	}
	d.want("tree", d.column(`SELECT path FROM categories ORDER BY path`), []string{"/category/sea/", "/category/sea/tides/"})
	d.want("also", d.column(`SELECT c.slug FROM article_categories l JOIN categories c ON c.id = l.category_id WHERE NOT first`), []string{"sea"})
	d.want("parent", d.number(`SELECT count(*) FROM articles c JOIN articles p ON p.id = c.parent_id WHERE c.kind = 'page'`), 1)
	d.want("schedule", d.column(`SELECT at::text FROM schedules`), []string{"2031-07-01 09:00:00+00"})
	d.want("comment texts", d.column(`SELECT name || ' ' || posted_at || ' ' || c.depth || ' ' || t.body FROM comments c JOIN comment_texts t ON t.comment_id = c.id ORDER BY c.id`), []string{
		"Tom & Ana 2024-05-03 09:00:00+00 1 Good.\n\nThanks.", "Ines 2024-05-03 09:30:00+00 2 You are welcome.",
		"Pills 2024-05-03 07:30:00+00 1 Buy", "Gone 2024-05-03 07:30:00+00 1 Rude",
	})
	d.want("what readers see", d.number(`SELECT count(*) FROM live_articles`), 2)
	d.want("not public", len(r.Lines(notNow)), 2)
}

func TestImportTwiceIsOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load("testdata/full.xml", Options{})
	before := d.state()
	r := d.load("testdata/full.xml", Options{})
	if after := d.state(); !maps.Equal(before, after) {
		t.Errorf("the second import changed something:\n%v\n%v", before, after)
	}
	d.want("articles here", r.Count("articles", wasHere), 4)
	d.want("comments here", r.Count("comments", wasHere), 5)
	d.want("differs", r.Lines(differs), []string{})
	d.want("new", r.Count("articles", "published")+r.Count("categories", isNew)+r.Count("tags", isNew)+r.Count("authors", isNew)+r.Count("media", isNew), 0)
}

// A changed item changes nothing and is listed.
func TestImportOfChangedItem(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	file := filepath.Join(t.TempDir(), "a.xml")
	write(t, file, head+item(1, "Old words.")+item(2, "Same.")+foot)
	d.load(file, Options{})
	before := d.state()
	write(t, file, head+item(1, "New words.")+item(2, "Same.")+foot)
	r := d.load(file, Options{})
	if !maps.Equal(before, d.state()) {
		t.Error("a changed item changed something")
	}
	if l := r.Lines(differs); len(l) != 1 || !strings.HasPrefix(l[0], `line 2: post 1 "T": it is article `) {
		t.Errorf("differs = %q", l)
	}
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	before := d.state()
	r := d.load("testdata/full.xml", Options{DryRun: true})
	if after := d.state(); !maps.Equal(before, after) {
		t.Errorf("a dry run wrote something:\n%v\n%v", before, after)
	}
	d.want("published", r.Count("articles", "published"), 1)
	var said strings.Builder
	if _, err := r.WriteTo(&said); err != nil || !strings.Contains(said.String(), "A dry run: nothing was written.") {
		t.Errorf("report = %s, %v", said.String(), err)
	}
}

// A file that isn't whole is refused before anything is written.
func TestImportOfBrokenFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	before := d.state()
	file := filepath.Join(t.TempDir(), "a.xml")
	write(t, file, head+item(1, "Whole.")+"<item><title>Half")
	if _, err := d.WordPress(t.Context(), file, Options{}); err == nil || err.Error() != "line 4: the file ends too early: it was cut off, export it again" {
		t.Errorf("WordPress = %v", err)
	}
	if !maps.Equal(before, d.state()) {
		t.Error("a broken file wrote something")
	}
}

func TestImportCollisions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	file := filepath.Join(t.TempDir(), "a.xml")
	post := func(id int, link, more string) string {
		return fmt.Sprintf("<item><title>T%d</title><link>%s</link><wp:post_id>%d</wp:post_id><wp:status>publish</wp:status><wp:post_date_gmt>2020-02-03 04:05:06</wp:post_date_gmt>%s<content:encoded>x</content:encoded></item>\n", id, link, id, more)
	}
	write(t, file, head+
		post(1, "https://a.example/x/", "")+post(2, "https://a.example/x/", "")+ // one address twice
		post(3, "https://a.example/feed/", "")+post(4, "https://a.example/2020/", "")+post(5, "https://a.example/comments/here/", "")+ // reserved
		post(6, "https://a.example/?p=6", "<wp:post_name>page</wp:post_name>")+ // no path, and a reserved slug
		post(7, "https://a.example/Archives/7.html", "")+post(8, "https://a.example/Archives/7.html", "")+ // any shape
		post(9, "https://a.example/?p=9", "")+ // no path, no slug
		post(10, "", "<wp:post_type>page</wp:post_type><wp:post_name>child</wp:post_name><wp:post_parent>11</wp:post_parent>")+ // its parent comes later
		post(11, "https://a.example/par/", "<wp:post_type>page</wp:post_type>")+
		post(12, "https://a.example/loop-a/", "<wp:post_type>page</wp:post_type><wp:post_parent>13</wp:post_parent>")+
		post(13, "https://a.example/loop-b/", "<wp:post_type>page</wp:post_type><wp:post_parent>12</wp:post_parent>")+
		post(2, "https://a.example/other/", "<wp:post_name>other</wp:post_name>")+ // an id twice
		foot)
	r := d.load(file, Options{})
	d.want("published", r.Count("articles", "published")+r.Count("pages", "published"), 14)
	got := d.column(`SELECT path FROM articles ORDER BY path COLLATE "C"`)
	want := []string{
		"/2020-2/", "/2020/02/page-2/", "/2020/02/t5/", "/2020/02/t9/", "/Archives/7-2.html", "/Archives/7.html", "/feed-2/", "/loop-a/", "/loop-b/",
		"/other/", "/par/", "/par/child/", "/x-2/", "/x/",
	}
	if !slices.Equal(got, want) {
		t.Errorf("paths = %q\nwant    %q", got, want)
	}
	d.want("moved", len(r.Lines(moved)), 5)
	d.want("aliases taken", r.Lines(aliases), []string{`line 15: post 2 "T2": /?p=2`})
	d.want("children", d.column(`SELECT path FROM articles WHERE parent_id IS NOT NULL ORDER BY path DESC`), []string{"/par/child/", "/loop-b/"})
}

// An item that fails in the middle leaves nothing; what came before it stands, and the next run goes on from there.
func TestImportFailsBetweenItems(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	exec := func(sql string) {
		if _, err := d.db.Super.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'boom'; END $$`)
	exec(`CREATE TRIGGER boom BEFORE INSERT ON comments FOR EACH ROW WHEN (NEW.name = 'Second') EXECUTE FUNCTION boom()`)
	said := func(name string) string {
		return "<wp:comment><wp:comment_author>" + name + "</wp:comment_author><wp:comment_content>x</wp:comment_content><wp:comment_approved>1</wp:comment_approved></wp:comment></item>"
	}
	file := filepath.Join(t.TempDir(), "a.xml")
	write(t, file, head+item(1, "a")+strings.Replace(item(2, "b"), "</item>", strings.TrimSuffix(said("First"), "</item>")+said("Second"), 1)+item(3, "c")+foot)
	_, err := d.WordPress(t.Context(), file, Options{})
	if err == nil || !strings.Contains(err.Error(), `import: line 4: post 2 "T": `) {
		t.Fatalf("WordPress = %v", err)
	}
	d.want("articles", d.column(`SELECT p.path FROM addresses p WHERE p.path LIKE '/?p=%'`), []string{"/?p=1"})
	d.want("comments", d.number(`SELECT count(*) FROM comments`), 0)
	d.want("refs", d.number(`SELECT count(*) FROM import_refs WHERE kind = 'article'`), 1)
	exec(`DROP TRIGGER boom ON comments`)
	r := d.load(file, Options{})
	d.want("second run", []int{r.Count("articles", wasHere), r.Count("articles", "published"), d.number(`SELECT count(*) FROM comments`)}, []int{1, 2, 2})
}

func TestImportMedia(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := d.load("testdata/full.xml", Options{})
	d.want("missing", len(r.Lines(missing)), 2)
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "2024", "05"), 0o700); err != nil {
		t.Fatal(err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "2024", "05", "quay.jpg"), picture.String())
	write(t, filepath.Join(dir, "report.pdf"), "<html>not what it says")
	before := d.state()
	d.load("testdata/full.xml", Options{MediaDir: dir, DryRun: true})
	if !maps.Equal(before, d.state()) {
		t.Error("a dry run stored a picture")
	}
	r = d.load("testdata/full.xml", Options{MediaDir: dir})
	d.want("given", r.Count("media", "given their bytes"), 1)
	d.want("left out", r.Lines(leftOut)[0], "line 86: 13 https://harbour.example/letter/wp-content/uploads/2024/05/report.pdf: invalid file: media.file.type")
	d.want("stored", d.column(`SELECT name || ' ' || width || ' ' || coalesce(missing_from, '') FROM media ORDER BY id`)[0], "quay.jpg 40 ")
	body := d.column(`SELECT string_agg(b->>'html', '') FROM revisions r, jsonb_array_elements(r.blocks) b WHERE r.headline LIKE 'The tide%'`)[0]
	d.want("in the body", strings.Count(body, `data-media="`+d.column(`SELECT id::text FROM media ORDER BY id`)[0]+`"`), 2)
	r = d.load("testdata/full.xml", Options{MediaDir: dir})
	d.want("again", r.Count("media", wasHere), 1)

	fresh := newDesk(t)
	r = fresh.load("testdata/full.xml", Options{MediaDir: dir})
	d.want("new", r.Count("media", isNew), 1)
}

// A file outside the folder is never read, whatever an export calls it.
func TestFindStaysInside(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secret.jpg"), "x")
	if err := os.Mkdir(filepath.Join(dir, "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../secret.jpg", filepath.Join(dir, "in", "link.jpg")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(filepath.Join(dir, "in"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []File{
		{Path: "../secret.jpg"}, {Path: "/" + dir + "/secret.jpg"}, {URL: "https://a.example/wp-content/uploads/..%2fsecret.jpg"}, {URL: "https://a.example/link.jpg"},
		{URL: "https://a.example/"}, {},
	} {
		got, err := find(root, f)
		if got != nil || err != nil {
			t.Errorf("find(%+v) = %v, %v", f, got, err)
		}
	}
	if err := root.Close(); err != nil {
		t.Error(err)
	}
}

// The names that stand for something else here, or are no names.
func TestImportNames(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, c := range []taxonomy.CategoryIn{{Slug: "news", Name: "News"}, {Slug: "life", Name: "Living"}} {
		if _, err := d.Taxonomy.Create(t.Context(), staff.System(), c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Authors.Create(t.Context(), staff.System(), author.In{Slug: "ann", Name: "Ann Ode"}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a.xml")
	names := "<dc:creator>%s</dc:creator><category domain='category' nicename='%s'>%s</category><category domain='post_tag' nicename='t%[4]s'>%[4]s</category></item>"
	put := func(i int, v ...any) string {
		return strings.Replace(item(i, "x"), "</item>", fmt.Sprintf(names, v...), 1)
	}
	write(t, file, head+put(1, "ann", "news", "News", "One")+put(2, "bo@example.org", "life", "Life", "one")+put(3, "feed", "feed", "Feed", strings.Repeat("w", 130))+
		put(4, "", "", "Life", "")+foot)
	r := d.load(file, Options{})
	d.want("published", r.Count("articles", "published"), 4)
	d.want("categories", d.column(`SELECT slug || ' ' || name FROM categories ORDER BY slug`), []string{"category-4 Feed", "life Living", "life-2 Life", "news News"})
	d.want("authors", d.column(`SELECT slug || ' ' || name FROM authors ORDER BY slug`), []string{"ann Ann Ode", "ann-2 ann", "author feed", "bo bo"})
	if n := d.number(`SELECT count(*) FROM authors WHERE name || slug LIKE '%example.org%'`); n != 0 {
		t.Error("an author's address is shown")
	}
	d.want("tags", d.column(`SELECT left(name, 5) FROM tags ORDER BY name`), []string{"One", "t", "wwwww"})
}

// Dates that can't be what they say.
func TestImportTiming(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	file := filepath.Join(t.TempDir(), "a.xml")
	at := func(id int, status, date string) string {
		return fmt.Sprintf("<item><title>T</title><wp:post_id>%d</wp:post_id><wp:status>%s</wp:status><wp:post_date>%s</wp:post_date></item>\n", id, status, date)
	}
	write(t, file, head+at(1, "future", "2001-01-01 00:00:00")+at(2, "future", "")+at(3, "future", "2999-01-01 00:00:00")+at(4, "publish", "2999-01-01 00:00:00")+at(5, "publish", "")+foot)
	r := d.load(file, Options{})
	d.want("fates", []int{r.Count("articles", "draft"), r.Count("articles", "published"), r.Count("articles", "scheduled")}, []int{3, 2, 0})
	d.want("to come", d.number(`SELECT count(*) FROM articles WHERE first_public_at > clock_timestamp()`), 0)
	d.want("schedules", d.number(`SELECT count(*) FROM schedules`), 0)
}

// BenchmarkImport brings in articles of a thousand words with three comments each.
func BenchmarkImport(b *testing.B) {
	said := "<wp:comment><wp:comment_id>%d</wp:comment_id><wp:comment_author>A</wp:comment_author><wp:comment_content>Words.</wp:comment_content><wp:comment_approved>1</wp:comment_approved></wp:comment>"
	d := newDesk(b)
	for n := 0; b.Loop(); n++ {
		var in strings.Builder
		in.WriteString(head)
		for i := range 100 {
			comments := fmt.Sprintf(said+said+said, 1, 2, 3)
			titled := strings.NewReplacer("<title>T<", fmt.Sprintf("<title>Article %d<", n*100+i), "</item>", comments+"</item>")
			in.WriteString(titled.Replace(item(n*100+i+1, strings.Repeat("Ten words that stand in a paragraph of an article.\n\n", 100))))
		}
		in.WriteString(foot)
		file := filepath.Join(b.TempDir(), "a.xml")
		write(b, file, in.String())
		if r, err := d.WordPress(b.Context(), file, Options{}); err != nil || r.Count("articles", "published") != 100 {
			b.Fatal(r, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/100, "µs/article")
}
