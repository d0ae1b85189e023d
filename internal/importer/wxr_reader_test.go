package importer

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func readAll(t testing.TB, name string) (*Survey, map[int64]*Item) {
	t.Helper()
	s, err := Skim(open(t, name))
	if err != nil {
		t.Fatal(err)
	}
	items := map[int64]*Item{}
	for it, err := range Items(open(t, name)) {
		if err != nil {
			t.Fatal(err)
		}
		items[it.ID] = it
	}
	return s, items
}

func TestSurvey(t *testing.T) {
	s, _ := readAll(t, "testdata/full.xml")
	for _, c := range []struct{ what, got, want any }{
		{"site", s.Site, Site{"1.2", "The Harbour Letter", "Weekly & late", "en-GB", "https://harbour.example/letter"}},
		{"authors", s.Authors, []Author{{"ines", "Inês Duarte", "Inês", "Duarte", "ines@example.org"}}},
		{"categories", s.Categories, []Term{{"category", "sea", "Sea", "", "All that is wet."}, {"category", "tides", "Tides & Moons", "sea", ""}}},
		{"tags", s.Tags, []Term{{"post_tag", "θάλασσα", "θάλασσα", "", ""}}},
		{"other terms", s.OtherTerms, 1}, {"items", s.Items, 9}, {"comments", s.Comments, 5},
		{"types", s.Types, map[string]int{"post": 4, "page": 2, "attachment": 2, "nav_menu_item": 1}},
		{"attachment", s.Files[s.Attachments[12]], File{
			Identity: "guid:https://harbour.example/letter/wp-content/uploads/2024/05/quay.jpg",
			ID:       12, URL: "https://harbour.example/letter/wp-content/uploads/2024/05/quay.jpg", Path: "2024/05/quay.jpg", Title: "Quay",
			Alt: `Boats at a "quay"`, Caption: "The quay at noon", Parent: 11, line: 73,
		}},
		{"gallery", s.Galleries, map[int64][]int64{11: {12, 13}}},
		{"pages", s.Pages[31], PageRef{30, "people", "https://harbour.example/letter/about/people/"}},
		{"every author", s.everyAuthor(), []Author{s.Authors[0], {Login: "joao", Name: "João Reis"}}},
		{"every category", s.everyCategory(), s.Categories}, {"every tag", s.everyTag(), s.Tags},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%v = %+v, want %+v", c.what, c.got, c.want)
		}
	}
}

func TestItem(t *testing.T) {
	_, items := readAll(t, "testdata/full.xml")
	it := items[11]
	moment := time.Date(2024, 5, 3, 7, 30, 0, 0, time.UTC)
	for _, c := range []struct{ what, got, want any }{
		{"line", it.Line, 26},
		{"headline", it.Headline(), "The tide tables & the moon"}, {"excerpt", plainText(it.Excerpt), "Why the tables are right."},
		{"identity", it.Identity(), "guid:https://harbour.example/letter/?p=11"},
		{"categories", it.Categories(), []TermRef{{"category", "tides", "Tides & Moons"}, {"category", "sea", "Sea"}}},
		{"tags", it.Tags(), []TermRef{{"post_tag", "θάλασσα", "θάλασσα"}}},
		{"bylines", it.Bylines(), []TermRef{{"author", "ines", "ines"}, {"author", "joao", "João Reis"}}},
		{"thumbnail", it.Thumbnail, int64(12)}, {"sticky", it.Sticky, true}, {"metas", it.Metas, 3},
		{"gmt", it.GMT, moment}, {"sent", it.Sent, moment}, {"local", it.Local, moment.Add(time.Hour)},
		{"addresses", it.OldAddresses(), []string{"/letter/2024/05/tide-tables/", "/letter/2024/05/tide-table/", "/?p=11"}},
		{"first comment", it.Comments[0], Comment{
			ID: 21, Author: "Tom & Ana", Email: "tom@example.org", URL: "https://tom.example", Address: "192.0.2.7",
			Local: moment.Add(150 * time.Minute), GMT: moment.Add(90 * time.Minute), Content: "Good.\n\nThanks.", Status: "1", Type: "comment", StatusKnown: true,
		}},
		{"reply", it.Comments[1].Parent, int64(21)}, {"signed in", it.Comments[1].SignedInAs, int64(1)},
		{"old style byline", (&Item{Creator: "admin"}).Bylines(), []TermRef{{"author", "admin", "admin"}}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%v = %+v, want %+v", c.what, c.got, c.want)
		}
	}
}

