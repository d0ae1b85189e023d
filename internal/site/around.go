package site

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"stet/internal/address"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/settings"
)

// frame is what stands around the matter on each page. at is the category the page belongs to, 0 for none.
func (v *visit) frame(at int64) *page.Site {
	s := &page.Site{Name: v.is.Title, Motto: v.is.Motto, Lang: v.is.Language, Dir: page.Direction(v.is.Language), Home: v.base + "/", Logo: v.nameplate(),
		Accent: v.accent(), Breaking: v.breaking(), Imprint: v.is.Imprint, Today: v.clock.Day(v.Now()), Year: v.Now().In(v.clock.Zone).Year()}
	s.Today.ISO = v.Now().In(v.clock.Zone).Format(time.DateOnly)
	s.Today.Title = ""
	s.Sections = v.sections(at)
	for _, l := range v.is.Social {
		s.Social = append(s.Social, page.Link{URL: l.URL, Text: l.Name})
	}
	s.Columns = v.columns(s)
	return s
}

// barLength is how many categories the section bar holds where the settings don't say which: an imported site may bring a hundred.
const barLength = 12

// sections are the links of the section bar: those of the settings, else the first top categories. The one that the page belongs to is current.
func (v *visit) sections(at int64) []page.Link {
	current := map[int64]bool{}
	for _, c := range v.tree.Trail(at) {
		current[c.ID] = true
	}
	var out []page.Link
	for _, e := range v.is.Navigation {
		out = append(out, v.chosen(e, current))
	}
	if len(out) > 0 {
		return out
	}
	top := v.tree.Children(0)
	for _, c := range top[:min(len(top), barLength)] {
		out = append(out, page.Link{URL: href(c.Path), Text: c.Name, Current: current[c.ID]})
	}
	return out
}

// chosen is a link of the settings. One to a category follows it; where the category is gone, what was written down stands.
func (v *visit) chosen(e settings.Entry, current map[int64]bool) page.Link {
	l := page.Link{URL: e.URL, Text: e.Name}
	c, ok := v.tree.ByID(e.Category)
	if ok && e.Category != 0 {
		l.URL, l.Current = href(c.Path), current[c.ID]
		if l.Text == "" {
			l.Text = c.Name
		}
	}
	if l.Text == "" {
		l.Text = e.URL
	}
	return l
}

// Named gives the name of what stands at an address of this site, which may have a query and a fragment, and the category's id where it is
// one's. The name is empty for what has none. Fault: NotFound, also for what is no address of readers' pages.
func (s *Site) Named(ctx context.Context, at string) (name string, category int64, err error) {
	u, err := url.Parse(at)
	if err != nil {
		return "", 0, fault.NotFound
	}
	known := chi.NewRouteContext()
	if s.mux.Match(known, http.MethodGet, u.Path) && known.RoutePattern() != anyPlace {
		return "", 0, nil
	}
	clean, ok := address.Clean(u.Path)
	if !ok {
		return "", 0, fault.NotFound
	}
	found, _, err := (&places{face: s.face}).resolve(ctx, clean)
	switch {
	case err != nil:
		return "", 0, err
	case found.Article != nil:
		return found.Article.Content.Headline, 0, nil
	case found.Gone != nil:
		return "", 0, fault.NotFound
	}
	return "", found.Category, nil
}

// columns stand at the foot. Whatever the settings put there, the record, the feeds and the site's own pages elsewhere follow.
func (v *visit) columns(s *page.Site) []page.Column {
	kept := []page.Link{{URL: "/corrections/", Text: page.T("corrections")}, {URL: "/" + fmt.Sprint(s.Year) + "/", Text: page.T("archive")}}
	if v.is.ContactEmail != "" {
		kept = append(kept, page.Link{URL: "mailto:" + v.is.ContactEmail, Text: page.T("contact")})
	}
	out := v.chosenColumns()
	if len(out) == 0 {
		out = v.usualColumns(s)
	}
	out = append(out, page.Column{Title: page.T("record.the"), Links: kept})
	feeds := []page.Link{{URL: "/feed/", Text: "RSS"}, {URL: "/feed/atom/", Text: "Atom"}, {URL: "/feed.json", Text: "JSON Feed"}}
	out = append(out, page.Column{Title: page.T("feeds.short"), Links: feeds})
	if len(s.Social) > 0 {
		out = append(out, page.Column{Title: page.T("connect"), Links: s.Social, Me: true})
	}
	return out
}

func (v *visit) chosenColumns() []page.Column {
	var out []page.Column
	for _, c := range v.is.Footer {
		col := page.Column{Title: c.Title}
		for _, e := range c.Links {
			col.Links = append(col.Links, v.chosen(e, nil))
		}
		out = append(out, col)
	}
	return out
}

// usualColumns are the sections and the static pages.
func (v *visit) usualColumns(s *page.Site) []page.Column {
	var out []page.Column
	if len(s.Sections) > 0 {
		out = append(out, page.Column{Title: page.T("sections"), Links: s.Sections})
	}
	if len(v.ours) > 0 {
		ours := page.Column{Title: page.T("pages.ours")}
		for _, p := range v.ours {
			ours.Links = append(ours.Links, page.Link{URL: href(p.Path), Text: p.Headline})
		}
		out = append(out, ours)
	}
	return out
}

// nameplate is the logo at the head of the page; nil where the name stands there.
func (v *visit) nameplate() *page.Logo {
	m, ok := v.logos[v.is.Logo]
	if !ok || v.is.Logo == 0 {
		return nil
	}
	p := m.Picture()
	if p.Missing {
		return nil
	}
	out := &page.Logo{Src: p.Src, Width: p.Width, Height: p.Height}
	if night, ok := v.logos[v.is.LogoNight]; ok && !night.Picture().Missing {
		out.Night = night.Picture().Src
	}
	return out
}

// accent is the address of the site's own colours; empty where it has none.
func (v *visit) accent() string {
	if v.is.AccentDay == "" && v.is.AccentNight == "" {
		return ""
	}
	return page.Accent(v.is.Accents())
}

// breaking is the line over the page while it is in force.
func (v *visit) breaking() *page.Link {
	b := v.is.Breaking
	if !b.Shown(v.Now()) {
		return nil
	}
	return &page.Link{URL: b.URL, Text: b.Text}
}

// endsWithBreaking has caches keep the page no longer than the breaking line that stands on it.
func (v *visit) endsWithBreaking(w http.ResponseWriter) {
	if b := v.is.Breaking; b.Shown(v.Now()) {
		page.FreshUntil(w, b.Until)
	}
}
