package app_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"stet/internal/media"
	"stet/internal/page"
	"stet/internal/reads"
	"stet/internal/settings"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// wall is a time as forms write it in UTC, the site's zone here.
func wall(t time.Time) string { return t.UTC().Format("2006-01-02T15:04") }

func TestBreakingLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, path := w.published("The lamp", "<p>Lit.</p>")
	v, reader := w.signedIn(staff.Editor), w.visitor()
	for _, at := range []string{"/", path, "/nowhere/"} {
		if a := reader.get(at); strings.Contains(a.body, `class="breaking"`) {
			t.Errorf("%s has a breaking line before there is one", at)
		}
	}
	for name, typed := range map[string][]string{
		"text":  {"text", "", "url", path, "until", wall(time.Now().Add(time.Hour))},
		"url":   {"text", "Out", "url", "//elsewhere.example/", "until", wall(time.Now().Add(time.Hour))},
		"until": {"text", "Out", "url", path, "until", wall(time.Now().Add(-time.Hour))},
	} {
		a := v.post("/newsroom/breaking", http.StatusUnprocessableEntity, typed...)
		if !strings.Contains(a.body, `href="#`+name+`"`) || !strings.Contains(a.body, `value="`+path+`"`) && name != "url" {
			t.Errorf("%s: the form doesn't say what is wrong with it or lost what was typed", name)
		}
	}
	v.post("/newsroom/breaking", http.StatusUnprocessableEntity, "text", "Out", "until", wall(time.Now().Add(8*24*time.Hour)))
	v.post("/newsroom/breaking", http.StatusUnprocessableEntity, "text", "Out", "url", "javascript:alert(1)", "until", wall(time.Now().Add(time.Hour)))

	v.post("/newsroom/breaking", http.StatusSeeOther, "text", "The lamp is out", "url", path, "until", wall(time.Now().Add(time.Hour)))
	w.app.Drop()
	for _, at := range []string{"/", path, "/nowhere/", "/search"} {
		a := reader.get(at)
		if !strings.Contains(a.body, `<a href="`+path+`">The lamp is out</a>`) {
			t.Errorf("%s lacks the breaking line", at)
		}
	}
	v.post("/newsroom/breaking/end", http.StatusSeeOther)
	said := v.get("/newsroom/breaking")
	undo := between(between(said.body, `class="flash undo"`, `</form>`), `action="/newsroom/breaking/`, `/undo"`)
	v.post("/newsroom/breaking/"+undo+"/undo", http.StatusSeeOther)
	v.post("/newsroom/breaking/"+undo+"/undo", http.StatusConflict)
	w.app.Drop()
	if a := reader.get("/"); !strings.Contains(a.body, "The lamp is out") {
		t.Error("undo didn't bring the line back")
	}
	w.signedIn(staff.Author).post("/newsroom/breaking", http.StatusForbidden, "text", "x", "until", wall(time.Now().Add(time.Hour)))
	var acts int
	if err := w.db.Owner.QueryRow(t.Context(), `SELECT count(*) FROM audit WHERE act LIKE 'settings.breaking%'`).Scan(&acts); err != nil || acts != 3 {
		t.Errorf("%d acts in the log, %v, want 3", acts, err)
	}
}

func TestHouseSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, reader := w.signedIn(staff.Admin), w.visitor()
	coast, err := w.app.Taxonomy.Create(t.Context(), w.people[staff.Admin], taxonomy.CategoryIn{Name: "Coast"})
	if err != nil {
		t.Fatal(err)
	}
	_, path := w.published("About the lamp", "<p>Lit.</p>")
	m, err := w.app.Media.Add(t.Context(), w.people[staff.Admin], media.Upload{Name: "logo.png", Reader: bytes.NewReader(greyPNG(w)), Alt: "Logo"})
	if err != nil {
		t.Fatal(err)
	}
	for field, typed := range map[string][2]string{
		"accent_day":   {"#00aa55", "3.05"},
		"accent_night": {"#333333", "1.47"},
		"navigation":   {"Nowhere /nowhere/at/all/", "Nothing that readers see stands at /nowhere/at/all/"},
		"footer":       {"Title\nScript javascript:alert(1)", "neither a path"},
		"logo":         {"99999", "no such picture"},
		"imprint":      {strings.Repeat("x", 301), "at most"},
		"reads_by":     {"nobody", "Choose who counts"},
	} {
		a := v.post("/newsroom/settings", http.StatusUnprocessableEntity, field, typed[0], "motto", "Kept as typed")
		if !strings.Contains(a.body, typed[1]) && field != "imprint" {
			t.Errorf("%s: the form doesn't say %q", field, typed[1])
		}
		if !strings.Contains(a.body, "Kept as typed") {
			t.Errorf("%s: what was typed is lost", field)
		}
	}
	v.post("/newsroom/settings", http.StatusSeeOther, "logo", fmt.Sprint(m.ID), "accent_day", "#063", "navigation", coast.Path+"\n"+path+"\r\nFound /search?q=lamp\nOut https://out.example/",
		"footer", "House\nThe lamp "+path+"\n\nMore\n/corrections/ /corrections/", "imprint", "Margin Press")
	w.app.Drop()
	a := reader.get("/")
	sheet := between(a.body, `<link rel="stylesheet" href="`+`/static/006633-`, `"`)
	for _, want := range []string{`>Coast</a>`, `>About the lamp</a>`, `href="/search?q=lamp">Found</a>`, `href="https://out.example/">Out</a>`, "Margin Press", `class="logo"`, "<h2>House</h2>"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the front page lacks %s", want)
		}
	}
	css := reader.get("/static/006633-" + sheet)
	if css.StatusCode != http.StatusOK || !strings.Contains(css.body, "--accent:#006633") || !strings.Contains(css.Header.Get("Cache-Control"), "immutable") || css.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("accent sheet %q = %d %q %v", sheet, css.StatusCode, css.body, css.Header)
	}
	for _, at := range []string{"/static/00663-f2857d/accent.css", "/static/006633-f2857g/accent.css", "/static/006633-f2857d/accent.js"} {
		if a := reader.get(at); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s = %d", at, a.StatusCode)
		}
	}
	if choice := fmt.Sprintf(`<option value="%d" selected>Logo (`, m.ID); !strings.Contains(v.get("/newsroom/settings").body, choice) {
		t.Errorf("the form of settings lacks %s", choice)
	}
	if form := v.get("/newsroom/settings").body; !strings.Contains(form, coast.Path+"\nAbout the lamp "+path+"\nFound /search?q=lamp\nOut https://out.example/") || !strings.Contains(form, "contrast 7.") {
		t.Errorf("the form of settings doesn't hold what was saved: %s", between(form, `name="navigation"`, "</textarea>"))
	}
	if logo := reader.get("/card.png"); logo.StatusCode != http.StatusOK || logo.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the site's picture = %d", logo.StatusCode)
	}
	if m, err := w.app.Media.UsedBy(t.Context(), m.ID); err != nil || len(m) != 1 {
		t.Errorf("the logo is used by %v, %v", m, err)
	}
}

func TestReadsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, _ := w.published("The lamp", "<p>Lit.</p>")
	v := w.signedIn(staff.Editor)
	at := fmt.Sprintf("/newsroom/articles/%d/reads", id)
	if a := v.get(at); a.StatusCode != http.StatusOK || !strings.Contains(a.body, page.T("newsroom.reads.none")) {
		t.Errorf("reads of what nobody read: %d", a.StatusCode)
	}
	now := time.Now()
	if err := w.app.Reads.Add(t.Context(), []reads.Read{{Article: id, At: now, N: 1200}, {Article: id, At: now.Add(-20 * time.Hour), N: 34}}); err != nil {
		t.Fatal(err)
	}
	a := v.get(at)
	for _, want := range []string{"1,234 reads in all.", page.T("newsroom.reads.by-server"), `<svg class="chart"`, `>1,200</text>`, `<td class="num">34</td>`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page of reads lacks %s", want)
		}
	}
	if n := strings.Count(a.body, `<th scope="row">`); n != reads.HoursShown+reads.DaysShown {
		t.Errorf("%d rows in the tables", n)
	}
	if sheet := v.get(fmt.Sprintf("/newsroom/articles/%d", id)); !strings.Contains(sheet.body, at) {
		t.Error("the sheet has no link to the reads")
	}
}

// TestReadsOfVisitors counts over the wire, through the page and through the beacon, and keeps what was counted when the program stops.
func TestReadsOfVisitors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, path := w.published("The lamp", "<p>Lit.</p>")
	ask := func(method, at string, headers ...string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, w.server.URL+at, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		resp, err := w.server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	ask(http.MethodGet, path)
	ask(http.MethodGet, path)
	ask(http.MethodGet, path, "User-Agent", "curl/8.0")
	s, err := w.app.Settings.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.ReadsBy = settings.ReadsByBeacon
	if err := w.app.Settings.Save(t.Context(), 0, s); err != nil {
		t.Fatal(err)
	}
	w.app.Drop()
	ask(http.MethodGet, path)
	if got := ask(http.MethodPost, path+"read", "Sec-Fetch-Site", "same-origin", "Origin", w.server.URL, "Content-Type", "text/plain;charset=UTF-8"); got != http.StatusNoContent {
		t.Errorf("a beacon of the page itself = %d", got)
	}
	if got := ask(http.MethodPost, path+"read", "Sec-Fetch-Site", "cross-site", "Origin", "https://elsewhere.example"); got != http.StatusForbidden {
		t.Errorf("a beacon of another site = %d", got)
	}
	// Work that ends at once leaves what the end of the program leaves.
	ended, end := context.WithCancel(t.Context())
	end()
	w.app.Work(ended)
	f, err := w.app.Reads.Figures(t.Context(), id, time.UTC)
	if err != nil || f.Total != 3 {
		t.Errorf("%d reads, %v; want 3", f.Total, err)
	}
}
