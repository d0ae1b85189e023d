package article

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/jobs"
	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/postgres"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// Loaded is an article that is public from At on, with what was changed of it later. Relate has those related to it found.
type Loaded struct {
	Draft
	At     time.Time
	Later  []Later
	Relate bool
}

// Later is a change of a public article: a notice of one of NoticeKinds on what stands, with Body on another text, or a Retraction.
type Later struct {
	At     time.Time
	Kind   string
	Notice string
	Pinned bool
	Body   string // HTML; empty where the text stays
}

// maxLoad bounds what one transaction loads.
const maxLoad = 1000

// loadTurn lets one load at a time write.
const loadTurn = 0x57e7_10a

// loadTries is how often a load is tried anew when somebody else takes one of its addresses meanwhile, or they wait for each other over that.
const loadTries = 10

// Load makes many articles public at once and returns their ids in order. Their records, live columns, lists and words for search are those
// that Publish, Append and Retract would have left, made by the same functions; only that everything is written in one go. Times are what the
// caller says, so it is for made-up content alone, and only a Store whose clock was set takes it. Nothing but the pages it says are out of date:
// all. The actor must be an editor. Bad fields: *fault.Invalid, and nothing was loaded.
func (s *Store) Load(ctx context.Context, actor staff.Actor, in []Loaded) ([]int64, error) {
	switch {
	case !actor.Can(staff.Editor):
		return nil, fmt.Errorf("load articles: %w", fault.Forbidden)
	case s.Now == nil:
		return nil, errors.New("load articles: by the database's clock nothing was public before now")
	case len(in) > maxLoad:
		return nil, fmt.Errorf("load articles: %d at once, more than %d", len(in), maxLoad)
	}
	l := &load{Store: s, actor: actor, in: in}
	if err := l.read(); err != nil {
		return nil, fmt.Errorf("load articles: %w", err)
	}
	// Tags first and apart: others who make the same ones wait for them, and not for all that is copied.
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error { return l.tag(ctx, tx) })
	if err != nil {
		return nil, fmt.Errorf("load articles: %w", err)
	}
	for range loadTries {
		if err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error { return l.run(ctx, tx) }); !errors.Is(err, address.ErrTaken) && !postgres.IsUnavailable(err) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("load articles: %w", err)
	}
	return l.ids, nil
}

// load is one Load on its way. typed are the revisions as the drafts say them, items what is written of each article.
type load struct {
	*Store
	actor staff.Actor
	in    []Loaded
	typed []revision
	ids   []int64
	tags  map[string]int64
	items []loadItem
}

// loadItem is one article with all its rows.
type loadItem struct {
	locked
	live
	revisions []revision
	record    []Publication
	versions  []loadVersion
	uses      []int64 // pictures that it shows or showed
}

type loadVersion struct {
	number, revision int // of the record and the place among the revisions
	content          *Content
	salt             []byte
	ids              []string
	diff             *Diff
}

