package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/demo"
	"stet/internal/mailtest"
	"stet/internal/taxonomy"
)

// demoLooks are the pages of the demo newsroom, with an article of every kind that it lacks.
func demoLooks(p *proof) (*world, []look) {
	w := newWorld(p.T)
	w.demo()
	looks := []look{
		{route: "/", state: "the front", path: "/"},
		{route: "/", state: "behind the pages of the front", path: "/?before=zzz", status: http.StatusBadRequest},
		{route: "/page/{n}", state: "the second page", path: "/page/2"},
		{route: "/page/{n}/", state: "the second page, with a slash", path: "/page/2/", status: http.StatusMovedPermanently},
		{route: "/corrections/", state: "corrections", path: "/corrections/"},
		{route: "/corrections", state: "corrections without a slash", path: "/corrections", status: http.StatusMovedPermanently},
		{route: nowhere, state: "nothing", path: "/the-lamp-at-cape-ore", status: http.StatusNotFound},
		{route: nowhere, state: "a malformed search", path: "/search?sort=random", status: http.StatusBadRequest},
		{route: nowhere, state: "a page that takes no form", path: "/about/", status: http.StatusMethodNotAllowed, form: url.Values{"a": {"b"}}},
	}
	looks = append(looks, feedLooks()...)
	looks = append(looks, w.searchLooks()...)
	looks = append(looks, w.listLooks()...)
	looks = append(looks, w.articleLooks()...)
	looks = append(looks, w.stateLooks()...)
	looks = append(looks, w.talkLooks()...)
	return w, looks
}

// demo fills the world's newsroom with the demo.
func (w *world) demo() {
	w.Helper()
	making, err := demo.Newsroom{Staff: w.app.Staff, Settings: w.app.Settings, Taxonomy: w.app.Taxonomy, Authors: w.app.Authors, Media: w.app.Media,
		Articles: w.app.Articles, Comments: w.app.Comments, Reports: w.app.Reports, Reads: w.app.Reads, Fronts: w.app.Fronts}.Begin(w.Context())
	if err == nil {
		_, err = making.Finish(w.Context(), time.Now(), func(int, int) {})
	}
	if err != nil {
		w.Fatal(err)
	}
}

// feedLooks are what no person reads as it is.
func feedLooks() []look {
	var out []look
	for _, path := range []string{"/feed/", "/feed/atom/", "/feed.json", "/corrections/feed/", "/corrections/feed/atom/", "/corrections/feed.json", "/card.png", "/robots.txt", "/sitemap.xml", "/sitemap-news.xml", "/.well-known/security.txt"} {
		out = append(out, look{route: path, state: "for machines", path: path})
	}
	for _, path := range []string{"/feed", "/feed/atom", "/corrections/feed", "/corrections/feed/atom", "/search/"} {
		out = append(out, look{route: path, state: "an address without its form", path: path, status: http.StatusMovedPermanently})
	}
	return out
}

func (w *world) searchLooks() []look {
	return []look{
		{route: "/search", state: "a search not begun", path: "/search"},
		{route: "/search", state: "one that finds nothing", path: "/search?q=zeppelin"},
		{route: "/search", state: "one that finds a few", path: "/search?q=lighthouse"},
		{route: "/search", state: "one that finds many", path: "/search?q=the"},
		{route: "/search", state: "its second page", path: "/search?q=the&page=2", like: true},
		{route: "/search", state: "one narrowed down", path: "/search?q=the&category=science&author=seo-yun-ha&from=2020-01-01&sort=newest"},
		{route: "/search", state: "signs", path: "/search?q=" + url.QueryEscape(`"<b>&'`) + "&from=2020-01-01&to=2020-01-02", like: true},
		{route: "/search", state: "Korean", path: "/search?q=" + url.QueryEscape("바다"), like: true},
	}
}

