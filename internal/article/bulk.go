package article

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// What Bulk does to each of many articles.
const (
	BulkCategory  = "category"   // puts it into the category of that slug
	BulkAddTag    = "add-tag"    // adds a tag
	BulkRemoveTag = "remove-tag" // takes one off
	BulkAssign    = "assign"     // gives it to the person of that id, or with an empty value to nobody
	BulkTrash     = "trash"
	BulkUntrash   = "untrash"
	BulkUndo      = "undo" // takes back a former Bulk, where nothing came after
)

// BulkActs are those offered, in their order.
var BulkActs = []string{BulkCategory, BulkAddTag, BulkRemoveTag, BulkAssign, BulkTrash, BulkUntrash}

// BulkPick is an article that is meant. Done says what a former Bulk did to it, for BulkUndo: the act's letter, and what it needs.
type BulkPick struct {
	ID   int64
	Done byte  // r: saved revision N; p: saved and published it; a: took it from person N; t: trashed; u: untrashed
	N    int64 // see Done
}

// String gives the form in which a pick stands in a page.
func (p BulkPick) String() string {
	if p.Done == 0 {
		return strconv.FormatInt(p.ID, 10)
	}
	return fmt.Sprintf("%d-%c%d", p.ID, p.Done, p.N)
}

// ParseBulkPick reads a pick; one that is malformed is a fault on the field ids.
func ParseBulkPick(text string) (BulkPick, error) {
	id, done, was := strings.Cut(text, "-")
	var p BulkPick
	var err error
	p.ID, err = strconv.ParseInt(id, 10, 64)
	ok := err == nil && p.ID > 0
	if ok && was {
		ok = len(done) > 1 && strings.ContainsRune("rpatu", rune(done[0]))
		if ok {
			p.Done = done[0]
			p.N, err = strconv.ParseInt(done[1:], 10, 32)
			ok = err == nil && p.N >= 0
		}
	}
	if !ok {
		return p, fault.Field("ids", "field.malformed")
	}
	return p, nil
}

// BulkIn is one thing to be done to many articles. Public: what is saved goes public as a minor change where readers see the article's
// newest revision and the actor may publish. The same Key twice is one act.
type BulkIn struct {
	Act, Value string
	Picks      []BulkPick
	Public     bool
	Key        string
}

// BulkDone says what became of each. Changed can be given back to BulkUndo. Of them Public went public and Waiting wait to be published.
type BulkDone struct {
	Changed                    []BulkPick
	Public, Waiting, Unchanged int
	Refused                    []BulkRefusal
}

// BulkRefusal is an article that stayed as it was, and why as a key of the catalogue. Headline is empty for one that the actor may not see.
type BulkRefusal struct {
	ID            int64
	Headline, Why string
}

// Bulk does one thing to many articles, each in a transaction and under the rule of its own: what is refused for one leaves the others
// done. Content is never changed for readers but where in.Public says so.
func (s *Store) Bulk(ctx context.Context, actor staff.Actor, in BulkIn) (BulkDone, error) {
	var done BulkDone
	if !actor.Can(staff.Contributor) {
		return done, fmt.Errorf("change many articles: %w", fault.Forbidden)
	}
	if err := s.checkBulk(ctx, &in); err != nil {
		return done, err
	}
	for _, pick := range in.Picks {
		b := bulk{in: in, pick: pick}
		err := s.bulkOne(ctx, actor, &b)
		if why, refused := whyNot(err); refused {
			r := BulkRefusal{ID: pick.ID, Why: why}
			if e, err := s.Edit(ctx, actor, pick.ID); err == nil {
				r.Headline = e.Draft.Headline
			}
			done.Refused = append(done.Refused, r)
			continue
		}
		if err != nil {
			return done, err
		}
		done.add(b)
	}
	return done, nil
}

// add counts what became of one.
func (d *BulkDone) add(b bulk) {
	if !b.changed {
		d.Unchanged++
		return
	}
	d.Changed = append(d.Changed, b.pick)
	if b.public {
		d.Public++
	}
	if b.waits {
		d.Waiting++
	}
}

