package site

import (
	"bytes"
	"fmt"
	pixels "image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/page"
	"stet/internal/poster"
	"stet/internal/reads"
	"stet/internal/settings"
)

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"

// visitAs asks as a program that sends these headers.
func (h *house) visitAs(method, path string, headers ...string) *answer {
	h.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	got := h.do(r)
	if id, ok := page.TakeRead(got.Header()); ok && reads.Counts(r, got.Code) { // what the server before the site does
		h.counter.Add(id)
	}
	return got
}

// reads flushes what was counted and gives the reads of an article.
func (h *house) reads(id int64) int64 {
	h.Helper()
	h.must(h.counter.Flush(h.ctx))
	kept := reads.New(h.db.App)
	kept.Now = func() time.Time { return h.now }
	f, err := kept.Figures(h.ctx, id, time.UTC)
	h.must(err)
	return f.Total
}

func TestReadsAreCounted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, path := h.publish(article.Draft{Headline: "The lamp", Body: "<p>Lit.</p>"})
	h.append(id, article.Update, "<p>Out.</p>", false)
	got := h.visitAs(http.MethodGet, path, "User-Agent", firefox).want(http.StatusOK).holds("!read.js")
	for _, c := range []struct {
		method, path string
		status       int
		headers      []string
	}{
		{http.MethodHead, path, 200, []string{"User-Agent", firefox}},
		{http.MethodGet, path, 200, []string{"User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}},
		{http.MethodGet, path, 200, nil},
		{http.MethodGet, path, 200, []string{"User-Agent", firefox, "Sec-Purpose", "prefetch"}},
		{http.MethodGet, path, 304, []string{"User-Agent", firefox, "If-None-Match", got.Header().Get("ETag")}},
		{http.MethodGet, path + "?comments=newest", 200, []string{"User-Agent", firefox}},
		{http.MethodGet, path + "history", 200, []string{"User-Agent", firefox}},
		{http.MethodGet, path + "v/1", 200, []string{"User-Agent", firefox}},
		{http.MethodGet, strings.TrimSuffix(path, "/"), 301, []string{"User-Agent", firefox}},
		{http.MethodPost, path + "read", 204, []string{"User-Agent", firefox}},
	} {
		h.visitAs(c.method, c.path, c.headers...).want(c.status)
	}
	if n := h.reads(id); n != 1 {
		t.Errorf("%d reads, want 1", n)
	}

	h.settle(func(s *settings.Settings) { s.ReadsBy = settings.ReadsByBeacon })
	h.visitAs(http.MethodGet, path, "User-Agent", firefox).want(http.StatusOK).holds("read.js")
	h.visitAs(http.MethodGet, path+"v/1", "User-Agent", firefox).want(http.StatusOK).holds("!read.js")
	for range beaconsEach + 5 {
		h.visitAs(http.MethodPost, path+"read", "User-Agent", firefox).want(http.StatusNoContent).header("Cache-Control", "private, no-store")
	}
	h.visitAs(http.MethodPost, path+"read", "User-Agent", "curl/8.0").want(http.StatusNoContent)
	h.visitAs(http.MethodPost, "/nowhere/read", "User-Agent", firefox).want(http.StatusNotFound)
	h.visitAs(http.MethodGet, path+"read", "User-Agent", firefox).want(http.StatusNotFound)
	if n := h.reads(id); n != 1+beaconsEach {
		t.Errorf("%d reads, want %d", n, 1+beaconsEach)
	}
	h.now = h.now.Add(time.Minute)
	h.visitAs(http.MethodPost, path+"read", "User-Agent", firefox)
	if n := h.reads(id); n != 2+beaconsEach {
		t.Errorf("a minute later %d reads, want %d", n, 2+beaconsEach)
	}
}

func TestMostRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var ids []int64
	for _, headline := range []string{"One", "Two", "Three", "Four", "Five", "Six"} {
		id, _ := h.publish(article.Draft{Headline: headline, Body: "<p>x</p>"})
		ids = append(ids, id)
	}
	h.get("/").want(http.StatusOK).shows("#s-read", "")
	kept := reads.New(h.db.App)
	h.must(kept.Add(h.ctx, []reads.Read{{Article: ids[0], At: h.now, N: 1}, {Article: ids[1], At: h.now.Add(-72 * time.Hour), N: 5}}))
	h.get("/").shows("[aria-labelledby=s-read] li", "Two | One").shows("[aria-labelledby=s-read] .small", "In the last seven days. Counted by this server, without cookies.")
	for i, id := range ids[1:] {
		h.must(kept.Add(h.ctx, []reads.Read{{Article: id, At: h.now.Add(-2 * time.Hour), N: int64(10 - i)}}))
	}
	h.settle(func(s *settings.Settings) { s.ReadsBy = settings.ReadsByBeacon })
	got := h.get("/").shows("[aria-labelledby=s-read] li", "Two | Three | Four | Five | Six").shows("[aria-labelledby=s-read] .small", "In the last 24 hours. Counted by readers’ browsers, without cookies.")
	got.within(6)
}

