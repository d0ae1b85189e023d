package article

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/staff"
)

// Level says how much a check matters.
type Level string

// The levels.
const (
	Mend Level = "mend" // readers would stumble over it
	Look Level = "look" // worth a second look
	Good Level = "good" // looked at, and as it should be
)

// Check is one thing looked at before publication. Key is one of CheckKeys or, among the good ones, pictures, links or fine; Why, where
// there is one, parts its cases. Args belong to its words: what it is about, then the number of the paragraph where it is about one. Block
// is that paragraph's id. Required says that it is open, and that nothing is published while it is.
type Check struct {
	Key, Why string
	Level    Level
	Args     []string
	Block    string
	Required bool
}

// CheckKeys are the checks that settings may require, in the order in which they are looked at. The headline is always required.
var CheckKeys = []string{"body", "standfirst", "standfirst-long", "category", "authors", "picture", "alt", "credit", "missing", "link", "link-empty", "heading-order",
	"heading-empty", "paragraph", "weight"}

// Limits of what reads and loads well.
const (
	searchStandfirst = 130       // characters that search results show
	longWords        = 150       // of a paragraph
	longLetters      = 350       // of one in a script whose signs are words
	phoneWidth       = 800       // pixels across on a common phone
	fullPage         = 600 << 10 // bytes of text and pictures
)

// Checks looks at the newest revision as Publish would: what to mend first, what is good last, and each in CheckKeys' order.
func (s *Store) Checks(ctx context.Context, actor staff.Actor, id int64) ([]Check, error) {
	var out []Check
	err := s.see(ctx, actor, id, func(tx pgx.Tx, a *locked) error {
		r, err := readRevision(ctx, tx, id, a.Head)
		if err != nil {
			return err
		}
		out, err = s.checks(ctx, tx, a, &r)
		return err
	})
	return out, err
}

// pass refuses to publish r while a required check is open. Every publication of a text passes here, a minor correction too: a small change
// shows the whole article anew. Notices don't, and what was scheduled isn't held up at its time, when nobody is there to mend it.
func (s *Store) pass(ctx context.Context, tx pgx.Tx, a *locked, number int) error {
	r, err := readRevision(ctx, tx, a.ID, number)
	if err != nil {
		return err
	}
	all, err := s.checks(ctx, tx, a, &r)
	if err != nil {
		return err
	}
	open := 0
	for _, c := range all {
		if c.Required {
			open++
		}
	}
	if open > 0 {
		return fault.Field("checks", "article.checks.open|"+strconv.Itoa(open))
	}
	return nil
}

// checks is the one look at a revision: for the panel that shows it, and for the publication that depends on it.
func (s *Store) checks(ctx context.Context, tx pgx.Tx, a *locked, r *revision) ([]Check, error) {
	var required []string
	if err := tx.QueryRow(ctx, `SELECT required_checks FROM settings`).Scan(&required); err != nil {
		return nil, err
	}
	pictures, err := media.ByIDs(ctx, tx, r.mediaIDs())
	if err != nil {
		return nil, err
	}
	l := &look{kind: a.Kind, revision: r, parts: markup.Survey(r.blocks), pictures: pictures}
	l.lines()
	l.shown()
	if err := s.links(ctx, tx, l); err != nil {
		return nil, err
	}
	l.structure()
	l.weight()
	if !slices.ContainsFunc(l.out, func(c Check) bool { return c.Level != Good }) {
		l.note(Check{Key: "fine", Level: Good})
	}
	for i := range l.out {
		c := &l.out[i]
		if c.Level != Good && slices.Contains(required, c.Key) {
			c.Required, c.Level = true, Mend
		}
	}
	slices.SortStableFunc(l.out, func(x, y Check) int {
		return cmp.Or(slices.Index(levels, x.Level)-slices.Index(levels, y.Level), slices.Index(CheckKeys, x.Key)-slices.Index(CheckKeys, y.Key))
	})
	return l.out, nil
}

// levels are in the order in which they are shown.
var levels = []Level{Mend, Look, Good}

// look is one look at a revision, and what it found.
type look struct {
	*revision
	kind     Kind
	parts    []markup.Part
	pictures map[int64]media.Media
	out      []Check
}

func (l *look) note(c Check) { l.out = append(l.out, c) }

// that notes a check without further words where it is open.
func (l *look) that(open bool, level Level, key string) {
	if open {
		l.note(Check{Key: key, Level: level})
	}
}

// at notes something about block i.
func (l *look) at(i int, c Check) {
	c.Block = l.parts[i].ID
	c.Args = append(c.Args, strconv.Itoa(i+1))
	l.note(c)
}

