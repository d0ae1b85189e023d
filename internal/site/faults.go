package site

import (
	"bytes"
	"errors"
	"net/http"
	"path"
	"strings"

	"stet/internal/address"
	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
)

// errMethod says that an address answers other methods than the one used.
var errMethod = errors.New("method not allowed")

// fail shows an error in the site's dress.
func (f *face) fail(w http.ResponseWriter, r *http.Request, err error) {
	err = f.Classify(err)
	status := page.Status(err)
	var invalid *fault.Invalid
	switch {
	case errors.Is(err, errMethod):
		status = http.StatusMethodNotAllowed
	case errors.As(err, &invalid):
		// A form's own handler shows its faults; what comes here is a parameter that can't be read.
		status = http.StatusBadRequest
	case status == http.StatusInternalServerError:
		f.Log.ErrorContext(r.Context(), "page failed", "method", r.Method, "path", page.LogPath(r), "error", err)
	}
	switch status {
	case 499:
		return
	case http.StatusInternalServerError:
		f.plain(w, r, status, f.broken)
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
		f.plain(w, r, status, f.away)
	case http.StatusNotFound:
		f.orPlain(w, r, f.notFound(w, r))
	default:
		f.orPlain(w, r, f.told(w, r, status))
	}
}

// orPlain falls back to the plain pages where an error page failed itself.
func (f *face) orPlain(w http.ResponseWriter, r *http.Request, err error) {
	if err == nil {
		return
	}
	if errors.Is(f.Classify(err), fault.Unavailable) {
		w.Header().Set("Retry-After", "5")
		f.plain(w, r, http.StatusServiceUnavailable, f.away)
		return
	}
	f.Log.ErrorContext(r.Context(), "error page failed", "path", page.LogPath(r), "error", err)
	f.plain(w, r, http.StatusInternalServerError, f.broken)
}

func (f *face) plain(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader went away; there is nobody to tell
	}
}

// renderPlain makes the pages for 500 and 503, which know nothing of the site but its host.
func (f *face) renderPlain() {
	frame := page.Site{Name: f.BaseURL.Hostname(), Lang: "en", Dir: "ltr", Year: f.Now().Year()}
	for _, p := range []struct {
		to          *[]byte
		code        int
		title, said string
	}{
		{&f.broken, http.StatusInternalServerError, "error.broken", "error.broken.said"},
		{&f.away, http.StatusServiceUnavailable, "error.away", "error.away.said"},
	} {
		var b bytes.Buffer
		base := page.Base{Title: page.T(p.title), Robots: "noindex", Site: &frame}
		if err := f.tmpl.fault.Render(&b, faultPage{Base: base, Code: p.code, Said: page.T(p.said)}); err != nil {
			panic(err)
		}
		*p.to = b.Bytes()
	}
}

// told is the page for what a reader may be told in two sentences.
func (f *face) told(w http.ResponseWriter, r *http.Request, status int) error {
	v, err := f.visit(r)
	if err != nil {
		return err
	}
	title, said := "error.bad", "error.bad.said"
	switch status {
	case http.StatusForbidden:
		title, said = "error.forbidden", "error.forbidden.said"
	case http.StatusMethodNotAllowed:
		title, said = "error.method", "error.method.said"
	case http.StatusRequestEntityTooLarge:
		title, said = "error.large", "error.large.said"
	case http.StatusTooManyRequests:
		title, said = "error.many", "error.many.said"
	}
	w.Header().Set("Cache-Control", "no-store")
	b := v.page(page.T(title), "", 0)
	b.Robots = "noindex"
	return f.tmpl.fault.Write(w, r, status, faultPage{Base: b, Code: status, Said: page.T(said)})
}

// notFound looks the same for what is hidden and for what never was. Its search is filled in from the address.
func (f *face) notFound(w http.ResponseWriter, r *http.Request) error {
	v, err := f.visit(r)
	if err != nil {
		return err
	}
	cards, _, err := f.Articles.LiveList(r.Context(), article.ListIn{Limit: 4})
	if err != nil {
		return err
	}
	p := notFoundPage{Base: v.page(page.T("notfound"), "", 0), Code: http.StatusNotFound, Ask: ask{guess(r.URL.Path)}}
	p.Robots, p.Asks = "noindex", true
	for _, c := range cards {
		s := v.story(&c, nil)
		s.Standfirst, s.Kicker, s.Byline, s.Comments = "", nil, "", 0
		p.Latest = append(p.Latest, s)
	}
	if w.Header().Get("Cache-Control") == "" { // a receipt that isn't there is as private as one that is
		v.public(w, "front")
	}
	if clean, ok := address.Clean(r.URL.Path); ok {
		page.Tags(w, address.Tag(clean))
		if at, below := split(clean); len(below) > 0 {
			page.Tags(w, address.Tag(at))
		}
	}
	return f.tmpl.notFound.Write(w, r, http.StatusNotFound, p)
}

// guess makes words of the last part of a path that isn't there.
func guess(p string) string {
	p = strings.ToValidUTF8(p, "")
	p = strings.TrimSuffix(path.Base(p), path.Ext(p))
	words := strings.FieldsFunc(p, func(r rune) bool { return strings.ContainsRune("-_/+. ", r) || r < ' ' })
	if len(words) > 12 {
		words = words[:12]
	}
	return strings.Join(words, " ")
}

// gone answers for what was withdrawn (410, with the notice) or withheld (451).
func (f *face) gone(w http.ResponseWriter, r *http.Request, g *article.Gone) error {
	v, err := f.visit(r)
	if err != nil {
		return err
	}
	title, status := "gone.withdrawn", http.StatusGone
	if g.State == article.Withheld {
		title, status = "gone.withheld", http.StatusUnavailableForLegalReasons
	}
	at := v.clock.DateTime(g.At)
	p := gonePage{Base: v.page(page.T(title), "", 0), Code: status, At: at, Said: page.T(title+".said", at.Text),
		Notice: v.render(nil).HTML(g.Notice), Label: label{Kind: "retraction", Text: page.T("kind." + g.State)}}
	p.Robots = "noindex"
	v.public(w, articleTag(g.ID), address.Tag(g.Path))
	return f.tmpl.gone.Write(w, r, status, p)
}