// listLooks are all lists: categories, authors and tags with much and with nothing in them, and times.
func (w *world) listLooks() []look {
	empty, err := w.app.Taxonomy.Create(w.Context(), w.people["admin"], taxonomy.CategoryIn{Name: "Nothing yet"})
	w.must(err)
	_, err = w.app.Authors.Create(w.Context(), w.people["admin"], author.In{Name: "Nobody Yet", Role: "Correspondent", Biography: "<p>Has not begun.</p>"})
	w.must(err)
	tree, err := w.app.Taxonomy.Tree(w.Context())
	w.must(err)
	authors, err := w.app.Authors.List(w.Context())
	w.must(err)
	tags, err := w.app.Taxonomy.Tags(w.Context(), "", "")
	w.must(err)
	var out []look
	add := func(kind, path string, like bool) {
		out = append(out, look{route: "LIST", state: kind, path: path, like: like})
	}
	for _, c := range tree.Subtree(0) {
		if one, ok := tree.ByID(c); ok {
			add("a category", one.Path, true)
		}
	}
	for _, c := range tree.Children(0) {
		add("a category", c.Path, c.Slug != "science" && c.ID != empty.ID)
	}
	for i, a := range authors {
		add("an author", a.Path(), i > 0 && a.Name != "Nobody Yet")
	}
	for i, t := range tags {
		add("a tag", t.Path(), i > 0)
	}
	science, tag := "/category/science/", tags[0].Path()
	for _, path := range []string{science, authors[0].Path(), tag} {
		for _, feed := range []string{"feed/", "feed/atom/", "feed.json"} {
			out = append(out, look{route: "LIST" + feed, state: "a feed", path: path + feed})
		}
	}
	out = append(out, look{route: "LISTpage/{n}", state: "a page past the end", path: science + "page/99", status: http.StatusNotFound, like: true})
	return append(out, timeLooks()...)
}

// timeLooks are the archives of this year, month and day.
func timeLooks() []look {
	const year, month, day = "/{y:[0-9]{4}}", "/{m:[0-9]{2}}", "/{d:[0-9]{2}}"
	now := time.Now().UTC()
	var out []look
	for route, layout := range map[string]string{year: "/2006", year + month: "/2006/01", year + month + day: "/2006/01/02"} {
		path := now.Format(layout)
		out = append(out, look{route: route + "/", state: "an archive", path: path + "/", like: route != year},
			look{route: route, state: "an archive without its slash", path: path, status: http.StatusMovedPermanently},
			look{route: route + "/page/{n}", state: "past the end of an archive", path: path + "/page/150", status: http.StatusNotFound, like: true},
			look{route: route + "/page/{n}/", state: "a page of an archive with a slash", path: path + "/page/2/", status: http.StatusMovedPermanently})
	}
	return out
}

// cards are the articles that are listed, at most a hundred.
func (w *world) cards() []article.Card {
	w.Helper()
	cards, _, err := article.NewReader(w.db.Reader).LiveList(w.Context(), article.ListIn{Limit: 100})
	w.must(err)
	return cards
}

// shown are the demo's articles that a browser looks at: each has something that the others don't.
var shown = []string{"two-countries-that-do-not-speak", "telegraph-line-that-nobody-cut", "four-hours-when-the-sea-gives-way", "the-embassy-that-became-a-library",
	"the-interpreters-strike", "why-the-old-tide-tables-were-right"}

// articleLooks are every article of the demo with its history, its versions and its other addresses, and the static pages.
func (w *world) articleLooks() []look {
	var out []look
	for _, c := range w.cards() {
		seen := false
		for _, slug := range shown {
			seen = seen || strings.Contains(c.Path, slug)
		}
		out = append(out, look{route: "ARTICLE", state: "an article", path: c.Path, like: !seen})
		out = append(out, below(c.Path, !strings.Contains(c.Path, shown[0]))...)
	}
	for _, path := range []string{"/about/", "/contact/", "/privacy/", "/how-we-correct/"} {
		out = append(out, look{route: "ARTICLE", state: "a page", path: path, like: path != "/about/"},
			look{route: "ARTICLEhistory", state: "a page's history", path: path + "history", like: path != "/about/"})
	}
	return out
}

