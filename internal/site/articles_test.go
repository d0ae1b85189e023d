package site

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/media"
	"stet/internal/settings"
)

func TestArticle(t *testing.T) {
	h := newHouse(t)
	foreign := h.category(0, "Foreign affairs")
	h.category(foreign.ID, "Borders")
	a := h.author("Maren Okafor-Lind")
	h.publish(article.Draft{Headline: "An older story", Body: "<p>Old.</p>", Category: foreign.Slug})
	h.now = h.now.Add(time.Hour)
	id, path := h.publish(article.Draft{Headline: "Two countries <that> do not speak", Standfirst: "Each lights the other’s ships home.", Dateline: "Cape Ore", Label: "analysis",
		Body: "<p>At 21:14 the lamp came on.</p><h2>A clause</h2>", Category: foreign.Slug, Tags: []string{"Tarsin Strait"}, Authors: []string{a.Slug, "Ivo Castellan"},
		Image: h.picture("Dusk"), ImageAlt: "Dusk over a strait", ImageCaption: "Cape Ore", ImageCredit: "Ama Tolland"})
	if want := "/2026/06/two-countries-that-do-not-speak/"; path != want {
		t.Fatalf("published at %s, want %s", path, want)
	}
	before := h.get(path).want(200).text("#body")
	h.now = h.now.Add(time.Hour)
	n := h.append(id, article.Update, "<p>Kest answered.</p>", false)
	if n != 2 {
		t.Fatalf("the update has number %d, want 2", n)
	}

	p := h.get(path).want(200).within(6)
	p.shows("h1", "Two countries <that> do not speak").
		shows(".head .kicker a", "Foreign affairs").
		shows(".head .kicker .label", "Analysis").
		shows(".head .standfirst", "Each lights the other’s ships home.").
		shows(".head .byline", "By Maren Okafor-Lind and Ivo Castellan, Cape Ore").
		shows(`.head .byline a[rel="author"]`, "Maren Okafor-Lind").
		shows(".dates > time", "16 June 2026, 12:40").
		shows(".dates a.label.update", "Updated 13:40").
		shows("figure.picture figcaption", "Cape Ore Ama Tolland").
		shows("#body p", "At 21:14 the lamp came on.").
		shows(`section#update-2[data-kind="update"] h2`, "Update").
		shows("section#update-2 .prose", "Kest answered.").
		shows(".stands", "The text above stands as published at 12:40.").
		shows(".record li .label", "Published | Update").
		shows("#written-by h3 a", "Maren Okafor-Lind").
		shows("#more h3", "An older story").
		shows(`a[rel="tag"]`, "Tarsin Strait").
		shows("#comments h2", "No comments yet").
		shows("#respond h3", "Leave a Reply").
		shows(".connect > span", "Connect with us").
		shows(`nav.sections [aria-current="page"]`, "Foreign affairs")
	if got := p.text("#body"); got != before {
		t.Errorf("an update changed the body: %q, was %q", got, before)
	}
	if got := len(p.all(`article[data-version="2"]`)); got != 1 {
		t.Errorf("%d articles with data-version 2, want 1", got)
	}
	p.holds(`rel="canonical" href="https://margin.example`+path, `"@type":"NewsArticle"`[:8], `"AnalysisNewsArticle"`, `"BreadcrumbList"`, `og:title`,
		`https://margin.example/media/`, `placeholder="Hi, what are you looking for?"`, "!Set-Cookie", "!style=", "!newsroom").
		header("Cache-Control", "public, max-age=0, s-maxage=60, stale-while-revalidate=60, stale-if-error=86400")
	for _, script := range p.all(`script[type="application/ld+json"]`) {
		var v map[string]any
		if err := json.Unmarshal([]byte(script.FirstChild.Data), &v); err != nil || v["@context"] != "https://schema.org" {
			t.Errorf("structured data %q: %v", script.FirstChild.Data, err)
		}
	}
	for _, tag := range []string{"article:", "category:", "author:", "settings"} {
		if !strings.Contains(p.Header().Get("Surrogate-Key"), tag) {
			t.Errorf("Surrogate-Key = %q, want a tag %s…", p.Header().Get("Surrogate-Key"), tag)
		}
	}

	h.get(path+"updates.xml").want(200).holds("<title>Update: Two countries &lt;that&gt; do not speak</title>", "#update-2", "Kest answered.")
	h.get(path+"since/1").want(200).shows("section.notice h2", "Update").holds("!<html")
	h.get(path + "since/2").want(200).holds("!notice")
}

