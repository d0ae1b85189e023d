package card_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"stet/internal/card"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/outbound"
	"stet/internal/pgtest"
	"stet/internal/staff"
)

// desk is a newsroom that makes cards of a server on this machine.
type desk struct {
	*testing.T
	maker  *card.Maker
	media  *media.Store
	actor  staff.Actor
	server *httptest.Server
	asked  atomic.Int32 // for pictures
}

// newDesk serves pages by their path; what isn't among them is a picture.
func newDesk(t *testing.T, pages map[string]string) *desk {
	t.Helper()
	db := pgtest.New(t)
	blobs, err := media.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{T: t, media: media.New(db.App, blobs)}
	d.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, ok := pages[r.URL.Path]; ok {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, body)
			return
		}
		d.asked.Add(1)
		d.picture(w, r)
	}))
	t.Cleanup(d.server.Close)
	d.maker = card.New(outbound.New(outbound.Options{Site: "https://stet.example", Also: []netip.AddrPort{netip.MustParseAddrPort(d.server.Listener.Addr().String())}}), d.media)
	p, err := staff.New(db.App).Add(t.Context(), staff.System(), staff.NewPerson{Email: "c@staff.example", Name: "C", Password: "correct horse battery", Roles: staff.Roles{staff.Contributor}})
	if err != nil {
		t.Fatal(err)
	}
	d.actor = staff.Actor{ID: p.ID, Name: p.Name, Roles: p.Roles}
	return d
}

