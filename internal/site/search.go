package site

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
)

// maxSearch is the longest search, in characters; searchHits how many hits stand on a page.
const (
	maxSearch  = 200
	searchHits = 10
)

// searches looks through everything that is listed.
type searches struct{ *face }

func (s *searches) routes(r chi.Router) {
	r.Get("/search", s.handle(s.show))
	r.Get("/search/", s.handle(func(w http.ResponseWriter, r *http.Request) error {
		page.Public(w)
		http.Redirect(w, r, "/search?"+r.URL.RawQuery, http.StatusMovedPermanently)
		return nil
	}))
}

// query is a search as it stands in the address.
type query struct {
	q, category, author, from, to, sort string
	page                                int
}

var sorts = []string{"relevance", "newest", "oldest"}

// readQuery takes the parameters of a search. What is too long, no date, no order or no page is malformed.
func readQuery(r *http.Request) (query, error) {
	f, err := page.Query(r)
	if err != nil {
		return query{}, err
	}
	in := query{q: f.Text("q"), category: f.Text("category"), author: f.Text("author"), from: f.Text("from"), to: f.Text("to"), sort: f.Text("sort"), page: 1}
	for _, s := range []string{in.q, in.category, in.author} {
		if utf8.RuneCountInString(s) > maxSearch {
			return query{}, page.ErrMalformed
		}
	}
	for _, day := range []string{in.from, in.to} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return query{}, page.ErrMalformed
		}
	}
	known := in.sort == ""
	for _, s := range sorts {
		known = known || s == in.sort
	}
	if !known {
		return query{}, page.ErrMalformed
	}
	if n := f.Text("page"); n != "" {
		if in.page, err = number(n); err != nil || in.page > 100 {
			return query{}, page.ErrMalformed
		}
	}
	return in, nil
}

// url is the address of the search.
func (q query) url() string {
	v := url.Values{}
	for _, p := range []struct{ name, value string }{{"q", q.q}, {"category", q.category}, {"author", q.author}, {"from", q.from}, {"to", q.to}, {"sort", q.sort}} {
		if p.value != "" && p.value != "relevance" {
			v.Set(p.name, p.value)
		}
	}
	if q.page > 1 {
		v.Set("page", strconv.Itoa(q.page))
	}
	return "/search?" + v.Encode()
}

// with is the same search with a change, from its first page.
func (q query) with(change func(*query)) string {
	q.page = 1
	change(&q)
	return q.url()
}

func (s *searches) show(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r)
	if err != nil {
		return err
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	p := searchPage{Base: v.page(page.T("search"), "/search", 0), Ask: ask{q.q}}
	p.Asks, p.Robots = true, "noindex"
	if q.q != "" {
		if err := s.search(v, q, &p); err != nil {
			return err
		}
	}
	v.public(w, "front")
	return s.tmpl.search.Write(w, r, http.StatusOK, p)
}

// search runs the search and fills the page. A category or author that isn't there finds nothing.
func (s *searches) search(v *visit, q query, p *searchPage) error {
	p.Asked, p.Title = true, page.T("search.title", q.q)
	in, known, err := s.narrow(v, q)
	if err != nil {
		return err
	}
	var out article.SearchOut
	if known {
		if out, err = s.Articles.LiveSearch(v.ctx, in); err != nil {
			return err
		}
	}
	p.Found = foundText(out)
	for i := range out.Hits {
		h := v.story(&out.Hits[i].Card, nil)
		h.At, h.Comments = v.clock.Date(out.Hits[i].FirstPublicAt), 0
		for _, m := range out.Hits[i].Snippet {
			h.Found = append(h.Found, span{m.Text, m.Found})
		}
		p.Rows = append(p.Rows, h)
	}
	for _, sort := range sorts {
		u := q.with(func(q *query) { q.sort = sort })
		p.Orders = append(p.Orders, page.Link{URL: u, Text: page.T("order." + sort), Current: sort == q.sort || sort == sorts[0] && q.sort == ""})
	}
	p.Pages = searchPages(q, out)
	p.Facets = s.facets(v, q)
	p.Archive = "/" + v.Now().In(v.clock.Zone).Format("2006") + "/"
	return nil
}

// narrow turns the names in an address into what the search takes; known is false where one of them names nothing.
func (s *searches) narrow(v *visit, q query) (in article.SearchIn, known bool, err error) {
	in = article.SearchIn{Q: q.q, Language: v.is.Language, Sort: q.sort, Offset: (q.page - 1) * searchHits, Limit: searchHits}
	if in.Sort == "" {
		in.Sort = sorts[0]
	}
	if q.category != "" {
		c, ok := v.tree.BySlug(q.category)
		if !ok {
			return in, false, nil
		}
		in.Categories = v.tree.Subtree(c.ID)
	}
	if q.author != "" {
		a, err := s.Authors.LiveBySlug(v.ctx, q.author)
		if errors.Is(err, fault.NotFound) {
			return in, false, nil
		}
		if err != nil {
			return in, false, err
		}
		in.Author = a.ID
	}
	if q.from != "" {
		in.From, _ = time.ParseInLocation(time.DateOnly, q.from, v.clock.Zone) // its form was checked when it was read
	}
	if q.to != "" {
		day, _ := time.ParseInLocation(time.DateOnly, q.to, v.clock.Zone) // as above
		in.To = day.AddDate(0, 0, 1)
	}
	return in, true, nil
}

func foundText(out article.SearchOut) page.Halves {
	switch {
	case len(out.Hits) == 0:
		return page.Around("search.none")
	case out.Capped:
		return page.Cut(page.N("search.capped", out.Total))
	}
	return page.Cut(page.N("search.found", out.Total))
}

func searchPages(q query, out article.SearchOut) *pages {
	if q.page == 1 && !out.More {
		return nil
	}
	p := &pages{Text: page.T("pages.page", q.page), NewerText: page.T("pages.previous"), OlderText: page.T("pages.next")}
	at := q.page
	if at > 1 {
		q.page = at - 1
		p.Newer = q.url()
	}
	if out.More {
		q.page = at + 1
		p.Older = q.url()
	}
	return p
}

// facets are the ways to narrow a search down. One that is chosen already takes itself away.
func (s *searches) facets(v *visit, q query) facets {
	f := facets{Query: q.q, Category: q.category, Author: q.author, Sort: q.sort, From: q.from, To: q.to}
	for _, c := range v.tree.Children(0) {
		chosen := c.Slug == q.category
		to := c.Slug
		if chosen {
			to = ""
		}
		f.Categories = append(f.Categories, page.Link{URL: q.with(func(q *query) { q.category = to }), Text: c.Name, Current: chosen})
	}
	now := v.Now().In(v.clock.Zone)
	for _, d := range []struct{ from, key string }{{now.Format("2006-01") + "-01", "search.month"}, {now.Format("2006") + "-01-01", "search.year"}} {
		chosen := d.from == q.from
		to := d.from
		if chosen {
			to = ""
		}
		f.Dates = append(f.Dates, page.Link{URL: q.with(func(q *query) { q.from = to }), Text: page.T(d.key), Current: chosen})
	}
	if q.author != "" {
		f.Authors = []page.Link{{URL: q.with(func(q *query) { q.author = "" }), Text: q.author, Current: true}}
	}
	return f
}
