package app_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"stet/internal/staff"
)

var carriedField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// kept reads the hidden fields of a page back into a form.
func kept(page string) url.Values {
	out := url.Values{}
	for _, m := range carriedField.FindAllStringSubmatch(page, -1) {
		out.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	return out
}

func with(f url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// TestFormOfAnEndedSession sends a form whose session has ended: the page to sign in holds all of it, and signing in does it.
func TestFormOfAnEndedSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, revision := w.draft("Ended", "<p>Before.</p>")
	path := fmt.Sprintf("/newsroom/articles/%d", id)
	v := w.visitor()
	body := "<p>Written for an hour, with \"quotes\" & <em>signs</em>.</p>\n\n<p>A second.</p>"
	page := v.post(path, http.StatusUnauthorized, "revision", fmt.Sprint(revision), "headline", "Still here", "body", body, "also", "", "password", "not given back", "then", "save")
	if strings.Contains(page.body, "not given back") {
		t.Error("the page gives back a password")
	}
	wrong := v.do(http.MethodPost, path, with(kept(page.body), "sign_email", "editor@staff.example", "sign_password", "wrong"))
	if wrong.StatusCode != http.StatusUnprocessableEntity || kept(wrong.body).Get("body") != body {
		t.Fatalf("a wrong password = %d, want 422 with everything still there", wrong.StatusCode)
	}
	done := v.do(http.MethodPost, path, with(kept(wrong.body), "sign_email", "editor@staff.example", "sign_password", password))
	if done.StatusCode != http.StatusSeeOther || done.Header.Get("Location") != path {
		t.Fatalf("signing in = %d %s, want the save's own answer\n%.1000s", done.StatusCode, done.Header.Get("Location"), done.body)
	}
	e, err := w.app.Articles.Edit(t.Context(), w.people[staff.Editor], id)
	if err != nil || e.Draft.Headline != "Still here" || !strings.Contains(e.Draft.Body, "Written for an hour") || e.Revisions[0].By != "The editor" {
		t.Errorf("saved %+v by %q, %v", e.Draft, e.Revisions[0].By, err)
	}
	if got := v.get(path); got.StatusCode != http.StatusOK {
		t.Errorf("afterwards = %d, want to be signed in", got.StatusCode)
	}
	// Who may not do it gets no further by signing in.
	other := w.visitor()
	page = other.post(path, http.StatusUnauthorized, "revision", fmt.Sprint(e.Head), "headline", "Not theirs")
	if got := other.do(http.MethodPost, path, with(kept(page.body), "sign_email", "moderator@staff.example", "sign_password", password)); got.StatusCode != http.StatusForbidden {
		t.Errorf("a moderator signing in to save = %d, want 403", got.StatusCode)
	}
}

// secondFactor gives a person one and returns its secret.
func (w *world) secondFactor(role staff.Role) (secret string) {
	w.Helper()
	secret = "12345678901234567890"
	if _, err := w.db.App.Exec(w.Context(), `UPDATE staff SET totp_secret = $1, totp_step = NULL WHERE id = $2`, []byte(secret), w.people[role].ID); err != nil {
		w.Fatal(err)
	}
	return secret
}

// TestFormOfAnEndedSessionWithCode: who signs in with a second factor is asked for the code on a page that holds the form too, and nothing is
// done before.
func TestFormOfAnEndedSessionWithCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, revision := w.draft("Ended", "<p>Before.</p>")
	secret := w.secondFactor(staff.Editor)
	path := fmt.Sprintf("/newsroom/articles/%d", id)
	v := w.visitor()
	body := "<p>Written for an hour.</p>"
	page := v.post(path, http.StatusUnauthorized, "revision", fmt.Sprint(revision), "body", body)
	page = v.do(http.MethodPost, path, with(kept(page.body), "sign_email", "editor@staff.example", "sign_password", password))
	if page.StatusCode != http.StatusUnauthorized || kept(page.body).Get("body") != body || !strings.Contains(page.body, `name="sign_code"`) || strings.Contains(page.body, password) {
		t.Fatalf("the password alone = %d, want the code asked for, the form kept and no password in it\n%.2000s", page.StatusCode, page.body)
	}
	page = v.do(http.MethodPost, path, with(kept(page.body), "sign_code", "000000"))
	if page.StatusCode != http.StatusUnprocessableEntity || kept(page.body).Get("body") != body {
		t.Fatalf("a wrong code = %d, want 422 with everything still there", page.StatusCode)
	}
	if text := w.body(id); strings.Contains(text, "Written") {
		t.Fatalf("saved without the code: %s", text)
	}
	if other := w.visitor().do(http.MethodPost, path, with(kept(page.body), "sign_code", totp(secret, time.Now()))); other.StatusCode != http.StatusUnauthorized {
		t.Errorf("the code without the password = %d, want 401", other.StatusCode)
	}
	if done := v.do(http.MethodPost, path, with(kept(page.body), "sign_code", totp(secret, time.Now()))); done.StatusCode != http.StatusSeeOther || !strings.Contains(w.body(id), "Written for an hour") {
		t.Errorf("the code = %d, want the save's own answer\n%.1000s", done.StatusCode, done.body)
	}
}

