package importer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func survey() *Survey {
	return &Survey{
		Site: Site{URL: "https://a.example"},
		Files: []File{
			{ID: 1, URL: "https://a.example/1.jpg", Alt: `A "one"`, Caption: "One & only"}, {ID: 2, URL: "https://a.example/2.PNG?x"},
			{ID: 3, URL: "https://a.example/3.pdf"},
		},
		Attachments: map[int64]int{1: 0, 2: 1, 3: 2},
		Galleries:   map[int64][]int64{7: {2, 3, 1}},
	}
}

const (
	figure1 = `<figure><img class="wp-image-1" src="https://a.example/1.jpg" alt="A &#34;one&#34;"/><figcaption>One &amp; only</figcaption></figure>`
	figure2 = `<figure><img class="wp-image-2" src="https://a.example/2.PNG?x" alt=""/></figure>`
)

func TestBody(t *testing.T) {
	link := func(to string) string { return fmt.Sprintf(`<p><a href="%s">%[1]s</a></p>`, to) }
	for _, c := range []struct {
		name, in, want string
		notes          []string
	}{
		{"teaser and pages", "a<!--more Read on-->b\n<!--nextpage-->\nc<!--noteaser-->", "<p>a</p>\n<p>b</p>\n<p>c</p>", nil},
		{"caption", `[caption id="x" width="3"]<img src="a.jpg" /> Words, <em>more</em>[/caption] after`, "<figure><img src=\"a.jpg\"/><figcaption>Words, <em>more</em></figcaption></figure>\n<p>after</p>", nil},
		{"linked picture", "[caption]<a href=\"b\"> <img src=\"a.jpg\"> </a>\nW[/caption]", `<figure><a href="b"> <img src="a.jpg"/> </a><figcaption>W</figcaption></figure>`, nil},
		{"caption as an attribute", `x [wp_caption caption="Old & 'good'"]<img src="a.jpg">[/wp_caption]`, "<p>x</p>\n<figure><img src=\"a.jpg\"/><figcaption>Old &amp; &#39;good&#39;</figcaption></figure>", nil},
		{"caption without words", "[caption]<img src=\"a.jpg\">[/caption]", `<figure><img src="a.jpg"/></figure>`, nil},
		{"caption in a paragraph", "<p>[caption]<img src=\"a.jpg\">W[/caption]</p>", `<figure><img src="a.jpg"/><figcaption>W</figcaption></figure>`, nil},
		{"caption without its end", "a [caption id=\"x\"]<img src=\"a.jpg\"> b", `<p>a [caption id=&#34;x&#34;]<img src="a.jpg"/> b</p>`, []string{"a [caption] without its end is left as text"}},
		{"end without a caption", "a [/caption] b", "<p>a [/caption] b</p>", nil},
		{"curly quotes", "[gallery ids=”1”]", figure1, nil},
		{"gallery by ids", "[gallery columns=2 ids=\"2,9,1\" orderby=\"rand\"]", figure2 + "\n" + figure1, []string{"1 pictures of a gallery are not in the export"}},
		{"gallery of the article", "a[gallery]b", "<p>a</p>\n" + figure2 + "\n" + figure1 + "\n<p>b</p>", nil},
		{"gallery that leaves out", "[gallery exclude=\"1\" /]", figure2, nil},
		{"gallery unknown", "[gallery ids=\"8,9\"]", "<p>[gallery ids=&#34;8,9&#34;]</p>", []string{"[gallery] is left as text"}},
		{"embed", "[embed width=\"3\"] https://v.example/a?b&c [/embed]", link("https://v.example/a?b&amp;c"), nil},
		{"audio", "[audio https://v.example/a.mp3]", link("https://v.example/a.mp3"), nil},
		{"video", `[video width="3" mp4="https://v.example/a.mp4"][/video]`, link("https://v.example/a.mp4"), nil},
		{"youtube", "[youtube=https://youtu.be/abcdefghijk&w=3]\n\n[youtube id='abcdefghijk']\n\n[vimeo 123]", link("https://youtu.be/abcdefghijk&amp;w=3") + "\n" + link("https://www.youtube.com/watch?v=abcdefghijk") + "\n" + link("https://vimeo.com/123"), nil},
		{"script address", "[audio src=\"javascript:alert(1)\"]", "<p>[audio src=&#34;javascript:alert(1)&#34;]</p>", []string{"[audio] is left as text"}},
		{"source code", "[sourcecode language=\"go\"]\nif a &lt; b {\n\n}\n[/sourcecode]", "<pre><code>if a &lt; b {\n\n}</code></pre>", nil},
		{"unknown shortcodes", "[contact-form][field a=\"b\"]x[/contact-form] [1] [see above]", "<p>[contact-form][field a=&#34;b&#34;]x[/contact-form] [1] [see above]</p>", nil},
		{"about a shortcode", "Write [[gallery ids=\"1\"]] so.", "<p>Write [gallery ids=&#34;1&#34;] so.</p>", nil},
		{"in an attribute", "<a title=\"[gallery]\" href=\"x\">y</a>", `<p><a href="x" title="[gallery]">y</a></p>`, nil},
		{"blocks", "<!-- wp:paragraph {\"a\":\"b\"} -->\n<p>One\ntwo</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:list -->\n<ul><!-- wp:list-item --><li>x</li><!-- /wp:list-item --></ul>\n<!-- /wp:list -->", "<p>One\ntwo</p>\n<ul><li>x</li></ul>", nil},
		{"a block of its own", "<!-- wp:acme/latest {\"n\":3} /--><!-- wp:paragraph --><p>x</p><!-- /wp:paragraph -->", "<p>x</p>", []string{"the block acme/latest has no words of its own and is left out"}},
		{"the classic block", "<!-- wp:freeform -->\nOne\n\ntwo\n<!-- /wp:freeform -->\n<!-- wp:html -->three\n\nfour<!-- /wp:html -->", "<p>One</p>\n<p>two</p>\n<p>three\n\nfour</p>", nil},
		{"a block left open", "<!-- wp:group --><div><!-- wp:paragraph --><p>x</p></div><!-- /wp:group -->a\n\nb", "<div><p>x</p></div>\n<p>a</p>\n<p>b</p>", nil},
		{"an embed block", "<!-- wp:embed {\"url\":\"https://v.example/\"} --><figure><div>\nhttps://v.example/\n</div></figure><!-- /wp:embed -->", `<figure><div><a href="https://v.example/">https://v.example/</a></div></figure>`, nil},
		{"breaks in a block", "<!-- wp:paragraph --><p>a<br><br>b</p><!-- /wp:paragraph -->", "<p>a<br/><br/>b</p>", nil},
		{"frames and players", "<iframe src=\"//v.example/e\"></iframe>\n\n<video><source src=\"https://v.example/a.mp4\">No.</video>", link("https://v.example/e") + "\n" + link("https://v.example/a.mp4"), []string{"a frame or player is shown as a link"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, notes, err := survey().Body(&Item{ID: 7, Kind: Post, Body: c.in}, nil)
			if err != nil || got != c.want && got != strings.ReplaceAll(c.want, "\n", "") {
				t.Errorf("Body(%q)\n got %q, %v\nwant %q", c.in, got, err, c.want)
			}
			if !slices.Equal(notes, c.notes) {
				t.Errorf("notes = %q, want %q", notes, c.notes)
			}
		})
	}
}

