package newsroom

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/markup"
	"stet/internal/page"
)

func TestLocal(t *testing.T) {
	for to, want := range map[string]string{
		"/newsroom/articles/12":        "/newsroom/articles/12",
		"/newsroom/comments?status=a&": "/newsroom/comments?status=a&",
		"":                             "/else",
		"/":                            "/else",
		"/newsroom":                    "/else",
		"//evil.example/newsroom/":     "/else",
		"/\\evil.example/newsroom/":    "/else",
		"/newsroom/\\evil.example":     "/else",
		"/newsroom//evil.example":      "/else",
		"/newsroom/../x":               "/else",
		"/newsroom/x/..":               "/else",
		"/newsroom/%2e%2e/x":           "/else",
		"https://evil.example":         "/else",
		"https:/newsroom/":             "/else",
		"javascript:alert(1)":          "/else",
		"/newsroom/\r\nSet-Cookie: a":  "/else",
		"/newsroom/\tx":                "/else",
		"/newsroom/%zz":                "/else",
		"newsroom/":                    "/else",
	} {
		if got := local(to, "/else"); got != want {
			t.Errorf("local(%q) = %q, want %q", to, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	testPages(t)
	for d, want := range map[time.Duration]string{
		-time.Second: "1 min", 20 * time.Second: "1 min", 90 * time.Second: "1 min", 14 * time.Minute: "14 min", time.Hour: "1 h",
		74 * time.Minute: "1 h 14 min", 25 * time.Hour: "1 day 1 h", 48*time.Hour + 30*time.Minute: "2 days",
	} {
		if got := duration(d); got != want {
			t.Errorf("duration(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestMark(t *testing.T) {
	for line, want := range map[string][]run{
		"":                        nil,
		"nothing":                 {{"nothing", false}},
		"bought and paid for, ok": {{"bought and paid for", true}, {", ok", false}},
		"is paid, was bought":     {{"is ", false}, {"paid", true}, {", was ", false}, {"bought", true}},
	} {
		if got := mark(line, []string{"bought", "bought and paid for", "paid", ""}); !slices.Equal(got, want) {
			t.Errorf("mark(%q) = %v, want %v", line, got, want)
		}
	}
}

func TestLines(t *testing.T) {
	names, addresses := lines("Mastodon https://m.example/@a\r\n\n  Two words\thttps://b.example \nhttps://c.example")
	if want := []string{"Mastodon", "Two words", ""}; !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
	if want := []string{"https://m.example/@a", "https://b.example", "https://c.example"}; !slices.Equal(addresses, want) {
		t.Errorf("addresses %q, want %q", addresses, want)
	}
}

func TestTicked(t *testing.T) {
	for _, tt := range []struct {
		values []string
		want   bool
	}{{nil, false}, {[]string{""}, false}, {[]string{"0"}, false}, {[]string{"0", "1"}, true}, {[]string{"1"}, true}, {[]string{"on"}, true}, {[]string{"false"}, false}} {
		if got := ticked(tt.values); got != tt.want {
			t.Errorf("ticked(%q) = %v, want %v", tt.values, got, tt.want)
		}
	}
}

// What a draft is and what its form holds are the same in both directions, and what a form lacks stays.
func TestDraftAndItsForm(t *testing.T) {
	zone := time.FixedZone("there", 2*60*60)
	embargo := time.Date(2026, 5, 14, 16, 0, 30, 0, time.UTC)
	d := article.Draft{Headline: "H", Standfirst: "S", Kicker: "K", Dateline: "D", Label: "opinion", Slug: "h", Language: "ar", Body: "<p>B</p>", Category: "c", Also: []string{"x", "y"},
		Tags: []string{"One tag", "two"}, Authors: []string{"a-b", "C D"}, Image: 7, ImageAlt: "A", ImageCaption: "C", ImageCredit: "R", Comments: "closed", Embargo: &embargo, NoIndex: true, Live: true}
	got, err := readDraft(page.Form{Values: draftValues(d, zone)}, d, zone)
	if err != nil || !reflect.DeepEqual(got, d) {
		t.Errorf("there and back: %+v, %v, want %+v", got, err, d)
	}
	got, err = readDraft(page.Form{Values: url.Values{"comments": {"open"}, "noindex": {"0"}, "also": {""}, "note": {"Why"}}}, d, zone)
	want := d
	want.Comments, want.NoIndex, want.Also, want.Note = "open", false, nil, "Why"
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("a part of the form: %+v, %v, want %+v", got, err, want)
	}
	for name, bad := range map[string]string{"image": "seven", "embargo": "soon"} {
		_, err := readDraft(page.Form{Values: url.Values{name: {bad}}}, d, zone)
		if faults, ok := refused(err); !ok || faults[name] == "" {
			t.Errorf("%s=%s: %v, want a fault of the field", name, bad, err)
		}
	}
}

func TestWithStatement(t *testing.T) {
	testPages(t)
	c := page.Clock{Zone: time.FixedZone("there", 2*60*60), Now: time.Now, Lang: "en"}
	f := page.Form{Values: url.Values{"notice": {"It answered."}, "statement": {"First <b>.\r\nSame.\r\n\r\nSecond."}, "speaker": {"A & B"}, "role": {"Keepers"}, "source": {"By letter"},
		"asked": {"2026-05-12T09:30"}, "answered": {"2026-05-14T14:05"}}}
	want := "It answered.\n\n<blockquote class=\"statement\"><p>First &lt;b&gt;.<br>Same.</p><p>Second.</p><footer><cite>A &amp; B</cite><span class=\"role\">Keepers</span><span>By letter</span>" +
		"<span class=\"asked\">Asked <time datetime=\"2026-05-12T09:30\">12 May 2026, 09:30</time></span><span class=\"answered\">Answered <time datetime=\"2026-05-14T14:05\">14 May 2026, 14:05</time></span></footer></blockquote>"
	if got, err := withStatement(f, c); got != want || err != nil {
		t.Errorf("withStatement = %q, %v, want %q", got, err, want)
	}
	if kept := markup.Notice(want); strings.Replace(kept, "<p>It answered.</p>", "It answered.\n\n", 1) != strings.ReplaceAll(want, "<br>", "<br/>") {
		t.Errorf("an article keeps it as %s", kept)
	}
	for field, form := range map[string]url.Values{"statement": {"speaker": {"A"}}, "asked": {"statement": {"S"}, "asked": {"soon"}}, "answered": {"statement": {"S"}, "answered": {"2026-13-01T00:00"}}} {
		if _, err := withStatement(page.Form{Values: form}, c); err == nil {
			t.Errorf("%v is taken", form)
		} else if faults, ok := refused(err); !ok || faults[field] == "" {
			t.Errorf("%v: %v, want a fault of %s", form, err, field)
		}
	}
}

func TestExcerpt(t *testing.T) {
	far := strings.Repeat("word ", 30) + "the port lies there. " + strings.Repeat("é", 200)
	at := strings.Index(far, "port")
	for _, tt := range []struct {
		text  string
		marks [][2]int
		want  []run
	}{
		{"", nil, nil},
		{"a\nport", [][2]int{{2, 6}}, []run{{"a ", false}, {"port", true}}},
		{"port, port", [][2]int{{0, 4}, {6, 10}}, []run{{"port", true}, {", ", false}, {"port", true}}},
		{far, [][2]int{{at, at + 4}}, []run{{"…", false}, {strings.Repeat("word ", 13) + "the ", false}, {"port", true}, {" lies there. " + strings.Repeat("é", 97), false}, {"…", false}}},
	} {
		if got := excerpt(tt.text, tt.marks); !slices.Equal(got, tt.want) {
			t.Errorf("excerpt(%.20q) = %v, want %v", tt.text, got, tt.want)
		}
	}
}
