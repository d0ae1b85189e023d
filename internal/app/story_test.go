package app_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"stet/internal/staff"
)

// TestStory is the whole main job by plain requests, as curl would send them: an editor creates, publishes and appends an update, a reader
// comments, a moderator approves, and readers see it.
func TestStory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	editor := w.signedIn(staff.Editor)

	at := editor.post("/newsroom/articles", http.StatusSeeOther, "key", "n1").Header.Get("Location")
	if again := editor.post("/newsroom/articles", http.StatusSeeOther, "key", "n1").Header.Get("Location"); again != at {
		t.Errorf("the same key made %s and %s", at, again)
	}
	revision := value(t, editor.get(at).body, "revision")
	editor.post(at, http.StatusSeeOther, "headline", "The lamp at Cape Ore", "standfirst", "Lit again.", "body", "<p>At 21:14 the lamp came on.</p><p>Nobody waved.</p>",
		"revision", revision, "language", "en", "label", "news")
	revision = value(t, editor.get(at).body, "revision")
	editor.post(at+"/publish", http.StatusSeeOther, "revision", revision, "key", "p1")
	path := publicPath(t, editor.get(at).body)

	reader := w.visitor()
	before := reader.get(path)
	if before.StatusCode != http.StatusOK || !strings.Contains(before.body, "The lamp at Cape Ore") || !strings.Contains(before.body, `data-version="1"`) {
		t.Fatalf("the published article: %d\n%.1500s", before.StatusCode, before.body)
	}
	if len(before.Cookies()) > 0 || strings.Contains(before.Header.Get("Vary"), "Cookie") {
		t.Error("a public page sets or varies by a cookie")
	}
	for range 2 {
		editor.post(at+"/updates", http.StatusSeeOther, "kind", "update", "notice", "<p>Kest answered: “filed under fiction”.</p>", "key", "u1")
	}
	after := reader.get(path)
	if n := strings.Count(after.body, `id="update-2"`); n != 1 || strings.Contains(after.body, `id="update-3"`) {
		t.Errorf("the update stands %d times at #update-2, want once and nothing at #update-3", n)
	}
	if x, y := section(before.body, "body"), section(after.body, "body"); x != y || x == "" {
		t.Errorf("#body changed by an update:\n%s\n%s", x, y)
	}

	receipt := reader.post(path+"comments", http.StatusSeeOther, "name", "Ilse Brandt", "email", "ilse.brandt@reader.example", "body", "It was most of a night.", "version", "2").Header.Get("Location")
	receipt = strings.TrimPrefix(receipt, w.server.URL)
	if got := reader.get(receipt); !strings.Contains(got.body, `data-status="pending"`) || !strings.Contains(got.Header.Get("Cache-Control"), "no-store") ||
		got.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("receipt: %d %v\n%.800s", got.StatusCode, got.Header, got.body)
	}
	if got := reader.get(path); strings.Contains(got.body, "most of a night") {
		t.Error("a comment is public before it was approved")
	}
	moderator := w.signedIn(staff.Moderator)
	queue := moderator.get("/newsroom/comments?status=pending")
	item := regexp.MustCompile(`data-comment="(\d+)"`).FindStringSubmatch(queue.body)
	if item == nil || !strings.Contains(queue.body, "most of a night") {
		t.Fatalf("the queue does not show the comment:\n%.2000s", queue.body)
	}
	moderator.post("/newsroom/comments/"+item[1]+"/approve", http.StatusSeeOther)
	public := reader.get(path)
	if !strings.Contains(public.body, "most of a night") || !strings.Contains(public.body, `id="comment-`+item[1]+`"`) {
		t.Errorf("the approved comment is not public:\n%.2000s", section(public.body, "comments"))
	}
	if strings.Contains(public.body, "ilse.brandt@") {
		t.Error("the commenter's e-mail is public")
	}
	if got := reader.get(receipt); !strings.Contains(got.body, `data-status="published"`) {
		t.Errorf("the receipt does not say that it was published:\n%.800s", got.body)
	}
}

// value is that of the first field of this name.
func value(t *testing.T, html, name string) string {
	t.Helper()
	tag := regexp.MustCompile(`<input[^>]*\bname="` + name + `"[^>]*>`).FindString(html)
	m := regexp.MustCompile(`\bvalue="([^"]*)"`).FindStringSubmatch(tag)
	if m == nil {
		t.Fatalf("no field %s in\n%.1500s", name, html)
	}
	return m[1]
}

// publicPath is the address under which the editor's page says the article stands.
func publicPath(t *testing.T, html string) string {
	t.Helper()
	m := regexp.MustCompile(`/\d{4}/\d{2}/[^/"]+/`).FindString(html)
	if m == "" {
		t.Fatalf("the editor's page names no public address:\n%.1500s", html)
	}
	return m
}

// section is the HTML of the element with this id, up to the next element with one.
func section(html, id string) string {
	_, rest, found := strings.Cut(html, ` id="`+id+`"`)
	if !found {
		return ""
	}
	if i := strings.Index(rest, `class="notices"`); i >= 0 && id == "body" {
		rest = rest[:i]
	}
	if i := strings.Index(rest, "</div>"); i >= 0 && id == "body" {
		rest = rest[:i]
	}
	return rest
}
