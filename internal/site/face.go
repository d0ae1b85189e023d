package site

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"stet/internal/article"
	"stet/internal/page"
	"stet/internal/report"
	"stet/internal/settings"
	"stet/internal/taxonomy"
)

// perPage is how many articles a page of a list holds; lastPage the last one that is found by number.
const (
	perPage  = 20
	lastPage = 200
)

// face is what every area of the site draws with.
type face struct {
	Deps
	tmpl *templates
	base string // the origin, without a last slash
	// broken and away are the pages for 500 and 503. They are rendered at the start, since what broke may be what a page needs.
	broken, away []byte
	kept         sections
	calm         *calm
}

func (f *face) handle(h page.Handler) http.HandlerFunc { return page.Adapt(h, f.fail) }

// visit is one request's view of the site: its settings, its clock and its sections, read once.
type visit struct {
	*face
	r     *http.Request
	ctx   context.Context
	is    settings.Settings
	clock page.Clock
	tree  taxonomy.Tree
	ours  []article.PageLink // static pages
	logos pictures
	draft bool    // a preview, which shows what isn't public
	shows []int64 // pictures
	// credits are those of the articles that the page is about.
	credits map[report.Notice][]report.Credit
}

func (f *face) visit(r *http.Request) (*visit, error) {
	is, err := f.Settings.Current(r.Context())
	if err != nil {
		return nil, f.Classify(fmt.Errorf("read settings: %w", err))
	}
	around, err := f.kept.read(r.Context(), f.Deps, is)
	if err != nil {
		return nil, f.Classify(err)
	}
	return &visit{face: f, r: r, ctx: r.Context(), is: is, tree: around.tree, ours: around.pages, logos: around.logos, clock: page.Clock{Zone: is.Location(), Now: f.Now, Lang: is.Language}}, nil
}

// page is the base of a page at path; at is the category it belongs to.
func (v *visit) page(title, path string, at int64) page.Base {
	b := page.Base{Title: title, Site: v.frame(at)}
	if path != "" {
		b.Canonical = v.abs(path)
		b.Card = &page.Card{Site: v.is.Title, Kind: "website", Title: b.WindowTitle(), URL: b.Canonical}
		v.siteImage(b.Card)
	}
	_ = about(&b, v.is.Description) || about(&b, v.is.Motto) || about(&b, v.is.Title)
	return b
}

// descriptionLength is how many characters a page says of itself to those who list it.
const descriptionLength = 200

// about sets what a page says of itself, wherever it is announced; false where nothing is said.
func about(b *page.Base, said string) bool {
	if said = excerpt(said, descriptionLength); said == "" {
		return false
	}
	b.Description = said
	if b.Card != nil {
		b.Card.Description = said
	}
	return true
}

// abs is the absolute address of a path, which is decoded, with the query and fragment it may carry.
func (f *face) abs(path string) string {
	if !strings.HasPrefix(path, "/") {
		return path
	}
	return f.base + href(path)
}

// href is a path as it stands in a link: percent-encoded.
func href(path string) string {
	path, fragment, found := strings.Cut(path, "#")
	path, query, asks := strings.Cut(path, "?")
	out := (&url.URL{Path: path}).EscapedPath()
	if asks {
		out += "?" + query
	}
	if found {
		out += "#" + fragment
	}
	return out
}

// below is an address under that of an article, which may have come from elsewhere without a last slash.
func below(path, rest string) string { return href(strings.TrimSuffix(path, "/")) + "/" + rest }

// public lets caches keep the page under its tags until the day turns, since dates read differently then.
func (v *visit) public(w http.ResponseWriter, tags ...string) {
	page.Public(w)
	page.Tags(w, append(tags, "settings")...)
	v.tagPictures(w)
	for at := range v.credits { // a name goes with the report or the comment that it stands in
		page.Tags(w, articleTag(at.ArticleID), commentsTag(at.ArticleID))
	}
	page.FreshUntil(w, v.clock.Midnight())
	v.endsWithBreaking(w)
}

// countsFresh is how long pages show numbers that no purge follows: how many comments an article has that they lead to, what is read most.
const countsFresh = time.Minute

// counts lets caches keep a page with such numbers no longer than they are good. A purge for each comment would make every list anew that its
// article stands in, many times a second while a discussion is heated.
func (v *visit) counts(w http.ResponseWriter) { page.FreshUntil(w, v.Now().Add(countsFresh)) }

// foreign gives the tongue of a text in another language than the site's, and the site's own for the words around it; nil for
// both where the languages are one.
func (v *visit) foreign(language string) (text, home *tongue) {
	if language == "" || strings.EqualFold(language, v.is.Language) {
		return nil, nil
	}
	return &tongue{language, page.Direction(language)}, &tongue{v.is.Language, page.Direction(v.is.Language)}
}

// published is whether an article's first version appeared before it came here.
func published(l *article.Live) time.Time {
	if len(l.Record) > 0 {
		return l.Record[0].At()
	}
	return l.FirstPublicAt
}
