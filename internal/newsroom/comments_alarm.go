package newsroom

import (
	"fmt"
	"net/http"

	"stet/internal/page"
	"stet/internal/staff"
)

const emergencyAt = "/newsroom/comments/emergency"

// emergencies are what the switch can be, as they stand in addresses.
var emergencies = map[string]string{"premoderated": "premoderated", "closed": "closed", "off": ""}

// askEmergency says what the switch does before anybody turns it.
func (c *comments) askEmergency(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	mode, err := c.store.EmergencyNow(r.Context())
	if err != nil {
		return err
	}
	p := emergencyPage{frame: c.frame(r, actor, page.T("newsroom.emergency"), queueAt), Now: emergencyWords(mode)}
	for _, name := range []string{"premoderated", "closed", "off"} {
		if emergencies[name] != mode {
			p.Acts = append(p.Acts, emergencyAct{URL: emergencyAt + "/" + name, Words: "newsroom.emergency." + name, Follows: "newsroom.emergency." + name + "-follows", Ends: name == "off"})
		}
	}
	return c.pages.emergency.Write(w, r, http.StatusOK, p)
}

// emergencyWords say what the switch does now; empty where it is off.
func emergencyWords(mode string) string {
	if mode == "" {
		return ""
	}
	return page.T("newsroom.emergency." + mode + "-now")
}

// emergency turns the switch; Undo turns it back to where it was.
func (c *comments) emergency(name string) handler {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		was, err := c.store.EmergencyNow(r.Context())
		if err != nil {
			return err
		}
		if err := c.store.Emergency(r.Context(), actor, emergencies[name]); err != nil {
			return err
		}
		undo := ""
		for before, mode := range emergencies {
			if mode == was && before != name {
				undo = emergencyAt + "/" + before
			}
		}
		c.sayUndo(r, page.T("newsroom.emergency."+name+"-done"), undo)
		return seeOther(w, r, queueAt)
	}
}

// endStorm opens an article again that was slowed down.
func (c *comments) endStorm(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := c.store.EndStorm(r.Context(), actor, id); err != nil {
		return err
	}
	c.say(r, page.T("newsroom.storm.done"))
	return seeOther(w, r, queueAt)
}

// hold has all comments of a person held, or ends that.
func (c *comments) hold(on bool) handler {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		if err := c.store.SetHeld(r.Context(), actor, id, on); err != nil {
			return err
		}
		at := fmt.Sprintf("/newsroom/commenters/%d", id)
		said, undo := "newsroom.commenter.done-hold", at+"/unhold"
		if !on {
			said, undo = "newsroom.commenter.done-unhold", at+"/hold"
		}
		c.sayUndo(r, page.T(said), undo)
		return seeOther(w, r, at)
	}
}