func TestArticleAddresses(t *testing.T) {
	h := newHouse(t)
	c := h.category(0, "Science")
	id, path := h.publish(article.Draft{Headline: "Die Straße", Body: "<p>a</p>", Category: c.Slug, Language: "de"})
	e, err := h.articles.Edit(h.ctx, h.editor, id)
	h.must(err)
	e.Draft.Slug = "der-weg"
	_, err = h.articles.Save(h.ctx, h.editor, id, article.SaveIn{Draft: e.Draft, Base: e.Head})
	h.must(err)
	now := h.release(id, article.PublishIn{Kind: article.Minor})
	for from, to := range map[string]string{
		path:                          now,
		strings.TrimSuffix(path, "/"): now,
		strings.TrimSuffix(now, "/"):  now,
		path + "history":              now + "history",
		now + "history/":              now + "history",
		now + "feed":                  now + "feed/",
		now + "v/1/":                  now + "v/1",
		now + "comment-page-1/":       now,
		c.Path[:len(c.Path)-1]:        c.Path,
		c.Path + "page/1":             c.Path,
		c.Path + "feed":               c.Path + "feed/",
		"/2026":                       "/2026/",
		"/2026/06":                    "/2026/06/",
		"/2026/06/page/1":             "/2026/06/",
		"/page/1":                     "/",
		"/corrections":                "/corrections/",
		"/feed":                       "/feed/",
	} {
		h.get(from).want(301, to)
	}
	h.get(now+"edit").want(303, "/newsroom/articles/"+strings.TrimPrefix(articleTag(id), "article:"))
	for _, path := range []string{"/nothing/", now + "nothing", now + "v/9", now + "v/0", now + "v/x", now + "comment-page-7/", now + "comments/99", now + "reply/99", now + "since/x",
		"/2026/13/", "/2026/02/30/", "/1999/", c.Path + "page/9", c.Path + "page/x", "/page/0", "/page/7", "/%2e%2e/etc/passwd", "/%00", "/%ff", now[:len(now)-1] + "%2fhistory",
		"//evil.example/", "/a//b", "/wp-login.php", "/\\evil.example"} {
		h.get(path).want(404)
	}
	h.get("/nothing-stands-here/").shows("h1", "Nothing stands here").holds(`value="nothing stands here"`).header("Surrogate-Key", "front settings path:/nothing-stands-here")
}

