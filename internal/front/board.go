package front

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/staff"
)

// Board is a front as its editors see it: what stands in each place at a time, and what is in line.
type Board struct {
	Category int64
	At       time.Time // the moment it shows
	Seen     int64     // the newest act on this front: whoever changes it says that they had seen so much
	Zones    []BoardZone
	Turns    []Turn // when it changes by itself after At, soonest first
	Acts     []Act  // what was done, newest first
}

// BoardZone is the lead package, where Section is 0, or the band of a section.
type BoardZone struct {
	Section int64
	Places  []BoardPlace
}

// BoardPlace is a place with what stands there by an editor's hand (nil: it fills itself, or is empty), what is in line for it and what
// happens to it next.
type BoardPlace struct {
	Place
	Stands *Placing
	Line   []Placing
	Next   *Next
}

// Placing is an article in a place, or in line for it. Begins is when it takes the place, zero where nobody knows: its article isn't
// scheduled, or won't be shown. Until is zero where it has no end.
type Placing struct {
	ID          int64
	Article     int64
	Headline    string
	Language    string
	Public      time.Time // when readers see the article or will; zero: nobody knows
	Scheduled   bool      // it waits for its publication
	From, Until time.Time
	Begins      time.Time
	By          string
	At          time.Time
}

// Next is what happens to a place by itself: what stands there then, without a headline where it fills itself.
type Next struct {
	At       time.Time
	Headline string
	Language string
}

// Turn is a time at which places change by themselves.
type Turn struct {
	At     time.Time
	Places []int // their numbers on the page
}

// Act is one change. Undoable says that its places are as it left them. Place is its number, 0 where the front doesn't have it any longer.
type Act struct {
	ID       int64
	Act      string // put, move, off, time or undo
	By       string
	At       time.Time
	Headline string
	Language string
	Place    int
	Undoable bool
}

// Limits of what a board shows.
const (
	maxActs  = 20
	maxTurns = 8
)

// Board gives the front of a category, or the front page where it is 0, as it stands at a time; one that has passed is now. Only an editor may
// ask.
func (s *Store) Board(ctx context.Context, actor staff.Actor, category int64, at time.Time) (Board, error) {
	b := Board{Category: category}
	fail := func(err error) (Board, error) { return b, fmt.Errorf("board of front %d: %w", category, err) }
	if !CanEdit(actor) {
		return fail(fault.Forbidden)
	}
	// Acts before lines: what is done meanwhile counts as unseen.
	err := s.pool.QueryRow(ctx, `
		SELECT coalesce(max(id), 0)
		FROM front_acts
		WHERE category_id IS NOT DISTINCT FROM nullif($1::bigint, 0)`, category).Scan(&b.Seen)
	if err != nil {
		return fail(err)
	}
	rows, err := s.readRows(ctx, category)
	if err != nil {
		return fail(err)
	}
	o, err := s.ahead(ctx, actor, Outlook{Standing: Standing{Category: category}, At: at}, rows)
	if err != nil {
		return fail(err)
	}
	b.At = o.At
	zones, err := s.zones(ctx, &o)
	if err != nil {
		return fail(err)
	}
	b.lay(zones, rows)
	b.Acts, err = s.acts(ctx, &b)
	if err != nil {
		return fail(err)
	}
	return b, nil
}

// categoryNewest is how much of a category's list is read to fill its lead package.
const categoryNewest = 20

// zones fills the front as readers will see it.
func (s *Store) zones(ctx context.Context, o *Outlook) ([]Zone, error) {
	tree, err := s.sections.Tree(ctx)
	if err != nil {
		return nil, err
	}
	if o.Category == 0 {
		lists, err := (&Reader{articles: s.live}).Lists(ctx, tree, o.Standing)
		if err != nil {
			return nil, err
		}
		return o.Front(tree, o.Lists(tree, lists)), nil
	}
	within := tree.Subtree(o.Category)
	if len(within) == 0 {
		return nil, fault.NotFound
	}
	newest, _, err := s.live.LiveList(ctx, article.ListIn{Categories: within, Limit: categoryNewest})
	if err != nil {
		return nil, err
	}
	return []Zone{o.Lead(o.List(newest, within))}, nil
}

