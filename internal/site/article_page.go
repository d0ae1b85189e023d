package site

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/markup"
	"stet/internal/page"
	"stet/internal/postgres"
	"stet/internal/taxonomy"
)

// extras are what an article's page shows that isn't in the article.
type extras struct {
	authors  []author.Author
	near     article.Neighbours
	tags     map[string]taxonomy.Tag
	pictures pictures
}

// extras reads them in two round trips, the second for the pictures, as only the first tells which. What else the page needs goes with the first.
func (v *visit) extras(l *article.Live, category int64, more []postgres.Read) (out extras, err error) {
	reads := slices.Concat(more, []postgres.Read{v.credit(l)})
	if c := &l.Content; l.Kind != article.KindPage {
		reads = append(reads, v.Authors.LiveByIDs(writersOf(c.Bylines), &out.authors), v.neighbours(l, category, &out.near), v.Taxonomy.LiveTags(c.Tags, &out.tags))
	}
	if err := postgres.Together(v.ctx, reads...); err != nil {
		return out, err
	}
	out.pictures, err = v.pictures(articleMedia(l, out.authors, out.near)...)
	return out, err
}

// articlePage fills the page of an article or static page, without its comments. What else is to be read for the page is read with what this needs.
func (v *visit) articlePage(l *article.Live, more ...postgres.Read) (articlePage, error) {
	c := &l.Content
	var at int64
	if c.Category != nil {
		at = c.Category.ID
	}
	p := articlePage{Base: v.page(c.Headline, l.Path, at), Number: l.Number, Static: l.Kind == article.KindPage, Label: labelText(c.Label), Headline: c.Headline,
		Standfirst: c.Standfirst, Published: v.clock.DateTime(published(l)), Tongue: tongue{v.is.Language, page.Direction(v.is.Language)}}
	if text, home := v.foreign(c.Language); text != nil {
		p.Tongue, p.Home = *text, home
		if text.Dir != home.Dir {
			p.Turned = text
		}
	}
	length := markup.Measure(markup.Join(l.Blocks))
	x, err := v.extras(l, at, more)
	if err != nil {
		return p, err
	}
	ps := x.pictures
	if !p.Static {
		p.Trail, p.Reading, p.near = v.trail(c, p.Home), readingTime(length), neighbourTags(x.near)
		p.Byline = v.byline(c)
		p.Marks = v.articleMarks(l)
		p.Record = v.record(l)
		p.Stands = v.stands(l)
		p.Share, p.Report = v.share(l), v.report(l)
		p.Tags = tagLinks(c.Tags, x.tags)
	}
	if c.Image != nil {
		if im := ps.lead(c.Image.Media, c.Image.Alt); im != nil {
			p.Picture = &picture{Image: *im, Caption: c.Image.Caption, Credit: c.Image.Credit}
		}
	}
	show := v.render(ps)
	show.IDs = true
	p.Body = show.Body(l.Blocks)
	p.Pinned, p.Notices = v.notices(l, ps)
	p.Writers = v.writers(x.authors, ps)
	v.onward(&p, at, x.near, ps)
	v.describe(&p, l, v.newsArticle(l, x.authors, v.ldImages(ps, c.Image), length))
	if p.Card != nil {
		v.shareImage(p.Card, l, ps)
	}
	return p, nil
}

// articleMedia lists every picture an article's page may show.
func articleMedia(l *article.Live, authors []author.Author, near article.Neighbours) []int64 {
	ids := append(markup.MediaIDs(l.Blocks), noticeMedia(l)...)
	if l.Content.Image != nil {
		ids = append(ids, l.Content.Image.Media)
	}
	for _, a := range authors {
		ids = append(ids, a.Portrait)
	}
	for _, c := range slices.Concat(near.Related, near.Newest) {
		ids = append(ids, c.ImageID)
	}
	return ids
}

// describe fills what machines read of the page.
func (v *visit) describe(p *articlePage, l *article.Live, data ldArticle) {
	c := &l.Content
	for _, said := range []string{c.Standfirst, opening(l.Blocks), c.Headline} {
		if about(&p.Base, said) {
			break
		}
	}
	if l.NoIndex {
		p.Robots = "noindex"
	}
	if p.Card == nil { // a draft has no address yet
		return
	}
	p.Card.Title = c.Headline
	var at int64
	if c.Category != nil {
		at = c.Category.ID
	}
	trail := v.crumbs(at, page.Link{URL: l.Path, Text: c.Headline})
	if p.Static {
		p.Data = []any{v.ownPage(l, p.Description), trail}
		return
	}
	p.Feeds = []page.Feed{{Title: page.T("feed.updates", c.Headline), Kind: kindRSS, URL: below(l.Path, "updates.xml")},
		{Title: page.T("feed.comments", c.Headline), Kind: kindRSS, URL: below(l.Path, "feed/")}}
	p.Card.Kind, p.Card.Published, p.Card.Modified, p.Card.Section, p.Card.Tags = "article", data.Published, data.Modified, data.Section, c.Tags
	for _, b := range c.Bylines {
		if b.Slug != "" {
			p.Card.Authors = append(p.Card.Authors, v.abs(authorPath(b.Slug)))
		}
	}
	p.Data = []any{data, trail}
}

