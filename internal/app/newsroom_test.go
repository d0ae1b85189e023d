package app_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what RFC 6238 asks for
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/staff"
)

// TestSignIn looks at the session from outside: its cookie, its token, its end.
func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visitor()
	if got := v.get("/newsroom/settings?x=1"); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/newsroom/login?next=%2Fnewsroom%2Fsettings%3Fx%3D1" {
		t.Errorf("a visit before sign-in: %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	if got := v.get("/newsroom/login"); len(got.Cookies()) > 0 {
		t.Error("the door sets a cookie before anybody signed in")
	}
	in := v.post("/newsroom/login", http.StatusSeeOther, "email", "EDITOR@staff.example", "password", password, "next", "/newsroom/tags")
	if len(in.Cookies()) != 1 || in.Header.Get("Location") != "/newsroom/tags" {
		t.Fatalf("sign-in: %v to %s", in.Cookies(), in.Header.Get("Location"))
	}
	c := in.Cookies()[0]
	if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %v", c)
	}
	if again := v.post("/newsroom/login", http.StatusSeeOther, "email", "editor@staff.example", "password", password); again.Cookies()[0].Value == c.Value {
		t.Error("a second sign-in keeps the token")
	}
	for _, to := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "/newsroom//evil.example"} {
		if got := v.post("/newsroom/login", http.StatusSeeOther, "email", "editor@staff.example", "password", password, "next", to); got.Header.Get("Location") != "/newsroom/" {
			t.Errorf("next %s leads to %s", to, got.Header.Get("Location"))
		}
	}
	token := v.client.Jar.Cookies(v.base())[0]
	out := v.post("/newsroom/logout", http.StatusSeeOther)
	if got := out.Header.Get("Clear-Site-Data"); !strings.Contains(got, `"cookies"`) {
		t.Errorf("sign-out: Clear-Site-Data %q", got)
	}
	stolen := w.visitor()
	stolen.client.Jar.SetCookies(stolen.base(), []*http.Cookie{token})
	if got := stolen.get("/newsroom/articles"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("the token of a session that ended opens the newsroom: %d", got.StatusCode)
	}
	if got := w.signedIn(staff.Admin).get("/newsroom/audit"); !strings.Contains(got.body, "Ended a session") {
		t.Error("the log doesn't tell of a sign-out")
	}
}

// connection keeps the time that a handler gives its request to arrive.
type connection struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (c *connection) SetReadDeadline(t time.Time) error { c.until = t; return nil }

// TestOnlyAnUploadMayTakeLong: five minutes for whoever asks would be a way to hold all connections with a few bytes.
func TestOnlyAnUploadMayTakeLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	editor := w.signedIn(staff.Editor)
	for _, test := range []struct {
		name, path string
		cookies    []*http.Cookie
		long       bool
	}{
		{"an upload", "/newsroom/media", editor.client.Jar.Cookies(editor.base()), true},
		{"an upload by nobody", "/newsroom/media", nil, false},
		{"a sign-in", "/newsroom/login", nil, false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+test.path, strings.NewReader("--x--\r\n"))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		for _, c := range test.cookies {
			r.AddCookie(c)
		}
		c := &connection{ResponseRecorder: httptest.NewRecorder()}
		w.app.Handler().ServeHTTP(c, r)
		if !c.until.IsZero() != test.long {
			t.Errorf("%s (%d) may take until %v, want longer than others: %v", test.name, c.Code, c.until, test.long)
		}
	}
}