// checkBulk finds what makes the whole senseless.
func (s *Store) checkBulk(ctx context.Context, in *BulkIn) error {
	in.Value = markup.Line(in.Value)
	var c fault.Check
	c.That(in.Act == BulkUndo || slices.Contains(BulkActs, in.Act), "act", "article.bulk.act")
	c.That(len(in.Picks) > 0, "ids", "article.bulk.none")
	c.That(len(in.Picks) <= maxList, "ids", "article.bulk.many")
	switch in.Act {
	case BulkCategory:
		found, err := taxonomy.IDs(ctx, s.pool, []string{in.Value})
		if err != nil {
			return err
		}
		c.That(found[in.Value] != 0, "value", "article.category.unknown")
	case BulkAddTag, BulkRemoveTag:
		c.That(in.Value != "", "value", "field.required")
		c.That(!markup.BadLine(in.Value) && utf8.RuneCountInString(in.Value) <= 120, "value", "article.tags.unusable")
	case BulkAssign:
		_, err := in.person()
		c.That(err == nil, "value", "article.assign.unknown")
	}
	return c.Err()
}

func (in *BulkIn) person() (int64, error) {
	if in.Value == "" {
		return 0, nil
	}
	return strconv.ParseInt(in.Value, 10, 64)
}

// whyNot is the reason of a refusal, as a key; false for what is none.
func whyNot(err error) (why string, refused bool) {
	var invalid *fault.Invalid
	switch {
	case errors.As(err, &invalid):
		return reason(err), true
	case errors.Is(err, fault.NotFound):
		return "article.bulk.gone", true
	case errors.Is(err, fault.Forbidden):
		return "article.bulk.forbidden", true
	}
	return "", false
}

// bulk is what becomes of one of many: pick is made into what takes it back.
type bulk struct {
	in                     BulkIn
	pick                   BulkPick
	changed, public, waits bool
}

func (s *Store) bulkOne(ctx context.Context, actor staff.Actor, b *bulk) error {
	switch b.in.Act {
	case BulkAssign:
		return s.bulkAssign(ctx, actor, b)
	case BulkTrash, BulkUntrash:
		return s.bulkTrash(ctx, actor, b)
	case BulkUndo:
		return s.bulkUndo(ctx, actor, b)
	}
	return s.act(ctx, actor, b.pick.ID, verb{"save", CanSave}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		number, before, err := submitted(ctx, tx, a, "bulk", b.in.Key)
		if err != nil {
			return nil, err
		}
		if before {
			b.done('r', number)
			if b.public = deref(a.LiveRevision) == number; b.public {
				b.pick.Done = 'p'
			}
			return nil, errDone
		}
		head, err := readRevision(ctx, tx, a.ID, a.Head)
		if err != nil {
			return nil, err
		}
		next := head
		if err := b.in.edit(ctx, tx, &next); err != nil {
			return nil, err
		}
		if next.same(head) {
			return nil, errDone
		}
		if err := s.bulkSave(ctx, a, next, b); err != nil {
			return nil, err
		}
		return map[string]any{"revision": a.Head, "many": true}, remember(ctx, a, "bulk", b.in.Key, a.Head)
	})
}

func (b *bulk) done(how byte, n int) { b.pick.Done, b.pick.N, b.changed = how, int64(n), true }

// edit makes the change in a revision.
func (in *BulkIn) edit(ctx context.Context, tx pgx.Tx, r *revision) error {
	known := func(t string) bool { return strings.EqualFold(t, in.Value) }
	switch in.Act {
	case BulkCategory:
		found, err := taxonomy.IDs(ctx, tx, []string{in.Value})
		if err != nil {
			return err
		}
		r.Category, r.CategorySlug = found[in.Value], in.Value
		at := slices.Index(r.Also, r.Category)
		if at >= 0 {
			r.Also, r.AlsoSlugs = slices.Delete(slices.Clone(r.Also), at, at+1), slices.Delete(slices.Clone(r.AlsoSlugs), at, at+1)
		}
	case BulkAddTag:
		if !slices.ContainsFunc(r.Tags, known) {
			r.Tags = append(slices.Clone(r.Tags), in.Value)
		}
		if len(r.Tags) > maxTags {
			return fault.Field("tags", "article.tags.many")
		}
	case BulkRemoveTag:
		r.Tags = slices.DeleteFunc(slices.Clone(r.Tags), known)
	}
	return nil
}

