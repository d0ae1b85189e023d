package newsroom

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"stet/internal/page"
	"stet/internal/staff"
)

// account is somebody's own: password, and where they are signed in.
type account struct {
	*face
	staff *staff.Store
	ends  *staff.Sessions
	page  *page.Page[accountPage]
}

func (a *account) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return a.write(w, r, actor, http.StatusOK, nil)
}

func (a *account) write(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, faults map[string]string) error {
	me, err := a.staff.ByID(r.Context(), actor, actor.ID)
	if err != nil {
		return err
	}
	sessions, err := a.ends.ListSessions(r.Context(), actor, actor.ID)
	if err != nil {
		return err
	}
	fm := form{words: "account", values: url.Values{}, faults: faults}
	p := accountPage{frame: a.frame(r, actor, page.T("newsroom.account"), ""), Email: me.Email, Current: fm.typed("current", "password"), Password: fm.typed("password", "password")}
	p.Current.Auto, p.Current.Required = "current-password", true
	p.Password.Auto, p.Password.Required = "new-password", true
	here, c := staff.SessionID(a.sessions.Token(r.Context())), a.clock()
	for _, s := range sessions {
		p.Sessions = append(p.Sessions, sessionRow{ID: s.ID, Device: short(s.Device, 90), Address: s.Address, Since: c.When(s.CreatedAt), Seen: c.When(s.SeenAt), Here: s.ID == here})
	}
	return a.page.Write(w, r, status, p)
}

// password changes it. All sessions end with the old one; the one at hand goes on under a new token.
func (a *account) password(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	err = a.staff.ChangeOwnPassword(r.Context(), actor, f.Get("current"), f.Get("password"))
	if faults, ok := refused(err); ok {
		return a.write(w, r, actor, http.StatusUnprocessableEntity, faults)
	}
	if err != nil {
		return err
	}
	if err := a.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	a.say(r, page.T("newsroom.account.done.password"))
	return seeOther(w, r, "/newsroom/account")
}

func (a *account) end(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if err := a.ends.EndSession(r.Context(), actor, actor.ID, chi.URLParam(r, "session")); err != nil {
		return err
	}
	a.say(r, page.T("newsroom.account.done.ended"))
	return seeOther(w, r, "/newsroom/account")
}
