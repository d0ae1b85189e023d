package newsroom

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"stet/internal/author"
	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/page"
	"stet/internal/staff"
)

// authors keeps the public profiles of who writes.
type authors struct {
	*face
	store *author.Store
	staff *staff.Store
	media *media.Store
	pages authorPages
}

func (a *authors) list(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return a.writeList(w, r, actor, http.StatusOK, form{words: "author", values: url.Values{}})
}

func (a *authors) writeList(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, fm form) error {
	all, err := a.store.List(r.Context())
	if err != nil {
		return err
	}
	p := authorsPage{frame: a.frame(r, actor, page.T("newsroom.authors"), "/newsroom/authors"), CanEdit: author.CanCreate(actor), Faults: fm.all(), Name: fm.must("name"), Slug: fm.field("slug")}
	for _, l := range all {
		p.Rows = append(p.Rows, authorRow{URL: fmt.Sprintf("/newsroom/authors/%d", l.ID), Name: l.Name, Role: l.Role, Person: l.Person, Articles: page.Number(l.Articles)})
	}
	return a.pages.list.Write(w, r, status, p)
}

func (a *authors) create(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	in, err := readAuthor(f, author.Author{})
	var made author.Author
	if err == nil {
		made, err = a.store.Create(r.Context(), actor, in)
	}
	if faults, ok := refused(err); ok {
		return a.writeList(w, r, actor, http.StatusUnprocessableEntity, form{words: "author", values: f.Values, faults: faults})
	}
	if err != nil {
		return err
	}
	a.say(r, page.T("newsroom.author.done.added", made.Name))
	return seeOther(w, r, fmt.Sprintf("/newsroom/authors/%d", made.ID))
}

func (a *authors) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	u, err := a.one(r)
	if err != nil {
		return err
	}
	return a.write(w, r, actor, http.StatusOK, u, form{words: "author", values: authorValues(u)})
}

func (a *authors) one(r *http.Request) (author.Author, error) {
	id, err := pathID(r)
	if err != nil {
		return author.Author{}, err
	}
	return a.store.ByID(r.Context(), id)
}

func (a *authors) save(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	u, err := a.one(r)
	if err != nil {
		return err
	}
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	in, err := readAuthor(f, u)
	if err == nil {
		_, err = a.store.Update(r.Context(), actor, u.ID, in)
	}
	if faults, ok := refused(err); ok {
		return a.write(w, r, actor, http.StatusUnprocessableEntity, u, form{words: "author", values: merged(authorValues(u), f.Values), faults: faults})
	}
	if err != nil {
		return err
	}
	a.say(r, page.T("newsroom.saved"))
	return seeOther(w, r, fmt.Sprintf("/newsroom/authors/%d", u.ID))
}

func (a *authors) remove(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	u, err := a.one(r)
	if err != nil {
		return err
	}
	err = a.store.Delete(r.Context(), actor, u.ID)
	if faults, ok := refused(err); ok {
		return a.write(w, r, actor, http.StatusUnprocessableEntity, u, form{words: "author", values: authorValues(u), faults: faults})
	}
	if err != nil {
		return err
	}
	a.say(r, page.T("newsroom.deleted", u.Name))
	return seeOther(w, r, "/newsroom/authors")
}

func (a *authors) write(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, u author.Author, fm form) error {
	p := authorPage{frame: a.frame(r, actor, u.Name, "/newsroom/authors"), URL: fmt.Sprintf("/newsroom/authors/%d", u.ID), Public: u.Path(), CanEdit: author.CanEdit(actor, u), Faults: fm.all(),
		Name: fm.must("name"), Role: fm.field("role"), Biography: fm.area("biography", 8), Links: fm.area("links", 3), Slug: fm.field("slug"), Portrait: fm.typed("portrait", "number")}
	p.Biography.Serif = true
	if author.CanCreate(actor) {
		p.Delete = p.URL + "/delete"
	}
	if staff.CanManage(actor) {
		people, err := a.staff.List(r.Context(), actor)
		if err != nil {
			return err
		}
		p.Staff = fm.pick("staff", personOptions(people))
	}
	if u.Portrait != 0 {
		m, err := a.media.ByID(r.Context(), u.Portrait)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		p.Picture = pictureOf(m)
	}
	return a.pages.one.Write(w, r, status, p)
}

func personOptions(people []staff.Person) []option {
	out := []option{{Text: page.T("newsroom.nobody")}}
	for _, p := range people {
		out = append(out, option{Value: strconv.FormatInt(p.ID, 10), Text: p.Name})
	}
	return out
}

func authorValues(u author.Author) url.Values {
	var links []string
	for _, l := range u.Links {
		links = append(links, l.Name+" "+l.URL)
	}
	v := url.Values{"name": {u.Name}, "slug": {u.Slug}, "role": {u.Role}, "biography": {u.Biography}, "links": {strings.Join(links, "\n")}}
	for name, id := range map[string]int64{"portrait": u.Portrait, "staff": u.StaffID} {
		if id != 0 {
			v.Set(name, strconv.FormatInt(id, 10))
		}
	}
	return v
}

// readAuthor is the profile that a form holds; what it lacks stays as it was.
func readAuthor(f page.Form, was author.Author) (author.In, error) {
	in := author.In{Slug: was.Slug, Name: was.Name, Role: was.Role, Biography: was.Biography, Links: was.Links, Portrait: was.Portrait, StaffID: was.StaffID}
	for name, to := range map[string]*string{"slug": &in.Slug, "name": &in.Name, "role": &in.Role, "biography": &in.Biography} {
		if f.Has(name) {
			*to = f.Text(name)
		}
	}
	for name, to := range map[string]*int64{"portrait": &in.Portrait, "staff": &in.StaffID} {
		if !f.Has(name) {
			continue
		}
		n, err := f.Int(name)
		if err != nil {
			return in, fault.Field(name, "newsroom.no-number")
		}
		*to = n
	}
	if f.Has("links") {
		in.Links = nil
		names, addresses := lines(f.Text("links"))
		for i := range names {
			in.Links = append(in.Links, author.Link{Name: names[i], URL: addresses[i]})
		}
	}
	return in, nil
}
