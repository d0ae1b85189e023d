package article

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/audit"
	"stet/internal/author"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/postgres"
	"stet/internal/staff"
)

// SaveIn is one submission of the editor's form: the draft as it stands there, the number of the revision it was edited from and a key
// that makes a repeated submission one act: the same key with other words is the same form, gone on. Held names what the form still has as in an earlier revision than Base. Tab is the open form it
// came from, whose autosave the save makes needless.
type SaveIn struct {
	Draft
	Base int
	Held []Held
	Key  string
	Tab  string
}

// Saved says which revision now holds what was saved, and since when. Merged: it was joined with what others changed since Base, and Theirs
// names the blocks (by id) and fields that are therefore not as they were sent. Unchanged: nothing differed from the newest revision, which
// Number is. Fields is the revision without its body, which Blocks are.
type Saved struct {
	Number    int
	At        time.Time
	Merged    bool
	Unchanged bool
	Theirs    []string
	Blocks    []markup.Block
	Fields    Draft
}

// Create begins an article or page and returns its id. Its first revision is empty. The same key twice by one person is one article.
func (s *Store) Create(ctx context.Context, actor staff.Actor, kind Kind, key string) (int64, error) {
	if !actor.Can(staff.Contributor) || kind == KindPage && !actor.Can(staff.Editor) {
		return 0, fmt.Errorf("create %s: %w", kind, fault.Forbidden)
	}
	if kind != KindArticle && kind != KindPage {
		return 0, fault.Field("kind", "article.kind.unknown")
	}
	var id int64
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		uid, err := claimUID(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if id, err = articleOf(ctx, tx, uid); err != nil || id != 0 {
			return err
		}
		id, err = s.insert(ctx, tx, actor, kind, uid)
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor.ID, Act: "article.create", Object: fmt.Sprintf("article:%d", id)})
	})
	if err != nil {
		return 0, fmt.Errorf("create %s: %w", kind, err)
	}
	return id, nil
}

// claimUID gives the uid of a new article. With a key it follows from key and person, so that the same form sent twice meets itself; the
// advisory lock makes the second wait for the first.
func claimUID(ctx context.Context, tx pgx.Tx, actor staff.Actor, key string) (uid string, err error) {
	if key == "" {
		err = tx.QueryRow(ctx, `SELECT gen_random_uuid()::text`).Scan(&uid)
		return uid, err
	}
	err = tx.QueryRow(ctx, `
		SELECT u::text
		FROM (SELECT encode(substr(sha256(convert_to($1, 'UTF8')), 1, 16), 'hex')::uuid AS u) AS made, pg_advisory_xact_lock(hashtextextended($1, 0))`,
		fmt.Sprintf("create %d %s", actor.ID, key)).Scan(&uid)
	return uid, err
}

