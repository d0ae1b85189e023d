package site

import (
	"slices"
	"strings"
	"testing"
)

func TestExcerpt(t *testing.T) {
	for _, tt := range []struct {
		text  string
		limit int
		want  string
	}{
		{"Short.", 20, "Short."},
		{"First paragraph.\n\nSecond.", 20, "First paragraph."},
		{"It is 41 kilometres. We had copied it.", 30, "It is 41 kilometres."},
		{"We had copied it from the chart of 1931, which", 30, "We had copied it from the…"},
		{"We had copied it from the chart, of", 33, "We had copied it from the chart…"},
		{strings.Repeat("길", 30), 20, strings.Repeat("길", 10) + "…"},
		{strings.Repeat("a", 30), 10, strings.Repeat("a", 10) + "…"},
		{"", 10, ""},
		{"ab👩\u200d👩\u200d👧", 4, "ab…"},
		{"ab\u0301c", 2, "a…"},
		{"กำกำกำกำ", 3, "กำ…"},
		{"हिन्दीहिन्दी", 4, "हि…"},
		{"🇪🇪🇫🇮🇸🇪", 3, "🇪🇪…"},
		{"👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 9, "👩‍👩‍👧‍👦…"},
		{"👍🏽👍🏽", 3, "👍🏽…"},
		{"e\u0301e\u0301e\u0301", 3, "e\u0301…"},
	} {
		if got := excerpt(tt.text, tt.limit); got != tt.want {
			t.Errorf("excerpt(%q, %d) = %q, want %q", tt.text, tt.limit, got, tt.want)
		}
	}
}

func TestSplit(t *testing.T) {
	for path, want := range map[string]string{
		"/":                        "/ ",
		"/about/":                  "/about/ ",
		"/about":                   "/about ",
		"/2026/06/x/v/2":           "/2026/06/x/ v 2",
		"/2007/old.html/history":   "/2007/old.html/ history",
		"/x/comment-page-2/":       "/x/ comment-page-2 ",
		"/category/a/b/feed/atom/": "/category/a/b/ feed atom ",
		"/category/a/feed.json":    "/category/a/ feed.json",
		"/history":                 "/history ",
		"/author/since/":           "/author/since/ ",
		"/tag/history/feed/":       "/tag/history/ feed ",
	} {
		at, rest := split(path)
		if got := at + " " + strings.Join(rest, " "); got != want {
			t.Errorf("split(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestRoutes(t *testing.T) {
	got := Routes()
	for _, want := range []string{"/", "/search", "/comments/{token}", "/feed/atom/", "LISTfeed.json", "ARTICLE", "ARTICLEv/{n}"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not among %q", want, got)
		}
	}
}