func TestWhatStandsAround(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	coast := h.category(0, "Coast")
	h.category(0, "Town")
	lights := h.category(coast.ID, "Lights")
	h.publish(article.Draft{Headline: "The lamp", Body: "<p>Lit.</p>", Category: lights.Slug})
	h.settle(func(s *settings.Settings) {
		s.Navigation = []settings.Entry{{URL: "/somewhere-old/", Category: coast.ID}, {Name: "Elsewhere", URL: "https://elsewhere.example/"}, {Name: "Found", URL: "/search"}}
		s.Footer = []settings.Column{{Title: "House", Links: []settings.Entry{{Name: "About us", URL: "/about/"}, {URL: "/x/", Category: lights.ID}}}}
		s.Imprint = "Margin Press, 1 Quay Street"
	})
	got := h.get(lights.Path).want(http.StatusOK)
	got.shows(".sections ul", "CoastElsewhereFoundCorrections").shows(".sections [aria-current]", "Coast").holds(`href="`+coast.Path+`"`, "!/somewhere-old/", "!accent.css", `href="https://elsewhere.example/"`)
	got.shows(".columns h2", "House | The record | Feeds | Connect with us").shows(".columns section:first-child a", "About us | Lights").holds("Margin Press, 1 Quay Street")
	h.settle(func(s *settings.Settings) { s.Navigation, s.Footer = nil, nil })
	h.get("/").want(http.StatusOK).shows(".sections ul", "CoastTownCorrections").shows(".title", "The Margin | The Margin")
}

func TestLogoAndAccent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	day, night := h.picture("Logo"), h.picture("Logo by night")
	h.settle(func(s *settings.Settings) { s.Logo, s.LogoNight, s.AccentDay = day, night, "#063" })
	got := h.get("/").want(http.StatusOK)
	if imgs := got.all("h1.title img.logo[alt='The Margin'][width][height]"); len(imgs) != 1 {
		t.Errorf("%d logos in the first heading", len(imgs))
	}
	if len(got.all("h1.title source[media='(prefers-color-scheme: dark)']")) != 1 {
		t.Error("no logo for dark paper")
	}
	got.holds(`/static/006633-f2857d/accent.css`)
	h.get("/nowhere/").want(http.StatusNotFound).holds("accent.css", `class="logo"`)
}

func TestBreakingLine(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, path := h.publish(article.Draft{Headline: "The lamp", Body: "<p>Lit.</p>"})
	until := h.now.Add(30 * time.Minute)
	_, err := h.settings.SetBreaking(h.ctx, 0, settings.Breaking{Text: "The lamp is out", URL: path, Until: until})
	h.must(err)
	h.source.Drop()
	for at, status := range map[string]int{"/": 200, path: 200, "/corrections/": 200, "/search?q=lamp": 200, "/nowhere/": 404, path + "history": 200, "/?comments=%zz": 400} {
		got := h.get(at).want(status).shows(".breaking", "Breaking The lamp is out")
		if status != http.StatusBadRequest && at != "/" { // which counts comments, and is good for a minute
			got.header("Stet-Fresh-Until", until.Format(time.RFC3339))
		}
	}
	h.now = until.Add(-time.Second)
	h.get("/").shows(".breaking a", "The lamp is out")
	h.now = until
	h.get("/").want(http.StatusOK).holds("!The lamp is out")
	got := h.get("/corrections/").want(http.StatusOK).holds("!The lamp is out")
	if at, ok := page.TakeFreshUntil(got.Header()); !ok || at.Before(h.now.Add(time.Hour)) {
		t.Errorf("fresh until %v once the line is gone", at)
	}
}

