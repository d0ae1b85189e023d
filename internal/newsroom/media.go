package newsroom

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/page"
	"stet/internal/staff"
)

// pictures keeps pictures and files, and what is said about them.
type pictures struct {
	*face
	store *media.Store
	pages mediaPages
}

// limitUpload is the largest file with its words around it.
const limitUpload = media.MaxBytes + limitForm

// UploadTime is how long a file may be on its way.
const UploadTime = 5 * time.Minute

func (m *pictures) list(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return m.writeList(w, r, actor, http.StatusOK, form{words: "media", values: url.Values{}})
}

func (m *pictures) writeList(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, fm form) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	before, err := q.Int("before")
	if err != nil {
		return err
	}
	found, err := m.store.List(r.Context(), media.Filter{Before: before, Q: q.Text("q"), Missing: q.On("missing")})
	if err != nil {
		return err
	}
	asked := form{words: "media", values: q.Values}
	p := mediaPage{frame: m.frame(r, actor, page.T("newsroom.media"), "/newsroom/media"), CanUpload: media.CanAdd(actor), Faults: fm.all(), None: page.T("newsroom.media.none"),
		Filter: filter{Action: "/newsroom/media", Kept: kept(q, "missing"), Fields: []field{asked.typed("q", "search")}},
		Foot:   foot{Range: page.N("newsroom.range", len(found)), First: firstPage(q, "before"), Words: "newsroom.older"},
		File:   fm.typed("file", "file"), Alt: fm.area("alt", 2), Caption: fm.area("caption", 2), Credit: fm.field("credit")}
	p.File.Required, p.File.Accept = true, "image/jpeg,image/png,image/gif,image/webp,application/pdf,audio/mpeg"
	if q.Text("q") != "" || q.On("missing") {
		p.None, p.Filter.Clear = page.T("newsroom.media.none-here"), "/newsroom/media"
	}
	if len(found) == media.PageSize {
		p.Foot.Next = nextPage(q, "before", strconv.FormatInt(found[len(found)-1].ID, 10))
	}
	p.Days = mediaDays(found, m.clock())
	return m.pages.list.Write(w, r, status, p)
}

// mediaDays groups what is listed by the day it came.
func mediaDays(found []media.Media, c page.Clock) []mediaDay {
	var out []mediaDay
	for _, one := range found {
		if day := c.Day(one.CreatedAt).Text; len(out) == 0 || out[len(out)-1].Day != day {
			out = append(out, mediaDay{Day: day})
		}
		row := mediaRow{picture: pictureOf(one), Caption: cmp.Or(one.Caption, one.Name), Credit: one.Credit}
		isPicture := one.Width > 0
		switch {
		case one.MissingFrom != "":
			row.Lacks = page.T("newsroom.media.lacks-bytes")
		case isPicture && one.Alt == "":
			row.Lacks = page.T("newsroom.media.no-alt")
		case isPicture && one.Credit == "":
			row.Lacks = page.T("newsroom.media.no-credit")
		}
		row.Number = page.T("newsroom.media.number", one.ID)
		last := &out[len(out)-1]
		last.Pictures = append(last.Pictures, row)
	}
	return out
}

// thumbnailWidth is about how wide a picture is shown in a list, on a dense screen.
const thumbnailWidth = 600

// pictureOf is m small enough for a form: the smallest variant that is wide enough, else the widest.
func pictureOf(m media.Media) picture {
	out := picture{URL: fmt.Sprintf("/newsroom/media/%d", m.ID), Alt: m.Alt}
	if v, ok := m.For(thumbnailWidth); ok {
		out.Src, out.Width, out.Height = m.URL(v), v.Width, v.Height
	}
	return out
}

func (m *pictures) upload(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	until, control := time.Now().Add(UploadTime), http.NewResponseController(w)
	// What can't be set stays as it is: then the server's own, shorter times hold.
	_ = errors.Join(control.SetReadDeadline(until), control.SetWriteDeadline(until))
	f, err := page.ParseForm(w, r, limitUpload)
	if err != nil {
		return err
	}
	made, err := m.add(r, actor, f)
	if wantsJSON(r) && err == nil {
		return writeJSON(w, http.StatusCreated, choiceOf(made))
	}
	if faults, ok := refused(err); ok && !wantsJSON(r) {
		return m.writeList(w, r, actor, http.StatusUnprocessableEntity, form{words: "media", values: f.Values, faults: faults})
	}
	if err != nil {
		return err
	}
	m.say(r, page.T("newsroom.media.done.uploaded", made.ID))
	return seeOther(w, r, fmt.Sprintf("/newsroom/media/%d", made.ID))
}

