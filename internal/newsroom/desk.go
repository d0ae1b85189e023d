package newsroom

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"stet/internal/article"
	"stet/internal/page"
	"stet/internal/staff"
)

// desk is how colleagues work together on articles: notes, whose turn it is, previews and links to them, copies, what is coming.
type desk struct {
	*articles
	base  *url.URL // the origin of links for people outside
	pages deskPages
}

func (d *desk) routes() []Route {
	const one = "/newsroom/articles/{id}"
	return []Route{
		{get, one + "/preview", writes, article.CanSee, d.preview},
		{get, one + "/preview/widths", writes, article.CanSee, d.widths},
		{get, "/newsroom/preview/{token}", open, nil, d.shared},
		{post, one + "/notes", writes, article.CanNote, d.note},
		{post, one + "/notes/{number}/resolve", writes, article.CanNote, d.turnNote((*article.Store).ResolveNote)},
		{post, one + "/notes/{number}/reopen", writes, article.CanNote, d.turnNote((*article.Store).ReopenNote)},
		{post, one + "/assign", writes, article.CanAssign, d.assign},
		{post, one + "/duplicate", writes, article.CanDuplicate, d.duplicate},
		{post, one + "/preview-links", writes, article.CanShare, d.share},
		{post, one + "/preview-links/{number}/revoke", writes, article.CanShare, d.unshare},
		{post, "/newsroom/articles/bulk", writes, nil, d.bulk},
		{get, "/newsroom/coming", writes, nil, d.coming},
	}
}

// home is the first place that somebody's roles lead to: for who writes what needs them, where anything does.
func (d *desk) home(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	switch {
	case writes(actor):
		needs, err := d.needs(r, actor)
		if err != nil {
			return err
		}
		if len(needs) > 0 {
			return seeOther(w, r, needsMe)
		}
		return seeOther(w, r, "/newsroom/articles")
	case moderates(actor):
		return seeOther(w, r, "/newsroom/comments")
	}
	return seeOther(w, r, "/newsroom/account")
}

// beside fills what stands beside the sheet of e with what stands in fm.
func (a *articles) beside(r *http.Request, actor staff.Actor, e article.Editing, fm form) (besideView, error) {
	in, err := a.store.Beside(r.Context(), actor, e.ID)
	if err != nil {
		return besideView{}, err
	}
	c := a.clock()
	v := besideView{URL: fmt.Sprintf("/newsroom/articles/%d", e.ID), Key: rand.Text(), Faults: fm.renamed(besideIDs), CanAssign: len(in.Assignable) > 0,
		CanShare: article.CanShare(actor, e.State), CanDuplicate: article.CanDuplicate(actor, e.State), Assigned: in.Assigned.Name}
	for _, n := range in.Notes {
		view := staffNoteOf(n, v.URL, c)
		if n.ResolvedAt == nil {
			v.Open = append(v.Open, view)
		} else {
			v.Resolved = append(v.Resolved, view)
		}
	}
	v.Folded = page.N("newsroom.beside.resolved", len(v.Resolved))
	v.fields(in, fm)
	for _, l := range in.Links {
		v.Links = append(v.Links, linkView{Label: l.Label, Said: page.T("newsroom.beside.link-by", l.By), Until: c.When(l.Until), Revoke: fmt.Sprintf("%s/preview-links/%d/revoke", v.URL, l.ID)})
	}
	return v, nil
}

// besideIDs are the ids of the fields beside the sheet, whose names the sheet's own fields have too.
var besideIDs = map[string]string{"note": "note-text", "block": "note-text", "quote": "note-quote", "person": "assign-person", "days": "link-days", "label": "link-label"}

// fields are those of the small forms beside the sheet. They stand inside the sheet's own form, so each names the one it belongs to.
func (v *besideView) fields(in article.Beside, fm form) {
	v.Note, v.About = fm.area("note", 2), fm.field("quote")
	v.Note.ID, v.Note.Form, v.About.ID, v.About.Form = besideIDs["note"], "note", besideIDs["quote"], "note"
	v.About.Ghost = page.T("newsroom.beside.whole")
	blocks := []option{{Text: page.T("newsroom.beside.whole")}}
	for i, b := range in.Blocks {
		blocks = append(blocks, option{Value: b.ID, Text: page.T("newsroom.beside.choice", i+1, short(b.Text, 40))})
	}
	v.Block = fm.pick("block", blocks)
	v.Block.ID, v.Block.Form = "note-block", "note"
	people := append([]option{{Text: page.T("newsroom.beside.nobody")}}, colleagueOptions(in.Assignable)...)
	if !fm.values.Has("person") {
		fm.values.Set("person", strconv.FormatInt(in.Assigned.ID, 10))
	}
	v.Person = fm.pick("person", people)
	v.Person.ID, v.Person.Form = besideIDs["person"], "assign"
	v.Days, v.Label = fm.typed("days", "number"), fm.field("label")
	if v.Days.Value == "" {
		v.Days.Value = "7"
	}
	v.Days.ID, v.Days.Form, v.Label.ID, v.Label.Form = besideIDs["days"], "share", besideIDs["label"], "share"
}

