package app_test

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/newsroom"
	"stet/internal/staff"
)

// caller is who asks in the test of the table: a role, or nobody, and whether the articles are their own.
type caller struct {
	name  string
	actor staff.Actor
	own   bool
}

// TestEveryRoute drives every row of the newsroom's table through the program: each route, as each role and as nobody, on an article of their
// own and on another's in each state. What the table allows is let in, everything else is refused.
func TestEveryRoute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var checked atomic.Int64
	callers := []caller{{name: "nobody"}}
	for role, actor := range w.people {
		callers = append(callers, caller{string(role), actor, false})
		if role == staff.Contributor || role == staff.Author {
			callers = append(callers, caller{string(role) + ", own", actor, true})
		}
	}
	t.Run("as", func(t *testing.T) {
		for _, c := range callers {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				w.asCaller(t, c, &checked)
			})
		}
	})
	t.Logf("%d triples of route, role and state", checked.Load())
	if checked.Load() < 2000 {
		t.Errorf("only %d triples were checked", checked.Load())
	}
}

func (w *world) asCaller(t *testing.T, c caller, checked *atomic.Int64) {
	here := *w
	here.TB = t
	v, shared := here.visitor(), map[string]int64{}
	if c.actor.ID != 0 {
		v = here.signedIn(c.actor.Roles[0])
	}
	var last *newsroom.Route
	for _, route := range newsroom.Routes() {
		switch {
		case route.Rule != nil:
			for _, state := range slices.Sorted(maps.Keys(states)) {
				v.tryOn(c, route, state, shared)
				checked.Add(1)
			}
		case route.Pattern == "/newsroom/logout":
			last = &route
		default:
			v.try(c, route)
			checked.Add(1)
		}
	}
	v.try(c, *last) // it ends the session
	checked.Add(1)
}

// try asks for an address that is about no article in particular. Where it is about something else, that isn't there: who is let in is told
// so.
func (v *visitor) try(c caller, route newsroom.Route) {
	v.Helper()
	got := v.ask(route, strings.NewReplacer("{id}", "999999", "{session}", "x", "{token}", "x").Replace(route.Pattern), url.Values{})
	if want := route.Allows(c.actor, article.State{}); letIn(got) != want || got.StatusCode >= http.StatusInternalServerError {
		v.Errorf("%s %s = %d %s, want let in: %v", route.Method, route.Pattern, got.StatusCode, got.Header.Get("Location"), want)
	}
}

// tryOn asks for an address of an article in a state. What changes nothing, or is refused, shares one article with others of its kind; an
// act that is let in uses it up.
func (v *visitor) tryOn(c caller, route newsroom.Route, state string, shared map[string]int64) {
	v.Helper()
	owner := v.people[staff.Admin]
	if c.own {
		owner = c.actor
	}
	id, ok := shared[state]
	if !ok {
		id = states[state](v.world, owner)
	}
	shared[state] = id
	e, err := v.app.Articles.Edit(v.Context(), v.people[staff.Editor], id)
	if err != nil {
		v.Fatal(err)
	}
	if e.State.Status() != state {
		v.Fatalf("an article that should be %s is %s", state, e.State.Status())
	}
	e.State.Own = c.own
	number := v.numbered(route, id)
	f := url.Values{"revision": {strconv.Itoa(e.Head)}, "headline": {"Another"}, "kind": {"update"}, "notice": {"Something new."}, "note": {"Why."}, "ground": {"A court."}, "versions": {"1"}, "days": {"7"}}
	if strings.HasSuffix(route.Pattern, "/assign") {
		f.Set("person", strconv.FormatInt(c.actor.ID, 10))
	}
	if strings.HasSuffix(route.Pattern, "/end") {
		f.Set("at", time.Now().Add(time.Hour).Format(time.RFC3339))
	}
	if e.State.Public == "" {
		f.Del("kind")
		f.Del("notice")
	}
	got := v.ask(route, strings.NewReplacer("{id}", strconv.FormatInt(id, 10), "{number}", number).Replace(route.Pattern), f)
	in := letIn(got) && got.StatusCode != http.StatusNotFound
	if in && route.Method == http.MethodPost {
		delete(shared, state)
	}
	if want := route.Allows(c.actor, e.State); in != want || got.StatusCode >= http.StatusInternalServerError {
		v.Errorf("%s %s while %s = %d %s, want let in: %v", route.Method, route.Pattern, state, got.StatusCode, got.Header.Get("Location"), want)
	}
}

// numbered gives the second number of an address: of a revision or notice that the article has, or of a note or link made for it.
func (v *visitor) numbered(route newsroom.Route, id int64) string {
	v.Helper()
	var n int64 = 1
	var err error
	switch {
	case strings.Contains(route.Pattern, "/notices/"):
		n = 2
	case strings.Contains(route.Pattern, "/notes/"):
		n, err = v.app.Articles.WriteNote(v.Context(), v.people[staff.Editor], id, article.StaffNoteIn{Body: "Who says so?"})
	case strings.Contains(route.Pattern, "/preview-links/"):
		_, _, err = v.app.Articles.Share(v.Context(), v.people[staff.Editor], id, article.ShareIn{Days: 1})
		if errors.Is(err, fault.Forbidden) { // of what is in the trash there are none
			return "1"
		}
		if err == nil {
			err = v.db.Owner.QueryRow(v.Context(), `SELECT max(id) FROM preview_links WHERE article_id = $1`, id).Scan(&n)
		}
	}
	if err != nil {
		v.Fatal(err)
	}
	return strconv.FormatInt(n, 10)
}

