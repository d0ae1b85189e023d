package comment_test

import (
	"context"
	"fmt"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/comment"
	"stet/internal/pgtest"
	"stet/internal/postgres"
	"stet/internal/staff"
)

var (
	secret = []byte("a secret of thirty-two bytes or so")
	old    = []byte("the secret that was used before it")
)

// desk is a newsroom with comments and little else. Its clock stands still until a test moves it.
type desk struct {
	*pgtest.DB
	*comment.Store
	Readers *comment.Reader
	t       testing.TB
	micros  atomic.Int64
	guests  atomic.Int64
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{DB: pgtest.New(t), t: t}
	d.micros.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro())
	d.Store = comment.New(d.App, secret, nil)
	d.Now = d.now
	d.Readers = comment.NewReader(d.Reader)
	return d
}

func (d *desk) now() time.Time          { return time.UnixMicro(d.micros.Load()).UTC() }
func (d *desk) pass(span time.Duration) { d.micros.Add(span.Microseconds()) }

func (d *desk) exec(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.Super.Exec(d.t.Context(), sql, args...); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
}

// scan reads one value as the superuser.
func scan[T any](d *desk, sql string, args ...any) T {
	d.t.Helper()
	var v T
	if err := d.Super.QueryRow(d.t.Context(), sql, args...).Scan(&v); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// article makes one that was published an hour ago.
func (d *desk) article() int64 {
	d.t.Helper()
	return scan[int64](d, `
		INSERT INTO articles (kind, public_state, record_head, first_public_at, path, live_headline, live_language)
		VALUES ('article', 'published', 3, $1, '/2026/03/a-headline/', 'A headline', 'en')
		RETURNING id`, d.now().Add(-time.Hour))
}

func (d *desk) person(name string, roles ...staff.Role) staff.Actor {
	d.t.Helper()
	set := staff.Roles(roles)
	id := scan[int64](d, `
		INSERT INTO staff (email, name, roles, password_hash)
		VALUES ($1, $2, $3, '')
		RETURNING id`, fmt.Sprintf("staff%d@example.org", d.guests.Add(1)), name, set.Strings())
	return staff.Actor{ID: id, Name: name, Roles: set}
}

func (d *desk) moderator() staff.Actor { return d.person("Mo Derato", staff.Moderator) }

// guest is a form as somebody new sends it.
func (d *desk) guest(article int64) comment.In {
	n := d.guests.Add(1)
	return comment.In{ArticleID: article, Name: fmt.Sprintf("Reader %d", n), Email: fmt.Sprintf("reader%d@example.org", n),
		Body: fmt.Sprintf("Comment number %d.", n), Version: 2, Address: netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)})}
}

func (d *desk) post(in comment.In) (token string, id int64) {
	d.t.Helper()
	token, err := d.Post(d.t.Context(), in)
	if err != nil {
		d.t.Fatalf("Post = %v", err)
	}
	return token, d.receipt(token).ID
}

func (d *desk) receipt(token string) comment.Receipt {
	d.t.Helper()
	r, err := d.ByToken(d.t.Context(), token)
	if err != nil {
		d.t.Fatalf("ByToken = %v", err)
	}
	return r
}

func (d *desk) decide(actor staff.Actor, id int64, act comment.Act) {
	d.t.Helper()
	if err := d.Decide(d.t.Context(), actor, comment.Pick{ID: id}, act, ""); err != nil {
		d.t.Fatalf("Decide(%d, %s) = %v", id, act, err)
	}
}

// published posts a comment and approves it.
func (d *desk) published(actor staff.Actor, in comment.In) (token string, id int64) {
	d.t.Helper()
	token, id = d.post(in)
	d.decide(actor, id, comment.Approve)
	return token, id
}

func (d *desk) queue(f comment.Filter) []comment.Item {
	d.t.Helper()
	items, _, err := d.Queue(d.t.Context(), staff.System(), f)
	if err != nil {
		d.t.Fatalf("Queue(%+v) = %v", f, err)
	}
	return items
}