func staffNoteOf(n article.StaffNote, at string, c page.Clock) noteView {
	v := noteView{ID: n.ID, By: n.By, Block: n.Block, At: c.Short(n.At), Body: strings.Split(n.Body, "\n"), URL: fmt.Sprintf("%s/notes/%d", at, n.ID)}
	switch {
	case n.Paragraph > 0:
		v.Where = page.T("newsroom.beside.paragraph", n.Paragraph)
	case n.Quote != "":
		v.Gone = short(n.Quote, 60)
	}
	if n.ResolvedAt != nil {
		v.Resolved = page.T("newsroom.beside.resolved-by", n.ResolvedBy, c.When(*n.ResolvedAt).Text)
	}
	return v
}

// note keeps a note for the others.
func (d *desk) note(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := d.posted(w, r)
	if err != nil {
		return err
	}
	in := article.StaffNoteIn{Body: f.Get("note"), Quote: f.Text("quote"), Key: f.Text("key")}
	for _, block := range f.Values["block"] { // the sheet's script fills one field, who has none chooses in another
		if block != "" {
			in.Block = block
		}
	}
	if _, err = d.store.WriteNote(r.Context(), actor, id, in); err != nil {
		return d.again(w, r, actor, id, f, err)
	}
	d.say(r, page.T("newsroom.beside.done.note"))
	return seeOther(w, r, fmt.Sprintf("/newsroom/articles/%d#notes", id))
}

// turnNote gives the address that resolves a note, or opens it again.
func (d *desk) turnNote(turn func(*article.Store, context.Context, staff.Actor, int64, int64) error) handler {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		id, number, err := pathIDs(r)
		if err != nil {
			return err
		}
		if err := turn(d.store, r.Context(), actor, id, number); err != nil {
			return err
		}
		return seeOther(w, r, fmt.Sprintf("/newsroom/articles/%d#notes", id))
	}
}

// assign says whose turn it is.
func (d *desk) assign(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := d.posted(w, r)
	if err != nil {
		return err
	}
	person, err := f.Int("person")
	if err == nil {
		err = d.store.Assign(r.Context(), actor, id, person)
	}
	if err != nil {
		return d.again(w, r, actor, id, f, err)
	}
	d.say(r, page.T("newsroom.beside.done.assign"))
	return seeOther(w, r, fmt.Sprintf("/newsroom/articles/%d", id))
}

// duplicate begins a new draft with the same content and goes to it.
func (d *desk) duplicate(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := d.posted(w, r)
	if err != nil {
		return err
	}
	e, err := d.store.Edit(r.Context(), actor, id)
	if err != nil {
		return err
	}
	made, err := d.store.Duplicate(r.Context(), actor, id, article.CopyIn{Revision: e.Head, Note: page.T("newsroom.beside.copied", e.Head, id), Key: f.Text("key")})
	if err != nil {
		return err
	}
	d.say(r, page.T("newsroom.beside.done.duplicate"))
	return seeOther(w, r, fmt.Sprintf("/newsroom/articles/%d", made))
}

// posted reads a small form about one article.
func (d *desk) posted(w http.ResponseWriter, r *http.Request) (int64, page.Form, error) {
	id, err := pathID(r)
	if err != nil {
		return 0, page.Form{}, err
	}
	f, err := page.ParseForm(w, r, limitForm)
	return id, f, err
}

// again shows the sheet with what was typed beside it and what is wrong with that; what is no fault of a field goes on.
func (d *desk) again(w http.ResponseWriter, r *http.Request, actor staff.Actor, id int64, f page.Form, cause error) error {
	faults, ok := refused(cause)
	if !ok {
		return cause
	}
	e, err := d.store.Edit(r.Context(), actor, id)
	if err != nil {
		return err
	}
	p, err := d.editor(r, actor, e, form{words: "article", values: draftValues(e.Draft, d.source.Zone())})
	if err != nil {
		return err
	}
	fm := form{words: "beside", values: f.Values, faults: faults}
	if p.Beside, err = d.beside(r, actor, e, fm); err != nil {
		return err
	}
	return d.articles.pages.editor.Write(w, r, fm.status(), p)
}

// pathIDs are the article's id and that of what belongs to it.
func pathIDs(r *http.Request) (id, number int64, err error) {
	id, err1 := pathID(r)
	n, err2 := pathNumber(r)
	return id, int64(n), errors.Join(err1, err2)
}
