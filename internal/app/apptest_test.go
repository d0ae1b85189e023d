package app_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"stet/internal/app"
	"stet/internal/article"
	"stet/internal/config"
	"stet/internal/fault"
	"stet/internal/pgtest"
	"stet/internal/staff"
)

// password is that of everybody in the tests.
const password = "correct horse battery"

// world is the program over a database of its own, served at a real address, with one person of each role.
type world struct {
	testing.TB
	db     *pgtest.DB
	app    *app.App
	server *httptest.Server
	people map[staff.Role]staff.Actor
}

// newWorld makes a world; adjust changes what a command decides.
func newWorld(t testing.TB, adjust ...func(*app.Options)) *world {
	t.Helper()
	return newWorldOf(t, func(*config.Config) {}, adjust...)
}

// newWorldOf is newWorld for an environment that set changes.
func newWorldOf(t testing.TB, set func(*config.Config), adjust ...func(*app.Options)) *world {
	t.Helper()
	return newWorldOver(t, pgtest.New(t), set, adjust...)
}

// newWorldOver is newWorldOf for a database that is there already, whoever is in it.
func newWorldOver(t testing.TB, db *pgtest.DB, set func(*config.Config), adjust ...func(*app.Options)) *world {
	t.Helper()
	options := app.Options{Log: slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	for _, f := range adjust {
		f(&options)
	}
	w := &world{TB: t, db: db, people: map[staff.Role]staff.Actor{}}
	w.server = httptest.NewUnstartedServer(nil)
	base, err := url.Parse("http://" + w.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Config{DatabaseURL: w.db.AppURL, BaseURL: base, Media: t.TempDir(), Secret: []byte(strings.Repeat("s", 32)), Work: true}
	set(&cfg)
	w.app, err = app.New(t.Context(), cfg, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.app.Close)
	if err := w.app.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.server.Config.Handler = w.app.Handler()
	w.server.Listener = w.app.Shortcut(w.server.Listener)
	w.server.Start()
	t.Cleanup(w.server.Close)
	for _, role := range []staff.Role{staff.Contributor, staff.Author, staff.Editor, staff.Admin, staff.Moderator} {
		p, err := w.app.Staff.ByEmail(t.Context(), staff.System(), string(role)+"@staff.example")
		if errors.Is(err, fault.NotFound) {
			p, err = w.app.Staff.Add(t.Context(), staff.System(), staff.NewPerson{Email: string(role) + "@staff.example", Name: "The " + string(role), Password: password,
				Roles: staff.Roles{role}})
		}
		if err != nil {
			t.Fatal(err)
		}
		w.people[role] = staff.Actor{ID: p.ID, Name: p.Name, Roles: p.Roles}
	}
	return w
}

// testWriter sends the program's log to the test's.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// visitor is a browser without JavaScript: cookies are kept, redirects are answers like others.
type visitor struct {
	*world
	client *http.Client
}

func (w *world) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	return &visitor{world: w, client: &http.Client{Jar: secureJar{jar}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// secureJar treats loopback as secure, as browsers do, so that __Host- cookies work over plain HTTP.
type secureJar struct{ http.CookieJar }

func (j secureJar) Cookies(u *url.URL) []*http.Cookie { return j.CookieJar.Cookies(secured(u)) }

func (j secureJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.CookieJar.SetCookies(secured(u), cookies)
}

func secured(u *url.URL) *url.URL {
	s := *u
	s.Scheme = "https"
	return &s
}

// base is the site's address as the jar keeps it.
func (w *world) base() *url.URL {
	u, err := url.Parse(w.server.URL)
	if err != nil {
		w.Fatal(err)
	}
	return u
}

// answer is a response whose body was read.
type answer struct {
	*http.Response
	body string
}

func (v *visitor) do(method, path string, form url.Values) answer {
	v.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(v.Context(), method, v.server.URL+path, body)
	if err != nil {
		v.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := v.client.Do(r)
	if err != nil {
		v.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.Fatal(err)
	}
	return answer{Response: resp, body: string(b)}
}

func (v *visitor) get(path string) answer { v.Helper(); return v.do(http.MethodGet, path, nil) }

// post sends a form and insists on the status.
func (v *visitor) post(path string, status int, pairs ...string) answer {
	v.Helper()
	a := v.do(http.MethodPost, path, form(pairs...))
	if a.StatusCode != status {
		v.Fatalf("POST %s = %d, want %d\n%.2000s", path, a.StatusCode, status, a.body)
	}
	return a
}

func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

// signedIn is a visitor who signed in as the person of that role.
func (w *world) signedIn(role staff.Role) *visitor {
	w.Helper()
	v := w.visitor()
	v.post("/newsroom/login", http.StatusSeeOther, "email", string(role)+"@staff.example", "password", password)
	return v
}

// published makes a public article through the store and gives its id and path.
func (w *world) published(headline, body string) (int64, string) {
	w.Helper()
	id, revision := w.draft(headline, body)
	p, err := w.app.Articles.Publish(w.Context(), w.people[staff.Editor], id, article.PublishIn{Revision: revision})
	if err != nil {
		w.Fatal(err)
	}
	return id, p.Path
}

// draft makes an article that isn't public and gives its id and newest revision.
func (w *world) draft(headline, body string) (int64, int) {
	w.Helper()
	id, err := w.app.Articles.Create(w.Context(), w.people[staff.Editor], article.KindArticle, "")
	if err != nil {
		w.Fatal(err)
	}
	saved, err := w.app.Articles.Save(w.Context(), w.people[staff.Editor], id, article.SaveIn{Draft: article.Draft{Headline: headline, Standfirst: headline + " in short", Body: body}, Base: 1})
	if err != nil {
		w.Fatal(err)
	}
	return id, saved.Number
}
