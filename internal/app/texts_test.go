package app_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"stet/internal/address"
	"stet/internal/markup"
	"stet/internal/page"
	"stet/internal/seed"
)

// realTexts are those of the shared test data where it is on this machine, and else a few of our own.
func realTexts(t testing.TB) []seed.Text {
	t.Helper()
	texts, err := seed.ReadTexts("../../../shared/data/articles")
	if err == nil {
		return texts
	}
	t.Log("corpus absent")
	if texts, err = seed.ReadTexts(filepath.Join("..", "seed", "testdata")); err != nil {
		t.Fatal(err)
	}
	return texts
}

// TestEveryRealText publishes real articles in many languages. Each has its language and direction on its page, a slug of letters, a description that
// tears no character, and stands in lists and feeds.
func TestEveryRealText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	texts := realTexts(t)
	n := seed.Newsroom{Staff: w.app.Staff, Settings: w.app.Settings, Taxonomy: w.app.Taxonomy, Authors: w.app.Authors, Media: w.app.Media, Articles: w.app.Articles, Comments: w.app.Comments}
	if err := seed.Run(t.Context(), n, seed.Options{Articles: len(texts), Authors: 5, Categories: 6, Texts: texts, Seed: 5}, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, text := range texts {
		want = append(want, markup.Line(text.Title))
	}
	r := &realReader{visitor: w.visitor(), languages: map[string]int{}}
	for _, s := range r.stories() {
		r.read(s)
	}
	slices.Sort(want)
	slices.Sort(r.headlines)
	if !slices.Equal(r.headlines, want) {
		t.Errorf("%d articles have a page with their headline, want %d", len(r.headlines), len(want))
	}
	r.listed(w.count(`SELECT count(*) FROM live_articles WHERE listed AND public_state = 'published'`))
	for _, path := range []string{"/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml"} {
		r.feed(path)
	}
	b := w.browser()
	torn := eval[[]string](b, `(texts => texts.filter(t => ![...new Intl.Segmenter().segment(t.whole)].some(s => s.index === t.part.length)).map(t => t.part))(`+r.cuts()+`)`)
	for _, part := range torn {
		t.Errorf("a description is cut within a character: %q", part)
	}
	t.Logf("%d articles in %d languages, %d of them with a description that was cut", len(texts), len(r.languages), len(r.cut))
}

type realStory struct{ path, language, headline, body string }

type realReader struct {
	*visitor
	languages map[string]int
	headlines []string
	cut       []cutText
}

// cutText is a description and the text it is the beginning of.
type cutText struct {
	Part  string `json:"part"`
	Whole string `json:"whole"`
}

func (r *realReader) stories() (out []realStory) {
	rows, err := r.db.Super.Query(r.Context(), `
		SELECT a.path, a.language, a.headline,
			coalesce((SELECT block FROM jsonb_array_elements_text(v.content->'body') WITH ORDINALITY b (block, n) WHERE block LIKE '<p>%' ORDER BY n LIMIT 1), '')
		FROM live_articles a JOIN versions v ON v.article_id = a.id AND v.number = a.live_version`)
	if err != nil {
		r.Fatal(err)
	}
	for rows.Next() {
		var s realStory
		if err := rows.Scan(&s.path, &s.language, &s.headline, &s.body); err != nil {
			r.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// read looks at one article's page.
func (r *realReader) read(s realStory) {
	r.Helper()
	clean, ok := address.Clean(s.path)
	if !ok || clean != s.path || strings.ContainsFunc(s.path, func(c rune) bool { return c > utf8.RuneSelf }) || strings.Contains(s.path, "--") {
		r.Errorf("%q has the address %s", s.headline, s.path)
	}
	a := r.get(s.path)
	if a.StatusCode != http.StatusOK {
		r.Errorf("GET %s = %d", s.path, a.StatusCode)
		return
	}
	if err := balanced(a.body); err != nil {
		r.Errorf("%s: %v", s.path, err)
	}
	doc := parsed(r, a.body)
	r.languages[s.language]++
	r.headlines = append(r.headlines, textOf(doc, "h1"))
	if got := attribute(doc, "article.article", "lang"); got != s.language {
		r.Errorf("%s has lang %q, want %q", s.path, got, s.language)
	}
	turned := ""
	if page.Direction(s.language) == "rtl" {
		turned = "rtl"
	}
	for _, at := range []string{"article.article > header", "#body"} {
		if got := attribute(doc, at, "dir"); got != turned {
			r.Errorf("%s: %s has dir %q, want %q", s.path, at, got, turned)
		}
	}
	r.described(s, attribute(doc, "meta[name=description]", "content"))
}

func (r *realReader) described(s realStory, said string) {
	r.Helper()
	part, cut := strings.CutSuffix(said, "…")
	whole, _, _ := strings.Cut(strings.TrimSpace(markup.Text(s.body)), "\n")
	switch {
	case said == "" || !utf8.ValidString(said):
		r.Errorf("%s is described as %q", s.path, said)
	case cut && strings.HasPrefix(whole, part):
		r.cut = append(r.cut, cutText{part, whole})
	}
}

func (r *realReader) cuts() string {
	b, err := json.Marshal(r.cut)
	if err != nil {
		r.Fatal(err)
	}
	return string(b)
}

// listed follows the list of everything to its end.
func (r *realReader) listed(want int) {
	r.Helper()
	seen := 0
	for n, path := 1, "/page/2"; path != ""; n++ {
		doc := parsed(r, r.get(path).body)
		if n == 1 {
			seen = 20 // those of the first page, which is the front
		}
		for _, row := range cascadia.QueryAll(doc, cascadia.MustCompile("article.row")) {
			seen++
			if strings.TrimSpace(nodeText(row)) == "" {
				r.Errorf("%s shows an empty row", path)
			}
		}
		path = attribute(doc, "a[rel=next]", "href")
	}
	if seen < want {
		r.Errorf("the lists show %d articles, want %d", seen, want)
	}
}

// feed insists that a feed can be read to its end.
func (r *realReader) feed(path string) {
	r.Helper()
	a := r.get(path)
	if a.StatusCode != http.StatusOK || !utf8.ValidString(a.body) {
		r.Errorf("GET %s = %d", path, a.StatusCode)
	}
	if strings.HasSuffix(path, ".json") {
		if !json.Valid([]byte(a.body)) {
			r.Errorf("%s is no JSON", path)
		}
		return
	}
	for dec := xml.NewDecoder(strings.NewReader(a.body)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			r.Errorf("%s: %v", path, err)
			return
		}
	}
}

func parsed(t testing.TB, body string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func attribute(doc *html.Node, selector, name string) string {
	n := cascadia.Query(doc, cascadia.MustCompile(selector))
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(doc *html.Node, selector string) string {
	n := cascadia.Query(doc, cascadia.MustCompile(selector))
	if n == nil {
		return ""
	}
	return nodeText(n)
}

func nodeText(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(nodeText(c))
	}
	return b.String()
}

// void are the elements that have no end.
var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// balanced says where a page ends an element that isn't open, or leaves one open.
func balanced(body string) error {
	var open []string
	z := html.NewTokenizer(strings.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				return z.Err()
			}
			if len(open) > 0 {
				return fmt.Errorf("%v is left open", open)
			}
			return nil
		case html.StartTagToken:
			if name, _ := z.TagName(); !slices.Contains(void, string(name)) {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				return fmt.Errorf("</%s> ends within %v", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}
