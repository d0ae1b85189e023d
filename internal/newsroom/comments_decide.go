package newsroom

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
)

// decidedAnswer tells a script what was done: Undo is where to take it back, empty for an undoing; Waiting and Count are the queue's now.
type decidedAnswer struct {
	Said    string `json:"said"`
	Undo    string `json:"undo"`
	Waiting string `json:"waiting"`
	Count   string `json:"count"`
}

// meanwhileAnswer tells a script what somebody else decided meanwhile.
type meanwhileAnswer struct {
	Error  string `json:"error"`
	Status string `json:"status"`
	Undo   string `json:"undo"`
}

// decide gives the address of one decision on one comment.
func (c *comments) decide(act comment.Act) handler {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		id, f, err := idForm(w, r)
		if err != nil {
			return err
		}
		pick, err := picked(f, id)
		if err != nil {
			return err
		}
		err = c.store.Decide(r.Context(), actor, pick, act, reasonOf(f))
		var decided *comment.Decided
		if errors.As(err, &decided) {
			return c.decidedMeanwhile(w, r, actor, f, decided)
		}
		if err != nil {
			return explain(err)
		}
		undo := fmt.Sprintf("/newsroom/comments/%d/undo", id)
		if act == comment.Undo {
			undo = ""
		}
		return c.done(w, r, actor, f, page.T("newsroom.comments.done."+string(act), id), undo)
	}
}

// reasonOf is what was typed, else what was chosen.
func reasonOf(f page.Form) string { return cmp.Or(f.Text("words"), f.Text("reason")) }

// done answers a decision: a script in words, a form with the page it came from, and one-at-a-time mode with the next comment.
func (c *comments) done(w http.ResponseWriter, r *http.Request, actor staff.Actor, f page.Form, said, undo string) error {
	if wantsJSON(r) {
		out := decidedAnswer{Said: said, Undo: undo}
		if now, err := c.store.Waiting(r.Context()); err == nil {
			line := waiting(now, c.now())
			out.Waiting, out.Count = line.Count+line.Since, waitingCount(now)
		}
		return writeJSON(w, http.StatusOK, out)
	}
	c.sayUndo(r, said, undo)
	if f.On("one") {
		return c.next(w, r, actor, f)
	}
	return seeOther(w, r, local(f.Get("back"), queueAt))
}

// waitingCount is the figure in the rail; empty where nothing waits.
func waitingCount(w comment.Waiting) string {
	switch {
	case w.Count == 0:
		return ""
	case w.More:
		return page.Number(w.Count) + "+"
	}
	return page.Number(w.Count)
}

// picked is the comment that the address names, as the form had seen it, if it says so.
func picked(f page.Form, id int64) (comment.Pick, error) {
	if f.Text("ids") == "" {
		return comment.Pick{ID: id}, nil
	}
	pick, err := comment.ParsePick(f.Text("ids"))
	if err == nil && pick.ID != id {
		err = fault.NotFound
	}
	return pick, err
}

// explain says to a moderator what the noun says to whoever answers a comment that isn't public.
func explain(err error) error {
	if faults, ok := refused(err); ok && faults["parent"] != "" {
		return fault.Field("parent", "newsroom.comments.parent-held")
	}
	return err
}

// bulk does one thing to many, or to all that waits of one person. What somebody else decided meanwhile is left as it is, and said.
func (c *comments) bulk(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	picks, err := c.picks(r, actor, f)
	if err != nil {
		return err
	}
	act := comment.Act(f.Text("act"))
	done, failed, err := c.store.Bulk(r.Context(), actor, picks, act, reasonOf(f))
	if err != nil {
		return err
	}
	text, ids, undo := page.N("newsroom.comments.done.bulk", len(done)), make([]string, len(done)), queueAt+"/bulk"
	if act == comment.Undo {
		text = page.N("newsroom.comments.done.bulk-undo", len(done))
	}
	for i, id := range done {
		ids[i] = strconv.FormatInt(id, 10)
	}
	if len(failed) > 0 {
		text += " " + page.N("newsroom.comments.done.bulk-missed", len(failed))
	}
	if act == comment.Undo || len(done) == 0 {
		undo = ""
	}
	c.sayUndo(r, text, undo, ids...)
	return seeOther(w, r, local(f.Get("back"), queueAt))
}

