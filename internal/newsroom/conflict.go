package newsroom

import (
	"crypto/rand"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"stet/internal/article"
	"stet/internal/page"
	"stet/internal/staff"
)

// clash shows both texts of a save that can't be merged. Mine stands in the form as it was sent, based on theirs now, so that
// saving again puts it on top; theirs stays in its revision.
func (a *articles) clash(w http.ResponseWriter, r *http.Request, actor staff.Actor, id int64, f page.Form, o *article.Overlap) error {
	e, err := a.store.Edit(r.Context(), actor, id)
	if err != nil {
		return err
	}
	c := a.clock()
	fm := form{words: "article", values: merged(draftValues(o.Mine, a.source.Zone()), f.Values)}
	p := conflictPage{frame: a.frame(r, actor, page.T("newsroom.conflict", o.By), "/newsroom/articles"), About: aboutArticle(&e, c), Key: rand.Text(),
		Lead: page.T("newsroom.conflict.lead", o.By, o.Head), Kept: unseen(fm), Overlaps: overlaps(o),
		Headline: fm.area("headline", 2), Standfirst: fm.area("standfirst", 3), Body: fm.area("body", 20), Note: fm.field("note")}
	p.Headline.Serif, p.Standfirst.Serif, p.Body.Serif = true, true, true
	p.Theirs = theirs{Revision: o.Head, Heading: page.T("newsroom.conflict.theirs", o.By, o.Head), Said: page.T("newsroom.conflict.said", c.When(o.At).Text),
		Headline: o.Theirs.Headline, Standfirst: o.Theirs.Standfirst, Body: o.Theirs.Body, Others: others(o, a.source.Zone())}
	return a.pages.conflict.Write(w, r, http.StatusConflict, p)
}

// unseen are the fields of mine that the page doesn't show: they go along hidden.
func unseen(fm form) []param {
	shown := []string{"headline", "standfirst", "body", "note", "revision", "key", "then"}
	var out []param
	for _, name := range slices.Sorted(maps.Keys(fm.values)) {
		if slices.Contains(shown, name) {
			continue
		}
		for _, v := range fm.values[name] {
			out = append(out, param{name, v})
		}
	}
	return out
}

// overlaps names what both changed.
func overlaps(o *article.Overlap) []string {
	var out []string
	for _, name := range o.Fields {
		out = append(out, page.T("newsroom.article."+name))
	}
	if n := len(o.Blocks); n > 0 {
		out = append(out, page.N("newsroom.conflict.paragraphs", n))
	}
	return out
}

// others are the further fields that both changed, as they stand in theirs.
func others(o *article.Overlap, zone *time.Location) []fact {
	values := draftValues(o.Theirs, zone)
	var out []fact
	for _, name := range o.Fields {
		if name != "headline" && name != "standfirst" {
			out = append(out, fact{Name: page.T("newsroom.article." + name), Text: strings.Join(values[name], ", ")})
		}
	}
	return out
}