func (v *visitor) ask(route newsroom.Route, path string, f url.Values) answer {
	v.Helper()
	if route.Method == http.MethodGet {
		f = nil
	}
	got := v.do(route.Method, path, f)
	if cache := got.Header.Get("Cache-Control"); cache != "private, no-store" {
		v.Errorf("%s %s: Cache-Control %q", route.Method, path, cache)
	}
	return got
}

// letIn tells an answer from a refusal, and from being sent to the door.
func letIn(a answer) bool {
	return a.StatusCode != http.StatusForbidden && a.StatusCode != http.StatusUnauthorized && !strings.HasPrefix(a.Header.Get("Location"), "/newsroom/login?next=") && !strings.Contains(a.Header.Get("Location"), "&said=expired")
}

// states makes an article of owner's in each state that the rules know.
var states = map[string]func(w *world, owner staff.Actor) int64{
	"draft": (*world).begun,
	"review": func(w *world, owner staff.Actor) int64 {
		return w.after(w.begun(owner), func(s *article.Store, id int64) error { return s.Submit(w.Context(), owner, id) })
	},
	"returned": func(w *world, owner staff.Actor) int64 {
		return w.after(w.begun(owner), func(s *article.Store, id int64) error { return s.Submit(w.Context(), owner, id) },
			func(s *article.Store, id int64) error {
				return s.Return(w.Context(), w.people[staff.Editor], id, "Why?")
			})
	},
	"scheduled": func(w *world, owner staff.Actor) int64 {
		return w.after(w.begun(owner), func(s *article.Store, id int64) error {
			at := time.Now().Add(time.Hour)
			_, err := s.Publish(w.Context(), w.people[staff.Editor], id, article.PublishIn{Revision: 2, At: &at})
			return err
		})
	},
	"live": (*world).public,
	"changed": func(w *world, owner staff.Actor) int64 {
		return w.after(w.public(owner), func(s *article.Store, id int64) error {
			_, err := s.Save(w.Context(), w.people[staff.Editor], id, article.SaveIn{Draft: article.Draft{Headline: "Changed", Body: "<p>Changed.</p>"}, Base: 2})
			return err
		})
	},
	"retracted": func(w *world, owner staff.Actor) int64 {
		return w.after(w.public(owner), func(s *article.Store, id int64) error {
			return s.Retract(w.Context(), w.people[staff.Editor], id, "It does not hold.")
		})
	},
	"withdrawn": func(w *world, owner staff.Actor) int64 {
		return w.after(w.public(owner), func(s *article.Store, id int64) error {
			return s.Withdraw(w.Context(), w.people[staff.Editor], id, "It is gone.")
		})
	},
	"withheld": func(w *world, owner staff.Actor) int64 {
		return w.after(w.public(owner), func(s *article.Store, id int64) error {
			return s.Withhold(w.Context(), w.people[staff.Admin], id, []int{1}, "A court.")
		})
	},
	"trashed": func(w *world, owner staff.Actor) int64 {
		return w.after(w.begun(owner), func(s *article.Store, id int64) error { return s.Trash(w.Context(), owner, id) })
	},
}

// begun is a draft whose revision 2 has words.
func (w *world) begun(owner staff.Actor) int64 {
	w.Helper()
	id, err := w.app.Articles.Create(w.Context(), owner, article.KindArticle, "")
	if err != nil {
		w.Fatal(err)
	}
	return w.after(id, func(s *article.Store, id int64) error {
		_, err := s.Save(w.Context(), owner, id, article.SaveIn{Draft: article.Draft{Headline: "Article " + strconv.FormatInt(id, 10), Body: "<p>Words.</p>"}, Base: 1})
		return err
	})
}

// public is a published article with an update, which is number 2 of its record.
func (w *world) public(owner staff.Actor) int64 {
	w.Helper()
	return w.after(w.begun(owner), func(s *article.Store, id int64) error {
		_, err := s.Publish(w.Context(), w.people[staff.Editor], id, article.PublishIn{Revision: 2})
		return err
	}, func(s *article.Store, id int64) error {
		_, err := s.Append(w.Context(), w.people[staff.Editor], id, article.NoticeIn{Kind: article.Update, Notice: "<p>New.</p>"})
		return err
	})
}

func (w *world) after(id int64, steps ...func(s *article.Store, id int64) error) int64 {
	w.Helper()
	for _, step := range steps {
		if err := step(w.app.Articles, id); err != nil {
			w.Fatal(err)
		}
	}
	return id
}
