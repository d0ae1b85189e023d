package markup

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// sharedData finds files of the shared test data; none, with a note, where it isn't on this machine.
func sharedData(t testing.TB, glob string) []string {
	t.Helper()
	dir := os.Getenv("STET_SHARED_DATA")
	for up := "."; dir == ""; up = filepath.Join(up, "..") {
		if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
			dir = filepath.Join(up, "..", "shared", "data")
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, glob))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Log("corpus absent")
	}
	return files
}

func readLines[T any](t testing.TB, file string) []T {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []T
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 4<<20)
	for sc.Scan() {
		var v T
		if err := json.Unmarshal(sc.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, v)
	}
	return out
}

// grammar is what may come out, written again by hand: it shares nothing with the policies it checks.
type grammar struct {
	elements []string
	attrs    map[string]*regexp.Regexp // "element attribute", "* attribute"
}

var (
	safeHref     = regexp.MustCompile(`^(?:https?://[^\s\\]+|mailto:\S+|/(?:[^/\\]\S*)?|#\S*)$`)
	anyText      = regexp.MustCompile(`(?s)^.*$`)
	langTag      = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	digits       = regexp.MustCompile(`^[1-9][0-9]*$`)
	readerLink   = regexp.MustCompile(`^nofollow ugc noopener$`)
	articleShape = grammar{
		elements: strings.Fields(`p h2 h3 h4 ul ol li blockquote footer figure figcaption pre hr br table caption thead tbody tr th td
			a em strong code s del ins sup sub cite q abbr time span ruby rt img`),
		attrs: map[string]*regexp.Regexp{
			"a href": safeHref, "a rel": regexp.MustCompile(`^[a-z ]+$`), "a hreflang": langTag, "* lang": langTag,
			"* dir":   regexp.MustCompile(`^(ltr|rtl|auto)$`),
			"p class": regexp.MustCompile(`^(embed|file|source)$`), "ol class": regexp.MustCompile(`^footnotes$`),
			"blockquote class": regexp.MustCompile(`^(pull|statement)$`), "span class": regexp.MustCompile(`^(credit|role|asked|answered)$`),
			"figure class": regexp.MustCompile(`^(table|embed|gallery|missing|file|wide|small)$`),
			"th class":     regexp.MustCompile(`^n$`), "td class": regexp.MustCompile(`^n$`),
			"th scope": regexp.MustCompile(`^(col|row|colgroup|rowgroup)$`), "th colspan": digits, "td colspan": digits, "th rowspan": digits,
			"td rowspan": digits, "ol start": digits, "abbr title": anyText, "img alt": anyText, "img data-media": digits, "a data-media": digits,
			"time datetime": regexp.MustCompile(`^[0-9A-Za-z:+. -]+$`),
		},
	}
	shownShape = grammar{
		elements: append([]string{"div", "audio"}, articleShape.elements...),
		attrs: merged(articleShape.attrs, map[string]*regexp.Regexp{
			"img src": regexp.MustCompile(`^(https?://[a-z]\S+|/[a-z]\S+)$`), "img srcset": regexp.MustCompile(`^[ -~]+$`),
			"img sizes": regexp.MustCompile(`^[ -~]+$`), "img width": digits, "img height": digits,
			"img loading": regexp.MustCompile(`^lazy$`), "img decoding": regexp.MustCompile(`^async$`), "* id": regexp.MustCompile(`^p-[a-z]{8}$`),
			"div class": regexp.MustCompile(`^scroll$`), "div tabindex": regexp.MustCompile(`^0$`), "div role": regexp.MustCompile(`^region$`),
			"div aria-label": anyText, "audio aria-label": anyText, "audio controls": regexp.MustCompile(`^$`), "audio preload": regexp.MustCompile(`^none$`),
			"audio src": regexp.MustCompile(`^(https?://[a-z]\S+|/[a-z]\S+)$`), "a type": regexp.MustCompile(`^[a-z]+/[a-z0-9.+-]+$`),
		}),
	}
	commentShape = grammar{
		elements: strings.Fields(`p br em strong code blockquote a`),
		attrs: map[string]*regexp.Regexp{
			"a href": safeHref, "a rel": readerLink, "p dir": regexp.MustCompile(`^auto$`), "blockquote dir": regexp.MustCompile(`^auto$`),
		},
	}
)

