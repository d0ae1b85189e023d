package newsroom

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"stet/internal/fault"
	"stet/internal/front"
	"stet/internal/page"
	"stet/internal/site"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// fronts are the front page and the fronts of categories in the editors' hands.
type fronts struct {
	*face
	store    *front.Store
	taxonomy *taxonomy.Store
	site     *site.Site
	pages    frontPages
}

func (f *fronts) routes() []Route {
	return []Route{
		{get, "/newsroom/front", arranges, nil, f.show},
		{post, "/newsroom/front", arranges, nil, f.change},
		{get, "/newsroom/front/preview", arranges, nil, f.preview},
		{post, "/newsroom/front/{id}/undo", arranges, nil, f.undo},
	}
}

// frontAsk is the front that an address or a form is about, with what was typed on it.
type frontAsk struct {
	category taxonomy.Category // without id: the front page
	tree     taxonomy.Tree
	at       time.Time
	q        string
	form     form
}

// asked reads which front is meant: by the slug of its category, empty for the front page.
func (f *fronts) asked(r *http.Request, in page.Form) (frontAsk, error) {
	ask := frontAsk{q: strings.Join(strings.Fields(in.Text("q")), " "), form: form{words: "front", values: in.Values}}
	var err error
	if ask.tree, err = f.taxonomy.Tree(r.Context()); err != nil {
		return ask, err
	}
	if slug := in.Text("category"); slug != "" {
		var ok bool
		if ask.category, ok = ask.tree.BySlug(slug); !ok {
			return ask, fault.NotFound
		}
	}
	return ask, nil
}

func (f *fronts) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	ask, err := f.lookedAt(r)
	if faults, ok := refused(err); ok {
		ask.form.faults = faults
	} else if err != nil {
		return err
	}
	return f.write(w, r, actor, ask)
}

// lookedAt is asked with the time at which the front is looked at; zero is now.
func (f *fronts) lookedAt(r *http.Request) (frontAsk, error) {
	q, err := page.Query(r)
	if err != nil {
		return frontAsk{}, err
	}
	ask, err := f.asked(r, q)
	if err != nil {
		return ask, err
	}
	ask.at, err = timeIn(q, "at", f.source.Zone())
	return ask, err
}

// change performs one act, at once.
func (f *fronts) change(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	in, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	ask, err := f.asked(r, in)
	if err != nil {
		return err
	}
	what, err := f.readChange(in)
	if err == nil {
		what.category, what.actor = ask.category.ID, actor
		what.act, err = f.perform(r, what)
	}
	var changed *front.Changed
	if errors.As(err, &changed) {
		return f.conflict(w, r, actor, ask, what, changed)
	}
	if faults, ok := refused(err); ok {
		ask.form.faults = faults
		return f.write(w, r, actor, ask)
	}
	if err != nil {
		return err
	}
	f.did(r, ask, what)
	return seeOther(w, r, frontURL(ask.category.Slug, nil)+"#p-"+what.where().String())
}

// frontChangeIn is what a form asks for.
type frontChangeIn struct {
	actor       staff.Actor
	category    int64
	name        string // put, move, off or time
	place, to   front.Slot
	article     int64
	placing     int64
	from, until time.Time
	seen        int64
	act         int64 // what it became
}

// where is the place that the act is about.
func (c frontChangeIn) where() front.Slot {
	if c.name == "put" || c.name == "move" {
		return c.to
	}
	return c.place
}

// readChange reads the form of an act. A button may name the place with the act: "move 0.2".
func (f *fronts) readChange(in page.Form) (c frontChangeIn, err error) {
	name, to, named := strings.Cut(in.Text("act"), " ")
	c.name = name
	if !named {
		to = in.Text("to")
	}
	for field, into := range map[string]*int64{"article": &c.article, "placing": &c.placing, "seen": &c.seen} {
		if *into, err = in.Int(field); err != nil {
			return c, err
		}
	}
	if c.name == "put" || c.name == "move" {
		if c.to, err = front.ParseSlot("to", to); err != nil {
			return c, err
		}
	}
	if c.name != "put" {
		if c.place, err = front.ParseSlot("place", in.Text("place")); err != nil {
			return c, err
		}
	}
	if c.from, err = timeIn(in, "from", f.source.Zone()); err != nil {
		return c, err
	}
	c.until, err = timeIn(in, "until", f.source.Zone())
	return c, err
}

