package front_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"stet/internal/front"
	"stet/internal/pgtest"
	"stet/internal/postgres"
)

// TestAhead shows the front as it will stand: what is scheduled as if it were public, what ends by then gone. When the time comes it is so.
func TestAhead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.publish("sea", names("s", 4)...)
	later := d.schedule("later", "land", hour(12))
	d.schedule("self", "land", hour(13))
	d.must(d.articles.End(t.Context(), d.editor, s[3], hour(14), "<p>It is over.</p>"))
	d.put(s[0], 0, 1, time.Time{}, hour(13))
	d.put(later, 0, 1)
	d.put(s[1], 0, 2, hour(15))
	b := d.board(0)
	var turns []string
	for _, turn := range b.Turns {
		turns = append(turns, turn.At.Format("15:04"))
	}
	if got := strings.Join(turns, " "); got != "12:00 15:00" {
		t.Errorf("the front changes by itself at %s, want 12:00 and 15:00", got)
	}
	var want []string
	for h := 10; h <= 16; h++ {
		want = append(want, d.shown(hour(h).Add(time.Minute)))
	}
	for i, w := range want {
		d.pass(hour(10 + i).Add(time.Minute).Sub(d.now()))
		d.want(w)
	}
	if !slices.Contains(want, "*later s4 s3 s2 | s1 - - - | - - - -") || !slices.Contains(want, "*later *s2 self s3 | s1 - - - | - - - -") {
		t.Errorf("the looks ahead were\n%s", strings.Join(want, "\n"))
	}
}

// shown is the front page as it is said to stand at a time.
func (d *desk) shown(at time.Time) string {
	d.Helper()
	b, err := d.store.Board(d.Context(), d.editor, 0, at)
	d.must(err)
	tree, err := d.sections.LiveTree(d.Context())
	d.must(err)
	o, err := d.store.Ahead(d.Context(), d.editor, 0, at)
	d.must(err)
	lists, err := d.reader.Lists(d.Context(), tree, o.Standing)
	d.must(err)
	board, preview := said(plain(b)), said(o.Front(tree, o.Lists(tree, lists)))
	if board != preview {
		d.Errorf("at %s the board shows\n%s and the preview\n%s", at.Format("15:04"), board, preview)
	}
	return preview
}

// TestCategory is about the front of a category: without anything placed it has no lead package.
func TestCategory(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.publish("sea", names("s", 6)...)
	l := d.publish("land", "l1")
	live := func() front.Standing {
		got, err := d.reader.Live(t.Context(), d.sea.ID)
		d.must(err)
		return got
	}
	if live().Led() {
		t.Error("a category that nobody touched has a lead package")
	}
	put := func(id int64, place int) {
		_, err := d.store.Put(t.Context(), d.editor, front.PutIn{Category: d.sea.ID, To: front.Slot{Place: place}, Article: id, Seen: d.board(d.sea.ID).Seen})
		d.must(err)
	}
	put(s[1], 2)
	put(l[0], 3)
	if !live().Led() {
		t.Error("a category with placed articles has no lead package")
	}
	if got := said(plain(d.board(d.sea.ID))); got != "s6 *s2 *l1 s5" {
		t.Errorf("the category's lead package is %s, want s6 *s2 *l1 s5", got)
	}
	d.want("l1 s6 s5 s4 | s3 s2 s1 - | - - - -")
}

// TestPool offers what could stand on the front: scheduled and public articles, found by their headlines, that don't stand there.
func TestPool(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.publish("sea", "Über the lamp", "A clause")
	d.publish("land", "A field")
	d.schedule("The lamp later", "land", hour(18))
	d.draft("The lamp never", "land")
	for _, c := range []struct {
		in   front.PoolIn
		want string
	}{
		{front.PoolIn{}, "The lamp later, A field, A clause, Über the lamp"},
		{front.PoolIn{Q: "LAMP"}, "The lamp later, Über the lamp"},
		{front.PoolIn{Q: "uber"}, "Über the lamp"},
		{front.PoolIn{Categories: []int64{d.sea.ID}}, "A clause, Über the lamp"},
		{front.PoolIn{Categories: []int64{d.land.ID}}, "The lamp later, A field"},
		{front.PoolIn{Without: s}, "The lamp later, A field"},
	} {
		offers, err := d.store.Pool(t.Context(), d.editor, c.in)
		d.must(err)
		var got []string
		for _, o := range offers {
			got = append(got, o.Headline)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("Pool(%+v) = %v, want %s", c.in, got, c.want)
		}
	}
}