func TestSharePictures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, path := h.publish(article.Draft{Headline: "The lamp at Cape Ore is lit again", Body: "<p>Lit.</p>"})
	number := h.append(id, article.Update, "<p>Out.</p>", false)
	card := path + "card/" + strconv.Itoa(number) + ".png"
	got := h.get(path).want(http.StatusOK).holds(`<meta property="og:image" content="https://margin.example`+card+`">`, `content="summary_large_image"`,
		`<meta property="og:image:width" content="1200">`)
	got.within(6)
	png1 := h.isCard(h.get(card).want(http.StatusOK).header("X-Robots-Tag", "noindex").header("Content-Type", "image/png"))
	if tags := h.get(card).Header().Get("Surrogate-Key"); !strings.Contains(tags, articleTag(id)) || !strings.Contains(tags, "settings") {
		t.Errorf("tags %q", tags)
	}
	head := h.visitAs(http.MethodHead, card).want(http.StatusOK)
	if head.Body.Len() != 0 || head.Header().Get("Content-Length") != strconv.Itoa(len(png1)) {
		t.Errorf("HEAD: %d bytes, length %s of %d", head.Body.Len(), head.Header().Get("Content-Length"), len(png1))
	}
	h.get(path+"card/1.png").want(http.StatusMovedPermanently, card)
	for _, at := range []string{"card/99.png", "card/0.png", "card/-1.png", "card/x.png", "card/1.jpg", "card/", "card/01.png", "card/99999999999999999999.png"} {
		h.get(path + at).want(http.StatusNotFound)
	}
	h.get("/").holds(`<meta property="og:image" content="https://margin.example/card.png">`)
	own := h.isCard(h.get("/card.png").want(http.StatusOK))
	if bytes.Equal(own, png1) {
		t.Error("the site's picture is the article's")
	}
	_, arabic := h.publish(article.Draft{Headline: "لم يقطع أحد خط التلغراف", Body: "<p>x</p>", Slug: "cable", Language: "ar"})
	if !bytes.Equal(h.isCard(h.get(arabic+"card/1.png").want(http.StatusOK)), own) {
		t.Error("a headline that the typefaces lack: want the site's own picture")
	}
	h.settle(func(s *settings.Settings) { s.Logo = h.picture("Logo") })
	if bytes.Equal(h.isCard(h.get("/card.png").want(http.StatusOK)), own) {
		t.Error("the logo isn't on the site's picture")
	}
	h.get("/").holds(`"logo":{"@type":"ImageObject","url":"https://margin.example/media/`)
	lead := h.picture("A lamp")
	_, with := h.publish(article.Draft{Headline: "With a picture", Body: "<p>x</p>", Image: lead, ImageAlt: "A lamp"})
	h.get(with).holds(`<meta property="og:image" content="https://margin.example/media/`, `<meta property="og:image:alt" content="A lamp">`)
}

// TestOlderThanTheWord keeps an article that came here at an address which now means something below another.
func TestOlderThanTheWord(t *testing.T) {
	t.Parallel()
	if _, rest := split("/2026/06/16/card/"); rest != nil {
		t.Error("a slug was taken for a word below an article")
	}
	for path, want := range map[string]string{"/a/card/12.png": "card/12.png", "/a/read": "read", "/a/b/report/": "report", "/read": "", "/a/card/x.png": "", "/a/card": ""} {
		got := ""
		if m := laterBelow.FindStringSubmatch(path); m != nil {
			got = m[2]
		}
		if got != want {
			t.Errorf("%s: below is %q, want %q", path, got, want)
		}
	}
}

// isCard insists on a picture of the right size and gives its bytes.
func (h *house) isCard(a *answer) []byte {
	h.Helper()
	c, err := png.DecodeConfig(bytes.NewReader(a.Body.Bytes()))
	h.must(err)
	if (pixels.Point{X: c.Width, Y: c.Height}) != (pixels.Point{X: poster.Width, Y: poster.Height}) || a.Body.Len() > poster.MaxBytes {
		h.Errorf("%dx%d, %d bytes", c.Width, c.Height, a.Body.Len())
	}
	return a.Body.Bytes()
}

// TestManySections has more categories than a bar holds, as imported sites have.
func TestManySections(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range barLength + 5 {
		h.category(0, fmt.Sprintf("Section %02d", i))
	}
	if n := len(h.get("/").want(200).all(".sections ul li:not(.end)")); n != barLength {
		t.Errorf("the bar holds %d sections, want %d", n, barLength)
	}
}
