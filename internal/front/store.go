package front

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"stet/internal/article"
	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/postgres"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// Store is the newsroom's side.
type Store struct {
	pool     *pgxpool.Pool
	articles *article.Store
	live     *article.Reader
	sections *taxonomy.Store

	// Now replaces the database's clock in tests and where the demo tells its story; nil otherwise.
	Now func() time.Time
}

// New makes a Store over the newsroom's pool.
func New(pool *pgxpool.Pool, articles *article.Store) *Store {
	return &Store{pool: pool, articles: articles, live: article.NewReader(pool), sections: taxonomy.New(pool)}
}

// What an act does; the names stand in its row and in the audit log.
const (
	putAct  = "put"
	moveAct = "move"
	offAct  = "off"
	timeAct = "time"
	undoAct = "undo"
)

// placing is one row of a place's line.
type placing struct {
	ID      int64      `json:"id"` // 0: made by the act under way
	Article int64      `json:"article"`
	From    time.Time  `json:"from"`
	Until   *time.Time `json:"until,omitempty"` // nil: no end
	By      int64      `json:"by"`
	At      time.Time  `json:"at"`

	public *time.Time // since when readers see the article, nil where they don't
}

func (p placing) same(o placing) bool {
	return p.ID == o.ID && p.Article == o.Article && p.From.Equal(o.From) && p.ends(o.Until) && p.By == o.By && p.At.Equal(o.At)
}

func (p placing) ends(until *time.Time) bool {
	if p.Until == nil || until == nil {
		return p.Until == until
	}
	return p.Until.Equal(*until)
}

// begins is when it takes its place: not before its article is public.
func (p placing) begins() (time.Time, bool) {
	if p.public == nil {
		return time.Time{}, false
	}
	if p.public.After(p.From) {
		return *p.public, true
	}
	return p.From, true
}

// holds reports whether it has begun and not ended, for an article that readers see.
func (p placing) holds(at time.Time) bool {
	begins, ok := p.begins()
	return ok && !begins.After(at) && !p.over(at)
}

func (p placing) over(at time.Time) bool { return p.Until != nil && !p.Until.After(at) }

// newer orders placings by which began last; one made just now is the newest.
func newer(a, b placing) int {
	x, _ := a.begins()
	y, _ := b.begins()
	id := func(p placing) uint64 { return uint64(p.ID) - 1 } // 0 comes after all
	return cmp.Or(y.Compare(x), cmp.Compare(id(b), id(a)))
}

// line is a place with all that stands in line for it.
type line struct {
	id      int64 // 0: nobody ever filled it
	slot    Slot
	act     int64
	rows    []placing
	before  []placing
	touched bool
}

// standing are those in force, the one that is shown first.
func (l *line) standing(at time.Time) []placing {
	var out []placing
	for _, p := range l.rows {
		if p.holds(at) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, newer)
	return out
}

// change is one act under way: the whole front as the transaction sees it.
type change struct {
	tx       pgx.Tx
	actor    staff.Actor
	at       time.Time
	category int64
	article  int64 // that it is about
	tree     taxonomy.Tree
	lines    map[Slot]*line
}

// line gives the place of a slot, which the act then has touched; a slot that the front doesn't have is a fault on the field.
func (c *change) line(field string, slot Slot) (*line, error) {
	ok := slot.Place >= 1 && slot.Place <= LeadPlaces && slot.Zone == 0
	if c.category == 0 && slot.Zone != 0 {
		section, known := c.tree.ByID(slot.Zone)
		ok = known && section.ParentID == 0 && slot.Place >= 1 && slot.Place <= BandPlaces
	}
	if !ok {
		return nil, fault.Field(field, "front.place.unknown")
	}
	l := c.lines[slot]
	if l == nil {
		l = &line{slot: slot}
		c.lines[slot] = l
	}
	l.touched = true
	return l, nil
}

// spec says what an act is: what it does to which article in which place of whose front, and the newest act that the editor had seen. undoes is
// the act it takes back.
type spec struct {
	name     string
	category int64
	article  int64
	slot     Slot
	seen     int64
	undoes   int64
}

// act runs one change of a front: rule, lock, steps, then what they touched is compared with what the editor had seen and written. It returns
// the act's id, 0 where nothing changed.
func (s *Store) act(ctx context.Context, actor staff.Actor, a spec, steps func(c *change) error) (id int64, err error) {
	fail := func(err error) (int64, error) { return 0, fmt.Errorf("%s on front %d: %w", a.name, a.category, err) }
	if !CanEdit(actor) {
		return fail(fault.Forbidden)
	}
	tree, err := s.sections.Tree(ctx)
	if err != nil {
		return fail(err)
	}
	if _, ok := tree.ByID(a.category); a.category != 0 && !ok {
		return fail(fault.NotFound)
	}
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		c := &change{tx: tx, actor: actor, category: a.category, article: a.article, tree: tree}
		if err := s.open(ctx, c); err != nil {
			return err
		}
		if err := steps(c); err != nil {
			return err
		}
		if err := c.unseen(ctx, func(l *line) bool { return l.touched && a.undoes == 0 && l.act > a.seen }); err != nil {
			return err
		}
		id, err = c.write(ctx, a)
		return err
	})
	if err != nil {
		return fail(err)
	}
	return id, nil
}

