package newsroom

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/media"
	"stet/internal/page"
	"stet/internal/staff"
)

// pictures keeps pictures and files, and what is said about them.
type pictures struct {
	*face
	store    *media.Store
	articles *article.Store
	authors  *author.Store
	pages    mediaPages
}

func (m *pictures) routes() []Route {
	const one = "/newsroom/media/{id}"
	return []Route{
		{get, "/newsroom/media", writes, nil, m.list},
		{post, "/newsroom/media", uploads, nil, m.upload},
		{get, "/newsroom/media/words", uploads, nil, m.askWords},
		{post, "/newsroom/media/words", uploads, nil, m.saveWords},
		{get, one, writes, nil, m.show},
		{get, one + "/thumb", writes, nil, m.thumb},
		{post, one, uploads, nil, m.save},
		{post, one + "/focus", uploads, nil, m.focus},
		{post, one + "/delete", uploads, nil, m.remove},
		{post, one + "/withhold", administers, nil, m.withhold},
		{post, one + "/release", administers, nil, m.release},
	}
}

// mediaTypes are what a browser offers to upload. What a file is, its bytes say.
const mediaTypes = "image/jpeg,image/png,image/gif,image/webp,image/avif,application/pdf,audio/*"

func (m *pictures) list(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return m.writeList(w, r, actor, http.StatusOK, form{words: "media", values: url.Values{}})
}

func (m *pictures) writeList(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, fm form) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f, err := m.filter(q, actor)
	if err != nil {
		return err
	}
	found, err := m.store.List(r.Context(), f)
	if err != nil {
		return err
	}
	counts, err := m.store.Counts(r.Context(), actor.ID)
	if err != nil {
		return err
	}
	p := mediaPage{frame: m.frame(r, actor, page.T("newsroom.media"), "/newsroom/media"), CanUpload: media.CanAdd(actor), Faults: fm.all(), FileFault: fm.faults["file"], Types: mediaTypes,
		Sum: page.N("newsroom.media.sum", counts[media.All]), Views: mediaViews(q, counts), Filter: mediaFilter(q), None: page.T("newsroom.media.none"),
		Foot: foot{Range: page.N("newsroom.range", len(found)), First: firstPage(q, "before"), Words: "newsroom.older"},
		Alt:  fm.area("alt", 2), Caption: fm.area("caption", 2), Credit: fm.field("credit"), Days: mediaDays(found, m.clock())}
	for _, v := range []media.View{media.NoAlt, media.NoCredit} {
		if n := counts[v]; n > 0 {
			p.Lacks = append(p.Lacks, page.Link{URL: "?view=" + string(v), Text: page.N("newsroom.media.lack."+string(v), n)})
		}
	}
	if len(q.Values) > 0 {
		p.None = page.T("newsroom.media.none-here")
	}
	if len(found) == media.PageSize {
		p.Foot.Next = nextPage(q, "before", strconv.FormatInt(found[len(found)-1].ID, 10))
	}
	return m.pages.list.Write(w, r, status, p)
}

// filter reads what is asked for in the address.
func (m *pictures) filter(q page.Form, actor staff.Actor) (media.Filter, error) {
	before, err := q.Int("before")
	if err != nil {
		return media.Filter{}, err
	}
	f := media.Filter{View: media.View(q.Text("view")), By: actor.ID, Before: before, Q: q.Text("q"), Outline: media.Outline(q.Text("shape"))}
	if text := q.Text("since"); text != "" {
		if f.Since, err = time.ParseInLocation(time.DateOnly, text, m.source.Zone()); err != nil {
			return f, fmt.Errorf("%w: since", page.ErrMalformed)
		}
	}
	return f, nil
}

// mediaViews are the tabs. Those that tell of a fault stand there while there is one.
func mediaViews(q page.Form, counts map[media.View]int) []view {
	out := make([]view, 0, len(counts))
	here := media.View(q.Text("view"))
	for _, v := range []media.View{media.All, media.Mine, media.NoAlt, media.NoCredit, media.Unused, media.Files, media.Lost, media.Held} {
		if (v == media.Lost || v == media.Held) && counts[v] == 0 && v != here {
			continue
		}
		to := "/newsroom/media"
		if v != media.All {
			to += "?view=" + string(v)
		}
		out = append(out, view{Name: page.T("newsroom.media.view." + cmp.Or(string(v), "all")), URL: to, Count: page.Number(counts[v]), Here: v == here})
	}
	return out
}

