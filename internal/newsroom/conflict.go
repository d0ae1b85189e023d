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
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/page"
	"stet/internal/staff"
)

// overlap shows what a revision kept aside and the newest one differ in. One that stands in the article's line leads to the article.
func (a *articles) overlap(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	n, err := pathNumber(r)
	if err != nil {
		return err
	}
	o, err := a.store.Overlap(r.Context(), actor, id, n)
	if _, stands := refused(err); stands {
		return seeOther(w, r, articleURL(id))
	}
	if err != nil {
		return err
	}
	return a.writeConflict(w, r, actor, http.StatusOK, o, form{words: "article", values: url.Values{}})
}

// clash answers a save that can't be merged. Mine stands in the form as it was sent.
func (a *articles) clash(w http.ResponseWriter, r *http.Request, actor staff.Actor, o *article.Overlap, fm form) error {
	return a.writeConflict(w, r, actor, http.StatusConflict, o, fm)
}

// resolve saves what was chosen. Who saved meanwhile is merged with; where that can't be, the page asks again.
func (a *articles) resolve(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	n, err := pathNumber(r)
	if err != nil {
		return err
	}
	f, err := page.ParseForm(w, r, limitBody)
	if err != nil {
		return err
	}
	saved, err := a.chosen(r, actor, id, n, f)
	var overlap *article.Overlap
	faults, invalid := refused(err)
	switch {
	case errors.As(err, &overlap):
		return a.clash(w, r, actor, overlap, form{words: "article", values: atOnceOnly(f.Values)})
	case invalid:
		return a.chooseAgain(w, r, actor, id, n, form{words: "article", values: f.Values, faults: faults})
	case err != nil:
		return err
	}
	a.say(r, savedWords(saved))
	return seeOther(w, r, articleURL(id))
}

// chosen reads the choices: keep-NAME is how, text-NAME what is written anew.
func (a *articles) chosen(r *http.Request, actor staff.Actor, id int64, aside int, f page.Form) (article.Saved, error) {
	head, err := whole(f, "revision")
	if err != nil {
		return article.Saved{}, err
	}
	before, err := a.store.Revision(r.Context(), actor, id, aside)
	if err != nil {
		return article.Saved{}, err
	}
	draft, err := readDraft(page.Form{Values: atOnceOnly(f.Values)}, before, a.source.Zone())
	if err != nil {
		return article.Saved{}, err
	}
	in := article.ResolveIn{Draft: draft, Aside: aside, Head: head, Key: f.Text("key"), Choices: map[string]article.Choice{}}
	for name := range f.Values {
		if part, ok := strings.CutPrefix(name, "keep-"); ok {
			in.Choices[part] = article.Choice{Keep: f.Get(name), Text: f.Get("text-" + part)}
		}
	}
	return a.store.Resolve(r.Context(), actor, id, in)
}

// chooseAgain shows the page with what was chosen and what is wrong with it; where nothing is left to choose, only what is wrong.
func (a *articles) chooseAgain(w http.ResponseWriter, r *http.Request, actor staff.Actor, id int64, aside int, fm form) error {
	o, err := a.store.Overlap(r.Context(), actor, id, aside)
	if errors.Is(err, fault.NotFound) {
		return err
	}
	if err != nil {
		return &fault.Invalid{Fields: fm.faults}
	}
	return a.writeConflict(w, r, actor, http.StatusUnprocessableEntity, o, fm)
}

