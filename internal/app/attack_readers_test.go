package app_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"stet/internal/app"
	"stet/internal/comment"
	"stet/internal/staff"
)

// TestWrongIDs sends lists of comments that no page would send. Nothing is decided but what was rightly chosen, once.
func TestWrongIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	article, _ := w.published("The lamp", "<p>Words.</p>")
	one, _ := w.posts(article, "Ilse", "The first.")
	w.posts(article, "Tomasz", "The second.")
	v := w.signedIn(staff.Moderator)
	before := w.tables()
	huge := make([]string, 2000)
	for i := range huge {
		huge[i] = fmt.Sprint(one + int64(i))
	}
	for what, ids := range map[string][]string{"none": nil, "empty": {""}, "words": {"x"}, "negative": {"-1"}, "half": {"1.2"}, "too much": {"1.2.3.4"}, "negative parts": {fmt.Sprintf("%d.-1.0", one)},
		"beyond a number": {"99999999999999999999"}, "nobody's": {"9223372036854775807"}, "stale": {fmt.Sprintf("%d.1.99", one)},
		"thousands": huge, "one good, one bad": {fmt.Sprint(one), "x"}} {
		for _, act := range []string{"approve", "reject", "spam", "hold", "undo", "delete", ""} {
			got := v.do(http.MethodPost, "/newsroom/comments/bulk", url.Values{"ids": ids, "act": {act}})
			if got.StatusCode >= 500 {
				t.Errorf("bulk %s of ids that are %s = %d", act, what, got.StatusCode)
			}
		}
	}
	for _, id := range []string{"0", "-1", "x", "99999999999999999999", "9223372036854775807", "1e3"} {
		for _, act := range []string{"approve", "undo", "pin", "reply", "second"} {
			got := v.do(http.MethodPost, "/newsroom/comments/"+id+"/"+act, form("opinion", id, "act", "approve", "body", "Words."))
			if got.StatusCode < 400 || got.StatusCode >= 500 {
				t.Errorf("%s of comment %s = %d, want 4xx", act, id, got.StatusCode)
			}
		}
		if got := v.do(http.MethodPost, "/newsroom/comments/bulk", form("person", id, "act", "approve")); got.StatusCode >= 500 {
			t.Errorf("bulk of person %s = %d", id, got.StatusCode)
		}
		if got := v.do(http.MethodPost, "/newsroom/comments/claim", form("after", id)); got.StatusCode >= 500 {
			t.Errorf("claim after %s = %d", id, got.StatusCode)
		}
	}
	if _, err := w.db.App.Exec(t.Context(), `DELETE FROM comment_claims`); err != nil {
		t.Fatal(err)
	}
	w.unchanged(before, "a list of wrong ids")
	again := fmt.Sprint(one)
	v.do(http.MethodPost, "/newsroom/comments/bulk", url.Values{"ids": {again, again, again}, "act": {"approve"}})
	var n int
	if err := w.db.App.QueryRow(t.Context(), `SELECT count(*) FROM decisions`).Scan(&n); err != nil || n != 1 {
		t.Errorf("one comment, three times in a list: %d decisions, %v", n, err)
	}
}

// TestTwoModeratorsOnOneComment has two decide on the same comment at the same moment, many times over: one decides, the other is told what.
func TestTwoModeratorsOnOneComment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	article, _ := w.published("The lamp", "<p>Words.</p>")
	one, other := w.signedIn(staff.Moderator), w.signedIn(staff.Editor)
	for i := range 10 {
		id, _ := w.posts(article, fmt.Sprint("Reader", i), fmt.Sprint("Words, ", i))
		item, err := w.app.Comments.CommentOf(t.Context(), w.people[staff.Moderator], id)
		if err != nil {
			t.Fatal(err)
		}
		var answers [2]answer
		var both sync.WaitGroup
		for k, v := range []*visitor{one, other} {
			act := []string{"approve", "reject"}[k]
			both.Go(func() {
				answers[k] = v.do(http.MethodPost, fmt.Sprintf("/newsroom/comments/%d/%s", id, act), form("ids", item.Pick().String(), "reason", "Because."))
			})
		}
		both.Wait()
		first, late, who, status := answers[0], answers[1], "The moderator", comment.Approved
		if first.StatusCode != http.StatusSeeOther {
			first, late, who, status = answers[1], answers[0], "The editor", comment.Rejected
		}
		if first.StatusCode != http.StatusSeeOther || late.StatusCode != http.StatusConflict || !strings.Contains(late.body, who) {
			t.Fatalf("two at once: %d and %d, want 303 and a 409 that names %s", first.StatusCode, late.StatusCode, who)
		}
		var is comment.Status
		var n int
		if err := w.db.App.QueryRow(t.Context(), `SELECT status, (SELECT count(*) FROM decisions WHERE comment_id = c.id) FROM comments c WHERE id = $1`, id).Scan(&is, &n); err != nil || is != status || n != 1 {
			t.Errorf("two at once: %s with %d decisions, %v, want %s with one", is, n, err, status)
		}
	}
}

