package newsroom

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/page"
	"stet/internal/settings"
)

// swatch is a colour on its paper with the contrast of the two; Colour is empty where there is none to show.
type swatch struct{ Name, Colour, Paper, Said string }

// swatches show the accents that a form holds, or the site's own.
func swatches(values url.Values) []swatch {
	typed := settings.Settings{AccentDay: values.Get("accent_day"), AccentNight: values.Get("accent_night")}
	day, night := typed.Accents()
	var out []swatch
	for _, s := range []swatch{{"newsroom.settings.day", day, settings.PaperDay, ""}, {"newsroom.settings.night", night, settings.PaperNight, ""}} {
		if settings.IsColour(s.Colour) {
			s.Said = page.T("newsroom.settings.contrast", settings.Ratio(settings.Contrast(s.Colour, s.Paper)))
			out = append(out, s)
		}
	}
	return out
}

// logos are the pictures that can stand in place of the name, the newest of the media room and those that the form holds, and the one that
// it holds for light paper as it is now.
func (h *house) logos(ctx context.Context, values url.Values) (picture, []option, error) {
	newest, err := h.media.List(ctx, media.Filter{Pictures: true})
	if err != nil {
		return picture{}, nil, err
	}
	ids := make([]int64, 0, len(newest)+2)
	for _, one := range newest {
		ids = append(ids, one.ID)
	}
	var held int64
	for _, name := range []string{"logo_night", "logo"} {
		// The form says what is wrong with a number that can't be read.
		held, _ = strconv.ParseInt(values.Get(name), 10, 64)
		if held > 0 && !slices.Contains(ids, held) {
			ids = append(ids, held)
		}
	}
	all, err := h.media.ByIDs(ctx, ids)
	if err != nil {
		return picture{}, nil, err
	}
	out := []option{{Text: page.T("newsroom.settings.no-logo")}}
	for _, id := range ids {
		if one, ok := all[id]; ok {
			words := short(cmp.Or(one.Caption, one.Alt, one.Name), 60)
			out = append(out, option{Value: strconv.FormatInt(id, 10), Text: page.T("newsroom.settings.logo-choice", words, page.Number(one.Width), page.Number(one.Height))})
		}
	}
	if one, ok := all[held]; ok {
		return pictureOf(one), out, nil
	}
	return picture{}, out, nil
}

// aroundValues are what stands around a page, as the form holds it.
func aroundValues(s settings.Settings, v url.Values) {
	v["accent_day"], v["accent_night"], v["imprint"], v["reads_by"] = []string{s.AccentDay}, []string{s.AccentNight}, []string{s.Imprint}, []string{s.ReadsBy}
	v["navigation"] = []string{entryLines(s.Navigation)}
	var columns []string
	for _, c := range s.Footer {
		columns = append(columns, c.Title+"\n"+entryLines(c.Links))
	}
	v["footer"] = []string{strings.Join(columns, "\n\n")}
	for name, id := range map[string]int64{"logo": s.Logo, "logo_night": s.LogoNight} {
		if id != 0 {
			v.Set(name, strconv.FormatInt(id, 10))
		}
	}
}

func entryLines(entries []settings.Entry) string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = strings.TrimSpace(e.Name + " " + e.URL)
	}
	return strings.Join(out, "\n")
}

// readAround reads what stands around a page out of the form into in; what the form lacks stays as it was.
func (h *house) readAround(ctx context.Context, f page.Form, in *settings.Settings) error {
	for name, to := range map[string]*string{"accent_day": &in.AccentDay, "accent_night": &in.AccentNight, "imprint": &in.Imprint, "reads_by": &in.ReadsBy} {
		if f.Has(name) {
			*to = f.Text(name)
		}
	}
	for name, to := range map[string]*int64{"logo": &in.Logo, "logo_night": &in.LogoNight} {
		if err := h.readLogo(ctx, f, name, to); err != nil {
			return err
		}
	}
	var err error
	if f.Has("navigation") {
		if in.Navigation, err = h.entries(ctx, "navigation", f.Text("navigation")); err != nil {
			return err
		}
	}
	if f.Has("footer") {
		in.Footer, err = h.columns(ctx, f.Text("footer"))
	}
	return err
}

func (h *house) readLogo(ctx context.Context, f page.Form, name string, to *int64) error {
	if !f.Has(name) {
		return nil
	}
	n, err := f.Int(name)
	if err != nil || n < 0 {
		return fault.Field(name, "newsroom.no-number")
	}
	if n != 0 {
		m, err := h.media.ByID(ctx, n)
		if errors.Is(err, fault.NotFound) || err == nil && m.Picture().Missing {
			return fault.Field(name, "newsroom.settings.no-picture")
		}
		if err != nil {
			return err
		}
	}
	*to = n
	return nil
}

// columns reads columns with empty lines between, the first line of each its title.
func (h *house) columns(ctx context.Context, text string) ([]settings.Column, error) {
	out := []settings.Column{}
	for block := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		title, rest, _ := strings.Cut(strings.TrimSpace(block), "\n")
		if title == "" {
			continue
		}
		links, err := h.entries(ctx, "footer", rest)
		if err != nil {
			return nil, err
		}
		out = append(out, settings.Column{Title: title, Links: links})
	}
	return out, nil
}

// entries reads links, one a line. A path of this site must lead somewhere, and where it has no words it carries the name of what stands there.
func (h *house) entries(ctx context.Context, field, text string) ([]settings.Entry, error) {
	out := []settings.Entry{}
	names, addresses := lines(text)
	for i := range names {
		e := settings.Entry{Name: names[i], URL: addresses[i]}
		if settings.IsOwn(e.URL) {
			name, category, err := h.site.Named(ctx, e.URL)
			if errors.Is(err, fault.NotFound) {
				return nil, fault.Field(field, "newsroom.settings.nowhere|"+strings.ReplaceAll(short(e.URL, 60), "|", "/"))
			}
			if err != nil {
				return nil, err
			}
			e.Category = category
			if e.Name == "" && category == 0 {
				e.Name = short(name, 40)
			}
		}
		out = append(out, e)
	}
	return out, nil
}