func TestBodyOfExport(t *testing.T) {
	s, items := readAll(t, "testdata/full.xml")
	got, notes, err := s.Body(items[11], nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"<p>The tables were printed<br/>on Friday.</p>",
		`<figure><a href="https://harbour.example/letter/wp-content/uploads/2024/05/quay.jpg"><img class="wp-image-12" src="https://harbour.example/letter/wp-content/uploads/2024/05/quay-300x200.jpg" alt="The quay" width="300" height="200"/></a><figcaption>The quay, <em>at noon</em></figcaption></figure>`,
		`<figure><img class="wp-image-12" src="https://harbour.example/letter/wp-content/uploads/2024/05/quay.jpg" alt="Boats at a &#34;quay&#34;"/><figcaption>The quay at noon</figcaption></figure>`,
		`<p>[weather city=&#34;Porto&#34;] is not ours, and a bare [caption] stays.</p>`,
		`<p><a href="https://video.example/watch?v=1&amp;t=2">https://video.example/watch?v=1&amp;t=2</a></p>`,
	}
	if got != strings.Join(want, "\n") || len(notes) != 2 {
		t.Errorf("body =\n%s\nnotes %q", got, notes)
	}
	got, _, err = s.Body(items[30], nil)
	if want := "<p>We write.</p>\n<div class=\"wp-block-group\"><h3>Where</h3></div>\n<p>Old words</p>\n<p>outside.</p>"; err != nil || got != want {
		t.Errorf("body of blocks =\n%s, %v", got, err)
	}
}