// TestFormsFromOtherSites sends each form that readers have from another site's page: none is taken.
func TestFormsFromOtherSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	article, path := w.published("The lamp", "<p>Words.</p>")
	receipts := w.receiptsOf(article)
	said, _ := w.posts(article, "Hanne", "So it is.")
	w.decides(said, comment.Approve)
	before := w.tables()
	f := form("name", "Eve", "email", "eve@evil.example", "body", "From elsewhere.", "version", "1", "reason", "abuse", "act", "erase", "detail", "x", "sure", "yes").Encode()
	at := []string{path + "comments", path + "report", fmt.Sprintf("%scomments/%d/report", path, said), "/comments/mine", "/comments/mail/x"}
	for where, token := range receipts {
		at = append(at, where+token)
	}
	for _, to := range at {
		for key, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+to, strings.NewReader(f))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(key, value)
			got, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if got.Body.Close(); got.StatusCode != http.StatusForbidden {
				t.Errorf("POST %.30s with %s: %s = %d, want 403", to, key, value, got.StatusCode)
			}
		}
	}
	w.unchanged(before, "a form from another site")
}

// TestReceiptsStaySecret looks at the headers of every page that its address alone lets in to, whatever it answers, and at the log of one
// that fails.
func TestReceiptsStaySecret(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	w := newWorld(t, func(o *app.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	article, path := w.published("The lamp", "<p>Words.</p>")
	receipts := w.receiptsOf(article)
	v := w.visitor()
	secret := func(got answer, what string) {
		t.Helper()
		for key, want := range map[string]string{"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer", "Set-Cookie": "", "ETag": ""} {
			if is := got.Header.Get(key); is != want {
				t.Errorf("%s (%d): %s is %q, want %q", what, got.StatusCode, key, is, want)
			}
		}
		if is := got.Header.Get("Cache-Control"); !strings.Contains(is, "no-store") {
			t.Errorf("%s (%d): Cache-Control is %q", what, got.StatusCode, is)
		}
	}
	for at, token := range receipts {
		secret(v.get(at+token), at)
		secret(v.do(http.MethodPost, at+token, form("act", "nothing")), at+" with a wrong act")
		secret(v.get(at+strings.Repeat("A", len(token))), at+" of nobody")
	}
	secret(v.get("/comments/mail/x"), "a forged mail link")
	secret(v.get("/comments/mine"), "the form for one's data")
	got := v.post(path+"comments", http.StatusSeeOther, "name", "Ilse", "email", "ilse@reader.example", "body", "Another.", "version", "1")
	if cache := got.Header.Get("Cache-Control"); cache != "private, no-store" {
		t.Errorf("the way to a receipt: Cache-Control %q", cache)
	}
	for _, table := range []string{"comments", "error_reports", "comment_reports"} {
		if _, err := w.db.Super.Exec(t.Context(), `ALTER TABLE `+table+` RENAME TO `+table+`_gone`); err != nil {
			t.Fatal(err)
		}
	}
	for at, token := range receipts {
		if got := v.get(at + token); got.StatusCode != http.StatusInternalServerError {
			t.Errorf("%s without its table = %d, want 500", at, got.StatusCode)
		}
		if strings.Contains(log.String(), token) {
			t.Errorf("the log holds the address of %s", at)
		}
	}
	if !strings.Contains(log.String(), "/comments/") {
		t.Error("nothing was logged: this test would not notice a token")
	}
}

// lockedBuffer is a log that a test reads while the program writes it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestPublicPagesHoldNobodysWords types into each form of an article's page, and looks for it on the pages that caches keep.
func TestPublicPagesHoldNobodysWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	article, path := w.published("The lamp", "<p>Words.</p>")
	said, _ := w.posts(article, "Hanne", "So it is.")
	w.decides(said, comment.Approve)
	v := w.visitor()
	const mark = "zqxtyped"
	for to, f := range map[string]url.Values{
		path + "comments": form("name", mark, "email", mark+"@reader.example", "body", "", "version", "1"),
		path + "report":   form("quote", mark, "name", mark, "body", "", "version", "1"),
		fmt.Sprintf("%scomments/%d/report", path, said): form("reason", "illegal", "ground", mark, "name", mark),
		"/comments/mine": form("email", mark),
	} {
		got := v.do(http.MethodPost, to, f)
		if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, mark) || got.Header.Get("Cache-Control") != "private, no-store" || got.Header.Get("Set-Cookie") != "" {
			t.Errorf("POST %s = %d, %q, cookie %q, kept %v: want 422 with the words, in no cache", to, got.StatusCode, got.Header.Get("Cache-Control"), got.Header.Get("Set-Cookie"), strings.Contains(got.body, mark))
		}
	}
	v.post(path+"comments", http.StatusSeeOther, "name", mark, "email", mark+"@reader.example", "body", "Said "+mark+".", "version", "1")
	if n := len(v.client.Jar.Cookies(w.base())); n != 0 {
		t.Errorf("a reader who commented has %d cookies", n)
	}
	for _, at := range []string{path, path + "?name=" + mark + "&email=" + mark, path + "?comments=newest", path + "history", path + "feed/", path + "comment-page-1/", "/", "/feed/", "/sitemap.xml", "/search?q=said"} {
		got := v.get(at)
		if strings.Contains(strings.ReplaceAll(got.body, "email="+mark, ""), mark) || got.Header.Get("Set-Cookie") != "" || strings.Contains(got.Header.Get("Vary"), "Cookie") {
			t.Errorf("%s (%d) holds what somebody typed, or a cookie", at, got.StatusCode)
		}
		if at == path && (!strings.Contains(got.body, "1 comment") || strings.Contains(got.body, "2 comments")) {
			t.Errorf("the page counts what waits")
		}
	}
}