func mediaFilter(q page.Form) filter {
	fm := form{words: "media", values: q.Values}
	words := fm.typed("q", "search")
	words.Wide = true
	shapes := append([]option{{Text: page.T("newsroom.media.shape.any")}}, worded("newsroom.media.shape.", []string{string(media.Lying), string(media.Even), string(media.Standing)})...)
	out := filter{Action: "/newsroom/media", Kept: kept(q, "view"), Fields: []field{words, fm.pick("shape", shapes), fm.typed("since", "date")}}
	if q.Text("q")+q.Text("shape")+q.Text("since") != "" {
		out.Clear = "/newsroom/media?" + asQuery(out.Kept)
	}
	return out
}

// mediaDays groups what is listed by the day it came.
func mediaDays(found []media.Line, c page.Clock) []mediaDay {
	var out []mediaDay
	for _, one := range found {
		if day := c.Day(one.CreatedAt).Text; len(out) == 0 || out[len(out)-1].Day != day {
			out = append(out, mediaDay{Day: day})
		}
		last := &out[len(out)-1]
		last.Pictures = append(last.Pictures, mediaRowOf(one))
	}
	return out
}

func mediaRowOf(one media.Line) mediaRow {
	row := mediaRow{picture: pictureOf(one.Media), Caption: cmp.Or(one.Caption, one.Alt, one.Name), Said: page.T("newsroom.media.unused"), Lacks: mediaLacks(one.Media)}
	if row.Caption == row.Alt {
		row.Alt = "" // it is read once already
	}
	if one.Uses > 0 {
		row.Said = page.N("newsroom.media.uses", one.Uses)
	}
	if one.State == media.Making && row.Lacks == "" {
		row.Said = page.T("newsroom.media.said-credit", page.T("newsroom.media.making"), row.Said)
	}
	if one.Credit != "" {
		row.Said = page.T("newsroom.media.said-credit", one.Credit, row.Said)
	}
	if f, ok := one.File(); ok {
		row.Kind = fileNote(f)
	}
	return row
}

// mediaLacks is what is wrong with one, in a few words; "" for nothing.
func mediaLacks(m media.Media) string {
	switch {
	case m.WithheldAt != nil:
		return page.T("newsroom.media.withheld")
	case m.MissingFrom != "":
		return page.T("newsroom.media.lacks-bytes")
	case m.State == media.Failed:
		return page.T("newsroom.media.failed", page.Say(m.Why))
	case m.Width > 0 && m.Alt == "":
		return page.T("newsroom.media.no-alt")
	case m.Width > 0 && m.Credit == "":
		return page.T("newsroom.media.no-credit")
	}
	return ""
}

// thumbnailWidth is about how wide a picture is shown in a list, on a dense screen.
const thumbnailWidth = 600

// pictureOf is m small enough for a form; it has no Src where there is nothing to show.
func pictureOf(m media.Media) picture {
	out := picture{URL: fmt.Sprintf("/newsroom/media/%d", m.ID), Alt: m.Alt}
	if v, ok := m.For(thumbnailWidth); ok && m.WithheldAt == nil {
		out.Src, out.Width, out.Height = m.URL(v), v.Width, v.Height
	}
	return out
}

func (m *pictures) one(r *http.Request) (media.Media, error) {
	id, err := pathID(r)
	if err != nil {
		return media.Media{}, err
	}
	return m.store.ByID(r.Context(), id)
}

// remove deletes one that nothing uses; where something does, its page says what.
func (m *pictures) remove(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	one, err := m.one(r)
	if err != nil {
		return err
	}
	err = m.store.Delete(r.Context(), actor, one.ID)
	if wantsJSON(r) && err == nil {
		return writeJSON(w, http.StatusOK, struct{}{})
	}
	if faults, ok := refused(err); ok && !wantsJSON(r) {
		return m.write(w, r, actor, http.StatusUnprocessableEntity, one, form{words: "media", values: mediaValues(one), faults: faults})
	}
	if err != nil {
		return err
	}
	m.say(r, page.T("newsroom.media.done.deleted", one.Name))
	return seeOther(w, r, "/newsroom/media")
}

func (m *pictures) withhold(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return m.hold(w, r, "newsroom.media.done.withheld", func(id int64) error { return m.store.Withhold(r.Context(), actor, id) })
}

func (m *pictures) release(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return m.hold(w, r, "newsroom.media.done.released", func(id int64) error { return m.store.Release(r.Context(), actor, id) })
}

// hold does an act of withholding to the one in the address and leads back to it.
func (m *pictures) hold(w http.ResponseWriter, r *http.Request, said string, act func(id int64) error) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := act(id); err != nil {
		return err
	}
	m.say(r, page.T(said))
	return seeOther(w, r, fmt.Sprintf("/newsroom/media/%d", id))
}