func articleOf(ctx context.Context, tx pgx.Tx, uid string) (id int64, err error) {
	err = tx.QueryRow(ctx, `SELECT id FROM articles WHERE uid = $1`, uid).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

// insert makes the article's row and its empty first revision. An author's own profile is its first byline.
func (s *Store) insert(ctx context.Context, tx pgx.Tx, actor staff.Actor, kind Kind, uid string) (int64, error) {
	a := locked{actor: actor}
	err := tx.QueryRow(ctx, `
		INSERT INTO articles (uid, kind, created_by, created_at, changed_at)
		SELECT $1, $2, nullif($3::bigint, 0), t, t
		FROM (SELECT coalesce($4::timestamptz, clock_timestamp()) AS t) AS now
		RETURNING id, created_at`, uid, kind, actor.ID, postgres.At(s.Now)).Scan(&a.ID, &a.At)
	if err != nil {
		return 0, err
	}
	var language string
	if err := tx.QueryRow(ctx, `SELECT language FROM settings`).Scan(&language); err != nil {
		return 0, err
	}
	r := revision{Label: "news", Language: language}
	if actor.AuthorID != 0 && kind == KindArticle {
		own, err := author.ByIDs(ctx, tx, []int64{actor.AuthorID})
		if err != nil {
			return 0, err
		}
		for _, u := range own {
			r.bylines = append(r.bylines, ContentByline{Author: u.ID, Slug: u.Slug, Text: u.Name})
		}
	}
	_, err = addRevision(ctx, tx, &a, r)
	return a.ID, err
}

// Save keeps the draft as the next revision. On top of someone else's newer revision it merges, field by field and block by block. Where
// both changed the same it keeps the draft as a revision aside, leaves the article as it is and returns an *Overlap with both texts. The same
// key again gives the same answer. Bad fields, and a base that is no revision of this article: *fault.Invalid.
func (s *Store) Save(ctx context.Context, actor staff.Actor, id int64, in SaveIn) (Saved, error) {
	var c fault.Check
	typed := in.Draft.revision(&c) // before the row is held: a long body takes its time
	sent, err := sentKey(in.Key, in)
	if err != nil {
		return Saved{}, err
	}
	var out outcome
	err = s.act(ctx, actor, id, verb{"save", CanSave}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		number, before, err := submitted(ctx, tx, a, "save", sent)
		if err != nil {
			return nil, err
		}
		if before {
			out, err = savedBefore(ctx, a, number)
			return nil, cmp.Or(err, errDone)
		}
		if err := typed.resolve(ctx, tx, in.Draft, &c); err != nil {
			return nil, err
		}
		if err := c.Err(); err != nil {
			return nil, err
		}
		if out, err = s.keep(ctx, a, typed, in); err != nil {
			return nil, err
		}
		in.Key = sent
		return kept(ctx, a, "save", in, out)
	})
	return out.answer(err)
}

// outcome is what came of a save: a revision, or an overlap that was kept aside. The latter is no error until the transaction has ended, since
// what was kept must stay.
type outcome struct {
	saved   Saved
	overlap *Overlap
}

func (o outcome) answer(err error) (Saved, error) {
	if err == nil && o.overlap != nil {
		return Saved{}, o.overlap
	}
	return o.saved, err
}

// kept ends a save: the form's key and its autosave, and for an overlap the audit row of what was kept aside instead of the save's.
func kept(ctx context.Context, a *locked, act string, in SaveIn, out outcome) (map[string]any, error) {
	if err := dropAutosave(ctx, a, in); err != nil {
		return nil, err
	}
	if out.overlap == nil {
		return map[string]any{"revision": out.saved.Number, "merged": out.saved.Merged}, remember(ctx, a, act, in.Key, out.saved.Number)
	}
	err := audit.Write(ctx, a.tx, audit.Entry{Actor: a.actor.ID, Act: "article.aside", Object: a.object(), Detail: map[string]any{"revision": out.overlap.Aside, "base": in.Base}})
	if err != nil {
		return nil, err
	}
	return nil, cmp.Or(remember(ctx, a, act, in.Key, out.overlap.Aside), errDone)
}

// savedBefore answers a form that was taken already: with its revision, or with the overlap that it met.
func savedBefore(ctx context.Context, a *locked, number int) (outcome, error) {
	r, err := readRevision(ctx, a.tx, a.ID, number)
	if err != nil || !r.Aside {
		return outcome{saved: r.saved()}, err
	}
	o, err := overlapOf(ctx, a.tx, a, r)
	return outcome{overlap: o}, err
}

