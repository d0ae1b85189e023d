package markup

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestArticle(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"nothing", " \n <p> </p><div></div>", ""},
		{"plain text", "One\ntwo.\n\nThree & four < five.", "<p>One two.</p><p>Three &amp; four &lt; five.</p>"},
		{"old tags", "<p><b>a</b> <i>b</i> <tt>c</tt> <strike>d</strike> <u>e</u></p>", "<p><strong>a</strong> <em>b</em> <code>c</code> <s>d</s> e</p>"},
		{"side by side", "<p><em>a</em><em>b</em><cite>c</cite><cite>d</cite></p>", "<p><em>ab</em><cite>c</cite><cite>d</cite></p>"},
		{"heading in link", `<a href="/x"><h3>Go</h3></a>`, `<h3><a href="/x">Go</a></h3>`},
		{"headings", "<h1>a</h1><h2>b</h2><h3>c</h3><h4>d</h4><h6>e</h6>", "<h2>a</h2><h2>b</h2><h3>c</h3><h4>d</h4><h4>e</h4>"},
		{"breaks", "<p>a<br>b<br><br>c<br></p>", "<p>a<br/>b</p><p>c</p>"},
		{"stray item", "<li>a</li>", "<p>a</p>"},
		{"item of paragraphs", "<ul><li><p>a</p><p>b</p></li></ul>", "<ul><li><p>a</p><p>b</p></li></ul>"},
		{"definitions", "<dl><dt>Light</dt><dd>A lamp</dd></dl>", "<p><strong>Light</strong></p><p>A lamp</p>"},
		{"layout table in a cell", "<table><tr><td>a<table><tr><td>b</table></table>", "<table><tbody><tr><td><p>a</p><p>b</p></td></tr></tbody></table>"},
		{"footer outside", "<footer>x</footer>", "<p>x</p>"},
		{"footer of nothing", "<blockquote><p>a</p><footer></footer><p><cite>b</cite></p></blockquote>", "<blockquote><p>a</p><footer><cite>b</cite></footer></blockquote>"},
		{"lone caption", "<figure><figcaption>x</figcaption></figure>", "<p>x</p>"},
		{"figure of text", "<figure><p>x</p></figure>", "<p>x</p>"},
		{"picture in heading", `<h2>a<img data-media="3" alt="b"></h2>`, `<h2>a</h2><figure><img data-media="3" alt="b"/></figure>`},
		{"unknown media id", `<img data-media="-3" alt="b">`, `<figure class="missing"><p>b</p></figure>`},
		{"remote picture", `<img src="//cdn.example/a/b.png">`, `<figure class="missing"><p><a href="https://cdn.example/a/b.png">b.png</a></p></figure>`},
		{"classes", `<p class="source">a</p><p class="file x">b</p><ol class="footnotes"><li>c</ol>`, `<p>a</p><p class="file">b</p><ol class="footnotes"><li>c</li></ol>`},
		{"controls", "<p>a\x00\x07b&#1;c\u009f</p>", "<p>abc</p>"},
		{"joiners and marks", "<p>می\u200cخواهم \u200eabc\u202edef</p>", "<p>می\u200cخواهم \u200eabc\u202edef</p>"},
		{"not UTF-8", "<p>a\xffb</p>", "<p>a\uFFFDb</p>"},
	} {
		if got := Join(Article(tt.src)); got != tt.want {
			t.Errorf("%s: Article(%q) = %s, want %s", tt.name, tt.src, got, tt.want)
		}
		checkArticle(t, tt.src)
	}
}

func TestArticleReadsIDs(t *testing.T) {
	src := `<p id="p-aaaaaaaa">a</p><div id="p-bbbbbbbb"><h2>b</h2><p>c</p></div><p id="p-cccccccc"> </p><p>d</p><p id="p-SHOUTING">e</p>` +
		`<ul id="p-dddddddd"><li id="p-eeeeeeee">f</li></ul><p id="p-ffffffff">g<br><br>h</p><p id="respond">i</p>`
	var got []string
	for _, b := range Article(src) {
		got = append(got, b.ID)
	}
	want := []string{"aaaaaaaa", "bbbbbbbb", "", "", "", "dddddddd", "ffffffff", "", ""}
	if !slices.Equal(got, want) {
		t.Errorf("Article reads ids %q, want %q", got, want)
	}
}