func (d *desk) picture(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/lamp.png":
		if err := png.Encode(w, image.NewGray(image.Rect(0, 0, 1200, 630))); err != nil {
			d.Error(err)
		}
	case "/bomb.png":
		_, _ = w.Write(hugePNG(d.T))
	case "/typed.png":
		w.Header().Set("Content-Type", "image/png")
		_, _ = io.WriteString(w, "<script>alert(1)</script>")
	case "/paper.png":
		w.Header().Set("Content-Type", "image/png")
		_, _ = io.WriteString(w, "%PDF-1.4\n")
	case "/large.png":
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(make([]byte, 9<<20))
	case "/picture.svg":
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = io.WriteString(w, `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)
	default:
		http.NotFound(w, r)
	}
}

// hugePNG is a few bytes that claim to be 60,000 by 60,000 pixels.
func hugePNG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	head := b.Bytes()[12:29] // IHDR and its fields
	copy(head[4:12], []byte{0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60})
	sum := crc32.ChecksumIEEE(head)
	copy(b.Bytes()[29:33], []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
	return b.Bytes()
}

func (d *desk) make(path string) card.Card {
	d.Helper()
	c, err := d.maker.Make(d.Context(), d.actor, d.server.URL+path)
	if err != nil {
		d.Fatalf("%s: %v", path, err)
	}
	if again := markup.Join(markup.Article(c.HTML)); again != c.HTML || len(markup.Article(c.HTML)) != 1 {
		d.Errorf("%s: an article doesn't keep the card as it is:\n%s\n%s", path, c.HTML, again)
	}
	for _, bad := range []string{"<script", "<iframe", "<img src", "style=", "javascript:"} {
		if strings.Contains(c.HTML, bad) {
			d.Errorf("%s: the card holds %q: %s", path, bad, c.HTML)
		}
	}
	return c
}

func og(pairs ...string) string {
	var b strings.Builder
	b.WriteString("<!doctype html><html lang=de><head><title>Fallback</title>")
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, `<meta property="%s" content="%s">`, pairs[i], pairs[i+1])
	}
	return b.String()
}

func TestCard(t *testing.T) {
	t.Parallel()
	d := newDesk(t, map[string]string{
		"/full": og("og:title", "The lamp at Cape Ore", "og:description", "At 21:14 it\ncame on.", "og:site_name", "The Margin", "article:author", "https://x.example/ilse", "author", "Ilse Torvane",
			"og:image", "/lamp.png", "og:image:alt", "A lamp"),
		"/again": og("og:title", "Another", "og:image", "lamp.png"),
		"/plain": `<title>Only a title &amp; no more</title><meta name=description content="Words">`,
		"/data": `<script type="application/ld+json">{"@graph":[{"@type":"WebSite","name":"S"},{"headline":"By data","author":[{"name":"A. Writer"}],"publisher":{"name":"Data Press"},
			"image":{"url":"/lamp.png"},"description":"D"}]}</script>`,
		"/film":    og("og:title", "A film", "og:site_name", "Films") + `<body><span itemprop="author"><link itemprop="name" content="A channel"></span>`,
		"/latin":   "<html><head><meta charset=iso-8859-1><title>Caf\xe9</title>",
		"/nothing": "<p>Nothing is said here.",
	})
	at := d.server.URL
	full := d.make("/full")
	list, err := d.media.List(t.Context(), media.Filter{})
	if err != nil || len(list) != 1 || list[0].Credit != "The Margin" || list[0].Alt != "A lamp" || list[0].CreatedBy != d.actor.ID || list[0].Name != "lamp.png" {
		t.Fatalf("stored: %+v, %v, want one picture with the site for its credit", list, err)
	}
	img := fmt.Sprintf(`<img data-media="%d" alt="`, list[0].ID)
	host := strings.TrimPrefix(strings.Split(at, "//")[1], "www.")
	host, _, _ = strings.Cut(host, ":")
	link := func(path, title, from string) string {
		return fmt.Sprintf(`<p class="embed"><a href="%s%s"><strong>%s</strong> <span>%s</span></a></p>`, at, path, title, from)
	}
	for path, want := range map[string]string{
		"/full":  `<figure class="embed" lang="de" dir="auto">` + img + `A lamp"/>` + link("/full", "The lamp at Cape Ore", "Ilse Torvane · The Margin") + `<p>At 21:14 it came on.</p></figure>`,
		"/again": `<figure class="embed" lang="de" dir="auto">` + img + `Another"/>` + link("/again", "Another", host) + `</figure>`,
		"/plain": `<figure class="embed" dir="auto">` + link("/plain", "Only a title &amp; no more", host) + `<p>Words</p></figure>`,
		"/data":  `<figure class="embed" dir="auto">` + img + `By data"/>` + link("/data", "By data", "A. Writer · Data Press") + `<p>D</p></figure>`,
		"/film":  `<figure class="embed" lang="de" dir="auto">` + link("/film", "A film", "A channel · Films") + `</figure>`,
		"/latin": `<figure class="embed" dir="auto">` + link("/latin", "Café", host) + `</figure>`,
	} {
		got := full
		if path != "/full" {
			got = d.make(path)
		}
		if got.HTML != want || got.Plain {
			t.Errorf("%s:\n%s\nwant\n%s", path, got.HTML, want)
		}
	}
	if list, err = d.media.List(t.Context(), media.Filter{}); err != nil || len(list) != 1 {
		t.Errorf("the same picture is stored %d times (%v)", len(list), err)
	}
	for path, title := range map[string]string{"/nothing": host + "/nothing", "/missing": host + "/missing", "/lamp.png": host + "/lamp.png"} {
		if got := d.make(path); !got.Plain || got.HTML != link(path, title, host) {
			t.Errorf("%s: %+v, want a plain link", path, got)
		}
	}
}

// TestHostilePages are answered with a card that is safe.
func TestHostilePages(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 10_000)
	pages := map[string]string{
		"/script":   og("og:title", "&lt;script&gt;alert(1)&lt;/script&gt;&lt;/strong&gt;&lt;img src=x onerror=alert(1)&gt;", "og:description", "&lt;iframe src=//evil.example&gt;", "og:site_name", `&quot; onmouseover=&quot;alert(1)`),
		"/long":     og("og:title", long, "og:description", long, "og:site_name", long, "og:image:alt", long, "og:image", "/lamp.png"),
		"/turned":   og("og:title", "abc\u202edef\u0007\u2066", "og:site_name", "\u202e"),
		"/broken":   "<html><head><title>Half\xff\xfe",
		"/huge":     "<title>Huge</title>" + strings.Repeat("<p>x", 3<<20),
		"/deep":     "<title>Deep</title>" + strings.Repeat("<div>", 100_000),
		"/lang":     `<html lang='"><script>'><title>Tongue</title>`,
		"/data":     `<title>Data</title><script type="application/ld+json">` + strings.Repeat(`[`, 20_000) + `</script>`,
		"/types":    `<title>Types</title><script type="application/ld+json">{"headline":{"name":["x"]},"author":[[1]],"image":[null],"publisher":7}</script>`,
		"/inside":   og("og:title", "Inside", "og:image", "http://169.254.169.254/latest/meta-data/"),
		"/scheme":   og("og:title", "Scheme", "og:image", "javascript:alert(1)"),
		"/datauri":  og("og:title", "Data", "og:image", "data:image/png;base64,AAAA"),
		"/malbase":  `<base href="http://[::1"><title>Base</title><meta property="og:image" content="%zz://">`,
		"/frames":   `<title>` + "\x00Zero" + `</title>`,
		"/untitled": `<title></title><meta property="og:title" content="  ">`,
	}
	for _, picture := range []string{"bomb.png", "typed.png", "paper.png", "large.png", "picture.svg", "gone.png"} {
		pages["/with-"+picture] = og("og:title", "With", "og:image", "/"+picture)
	}
	d := newDesk(t, pages)
	for path := range pages {
		c := d.make(path)
		if len(c.HTML) > 4000 {
			t.Errorf("%s: the card has %d bytes", path, len(c.HTML))
		}
		if c.Plain != (path == "/untitled") {
			t.Errorf("%s: plain %v: %s", path, c.Plain, c.HTML)
		}
		if strings.Contains(c.HTML, "data-media") != (path == "/long") {
			t.Errorf("%s: a picture: %s", path, c.HTML)
		}
		if strings.ContainsAny(c.HTML, "\u202e\u2066\x07\x00") {
			t.Errorf("%s: the card turns the text around it: %q", path, c.HTML)
		}
	}
	list, err := d.media.List(t.Context(), media.Filter{})
	if err != nil || len(list) != 1 {
		t.Errorf("%d pictures are stored (%v), want that of /long only", len(list), err)
	}
}