func (d *desk) item(id int64, status comment.Status) comment.Item {
	d.t.Helper()
	for _, i := range d.queue(comment.Filter{Status: status}) {
		if i.ID == id {
			return i
		}
	}
	d.t.Fatalf("comment %d isn't among the %s", id, status)
	panic("unreachable")
}

func (d *desk) thread(article int64, order comment.Order, page int) comment.Thread {
	d.t.Helper()
	var t comment.Thread
	if err := d.Readers.LiveThread(article, order, page, &t).Run(d.t.Context()); err != nil {
		d.t.Fatalf("LiveThread = %v", err)
	}
	return t
}

// counted is what article_counts says, checked against the comments themselves.
func (d *desk) counted(article int64) int {
	d.t.Helper()
	n := scan[int](d, `SELECT coalesce((SELECT approved FROM article_counts WHERE article_id = $1), 0)`, article)
	if real := d.thread(article, comment.Oldest, 1).Total; real != n {
		d.t.Errorf("article_counts says %d, readers see %d", n, real)
	}
	last := scan[*time.Time](d, `SELECT max(posted_at) FROM live_comments WHERE article_id = $1`, article)
	kept := scan[*time.Time](d, `SELECT (SELECT last_at FROM article_counts WHERE article_id = $1)`, article)
	if (last == nil) != (kept == nil) || last != nil && !last.Equal(*kept) {
		d.t.Errorf("article_counts.last_at = %v, want %v", kept, last)
	}
	d.threads()
	return n
}

// threads insists that comment_threads says of every thread what its comments do.
func (d *desk) threads() {
	d.t.Helper()
	wrong := scan[string](d, `
		WITH real AS (
			SELECT c.root_id, c.article_id, r.posted_at AS at, count(*)::integer AS shown,
				CASE WHEN r.status = 'approved' AND r.erased_at IS NULL THEN r.pinned_at END AS pinned_at
			FROM comments c
			JOIN comments r ON r.id = c.root_id
			WHERE c.status = 'approved' AND c.erased_at IS NULL
			GROUP BY r.id, c.root_id, c.article_id
		)
		SELECT coalesce(string_agg(x::text, ' '), '')
		FROM ((TABLE real EXCEPT TABLE comment_threads) UNION ALL (TABLE comment_threads EXCEPT TABLE real)) x`)
	if wrong != "" {
		d.t.Errorf("comment_threads and the comments disagree: %s", wrong)
	}
}

// purges gives the tags that do announces, one text a notification.
func (d *desk) purges(do func()) []string {
	d.t.Helper()
	ctx := d.t.Context()
	conn, err := pgx.Connect(ctx, d.SuperURL)
	if err != nil {
		d.t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // the test is over
	if _, err := conn.Exec(ctx, "LISTEN "+postgres.PurgeChannel); err != nil {
		d.t.Fatal(err)
	}
	do()
	d.exec(`SELECT pg_notify($1, 'end')`, postgres.PurgeChannel)
	var tags []string
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			d.t.Fatal(err)
		}
		if n.Payload == "end" {
			return tags
		}
		tags = append(tags, n.Payload)
	}
}

// all is every row of what an act may write, to see that one changed nothing.
func (d *desk) all() string {
	d.t.Helper()
	return scan[string](d, `
		SELECT concat(
			(SELECT jsonb_agg(c ORDER BY c.id) FROM comments c), (SELECT jsonb_agg(c ORDER BY c.id) FROM comment_texts c),
			(SELECT jsonb_agg(c ORDER BY c.id) FROM commenters c), (SELECT jsonb_agg(c ORDER BY c.comment_id) FROM comment_addresses c),
			(SELECT jsonb_agg(c ORDER BY c.id) FROM hold_reasons c), (SELECT jsonb_agg(c ORDER BY c.id) FROM decisions c),
			(SELECT jsonb_agg(c ORDER BY c.article_id) FROM article_counts c), (SELECT jsonb_agg(c ORDER BY c.root_id) FROM comment_threads c), (SELECT jsonb_agg(c ORDER BY c.id) FROM audit c),
			(SELECT jsonb_agg(c ORDER BY c.key) FROM limits c))`)
}
