package app_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/staff"
)

// TestNothingHiddenIsPublic marks what readers may not see and looks for the marks on every address that the site links, feeds, maps or
// answers to a guess.
func TestNothingHiddenIsPublic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, editor := t.Context(), w.people[staff.Editor]
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	hidden := func(mark string) (int64, int) {
		return w.draft("Hidden "+mark, "<p>Secret "+mark+"</p>")
	}
	hidden("zqxdraft")
	trashed, _ := hidden("zqxtrashed")
	must(w.app.Articles.Trash(ctx, editor, trashed))
	scheduled, revision := hidden("zqxscheduled")
	later := time.Now().Add(48 * time.Hour)
	_, err := w.app.Articles.Publish(ctx, editor, scheduled, article.PublishIn{Revision: revision, At: &later})
	must(err)
	withdrawn, gone := w.published("Hidden zqxwithdrawn", "<p>Secret zqxwithdrawn</p>")
	must(w.app.Articles.Withdraw(ctx, editor, withdrawn, "<p>We took this back.</p>"))
	withheld, barred := w.published("Hidden zqxwithheld", "<p>Secret zqxwithheld</p>")
	must(w.app.Articles.Withhold(ctx, w.people[staff.Admin], withheld, []int{1}, "<p>A court ordered it.</p>"))

	open, path := w.published("Open", "<p>For everyone</p>")
	_, err = w.app.Articles.Append(ctx, editor, open, article.NoticeIn{Kind: article.Correction, Notice: "<p>Put right.</p>"})
	must(err)
	changed, err := w.app.Articles.Revision(ctx, editor, open, 2)
	must(err)
	changed.Body += "<p>zqxchange</p>"
	_, err = w.app.Articles.Save(ctx, editor, open, article.SaveIn{Draft: changed, Base: 2})
	must(err)
	for i, status := range []string{"", "approve", "reject", "spam"} {
		_, err := w.app.Comments.Post(ctx, comment.In{ArticleID: open, Name: "Reader", Email: fmt.Sprintf("zqxemail%d@reader.example", i), Body: "said zqx" + status + "comment",
			Version: 1, Address: netip.MustParseAddr("192.0.2.1")})
		must(err)
		items, _, err := w.app.Comments.Queue(ctx, w.people[staff.Moderator], comment.Filter{})
		must(err)
		for _, item := range items {
			if status != "" && strings.Contains(item.Text, "zqx"+status) {
				must(w.app.Comments.Decide(ctx, w.people[staff.Moderator], item.Pick(), comment.Act(status), "because"))
			}
		}
	}

	allowed := []string{"zqxapprovecomment"}
	reader := w.visitor()
	seen := crawl(t, reader, []string{"/", "/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml", "/sitemap-news.xml", "/robots.txt", "/corrections/", "/corrections/feed/",
		path, path + "history", path + "feed/", path + "updates.xml", path + "v/1", path + "v/2", path + "v/3", path + "since/1", gone, gone + "history", gone + "v/1",
		gone + "feed/", barred, barred + "v/1", barred + "history", "/search?q=secret", "/search?q=hidden", "/search?q=zqxdraft", "/search?q=zqxscheduled",
		"/search?q=zqxchange", "/hidden-zqxdraft/", "/no-such-page/", time.Now().Format("/2006/01/"), time.Now().Format("/2006/")})
	if len(seen) < 30 {
		t.Errorf("crawled only %d addresses", len(seen))
	}
	for address, body := range seen {
		query, err := url.Parse(address)
		must(err)
		for _, mark := range regexp.MustCompile(`zqx[a-z0-9]+`).FindAllString(body, -1) {
			if strings.Contains(query.Query().Get("q"), mark) || mark == "zqx" || slices.Contains(allowed, mark) || strings.Contains(address, mark) {
				continue // the visitor's own words, shown back
			}
			t.Errorf("%s shows %s", address, mark)
		}
	}
	if got := reader.get(gone); got.StatusCode != http.StatusGone || !strings.Contains(got.body, "We took this back.") {
		t.Errorf("a withdrawn article answers %d, want 410 with its notice", got.StatusCode)
	}
	if got := reader.get(barred); got.StatusCode != http.StatusUnavailableForLegalReasons || !strings.Contains(got.body, "A court ordered it.") {
		t.Errorf("a withheld article answers %d, want 451 with its ground", got.StatusCode)
	}
	if got := reader.get(path); !strings.Contains(got.body, "zqxapprovecomment") {
		t.Error("the approved comment is not public: this test would not notice a leak")
	}
}

var hrefs = regexp.MustCompile(`(?:href|action)="(/[^"#]*)`)

// crawl follows every link within the site from the given addresses, a few hundred at most, and gives the bodies by address.
func crawl(t *testing.T, v *visitor, start []string) map[string]string {
	t.Helper()
	seen := map[string]string{}
	for queue := start; len(queue) > 0 && len(seen) < 400; {
		at := queue[0]
		queue = queue[1:]
		if _, done := seen[at]; done || strings.HasPrefix(at, "/newsroom") || strings.HasPrefix(at, "/static/") {
			continue
		}
		got := v.get(at)
		if got.StatusCode >= 500 {
			t.Errorf("GET %s = %d", at, got.StatusCode)
		}
		seen[at] = got.body + got.Header.Get("Location")
		for _, m := range hrefs.FindAllStringSubmatch(got.body, -1) {
			queue = append(queue, strings.ReplaceAll(m[1], "&amp;", "&"))
		}
		var feed struct {
			Links []string `xml:"channel>item>link"`
			Locs  []string `xml:"url>loc"`
		}
		if strings.HasPrefix(got.body, "<?xml") && xml.Unmarshal([]byte(got.body), &feed) == nil {
			for _, link := range append(feed.Links, feed.Locs...) {
				queue = append(queue, strings.TrimPrefix(link, v.server.URL))
			}
		}
	}
	return seen
}
