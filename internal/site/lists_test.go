package site

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/comment"
)

func TestFront(t *testing.T) {
	h := newHouse(t)
	h.get("/").want(200).shows("h1", "The Margin").holds("Nothing has been published yet.")
	foreign, science := h.category(0, "Foreign affairs"), h.category(0, "Science")
	borders := h.category(foreign.ID, "Borders")
	pic := h.picture("x")
	for i := range 14 {
		h.now = h.now.Add(time.Hour)
		d := article.Draft{Headline: fmt.Sprintf("Story %d", i), Body: "<p>x</p>", Category: science.Slug}
		if i%2 == 0 {
			d.Category, d.Image, d.ImageAlt = borders.Slug, pic, "A picture"
		}
		h.publish(d)
	}
	p := h.get("/").want(200).within(6).shows("h1", "The Margin").
		shows(".package > .first h2", "Story 13").
		shows(".package > .story:not(.first) h3", "Story 12 | Story 11 | Story 10").
		shows("#latest li:first-child a", "Story 13").
		shows(".band h2:first-child a", "Foreign affairs | Science").
		shows(".stories.split h3", "Story 8 | Story 6 | Story 4 | Story 2").
		shows(".within a", "Borders").
		header("Surrogate-Key", "front corrections settings media:1")
	if got := len(p.all("h1, h2, h3")); got < 10 {
		t.Errorf("the front has %d headlines, want 10 or more", got)
	}
	if got := len(p.all("#latest li")); got != frontLatest {
		t.Errorf("Latest has %d lines, want %d", got, frontLatest)
	}
	tag := p.Header().Get("ETag")
	r := h.get("/")
	if r.Header().Get("ETag") != tag {
		t.Error("the same front has two ETags")
	}
}

func TestListsArePaged(t *testing.T) {
	h := newHouse(t)
	c := h.category(0, "Science")
	child := h.category(c.ID, "Sky")
	a := h.author("Seo Yun-ha")
	for i := range perPage + 2 {
		h.now = h.now.Add(time.Minute)
		h.publish(article.Draft{Headline: fmt.Sprintf("Story %02d", i), Body: "<p>x</p>", Category: child.Slug, Authors: []string{a.Slug}, Tags: []string{"Night"}})
	}
	for path, heading := range map[string]string{c.Path: "Science", child.Path: "Sky", a.Path(): "Seo Yun-ha", "/tag/night/": "Night", "/2026/": "2026", "/2026/06/": "June 2026", "/2026/06/16/": "Tuesday, 16 June 2026"} {
		p := h.get(path).want(200).within(4).shows("h1", heading).shows(`.pages a[rel="next"]`, "Older")
		if got := len(p.all(".row")); got != perPage {
			t.Errorf("%s has %d rows, want %d", path, got, perPage)
		}
		p.holds(`rel="next" href="https://margin.example` + path + `page/2"`)
		h.get(path+"page/2").want(200).within(4).shows(".row h2", "Story 01 | Story 00").shows(".pages", "Page 2 Newer").holds(`rel="canonical" href="https://margin.example` + path + `page/2"`)
		h.get(path + "page/3").want(404)
		if path == a.Path() || strings.HasPrefix(path, "/2026") {
			continue
		}
		h.get(path+"feed/").want(200).holds("Story 21").header("Content-Type", "application/rss+xml; charset=utf-8")
		h.get(path+"feed/atom/").want(200).holds("Story 21").header("Content-Type", "application/atom+xml; charset=utf-8")
		h.get(path+"feed.json").want(200).holds("Story 21").header("Content-Type", "application/feed+json; charset=utf-8")
	}
	h.get(c.Path).shows(".within.across a", "Sky | Feed").shows(".head .standfirst", "About Science.").shows(".row:first-child .kicker", "Sky")
	h.get(child.Path).shows(".head .kicker", "Science")
	h.get(a.Path()).shows(".head .kicker", "Reporter").shows(".head .prose", "Seo Yun-ha writes here.").holds(`"@type":"Person"`, `class="portrait"`)
	h.get("/page/2").want(200).shows(".row h2", "Story 01 | Story 00")
	h.get("/2026/05/").want(404)
	h.get("/2025/").want(404)
	h.get(c.Path + "page/201").want(404)
	h.get(c.Path + "?before=!!!").want(400)
	h.get(c.Path + "?before=" + strings.Repeat("A", 100)).want(400)
	h.get(c.Path + "?utm_source=x&y=%41").want(200)
	h.get(c.Path + "?utm_source=%zz").want(400)
	h.get(c.Path + "?q=%00").want(400)
	h.get(c.Path + "?q=" + strings.Repeat("a", 5000)).want(400)
}

