package newsroom

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// tags keeps the words that articles bear. New ones come with the articles that name them.
type tags struct {
	*face
	store *taxonomy.Store
	pages tagPages
}

func (t *tags) list(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	found, err := t.store.Tags(r.Context(), q.Text("q"), q.Text("after"))
	if err != nil {
		return err
	}
	fm := form{words: "tag", values: q.Values}
	p := tagsPage{frame: t.frame(r, actor, page.T("newsroom.tags"), "/newsroom/tags"), Filter: filter{Action: "/newsroom/tags", Fields: []field{fm.typed("q", "search")}},
		Foot: foot{Range: page.N("newsroom.range", len(found)), First: firstPage(q, "after"), Words: "newsroom.further"}}
	if q.Text("q") != "" {
		p.Filter.Clear = "/newsroom/tags"
	}
	for _, l := range found {
		p.Rows = append(p.Rows, tagRow{URL: fmt.Sprintf("/newsroom/tags/%d", l.ID), Name: l.Name, Slug: l.Slug, Articles: page.Number(l.Articles)})
	}
	if len(found) == taxonomy.TagPage {
		p.Foot.Next = nextPage(q, "after", found[len(found)-1].Name)
	}
	return t.pages.list.Write(w, r, http.StatusOK, p)
}

func (t *tags) one(r *http.Request) (taxonomy.Tag, error) {
	id, err := pathID(r)
	if err != nil {
		return taxonomy.Tag{}, err
	}
	return t.store.Tag(r.Context(), id)
}

func (t *tags) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	tag, err := t.one(r)
	if err != nil {
		return err
	}
	return t.write(w, r, actor, http.StatusOK, tag, form{words: "tag"})
}

func (t *tags) write(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, tag taxonomy.Tag, fm form) error {
	fm.values = merged(url.Values{"name": {tag.Name}, "slug": {tag.Slug}}, fm.values)
	p := tagPage{frame: t.frame(r, actor, tag.Name, "/newsroom/tags"), URL: fmt.Sprintf("/newsroom/tags/%d", tag.ID), Public: tag.Path(), CanEdit: taxonomy.CanEdit(actor), Faults: fm.all(),
		Name: fm.must("name"), Slug: fm.field("slug"), Into: fm.must("into")}
	return t.pages.one.Write(w, r, status, p)
}

func (t *tags) save(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return t.act(w, r, actor, func(tag taxonomy.Tag, f page.Form) (string, error) {
		in := taxonomy.TagIn{Slug: tag.Slug, Name: tag.Name}
		if f.Has("name") {
			in.Name = f.Text("name")
		}
		if f.Has("slug") {
			in.Slug = f.Text("slug")
		}
		return fmt.Sprintf("/newsroom/tags/%d", tag.ID), t.store.RenameTag(r.Context(), actor, tag.ID, in)
	})
}

// merge makes the tag part of another, which the form names.
func (t *tags) merge(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return t.act(w, r, actor, func(tag taxonomy.Tag, f page.Form) (string, error) {
		name := f.Text("into")
		found, err := t.store.Tags(r.Context(), name, "")
		if err != nil {
			return "", err
		}
		for _, l := range found {
			if strings.EqualFold(l.Name, name) {
				return fmt.Sprintf("/newsroom/tags/%d", l.ID), t.store.MergeTags(r.Context(), actor, tag.ID, l.ID)
			}
		}
		return "", fault.Field("into", "newsroom.tag.into.unknown")
	})
}

func (t *tags) remove(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return t.act(w, r, actor, func(tag taxonomy.Tag, _ page.Form) (string, error) {
		return "/newsroom/tags", t.store.DeleteTag(r.Context(), actor, tag.ID)
	})
}

// act does one thing to the tag that the address names, and shows the tag again with what is wrong.
func (t *tags) act(w http.ResponseWriter, r *http.Request, actor staff.Actor, do func(taxonomy.Tag, page.Form) (to string, err error)) error {
	tag, err := t.one(r)
	if err != nil {
		return err
	}
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	to, err := do(tag, f)
	if faults, ok := refused(err); ok {
		return t.write(w, r, actor, http.StatusUnprocessableEntity, tag, form{words: "tag", values: f.Values, faults: faults})
	}
	if err != nil {
		return err
	}
	t.say(r, page.T("newsroom.saved"))
	return seeOther(w, r, to)
}
