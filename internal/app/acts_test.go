package app_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"stet/internal/app"
	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/config"
	"stet/internal/front"
	"stet/internal/media"
	"stet/internal/report"
	"stet/internal/settings"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

var update = flag.Bool("update", false, "write what acts purge anew; read the difference before you commit it")

// shelf is a newsroom whose pages are kept, beside the same newsroom whose pages are made anew each time.
type shelf struct {
	*world
	anew    *app.App
	began   time.Time
	skipped atomic.Int64 // how far the clock is ahead since, in nanoseconds
	actor   staff.Actor
	paths   []string
	said    strings.Builder

	ids                  map[string]int64 // of articles, by the word that is their slug
	at                   map[string]string
	news, local, arts    taxonomy.Category
	ada, byron           author.Author
	tags                 map[string]int64
	picture              int64
	comments             map[string]int64
	tokens               map[string]string
	reportID, complained int64
}

// now is the clock of everything on the shelf.
func (s *shelf) now() time.Time { return s.began.Add(time.Duration(s.skipped.Load())) }

func newShelf(t *testing.T) *shelf {
	s := &shelf{began: time.Now(), ids: map[string]int64{}, at: map[string]string{}, comments: map[string]int64{}, tokens: map[string]string{}, tags: map[string]int64{}}
	var cfg config.Config
	s.world = newWorldOf(t, func(c *config.Config) { c.Work = false; cfg = *c }, func(o *app.Options) { o.Now = s.now })
	cfg.BaseURL = s.base()
	var err error
	s.anew, err = app.New(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Now: s.now})
	s.must(err)
	t.Cleanup(s.anew.Close)
	s.must(s.anew.Wait(t.Context()))
	s.actor = s.people[staff.Admin]
	s.actor.Roles = staff.Roles{staff.Admin, staff.Editor, staff.Moderator}
	return s
}

func (s *shelf) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func must[T any](s *shelf) func(T, error) T {
	return func(v T, err error) T { s.Helper(); s.must(err); return v }
}

// filled has one of everything in it.
func (s *shelf) filled() {
	ctx := s.Context()
	cat := must[taxonomy.Category](s)
	s.news = cat(s.app.Taxonomy.Create(ctx, s.actor, taxonomy.CategoryIn{Name: "News"}))
	s.local = cat(s.app.Taxonomy.Create(ctx, s.actor, taxonomy.CategoryIn{Name: "Local", ParentID: s.news.ID}))
	s.arts = cat(s.app.Taxonomy.Create(ctx, s.actor, taxonomy.CategoryIn{Name: "Arts"}))
	s.ada = must[author.Author](s)(s.app.Authors.Create(ctx, s.actor, author.In{Name: "Ada", Biography: "<p>Writes.</p>"}))
	s.byron = must[author.Author](s)(s.app.Authors.Create(ctx, s.actor, author.In{Name: "Byron"}))
	var b bytes.Buffer
	s.must(png.Encode(&b, image.NewGray(image.Rect(0, 0, 640, 480))))
	s.picture = must[media.Media](s)(s.app.Media.AddPicture(ctx, s.actor, media.Upload{Name: "lamp.png", Reader: &b, Alt: "A lamp", Credit: "Ada"})).ID
	s.must(s.app.Media.Develop(ctx, s.picture))

	s.publish("lamp", article.Draft{Category: s.local.Slug, Tags: []string{"Coast"}, Authors: []string{s.ada.Slug}, Image: s.picture, ImageAlt: "A lamp"})
	s.publish("song", article.Draft{Category: s.arts.Slug, Tags: []string{"Music"}, Authors: []string{s.byron.Slug}})
	for n := range 4 {
		s.publish(fmt.Sprint("more-", n), article.Draft{Category: []string{s.local.Slug, s.arts.Slug}[n%2], Tags: []string{"Coast"}, Authors: []string{s.byron.Slug}})
	}
	s.change("song", article.Correction, "<p>The song is older.</p>")
	s.page("imprint")
	for _, t := range must[[]taxonomy.TagLine](s)(s.app.Taxonomy.Tags(ctx, "", "")) {
		s.tags[t.Name] = t.ID
	}
	s.say("first", "lamp", 0)
	s.decide("first", comment.Approve)
	s.say("second", "lamp", s.comments["first"])
	s.decide("second", comment.Approve)
	s.say("held", "lamp", 0)
	s.say("elsewhere", "song", 0)
	s.decide("elsewhere", comment.Approve)
}

