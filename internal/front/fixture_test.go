package front_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/front"
	"stet/internal/pgtest"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// site is the fixture's settings.
type site struct{}

func (site) Zone() *time.Location { return time.UTC }
func (site) ASCIISlugs() bool     { return true }

// desk is a newsroom with two editors, two top sections and a clock that moves when told.
type desk struct {
	*testing.T
	db       *pgtest.DB
	articles *article.Store
	store    *front.Store
	reader   *front.Reader
	sections *taxonomy.Reader
	editor   staff.Actor
	other    staff.Actor
	author   staff.Actor
	sea      taxonomy.Category
	land     taxonomy.Category

	mu sync.Mutex
	at time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	db := pgtest.New(t)
	d := &desk{T: t, db: db, articles: article.New(db.App, site{}), reader: front.NewReader(db.Reader), sections: taxonomy.NewReader(db.Reader),
		at: time.Date(2026, 6, 16, 9, 40, 0, 0, time.UTC)}
	d.store = front.New(db.App, d.articles)
	d.articles.Now, d.store.Now, d.reader.Now = d.now, d.now, d.now
	if _, err := db.Owner.Exec(t.Context(), `UPDATE front_turns SET at = $1`, d.at); err != nil {
		t.Fatal(err)
	}
	people := staff.New(db.App)
	d.editor = d.person(people, "editor@example.org", "Edi Tor", staff.Editor)
	d.other = d.person(people, "other@example.org", "Oth Er", staff.Editor)
	d.author = d.person(people, "author@example.org", "Aut Hor", staff.Author)
	tax := taxonomy.New(db.App)
	for i, c := range []*taxonomy.Category{&d.sea, &d.land} {
		made, err := tax.Create(t.Context(), d.editor, taxonomy.CategoryIn{Name: []string{"Sea", "Land"}[i], Position: i})
		d.must(err)
		*c = made
	}
	return d
}

func (d *desk) person(people *staff.Store, email, name string, role staff.Role) staff.Actor {
	d.Helper()
	p, err := people.Add(d.Context(), staff.System(), staff.NewPerson{Email: email, Name: name, Password: "correct horse battery", Roles: staff.Roles{role}})
	d.must(err)
	return staff.Actor{ID: p.ID, Name: p.Name, Roles: p.Roles}
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at
}

// pass lets time go by, and what is scheduled happen.
func (d *desk) pass(by time.Duration) {
	d.Helper()
	d.mu.Lock()
	d.at = d.at.Add(by)
	d.mu.Unlock()
	_, err := d.articles.PerformDue(d.Context())
	d.must(err)
}

// hour is a time of the day on which the tests begin.
func hour(h int) time.Time { return time.Date(2026, 6, 16, h, 0, 0, 0, time.UTC) }

// draft makes an article that isn't public.
func (d *desk) draft(headline, category string) (id int64, revision int) {
	d.Helper()
	id, err := d.articles.Create(d.Context(), d.editor, article.KindArticle, "")
	d.must(err)
	saved, err := d.articles.Save(d.Context(), d.editor, id, article.SaveIn{Draft: article.Draft{Headline: headline, Body: "<p>Said.</p>", Category: category}, Base: 1})
	d.must(err)
	return id, saved.Number
}

// publish makes public articles, the last one the newest, a minute apart.
func (d *desk) publish(category string, headlines ...string) []int64 {
	d.Helper()
	var ids []int64
	for _, headline := range headlines {
		d.pass(time.Minute)
		id, revision := d.draft(headline, category)
		_, err := d.articles.Publish(d.Context(), d.editor, id, article.PublishIn{Revision: revision})
		d.must(err)
		ids = append(ids, id)
	}
	return ids
}

// schedule makes an article that is published at a time.
func (d *desk) schedule(headline, category string, at time.Time) int64 {
	d.Helper()
	id, revision := d.draft(headline, category)
	_, err := d.articles.Publish(d.Context(), d.editor, id, article.PublishIn{Revision: revision, At: &at})
	d.must(err)
	return id
}

// put places an article on the front page with all seen.
func (d *desk) put(id int64, zone int64, place int, times ...time.Time) int64 {
	d.Helper()
	in := front.PutIn{To: front.Slot{Zone: zone, Place: place}, Article: id, Seen: d.board(0).Seen}
	if len(times) > 0 {
		in.From = times[0]
	}
	if len(times) > 1 {
		in.Until = times[1]
	}
	act, err := d.store.Put(d.Context(), d.editor, in)
	d.must(err)
	return act
}

func (d *desk) board(category int64) front.Board {
	d.Helper()
	b, err := d.store.Board(d.Context(), d.editor, category, time.Time{})
	d.must(err)
	return b
}

// shows is the front page as readers see it: the headlines of each zone, those that an editor placed with a star.
func (d *desk) shows() string {
	d.Helper()
	tree, err := d.sections.LiveTree(d.Context())
	d.must(err)
	s, err := d.reader.Live(d.Context(), 0)
	d.must(err)
	lists, err := d.reader.Lists(d.Context(), tree, s)
	d.must(err)
	return said(s.Front(tree, lists))
}

func said(zones []front.Zone) string {
	var out []string
	for _, z := range zones {
		var names []string
		for _, p := range z.Places {
			switch {
			case p.Card == nil:
				names = append(names, "-")
			case p.Placing != 0:
				names = append(names, "*"+p.Card.Headline)
			default:
				names = append(names, p.Card.Headline)
			}
		}
		out = append(out, strings.Join(names, " "))
	}
	return strings.Join(out, " | ")
}

func (d *desk) want(want string) {
	d.Helper()
	if got := d.shows(); got != want {
		d.Errorf("the front at %s shows\n%s, want\n%s", d.now().Format("15:04"), got, want)
	}
	if got := said(plain(d.board(0))); got != want {
		d.Errorf("the board at %s shows\n%s, want\n%s", d.now().Format("15:04"), got, want)
	}
}

// plain is what a board shows as readers see it.
func plain(b front.Board) []front.Zone {
	var out []front.Zone
	for _, z := range b.Zones {
		one := front.Zone{Section: z.Section}
		for _, p := range z.Places {
			one.Places = append(one.Places, p.Place)
		}
		out = append(out, one)
	}
	return out
}

// fieldFault insists on a fault of one field.
func fieldFault(t *testing.T, err error, field, what string) {
	t.Helper()
	var invalid *fault.Invalid
	if !errors.As(err, &invalid) || invalid.Fields[field] != what {
		t.Errorf("got %v, want %s: %s", err, field, what)
	}
}

func names(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s%d", prefix, i+1)
	}
	return out
}