func (a *articles) writeConflict(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, o *article.Overlap, fm form) error {
	e, err := a.store.Edit(r.Context(), actor, o.Article)
	if err != nil {
		return err
	}
	c := a.clock()
	values := merged(draftValues(o.Mine, a.source.Zone()), fm.values)
	full := form{words: "article", values: values}
	p := conflictPage{About: aboutArticle(&e, c), Action: overlapURL(o), Key: rand.Text(), MineKey: rand.Text(), Head: o.Head,
		CanSave: article.CanSave(actor, e.State), AtOnce: params(atOnceOnly(fm.values)), Kept: unseen(full), Joined: a.joined(o),
		Headline: full.area("headline", 2), Standfirst: full.area("standfirst", 3), Body: full.area("body", 20), Note: full.field("note")}
	p.frame = a.frame(r, actor, page.T("newsroom.conflict", o.By), "/newsroom/articles")
	if !o.Own {
		p.Title = page.T("newsroom.conflict.others", o.MineBy, o.By)
	}
	if p.Overlaps = a.overlapViews(o, fm); len(p.Overlaps) == 0 {
		p.Lead = page.T("newsroom.conflict.lead-none", o.Aside, o.Head)
	} else {
		p.Lead = page.N("newsroom.conflict.lead", len(p.Overlaps), o.Aside, o.By, o.Head)
	}
	places := map[string]string{}
	for _, v := range p.Overlaps {
		places[strings.TrimPrefix(v.ID, overlapID)] = v.ID
	}
	p.Faults = fm.renamed(places)
	p.JoinedWords = page.N("newsroom.conflict.joined", len(p.Joined))
	p.Headline.Serif, p.Standfirst.Serif, p.Body.Serif = true, true, true
	p.Theirs = theirs{Revision: o.Head, Heading: page.T("newsroom.conflict.theirs", o.By, o.Head), Said: page.T("newsroom.conflict.said", c.When(o.At).Text),
		Headline: o.Theirs.Headline, Standfirst: o.Theirs.Standfirst, Body: o.Theirs.Body, Others: others(o, a.source.Zone())}
	return a.pages.conflict.Write(w, r, status, p)
}

// atOnceNames are the fields that no revision holds; the page carries them along.
var atOnceNames = []string{"comments", "comments_close_days", "embargo", "noindex", "live", "note", "stood"}

func atOnceOnly(values url.Values) url.Values {
	out := url.Values{}
	for _, name := range atOnceNames {
		if v, ok := values[name]; ok {
			out[name] = v
		}
	}
	return out
}

// unseen are the fields of mine that the page doesn't show: they go along hidden.
func unseen(fm form) []param {
	shown := []string{"headline", "standfirst", "body", "note", "revision", "key", "then", "held", "tab"}
	rest := maps.Clone(fm.values)
	maps.DeleteFunc(rest, func(name string, _ []string) bool {
		return slices.Contains(shown, name) || strings.HasPrefix(name, "keep-") || strings.HasPrefix(name, "text-")
	})
	return params(rest)
}

// params lists values by name.
func params(values url.Values) []param {
	var out []param
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, v := range values[name] {
			out = append(out, param{name, v})
		}
	}
	return out
}

// overlapViews are the choices, fields first, with what was chosen in fm.
func (a *articles) overlapViews(o *article.Overlap, fm form) []overlapView {
	zone := a.source.Zone()
	before, mine, other := draftValues(o.Before, zone), draftValues(o.Mine, zone), draftValues(o.Theirs, zone)
	var out []overlapView
	for _, name := range o.Fields {
		read := func(v url.Values) string { return strings.Join(v[name], ", ") }
		was, is, theirs := read(before), read(mine), read(other)
		var ways []string
		switch {
		case article.IsWords(name):
			ways = []string{article.KeepBoth, article.KeepAnew}
		case name == "authors":
			ways = []string{article.KeepBoth}
		}
		v := a.overlapView(o, fm, name, ways)
		v.Title, v.BeforeText = page.T("newsroom.article."+name), was
		v.Mine.Spans, v.Theirs.Spans = diffSpans(markup.DiffText(was, is)), diffSpans(markup.DiffText(was, theirs))
		v.Anew.Value = cmp.Or(fm.values.Get("text-"+name), is)
		out = append(out, v)
	}
	for _, b := range o.Blocks {
		v := a.overlapView(o, fm, b.ID, []string{article.KeepBoth, article.KeepAnew})
		v.Title, v.BeforeText = page.T("newsroom.conflict.paragraph", standsAt(o, b)), markup.Text(b.Base)
		v.Mine.Spans, v.Mine.Note = blockSpans(b.Base, b.Mine)
		v.Theirs.Spans, v.Theirs.Note = blockSpans(b.Base, b.Theirs)
		v.Anew.Value = cmp.Or(fm.values.Get("text-"+b.ID), markup.Editable([]markup.Block{{HTML: cmp.Or(b.Mine, b.Theirs)}}))
		out = append(out, v)
	}
	for i := range out {
		out[i].Count = page.T("newsroom.conflict.count", i+1, len(out))
	}
	return out
}

// overlapID begins the id of a choice, as those of fields further down are their bare names.
const overlapID = "overlap-"

