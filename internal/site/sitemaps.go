package site

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
)

// A news sitemap holds what is at most two days old, 1,000 articles.
const (
	newsMost = 1000
	newsAge  = 48 * time.Hour
)

// sitemaps are what crawlers read first.
type sitemaps struct{ *face }

func (s *sitemaps) routes(r chi.Router) {
	r.Get("/sitemap.xml", s.handle(s.all))
	r.Get("/sitemap-news.xml", s.handle(s.news))
	r.Get("/robots.txt", s.handle(s.robots))
	r.Get("/.well-known/security.txt", s.handle(s.security))
}

type urlSet struct {
	XMLName xml.Name     `xml:"urlset"`
	NS      string       `xml:"xmlns,attr"`
	News    string       `xml:"xmlns:news,attr,omitempty"`
	URLs    []sitemapURL `xml:"url"`
}

type sitemapURL struct {
	Loc     string       `xml:"loc"`
	Changed string       `xml:"lastmod,omitempty"`
	News    *sitemapNews `xml:"news:news"`
}

type sitemapNews struct {
	Name      string `xml:"news:publication>news:name"`
	Language  string `xml:"news:publication>news:language"`
	Published string `xml:"news:publication_date"`
	Title     string `xml:"news:title"`
}

type sitemapIndex struct {
	XMLName xml.Name     `xml:"sitemapindex"`
	NS      string       `xml:"xmlns,attr"`
	Maps    []sitemapURL `xml:"sitemap"`
}

const sitemapNS = "http://www.sitemaps.org/schemas/sitemap/0.9"

// all is the sitemap, or where a site has more than one part, an index of them: ?after=ID is the part that begins after an id. What isn't an
// article stands in the first.
func (s *sitemaps) all(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	after, err := q.Int("after")
	if err != nil {
		return err
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	if !q.Has("after") {
		parts, err := s.Articles.LiveSitemapParts(v.ctx)
		if err != nil {
			return err
		}
		if len(parts) > 1 || len(parts) == 1 && parts[0] > 0 {
			return s.index(w, r, v, parts)
		}
	}
	if after < 0 || after%article.SitemapPart != 0 {
		return fault.NotFound
	}
	entries, err := s.Articles.LiveSitemap(v.ctx, after)
	if err != nil {
		return err
	}
	if after > 0 && len(entries) == 0 {
		return fault.NotFound
	}
	set := urlSet{NS: sitemapNS}
	page.Tags(w, article.SitemapTag(after), "sitemap")
	if after == 0 {
		page.Tags(w, "front")
		set.URLs = append(set.URLs, sitemapURL{Loc: v.base + "/"})
		for _, c := range v.tree.All() {
			set.URLs = append(set.URLs, sitemapURL{Loc: v.abs(c.Path)})
		}
	}
	for _, e := range entries {
		set.URLs = append(set.URLs, sitemapURL{Loc: v.abs(e.Path), Changed: e.ChangedAt.UTC().Format(time.RFC3339)})
	}
	return s.write(w, r, set)
}

// index names the parts, the first of them in any case.
func (s *sitemaps) index(w http.ResponseWriter, r *http.Request, v *visit, parts []int64) error {
	out := sitemapIndex{NS: sitemapNS}
	if parts[0] > 0 {
		parts = append([]int64{0}, parts...)
	}
	for _, after := range parts {
		out.Maps = append(out.Maps, sitemapURL{Loc: v.base + "/sitemap.xml?after=" + strconv.FormatInt(after, 10)})
	}
	page.Tags(w, "front", "sitemap")
	return s.write(w, r, out)
}

func (s *sitemaps) write(w http.ResponseWriter, r *http.Request, doc any) error {
	body, err := asXML(doc)
	if err != nil {
		return fmt.Errorf("write sitemap: %w", err)
	}
	page.Public(w)
	page.Send(w, r, "application/xml; charset=utf-8", body)
	return nil
}

func (s *sitemaps) news(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	entries, err := s.Articles.LiveNews(v.ctx, s.Now().Add(-newsAge), newsMost)
	if err != nil {
		return err
	}
	set := urlSet{NS: sitemapNS, News: "http://www.google.com/schemas/sitemap-news/0.9"}
	for _, e := range entries {
		set.URLs = append(set.URLs, sitemapURL{Loc: v.abs(e.Path), News: &sitemapNews{v.is.Title, e.Language, e.FirstPublicAt.UTC().Format(time.RFC3339), e.Headline}})
	}
	page.Tags(w, "front", "sitemap")
	return s.write(w, r, set)
}

// robots keeps crawlers out of what is endless, private or the same again.
func (s *sitemaps) robots(w http.ResponseWriter, r *http.Request) error {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, path := range []string{"/newsroom", "/search", "/comments/", "/*/reply/", "/*/since/"} {
		b.WriteString("Disallow: " + path + "\n")
	}
	b.WriteString("\nSitemap: " + s.base + "/sitemap.xml\nSitemap: " + s.base + "/sitemap-news.xml\n")
	page.Public(w)
	page.Tags(w, "settings")
	page.Send(w, r, "text/plain; charset=utf-8", []byte(b.String()))
	return nil
}

// security tells finders of holes where to write (RFC 9116). It holds for half a year and says so by the month.
func (s *sitemaps) security(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	if v.is.ContactEmail == "" {
		return fault.NotFound
	}
	now := s.Now().UTC()
	until := time.Date(now.Year(), now.Month()+7, 1, 0, 0, 0, 0, time.UTC)
	body := "Contact: mailto:" + v.is.ContactEmail + "\nExpires: " + until.Format(time.RFC3339) + "\nCanonical: " + s.base + "/.well-known/security.txt\nPreferred-Languages: " + v.is.Language + "\n"
	page.Public(w)
	page.Tags(w, "settings")
	page.Send(w, r, "text/plain; charset=utf-8", []byte(body))
	return nil
}