// keep stores mine, which was made from revision in.Base, as the newest revision or, where it overlaps with the newest, aside.
func (s *Store) keep(ctx context.Context, a *locked, mine revision, in SaveIn) (outcome, error) {
	head, err := readRevision(ctx, a.tx, a.ID, a.Head)
	if err != nil {
		return outcome{}, err
	}
	if in.Held, err = wentOn(ctx, a, in); err != nil {
		return outcome{}, err
	}
	mine.Base, mine.Held = in.Base, heldNames(in.Held)
	base, err := baseOf(ctx, a.tx, a.ID, mine, head)
	if err != nil {
		return outcome{}, err
	}
	mine.blocks = markup.Identify(mine.blocks, append(slices.Clip(base.blocks), alike(base.blocks, head.blocks, mine.blocks)...))
	next, merged := mine, in.Base != a.Head || len(in.Held) > 0
	if merged {
		overlap := &Overlap{}
		if next = merge(base, mine, head, overlap); overlap.found() {
			o, err := setAside(ctx, a, sides{base, mine, head}, in)
			return outcome{overlap: o}, err
		}
	}
	if err := s.atOnce(ctx, a.tx, a, in.Draft); err != nil {
		return outcome{}, err
	}
	if next.same(head) {
		next = head
	} else {
		next.Base, next.Held, next.Aside, next.At = in.Base, nil, false, a.At
		if next.Number, err = addRevision(ctx, a.tx, a, next); err != nil {
			return outcome{}, err
		}
	}
	out := next.saved()
	out.Merged, out.Unchanged = merged, next.Number == head.Number
	if merged {
		out.Theirs = next.taken(mine)
	}
	return outcome{saved: out}, nil
}

// alike gives the blocks that head added to base and that mine brings too, word for word: a form that is sent again meets its own.
func alike(base, head, mine []markup.Block) []markup.Block {
	was, brought := byID(base), map[string]bool{}
	for _, b := range mine {
		brought[b.HTML] = true
	}
	var out []markup.Block
	for _, b := range head {
		if _, old := was[b.ID]; !old && brought[b.HTML] {
			out = append(out, b)
		}
	}
	return out
}

// setAside keeps mine beside the newest revision, which stays.
func setAside(ctx context.Context, a *locked, s sides, in SaveIn) (*Overlap, error) {
	s.mine.Aside, s.mine.By, s.mine.byName, s.mine.At = true, a.actor.ID, a.actor.Name, a.At
	var err error
	if s.mine.Number, err = addRevision(ctx, a.tx, a, s.mine); err != nil {
		return nil, err
	}
	o, err := s.overlap(ctx, a.tx, a)
	if err != nil {
		return nil, err
	}
	o.Mine.Comments, o.Mine.CloseDays, o.Mine.Embargo, o.Mine.NoIndex, o.Mine.Live = in.Comments, in.CloseDays, in.Embargo, in.NoIndex, in.Live
	return o, nil
}

// atOnce writes what acts without a version: comments policy and when they close, embargo, noindex, live mode.
func (s *Store) atOnce(ctx context.Context, tx pgx.Tx, a *locked, d Draft) error {
	if d.Comments == "" {
		d.Comments = a.Comments
	}
	if a.Embargo != nil && a.Embargo.After(a.At) && (d.Embargo == nil || d.Embargo.Before(*a.Embargo)) && !CanLiftEmbargo(a.actor) {
		return fault.Field("embargo", "article.embargo.admin")
	}
	changed := d.Comments != a.Comments || !sameDays(d.CloseDays, a.CommentsCloseDays) || d.NoIndex != a.Noindex || d.Live != a.Live
	embargo := embargoChanged(a.Embargo, d.Embargo)
	if !changed && !embargo {
		return nil
	}
	_, err := tx.Exec(ctx, `
		UPDATE articles
		SET comments = $2, embargo = $3, noindex = $4, live = $5, comments_close_days = $6
		WHERE id = $1`, a.ID, d.Comments, d.Embargo, d.NoIndex, d.Live, d.CloseDays)
	if err != nil {
		return err
	}
	if embargo {
		if err := audit.Write(ctx, tx, audit.Entry{Actor: a.actor.ID, Act: "article.embargo", Object: a.object(), Detail: map[string]any{"until": d.Embargo}}); err != nil {
			return err
		}
	}
	if !changed || a.PublicState == nil {
		return nil
	}
	tags := []string{a.object()}
	if d.NoIndex != a.Noindex {
		tags = append(tags, sitemapTag(a.ID), "sitemap")
	}
	if d.Live != a.Live { // lists say so
		lists, err := listTags(ctx, tx, a.ID, places{})
		if err != nil {
			return err
		}
		tags = append(append(tags, "front", address.Tag(deref(a.Path))), lists...)
	}
	return postgres.Purge(ctx, tx, tags...)
}

