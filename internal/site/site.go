// Package site is what readers see: fronts, articles, lists, search, feeds, sitemaps, the comment form and its receipt.
//
// It must never read a draft, set a cookie or start a session: every public page is the same bytes for everyone. It selects
// nothing itself; the nouns' readers do, from the live views. Handlers never purge a cache.
package site

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/front"
	"stet/internal/media"
	"stet/internal/page"
	"stet/internal/poster"
	"stet/internal/reads"
	"stet/internal/report"
	"stet/internal/settings"
	"stet/internal/taxonomy"
)

// Deps is what the site stands on.
type Deps struct {
	Set      *page.Set
	Assets   *page.Assets
	Articles *article.Reader
	Fronts   *front.Reader
	Comments *comment.Reader
	// Intake takes readers' comments in and keeps their receipts; it and Reports are all here that writes.
	Intake *comment.Store
	// Reports takes in the errors that readers report, Credits says beside which corrections they are named.
	Reports  *report.Store
	Credits  *report.Reader
	Taxonomy *taxonomy.Reader
	Authors  *author.Reader
	Media    *media.Reader
	Settings *settings.Source
	// Reads counts what the script of an article's page says was read.
	Reads *reads.Counter
	// Drafts finds pictures for Preview, which may show what isn't public; nil: only public ones are shown.
	Drafts func(ctx context.Context, ids []int64) (map[int64]media.Media, error)
	// Posters makes the pictures of pages that have none; Blobs has the logo that may stand on them.
	Posters *poster.Maker
	Blobs   media.Blobs
	// Mails says that this site sends mail, so that mail may be promised.
	Mails bool
	// BaseURL is the origin of every absolute link. The Host header is never trusted for one.
	BaseURL *url.URL
	// ClientIP is where a request came from, for the limits on comments.
	ClientIP func(*http.Request) netip.Addr
	// Classify turns a database that is away into fault.Unavailable and leaves every other error as it is.
	Classify func(error) error
	// Now is the wall clock for "today" in dates. It decides nothing that is public.
	Now func() time.Time
	Log *slog.Logger
}

// Site answers everything outside /newsroom, /static, /media and the health checks.
type Site struct {
	*face
	mux *chi.Mux
}

// New makes the site. It parses every template, so a broken one panics here and not at a request.
func New(d Deps) *Site {
	f := &face{Deps: d, tmpl: parse(d.Set), base: strings.TrimSuffix(d.BaseURL.String(), "/"), calm: newCalm()}
	f.renderPlain()
	s := &Site{face: f, mux: chi.NewMux()}
	s.routes()
	return s
}

// routes puts every area's addresses into the mux and gives the one that answers for the rest.
func (s *Site) routes() *places {
	f := s.face
	s.mux.Use(middleware.GetHead)
	s.mux.NotFound(f.handle(func(http.ResponseWriter, *http.Request) error { return fault.NotFound }))
	s.mux.MethodNotAllowed(f.handle(func(http.ResponseWriter, *http.Request) error { return errMethod }))

	feeds := &feeds{f}
	lists := &lists{f, feeds}
	(&fronts{f}).routes(s.mux)
	feeds.routes(s.mux)
	(&corrections{f, feeds}).routes(s.mux)
	(&searches{f}).routes(s.mux)
	reports := &reports{f}
	reports.routes(s.mux)
	(&mailed{f}).routes(s.mux)
	(&receipts{f}).routes(s.mux)
	(&sitemaps{f}).routes(s.mux)
	lists.routes(s.mux)
	all := &places{f, &articles{f}, &discussion{f}, reports, lists, feeds}
	all.routes(s.mux)
	return all
}

// Routes gives the pattern of everything that readers can ask for, sorted: as in the mux, and for what the table of addresses knows
// ARTICLE or LIST with what follows that address.
func Routes() []string {
	s := &Site{face: &face{}, mux: chi.NewMux()}
	out := s.routes().patterns()
	for _, r := range s.mux.Routes() {
		if r.Handlers[http.MethodGet] != nil && r.Pattern != anyPlace {
			out = append(out, r.Pattern)
		}
	}
	slices.Sort(out)
	return out
}

// ServeHTTP answers a reader.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Preview writes an article as readers would see it, for the newsroom: it is kept by no cache and found by no crawler.
func (s *Site) Preview(w http.ResponseWriter, r *http.Request, l *article.Live) error {
	return s.PreviewFor(w, r, l, time.Time{})
}

// PreviewFor is Preview for somebody outside the newsroom, with a line that says that it is a draft, confidential, and how long it can be
// seen.
func (s *Site) PreviewFor(w http.ResponseWriter, r *http.Request, l *article.Live, until time.Time) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	v.draft = true
	p, err := v.articlePage(l)
	if err != nil {
		return err
	}
	page.Private(w)
	w.Header().Set("X-Robots-Tag", "noindex")
	w.Header().Set("Referrer-Policy", "no-referrer")
	if !until.IsZero() {
		p.Draft = page.T("preview.confidential", v.clock.DateTime(until).Text)
	}
	p.Robots, p.Canonical, p.Data, p.Card, p.Comments, p.Stands, p.Report = "noindex", "", nil, nil, nil, nil, ""
	return s.tmpl.article.Write(w, r, http.StatusOK, p)
}
