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
	"stet/internal/site"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// articles lists articles and edits them; what makes them public is in acts.
type articles struct {
	*face
	store    *article.Store
	taxonomy *taxonomy.Store
	authors  *author.Store
	media    *media.Store
	site     *site.Site
	pages    articlePages
}

const perPage = 50

// statusViews are the tabs over the list, in the order of an article's way.
var statusViews = []string{"draft", "review", "returned", "scheduled", "live", "changed", "retracted", "withdrawn", "withheld", "trashed"}

func (a *articles) list(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f, err := listFilter(q)
	if err != nil {
		return err
	}
	listed, err := a.store.List(r.Context(), actor, f)
	if err != nil {
		return err
	}
	p, err := a.listPage(r, actor, q, listed)
	if err != nil {
		return err
	}
	needs, err := a.store.Needs(r.Context(), actor)
	if err != nil {
		return err
	}
	p.needs(needs, q.Text("needs") == "me", a.clock())
	return a.pages.list.Write(w, r, http.StatusOK, p)
}

// listFilter reads what is asked for. What is scheduled is shown in the order of its times.
func listFilter(q page.Form) (article.Filter, error) {
	f := article.Filter{Status: q.Text("status"), Category: q.Text("category"), Author: q.Text("author"), Q: q.Text("q"), Kind: article.Kind(q.Text("kind")), Mine: q.On("mine"),
		Sort: sortOf(q), Before: q.Text("before"), Limit: perPage}
	var err error
	f.Assigned, err = q.Int("assigned")
	return f, err
}

func sortOf(q page.Form) string {
	if q.Text("sort") == "" && q.Text("status") == "scheduled" {
		return "scheduled"
	}
	return cmp.Or(q.Text("sort"), article.Sorts[0])
}

func (a *articles) listPage(r *http.Request, actor staff.Actor, q page.Form, listed article.Listed) (articlesPage, error) {
	tree, err := a.taxonomy.Tree(r.Context())
	if err != nil {
		return articlesPage{}, err
	}
	authors, err := a.authors.List(r.Context())
	if err != nil {
		return articlesPage{}, err
	}
	here, title, create := "/newsroom/articles", "newsroom.articles", "newsroom.articles.new"
	kind := article.KindArticle
	if q.Text("kind") == string(article.KindPage) {
		here, title, create, kind = here+"?kind=page", "newsroom.pages", "newsroom.articles.new-page", article.KindPage
	}
	if kind == article.KindPage && !actor.Can(staff.Editor) {
		create = ""
	}
	p := articlesPage{frame: a.frame(r, actor, page.T(title), here), Create: create, Kind: string(kind), Key: rand.Text(),
		Views: articleViews(q, listed.Counts), Filter: articleFilter(q, tree, authors, listed.Colleagues), Heads: sortHeads(q), Caption: page.T("newsroom.articles.caption." + sortOf(q)),
		Foot: foot{Range: page.N("newsroom.range", len(listed.Lines)), First: firstPage(q, "before"), Next: nextPage(q, "before", listed.Next), Words: "newsroom.older"}}
	for _, l := range listed.Lines {
		p.Rows = append(p.Rows, a.row(actor, l))
	}
	p.Bulk = bulkForm{Here: r.URL.RequestURI(), Key: rand.Text(), All: page.N("newsroom.bulk.all", len(p.Rows)), Trash: q.Text("status") == "trashed",
		Categories: append([]option{{Text: page.T("newsroom.none-chosen")}}, categoryOptions(tree)...), People: append([]option{{Text: page.T("newsroom.beside.nobody")}}, colleagueOptions(listed.Colleagues)...),
		Public: actor.Can(staff.Author)}
	if q.Text("status") == "scheduled" {
		p.Coming = "/newsroom/coming"
	}
	p.None = page.T("newsroom.articles.none-here")
	if p.Bulk.Trash {
		p.None = page.T("newsroom.articles.none-trashed")
	}
	if len(listed.Counts) == 0 {
		p.None = page.T("newsroom.articles.none")
	}
	return p, nil
}

// needs puts the view of what needs the actor before all others, and shows it where it is asked for.
func (p *articlesPage) needs(needs []article.Need, here bool, c page.Clock) {
	p.Views = append([]view{{Name: page.T("newsroom.needs"), URL: needsMe, Count: page.Number(len(needs)), Here: here}}, p.Views...)
	if !here {
		return
	}
	for i := range p.Views[1:] {
		p.Views[i+1].Here = false
	}
	p.Needs, p.Rows, p.None, p.OnlyNeeds = needRows(needs, c), nil, page.T("newsroom.needs.none"), true
}

