package article_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/markup"
)

func TestPublishThenAppend(t *testing.T) {
	n := newNewsroom(t)
	id, path := n.published("Two countries that do not speak")
	if want := "/2026/06/two-countries-that-do-not-speak/"; path != want {
		t.Fatalf("path = %q, want %q", path, want)
	}
	before := n.live(path)
	text := markup.Join(before.Blocks)

	n.clock.tick(2 * time.Hour)
	first := n.append(id, article.Update, "<p>Kest answered.</p>", "k1")
	again := n.append(id, article.Update, "<p>Kest answered.</p>", "k1")
	if first.Number != 2 || again.Number != 2 {
		t.Errorf("the same key twice gave rows %d and %d, want 2 and 2", first.Number, again.Number)
	}
	after := n.live(path)
	if got := markup.Join(after.Blocks); got != text {
		t.Errorf("the body changed by an update:\n%s\n%s", text, got)
	}
	notices := after.Notices()
	if len(notices) != 1 || notices[0].Number != 2 || notices[0].Kind != article.Update || !strings.Contains(notices[0].HTML, "Kest answered.") {
		t.Fatalf("notices = %+v, want one update, number 2", notices)
	}
	if after.Number != 2 || after.UpdatedAt == nil || !after.UpdatedAt.Equal(n.clock.now()) {
		t.Errorf("data-version %d, updated %v, want 2 and the time of the notice", after.Number, after.UpdatedAt)
	}
	if got := n.faults(); got != "" {
		t.Errorf("Verify finds:\n%s", got)
	}
}

func TestChangeOfALiveArticle(t *testing.T) {
	n := newNewsroom(t)
	id, path := n.published("The strait")
	d, err := n.store.Revision(t.Context(), n.editor, id, 2)
	if err != nil {
		t.Fatal(err)
	}
	d.Body = strings.Replace(d.Body, "21:14", "21:41", 1)
	revision := n.save(id, 2, d)
	if got := n.live(path); strings.Contains(markup.Join(got.Blocks), "21:41") {
		t.Fatal("readers see a saved revision before it is published")
	}

	_, err = n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: revision, Kind: article.Correction})
	var invalid *fault.Invalid
	if !errors.As(err, &invalid) || invalid.Fields["notice"] == "" {
		t.Fatalf("a correction without a notice: %v, want a fault on notice", err)
	}
	n.clock.tick(time.Hour)
	p, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: revision, Kind: article.Correction, Notice: "It was 21:41, not 21:14.", Key: "k"})
	if err != nil || p.Number != 2 {
		t.Fatalf("Publish = %+v, %v, want row 2", p, err)
	}
	if again, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: revision, Kind: article.Correction, Notice: "It was 21:41.", Key: "k"}); err != nil || again.Number != 2 {
		t.Errorf("the same key again = %+v, %v, want row 2", again, err)
	}
	if got := n.live(path); !strings.Contains(markup.Join(got.Blocks), "21:41") || got.Blocks[0].ID == "" {
		t.Errorf("readers see %v, want the corrected text with block ids", got.Blocks)
	}
	old, err := n.reader.LiveVersion(t.Context(), id, 1)
	if err != nil || !strings.Contains(markup.Join(old.Blocks), "21:14") || len(old.Notices()) != 0 {
		t.Errorf("version 1 = %+v, %v, want the text as it stood, without the notice", old, err)
	}
	if _, err := n.reader.LiveVersion(t.Context(), id, 3); !errors.Is(err, fault.NotFound) {
		t.Errorf("a version that never was: %v, want not found", err)
	}
	if _, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: revision, Kind: article.Minor}); err == nil {
		t.Error("a minor change that changes nothing was published")
	}
}

func TestAmend(t *testing.T) {
	n := newNewsroom(t)
	id, path := n.published("Amended")
	n.append(id, article.Clarification, "<p>Old words.</p>", "")
	n.clock.tick(20 * time.Minute)
	if _, err := n.store.Amend(t.Context(), n.editor, id, 2, "<p>New words.</p>"); err != nil {
		t.Fatal(err)
	}
	got := n.live(path).Notices()
	if len(got) != 1 || got[0].Number != 2 || !strings.Contains(got[0].HTML, "New words") || got[0].AmendedAt == nil {
		t.Fatalf("notices = %+v, want number 2 with its new words and the time", got)
	}
	record := n.live(path).Record
	if len(record) != 3 || !strings.Contains(record[1].Notice, "Old words") || record[2].Amends != 2 {
		t.Errorf("record = %+v, want the old words kept in row 2", record)
	}
	for _, number := range []int{1, 3, 9} {
		if _, err := n.store.Amend(t.Context(), n.editor, id, number, "<p>x</p>"); !errors.Is(err, fault.NotFound) {
			t.Errorf("Amend(%d) = %v, want not found", number, err)
		}
	}
}