// bulkSave keeps next as the newest revision and makes it public where that is asked for and readers see all that came before it. What an
// editor is to read first isn't published past them.
func (s *Store) bulkSave(ctx context.Context, a *locked, next revision, b *bulk) error {
	seen := deref(a.PublicState) == Published && deref(a.LiveRevision) == a.Head && a.Stage == StageDraft
	held := a.Embargo != nil && a.Embargo.After(a.At)
	next.Base, next.Note, next.Aside, next.Held = a.Head, "", false, nil
	number, err := addRevision(ctx, a.tx, a, next)
	if err != nil {
		return err
	}
	b.done('r', number)
	if !b.in.Public || !seen || held || !CanPublish(a.actor, a.state()) {
		b.waits = a.PublicState != nil
		return nil
	}
	b.public, b.pick.Done = true, 'p'
	return s.bulkPublish(ctx, a, number)
}

// bulkPublish makes a revision public as a minor change.
func (s *Store) bulkPublish(ctx context.Context, a *locked, number int) error {
	if err := s.pass(ctx, a.tx, a, number); err != nil {
		return err
	}
	r, err := readRevision(ctx, a.tx, a.ID, number)
	if err != nil {
		return err
	}
	_, err = s.goPublic(ctx, a.tx, a, r, change{Kind: Minor})
	return err
}

// bulkTrash puts one into the trash or takes it out, where it isn't there already.
func (s *Store) bulkTrash(ctx context.Context, actor staff.Actor, b *bulk) error {
	e, err := s.Edit(ctx, actor, b.pick.ID)
	away := b.in.Act == BulkTrash
	switch {
	case err != nil:
		return err
	case e.State.Trashed == away:
		return nil
	case away:
		b.done('t', 0)
		return s.Trash(ctx, actor, b.pick.ID)
	}
	b.done('u', 0)
	return s.Untrash(ctx, actor, b.pick.ID)
}

func (s *Store) bulkAssign(ctx context.Context, actor staff.Actor, b *bulk) error {
	person, err := b.in.person()
	if err != nil {
		return fault.Field("value", "article.assign.unknown")
	}
	return s.act(ctx, actor, b.pick.ID, verb{"assign", CanAssign}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		was, err := assign(ctx, tx, a, person)
		if err == nil {
			b.done('a', int(was))
		}
		return map[string]any{"person": person, "many": true}, err
	})
}

// errAfter refuses to take back what something came after.
var errAfter = fault.Field("ids", "article.bulk.after")

// bulkUndo takes back what was done to one.
func (s *Store) bulkUndo(ctx context.Context, actor staff.Actor, b *bulk) error {
	b.changed = true
	switch b.pick.Done {
	case 't':
		return s.Untrash(ctx, actor, b.pick.ID)
	case 'u':
		return s.Trash(ctx, actor, b.pick.ID)
	case 'a':
		return s.Assign(ctx, actor, b.pick.ID, b.pick.N)
	case 'r', 'p':
	default:
		return fault.Field("ids", "field.malformed")
	}
	return s.act(ctx, actor, b.pick.ID, verb{"restore_revision", CanSave}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		public := deref(a.LiveRevision) == int(b.pick.N)
		if a.Head != int(b.pick.N) || public != (b.pick.Done == 'p') {
			return nil, errAfter
		}
		made, err := readRevision(ctx, tx, a.ID, a.Head)
		if err != nil {
			return nil, err
		}
		was, err := readRevision(ctx, tx, a.ID, made.Base)
		if err != nil {
			return nil, err
		}
		b.in.Public = public
		if err := s.bulkSave(ctx, a, was, b); err != nil {
			return nil, err
		}
		return map[string]any{"revision": a.Head, "from": was.Number}, nil
	})
}
