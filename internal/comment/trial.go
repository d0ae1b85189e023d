package comment

import (
	"context"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// TrialSize is on how many comments a rule is tried, those that were decided last.
const TrialSize = 10_000

// examples is how many of a trial are shown on each side.
const examples = 10

// Trial is what a rule would have done to the comments that were decided last, oldest decision From, newest To. Of those it would have held
// Approved were approved and Refused rejected or spam; Others of the refused were held by another rule too. AllRefused are all refused ones
// that it was tried on. New would have been held by nothing else.
type Trial struct {
	Tried      int
	From, To   time.Time
	Held       int
	Approved   int
	Refused    int
	Others     int
	AllRefused int
	New        int
	Line       TrialLine
	Passed     []Example
	Caught     []Example
}

// TrialLine is the line of a list that alone holds the most; Text is empty where none does.
type TrialLine struct {
	Text     string
	Held     int
	Approved int
}

// PerDay is how many comments more would have to be read on a day.
func (t *Trial) PerDay() float64 {
	days := t.To.Sub(t.From).Hours() / 24
	return float64(t.New) / max(days, 1)
}

// Example is a comment that the rule would have held. Marks are from and to which byte of Text it matches, in order.
type Example struct {
	ID       int64
	Name     string
	Text     string
	Language string
	Marks    [][2]int
	Status   Status
	At       time.Time

	draw uint32 // a fixed lot, so that the same trial shows the same examples
}

// TryRule says what a rule would have done, a saved one or one that is only typed, and changes nothing but when a saved one was tried last.
// It judges by what will judge new comments. What isn't kept with old ones is taken from the others it is tried on: whether somebody
// was trusted, how fast they wrote, the same text from others; and the network of a comment counts as long as addresses are kept.
// Faults: Forbidden; *fault.Invalid as of SaveRule.
func (s *Store) TryRule(ctx context.Context, actor staff.Actor, r Rule) (Trial, error) {
	if !CanModerate(actor) {
		return Trial{}, fault.Forbidden
	}
	if err := r.check(); err != nil {
		return Trial{}, err
	}
	t := newTrying(r)
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT trust_after, trust_days FROM settings`).Scan(&t.trustAfter, &t.trustDays); err != nil {
			return err
		}
		if err := t.all(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE rules SET tried_at = coalesce($2::timestamptz, clock_timestamp()) WHERE id = $1`, r.ID, postgres.At(s.Now))
		return err
	})
	if err != nil {
		return Trial{}, fmt.Errorf("try rule %d: %w", r.ID, err)
	}
	return t.result(), nil
}

// trying is a trial on its way through the comments, oldest first.
type trying struct {
	Trial
	rule  Rule
	lists *lexicon
	past  history
	alone map[string]*TrialLine

	trustAfter, trustDays int
}

func newTrying(r Rule) *trying {
	return &trying{rule: r, lists: compileWords(map[int64]string{r.ID: r.Words}), past: newHistory(int(r.Amount) + 1), alone: map[string]*TrialLine{}}
}

// tried is a decided comment as it was when it came in.
type tried struct {
	ID        int64
	ArticleID int64
	Lineage   []int64
	Status    Status
	Name      string
	Person    int64
	Newcomer  bool
	PostedAt  time.Time
	DecidedAt time.Time
	Body      string
	Language  string
	Score     *float64
	Address   string
	Others    bool // another rule held it
	HeldAtAll bool
}

const triedQuery = `
	SELECT c.id, c.article_id, coalesce(k.lineage, '{}') AS lineage, c.status, c.name, coalesce(c.commenter_id, 0) AS person, c.newcomer, c.posted_at, c.decided_at,
		t.body, coalesce(a.live_language, '') AS language, t.score::double precision AS score, coalesce(host(i.address), '') AS address,
		coalesce(h.others, false) AS others, h.others IS NOT NULL AS held_at_all
	FROM (
		SELECT *
		FROM comments
		WHERE status <> 'pending' AND decided_at IS NOT NULL AND erased_at IS NULL AND staff_id IS NULL
		ORDER BY decided_at DESC, id DESC
		LIMIT $1
	) c
	JOIN comment_texts t ON t.id = c.shown_text
	JOIN articles a ON a.id = c.article_id
	LEFT JOIN comment_addresses i ON i.comment_id = c.id
	LEFT JOIN article_categories l ON l.article_id = c.article_id AND l.first
	LEFT JOIN categories k ON k.id = l.category_id
	CROSS JOIN LATERAL (
		SELECT bool_or(w.rule_id IS NOT NULL) AS others
		FROM hold_reasons w
		WHERE w.comment_id = c.id AND w.rule_id IS DISTINCT FROM $2::bigint
	) h
	ORDER BY c.posted_at, c.id`

