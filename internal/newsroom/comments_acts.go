package newsroom

import (
	"fmt"
	"net/http"

	"stet/internal/page"
	"stet/internal/staff"
)

// pin puts a comment first on its article's page, or back into its order.
func (c *comments) pin(on bool) handler {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		id, f, err := idForm(w, r)
		if err != nil {
			return err
		}
		if err := c.store.Pin(r.Context(), actor, id, on); err != nil {
			return err
		}
		said, undo := "newsroom.comments.done.pin", "unpin"
		if !on {
			said, undo = "newsroom.comments.done.unpin", "pin"
		}
		c.sayUndo(r, page.T(said, id), fmt.Sprintf("/newsroom/comments/%d/%s", id, undo))
		return seeOther(w, r, local(f.Get("back"), queueAt))
	}
}

// reply answers a comment from the newsroom. What can't be taken stands in the form again.
func (c *comments) reply(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := idForm(w, r)
	if err != nil {
		return err
	}
	made, err := c.store.Reply(r.Context(), actor, id, f.Get("body"))
	if faults, ok := refused(err); ok {
		return c.writeHistory(w, r, actor, id, form{words: "comments", values: f.Values, faults: faults})
	}
	if err != nil {
		return err
	}
	c.sayUndo(r, page.T("newsroom.comments.done.reply"), fmt.Sprintf("/newsroom/comments/%d/hold", made))
	return seeOther(w, r, fmt.Sprintf("/newsroom/comments/%d", made))
}
