package app_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"stet/internal/article"
	"stet/internal/staff"
)

// endless is a body that never ends, and counts what was read of it.
type endless struct{ read int64 }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	e.read += int64(len(b))
	return len(b), nil
}

// TestHeavyForms sends five megabytes to every form that takes a text: the answer is a page that says so, what stood stays, and little of it
// was ever held in memory.
func TestHeavyForms(t *testing.T) {
	w := newWorld(t)
	id, _ := w.published("Open", "<p>For everyone</p>")
	editor := w.signedIn(staff.Editor)
	heavy := strings.Repeat("<p>word &amp; word</p>", 5<<20/20)
	at := fmt.Sprintf("/newsroom/articles/%d", id)
	for path, field := range map[string]string{at: "body", at + "/autosave": "body", at + "/publish": "notice", at + "/updates": "notice", at + "/notices/2": "notice", at + "/withdraw": "notice"} {
		got := editor.do(http.MethodPost, path, form("revision", "2", "kind", article.Update, field, heavy))
		if got.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(got.body, "Nothing of it was saved") {
			t.Errorf("POST %s of %d bytes = %d\n%.300s", path, len(heavy), got.StatusCode, got.body)
		}
	}
	for _, length := range []int64{-1, 1 << 40} {
		body := &endless{}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, at, io.NopCloser(body))
		r.Host, r.ContentLength = editor.base().Host, length
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		before := allocated()
		got := editor.serve(r)
		if held := allocated() - before; got.StatusCode != http.StatusRequestEntityTooLarge || body.read > 32<<20 || held > 24<<20 {
			t.Errorf("a body without end, announced as %d: %d after %d bytes, %d allocated", length, got.StatusCode, body.read, held)
		}
	}
	e, err := w.app.Articles.Edit(t.Context(), w.people[staff.Editor], id)
	if err != nil || e.Head != 2 || len(e.Record) != 1 {
		t.Errorf("after all that: revision %d, %d rows of the record, %v", e.Head, len(e.Record), err)
	}
	just := "<p>" + strings.Repeat("word ", (article.MaxBody-10)/5) + "</p>"
	if got := editor.do(http.MethodPost, at, form("revision", "2", "body", just)); got.StatusCode != http.StatusSeeOther {
		t.Errorf("a text just small enough = %d", got.StatusCode)
	}
	if got := editor.get(at + "/compare"); got.StatusCode != http.StatusOK || !bytes.Contains([]byte(got.body), []byte("For everyone")) {
		t.Errorf("comparing it = %d", got.StatusCode)
	}
}

// allocated is how many bytes the program has taken from its heap so far.
func allocated() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.TotalAlloc)
}

// TestHeavyFormIsReadToItsEnd sends a form as browsers do, which read no answer before they have sent everything: what comes is the page,
// not a broken connection.
func TestHeavyFormIsReadToItsEnd(t *testing.T) {
	w := newWorld(t)
	editor := w.signedIn(staff.Editor)
	var dialer net.Dialer
	line, err := dialer.DialContext(t.Context(), "tcp", w.base().Host)
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+"/newsroom/articles/1", strings.NewReader("body="+strings.Repeat("%3Cp%3Ex", 9<<20/8)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range editor.client.Jar.Cookies(editor.base()) {
		r.AddCookie(c)
	}
	if err := r.Write(line); err != nil {
		t.Fatalf("the connection broke while the form was sent: %v", err)
	}
	got, err := http.ReadResponse(bufio.NewReader(line), r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(body), "Nothing of it was saved") {
		t.Errorf("%d, %v\n%.300s", got.StatusCode, err, body)
	}
}
