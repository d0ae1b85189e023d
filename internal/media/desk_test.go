package media_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/staff"
)

// person adds somebody who signs in.
func person(t *testing.T, db interface {
	QueryRow(context.Context, string, ...any) pgx.Row
}, email, role string) staff.Actor {
	t.Helper()
	a := staff.Actor{Roles: staff.Roles{staff.Role(role)}}
	if err := db.QueryRow(t.Context(), `INSERT INTO staff (email, name, roles, password_hash) VALUES ($1, $1, ARRAY[$2], '') RETURNING id`, email, role).Scan(&a.ID); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestDeskList(t *testing.T) {
	t.Parallel()
	store, db, _ := library(t)
	ctx := t.Context()
	ilse := person(t, db.App, "ilse@example.org", "author")
	add := func(actor staff.Actor, w, h int, alt, caption, credit string) int64 {
		up := upload("IMG_1.png", asPNG(t, gradient(w, h, false)))
		up.Alt, up.Caption, up.Credit = alt, caption, credit
		m, err := store.Add(ctx, actor, up)
		if err != nil {
			t.Fatal(err)
		}
		return m.ID
	}
	wide := add(ilse, 30, 20, "A bridge", "Café at 50% off_the harbour", "Noor")
	tall := add(staff.System(), 20, 30, "", "The bridge", "")
	even := add(staff.System(), 20, 21, "A quay", "", "")
	paper, err := store.Add(ctx, ilse, upload("Convention.pdf", []byte("%PDF-1.7\n")))
	if err != nil {
		t.Fatal(err)
	}
	var lost media.Media
	inTx(t, db, func(ctx context.Context, tx pgx.Tx) (err error) {
		if err := media.Uses(ctx, tx, "article:7", []int64{wide, even}, false); err != nil {
			return err
		}
		if err := media.Uses(ctx, tx, "author:7", []int64{wide}, true); err != nil {
			return err
		}
		lost, err = store.AddMissing(ctx, tx, staff.System(), media.Missing{URL: "https://old.example/a.jpg"})
		return err
	})
	for name, tt := range map[string]struct {
		filter media.Filter
		want   []int64
	}{
		"all":              {media.Filter{}, []int64{lost.ID, paper.ID, even, tall, wide}},
		"mine":             {media.Filter{View: media.Mine, By: ilse.ID}, []int64{paper.ID, wide}},
		"nobody's":         {media.Filter{View: media.Mine}, nil},
		"no alt text":      {media.Filter{View: media.NoAlt}, []int64{tall}},
		"no credit":        {media.Filter{View: media.NoCredit}, []int64{even, tall}},
		"never used":       {media.Filter{View: media.Unused}, []int64{lost.ID, paper.ID, tall}},
		"files":            {media.Filter{View: media.Files}, []int64{paper.ID}},
		"missing":          {media.Filter{View: media.Lost}, []int64{lost.ID}},
		"withheld":         {media.Filter{View: media.Held}, nil},
		"wide":             {media.Filter{Outline: media.Lying}, []int64{wide}},
		"tall":             {media.Filter{Outline: media.Standing}, []int64{tall}},
		"square":           {media.Filter{Outline: media.Even}, []int64{even}},
		"a name":           {media.Filter{Q: "convention"}, []int64{paper.ID}},
		"words in two":     {media.Filter{Q: "  BRIDGE  cafe "}, []int64{wide}},
		"signs of LIKE":    {media.Filter{Q: "50% off_the"}, []int64{wide}},
		"no sign of LIKE":  {media.Filter{Q: "5_% bridge"}, nil},
		"a backslash":      {media.Filter{Q: `\`}, nil},
		"older":            {media.Filter{Before: even}, []int64{tall, wide}},
		"the newest":       {media.Filter{Limit: 2}, []int64{lost.ID, paper.ID}},
		"pictures":         {media.Filter{Pictures: true, Skip: 1}, []int64{tall, wide}},
		"to be downloaded": {media.Filter{Files: true}, []int64{paper.ID}},
		"since tomorrow":   {media.Filter{Since: time.Now().Add(24 * time.Hour)}, nil},
		"since yesterday":  {media.Filter{Since: time.Now().Add(-24 * time.Hour), View: media.Files}, []int64{paper.ID}},
	} {
		list, err := store.List(ctx, tt.filter)
		var got []int64
		for _, l := range list {
			got = append(got, l.ID)
		}
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, tt.want)
		}
	}
	desk(t, store, ilse)
}

// desk looks at a line of the list of TestDeskList, at its counts, and asks for a view that isn't there.
func desk(t *testing.T, store *media.Store, ilse staff.Actor) {
	t.Helper()
	ctx := t.Context()
	list, err := store.List(ctx, media.Filter{Q: "cafe"})
	if err != nil || list[0].Uses != 2 || list[0].Uploader != "ilse@example.org" {
		t.Errorf("line = %+v, %v", list, err)
	}
	var invalid *fault.Invalid
	if _, err := store.List(ctx, media.Filter{View: "x"}); !errors.As(err, &invalid) {
		t.Errorf("unknown view: %v", err)
	}
	counts, err := store.Counts(ctx, ilse.ID)
	if err != nil || counts[media.All] != 5 || counts[media.Mine] != 2 || counts[media.NoAlt] != 1 || counts[media.NoCredit] != 2 || counts[media.Unused] != 3 || counts[media.Files] != 1 || counts[media.Lost] != 1 || counts[media.Held] != 0 {
		t.Errorf("counts = %v, %v", counts, err)
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	store, _, _ := library(t)
	var made []media.Media
	for _, data := range [][]byte{[]byte("%PDF-1.7\na"), []byte("%PDF-1.7\nb"), []byte("%PDF-1.7\na")} {
		m, err := store.Add(t.Context(), staff.System(), upload("a.pdf", data))
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, m)
	}
	same, err := store.Same(t.Context(), made...)
	if err != nil || len(same) != 2 || len(same[made[0].ID]) != 1 || len(same[made[2].ID]) != 1 || same[made[2].ID][0].ID != made[0].ID {
		t.Errorf("same = %v, %v", same, err)
	}
	if same, err := store.Same(t.Context(), made[1]); err != nil || len(same) != 0 {
		t.Errorf("same = %v, %v", same, err)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	store, db, dir := library(t)
	ctx := t.Context()
	ilse, noor, admin := person(t, db.App, "ilse@example.org", "author"), person(t, db.App, "noor@example.org", "author"), person(t, db.App, "admin@example.org", "admin")
	add := func() media.Media {
		m, err := store.Add(ctx, ilse, upload("a.pdf", []byte("%PDF-1.7\n")))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	keeps := func(m media.Media, why string) {
		t.Helper()
		var invalid *fault.Invalid
		if err := store.Delete(ctx, admin, m.ID); !errors.As(err, &invalid) || invalid.Fields["delete"] != "media.delete."+why {
			t.Errorf("delete = %v, want %s", err, why)
		}
	}
	draft, public, old, typed := add(), add(), add(), add()
	inTx(t, db, func(ctx context.Context, tx pgx.Tx) error {
		if err := media.Uses(ctx, tx, "article:7", []int64{draft.ID}, false); err != nil {
			return err
		}
		return media.Uses(ctx, tx, "article:8", []int64{public.ID}, true)
	})
	if _, err := db.Owner.Exec(ctx, `
		WITH a AS (INSERT INTO articles (kind) VALUES ('article') RETURNING id),
		r AS (INSERT INTO revisions (article_id, number, base, headline, standfirst, kicker, dateline, label, slug, language, blocks, image_alt, image_caption, image_credit, also, tags, note, at)
			SELECT id, 1, 0, '', '', '', '', 'news', '', 'en', jsonb_build_array(jsonb_build_object('id', 'abcdefgh', 'html', $1::text)), '', '', '', '{}', '{}', '', now() FROM a)
		INSERT INTO autosaves (article_id, person_id, base, fields, at) SELECT id, $3, 1, jsonb_build_object('body', $2::text), now() FROM a`,
		`<p class="file"><a data-media="`+id(old)+`">x</a></p>`, `<p class="file"><a data-media="`+id(typed)+`">x</a></p>`, ilse.ID); err != nil {
		t.Fatal(err)
	}
	keeps(draft, "used")
	keeps(public, "published")
	keeps(old, "kept")
	keeps(typed, "kept")
	free := add()
	if err := store.Delete(ctx, noor, free.ID); !errors.Is(err, fault.Forbidden) {
		t.Errorf("somebody else's: %v", err)
	}
	before := len(files(t, dir))
	if err := store.Delete(ctx, ilse, free.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := store.ByID(ctx, free.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("deleted: %v", err)
	}
	if after := len(files(t, dir)); after != before-2 {
		t.Errorf("%d files, then %d", before, after)
	}
	if err := store.Delete(ctx, ilse, free.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	var acts int
	if err := db.Owner.QueryRow(ctx, `SELECT count(*) FROM audit WHERE act = 'media.delete'`).Scan(&acts); err != nil || acts != 1 {
		t.Errorf("%d acts, %v", acts, err)
	}
}

// TestDeleteRace: who begins to use a picture while it is deleted either keeps it or is told.
func TestDeleteRace(t *testing.T) {
	t.Parallel()
	store, db, _ := library(t)
	ctx := t.Context()
	for range 20 {
		m, err := store.Add(ctx, staff.System(), upload("a.pdf", []byte("%PDF-1.7\n")))
		if err != nil {
			t.Fatal(err)
		}
		used := make(chan error)
		go func() {
			used <- pgx.BeginFunc(ctx, db.App, func(tx pgx.Tx) error { return media.Uses(ctx, tx, "article:7", []int64{m.ID}, false) })
		}()
		gone := store.Delete(ctx, staff.System(), m.ID)
		var invalid *fault.Invalid
		switch err := <-used; {
		case err == nil && errors.As(gone, &invalid): // it was used first
		case gone == nil && errors.As(err, &invalid): // it was deleted first
		default:
			t.Fatalf("deleted: %v, used: %v", gone, err)
		}
	}
}

func TestWithhold(t *testing.T) {
	t.Parallel()
	store, db, _ := library(t)
	ctx := t.Context()
	ilse, admin := person(t, db.App, "ilse@example.org", "editor"), person(t, db.App, "admin@example.org", "admin")
	paper, err := store.Add(ctx, ilse, upload("a.pdf", []byte("%PDF-1.7\n")))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := store.Add(ctx, ilse, upload("a.png", asPNG(t, gradient(900, 600, false))))
	if err != nil {
		t.Fatal(err)
	}
	ids := []int64{paper.ID, picture.ID}
	inTx(t, db, func(ctx context.Context, tx pgx.Tx) error { return media.Uses(ctx, tx, "article:7", ids, true) })
	reader := media.NewReader(db.Reader)
	served := func(m media.Media) int { return get(store, "GET", m.URL(m.Variants[0])).Code }
	for _, m := range []media.Media{paper, picture} {
		if err := store.Withhold(ctx, ilse, m.ID); !errors.Is(err, fault.Forbidden) {
			t.Errorf("by an editor: %v", err)
		}
		if err := store.Withhold(ctx, admin, m.ID); err != nil {
			t.Fatal(err)
		}
		for _, v := range m.Variants {
			if w := get(store, "GET", m.URL(v)); w.Code != http.StatusNotFound {
				t.Errorf("%s = %d while withheld", v.Name, w.Code)
			}
		}
		if err := store.Withhold(ctx, admin, m.ID); !errors.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
	}
	if found, err := reader.LiveByIDs(ctx, ids); err != nil || len(found) != 0 {
		t.Errorf("readers get %v, %v", found, err)
	}
	for _, m := range []media.Media{paper, picture} {
		if err := store.Release(ctx, ilse, m.ID); !errors.Is(err, fault.Forbidden) {
			t.Errorf("released by an editor: %v", err)
		}
		if err := store.Release(ctx, admin, m.ID); err != nil {
			t.Fatal(err)
		}
		if err := store.Release(ctx, admin, m.ID); !errors.Is(err, fault.Conflict) {
			t.Errorf("released twice: %v", err)
		}
	}
	if served(paper) != http.StatusOK {
		t.Error("the file isn't back")
	}
	if err := store.Develop(ctx, picture.ID); err != nil || served(picture) != http.StatusOK {
		t.Errorf("the picture isn't back: %v", err)
	}
	if found, err := reader.LiveByIDs(ctx, ids); err != nil || len(found) != 2 {
		t.Errorf("readers get %v, %v", found, err)
	}
	var acts int
	if err := db.Owner.QueryRow(ctx, `SELECT count(*) FROM audit WHERE act IN ('media.withhold', 'media.release')`).Scan(&acts); err != nil || acts != 4 {
		t.Errorf("%d acts, %v", acts, err)
	}
}

// TestWithheldWhileMade: what a job makes of a picture that was withheld or deleted meanwhile is served to nobody.
func TestWithheldWhileMade(t *testing.T) {
	t.Parallel()
	store, db, dir := library(t)
	ctx := t.Context()
	admin := person(t, db.App, "admin@example.org", "admin")
	add := func() media.Media {
		m, err := store.Add(ctx, admin, upload("a.png", asPNG(t, gradient(900, 600, false))))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	// put is what a job that was at work wrote after the act.
	put := func(m media.Media) string {
		blobs, err := media.OpenDir(dir)
		if err == nil {
			err = errors.Join(blobs.Put(ctx, m.Key, "800.jpg", strings.NewReader("x")), blobs.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		return "/media/" + m.Key + "/800.jpg"
	}
	withheld := add()
	if err := store.Withhold(ctx, admin, withheld.ID); err != nil {
		t.Fatal(err)
	}
	at := put(withheld)
	if err := store.Develop(ctx, withheld.ID); err != nil || get(store, "GET", at).Code != http.StatusNotFound {
		t.Errorf("withheld, and made all the same: %v", err)
	}
	if err := store.Update(ctx, admin, withheld.ID, media.Words{FocalX: 0.1, FocalY: 0.1}); err != nil {
		t.Fatal(err)
	}
	if err := store.Develop(ctx, withheld.ID); err != nil || len(files(t, dir)) != 1 {
		t.Errorf("another point makes files of what is withheld: %v, %v", err, files(t, dir))
	}
	if err := store.Release(ctx, admin, withheld.ID); err != nil {
		t.Fatal(err)
	}
	if err := store.Develop(ctx, withheld.ID); err != nil {
		t.Fatal(err)
	}
	if m, err := store.ByID(ctx, withheld.ID); err != nil || m.State != media.Ready || len(m.Variants) == 0 || get(store, "GET", m.URL(m.Variants[0])).Code != http.StatusOK {
		t.Errorf("released: %+v, %v", m, err)
	}
}

func id(m media.Media) string { return strconv.FormatInt(m.ID, 10) }