func (m *pictures) add(r *http.Request, actor staff.Actor, f page.Form) (media.Media, error) {
	files := f.Files["file"]
	if len(files) == 0 {
		return media.Media{}, fault.Field("file", "media.file.empty")
	}
	file, err := files[0].Open()
	if err != nil {
		return media.Media{}, err
	}
	defer file.Close()
	return m.store.Add(r.Context(), actor, media.Upload{Name: files[0].Filename, Reader: file, Alt: f.Text("alt"), Caption: f.Text("caption"), Credit: f.Text("credit")})
}

func (m *pictures) one(r *http.Request) (media.Media, error) {
	id, err := pathID(r)
	if err != nil {
		return media.Media{}, err
	}
	return m.store.ByID(r.Context(), id)
}

func (m *pictures) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	one, err := m.one(r)
	if err != nil {
		return err
	}
	return m.write(w, r, actor, http.StatusOK, one, form{words: "media", values: mediaValues(one)})
}

func (m *pictures) write(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, one media.Media, fm form) error {
	used, err := m.store.UsedBy(r.Context(), one.ID)
	if err != nil {
		return err
	}
	c := m.clock()
	p := picturePage{frame: m.frame(r, actor, short(cmp.Or(one.Caption, one.Name), 90), "/newsroom/media"), URL: fmt.Sprintf("/newsroom/media/%d", one.ID),
		Said: page.T("newsroom.media.said", one.ID, c.When(one.CreatedAt).Text), CanEdit: media.CanEdit(actor, one), Faults: fm.all(), Picture: pictureOf(one), Facts: mediaFacts(one),
		Alt: fm.area("alt", 3), Caption: fm.area("caption", 3), Credit: fm.field("credit"), FocalX: fm.typed("focal_x", "number"), FocalY: fm.typed("focal_y", "number")}
	if one.MissingFrom != "" {
		p.Missing = page.T("newsroom.media.missing", one.MissingFrom)
	}
	for _, u := range used {
		kind, id, _ := strings.Cut(u, ":")
		if to := objectURL(u); to != "" {
			p.Uses = append(p.Uses, page.Link{URL: to, Text: page.T("newsroom.object."+kind, id)})
		}
	}
	return m.pages.one.Write(w, r, status, p)
}

func mediaFacts(m media.Media) []fact {
	out := []fact{{page.T("newsroom.media.kind"), m.MIME, ""}, {page.T("newsroom.media.bytes"), page.T("newsroom.kilobytes", page.Number(int(m.Bytes+1023)/1024)), ""}}
	if m.Width > 0 {
		out = append(out, fact{page.T("newsroom.media.size"), page.T("newsroom.media.pixels", page.Number(m.Width), page.Number(m.Height)), ""})
	}
	for _, v := range m.Variants {
		out = append(out, fact{page.T("newsroom.media.variant"), v.Name, m.URL(v)})
	}
	return out
}

func mediaValues(m media.Media) url.Values {
	return url.Values{"alt": {m.Alt}, "caption": {m.Caption}, "credit": {m.Credit}, "focal_x": {hundredths(m.FocalX)}, "focal_y": {hundredths(m.FocalY)}}
}

func hundredths(part float64) string { return strconv.Itoa(int(math.Round(part * 100))) }

// save changes the words of one. What is public keeps the words it was published with.
func (m *pictures) save(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	one, err := m.one(r)
	if err != nil {
		return err
	}
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	words, err := readWords(f, one)
	if err == nil {
		err = m.store.Update(r.Context(), actor, one.ID, words)
	}
	if faults, ok := refused(err); ok {
		return m.write(w, r, actor, http.StatusUnprocessableEntity, one, form{words: "media", values: merged(mediaValues(one), f.Values), faults: faults})
	}
	if err != nil {
		return err
	}
	m.say(r, page.T("newsroom.saved"))
	return seeOther(w, r, fmt.Sprintf("/newsroom/media/%d", one.ID))
}

func readWords(f page.Form, was media.Media) (media.Words, error) {
	in := media.Words{Alt: was.Alt, Caption: was.Caption, Credit: was.Credit, FocalX: was.FocalX, FocalY: was.FocalY}
	for name, to := range map[string]*string{"alt": &in.Alt, "caption": &in.Caption, "credit": &in.Credit} {
		if f.Has(name) {
			*to = f.Text(name)
		}
	}
	for name, to := range map[string]*float64{"focal_x": &in.FocalX, "focal_y": &in.FocalY} {
		if !f.Has(name) {
			continue
		}
		n, err := whole(f, name)
		if err != nil {
			return in, err
		}
		*to = float64(n) / 100
	}
	return in, nil
}
