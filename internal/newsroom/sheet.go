package newsroom

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/page"
	"stet/internal/taxonomy"
)

// revisionNote is the id of the field for the note on a save; the form of colleagues' notes is called note.
const revisionNote = "revision-note"

// wallTime is how forms write a time of the site's zone.
const wallTime = "2006-01-02T15:04"

// draftValues is a draft as its form holds it. Times are those of the site's zone.
func draftValues(d article.Draft, zone *time.Location) url.Values {
	v := url.Values{
		"headline": {d.Headline}, "standfirst": {d.Standfirst}, "kicker": {d.Kicker}, "dateline": {d.Dateline}, "label": {d.Label}, "slug": {d.Slug},
		"language": {d.Language}, "body": {d.Body}, "category": {d.Category}, "also": d.Also, "tags": {strings.Join(d.Tags, ", ")},
		"authors": {strings.Join(d.Authors, ", ")}, "image_alt": {d.ImageAlt}, "image_caption": {d.ImageCaption}, "image_credit": {d.ImageCredit},
		"comments": {d.Comments}, "comments_close_days": {daysText(d.CloseDays)}, "noindex": {yes(d.NoIndex)}, "live": {yes(d.Live)},
	}
	if d.Image != 0 {
		v.Set("image", strconv.FormatInt(d.Image, 10))
	}
	if d.Embargo != nil {
		v.Set("embargo", d.Embargo.In(zone).Format(wallTime))
	}
	return v
}

func yes(b bool) string {
	if b {
		return "1"
	}
	return ""
}

// readDraft is the draft that a form holds; what the form lacks is taken from before.
func readDraft(f page.Form, before article.Draft, zone *time.Location) (article.Draft, error) {
	d := before
	d.Note = f.Text("note")
	f.Values = touched(f.Values)
	for name, to := range map[string]*string{"headline": &d.Headline, "standfirst": &d.Standfirst, "kicker": &d.Kicker, "dateline": &d.Dateline, "label": &d.Label,
		"slug": &d.Slug, "language": &d.Language, "category": &d.Category, "image_alt": &d.ImageAlt, "image_caption": &d.ImageCaption,
		"image_credit": &d.ImageCredit, "comments": &d.Comments} {
		if f.Has(name) {
			*to = f.Text(name)
		}
	}
	if f.Has("body") {
		d.Body = f.Get("body")
	}
	for name, to := range map[string]*[]string{"tags": &d.Tags, "authors": &d.Authors, "also": &d.Also} {
		if f.Has(name) {
			*to = list(strings.Join(f.Values[name], ","))
		}
	}
	for name, to := range map[string]*bool{"noindex": &d.NoIndex, "live": &d.Live} {
		if f.Has(name) {
			*to = ticked(f.Values[name])
		}
	}
	if f.Has("image") {
		n, err := f.Int("image")
		if err != nil {
			return d, fault.Field("image", "newsroom.no-number")
		}
		d.Image = n
	}
	if f.Has("comments_close_days") {
		n, err := days(f, "comments_close_days")
		if err != nil {
			return d, err
		}
		d.CloseDays = n
	}
	return d, readEmbargo(f, &d, zone)
}

// shownAtOnce are the fields that act at once, and so have no revision to be joined with what others changed: the form names what it showed.
var shownAtOnce = []string{"comments", "comments_close_days", "embargo", "noindex", "live"}

// stood says what those fields held when a form was shown.
func stood(values url.Values) string {
	out := url.Values{}
	for _, name := range shownAtOnce {
		out[name] = []string{first(values[name])}
	}
	return out.Encode()
}

// touched is a form without those fields that are as they stood when it was shown: a form that is open for long takes back no one's embargo.
func touched(values url.Values) url.Values {
	were, err := url.ParseQuery(values.Get("stood"))
	if err != nil {
		return values
	}
	out := maps.Clone(values)
	for _, name := range shownAtOnce {
		was, told := were[name]
		same := strings.TrimSpace(first(was)) == strings.TrimSpace(first(values[name]))
		if name == "noindex" || name == "live" {
			same = ticked(was) == ticked(values[name])
		}
		if told && same {
			delete(out, name)
		}
	}
	return out
}

// readEmbargo leaves an embargo alone whose minute still stands in the form: the form knows no seconds.
func readEmbargo(f page.Form, d *article.Draft, zone *time.Location) error {
	text := f.Text("embargo")
	switch {
	case !f.Has("embargo"), d.Embargo != nil && d.Embargo.In(zone).Format(wallTime) == text:
		return nil
	case text == "":
		d.Embargo = nil
		return nil
	}
	at, err := timeIn(f, "embargo", zone)
	if err != nil {
		return err
	}
	d.Embargo = &at
	return nil
}

