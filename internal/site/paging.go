package site

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"stet/internal/address"
	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
)

// paging is where a page stands in a list: by number, or behind a cursor when n is 0.
type paging struct {
	path string // of the list, with its last slash
	n    int
	// before is the cursor asked for, next that of what comes after; empty at the end.
	before, next string
}

// number reads the N of an address: of a page or of a row in the record. What isn't a plain number from 1 on, or is more than
// Postgres counts, is no address.
func number(s string) (int, error) {
	n, err := identity(s)
	if err != nil || n > math.MaxInt32 {
		return 0, fault.NotFound
	}
	return int(n), nil
}

// identity is number for an id.
func identity(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || s != strconv.FormatInt(n, 10) {
		return 0, fault.NotFound
	}
	return n, nil
}

// self is the address of the page itself.
func (p paging) self() string {
	if p.n <= 1 {
		return p.path
	}
	return p.path + "page/" + strconv.Itoa(p.n)
}

// canonical is where a request for this page should have gone: page 1 is the list itself, others have no last slash. It is empty
// where the request was right.
func (p paging) canonical(r *http.Request) string {
	if p.n == 1 || strings.HasSuffix(r.URL.Path, "/") {
		return p.self()
	}
	return ""
}

// pages makes the links to newer and older pages and notes them in the base, with the page's number in its title.
func (p paging) pages(b *page.Base, v *visit) *pages {
	out := pages{NewerText: page.T("pages.newer"), OlderText: page.T("pages.older")}
	if p.n > 1 {
		out.Text = page.T("pages.page", page.Number(p.n))
		out.Newer = href(paging{path: p.path, n: p.n - 1}.self())
	}
	switch {
	case p.next == "":
	case p.n > 0 && p.n < lastPage:
		out.Older = href(paging{path: p.path, n: max(p.n, 1) + 1}.self())
	default:
		out.Older = href(p.path) + "?before=" + url.QueryEscape(p.next)
	}
	if out.Newer == "" && out.Older == "" && out.Text == "" {
		return nil
	}
	if out.Text != "" {
		b.Title = page.T("window.title", b.Title, out.Text)
	}
	if out.Newer != "" {
		b.Prev = v.base + out.Newer
	}
	if out.Older != "" {
		b.Next = v.base + out.Older
	}
	return &out
}

// beyond answers for pages past the last numbered one: the archive of the month in which that part of the list begins.
func (f *face) beyond(w http.ResponseWriter, r *http.Request, v *visit, in article.ListIn) error {
	in.Offset, in.Limit = lastPage*perPage, 1
	cards, _, err := f.Articles.LiveList(v.ctx, in)
	if err != nil {
		return err
	}
	if len(cards) == 0 {
		return fault.NotFound
	}
	return moved(w, r, "/"+cards[0].FirstPublicAt.In(v.clock.Zone).Format("2006/01")+"/")
}

// moved sends to another address of this site for good. to is decoded and begins with one slash.
func moved(w http.ResponseWriter, r *http.Request, to string) error {
	page.Public(w)
	if clean, ok := address.Clean(r.URL.Path); ok {
		page.Tags(w, address.Tag(clean))
	}
	return redirect(w, r, to, http.StatusMovedPermanently)
}

// found is moved for an address that was looked up.
func found(w http.ResponseWriter, r *http.Request, to string, err error) error {
	if err != nil {
		return err
	}
	return moved(w, r, to)
}

func redirect(w http.ResponseWriter, r *http.Request, to string, status int) error {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`) {
		return fault.NotFound
	}
	http.Redirect(w, r, href(to), status)
	return nil
}
