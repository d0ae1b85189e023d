package site

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"stet/internal/address"
	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
)

// places answers every address that stands in the table of addresses: articles, static pages, categories, authors and tags, with
// the pages below each of them. What an address is, only the table knows, so there is one route for all.
type places struct {
	*face
	articles   *articles
	discussion *discussion
	reports    *reports
	lists      *lists
	feeds      *feeds
}

func (p *places) routes(r chi.Router) {
	r.Get(anyPlace, p.handle(p.show))
	r.Post(anyPlace, p.handle(p.post))
}

// anyPlace is the pattern of what only the table of addresses knows.
const anyPlace = "/*"

// patterns are what stands behind anyPlace: ARTICLE and LIST stand for an address with its last slash.
func (p *places) patterns() []string {
	out := []string{"LIST", "LISTpage/{n}"}
	for path := range feedPaths {
		out = append(out, "LIST"+path)
	}
	for i := range belowArticle {
		out = append(out, "ARTICLE"+belowArticle[i].pattern)
	}
	return out
}

// Segments that may follow an address: of a list (no category, author or tag is called so, but one may well be called history),
// and of an article.
var (
	innerOfLists    = []string{"page", "feed", "feed.json"}
	innerOfArticles = []string{"feed", "v", "history", "comments", "since", "reply", "edit", "updates.xml"}
)

// laterBelow ends addresses below an article that are younger than some articles: one that lives at such an address itself comes before it.
var laterBelow = regexp.MustCompile(`^(/.+)/(report|read|card/[0-9]+\.png)/?$`)

// split parts a clean path into the address and the segments that follow it. The address keeps its last slash where something
// follows.
func split(path string) (at string, rest []string) {
	segments := strings.Split(path[1:], "/")
	list := slices.Contains([]string{"category", "author", "tag"}, segments[0])
	for i, s := range segments {
		follows := slices.Contains(innerOfLists, s)
		if !list {
			follows = slices.Contains(innerOfArticles, s) || strings.HasPrefix(s, "comment-page-")
		}
		if i > 0 && follows {
			return "/" + strings.Join(segments[:i], "/") + "/", segments[i:]
		}
	}
	return path, nil
}

// place is what was found for a request.
type place struct {
	article.Found
	at   string   // the canonical address
	rest []string // what follows it, without empty segments
}

// find looks up the request's address. to is where else the request should go, decoded; it has precedence over the place.
func (p *places) find(r *http.Request) (_ place, to string, err error) {
	// An encoded slash would be read as a path by us and as a name by others on the way.
	if strings.Contains(strings.ToLower(r.URL.RawPath), "%2f") {
		return place{}, "", fault.NotFound
	}
	path, ok := address.Clean(r.URL.Path)
	if !ok {
		return place{}, "", fault.NotFound
	}
	at, rest := split(path)
	found, at, err := p.resolve(r.Context(), at)
	if m := laterBelow.FindStringSubmatch(path); m != nil && errors.Is(err, fault.NotFound) {
		rest = strings.Split(m[2], "/")
		found, at, err = p.resolve(r.Context(), m[1]+"/")
	}
	if err != nil {
		return place{}, "", err
	}
	rest = slices.DeleteFunc(rest, func(s string) bool { return s == "" })
	if sub := strings.Join(rest, "/"); sub == "page/1" || sub == "comment-page-1" { // the first page is the place itself
		rest = nil
	}
	want := at
	if len(rest) > 0 {
		want = strings.TrimSuffix(at, "/") + "/" + strings.Join(rest, "/")
		if last := rest[len(rest)-1]; last == "feed" || last == "atom" || strings.HasPrefix(last, "comment-page-") {
			want += "/"
		}
	}
	if want != r.URL.Path {
		to = want
	}
	return place{found, at, rest}, to, nil
}

// resolve gives what stands at an address, or at it with or without its last slash, and the canonical form of the address.
func (p *places) resolve(ctx context.Context, at string) (article.Found, string, error) {
	found, err := p.Articles.LiveByPath(ctx, at)
	if errors.Is(err, fault.NotFound) && at != "/" {
		if trimmed, had := strings.CutSuffix(at, "/"); had {
			at = trimmed
		} else {
			at += "/"
		}
		found, err = p.Articles.LiveByPath(ctx, at)
	}
	if err != nil {
		return found, "", err
	}
	if found.Redirect != "" {
		at = found.Redirect
		found, err = p.Articles.LiveByPath(ctx, at)
	}
	return found, at, err
}

