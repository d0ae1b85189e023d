package newsroom

import (
	"encoding/json"
	"fmt"
	"net/http"

	"stet/internal/page"
	"stet/internal/staff"
)

// personalData is what an admin may do with what is kept about a person. Unsure says that the form to erase it lacked the tick.
type personalData struct {
	Copy, Erase string
	Unsure      bool
}

func personal(id int64, unsure bool) *personalData {
	at := fmt.Sprintf("/newsroom/commenters/%d", id)
	return &personalData{Copy: at + "/copy", Erase: at + "/erase", Unsure: unsure}
}

// copyPerson answers with everything that is kept about a person, as a file, for an admin whom they asked for it.
func (c *comments) copyPerson(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := page.ParseForm(w, r, limitForm); err != nil {
		return err
	}
	all, err := c.store.CopyPerson(r.Context(), actor, id)
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="commenter-%d.json"`, id))
	page.Send(w, r, "application/json", append(body, '\n'))
	return nil
}

// erasePerson erases a person, for good, for an admin whom they asked for it.
func (c *comments) erasePerson(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := idForm(w, r)
	if err != nil {
		return err
	}
	if !f.On("sure") {
		return c.writeCommenter(w, r, actor, true)
	}
	if err := c.store.ErasePerson(r.Context(), actor, id); err != nil {
		return err
	}
	c.say(r, page.T("newsroom.commenter.erased"))
	return seeOther(w, r, queueAt)
}
