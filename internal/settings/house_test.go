package settings_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"stet/internal/fault"
	"stet/internal/pgtest"
	"stet/internal/settings"
)

func TestContrast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#ffffff", "#000000", 21}, {"#777777", "#ffffff", 4.478}, {"#767676", "#ffffff", 4.542}, {"#b1121b", "#ffffff", 7.01}, {"#f2857d", "#131313", 7.4}, {"#123456", "#123456", 1}} {
		if got := settings.Contrast(c.a, c.b); math.Abs(got-c.want) > 0.08 {
			t.Errorf("contrast of %s and %s is %.3f, want %.3f", c.a, c.b, got, c.want)
		}
	}
	if got := settings.Ratio(4.4999); got != "4.49" {
		t.Errorf("4.4999 reads %q: what reads 4.5 must be enough", got)
	}
	for _, own := range [][2]string{{settings.AccentDay, settings.PaperDay}, {settings.AccentNight, settings.PaperNight}} {
		if settings.Contrast(own[0], own[1]) < settings.Readable {
			t.Errorf("the program's own %s can't be read", own[0])
		}
	}
}

// refuses saves settings with a change and insists on the fault of a field, or on none where it is empty.
func refuses(t *testing.T, store *settings.Store, field, what string, change func(*settings.Settings)) {
	t.Helper()
	s, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	change(&s)
	err = store.Save(t.Context(), 0, s)
	var invalid *fault.Invalid
	if field == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	if !errors.As(err, &invalid) || !strings.HasPrefix(invalid.Fields[field], what) {
		t.Errorf("got %v, want %s: %s", err, field, what)
	}
}

func TestFaceAndFrame(t *testing.T) {
	t.Parallel()
	store := settings.New(pgtest.New(t).App)
	link := func(url string) []settings.Entry { return []settings.Entry{{Name: "A", URL: url}} }
	for what, cases := range map[string]map[string]func(*settings.Settings){
		"settings.accent.faint|":  {"accent_day": func(s *settings.Settings) { s.AccentDay = "#777" }, "accent_night": func(s *settings.Settings) { s.AccentNight = "#444444" }},
		"settings.accent.unknown": {"accent_day": func(s *settings.Settings) { s.AccentDay = "red" }, "accent_night": func(s *settings.Settings) { s.AccentNight = "#12345678" }},
		"settings.link.place":     {"navigation": func(s *settings.Settings) { s.Navigation = link("javascript:alert(1)") }, "footer": func(s *settings.Settings) { s.Footer = []settings.Column{{Title: "T", Links: link("//x.example/")}} }},
		"settings.link.unnamed":   {"navigation": func(s *settings.Settings) { s.Navigation = []settings.Entry{{URL: "https://x.example/"}} }},
		"settings.link.long": {"navigation": func(s *settings.Settings) {
			s.Navigation = []settings.Entry{{Name: strings.Repeat("x", 41), URL: "/a/"}}
		}},
		"settings.links.many":      {"navigation": func(s *settings.Settings) { s.Navigation = slicesOf(13, link("/a/")[0]) }},
		"settings.columns.many":    {"footer": func(s *settings.Settings) { s.Footer = slicesOf(6, settings.Column{Title: "T", Links: link("/a/")}) }},
		"settings.column.untitled": {"footer": func(s *settings.Settings) { s.Footer = []settings.Column{{Links: link("/a/")}} }},
		"settings.column.empty":    {"footer": func(s *settings.Settings) { s.Footer = []settings.Column{{Title: "T"}} }},
		"settings.logo.alone":      {"logo_night": func(s *settings.Settings) { s.LogoNight = 1 }},
		"settings.reads.unknown":   {"reads_by": func(s *settings.Settings) { s.ReadsBy = "nobody" }},
		"field.characters":         {"imprint": func(s *settings.Settings) { s.Imprint = "a\u202eb" }},
	} {
		for field, change := range cases {
			refuses(t, store, field, what, change)
		}
	}
	for _, bad := range []string{`/\x.example`, "http://x.example/", "x/", "", "/a\u202e", "https://", "data:,"} {
		refuses(t, store, "navigation", "settings.link.", func(s *settings.Settings) { s.Navigation = []settings.Entry{{Name: "A", URL: bad}} })
	}
	refuses(t, store, "", "", func(s *settings.Settings) {
		s.AccentDay, s.AccentNight, s.Navigation = " 063 ", "", append(link("/a/?b=c#d"), settings.Entry{URL: "/c/", Category: 7}, settings.Entry{})
		s.Footer, s.ReadsBy = []settings.Column{{Title: "House", Links: link("https://x.example/")}, {}}, ""
	})
	got, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if day, night := got.Accents(); day != "#006633" || night != settings.AccentNight || len(got.Navigation) != 2 || len(got.Footer) != 1 || got.ReadsBy != settings.ReadsByServer {
		t.Errorf("kept %+v", got)
	}
}

func slicesOf[T any](n int, one T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = one
	}
	return out
}

func TestBreaking(t *testing.T) {
	t.Parallel()
	store := settings.New(pgtest.New(t).App)
	now := time.Date(2026, 6, 16, 12, 0, 0, 0, time.UTC)
	store.Now = func() time.Time { return now }
	for field, in := range map[string]settings.Breaking{
		"text":  {Text: strings.Repeat("x", settings.BreakingLongest+1), Until: now.Add(time.Hour)},
		"url":   {Text: "Out", URL: "//x.example", Until: now.Add(time.Hour)},
		"until": {Text: "Out", Until: now.Add(settings.BreakingMost + time.Second)},
	} {
		var invalid *fault.Invalid
		if _, err := store.SetBreaking(t.Context(), 0, in); !errors.As(err, &invalid) || invalid.Fields[field] == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := store.SetBreaking(t.Context(), 0, settings.Breaking{Text: "Out"}); err == nil {
		t.Error("a line without an end was taken")
	}
	before, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first, err := store.SetBreaking(t.Context(), 0, settings.Breaking{Text: " The  lamp\nis out ", URL: "/lamp/", Until: now.Add(settings.BreakingMost)})
	if err != nil {
		t.Fatal(err)
	}
	second, err := store.SetBreaking(t.Context(), 0, settings.Breaking{})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.UndoBreaking(t.Context(), 0, first); !errors.Is(err, fault.Conflict) {
		t.Errorf("undo of what was changed since: %v, want a conflict", err)
	}
	if err := store.UndoBreaking(t.Context(), 0, second); err != nil {
		t.Fatal(err)
	}
	is, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := is.Breaking
	if b.Text != "The lamp is out" || !b.Shown(now) || b.Shown(b.Until) || !b.Until.Equal(now.Add(settings.BreakingMost)) {
		t.Errorf("the line is %+v", b)
	}
	if err := store.Save(t.Context(), 0, before); err != nil {
		t.Errorf("a form of settings that was open while the line changed: %v", err)
	}
	if is, err = store.Load(t.Context()); err != nil || is.Breaking.Text == "" {
		t.Errorf("saving the settings took the line away: %+v, %v", is.Breaking, err)
	}
}
