package newsroom

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
)

const oneAt = "/newsroom/comments/one"

// one shows the comment that the moderator has before them. It takes none: looking changes nothing.
func (c *comments) one(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	now, err := c.store.Waiting(r.Context())
	if err != nil {
		return err
	}
	saved, err := c.store.Reasons(r.Context(), actor)
	if err != nil {
		return err
	}
	d := c.dresser(oneAt, saved)
	p := onePage{frame: c.frame(r, actor, page.T("newsroom.comments.one"), queueAt), Wait: waiting(now, d.now), Reasons: d.reasons(), None: page.T("newsroom.comments.none"), More: now.Count > 0}
	p.Rail.Slim = true
	it, err := c.store.Claimed(r.Context(), actor)
	switch {
	case errors.Is(err, fault.NotFound):
		if now.Count > 0 {
			p.None = page.T("newsroom.comments.one-none")
		}
		return c.pages.one.Write(w, r, http.StatusOK, p)
	case err != nil:
		return err
	}
	item := d.item(&it)
	p.Item = &item
	p.Wait.Since = page.T("newsroom.queue.this-one", duration(d.now.Sub(it.TextAt)))
	return c.pages.one.Write(w, r, http.StatusOK, p)
}

// claim puts the next comment before the moderator; a script that names one only says that it is still being read.
func (c *comments) claim(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	if !wantsJSON(r) {
		return c.next(w, r, actor, f)
	}
	id, err := f.Int("id")
	if err != nil {
		return err
	}
	if err := c.store.Renew(r.Context(), actor, id); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, struct{}{})
}

// next claims a comment and shows it. After is one left for later.
func (c *comments) next(w http.ResponseWriter, r *http.Request, actor staff.Actor, f page.Form) error {
	after, err := f.Int("after")
	if err != nil {
		return err
	}
	if _, err := c.store.Claim(r.Context(), actor, after); err != nil {
		return err
	}
	return seeOther(w, r, oneAt)
}

// release gives the comment back and returns to the list.
func (c *comments) release(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := c.store.Release(r.Context(), actor); err != nil {
		return err
	}
	return seeOther(w, r, queueAt)
}

// alsoHere names the others who have a comment of the list before them.
func alsoHere(who map[string]bool) string {
	if len(who) == 0 {
		return ""
	}
	names := make([]string, 0, len(who))
	for name := range who {
		names = append(names, name)
	}
	slices.Sort(names)
	return page.N("newsroom.comments.also-here", len(names), strings.Join(names, ", "))
}