// below are the addresses under an article's, with the numbers that it has for sure.
func below(path string, like bool) []look {
	return []look{
		{route: "ARTICLEhistory", state: "a history", path: path + "history", like: like},
		{route: "ARTICLEv/{n}", state: "the first version", path: path + "v/1", like: like},
		{route: "ARTICLEsince/{n}", state: "what was added", path: path + "since/0", like: true},
		{route: "ARTICLEreport", state: "a report of an error", path: path + "report?version=1&quote=At", like: like},
		{route: "ARTICLEfeed", state: "the comments' feed", path: path + "feed/"},
		{route: "ARTICLEupdates.xml", state: "the updates' feed", path: path + "updates.xml"},
		{route: "ARTICLEcard/{n}.png", state: "no picture of the headline", path: path + "card/9999.png", status: http.StatusNotFound, like: true},
		{route: "ARTICLE", state: "the newest comments first", path: path + "?comments=newest", like: true},
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// mailedLooks are the pages that only links in mails lead to.
func mailedLooks(p *proof) (*world, []look) {
	box := mailtest.New(p.T)
	w := mailWorld(p.T, box)
	v := w.visitor()
	id, path := w.published("The lamp", "<p>It came on.</p>")
	first := v.said(path, "name", "Ann", "email", "ann@reader.example", "body", "I saw it.", "notify", "1")
	w.approve(first, comment.Approve)
	w.later()
	confirm := w.own(box.Wait(1)[0])
	v.post(confirm, http.StatusSeeOther, "act", "confirm")
	w.approve(v.said(path, "name", "Ben", "email", "ben@reader.example", "body", "So did I.", "parent", strconv.FormatInt(first, 10)), comment.Approve)
	w.later()
	notice := w.own(box.Wait(2)[1])
	v.post("/comments/mine", http.StatusSeeOther, "email", "ann@reader.example")
	data := w.own(box.Wait(3)[2])
	const mailed = "/comments/mail/{token}"
	looks := []look{
		{route: "ARTICLE", state: "comments with mails about answers", path: path},
		{route: "ARTICLEreply/{n}", state: "an answer", path: fmt.Sprintf("%sreply/%d", path, first)},
		{route: "/comments/mine", state: "what is kept about me", path: "/comments/mine"},
		{route: "/comments/mine", state: "no address", path: "/comments/mine", form: form("email", "x"), status: http.StatusUnprocessableEntity},
		{route: mailed, state: "mails confirmed", path: confirm},
		{route: mailed, state: "mails to stop", path: notice},
		{route: mailed, state: "a copy or an erasure", path: data},
		{route: mailed, state: "an erasure that asks again", path: data, form: form("act", "erase"), status: http.StatusUnprocessableEntity},
		{route: mailed, state: "no such link", path: "/comments/mail/nothing", status: http.StatusNotFound, like: true},
	}
	return w, append(looks, w.receiptLooks(id)...)
}

// emptyLooks are the pages of a newsroom in which nothing was written yet.
func emptyLooks(p *proof) (*world, []look) {
	w := newWorld(p.T)
	return w, []look{
		{route: "/", state: "an empty front", path: "/"},
		{route: "/search", state: "a search in nothing", path: "/search?q=lamp"},
		{route: "/corrections/", state: "no corrections", path: "/corrections/"},
		{route: "/feed/", state: "an empty feed", path: "/feed/"},
		{route: "/sitemap.xml", state: "an empty sitemap", path: "/sitemap.xml"},
		{route: nowhere, state: "nothing in an empty newsroom", path: "/nothing", status: http.StatusNotFound},
	}
}
