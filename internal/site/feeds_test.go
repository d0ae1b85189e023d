package site

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/settings"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares body with testdata/name. Keys of pictures are random and stand as KEY.
func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	body = regexp.MustCompile(`/media/[a-z2-7]{26}/`).ReplaceAll(body, []byte("/media/KEY/"))
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(body, want) {
		t.Errorf("%s differs (run the test with -update and look at the change):\n%s", name, body)
	}
}

func TestFeedsAndSitemaps(t *testing.T) {
	h := newHouse(t)
	c := h.category(0, "Foreign affairs")
	a := h.author("Maren Okafor-Lind")
	id, path := h.publish(article.Draft{Headline: "Two countries ]]> & <one> light", Standfirst: "Each lights the other’s ships home & <img src=x onerror=alert(1)>.",
		Body:     `<p>See <a href="#p-x">below</a> and <a href="/corrections/">corrections</a>. ` + "\u2028" + `</p><figure><img data-media="` + fmt.Sprint(h.picture("A lamp")) + `" alt="A lamp"></figure>`,
		Category: c.Slug, Tags: []string{"Straits"}, Authors: []string{a.Slug}, Image: h.picture("Dusk"), ImageAlt: "Dusk"})
	h.now = h.now.Add(time.Hour)
	h.publish(article.Draft{Headline: "خطُّ البرق", Body: "<p>عند الفجر</p>", Language: "ar", Category: c.Slug})
	h.now = h.now.Add(time.Hour)
	h.append(id, article.Correction, "<p>It is 41, not 14.</p>", false)
	h.draft(article.KindArticle, article.Draft{Headline: "Not public", Body: "<p>x</p>"})

	for path, name := range map[string]string{
		"/feed/": "site.rss", "/feed/atom/": "site.atom", "/feed.json": "site.json", c.Path + "feed/": "category.rss", "/corrections/feed/": "corrections.rss",
		path + "updates.xml": "updates.rss", "/sitemap.xml": "sitemap.xml", "/sitemap-news.xml": "sitemap-news.xml", "/robots.txt": "robots.txt", "/.well-known/security.txt": "security.txt",
	} {
		p := h.get(path).want(200).within(5)
		golden(t, name, p.Body.Bytes())
		switch filepath.Ext(name) {
		case ".json":
			var v any
			h.must(json.Unmarshal(p.Body.Bytes(), &v))
		case ".txt":
		default:
			wellFormed(t, name, p.Body.Bytes())
		}
		if p.Header().Get("ETag") == "" || p.Header().Get("Cache-Control") == "" {
			t.Errorf("%s: headers %v", path, p.Header())
		}
	}
	h.settle(func(s *settings.Settings) { s.ContactEmail = "" })
	h.get("/.well-known/security.txt").want(404)
	h.get("/sitemap.xml?after=x").want(400)
	h.get("/sitemap.xml?after=999999").want(404)
}

func wellFormed(t *testing.T, name string, body []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := d.Token(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Errorf("%s: %v", name, err)
			}
			return
		}
	}
}

func TestFaults(t *testing.T) {
	h := newHouse(t)
	_, path := h.publish(article.Draft{Headline: "x", Body: "<p>x</p>"})
	h.get("/nothing/").want(404).header("Cache-Control", "public, max-age=0, s-maxage=60, stale-while-revalidate=60, stale-if-error=86400")
	h.get("/search?q=%zz").want(400).header("Cache-Control", "no-store").shows("h1", "This request can’t be read")

	// The database goes away: the site says so, and knows nothing it would have to read.
	h.site.Classify = func(err error) error { return fmt.Errorf("%w: %w", fault.Unavailable, err) }
	h.db.Reader.Close()
	h.get(path).want(503).header("Retry-After", "5").header("Cache-Control", "no-store").shows("h1", "Back in a moment")
	h.site.Classify = func(err error) error { return err }
	h.get(path).want(500).header("Cache-Control", "no-store").shows("h1", "Something broke here").holds("!closed pool")
	r, err := http.NewRequest(http.MethodPut, path, nil)
	h.must(err)
	if w := h.do(r); w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusInternalServerError {
		t.Errorf("PUT = %d", w.Code)
	}
}

// Nothing that is sent to an address may break it: the answer is a page or a 4xx.
func TestHostileAddresses(t *testing.T) {
	h := newHouse(t)
	c := h.category(0, "Science")
	_, path := h.publish(article.Draft{Headline: "x", Body: "<p>x</p>", Category: c.Slug})
	for _, bad := range []string{"%00", "%ff%fe", "%C0%80", "%zz", strings.Repeat("a", 3000), "-1", "0", "4294967296", "99999999999999999999", "1e9", "%27%3B--", "%E2%80%AE", "%3Cscript%3E",
		"..%2f..%2f", "%5C", "%0d%0aX:y", "%EF%BF%BD", "\xf0\x28"} {
		for _, at := range []string{"/search?q=", "/search?q=x&from=", "/search?q=x&to=", "/search?q=x&category=", "/search?q=x&author=", "/search?q=x&sort=", "/search?q=x&page=", "/page/", "/category/",
			"/author/", "/tag/", "/2026/", "/2026/06/", "/2026/06/16/page/", "/", "/?p=", "/?before=", path + "v/", path + "comments/", path + "comment-page-", path + "since/", path + "reply/",
			path + "?comments=", "/comments/", c.Path + "page/", c.Path + "?before=", "/corrections/?before=", "/sitemap.xml?after="} {
			raw, query, _ := strings.Cut(at+bad, "?")
			decoded, err := url.PathUnescape(raw)
			if err != nil {
				continue // net/http answers 400 before the program sees it
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.URL = &url.URL{Path: decoded, RawPath: raw, RawQuery: query}
			if got := h.do(r); got.Code >= 500 {
				t.Errorf("GET %.100s = %d", at+bad, got.Code)
			}
		}
	}
}