func sameDays(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

func embargoChanged(was, is *time.Time) bool {
	return (was == nil) != (is == nil) || was != nil && !was.Equal(*is)
}

// revision is the draft as it would be stored, its body cut into blocks. What it names by slug and id is for resolve to find.
func (d Draft) revision(c *fault.Check) revision {
	d.check(c)
	r := revision{Headline: markup.Line(d.Headline), Standfirst: markup.Line(d.Standfirst), Kicker: markup.Line(d.Kicker), Dateline: markup.Line(d.Dateline),
		Label: d.Label, Slug: strings.Trim(strings.TrimSpace(d.Slug), "/"), Language: d.Language, ImageAlt: markup.Line(d.ImageAlt),
		ImageCaption: markup.Line(d.ImageCaption), ImageCredit: markup.Line(d.ImageCredit), Note: markup.Line(d.Note)}
	if r.Slug != "" {
		made := address.Slug(r.Slug, false)
		c.That(made != "" && utf8.RuneCountInString(made) <= 200, "slug", "article.slug.unusable")
		c.That(!address.ReservedSlug(made), "slug", "article.slug.reserved")
		r.Slug = made
	}
	if c.Err() == nil {
		r.blocks = markup.Article(d.Body)
	}
	return r
}

// check notes what can't be taken as it is. An empty label or language gets the usual one.
func (d *Draft) check(c *fault.Check) {
	if d.Label == "" {
		d.Label = "news"
	}
	if d.Language == "" {
		d.Language = "en"
	}
	c.That(slices.Contains(Labels, d.Label), "label", "article.label.unknown")
	c.That(languageTag.MatchString(d.Language), "language", "article.language.unknown")
	c.That(d.Comments == "" || slices.Contains([]string{"default", "open", "premoderated", "closed"}, d.Comments), "comments", "article.comments.unknown")
	c.That(d.CloseDays == nil || *d.CloseDays >= 0 && *d.CloseDays <= 36500, "comments_close_days", "field.range")
	for field, line := range map[string]string{"headline": d.Headline, "kicker": d.Kicker, "dateline": d.Dateline, "slug": d.Slug, "image_credit": d.ImageCredit} {
		c.That(!markup.BadLine(line), field, "field.characters")
		c.That(utf8.RuneCountInString(line) <= maxLine, field, "field.long")
	}
	for field, text := range map[string]string{"standfirst": d.Standfirst, "image_alt": d.ImageAlt, "image_caption": d.ImageCaption, "note": d.Note} {
		c.That(!markup.BadLine(text), field, "field.characters")
		c.That(utf8.RuneCountInString(text) <= maxText, field, "field.long")
	}
	c.That(utf8.ValidString(d.Body) && !strings.ContainsRune(d.Body, 0), "body", "field.characters")
	c.That(len(d.Body) <= MaxBody, "body", "article.body.long")
	c.That(len(d.Tags) <= maxTags, "tags", "article.tags.many")
	for _, tag := range d.Tags {
		c.That(!markup.BadLine(tag) && utf8.RuneCountInString(tag) <= 120, "tags", "article.tags.unusable")
	}
	c.That(len(d.Authors) <= maxTags, "authors", "article.authors.many")
	for _, name := range d.Authors {
		c.That(!markup.BadLine(name) && utf8.RuneCountInString(name) <= 120, "authors", "article.authors.unusable")
	}
}