func TestWhen(t *testing.T) {
	_, items := readAll(t, "testdata/full.xml")
	lisbon, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		t.Fatal(err)
	}
	if at, ok := items[41].When(lisbon); !ok || !at.Equal(time.Date(2031, 7, 1, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("local date in Lisbon's summer = %v, %v", at, ok)
	}
	if at, ok := items[40].When(lisbon); ok {
		t.Errorf("draft without a date = %v", at)
	}
	sent := &Item{Sent: time.Date(2008, 9, 5, 19, 39, 12, 0, time.UTC)}
	if at, ok := sent.When(lisbon); !ok || !at.Equal(sent.Sent) {
		t.Errorf("pubDate alone = %v, %v", at, ok)
	}
}

func TestTermsWithoutDomain(t *testing.T) {
	old := &Item{Terms: []TermRef{{"", "", "News"}, {"category", "news", "News"}, {"", "", "boat"}, {"tag", "boat", "boat"}}}
	if c, g := old.Categories(), old.Tags(); len(c) != 1 || c[0].Slug != "news" || len(g) != 1 || g[0].Slug != "boat" {
		t.Errorf("terms twice: categories %v, tags %v", c, g)
	}
	bare := &Item{Terms: []TermRef{{"", "", "News"}, {"", "", "boat"}, {"", "", "News"}}}
	if c, g := bare.Categories(), bare.Tags(); len(c) != 2 || len(g) != 0 {
		t.Errorf("terms without a domain: categories %v, tags %v", c, g)
	}
}

func TestParentsFirst(t *testing.T) {
	in := []Term{{Slug: "c", Parent: "b"}, {Slug: "x", Parent: "y"}, {Slug: "y", Parent: "x"}, {Slug: "b", Parent: "a"}, {Slug: "a"}, {Slug: "a", Parent: "c"}, {Slug: "z", Parent: "gone"}, {Slug: "s", Parent: "s"}}
	var got []string
	for _, c := range parentsFirst(in) {
		got = append(got, c.Slug+"<"+c.Parent)
	}
	want := []string{"a<", "b<a", "c<b", "y<", "x<y", "z<", "s<"}
	if !slices.Equal(got, want) {
		t.Errorf("parentsFirst = %v, want %v", got, want)
	}
}

func TestIdentity(t *testing.T) {
	for _, c := range []struct {
		it   Item
		want string
	}{
		{Item{GUID: "g", ID: 3, Link: "l"}, "guid:g"}, {Item{ID: 3, Link: "l"}, "id:3"}, {Item{Link: "l"}, "link:l"},
	} {
		if got := c.it.Identity(); got != c.want {
			t.Errorf("identity of %+v = %q, want %q", c.it, got, c.want)
		}
	}
	a, b := &Item{GUID: "g", Title: "A"}, &Item{GUID: "g", Title: "B"}
	if a.SecondIdentity() == b.SecondIdentity() || (&Item{Title: "A"}).Identity() == (&Item{Title: "B"}).Identity() {
		t.Error("two items have one identity")
	}
}

// Whatever an import takes is in the digest: a change of it makes the item differ.
func TestDigest(t *testing.T) {
	_, items := readAll(t, "testdata/full.xml")
	base := string(items[11].Digest())
	_, again := readAll(t, "testdata/full.xml")
	if string(again[11].Digest()) != base {
		t.Error("the same item has another digest")
	}
	for i, change := range []func(*Item){
		func(it *Item) { it.Title += "." }, func(it *Item) { it.Body += "." }, func(it *Item) { it.Excerpt = "" }, func(it *Item) { it.Slug = "x" },
		func(it *Item) { it.Link = "" }, func(it *Item) { it.Status = "draft" }, func(it *Item) { it.Password = true }, func(it *Item) { it.Sticky = false },
		func(it *Item) { it.GMT = it.GMT.Add(time.Second) }, func(it *Item) { it.Creator = "x" }, func(it *Item) { it.Thumbnail = 0 }, func(it *Item) { it.OldSlugs = nil },
		func(it *Item) { it.Terms[0], it.Terms[2] = it.Terms[2], it.Terms[0] }, func(it *Item) { it.Comments = it.Comments[1:] },
		func(it *Item) { it.Comments[0].Content = "x" }, func(it *Item) { it.Comments[0].Status = "0" }, func(it *Item) { it.Closed = true },
	} {
		_, items := readAll(t, "testdata/full.xml")
		if change(items[11]); string(items[11].Digest()) == base {
			t.Errorf("change %d is not in the digest", i)
		}
	}
}

