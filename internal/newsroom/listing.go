package newsroom

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/page"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

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
	needs, err := a.needs(r, actor)
	if err != nil {
		return err
	}
	p.needs(needs, q.Text("needs") == "me")
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
func (p *articlesPage) needs(needs []needRow, here bool) {
	p.Views = append([]view{{Name: page.T("newsroom.needs"), URL: needsMe, Count: page.Number(len(needs)), Here: here}}, p.Views...)
	if !here {
		return
	}
	for i := range p.Views[1:] {
		p.Views[i+1].Here = false
	}
	p.Needs, p.Rows, p.None, p.OnlyNeeds = needs, nil, page.T("newsroom.needs.none"), true
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
