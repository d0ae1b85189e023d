package newsroom

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/page"
	"stet/internal/staff"
)

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
	showings, err := m.articles.Showings(r.Context(), actor, one.ID)
	if err != nil {
		return err
	}
	same, err := m.store.Same(r.Context(), one)
	if err != nil {
		return err
	}
	p := picturePage{frame: m.frame(r, actor, short(cmp.Or(one.Caption, one.Name), 90), "/newsroom/media"), URL: fmt.Sprintf("/newsroom/media/%d", one.ID),
		Said: page.T("newsroom.media.said", one.ID, m.clock().Short(one.CreatedAt).Text), CanEdit: media.CanEdit(actor, one), Faults: fm.all(), Picture: pictureOf(one), Facts: m.facts(r, one),
		State: stateWords(one), Missing: missingWords(one), Uses: useRows(one, showings), Delete: deletable(actor, one, used),
		Withhold: media.CanWithhold(actor) && one.WithheldAt == nil, Release: media.CanWithhold(actor) && one.WithheldAt != nil,
		Alt: fm.area("alt", 3), Caption: fm.area("caption", 3), Credit: fm.field("credit"), FocalX: fm.typed("focal_x", "number"), FocalY: fm.typed("focal_y", "number")}
	if p.Others, err = m.otherUses(r.Context(), used); err != nil {
		return err
	}
	for _, s := range same[one.ID] {
		p.Same = append(p.Same, page.Link{URL: fmt.Sprintf("/newsroom/media/%d", s.ID), Text: page.T("newsroom.media.number", s.ID)})
	}
	p.look(one)
	return m.pages.one.Write(w, r, status, p)
}

// look fills in what there is to see or hear.
func (p *picturePage) look(one media.Media) {
	if f, ok := one.File(); ok {
		p.File = &fileView{URL: f.URL, Name: one.Variants[0].Name, Note: fileNote(f), InText: fmt.Sprintf(`<p class="file"><a data-media="%d">%s</a></p>`, one.ID, html.EscapeString(cmp.Or(one.Caption, one.Name)))}
		if f.Audio {
			p.File.Player = f.URL
		}
	}
	if p.Picture.Src == "" {
		return
	}
	p.X, p.Y = hundredths(one.FocalX), hundredths(one.FocalY)
	p.FocusSaid = page.T("newsroom.media.focus-said", p.X, p.Y)
	large, _ := one.For(focusSizes[0].box * 2)
	for _, size := range focusSizes {
		width, height := fitted(one.Width, one.Height, size.box)
		class := size.class
		if height > width {
			class += " upright"
		}
		p.Focus = append(p.Focus, focusForm{Class: class, Src: one.URL(large), Width: width, Height: height})
	}
	p.Crops = cropViews(one)
}

// focusSizes are the boxes that the picture to be pressed is fitted into, in pixels, by the width of the page.
var focusSizes = []struct {
	class string
	box   int
}{{"large", 640}, {"small", 288}}

// fitted is the size of a picture within a square box.
func fitted(w, h, box int) (int, int) {
	scale := min(float64(box)/float64(max(w, 1)), float64(box)/float64(max(h, 1)))
	return max(1, int(math.Round(float64(w)*scale))), max(1, int(math.Round(float64(h)*scale)))
}

// cropHeight is how high a crop is drawn, in pixels.
const cropHeight = 99

// cropShapes are the crops in the order in which they are shown.
var cropShapes = []struct {
	shape media.Shape
	w, h  int
	ratio string
}{{media.Wide, 16, 9, "16 : 9"}, {media.List, 3, 2, "3 : 2"}, {media.Square, 1, 1, "1 : 1"}, {media.Tall, 4, 5, "4 : 5"}, {media.Share, 191, 100, "1.91 : 1"}}

