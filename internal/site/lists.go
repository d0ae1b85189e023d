package site

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/fault"
	"stet/internal/front"
	"stet/internal/page"
	"stet/internal/taxonomy"
)

// lists are the pages of a category, an author, a tag and a span of time.
type lists struct {
	*face
	feeds *feeds
}

func (l *lists) routes(r chi.Router) {
	const year, month, day = "/{y:[0-9]{4}}", "/{m:[0-9]{2}}", "/{d:[0-9]{2}}"
	for _, path := range []string{year, year + month, year + month + day} {
		for _, end := range []string{"", "/", "/page/{n}", "/page/{n}/"} {
			r.Get(path+end, l.handle(l.dates))
		}
	}
}

// show answers the address of a category, an author or a tag and what follows it.
func (l *lists) show(w http.ResponseWriter, r *http.Request, at place) error {
	if isFeed(at.rest) {
		return l.feeds.list(w, r, at)
	}
	pg, err := l.paging(r, at)
	if err != nil {
		return err
	}
	switch {
	case at.Category != 0:
		return l.category(w, r, at.Category, pg)
	case at.Author != 0:
		return l.author(w, r, at.Author, pg)
	default:
		return l.tag(w, r, at.Tag, pg)
	}
}

// paging reads which page of a list is asked for: page/N after its address, or ?before=.
func (l *lists) paging(r *http.Request, at place) (paging, error) {
	q, err := page.Query(r)
	if err != nil {
		return paging{}, err
	}
	pg := paging{path: at.at, n: 1}
	if len(at.rest) == 2 && at.rest[0] == "page" {
		pg.n, err = number(at.rest[1])
		return pg, err
	}
	if len(at.rest) > 0 {
		return pg, fault.NotFound
	}
	if pg.before = q.Text("before"); pg.before != "" {
		pg.n = 0
	}
	return pg, nil
}

// read gets the cards of one page of a list, and says where the next one begins. A page past the end is not found.
func (l *lists) read(v *visit, in article.ListIn, pg *paging) ([]article.Card, error) {
	in.Limit, in.Before = perPage, pg.before
	if pg.n > 1 {
		in.Offset = (pg.n - 1) * perPage
	}
	cards, next, err := l.Articles.LiveList(v.ctx, in)
	if err != nil {
		return nil, err
	}
	if len(cards) == 0 && pg.n > 1 {
		return nil, fault.NotFound
	}
	pg.next = next
	return cards, nil
}

func (l *lists) category(w http.ResponseWriter, r *http.Request, id int64, pg paging) error {
	v, err := l.visit(r)
	if err != nil {
		return err
	}
	c, ok := v.tree.ByID(id)
	if !ok {
		return fault.NotFound
	}
	in := article.ListIn{Categories: v.tree.Subtree(id)}
	if pg.n > lastPage {
		return l.beyond(w, r, v, in)
	}
	var standing front.Standing
	if pg.n == 1 {
		if standing, err = l.Fronts.Live(v.ctx, id); err != nil {
			return err
		}
		turns(w, standing)
	}
	cards, err := l.read(v, in, &pg)
	if err != nil {
		return err
	}
	p, err := v.categoryPage(c, pg, standing, cards)
	if err != nil {
		return err
	}
	tags := cardTags(cards, standing.Lead(cards).Cards())
	for _, id := range in.Categories {
		tags = append(tags, categoryTag(id))
	}
	return v.write(w, p, tags...)
}

// categoryPage is a page of a category's list. On the first stands the lead package, where an editor filled a place of it; the list is then
// without what stands there, and the second page begins where it always does.
func (v *visit) categoryPage(c taxonomy.Category, pg paging, standing front.Standing, cards []article.Card) (listPage, error) {
	p := v.listPage(c.Name, pg, c.ID)
	p.About, p.Empty = c.Description, page.T("list.empty")
	about(&p.Base, c.Description)
	var lead front.Zone
	if standing.Led() {
		lead = standing.Lead(cards)
		cards = slices.DeleteFunc(cards, func(c article.Card) bool {
			return slices.ContainsFunc(lead.Places, func(p front.Place) bool { return p.Card != nil && p.Card.ID == c.ID })
		})
	}
	ps, err := v.cardPictures(cards, lead.Cards())
	if err != nil {
		return p, err
	}
	p.leads = v.leads(lead, ps)
	p.Rows = v.rows(cards, ps)
	for i := range p.Rows {
		p.Rows[i].within(c)
	}
	for i := range p.Beside {
		p.Beside[i].within(c)
	}
	if p.Lead == nil {
		large(p.Rows, pg)
	} else {
		p.Lead.within(c)
	}
	for _, child := range v.tree.Children(c.ID) {
		p.Within = append(p.Within, page.Link{URL: href(child.Path), Text: child.Name})
	}
	if parent, ok := v.tree.ByID(c.ParentID); ok {
		p.Kicker = parent.Name
	}
	p.Data = []any{v.collection(&p), v.crumbs(c.ID, page.Link{})}
	return p, nil
}