func (f *fronts) perform(r *http.Request, c frontChangeIn) (int64, error) {
	ctx := r.Context()
	one := front.OneIn{Category: c.category, Place: c.place, Placing: c.placing, Seen: c.seen}
	switch c.name {
	case "put":
		return f.store.Put(ctx, c.actor, front.PutIn{Category: c.category, To: c.to, Article: c.article, From: c.from, Until: c.until, Seen: c.seen})
	case "move":
		return f.store.Move(ctx, c.actor, front.MoveIn{Category: c.category, From: c.place, To: c.to, Article: c.article, Seen: c.seen})
	case "off":
		return f.store.Off(ctx, c.actor, one)
	case "time":
		return f.store.Time(ctx, c.actor, one, c.from, c.until)
	}
	return 0, fmt.Errorf("act %q: %w", c.name, page.ErrMalformed)
}

// did says what was done, with the way to take it back.
func (f *fronts) did(r *http.Request, ask frontAsk, c frontChangeIn) {
	if c.act == 0 {
		f.say(r, page.T("newsroom.front.did.nothing"))
		return
	}
	f.sayUndo(r, page.T("newsroom.front.did."+c.name, page.Number(ask.number(c.where()))), fmt.Sprintf("/newsroom/front/%d/undo", c.act))
}

func (f *fronts) undo(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	category, act, err := f.store.Undo(r.Context(), actor, id)
	var changed *front.Changed
	if err != nil && !errors.As(err, &changed) {
		return err
	}
	tree, err := f.taxonomy.Tree(r.Context())
	if err != nil {
		return err
	}
	ask := frontAsk{tree: tree}
	ask.category, _ = tree.ByID(category)
	if changed != nil {
		return f.conflict(w, r, actor, ask, frontChangeIn{name: "undo"}, changed)
	}
	f.sayUndo(r, page.T("newsroom.front.did.undo"), fmt.Sprintf("/newsroom/front/%d/undo", act))
	return seeOther(w, r, frontURL(ask.category.Slug, nil))
}

// preview shows the readers' page as it will be at a time. The newsroom may frame it.
func (f *fronts) preview(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	ask, err := f.lookedAt(r)
	if err != nil {
		return err
	}
	o, err := f.store.Ahead(r.Context(), actor, ask.category.ID, ask.at)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "frame-ancestors 'none'", "frame-ancestors 'self'", 1))
	return f.site.PreviewFront(w, r, &o)
}

// frontURL is the address of a front in the newsroom.
func frontURL(slug string, q url.Values) string { return frontAt("/newsroom/front", slug, q) }

func frontAt(path, slug string, q url.Values) string {
	if slug != "" {
		if q == nil {
			q = url.Values{}
		}
		q.Set("category", slug)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// number is the number of a place on its page.
func (a frontAsk) number(slot front.Slot) int {
	if slot.Zone == 0 {
		return slot.Place
	}
	for i, c := range a.tree.Children(0) {
		if c.ID == slot.Zone {
			return front.LeadPlaces + i*front.BandPlaces + slot.Place
		}
	}
	return 0
}

// conflict says what others did meanwhile, and keeps what was asked.
func (f *fronts) conflict(w http.ResponseWriter, r *http.Request, actor staff.Actor, ask frontAsk, c frontChangeIn, changed *front.Changed) error {
	p := frontChangedPage{frame: f.frame(r, actor, page.T("newsroom.front.changed"), "/newsroom/front"), Back: frontURL(ask.category.Slug, nil)}
	p.Asked = page.T("newsroom.front.asked."+c.name, page.Number(ask.number(c.where())))
	clock := f.clock()
	for _, one := range changed.Places {
		row := frontChange{Number: ask.number(one.Slot), At: clock.When(one.When), Now: page.T("newsroom.front.stands"), Headline: one.Headline, Lang: one.Language}
		row.Text = page.T("newsroom.front.by."+one.Act, one.By)
		if one.Headline == "" {
			row.Now = page.T("newsroom.front.itself")
		}
		p.Places = append(p.Places, row)
	}
	if c.name != "undo" {
		again := carried(ask.form.values)
		again.Set("seen", fmt.Sprint(changed.Seen))
		p.Again = params(again)
	}
	return f.pages.changed.Write(w, r, http.StatusConflict, p)
}