func cropViews(one media.Media) []cropView {
	whole, _ := one.For(thumbnailWidth)
	var out []cropView
	for _, c := range cropShapes {
		at := cropView{Ratio: c.ratio, For: page.T("newsroom.media.crop." + string(c.shape)), Label: page.T("newsroom.media.crop", c.ratio), Width: cropHeight * c.w / c.h, Height: cropHeight}
		made := slices.ContainsFunc(one.Variants, func(v media.Variant) bool { return v.Crop == c.shape })
		if made && one.State == media.Ready {
			at.Src = one.Crop(c.shape).Src
		} else {
			at.Whole, at.WholeWidth, at.WholeHeight = one.URL(whole), whole.Width, whole.Height
			at.Box = cropBox(whole, float64(c.w)/float64(c.h), one.FocalX, one.FocalY)
		}
		out = append(out, at)
	}
	return out
}

// cropBox is the largest part of a picture that has a ratio, as near around the focal point as the edges let it: "x y width height".
func cropBox(of media.Variant, ratio, x, y float64) string {
	w, h := float64(of.Width), float64(of.Height)
	cw, ch := w, h
	if cw/ch > ratio {
		cw = ch * ratio
	} else {
		ch = cw / ratio
	}
	left := min(max(x*w-cw/2, 0), w-cw)
	top := min(max(y*h-ch/2, 0), h-ch)
	return fmt.Sprintf("%.0f %.0f %.0f %.0f", left, top, cw, ch)
}

func stateWords(m media.Media) string {
	switch m.State {
	case media.Making:
		return page.T("newsroom.media.making-long")
	case media.Failed:
		return page.T("newsroom.media.failed", page.Say(m.Why))
	}
	return ""
}

func missingWords(m media.Media) string {
	switch {
	case m.WithheldAt != nil:
		return page.T("newsroom.media.withheld-long")
	case m.MissingFrom != "":
		return page.T("newsroom.media.missing", m.MissingFrom)
	}
	return ""
}

func useRows(one media.Media, showings []article.Showing) []useRow {
	var out []useRow
	for _, s := range showings {
		row := useRow{Headline: page.T("newsroom.media.not-yours"), Place: page.T("newsroom.media.place.before"), State: stateOf(s.Status)}
		if s.Seen {
			row.URL, row.Headline, row.Lang = fmt.Sprintf("/newsroom/articles/%d", s.ID), cmp.Or(s.Headline, page.T("newsroom.untitled")), s.Language
		}
		switch {
		case s.Lead:
			row.Place = page.T("newsroom.media.place.lead")
		case s.Block > 0:
			row.Place = page.T("newsroom.media.place.block", s.Block)
		}
		if (s.Lead || s.Block > 0) && one.Width > 0 {
			row.Same, row.Alt = s.Alt == one.Alt, s.Alt
		}
		out = append(out, row)
	}
	return out
}

// otherUses are those that are no article, authors by their names.
func (m *pictures) otherUses(ctx context.Context, used []string) ([]page.Link, error) {
	var out []page.Link
	for _, u := range used {
		kind, id, _ := strings.Cut(u, ":")
		switch to := objectURL(u); {
		case kind == "article":
		case kind == "author":
			n, err := strconv.ParseInt(id, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("use %q: %w", u, err)
			}
			switch a, err := m.authors.ByID(ctx, n); {
			case err == nil:
				out = append(out, page.Link{URL: to, Text: a.Name})
			case !errors.Is(err, fault.NotFound):
				return nil, err
			}
		case to != "":
			out = append(out, page.Link{URL: to, Text: page.T("newsroom.object."+kind, id)})
		case kind == "settings":
			out = append(out, page.Link{URL: "/newsroom/settings", Text: page.T("newsroom.object.settings")})
		}
	}
	return out, nil
}

// deletable says whether one may be deleted, as far as can be told without reading all that was ever written.
func deletable(actor staff.Actor, one media.Media, used []string) deleteView {
	if !media.CanEdit(actor, one) {
		return deleteView{}
	}
	if len(used) > 0 {
		return deleteView{Why: page.N("newsroom.media.stays", len(used))}
	}
	return deleteView{Can: true, Why: page.T("newsroom.media.delete-hint")}
}

