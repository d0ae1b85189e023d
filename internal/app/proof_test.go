package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"stet/internal/site"
)

// look is a page of the site that is looked at. Route is its pattern, as site.Routes gives it; state says what is there to see.
type look struct {
	route, state, path string
	// status is what it answers with, 0 for 200.
	status int
	// form is sent to it, where it is the answer to a form that is looked at.
	form url.Values
	// like says that a browser has nothing to see that it hasn't seen on another page.
	like bool
}

func (l look) name() string { return l.state + " (" + l.path + ")" }

// nowhere is the route of what isn't there, or no longer.
const nowhere = "nowhere"

// proof goes through everything that readers can ask for.
type proof struct {
	*testing.T
	nu      *nu
	words   vocabulary
	visited map[string]bool // by route
	pages   int
	data    int
	links   int
}

// TestEveryPage asks for every route of the site in every state that the demo newsroom and some more articles can show it in. Each page
// goes through the Nu HTML checker, axe, the vocabulary of structured data and what holds for every page, and every link on it leads
// somewhere. A route that nobody visits is a fault, so a new one needs a look here.
func TestEveryPage(t *testing.T) {
	p := &proof{T: t, nu: newNu(t), words: newVocabulary(t), visited: map[string]bool{}}
	for _, world := range []func(*proof) (*world, []look){demoLooks, mailedLooks, emptyLooks} {
		w, looks := world(p)
		p.through(w, looks)
	}
	for _, route := range site.Routes() {
		if !p.visited[route] {
			t.Errorf("no page of %s is looked at", route)
		}
	}
	p.nu.check()
	t.Logf("%d pages of %d routes: %d pieces of structured data, %d links", p.pages, len(p.visited), p.data, p.links)
}

// through looks at pages of one world: over HTTP at all, in a browser at those that have something new to see.
func (p *proof) through(w *world, looks []look) {
	p.Helper()
	v, asked := w.visitor(), map[string]bool{}
	r := w.round()
	for _, l := range looks {
		if !routeMatches(l.route, l.path) {
			p.Errorf("%s is no page of %s", l.name(), l.route)
		}
		p.visited[l.route] = true
		got := p.ask(v, l)
		if !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") || got.StatusCode/100 == 3 {
			continue
		}
		p.page(w, l, got)
		for _, at := range references(got.Request.URL, got.body) {
			asked[at] = true
		}
		if l.form == nil && !l.like {
			r.visit(l.path)
		}
	}
	p.follow(v, asked)
	r.tell()
}

// constrained is a part of a pattern that says what it takes.
var constrained = regexp.MustCompile(`\{(\w+):[^/]*\}`)

var patternPart = regexp.MustCompile(`\\\{[^}]*\\\}|ARTICLE|LIST`)

// routeMatches reports whether a path is one of a route's.
func routeMatches(route, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	if route == nowhere {
		return true
	}
	route = constrained.ReplaceAllString(route, "{$1}")
	pattern := patternPart.ReplaceAllStringFunc(regexp.QuoteMeta(route), func(part string) string {
		switch part {
		case "ARTICLE":
			return "/.*?"
		case "LIST":
			return "/(category|author|tag)/.+/"
		}
		return "[^/]+"
	})
	return regexp.MustCompile("^" + pattern + "/?$").MatchString(path)
}

// ask gets what a look is at and checks what holds whatever it is.
func (p *proof) ask(v *visitor, l look) answer {
	p.Helper()
	method, want := http.MethodGet, l.status
	if l.form != nil {
		method = http.MethodPost
	}
	if want == 0 {
		want = http.StatusOK
	}
	got := v.do(method, l.path, l.form)
	if got.StatusCode != want {
		p.Errorf("%s = %d, want %d", l.name(), got.StatusCode, want)
	}
	if cookies := got.Cookies(); len(cookies) > 0 {
		p.Errorf("%s sets cookies: %v", l.name(), cookies)
	}
	return got
}

// page checks a page over HTTP.
func (p *proof) page(w *world, l look, got answer) {
	p.Helper()
	p.pages++
	if !strings.HasPrefix(strings.ToLower(got.body), "<!doctype html>") { // a fragment is part of another page
		return
	}
	p.nu.add(l.name(), got.body)
	for _, wrong := range unsound(w.server.URL, got.body) {
		p.Errorf("%s: %s", l.name(), wrong)
	}
	data := dataIn(got.body)
	p.data += len(data)
	for _, one := range data {
		for _, wrong := range p.words.check(w.server.URL, one) {
			p.Errorf("%s: structured data: %s", l.name(), wrong)
		}
	}
	p.describes(l, got, data)
}

var ldType = regexp.MustCompile(`^\{"@context":"https://schema.org","@type":"(\w+)"`)

// describes checks which kinds of structured data a page has: those of its route, and none where it stays out of indexes.
func (p *proof) describes(l look, got answer, data []string) {
	p.Helper()
	var kinds []string
	for _, one := range data {
		kind := ""
		if m := ldType.FindStringSubmatch(one); m != nil {
			kind = m[1]
		}
		if strings.HasSuffix(kind, "Article") || kind == "LiveBlogPosting" {
			p.sameHeadline(l, got, one)
			kind = "an article"
		}
		kinds = append(kinds, kind)
	}
	want := ""
	switch hidden := strings.Contains(got.body, `<meta name="robots" content="noindex`); {
	case hidden || got.StatusCode != http.StatusOK:
	case l.route == "/":
		want = "NewsMediaOrganization WebSite"
	case l.route == "ARTICLE" && strings.Contains(got.body, `property="og:type" content="article"`):
		want = "an article BreadcrumbList"
	case l.route == "ARTICLE":
		want = "WebPage BreadcrumbList"
	case l.route == "LIST" && strings.HasPrefix(l.path, "/author/"), l.route == "LISTpage/{n}" && strings.HasPrefix(l.path, "/author/"):
		want = "ProfilePage"
	case strings.HasPrefix(l.route, "LIST") && strings.HasPrefix(l.path, "/tag/"):
		want = "CollectionPage"
	case strings.HasPrefix(l.route, "LIST"):
		want = "CollectionPage BreadcrumbList"
	}
	if all := strings.Join(kinds, " "); all != want {
		p.Errorf("%s describes itself as %q, want %q", l.name(), all, want)
	}
}

var headlineIn = regexp.MustCompile(`"headline":("(?:[^"\\]|\\.)*")`)

// sameHeadline insists that machines are told the headline that people see.
func (p *proof) sameHeadline(l look, got answer, data string) {
	p.Helper()
	told := ""
	if m := headlineIn.FindStringSubmatch(data); m != nil {
		told = unquote(m[1])
	}
	s := &sound{}
	s.parse(got.body)
	if shown := textIn(s.all("h1")[0]); shown != strings.Join(strings.Fields(told), " ") {
		p.Errorf("%s: machines read the headline %q, people %q", l.name(), told, shown)
	}
}

// follow asks for every address that the pages lead to: each is there.
func (p *proof) follow(v *visitor, asked map[string]bool) {
	p.Helper()
	var all []string
	for at := range asked {
		all = append(all, at)
	}
	slices.Sort(all)
	p.links += len(all)
	for _, at := range all {
		if got := v.do(http.MethodHead, at, nil); got.StatusCode >= http.StatusBadRequest {
			p.Errorf("a link leads to %s, which answers %d", at, got.StatusCode)
		}
	}
}
