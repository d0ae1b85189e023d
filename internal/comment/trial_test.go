package comment_test

import (
	"strings"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/staff"
)

// decided puts decided comments into the database, one for each text; those that begin with "!" were rejected.
func (d *desk) decidedTexts(article int64, texts ...string) {
	d.t.Helper()
	mo := d.moderator()
	for _, text := range texts {
		in := d.guest(article)
		in.Body = strings.TrimPrefix(text, "!")
		_, id := d.post(in)
		act := comment.Approve
		if in.Body != text {
			act = comment.Reject
		}
		d.decide(mo, id, act)
		d.pass(time.Minute)
	}
}

func TestTrialOfWords(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.decidedTexts(d.article(), "From that port to the sea.", "The port, a port.", "A report on ports.", "!They were bought for a port.", "!They were bought.", "!Nothing of it.")
	before := d.all()
	got, err := d.TryRule(t.Context(), d.moderator(), suspect("port\nbought"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Tried != 6 || got.Held != 4 || got.Approved != 2 || got.Refused != 2 || got.AllRefused != 3 {
		t.Errorf("trial = %+v", got)
	}
	if got.Line != (comment.TrialLine{Text: "port", Held: 2, Approved: 2}) {
		t.Errorf("the line that does most = %+v", got.Line)
	}
	if len(got.Passed) != 2 || len(got.Caught) != 2 {
		t.Fatalf("examples: %d and %d", len(got.Passed), len(got.Caught))
	}
	e := got.Passed[0]
	if e.Text != "The port, a port." || len(e.Marks) != 2 || e.Text[e.Marks[0][0]:e.Marks[0][1]] != "port" {
		t.Errorf("the newest example = %+v", e)
	}
	if got.To.Sub(got.From) != 5*time.Minute {
		t.Errorf("from %v to %v", got.From, got.To)
	}
	if after := d.all(); after != before {
		t.Error("the trial changed something")
	}
}

func TestTrialOfOtherKinds(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	article := d.article()
	same := "Exactly the same words, twice over."
	d.decidedTexts(article, "See https://a.example and https://b.example", "THIS IS ALL WRITTEN IN CAPITALS", same, "!"+same, "One more.")
	d.exec(`UPDATE comment_texts SET score = 0.9 WHERE body = 'One more.'`)
	d.exec(`UPDATE comment_addresses SET address = '192.0.2.1'`)
	d.exec(`UPDATE comments SET newcomer = body = 'One more.' FROM comment_texts t WHERE t.comment_id = comments.id`)
	for _, tt := range []struct {
		rule comment.Rule
		want int
	}{
		{comment.Rule{Kind: "links", Amount: 1}, 1},
		{comment.Rule{Kind: "links", Amount: 2}, 0},
		{comment.Rule{Kind: "capitals", Amount: 0.7}, 1},
		{comment.Rule{Kind: "duplicate", Seconds: 3600}, 1},
		{comment.Rule{Kind: "flood", Amount: 3, Seconds: 3600}, 1},
		{comment.Rule{Kind: "flood", Amount: 3, Seconds: 60}, 0},
		{comment.Rule{Kind: "spam", Amount: 0.8}, 1},
		{comment.Rule{Kind: "first"}, 1},
		{comment.Rule{Kind: "first", ArticleID: article + 1}, 0},
	} {
		tt.rule.Name, tt.rule.Act = tt.rule.Kind, comment.Hold
		got, err := d.TryRule(t.Context(), staff.System(), tt.rule)
		if err != nil || got.Held != tt.want || got.Tried != 5 {
			t.Errorf("%+v would have held %d of %d, %v; want %d", tt.rule, got.Held, got.Tried, err, tt.want)
		}
	}
}

func TestTrialOfNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	got, err := d.TryRule(t.Context(), d.moderator(), suspect("port"))
	if err != nil || got.Tried != 0 || got.PerDay() != 0 {
		t.Errorf("TryRule = %+v, %v", got, err)
	}
}

// BenchmarkTrial tries a list of 20,000 words on 10,000 decided comments.
func BenchmarkTrial(b *testing.B) {
	d := newDesk(b)
	article := d.article()
	d.exec(`
		WITH made AS (
			INSERT INTO comments (id, root_id, article_id, status, token_hash, name, posted_at, path, depth, version_number, decided_at)
			OVERRIDING SYSTEM VALUE
			SELECT i, i, $1, CASE WHEN i % 20 = 0 THEN 'rejected' ELSE 'approved' END, sha256(i::text::bytea), 'Reader', $2::timestamptz - i * interval '5 minutes', '{}', 0, 1,
				$2::timestamptz - i * interval '5 minutes'
			FROM generate_series(1, 12000) i
			RETURNING id
		), texts AS (
			INSERT INTO comment_texts (comment_id, body, at)
			SELECT id, (SELECT string_agg(substr(md5((id * 100 + w)::text), 1, 4 + w % 5), ' ') FROM generate_series(1, 70) w), $2 FROM made
			RETURNING id, comment_id
		)
		SELECT count(*) FROM texts`, article, d.now())
	d.exec(`UPDATE comments c SET shown_text = t.id FROM comment_texts t WHERE t.comment_id = c.id`)
	d.exec(`ANALYZE comments`)
	words := scan[string](d, `SELECT string_agg(substr(md5(i::text), 1, 6) || CASE WHEN i % 10 = 0 THEN '*' ELSE '' END, E'\n') FROM generate_series(1, 20000) i`)
	mo := d.moderator()
	for b.Loop() {
		got, err := d.TryRule(b.Context(), mo, suspect(words))
		if err != nil || got.Tried != comment.TrialSize {
			b.Fatalf("TryRule = %d tried, %v", got.Tried, err)
		}
		b.ReportMetric(float64(got.Held), "held")
	}
}