// TestSignInTellsNothing compares the answers to known and unknown accounts, and reaches the limit with both.
func TestSignInTellsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visitor()
	typed := regexp.MustCompile(`(editor|nobody)@staff\.example`)
	for i := range 30 {
		known := v.do(http.MethodPost, "/newsroom/login", form("email", "editor@staff.example", "password", "wrong"))
		unknown := v.do(http.MethodPost, "/newsroom/login", form("email", "nobody@staff.example", "password", "wrong"))
		if known.StatusCode != unknown.StatusCode || typed.ReplaceAllString(known.body, "") != typed.ReplaceAllString(unknown.body, "") {
			t.Fatalf("try %d: a known account is answered %d, an unknown one %d", i, known.StatusCode, unknown.StatusCode)
		}
		if strings.Contains(known.body, `value="wrong"`) || !strings.Contains(known.body, `value="editor@staff.example"`) {
			t.Fatal("the form gives back the password, or not the e-mail")
		}
		if known.StatusCode == http.StatusTooManyRequests {
			if known.Header.Get("Retry-After") == "" {
				t.Error("429 without Retry-After")
			}
			return
		}
		if known.StatusCode != http.StatusUnprocessableEntity {
			t.Fatalf("a wrong password: %d, want 422", known.StatusCode)
		}
	}
	t.Error("30 wrong passwords reach no limit")
}

// TestSecondStep signs in where a second factor is set.
func TestSecondStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := "12345678901234567890"
	if _, err := w.db.App.Exec(t.Context(), `UPDATE staff SET totp_secret = $1 WHERE id = $2`, []byte(secret), w.people[staff.Editor].ID); err != nil {
		t.Fatal(err)
	}
	v := w.visitor()
	v.post("/newsroom/login", http.StatusSeeOther, "email", "editor@staff.example", "password", password, "next", "/newsroom/tags")
	if got := v.get("/newsroom/articles"); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("the newsroom is open after the first step: %d", got.StatusCode)
	}
	if got := v.get("/newsroom/login"); !strings.Contains(got.body, `name="code"`) || strings.Contains(got.body, `name="password"`) {
		t.Fatalf("no second page:\n%.1500s", got.body)
	}
	v.post("/newsroom/login", http.StatusUnprocessableEntity, "code", "000000")
	in := v.post("/newsroom/login", http.StatusSeeOther, "code", totp(secret, time.Now()), "next", "/newsroom/tags")
	if in.Header.Get("Location") != "/newsroom/tags" || v.get("/newsroom/articles").StatusCode != http.StatusOK {
		t.Errorf("the right code leads to %s", in.Header.Get("Location"))
	}
	w.visitor().post("/newsroom/login", http.StatusUnprocessableEntity, "code", totp(secret, time.Now()))
}

// totp is RFC 6238's code at a time.
func totp(secret string, at time.Time) string {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30))) //nolint:gosec // after 1970
	sum := mac.Sum(nil)
	from := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[from:from+4])&0x7fffffff%1_000_000)
}