// names is what the fields of the sheet can name.
type names struct {
	tree    taxonomy.Tree
	authors []author.Line
}

func (a *articles) names(r *http.Request) (names, error) {
	var n names
	var err error
	if n.tree, err = a.taxonomy.Tree(r.Context()); err != nil {
		return n, err
	}
	n.authors, err = a.authors.List(r.Context())
	return n, err
}

// sheet fills the editor's page, all but what depends on who is asking.
func (a *articles) sheet(e article.Editing, fm form, known names) editorPage {
	c := a.clock()
	p := editorPage{About: aboutArticle(&e, c), Revision: e.Head, Key: rand.Text(), Faults: fm.renamed(map[string]string{"note": revisionNote}), Byline: known.byline(e.Draft.Authors),
		Up: page.Link{URL: "/newsroom/articles", Text: page.T("newsroom.articles")}, Tally: page.N("newsroom.article.tally", e.Words),
		Facts: facts(&e, c), Notices: noticeViews(&e, c), Revisions: revisionRows(e.Revisions, e.Record, c), AllRevisions: page.N("newsroom.article.all-revisions", e.Saves)}
	if v, err := strconv.Atoi(fm.values.Get("revision")); err == nil && v > 0 && v < e.Head {
		p.Revision = v
	}
	if e.Kind == article.KindPage {
		p.Up = page.Link{URL: "/newsroom/articles?kind=page", Text: page.T("newsroom.pages")}
	}
	if i := slices.IndexFunc(e.Revisions, func(l article.RevisionLine) bool { return l.Number == e.Head }); i >= 0 && len(fm.faults) == 0 {
		p.Saved = c.When(e.Revisions[i].At)
	}
	if e.State.Public == article.Published || e.State.Public == article.Retracted {
		p.Public = e.Path
	}
	if e.State.Stage == article.StageReturned {
		p.Returned = e.StageNote
	}
	for _, s := range e.Schedules {
		p.Failed = cmp.Or(s.Failed, p.Failed)
	}
	paper(&p, fm)
	p.Body.Changed = strings.Join(e.Changed, " ")
	margin(&p, fm, known)
	return p
}

// paper fills what is written on the sheet itself.
func paper(p *editorPage, fm form) {
	p.Kicker, p.Headline, p.Standfirst, p.Dateline, p.Body = fm.field("kicker"), fm.area("headline", 1), fm.area("standfirst", 2), fm.field("dateline"), fm.area("body", 24)
	p.Kicker.Class, p.Headline.Class, p.Standfirst.Class, p.Dateline.Class, p.Body.Class = "kicker", "headline", "standfirst", "dateline", "text"
	p.Body = p.Body.written(inArticle, fm.values.Get("language"))
	if len(p.Headline.Value) == 0 && len(fm.faults) == 0 {
		p.Headline.Focus = true
	}
}

// margin fills what stands beside the sheet.
func margin(p *editorPage, fm form, known names) {
	none := option{Text: page.T("newsroom.none-chosen")}
	categories := categoryOptions(known.tree)
	p.Category = fm.pick("category", append([]option{none}, categories...))
	p.Also = fm.pick("also", categories)
	p.AlsoCount = page.N("newsroom.article.also-count", len(list(strings.Join(fm.values["also"], ","))))
	p.Tags, p.Authors, p.Slug, p.Language = fm.field("tags"), fm.field("authors"), fm.field("slug"), fm.field("language")
	p.Tags.Several, p.Authors.Several = "/newsroom/tags/find", "#"
	for _, u := range known.authors {
		p.Authors.Suggest = append(p.Authors.Suggest, option{Value: u.Slug, Text: u.Name})
	}
	p.Label = fm.pick("label", worded("newsroom.article.label.", article.Labels))
	p.Comments = fm.pick("comments", commentOptions("newsroom.article.comments."))
	p.CloseDays = fm.typed("comments_close_days", "number")
	p.Image, p.ImageCaption, p.ImageCredit, p.ImageAlt = fm.typed("image", "number"), fm.area("image_caption", 2), fm.field("image_credit"), fm.area("image_alt", 2)
	p.Embargo, p.Noindex, p.Live, p.Note = fm.typed("embargo", "datetime-local"), fm.tick("noindex"), fm.tick("live"), fm.field("note")
	p.Note.ID = revisionNote
}

func (n names) byline(authors []string) string {
	out := make([]string, len(authors))
	for i, a := range authors {
		out[i] = a
		if j := slices.IndexFunc(n.authors, func(l author.Line) bool { return l.Slug == a }); j >= 0 {
			out[i] = n.authors[j].Name
		}
	}
	return strings.Join(out, ", ")
}