func TestVersionsAndHistory(t *testing.T) {
	h := newHouse(t)
	id, path := h.publish(article.Draft{Headline: "The strait", Body: "<p>It is 14 kilometres wide.</p>"})
	e, err := h.articles.Edit(h.ctx, h.editor, id)
	h.must(err)
	e.Draft.Body = "<p>It is 41 kilometres wide.</p>"
	_, err = h.articles.Save(h.ctx, h.editor, id, article.SaveIn{Draft: e.Draft, Base: e.Head})
	h.must(err)
	h.now = h.now.Add(time.Hour)
	h.release(id, article.PublishIn{Kind: article.Correction, Notice: "<p>We had written 14.</p>", Pinned: true})

	h.get(path).want(200).shows("#body p", "It is 41 kilometres wide.").shows(".pinned #update-2 h2", "Correction").
		shows(".stands", "The text above stands as published at 11:40, but for what changed at 12:40.").holds(`"CorrectionComment"`, "We had written 14.")
	v1 := h.get(path+"v/1").want(200).shows("#body p", "It is 14 kilometres wide.").shows(".live b", "This is version 1 of the article.").
		holds(`content="noindex"`, `rel="canonical" href="https://margin.example`+path+`"`, "!respond", "!We had written 14")
	if got := len(v1.all(`article[data-version="1"]`)); got != 1 {
		t.Errorf("%d articles with data-version 1, want 1", got)
	}
	h.get(path+"history").want(200).shows(".ledger h2", "Correction | Published").shows("h1", "The strait").
		shows(".head .standfirst", "Published once, corrected once.").within(4).
		shows(".diff p", "It is 14 41 kilometres wide. | 0 paragraphs unchanged").shows(".diff del", "14").shows(".diff ins", "41")
	h.get("/corrections/").want(200).shows(".ledger h2", "Correction").shows(".ledger h3", "The strait").within(4)
	h.get("/corrections/feed/").want(200).holds("Correction: The strait", "We had written 14.")
	h.get("/").want(200).shows(".entries h3", "We had written 14.")
}

func TestGone(t *testing.T) {
	h := newHouse(t)
	id, path := h.publish(article.Draft{Headline: "Taken back", Body: "<p>MARKER-BODY</p>"})
	h.must(h.articles.Withdraw(h.ctx, h.editor, id, "<p>Two of three ledgers were copies.</p>"))
	for _, at := range []string{path, path + "v/1", path + "history", path + "feed/"} {
		h.get(at).want(410).holds("Two of three ledgers were copies.", "!MARKER-BODY", "!Taken back")
	}
	h.must(h.articles.Restore(h.ctx, h.editor, id, ""))
	h.get(path).want(200).holds("MARKER-BODY")
	h.must(h.articles.Withhold(h.ctx, h.editor, id, []int{1}, "By order of a court."))
	h.get(path).want(451).holds("By order of a court.", "!MARKER-BODY")
}

// Nothing that isn't public may be seen at any address, nor told apart from what never was.
func TestHiddenAndMissingAreAlike(t *testing.T) {
	h := newHouse(t)
	c := h.category(0, "Culture")
	h.publish(article.Draft{Headline: "Public", Body: "<p>x</p>", Category: c.Slug})
	h.draft(article.KindArticle, article.Draft{Headline: "MARKER-DRAFT", Slug: "marker", Body: "<p>MARKER-DRAFT</p>", Category: c.Slug, Tags: []string{"MARKER-DRAFT"}})
	at := h.now.Add(time.Hour)
	id, _ := h.draft(article.KindArticle, article.Draft{Headline: "MARKER-SCHEDULED", Body: "<p>MARKER-SCHEDULED</p>", Category: c.Slug})
	e, err := h.articles.Edit(h.ctx, h.editor, id)
	h.must(err)
	_, err = h.articles.Publish(h.ctx, h.editor, id, article.PublishIn{Revision: e.Head, At: &at})
	h.must(err)
	for _, path := range []string{"/", "/page/1", c.Path, c.Path + "feed/", "/2026/", "/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml", "/sitemap-news.xml", "/search?q=MARKER",
		"/search?q=marker-draft", "/2026/06/marker/", "/2026/06/marker-scheduled/", "/tag/marker-draft/", "/corrections/"} {
		body := h.get(path).Body.String()
		for _, marker := range []string{"MARKER-SCHEDULED", ">MARKER-DRAFT"} {
			if strings.Contains(body, marker) {
				t.Errorf("GET %s shows %s", path, marker)
			}
		}
	}
	hidden := h.get("/2026/06/marker/").want(404).Body.String()
	missing := h.get("/2026/06/nobody/").want(404).Body.String()
	if strings.ReplaceAll(hidden, "marker", "nobody") != missing {
		t.Error("a draft's address and one that never was answer differently")
	}
}