// draft saves an article; what it lacks is made of its word.
func (s *shelf) draft(word string, kind article.Kind, d article.Draft) (int64, int) {
	id := must[int64](s)(s.app.Articles.Create(s.Context(), s.actor, kind, ""))
	d.Slug = word
	if d.Headline == "" {
		d.Headline, d.Standfirst = "The "+word, "Of the "+word
	}
	if d.Body == "" {
		d.Body = "<p>About the " + word + ".</p>"
	}
	s.ids[word] = id
	return id, must[article.Saved](s)(s.app.Articles.Save(s.Context(), s.actor, id, article.SaveIn{Draft: d, Base: 1})).Number
}

func (s *shelf) publish(word string, d article.Draft) {
	id, revision := s.draft(word, article.KindArticle, d)
	s.at[word] = must[article.Outcome](s)(s.app.Articles.Publish(s.Context(), s.actor, id, article.PublishIn{Revision: revision})).Path
}

func (s *shelf) page(word string) {
	id, revision := s.draft(word, article.KindPage, article.Draft{})
	s.at[word] = must[article.Outcome](s)(s.app.Articles.Publish(s.Context(), s.actor, id, article.PublishIn{Revision: revision})).Path
}

// edit saves a change of an article and gives the revision.
func (s *shelf) edit(word string, change func(*article.Draft)) int {
	e := must[article.Editing](s)(s.app.Articles.Edit(s.Context(), s.actor, s.ids[word]))
	d := e.Draft
	change(&d)
	return must[article.Saved](s)(s.app.Articles.Save(s.Context(), s.actor, s.ids[word], article.SaveIn{Draft: d, Base: e.Head})).Number
}

// republish makes a change of an article public.
func (s *shelf) republish(word, kind string, change func(*article.Draft)) {
	notice := "<p>What changed.</p>"
	if kind == article.Minor {
		notice = ""
	}
	out := must[article.Outcome](s)(s.app.Articles.Publish(s.Context(), s.actor, s.ids[word], article.PublishIn{Revision: s.edit(word, change), Kind: kind, Notice: notice}))
	s.at[word] = out.Path
}

func (s *shelf) change(word, kind, notice string) {
	must[article.Outcome](s)(s.app.Articles.Append(s.Context(), s.actor, s.ids[word], article.NoticeIn{Kind: kind, Notice: notice, Key: fmt.Sprint(word, kind, notice)}))
}

func (s *shelf) say(name, word string, parent int64) {
	s.tokens[name] = must[string](s)(s.app.Comments.Post(s.Context(), comment.In{ArticleID: s.ids[word], Name: name, Email: name + "@reader.example", Body: "I say " + name + ".", Parent: parent,
		Version: 1, Address: netip.AddrFrom4([4]byte{198, 51, 100, byte(len(s.tokens))})}))
	s.comments[name] = must[comment.Receipt](s)(s.app.Comments.ByToken(s.Context(), s.tokens[name])).ID
}

func (s *shelf) decide(name string, act comment.Act) {
	s.must(s.app.Comments.Decide(s.Context(), s.actor, comment.Pick{ID: s.comments[name]}, act, "not civil"))
}

func (s *shelf) settle(change func(*settings.Settings)) {
	is := must[settings.Settings](s)(s.app.Settings.Load(s.Context()))
	change(&is)
	s.must(s.app.Settings.Save(s.Context(), s.actor.ID, is))
}