func TestLink(t *testing.T) {
	for href, want := range map[string]string{
		"https://a.example": "https://a.example", " https://a.example/x y ": "https://a.example/x%20y", "HTTP://A.example/": "http://A.example/",
		"//a.example/x": "https://a.example/x", "/x?y=1#z": "/x?y=1#z", "#update-2": "#update-2", "mailto:desk@a.example?subject=x": "mailto:desk@a.example?subject=x",
		"https://münchen.example/ä": "https://xn--mnchen-3ya.example/%C3%A4", "https://user:pass@a.example/": "https://a.example/",
		"https://a.example/a\nb": "https://a.example/ab", "https://a.example:8080/": "https://a.example:8080/",
		"": "", "x": "", "./x": "", "?q": "", "javascript:x": "", "java\nscript:x": "", "data:text/html,x": "", "vbscript:x": "", "file:///etc/passwd": "",
		"https:a.example": "", "https:///a.example": "", `https:\\a.example`: "", `/\a.example`: "", "///a.example": "", "mailto:": "", "tel:123": "",
		"https://a.example:x/": "", "http://[::1]/": "http://[::1]/", "blob:https://a.example/1": "",
	} {
		if got := link(href); got != want {
			t.Errorf("link(%q) = %q, want %q", href, got, want)
		}
		if again := link(want); again != want {
			t.Errorf("link(%q) = %q", want, again)
		}
	}
}

