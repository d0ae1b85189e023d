package site

import (
	"net/http"
	"net/url"
	"strings"

	"stet/internal/page"
)

// parameters are what pages read of a query, by their address. An address that isn't here is one that only the table of addresses knows: of an
// article, which reads the order of its comments, or of a list, which reads where it goes on.
var parameters = map[string][]string{
	"/":            {"before", "p", "page_id"},
	"/sitemap.xml": {"after"},
}

var elsewhere = []string{"before", "comments"}

// Kept says whether the answer to a GET of r's address may be kept for everybody who asks for it, and under which query: what no page reads
// changes nothing. Endless are the addresses of which anybody can think of any number that answer. Searches, receipts and forms with
// values are never kept, nor what is malformed, which gets its own answer.
func Kept(r *http.Request) (query string, endless, ok bool) {
	path := r.URL.Path
	switch {
	case strings.HasPrefix(path, "/search"), strings.HasPrefix(path, "/comments/"), strings.Contains(path, "/reply/"):
		return "", false, false
	case r.URL.RawPath != "" && strings.Contains(strings.ToLower(r.URL.RawPath), "%2f"):
		return "", false, false // a path to us that isn't the one it seems
	case r.URL.RawQuery == "":
		return "", false, true
	case strings.HasSuffix(strings.TrimSuffix(path, "/"), "/report"):
		return "", false, false // a form that is filled in
	}
	q, err := page.Query(r)
	if err != nil {
		return "", false, false
	}
	read, known := parameters[path]
	if !known {
		read = elsewhere
	}
	kept := url.Values{}
	for _, name := range read {
		if v := q.Text(name); v != "" {
			kept.Set(name, v)
		}
	}
	comments := kept.Has("comments")
	return kept.Encode(), len(kept) > 1 || len(kept) == 1 && !comments, true
}
