package site

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/front"
	"stet/internal/page"
)

// What the front page holds.
const (
	frontLatest    = 8
	frontDiscussed = 5
	frontRecord    = 4
	frontNotices   = 3 // among the latest, which are mostly articles
	frontMostRead  = 5
	discussedSince = 30 * 24 * time.Hour
	readSince      = 24 * time.Hour
	readEarlier    = 7 * 24 * time.Hour // where too little was read since then
)

// fronts is the front page and the pages behind it.
type fronts struct{ *face }

func (f *fronts) routes(r chi.Router) {
	r.Get("/", f.handle(f.show))
	r.Get(cardPath, f.handle(f.card))
	r.Get("/page/{n}", f.handle(f.list))
	r.Get("/page/{n}/", f.handle(f.list))
}

func (f *fronts) show(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	if to, err := f.short(r, q); err != nil || to != "" {
		return found(w, r, to, err)
	}
	v, err := f.visit(r)
	if err != nil {
		return err
	}
	if before := q.Text("before"); before != "" {
		cards, next, err := f.Articles.LiveList(v.ctx, article.ListIn{Before: before, Limit: perPage})
		if err != nil {
			return err
		}
		return f.rest(w, v, cards, paging{path: "/", next: next})
	}
	in, err := f.read(v)
	if err != nil {
		return err
	}
	p, err := v.front(in)
	if err != nil {
		return err
	}
	v.public(w, "front", "corrections")
	v.counts(w)
	turns(w, in.standing)
	return f.tmpl.front.Write(w, r, http.StatusOK, p)
}

// turns lets caches keep the page no longer than until a place changes by itself.
func turns(w http.ResponseWriter, s front.Standing) {
	if !s.Next.IsZero() {
		page.FreshUntil(w, s.Next)
	}
}

// short finds the page behind an old short address, /?p=12 or /?page_id=12; "" where none was asked for.
func (f *fronts) short(r *http.Request, q page.Form) (string, error) {
	for _, name := range []string{"p", "page_id"} {
		if id := q.Text(name); id != "" && len(id) < 20 && strings.Trim(id, "0123456789") == "" {
			found, err := f.Articles.LiveByPath(r.Context(), "/?"+name+"="+id)
			return found.Redirect, err
		}
	}
	return "", nil
}

// frontIn is what was read for the front page. lists are the newest of all, under 0, and of each section.
type frontIn struct {
	standing  front.Standing
	lists     map[int64][]article.Card
	discussed []article.Card
	mostRead  []article.Card
	longer    bool // what is most read is that of the longer time
	record    []article.RecordCard
}

func (f *fronts) read(v *visit) (in frontIn, err error) {
	if in.standing, err = f.Fronts.Live(v.ctx, 0); err != nil {
		return in, err
	}
	return in, f.readRest(v, &in)
}

// readRest reads what stands on the front page besides what editors placed.
func (f *fronts) readRest(v *visit, in *frontIn) (err error) {
	if in.lists, err = f.Fronts.Lists(v.ctx, v.tree, in.standing); err != nil {
		return err
	}
	if in.discussed, err = f.Articles.LiveDiscussed(v.ctx, f.Now().Add(-discussedSince), frontDiscussed); err != nil {
		return err
	}
	if in.mostRead, in.longer, err = f.Articles.LiveMostRead(v.ctx, f.Now().Add(-readSince), f.Now().Add(-readEarlier), frontMostRead); err != nil {
		return err
	}
	in.record, _, err = f.Articles.LiveRecord(v.ctx, article.NoticeKinds, "", frontLatest)
	return err
}

func (v *visit) front(in frontIn) (frontPage, error) {
	p := frontPage{Base: v.page("", "/", 0)}
	p.Front = true
	p.Feeds = feedsOf(v.is.Title, "/")
	p.Data = []any{v.organisation(), v.website()}
	zones := in.standing.Front(v.tree, in.lists)
	ps, err := v.pictures(pictured(zones)...)
	if err != nil {
		return p, err
	}
	p.leads = v.leads(zones[0], ps)
	p.Latest = v.latest(in)
	if len(p.Latest) > 0 {
		p.Site.Changed = p.Latest[0].At
	}
	p.LatestURL = "/" + v.Now().In(v.clock.Zone).Format("2006/01/02") + "/"
	for _, z := range zones[1:] {
		if cards := z.Cards(); len(cards) > 0 {
			p.Bands = append(p.Bands, v.band(z.Section, cards, len(p.Bands), ps))
		}
	}
	for _, c := range in.discussed {
		l := page.Link{URL: href(c.Path), Text: c.Headline, Lang: c.Language}
		p.Discussed, p.Counts = append(p.Discussed, l), append(p.Counts, page.N("comments.count", c.Comments))
	}
	p.MostRead = v.mostRead(in)
	for _, c := range in.record[:min(len(in.record), frontRecord)] {
		p.Record = append(p.Record, v.recordEntry(&c))
	}
	return p, nil
}

// pictured are the pictures that zones show: all of the lead package's, the first of each band's.
func pictured(zones []front.Zone) []int64 {
	var ids []int64
	for _, z := range zones {
		for i, c := range z.Cards() {
			if i == 0 || z.Section == 0 {
				ids = append(ids, c.ImageID)
			}
		}
	}
	return ids
}