// overlapView is a choice without its texts.
func (a *articles) overlapView(o *article.Overlap, fm form, name string, ways []string) overlapView {
	c := a.clock()
	keep := cmp.Or(fm.values.Get("keep-"+name), article.KeepMine)
	v := overlapView{Name: "keep-" + name, ID: overlapID + name, Fault: fm.faults[name], Before: page.T("newsroom.conflict.before", o.Base, c.When(o.BaseAt).Text),
		Mine:   sideChoice{Label: page.T("newsroom.conflict.keep-mine"), Who: page.T("newsroom.conflict.you"), At: c.Hour(o.MineAt), Chosen: keep == article.KeepMine},
		Theirs: sideChoice{Label: page.T("newsroom.conflict.keep-theirs", o.By), Who: o.By, At: c.Hour(o.At), Chosen: keep == article.KeepTheirs}}
	if !o.Own {
		v.Mine.Label, v.Mine.Who = page.T("newsroom.conflict.keep-theirs", o.MineBy), o.MineBy
	}
	for i, value := range ways {
		v.Ways = append(v.Ways, wayChoice{Value: value, Key: strconv.Itoa(i + 3), Text: page.T("newsroom.conflict.keep-" + value), Chosen: keep == value})
		if value == article.KeepAnew {
			v.Anew = field{ID: "text-" + name, Name: "text-" + name, Label: "newsroom.conflict.anew", Rows: 3, Dir: "auto"}
		}
	}
	return v
}

// standsAt is the number of a block as the merged text counts them.
func standsAt(o *article.Overlap, b markup.Overlap) int {
	if i := slices.Index(o.Order, b.ID); i >= 0 {
		return i + 1
	}
	return slices.Index(o.Order, b.After) + 2
}

// blockSpans compares a block with what it was. What its words don't show is said.
func blockSpans(was, is string) (spans []diffSpan, note string) {
	switch {
	case is == "":
		return diffSpans(markup.DiffText(markup.Text(was), "")), page.T("newsroom.conflict.gone")
	case was == "":
		return diffSpans(markup.DiffText("", markup.Text(is))), page.T("newsroom.conflict.new")
	}
	for _, d := range markup.Diff([]string{was}, []string{is}) {
		spans = append(spans, diffSpans(d.Spans)...)
		if note = details(d.Details); note == "" && d.Kind == markup.FormattingChanged {
			note = page.T("diff.format")
		}
	}
	return spans, note
}

// joined says what merged by itself: where, who and what.
func (a *articles) joined(o *article.Overlap) []joinedRow {
	zone := a.source.Zone()
	before, mine, other := draftValues(o.Before, zone), draftValues(o.Mine, zone), draftValues(o.Theirs, zone)
	var out []joinedRow
	for _, j := range o.Joined {
		row := joinedRow{Who: a.whose(o, j)}
		if j.Field {
			is := other
			if j.Mine {
				is = mine
			}
			row.Where = page.T("newsroom.article." + j.Name)
			row.Spans = diffSpans(markup.DiffText(strings.Join(before[j.Name], ", "), strings.Join(is[j.Name], ", ")))
		} else {
			row.Where = page.T("newsroom.conflict.block-gone")
			if i := slices.Index(o.Order, j.Name); i >= 0 {
				row.Where = page.T("newsroom.conflict.paragraph", strconv.Itoa(i+1))
			}
			if row.Spans, row.What = blockSpans(j.Before, j.Now); j.Before == j.Now {
				row.Spans, row.What = nil, page.T("newsroom.conflict.moved")
			}
		}
		out = append(out, row)
	}
	return out
}

func (a *articles) whose(o *article.Overlap, j article.Joined) string {
	you := page.T("newsroom.conflict.you")
	if !o.Own {
		you = o.MineBy
	}
	switch {
	case j.Mine && j.Theirs:
		return page.T("newsroom.conflict.both", you, o.By)
	case j.Mine:
		return you
	}
	return o.By
}

// others are the further fields that both changed, as they stand in theirs.
func others(o *article.Overlap, zone *time.Location) []fact {
	values := draftValues(o.Theirs, zone)
	var out []fact
	for _, name := range o.Fields {
		if name != "headline" && name != "standfirst" {
			out = append(out, fact{Name: page.T("newsroom.article." + name), Text: strings.Join(values[name], ", ")})
		}
	}
	return out
}

func overlapURL(o *article.Overlap) string {
	return fmt.Sprintf("%s/overlaps/%d", articleURL(o.Article), o.Aside)
}

func articleURL(id int64) string { return "/newsroom/articles/" + strconv.FormatInt(id, 10) }