const (
	head = `<rss xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><wp:wxr_version>1.2</wp:wxr_version>` + "\n"
	foot = "</channel></rss>\n"
)

func item(id int, body string) string {
	return fmt.Sprintf("<item><title>T</title><wp:post_id>%d</wp:post_id><wp:status>publish</wp:status>\n<content:encoded><![CDATA[%s]]></content:encoded></item>\n", id, body)
}

// A broken file yields every whole item before the break, never a half one, and names the line.
func TestBrokenFiles(t *testing.T) {
	two := head + item(1, "a") + item(2, "b") // lines 2–3 and 4–5; then line 6
	for _, c := range []struct {
		name, in string
		whole    int
		line     int
		says     string
	}{
		{"cut between items", two, 2, 6, "cut off"},
		{"cut in an item", two + "<item><title>T</title>\n<wp:post_id>3", 2, 7, "cut off"},
		{"cut in CDATA", two + "<item><content:encoded><![CDATA[half\nan article", 2, 7, "cut off"},
		{"cut in a tag", two + "<item", 2, 6, "cut off"},
		{"cut in a comment", two + "<!-- ", 2, 6, "cut off"},
		{"empty", "", 0, 1, "not a WordPress export"},
		{"not XML", "{\"db\": []}", 0, 1, "not a WordPress export"},
		{"a page", "<html><body>", 0, 1, "it has <html>"},
		{"a feed of another kind", "<rss><nothing/>", 0, 1, "it has <nothing>"},
		{"tags that cross", two + "<item><title></item>", 2, 6, "not well-formed"},
		{"an angle in text", two + "<item><title>1 < 2</title></item>", 2, 6, "not well-formed"},
		{"nested without end", two + strings.Repeat("<a>", maxDepth+1), 2, 6, "within each other"},
		{"document type", "<!DOCTYPE rss>\n" + two, 0, 1, "document type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			whole := 0
			var err error
			for it, e := range Items(strings.NewReader(c.in)) {
				if err = e; err == nil {
					whole++
					if it.Body == "" {
						t.Errorf("item %d is not whole", it.ID)
					}
				}
			}
			var fe *FileError
			if !errors.As(err, &fe) || fe.Line != c.line || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") || whole != c.whole {
				t.Errorf("%d items, then %v; want %d, then line %d: …%s…", whole, err, c.whole, c.line, c.says)
			}
		})
	}
	if _, err := Skim(strings.NewReader("<rss><channel><title>A feed</title></channel></rss>")); err == nil {
		t.Error("a feed without a version is taken for an export")
	}
}

// What stands behind the channel's end is nobody's business: servers append messages there.
func TestJunkAround(t *testing.T) {
	n := 0
	for _, err := range Items(strings.NewReader("Notice: x\n" + head + item(1, "a") + "</channel></rss>\n<b>Fatal error</b>: & <")) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d items, want 1", n)
	}
}

func TestPrefixesBoundToNothing(t *testing.T) {
	for it, err := range Items(strings.NewReader(`<rss><channel><item><wp:post_id>7</wp:post_id><dc:creator>a</dc:creator><content:encoded>c</content:encoded><excerpt:encoded>e</excerpt:encoded></item></channel></rss>`)) {
		if err != nil || it.ID != 7 || it.Creator != "a" || it.Body != "c" || it.Excerpt != "e" {
			t.Errorf("item = %+v, %v", it, err)
		}
	}
}

// flood repeats what next gives until it gives "", and notes how much memory was in use meanwhile.
type flood struct {
	next func(int) string
	n    int
	rest string
	most uint64
}

