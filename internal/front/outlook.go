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
	"stet/internal/postgres"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// Outlook is a front as it will stand at a time, if nobody changes anything until then: what is scheduled has happened, what an editor placed
// from then on stands. Readers never see one.
type Outlook struct {
	Standing
	At     time.Time
	coming map[int64]article.ComingCard
}

// row is a placing with all that the newsroom knows of its article.
type row struct {
	ID        int64
	Zone      int64
	Place     int
	Article   int64
	Headline  string
	Language  string
	Listed    bool
	Shown     bool // readers see the article, or will once it is published
	PublicAt  *time.Time
	Scheduled *time.Time
	Ends      *time.Time
	From      time.Time
	Until     *time.Time
	By        string
	At        time.Time
}

// public is when readers see the article or will, and whether anything says so.
func (r *row) public() (time.Time, bool) {
	switch {
	case r.Listed && r.PublicAt != nil:
		return *r.PublicAt, true
	case r.Shown && r.Scheduled != nil:
		return *r.Scheduled, true
	}
	return time.Time{}, false
}

// span is when it stands or will stand in its place, as far as it is known: until is zero where there is no end.
func (r *row) span() (begins, until time.Time, ok bool) {
	begins, ok = r.public()
	if r.From.After(begins) {
		begins = r.From
	}
	for _, end := range []*time.Time{r.Until, r.Ends} {
		if end != nil && (until.IsZero() || end.Before(until)) {
			until = *end
		}
	}
	return begins, until, ok && (until.IsZero() || begins.Before(until))
}

func (r *row) holds(at time.Time) bool {
	begins, until, ok := r.span()
	return ok && !begins.After(at) && (until.IsZero() || until.After(at))
}

// readRows reads every placing of a front that hasn't ended, those that begin later last.
func (s *Store) readRows(ctx context.Context, category int64) ([]*row, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT p.id, coalesce(s.zone_id, 0) AS zone, s.place, a.id AS article, coalesce(a.live_headline, r.headline) AS headline, coalesce(a.live_language, r.language) AS language,
			a.listed, a.trashed_at IS NULL AND coalesce(a.public_state, 'published') = 'published' AS shown, a.first_public_at AS public_at,
			(SELECT min(c.at) FROM schedules c WHERE c.article_id = a.id AND c.act = 'first' AND c.done_at IS NULL AND c.cancelled_at IS NULL AND c.failed_at IS NULL) AS scheduled,
			(SELECT min(c.at) FROM schedules c WHERE c.article_id = a.id AND c.act = 'end' AND c.done_at IS NULL AND c.cancelled_at IS NULL AND c.failed_at IS NULL) AS ends,
			p.from_at AS from, p.until_at AS until, coalesce(w.name, '') AS by, p.at
		FROM front_slots s
		JOIN front_placings p ON p.slot_id = s.id
		JOIN articles a ON a.id = p.article_id
		JOIN revisions r ON r.article_id = a.id AND r.number = a.head
		LEFT JOIN staff w ON w.id = p.by
		WHERE s.category_id IS NOT DISTINCT FROM nullif($1::bigint, 0) AND coalesce(p.until_at, 'infinity') > coalesce($2::timestamptz, clock_timestamp())
		ORDER BY s.zone_id NULLS FIRST, s.place, p.from_at, p.id`, category, postgres.At(s.Now))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[row])
}

// Ahead gives the front as it will stand at a time; one that has passed is now. Only an editor may look ahead.
func (s *Store) Ahead(ctx context.Context, actor staff.Actor, category int64, at time.Time) (Outlook, error) {
	if !CanEdit(actor) {
		return Outlook{}, fmt.Errorf("look ahead on front %d: %w", category, fault.Forbidden)
	}
	rows, err := s.readRows(ctx, category)
	if err != nil {
		return Outlook{}, fmt.Errorf("look ahead on front %d: %w", category, err)
	}
	return s.ahead(ctx, actor, Outlook{Standing: Standing{Category: category}, At: at}, rows)
}

func (s *Store) ahead(ctx context.Context, actor staff.Actor, o Outlook, rows []*row) (Outlook, error) {
	var now time.Time
	if err := s.pool.QueryRow(ctx, `SELECT coalesce($1::timestamptz, clock_timestamp())`, postgres.At(s.Now)).Scan(&now); err != nil {
		return o, err
	}
	o.lines, o.coming = map[Slot][]placed{}, map[int64]article.ComingCard{}
	if o.At.Before(now) {
		o.At = now
	} else {
		coming, err := s.articles.ComingCards(ctx, actor, o.At)
		if err != nil {
			return o, err
		}
		for _, c := range coming {
			o.coming[c.ID] = c
		}
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.Article
	}
	cards, err := s.live.LiveCards(ctx, ids)
	if err != nil {
		return o, err
	}
	for _, r := range inForce(rows, o.At) {
		card, known := cards[r.Article]
		if c, ok := o.coming[r.Article]; ok {
			card, known = c.Card, !c.Gone
		}
		if known {
			slot := Slot{r.Zone, r.Place}
			o.lines[slot] = append(o.lines[slot], placed{r.ID, card})
		}
	}
	for _, r := range rows {
		if begins, until, ok := r.span(); ok {
			for _, t := range []time.Time{begins, until} {
				if t.After(o.At) {
					o.turns(t)
				}
			}
		}
	}
	return o, nil
}

// inForce are the rows that hold at a time, in the order in which they are shown: those that began last first.
func inForce(rows []*row, at time.Time) []*row {
	var out []*row
	for _, r := range rows {
		if r.holds(at) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b *row) int {
		x, _, _ := a.span()
		y, _, _ := b.span()
		return cmp.Or(y.Compare(x), cmp.Compare(b.ID, a.ID))
	})
	return out
}

// Lists puts what is coming into the lists of Reader.Lists, and takes out what will be gone.
func (o *Outlook) Lists(tree taxonomy.Tree, lists map[int64][]article.Card) map[int64][]article.Card {
	out := map[int64][]article.Card{0: o.List(lists[0], nil)}
	for _, c := range tree.Children(0) {
		out[c.ID] = o.List(lists[c.ID], tree.Subtree(c.ID))
	}
	return out
}

// List does so with one list, of the articles in categories; nil: of all.
func (o *Outlook) List(cards []article.Card, categories []int64) []article.Card {
	var out []article.Card
	for _, c := range cards {
		if _, changes := o.coming[c.ID]; !changes {
			out = append(out, c)
		}
	}
	for _, c := range o.coming {
		within := categories == nil || slices.ContainsFunc(c.Categories, func(id int64) bool { return slices.Contains(categories, id) })
		// What changes stands where it stood: further down than the list goes it is none of its.
		if within && !c.Gone && (len(cards) == 0 || !c.FirstPublicAt.Before(cards[len(cards)-1].FirstPublicAt)) {
			out = append(out, c.Card)
		}
	}
	slices.SortFunc(out, func(a, b article.Card) int {
		return cmp.Or(b.FirstPublicAt.Compare(a.FirstPublicAt), cmp.Compare(b.ID, a.ID))
	})
	return out
}
