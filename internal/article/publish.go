package article

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/staff"
)

// PublishIn makes a revision public. Kind, Notice and Pinned tell readers of an already public article what kind of change it is; the
// first publication takes none. At, when it lies ahead, schedules. Key makes a repeated submission one act.
type PublishIn struct {
	Revision int
	Kind     string
	Notice   string
	Pinned   bool
	At       *time.Time
	Key      string
}

// Outcome says where it stands: the number of the new row in the record, and the article's address; or the time it waits for.
type Outcome struct {
	Number int
	Path   string
	At     *time.Time
}

// Publish makes the newest revision public, or schedules it. in.Revision must be the newest: otherwise fault.Conflict, as somebody saved
// meanwhile. While a check that the settings require is open, the fault is on the field checks. An article whose embargo lies ahead can't be
// published or scheduled before it by anyone. A change of a public article names its kind, and all but minor ones carry a notice.
func (s *Store) Publish(ctx context.Context, actor staff.Actor, id int64, in PublishIn) (Outcome, error) {
	var out Outcome
	err := s.act(ctx, actor, id, verb{"publish", CanPublish}, func(tx pgx.Tx, a *locked) (map[string]any, error) {
		number, before, err := submitted(ctx, tx, a, "publish", in.Key)
		if err != nil {
			return nil, err
		}
		if before {
			out = Outcome{Number: number, Path: deref(a.Path)}
			return nil, errDone
		}
		if in.Revision != a.Head {
			return nil, fault.Conflict
		}
		if err := s.pass(ctx, tx, a, in.Revision); err != nil {
			return nil, err
		}
		if in.At != nil && in.At.After(a.At) {
			out.At = in.At
			return map[string]any{"revision": in.Revision, "at": in.At}, s.schedule(ctx, tx, a, in)
		}
		if a.Embargo != nil && a.Embargo.After(a.At) {
			return nil, fault.Field("embargo", "article.embargo.ahead")
		}
		r, err := readRevision(ctx, tx, a.ID, in.Revision)
		if err != nil {
			return nil, err
		}
		p, err := s.goPublic(ctx, tx, a, r, change{Kind: in.Kind, Notice: in.Notice, Pinned: in.Pinned})
		if err != nil {
			return nil, err
		}
		if err := overtake(ctx, tx, a); err != nil {
			return nil, err
		}
		out = Outcome{Number: p.Number, Path: deref(a.Path)}
		return map[string]any{"revision": in.Revision, "number": p.Number, "kind": p.Kind}, remember(ctx, a, "publish", in.Key, p.Number)
	})
	return out, err
}

// change is what the record says of a publication besides its content.
type change struct {
	Kind      string
	Notice    string
	Pinned    bool
	ClaimedAt *time.Time
	Path      string // kept by imports; empty: made from date and slug
}

// check decides the kind and sanitises the notice.
func (c *change) check(a *locked) error {
	var f fault.Check
	if a.PublicState == nil {
		if c.Kind != ImportedRow {
			c.Kind = Original
		}
		c.Notice, c.Pinned = "", false
		return nil
	}
	f.That(c.Kind == Minor || slices.Contains(NoticeKinds, c.Kind), "kind", "article.kind.choose")
	checkNotice(&f, &c.Notice, c.Kind != Minor)
	if c.Kind == Minor {
		f.That(c.Notice == "", "notice", "article.notice.minor")
		c.Pinned = false
	}
	return f.Err()
}

// checkNotice sanitises a notice and notes what is wrong with it.
func checkNotice(f *fault.Check, notice *string, required bool) {
	f.That(utf8.ValidString(*notice) && !strings.ContainsRune(*notice, 0), "notice", "field.characters")
	f.That(len(*notice) <= MaxNotice, "notice", "article.notice.long")
	if f.Err() != nil {
		return
	}
	*notice = markup.Notice(*notice)
	f.That(!required || strings.TrimSpace(markup.Text(*notice)) != "", "notice", "article.notice.required")
}