// picture shows what the image field names, where there is such a picture.
func (a *articles) picture(r *http.Request, image string) (picture, error) {
	id, err := strconv.ParseInt(image, 10, 64)
	if err != nil || id <= 0 {
		return picture{}, nil //nolint:nilerr // what was typed is no number: there is nothing to show, and the field says so
	}
	m, err := a.media.ByID(r.Context(), id)
	if errors.Is(err, fault.NotFound) {
		return picture{}, nil
	}
	return pictureOf(m), err
}

// worded are options whose texts are keys of the catalogue.
func worded(prefix string, values []string) []option {
	out := make([]option, len(values))
	for i, v := range values {
		out[i] = option{Value: v, Text: page.T(prefix + v)}
		if page.Known(prefix + v + "-hint") {
			out[i].Hint = page.T(prefix + v + "-hint")
		}
	}
	return out
}

func aboutArticle(e *article.Editing, c page.Clock) about {
	out := about{URL: fmt.Sprintf("/newsroom/articles/%d", e.ID), Headline: cmp.Or(e.Draft.Headline, page.T("newsroom.untitled")), State: stateOf(e.State.Status())}
	if e.Draft.Headline != "" {
		out.Lang = e.Draft.Language
	}
	if e.FirstPublicAt != nil {
		out.Since = page.T("newsroom.article.since", c.When(*e.FirstPublicAt).Text)
	}
	return out
}

func facts(e *article.Editing, c page.Clock) []fact {
	var out []fact
	if e.FirstPublicAt != nil {
		out = append(out, fact{page.T("newsroom.article.public"), c.When(*e.FirstPublicAt).Text, ""}, fact{page.T("newsroom.article.address"), e.Path, e.Path})
	}
	if e.State.Public != "" && e.State.Changed {
		text := page.T("newsroom.article.not-public-besides")
		if n := len(e.Changed); n > 0 {
			text = page.N("newsroom.article.not-public-paragraphs", n)
		}
		out = append(out, fact{page.T("newsroom.article.not-public"), text, fmt.Sprintf("/newsroom/articles/%d/compare?from=live", e.ID)})
	}
	for _, s := range e.Schedules {
		if s.Failed == "" {
			out = append(out, fact{page.T("newsroom.article.schedule"), page.T("newsroom.article.schedule-"+s.Act, c.When(s.At).Text), ""})
		}
	}
	if e.CreatedBy != "" {
		out = append(out, fact{page.T("newsroom.article.created"), e.CreatedBy, ""})
	}
	return out
}

func noticeViews(e *article.Editing, c page.Clock) []noticeView {
	var out []noticeView
	for _, n := range e.Notices() {
		out = append(out, noticeOf(n, c))
	}
	return out
}

func noticeOf(n article.Notice, c page.Clock) noticeView {
	v := noticeView{Number: n.Number, Kind: n.Kind, Label: page.T("newsroom.kind." + n.Kind), At: c.DayTime(n.At), Text: markup.Render{}.HTML(n.HTML), Why: page.T("newsroom.article.stands")}
	if n.AmendedAt != nil {
		v.Why = page.T("newsroom.article.amended", c.When(*n.AmendedAt).Text)
	}
	return v
}

// revisionRows are revisions, each with what it became in the record.
func revisionRows(lines []article.RevisionLine, record []article.Publication, c page.Clock) []revisionRow {
	kinds := map[int]string{}
	for _, p := range record {
		kinds[p.Number] = page.T("newsroom.kind." + p.Kind)
	}
	out := make([]revisionRow, len(lines))
	for i, l := range lines {
		out[i] = revisionRow{Number: l.Number, By: l.By, Note: l.Note, At: c.Short(l.At)}
		if l.Aside {
			out[i].Aside = page.T("newsroom.revisions.aside")
		}
		var public []string
		for _, n := range l.Public {
			public = append(public, page.T("newsroom.article.version", n, strings.ToLower(cmp.Or(kinds[n], ""))))
		}
		out[i].Public = strings.Join(public, "; ")
	}
	return out
}

func recordRows(record []article.Publication, c page.Clock) []recordRow {
	var out []recordRow
	for _, p := range record {
		kind := p.Kind
		if !slices.Contains(article.NoticeKinds, kind) {
			kind = ""
		}
		row := recordRow{Kind: kind, Label: page.T("newsroom.kind." + p.Kind), Text: short(markup.Text(p.Notice), 140), At: c.When(p.At())}
		if p.Amends != 0 {
			row.Label = page.T("newsroom.kind.amended", row.Label)
		}
		out = append(out, row)
	}
	return out
}

// merged is values with those of over in front.
func merged(values, over url.Values) url.Values {
	out := maps.Clone(values)
	maps.Copy(out, over)
	return out
}
