package app_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/staff"
)

// everyNode has each kind of block that a body may hold; %d is a picture.
const everyNode = `<h2 lang="de">Über die Brücke</h2><p>At <time datetime="2026-05-14T06:00">six</time> the <a href="/x/#p-abcdefgh" hreflang="en">telephone</a> rings<sup><a href="#fn1">1</a></sup>,
and <em>nobody</em> <strong>speaks</strong>; <del>one</del> <ins>two</ins> <code>x &lt; y</code> <abbr title="Tons">t</abbr> H<sub>2</sub>O <q>so</q> <cite>Ledger</cite>.</p>
<h3>Lists</h3><ul><li>One<ul><li>Within</li></ul></li><li><p>Two</p><p>Twice</p></li></ul><ol start="4"><li>Four</li></ol><h4>Quotations</h4>
<blockquote><p>“It rang.”</p><footer>A clerk</footer></blockquote><blockquote class="pull"><p>Nobody speaks.</p></blockquote>
<blockquote class="statement"><p>“The line stays open.”</p><footer><cite>Port Authority</cite> <span>By e-mail</span> <time datetime="2026-05-13">13 May</time></footer></blockquote>
<figure><img data-media="%[1]d" alt="A &quot;black&quot; telephone"><figcaption>The office. <span class="credit">Noor Belshade</span></figcaption></figure>
<figure class="gallery"><figure><img data-media="%[1]d" alt="One"></figure><figure><img data-media="%[1]d" alt="Two"></figure><figcaption>Two of them</figcaption></figure>
<figure><img src="https://elsewhere.example/a.jpg" alt="From elsewhere"></figure>
<figure class="table"><table><caption>Ships</caption><thead><tr><th scope="col">Year</th><th class="n">Ships</th></tr></thead><tbody><tr><td>2015</td><td class="n">14</td></tr></tbody></table></figure>
<table><tr><td colspan="2">Plain</td></tr></table><hr><pre>line one
  line two</pre><p class="embed"><a href="https://video.example/1">A film</a></p><p class="file"><a href="/media/x/a.pdf">A file</a></p>
<p dir="rtl" lang="ar">في السادسة صباحاً يرنّ الهاتف.</p><p lang="ja">午前六時に電話が鳴る。<ruby>港<rt>みなと</rt></ruby></p><p lang="th">โทรศัพท์ดังตอนหกโมง</p><p>👩‍👩‍👧 🇰🇷 é</p>
<ol class="footnotes"><li>A note.</li></ol>`

// TestPreviewIsWhatReadersGet compares the text of the preview with the published one, byte for byte: of every kind of block, and of bodies
// put together at random.
func TestPreviewIsWhatReadersGet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m, err := w.app.Media.AddPicture(t.Context(), w.people[staff.Editor], media.Upload{Name: "a.png", Reader: bytes.NewReader(greyPNG(t)), Alt: "A"})
	if err != nil {
		t.Fatal(err)
	}
	whole := fmt.Sprintf(everyNode, m.ID)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 7))
	parts := markup.Article(whole)
	bodies := []string{whole, "", "<p>One.</p>"}
	for range 40 {
		var b strings.Builder
		for range 1 + r.IntN(12) {
			html := parts[r.IntN(len(parts))].HTML
			if r.IntN(4) == 0 { // torn markup is what pasting leaves
				html = html[:r.IntN(len(html)+1)]
			}
			b.WriteString(strings.ToValidUTF8(html, ""))
		}
		bodies = append(bodies, b.String())
	}
	editor, reader := w.signedIn(staff.Editor), w.visitor()
	for _, body := range bodies {
		for _, language := range []string{"en", "ar"} {
			id, number := w.draft("Shown before", body)
			saved, err := w.app.Articles.Save(t.Context(), w.people[staff.Editor], id, article.SaveIn{Base: number, Draft: article.Draft{Headline: "Shown before", Body: body, Language: language, Image: m.ID}})
			if err != nil {
				t.Fatal(err)
			}
			preview := editor.get(fmt.Sprintf("/newsroom/articles/%d/preview", id))
			out, err := w.app.Articles.Publish(t.Context(), w.people[staff.Editor], id, article.PublishIn{Revision: saved.Number})
			if err != nil {
				t.Fatal(err)
			}
			public := reader.get(out.Path)
			if preview.StatusCode != http.StatusOK || public.StatusCode != http.StatusOK {
				t.Fatalf("preview %d, article %d", preview.StatusCode, public.StatusCode)
			}
			if got, want := textElement(t, preview.body), textElement(t, public.body); got != want {
				t.Fatalf("the preview of %q is\n%s\nreaders get\n%s", body, got, want)
			}
		}
	}
	t.Logf("%d bodies in two languages, %d kinds of block", len(bodies), len(parts))
}

// textElement is #body as the page holds it, from its first byte to its last.
func textElement(t *testing.T, page string) string {
	t.Helper()
	at := strings.Index(page, `<div class="prose" id="body"`)
	if at < 0 {
		t.Fatalf("no #body in %.500s", page)
	}
	depth, i := 0, at
	for i < len(page) {
		switch {
		case strings.HasPrefix(page[i:], "<div"):
			depth++
		case strings.HasPrefix(page[i:], "</div>"):
			if depth--; depth == 0 {
				return page[at : i+len("</div>")]
			}
		}
		i++
	}
	t.Fatal("#body doesn't end")
	return ""
}