// TestTurn purges a front when something on it begins or ends by itself: once, however many instances look. What begins with its act is purged by
// the act and at the next turn.
func TestTurn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.publish("sea", names("s", 3)...)
	heard := make(chan string, 100)
	ready := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go func() {
		// It ends with the test, always with an error.
		_ = postgres.Listen(ctx, d.db.AppURL, postgres.Listener{Channel: postgres.PurgeChannel, Notify: func(p string) { heard <- p }, Up: func() { ready <- struct{}{} }})
	}()
	<-ready
	d.put(s[0], 0, 1, hour(12), hour(13))
	_, err := d.store.Put(t.Context(), d.editor, front.PutIn{Category: d.sea.ID, To: front.Slot{Place: 1}, Article: s[1], Until: hour(13)})
	d.must(err)
	turn := func() string {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := d.store.Turn(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		// What comes after the turns comes after what they said.
		if _, err := d.db.App.Exec(t.Context(), `SELECT pg_notify($1, 'end')`, postgres.PurgeChannel); err != nil {
			t.Error(err)
		}
		var got []string
		for said := range heard {
			if said == "end" {
				break
			}
			got = append(got, said)
		}
		return strings.Join(got, ", ")
	}
	sea := "category:" + strconv.FormatInt(d.sea.ID, 10)
	for _, step := range []struct {
		by   time.Duration
		want string
	}{{0, "front, " + sea + ", " + sea}, {time.Minute, ""}, {3 * time.Hour, "front"}, {time.Minute, ""}, {time.Hour, sea + " front"}, {0, ""}} {
		d.pass(step.by)
		if got := turn(); got != step.want {
			t.Errorf("the turn at %s purges %q, want %q", d.now().Format("15:04"), got, step.want)
		}
	}
}

// TestPlans holds the queries that every reader's page and every second wait for to the indexes, on a newsroom with many articles.
func TestPlans(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := t.Context()
	for _, sql := range []string{
		`INSERT INTO articles (kind, head, public_state, record_head, live_version, live_revision, first_public_at, listed, path, live_headline, live_standfirst, live_kicker, live_label, live_language, live_byline)
			SELECT 'article', 1, 'published', 1, 1, 1, now() - n * interval '1 hour', true, '/' || n, 'H' || n, '', '', 'news', 'en', '' FROM generate_series(1, 20000) AS n`,
		`INSERT INTO front_slots (place) SELECT n FROM generate_series(1, 4) AS n`,
		`INSERT INTO front_placings (slot_id, article_id, from_at, at)
			SELECT s.id, 1000 * s.place + n, now() - n * interval '1 minute', now() FROM front_slots s, generate_series(1, 4) AS n`,
		`ANALYZE articles, front_slots, front_placings`,
	} {
		if _, err := db.Owner.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	counted, c := postgres.CountQueries(ctx)
	reader := front.NewReader(db.Reader)
	live, err := reader.Live(counted, 0)
	if err != nil || live.Placed() != 16 {
		t.Fatalf("Live = %d placed, %v, want 16", live.Placed(), err)
	}
	for _, sql := range c.Statements() {
		plan := explain(t, db, sql, 0, nil)
		if strings.Contains(plan, "Seq Scan on articles") {
			t.Errorf("the front reads all articles:\n%s", plan)
		}
	}
}

// explain gives the plan of a statement as the readers' role gets it.
func explain(t *testing.T, db *pgtest.DB, sql string, args ...any) string {
	t.Helper()
	rows, err := db.Reader.Query(t.Context(), "EXPLAIN "+sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}
