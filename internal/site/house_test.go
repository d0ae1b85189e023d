package site

import (
	"bytes"
	"context"
	pixels "image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"github.com/jackc/pgx/v5"
	"golang.org/x/net/html"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/front"
	"stet/internal/media"
	"stet/internal/pgtest"
	"stet/internal/poster"
	"stet/internal/postgres"
	"stet/internal/reads"
	"stet/internal/report"
	"stet/internal/settings"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// house is a site with a newsroom behind it, over a database of its own. Its clock stands still until it is set.
type house struct {
	*testing.T
	ctx context.Context
	db  *pgtest.DB
	now time.Time

	site     *Site
	articles *article.Store
	fronts   *front.Store
	comments *comment.Store
	taxonomy *taxonomy.Store
	authors  *author.Store
	media    *media.Store
	settings *settings.Store
	source   *settings.Source
	counter  *reads.Counter
	editor   staff.Actor
}

var testSecret = []byte("a secret of thirty-two bytes, or more")

func newHouse(t *testing.T) *house {
	t.Helper()
	db := pgtest.New(t)
	blobs, err := media.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{T: t, ctx: t.Context(), db: db, now: time.Date(2026, 6, 16, 9, 40, 0, 0, time.UTC), editor: staff.System(),
		comments: comment.New(db.App, testSecret, nil), taxonomy: taxonomy.New(db.App), authors: author.New(db.App), media: media.New(db.App, blobs),
		settings: settings.New(db.App), source: settings.NewSource(db.Reader)}
	clock := func() time.Time { return h.now }
	h.articles = article.New(db.App, h.source)
	h.counter = reads.NewCounter(reads.New(db.App), clock)
	h.settings.Shows = func(ctx context.Context, tx pgx.Tx, ids []int64) error {
		return media.Uses(ctx, tx, "settings:1", ids, true)
	}
	h.articles.Now, h.comments.Now, h.media.Now, h.settings.Now = clock, clock, clock, clock
	set, _ := testTemplates(t)
	base, err := url.Parse("https://margin.example")
	if err != nil {
		t.Fatal(err)
	}
	fronts := front.NewReader(db.Reader)
	fronts.Now = clock
	h.fronts = front.New(db.App, h.articles)
	h.fronts.Now = clock
	h.site = New(Deps{Set: set, Articles: article.NewReader(db.Reader), Fronts: fronts, Comments: comment.NewReader(db.Reader), Intake: h.comments, Reports: report.New(db.App, article.NewReader(db.Reader), testSecret, nil), Credits: report.NewReader(db.Reader), Taxonomy: taxonomy.NewReader(db.Reader),
		Authors: author.NewReader(db.Reader), Media: media.NewReader(db.Reader), Settings: h.source, Reads: h.counter, Posters: poster.New(), Blobs: blobs, BaseURL: base, Now: clock,
		ClientIP: func(*http.Request) netip.Addr { return netip.MustParseAddr("192.0.2.7") }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Classify: func(err error) error { return err }})
	h.settle(func(s *settings.Settings) {
		s.Title, s.Motto, s.Zone, s.ContactEmail = "The Margin", "What stood, stands.", "Europe/Berlin", "desk@margin.example"
		s.Social = []settings.Link{{Name: "Mastodon", URL: "https://social.example/@margin"}}
	})
	return h
}

func (h *house) settle(change func(*settings.Settings)) {
	h.Helper()
	s, err := h.settings.Load(h.ctx)
	h.must(err)
	change(&s)
	h.must(h.settings.Save(h.ctx, 0, s))
	h.source.Drop()
	h.site.Drop()
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) category(parent int64, name string) taxonomy.Category {
	h.Helper()
	c, err := h.taxonomy.Create(h.ctx, h.editor, taxonomy.CategoryIn{ParentID: parent, Name: name, Description: "About " + name + "."})
	h.must(err)
	h.site.Drop()
	return c
}

func (h *house) author(name string) author.Author {
	h.Helper()
	a, err := h.authors.Create(h.ctx, h.editor, author.In{Name: name, Role: "Reporter", Biography: "<p>" + name + " writes here.</p>", Portrait: h.picture("Portrait")})
	h.must(err)
	return a
}

// picture uploads a small picture.
func (h *house) picture(alt string) int64 {
	h.Helper()
	im := pixels.NewRGBA(pixels.Rect(0, 0, 400, 300))
	for i := range 400 {
		im.Set(i, i%300, color.Black)
	}
	var b bytes.Buffer
	h.must(png.Encode(&b, im))
	m, err := h.media.Add(h.ctx, h.editor, media.Upload{Name: "a.png", Reader: &b, Alt: alt})
	h.must(err)
	return m.ID
}

// publish makes an article public at the house's time.
func (h *house) publish(d article.Draft) (int64, string) {
	h.Helper()
	id, _ := h.draft(article.KindArticle, d)
	return id, h.release(id, article.PublishIn{})
}

func (h *house) draft(kind article.Kind, d article.Draft) (id int64, revision int) {
	h.Helper()
	if d.Language == "" {
		d.Language = "en"
	}
	if d.Comments == "" {
		d.Comments = "default"
	}
	if d.Label == "" {
		d.Label = "news"
	}
	id, err := h.articles.Create(h.ctx, h.editor, kind, "")
	h.must(err)
	saved, err := h.articles.Save(h.ctx, h.editor, id, article.SaveIn{Draft: d, Base: 1})
	h.must(err)
	return id, saved.Number
}

func (h *house) release(id int64, in article.PublishIn) string {
	h.Helper()
	e, err := h.articles.Edit(h.ctx, h.editor, id)
	h.must(err)
	in.Revision = e.Head
	out, err := h.articles.Publish(h.ctx, h.editor, id, in)
	h.must(err)
	return out.Path
}

func (h *house) append(id int64, kind, notice string, pinned bool) int {
	h.Helper()
	out, err := h.articles.Append(h.ctx, h.editor, id, article.NoticeIn{Kind: kind, Notice: notice, Pinned: pinned})
	h.must(err)
	return out.Number
}

// say posts a comment and approves it.
func (h *house) say(id int64, name, body string, parent int64) int64 {
	h.Helper()
	h.now = h.now.Add(time.Minute)
	token, err := h.comments.Post(h.ctx, comment.In{ArticleID: id, Name: name, Email: strings.NewReplacer(" ", "", ".", "").Replace(strings.ToLower(name)) + "@example.org", Body: body, Parent: parent, Version: 1,
		Address: netip.MustParseAddr("198.51.100.1")})
	h.must(err)
	r, err := h.comments.ByToken(h.ctx, token)
	h.must(err)
	h.must(h.comments.Decide(h.ctx, h.editor, comment.Pick{ID: r.ID}, comment.Approve, ""))
	return r.ID
}

// answer is what the site said to a request.
type answer struct {
	*httptest.ResponseRecorder
	t    *testing.T
	what string
	tree *html.Node
	// queries is how often the database was asked.
	queries int
}

func (h *house) do(r *http.Request) *answer {
	h.Helper()
	// What stands around every page is asked for once in a while: no page's queries.
	h.site.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/nothing-here/", nil))
	w := httptest.NewRecorder()
	ctx, count := postgres.CountQueries(r.Context())
	h.site.ServeHTTP(w, r.WithContext(ctx))
	return &answer{ResponseRecorder: w, t: h.T, what: r.Method + " " + r.URL.String(), queries: count.N()}
}

func (h *house) get(path string) *answer {
	h.Helper()
	return h.do(httptest.NewRequest(http.MethodGet, path, nil))
}

func (h *house) post(path string, form url.Values) *answer {
	h.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.do(r)
}

// want checks status and, for a redirect, where it leads.
func (a *answer) want(status int, location ...string) *answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Errorf("%s = %d, want %d: %.300s", a.what, a.Code, status, a.Body)
	}
	for _, to := range location {
		if got := a.Header().Get("Location"); got != to {
			a.t.Errorf("%s leads to %q, want %q", a.what, got, to)
		}
	}
	return a
}

