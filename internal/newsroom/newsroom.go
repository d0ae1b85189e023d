package newsroom

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"stet/internal/article"
	"stet/internal/audit"
	"stet/internal/author"
	"stet/internal/card"
	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/front"
	"stet/internal/media"
	"stet/internal/page"
	"stet/internal/reads"
	"stet/internal/report"
	"stet/internal/settings"
	"stet/internal/site"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// Deps is what the newsroom stands on.
type Deps struct {
	Set      *page.Set
	Assets   *page.Assets
	Articles *article.Store
	Comments *comment.Store
	Reports  *report.Store
	Staff    *staff.Store
	Sessions *staff.Sessions
	Taxonomy *taxonomy.Store
	Authors  *author.Store
	Fronts   *front.Store
	Media    *media.Store
	Cards    *card.Maker
	Settings *settings.Store
	Reads    *reads.Store
	Audit    *audit.Store
	// Source gives the site's name and zone to every page.
	Source *settings.Source
	// Site draws the preview of an article and of a front.
	Site *site.Site
	// BaseURL is the origin of every absolute link.
	BaseURL *url.URL
	// ClientIP is where a request came from, for the limits on sign-ins.
	ClientIP func(*http.Request) netip.Addr
	// Classify turns a database that is away into fault.Unavailable and leaves every other error as it is.
	Classify func(error) error
	// Now is the wall clock for "today" in dates. It decides nothing.
	Now func() time.Time
	Log *slog.Logger
}

// New makes the newsroom, to be mounted at /newsroom with its paths as they are. It parses every template, so a broken one
// panics here and not at a request.
func New(d Deps) http.Handler {
	f := &face{sessions: d.Sessions.Manager(), staff: d.Staff, waiting: d.Comments, source: d.Source, classify: d.Classify, now: d.Now, log: d.Log, faults: parseFault(d.Set)}
	f.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { f.fail(w, r, staff.Actor{}, d.Classify(err)) }
	mux := chi.NewMux()
	mux.Use(middleware.GetHead)
	mux.NotFound(f.handle(open, func(http.ResponseWriter, *http.Request, staff.Actor) error { return fault.NotFound }))
	mux.MethodNotAllowed(f.handle(open, func(http.ResponseWriter, *http.Request, staff.Actor) error { return errMethod }))
	for _, row := range rooms(f, d).table() {
		mux.Method(row.Method, row.Pattern, f.handle(row.Door, row.handler))
	}
	return private(attentive(f.sessions.LoadAndSave(mux)))
}

// attentive keeps what an open page sends by itself from keeping its session alive.
func attentive(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at := path.Base(r.URL.Path); r.Method == http.MethodPost && (at == "presence" || at == "autosave") {
			r = r.WithContext(staff.Unseen(r.Context()))
		}
		next.ServeHTTP(w, r)
	})
}

// rooms makes each area with what it needs of d.
func rooms(f *face, d Deps) areas {
	f.entry = &sign{face: f, staff: d.Staff, ends: d.Sessions, clientIP: d.ClientIP, pages: parseSign(d.Set)}
	sheets := &articles{face: f, store: d.Articles, reports: d.Reports, taxonomy: d.Taxonomy, authors: d.Authors, media: d.Media, site: d.Site, pages: parseArticles(d.Set)}
	return areas{
		sign:       f.entry,
		account:    &account{face: f, staff: d.Staff, ends: d.Sessions, page: page.Must[accountPage](d.Set, "newsroom/account.html")},
		articles:   sheets,
		desk:       &desk{articles: sheets, base: d.BaseURL, pages: parseDesk(d.Set)},
		acts:       &acts{face: f, store: d.Articles, reports: d.Reports, pages: parseActs(d.Set)},
		comments:   &comments{face: f, store: d.Comments, taxonomy: d.Taxonomy, pages: parseComments(d.Set)},
		authors:    &authors{face: f, store: d.Authors, staff: d.Staff, media: d.Media, pages: parseAuthors(d.Set)},
		categories: &categories{face: f, store: d.Taxonomy, pages: parseCategories(d.Set)},
		tags:       &tags{face: f, store: d.Taxonomy, pages: parseTags(d.Set)},
		media:      &pictures{face: f, store: d.Media, articles: d.Articles, authors: d.Authors, pages: parseMedia(d.Set)},
		find:       &find{face: f, store: d.Articles, media: d.Media, taxonomy: d.Taxonomy},
		cards:      &cards{face: f, maker: d.Cards},
		people:     &people{face: f, store: d.Staff, ends: d.Sessions, pages: parsePeople(d.Set)},
		rules:      &rules{face: f, store: d.Comments, taxonomy: d.Taxonomy, pages: parseRules(d.Set)},
		house:      &house{face: f, store: d.Settings, media: d.Media, site: d.Site, log: d.Audit, staff: d.Staff, pages: parseHouse(d.Set)},

		breaking: &breaking{face: f, store: d.Settings, page: page.Must[breakingPage](d.Set, "newsroom/breaking.html")},
		readings: &readings{face: f, articles: d.Articles, store: d.Reads, page: page.Must[readsPage](d.Set, "newsroom/reads.html")},

		fronts:      &fronts{face: f, store: d.Fronts, taxonomy: d.Taxonomy, site: d.Site, pages: parseFronts(d.Set)},
		corrections: &corrections{face: f, store: d.Reports, articles: d.Articles, pages: parseCorrections(d.Set)},
		complaints:  &complaints{face: f, store: d.Comments, pages: parseComplaints(d.Set)},
	}
}

// private keeps every answer out of every cache, whatever stands before the newsroom.
func private(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page.Private(w)
		next.ServeHTTP(w, r)
	})
}
