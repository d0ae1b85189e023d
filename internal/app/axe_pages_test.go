package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/front"
	"stet/internal/media"
	"stet/internal/newsroom"
	"stet/internal/reads"
	"stet/internal/settings"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// richBody has a block of every kind; %d is a picture's id.
const richBody = `<p>At 21:14 the <strong>lamp</strong> came <em>on</em>, says <a href="https://news.example/">the harbour</a>.<sup>1</sup></p><h2>A clause</h2><h3>Smaller</h3><h4>Smallest</h4>
<ul><li>One</li><li>Two<ol><li>Deeper</li></ol></li></ul><blockquote><p>Quoted.</p></blockquote><blockquote class="pull"><p>Pulled out.</p></blockquote>
<blockquote class="statement"><p>We say nothing.</p><footer><cite>A. Keeper</cite><span class="role">Keeper</span><span>By letter</span><span class="asked">Asked <time datetime="2026-05-12T09:30">12 May</time></span></footer></blockquote>
<figure><img data-media="%[1]d" alt="A lamp"><figcaption>The lamp <span class="credit">Somebody</span></figcaption></figure>
<figure class="gallery"><figure><img data-media="%[1]d" alt="One"></figure><figure><img data-media="%[1]d" alt="Two"></figure><figcaption>Both</figcaption></figure>
<figure class="table"><figcaption>Lamps</figcaption><table><thead><tr><th scope="col">Place</th><th scope="col" class="n">Lamps</th></tr></thead><tbody><tr><td>Cape Ore</td><td class="n">1</td></tr></tbody></table></figure>
<figure class="embed"><img data-media="%[1]d" alt="A lamp"><p class="embed"><a href="https://news.example/lamp"><strong>The lamp is lit</strong> <span>News</span></a></p><p>It came on.</p></figure>
<pre><code>lamp := on</code></pre><hr><p lang="ar" dir="rtl">لم يقطع أحد خط التلغراف في الصحراء.</p><p>` + "A word, and a long one: Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft.</p>"

// house is what stands in the newsroom that axe goes through.
type house struct {
	*world
	articles map[string]int64 // one in each state
	rich     int64            // public, changed since, with everything in it
	old      int              // a revision of rich that is behind the newest
	overlap  int              // one that was kept aside
	token    string           // of a preview link
	ids      map[string][]int64
}