// TestScriptsAtTheDoor: a script is told in its own terms that nobody is signed in, and signs in without leaving its page.
func TestScriptsAtTheDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, revision := w.draft("Scripts", "<p>Before.</p>")
	v := &writing{visitor: w.visitor(), path: fmt.Sprintf("/newsroom/articles/%d", id)}
	if got := v.send(true, form("revision", fmt.Sprint(revision))); got.StatusCode != http.StatusUnauthorized || !strings.Contains(got.body, `"signed out"`) {
		t.Errorf("a save of nobody = %d %s, want 401", got.StatusCode, got.body)
	}
	at := &writing{visitor: v.visitor, path: "/newsroom/login"}
	if got := at.send(true, form("email", "editor@staff.example", "password", "wrong")); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, `"faults"`) {
		t.Errorf("a wrong password = %d %s", got.StatusCode, got.body)
	}
	got := at.send(true, form("email", "editor@staff.example", "password", password))
	var who struct {
		Person int64
		Name   string
	}
	if err := json.Unmarshal([]byte(got.body), &who); err != nil || who.Person != w.people[staff.Editor].ID {
		t.Errorf("signing in = %d %s, %v", got.StatusCode, got.body, err)
	}
	if got := v.send(true, form("revision", fmt.Sprint(revision), "headline", "In place")); got.StatusCode != http.StatusOK || !strings.Contains(got.body, fmt.Sprintf(`"revision":%d`, revision+1)) {
		t.Errorf("a save = %d %s", got.StatusCode, got.body)
	}
	if got := v.send(true, form("revision", fmt.Sprint(revision+1), "category", "nowhere")); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, `"category"`) {
		t.Errorf("a bad save = %d %s", got.StatusCode, got.body)
	}
}

// TestOpenPagesKeepNoSession: what an open page sends by itself is no use of its session.
func TestOpenPagesKeepNoSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, revision := w.draft("Open", "<p>Words.</p>")
	v := w.signedIn(staff.Editor)
	path := fmt.Sprintf("/newsroom/articles/%d", id)
	long := time.Now().Add(-staff.IdleTimeout + 5*time.Minute).Truncate(time.Second)
	if _, err := w.db.Owner.Exec(t.Context(), `UPDATE sessions SET seen_at = $1`, long); err != nil {
		t.Fatal(err)
	}
	seen := func() (at time.Time) {
		t.Helper()
		if err := w.db.Owner.QueryRow(t.Context(), `SELECT seen_at FROM sessions`).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	v.post(path+"/presence", http.StatusOK, "tab", "t", "block", "")
	v.post(path+"/autosave", http.StatusOK, "tab", "t", "revision", fmt.Sprint(revision), "headline", "Typed")
	if got := seen(); !got.Equal(long) {
		t.Errorf("the session was last used %v, want %v", got, long)
	}
	page := v.get(path)
	if got := seen(); got.Equal(long) {
		t.Error("opening the page is no use of the session")
	}
	if !strings.Contains(page.body, "with=autosave") {
		t.Error("the page doesn't offer what was typed")
	}
	if got := v.get(path + "?with=autosave"); !strings.Contains(got.body, ">\nTyped</textarea>") || strings.Contains(got.body, "with=autosave") {
		t.Errorf("continuing doesn't fill the form:\n%.2000s", got.body)
	}
	v.post(path+"/autosave", http.StatusSeeOther, "discard", "1")
	if strings.Contains(v.get(path).body, "with=autosave") {
		t.Error("what was discarded is still offered")
	}
	v.post(path+"/presence", http.StatusNoContent, "tab", "t", "gone", "1")
}