// read sanitises and checks what was given, before a transaction is held.
func (l *load) read() error {
	l.typed = make([]revision, len(l.in))
	for i := range l.in {
		var c fault.Check
		l.typed[i] = l.in[i].revision(&c)
		l.typed[i].blocks = markup.Identify(l.typed[i].blocks, nil)
		c.That(!markup.Blank(l.typed[i].Headline), "headline", "article.headline.required")
		for j := range l.in[i].Later {
			c.That(l.in[i].Later[j].Kind == Retraction || slices.Contains(NoticeKinds, l.in[i].Later[j].Kind), "kind", "article.kind.choose")
			checkNotice(&c, &l.in[i].Later[j].Notice, true)
		}
		if err := c.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) run(ctx context.Context, tx pgx.Tx) error {
	if err := postgres.Bulk(ctx, tx, loadTurn); err != nil {
		return err
	}
	pictures, err := l.find(ctx, tx)
	if err != nil {
		return err
	}
	for i := range l.items {
		if err := l.items[i].story(&l.in[i], pictures); err != nil {
			return err
		}
	}
	if err := l.write(ctx, tx); err != nil {
		return err
	}
	if err := l.claim(ctx, tx); err != nil {
		return err
	}
	for i := range l.items {
		if !l.in[i].Relate {
			continue
		}
		if err := jobs.InsertOnce(ctx, tx, jobs.Related{Article: l.items[i].ID}, time.Time{}); err != nil {
			return err
		}
	}
	err = audit.Write(ctx, tx, audit.Entry{Actor: l.actor.ID, Act: "article.load", Detail: map[string]any{"articles": l.ids}})
	if err != nil {
		return err
	}
	return postgres.Purge(ctx, tx, "all")
}

// find gives every article its id, what its draft names and its address.
func (l *load) find(ctx context.Context, tx pgx.Tx) (map[int64]media.Media, error) {
	drafts, first := make([]Draft, len(l.in)), make([]*revision, len(l.in))
	typed := slices.Clone(l.typed)
	for i := range l.in {
		drafts[i], first[i] = l.in[i].Draft, &typed[i]
	}
	found, err := findNames(ctx, tx, first, drafts)
	if err != nil {
		return nil, err
	}
	if l.ids, err = postgres.NextIDs(ctx, tx, "articles_id_seq", len(l.in)); err != nil {
		return nil, err
	}
	l.items = make([]loadItem, len(l.in))
	paths := make([]string, len(l.in))
	for i := range l.in {
		var c fault.Check
		first[i].fill(found, drafts[i], &c)
		if err := c.Err(); err != nil {
			return nil, err
		}
		first[i].Number, first[i].At = 1, l.in[i].At
		if first[i].Slug == "" {
			first[i].Slug = address.Slug(first[i].Headline, l.site.ASCIISlugs())
		}
		if first[i].Slug == "" {
			first[i].Slug = fmt.Sprint(l.ids[i])
		}
		a := locked{ID: l.ids[i], UID: newUID(), Kind: KindArticle, At: l.in[i].At}
		l.items[i] = loadItem{locked: a, revisions: []revision{*first[i]}}
		paths[i] = a.At.In(l.site.Zone()).Format("/2006/01/") + first[i].Slug + "/"
	}
	paths, err = address.FreeMany(ctx, tx, paths, func(to string) bool { return !address.ReservedSlug(path.Base(to)) })
	if err != nil {
		return nil, err
	}
	for i := range paths {
		l.items[i].Path, l.items[i].revisions[0].Slug = &paths[i], path.Base(paths[i])
	}
	return found.media, nil
}

// claim takes the addresses.
func (l *load) claim(ctx context.Context, tx pgx.Tx) error {
	paths := make([]string, len(l.items))
	for i := range l.items {
		paths[i] = *l.items[i].Path
	}
	return address.ClaimMany(ctx, tx, l.ids, paths)
}

// newUID is a random UUID.
func newUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// story makes the article's record, act by act, and computes from it what readers see.
func (a *loadItem) story(in *Loaded, pictures map[int64]media.Media) error {
	if err := a.add(Publication{Kind: Original}, true, pictures); err != nil {
		return err
	}
	for _, later := range in.Later {
		a.At = later.At
		if later.Body != "" {
			r := a.revisions[len(a.revisions)-1]
			r.Base, r.Number, r.At = r.Number, r.Number+1, later.At
			r.blocks = markup.Identify(markup.Article(later.Body), r.blocks)
			a.revisions = append(a.revisions, r)
		}
		p := Publication{Kind: later.Kind, Notice: later.Notice, Pinned: later.Pinned || later.Kind == Retraction}
		if err := a.add(p, later.Body != "", pictures); err != nil {
			return err
		}
	}
	a.live = project(a.Kind, a.record, a.versions[len(a.versions)-1].content)
	a.Head = len(a.revisions)
	slices.Sort(a.uses)
	a.uses = slices.Compact(a.uses)
	return nil
}

// add puts a row on the record, with the newest revision as its version where that is new.
func (a *loadItem) add(p Publication, version bool, pictures map[int64]media.Media) error {
	var last Publication
	if n := len(a.record); n > 0 {
		last = a.record[n-1]
	}
	if version {
		v := loadVersion{number: last.Number + 1, revision: len(a.revisions) - 1, salt: newSalt()}
		v.content, v.ids = a.revisions[v.revision].content(pictures)
		hash, err := ContentHash(v.salt, v.content)
		if err != nil {
			return err
		}
		if n := len(a.versions); n > 0 {
			d := DiffOf(a.versions[n-1].content, v.content, a.versions[n-1].number)
			v.diff = &d
		}
		p.Version, p.ContentHash = v.number, hash
		a.versions = append(a.versions, v)
		a.uses = append(a.uses, v.content.mediaIDs()...)
	}
	p, err := follow(&a.locked, last, p)
	a.record = append(a.record, p)
	return err
}

// tag finds or makes the tags of all.
func (l *load) tag(ctx context.Context, tx pgx.Tx) error {
	var lines []string
	for i := range l.in {
		for _, tag := range l.in[i].Tags {
			if tag = markup.Line(tag); tag != "" {
				lines = append(lines, tag)
			}
		}
	}
	lines = unique(lines)
	ids, err := taxonomy.EachTag(ctx, tx, lines)
	l.tags = make(map[string]int64, len(lines))
	for i := range ids {
		l.tags[lines[i]] = ids[i]
	}
	return err
}

// tagged are the tags of what readers see.
func (a *loadItem) tagged(tags map[string]int64) (ids []int64) {
	for _, tag := range a.newest().Tags {
		if id := tags[tag]; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// newest is what readers see.
func (a *loadItem) newest() *Content { return a.versions[len(a.versions)-1].content }
