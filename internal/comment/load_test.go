package comment_test

import (
	"errors"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/staff"
)

// A load leaves what intake and decisions leave: threads and counts, or what waits in the queue.
func TestLoad(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, mo := d.article(), d.moderator()
	second := scan[int64](d, `
		INSERT INTO articles (kind, public_state, record_head, first_public_at, path, live_headline, live_language)
		VALUES ('article', 'published', 3, $1, '/2026/03/another/', 'Another', 'en')
		RETURNING id`, d.now().Add(-time.Hour))
	guest := d.guest(first)
	d.published(mo, guest)
	said := func(article int64, parent int, name, email string, waits bool) comment.Loaded {
		d.pass(time.Second)
		return comment.Loaded{ArticleID: article, Parent: parent, Name: name, Email: email, Body: "I am " + name + ".", Version: 1, At: d.now(), Waits: waits}
	}
	in := []comment.Loaded{
		said(first, 0, "a", "A@example.org", false), said(first, 1, "ab", "b@example.org", false), said(second, 0, "x", "a@example.org", false),
		said(first, 2, "abc", "c@example.org", false), said(first, 4, "abcd", "d@example.org", false), said(second, 3, "xy", "y@example.org", true),
	}
	if err := d.Load(t.Context(), mo, in); err != nil {
		t.Fatal(err)
	}
	d.counted(first)
	if n := d.counted(second); n != 1 {
		t.Errorf("%d comments under the second article, want 1: the other waits", n)
	}
	if got, want := shape(d.thread(first, comment.Newest, 1).Comments), "a .ab<a ..abc<ab ..~abcd<abc "+guest.Name; got != want {
		t.Errorf("the thread reads %q, want %q", got, want)
	}
	if q := d.queue(comment.Filter{}); len(q) != 1 || q[0].Name != "xy" || q[0].Parent == nil || q[0].Parent.Name != "x" {
		t.Errorf("the queue holds %+v, want the one that waits with what it answers", q)
	}
	if n := scan[int](d, `SELECT count(*) FROM commenters WHERE lower(email) = 'a@example.org'`); n != 1 {
		t.Errorf("one e-mail in two cases is %d people", n)
	}
	// Another load finds the people of the one before, though there are new ones beside them, and puts back since when one has been writing.
	early := said(second, 0, "e", "B@example.org", false)
	early.At = in[0].At.Add(-time.Hour)
	if err := d.Load(t.Context(), mo, []comment.Loaded{said(second, 0, "z", "C@example.org", false), said(second, 0, "n", "n@example.org", false), early}); err != nil {
		t.Fatal(err)
	}
	got := scan[string](d, `
		SELECT string_agg(c.name || ' ' || m.email || CASE WHEN m.first_at > c.posted_at THEN ' too late' ELSE '' END, ', ' ORDER BY c.name)
		FROM comments c JOIN commenters m ON m.id = c.commenter_id
		WHERE lower(m.email) ~ '^[bcn]@example'`)
	if want := "ab b@example.org, abc c@example.org, e b@example.org, n n@example.org, z c@example.org"; got != want || d.counted(second) != 4 {
		t.Errorf("after another load there are %s, want %s", got, want)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	article, mo := d.article(), d.moderator()
	good := comment.Loaded{ArticleID: article, Name: "a", Email: "a@example.org", Body: "Hello.", At: d.now()}
	before := d.all()
	for name, spoil := range map[string]func(*comment.Loaded){
		"no name":       func(c *comment.Loaded) { c.Name = " " },
		"no e-mail":     func(c *comment.Loaded) { c.Email = "a" },
		"no text":       func(c *comment.Loaded) { c.Body = "\n" },
		"answers after": func(c *comment.Loaded) { c.Parent = 2 },
		"other article": func(c *comment.Loaded) { c.ArticleID++; c.Parent = 1 },
	} {
		bad := good
		spoil(&bad)
		var invalid *fault.Invalid
		if err := d.Load(t.Context(), mo, []comment.Loaded{good, bad}); !errors.As(err, &invalid) {
			t.Errorf("%s: Load = %v, want a fault on a field", name, err)
		}
	}
	if err := d.Load(t.Context(), d.person("Con", staff.Contributor), []comment.Loaded{good}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a contributor's Load = %v, want Forbidden", err)
	}
	d.Now = nil
	if err := d.Load(t.Context(), mo, []comment.Loaded{good}); err == nil {
		t.Error("Load by the database's clock took made-up times")
	}
	if after := d.all(); after != before {
		t.Errorf("a refused load changed something:\n%s\n%s", before, after)
	}
}
