package author_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"stet/internal/address"
	"stet/internal/author"
	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/pgtest"
	"stet/internal/postgres"
	"stet/internal/staff"
)

func wantFault(t *testing.T, what string, err error, field string) {
	t.Helper()
	var invalid *fault.Invalid
	if !errors.As(err, &invalid) || invalid.Fields[field] == "" {
		t.Errorf("%s: %v, want a fault of %q", what, err, field)
	}
}

func person(t *testing.T, db *pgtest.DB, email string) (id int64) {
	t.Helper()
	err := db.App.QueryRow(t.Context(), `INSERT INTO staff (email, name, roles, password_hash) VALUES ($1, $1, '{author}', '') RETURNING id`, email).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func portrait(t *testing.T, db *pgtest.DB) int64 {
	t.Helper()
	blobs, err := media.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := blobs.Close(); err != nil {
			t.Error(err)
		}
	})
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	m, err := media.New(db.App, blobs).Add(t.Context(), staff.System(), media.Upload{Name: "a.png", Reader: &b})
	if err != nil {
		t.Fatal(err)
	}
	return m.ID
}

func TestProfile(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store, reader := author.New(db.App), author.NewReader(db.Reader)
	ctx := t.Context()
	account, face := person(t, db, "noor@example.org"), portrait(t, db)
	made, err := store.Create(ctx, staff.System(), author.In{Name: " Noor  Belshade ", Role: "Correspondent",
		Biography: `<p onclick="x()">Writes about <b>ports</b>.<script>alert(1)</script></p>`, Portrait: face, StaffID: account,
		Links: []author.Link{{Name: "Mastodon", URL: "https://m.example/@noor"}, {}, {Name: "Write", URL: "mailto:noor@example.org"}}})
	if err != nil {
		t.Fatal(err)
	}
	live, err := reader.LiveBySlug(ctx, "noor-belshade")
	if err != nil || live.Name != "Noor Belshade" || len(live.Links) != 2 || live.Portrait != face || live.StaffID != 0 {
		t.Errorf("live = %+v, %v", live, err)
	}
	if strings.Contains(live.Biography, "alert") || strings.Contains(live.Biography, "onclick") || !strings.Contains(live.Biography, "ports") {
		t.Errorf("biography = %q", live.Biography)
	}
	if shown, err := media.NewReader(db.Reader).LiveByIDs(ctx, []int64{face}); err != nil || len(shown) != 1 {
		t.Errorf("the portrait isn't readable: %v, %v", shown, err)
	}
	own := staff.Actor{ID: account, Roles: staff.Roles{staff.Author}, AuthorID: made.ID}
	now, err := store.Update(ctx, own, made.ID, author.In{Slug: "other", Name: "Other", Biography: "Mine."})
	if err != nil || now.Slug != made.Slug || now.Name != made.Name || now.StaffID != account || now.Biography != "<p>Mine.</p>" {
		t.Errorf("own update = %+v, %v", now, err)
	}
	if _, err := store.Update(ctx, staff.Actor{ID: account + 1, Roles: staff.Roles{staff.Author}}, made.ID, author.In{Name: "X"}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("somebody else's update: %v", err)
	}
	if _, err := store.Update(ctx, staff.System(), made.ID, author.In{Slug: "noor", Name: "Noor B.", StaffID: account}); err != nil {
		t.Fatal(err)
	}
	r, err := address.Resolve(ctx, db.Reader, "/author/noor-belshade/")
	if err != nil || r.AuthorID != made.ID || r.Canonical || r.CanonicalPath != "/author/noor/" {
		t.Errorf("the old address = %+v, %v", r, err)
	}
	list, err := store.List(ctx)
	if err != nil || len(list) != 1 || list[0].Person != "noor@example.org" || list[0].Slug != "noor" {
		t.Errorf("List = %+v, %v", list, err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := author.New(db.App)
	ctx := t.Context()
	account := person(t, db, "a@example.org")
	first, err := store.Create(ctx, staff.System(), author.In{Name: "Ada", StaffID: account})
	if err != nil {
		t.Fatal(err)
	}
	for field, ins := range map[string][]author.In{
		"name":      {{}, {Name: strings.Repeat("x", 121)}, {Name: "a\u202eb"}, {Name: "\xff"}},
		"role":      {{Name: "X", Role: strings.Repeat("x", 121)}},
		"biography": {{Name: "X", Biography: "a\x00"}, {Name: "X", Biography: strings.Repeat("x", 20_001)}},
		"slug":      {{Name: "X", Slug: "ada"}, {Name: "X", Slug: "feed"}, {Name: "X", Slug: "!"}},
		"staff":     {{Name: "X", StaffID: account}, {Name: "X", StaffID: 999}},
		"portrait":  {{Name: "X", Portrait: 999}},
		"links": {
			{Name: "X", Links: []author.Link{{Name: "X", URL: "javascript:alert(1)"}}}, {Name: "X", Links: []author.Link{{Name: "X", URL: "http://example.org"}}},
			{Name: "X", Links: []author.Link{{URL: "https://example.org"}}}, {Name: "X", Links: []author.Link{{Name: "X", URL: "https://"}}},
			{Name: "X", Links: []author.Link{{Name: "X", URL: "mailto:a@example.org?bcc=b@example.org"}}}, {Name: "X", Links: []author.Link{{Name: "X", URL: "https://a:b@example.org/"}}},
			{Name: "X", Links: slices.Repeat([]author.Link{{Name: "X", URL: "https://example.org"}}, 13)},
		},
	} {
		for _, in := range ins {
			_, err := store.Create(ctx, staff.System(), in)
			wantFault(t, "create", err, field)
		}
	}
	second, err := store.Create(ctx, staff.System(), author.In{Name: "Ada"})
	if err != nil || second.Slug != "ada-2" {
		t.Errorf("a second Ada = %+v, %v", second, err)
	}
	_, err = store.Update(ctx, staff.System(), second.ID, author.In{Name: "Ada", Slug: "ada"})
	wantFault(t, "a taken slug", err, "slug")
	if _, err = store.Update(ctx, staff.System(), 999, author.In{Name: "X"}); !errors.Is(err, fault.NotFound) {
		t.Errorf("update nothing: %v", err)
	}
	if _, err := store.Create(ctx, staff.Actor{ID: account, Roles: staff.Roles{staff.Author}}, author.In{Name: "X"}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("create by an author: %v", err)
	}
	found, err := author.BySlugs(ctx, db.App, []string{"ada-2", "none", "ada"})
	if err != nil || len(found) != 2 || found["ada"].ID != first.ID {
		t.Errorf("BySlugs = %v, %v", found, err)
	}
	var ordered []author.Author
	err = author.NewReader(db.Reader).LiveByIDs([]int64{second.ID, 999, first.ID}, &ordered).Run(ctx)
	if err != nil || len(ordered) != 2 || ordered[0].ID != second.ID {
		t.Errorf("LiveByIDs = %v, %v", ordered, err)
	}
	for _, slug := range []string{"none", "\x00", "\xff"} {
		if _, err := author.NewReader(db.Reader).LiveBySlug(ctx, slug); !errors.Is(err, fault.NotFound) {
			t.Errorf("LiveBySlug(%q) = %v", slug, err)
		}
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := author.New(db.App)
	ctx := t.Context()
	a, err := store.Create(ctx, staff.System(), author.In{Name: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Super.Exec(ctx, `
		WITH n AS (INSERT INTO articles (kind) VALUES ('article') RETURNING id)
		INSERT INTO article_authors (article_id, author_id, position) SELECT id, $1, 0 FROM n`, a.ID); err != nil {
		t.Fatal(err)
	}
	wantFault(t, "delete with an article", store.Delete(ctx, staff.System(), a.ID), "")
	if _, err := db.Super.Exec(ctx, `DELETE FROM article_authors`); err != nil {
		t.Fatal(err)
	}
	if err := store.Delete(ctx, staff.System(), a.ID); err != nil {
		t.Error(err)
	}
	if err := store.Delete(ctx, staff.System(), a.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("delete it again: %v", err)
	}
}

// An import takes the next free slug and goes on in its own transaction; a step that fails leaves no profile.
func TestCreateTx(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := t.Context()
	var slugs []string
	failed := errors.New("failed midway")
	err := pgx.BeginFunc(ctx, db.App, func(tx pgx.Tx) error {
		for range 3 {
			a, err := author.CreateTx(ctx, tx, staff.System(), author.In{Name: "Ada", Slug: "ada", AnySlug: true})
			if err != nil {
				return err
			}
			slugs = append(slugs, a.Slug)
		}
		return failed
	})
	if !errors.Is(err, failed) || !slices.Equal(slugs, []string{"ada", "ada-2", "ada-3"}) {
		t.Errorf("CreateTx = %v, %v", slugs, err)
	}
	if list, err := author.New(db.App).List(ctx); err != nil || len(list) != 0 {
		t.Errorf("left = %v, %v", list, err)
	}
}

func TestUpdatePurges(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := t.Context()
	store := author.New(db.App)
	a, err := store.Create(ctx, staff.System(), author.In{Name: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := db.App.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Release()
	if _, err := listener.Exec(ctx, "LISTEN "+postgres.PurgeChannel); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Update(ctx, staff.System(), a.ID, author.In{Name: "Ada", Slug: "byron"}); err != nil {
		t.Fatal(err)
	}
	n, err := listener.Conn().WaitForNotification(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"author:1", "path:/author/ada", "path:/author/byron"} {
		if !slices.Contains(strings.Fields(n.Payload), tag) {
			t.Errorf("purged %q, want %s among them", n.Payload, tag)
		}
	}
}

// TestOnlyAdminsLinkAccounts: whose account a profile belongs to decides whose articles are their own.
func TestOnlyAdminsLinkAccounts(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.New(t)
	store := author.New(db.App)
	person, err := staff.New(db.App).Add(ctx, staff.System(), staff.NewPerson{Email: "ed@staff.example", Name: "Ed", Password: "correct horse battery", Roles: staff.Roles{staff.Editor}})
	if err != nil {
		t.Fatal(err)
	}
	editor := staff.Actor{ID: person.ID, Roles: person.Roles}
	if _, err := store.Create(ctx, editor, author.In{Name: "Linked", StaffID: person.ID}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an editor links a new profile: %v, want forbidden", err)
	}
	made, err := store.Create(ctx, editor, author.In{Name: "Free"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Update(ctx, editor, made.ID, author.In{Name: "Free", StaffID: person.ID}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an editor links a profile: %v, want forbidden", err)
	}
	if now, err := store.Update(ctx, staff.System(), made.ID, author.In{Name: "Free", StaffID: person.ID}); err != nil || now.StaffID != person.ID {
		t.Errorf("an admin links a profile: %+v, %v", now, err)
	}
}