func (a *answer) all(selector string) []*html.Node {
	a.t.Helper()
	if a.tree == nil {
		tree, err := html.Parse(bytes.NewReader(a.Body.Bytes()))
		if err != nil {
			a.t.Fatal(err)
		}
		a.tree = tree
	}
	return cascadia.QueryAll(a.tree, cascadia.MustCompile(selector))
}

// text is the text of what the selector finds, elements parted by " | ".
func (a *answer) text(selector string) string {
	a.t.Helper()
	var out []string
	for _, n := range a.all(selector) {
		var b strings.Builder
		for d := range n.Descendants() {
			if d.Type == html.TextNode {
				b.WriteString(d.Data)
			}
		}
		out = append(out, strings.Join(strings.Fields(b.String()), " "))
	}
	return strings.Join(out, " | ")
}

// shows checks the text of what the selector finds.
func (a *answer) shows(selector, want string) *answer {
	a.t.Helper()
	if got := a.text(selector); got != want {
		a.t.Errorf("%s: %s = %q, want %q", a.what, selector, got, want)
	}
	return a
}

// holds checks for pieces of the body, or with a leading "!" for their absence.
func (a *answer) holds(pieces ...string) *answer {
	a.t.Helper()
	for _, p := range pieces {
		p, not := strings.CutPrefix(p, "!")
		if strings.Contains(a.Body.String(), p) == not {
			a.t.Errorf("%s: body holds %q = %v, want %v", a.what, p, !not == false, !not)
		}
	}
	return a
}

func (a *answer) header(name, want string) *answer {
	a.t.Helper()
	if got := a.Header().Get(name); got != want {
		a.t.Errorf("%s: %s = %q, want %q", a.what, name, got, want)
	}
	return a
}

func (a *answer) within(queries int) *answer {
	a.t.Helper()
	if a.queries > queries {
		a.t.Errorf("%s asked the database %d times, want at most %d", a.what, a.queries, queries)
	}
	return a
}
