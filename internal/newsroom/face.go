package newsroom

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/settings"
	"stet/internal/staff"
)

// face is what all areas share: who is asking, the frame around a page, and the answer to what went wrong.
type face struct {
	sessions *scs.SessionManager
	staff    *staff.Store
	waiting  *comment.Store
	source   *settings.Source
	classify func(error) error
	now      func() time.Time
	log      *slog.Logger
	faults   *page.Page[faultPage]
	entry    *sign
}

// handler answers one request of actor, who is nobody (ID 0) only behind a door that is open.
type handler func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error

// errMethod says that the address takes another method (405).
var errMethod = errors.New("method not allowed")

// Limits of a body in bytes. Percent-encoding makes three bytes of one.
const (
	limitForm   = 256 << 10
	limitNotice = 3*(64<<10) + limitForm
	limitBody   = 3*(1<<20) + limitForm
)

// handle is the door: it finds out who is asking, asks them to sign in where nobody is, and shows every error in the
// newsroom's dress.
func (f *face) handle(door Door, h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var actor staff.Actor
		run := func(w http.ResponseWriter, r *http.Request) error {
			var err error
			if actor, err = f.actor(r); err != nil {
				return f.told(err)
			}
			if somebodyElse(r, actor) && !door(staff.Actor{}) {
				return writeJSON(w, http.StatusUnauthorized, told{Error: "signed out"})
			}
			if !door(actor) && actor.ID == 0 && carriable(r) {
				if actor, err = f.entry.carry(w, r); actor.ID == 0 || err != nil {
					return f.told(err)
				}
			}
			if !door(actor) {
				return f.refuse(w, r, actor)
			}
			return f.told(h(w, r, actor))
		}
		page.Adapt(run, func(w http.ResponseWriter, r *http.Request, err error) { f.fail(w, r, actor, err) })(w, r)
	}
}

// somebodyElse tells an open form of one person whose browser another has signed in with since: what stands in it isn't the other's.
func somebodyElse(r *http.Request, actor staff.Actor) bool {
	person := r.Header.Get("Stet-Person")
	return person != "" && wantsJSON(r) && person != strconv.FormatInt(actor.ID, 10)
}

// told lets the database being away be told from a mistake of ours.
func (f *face) told(err error) error {
	if err == nil {
		return nil
	}
	return f.classify(err)
}

// refuse sends nobody to the sign-in page, and back afterwards; a known person gets the plain truth, and so does a script.
func (f *face) refuse(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	if actor.ID != 0 {
		return fmt.Errorf("%s %s: %w", r.Method, r.URL.Path, fault.Forbidden)
	}
	if wantsJSON(r) {
		return writeJSON(w, http.StatusUnauthorized, told{Error: "signed out"})
	}
	q := url.Values{"next": {r.URL.Path}}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		q.Set("next", r.URL.RequestURI())
	} else {
		q.Set("said", "expired")
	}
	return seeOther(w, r, "/newsroom/login?"+q.Encode())
}

// actor is who is signed in, as they are now; nobody where the session has ended or the person was disabled.
func (f *face) actor(r *http.Request) (staff.Actor, error) {
	id := f.sessions.GetInt64(r.Context(), staff.SessionStaff)
	if id == 0 {
		return staff.Actor{}, nil
	}
	actor, err := f.staff.Actor(r.Context(), id)
	if errors.Is(err, fault.NotFound) {
		return staff.Actor{}, f.sessions.Destroy(r.Context())
	}
	return actor, err
}

// fail shows an error; what isn't a fault is logged once and shown as no more than that.
func (f *face) fail(w http.ResponseWriter, r *http.Request, actor staff.Actor, err error) {
	status := page.Status(err)
	if errors.Is(err, errMethod) {
		status = http.StatusMethodNotAllowed
	}
	if status == http.StatusInternalServerError {
		f.log.ErrorContext(r.Context(), "newsroom", "method", r.Method, "path", page.LogPath(r), "error", err)
	}
	if err := f.faultPage(w, r, actor, status, err); err != nil {
		f.log.ErrorContext(r.Context(), "newsroom: show a fault", "path", page.LogPath(r), "error", err)
		http.Error(w, http.StatusText(status), status)
	}
}