// leads is the lead package. Beside the lead the first shows its picture.
func (v *visit) leads(z front.Zone, ps pictures) leads {
	var o leads
	for i, c := range z.Cards() {
		at := inStory
		if i == 0 {
			at = atTop
		}
		s := v.storyAt(&c, ps, at)
		if i > 0 {
			if i > 1 {
				s.Image = nil
			}
			o.Beside = append(o.Beside, s)
			continue
		}
		s.First = true
		if s.Image != nil {
			s.Image.First = true
		}
		o.Lead = &s
	}
	return o
}

// bandClasses alternate down the page, so that no two neighbours look the same.
var bandClasses = []string{"split", "", "wide", "", "split turned", ""}

// band is the band of a section, the nth on the page.
func (v *visit) band(section int64, cards []article.Card, n int, ps pictures) band {
	c, _ := v.tree.ByID(section)
	b := band{ID: "s-" + strconv.FormatInt(c.ID, 10), Title: page.Link{URL: href(c.Path), Text: c.Name}}
	for _, child := range v.tree.Children(c.ID) {
		b.Within = append(b.Within, page.Link{URL: href(child.Path), Text: child.Name})
	}
	for i := range cards {
		s := v.story(&cards[i], ps)
		if s.Kicker != nil && s.Kicker.URL == b.Title.URL {
			s.Kicker = nil
		}
		s.First = i == 0 && s.Image != nil
		if !s.First {
			s.Image = nil
		}
		b.Stories = append(b.Stories, s)
	}
	switch {
	case !b.Stories[0].First:
	case len(b.Stories) == front.BandPlaces:
		b.Class = bandClasses[n%len(bandClasses)]
	case len(b.Stories) > 1:
		b.Class = bandClasses[0]
	}
	return b
}

// latest mixes what appeared with what was added to it, newest first. An article that was updated stands there once, as updated.
func (v *visit) latest(in frontIn) []latest {
	type timed struct {
		at time.Time
		latest
	}
	var all []timed
	updated := map[int64]bool{}
	for _, c := range in.record {
		if len(all) == frontNotices {
			break
		}
		if c.Row == article.Update && updated[c.ID] {
			continue
		}
		updated[c.ID] = updated[c.ID] || c.Row == article.Update
		t := timed{c.At, latest{URL: href(c.Path) + anchor(c.Number), Text: recordText(&c), Label: &label{Kind: c.Row, Text: kind(c.Row)}}}
		t.Tongue, _ = v.foreign(c.Language)
		all = append(all, t)
	}
	for _, c := range in.lists[0] {
		if updated[c.ID] {
			continue
		}
		t := timed{c.FirstPublicAt, latest{URL: href(c.Path), Text: c.Headline}}
		t.Tongue, _ = v.foreign(c.Language)
		all = append(all, t)
	}
	slices.SortStableFunc(all, func(a, b timed) int { return b.at.Compare(a.at) })
	var out []latest
	for _, t := range all[:min(len(all), frontLatest)] {
		t.At = v.clock.Brief(t.at)
		out = append(out, t.latest)
	}
	return out
}

// recordText is what a notice says, in a line; of an update, which may be long, what it updates.
func recordText(c *article.RecordCard) string {
	if said := excerpt(noticeText(c.Notice), 90); said != "" && c.Row != article.Update {
		return said
	}
	return c.Headline
}

func (v *visit) recordEntry(c *article.RecordCard) recordEntry {
	e := recordEntry{Label: label{Kind: c.Row, Text: kind(c.Row)}, At: v.clock.When(c.At), URL: href(c.Path) + anchor(c.Number), Text: recordText(c)}
	e.Tongue, _ = v.foreign(c.Language)
	return e
}

// list is /page/N: all articles, newest first.
func (f *fronts) list(w http.ResponseWriter, r *http.Request) error {
	n, err := number(chi.URLParam(r, "n"))
	if err != nil {
		return err
	}
	if to := (paging{path: "/", n: n}).canonical(r); to != "" {
		return moved(w, r, to)
	}
	v, err := f.visit(r)
	if err != nil {
		return err
	}
	if n > lastPage {
		return f.beyond(w, r, v, article.ListIn{})
	}
	cards, next, err := f.Articles.LiveList(v.ctx, article.ListIn{Offset: (n - 1) * perPage, Limit: perPage})
	if err != nil {
		return err
	}
	if len(cards) == 0 {
		return fault.NotFound
	}
	return f.rest(w, v, cards, paging{path: "/", n: n, next: next})
}

// rest is a page of the front's list.
func (f *fronts) rest(w http.ResponseWriter, v *visit, cards []article.Card, pg paging) error {
	ps, err := v.cardPictures(cards)
	if err != nil {
		return err
	}
	p := listPage{Base: v.page(page.T("list.all"), pg.self(), 0), Heading: page.T("list.all"), Rows: v.rows(cards, ps), Empty: page.T("list.end"), Feed: "/feed/"}
	p.Pages = pg.pages(&p.Base, v)
	if pg.n == 0 {
		p.Robots = "noindex"
	}
	return v.write(w, p, "front")
}