func TestBodyPlacesPictures(t *testing.T) {
	stored := func(address string, attachment int64) int64 {
		if attachment == 1 || sizeless(fileKey(address)) == "a.example/up/1.jpg" {
			return 31
		}
		return 0
	}
	for in, want := range map[string]string{
		`<img class="alignleft wp-image-1" src="x.jpg" alt="A" width="3">`:                                                     `<p><img alt="A" data-media="31"/></p>`,
		`<img src="http://www.A.example/up/1-300x200.JPG?w=3" title="t">`:                                                      `<p><img data-media="31"/></p>`,
		`<img src="data:image/gif;base64,R0" data-src="https://a.example/up/1-scaled.jpg">`:                                    `<p><img data-media="31"/></p>`,
		`<a href="https://a.example/up/1.jpg"><img src="https://a.example/up/1.jpg" alt=""></a>`:                               `<p><img alt="" data-media="31"/></p>`,
		`<a href="https://b.example/"><img src="https://a.example/up/1.jpg" alt=""></a>`:                                       `<p><a href="https://b.example/"><img alt="" data-media="31"/></a></p>`,
		`<a href="https://a.example/up/1.jpg">see <img src="https://a.example/up/1.jpg"></a>`:                                  `<p><a href="https://a.example/up/1.jpg">see <img data-media="31"/></a></p>`,
		`<a href="http://www.a.example/2024/05/x/?p=1#y">x</a> <a href="//a.example">y</a>`:                                    `<p><a href="/2024/05/x/?p=1#y">x</a> <a href="/">y</a></p>`,
		`<a href="https://a.example/wp-content/a.pdf">x</a><a href="https://a.example//b">y</a><a href="/z">z</a>`:             `<p><a href="https://a.example/wp-content/a.pdf">x</a><a href="https://a.example//b">y</a><a href="/z">z</a></p>`,
		`<div class="wp-block-cover has" style="color:red;background-image: url('https://a.example/up/1.jpg')"><p>x</p></div>`: `<div class="wp-block-cover has" style="color:red;background-image: url(&#39;https://a.example/up/1.jpg&#39;)"><p><img alt="" data-media="31"/></p><p>x</p></div>`,
		`<img src="https://b.example/1.jpg">`:                                                                                  `<p><img src="https://b.example/1.jpg"/></p>`,
	} {
		got, notes, err := survey().Body(&Item{ID: 7, Kind: Post, Body: in}, stored)
		if err != nil || got != want {
			t.Errorf("Body(%q)\n got %q, %v\nwant %q", in, got, err, want)
		}
		if (len(notes) == 1) != strings.Contains(want, "b.example/1.jpg") {
			t.Errorf("notes of %q = %q", in, notes)
		}
	}
}

// One picture in another size is the same, unless that size is a picture of its own.
func TestLibrary(t *testing.T) {
	l := &library{byID: map[int64]int64{}, byName: map[string]int64{}, bySize: map[string]int64{}}
	l.add(File{ID: 1, URL: "https://a.example/x-580x300.jpg"}, 11)
	l.add(File{ID: 2, URL: "https://a.example/x-150x150.jpg"}, 12)
	l.add(File{URL: "https://a.example/y.png"}, 13)
	for _, c := range []struct {
		address    string
		attachment int64
		want       int64
	}{
		{"http://www.a.example/x-150x150.JPG?w=1", 0, 12}, {"https://a.example/x-580x300.jpg", 2, 11}, {"https://a.example/x-300x200.jpg", 2, 12},
		{"https://a.example/x.jpg", 0, 11}, {"//a.example/y-10x10.png", 0, 13}, {"https://b.example/y.png", 0, 0}, {"", 0, 0}, {"%zz", 1, 11},
	} {
		if got := l.media(c.address, c.attachment); got != c.want {
			t.Errorf("media(%s, %d) = %d, want %d", c.address, c.attachment, got, c.want)
		}
	}
}

// A body made of beginnings takes no longer than its length explains.
func TestHostileBodies(t *testing.T) {
	for _, unit := range []string{
		"[caption]", "[caption ", "[gallery ", "[gallery]", "[[gallery]", "[audio ]", "[[", "<a", "<a ", "<", "<b>", "<b>\n\n", "<p><b a=1>", "<b><i>x\n\n</b>", "<div>", "<!--",
		"<!-- wp:a -->", "<!-- wp:a ", "<!-- /wp:a -->", "\n\n", "\n \n", "https://x\n", "<table><td>", "<ul><li>", "</p>", "<br>", "&", "<a href=\"", "<select><option>", "<svg><p>",
	} {
		src := strings.Repeat(unit, maxSource/8/len(unit))
		start := time.Now()
		_, _, err := survey().Body(&Item{ID: 7, Kind: Post, Body: src}, nil)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%d KB of %q took %v (%v)", len(src)>>10, unit, took, err)
		} else if took > time.Second {
			t.Logf("%q took %v (%v)", unit, took, err)
		}
	}
	if _, _, err := survey().Body(&Item{Body: strings.Repeat("x", maxSource+1)}, nil); err == nil {
		t.Error("a body beyond the limit is taken")
	}
}

func BenchmarkBody(b *testing.B) {
	src := strings.Repeat("Words in a <em>paragraph</em>, a few of them\nand a line.\n\n[caption]<img src=\"a.jpg\"> W[/caption]\n\n", 100)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := survey().Body(&Item{Kind: Post, Body: src}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
