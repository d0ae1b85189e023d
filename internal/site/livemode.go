package site

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
)

// Bounds of what is said by a reader's browser, and of how long an answer to it may be kept where no purge arrives.
const (
	seenWordsMost = 30
	sinceFresh    = time.Minute
)

// liveLine says that an article is being added to. Self is its address, which looks for more where no script does; Since is where a script asks.
type liveLine struct {
	Self, Since, Newest string
	At                  page.Time
}

// seenWords are what the reader's browser says of notices that it hasn't shown before: by their number, the last where there are more.
type seenWords struct{ Said string }

// readLive fills what an article's page as it stands now has for those who come back or stay: notices of a live one stand newest first.
func (v *visit) readLive(p *articlePage, l *article.Live) {
	all := l.Notices()
	said := make([]string, 0, seenWordsMost+1)
	for n := range min(len(all), seenWordsMost) {
		said = append(said, page.N("seen.since", n+1))
	}
	if len(all) > seenWordsMost {
		said = append(said, page.T("seen.many", seenWordsMost))
	}
	p.Seen = &seenWords{strings.Join(said, "|")}
	if !l.LiveMode || l.State != article.Published {
		return
	}
	p.Live = &liveLine{Self: href(l.Path), Since: below(l.Path, "since/")}
	slices.Reverse(p.Notices)
	if len(all) > 0 {
		newest := all[len(all)-1]
		p.Live.Newest, p.Live.At = anchor(newest.Number), v.clock.Short(newest.At)
	}
}

// since is the notices after row n as a fragment of HTML, newest first, for articles that are being added to while they are read.
func (a *articles) since(w http.ResponseWriter, r *http.Request, l *article.Live, n string) error {
	after, err := strconv.Atoi(n)
	if err != nil || after < 0 || after > l.Number || n != strconv.Itoa(after) || l.Kind != article.KindArticle {
		return fault.NotFound
	}
	v, err := a.visit(r)
	if err != nil {
		return err
	}
	p := sincePage{Number: l.Number, Live: l.LiveMode && l.State == article.Published}
	ps, err := v.noticePictures(l)
	if err == nil {
		err = v.credit(l).Run(v.ctx)
	}
	if err != nil {
		return err
	}
	for _, n := range slices.Backward(l.Notices()) {
		if n.Number > after {
			p.Notices = append(p.Notices, v.notice(l, n, ps))
		}
	}
	p.Said = page.N("live.new", len(p.Notices))
	v.public(w, articleTag(l.ID))
	page.FreshUntil(w, v.Now().Add(sinceFresh))
	w.Header().Set("X-Robots-Tag", "noindex")
	return a.tmpl.since.Write(w, r, http.StatusOK, p)
}
