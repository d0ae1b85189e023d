package comment_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"stet/internal/comment"
	"stet/internal/postgres"
)

// learned is all that the spam filter knows, checked against its lessons: each token counts the comments it stands in.
func (d *desk) learned() string {
	d.t.Helper()
	if wrong := scan[int](d, `
		SELECT count(*)
		FROM (
			SELECT token, count(*) FILTER (WHERE NOT spam) AS ham, count(*) FILTER (WHERE spam) AS spam
			FROM spam_lessons, unnest(tokens) AS token
			GROUP BY token
		) l
		FULL JOIN spam_tokens t USING (token)
		WHERE (l.ham, l.spam) IS DISTINCT FROM (t.ham::bigint, t.spam::bigint)`); wrong > 0 {
		d.t.Errorf("%d tokens aren't what the lessons say", wrong)
	}
	if !scan[bool](d, `
		SELECT (t.ham, t.spam) = (SELECT count(*) FILTER (WHERE NOT spam), count(*) FILTER (WHERE spam) FROM spam_lessons)
		FROM spam_totals t`) {
		d.t.Error("the totals aren't what the lessons say")
	}
	return scan[string](d, `
		SELECT concat((SELECT jsonb_agg(t ORDER BY t.token) FROM spam_tokens t), (SELECT jsonb_agg(t) FROM spam_totals t),
			(SELECT jsonb_agg(l ORDER BY l.comment_id) FROM spam_lessons l))`)
}

func (d *desk) lesson(id int64) string {
	d.t.Helper()
	return scan[string](d, `SELECT coalesce((SELECT CASE WHEN spam THEN 'spam' ELSE 'ham' END FROM spam_lessons WHERE comment_id = $1), 'none')`, id)
}

func TestPeoplesDecisionsTeach(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mo, article := d.moderator(), d.article()
	in := d.guest(article)
	in.Body = "Marzipan for everybody, see http://sweets.example.net/buy?now"
	_, id := d.post(in)
	nothing := d.learned()
	steps := []struct {
		act  comment.Act
		want string
	}{
		{comment.Approve, "ham"}, {comment.MarkSpam, "spam"}, {comment.Undo, "ham"}, {comment.MarkSpam, "spam"}, {comment.Reject, "none"},
		{comment.Undo, "spam"}, {comment.Hold, "none"}, {comment.Approve, "ham"}, {comment.Reject, "none"}, {comment.MarkSpam, "spam"},
	}
	for i, s := range steps {
		pick := d.standing(id)
		if err := d.Decide(t.Context(), mo, pick, s.act, ""); err != nil {
			t.Fatalf("step %d, %s: %v", i, s.act, err)
		}
		if got := d.lesson(id); got != s.want {
			t.Errorf("step %d: after %s the filter learned %s, want %s", i, s.act, got, s.want)
		}
		d.learned()
	}
	if n := scan[int](d, `SELECT spam FROM spam_tokens WHERE token = 'host:sweets.example.net'`); n != 1 {
		t.Errorf("the host counts %d", n)
	}
	d.decide(mo, id, comment.Hold)
	if got := d.learned(); got != nothing {
		t.Errorf("held again the filter still knows %s", got)
	}
}

// standing chooses a comment as it stands now.
func (d *desk) standing(id int64) comment.Pick {
	d.t.Helper()
	p := comment.Pick{ID: id, Seen: true}
	d.t.Helper()
	if err := d.Super.QueryRow(d.t.Context(), `
		SELECT coalesce(c.pending_text, c.shown_text), coalesce((SELECT max(id) FROM decisions WHERE comment_id = c.id AND undone_at IS NULL), 0)
		FROM comments c
		WHERE c.id = $1`, id).Scan(&p.Text, &p.Decision); err != nil {
		d.t.Fatal(err)
	}
	return p
}

func TestRulesAndTheNewsroomTeachNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mo, article := d.moderator(), d.article()
	nothing := d.learned()
	trap := d.guest(article)
	trap.Honeypot = "https://example.net"
	d.post(trap)
	_, parent := d.post(d.guest(article))
	d.decide(mo, parent, comment.Reject)
	if got := d.learned(); got != nothing {
		t.Errorf("the filter learned %s", got)
	}
}

// TestErasedCommentIsUnlearned: what stood in that comment alone stands nowhere any more.
func TestErasedCommentIsUnlearned(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mo, article := d.moderator(), d.article()
	shared := d.guest(article)
	shared.Body = "The harbour was dredged."
	d.published(mo, shared)
	before := d.learned()
	private := d.guest(article)
	private.Body, private.Email = "The harbour belongs to Zebulon Quarterstaff.", "zebulon@quarterstaff.example"
	_, id := d.published(mo, private)
	if err := postgres.InTx(t.Context(), d.App, func(tx pgx.Tx) error { return comment.Unlearn(t.Context(), tx, []int64{id}) }); err != nil {
		t.Fatal(err)
	}
	after := d.learned()
	if after != before {
		t.Errorf("the filter knows %s, want %s", after, before)
	}
	if strings.Contains(after, "quarterstaff") {
		t.Error("a trace remains")
	}
}

// TestManyLearnAtOnce: acts with the same tokens in any order don't wait for each other in a circle.
func TestManyLearnAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mo, article := d.moderator(), d.article()
	var ids []int64
	for i := range 24 {
		in := d.guest(article)
		in.Body = fmt.Sprintf("%s %s %s", []string{"alpha", "omega"}[i%2], strings.Repeat("beta ", i%3), []string{"gamma", "delta", "alpha"}[i%3])
		_, id := d.post(in)
		ids = append(ids, id)
	}
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			act := []comment.Act{comment.Approve, comment.MarkSpam}[i%2]
			if err := d.Decide(t.Context(), mo, comment.Pick{ID: id}, act, ""); err != nil {
				t.Errorf("Decide(%d) = %v", id, err)
			}
			if i%4 == 0 {
				if err := d.Decide(t.Context(), mo, comment.Pick{ID: id}, comment.Undo, ""); err != nil {
					t.Errorf("Undo(%d) = %v", id, err)
				}
			}
		})
	}
	wg.Wait()
	d.learned()
	if n := scan[int](d, `SELECT count(*) FROM spam_lessons`); n != 18 {
		t.Errorf("%d lessons, want 18", n)
	}
}
