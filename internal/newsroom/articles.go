package newsroom

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/page"
	"stet/internal/report"
	"stet/internal/site"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// articles lists articles and edits them; what makes them public is in acts.
type articles struct {
	*face
	store    *article.Store
	reports  *report.Store
	taxonomy *taxonomy.Store
	authors  *author.Store
	media    *media.Store
	site     *site.Site
	pages    articlePages
}

// create begins an article and goes to its sheet.
func (a *articles) create(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	id, err := a.store.Create(r.Context(), actor, article.Kind(cmp.Or(f.Text("kind"), string(article.KindArticle))), f.Text("key"))
	if err != nil {
		return err
	}
	return seeOther(w, r, fmt.Sprintf("/newsroom/articles/%d", id))
}

func (a *articles) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	e, err := a.store.Edit(r.Context(), actor, id)
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	fm := form{words: "article", values: draftValues(e.Draft, a.source.Zone())}
	words, kept, err := a.offer(r, actor, id, fm.values)
	if err != nil {
		return err
	}
	if q.Get("with") == "autosave" && !kept.At.IsZero() {
		fm.values, words = merged(fm.values, kept.Fields), unsaved{}
		fm.values.Set("revision", strconv.Itoa(kept.Base))
		fm.values.Set("tab", kept.Tab)
	}
	p, err := a.opened(r, actor, e, fm)
	if err != nil {
		return err
	}
	if p.CanSave {
		p.Unsaved = words
	}
	return a.pages.editor.Write(w, r, http.StatusOK, p)
}

// write shows the sheet of e with what stands in fm.
func (a *articles) write(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, e article.Editing, fm form) error {
	p, err := a.opened(r, actor, e, fm)
	if err != nil {
		return err
	}
	return a.pages.editor.Write(w, r, status, p)
}

// opened is the sheet's page with what stands beside it.
func (a *articles) opened(r *http.Request, actor staff.Actor, e article.Editing, fm form) (editorPage, error) {
	p, err := a.editor(r, actor, e, fm)
	if err != nil {
		return p, err
	}
	p.Beside, err = a.beside(r, actor, e, form{words: "beside", values: url.Values{}})
	return p, err
}

// editor fills the sheet's page, all but what stands beside it.
func (a *articles) editor(r *http.Request, actor staff.Actor, e article.Editing, fm form) (editorPage, error) {
	known, err := a.names(r)
	if err != nil {
		return editorPage{}, err
	}
	p := a.sheet(e, fm, known)
	p.Person, p.Held, p.Tab = actor.ID, fm.values.Get("held"), cmp.Or(fm.values.Get("tab"), rand.Text())
	p.Stood = cmp.Or(fm.values.Get("stood"), stood(draftValues(e.Draft, a.source.Zone())))
	p.frame = a.frame(r, actor, cmp.Or(e.Draft.Headline, page.T("newsroom.untitled")), p.Up.URL)
	p.CanSave = article.CanSave(actor, e.State)
	found, err := a.store.Checks(r.Context(), actor, e.ID)
	if err != nil {
		return editorPage{}, err
	}
	p.Checks = checkRows(e.ID, found)
	if p.Reports, err = a.unanswered(r, e); err != nil {
		return editorPage{}, err
	}
	p.Forward, p.Acts = forward(actor, e), actLinks(actor, e)
	if article.CanAppend(actor, e.State) {
		for i := range p.Notices {
			p.Notices[i].Amend = fmt.Sprintf("%s/notices/%d", p.About.URL, p.Notices[i].Number)
		}
	}
	p.Picture, err = a.picture(r, fm.values.Get("image"))
	return p, err
}

// unanswered leads to the errors that readers reported in an article and nobody has answered; nothing where there are none.
func (a *articles) unanswered(r *http.Request, e article.Editing) (page.Link, error) {
	if e.Path == "" {
		return page.Link{}, nil
	}
	n, err := a.reports.Unanswered(r.Context(), e.ID)
	if err != nil || n == 0 {
		return page.Link{}, err
	}
	return page.Link{URL: fmt.Sprintf("/newsroom/corrections?article=%d", e.ID), Text: page.N("newsroom.corrections.open-here", n)}, nil
}

// sheetForm reads the form of an article's sheet.
func sheetForm(w http.ResponseWriter, r *http.Request) (int64, page.Form, error) {
	id, err := pathID(r)
	if err != nil {
		return 0, page.Form{}, err
	}
	f, err := page.ParseForm(w, r, limitBody)
	if err == nil && len(f.Get("body")) > article.MaxBody {
		err = page.ErrTooLarge
	}
	return id, f, err
}

// save keeps the sheet as the next revision. A field that the form lacks stays as it was in the revision that was edited.
func (a *articles) save(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := sheetForm(w, r)
	if err != nil {
		return err
	}
	saved, err := a.keep(r, actor, id, f)
	if wantsJSON(r) {
		return a.answerSave(w, saved, err)
	}
	var overlap *article.Overlap
	faults, invalid := refused(err)
	switch {
	case errors.As(err, &overlap):
		return a.clash(w, r, actor, overlap, form{words: "article", values: f.Values})
	case invalid:
		return a.again(w, r, actor, id, f, faults)
	case err != nil:
		return err
	}
	a.say(r, savedWords(saved))
	return seeOther(w, r, afterSave(id, f.Get("then")))
}

// keep reads the draft out of the form and saves it.
func (a *articles) keep(r *http.Request, actor staff.Actor, id int64, f page.Form) (article.Saved, error) {
	base, err := whole(f, "revision")
	if err != nil {
		return article.Saved{}, err
	}
	if base == 0 {
		return article.Saved{}, fault.Field("revision", "article.revision.unknown")
	}
	before, err := a.store.Revision(r.Context(), actor, id, base)
	if errors.Is(err, fault.NotFound) {
		if _, err := a.store.Edit(r.Context(), actor, id); err != nil {
			return article.Saved{}, err
		}
		return article.Saved{}, fault.Field("revision", "article.revision.unknown")
	}
	if err != nil {
		return article.Saved{}, err
	}
	draft, err := readDraft(f, before, a.source.Zone())
	if err != nil {
		return article.Saved{}, err
	}
	held, err := article.ParseHeld(f.Text("held"))
	if err != nil {
		return article.Saved{}, err
	}
	return a.store.Save(r.Context(), actor, id, article.SaveIn{Draft: draft, Base: base, Held: held, Key: f.Text("key"), Tab: f.Text("tab")})
}

// again shows the sheet with what was typed and what is wrong with it.
func (a *articles) again(w http.ResponseWriter, r *http.Request, actor staff.Actor, id int64, f page.Form, faults map[string]string) error {
	e, err := a.store.Edit(r.Context(), actor, id)
	if err != nil {
		return err
	}
	values := draftValues(e.Draft, a.source.Zone())
	for name, v := range f.Values {
		values[name] = v
	}
	return a.write(w, r, actor, http.StatusUnprocessableEntity, e, form{words: "article", values: values, faults: faults})
}

func savedWords(s article.Saved) string {
	switch {
	case s.Unchanged:
		return page.T("newsroom.article.done.unchanged")
	case s.Merged:
		return page.T("newsroom.article.done.merged", s.Number)
	}
	return page.T("newsroom.article.done.saved", s.Number)
}

// afterSave goes on to what the pressed button named, else back to the sheet.
func afterSave(id int64, then string) string {
	at := fmt.Sprintf("/newsroom/articles/%d", id)
	switch then {
	case "publish", "submit":
		return at + "/" + then
	}
	return at
}