func TestSearch(t *testing.T) {
	h := newHouse(t)
	c, other := h.category(0, "Science"), h.category(0, "Ideas")
	a := h.author("Ivo Castellan")
	h.publish(article.Draft{Headline: "Why the old tide tables were right", Body: "<p>A clerk’s pencilled correction of 1888 was struck out by computers.</p>", Category: c.Slug, Authors: []string{a.Slug}})
	h.now = h.now.Add(time.Hour)
	h.publish(article.Draft{Headline: "A public clock is a promise", Body: "<p>Unlike a tide, it must be wound by a clerk.</p>", Category: other.Slug})
	h.get("/search").want(200).holds("!Narrow down").shows(".ask label", "Hi, what are you looking for?")
	p := h.get("/search?q=clerk").want(200).shows(".found", "2 articles with clerk").holds("<mark>clerk</mark>").within(4)
	if got := len(p.all(".row")); got != 2 {
		t.Errorf("%d rows, want 2", got)
	}
	h.get("/search?q=clerk&category=science").shows(".row h3", "Why the old tide tables were right").shows(`.facets [aria-current="true"]`, "Science (chosen; follow to remove)")
	h.get("/search?q=clerk&author=ivo-castellan").shows(".row h3", "Why the old tide tables were right")
	h.get("/search?q=clerk&sort=newest").shows(".row:first-child h3", "A public clock is a promise")
	h.get("/search?q=clerk&from=2026-06-17").shows(".found", "No article has clerk.")
	h.get("/search?q=clerk&to=2026-06-16").shows(".found", "2 articles with clerk")
	h.get("/search?q=clerk&category=gone").want(200).shows(".found", "No article has clerk.")
	h.get("/search?q="+url.QueryEscape(`<script>alert(1)</script>`)).want(200).holds("!<script>alert", "&lt;script&gt;")
	h.get("/search/?q=clerk").want(301, "/search?q=clerk")
	for _, q := range []string{"q=" + strings.Repeat("a", 201), "q=%00", "q=%ff", "q=a&sort=worst", "q=a&from=yesterday", "q=a&to=2026-02-31", "q=a&page=x", "q=a&page=101", "q=%zz"} {
		h.get("/search?" + q).want(400)
	}
	h.get("/search?q=" + url.QueryEscape(`"unclosed & | ! :* (`)).want(200)
}

func TestComments(t *testing.T) {
	h := newHouse(t)
	id, path := h.publish(article.Draft{Headline: "The strait", Body: "<p>x</p>"})
	form := url.Values{"name": {"Ilse"}, "email": {"ilse@example.org"}, "body": {"Fourteen kilometres\r\ncannot be right.\r\n\r\nSecond."}, "version": {"1"}}
	sent := h.post(path+"comments", form).want(303)
	receipt := sent.Header().Get("Location")
	if !strings.HasPrefix(receipt, "/comments/") {
		t.Fatalf("receipt at %q", receipt)
	}
	h.post(path+"comments", form).want(303, receipt)
	p := h.get(receipt).want(200).shows("h1", "Your comment is waiting to be read").shows("textarea", "Fourteen kilometres cannot be right. Second.").
		header("Cache-Control", "private, no-store").header("Referrer-Policy", "no-referrer").header("X-Robots-Tag", "noindex").holds("!ilse@example.org")
	if len(p.all(`main[data-status="pending"]`)) != 1 {
		t.Error("the receipt has no data-status pending")
	}
	h.get(path).holds("!Fourteen")

	h.post(receipt, url.Values{"act": {"edit"}, "body": {"It is 41."}}).want(303, receipt)
	h.get(receipt).shows("textarea", "It is 41.")
	h.post(receipt, url.Values{"act": {"edit"}, "body": {" "}}).want(422).shows(".error", "Please write something.")
	h.post(receipt, url.Values{"act": {"dance"}}).want(400)
	h.get(receipt+"A").want(404).header("Cache-Control", "private, no-store").header("Referrer-Policy", "no-referrer")
	token := strings.TrimPrefix(receipt, "/comments/")
	r, err := h.comments.ByToken(h.ctx, token)
	h.must(err)
	h.must(h.comments.Decide(h.ctx, h.editor, comment.Pick{ID: r.ID}, comment.Approve, ""))
	first := fmt.Sprint(r.ID)
	h.get(receipt).shows("h1", "Your comment is published").holds(`href="` + path + `comments/` + first + `"`)
	h.get(path).want(200).shows("#comments h2", "1 comment").shows("#comment-"+first+" b", "Ilse").shows("#comment-"+first+" > p", "It is 41.").within(6).holds("!ilse@example.org")
	h.get(path+"comments/"+first).want(302, path+"#comment-"+first)
	h.append(id, article.Correction, "<p>It is 41.</p>", false)
	h.get(path).shows("#comment-"+first+" .before", "Written before the 11:40 correction")

	reply := h.get(path+"reply/"+first).want(200).shows("#comment-"+first+" b", "Ilse").holds(`name="parent" value="`+first+`"`, "noindex")
	reply.header("Cache-Control", "private, no-store")
	second := h.say(id, "Maren", "You are right.", r.ID)
	third := h.say(id, "Tomasz", "Seconded.", second)
	h.say(id, "Hanne", "Then let it stand.", third)
	nested := h.get(path).want(200)
	for _, selector := range []string{".thread > li > ol > li > ol > li > ol > li .comment"} {
		if len(nested.all(selector)) != 1 {
			t.Errorf("no comment at %s", selector)
		}
	}
	h.get(path+"?comments=newest").want(200).shows(`.sort [aria-current="true"]`, "Newest").holds("noindex")
	h.get(path + "?comments=best").want(400)
	h.get(path+"feed/").want(200).holds("Comment by Hanne", "Then let it stand.", "!example.org")

	h.post(receipt, url.Values{"act": {"delete"}}).want(303, receipt)
	h.get(receipt).want(200).shows("h1", "Your comment is deleted").holds("!It is 41", "!Ilse")
	h.get(path).holds("Answers a comment that was deleted.", "!Ilse")
	h.get("/comments/" + strings.Repeat("a", len(token))).want(404)
}