func (f *face) faultPage(w http.ResponseWriter, r *http.Request, actor staff.Actor, status int, cause error) error {
	if wantsJSON(r) {
		return writeJSON(w, status, toldOf(status, cause))
	}
	key := faultKey(status)
	p := faultPage{frame: frame{Title: page.T(key), Site: f.name(r)}, Text: page.T(key + "-text"), Back: page.Link{URL: "/newsroom/", Text: page.T("newsroom.fault.back")}}
	if actor.ID != 0 {
		p.Rail = f.rail(r, actor, "")
	}
	if faults, ok := refused(cause); ok {
		p.Fields = form{faults: faults}.all()
	}
	return f.faults.Write(w, r, status, p)
}

// faultKey is the key of what a status says in a line; with "-text" after it, of what to do.
func faultKey(status int) string {
	key := "newsroom.fault." + strconv.Itoa(status)
	if !page.Known(key) {
		return "newsroom.fault.500"
	}
	return key
}

// refused gives the faults of a form by field, where that is what err is about.
func refused(err error) (map[string]string, bool) {
	var invalid *fault.Invalid
	if !errors.As(err, &invalid) {
		return nil, false
	}
	return invalid.Fields, true
}

func (f *face) name(r *http.Request) string {
	s, err := f.source.Current(r.Context())
	if err != nil {
		return ""
	}
	return s.Title
}

// clock writes times in the site's zone.
func (f *face) clock() page.Clock {
	return page.Clock{Zone: f.source.Zone(), Now: f.now, Lang: page.T("newsroom.lang")}
}

// seeOther sends the browser on with a GET.
func seeOther(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// pathID is the id in the address; what is no positive number names nothing.
func pathID(r *http.Request) (int64, error) {
	n, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil || n <= 0 {
		return 0, fault.NotFound
	}
	return n, nil
}

// idForm is the id in the address with the form that was sent there.
func idForm(w http.ResponseWriter, r *http.Request) (int64, page.Form, error) {
	id, err := pathID(r)
	if err != nil {
		return 0, page.Form{}, err
	}
	f, err := page.ParseForm(w, r, limitForm)
	return id, f, err
}

// pathNumber is the second number in the address: of a revision, of a row in the record.
func pathNumber(r *http.Request) (int, error) {
	n, err := strconv.ParseInt(chi.URLParam(r, "number"), 10, 32)
	if err != nil || n <= 0 {
		return 0, fault.NotFound
	}
	return int(n), nil
}

// local gives to back where it is an address of the newsroom, else otherwise: a form can't send anybody elsewhere.
func local(to, otherwise string) string {
	u, err := url.Parse(to)
	switch {
	case err != nil, u.Scheme != "", u.Host != "", u.User != nil, u.Opaque != "",
		!strings.HasPrefix(to, "/newsroom/"), strings.ContainsAny(to, "\\\r\n\t"), strings.Contains(u.Path, "//"), strings.Contains(u.Path, "/../"), strings.HasSuffix(u.Path, "/.."):
		return otherwise
	}
	return to
}

// days is a number of days that may be left to what is above: nil where the field is empty.
func days(f page.Form, name string) (*int, error) {
	if f.Text(name) == "" {
		return nil, nil
	}
	n, err := whole(f, name)
	return &n, err
}

// daysText is days as a form holds them.
func daysText(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// commentOptions are the policies of comments of what stands below something else, with the words under prefix.
func commentOptions(prefix string) []option {
	return worded(prefix, []string{"default", "open", "premoderated", "closed"})
}

// timeIn is the time in a field, on the wall clock of zone; an empty field is the zero time. What the clock skips or shows twice, and what is no
// time, is a fault of the field.
func timeIn(f page.Form, name string, zone *time.Location) (time.Time, error) {
	text := f.Text(name)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := article.ParseAt(text, zone)
	if faults, ok := refused(err); ok {
		return time.Time{}, fault.Field(name, faults["at"])
	}
	return at, err
}

// whole is the number in a field; what is no number is a fault of the field.
func whole(f page.Form, name string) (int, error) {
	text := f.Text(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0, fault.Field(name, "newsroom.no-number")
	}
	return int(n), nil
}