// pages are all that this newsroom shows, and what it will.
func (s *shelf) pages() []string {
	day := s.now().UTC().Format("2006/01/02")
	out := []string{"/", "/?before=nonsense", "/page/2", "/card.png", "/corrections/", "/corrections/feed/", "/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml", "/sitemap-news.xml", "/robots.txt",
		"/.well-known/security.txt", "/" + day[:5], "/" + day[:8], "/" + day + "/", "/feed", "/nothing/", "/?p=1"}
	for _, list := range []string{s.news.Path, s.local.Path, s.arts.Path, s.ada.Path(), s.byron.Path(), "/tag/coast/", "/tag/music/", "/tag/fresh/", "/tag/sea/", "/author/clara/", "/category/sport/", "/category/culture/"} {
		out = append(out, list, list+"feed/")
	}
	for _, word := range []string{"more-0", "more-1", "imprint"} {
		out = append(out, s.at[word], strings.TrimSuffix(s.at[word], "/"), s.at[word]+"history")
	}
	for _, word := range []string{"lamp", "song"} {
		at := s.at[word]
		out = append(out, at, at+"history", at+"v/1", at+"v/2", at+"updates.xml", at+"feed/", at+"card/1.png", at+"?comments=newest", at+"comment-page-2/", at+"since/0")
	}
	// Where something will stand.
	for _, word := range []string{"fresh", "light", "about"} {
		at := s.at["lamp"][:9] + word + "/"
		out = append(out, at, strings.TrimSuffix(at, "/"), at+"history", "/"+word+"/", "/"+word)
	}
	return out
}

// glimpse is what a reader gets at a path.
type glimpse struct {
	status         int
	location, body string
}

func glance(h http.Handler, host, path string) glimpse {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
	r.Host = host
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return glimpse{rec.Code, rec.Header().Get("Location"), rec.Body.String()}
}

func (s *shelf) warm() {
	s.settled()
	for _, p := range s.paths {
		glance(s.app.Handler(), s.base().Host, p)
	}
}

// act does one thing with everything kept, and compares what readers get then with what they should.
func (s *shelf) act(name string, do func()) {
	s.Helper()
	s.warm()
	was := map[string]glimpse{}
	for _, p := range s.paths {
		was[p] = glance(s.app.Handler(), s.base().Host, p)
	}
	do()
	s.settled()
	s.anew.Drop()
	var changed, needless, late []string
	for _, p := range s.paths {
		misses := s.app.Pages().Misses
		got := glance(s.app.Handler(), s.base().Host, p)
		kept := s.app.Pages().Misses == misses
		want := glance(s.anew.Handler(), s.base().Host, p)
		switch {
		case got != want:
			late = append(late, p)
		case got != was[p]:
			changed = append(changed, p)
		case !kept && was[p].keeps():
			needless = append(needless, p)
		}
	}
	s.skipped.Add(int64(61 * time.Second))
	for _, p := range late {
		got, want := glance(s.app.Handler(), s.base().Host, p), glance(s.anew.Handler(), s.base().Host, p)
		if got != want {
			s.Errorf("%s: %s isn't purged:\n%s", name, p, difference(got, want))
		}
	}
	fmt.Fprintf(&s.said, "%s: %d of %d made anew%s\n", name, len(changed)+len(needless), len(s.paths), named(late))
	s.Logf("%s:\n  changed %s\n  needless %s\n  late %s", name, strings.Join(changed, " "), strings.Join(needless, " "), strings.Join(late, " "))
}

func named(late []string) string {
	if len(late) == 0 {
		return ""
	}
	return fmt.Sprintf(", %d within a minute", len(late))
}

// keeps says whether an answer is one that is kept at all.
func (a glimpse) keeps() bool {
	return slices.Contains([]int{http.StatusOK, http.StatusMovedPermanently, http.StatusNotFound, http.StatusGone}, a.status)
}

// difference shows where two answers part.
func difference(got, want glimpse) string {
	if got.status != want.status || got.location != want.location {
		return fmt.Sprintf("got %d %s, want %d %s", got.status, got.location, want.status, want.location)
	}
	n := 0
	for n < len(got.body) && n < len(want.body) && got.body[n] == want.body[n] {
		n++
	}
	near := func(s string) string { return s[max(0, n-80):min(len(s), n+120)] }
	return fmt.Sprintf("got  …%s…\nwant …%s…", near(got.body), near(want.body))
}

