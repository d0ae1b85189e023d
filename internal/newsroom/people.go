package newsroom

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
)

// people is who signs in, for admins.
type people struct {
	*face
	store *staff.Store
	ends  *staff.Sessions
	pages peoplePages
}

// personAct is one thing that may be done to a person, and when it makes sense.
type personAct struct {
	name string
	when func(staff.Person) bool
	do   func(ctx context.Context, p *people, by staff.Actor, id int64) error
}

var personActs = []personAct{
	{"sessions", func(p staff.Person) bool { return p.DisabledAt == nil }, func(ctx context.Context, p *people, by staff.Actor, id int64) error {
		return p.ends.EndAll(ctx, by, id)
	}},
	{"factor", func(p staff.Person) bool { return p.Factor }, func(ctx context.Context, p *people, by staff.Actor, id int64) error {
		return p.store.ResetFactor(ctx, by, id)
	}},
	{"disable", func(p staff.Person) bool { return p.DisabledAt == nil }, func(ctx context.Context, p *people, by staff.Actor, id int64) error {
		return p.store.Disable(ctx, by, id)
	}},
	{"enable", func(p staff.Person) bool { return p.DisabledAt != nil }, func(ctx context.Context, p *people, by staff.Actor, id int64) error {
		return p.store.Enable(ctx, by, id)
	}},
}

func (p *people) list(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return p.writeList(w, r, actor, http.StatusOK, form{words: "user", values: url.Values{}})
}

func (p *people) writeList(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, fm form) error {
	all, err := p.store.List(r.Context(), actor)
	if err != nil {
		return err
	}
	out := usersPage{frame: p.frame(r, actor, page.T("newsroom.users"), "/newsroom/users"), Faults: fm.all(), Name: fm.must("name"), Email: fm.typed("email", "email"),
		Password: fm.typed("password", "password"), Roles: fm.pick("roles", roleOptions())}
	out.Email.Required, out.Password.Required, out.Password.Auto = true, true, "new-password"
	for _, one := range all {
		out.Rows = append(out.Rows, userRow{URL: fmt.Sprintf("/newsroom/users/%d", one.ID), Name: one.Name, Email: one.Email, Roles: roleWords(one.Roles), Factor: factorWords(one), State: personState(one)})
	}
	return p.pages.list.Write(w, r, status, out)
}

func roleOptions() []option {
	names := make([]string, len(staff.AllRoles))
	for i, role := range staff.AllRoles {
		names[i] = string(role)
	}
	return worded("newsroom.role.", names)
}

func factorWords(p staff.Person) string {
	if p.Factor {
		return page.T("newsroom.user.factor-on")
	}
	return page.T("newsroom.user.factor-off")
}

func personState(p staff.Person) state {
	if p.DisabledAt != nil {
		return state{"off", page.T("newsroom.state.disabled")}
	}
	return state{"live", page.T("newsroom.state.on")}
}

// add makes an account.
func (p *people) add(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	roles, err := readRoles(f)
	var made staff.Person
	if err == nil {
		made, err = p.store.Add(r.Context(), actor, staff.NewPerson{Email: f.Text("email"), Name: f.Text("name"), Password: f.Get("password"), Roles: roles})
	}
	if faults, ok := refused(err); ok {
		return p.writeList(w, r, actor, http.StatusUnprocessableEntity, form{words: "user", values: f.Values, faults: faults})
	}
	if err != nil {
		return err
	}
	p.say(r, page.T("newsroom.user.done.added", made.Name))
	return seeOther(w, r, "/newsroom/users")
}

func (p *people) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return p.write(w, r, actor, http.StatusOK, nil, nil)
}

func (p *people) write(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, typed url.Values, faults map[string]string) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	one, err := p.store.ByID(r.Context(), actor, id)
	if err != nil {
		return err
	}
	values := url.Values{"name": {one.Name}, "roles": one.Roles.Strings()}
	fm := form{words: "user", values: merged(values, typed), faults: faults}
	out := userPage{frame: p.frame(r, actor, one.Name, "/newsroom/users"), URL: fmt.Sprintf("/newsroom/users/%d", one.ID), Email: one.Email, State: personState(one), Faults: fm.all(),
		Name: fm.must("name"), Roles: fm.pick("roles", roleOptions()), Password: fm.typed("password", "password")}
	out.Password.Required, out.Password.Auto = true, "new-password"
	for _, what := range personActs {
		if what.when(one) {
			key := "newsroom.user.act." + what.name
			out.Acts = append(out.Acts, userAct{URL: out.URL + "/" + what.name, Text: page.T(key), Hint: page.T(key + "-hint")})
		}
	}
	return p.pages.one.Write(w, r, status, out)
}

// save changes name and roles.
func (p *people) save(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return p.change(w, r, actor, "newsroom.saved", func(id int64, f page.Form) error {
		if f.Has("name") {
			if err := p.store.Rename(r.Context(), actor, id, f.Text("name")); err != nil {
				return err
			}
		}
		one, err := p.store.ByID(r.Context(), actor, id)
		if err != nil {
			return err
		}
		roles, err := readRoles(f)
		if err != nil || slices.Equal(one.Roles, roles) {
			return err
		}
		return p.store.SetRoles(r.Context(), actor, id, roles)
	})
}

func (p *people) password(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	return p.change(w, r, actor, "newsroom.user.done.password", func(id int64, f page.Form) error {
		return p.store.SetPassword(r.Context(), actor, id, f.Get("password"))
	})
}

func (p *people) perform(what personAct) handler {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		return p.change(w, r, actor, "newsroom.user.done."+what.name, func(id int64, _ page.Form) error { return what.do(r.Context(), p, actor, id) })
	}
}

// change does one thing to the person that the address names. What ends that person's sessions and was done to oneself goes on
// under a new token.
func (p *people) change(w http.ResponseWriter, r *http.Request, actor staff.Actor, said string, do func(id int64, f page.Form) error) error {
	id, f, err := idForm(w, r)
	if err != nil {
		return err
	}
	err = do(id, f)
	if faults, ok := refused(err); ok {
		return p.write(w, r, actor, http.StatusUnprocessableEntity, f.Values, faults)
	}
	if err != nil {
		return err
	}
	if id == actor.ID {
		if err := p.sessions.RenewToken(r.Context()); err != nil {
			return err
		}
	}
	p.say(r, page.T(said))
	return seeOther(w, r, fmt.Sprintf("/newsroom/users/%d", id))
}

// readRoles are the roles ticked, or typed with commas between.
func readRoles(f page.Form) (staff.Roles, error) {
	var names []string
	for _, value := range f.Values["roles"] {
		names = append(names, list(value)...)
	}
	roles, err := staff.ParseRoles(names)
	if err != nil {
		return nil, fault.Field("roles", "staff.roles.unknown")
	}
	return roles, nil
}