// TestNothingTypedIsLost sends forms that can't be taken: 422 with the fault at its field and everything as it was typed.
func TestNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, revision := w.draft("A draft", "<p>Words</p>")
	public, _ := w.published("Public", "<p>Words</p>")
	admin := w.signedIn(staff.Admin)
	at := func(id int64, act string) string { return fmt.Sprintf("/newsroom/articles/%d%s", id, act) }
	for name, tt := range map[string]struct {
		path  string
		field string
		pairs []string
	}{
		"article":  {at(id, ""), "category", []string{"revision", fmt.Sprint(revision), "headline", "Typed headline", "body", "<p>Typed body</p>", "category", "nowhere"}},
		"publish":  {at(public, "/publish"), "notice", []string{"revision", "2", "kind", "correction", "notice", "", "pinned", "1"}},
		"time":     {at(id, "/publish"), "at", []string{"revision", fmt.Sprint(revision), "at", "soon"}},
		"update":   {at(public, "/updates"), "kind", []string{"kind", "nonsense", "notice", "Typed notice", "statement", "Typed statement", "speaker", "Typed speaker"}},
		"retract":  {at(public, "/retract"), "notice", []string{"notice", ""}},
		"withhold": {at(public, "/withhold"), "ground", []string{"versions", "1", "ground", ""}},
		"author":   {"/newsroom/authors", "name", []string{"name", "", "slug", "typed-slug"}},
		"category": {"/newsroom/categories", "name", []string{"name", "", "description", "Typed description"}},
		"person":   {"/newsroom/users", "email", []string{"email", "typed", "name", "Typed name", "password", "a long sentence of mine", "roles", "editor"}},
		"settings": {"/newsroom/settings", "zone", []string{"zone", "Nowhere/Here", "title", "Typed title", "social", "Typed https://social.example/"}},
	} {
		got := admin.post(tt.path, http.StatusUnprocessableEntity, tt.pairs...)
		if !strings.Contains(got.body, `aria-describedby="`) || !regexp.MustCompile(`id="`+tt.field+`-err"|class="err"`).MatchString(got.body) {
			t.Errorf("%s: no fault at %s:\n%.3000s", name, tt.field, got.body)
		}
		for i := 1; i < len(tt.pairs); i += 2 {
			if value := tt.pairs[i]; strings.HasPrefix(value, "Typed") && !strings.Contains(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`).Replace(got.body), value) {
				t.Errorf("%s: %q is lost", name, value)
			}
		}
		if strings.Contains(got.body, "a long sentence of mine") {
			t.Errorf("%s gives back a password", name)
		}
	}
}

// TestConflict lets two people save over one another: where it can't be merged both texts stand on the page, and mine goes on top.
func TestConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, revision := w.draft("One", "<p>One sentence.</p>")
	path := fmt.Sprintf("/newsroom/articles/%d", id)
	mine, theirs := w.signedIn(staff.Editor), w.signedIn(staff.Admin)
	base := fmt.Sprint(revision)
	theirs.post(path, http.StatusSeeOther, "revision", base, "headline", "Their headline", "body", "<p>Their sentence.</p>", "tags", "theirs")
	got := mine.post(path, http.StatusConflict, "revision", base, "headline", "My headline", "body", "<p>My sentence.</p>", "label", "opinion")
	for _, want := range []string{"data-mine", "data-theirs", "My headline", "My sentence.", "Their headline", "Their sentence.", "The admin"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page of the conflict lacks %q:\n%.4000s", want, got.body)
		}
	}
	mine.post(path, http.StatusSeeOther, "revision", value(t, got.body, "revision"), "headline", "My headline", "body", "<p>My sentence.</p>", "label", value(t, got.body, "label"))
	e, err := w.app.Articles.Edit(t.Context(), w.people[staff.Editor], id)
	if err != nil {
		t.Fatal(err)
	}
	if e.Draft.Headline != "My headline" || e.Draft.Label != "opinion" || !strings.Contains(e.Draft.Body, "My sentence.") || e.Head != revision+3 {
		t.Errorf("after saving mine on top: revision %d, %+v", e.Head, e.Draft)
	}
	// A form of one field changes one field.
	mine.post(path, http.StatusSeeOther, "revision", fmt.Sprint(e.Head), "comments", "closed")
	if after, err := w.app.Articles.Edit(t.Context(), w.people[staff.Editor], id); err != nil || after.Draft.Comments != "closed" || after.Draft.Headline != "My headline" {
		t.Errorf("after a form of one field: %+v, %v", after.Draft, err)
	}
}

// TestQueue lets two moderators meet at one comment, and takes many decisions back at once.
func TestQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, path := w.published("Open", "<p>For everyone</p>")
	for i := range 3 {
		w.visitor().post(path+"comments", http.StatusSeeOther, "name", "Reader", "email", fmt.Sprintf("r%d@reader.example", i), "body", fmt.Sprintf("<b>Comment</b> %d", i), "version", "1")
	}
	first, second := w.signedIn(staff.Moderator), w.signedIn(staff.Editor)
	queue := second.get("/newsroom/comments")
	if strings.Contains(queue.body, "<b>Comment</b>") {
		t.Error("a comment's markup is markup in the queue")
	}
	picks := regexp.MustCompile(`type="checkbox"[^>]*name="ids" value="([^"]+)"`).FindAllStringSubmatch(queue.body, -1)
	if len(picks) != 3 {
		t.Fatalf("%d comments can be picked, want 3\n%.3000s", len(picks), queue.body)
	}
	id, _, _ := strings.Cut(picks[0][1], ".")
	first.post("/newsroom/comments/"+id+"/reject", http.StatusSeeOther, "reason", "off topic")
	late := second.post("/newsroom/comments/"+id+"/approve", http.StatusConflict, "ids", picks[0][1])
	if !strings.Contains(late.body, `data-decided="rejected"`) || !strings.Contains(late.body, "The moderator") || !strings.Contains(late.body, "off topic") {
		t.Errorf("a decision on what was decided:\n%.2500s", late.body)
	}
	second.post("/newsroom/comments/"+id+"/undo", http.StatusSeeOther)
	second.post("/newsroom/comments/bulk", http.StatusSeeOther, "act", "approve", "ids", id, "ids", picks[1][1], "ids", picks[2][1])
	done := second.get("/newsroom/comments")
	if strings.Contains(done.body, "data-comment=") {
		t.Error("the queue isn't empty after a bulk approval")
	}
	var undo []string
	for _, m := range regexp.MustCompile(`type="hidden" name="ids" value="(\d+)"`).FindAllStringSubmatch(done.body, -1) {
		undo = append(undo, "ids", m[1])
	}
	if len(undo) != 6 {
		t.Fatalf("undo is offered for %d comments, want 3", len(undo)/2)
	}
	second.post("/newsroom/comments/bulk", http.StatusSeeOther, append(undo, "act", "undo")...)
	if got := strings.Count(second.get("/newsroom/comments").body, "data-comment="); got != 3 {
		t.Errorf("%d comments wait after all was undone, want 3", got)
	}
}

