package site

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/page"
)

// The kinds of feeds, as Content-Type and as <link type>.
const (
	kindRSS  = "application/rss+xml"
	kindAtom = "application/atom+xml"
	kindJSON = "application/feed+json"
)

// feedItems is how many articles a feed holds.
const feedItems = 30

// feed is what a feed of any kind says.
type feed struct {
	Title, About, Lang string
	Page, Self         string // absolute
	Updated            time.Time
	Items              []feedItem
}

// feedItem is one entry. GUID stays the same when the address changes.
type feedItem struct {
	GUID, URL, Title, Lang string
	Summary, HTML          string
	Authors, Categories    []string
	Published, Updated     time.Time
	Image                  string
}

// feeds answers every feed.
type feeds struct{ *face }

func (f *feeds) routes(r chi.Router) {
	for path, kind := range feedPaths {
		r.Get("/"+path, f.handle(func(w http.ResponseWriter, r *http.Request) error { return f.site(w, r, kind) }))
	}
	r.Get("/feed", f.handle(func(w http.ResponseWriter, r *http.Request) error { return moved(w, r, "/feed/") }))
	r.Get("/feed/atom", f.handle(func(w http.ResponseWriter, r *http.Request) error { return moved(w, r, "/feed/atom/") }))
}

// feedPaths are the feeds below a list's address.
var feedPaths = map[string]string{"feed/": kindRSS, "feed/atom/": kindAtom, "feed.json": kindJSON}

// feedsOf names the feeds below a list's address.
func feedsOf(title, path string) []page.Feed {
	at := href(path)
	return []page.Feed{{Title: title, Kind: kindRSS, URL: at + "feed/"}, {Title: title, Kind: kindAtom, URL: at + "feed/atom/"}, {Title: title, Kind: kindJSON, URL: at + "feed.json"}}
}

// isFeed reports whether the rest of an address asks for one of its feeds.
func isFeed(rest []string) bool {
	return len(rest) == 1 && (rest[0] == "feed" || rest[0] == "feed.json") || len(rest) == 2 && rest[0] == "feed" && rest[1] == "atom"
}

// write sends a feed in the kind asked for.
func (f *feeds) write(w http.ResponseWriter, r *http.Request, kind string, out feed) error {
	for _, i := range out.Items {
		if i.Updated.After(out.Updated) {
			out.Updated = i.Updated
		}
	}
	if out.About == "" {
		out.About = out.Title // RSS wants a description
	}
	render := map[string]func(feed) ([]byte, error){kindRSS: rss, kindAtom: atom, kindJSON: jsonFeed}[kind]
	body, err := render(out)
	if err != nil {
		return fmt.Errorf("write feed: %w", err)
	}
	page.Public(w)
	page.Tags(w, "settings")
	page.Send(w, r, kind+"; charset=utf-8", body)
	return nil
}

func (f *feeds) site(w http.ResponseWriter, r *http.Request, kind string) error {
	v, err := f.visit(r)
	if err != nil {
		return err
	}
	items, err := v.feedItems(article.ListIn{Limit: feedItems})
	if err != nil {
		return err
	}
	page.Tags(w, "front")
	v.tagPictures(w)
	return f.write(w, r, kind, feed{Title: v.is.Title, About: v.is.Description, Lang: v.is.Language, Page: v.base + "/", Self: v.abs(r.URL.Path), Items: items})
}

// list is a feed of a category, an author or a tag.
func (f *feeds) list(w http.ResponseWriter, r *http.Request, at place) error {
	v, err := f.visit(r)
	if err != nil {
		return err
	}
	out := feed{Lang: v.is.Language, Page: v.abs(at.at), Self: v.abs(r.URL.Path)}
	in := article.ListIn{Limit: feedItems}
	switch {
	case at.Category != 0:
		c, ok := v.tree.ByID(at.Category)
		if !ok {
			return fault.NotFound
		}
		out.Title, out.About, in.Categories = c.Name, c.Description, v.tree.Subtree(c.ID)
		for _, id := range in.Categories {
			page.Tags(w, categoryTag(id))
		}
	case at.Author != 0:
		a, err := f.Authors.LiveByID(v.ctx, at.Author)
		if err != nil {
			return err
		}
		out.Title, out.About, in.Author = a.Name, plainText(a.Biography), a.ID
		page.Tags(w, authorTag(a.ID))
	default:
		t, err := f.Taxonomy.LiveTag(v.ctx, at.Tag)
		if err != nil {
			return err
		}
		out.Title, in.Tag = t.Name, t.ID
		page.Tags(w, "tag:"+strconv.FormatInt(t.ID, 10))
	}
	out.Title = page.T("window.title", out.Title, v.is.Title)
	if out.Items, err = v.feedItems(in); err != nil {
		return err
	}
	v.tagPictures(w)
	kind := kindRSS
	switch {
	case at.rest[0] == "feed.json":
		kind = kindJSON
	case len(at.rest) == 2:
		kind = kindAtom
	}
	return f.write(w, r, kind, out)
}