func (a *articles) row(actor staff.Actor, l article.Line) articleRow {
	c := a.clock()
	row := articleRow{URL: fmt.Sprintf("/newsroom/articles/%d", l.ID), Headline: cmp.Or(l.Headline, page.T("newsroom.untitled")), Lang: l.Language, State: stateOf(l.Status),
		Category: l.Category, Authors: l.Byline, Changed: c.Short(l.ChangedAt), By: l.ChangedBy, Pick: strconv.FormatInt(l.ID, 10)}
	if l.Assigned != "" {
		row.Assigned = page.T("newsroom.articles.assigned-to", l.Assigned)
	}
	if l.OpenNotes > 0 {
		row.Notes = page.N("newsroom.articles.notes", l.OpenNotes)
	}
	if article.CanAppend(actor, l.State()) {
		row.Update = row.URL + "/updates"
	}
	if article.CanUntrash(actor, l.State()) {
		row.Untrash = row.URL + "/untrash"
	}
	if l.Headline == "" {
		row.Lang = ""
	}
	if l.ScheduledAt != nil && l.Status == "scheduled" {
		row.State.Word = c.When(*l.ScheduledAt).Text
	}
	if l.Failed != "" {
		row.Warning = page.T("newsroom.articles.failed", page.Say(l.Failed))
	}
	if l.Status == article.StageReturned {
		row.Hint = l.StageNote
	}
	return row
}

// articleViews are the tabs. What is live and changed counts as live too.
func articleViews(q page.Form, counts map[string]int) []view {
	all := -counts["trashed"]
	for _, n := range counts {
		all += n
	}
	counts["live"] += counts["changed"]
	at := func(name, value string) string {
		to := url.Values{}
		if value != "" {
			to.Set(name, value)
		}
		if kind := q.Text("kind"); kind != "" {
			to.Set("kind", kind)
		}
		return "/newsroom/articles?" + to.Encode()
	}
	views := []view{{Name: page.T("newsroom.articles.all"), URL: at("status", ""), Count: page.Number(all), Here: q.Text("status") == "" && !q.On("mine")},
		{Name: page.T("newsroom.articles.mine"), URL: at("mine", "1"), Here: q.On("mine")}}
	for _, status := range statusViews {
		here := q.Text("status") == status
		if n := counts[status]; n > 0 || here {
			views = append(views, view{Name: page.T("newsroom.articles.view." + status), URL: at("status", status), Count: page.Number(n), Here: here})
		}
	}
	return views
}

// sortHeads are the heads by which the list can be sorted: what is scheduled under the status, the headline, the last change.
func sortHeads(q page.Form) []sortHead {
	now := sortOf(q)
	heads := make([]sortHead, 0, len(article.Sorts))
	for _, h := range []struct{ sort, order string }{{"scheduled", "ascending"}, {"headline", "ascending"}, {"changed", "descending"}} {
		at := q
		at.Values = url.Values{}
		for name, v := range q.Values {
			if name != "before" {
				at.Values[name] = v
			}
		}
		head := sortHead{Name: page.T("newsroom.articles.sort." + h.sort), URL: "?" + with(at, "sort", h.sort)}
		if h.sort == now {
			head.Order = h.order
		}
		heads = append(heads, head)
	}
	return heads
}

func colleagueOptions(people []article.Colleague) []option {
	out := make([]option, len(people))
	for i, p := range people {
		out[i] = option{Value: strconv.FormatInt(p.ID, 10), Text: p.Name}
	}
	return out
}

func articleFilter(q page.Form, tree taxonomy.Tree, authors []author.Line, people []article.Colleague) filter {
	fm := form{words: "articles", values: q.Values}
	words := fm.typed("q", "search")
	words.Wide = true
	names := []option{{Text: page.T("newsroom.all")}}
	for _, u := range authors {
		names = append(names, option{Value: u.Slug, Text: u.Name})
	}
	out := filter{Action: "/newsroom/articles", Kept: kept(q, "status", "kind", "mine", "sort"),
		Fields: []field{words, fm.pick("category", append([]option{{Text: page.T("newsroom.all")}}, categoryOptions(tree)...)), fm.pick("author", names),
			fm.pick("assigned", append([]option{{Text: page.T("newsroom.all")}}, colleagueOptions(people)...))}}
	if q.Text("q")+q.Text("category")+q.Text("author")+q.Text("assigned") != "" {
		out.Clear = "/newsroom/articles?" + asQuery(out.Kept)
	}
	return out
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
	p.frame = a.frame(r, actor, cmp.Or(e.Draft.Headline, page.T("newsroom.untitled")), p.Up.URL)
	p.CanSave = article.CanSave(actor, e.State)
	found, err := a.store.Checks(r.Context(), actor, e.ID)
	if err != nil {
		return editorPage{}, err
	}
	p.Checks = checkRows(e.ID, found)
	p.Forward, p.Acts = forward(actor, e), actLinks(actor, e)
	if article.CanAppend(actor, e.State) {
		for i := range p.Notices {
			p.Notices[i].Amend = fmt.Sprintf("%s/notices/%d", p.About.URL, p.Notices[i].Number)
		}
	}
	p.Picture, err = a.picture(r, fm.values.Get("image"))
	return p, err
}

// save keeps the sheet as the next revision. A field that the form lacks stays as it was in the revision that was edited.
func (a *articles) save(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	f, err := page.ParseForm(w, r, limitBody)
	if err != nil {
		return err
	}
	if len(f.Get("body")) > article.MaxBody {
		return page.ErrTooLarge
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