func (l *lists) tag(w http.ResponseWriter, r *http.Request, id int64, pg paging) error {
	v, err := l.visit(r)
	if err != nil {
		return err
	}
	t, err := l.Taxonomy.LiveTag(v.ctx, id)
	if err != nil {
		return err
	}
	in := article.ListIn{Tag: id}
	if pg.n > lastPage {
		return l.beyond(w, r, v, in)
	}
	cards, err := l.read(v, in, &pg)
	if err != nil {
		return err
	}
	ps, err := v.cardPictures(cards)
	if err != nil {
		return err
	}
	p := v.listPage(t.Name, pg, 0)
	p.Kicker, p.Empty, p.Rows = page.T("list.tag"), page.T("list.empty"), v.rows(cards, ps)
	p.Data = []any{v.collection(&p)}
	return v.write(w, p, append(cardTags(cards), "tag:"+strconv.FormatInt(id, 10))...)
}

func (l *lists) author(w http.ResponseWriter, r *http.Request, id int64, pg paging) error {
	v, err := l.visit(r)
	if err != nil {
		return err
	}
	a, err := l.Authors.LiveByID(v.ctx, id)
	if err != nil {
		return err
	}
	in := article.ListIn{Author: id, Limit: perPage, Before: pg.before}
	if pg.n > lastPage {
		return l.beyond(w, r, v, in)
	}
	if pg.n > 1 {
		in.Offset = (pg.n - 1) * perPage
	}
	cards, next, err := l.Articles.LiveList(v.ctx, in)
	if err != nil {
		return err
	}
	if len(cards) == 0 && pg.n > 1 {
		return fault.NotFound
	}
	pg.next = next
	ids := []int64{a.Portrait}
	for _, c := range cards {
		ids = append(ids, c.ImageID)
	}
	ps, err := v.pictures(ids...)
	if err != nil {
		return err
	}
	p := v.authorPage(a, pg, ps)
	p.Rows = v.rows(cards, ps)
	for i := range p.Rows {
		if p.Rows[i].Byline == a.Name {
			p.Rows[i].Byline = ""
		}
	}
	v.public(w, append(cardTags(cards), authorTag(id))...)
	v.counts(w)
	return l.tmpl.author.Write(w, r, http.StatusOK, p)
}

func (v *visit) authorPage(a author.Author, pg paging, ps pictures) authorPage {
	p := authorPage{Base: v.page(a.Name, pg.self(), 0), Role: a.Role, Name: a.Name, Biography: v.render(nil).HTML(a.Biography), Feed: href(pg.path) + "feed/"}
	p.Feeds = feedsOf(a.Name, pg.path)
	if p.Portrait = ps.image(a.Portrait, page.T("portrait", a.Name), ofFace); p.Portrait != nil {
		p.Portrait.Class, p.Portrait.First = "portrait", true
	}
	for _, link := range a.Links {
		p.Links = append(p.Links, page.Link{URL: link.URL, Text: link.Name})
	}
	about(&p.Base, plainText(a.Biography))
	p.Card.Kind = "profile"
	p.Data = []any{v.profile(a, p.Portrait)}
	p.Pages = pg.pages(&p.Base, v)
	return p
}

// listPage is a list's page without its matter.
func (v *visit) listPage(title string, pg paging, category int64) listPage {
	p := listPage{Base: v.page(title, pg.self(), category), Heading: title, Feed: href(pg.path) + "feed/"}
	p.Feeds = feedsOf(title, pg.path)
	if pg.n == 0 {
		p.Robots = "noindex"
	}
	p.Pages = pg.pages(&p.Base, v)
	return p
}

// write sends a list. Its tags are what decides which articles are in it, and what its cards say.
func (v *visit) write(w http.ResponseWriter, p listPage, tags ...string) error {
	v.public(w, tags...)
	v.counts(w)
	return v.tmpl.list.Write(w, v.r, http.StatusOK, p)
}