func (t *trying) all(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, triedQuery, TrialSize, t.rule.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		c, err := pgx.RowToAddrOfStructByName[tried](rows)
		if err != nil {
			return err
		}
		t.one(c)
	}
	return rows.Err()
}

func (t *trying) one(c *tried) {
	t.Tried++
	if t.From.IsZero() || c.DecidedAt.Before(t.From) {
		t.From = c.DecidedAt
	}
	if c.DecidedAt.After(t.To) {
		t.To = c.DecidedAt
	}
	if c.Status != Approved {
		t.AllRefused++
	}
	m := t.matches(c)
	put := candidate{ArticleID: c.ArticleID, Lineage: c.Lineage, At: c.PostedAt, Name: c.Name, Body: c.Body, Known: !c.Newcomer, Found: m.found}
	if c.Score != nil {
		put.Score = Score{Value: *c.Score, Known: true}
	}
	t.past.look(&put, c, t.trustAfter, time.Duration(t.trustDays)*24*time.Hour)
	if len(judge(&put, []Rule{t.rule}).Reasons) > 0 {
		t.hold(c, m)
	}
	t.past.add(c)
}

// matched is what of a text the rule matches: found as a rule has it, the lines of its list, and where.
type matched struct {
	found map[int64][]string
	lines []string
	marks [][2]int
}

func (t *trying) matches(c *tried) (m matched) {
	if t.rule.Kind == ruleLinks {
		for _, at := range linkPattern.FindAllStringIndex(c.Body, markedWords) {
			m.marks = append(m.marks, [2]int{at[0], at[1]})
		}
		return m
	}
	m.found = map[int64][]string{}
	t.lists.each(c.Body, func(by listed, start, end int) {
		m.found[by.rule] = append(m.found[by.rule], c.Body[start:end])
		if !slices.Contains(m.lines, by.line) {
			m.lines = append(m.lines, by.line)
		}
		if len(m.marks) < markedWords && (len(m.marks) == 0 || start >= m.marks[len(m.marks)-1][1]) {
			m.marks = append(m.marks, [2]int{start, end})
		}
	})
	return m
}

func (t *trying) hold(c *tried, m matched) {
	t.Held++
	if !c.HeldAtAll {
		t.New++
	}
	e := Example{ID: c.ID, Name: c.Name, Text: c.Body, Language: c.Language, Marks: m.marks, Status: c.Status, At: c.DecidedAt,
		draw: crc32.ChecksumIEEE([]byte(strconv.FormatInt(c.ID, 10)))}
	if c.Status == Approved {
		t.Approved++
		t.Passed = drawn(t.Passed, e)
	} else {
		t.Refused++
		if c.Others {
			t.Others++
		}
		t.Caught = drawn(t.Caught, e)
	}
	if len(m.lines) == 1 {
		l := t.alone[m.lines[0]]
		if l == nil {
			l = &TrialLine{Text: m.lines[0]}
			t.alone[l.Text] = l
		}
		l.Held++
		if c.Status == Approved {
			l.Approved++
		}
	}
}

// drawn keeps those with the lowest lots.
func drawn(kept []Example, e Example) []Example {
	kept = append(kept, e)
	if len(kept) <= examples {
		return kept
	}
	most := slices.MaxFunc(kept, func(a, b Example) int { return int(int64(a.draw) - int64(b.draw)) })
	return slices.DeleteFunc(kept, func(k Example) bool { return k.ID == most.ID })
}

func (t *trying) result() Trial {
	for _, l := range t.alone {
		if l.Held > t.Line.Held || l.Held == t.Line.Held && l.Text < t.Line.Text {
			t.Line = *l
		}
	}
	for _, side := range [][]Example{t.Passed, t.Caught} {
		slices.SortFunc(side, func(a, b Example) int { return b.At.Compare(a.At) })
	}
	return t.Trial
}