// lay puts what is known of each placing beside the places.
func (b *Board) lay(zones []Zone, rows []*row) {
	lines := map[Slot][]*row{}
	for _, r := range rows {
		lines[Slot{r.Zone, r.Place}] = append(lines[Slot{r.Zone, r.Place}], r)
	}
	turns := map[time.Time][]int{}
	for _, z := range zones {
		out := BoardZone{Section: z.Section}
		for _, p := range z.Places {
			bp := BoardPlace{Place: p}
			for _, r := range lines[p.Slot] {
				one := r.placing()
				if r.ID == p.Placing {
					bp.Stands = &one
				} else {
					bp.Line = append(bp.Line, one)
				}
			}
			slices.SortStableFunc(bp.Line, func(x, y Placing) int {
				return cmp.Or(cmp.Compare(btoi(x.Begins.IsZero()), btoi(y.Begins.IsZero())), x.Begins.Compare(y.Begins))
			})
			for _, n := range nexts(lines[p.Slot], b.At) {
				if bp.Next == nil {
					bp.Next = &n
				}
				turns[n.At] = append(turns[n.At], p.Number)
			}
			out.Places = append(out.Places, bp)
		}
		b.Zones = append(b.Zones, out)
	}
	for at, places := range turns {
		b.Turns = append(b.Turns, Turn{at, places})
	}
	slices.SortFunc(b.Turns, func(x, y Turn) int { return x.At.Compare(y.At) })
	b.Turns = b.Turns[:min(len(b.Turns), maxTurns)]
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (r *row) placing() Placing {
	p := Placing{ID: r.ID, Article: r.Article, Headline: r.Headline, Language: r.Language, Scheduled: !r.Listed && r.Shown && r.Scheduled != nil, From: r.From, By: r.By, At: r.At}
	p.Public, _ = r.public()
	if begins, _, ok := r.span(); ok {
		p.Begins = begins
	}
	if r.Until != nil {
		p.Until = *r.Until
	}
	return p
}

// nexts are the times after at at which another article stands in the place, soonest first.
func nexts(line []*row, at time.Time) []Next {
	var times []time.Time
	for _, r := range line {
		if begins, until, ok := r.span(); ok {
			times = append(times, begins, until)
		}
	}
	times = slices.DeleteFunc(times, func(t time.Time) bool { return !t.After(at) })
	slices.SortFunc(times, time.Time.Compare)
	var out []Next
	stood := top(line, at)
	for _, t := range times {
		now := top(line, t)
		if now == stood {
			continue
		}
		stood = now
		n := Next{At: t.UTC()}
		if now != nil {
			n.Headline, n.Language = now.Headline, now.Language
		}
		out = append(out, n)
	}
	return out
}

func top(line []*row, at time.Time) *row {
	if there := inForce(line, at); len(there) > 0 {
		return there[0]
	}
	return nil
}

// actRow is an act as the history reads it.
type actRow struct {
	ID       int64
	Act      string
	By       string
	At       time.Time
	Headline string
	Language string
	Zone     int64
	Place    int
	After    map[int64][]placing
}

// acts gives the newest acts on the front. An act can be taken back where every place that it touched is as it left it.
func (s *Store) acts(ctx context.Context, b *Board) ([]Act, error) {
	lines, err := readLines(ctx, s.pool, b.Category)
	if err != nil {
		return nil, err
	}
	byID := map[int64]*line{}
	for _, l := range lines {
		byID[l.id] = l
	}
	numbers := map[Slot]int{}
	for _, z := range b.Zones {
		for _, p := range z.Places {
			numbers[p.Slot] = p.Number
		}
	}
	rows, err := s.pool.Query(ctx, `
		SELECT f.id, f.act, coalesce(p.name, '') AS by, f.at, coalesce(a.live_headline, r.headline, '') AS headline, coalesce(a.live_language, r.language, '') AS language,
			coalesce(s.zone_id, 0) AS zone, coalesce(s.place, 0) AS place, f.after
		FROM front_acts f
		LEFT JOIN staff p ON p.id = f.by
		LEFT JOIN articles a ON a.id = f.article_id
		LEFT JOIN revisions r ON r.article_id = a.id AND r.number = a.head
		LEFT JOIN front_slots s ON s.id = f.slot_id
		WHERE f.category_id IS NOT DISTINCT FROM nullif($1::bigint, 0)
		ORDER BY f.id DESC
		LIMIT $2`, b.Category, maxActs)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[actRow])
	if err != nil {
		return nil, err
	}
	out := make([]Act, len(found))
	for i, f := range found {
		out[i] = Act{ID: f.ID, Act: f.Act, By: f.By, At: f.At, Headline: f.Headline, Language: f.Language, Place: numbers[Slot{f.Zone, f.Place}], Undoable: true}
		for id, after := range f.After {
			if l := byID[id]; l == nil || !slices.EqualFunc(l.rows, after, placing.same) {
				out[i].Undoable = false
			}
		}
	}
	return out, nil
}
