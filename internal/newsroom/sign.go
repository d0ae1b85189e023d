package newsroom

import (
	"errors"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"stet/internal/fault"
	"stet/internal/limit"
	"stet/internal/page"
	"stet/internal/staff"
)

// sign lets people in and out.
type sign struct {
	*face
	staff    *staff.Store
	ends     *staff.Sessions
	clientIP func(*http.Request) netip.Addr
	pages    signPages
}

// Between password and code a session knows whom it waits for, and until when.
const (
	pendingStaff = "pending"
	pendingUntil = "pending_until"
	pendingFor   = 10 * time.Minute
)

func (s *sign) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	if actor.ID != 0 {
		return seeOther(w, r, local(q.Get("next"), "/newsroom/"))
	}
	if q.Get("again") != "" {
		s.sessions.Remove(r.Context(), pendingStaff)
	}
	if s.pending(r) != 0 {
		return s.askCode(w, r, http.StatusOK, q, nil)
	}
	return s.ask(w, r, http.StatusOK, q, nil)
}

// in takes e-mail and password, and on the second page the code. Whatever is wrong, the answer tells no more than that.
func (s *sign) in(w http.ResponseWriter, r *http.Request, _ staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	if f.Has("code") && !f.Has("password") {
		return s.second(w, r, f)
	}
	who, needsCode, err := s.staff.SignIn(r.Context(), staff.SignIn{Email: f.Text("email"), Password: f.Get("password"), Address: limit.Address(s.clientIP(r))})
	if status, faults, ok := s.wrong(w, err, "password"); ok {
		return s.ask(w, r, status, f, faults)
	}
	if err != nil {
		return err
	}
	if !needsCode {
		return s.welcome(w, r, who, f)
	}
	if err := s.await(r, who); err != nil {
		return err
	}
	if wantsJSON(r) {
		return writeJSON(w, http.StatusOK, signAnswer{Code: true})
	}
	return seeOther(w, r, "/newsroom/login?"+url.Values{"next": {local(f.Get("next"), "/newsroom/")}}.Encode())
}

func (s *sign) second(w http.ResponseWriter, r *http.Request, f page.Form) error {
	id := s.pending(r)
	if id == 0 {
		status, faults, _ := s.wrong(w, staff.ErrRefused, "password")
		return s.ask(w, r, status, f, faults)
	}
	who, err := s.staff.VerifyCode(r.Context(), id, strings.ReplaceAll(f.Text("code"), " ", ""), limit.Address(s.clientIP(r)))
	if status, faults, ok := s.wrong(w, err, "code"); ok {
		return s.askCode(w, r, status, f, faults)
	}
	if err != nil {
		return err
	}
	return s.welcome(w, r, who, f)
}

// wrong tells what somebody at the door may be told: that it didn't match, or that it was tried too often. It stands at field.
func (s *sign) wrong(w http.ResponseWriter, err error, field string) (status int, faults map[string]string, ok bool) {
	var many *fault.TooMany
	if errors.As(err, &many) {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(many.After.Seconds())))))
		return http.StatusTooManyRequests, map[string]string{field: "newsroom.login.too-many|" + duration(many.After)}, true
	}
	if _, invalid := refused(err); invalid {
		return http.StatusUnprocessableEntity, map[string]string{field: "newsroom.login." + field + "-wrong"}, true
	}
	return 0, nil, false
}

// signAnswer tells a script that signs somebody in without leaving its page: who that is, or that a code is asked for.
type signAnswer struct {
	Person int64  `json:"person,omitempty"`
	Name   string `json:"name,omitempty"`
	Code   bool   `json:"code,omitempty"`
}

// await notes whose password was right, for the second step.
func (s *sign) await(r *http.Request, who staff.Actor) error {
	if err := s.renew(r); err != nil {
		return err
	}
	s.sessions.Put(r.Context(), pendingStaff, who.ID)
	s.sessions.Put(r.Context(), pendingUntil, s.now().Add(pendingFor).Unix())
	return nil
}