// furnish puts things of every kind into the newsroom.
func (w *world) furnish() *house {
	w.Helper()
	h := &house{world: w, articles: map[string]int64{}, ids: map[string][]int64{}}
	admin := w.people[staff.Admin]
	for name, make := range states {
		h.articles[name] = make(w, w.people[staff.Author])
	}
	up := func(name, alt, credit string) int64 {
		m, err := w.app.Media.Add(w.Context(), admin, media.Upload{Name: name, Reader: bytes.NewReader(greyPNG(w)), Alt: alt, Credit: credit})
		h.must(err)
		return m.ID
	}
	picture := up("lamp.png", "A lamp", "Somebody")
	paper, err := w.app.Media.Add(w.Context(), admin, media.Upload{Name: "paper.pdf", Reader: strings.NewReader("%PDF-1.7\n")})
	h.must(err)
	withheld := up("withheld.png", "A lamp", "Somebody")
	h.must(w.app.Media.Withhold(w.Context(), admin, withheld))
	h.ids["media"] = []int64{picture, up("bare.png", "", ""), paper.ID, withheld}
	section, err := w.app.Taxonomy.Create(w.Context(), admin, taxonomy.CategoryIn{Name: "Coast", Description: "What the sea leaves."})
	h.must(err)
	sub, err := w.app.Taxonomy.Create(w.Context(), admin, taxonomy.CategoryIn{Name: "Lights", ParentID: section.ID})
	h.must(err)
	h.ids["categories"] = []int64{sub.ID}
	who, err := w.app.Authors.Create(w.Context(), admin, author.In{Name: "Ilse Torvane", Role: "Correspondent", Biography: "Writes.", Portrait: picture})
	h.must(err)
	h.ids["authors"] = []int64{who.ID}
	h.rich = h.write(article.Draft{Headline: "The lamp at Cape Ore, and what the keepers of the strait say of it", Standfirst: "Lit again.", Kicker: "Strait", Label: "analysis", Body: fmt.Sprintf(richBody, picture),
		Category: sub.Slug, Tags: []string{"Lamps", "A very long tag that goes on and on"}, Authors: []string{who.Slug, "Somebody Else"}, Image: picture, ImageAlt: "A lamp", ImageCaption: "The lamp", ImageCredit: "Somebody"})
	tags, err := w.app.Taxonomy.Tags(w.Context(), "", "")
	h.must(err)
	h.ids["tags"] = []int64{tags[0].ID}
	h.must(w.app.Reads.Add(w.Context(), []reads.Read{{Article: h.rich, At: time.Now(), N: 12}}))
	_, err = w.app.Settings.SetBreaking(w.Context(), admin.ID, settings.Breaking{Text: "The lamp is out", URL: "/", Until: time.Now().Add(time.Hour)})
	h.must(err)
	h.beside()
	h.comments()
	h.reported()
	h.persons()
	for i, id := range []int64{h.rich, h.articles["scheduled"]} {
		_, err := w.app.Fronts.Put(w.Context(), admin, front.PutIn{To: front.Slot{Place: i + 1}, Article: id, Until: time.Now().AddDate(1, 0, 0)})
		h.must(err)
	}
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// write makes the article that has everything: published, updated, corrected and amended, changed since and changed again.
func (h *house) write(d article.Draft) int64 {
	h.Helper()
	s, actor := h.app.Articles, h.people[staff.Editor]
	id, err := s.Create(h.Context(), actor, article.KindArticle, "")
	h.must(err)
	saved, err := s.Save(h.Context(), actor, id, article.SaveIn{Draft: d, Base: 1})
	h.must(err)
	_, err = s.Publish(h.Context(), actor, id, article.PublishIn{Revision: saved.Number})
	h.must(err)
	_, err = s.Append(h.Context(), actor, id, article.NoticeIn{Kind: article.Update, Notice: "<p>It went out again.</p>"})
	h.must(err)
	_, err = s.Append(h.Context(), actor, id, article.NoticeIn{Kind: article.Correction, Notice: "<p>It was 21:15.</p>", Pinned: true})
	h.must(err)
	_, err = s.Amend(h.Context(), actor, id, 2, "<p>It went out again at noon.</p>")
	h.must(err)
	h.old = saved.Number
	for _, note := range []string{"Shorter", ""} {
		d.Headline += " now"
		d.Body = strings.Replace(d.Body, "Quoted.", "Quoted "+note+".", 1) + "<p>And then.</p>"
		d.Note = note
		saved, err = s.Save(h.Context(), actor, id, article.SaveIn{Draft: d, Base: saved.Number})
		h.must(err)
	}
	return id
}

// beside leaves what colleagues keep beside an article: notes, a turn, a link, an end, a text that overlaps another's.
func (h *house) beside() {
	h.Helper()
	s, admin := h.app.Articles, h.people[staff.Admin]
	e, err := s.Edit(h.Context(), admin, h.rich)
	h.must(err)
	_, err = s.WriteNote(h.Context(), admin, h.rich, article.StaffNoteIn{Body: "Who says so?", Block: e.Changed[0], Quote: "the lamp came on"})
	h.must(err)
	done, err := s.WriteNote(h.Context(), h.people[staff.Editor], h.rich, article.StaffNoteIn{Body: "Spelling."})
	h.must(err)
	h.must(s.ResolveNote(h.Context(), admin, h.rich, done))
	h.must(s.Assign(h.Context(), admin, h.rich, h.people[staff.Editor].ID))
	h.token, _, err = s.Share(h.Context(), admin, h.rich, article.ShareIn{Label: "The lawyer", Days: 3})
	h.must(err)
	mine := e.Draft
	mine.Headline, mine.Body = "Mine", "<p>Mine alone.</p>"+mine.Body
	_, err = s.Save(h.Context(), admin, h.rich, article.SaveIn{Draft: mine, Base: h.old})
	var o *article.Overlap
	if !errors.As(err, &o) {
		h.Fatalf("two headlines at once: %v, want an overlap", err)
	}
	h.overlap = o.Aside
}

// comments leaves comments of which some wait, for reasons, and others are decided.
func (h *house) comments() {
	h.Helper()
	e, err := h.app.Articles.Edit(h.Context(), h.people[staff.Editor], h.rich)
	h.must(err)
	for i, body := range []string{"It was most of a night.", "See https://a.example/ and https://b.example/ and https://c.example/ for more", "First\n\nand second", "Buy https://spam.example/", "Gone soon"} {
		h.visitor().post(e.Path+"comments", http.StatusSeeOther, "name", "Reader of the "+strconv.Itoa(i)+"th page", "email", fmt.Sprintf("r%d@reader.example", i), "body", body, "version", "1")
	}
	v := h.signedIn(staff.Moderator)
	v.post("/newsroom/comments/1/approve", http.StatusSeeOther)
	v.post("/newsroom/comments/5/reject", http.StatusSeeOther, "reason", "off topic")
	v.post("/newsroom/comments/4/spam", http.StatusSeeOther)
	v.post("/newsroom/comments/4/ban", http.StatusSeeOther, "until", "week", "reason", "spam", "hide", "1")
	h.ids["comments"], h.ids["commenters"] = []int64{1, 2, 5}, []int64{1, 2}
}

// reported leaves errors that readers reported, one of them corrected and one declined, and reports of a comment, one of them appealed.
func (h *house) reported() {
	h.Helper()
	ctx, editor := h.Context(), h.people[staff.Editor]
	e, err := h.app.Articles.Edit(ctx, editor, h.rich)
	h.must(err)
	v := h.visitor()
	for i, body := range []string{"It was 21:15.", "It was never lit.", "A comma is missing.", "Somebody Else wrote this."} {
		v.post(e.Path+"report", http.StatusSeeOther, "quote", "the lamp came on", "body", body, "name", "Reader "+strconv.Itoa(i), "email", "e@reader.example", "credit", "1", "version", "1")
	}
	h.must(h.app.Reports.Correct(ctx, editor, 2, "", 3))
	h.must(h.app.Reports.Decline(ctx, editor, 3, "", "It is where it should be."))
	h.must(h.app.Reports.Check(ctx, editor, 4, ""))
	h.ids["corrections"] = []int64{1, 2, 3}
	for i, reason := range []string{"abuse", "illegal", "spam"} {
		v.post(e.Path+"comments/1/report", http.StatusSeeOther, "reason", reason, "detail", "Look at "+strconv.Itoa(i), "ground", "Libel", "name", "Ann", "email", "ann@reader.example", "good_faith", "1")
	}
	h.must(h.app.Comments.DecideReport(ctx, editor, 1, comment.Ruling{Answer: "It is an opinion."}))
	h.ids["reports"] = []int64{1, 2}
}

// persons adds one who is disabled and one whose second factor is set.
func (h *house) persons() {
	h.Helper()
	p, err := h.app.Staff.Add(h.Context(), staff.System(), staff.NewPerson{Email: "gone@staff.example", Name: "Gone Person", Password: password, Roles: staff.Roles{staff.Author}})
	h.must(err)
	h.must(h.app.Staff.Disable(h.Context(), h.people[staff.Admin], p.ID))
	_, err = h.db.App.Exec(h.Context(), `UPDATE staff SET totp_secret = $1 WHERE id = $2`, []byte("12345678901234567890"), h.people[staff.Contributor].ID)
	h.must(err)
	h.ids["rules"] = []int64{1, 7}
	h.ids["users"] = []int64{p.ID, h.people[staff.Contributor].ID, h.people[staff.Admin].ID}
}

// views are the addresses of lists that show more than their first look.
var views = map[string][]string{
	"/newsroom/articles":              {"", "?status=trashed", "?q=zeppelin"},
	"/newsroom/comments":              {"", "?status=rejected", "?q=zeppelin", "?status=second", "?status=overtaken", "?person=1"},
	"/newsroom/media":                 {"", "?q=zeppelin", "?view=files"},
	"/newsroom/media/words":           {"?ids=1,2,3"},
	"/newsroom/tags":                  {"", "?q=zeppelin"},
	"/newsroom/front":                 {"", "?category=coast", "?at=2031-05-14T18:00", "?q=zeppelin"},
	"/newsroom/rules/new":             {"", "?kind=flood"},
	"/newsroom/login":                 {"?said=expired"},
	"/newsroom/articles/{id}/compare": {"", "?from=2&to=3"},
	"/newsroom/corrections":           {"", "?status=corrected", "?status=declined&q=zeppelin"},
	"/newsroom/reports":               {"", "?view=decided", "?view=appeals"},
}

// paths are the addresses of a route that are looked at.
func (h *house) paths(v *visitor, route newsroom.Route) []string {
	h.Helper()
	if route.Rule != nil {
		return h.articlePaths(route)
	}
	area, rest, _ := strings.Cut(strings.TrimPrefix(route.Pattern, "/newsroom/"), "/{id}")
	if area == strings.TrimPrefix(route.Pattern, "/newsroom/") {
		if strings.Contains(route.Pattern, "{token}") {
			return []string{strings.Replace(route.Pattern, "{token}", h.token, 1)}
		}
		if strings.Contains(route.Pattern, "{") {
			return nil
		}
		more, ok := views[route.Pattern]
		if !ok {
			more = []string{""}
		}
		var out []string
		for _, query := range more {
			out = append(out, route.Pattern+query)
		}
		return out
	}
	var out []string
	ids := h.ids[area]
	if rest == "/thumb" {
		ids = ids[:1] // of what is no picture there is none
	}
	for _, id := range ids {
		out = append(out, fmt.Sprintf("/newsroom/%s/%d%s", area, id, rest))
	}
	return out
}

// looked are the states whose sheets differ most.
var looked = map[string]bool{"draft": true, "returned": true, "scheduled": true, "changed": true, "withdrawn": true, "trashed": true}

// articlePaths are a route's addresses on the article that has everything and, for the sheet, on others; where the first doesn't
// do, on the first state that does.
func (h *house) articlePaths(route newsroom.Route) []string {
	h.Helper()
	var out []string
	number := "2"
	if strings.Contains(route.Pattern, "/overlaps/") {
		number = strconv.Itoa(h.overlap)
	}
	sheet := strings.HasSuffix(route.Pattern, "/{id}")
	for _, id := range append([]int64{h.rich}, slices.Collect(func(yield func(int64) bool) {
		for _, state := range slices.Sorted(maps.Keys(h.articles)) {
			if !yield(h.articles[state]) {
				return
			}
		}
	})...) {
		e, err := h.app.Articles.Edit(h.Context(), h.people[staff.Admin], id)
		h.must(err)
		if (sheet && looked[e.State.Status()] || len(out) == 0) && route.Allows(h.people[staff.Admin], e.State) {
			more, ok := views[route.Pattern]
			if !ok {
				more = []string{""}
			}
			for _, query := range more {
				out = append(out, strings.NewReplacer("{id}", strconv.FormatInt(id, 10), "{number}", number).Replace(route.Pattern)+query)
			}
		}
	}
	return out
}

// door looks at the way in before anybody is signed in.
func (r *round) door(h *house) {
	r.Helper()
	r.visit("/newsroom/login")
	r.visit("/newsroom/login?said=expired&next=%2Fnewsroom%2Farticles")
	r.send("a wrong password", "/newsroom/login", "[name=email]", map[string]string{"email": "nobody@staff.example", "password": "wrong"})
	r.send("the second step", "/newsroom/login", "[name=email]", map[string]string{"email": "contributor@staff.example", "password": password})
	r.send("a wrong code", "/newsroom/login", "[name=code]", map[string]string{"code": "000000"})
	r.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.ClearBrowserCookies, cdp.Empty{})
		return err
	}))
}