// within leaves out the line above a headline where it would name the category whose page this is.
func (s *story) within(c taxonomy.Category) {
	if s.Kicker != nil && s.Kicker.URL == href(c.Path) {
		s.Kicker = nil
	}
}

// large shows the first of a list's first page with a large picture.
func large(rows []story, pg paging) {
	if pg.n != 1 || len(rows) == 0 || rows[0].Image == nil {
		return
	}
	rows[0].First, rows[0].Image.First = true, true
	rows[0].Image.size(inStory.sizes)
}

func categoryTag(id int64) string { return "category:" + strconv.FormatInt(id, 10) }
func authorTag(id int64) string   { return "author:" + strconv.FormatInt(id, 10) }

// span is a stretch of time with its address and name.
type stretch struct {
	from, to time.Time
	path     string
	name     string
}

// stretchOf reads /YYYY/, /YYYY/MM/ or /YYYY/MM/DD/. A date that isn't in the calendar is not found.
func (v *visit) stretchOf(y, m, d string) (stretch, error) {
	text, layout := y, "2006"
	switch {
	case d != "":
		text, layout = y+"/"+m+"/"+d, "2006/01/02"
	case m != "":
		text, layout = y+"/"+m, "2006/01"
	}
	from, err := time.ParseInLocation(layout, text, v.clock.Zone)
	if err != nil || from.Year() < 1 {
		return stretch{}, fault.NotFound
	}
	s := stretch{from: from, path: "/" + text + "/"}
	switch {
	case d != "":
		s.to, s.name = from.AddDate(0, 0, 1), v.clock.Day(from).Text
	case m != "":
		s.to, s.name = from.AddDate(0, 1, 0), v.clock.Month(from).Text
	default:
		s.to, s.name = from.AddDate(1, 0, 0), y
	}
	return s, nil
}

func (l *lists) dates(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	v, err := l.visit(r)
	if err != nil {
		return err
	}
	s, err := v.stretchOf(chi.URLParam(r, "y"), chi.URLParam(r, "m"), chi.URLParam(r, "d"))
	if err != nil {
		return err
	}
	pg := paging{path: s.path, n: 1}
	if n := chi.URLParam(r, "n"); n != "" {
		if pg.n, err = number(n); err != nil {
			return err
		}
	} else if pg.before = q.Text("before"); pg.before != "" {
		pg.n = 0
	}
	if pg.n > lastPage {
		return moved(w, r, s.path)
	}
	if to := pg.self(); to != r.URL.Path {
		return moved(w, r, to)
	}
	cards, err := l.read(v, article.ListIn{From: s.from, To: s.to}, &pg)
	if err != nil {
		return err
	}
	ps, err := v.cardPictures(cards)
	if err != nil {
		return err
	}
	if len(cards) == 0 {
		if err := l.withinArchive(v, s); err != nil {
			return err
		}
	}
	p := v.listPage(s.name, pg, 0)
	p.Kicker, p.Empty, p.Rows, p.Feed, p.Feeds = page.T("archive"), page.T("list.nothing"), v.rows(cards, ps), "", nil
	p.Within = v.around(s)
	return v.write(w, p, append(cardTags(cards), "day:"+strings.Trim(s.path, "/"))...)
}

// withinArchive says of an empty stretch whether it lies between the first article and now, or holds now; any other is not found.
func (l *lists) withinArchive(v *visit, s stretch) error {
	first, err := l.Articles.LiveFirst(v.ctx)
	if err != nil {
		return err
	}
	if holds := !s.from.After(v.Now()) && s.to.After(v.Now()); holds {
		return nil
	}
	if first.IsZero() || s.to.Before(first) || s.from.After(v.Now()) {
		return fault.NotFound
	}
	return nil
}

// around links a stretch to what it is part of and to its parts.
func (v *visit) around(s stretch) []page.Link {
	year := page.Link{URL: "/" + s.from.Format("2006") + "/", Text: s.from.Format("2006")}
	parts := strings.Count(s.path, "/") - 1
	switch parts {
	case 2:
		return []page.Link{year}
	case 3:
		return []page.Link{year, {URL: "/" + s.from.Format("2006/01") + "/", Text: v.clock.Month(s.from).Text}}
	}
	var out []page.Link
	for m := s.from; m.Before(s.to) && m.Before(v.Now()); m = m.AddDate(0, 1, 0) {
		out = append(out, page.Link{URL: "/" + m.Format("2006/01") + "/", Text: v.clock.Month(m).Text})
	}
	return out
}
