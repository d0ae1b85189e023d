package newsroom

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/report"
	"stet/internal/staff"
)

// acts makes articles public and changes what is.
type acts struct {
	*face
	store   *article.Store
	reports *report.Store
	pages   actPages
}

// changeKinds are the kinds of a change of a public article.
var changeKinds = append([]string{article.Minor}, article.NoticeKinds...)

func (a *acts) askPublish(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	e, err := a.edit(r, actor, article.CanPublish)
	if err != nil {
		return err
	}
	return a.writePublish(w, r, actor, &e, nil, form{words: "publish", values: url.Values{}})
}

func (a *acts) publish(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := a.submitted(w, r)
	if err != nil {
		return err
	}
	in, err := a.readPublish(f)
	var done article.Outcome
	if err == nil {
		done, err = a.store.Publish(r.Context(), actor, id, in)
	}
	faults, invalid := refused(err)
	switch {
	case invalid:
		return a.publishAgain(w, r, actor, form{words: "publish", values: f.Values, faults: faults})
	case errors.Is(err, fault.Conflict):
		return a.publishStale(w, r, actor, in.Revision, form{words: "publish", values: f.Values, faults: map[string]string{"": "newsroom.publish.stale"}})
	case err != nil:
		return err
	}
	a.say(r, page.T("newsroom.article.done.published"))
	if done.At != nil {
		a.say(r, page.T("newsroom.article.done.scheduled", a.clock().When(*done.At).Text))
	}
	return seeOther(w, r, fmt.Sprintf("/newsroom/articles/%d", id))
}

func (a *acts) readPublish(f page.Form) (article.PublishIn, error) {
	in := article.PublishIn{Kind: f.Text("kind"), Notice: f.Text("notice"), Pinned: ticked(f.Values["pinned"]), Key: f.Text("key")}
	var err error
	if in.Revision, err = whole(f, "revision"); err != nil {
		return in, err
	}
	if text := f.Text("at"); text != "" {
		at, err := article.ParseAt(text, a.source.Zone())
		if err != nil {
			return in, err
		}
		in.At = &at
	}
	return in, nil
}

// publishAgain asks anew with what was chosen and typed.
func (a *acts) publishAgain(w http.ResponseWriter, r *http.Request, actor staff.Actor, fm form) error {
	e, err := a.edit(r, actor, article.CanPublish)
	if err != nil {
		return err
	}
	return a.writePublish(w, r, actor, &e, nil, fm)
}

// publishStale asks anew where somebody saved since revision was looked at: it says who, and shows what they changed.
func (a *acts) publishStale(w http.ResponseWriter, r *http.Request, actor staff.Actor, revision int, fm form) error {
	e, err := a.edit(r, actor, article.CanPublish)
	if err != nil {
		return err
	}
	if revision < 1 || revision > e.Head {
		fm.faults = map[string]string{"revision": "article.revision.unknown"}
		return a.writePublish(w, r, actor, &e, nil, fm)
	}
	c, err := a.store.Compare(r.Context(), actor, e.ID, revision, e.Head)
	if err != nil {
		return err
	}
	stale := &staleView{Lead: page.T("newsroom.publish.stale-lead", c.To.By, e.Head, a.clock().When(c.To.At).Text, revision), Diff: diffOf(c.Changes, e.Draft.Language, false),
		Compare: page.Link{URL: fmt.Sprintf("/newsroom/articles/%d/compare?from=%d&to=%d", e.ID, revision, e.Head), Text: page.T("newsroom.publish.stale-compare")}}
	return a.writePublish(w, r, actor, &e, stale, fm)
}