func TestStaticPageAndTongues(t *testing.T) {
	h := newHouse(t)
	id, _ := h.draft(article.KindPage, article.Draft{Headline: "About us", Slug: "about", Body: "<p>We write.</p>"})
	path := h.release(id, article.PublishIn{})
	h.get(path).want(200).shows("h1", "About us").shows("#body p", "We write.").holds("!respond", "!Written by", "!record-h").within(6)
	h.get("/").holds("!We write.")

	_, path = h.publish(article.Draft{Headline: "خطُّ البرق", Body: "<p>عند الفجر</p>", Language: "ar", Authors: []string{"ليلى صرّاف"}})
	p := h.get(path).want(200)
	for _, selector := range []string{`article.article[lang="ar"]`, `article .head[dir="rtl"]`, `#body[dir="rtl"]`, `.dates[lang="en"][dir="ltr"]`, `html[lang="en"][dir="ltr"]`} {
		if len(p.all(selector)) != 1 {
			t.Errorf("%s: no %s", path, selector)
		}
	}
	h.settle(func(s *settings.Settings) { s.Language = "ar" })
	p = h.get(path).want(200).holds("يونيو")
	if len(p.all(`html[lang="ar"][dir="rtl"]`)) != 1 {
		t.Error("an Arabic site doesn't run from the right")
	}
}

func TestShortAddressesOfOldSites(t *testing.T) {
	h := newHouse(t)
	tx, err := h.db.App.Begin(h.ctx)
	h.must(err)
	defer tx.Rollback(h.ctx) //nolint:errcheck // a no-op after the commit
	_, err = h.articles.ImportTx(h.ctx, tx, h.editor, article.Imported{Draft: article.Draft{Headline: "Old", Body: "<p>x</p>", Language: "en", Label: "news", Comments: "default"}, Kind: article.KindArticle,
		Status: "published", Path: "/2007/11/old-post.html", Aliases: []string{"/?p=12"}, ClaimedAt: h.now.AddDate(-19, 0, 0), GUID: "http://old.example/?p=12"})
	h.must(err)
	h.must(tx.Commit(h.ctx))
	h.get("/?p=12").want(301, "/2007/11/old-post.html")
	h.get("/2007/11/old-post.html/").want(301, "/2007/11/old-post.html")
	h.get("/2007/11/old-post.html").want(200).shows("h1", "Old").shows(".dates > time", "16 June 2007, 11:40")
	h.get("/2007/11/old-post.html/history").want(200)
	h.get("/?p=13").want(404)
	h.get("/?p=x").want(200)
	h.get("/feed/").holds(`<guid isPermaLink="false">http://old.example/?p=12</guid>`)
}

func TestPreview(t *testing.T) {
	h := newHouse(t)
	c := h.category(0, "Science")
	id, _ := h.draft(article.KindArticle, article.Draft{Headline: "Not yet", Body: "<p>DRAFT</p>", Category: c.Slug, Image: h.picture("Dusk"), ImageAlt: "Dusk"})
	l, err := h.articles.Preview(h.ctx, h.editor, id)
	h.must(err)
	h.site.Drafts = func(ctx context.Context, ids []int64) (map[int64]media.Media, error) {
		return media.ByIDs(ctx, h.db.App, ids)
	}
	w := httptest.NewRecorder()
	h.must(h.site.Preview(w, httptest.NewRequestWithContext(h.ctx, http.MethodGet, "/newsroom/articles/1/preview", nil), l))
	p := &answer{ResponseRecorder: w, t: t, what: "preview"}
	p.want(200).shows("h1", "Not yet").shows("#body p", "DRAFT").header("Cache-Control", "private, no-store").header("Referrer-Policy", "no-referrer").header("Surrogate-Key", "").
		holds(`content="noindex"`, "/media/", "!respond", "!canonical", "!ld+json")
}