func TestCommentFormFaults(t *testing.T) {
	h := newHouse(t)
	_, path := h.publish(article.Draft{Headline: "The strait", Body: "<p>x</p>"})
	good := func(change func(url.Values)) url.Values {
		f := url.Values{"name": {"Ilse"}, "email": {"ilse@example.org"}, "body": {"MY WORDS"}, "version": {"1"}}
		change(f)
		return f
	}
	h.post(path+"comments", good(func(f url.Values) { f.Set("email", "ilse@") })).want(422).
		shows("#e-email", "This isn’t a complete e-mail address, such as name@example.org.").shows("textarea", "MY WORDS").holds(`value="ilse@"`, `value="Ilse"`, `aria-invalid="true"`)
	h.post(path+"comments", good(func(f url.Values) { f.Set("name", " ") })).want(422).shows("#e-name", "Please give a name to sign with.").shows("textarea", "MY WORDS")
	h.post(path+"comments", good(func(f url.Values) { f.Set("body", "") })).want(422).shows("#e-body", "Please write something.")
	h.post(path+"comments", good(func(f url.Values) { f.Set("parent", "99") })).want(422).shows("textarea", "MY WORDS")
	for want, change := range map[int]func(url.Values){
		400: func(f url.Values) { f.Set("body", "a\x00b") },
		413: func(f url.Values) { f.Set("body", strings.Repeat("a", 70_000)) },
	} {
		h.post(path+"comments", good(change)).want(want)
	}
	h.post(path+"comments", good(func(f url.Values) { f.Set("version", "x") })).want(400)
	h.post(path+"comments", good(func(f url.Values) { f.Set("parent", "-1") })).want(400)
	h.post(path+"comments", good(func(f url.Values) { f.Set("name", "\xff") })).want(400)
	h.post(path, good(func(url.Values) {})).want(405)
	h.post("/nothing/comments", good(func(url.Values) {})).want(404)
	many := good(func(url.Values) {})
	for i := range 1001 {
		many.Set(fmt.Sprint("f", i), "")
	}
	h.post(path+"comments", many).want(413)

	var fast *answer
	for i := range 8 {
		fast = h.post(path+"comments", good(func(f url.Values) { f.Set("body", fmt.Sprint("MY WORDS ", i)) }))
	}
	fast.want(429).shows("textarea", "MY WORDS 7")
	if fast.Header().Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	}

	id, closed := h.publish(article.Draft{Headline: "Closed", Body: "<p>x</p>", Comments: "closed"})
	h.post(closed+"comments", good(func(url.Values) {})).want(403).holds("Comments on this article are closed.")
	h.get(closed).holds("!respond", "!Leave a Reply")
	_ = id
}