// writePublish asks: when, and for a public article what kind of change it is, beside what readers will get.
func (a *acts) writePublish(w http.ResponseWriter, r *http.Request, actor staff.Actor, e *article.Editing, stale *staleView, fm form) error {
	found, err := a.store.Checks(r.Context(), actor, e.ID)
	if err != nil {
		return err
	}
	c := a.clock()
	title, status := "newsroom.publish", fm.status()
	if stale != nil {
		status = http.StatusConflict
	}
	p := publishPage{About: aboutArticle(e, c), Revision: e.Head, Key: rand.Text(), Faults: fm.all(), At: fm.typed("at", "datetime-local"), Checks: checkRows(e.ID, found),
		Follows: []string{page.T("newsroom.publish.follows-feeds"), page.T("newsroom.publish.follows-record", len(e.Record)+1)}, Record: recordRows(e.Record, c), Stale: stale}
	p.At.Hint = page.T("newsroom.publish.at-now", c.Hour(a.now()).Text)
	if e.State.Public == "" {
		p.Follows = append([]string{page.T("newsroom.publish.follows-first")}, p.Follows...)
	} else {
		title = "newsroom.publish.changes"
		pending, err := a.store.Compare(r.Context(), actor, e.ID, 0, e.Head)
		if err != nil {
			return err
		}
		kinds := changeKinds
		if pending.None() {
			kinds = article.NoticeKinds
		}
		p.Readers = readersOf(e, &pending)
		p.Kind, p.Notice, p.Pinned = fm.pick("kind", worded("newsroom.kind.", kinds)), fm.area("notice", 4), fm.tick("pinned")
		p.Notice.Serif = true
		p.Notice = p.Notice.written(inNotice, e.Draft.Language)
		p.Follows = append(p.Follows, page.T("newsroom.publish.follows-updated"))
	}
	p.frame = a.frame(r, actor, page.T(title), "/newsroom/articles")
	return a.pages.publish.Write(w, r, status, p)
}

// readersOf shows the words that the history will show, and no others.
func readersOf(e *article.Editing, c *article.Comparison) *readersView {
	at := fmt.Sprintf("/newsroom/articles/%d", e.ID)
	v := &readersView{Headline: e.Draft.Headline, Kicker: e.Draft.Kicker, Lang: e.Draft.Language, Diff: diffOf(c.Changes, e.Draft.Language, false), Compare: at + "/compare?from=live"}
	switch {
	case c.None():
		v.None, v.Updates = page.T("newsroom.publish.none"), at+"/updates"
	case c.Changes.None():
		var names []string
		for _, f := range c.Facts {
			names = append(names, page.T("newsroom.article."+f.Field))
		}
		v.None = page.T("newsroom.publish.beside", strings.Join(names, ", "))
	}
	return v
}

// submitted reads the form of an act on one article.
func (a *acts) submitted(w http.ResponseWriter, r *http.Request) (int64, page.Form, error) {
	id, err := pathID(r)
	if err != nil {
		return 0, page.Form{}, err
	}
	f, err := page.ParseForm(w, r, limitNotice)
	if err == nil && len(f.Get("notice"))+len(f.Get("statement")) > article.MaxNotice {
		err = page.ErrTooLarge
	}
	return id, f, err
}

// edit reads the article of a page that asks, and keeps from it who could not go on: the same rule decides the act itself.
func (a *acts) edit(r *http.Request, actor staff.Actor, rule func(staff.Actor, article.State) bool) (article.Editing, error) {
	id, err := pathID(r)
	if err != nil {
		return article.Editing{}, err
	}
	e, err := a.store.Edit(r.Context(), actor, id)
	if err == nil && !rule(actor, e.State) {
		err = fmt.Errorf("%s while %s: %w", r.URL.Path, e.State.Status(), fault.Forbidden)
	}
	return e, err
}

// forward is the one act that a draft goes on to.
func forward(actor staff.Actor, e article.Editing) option {
	switch {
	case article.CanPublish(actor, e.State) && e.State.Public == "":
		return option{Value: "publish", Text: page.T("newsroom.article.publish")}
	case article.CanPublish(actor, e.State):
		return option{Value: "publish", Text: page.T("newsroom.article.publish-changes")}
	case article.CanSubmit(actor, e.State):
		return option{Value: "submit", Text: page.T("newsroom.article.submit")}
	}
	return option{}
}

// actLinks lead to all that may be done besides. Who may publish needs no review.
func actLinks(actor staff.Actor, e article.Editing) []page.Link {
	at := "/newsroom/articles/" + strconv.FormatInt(e.ID, 10) + "/"
	next := forward(actor, e)
	out := []page.Link{{URL: at + "preview", Text: page.T("newsroom.article.act.preview")}, {URL: at + "preview/widths", Text: page.T("newsroom.preview.widths")}}
	if e.Path != "" {
		out = append(out, page.Link{URL: at + "reads", Text: page.T("newsroom.reads")})
	}
	if article.CanAppend(actor, e.State) {
		out = append(out, page.Link{URL: at + "updates", Text: page.T("newsroom.article.act.updates")})
	}
	for _, what := range articleActs {
		needless := what.name == "submit" && (article.CanPublish(actor, e.State) || next.Value == "submit")
		if what.rule(actor, e.State) && !needless {
			out = append(out, page.Link{URL: at + what.name, Text: page.T("newsroom.article.act." + what.name)})
		}
	}
	return out
}