func (f *flood) Read(p []byte) (int, error) {
	if f.rest == "" {
		f.rest = f.next(f.n)
		if f.n++; f.n%16 == 0 || len(f.rest) > 1000 {
			f.most = max(f.most, heap())
		}
	}
	if f.rest == "" {
		return 0, io.EOF
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// Hostile files are read in bounded memory: what is too large is left out with its line, the rest is read.
func TestHostileSizes(t *testing.T) {
	words := strings.Repeat("word ", 13_000)
	small := limits{text: 100 << 10, item: 400 << 10}
	long := func(before, unit, after string, times int) *flood {
		return &flood{next: func(i int) string {
			switch {
			case i == 0:
				return head + item(1, "a") + before
			case i <= times:
				return unit
			case i == times+1:
				return after + item(2, "b") + foot
			}
			return ""
		}}
	}
	for _, c := range []struct {
		name  string
		in    *flood
		items int
		fault bool
		max   limits
	}{
		{"a body beyond the usual", long("<item><content:encoded><![CDATA[", words, "]]></content:encoded></item>", 200), 3, true, usual},
		{"comments beyond the usual", long("<item>", "<wp:comment><wp:comment_content>"+words+"</wp:comment_content></wp:comment>", "</item>", 600), 3, true, usual},
		{"a long body", long("<item><content:encoded><![CDATA[", words, "]]></content:encoded></item>", 20), 3, true, small},
		{"a body of many sections", long("<item><content:encoded>", "<![CDATA["+words+"]]>", "</content:encoded></item>", 20), 3, true, small},
		{"a long text outside CDATA", long("<item><title>", words, "</title></item>", 20), 3, true, small},
		{"many comments", long("<item>", "<wp:comment><wp:comment_content>"+words[:8000]+"</wp:comment_content></wp:comment>", "</item>", 100), 3, true, small},
		{"many empty comments", long("<item>", "<wp:comment></wp:comment>", "</item>", 2000), 3, true, small},
		{"many terms", long("<item>", "<category/>", "</item>", 10_000), 3, true, small},
		{"a long comment", long("<!-- ", words, " -->", 20), 2, false, small},
		{"a long unknown element", long("<junk>", "<x>"+words+"</x>", "</junk>", 20), 2, false, small},
	} {
		t.Run(c.name, func(t *testing.T) {
			start, n, faults := time.Now(), 0, 0
			for it, err := range items(c.in, c.max) {
				if err != nil {
					t.Fatal(err)
				}
				n++
				faults += one(it.Fault != "")
			}
			if n != c.items || (faults == 1) != c.fault {
				t.Errorf("%d items, %d faults, want %d, %v", n, faults, c.items, c.fault)
			}
			if c.in.most > 200<<20 {
				t.Errorf("%d MB held", c.in.most>>20)
			}
			t.Logf("%v, %d MB", time.Since(start).Round(time.Millisecond), c.in.most>>20)
		})
	}
}

// heap is what is in use, what waits for collection included.
func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

func TestSurveyIsBounded(t *testing.T) {
	f := &flood{next: func(i int) string {
		if i == 0 {
			return head
		}
		return "<wp:author><wp:author_login>" + strings.Repeat("x", 60_000) + "</wp:author_login></wp:author>\n"
	}}
	_, err := skim(f, limits{text: 100 << 10, item: 400 << 10, facts: 1 << 20})
	var fe *FileError
	if !errors.As(err, &fe) || !strings.Contains(fe.Why, "in parts") {
		t.Errorf("Skim of authors without end = %v", err)
	}
}

func FuzzItems(f *testing.F) {
	f.Add(head + item(1, "a") + foot)
	f.Add(head + "<item><wp:comment><wp:comment_id>1</wp:comment_id></wp:comment><category domain='category' nicename='%zz'>&x</category></item>" + foot)
	f.Fuzz(func(_ *testing.T, s string) {
		survey, _ := Skim(strings.NewReader(s))
		for it, err := range Items(strings.NewReader(s)) {
			if err != nil {
				break
			}
			_, _, _ = it.Identity(), it.NewSlug(), it.OldAddresses()
			_, _, _ = survey.Body(it, nil)
		}
	})
}

// BenchmarkItems reads exports of long and of short items.
func BenchmarkItems(b *testing.B) {
	for _, c := range []struct {
		name string
		body string
		n    int
	}{{"long", strings.Repeat("Words in a paragraph, ä few of them.\n\n", 200), 200}, {"short", "Few words.", 4000}} {
		var in strings.Builder
		in.WriteString(head)
		for i := range c.n {
			in.WriteString(item(i, c.body))
		}
		in.WriteString(foot)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(in.Len()))
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range Items(strings.NewReader(in.String())) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
