package newsroom

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"stet/internal/article"
	"stet/internal/page"
	"stet/internal/staff"
)

// previewWidths are the widths at which a preview is mostly looked at, in CSS pixels: a phone, a tablet, a desk.
var previewWidths = []string{"360", "768", "1280"}

// Limits of any other width.
const (
	narrowest = 240
	widest    = 3840
)

// preview shows the newest revision, or the one asked for, as readers would see it. The newsroom may frame it.
func (d *desk) preview(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, revision, err := asked(r)
	if err != nil {
		return err
	}
	l, err := d.store.PreviewRevision(r.Context(), actor, id, revision)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "frame-ancestors 'none'", "frame-ancestors 'self'", 1))
	return d.site.Preview(w, r, l)
}

// asked is the article and the revision of it that an address names; 0 is the newest.
func asked(r *http.Request) (id int64, revision int, err error) {
	if id, err = pathID(r); err != nil {
		return 0, 0, err
	}
	q, err := page.Query(r)
	if err != nil {
		return 0, 0, err
	}
	revision, err = whole(q, "revision")
	return id, revision, err
}

// widths frames the preview at the width of a phone, a tablet or a desk, or at any other.
func (d *desk) widths(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, revision, err := asked(r)
	if err != nil {
		return err
	}
	e, err := d.store.Edit(r.Context(), actor, id)
	if err != nil {
		return err
	}
	at := fmt.Sprintf("/newsroom/articles/%d/preview", id)
	q := url.Values{}
	if revision != 0 {
		q.Set("revision", strconv.Itoa(revision))
	}
	p := widthsPage{frame: d.frame(r, actor, page.T("newsroom.preview"), "/newsroom/articles"), About: aboutArticle(&e, d.clock()), Width: r.FormValue("width"), Alone: at + "?" + q.Encode()}
	if n, err := strconv.Atoi(p.Width); err != nil || n < narrowest || n > widest {
		p.Width = previewWidths[0]
	}
	p.Action, p.Revision = at+"/widths", revision
	p.Alone = strings.TrimSuffix(p.Alone, "?")
	for _, width := range previewWidths {
		q.Set("width", width)
		p.Views = append(p.Views, view{Name: page.T("newsroom.preview.at-" + width), URL: at + "/widths?" + q.Encode(), Here: width == p.Width})
	}
	return d.pages.widths.Write(w, r, http.StatusOK, p)
}

// share makes a link to the preview and shows it, this once.
func (d *desk) share(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := d.posted(w, r)
	if err != nil {
		return err
	}
	days, err := whole(f, "days")
	if err == nil && !f.Has("days") {
		days = 7
	}
	var token string
	var until time.Time
	if err == nil {
		token, until, err = d.store.Share(r.Context(), actor, id, article.ShareIn{Days: days, Label: f.Text("label")})
	}
	if err != nil {
		return d.again(w, r, actor, id, f, err)
	}
	e, err := d.store.Edit(r.Context(), actor, id)
	if err != nil {
		return err
	}
	c := d.clock()
	p := sharedPage{frame: d.frame(r, actor, page.T("newsroom.share.title"), "/newsroom/articles"), About: aboutArticle(&e, c), Link: d.base.JoinPath("/newsroom/preview/", token).String(),
		Until: page.T("newsroom.share.until", c.When(until).Text)}
	return d.pages.shared.Write(w, r, http.StatusCreated, p)
}

// unshare ends a link.
func (d *desk) unshare(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, number, err := pathIDs(r)
	if err != nil {
		return err
	}
	if err := d.store.Unshare(r.Context(), actor, id, number); err != nil {
		return err
	}
	d.say(r, page.T("newsroom.beside.done.unshare"))
	return seeOther(w, r, fmt.Sprintf("/newsroom/articles/%d#links", id))
}

// shared shows a draft to whoever holds a link to it, without a session.
func (d *desk) shared(w http.ResponseWriter, r *http.Request, _ staff.Actor) error {
	l, until, err := d.store.Shared(r.Context(), chi.URLParam(r, "token"))
	if err != nil {
		return err
	}
	return d.site.PreviewFor(w, r, l, until)
}
