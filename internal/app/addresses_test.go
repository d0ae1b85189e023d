package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"stet/internal/article"
	"stet/internal/seed"
	"stet/internal/staff"
)

// strangeNames are names of places that nobody has, or that somebody has in another spelling.
var strangeNames = []string{"", "0", "-1", "01", "1e3", "1000000000", "99999999999999999999", "٣", "一", "%31", "1.0", "+1", "1 ", " 1", "0x1", "1/2", "1;2", "NaN",
	"لا-شيء", "無い", "없음", "👩‍👩‍👧‍👦", "🇪🇪", "e\u0301", "\u00e9", "A", "a.", "a..", "...", "a/", "a//", "/a", "a%00", "a%2fb", "a%252fb", "%E0%A4%A", "%ff", "a\u202eb", "a\u200bb",
	"a b", "a+b", "a?", "a#b", "a&b=c", "<b>", "'", "\"", "\\", strings.Repeat("a", 2000), strings.Repeat("猫", 700), strings.Repeat("a/", 1000), strings.Repeat("%41", 600)}

// TestEveryStrangeAddress asks for every paged list, archive and place by names that nobody has. Each answer is a whole page with its status, a
// 4xx, or one redirect to a page.
func TestEveryStrangeAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := seed.Run(t.Context(), seed.Newsroom{Staff: w.app.Staff, Settings: w.app.Settings, Taxonomy: w.app.Taxonomy, Authors: w.app.Authors, Media: w.app.Media, Articles: w.app.Articles,
		Comments: w.app.Comments}, seed.Options{Articles: 25, Authors: 1, Categories: 1}, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	_, path := w.published("Bare", "")
	category, author, tag := w.text(`SELECT path FROM categories LIMIT 1`), w.text(`SELECT '/author/' || slug || '/' FROM authors LIMIT 1`), w.text(`SELECT '/tag/' || slug || '/' FROM tags LIMIT 1`)
	v := w.visitor()
	for _, list := range []string{"/", category, author, tag, "/2026/", "/2026/11/", "/2026/11/24/", "/corrections/", path} {
		for _, name := range strangeNames {
			for _, before := range []string{"page/", "?before=", "feed/", "?", "?page=", "?comments="} {
				v.asks(list + before + name)
			}
		}
	}
	for _, place := range []string{"/", "/category/", category, "/author/", author, "/tag/", tag, "/2026/11/", path, path + "v/", path + "since/", path + "comments/", path + "reply/", path + "comment-page-",
		"/comments/", "/search?q=", "/search?q=a&page=", "/search?q=a&category=", "/search?q=a&author=", "/search?q=a&from=", "/search?q=a&before=", "/?p=", "/?page_id=", "/feed/", "/media/", "/media/a/", "/static/", "/static/a/"} {
		for _, name := range strangeNames {
			v.asks(place + name)
		}
	}
	for _, date := range []string{"/0000/", "/0001/", "/9999/", "/2026/00/", "/2026/13/", "/2026/99/", "/2026/02/30/", "/2026/11/00/", "/2026/11/32/", "/2026/1/", "/26/11/", "/2026/11/24/25/", "/２０２６/", "/2026/11/24/page/2"} {
		if got := v.asks(date); got < 400 {
			t.Errorf("GET %s = %d, want a 4xx", date, got)
		}
	}
	v.asks("/search?q=" + url.QueryEscape(strings.Repeat("👩‍👩‍👧‍👦", 200)))
	v.asks("/search?q=" + url.QueryEscape(strings.Repeat("😀", 200)))
}

// asks wants a whole page, a 4xx with its page, or a redirect to one of these, and gives the first status.
func (v *visitor) asks(raw string) int {
	v.Helper()
	status, to := v.whole(raw)
	if status/100 == 3 {
		if next, further := v.whole(to); next/100 == 3 {
			v.Errorf("GET %.120q leads to %.120q, and that to %.120q", raw, to, further)
		}
	}
	return status
}