func (s *sign) welcome(w http.ResponseWriter, r *http.Request, who staff.Actor, f page.Form) error {
	if err := s.enter(r, who); err != nil {
		return err
	}
	if wantsJSON(r) {
		return writeJSON(w, http.StatusOK, signAnswer{Person: who.ID, Name: who.Name})
	}
	return seeOther(w, r, local(f.Get("next"), "/newsroom/"))
}

// enter begins the session of who under a new token, so that nobody who knew the old one is in it too.
func (s *sign) enter(r *http.Request, who staff.Actor) error {
	if err := s.renew(r); err != nil {
		return err
	}
	ctx := r.Context()
	s.sessions.Put(ctx, staff.SessionStaff, who.ID)
	s.sessions.Put(ctx, staff.SessionAddress, limit.Address(s.clientIP(r)))
	s.sessions.Put(ctx, staff.SessionDevice, r.UserAgent())
	return nil
}

func (s *sign) renew(r *http.Request) error {
	if err := s.sessions.Clear(r.Context()); err != nil {
		return err
	}
	return s.sessions.RenewToken(r.Context())
}

// out ends the session, which the log keeps, and has the browser forget what it kept of the newsroom.
func (s *sign) out(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if actor.ID != 0 {
		err := s.ends.EndSession(r.Context(), actor, actor.ID, staff.SessionID(s.sessions.Token(r.Context())))
		if err != nil && !errors.Is(err, fault.NotFound) { // ended meanwhile
			return err
		}
	}
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	w.Header().Set("Clear-Site-Data", `"cache", "cookies", "storage"`)
	return seeOther(w, r, "/newsroom/login?said=ended")
}

// pending is the person whose password was right a moment ago; 0 for nobody.
func (s *sign) pending(r *http.Request) int64 {
	ctx := r.Context()
	if s.sessions.GetInt64(ctx, pendingUntil) < s.now().Unix() {
		return 0
	}
	return s.sessions.GetInt64(ctx, pendingStaff)
}

func (s *sign) ask(w http.ResponseWriter, r *http.Request, status int, f page.Form, faults map[string]string) error {
	if wantsJSON(r) {
		return writeJSON(w, status, toldOf(status, &fault.Invalid{Fields: faults}))
	}
	p := s.loginPage(r, form{words: "login", values: f.Values, faults: faults})
	p.Next = local(f.Get("next"), "")
	if said := "newsroom.login." + f.Get("said"); f.Get("said") == "ended" || f.Get("said") == "expired" {
		p.Said = said
	}
	return s.pages.login.Write(w, r, status, p)
}

func (s *sign) loginPage(r *http.Request, fm form) loginPage {
	p := loginPage{frame: s.door("newsroom.login", r), Action: "/newsroom/login", Email: fm.typed("email", "email"), Password: fm.typed("password", "password")}
	if set, err := s.source.Current(r.Context()); err == nil {
		p.Contact = set.ContactEmail
	}
	p.Email.Auto, p.Email.Required, p.Email.Focus = "username", true, len(fm.faults) == 0
	p.Password.Auto, p.Password.Required, p.Password.Focus = "current-password", true, len(fm.faults) > 0
	return p
}

func (s *sign) askCode(w http.ResponseWriter, r *http.Request, status int, f page.Form, faults map[string]string) error {
	if wantsJSON(r) {
		return writeJSON(w, status, toldOf(status, &fault.Invalid{Fields: faults}))
	}
	p := s.codePage(r, form{words: "login", faults: faults})
	p.Next = local(f.Get("next"), "")
	return s.pages.code.Write(w, r, status, p)
}

func (s *sign) codePage(r *http.Request, fm form) codePage {
	p := codePage{frame: s.door("newsroom.login.second", r), Action: "/newsroom/login", Code: fm.must("code")}
	p.Code.Class, p.Code.Auto, p.Code.Mode, p.Code.Focus = "code", "one-time-code", "numeric", true
	return p
}

func (s *sign) door(title string, r *http.Request) frame {
	return frame{Title: page.T(title), Site: s.name(r)}
}