// goPublic records revision r as what readers see from now on. Content equal to what they see already makes no new version, only a row.
func (s *Store) goPublic(ctx context.Context, tx pgx.Tx, a *locked, r revision, c change) (Publication, error) {
	if err := c.check(a); err != nil {
		return Publication{}, err
	}
	if markup.Blank(r.Headline) {
		return Publication{}, fault.Field("headline", "article.headline.required")
	}
	if err := s.place(ctx, tx, a, &r, c.Path); err != nil {
		return Publication{}, err
	}
	content, ids, err := s.content(ctx, tx, r)
	if err != nil {
		return Publication{}, err
	}
	p := Publication{Kind: c.Kind, Notice: c.Notice, Pinned: c.Pinned, ClaimedAt: c.ClaimedAt}
	same, err := s.sameAsLive(ctx, tx, a, content)
	if err != nil {
		return Publication{}, err
	}
	switch {
	case same && c.Kind == Minor:
		return Publication{}, fault.Field("", "article.publish.unchanged")
	case !same:
		if p.Version, p.ContentHash, err = newVersion(ctx, a, r.ID, content, ids); err != nil {
			return Publication{}, err
		}
	}
	if p, err = record(ctx, tx, a, p); err != nil {
		return Publication{}, err
	}
	if p.Version == p.Number {
		if err := keepDiff(ctx, tx, a.ID, p.Number); err != nil {
			return Publication{}, err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE articles SET stage = 'draft', stage_note = '' WHERE id = $1`, a.ID); err != nil {
		return Publication{}, err
	}
	return p, s.goLive(ctx, tx, a)
}

// content makes the self-contained version of a revision: bylines as printed now, pictures by their hash.
func (s *Store) content(ctx context.Context, tx pgx.Tx, r revision) (*Content, []string, error) {
	pictures, err := media.ByIDs(ctx, tx, r.mediaIDs())
	if err != nil {
		return nil, nil, err
	}
	c, ids := r.content(pictures)
	return c, ids, nil
}

// content is that of r, whose pictures were found, with the ids of its blocks.
func (r *revision) content(pictures map[int64]media.Media) (*Content, []string) {
	c := &Content{V: 1, Headline: r.Headline, Standfirst: r.Standfirst, Kicker: r.Kicker, Dateline: r.Dateline, Label: r.Label, Language: r.Language, Slug: r.Slug,
		Also: []ContentCategory{}, Tags: []string{}, Bylines: []ContentByline{}, Body: []string{}, Pictures: []ContentPicture{}}
	if r.Category != 0 {
		c.Category = &ContentCategory{ID: r.Category, Slug: r.CategorySlug}
	}
	for i, id := range r.Also {
		c.Also = append(c.Also, ContentCategory{ID: id, Slug: r.AlsoSlugs[i]})
	}
	c.Tags = append(c.Tags, r.Tags...)
	c.Bylines = append(c.Bylines, r.bylines...)
	if r.Image != 0 {
		c.Image = &ContentImage{Media: r.Image, SHA256: hexOf(pictures[r.Image].SHA256), Alt: r.ImageAlt, Caption: r.ImageCaption, Credit: r.ImageCredit}
	}
	ids := make([]string, 0, len(r.blocks))
	for _, b := range r.blocks {
		c.Body, ids = append(c.Body, b.HTML), append(ids, b.ID)
	}
	for _, id := range markup.MediaIDs(r.blocks) {
		c.Pictures = append(c.Pictures, ContentPicture{Media: id, SHA256: hexOf(pictures[id].SHA256)})
	}
	return c, ids
}

// sameAsLive compares c with what readers see, byte for byte in canonical form.
func (s *Store) sameAsLive(ctx context.Context, tx pgx.Tx, a *locked, c *Content) (bool, error) {
	if a.LiveVersion == nil {
		return false, nil
	}
	live, _, err := readVersion(ctx, tx, a.ID, *a.LiveVersion)
	if err != nil || live == nil {
		return false, err
	}
	x, err := canonical(live)
	if err != nil {
		return false, err
	}
	y, err := canonical(c)
	return bytes.Equal(x, y), err
}

// readVersion gives the content of a version, nil where it was withheld.
func readVersion(ctx context.Context, q querier, id int64, number int) (c *Content, salt []byte, err error) {
	err = q.QueryRow(ctx, `
		SELECT content, salt
		FROM versions
		WHERE article_id = $1 AND number = $2`, id, number).Scan(&c, &salt)
	return c, salt, err
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
