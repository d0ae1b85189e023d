package app_test

import (
	"context"
	"net/http"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/config"
	"stet/internal/mailtest"
	"stet/internal/staff"
)

// mailWorld is a world at work whose mail goes to a server of the test.
func mailWorld(t *testing.T, box *mailtest.Server) *world {
	t.Helper()
	w := newWorldOf(t, func(c *config.Config) { c.SMTP, c.MailFrom = box.URL(), &netmail.Address{Address: "post@news.example"} })
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { w.app.Work(ctx) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	return w
}

// later makes due what waits, as if its time had come.
func (w *world) later() {
	w.Helper()
	for _, sql := range []string{
		`UPDATE reply_notices SET due_at = now() - interval '1 second' WHERE sent_at IS NULL`,
		`UPDATE river_job SET scheduled_at = now(), state = 'available' WHERE state IN ('scheduled', 'retryable')`,
	} {
		if _, err := w.db.Super.Exec(w.Context(), sql); err != nil {
			w.Fatal(err)
		}
	}
}

// quiet waits until no job is to be done now.
func (w *world) quiet() {
	w.Helper()
	w.until(`SELECT NOT EXISTS (SELECT FROM river_job WHERE state IN ('available', 'running', 'pending'))`)
}

// until waits until a query says true.
func (w *world) until(sql string) {
	w.Helper()
	late := time.After(30 * time.Second)
	for {
		var yes bool
		if err := w.db.Super.QueryRow(w.Context(), sql).Scan(&yes); err != nil {
			w.Fatal(err)
		}
		if yes {
			return
		}
		select {
		case <-late:
			w.Fatalf("waited in vain: %s", sql)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// said posts a comment as a reader does and gives its id.
func (v *visitor) said(path string, pairs ...string) int64 {
	v.Helper()
	v.post(path+"comments", http.StatusSeeOther, append(pairs, "version", "1")...)
	var id int64
	if err := v.db.Super.QueryRow(v.Context(), `SELECT max(id) FROM comments`).Scan(&id); err != nil {
		v.Fatal(err)
	}
	return id
}

func (w *world) approve(id int64, act comment.Act) {
	w.Helper()
	if err := w.app.Comments.Decide(w.Context(), w.people[staff.Moderator], comment.Pick{ID: id}, act, ""); err != nil {
		w.Fatal(err)
	}
}

// own is the path of a mail's link on this site.
func (w *world) own(m mailtest.Message) string {
	w.Helper()
	u, err := url.Parse(m.Link(w, "/comments/mail/"))
	if err != nil {
		w.Fatal(err)
	}
	return u.Path
}

// TestLifeOfAReplyNotice goes the whole way through the program and a real mail server, which is away at first.
func TestLifeOfAReplyNotice(t *testing.T) {
	box := mailtest.Away(t)
	w := mailWorld(t, box)
	v := w.visitor()
	_, path := w.published("The lamp", "<p>It came on.</p>")
	first := v.said(path, "name", "Ann", "email", "ann@reader.example", "body", "I saw it.", "notify", "1")
	w.later()
	w.quiet()
	w.approve(first, comment.Approve)
	w.later()
	w.until(`SELECT EXISTS (SELECT FROM river_job WHERE kind = 'confirm' AND state = 'retryable')`)
	box.Start()
	w.later()
	confirm := w.own(box.Wait(1)[0])

	// Opening the link, as mail programs do by themselves, confirms nothing.
	for range 2 {
		if a := v.get(confirm); a.StatusCode != http.StatusOK || !strings.Contains(a.Header.Get("Cache-Control"), "no-store") || a.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Fatalf("GET = %d %v", a.StatusCode, a.Header)
		}
	}
	reply := v.said(path, "name", "Ben", "email", "ben@reader.example", "body", "So did I.", "parent", strconv.FormatInt(first, 10))
	w.approve(reply, comment.Approve)
	w.later()
	w.quiet()
	box.Wait(1)

	v.post(confirm, http.StatusSeeOther, "act", "confirm")
	told := box.Wait(2)[1]
	if told.To != "ann@reader.example" || !strings.Contains(told.Text, "> So did I.") {
		t.Errorf("to %s:\n%s", told.To, told.Text)
	}
	// What is taken back within a minute and a half was never told.
	second := v.said(path, "name", "Cem", "email", "cem@reader.example", "body", "Me too.", "parent", strconv.FormatInt(first, 10))
	w.approve(second, comment.Approve)
	w.approve(second, comment.Undo)
	w.later()
	w.quiet()
	box.Wait(2)

	one := w.own(told)
	if a := v.post(one, http.StatusOK, "List-Unsubscribe", "One-Click"); a.Header.Get("Location") != "" {
		t.Error("one click is sent elsewhere, where no mail program follows")
	}
	w.approve(second, comment.Approve)
	w.later()
	w.quiet()
	box.Wait(2)
	if a := v.get(one); !strings.Contains(a.body, `value="resubscribe"`) {
		t.Errorf("the page offers no way back:\n%s", a.body)
	}
	v.post(one, http.StatusSeeOther, "act", "resubscribe")
	v.post(one, http.StatusNotFound, "act", "erase", "sure", "yes")
	v.post(one, http.StatusBadRequest, "act", "dance")
}

// TestCopyAndErasureByMail asks for the link and uses it.
func TestCopyAndErasureByMail(t *testing.T) {
	box := mailtest.New(t)
	w := mailWorld(t, box)
	v := w.visitor()
	_, path := w.published("The lamp", "<p>It came on.</p>")
	said := v.said(path, "name", "Ann Teak", "email", "ann@reader.example", "body", "I saw it.")
	w.approve(said, comment.Approve)
	v.post("/comments/mine", http.StatusUnprocessableEntity, "email", "nobody")
	known := v.post("/comments/mine", http.StatusSeeOther, "email", "Ann@reader.example")
	other := v.post("/comments/mine", http.StatusSeeOther, "email", "other@reader.example")
	if known.Header.Get("Location") != other.Header.Get("Location") || known.body != other.body {
		t.Error("the answer tells whether something is kept")
	}
	w.quiet()
	link := w.own(box.Wait(1)[0])
	if a := v.get(link); a.StatusCode != http.StatusOK || strings.Contains(a.body, "I saw it.") {
		t.Errorf("GET = %d", a.StatusCode)
	}
	file := v.post(link, http.StatusOK, "act", "copy")
	if !strings.Contains(file.body, `"text": "I saw it."`) || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the copy: %v\n%s", file.Header, file.body)
	}
	if a := v.post(link, http.StatusUnprocessableEntity, "act", "erase"); !strings.Contains(a.body, `name="sure" value="yes"`) {
		t.Error("it isn't asked again")
	}
	v.post(link, http.StatusSeeOther, "act", "erase", "sure", "yes")
	for _, at := range []string{path, path + "comments/feed/", "/search?q=Teak", link} {
		if a := v.get(at); strings.Contains(a.body, "Teak,") || strings.Contains(a.body, "I saw it.") || strings.Contains(a.body, "ann@reader.example") {
			t.Errorf("%s still shows it", at)
		}
	}
	if a := v.get(link); a.StatusCode != http.StatusOK {
		t.Errorf("after the erasure the link = %d", a.StatusCode)
	}
}