// open lets one act at a time change a front and reads the whole of it.
func (s *Store) open(ctx context.Context, c *change) error {
	_, err := c.tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('front:' || $1::bigint, 0))`, c.category)
	if err != nil {
		return err
	}
	if err := c.tx.QueryRow(ctx, `SELECT coalesce($1::timestamptz, clock_timestamp())`, postgres.At(s.Now)).Scan(&c.at); err != nil {
		return err
	}
	c.lines, err = readLines(ctx, c.tx, c.category)
	return err
}

// lineRow is a place, or one of the placings in line for it.
type lineRow struct {
	ID      int64
	Zone    int64
	Place   int
	Act     int64
	Placing *int64
	Article *int64
	From    *time.Time
	Until   *time.Time
	By      int64
	At      *time.Time
	Public  *time.Time
}

func readLines(ctx context.Context, q postgres.Querier, category int64) (map[Slot]*line, error) {
	rows, err := q.Query(ctx, `
		SELECT s.id, coalesce(s.zone_id, 0) AS zone, s.place, s.act_id AS act, p.id AS placing, p.article_id AS article, p.from_at AS from, p.until_at AS until,
			coalesce(p.by, 0) AS by, p.at, CASE WHEN a.listed THEN a.first_public_at END AS public
		FROM front_slots s
		LEFT JOIN front_placings p ON p.slot_id = s.id
		LEFT JOIN articles a ON a.id = p.article_id
		WHERE s.category_id IS NOT DISTINCT FROM nullif($1::bigint, 0)
		ORDER BY s.id, p.id`, category)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[lineRow])
	if err != nil {
		return nil, err
	}
	out := map[Slot]*line{}
	for _, r := range found {
		slot := Slot{r.Zone, r.Place}
		l := out[slot]
		if l == nil {
			l = &line{id: r.ID, slot: slot, act: r.Act}
			out[slot] = l
		}
		if r.Placing != nil {
			l.rows = append(l.rows, placing{ID: *r.Placing, Article: *r.Article, From: *r.From, Until: r.Until, By: r.By, At: *r.At, public: r.Public})
		}
	}
	for _, l := range out {
		l.before = slices.Clone(l.rows)
	}
	return out, nil
}

// changed are the lines that the act left otherwise than it found them, in the order of their slots.
func (c *change) changed() []*line {
	var out []*line
	for _, l := range c.lines {
		if !slices.EqualFunc(l.rows, l.before, placing.same) {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b *line) int {
		return cmp.Or(cmp.Compare(a.slot.Zone, b.slot.Zone), cmp.Compare(a.slot.Place, b.slot.Place))
	})
	return out
}

// write keeps what changed: the act with the lines before and after it, then the lines.
func (c *change) write(ctx context.Context, a spec) (id int64, err error) {
	lines := c.changed()
	if len(lines) == 0 {
		return 0, nil
	}
	before, after := map[int64][]placing{}, map[int64][]placing{}
	var slot *int64
	for _, l := range lines {
		if err := c.number(ctx, l); err != nil {
			return 0, err
		}
		before[l.id], after[l.id] = l.before, l.rows
		if l.slot == a.slot {
			slot = &l.id
		}
	}
	err = c.tx.QueryRow(ctx, `
		INSERT INTO front_acts (category_id, act, slot_id, article_id, undoes, before, after, by, at)
		VALUES (nullif($1::bigint, 0), $2, $3, nullif($4::bigint, 0), nullif($5::bigint, 0), $6, $7, nullif($8::bigint, 0), $9)
		RETURNING id`, a.category, a.name, slot, c.article, a.undoes, before, after, c.actor.ID, c.at).Scan(&id)
	if err != nil {
		return 0, err
	}
	var b pgx.Batch
	for _, l := range lines {
		b.Queue(`UPDATE front_slots SET act_id = $2 WHERE id = $1`, l.id, id)
		b.Queue(`DELETE FROM front_placings WHERE slot_id = $1`, l.id)
		for _, p := range l.rows {
			b.Queue(`
				INSERT INTO front_placings (id, slot_id, article_id, from_at, until_at, by, at)
				OVERRIDING SYSTEM VALUE
				VALUES ($1, $2, $3, $4, $5, nullif($6::bigint, 0), $7)`, p.ID, l.id, p.Article, p.From, p.Until, p.By, p.At)
		}
	}
	if err := c.tx.SendBatch(ctx, &b).Close(); err != nil {
		return 0, err
	}
	detail := map[string]any{"act": id, "article": c.article, "places": len(lines)}
	if err := audit.Write(ctx, c.tx, audit.Entry{Actor: c.actor.ID, Act: "front." + a.name, Object: object(a.category), Detail: detail}); err != nil {
		return 0, err
	}
	return id, postgres.Purge(ctx, c.tx, tag(a.category))
}

// number gives ids to what the act made: the place where nobody filled it before, and each new placing.
func (c *change) number(ctx context.Context, l *line) error {
	if l.id == 0 {
		err := c.tx.QueryRow(ctx, `
			INSERT INTO front_slots (category_id, zone_id, place)
			VALUES (nullif($1::bigint, 0), nullif($2::bigint, 0), $3)
			RETURNING id`, c.category, l.slot.Zone, l.slot.Place).Scan(&l.id)
		if err != nil {
			return err
		}
	}
	for i := range l.rows {
		if l.rows[i].ID != 0 {
			continue
		}
		err := c.tx.QueryRow(ctx, `SELECT nextval(pg_get_serial_sequence('front_placings', 'id'))`).Scan(&l.rows[i].ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// object is a front as the audit log names it; tag is that of its page.
func object(category int64) string { return "front:" + strconv.FormatInt(category, 10) }

func tag(category int64) string {
	if category == 0 {
		return "front"
	}
	return "category:" + strconv.FormatInt(category, 10)
}