// TestHouse lets an admin keep people, settings, sections and pictures.
func TestHouse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signedIn(staff.Admin)
	admin.post("/newsroom/users", http.StatusSeeOther, "email", "new@staff.example", "name", "New Person", "password", password, "roles", "author", "roles", "moderator")
	list := admin.get("/newsroom/users").body
	at := regexp.MustCompile(`href="(/newsroom/users/\d+)"><bdi>New Person`).FindStringSubmatch(list)
	if at == nil {
		t.Fatalf("the new person isn't listed:\n%.3000s", list)
	}
	fresh := w.visitor()
	fresh.post("/newsroom/login", http.StatusSeeOther, "email", "new@staff.example", "password", password)
	admin.post(at[1]+"/disable", http.StatusSeeOther)
	if got := fresh.get("/newsroom/articles"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("a disabled person is still in: %d", got.StatusCode)
	}
	changed := value(t, admin.get("/newsroom/settings").body, "changed_at")
	admin.post("/newsroom/settings", http.StatusSeeOther, "title", "The Other Margin", "changed_at", changed)
	admin.post("/newsroom/settings", http.StatusConflict, "title", "Mine", "changed_at", changed)
	if got := admin.get("/newsroom/settings"); !strings.Contains(got.body, `value="The Other Margin"`) {
		t.Error("the settings weren't kept")
	}
	admin.post("/newsroom/categories", http.StatusSeeOther, "name", "Borders")
	if got := admin.get("/category/borders/"); got.StatusCode != http.StatusOK {
		t.Errorf("the new category's page: %d", got.StatusCode)
	}
	if got := admin.get("/newsroom/audit?act=staff."); !strings.Contains(got.body, "Disabled") || strings.Contains(got.body, "new@staff.example") {
		t.Errorf("the log of people:\n%.3000s", got.body)
	}
	if got := admin.upload("picture.png"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("upload: %d\n%.2000s", got.StatusCode, got.body)
	} else if one := admin.get(got.Header.Get("Location")); !strings.Contains(one.body, "A grey square") || !strings.Contains(one.body, `src="/media/`) {
		t.Errorf("the uploaded picture:\n%.2500s", one.body)
	}
}

// TestOldPublish publishes a revision that isn't the newest any more.
func TestOldPublish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, revision := w.draft("One", "<p>One.</p>")
	if _, err := w.app.Articles.Save(t.Context(), w.people[staff.Admin], id, article.SaveIn{Draft: article.Draft{Headline: "Two", Body: "<p>Two.</p>"}, Base: revision}); err != nil {
		t.Fatal(err)
	}
	editor := w.signedIn(staff.Editor)
	got := editor.post(fmt.Sprintf("/newsroom/articles/%d/publish", id), http.StatusConflict, "revision", fmt.Sprint(revision))
	if value(t, got.body, "revision") != fmt.Sprint(revision+1) {
		t.Error("the page doesn't offer the newest revision")
	}
}