func TestRefusedAddresses(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	for _, at := range []string{"", "lamp", "javascript:alert(1)", "data:text/html,x", "//x.example/", "/2026/", "mailto:a@x.example", "https://", "https://a:b@x.example/", "https://x.example/\u202e",
		"https://x.example/" + strings.Repeat("x", 3000)} {
		_, err := d.maker.Make(t.Context(), d.actor, at)
		if invalid := (*fault.Invalid)(nil); !errors.As(err, &invalid) || invalid.Fields["url"] == "" {
			t.Errorf("%.40q: %v, want a fault of the field", at, err)
		}
	}
	// An address that isn't asked has a plain card all the same: links to it are an editor's business.
	c, err := d.maker.Make(t.Context(), d.actor, "http://127.0.0.1/inside")
	if err != nil || !c.Plain || !strings.Contains(c.HTML, `href="http://127.0.0.1/inside"`) {
		t.Errorf("an address inside: %+v, %v", c, err)
	}
	if _, err := d.maker.Make(t.Context(), staff.Actor{ID: 9, Roles: staff.Roles{staff.Moderator}}, d.server.URL); !errors.Is(err, fault.Forbidden) {
		t.Errorf("for a moderator: %v, want Forbidden", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.maker.Make(ctx, d.actor, d.server.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("called off: %v", err)
	}
}