// feedItems reads the articles of a feed with their full text.
func (v *visit) feedItems(in article.ListIn) ([]feedItem, error) {
	found, err := v.Articles.LiveFeed(v.ctx, in)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, i := range found {
		ids = append(ids, i.ImageID)
		ids = append(ids, markup.MediaIDs(asBlocks(i.Content.Body))...)
	}
	ps, err := v.pictures(ids...)
	if err != nil {
		return nil, err
	}
	out := make([]feedItem, len(found))
	for i := range found {
		out[i] = v.feedItem(&found[i], ps)
	}
	return out, nil
}

func (v *visit) feedItem(i *article.FeedItem, ps pictures) feedItem {
	item := feedItem{GUID: i.GUID, URL: v.abs(i.Path), Title: i.Headline, Lang: i.Language, Summary: i.Standfirst, Published: i.FirstPublicAt, Updated: i.FirstPublicAt,
		Categories: slices.Clone(i.Content.Tags)}
	if item.GUID == "" {
		item.GUID = v.guid(i.ID, i.FirstPublicAt)
	}
	if i.UpdatedAt != nil {
		item.Updated = *i.UpdatedAt
	}
	if c, ok := v.tree.ByID(i.CategoryID); ok {
		item.Categories = append([]string{c.Name}, item.Categories...)
	}
	for _, b := range i.Content.Bylines {
		item.Authors = append(item.Authors, b.Text)
	}
	if im := ps.image(i.ImageID, "", spot{}); im != nil {
		item.Image = v.base + im.Src
	}
	item.HTML = markup.Feed(asBlocks(i.Content.Body), v.inFeed(i.Path), ps.find, ps.file)
	return item
}

func asBlocks(body []string) []markup.Block {
	out := make([]markup.Block, len(body))
	for i, html := range body {
		out[i].HTML = html
	}
	return out
}

// inFeed makes addresses within an article absolute, as a feed is read away from it.
func (v *visit) inFeed(path string) func(string) string {
	return func(to string) string {
		if to != "" && to[0] == '#' {
			return v.abs(path) + to
		}
		return v.base + to
	}
}

// guid names an article for good, whatever becomes of its address (RFC 4151).
func (v *visit) guid(id int64, first time.Time) string {
	return "tag:" + v.BaseURL.Hostname() + "," + first.UTC().Format(time.DateOnly) + ":article/" + strconv.FormatInt(id, 10)
}

// updates is the feed of an article's notices, newest first.
func (f *feeds) updates(w http.ResponseWriter, r *http.Request, l *article.Live) error {
	v, err := f.visit(r)
	if err != nil {
		return err
	}
	ps, err := v.noticePictures(l)
	if err != nil {
		return err
	}
	out := feed{Title: page.T("feed.updates", l.Content.Headline), About: l.Content.Standfirst, Lang: l.Content.Language, Page: v.abs(l.Path), Self: v.abs(r.URL.Path),
		Updated: published(l)}
	for _, n := range slices.Backward(l.Notices()) {
		item := feedItem{GUID: fmt.Sprintf("%s/%d", v.guid(l.ID, l.FirstPublicAt), n.Number), URL: v.abs(l.Path) + anchor(n.Number), Published: n.At, Updated: n.At,
			Title: page.T("feed.notice", kind(n.Kind), l.Content.Headline), Summary: excerpt(noticeText(n.HTML), 300), HTML: markup.Feed([]markup.Block{{HTML: n.HTML}}, v.inFeed(l.Path), ps.find, ps.file)}
		if n.AmendedAt != nil {
			item.Updated = *n.AmendedAt
		}
		out.Items = append(out.Items, item)
	}
	v.tagPictures(w)
	page.Tags(w, articleTag(l.ID))
	return f.write(w, r, kindRSS, out)
}

// comments is the feed of an article's comments, newest first.
func (f *feeds) comments(w http.ResponseWriter, r *http.Request, l *article.Live) error {
	v, err := f.visit(r)
	if err != nil {
		return err
	}
	latest, err := f.Comments.LiveLatest(v.ctx, l.ID, 50)
	if err != nil {
		return err
	}
	out := feed{Title: page.T("feed.comments", l.Content.Headline), Lang: l.Content.Language, Page: v.abs(l.Path) + "#comments", Self: v.abs(r.URL.Path), Updated: published(l)}
	for _, c := range latest {
		out.Items = append(out.Items, feedItem{GUID: fmt.Sprintf("%s/comment/%d", v.guid(l.ID, l.FirstPublicAt), c.ID), URL: v.base + below(l.Path, fmt.Sprintf("comments/%d", c.ID)),
			Title: page.T("feed.comment", c.Name), Authors: []string{c.Name}, Published: c.PostedAt, Updated: c.PostedAt,
			Summary: excerpt(markup.PlainComment(c.Body), 300), HTML: string(markup.CommentHTML(c.Body))})
	}
	page.Tags(w, articleTag(l.ID), commentsTag(l.ID))
	return f.write(w, r, kindRSS, out)
}