// scenes are pages that no address alone leads to: faults, answers to forms, and what opens on a page.
func (r *round) scenes(h *house) {
	r.Helper()
	at := fmt.Sprintf("/newsroom/articles/%d", h.rich)
	r.visit("/newsroom/nowhere")
	r.send("an article that can't be saved", at, "[name=headline]", map[string]string{"category": "nowhere", "embargo": "soon", "headline": ""})
	r.send("an article saved by two", at, "[name=headline]", map[string]string{"revision": strconv.Itoa(h.old), "headline": "Mine", "body": "<p>Mine alone.</p>"})
	r.send("an old publication", at+"/publish", "main [name=revision]", map[string]string{"revision": strconv.Itoa(h.old)})
	r.send("a publication without a notice", at+"/publish", "main [name=revision]", map[string]string{"kind": "correction", "notice": ""})
	r.send("an update without words", at+"/updates", "[name=notice]", map[string]string{"notice": "", "speaker": "A", "asked": ""})
	r.send("a retraction without words", at+"/retract", "[name=notice]", map[string]string{"notice": ""})
	r.send("an author without a name", "/newsroom/authors", "main [name=name]", map[string]string{"name": ""})
	r.send("a category without a name", "/newsroom/categories", "main [name=name]", map[string]string{"name": ""})
	r.send("a person who can't be added", "/newsroom/users", "[name=email]", map[string]string{"email": "typed"})
	r.send("settings that can't be kept", "/newsroom/settings", "[name=zone]", map[string]string{"zone": "Nowhere"})
	r.send("a breaking line without words", "/newsroom/breaking", "[name=url]", map[string]string{"url": "nowhere"})
	r.send("an upload of nothing", "/newsroom/media", "[name=file]", map[string]string{"alt": "A"})
	r.send("a story placed in the past", "/newsroom/front", "main select[name=to]", map[string]string{"until": "2020-01-01T10:00"})
	r.send("a story placed unseen", "/newsroom/front", "main select[name=to]", map[string]string{"seen": "0"})
	r.send("a password that is too short", "/newsroom/account", "[name=current]", map[string]string{"current": "x", "password": "x"})
	for _, path := range []string{"/newsroom/articles", at, "/newsroom/comments"} {
		r.popovers(path)
	}
	r.do(chromedp.Navigate(r.server.URL + "/newsroom/comments"))
	r.press(`[data-comment] [formaction$="/approve"], [data-comment] form[action$="/approve"] button`)
	r.until(`document.querySelector('[data-told]').textContent`)
	r.look("a comment just approved")
	r.do(chromedp.Navigate(r.server.URL + "/newsroom/comments"))
	r.click(`[action$="/claim"] button`)
	r.look("one comment at a time")
}

// popovers opens each of a page's, within the one it stands in.
func (r *round) popovers(path string) {
	r.Helper()
	r.do(chromedp.Navigate(r.server.URL + path))
	for i := range eval[int](r.tab, `document.querySelectorAll('[popover]').length`) {
		one := fmt.Sprintf(`document.querySelectorAll('[popover]')[%d]`, i)
		eval[bool](r.tab, `document.querySelectorAll('[popover]').forEach(p => p.hidePopover()), true`)
		eval[bool](r.tab, `(p => { const under = p.parentElement.closest('[popover]'); if (under) under.showPopover(); p.showPopover(); return true; })(`+one+`)`)
		widths := []int64{360}
		if eval[bool](r.tab, `document.querySelector('[popovertarget="' + `+one+`.id + '"]').checkVisibility()`) {
			widths = append(widths, 1280)
		}
		r.lookAt(fmt.Sprintf("%s with popover %d", path, i+1), one, widths...)
	}
}
