package staff_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"stet/internal/fault"
	"stet/internal/pgtest"
	"stet/internal/staff"
)

// visit makes a request with the cookie of token and lets act change the session; it returns the token afterwards.
func visit(t *testing.T, m *scs.SessionManager, token string, act func(*http.Request)) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/newsroom/", nil)
	if token != "" {
		r.AddCookie(&http.Cookie{Name: m.Cookie.Name, Value: token})
	}
	w := httptest.NewRecorder()
	m.LoadAndSave(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { act(r) })).ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.Name != m.Cookie.Name {
			continue
		}
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || !strings.HasPrefix(c.Name, "__Host-") {
			t.Errorf("cookie = %+v", c)
		}
		return c.Value
	}
	return token
}

func enter(m *scs.SessionManager, id int64) func(*http.Request) {
	return func(r *http.Request) {
		if err := m.RenewToken(r.Context()); err != nil {
			panic(err)
		}
		m.Put(r.Context(), staff.SessionStaff, id)
		m.Put(r.Context(), staff.SessionAddress, "192.0.2.1")
		m.Put(r.Context(), staff.SessionDevice, strings.Repeat("Firefox ", 100))
	}
}

// signedIn tells who the session of token is; 0 nobody.
func signedIn(t *testing.T, m *scs.SessionManager, token string) (id int64) {
	t.Helper()
	visit(t, m, token, func(r *http.Request) { id, _ = m.Get(r.Context(), staff.SessionStaff).(int64) })
	return id
}

func TestSessions(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := t.Context()
	store, now, _ := newsroom(t, db)
	*now = time.Now() // scs reckons its deadlines by this machine's clock
	ada := add(t, store, "Ada", staff.Author)
	by := actorOf(t, store, ada)
	sessions := staff.NewSessions(db.App)
	sessions.Now = store.Now
	m := sessions.Manager()

	first := visit(t, m, "", enter(m, ada.ID))
	second := visit(t, m, "", enter(m, ada.ID))
	if signedIn(t, m, first) != ada.ID || signedIn(t, m, second) != ada.ID || signedIn(t, m, "forged") != 0 {
		t.Fatal("sessions don't stand")
	}
	var clear int
	err := db.Super.QueryRow(ctx, `SELECT count(*) FROM sessions WHERE token_hash IN ($1, $2)`, first, second).Scan(&clear)
	if err != nil || clear != 0 {
		t.Errorf("%d tokens in the clear, %v", clear, err)
	}
	list, err := sessions.ListSessions(ctx, by, ada.ID)
	if err != nil || len(list) != 2 || list[0].Address != "192.0.2.1" || len(list[0].Device) != 300 {
		t.Fatalf("ListSessions = %+v, %v", list, err)
	}
	if err := sessions.EndSession(ctx, by, ada.ID, staff.SessionID(first)); err != nil {
		t.Fatal(err)
	}
	if signedIn(t, m, first) != 0 || signedIn(t, m, second) != ada.ID {
		t.Error("ending one session ended the wrong ones")
	}
	for _, none := range []string{"0000", "", "\x00", "\xff"} {
		if err := sessions.EndSession(ctx, by, ada.ID, none); !errors.Is(err, fault.NotFound) {
			t.Errorf("end session %q = %v, want NotFound", none, err)
		}
	}
	stranger := actorOf(t, store, add(t, store, "Eve", staff.Editor))
	if err := sessions.EndAll(ctx, stranger, ada.ID); !errors.Is(err, fault.Forbidden) {
		t.Errorf("ending somebody else's sessions: %v", err)
	}
	if _, err := sessions.ListSessions(ctx, stranger, ada.ID); !errors.Is(err, fault.Forbidden) {
		t.Errorf("listing somebody else's sessions: %v", err)
	}
	visit(t, m, second, func(r *http.Request) {
		if err := m.Destroy(r.Context()); err != nil {
			t.Error(err)
		}
	})
	if signedIn(t, m, second) != 0 {
		t.Error("signed out and still in")
	}
	*now = now.Add(2 * time.Hour)
	if n, err := sessions.Prune(ctx); n < 2 || err != nil {
		t.Errorf("Prune = %d, %v", n, err)
	}
}

// What ends a person's sessions: a new password, other roles, being disabled, a factor taken off.
func TestChangesEndSessions(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := t.Context()
	store, _, _ := newsroom(t, db)
	ada := add(t, store, "Ada", staff.Author)
	sessions := staff.NewSessions(db.App)
	m := sessions.Manager()
	for name, change := range map[string]func() error{
		"password": func() error { return store.SetPassword(ctx, staff.System(), ada.ID, "another good sentence") },
		"roles":    func() error { return store.SetRoles(ctx, staff.System(), ada.ID, staff.Roles{staff.Contributor}) },
		"disable":  func() error { return store.Disable(ctx, staff.System(), ada.ID) },
		"factor":   func() error { return store.ResetFactor(ctx, staff.System(), ada.ID) },
		"all":      func() error { return sessions.EndAll(ctx, staff.System(), ada.ID) },
	} {
		token := visit(t, m, "", enter(m, ada.ID))
		if err := change(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if signedIn(t, m, token) != 0 {
			t.Errorf("%s left a session", name)
		}
	}
}

// A request that was under way while its session was ended can't bring it back by saving its values.
func TestEndedSessionStaysEnded(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store, _, _ := newsroom(t, db)
	ada := add(t, store, "Ada", staff.Author)
	sessions := staff.NewSessions(db.App)
	m := sessions.Manager()
	token := visit(t, m, "", enter(m, ada.ID))
	visit(t, m, token, func(r *http.Request) {
		if err := sessions.EndAll(r.Context(), staff.System(), ada.ID); err != nil {
			t.Error(err)
		}
		m.Put(r.Context(), "flash", "saved")
	})
	if signedIn(t, m, token) != 0 {
		t.Error("the session came back")
	}
}

func TestIdleSessionLapses(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store, now, _ := newsroom(t, db)
	*now = time.Now()
	ada := add(t, store, "Ada", staff.Author)
	sessions := staff.NewSessions(db.App)
	sessions.Now = store.Now
	m := sessions.Manager()
	token := visit(t, m, "", enter(m, ada.ID))
	for range 3 {
		*now = now.Add(staff.IdleTimeout - time.Minute)
		if signedIn(t, m, token) != ada.ID {
			t.Fatal("a used session lapsed")
		}
	}
	*now = now.Add(staff.IdleTimeout + time.Minute)
	if signedIn(t, m, token) != 0 {
		t.Error("an unused session stands")
	}
}