// TestActsPurgeWhatTheyChange does everything that can be done to what readers see, and looks at each page after each act: none may be out of
// date, but for numbers that pages show for a minute. How many are made anew, whether or not something changed in them, is kept in
// testdata/acts.txt, so that an act that purges more than it must is noticed.
func TestActsPurgeWhatTheyChange(t *testing.T) {
	s := newShelf(t)
	s.filled()
	s.paths = s.pages()
	s.works()
	s.articles()
	s.lists()
	s.around()
	s.discussion()
	golden := filepath.Join("testdata", "acts.txt")
	if *update {
		s.must(os.WriteFile(golden, []byte(s.said.String()), 0o600))
	}
	want, err := os.ReadFile(golden)
	s.must(err)
	if string(want) != s.said.String() {
		t.Errorf("what acts purge differs (run the test with -update and look at the change):\n%s", s.said.String())
	}
}

func (s *shelf) articles() {
	ctx := s.Context()
	a := s.app.Articles
	s.act("save a draft", func() {
		s.draft("fresh", article.KindArticle, article.Draft{Category: s.local.Slug, Tags: []string{"Fresh"}, Authors: []string{s.ada.Slug}})
	})
	s.act("publish", func() {
		s.at["fresh"] = must[article.Outcome](s)(a.Publish(ctx, s.actor, s.ids["fresh"], article.PublishIn{Revision: 2})).Path
	})
	s.act("relate", func() { s.must(a.Relate(ctx, s.ids["fresh"])) })
	s.act("save a change", func() { s.edit("fresh", func(d *article.Draft) { d.Headline = "The freshest" }) })
	s.act("publish a minor change", func() { s.republish("lamp", article.Minor, func(d *article.Draft) { d.Standfirst = "Of a lamp" }) })
	s.act("publish a new headline", func() { s.republish("lamp", article.Update, func(d *article.Draft) { d.Headline = "The lamps" }) })
	s.act("publish under another category, tag and author", func() {
		s.republish("more-0", article.Minor, func(d *article.Draft) {
			d.Category, d.Tags, d.Authors = s.arts.Slug, []string{"Music"}, []string{s.ada.Slug}
		})
	})
	s.act("publish without a picture", func() { s.republish("lamp", article.Minor, func(d *article.Draft) { d.Image = 0 }) })
	s.act("publish with a picture", func() {
		s.republish("lamp", article.Minor, func(d *article.Draft) { d.Image, d.ImageAlt = s.picture, "A lamp" })
	})
	s.act("publish under another address", func() { s.republish("more-1", article.Minor, func(d *article.Draft) { d.Slug = "light" }) })
	for _, kind := range []string{article.Update, article.Correction, article.Clarification, article.Note} {
		s.act("append: "+kind, func() { s.change("lamp", kind, "<p>More of it.</p>") })
	}
	s.act("amend a notice", func() {
		must[article.Outcome](s)(a.Amend(ctx, s.actor, s.ids["song"], 2, "<p>The song is much older.</p>"))
	})
	s.act("begin to add to it live", func() { s.edit("lamp", func(d *article.Draft) { d.Live = true }) })
	s.act("end adding to it live", func() { s.edit("lamp", func(d *article.Draft) { d.Live = false }) })
	s.act("keep crawlers out", func() { s.edit("lamp", func(d *article.Draft) { d.NoIndex = true }) })
	s.act("let crawlers in", func() { s.edit("lamp", func(d *article.Draft) { d.NoIndex = false }) })
	s.act("close its comments", func() { s.edit("lamp", func(d *article.Draft) { d.Comments = "closed" }) })
	s.act("open its comments", func() { s.edit("lamp", func(d *article.Draft) { d.Comments = "open" }) })
	s.act("retract", func() { s.must(a.Retract(ctx, s.actor, s.ids["more-0"], "<p>It is wrong.</p>")) })
	s.act("restore what was retracted", func() { s.must(a.Restore(ctx, s.actor, s.ids["more-0"], "<p>It was right.</p>")) })
	s.act("withdraw", func() { s.must(a.Withdraw(ctx, s.actor, s.ids["more-0"], "<p>It hurt somebody.</p>")) })
	s.act("restore what was withdrawn", func() { s.must(a.Restore(ctx, s.actor, s.ids["more-0"], "<p>Nobody minds.</p>")) })
	s.act("withhold a version", func() { s.must(a.Withhold(ctx, s.actor, s.ids["lamp"], []int{1}, "A court said so.")) })
	s.act("publish a static page", func() { s.page("about") })
	s.act("change a static page", func() { s.republish("imprint", article.Minor, func(d *article.Draft) { d.Headline = "Who we are" }) })
	s.act("withdraw a static page", func() { s.must(a.Withdraw(ctx, s.actor, s.ids["about"], "<p>Gone.</p>")) })
	s.act("set an end", func() {
		s.must(a.End(ctx, s.actor, s.ids["more-1"], time.Now().Add(time.Hour), "<p>It was for a day.</p>"))
	})
	s.act("change many", func() {
		done := must[article.BulkDone](s)(a.Bulk(ctx, s.actor, article.BulkIn{Act: article.BulkAddTag, Value: "Sea", Picks: []article.BulkPick{{ID: s.ids["song"]}}, Public: true, Key: "sea"}))
		if done.Public != 1 {
			s.Errorf("bulk: %+v", done)
		}
	})
}

