package importer

import (
	"slices"
	"testing"
)

func TestFate(t *testing.T) {
	for _, c := range []struct {
		it   Item
		want Fate
		said bool
	}{
		{Item{Kind: Post, Status: "publish"}, Published, false},
		{Item{Kind: Page, Status: "publish"}, Published, false},
		{Item{Kind: Post, Status: "publish", Password: true}, Draft, true},
		{Item{Kind: Post, Status: "future"}, Scheduled, false},
		{Item{Kind: Post, Status: "future", Password: true}, Draft, true},
		{Item{Kind: Post, Status: "draft"}, Draft, false},
		{Item{Kind: Post, Status: "pending"}, Draft, true},
		{Item{Kind: Post, Status: "private"}, Draft, true},
		{Item{Kind: Post, Status: "trash", Password: true}, Trashed, true},
		{Item{Kind: Post, Status: "auto-draft"}, LeftOut, true},
		{Item{Kind: Post, Status: "inherit"}, LeftOut, true},
		{Item{Kind: Post, Status: "wc-completed"}, Draft, true},
		{Item{Kind: Post}, Draft, true},
		{Item{Kind: Attachment, Status: "inherit"}, LeftOut, true},
		{Item{Kind: Other, Type: "nav_menu_item", Status: "publish"}, LeftOut, true},
		{Item{Kind: Post, Status: "publish", Fault: "too large"}, LeftOut, true},
	} {
		if got, why := c.it.Fate(); got != c.want || (why != "") != c.said {
			t.Errorf("fate of %+v = %s (%q), want %s", c.it, got, why, c.want)
		}
	}
}

func TestCommentFate(t *testing.T) {
	for _, c := range []struct {
		status, typ string
		want        CommentFate
	}{
		{"1", "", CommentApproved}, {"1", "comment", CommentApproved}, {"0", "", CommentPending}, {"", "", CommentPending}, {"hold", "", CommentPending},
		{"spam", "", CommentSpam}, {"trash", "comment", CommentRejected}, {"post-trashed", "", CommentRejected},
		{"1", "pingback", CommentLeftOut}, {"1", "trackback", CommentLeftOut}, {"1", "order_note", CommentLeftOut},
	} {
		if got, why := (&Comment{Status: c.status, Type: c.typ}).Fate(); got != c.want || (got == CommentLeftOut && why == "") {
			t.Errorf("fate of a %s comment with status %q = %s (%q), want %s", c.typ, c.status, got, why, c.want)
		}
	}
}

func TestNewSlug(t *testing.T) {
	for _, c := range []struct {
		it   Item
		want string
	}{
		{Item{Slug: "tide-tables", Title: "x"}, "tide-tables"},
		{Item{Slug: "Επίπεδο-2"}, "επίπεδο-2"},
		{Item{Slug: "a/b", Title: "One & <em>two</em>"}, "one-and-two"},
		{Item{Title: "Über die Küste"}, "uber-die-kuste"},
		{Item{Kind: Post, ID: 12, Title: "😀"}, "post-12"},
		{Item{Kind: Page, ID: 12}, "page-12"},
	} {
		if got := c.it.NewSlug(); got != c.want {
			t.Errorf("slug of %+v = %q, want %q", c.it, got, c.want)
		}
	}
	if got := (&Item{Kind: Post}).NewSlug(); len(got) != len("post-")+8 {
		t.Errorf("slug of nothing = %q", got)
	}
}

func TestSitePath(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example/2024/05/x/":             "/2024/05/x/",
		"https://a.example/archives/123":           "/archives/123",
		"http://a.example/a%20b/%ce%b1%cc%81.html": "/a b/\u03ac.html",
		"/only/a/path":                             "/only/a/path",
		"https://a.example/?p=12":                  "",
		"https://a.example/x.php?id=1":             "",
		"https://a.example":                        "",
		"https://a.example/":                       "",
		"https://a.example/../../etc//passwd":      "/etc/passwd",
		"https://a.example/%00x":                   "",
		"https://a.example/%ff":                    "",
		"https://a.example/a%5Cb":                  "",
		"https://a.example/%":                      "",
		"mailto:x@example.org":                     "",
		"":                                         "",
	} {
		in = " " + in + "\n" // as some exports have it
		if got := SitePath(in); got != want {
			t.Errorf("SitePath(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestOldAddresses(t *testing.T) {
	for _, c := range []struct {
		it   Item
		want []string
	}{
		{Item{Kind: Post, ID: 3, Link: "https://a.example/x/y/", Slug: "y", OldSlugs: []string{"z", "y", "", "a/b"}}, []string{"/x/y/", "/x/z/", "/?p=3"}},
		{Item{Kind: Post, ID: 3, Link: "https://a.example/archives/3", Slug: "y", OldSlugs: []string{"z"}}, []string{"/archives/3", "/?p=3"}},
		{Item{Kind: Page, ID: 3, Link: "https://a.example/?page_id=3"}, []string{"/?page_id=3", "/?p=3"}},
		{Item{Kind: Post, ID: 1153, Link: "https://a.example/s/", GUID: "https://a.example/?p=418"}, []string{"/s/", "/?p=1153"}},
		{Item{Kind: Post, GUID: "https://a.example/?p=418"}, []string{"/?p=418"}},
		{Item{Kind: Post}, nil},
	} {
		if got := c.it.OldAddresses(); !slices.Equal(got, c.want) {
			t.Errorf("addresses of %+v = %q, want %q", c.it, got, c.want)
		}
	}
}

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"Markup: <em>With</em> <b>Mark<sup>up</sup></b>": "Markup: With Markup",
		"The <html> tag &amp; List<String>":              "The <html> tag & List<String>",
		"1 < 2 &lt; 3 &":                                 "1 < 2 < 3 &",
		"<p>One</p><p>two<br>three</p>":                  "One two three",
		"a<script>alert(1)</script>b<!-- c -->":          "ab",
		"  a \n\t b\u00a0c ":                             "a b c",
		"a\x07b\u202ec\u2066d":                           "abcd",
		"\\ \" ' `":                                      "\\ \" ' `",
	} {
		if got := plainText(in); got != want {
			t.Errorf("plainText(%q) = %q, want %q", in, got, want)
		}
	}
}
