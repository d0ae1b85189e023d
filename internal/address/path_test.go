package address_test

import (
	"strings"
	"testing"

	"stet/internal/address"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"/":                     "/",
		"/2012/03/ein-text/":    "/2012/03/ein-text/",
		"/about":                "/about",
		"/a.html":               "/a.html",
		"/?p=12":                "/?p=12",
		"/cafe\u0301/":          "/café/",
		"/한국어/기사/":              "/한국어/기사/",
		"/with space/":          "/with space/",
		"":                      "",
		"a":                     "",
		"//":                    "",
		"//evil.example/":       "",
		"/a//b":                 "",
		"/a/../b":               "",
		"/./a":                  "",
		"/a/..":                 "",
		`/\evil.example`:        "",
		"/a\x00b":               "",
		"/a\nb":                 "",
		"/a\xffb":               "",
		"/" + long(1999):        "/" + long(1999),
		"/" + long(2000):        "",
		"/" + long(1998) + "//": "",
	} {
		got, ok := address.Clean(in)
		if got != want || ok != (want != "") {
			t.Errorf("Clean(%q) = %q, %v, want %q", in, got, ok, want)
		}
		if again, _ := address.Clean(got); ok && again != got {
			t.Errorf("Clean(Clean(%q)) = %q", in, again)
		}
	}
}

func long(n int) string { return strings.Repeat("ä", n) }

func TestReserved(t *testing.T) {
	for slug, want := range map[string]bool{
		"newsroom": true, "Category": true, "wp-admin": true, "2024": true, "03": true, "feed": true, "comment-page-2": true, "history": true, "report": true, ".well-known": true,
		"news": false, "20245": false, "wp": false, "7": false, "comment-page": false, "feeds": false, "2024-in-pictures": false,
	} {
		if got := address.ReservedSlug(slug); got != want {
			t.Errorf("ReservedSlug(%q) = %v", slug, got)
		}
	}
	for slug, want := range map[string]bool{"feed": true, "PAGE": true, "history": false, "2024": false, "search": false} {
		if got := address.ReservedListSlug(slug); got != want {
			t.Errorf("ReservedListSlug(%q) = %v", slug, got)
		}
	}
	for path, want := range map[string]bool{
		"/": true, "/2012/": true, "/2012/03": true, "/2012/03/04/": true, "/search/": true, "/category/world/": true, "/about/feed/": true,
		"/wp-content/uploads/a.jpg": true, "/2012/03/text/comment-page-2/": true, "/healthz": true, "/2012/03/text/report": true,
		"/2012/03/04/text/": false, "/about/": false, "/archives/123": false, "/?p=12": false, "/2012/03/123/": false, "/blog/v2/": false,
	} {
		if got := address.ReservedPath(path); got != want {
			t.Errorf("ReservedPath(%q) = %v", path, got)
		}
	}
}

func TestSlug(t *testing.T) {
	for _, test := range []struct{ title, ascii, kept string }{
		{"Court Blocks the Ferry's “Sale”, Again", "court-blocks-the-ferrys-sale-again", "court-blocks-the-ferrys-sale-again"},
		{"Straße & Äpfel", "strasse-and-apfel", "straße-äpfel"},
		{"Привет, мир", "privet-mir", "привет-мир"},
		{"대한민국 선거", "daehanmingug-seongeo", "대한민국-선거"},
		{"انتخابات مصر", "ntkhbt-msr", "انتخابات-مصر"},
		{"Café", "cafe", "café"},
		{"Ｆｕｌｌ width", "full-width", "full-width"},
		{"snake_case_title", "snake-case-title", "snake-case-title"},
		{"🎉🎉", "", ""},
		{"  ", "", ""},
		{"\u0301", "", ""},
	} {
		if got := address.Slug(test.title, true); got != test.ascii {
			t.Errorf("Slug(%q, ascii) = %q, want %q", test.title, got, test.ascii)
		}
		if got := address.Slug(test.title, false); got != test.kept {
			t.Errorf("Slug(%q) = %q, want %q", test.title, got, test.kept)
		}
	}
	if got := address.Slug(strings.Repeat("word ", 40), true); len(got) > 80 || strings.HasSuffix(got, "-") || !strings.HasSuffix(got, "word") {
		t.Errorf("long slug = %q", got)
	}
	if got := address.Slug(long(200), false); len([]rune(got)) != 80 {
		t.Errorf("one long word = %d characters", len([]rune(got)))
	}
}

func TestSuffixed(t *testing.T) {
	for in, want := range map[string]string{
		"/a/b/": "/a/b-2/", "/a/b": "/a/b-2", "/a/b.html": "/a/b-2.html",
	} {
		if got := address.Suffixed(in, 2); got != want {
			t.Errorf("Suffixed(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTag(t *testing.T) {
	if got := address.Tag("/a b/ü/"); got != "path:/a%20b/%C3%BC" || got != address.Tag("/a b/ü") || address.Tag("/") != "path:/" {
		t.Errorf("Tag = %q", got)
	}
}

func TestTrunk(t *testing.T) {
	for path, want := range map[string]string{
		"/2026/11/x/": "/2026/11/x/", "/2026/11/x": "/2026/11/x", "/2026/11/x/history": "/2026/11/x/", "/2026/11/x/v/3": "/2026/11/x/", "/category/a/b/feed/": "/category/a/b/",
		"/category/a/page/2/": "/category/a/", "/x/comment-page-2/": "/x/", "/page/2/": "/page/2/", "/": "/",
	} {
		if got := address.Trunk(path); got != want {
			t.Errorf("Trunk(%q) = %q, want %q", path, got, want)
		}
	}
}
