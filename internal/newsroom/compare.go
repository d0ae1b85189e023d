package newsroom

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
)

// comparePage is two revisions side by side. Restore is where to post to go back to the first, empty where that can't be or would change
// nothing.
type comparePage struct {
	frame
	About           about
	From, To        sideView
	Diff            diffView
	Facts           []factDiff
	Restore, Button string
	Older, Newer    string
	Picker          picker
}

// sideView is what one of both is: who saved it when, and what became of it.
type sideView struct {
	Name, By, Note, Public string
	At                     page.Time
}

// factDiff is something beside the text that differs.
type factDiff struct {
	Name          string
	Was, Is       []diffSpan
	WasPic, IsPic picture
}

// picker chooses the two; Rows are the newest revisions, or those before the number asked for.
type picker struct {
	Action string
	Rows   []pickerRow
	Older  string
}

type pickerRow struct {
	revisionRow
	From, To bool
}

// compare shows what differs between two revisions: from what readers see to the newest, where the address doesn't say.
func (a *articles) compare(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	e, err := a.store.Edit(r.Context(), actor, id)
	if err != nil {
		return err
	}
	from, to, err := pair(q, &e)
	if err != nil {
		return err
	}
	c, err := a.store.Compare(r.Context(), actor, id, from, to)
	if err != nil {
		return err
	}
	before, err := number(q, "before")
	if err != nil {
		return err
	}
	lines, err := a.store.Revisions(r.Context(), actor, id, before)
	if err != nil {
		return err
	}
	p := a.comparison(&e, &c)
	p.Picker = a.picker(&e, lines, c.From.Number, c.To.Number)
	p.frame = a.frame(r, actor, page.T("newsroom.compare", c.From.Number, c.To.Number), "/newsroom/articles")
	if c.From.Number != e.Head && article.CanSave(actor, e.State) {
		p.Restore, p.Button = fmt.Sprintf("%s/revisions/%d/restore", p.About.URL, c.From.Number), page.T("newsroom.compare.restore", c.From.Number)
	}
	return a.pages.compare.Write(w, r, http.StatusOK, p)
}

// pair reads which two are asked for: 0 for what readers see, and for the newest. Where nothing is asked for and the newest is what readers
// see, it is compared with the one before.
func pair(q page.Form, e *article.Editing) (from, to int, err error) {
	if q.Text("from") != "live" {
		if from, err = number(q, "from"); err != nil {
			return 0, 0, err
		}
	}
	if to, err = number(q, "to"); err != nil {
		return 0, 0, err
	}
	if q.Text("from") == "" && !e.State.Changed {
		from = max(cmp.Or(to, e.Head)-1, 1)
	}
	return from, to, nil
}

// number is a revision's number in a query, 0 where there is none. What is no number names nothing.
func number(q page.Form, name string) (int, error) {
	if q.Text(name) == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(q.Text(name), 10, 32)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%s=%q: %w", name, q.Text(name), fault.NotFound)
	}
	return int(n), nil
}

func (a *articles) comparison(e *article.Editing, c *article.Comparison) comparePage {
	clock := a.clock()
	p := comparePage{About: aboutArticle(e, clock), From: side(c.From, e.Record, clock), To: side(c.To, e.Record, clock), Diff: diffOf(c.Changes, e.Draft.Language, true)}
	if c.FromLive {
		p.From.Public = page.T("newsroom.compare.live")
	}
	if c.None() {
		p.Diff.Rows, p.Diff.Tally = nil, ""
	}
	for _, l := range c.Changes.Lines {
		if l.Field == "picture" {
			p.Facts = append(p.Facts, factDiff{Name: page.T("newsroom.diff.picture"), WasPic: leadOf(c, l.Was), IsPic: leadOf(c, l.Is)})
		}
	}
	for _, f := range c.Facts {
		if f.Field == "label" {
			f.Was, f.Is = []string{page.T("newsroom.article.label." + f.Was[0])}, []string{page.T("newsroom.article.label." + f.Is[0])}
		}
		row := factDiff{Name: page.T("newsroom.article." + f.Field)}
		row.Was, row.Is = valueDiff(f.Was, f.Is)
		p.Facts = append(p.Facts, row)
	}
	at := func(from, to int) string { return fmt.Sprintf("%s/compare?from=%d&to=%d", p.About.URL, from, to) }
	if c.From.Number > 1 {
		p.Older = at(c.From.Number-1, c.From.Number)
	}
	if c.To.Number < c.Last {
		p.Newer = at(c.To.Number, c.To.Number+1)
	}
	return p
}

// leadOf is the lead picture that a comparison names by its id.
func leadOf(c *article.Comparison, id string) picture {
	n, err := strconv.ParseInt(id, 10, 64)
	m, known := c.Pictures[n]
	if err != nil || !known {
		return picture{}
	}
	return pictureOf(m)
}

func side(l article.RevisionLine, record []article.Publication, c page.Clock) sideView {
	row := revisionRows([]article.RevisionLine{l}, record, c)[0]
	return sideView{Name: page.T("newsroom.compare.revision", l.Number), By: l.By, Note: l.Note, At: c.When(l.At), Public: cmp.Or(row.Public, row.Aside)}
}

func (a *articles) picker(e *article.Editing, lines []article.RevisionLine, from, to int) picker {
	at := fmt.Sprintf("/newsroom/articles/%d/compare", e.ID)
	p := picker{Action: at}
	for _, row := range revisionRows(lines, e.Record, a.clock()) {
		p.Rows = append(p.Rows, pickerRow{revisionRow: row, From: row.Number == from, To: row.Number == to})
	}
	if n := len(lines); n == article.RevisionPage && lines[n-1].Number > 1 {
		p.Older = fmt.Sprintf("%s?from=%d&to=%d&before=%d", at, from, to, lines[n-1].Number)
	}
	return p
}