func (s *shelf) lists() {
	ctx := s.Context()
	fronts := s.app.Fronts
	var act int64
	put := func(category int64, word string, until time.Time) {
		act = must[int64](s)(fronts.Put(ctx, s.actor, front.PutIn{Category: category, To: front.Slot{Place: 1}, Article: s.ids[word], Until: until}))
	}
	s.act("put on the front", func() { put(0, "song", time.Time{}) })
	s.act("undo on the front", func() { _, _, err := fronts.Undo(ctx, s.actor, act); s.must(err) })
	s.act("put on a category's front", func() { put(s.news.ID, "lamp", time.Now().Add(48*time.Hour)) })
	s.act("publish a new headline of what stands on fronts", func() { s.republish("lamp", article.Minor, func(d *article.Draft) { d.Headline = "The lamp again" }) })

	tax := s.app.Taxonomy
	s.act("rename a tag", func() {
		s.must(tax.RenameTag(ctx, s.actor, s.tags["Coast"], taxonomy.TagIn{Name: "Shore", Slug: "sea-side"}))
	})
	s.act("merge tags", func() { s.must(tax.MergeTags(ctx, s.actor, s.tags["Music"], s.tags["Coast"])) })
	s.act("publish without a tag", func() { s.republish("fresh", article.Minor, func(d *article.Draft) { d.Tags = nil }) })
	s.act("delete a tag", func() {
		for _, t := range must[[]taxonomy.TagLine](s)(tax.Tags(ctx, "", "")) {
			if t.Name == "Fresh" {
				s.must(tax.DeleteTag(ctx, s.actor, t.ID))
			}
		}
	})
	s.act("create an author", func() { must[author.Author](s)(s.app.Authors.Create(ctx, s.actor, author.In{Name: "Clara"})) })
	s.act("change an author", func() {
		must[author.Author](s)(s.app.Authors.Update(ctx, s.actor, s.ada.ID, author.In{Name: "Ada King", Slug: s.ada.Slug, Biography: "<p>Counts.</p>", Portrait: s.picture}))
	})
	s.act("move an author", func() {
		must[author.Author](s)(s.app.Authors.Update(ctx, s.actor, s.ada.ID, author.In{Name: "Ada King", Slug: "ada-king", Biography: "<p>Counts.</p>", Portrait: s.picture}))
	})
	s.act("create a category", func() { must[taxonomy.Category](s)(tax.Create(ctx, s.actor, taxonomy.CategoryIn{Name: "Sport"})) })
	s.act("move a category", func() {
		must[taxonomy.Category](s)(tax.Update(ctx, s.actor, s.arts.ID, taxonomy.CategoryIn{Name: "Culture", Slug: "culture", Description: "All of it."}))
	})
	s.act("order categories", func() { s.must(tax.Reorder(ctx, s.actor, 0, []int64{s.arts.ID, s.news.ID})) })
	s.act("change a picture's words", func() {
		s.must(s.app.Media.Update(ctx, s.actor, s.picture, media.Words{Alt: "Another", Credit: "Byron", FocalX: 0.2, FocalY: 0.3}))
	})
	s.act("make a picture's cuts", func() { s.must(s.app.Media.Develop(ctx, s.picture)) })
	s.act("withhold a picture", func() { s.must(s.app.Media.Withhold(ctx, s.actor, s.picture)) })
	s.act("release a picture", func() { s.must(s.app.Media.Release(ctx, s.actor, s.picture)) })
}

