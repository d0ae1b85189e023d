// Package address keeps every path at which the site ever answered: one canonical path for each article, category, author and tag,
// and all their earlier ones, which lead to it in one step.
//
// It must never know what stands at a path beyond its kind and id, and never free a path that readers may have kept.
package address

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxPath is the longest path, in characters; the table has the same limit.
const maxPath = 2000

// Clean gives path, decoded as http.Request.URL.Path is, in the form in which the table keeps it: NFC. It returns false for what
// can be nobody's address: no leading slash, bytes that aren't UTF-8, controls, a backslash, an empty, "." or ".." segment, over
// 2,000 characters. The last slash is kept as it is: an imported page may live with or without one, and Resolve tries both.
func Clean(path string) (string, bool) {
	if !strings.HasPrefix(path, "/") || !utf8.ValidString(path) || utf8.RuneCountInString(path) > maxPath {
		return "", false
	}
	if strings.Contains(path, `\`) || strings.ContainsFunc(path, unicode.IsControl) || strings.ContainsRune(path, utf8.RuneError) {
		return "", false
	}
	path = norm.NFC.String(path)
	for s := range strings.SplitSeq(strings.TrimSuffix(path[1:], "/"), "/") {
		if s == "." || s == ".." || s == "" && path != "/" {
			return "", false
		}
	}
	return path, utf8.RuneCountInString(path) <= maxPath
}

// Tag is the cache tag of the page at path, with or without its last slash, with which a 404, 410 or 301 there is purged. It has no space.
func Tag(path string) string {
	if bare := strings.TrimSuffix(path, "/"); bare != "" {
		path = bare
	}
	return "path:" + (&url.URL{Path: path}).EscapedPath()
}

// first are the segments with which the site's own addresses begin; inside are those that may follow an article's address.
var (
	first = []string{"newsroom", "static", "media", "feed", "feed.json", "category", "author", "tag", "search", "page", "comments", "corrections", "log", "api",
		"live", "card.png", "healthz", "readyz", "sitemap.xml", "sitemap-news.xml", "robots.txt", ".well-known"}
	inside      = []string{"page", "feed", "v", "history", "comments", "since", "reply", "report", "read", "card", "edit", "updates.xml"}
	commentPage = regexp.MustCompile(`^comment-page-[0-9]+$`)
	archive     = regexp.MustCompile(`^/[0-9]{4}(/[0-9]{2}){0,2}/?$`)
)

// ReservedSlug reports whether s may not be the slug of an article or a page, because the site's own addresses begin or go on with
// it: a reserved word, wp-…, a year, or the two digits of a month or day.
func ReservedSlug(s string) bool { return reservedFirst(s) || reservedInside(s) || digits(s, 2) }

// ReservedListSlug reports whether s may not be the slug of a category, an author or a tag: their addresses go on with the feed and
// with further pages.
func ReservedListSlug(s string) bool {
	return slices.Contains([]string{"page", "feed", "feed.json"}, strings.ToLower(s))
}

// ReservedPath reports whether path can't be the address of an article or page, whatever its shape: it begins with a reserved
// segment, holds one further on, or is a date archive's.
func ReservedPath(path string) bool {
	if path == "/" || archive.MatchString(path) {
		return true
	}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	return reservedFirst(segments[0]) && !digits(segments[0], 4) || slices.ContainsFunc(segments, reservedInside)
}

// Trunk is the address that path goes on from: /2026/11/x/ of /2026/11/x/history, of /2026/11/x/v/3 and of /2026/11/x/ itself. A path that
// begins with a word that others go on with stays whole.
func Trunk(path string) string {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for i, s := range segments {
		if i > 0 && reservedInside(s) {
			return "/" + strings.Join(segments[:i], "/") + "/"
		}
	}
	return path
}

func reservedFirst(s string) bool {
	s = strings.ToLower(s)
	return slices.Contains(first, s) || strings.HasPrefix(s, "wp-") || digits(s, 4)
}

func reservedInside(s string) bool {
	s = strings.ToLower(s)
	return slices.Contains(inside, s) || commentPage.MatchString(s)
}

func digits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}