// whole asks for an address as it is written. What can't be written as a request's is none of ours.
func (v *visitor) whole(raw string) (status int, to string) {
	v.Helper()
	path, query, _ := strings.Cut(raw, "?")
	path, _, _ = strings.Cut(path, "#")
	decoded, err := url.PathUnescape(path)
	if err != nil || !strings.HasPrefix(path, "/") {
		return http.StatusBadRequest, ""
	}
	r := httptest.NewRequestWithContext(v.Context(), http.MethodGet, "/", nil)
	r.URL = &url.URL{Path: decoded, RawPath: path, RawQuery: query}
	r.Host = v.base().Host
	rec := httptest.NewRecorder()
	v.app.Handler().ServeHTTP(rec, r)
	body := rec.Body.String()
	switch {
	case rec.Code >= 500:
		v.Errorf("GET %.120q = %d", raw, rec.Code)
	case rec.Code/100 == 3:
		to := rec.Header().Get("Location")
		if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
			v.Errorf("GET %.120q leads to %q", raw, to)
		}
		return rec.Code, to
	case strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html"):
		if strings.TrimSpace(body) == "" || !strings.Contains(body, "</html>") && !strings.Contains(path, "/since/") {
			v.Errorf("GET %.120q = %d with a page of %d bytes", raw, rec.Code, len(body))
		}
		if err := balanced(body); err != nil {
			v.Errorf("GET %.120q = %d: %v", raw, rec.Code, err)
		}
	case body == "" && rec.Code != http.StatusNoContent:
		v.Errorf("GET %.120q = %d and nothing with it", raw, rec.Code)
	}
	return rec.Code, ""
}

// text is one value of the database.
func (w *world) text(sql string, args ...any) (s string) {
	w.Helper()
	if err := w.db.Super.QueryRow(w.Context(), sql, args...).Scan(&s); err != nil {
		w.Fatal(err)
	}
	return s
}

// strangeHeadlines are of one word, of no letter, or turn the direction of what follows.
var strangeHeadlines = map[string]bool{
	strings.Repeat("W", 300): true, strings.Repeat("ﷺ", 100): true, "😀🎉👩‍👩‍👧‍👦🇪🇪": true, "\u200f\u200eBoth ways": true, "e\u0301e\u0301": true, "<b>&amp;\"'": true, ".": true,
	"\u200b": false, "\u202eturned": false, "\u2066isolated\u2069": false, "null\x00": false, "One\nand another": false, "\u3164": false, "\xff": false, "   ": false, strings.Repeat("a", 1000): false,
}

// TestStrangeHeadlines publishes articles with headlines that are hard to set. Each has a page, a slug and a place in lists and feeds, or is refused
// at its field and nothing is kept of it.
func TestStrangeHeadlines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visitor()
	for headline, taken := range strangeHeadlines {
		id, err := w.app.Articles.Create(t.Context(), w.people[staff.Editor], article.KindArticle, "")
		if err != nil {
			t.Fatal(err)
		}
		saved, err := w.app.Articles.Save(t.Context(), w.people[staff.Editor], id, article.SaveIn{Draft: article.Draft{Headline: headline, Body: "<p>Text</p>"}, Base: 1})
		var p article.Outcome
		if err == nil {
			p, err = w.app.Articles.Publish(t.Context(), w.people[staff.Editor], id, article.PublishIn{Revision: saved.Number})
		}
		if (err == nil) != taken {
			t.Errorf("the headline %.40q: %v, want it taken: %v", headline, err, taken)
		}
		if err == nil && v.asks(p.Path) != http.StatusOK {
			t.Errorf("%.40q has no page at %q", headline, p.Path)
		}
		if err != nil && w.count(`SELECT count(*) FROM articles WHERE id = $1 AND public_state IS NOT NULL`, id) != 0 {
			t.Errorf("%.40q was refused and is public", headline)
		}
	}
	for _, at := range []string{"/", "/2026/11/", "/search?q=Text", "/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml", "/sitemap-news.xml"} {
		v.asks(at)
	}
	r := &realReader{visitor: v}
	for _, at := range []string{"/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml", "/sitemap-news.xml"} {
		r.feed(at)
	}
}
