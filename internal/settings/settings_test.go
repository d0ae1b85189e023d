package settings_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"stet/internal/audit"
	"stet/internal/fault"
	"stet/internal/pgtest"
	"stet/internal/postgres"
	"stet/internal/settings"
)

func TestSave(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := t.Context()
	store := settings.New(db.App)
	was, err := store.Load(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if was.Title != "Stet" || was.Comments != "premoderated" || was.Window() != 10*time.Minute || was.Location() != time.UTC {
		t.Errorf("defaults = %+v", was)
	}
	is := was
	is.Title, is.Zone, is.Language = "  The Margin ", "Asia/Seoul", " pt_br"
	is.Social = []settings.Link{{Name: "Mastodon", URL: "https://example.social/@margin"}, {}}

	listener, err := db.App.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Release()
	if _, err := listener.Exec(ctx, "LISTEN "+postgres.PurgeChannel); err != nil {
		t.Fatal(err)
	}
	if err := store.Save(ctx, 0, is); err != nil {
		t.Fatal(err)
	}
	if n, err := listener.Conn().WaitForNotification(ctx); err != nil || n.Payload != "all" {
		t.Errorf("purge = %v, %v, want all", n, err)
	}
	got, err := store.Load(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got.Title != "The Margin" || got.Language != "pt-BR" || got.Location().String() != "Asia/Seoul" || len(got.Social) != 1 {
		t.Errorf("saved = %+v", got)
	}
	rows, err := audit.New(db.App).List(ctx, audit.Filter{Act: "settings.save"})
	if err != nil || len(rows) != 1 || strings.Contains(string(rows[0].Detail), "Margin") || !strings.Contains(string(rows[0].Detail), "zone") {
		t.Errorf("audit = %+v, %v", rows, err)
	}
	if err := store.Save(ctx, 0, is); !errors.Is(err, fault.Conflict) {
		t.Errorf("save over somebody else's change: %v, want a conflict", err)
	}
}

func TestSaveRefuses(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := settings.New(db.App)
	good, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		field string
		spoil func(*settings.Settings)
	}{
		{"title", func(s *settings.Settings) { s.Title = " " }},
		{"title", func(s *settings.Settings) { s.Title = strings.Repeat("ä", 81) }},
		{"title", func(s *settings.Settings) { s.Title = "a\u202eb" }},
		{"motto", func(s *settings.Settings) { s.Motto = "a\x00b" }},
		{"description", func(s *settings.Settings) { s.Description = "\xff" }},
		{"language", func(s *settings.Settings) { s.Language = "klingon-is-none" }},
		{"language", func(s *settings.Settings) { s.Language = "ca-valencia" }},
		{"zone", func(s *settings.Settings) { s.Zone = "Local" }},
		{"zone", func(s *settings.Settings) { s.Zone = "../../etc/passwd" }},
		{"zone", func(s *settings.Settings) { s.Zone = "" }},
		{"contact_email", func(s *settings.Settings) { s.ContactEmail = "desk" }},
		{"social", func(s *settings.Settings) { s.Social = []settings.Link{{Name: "X", URL: "javascript:alert(1)"}} }},
		{"social", func(s *settings.Settings) { s.Social = []settings.Link{{URL: "https://example.org/"}} }},
		{"comments", func(s *settings.Settings) { s.Comments = "maybe" }},
		{"comments_close_days", func(s *settings.Settings) { s.CommentsCloseDays = -1 }},
		{"comments_per_email", func(s *settings.Settings) { s.CommentsPerEmail = 0 }},
		{"comments_per_address", func(s *settings.Settings) { s.CommentsPerAddress = 1001 }},
		{"comments_window", func(s *settings.Settings) { s.CommentsWindow = 0 }},
	} {
		bad := good
		test.spoil(&bad)
		err := store.Save(t.Context(), 0, bad)
		var invalid *fault.Invalid
		if !errors.As(err, &invalid) || invalid.Fields[test.field] == "" {
			t.Errorf("%s: %v, want a fault of it", test.field, err)
		}
	}
	if got, err := store.Load(t.Context()); err != nil || !got.ChangedAt.Equal(good.ChangedAt) {
		t.Errorf("a refused save changed the row: %+v, %v", got, err)
	}
}

// The readers' role sees the settings too, at once after Drop and without asking in between.
func TestSource(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := t.Context()
	source := settings.NewSource(db.Reader)
	if s, err := source.Current(ctx); err != nil || s.Title != "Stet" {
		t.Fatalf("Current = %+v, %v", s, err)
	}
	next, err := settings.New(db.App).Load(ctx)
	if err != nil {
		t.Fatal(err)
	}
	next.Title, next.Zone, next.ASCIISlugs = "The Margin", "Africa/Cairo", false
	if err := settings.New(db.App).Save(ctx, 0, next); err != nil {
		t.Fatal(err)
	}
	if s, _ := source.Current(ctx); s.Title != "Stet" {
		t.Errorf("asked again within %s", settings.Fresh)
	}
	source.Drop()
	if s, err := source.Current(ctx); err != nil || s.Title != "The Margin" || source.Zone().String() != "Africa/Cairo" || source.ASCIISlugs() {
		t.Errorf("after Drop: %+v, %v", s, err)
	}
	db.Reader.Close()
	source.Drop()
	if s, err := source.Current(ctx); err != nil || s.Title != "The Margin" {
		t.Errorf("with the database away: %+v, %v, want the last known", s, err)
	}
	if _, err := settings.NewSource(db.Reader).Current(ctx); err == nil {
		t.Error("a source that never knew any must say so")
	}
}
