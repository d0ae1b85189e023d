package article_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/pgtest"
	"stet/internal/staff"
)

// site is the fixture's settings.
type site struct{}

func (site) Zone() *time.Location { return time.UTC }
func (site) ASCIISlugs() bool     { return true }

// clock is the fixture's time: it moves when told, one minute a call of tick.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) tick(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// newsroom is a database with an editor and an admin in it.
type newsroom struct {
	*testing.T
	db     *pgtest.DB
	store  *article.Store
	reader *article.Reader
	clock  *clock
	editor staff.Actor
	admin  staff.Actor
	author staff.Actor
	sent   article.SaveIn // what clash sent last
}

func newNewsroom(t *testing.T) *newsroom {
	t.Helper()
	db := pgtest.New(t)
	n := &newsroom{T: t, db: db, store: article.New(db.App, site{}), reader: article.NewReader(db.Reader),
		clock: &clock{at: time.Date(2026, 6, 16, 9, 40, 0, 0, time.UTC)}}
	n.store.Now = n.clock.now
	people := staff.New(db.App)
	n.admin = n.person(people, "admin@example.org", "Ada Min", staff.Admin)
	n.editor = n.person(people, "editor@example.org", "Edi Tor", staff.Editor)
	n.author = n.person(people, "author@example.org", "Aut Hor", staff.Author)
	return n
}

func (n *newsroom) person(people *staff.Store, email, name string, role staff.Role) staff.Actor {
	n.Helper()
	p, err := people.Add(n.Context(), staff.System(), staff.NewPerson{Email: email, Name: name, Password: "correct horse battery", Roles: staff.Roles{role}})
	if err != nil {
		n.Fatal(err)
	}
	return staff.Actor{ID: p.ID, Name: p.Name, Roles: p.Roles}
}

const body = `<p>At 21:14 the lamp came on.</p><h2>A clause</h2><p>Nobody dared to open it.</p>`

// draft makes an article with a headline and body, and gives its id and newest revision.
func (n *newsroom) draft(headline string) (id int64, revision int) {
	n.Helper()
	id, err := n.store.Create(n.Context(), n.editor, article.KindArticle, "")
	if err != nil {
		n.Fatal(err)
	}
	return id, n.save(id, 1, article.Draft{Headline: headline, Standfirst: "Said beneath it.", Body: body, Authors: []string{"Ivo Castellan"}, Tags: []string{"Lights"}})
}

func (n *newsroom) save(id int64, base int, d article.Draft) int {
	n.Helper()
	saved, err := n.store.Save(n.Context(), n.editor, id, article.SaveIn{Draft: d, Base: base})
	if err != nil {
		n.Fatalf("Save: %v", err)
	}
	return saved.Number
}

// published makes a public article and gives its id and address.
func (n *newsroom) published(headline string) (int64, string) {
	n.Helper()
	id, revision := n.draft(headline)
	p, err := n.store.Publish(n.Context(), n.editor, id, article.PublishIn{Revision: revision})
	if err != nil {
		n.Fatalf("Publish: %v", err)
	}
	return id, p.Path
}

func (n *newsroom) append(id int64, kind, notice, key string) article.Outcome {
	n.Helper()
	p, err := n.store.Append(n.Context(), n.editor, id, article.NoticeIn{Kind: kind, Notice: notice, Key: key})
	if err != nil {
		n.Fatalf("Append: %v", err)
	}
	return p
}

func (n *newsroom) live(path string) *article.Live {
	n.Helper()
	f, err := n.reader.LiveByPath(n.Context(), path)
	if err != nil || f.Article == nil {
		n.Fatalf("LiveByPath(%q) = %+v, %v, want an article", path, f, err)
	}
	return f.Article
}

// faults gives what Verify finds, one a line.
func (n *newsroom) faults() string {
	n.Helper()
	var b strings.Builder
	if _, err := n.store.Verify(n.Context(), func(f article.Fault) { b.WriteString(f.String() + "\n") }); err != nil {
		n.Fatalf("Verify: %v", err)
	}
	return b.String()
}

// owner runs sql as the owner of the schema, with triggers off.
func (n *newsroom) owner(sql string, args ...any) {
	n.Helper()
	ctx := context.Background()
	tx, err := n.db.Owner.Begin(ctx)
	if err != nil {
		n.Fatal(err)
	}
	for _, table := range []string{"publications", "versions", "log", "revisions"} {
		if _, err := tx.Exec(ctx, "ALTER TABLE "+table+" DISABLE TRIGGER USER"); err != nil {
			n.Fatal(err)
		}
	}
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		n.Fatalf("%s: %v", sql, err)
	}
	for _, table := range []string{"publications", "versions", "log", "revisions"} {
		if _, err := tx.Exec(ctx, "ALTER TABLE "+table+" ENABLE TRIGGER USER"); err != nil {
			n.Fatal(err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		n.Fatal(err)
	}
}