func merged(ms ...map[string]*regexp.Regexp) map[string]*regexp.Regexp {
	out := map[string]*regexp.Regexp{}
	for _, m := range ms {
		maps.Copy(out, m)
	}
	return out
}

// check re-parses src as a browser would, in more than one place of a page, and reports everything that the grammar doesn't name.
func (g grammar) check(t testing.TB, src string) bool {
	t.Helper()
	ok := true
	bad := func(format string, args ...any) {
		ok = false
		t.Errorf(format+"\nin %q", append(args, src)...)
	}
	for _, context := range []atom.Atom{atom.Body, atom.Div, atom.Article} {
		nodes, err := html.ParseFragmentWithOptions(strings.NewReader(src),
			&html.Node{Type: html.ElementNode, DataAtom: context, Data: context.String()}, html.ParseOptionEnableScripting(true))
		if err != nil {
			bad("re-parse: %v", err)
			return false
		}
		for _, top := range nodes {
			wrap := element("body")
			wrap.AppendChild(top)
			for n := range wrap.Descendants() {
				g.node(n, bad)
			}
		}
	}
	return ok
}

func (g grammar) node(n *html.Node, bad func(string, ...any)) {
	switch n.Type {
	case html.TextNode:
		if strings.ContainsFunc(n.Data, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
			bad("control character in text %q", n.Data)
		}
	case html.ElementNode:
		if n.Namespace != "" || !slices.Contains(g.elements, n.Data) {
			bad("element <%s> of namespace %q", n.Data, n.Namespace)
		}
		for _, a := range n.Attr {
			re := g.attrs[n.Data+" "+a.Key]
			if re == nil {
				re = g.attrs["* "+a.Key]
			}
			if re == nil || !re.MatchString(a.Val) {
				bad("attribute %s %s=%q", n.Data, a.Key, a.Val)
			}
		}
		if n.Data == "a" && g.attrs["a rel"] == readerLink && attr(n, "rel") == "" {
			bad("a reader's link without rel")
		}
	default:
		bad("node of type %v: %q", n.Type, n.Data)
	}
}

// checkArticle asserts what holds for every body, whatever came in.
func checkArticle(t testing.TB, src string) bool {
	t.Helper()
	blocks := Article(src)
	bare := Join(blocks)
	ok := articleShape.check(t, bare)
	again := Article(bare)
	if Join(again) != bare {
		t.Errorf("Article isn't idempotent on %q:\n once %s\ntwice %s", src, bare, Join(again))
		ok = false
	}
	if len(again) != len(blocks) {
		t.Errorf("Article cuts %q into %d blocks, then %d", src, len(blocks), len(again))
		ok = false
	}
	for _, b := range blocks {
		nodes := parse(b.HTML)
		if len(nodes) != 1 || nodes[0].Type != html.ElementNode {
			t.Errorf("block %q isn't one element", b.HTML)
			ok = false
		}
	}
	return ok
}

func checkComment(t testing.TB, src string) bool {
	t.Helper()
	once := string(CommentHTML(src))
	ok := commentShape.check(t, once)
	if twice := string(CommentHTML(once)); twice != once {
		t.Errorf("CommentHTML isn't idempotent on %q:\n once %s\ntwice %s", src, once, twice)
		ok = false
	}
	return ok
}