// byline puts names, commas and the place together. The words between are the site's language, so an article in another one gets
// only commas.
func (v *visit) byline(c *article.Content) []bylinePart {
	var out []bylinePart
	_, home := v.foreign(c.Language)
	for i, b := range c.Bylines {
		part := bylinePart{Link: page.Link{Text: b.Text}}
		if b.Slug != "" {
			part.Link.URL = href(authorPath(b.Slug))
		}
		switch {
		case i == 0 && home == nil:
			part.Before = page.T("byline.by") + " "
		case i > 0 && i == len(c.Bylines)-1 && home == nil:
			part.Before = " " + page.T("byline.and") + " "
		case i > 0:
			part.Before = comma(c.Language)
		}
		out = append(out, part)
	}
	if c.Dateline != "" {
		part := bylinePart{Link: page.Link{Text: c.Dateline}}
		if len(out) > 0 {
			part.Before = comma(c.Language)
		}
		out = append(out, part)
	}
	return out
}

func comma(language string) string {
	if page.Direction(language) == "rtl" && language != "he" {
		return "، "
	}
	return ", "
}

// articleMarks are the newest notice of each kind, in the order of the record.
func (v *visit) articleMarks(l *article.Live) []label {
	var out []label
	for _, n := range l.Notices() {
		out = slices.DeleteFunc(out, func(m label) bool { return m.Kind == n.Kind })
		if n.Kind != article.Restored {
			m := v.mark(n.Kind, "", n.Number, n.At)
			out = append(out, m)
		}
	}
	return out
}

// writersOf are the authors that bylines name.
func writersOf(bylines []article.ContentByline) (ids []int64) {
	for _, b := range bylines {
		if b.Author != 0 {
			ids = append(ids, b.Author)
		}
	}
	return ids
}

func (v *visit) writers(authors []author.Author, ps pictures) []writer {
	var out []writer
	for _, a := range authors {
		path := href(a.Path())
		w := writer{Name: a.Name, URL: path, Biography: v.render(nil).HTML(a.Biography), Image: ps.image(a.Portrait, page.T("portrait", a.Name), ofFace)}
		w.Links = append(w.Links, page.Link{URL: path, Text: page.T("author.all")})
		for _, l := range a.Links {
			w.Links = append(w.Links, page.Link{URL: l.URL, Text: l.Name})
		}
		w.Links = append(w.Links, page.Link{URL: path + "feed/", Text: page.T("feed")})
		out = append(out, w)
	}
	return out
}

// tagLinks are links to the pages of an article's tags; a name whose tag is gone leads to search.
func tagLinks(names []string, known map[string]taxonomy.Tag) []page.Link {
	var out []page.Link
	for _, name := range names {
		l := page.Link{URL: "/search?q=" + url.QueryEscape(name), Text: name}
		if t, ok := known[strings.ToLower(name)]; ok {
			l = page.Link{URL: href(t.Path()), Text: t.Name}
		}
		out = append(out, l)
	}
	return out
}

// report leads to the form for an error in the version that the page shows.
func (v *visit) report(l *article.Live) string {
	return below(l.Path, "report?version=") + strconv.Itoa(l.Number)
}

// stands is the sentence under the dotted rule: since when the text stands, and what was changed in it.
func (v *visit) stands(l *article.Live) *stands {
	if len(l.Record) == 0 {
		return nil
	}
	first := &l.Record[0]
	s := &stands{}
	for i := range l.Record[1:] {
		row := &l.Record[i+1]
		if row.Version != row.Number {
			continue
		}
		at := below(l.Path, "history#entry-") + strconv.Itoa(row.Number)
		s.Changes = append(s.Changes, page.Link{URL: at, Text: v.beside(first.At(), row.At())})
	}
	key := "stands.day"
	s.At = v.clock.Date(first.At())
	if v.sameDay(first.At(), v.Now()) {
		key, s.At = "stands.today", v.clock.Hour(first.At())
	}
	if len(s.Changes) > 0 {
		key += ".but"
		s.But = page.Around("stands.but")
	}
	// Of a text that was changed often, the last changes are named; the record has all.
	s.Changes = s.Changes[max(0, len(s.Changes)-3):]
	s.Lead = page.Around(key)
	return s
}

// beside writes a time next to another: the hour on the same day, else the day.
func (v *visit) beside(first, at time.Time) string {
	if v.sameDay(first, at) {
		return v.clock.Hour(at).Text
	}
	return v.clock.Short(at).Text
}

func (v *visit) sameDay(a, b time.Time) bool {
	return a.In(v.clock.Zone).Format(time.DateOnly) == b.In(v.clock.Zone).Format(time.DateOnly)
}
