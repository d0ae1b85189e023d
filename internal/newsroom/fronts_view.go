package newsroom

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"stet/internal/front"
	"stet/internal/page"
	"stet/internal/staff"
)

// wallForm is how a field holds a time of the site's zone.
const wallForm = "2006-01-02T15:04"

// write shows a front as it stands at ask.at, with what was typed where that couldn't be taken.
func (f *fronts) write(w http.ResponseWriter, r *http.Request, actor staff.Actor, ask frontAsk) error {
	b, err := f.store.Board(r.Context(), actor, ask.category.ID, ask.at)
	if err != nil {
		return err
	}
	v := frontView{frontAsk: ask, board: b, clock: f.clock()}
	title := page.T("newsroom.front")
	if ask.category.ID != 0 {
		title = page.T("newsroom.front.of", ask.category.Name)
	}
	p := frontsPage{frame: f.frame(r, actor, title, "/newsroom/front"), Faults: ask.form.all()}
	v.look(&p)
	p.frontForm = v.shared()
	for i := range b.Zones {
		p.Zones = append(p.Zones, v.zone(&b.Zones[i]))
	}
	v.acts(&p)
	in := front.PoolIn{Q: ask.q}
	if ask.category.ID != 0 {
		in.Categories = ask.tree.Subtree(ask.category.ID)
	}
	for _, z := range b.Zones {
		for _, place := range z.Places {
			if place.Card != nil {
				in.Without = append(in.Without, place.Card.ID)
			}
		}
	}
	offers, err := f.store.Pool(r.Context(), actor, in)
	if err != nil {
		return err
	}
	p.Pool = v.pool(offers)
	return f.pages.board.Write(w, r, ask.form.status(), p)
}

// frontView draws a board.
type frontView struct {
	frontAsk
	board front.Board
	clock page.Clock
}

// look fills in what is looked at: which front, at what time, and when it changes by itself.
func (v *frontView) look(p *frontsPage) {
	options := []option{{Text: page.T("newsroom.front.page"), Chosen: v.category.ID == 0}}
	for _, c := range v.tree.All() {
		options = append(options, option{Value: c.Slug, Text: trail(v.tree, c.ID), Chosen: c.ID == v.category.ID})
	}
	p.Choose = v.form.field("category")
	p.Choose.Options, p.Choose.Dir = options, ""
	p.At = v.time("at", "at")
	if !v.at.IsZero() && v.at.Before(v.board.At) {
		v.at = time.Time{} // a time that has passed shows the present
	}
	q := url.Values{}
	if !v.at.IsZero() {
		q.Set("at", v.at.In(v.clock.Zone).Format(time.RFC3339))
		p.Ahead, p.Now = page.T("newsroom.front.fixed", v.clock.When(v.at).Text), frontURL(v.category.Slug, nil)
	}
	p.Preview = frontAt("/newsroom/front/preview", v.category.Slug, q)
	for _, t := range v.board.Turns {
		numbers := make([]string, len(t.Places))
		for i, n := range t.Places {
			numbers[i] = page.Number(n)
		}
		at := url.Values{"at": {t.At.In(v.clock.Zone).Format(time.RFC3339)}}
		p.Turns = append(p.Turns, frontTurn{URL: frontURL(v.category.Slug, at), At: v.clock.When(t.At), Places: page.N("newsroom.front.places", len(numbers), strings.Join(numbers, ", "))})
	}
}

func (v *frontView) shared() frontForm {
	return frontForm{Category: v.category.Slug, Seen: v.board.Seen, Fixed: !v.at.IsZero()}
}

// time is the field of a time. Where it couldn't be taken it is a line of text, which holds an offset as well.
func (v *frontView) time(name, id string) field {
	out := v.form.typed(name, "datetime-local")
	out.ID = id
	if out.Fault != "" {
		out.Type = "text"
	} else if t, err := time.Parse(time.RFC3339, out.Value); err == nil {
		out.Value = t.In(v.clock.Zone).Format(wallForm)
	}
	return out
}

func (v *frontView) zone(z *front.BoardZone) frontZone {
	out := frontZone{ID: fmt.Sprintf("z-%d", z.Section), Title: page.T("newsroom.front.lead"), Pack: z.Section == 0}
	if section, ok := v.tree.ByID(z.Section); ok {
		out.Title = section.Name
	}
	for i := range z.Places {
		out.Slots = append(out.Slots, v.slot(&z.Places[i], out))
	}
	return out
}

func (v *frontView) slot(p *front.BoardPlace, z frontZone) frontSlot {
	out := frontSlot{frontForm: v.shared(), Slot: p.Slot.String(), Number: p.Number, Big: z.Pack && p.Place.Place == 1, Empty: p.Placing == 0, Said: page.T("newsroom.front.nothing")}
	if p.Next != nil {
		out.Then = &frontThen{At: v.clock.When(p.Next.At), Text: cmp.Or(p.Next.Headline, page.T("newsroom.front.itself")), Lang: p.Next.Language}
	}
	for i := range p.Line {
		out.Line = append(out.Line, v.waiting(&p.Line[i], out.Slot))
	}
	if p.Card == nil {
		return out
	}
	out.Article, out.Headline, out.Lang, out.URL = p.Card.ID, p.Card.Headline, p.Card.Language, fmt.Sprintf("/newsroom/articles/%d", p.Card.ID)
	out.State = stateOf("live")
	if strings.HasPrefix(p.Card.Path, "/newsroom/") {
		out.State = stateOf("scheduled")
	}
	if p.Place.Place == 1 {
		out.Image = p.Card.ImageID
	}
	switch {
	case p.Stands != nil:
		stands := v.placing(p.Stands, out.Slot)
		out.Stands = &stands
		out.Said = page.T("newsroom.front.since", v.clock.When(p.Stands.Begins).Text, p.Stands.By)
	case z.Pack:
		out.Said = page.T("newsroom.front.newest")
	default:
		out.Said = page.T("newsroom.front.newest-in", z.Title)
	}
	if v.at.IsZero() {
		out.Up, out.Down = v.beside(p.Number-1, "move "), v.beside(p.Number+1, "move ")
		if p.Stands == nil {
			out.Keep = "put " + out.Slot
		}
	}
	return out
}

