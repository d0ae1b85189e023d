package article_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/staff"
)

func (n *newsroom) beside(actor staff.Actor, id int64) article.Beside {
	n.Helper()
	b, err := n.store.Beside(n.Context(), actor, id)
	if err != nil {
		n.Fatalf("Beside: %v", err)
	}
	return b
}

// firstBlock is the id of the first paragraph of an article's newest revision.
func (n *newsroom) blocks(id int64) []string {
	n.Helper()
	l, err := n.store.Preview(n.Context(), n.editor, id)
	if err != nil {
		n.Fatal(err)
	}
	var out []string
	for _, b := range l.Blocks {
		out = append(out, b.ID)
	}
	return out
}

func TestNotes(t *testing.T) {
	n := newNewsroom(t)
	id, rev := n.draft("Noted")
	blocks := n.blocks(id)
	in := article.StaffNoteIn{Body: "  Two sources?\r\n<b>Ask</b> them. ", Block: blocks[2], Quote: "Nobody dared", Key: "k"}
	first, err := n.store.WriteNote(t.Context(), n.editor, id, in)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := n.store.WriteNote(t.Context(), n.editor, id, in); err != nil || again != first {
		t.Errorf("the same form again = %d, %v, want %d", again, err, first)
	}
	if _, err := n.store.WriteNote(t.Context(), n.admin, id, article.StaffNoteIn{Body: "All of it."}); err != nil {
		t.Fatal(err)
	}
	got := n.beside(n.editor, id).Notes
	if len(got) != 2 || got[0].ID != first || got[0].Body != "Two sources?\n<b>Ask</b> them." || got[0].Paragraph != 3 || got[0].By != "Edi Tor" || got[1].Paragraph != 0 {
		t.Errorf("notes = %+v", got)
	}
	if err := n.store.ResolveNote(t.Context(), n.admin, id, first); err != nil {
		t.Fatal(err)
	}
	if got := n.beside(n.editor, id).Notes[0]; got.ResolvedBy != "Ada Min" || got.ResolvedAt == nil {
		t.Errorf("resolved note = %+v", got)
	}
	if err := n.store.ReopenNote(t.Context(), n.editor, id, first); err != nil {
		t.Fatal(err)
	}
	n.save(id, rev, article.Draft{Headline: "Noted", Body: "<p>Another text altogether, from here to there.</p>"})
	if got := n.beside(n.editor, id).Notes[0]; got.ResolvedAt != nil || got.Paragraph != 0 || got.Quote != "Nobody dared" {
		t.Errorf("note whose paragraph is gone = %+v", got)
	}
	var texts int
	if err := n.db.Owner.QueryRow(t.Context(), `SELECT count(*) FROM audit WHERE act LIKE 'article.%note' AND detail::text LIKE '%sources%'`).Scan(&texts); err != nil || texts != 0 {
		t.Errorf("%d rows of the log hold a note's words, %v", texts, err)
	}
	other, _ := n.draft("Other")
	for name, err := range map[string]error{
		"of another article": n.store.ResolveNote(t.Context(), n.editor, other, first),
		"by who can't see it": func() error {
			_, err := n.store.WriteNote(t.Context(), n.author, id, article.StaffNoteIn{Body: "Mine?"})
			return err
		}(),
	} {
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
}

func TestNotesThatCantBeTaken(t *testing.T) {
	n := newNewsroom(t)
	id, _ := n.draft("Noted")
	for field, in := range map[string]article.StaffNoteIn{
		"note":   {Body: " \n\t "},
		"note ":  {Body: strings.Repeat("é", article.MaxStaffNote+1)},
		"note\t": {Body: "a\x00b"},
		"block":  {Body: "a", Block: "<x>"},
	} {
		var invalid *fault.Invalid
		if _, err := n.store.WriteNote(t.Context(), n.editor, id, in); !errors.As(err, &invalid) || invalid.Fields[strings.TrimSpace(field)] == "" {
			t.Errorf("%q: %v, want a fault on %s", in.Body, err, field)
		}
	}
	if _, err := n.store.WriteNote(t.Context(), n.editor, id, article.StaffNoteIn{Body: strings.Repeat("é", article.MaxStaffNote)}); err != nil {
		t.Errorf("the longest note: %v", err)
	}
}

func TestAssign(t *testing.T) {
	n := newNewsroom(t)
	id, err := n.store.Create(t.Context(), n.author, article.KindArticle, "")
	if err != nil {
		t.Fatal(err)
	}
	edited, _ := n.draft("An editor's")
	steps := []struct {
		name   string
		actor  staff.Actor
		on, to int64
		want   error
	}{
		{"an author to themselves", n.author, id, n.author.ID, nil},
		{"an author to another", n.author, id, n.editor.ID, fault.Forbidden},
		{"an editor to an editor", n.editor, id, n.admin.ID, nil},
		{"an author what isn't theirs to hand back", n.author, id, 0, fault.Forbidden},
		{"an editor to its author", n.editor, id, n.author.ID, nil},
		{"an author hands back", n.author, id, 0, nil},
		{"who can't see it", n.editor, edited, n.author.ID, &fault.Invalid{}},
		{"what is nobody's to nobody", n.editor, edited, 0, nil},
		{"nobody there", n.editor, edited, 999, &fault.Invalid{}},
		{"what they can't see", n.author, edited, n.author.ID, fault.NotFound},
	}
	for _, step := range steps {
		err := n.store.Assign(t.Context(), step.actor, step.on, step.to)
		var invalid *fault.Invalid
		if errors.As(step.want, &invalid) {
			if !errors.As(err, &invalid) || invalid.Fields["person"] == "" {
				t.Errorf("%s: %v, want a fault on person", step.name, err)
			}
			continue
		}
		if !errors.Is(err, step.want) {
			t.Errorf("%s: %v, want %v", step.name, err, step.want)
		}
		if now := n.beside(n.editor, step.on).Assigned.ID; step.want == nil && now != step.to {
			t.Errorf("%s: it is %d's, want %d's", step.name, now, step.to)
		}
	}
	if got := n.beside(n.author, id).Assignable; len(got) != 1 || got[0].ID != n.author.ID {
		t.Errorf("an author may give it to %v, want only themselves", got)
	}
	if got := n.beside(n.editor, id).Assignable; len(got) != 3 {
		t.Errorf("an editor may give it to %v, want all three", got)
	}
}

// needs gives what needs the actor as "reason headline", in order.
func (n *newsroom) needs(actor staff.Actor) []string {
	n.Helper()
	list, err := n.store.Needs(n.Context(), actor)
	if err != nil {
		n.Fatal(err)
	}
	var out []string
	for _, l := range list {
		out = append(out, l.Reason+" "+l.Headline)
	}
	return out
}

// profile gives somebody a byline, and them with it.
func (n *newsroom) profile(actor staff.Actor, slug string) staff.Actor {
	n.Helper()
	n.must(n.db.Owner.QueryRow(n.Context(), `INSERT INTO authors (slug, name, staff_id) VALUES ($1, $2, $3) RETURNING id`, slug, actor.Name, actor.ID).Scan(&actor.AuthorID))
	return actor
}

func (n *newsroom) must(err error) {
	n.Helper()
	if err != nil {
		n.Fatal(err)
	}
}

// begun makes an article of somebody's.
func (n *newsroom) begun(actor staff.Actor, headline string) int64 {
	n.Helper()
	id, err := n.store.Create(n.Context(), actor, article.KindArticle, "")
	n.must(err)
	_, err = n.store.Save(n.Context(), actor, id, article.SaveIn{Draft: article.Draft{Headline: headline, Body: body}, Base: 1})
	n.must(err)
	return id
}

func TestNeeds(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	if got := n.needs(n.editor); len(got) != 0 {
		t.Errorf("needs of an empty house = %v", got)
	}
	noted := n.begun(n.author, "Noted")
	_, err := n.store.WriteNote(ctx, n.editor, noted, article.StaffNoteIn{Body: "Who says so?"})
	n.must(err)
	_, err = n.store.WriteNote(ctx, n.author, n.begun(n.author, "Noted by myself"), article.StaffNoteIn{Body: "Look again."})
	n.must(err)
	n.must(n.store.Submit(ctx, n.author, n.begun(n.author, "Submitted")))
	back := n.begun(n.author, "Returned")
	n.must(n.store.Submit(ctx, n.author, back))
	n.must(n.store.Return(ctx, n.editor, back, "The second source?"))
	n.must(n.store.Assign(ctx, n.editor, n.begun(n.author, "Given"), n.author.ID))
	given, rev := n.draft("Done already")
	n.must(n.store.Assign(ctx, n.editor, given, n.admin.ID))
	n.clock.tick(time.Minute)
	_, err = n.store.Publish(ctx, n.editor, given, article.PublishIn{Revision: rev})
	n.must(err)
	settled := n.begun(n.author, "Settled")
	n.must(n.store.Submit(ctx, n.author, settled))
	n.must(n.store.Assign(ctx, n.editor, settled, n.admin.ID))
	n.schedule(settled, article.PublishIn{Revision: 2}, 10*time.Hour)
	trashed := n.begun(n.author, "Trashed")
	_, err = n.store.WriteNote(ctx, n.editor, trashed, article.StaffNoteIn{Body: "Gone."})
	n.must(err)
	n.must(n.store.Trash(ctx, n.author, trashed))
	n.failing("Failed")

	if got, want := n.needs(n.author), []string{"returned Returned", "assigned Given", "notes Noted"}; !slices.Equal(got, want) {
		t.Errorf("an author is needed for %v, want %v", got, want)
	}
	if got, want := n.needs(n.admin), []string{"failed Failed", "review Submitted"}; !slices.Equal(got, want) {
		t.Errorf("an editor is needed for %v, want %v", got, want)
	}
	if _, err := n.store.Needs(ctx, staff.Actor{ID: 9, Roles: staff.Roles{staff.Moderator}}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a moderator: %v, want forbidden", err)
	}
	// Who is printed as its author is needed like who began it; a contributor can't mend what failed.
	n.must(n.store.Assign(ctx, n.editor, n.begun(n.editor, "Printed under a name"), n.editor.ID))
	printed := n.profile(n.author, "aut-hor")
	id, rev := n.draft("Printed")
	n.save(id, rev, article.Draft{Headline: "Printed", Body: body, Authors: []string{"aut-hor"}})
	_, err = n.store.WriteNote(ctx, n.editor, id, article.StaffNoteIn{Body: "Is it so?"})
	n.must(err)
	if got := n.needs(printed); !slices.Contains(got, "notes Printed") {
		t.Errorf("who is printed as author is needed for %v", got)
	}
	_, err = n.db.Owner.Exec(ctx, `UPDATE articles SET created_by = $1 WHERE id = (SELECT article_id FROM schedules WHERE failed_at IS NOT NULL)`, n.author.ID)
	n.must(err)
	contributor := n.author
	contributor.Roles = staff.Roles{staff.Contributor}
	if author, lesser := n.needs(n.author), n.needs(contributor); author[0] != "failed Failed" || slices.Contains(lesser, "failed Failed") {
		t.Errorf("an author is needed for %v, a contributor for %v", author, lesser)
	}
	for _, actor := range []staff.Actor{n.author, n.editor, n.admin, printed, contributor} {
		list, err := n.store.Needs(ctx, actor)
		n.must(err)
		for _, l := range list {
			if e, err := n.store.Edit(ctx, actor, l.ID); err != nil || e.State.Status() != l.Status {
				t.Errorf("%s needs %s for %s, but it is %q, %v", l.Headline, actor.Name, l.Reason, l.Status, err)
			}
		}
	}
}

// failing makes a public article whose scheduled change could not happen, and gives its id and address.
func (n *newsroom) failing(headline string) (int64, string) {
	n.Helper()
	id, path := n.published(headline)
	d, err := n.store.Revision(n.Context(), n.editor, id, 2)
	n.must(err)
	change, correction := d, d
	change.Body = strings.Replace(d.Body, "21:14", "21:15", 1)
	rev := n.save(id, 2, change)
	n.schedule(id, article.PublishIn{Revision: rev, Kind: article.Update, Notice: "<p>More.</p>"}, time.Hour)
	correction.Body = strings.Replace(d.Body, "21:14", "21:41", 1)
	fixed := n.save(id, rev, correction)
	_, err = n.store.Publish(n.Context(), n.editor, id, article.PublishIn{Revision: fixed, Kind: article.Correction, Notice: "<p>21:41.</p>"})
	n.must(err)
	n.clock.tick(time.Hour)
	n.due(1)
	return id, path
}

func TestDuplicate(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	id, path := n.published("Copied")
	in := article.CopyIn{Note: "From revision 2", Key: "k"}
	made, err := n.store.Duplicate(ctx, n.editor, id, in)
	n.must(err)
	if again, err := n.store.Duplicate(ctx, n.editor, id, in); err != nil || again != made {
		t.Errorf("the same form again = %d, %v, want %d", again, err, made)
	}
	was, err := n.store.Edit(ctx, n.editor, id)
	n.must(err)
	is, err := n.store.Edit(ctx, n.editor, made)
	n.must(err)
	if is.Draft.Headline != "Copied" || is.Draft.Body != was.Draft.Body || !slices.Equal(is.Draft.Tags, was.Draft.Tags) || is.Path != "" || is.Draft.Slug != "" ||
		is.State.Public != "" || len(is.Record) != 0 || is.Revisions[0].Note != "From revision 2" || is.State.Stage != article.StageDraft {
		t.Errorf("copy = %+v", is)
	}
	rev := is.Head
	p, err := n.store.Publish(ctx, n.editor, made, article.PublishIn{Revision: rev})
	n.must(err)
	if p.Path == path {
		t.Errorf("the copy took the address %s", path)
	}
	if _, err := n.store.Duplicate(ctx, n.author, id, article.CopyIn{}); !errors.Is(err, fault.NotFound) {
		t.Errorf("copy what can't be seen: %v, want not found", err)
	}
	if got := n.faults(); got != "" {
		t.Errorf("Verify finds:\n%s", got)
	}
}

// An embargo is about the words, wherever they stand.
func TestDuplicateKeepsTheEmbargo(t *testing.T) {
	n := newNewsroom(t)
	until := n.clock.now().Add(time.Hour)
	id, rev := n.draft("Embargoed")
	n.save(id, rev, article.Draft{Headline: "Embargoed", Body: body, Embargo: &until, Kicker: "x"})
	made, err := n.store.Duplicate(t.Context(), n.editor, id, article.CopyIn{})
	n.must(err)
	if _, err := n.store.Publish(t.Context(), n.admin, made, article.PublishIn{Revision: 2}); err == nil {
		t.Error("the copy was published before the embargo ended")
	}
}

func TestComing(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	month := func() []article.Coming {
		list, err := n.store.Coming(ctx, n.editor, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
		n.must(err)
		return list
	}
	first, rev := n.draft("First")
	n.schedule(first, article.PublishIn{Revision: rev}, 3*time.Hour)
	ends, _ := n.published("Ends")
	n.must(n.store.End(ctx, n.editor, ends, n.clock.now().Add(2*time.Hour), "Gone."))
	until := n.clock.now().Add(time.Hour)
	held, rev := n.draft("Held")
	n.save(held, rev, article.Draft{Headline: "Held", Body: body, Embargo: &until})
	far, rev := n.draft("Far")
	n.schedule(far, article.PublishIn{Revision: rev}, 40*24*time.Hour)
	var got []string
	for _, c := range month() {
		got = append(got, c.What+" "+c.Headline)
	}
	if want := []string{"embargo Held", "end Ends", "first First"}; !slices.Equal(got, want) {
		t.Errorf("coming = %v, want %v", got, want)
	}
	if list, err := n.store.Coming(ctx, n.author, n.clock.now(), n.clock.now().Add(time.Hour*9000)); err != nil || len(list) != 0 {
		t.Errorf("an author sees %v coming of others, %v", list, err)
	}
}

func TestPreviewLinks(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	id := n.begun(n.author, "Shown")
	share := func() string {
		token, until, err := n.store.Share(ctx, n.author, id, article.ShareIn{Days: 7, Label: "Counsel"})
		n.must(err)
		if want := n.clock.now().Add(7 * 24 * time.Hour); !until.Equal(want) || len(token) < 26 {
			t.Errorf("Share = %q until %v, want %v", token, until, want)
		}
		return token
	}
	gone := func(why, token string) {
		if _, _, err := n.store.Shared(ctx, token); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v, want not found", why, err)
		}
	}
	token := share()
	l, _, err := n.store.Shared(ctx, token)
	n.must(err)
	if l.Content.Headline != "Shown" {
		t.Errorf("it shows %q", l.Content.Headline)
	}
	var kept int
	n.must(n.db.Owner.QueryRow(ctx, `SELECT count(*) FROM preview_links WHERE encode(token_hash, 'escape') LIKE '%' || $1 || '%' OR label = $1`, token).Scan(&kept))
	if kept != 0 {
		t.Error("the token itself is kept")
	}
	gone("another token", "x")
	links := n.beside(n.author, id).Links
	if len(links) != 1 || links[0].Label != "Counsel" || links[0].By != "Aut Hor" {
		t.Errorf("links = %+v", links)
	}
	n.must(n.store.Unshare(ctx, n.author, id, links[0].ID))
	gone("revoked", token)
	token = share()
	n.must(n.store.Trash(ctx, n.author, id))
	gone("in the trash", token)
	n.must(n.store.Untrash(ctx, n.author, id))
	n.clock.tick(7 * 24 * time.Hour)
	gone("expired", token)
	token = share()
	_, err = n.db.Owner.Exec(ctx, `UPDATE staff SET roles = '{moderator}' WHERE id = $1`, n.author.ID)
	n.must(err)
	gone("whose maker writes no more", token)
	for name, in := range map[string]article.ShareIn{"days": {Days: 31}, "days ": {}, "label": {Days: 1, Label: strings.Repeat("x", 301)}} {
		var invalid *fault.Invalid
		if _, _, err := n.store.Share(ctx, n.editor, id, in); !errors.As(err, &invalid) || invalid.Fields[strings.TrimSpace(name)] == "" {
			t.Errorf("%+v: %v, want a fault on %s", in, err, name)
		}
	}
}