func (s *shelf) around() {
	s.act("change the title", func() { s.settle(func(is *settings.Settings) { is.Title = "The Lamp" }) })
	s.act("show a contact", func() { s.settle(func(is *settings.Settings) { is.ContactEmail = "desk@lamp.example" }) })
	s.act("close all comments", func() { s.settle(func(is *settings.Settings) { is.Comments = "closed" }) })
	s.act("open all comments", func() { s.settle(func(is *settings.Settings) { is.Comments = "open" }) })
	var line int64
	s.act("set the breaking line", func() {
		line = must[int64](s)(s.app.Settings.SetBreaking(s.Context(), s.actor.ID, settings.Breaking{Text: "The lamp is out", Until: s.now().Add(48 * time.Hour)}))
	})
	s.act("take the breaking line back", func() { s.must(s.app.Settings.UndoBreaking(s.Context(), s.actor.ID, line)) })
	s.act("close comments in an emergency", func() { s.must(s.app.Comments.Emergency(s.Context(), s.actor, "closed")) })
	s.act("end the emergency", func() { s.must(s.app.Comments.Emergency(s.Context(), s.actor, "")) })
}

func (s *shelf) discussion() {
	ctx := s.Context()
	c := s.app.Comments
	s.act("hold a comment", func() { s.decide("first", comment.Hold) })
	s.act("approve a comment", func() { s.decide("first", comment.Approve) })
	s.act("hold another", func() { s.decide("second", comment.Hold) })
	s.act("reject what was held", func() { s.decide("second", comment.Reject) })
	s.act("take a decision back", func() { s.decide("second", comment.Undo) })
	s.act("approve it after all", func() { s.decide("second", comment.Approve) })
	s.act("pin a comment", func() { s.must(c.Pin(ctx, s.actor, s.comments["first"], true)) })
	s.act("answer a comment", func() { must[int64](s)(c.Reply(ctx, s.actor, s.comments["first"], "We thank you.")) })
	s.act("report a comment", func() {
		must[string](s)(c.ReportComment(ctx, comment.ReportIn{CommentID: s.comments["first"], ArticleID: s.ids["lamp"], Reason: "abuse", Detail: "It hurts.", Address: netip.MustParseAddr("198.51.100.7")}))
		list, _, err := c.Reports(ctx, s.actor, comment.OpenReports, 0)
		s.must(err)
		s.complained = list[0].ID
	})
	s.act("uphold the report of a comment", func() {
		s.must(c.DecideReport(ctx, s.actor, s.complained, comment.Ruling{Upheld: true, Answer: "So it does."}))
	})
	s.act("take the answer back", func() { s.must(c.UndoReport(ctx, s.actor, s.complained)) })
	s.act("a reader deletes", func() { s.must(c.Delete(ctx, s.tokens["elsewhere"])) })
	s.act("ban, hiding all", func() {
		must[int64](s)(c.Ban(ctx, s.actor, comment.BanIn{CommentID: s.comments["second"], Reason: "spam", HideAll: true}))
	})

	r := s.app.Reports
	s.act("report an error", func() {
		must[string](s)(r.Report(ctx, report.In{ArticleID: s.ids["lamp"], Version: 1, Body: "It was later.", Name: "Greta", Email: "greta@reader.example", Credit: true, Address: netip.MustParseAddr("198.51.100.8")}))
		s.reportID = must[report.Listed](s)(r.List(ctx, s.actor, report.Filter{})).Lines[0].ID
	})
	s.act("answer it with a correction", func() {
		out := must[article.Outcome](s)(s.app.Articles.Append(ctx, s.actor, s.ids["lamp"], article.NoticeIn{Kind: article.Correction, Notice: "<p>It was later.</p>", Key: "credit"}))
		s.must(r.Correct(ctx, s.actor, s.reportID, report.Open, out.Number))
	})
	s.act("take the answer to it back", func() { s.must(r.Undo(ctx, s.actor, s.reportID)) })
}