func TestText(t *testing.T) {
	for src, want := range map[string]string{
		"<p>a  b\nc</p><p>d&amp;e</p>":                             "a b c\n\nd&e",
		"<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>d":     "a\nb\nc\n\nd",
		`<figure><img alt="no"><figcaption>c</figcaption>`:         "c",
		"<p>a<br>b</p><pre>x\n  y</pre>":                           "a\nb\n\nx\ny",
		"<table><tr><td>1<td>2<tr><td>3</table>":                   "1 2\n3",
		"<p>x<script>y</script><style>z</style><!-- c --></p>":     "x",
		"<blockquote><p>q</p><footer><cite>A</cite><span>B</span>": "q\nA\nB",
		"<ruby>漢<rp>(</rp><rt>かん</rt></ruby>":                      "漢(かん)",
	} {
		if got := Text(src); got != want {
			t.Errorf("Text(%q) = %q, want %q", src, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for src, want := range map[string]int{
		"": 0,
		"<p>It won’t be twenty-two, or 14,000.5 km.</p>": 7,
		"<p>one</p><p>two</p>":                           2,
		"<p>東京で地震</p>":                                   5,
		"<p>바다가 길을 내주는 네 시간</p>":                         5,
		"<p>قال الوزير أمس</p>":                          3,
		"<p>กรุงเทพมหานคร</p>":                           3,
		"<p>… — “”</p>":                                  0,
	} {
		if got := Words(src); got != want {
			t.Errorf("Words(%q) = %d, want %d", src, got, want)
		}
	}
}

func TestTokensAddUp(t *testing.T) {
	for _, s := range []string{"", "a b", "e\u0301x", "👩🏽‍🚀🇩🇪!", "l’été", "ab\u200d", "-'-", "x\xffy", "日本語 text", "\u0301"} {
		if got := strings.Join(tokens(s), ""); got != s {
			t.Errorf("tokens(%q) add up to %q", s, got)
		}
	}
}

func TestLine(t *testing.T) {
	for _, tt := range []struct {
		s, want string
		bad     bool
	}{
		{"  The  strait\r\n two\tnavies ", "The strait two navies", false},
		{"« oui »", "« oui »", false},
		{"東京　大阪", "東京　大阪", false},
		{"می\u200cخواهم\u200f", "می\u200cخواهم\u200f", false},
		{"a\u2028b", "a b", false},
		{"a\x00b", "a\x00b", true},
		{"a\x1bb", "a\x1bb", true},
		{"a\u202eb", "a\u202eb", true},
		{"a\u2066b", "a\u2066b", true},
		{"a\u009fb", "a\u009fb", true},
		{"a\xffb", "a\xffb", true},
	} {
		if got := Line(tt.s); got != tt.want || BadLine(got) != tt.bad {
			t.Errorf("Line(%q) = %q, bad %v; want %q, %v", tt.s, got, BadLine(got), tt.want, tt.bad)
		}
	}
}

func TestIdentify(t *testing.T) {
	const (
		long  = "<p>The two lights stand in countries that closed their embassies nineteen years ago.</p>"
		start = "<p>The two lights stand in countries that closed their embassies</p>"
		end   = "<p>nineteen years ago.</p>"
	)
	previous := []Block{{"aaaaaaaa", "<p>one</p>"}, {"bbbbbbbb", long}, {"cccccccc", "<p>three <em>x</em></p>"}}
	for _, tt := range []struct {
		name   string
		blocks []Block
		want   []string // "" for a new one
	}{
		{"own", previous, []string{"aaaaaaaa", "bbbbbbbb", "cccccccc"}},
		{"lost, same HTML", []Block{{"", long}, {"", "<p>one</p>"}}, []string{"bbbbbbbb", "aaaaaaaa"}},
		{"lost, same text", []Block{{"", "<p>three x</p>"}}, []string{"cccccccc"}},
		{"lost, much the same", []Block{{"", start}}, []string{"bbbbbbbb"}},
		{"cut in two", []Block{{"bbbbbbbb", end}, {"bbbbbbbb", start}}, []string{"", "bbbbbbbb"}},
		{"new", []Block{{"", "<p>nothing like it</p>"}}, []string{""}},
		{"unknown own", []Block{{"zzzzzzzz", "<p>one</p>"}}, []string{"zzzzzzzz"}},
		{"not an ID", []Block{{"UPPER", "<p>z</p>"}}, []string{""}},
	} {
		before := slices.Clone(tt.blocks)
		out := Identify(tt.blocks, previous)
		if !slices.Equal(tt.blocks, before) {
			t.Errorf("%s: Identify changed its argument", tt.name)
		}
		seen := map[string]bool{}
		for i, b := range out {
			known := slices.ContainsFunc(previous, func(p Block) bool { return p.ID == b.ID })
			if tt.want[i] != "" && b.ID != tt.want[i] || tt.want[i] == "" && known || !validID(b.ID) || seen[b.ID] {
				t.Errorf("%s: block %d is %q, want %q", tt.name, i, b.ID, tt.want[i])
			}
			seen[b.ID] = true
		}
	}
}

func TestMediaIDs(t *testing.T) {
	blocks := Article(`<img data-media=3><figure><figure><img data-media=5></figure><img data-media=3></figure><img src="https://a.example/x">`)
	if got := MediaIDs(blocks); !reflect.DeepEqual(got, []int64{3, 5}) {
		t.Errorf("MediaIDs = %v", got)
	}
}

func TestRenderRunsThePolicyAgain(t *testing.T) {
	blocks := []Block{{"aaaaaaaa", `<p onclick="x">a</p>`}, {"bbbbbbbb", `<script>alert(1)</script>`}, {"cccccccc", `<p>c</p>`}}
	want := `<p id="p-aaaaaaaa">a</p><p id="p-cccccccc">c</p>`
	if got := string(Render{IDs: true}.Body(blocks)); got != want {
		t.Errorf("Body = %s, want %s", got, want)
	}
}

func TestRenderRefusesBadAddresses(t *testing.T) {
	r := Render{Picture: func(int64) (Picture, bool) { return Picture{Src: "javascript:x", SrcSet: "data:x 1w"}, true }}
	if got := string(r.HTML(`<img data-media="1" alt="a">`)); strings.Contains(got, "javascript") || strings.Contains(got, "data:") {
		t.Errorf("HTML = %s", got)
	}
}

func TestRenderOffersBetterFiles(t *testing.T) {
	r := Render{Picture: func(id int64) (Picture, bool) {
		return Picture{Src: "/media/k/800.jpg", SrcSet: "/media/k/400.jpg 400w, /media/k/800.jpg 800w", Width: 800, Height: 600, Sources: []Source{
			{Type: "image/webp", Media: "(width < 40rem)", SrcSet: "/media/k/400-1x1-50-50.webp 400w", Width: 400, Height: 400},
			{Type: "image/webp", SrcSet: "/media/k/400.webp 400w, /media/k/800.webp 800w", Width: 800, Height: 600},
		}}, true
	}}
	want := `<figure><picture><source type="image/webp" media="(width &lt; 40rem)" srcset="/media/k/400-1x1-50-50.webp 400w" sizes="(min-width: 40rem) 38rem, 100vw" width="400" height="400"/>` +
		`<source type="image/webp" srcset="/media/k/400.webp 400w, /media/k/800.webp 800w" sizes="(min-width: 40rem) 38rem, 100vw" width="800" height="600"/>` +
		`<img src="/media/k/800.jpg" srcset="/media/k/400.jpg 400w, /media/k/800.jpg 800w" sizes="(min-width: 40rem) 38rem, 100vw" width="800" height="600" alt="A" loading="lazy" decoding="async"/></picture></figure>`
	if got := string(r.HTML(`<figure><img data-media="1" alt="A"></figure>`)); strings.ReplaceAll(got, "\n", "") != want {
		t.Errorf("HTML = %s\nwant   %s", got, want)
	}
}
