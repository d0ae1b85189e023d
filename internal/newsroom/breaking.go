package newsroom

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/settings"
	"stet/internal/staff"
)

const breakingAt = "/newsroom/breaking"

// breakingUsual is how long a line stands where nobody says otherwise.
const breakingUsual = 3 * time.Hour

// breaking is the line over all of readers' pages.
type breaking struct {
	*face
	store *settings.Store
	page  *page.Page[breakingPage]
}

// breakingPage is the form of the line. Now is the one that readers see, empty where there is none.
type breakingPage struct {
	frame
	Now              page.Link
	Until            string
	Faults           []mistake
	Text, URL, Ended field
}

func (b *breaking) routes() []Route {
	return []Route{
		{get, breakingAt, edits, nil, b.show},
		{post, breakingAt, edits, nil, b.set},
		{post, breakingAt + "/end", edits, nil, b.end},
		{post, breakingAt + "/{id}/undo", edits, nil, b.undo},
	}
}

func (b *breaking) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	s, err := b.store.Load(r.Context())
	if err != nil {
		return err
	}
	is := settings.Breaking{Until: b.now().Add(breakingUsual)}
	if s.Breaking.Shown(b.now()) {
		is = s.Breaking
	}
	values := url.Values{"text": {is.Text}, "url": {is.URL}, "until": {is.Until.In(b.source.Zone()).Format(wallTime)}}
	return b.write(w, r, actor, s.Breaking, form{words: "breaking", values: values})
}

func (b *breaking) write(w http.ResponseWriter, r *http.Request, actor staff.Actor, is settings.Breaking, fm form) error {
	p := breakingPage{frame: b.frame(r, actor, page.T("newsroom.breaking"), breakingAt), Faults: fm.all(), Text: fm.must("text"), URL: fm.field("url"), Ended: fm.typed("until", "datetime-local")}
	p.URL.Dir, p.Ended.Required = "ltr", true
	if is.Shown(b.now()) {
		p.Now = page.Link{URL: is.URL, Text: is.Text}
		p.Until = b.clock().When(is.Until).Text
	}
	return b.page.Write(w, r, fm.status(), p)
}

// set shows the line that the form holds over all pages at once; Undo brings back what stood there.
func (b *breaking) set(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	in, err := b.read(f)
	var n int64
	if err == nil {
		n, err = b.store.SetBreaking(r.Context(), actor.ID, in)
	}
	if faults, ok := refused(err); ok {
		s, err := b.store.Load(r.Context())
		if err != nil {
			return err
		}
		return b.write(w, r, actor, s.Breaking, form{words: "breaking", values: f.Values, faults: faults})
	}
	return b.done(w, r, "newsroom.breaking.done", n, err)
}

func (b *breaking) read(f page.Form) (settings.Breaking, error) {
	in := settings.Breaking{Text: f.Text("text"), URL: f.Text("url")}
	if in.Text == "" {
		return in, fault.Field("text", "field.required")
	}
	if f.Text("until") == "" {
		return in, fault.Field("until", "field.required")
	}
	var err error
	in.Until, err = timeIn(f, "until", b.source.Zone())
	return in, err
}

// end takes the line away before its time.
func (b *breaking) end(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	n, err := b.store.SetBreaking(r.Context(), actor.ID, settings.Breaking{})
	return b.done(w, r, "newsroom.breaking.ended", n, err)
}

func (b *breaking) undo(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	n, err := pathID(r)
	if err != nil {
		return err
	}
	if err := b.store.UndoBreaking(r.Context(), actor.ID, n); err != nil {
		return err
	}
	b.say(r, page.T("newsroom.undone"))
	return seeOther(w, r, breakingAt)
}

func (b *breaking) done(w http.ResponseWriter, r *http.Request, said string, n int64, err error) error {
	if err != nil {
		return err
	}
	b.sayUndo(r, page.T(said), fmt.Sprintf("%s/%s/undo", breakingAt, strconv.FormatInt(n, 10)))
	return seeOther(w, r, breakingAt)
}