func TestRetractWithdrawRestoreWithhold(t *testing.T) {
	n := newNewsroom(t)
	ctx := t.Context()
	id, path := n.published("Turns")
	if err := n.store.Retract(ctx, n.editor, id, ""); err == nil {
		t.Error("retracted without a notice")
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(n.store.Retract(ctx, n.editor, id, "<p>We could not stand by it.</p>"))
	if got := n.live(path); got.State != article.Retracted || got.Listed || !got.Notices()[0].Pinned {
		t.Errorf("retracted: %+v, want its text with a pinned notice, out of lists", got)
	}
	must(n.store.Withdraw(ctx, n.editor, id, "<p>Taken away.</p>"))
	f, err := n.reader.LiveByPath(ctx, path)
	if err != nil || f.Gone == nil || f.Gone.State != article.Withdrawn || !strings.Contains(f.Gone.Notice, "Taken away") {
		t.Errorf("withdrawn: %+v, %v, want only its notice", f, err)
	}
	if _, err := n.reader.LiveVersion(ctx, id, 1); !errors.Is(err, fault.NotFound) {
		t.Errorf("an old version of a withdrawn article: %v, want not found", err)
	}
	must(n.store.Restore(ctx, n.editor, id, ""))
	if got := n.live(path); got.State != article.Published || !got.Listed || len(got.Notices()) != 0 {
		t.Errorf("restored: %+v, want it as it was", got)
	}
	if err := n.store.Withhold(ctx, n.editor, id, []int{1}, "<p>Order of a court.</p>"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an editor withholds: %v, want forbidden", err)
	}
	if err := n.store.Withhold(ctx, n.admin, id, []int{2}, "<p>Order of a court.</p>"); err == nil {
		t.Error("withheld a version that is none")
	}
	must(n.store.Withhold(ctx, n.admin, id, []int{1}, "<p>Order of a court.</p>"))
	f, err = n.reader.LiveByPath(ctx, path)
	if err != nil || f.Gone == nil || f.Gone.State != article.Withheld {
		t.Errorf("withheld: %+v, %v, want only its notice", f, err)
	}
	var rest int
	if err := n.db.Owner.QueryRow(ctx, `SELECT count(*) FROM versions WHERE article_id = $1 AND (content IS NOT NULL OR salt IS NOT NULL)`, id).Scan(&rest); err != nil || rest != 0 {
		t.Errorf("%d versions still hold content, %v", rest, err)
	}
	if got := n.faults(); got != "" {
		t.Errorf("Verify finds:\n%s", got)
	}
}

func TestMovingLeavesARedirect(t *testing.T) {
	n := newNewsroom(t)
	id, old := n.published("First name")
	d, err := n.store.Revision(t.Context(), n.editor, id, 2)
	if err != nil {
		t.Fatal(err)
	}
	d.Slug = "second-name"
	revision := n.save(id, 2, d)
	p, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: revision, Kind: article.Minor})
	if err != nil {
		t.Fatal(err)
	}
	if p.Path != "/2026/06/second-name/" {
		t.Errorf("path = %q", p.Path)
	}
	f, err := n.reader.LiveByPath(t.Context(), old)
	if err != nil || f.Redirect != p.Path {
		t.Errorf("the old address leads to %q, %v, want %q", f.Redirect, err, p.Path)
	}
	other, _ := n.published("Second name")
	if got := n.live("/2026/06/second-name-2/"); got.ID != other {
		t.Errorf("the second article of that name is %d, want %d", got.ID, other)
	}
	id3, rev3 := n.draft("Third")
	d, err = n.store.Revision(t.Context(), n.editor, id3, rev3)
	if err != nil {
		t.Fatal(err)
	}
	d.Slug = "first-name"
	rev3 = n.save(id3, rev3, d)
	_, err = n.store.Publish(t.Context(), n.editor, id3, article.PublishIn{Revision: rev3})
	var invalid *fault.Invalid
	if !errors.As(err, &invalid) || invalid.Fields["slug"] == "" {
		t.Errorf("a chosen slug that is another's old address: %v, want a fault on slug", err)
	}
}

