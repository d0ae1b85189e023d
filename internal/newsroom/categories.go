package newsroom

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// categories keeps the tree of sections.
type categories struct {
	*face
	store *taxonomy.Store
	pages categoryPages
}

func (c *categories) list(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return c.writeList(w, r, actor, http.StatusOK, form{words: "category", values: url.Values{}})
}

func (c *categories) writeList(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, fm form) error {
	tree, err := c.store.Tree(r.Context())
	if err != nil {
		return err
	}
	p := categoriesPage{frame: c.frame(r, actor, page.T("newsroom.categories"), "/newsroom/categories"), CanEdit: taxonomy.CanEdit(actor), Faults: fm.all(), Name: fm.must("name"),
		Slug: fm.field("slug"), Parent: fm.pick("parent", parentOptions(tree, 0)), Description: fm.area("description", 3), Position: fm.typed("position", "number"),
		Comments: fm.pick("comments", commentOptions("newsroom.category.comments.")), CloseDays: fm.typed("comments_close_days", "number")}
	for _, k := range tree.All() {
		p.Rows = append(p.Rows, categoryRow{URL: fmt.Sprintf("/newsroom/categories/%d", k.ID), Name: k.Name, Path: k.Path, Depth: min(len(k.Lineage)-1, 3), Position: k.Position})
	}
	return c.pages.list.Write(w, r, status, p)
}

func (c *categories) create(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	in, err := readCategory(f, taxonomy.Category{})
	var made taxonomy.Category
	if err == nil {
		made, err = c.store.Create(r.Context(), actor, in)
	}
	if faults, ok := refused(err); ok {
		return c.writeList(w, r, actor, http.StatusUnprocessableEntity, form{words: "category", values: f.Values, faults: faults})
	}
	if err != nil {
		return err
	}
	c.say(r, page.T("newsroom.category.done.added", made.Name))
	return seeOther(w, r, "/newsroom/categories")
}

// one finds the category that the address names, in its tree.
func (c *categories) one(r *http.Request) (taxonomy.Category, taxonomy.Tree, error) {
	id, err := pathID(r)
	if err != nil {
		return taxonomy.Category{}, taxonomy.Tree{}, err
	}
	tree, err := c.store.Tree(r.Context())
	if err != nil {
		return taxonomy.Category{}, tree, err
	}
	k, ok := tree.ByID(id)
	if !ok {
		return k, tree, fault.NotFound
	}
	return k, tree, nil
}

func (c *categories) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return c.write(w, r, actor, http.StatusOK, nil, nil)
}

func (c *categories) write(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, typed url.Values, faults map[string]string) error {
	k, tree, err := c.one(r)
	if err != nil {
		return err
	}
	values := url.Values{"name": {k.Name}, "slug": {k.Slug}, "parent": {idText(k.ParentID)}, "description": {k.Description}, "position": {strconv.Itoa(k.Position)},
		"comments": {k.Comments}, "comments_close_days": {daysText(k.CommentsCloseDays)}}
	fm := form{words: "category", values: merged(values, typed), faults: faults}
	p := categoryPage{frame: c.frame(r, actor, k.Name, "/newsroom/categories"), URL: fmt.Sprintf("/newsroom/categories/%d", k.ID), Public: k.Path, CanEdit: taxonomy.CanEdit(actor), Faults: fm.all(),
		Name: fm.must("name"), Slug: fm.field("slug"), Parent: fm.pick("parent", parentOptions(tree, k.ID)), Description: fm.area("description", 3), Position: fm.typed("position", "number"),
		Comments: fm.pick("comments", commentOptions("newsroom.category.comments.")), CloseDays: fm.typed("comments_close_days", "number")}
	if p.CanEdit {
		p.Delete = p.URL + "/delete"
	}
	return c.pages.one.Write(w, r, status, p)
}

func (c *categories) save(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	k, _, err := c.one(r)
	if err != nil {
		return err
	}
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	in, err := readCategory(f, k)
	if err == nil {
		_, err = c.store.Update(r.Context(), actor, k.ID, in)
	}
	if faults, ok := refused(err); ok {
		return c.write(w, r, actor, http.StatusUnprocessableEntity, f.Values, faults)
	}
	if err != nil {
		return err
	}
	c.say(r, page.T("newsroom.saved"))
	return seeOther(w, r, fmt.Sprintf("/newsroom/categories/%d", k.ID))
}

func (c *categories) remove(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	k, _, err := c.one(r)
	if err != nil {
		return err
	}
	err = c.store.Delete(r.Context(), actor, k.ID)
	if faults, ok := refused(err); ok {
		return c.write(w, r, actor, http.StatusUnprocessableEntity, nil, faults)
	}
	if err != nil {
		return err
	}
	c.say(r, page.T("newsroom.deleted", k.Name))
	return seeOther(w, r, "/newsroom/categories")
}

// readCategory is the category that a form holds; what it lacks stays as it was.
func readCategory(f page.Form, was taxonomy.Category) (taxonomy.CategoryIn, error) {
	in := taxonomy.CategoryIn{ParentID: was.ParentID, Slug: was.Slug, Name: was.Name, Description: was.Description, Position: was.Position,
		Comments: was.Comments, CommentsCloseDays: was.CommentsCloseDays}
	for name, to := range map[string]*string{"slug": &in.Slug, "name": &in.Name, "description": &in.Description, "comments": &in.Comments} {
		if f.Has(name) {
			*to = f.Text(name)
		}
	}
	var err error
	if f.Has("position") {
		if in.Position, err = whole(f, "position"); err != nil {
			return in, err
		}
	}
	if f.Has("comments_close_days") {
		if in.CommentsCloseDays, err = days(f, "comments_close_days"); err != nil {
			return in, err
		}
	}
	if f.Has("parent") {
		if in.ParentID, err = f.Int("parent"); err != nil {
			return in, fault.Field("parent", "category.parent.unknown")
		}
	}
	return in, nil
}

// categoryOptions are all categories, each named with those above it.
func categoryOptions(tree taxonomy.Tree) []option {
	var out []option
	for _, k := range tree.All() {
		out = append(out, option{Value: k.Slug, Text: trail(tree, k.ID)})
	}
	return out
}

// parentOptions are the places that a category may stand under: not itself, nor what is below it.
func parentOptions(tree taxonomy.Tree, self int64) []option {
	below := map[int64]bool{}
	if self != 0 {
		for _, id := range tree.Subtree(self) {
			below[id] = true
		}
	}
	out := []option{{Text: page.T("newsroom.category.top")}}
	for _, k := range tree.All() {
		if !below[k.ID] {
			out = append(out, option{Value: idText(k.ID), Text: trail(tree, k.ID)})
		}
	}
	return out
}

func trail(tree taxonomy.Tree, id int64) string {
	var names []string
	for _, k := range tree.Trail(id) {
		names = append(names, k.Name)
	}
	return strings.Join(names, " / ")
}

// idText is an id as a form holds it, empty for none.
func idText(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