// TestFormsOverTheirLimits sends readers' forms that are larger than they may be: 413 for the whole, 422 with the words for a field.
func TestFormsOverTheirLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	article, path := w.published("The lamp", "<p>Words.</p>")
	receipts := w.receiptsOf(article)
	said, token := w.posts(article, "Hanne", "So it is.")
	w.decides(said, comment.Approve)
	receipts["/comments/"] = token
	v, before := w.visitor(), w.tables()
	huge, long := strings.Repeat("x ", 40_000), strings.Repeat("x ", 7000)
	report := fmt.Sprintf("%scomments/%d/report", path, said)
	for _, to := range []string{path + "comments", path + "report", report, "/comments/mine", "/comments/" + token, "/comments/errors/" + receipts["/comments/errors/"], "/comments/reports/" + receipts["/comments/reports/"]} {
		if got := v.do(http.MethodPost, to, form("body", huge, "detail", huge, "email", huge)); got.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("POST %.30s of 80 KB = %d, want 413", to, got.StatusCode)
		}
	}
	name := strings.Repeat("x", 81)
	for to, f := range map[string]url.Values{
		path + "comments":    form("name", "Eve", "email", "eve@reader.example", "body", long, "version", "1"),
		path + "report":      form("body", long, "version", "1"),
		report:               form("reason", "abuse", "detail", long),
		"/comments/" + token: form("act", "edit", "body", long),
		"/comments/mine":     form("email", strings.Repeat("x", 300)+"@reader.example"),
	} {
		if got := v.do(http.MethodPost, to, f); got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("POST %.30s with a field that is too long = %d, want 422", to, got.StatusCode)
		}
	}
	v.post(path+"comments", http.StatusUnprocessableEntity, "name", name, "email", "eve@reader.example", "body", "Words.", "version", "1")
	v.post(path+"report", http.StatusUnprocessableEntity, "name", name, "body", "Words.", "version", "1")
	w.unchanged(before, "a form over its limits")
}