func TestRolesCannotChangeTheRecord(t *testing.T) {
	n := newNewsroom(t)
	id, _ := n.published("Stands")
	for _, sql := range []string{
		`UPDATE publications SET notice = 'x' WHERE article_id = $1`, `DELETE FROM publications WHERE article_id = $1`,
		`UPDATE versions SET content = '{}' WHERE article_id = $1`, `DELETE FROM versions WHERE article_id = $1`,
		`UPDATE versions SET content = NULL, salt = NULL, block_ids = NULL, withheld_at = now() WHERE article_id = $1`,
		`UPDATE revisions SET headline = 'x' WHERE article_id = $1`, `DELETE FROM log WHERE article_id = $1`,
		`UPDATE audit SET act = 'x' WHERE id = $1`, `DELETE FROM audit WHERE id = $1`,
	} {
		if _, err := n.db.App.Exec(t.Context(), sql, id); err == nil {
			t.Errorf("stet_app may run %s", sql)
		}
	}
	for _, sql := range []string{`TRUNCATE publications CASCADE`, `TRUNCATE versions CASCADE`, `TRUNCATE audit`, `TRUNCATE log`, `ALTER TABLE publications DISABLE TRIGGER ALL`,
		`ALTER TABLE versions DISABLE TRIGGER USER`, `DROP TRIGGER publications_rows ON publications`, `SET session_replication_role = replica`} {
		if _, err := n.db.App.Exec(t.Context(), sql); err == nil {
			t.Errorf("stet_app may run %s", sql)
		}
	}
	for _, table := range []string{"articles", "revisions", "versions", "publications", "autosaves", "comments", "comment_texts", "commenters", "staff", "sessions", "audit",
		"schedules", "comment_addresses", "hold_reasons", "decisions", "settings", "media", "authors", "article_search", "limits", "import_refs"} {
		if _, err := n.db.Reader.Exec(t.Context(), "SELECT FROM "+table); err == nil {
			t.Errorf("stet_reader may read %s", table)
		}
	}
}

func TestVerifyFindsTampering(t *testing.T) {
	tests := []struct{ name, sql, found string }{
		{"body", `UPDATE versions SET content = jsonb_set(content, '{body,0}', '"<p>Other words.</p>"') WHERE article_id = $1 AND number = 1`, "text, headline, byline or picture of version 1"},
		{"byline", `UPDATE versions SET content = jsonb_set(content, '{bylines,0,text}', '"Somebody Else"') WHERE article_id = $1 AND number = 1`, "text, headline, byline or picture of version 1"},
		{"notice", `UPDATE publications SET notice = '<p>Nothing happened.</p>' WHERE article_id = $1 AND number = 2`, "record row 2: its kind, time, notice or version"},
		{"kind", `UPDATE publications SET kind = 'minor' WHERE article_id = $1 AND number = 2`, "record row 2: its kind"},
		{"time", `UPDATE publications SET recorded_at = recorded_at - interval '1 minute' WHERE article_id = $1 AND number = 2`, "record row 2: its kind, time"},
		{"order", `UPDATE publications p SET kind = o.kind, notice = o.notice, recorded_at = o.recorded_at, prev_hash = o.prev_hash, hash = o.hash
			FROM publications o WHERE p.article_id = $1 AND o.article_id = $1 AND (p.number, o.number) IN ((2, 3), (3, 2))`, "record row 2: is not sealed with row 1"},
		{"last row removed", `DELETE FROM publications WHERE article_id = $1 AND number = 3`, "the newest row is missing"},
		{"last row removed, and its trace in the article", `WITH gone AS (DELETE FROM publications WHERE article_id = $1 AND number = 3)
			UPDATE articles SET record_head = 2, notice_kind = 'update', notice_number = 2 WHERE id = $1`, "the log names a row that is gone"},
		{"row in the middle removed", `DELETE FROM publications WHERE article_id = $1 AND number = 2`, "follows row 1: rows are missing"},
		{"all rows removed", `DELETE FROM publications WHERE article_id = $1`, "the newest row is missing"},
		{"version emptied", `UPDATE versions SET content = NULL, salt = NULL, block_ids = NULL, withheld_at = now() WHERE article_id = $1`, "its text is gone, and no row says"},
		{"live headline", `UPDATE articles SET live_headline = 'Other' WHERE id = $1`, "another headline than the record says"},
		{"live state", `UPDATE articles SET public_state = 'retracted', listed = false WHERE id = $1`, "another state than the record says"},
		{"live date", `UPDATE articles SET first_public_at = first_public_at - interval '1 year' WHERE id = $1`, "another date than the record says"},
		{"words for search", `UPDATE article_search SET d = 'casino' WHERE article_id = $1`, "search finds it by other words"},
		{"log", `DELETE FROM log WHERE article_id = $1 AND number = 1`, "the log has 2 rows and ends with 3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := newNewsroom(t)
			id, _ := n.published("Untouched")
			n.clock.tick(time.Hour)
			n.append(id, article.Update, "<p>First.</p>", "")
			n.clock.tick(time.Hour)
			n.append(id, article.Correction, "<p>Second.</p>", "")
			if _, err := n.store.Sequence(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := n.faults(); got != "" {
				t.Fatalf("Verify finds before anything was touched:\n%s", got)
			}
			n.owner(`ALTER TABLE publication_acts DROP CONSTRAINT IF EXISTS publication_acts_fk`)
			n.owner(tt.sql, id)
			if got := n.faults(); !strings.Contains(got, tt.found) {
				t.Errorf("Verify finds %q, want %q in it", got, tt.found)
			}
		})
	}
}