// beside is the act on the place of that number, empty where there is none.
func (v *frontView) beside(number int, act string) string {
	for _, z := range v.board.Zones {
		for _, p := range z.Places {
			if p.Number == number {
				return act + p.Slot.String()
			}
		}
	}
	return ""
}

// placing is an article with the form of its times. What was typed there stands in it again.
func (v *frontView) placing(p *front.Placing, slot string) frontPlacing {
	id := strconv.FormatInt(p.ID, 10)
	out := frontPlacing{frontForm: v.shared(), ID: id, Slot: slot, Headline: cmp.Or(p.Headline, page.T("newsroom.untitled")), URL: fmt.Sprintf("/newsroom/articles/%d", p.Article), Summary: page.T("newsroom.front.open-end")}
	if p.Headline != "" {
		out.Lang = p.Language
	}
	if !p.Until.IsZero() {
		out.Summary = page.T("newsroom.front.until-at", v.clock.When(p.Until).Text)
	}
	here := frontView{frontAsk: v.frontAsk, clock: v.clock}
	if v.form.values.Get("act") != "time" || v.form.values.Get("placing") != id {
		here.form = form{words: "front", values: url.Values{"from": {v.wall(p.From)}, "until": {v.wall(p.Until)}}}
	}
	out.From, out.Until, out.Open = here.time("from", "from-"+id), here.time("until", "until-"+id), len(here.form.faults) > 0
	return out
}

func (v *frontView) wall(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(v.clock.Zone).Format(wallForm)
}

// waiting is an article in line for a place, with what it waits for.
func (v *frontView) waiting(p *front.Placing, slot string) frontPlacing {
	out := v.placing(p, slot)
	out.Waits = p.Begins.IsZero() || p.Begins.After(v.board.At)
	switch {
	case p.Public.IsZero():
		out.Said = page.T("newsroom.front.waits")
	case !out.Waits:
		out.Said = page.T("newsroom.front.under")
	case p.Scheduled && !p.From.After(p.Public):
		out.Said = page.T("newsroom.front.published-at", v.clock.When(p.Public).Text)
	case !p.Begins.IsZero():
		out.Said = page.T("newsroom.front.from-at", v.clock.When(p.Begins).Text)
	default:
		out.Said = page.T("newsroom.front.over")
	}
	return out
}

// pool is what can be put in a place.
func (v *frontView) pool(offers []front.Offer) frontPool {
	chosen := v.form.values.Get("article")
	putting := form{words: "front", values: url.Values{}}
	if v.form.values.Get("act") == "put" {
		putting = v.form
	}
	at := frontView{frontAsk: frontAsk{form: putting}, clock: v.clock}
	out := frontPool{Q: v.form.field("q"), From: at.time("from", "from"), Until: at.time("until", "until"), Wrong: putting.faults["article"]}
	out.Q.Type, out.Q.Value = "search", v.q
	var places []option
	lines := map[int64]int{}
	for _, z := range v.board.Zones {
		for i, p := range z.Places {
			o := option{Value: p.Slot.String(), Text: page.Number(p.Number)}
			if section, ok := v.tree.ByID(z.Section); ok && i == 0 {
				o.Text += " " + section.Name
			} else if i == 0 {
				o.Text += " " + page.T("newsroom.front.lead")
			}
			places = append(places, o)
			for _, one := range p.Line {
				lines[one.Article] = p.Number
			}
		}
	}
	out.To = putting.pick("to", places)
	for i, o := range offers {
		one := frontOffer{ID: o.ID, Headline: cmp.Or(o.Headline, page.T("newsroom.untitled")), Lang: o.Language, State: state{Class: "live", Word: page.T("newsroom.state.live")}, Said: v.clock.When(o.Public).Text,
			Chosen: chosen == strconv.FormatInt(o.ID, 10) || chosen == "" && i == 0}
		if o.Scheduled {
			one.State, one.Said = state{Class: "scheduled", Word: v.clock.When(o.Public).Text}, ""
		}
		if n := lines[o.ID]; n > 0 {
			one.Said = strings.TrimPrefix(one.Said+" · "+page.T("newsroom.front.in-line", page.Number(n)), " · ")
		}
		out.Offers = append(out.Offers, one)
	}
	return out
}

// acts is what was done on this front.
func (v *frontView) acts(p *frontsPage) {
	for _, a := range v.board.Acts {
		row := frontAct{At: v.clock.When(a.At), By: a.By, Headline: a.Headline, Lang: a.Language, Text: page.T("newsroom.front.history." + a.Act)}
		if a.Place > 0 {
			row.Text = page.T("newsroom.front.history."+a.Act+"-in", page.Number(a.Place))
		}
		if a.Undoable && v.at.IsZero() {
			row.Undo = fmt.Sprintf("/newsroom/front/%d/undo", a.ID)
		}
		p.Acts = append(p.Acts, row)
	}
}