// lines looks at what stands around the text. A static page has no author, category or picture of its own.
func (l *look) lines() {
	article := l.kind == KindArticle
	l.that(markup.Blank(l.Headline), Mend, "headline")
	l.that(len(l.parts) == 0, Mend, "body")
	l.that(l.Standfirst == "", Look, "standfirst")
	if n := utf8.RuneCountInString(l.Standfirst); n > searchStandfirst {
		l.note(Check{Key: "standfirst-long", Level: Look, Args: []string{strconv.Itoa(n), strconv.Itoa(searchStandfirst)}})
	}
	l.that(article && l.Category == 0, Look, "category")
	l.that(article && len(l.bylines) == 0, Look, "authors")
	l.that(article && l.Image == 0, Look, "picture")
}

// shown looks at the words and bytes of every picture.
func (l *look) shown() {
	found := len(l.out)
	count := 0
	if l.Image != 0 {
		count++
		l.lead()
	}
	for i, p := range l.parts {
		for _, s := range p.Shown {
			count++
			if s.Alt == "" {
				l.at(i, Check{Key: "alt", Level: Mend})
			}
			if s.Credit == "" {
				l.at(i, Check{Key: "credit", Level: Look})
			}
			if m, ok := l.pictures[s.Media]; s.Media == 0 || !ok || m.Picture().Missing {
				l.at(i, Check{Key: "missing", Level: Mend})
			}
		}
		if p.Class == "missing" {
			l.at(i, Check{Key: "missing", Level: Mend})
		}
	}
	if count > 0 && len(l.out) == found {
		l.note(Check{Key: "pictures", Level: Good, Args: []string{strconv.Itoa(count)}})
	}
}

func (l *look) lead() {
	if l.ImageAlt == "" {
		l.note(Check{Key: "alt", Why: "lead", Level: Mend})
	}
	if l.ImageCredit == "" {
		l.note(Check{Key: "credit", Why: "lead", Level: Look})
	}
	if m, ok := l.pictures[l.Image]; !ok || m.Picture().Missing {
		l.note(Check{Key: "missing", Why: "lead", Level: Mend})
	}
}

// structure looks at headings and paragraphs. The headline is the first level, so the text begins with the second.
func (l *look) structure() {
	level := 1
	for i, p := range l.parts {
		if len(p.Element) == 2 && p.Element[0] == 'h' && p.Element != "hr" {
			h := int(p.Element[1] - '0')
			if h > level+1 {
				l.at(i, Check{Key: "heading-order", Level: Look, Args: []string{strconv.Itoa(h), strconv.Itoa(level + 1)}})
			}
			level = h
			if p.Letters == 0 {
				l.at(i, Check{Key: "heading-empty", Level: Mend})
			}
		}
		if p.Element == "p" && p.Class == "" && p.Words > longWords && p.Letters > longLetters {
			l.at(i, Check{Key: "paragraph", Level: Look, Args: []string{strconv.Itoa(p.Words)}})
		}
	}
}

// weight adds up what a phone loads for the text: the words and one variant of each picture.
func (l *look) weight() {
	total := len(l.Headline) + len(l.Standfirst)
	for _, b := range l.blocks {
		total += len(b.HTML)
	}
	for _, id := range l.mediaIDs() {
		if v, ok := l.pictures[id].For(phoneWidth); ok {
			total += v.Weight()
		}
	}
	c := Check{Key: "weight", Level: Good, Args: []string{strconv.Itoa((total + 1023) >> 10), strconv.Itoa(fullPage >> 10)}}
	if total > fullPage {
		c.Level = Look
	}
	l.note(c)
}

// changedBlocks lists the blocks that differ from those which readers see.
func changedBlocks(ctx context.Context, q querier, a *locked, blocks []markup.Block) ([]string, error) {
	if a.LiveVersion == nil {
		return nil, nil
	}
	var c *Content
	var ids []string
	err := q.QueryRow(ctx, `
		SELECT content, block_ids
		FROM versions
		WHERE article_id = $1 AND number = $2`, a.ID, *a.LiveVersion).Scan(&c, &ids)
	if err != nil || c == nil {
		return nil, err
	}
	seen := map[markup.Block]bool{}
	for _, b := range c.blocks(ids) {
		seen[b] = true
	}
	var out []string
	for _, b := range blocks {
		if !seen[b] {
			out = append(out, b.ID)
		}
	}
	return out, nil
}

// Label names the case of a check for the catalogue: its key, with what parts it.
func (c Check) Label() string { return strings.TrimSuffix(c.Key+"."+c.Why, ".") }
