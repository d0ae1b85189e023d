package site

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"stet/internal/article"
	"stet/internal/markup"
	"stet/internal/page"
)

// correctionKinds are what the corrections page gathers.
var correctionKinds = []string{article.Correction, article.Clarification, article.Retraction}

// corrections is the page of everything that was put right, with its feeds.
type corrections struct {
	*face
	feeds *feeds
}

func (c *corrections) routes(r chi.Router) {
	r.Get("/corrections/", c.handle(c.show))
	r.Get("/corrections", c.handle(func(w http.ResponseWriter, r *http.Request) error { return moved(w, r, "/corrections/") }))
	for path, kind := range feedPaths {
		r.Get("/corrections/"+path, c.handle(func(w http.ResponseWriter, r *http.Request) error { return c.feed(w, r, kind) }))
		if strings.HasSuffix(path, "/") {
			to := "/corrections/" + path
			r.Get(strings.TrimSuffix(to, "/"), c.handle(func(w http.ResponseWriter, r *http.Request) error { return moved(w, r, to) }))
		}
	}
}

func (c *corrections) show(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	v, err := c.visit(r)
	if err != nil {
		return err
	}
	before := q.Text("before")
	rows, next, err := c.Articles.LiveRecord(v.ctx, correctionKinds, before, perPage)
	if err != nil {
		return err
	}
	ps, err := v.pictures(recordCardMedia(rows)...)
	if err != nil {
		return err
	}
	p := correctionsPage{Base: v.page(page.T("corrections"), "/corrections/", 0), Feed: "/corrections/feed/"}
	about(&p.Base, page.T("corrections.about"))
	p.Feeds = feedsOf(page.T("corrections"), "/corrections/")
	tags := []string{"corrections"}
	var ids []int64
	for i := range rows {
		ids = append(ids, rows[i].ID)
	}
	if err := v.Credits.LiveCredits(&v.credits, ids...).Run(v.ctx); err != nil {
		return err
	}
	for i := range rows {
		p.Entries = append(p.Entries, v.correction(&rows[i], ps))
	}
	if before != "" {
		p.Robots = "noindex"
	}
	if next != "" {
		p.Pages = &pages{Older: "?before=" + url.QueryEscape(next), OlderText: page.T("pages.older")}
	}
	v.public(w, tags...)
	return c.tmpl.corrections.Write(w, r, http.StatusOK, p)
}

func recordCardMedia(rows []article.RecordCard) []int64 {
	var blocks []markup.Block
	for i := range rows {
		blocks = append(blocks, markup.Block{HTML: rows[i].Notice})
	}
	return markup.MediaIDs(blocks)
}

func (v *visit) correction(c *article.RecordCard, ps pictures) notice {
	at := href(c.Path) + anchor(c.Number)
	n := notice{ID: fmt.Sprintf("article-%d-%d", c.ID, c.Number), Kind: c.Row, Label: kind(c.Row), At: v.clock.When(c.At), Self: at,
		Said: page.T("notice.number", c.Number), HTML: v.render(ps).HTML(c.Notice), Link: &page.Link{URL: at, Text: c.Headline, Lang: c.Language}}
	n.Credited, n.Credits = v.credited(c.ID, c.Number, c.Path)
	text, home := v.foreign(c.Language)
	if text != nil && text.Dir != home.Dir {
		n.Turned = text
	}
	return n
}

func (c *corrections) feed(w http.ResponseWriter, r *http.Request, kindOf string) error {
	v, err := c.visit(r)
	if err != nil {
		return err
	}
	rows, _, err := c.Articles.LiveRecord(v.ctx, correctionKinds, "", feedItems)
	if err != nil {
		return err
	}
	ps, err := v.pictures(recordCardMedia(rows)...)
	if err != nil {
		return err
	}
	out := feed{Title: page.T("window.title", page.T("corrections"), v.is.Title), About: page.T("corrections.about"), Lang: v.is.Language, Page: v.abs("/corrections/"),
		Self: v.abs(r.URL.Path)}
	for i := range rows {
		row := &rows[i]
		out.Items = append(out.Items, feedItem{GUID: v.guid(row.ID, row.FirstPublicAt) + "/" + strconv.Itoa(row.Number), URL: v.abs(row.Path) + anchor(row.Number),
			Title: page.T("feed.notice", kind(row.Row), row.Headline), Lang: row.Language, Published: row.At, Updated: row.At,
			Summary: excerpt(noticeText(row.Notice), 300), HTML: markup.Feed([]markup.Block{{HTML: row.Notice}}, v.inFeed(row.Path), ps.find, ps.file)})
	}
	page.Tags(w, "corrections")
	v.tagPictures(w)
	return c.feeds.write(w, r, kindOf, out)
}