// picks are those chosen; where the button says so, all that waits of the person.
func (c *comments) picks(r *http.Request, actor staff.Actor, f page.Form) ([]comment.Pick, error) {
	person, err := f.Int("person")
	if err != nil {
		return nil, err
	}
	if person != 0 {
		return c.store.WaitingOf(r.Context(), actor, person)
	}
	var picks []comment.Pick
	for _, text := range f.Values["ids"] {
		pick, err := comment.ParsePick(text)
		if err != nil {
			return nil, err
		}
		picks = append(picks, pick)
	}
	return picks, nil
}

func (c *comments) decidedMeanwhile(w http.ResponseWriter, r *http.Request, actor staff.Actor, f page.Form, d *comment.Decided) error {
	said := page.T("newsroom.comments.decided-"+cmp.Or(string(d.Act), "none"), cmp.Or(d.By, page.T("newsroom.comments.by-itself")), c.clock().When(d.At).Text)
	if d.Reason != "" {
		said += " " + page.T("newsroom.comments.decided-reason", d.Reason)
	}
	at := fmt.Sprintf("/newsroom/comments/%d", d.ID)
	if wantsJSON(r) {
		out := meanwhileAnswer{Error: said, Status: string(d.Status)}
		if d.Decision.ID != 0 {
			out.Undo = at + "/undo"
		}
		return writeJSON(w, http.StatusConflict, out)
	}
	return c.pages.decided.Write(w, r, http.StatusConflict, decidedPage{frame: c.frame(r, actor, page.T("newsroom.comments.decided-title"), queueAt), URL: at, Said: said,
		Hint: page.T("newsroom.comments.decided-hint"), Back: local(f.Get("back"), queueAt), Status: string(d.Status), CanUndo: d.Decision.ID != 0})
}

// opine takes a second opinion, and says then what the first moderator decided.
func (c *comments) opine(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	decision, err := f.Int("opinion")
	if err != nil {
		return err
	}
	o, err := c.store.GiveOpinion(r.Context(), actor, decision, comment.Act(f.Text("act")))
	if err != nil {
		return err
	}
	undo := fmt.Sprintf("/newsroom/opinions/%d/undo", decision)
	if o.Agrees() {
		return c.done(w, r, actor, f, page.T("newsroom.comments.agreed", o.First.By), undo)
	}
	said := page.T("newsroom.comments.differs", page.T("newsroom.comments.past."+string(o.Act)), page.T("newsroom.comments.past."+string(o.First.Act)), o.First.By, c.clock().When(o.First.At).Text)
	if o.First.Reason != "" {
		said += " " + page.T("newsroom.comments.decided-reason", o.First.Reason)
	}
	c.sayUndo(r, page.T("newsroom.comments.opinion-kept"), undo)
	back := local(f.Get("back"), queueAt)
	if f.On("one") {
		back = oneAt
	}
	return c.pages.decided.Write(w, r, http.StatusOK, decidedPage{frame: c.frame(r, actor, page.T("newsroom.comments.differs-title"), queueAt), URL: fmt.Sprintf("/newsroom/comments/%d", o.Comment),
		Said: said, Hint: page.T("newsroom.comments.differs-hint"), Back: back, Status: string(o.Status), CanHold: true})
}

// unopine takes an opinion back.
func (c *comments) unopine(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := idForm(w, r)
	if err != nil {
		return err
	}
	if err := c.store.TakeOpinionBack(r.Context(), actor, id); err != nil {
		return err
	}
	return c.done(w, r, actor, f, page.T("newsroom.comments.opinion-undone"), "")
}