func TestAttacks(t *testing.T) {
	t.Parallel()
	type attack struct{ ID, HTML string }
	total := 0
	for _, file := range sharedData(t, "xss/*.jsonl") {
		cases := readLines[attack](t, file)
		for _, c := range cases {
			articleOK, commentOK := checkArticle(t, c.HTML), checkComment(t, c.HTML)
			noticeOK := articleShape.check(t, Notice(c.HTML))
			shownOK := shownShape.check(t, string(Render{Picture: anyPicture, File: anyFile, IDs: true}.HTML(c.HTML)))
			feedOK := shownShape.check(t, Feed([]Block{{HTML: c.HTML}}, fromRoot, anyPicture, anyFile))
			if !articleOK || !commentOK || !noticeOK || !shownOK || !feedOK {
				t.Errorf("%s survives", c.ID)
			}
			PlainComment(c.HTML)
		}
		t.Logf("%s: %d attacks", filepath.Base(file), len(cases))
		total += len(cases)
	}
	t.Logf("%d attacks through Article, Notice, CommentHTML, Render and Feed", total)
}

// TestOwnAttacks is the part of the corpus that this room keeps itself: one case for each way of getting in.
func TestOwnAttacks(t *testing.T) {
	for _, src := range []string{
		`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<a href="java&#10;script:alert(1)">x</a>`,
		`<a href="&#1;javascript:alert(1)">x</a>`, `<a href="JaVaScRiPt&colon;alert(1)">x</a>`, `<a href="data:text/html,x">x</a>`,
		`<a href="//evil.example">x</a>`, `<a href="/\evil.example">x</a>`, `<a href="https:\\evil.example">x</a>`, `<a href="http:evil">x</a>`,
		`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
		`<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
		`<select><option><style></option></select><img src=x onerror=alert(1)></style>`, `<form><input name=innerHTML></form>`,
		`<p style="position:fixed">x</p>`, `<p class="article" id="respond" onclick=x>y</p>`, `<template><img src=x onerror=alert(1)></template>`,
		`<!--><img src=x onerror=alert(1)>-->`, `<![CDATA[<img src=x onerror=alert(1)>]]>`, "<p>a\x00b\x1bc\u0085d</p>", "<p>\xff\xfe</p>",
		`<iframe srcdoc="<script>alert(1)</script>"></iframe>`, `<object data="javascript:alert(1)"></object>`, `<embed src="data:text/html,x">`,
		`<table><tr><td><form><td><input onfocus=alert(1) autofocus>`, `<abbr title='"><script>alert(1)</script>'>x</abbr>`,
		`<p class=file><a data-media=1 href=javascript:x type='text/html"><script>' onclick=x>y</a> <audio src=x onerror=alert(1) autoplay>`,
		`<img data-media="1" alt='"><script>alert(1)</script>'>`, `<xmp><img src=x onerror=alert(1)></xmp>`, `<plaintext><script>x`,
		`<a href="https://x.example/" rel="opener" target=_blank>x</a>`, `<time datetime="x onclick=y">t</time>`, `<base href=//evil>`,
		`<meta http-equiv=refresh content="0;url=//evil">`, `<link rel=stylesheet href=//evil>`, `<p lang='en" onclick="x'>y</p>`,
		"<a\nhref='javascript&#x3A;x'>y</a>", `<image src=x onerror=alert(1)>`, `<a href=" javascript:x">y</a>`, `<scr<script>ipt>alert(1)</script>`,
	} {
		checkArticle(t, src)
		checkComment(t, src)
		shownShape.check(t, string(Render{Picture: anyPicture, File: anyFile}.HTML(src)))
	}
}

func TestNestingIsBounded(t *testing.T) {
	for _, open := range []string{"<div>", "<blockquote>", "<ul><li>", "<table><tr><td>", "<q>", "<span lang=en>", "<figure>", "<b><i>", "<a href=/x>",
		"<p><b><i><s><code>", "<font size=1><p>", "<td>", "<rt>", "<svg><desc>", "<br>"} {
		checkArticle(t, strings.Repeat(open, 2000)+"the end")
		checkComment(t, strings.Repeat(open, 2000)+"the end")
		if got := Text(Join(Article(strings.Repeat(open, 2000) + "the end"))); !strings.HasSuffix(got, "the end") {
			t.Errorf("Article lost the words within 2,000 %s: %.80q", open, got)
		}
	}
}