// facts are what is known of the file itself.
func (m *pictures) facts(r *http.Request, one media.Media) []fact {
	out := []fact{{page.T("newsroom.media.name"), one.Name, ""}}
	switch {
	case one.Width > 0:
		out = append(out, fact{page.T("newsroom.media.size"), page.T("newsroom.media.pixels", page.Number(one.Width), page.Number(one.Height), page.Size(one.Bytes)), ""})
	case one.MissingFrom == "":
		out = append(out, fact{page.T("newsroom.media.size"), page.Size(one.Bytes), ""})
	}
	if sent := sentAs(one); sent != "" {
		out = append(out, fact{page.T("newsroom.media.variant"), sent, ""})
	}
	if p, err := m.staff.Actor(r.Context(), one.CreatedBy); err == nil {
		out = append(out, fact{page.T("newsroom.media.uploader"), p.Name, ""})
	}
	return out
}

// sentAs tells in which formats and widths a picture goes to readers.
func sentAs(m media.Media) string {
	var kinds []string
	least, most := 0, 0
	for _, v := range m.Variants {
		if kind := formatWord(v.MIME); v.Width > 0 && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
		if v.Crop == "" && v.Width > 0 {
			least, most = min(cmp.Or(least, v.Width), v.Width), max(most, v.Width)
		}
	}
	switch {
	case len(kinds) == 0:
		return ""
	case least == most:
		return page.T("newsroom.media.sent-one", strings.Join(kinds, ", "), page.Number(most))
	}
	return page.T("newsroom.media.sent", strings.Join(kinds, ", "), page.Number(least), page.Number(most))
}

// formatWord is what people call a format of pictures.
func formatWord(mime string) string {
	if mime == "image/webp" {
		return "WebP"
	}
	return strings.ToUpper(strings.TrimPrefix(mime, "image/"))
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
	m.say(r, page.T("newsroom.media.done.saved"))
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
		if text := f.Text(name); text != hundredths(*to) { // what nobody changed keeps its fractions
			*to = float64(n) / 100
		}
	}
	return in, nil
}

// focus moves the point that crops keep, to where the picture was pressed or to what a script or an undo says in hundredths.
func (m *pictures) focus(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := idForm(w, r)
	if err != nil {
		return err
	}
	if q, err := page.Query(r); err == nil && q.Has("x") && !f.Has("x") {
		f = q
	}
	x, y, pressed, err := readFocus(f)
	if err != nil {
		return err
	}
	at := fmt.Sprintf("/newsroom/media/%d", id)
	if !pressed {
		m.say(r, page.T("newsroom.media.focus-keys"))
		return seeOther(w, r, at)
	}
	wasX, wasY, err := m.store.SetFocus(r.Context(), actor, id, x, y)
	if err != nil {
		return err
	}
	m.sayUndo(r, page.T("newsroom.media.done.focus", hundredths(x), hundredths(y)), at+"/focus?x="+hundredths(wasX)+"&y="+hundredths(wasY))
	return seeOther(w, r, at)
}

// readFocus reads a point as parts of the picture. A press comes in pixels, of a picture of the size that its form names; the key Enter comes as
// a press of the very corner and means none.
func readFocus(f page.Form) (x, y float64, pressed bool, err error) {
	scale := [2]int{100, 100}
	names := [2]string{"x", "y"}
	if f.Has("focus.x") {
		names = [2]string{"focus.x", "focus.y"}
		for i, name := range []string{"width", "height"} {
			if scale[i], err = whole(f, name); err != nil {
				return 0, 0, false, err
			}
		}
	}
	var at [2]float64
	for i, name := range names {
		n, err := whole(f, name)
		if err != nil {
			return 0, 0, false, err
		}
		if !f.Has(name) || scale[i] == 0 {
			return 0, 0, false, fault.Field(name, "field.range")
		}
		at[i] = min(float64(n)/float64(scale[i]), 1)
	}
	return at[0], at[1], names[0] == "x" || at != [2]float64{}, nil
}
