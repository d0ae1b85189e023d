package site

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
)

// TestSeenIsSmall keeps what remembers a reader's visits at one kilobyte.
func TestSeenIsSmall(t *testing.T) {
	js, err := os.ReadFile("../../web/static/seen.js")
	if err != nil || len(js) > 1<<10 {
		t.Errorf("seen.js weighs %d bytes, %v", len(js), err)
	}
}

// TestMinorMovesNoDate makes a minor edit an hour after publication: no page, list, feed, sitemap or structured data tells of it as an update.
func TestMinorMovesNoDate(t *testing.T) {
	h := newHouse(t)
	c := h.category(0, "Science")
	id, path := h.publish(article.Draft{Headline: "Stands", Body: "<p>At 21:14 the lamp came on.</p>", Category: c.Slug})
	tell := func() map[string]string {
		out := map[string]string{}
		p := h.get(path).want(200)
		out["dates"] = p.text(".dates")
		for _, s := range p.all(`script[type="application/ld+json"]`) {
			if _, rest, found := strings.Cut(s.FirstChild.Data, `"dateModified":"`); found {
				out["dateModified"], _, _ = strings.Cut(rest, `"`)
			}
		}
		for _, m := range p.all(`meta[property="article:modified_time"]`) {
			out["modified_time"] = m.Attr[1].Val
		}
		out["front"], out["list"] = h.get("/").want(200).text("main .byline"), h.get(c.Path).want(200).text(".row")
		for _, at := range []string{"/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml", path + "updates.xml"} {
			var dates []string
			for _, word := range strings.FieldsFunc(h.get(at).Body.String(), func(r rune) bool { return strings.ContainsRune(`<>"`, r) }) {
				if strings.Contains(word, "2026") && strings.Contains(word, ":") && !strings.Contains(word, "/2026/") {
					dates = append(dates, word)
				}
			}
			out[at] = strings.Join(slices.Compact(dates), " ")
		}
		return out
	}
	before := tell()
	h.now = h.now.Add(time.Hour)
	e, err := h.articles.Edit(h.ctx, h.editor, id)
	h.must(err)
	e.Draft.Body = "<p>At 21:15 the lamp came on.</p>"
	_, err = h.articles.Save(h.ctx, h.editor, id, article.SaveIn{Draft: e.Draft, Base: e.Head})
	h.must(err)
	h.release(id, article.PublishIn{Kind: article.Minor})
	for what, is := range tell() {
		if is != before[what] {
			t.Errorf("after a minor edit %s says %q, was %q", what, is, before[what])
		}
	}
	h.now = h.now.Add(time.Hour)
	h.append(id, article.Update, "<p>Out again.</p>", false)
	after := tell()
	for _, what := range []string{"dates", "dateModified", "/feed/atom/"} {
		if after[what] == before[what] {
			t.Errorf("after an update %s still says %q", what, after[what])
		}
	}
}

// TestReadingBadInput asks for versions, additions and comment pages that aren't there.
func TestReadingBadInput(t *testing.T) {
	h := newHouse(t)
	_, path := h.publish(article.Draft{Headline: "Stands", Body: "<p>Words.</p>"})
	for _, below := range []string{"v/0", "v/-1", "v/01", "v/1e1", "v/1000000000", "v/99999999999999999999", "v/", "v/1/2", "since/x", "since/-1", "since/01", "since/2", "since/1000000000",
		"since/99999999999999999999", "comment-page-0/", "comment-page--1/", "comment-page-1000000000/", "comment-page-x/", "history/1"} {
		if got := h.get(path + below).Code; got != 404 && got != 301 {
			t.Errorf("%s answers %d, want 404", below, got)
		}
	}
	h.get(path+"since/0").want(200).header("Cache-Control", "public, max-age=0, s-maxage=60, stale-while-revalidate=60, stale-if-error=86400")
	h.get(path+"since/1").want(200).holds(`data-number="1"`, "!data-live", "!notice")
}