func (p *places) show(w http.ResponseWriter, r *http.Request) error {
	if _, err := page.Query(r); err != nil {
		return err
	}
	at, to, err := p.find(r)
	if err != nil {
		return err
	}
	if to != "" {
		return moved(w, r, to)
	}
	switch {
	case at.Gone != nil:
		return p.gone(w, r, at.Gone)
	case at.Article != nil:
		return p.article(w, r, at)
	default:
		return p.lists.show(w, r, at)
	}
}

// belowArticle is what stands below an article's address, with {n} for a number; the first row is the article itself.
var belowArticle = []struct {
	pattern string
	show    func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, n string) error
}{
	{"", func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, _ string) error {
		return p.articles.show(w, r, l, 1)
	}},
	{"comment-page-{n}", func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, n string) error {
		return p.articles.commentPage(w, r, l, n)
	}},
	{"history", func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, _ string) error {
		return p.articles.history(w, r, l)
	}},
	{"edit", func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, _ string) error {
		return p.articles.edit(w, r, l)
	}},
	{"updates.xml", func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, _ string) error {
		return p.feeds.updates(w, r, l)
	}},
	{"feed", func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, _ string) error {
		return p.feeds.comments(w, r, l)
	}},
	{"v/{n}", func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, n string) error {
		return p.articles.version(w, r, l, n)
	}},
	{"since/{n}", func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, n string) error {
		return p.articles.since(w, r, l, n)
	}},
	{"card/{n}.png", func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, n string) error {
		return p.articles.card(w, r, l, n)
	}},
	{"comments/{n}", func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, n string) error {
		return p.discussion.comment(w, r, l, n)
	}},
	{"comments/{n}/report", func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, n string) error {
		return p.reports.complain(w, r, l, n)
	}},
	{"reply/{n}", func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, n string) error {
		return p.discussion.reply(w, r, l, n)
	}},
	{"report", func(p *places, w http.ResponseWriter, r *http.Request, l *article.Live, _ string) error {
		return p.reports.wrong(w, r, l)
	}},
}

// article answers an article's address and those below it.
func (p *places) article(w http.ResponseWriter, r *http.Request, at place) error {
	rest := strings.Join(at.rest, "/")
	for i := range belowArticle {
		row := &belowArticle[i]
		before, after, numbered := strings.Cut(row.pattern, "{n}")
		if !numbered {
			if rest == row.pattern {
				return row.show(p, w, r, at.Article, "")
			}
			continue
		}
		n, ok := strings.CutPrefix(rest, before)
		if ok {
			n, ok = strings.CutSuffix(n, after)
		}
		if ok && n != "" && !strings.Contains(n, "/") {
			return row.show(p, w, r, at.Article, n)
		}
	}
	return fault.NotFound
}

// post takes a comment in at ARTICLE/comments, a read at ARTICLE/read, an error at ARTICLE/report, and a report of a comment below its own address; nothing else here takes
// a form.
func (p *places) post(w http.ResponseWriter, r *http.Request) error {
	at, _, err := p.find(r)
	if err != nil {
		return err
	}
	rest := at.rest
	switch {
	case at.Article == nil && at.Gone == nil, at.Article == nil && len(rest) > 0:
		return fault.NotFound
	case len(rest) == 0:
		w.Header().Set("Allow", "GET, HEAD")
		return errMethod
	case len(rest) == 1 && rest[0] == "comments":
		return p.discussion.post(w, r, at.Article)
	case len(rest) == 1 && rest[0] == "report":
		return p.reports.takeError(w, r, at.Article)
	case len(rest) == 1 && rest[0] == "read":
		return p.articles.read(w, r, at.Article)
	case len(rest) == 3 && rest[0] == "comments" && rest[2] == "report":
		return p.reports.takeComplaint(w, r, at.Article, rest[1])
	}
	return fault.NotFound
}
