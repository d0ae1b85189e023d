package media_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stet/internal/media"
	"stet/internal/staff"
)

// Another focal point makes new cuts under new addresses, the old files stay, and each change has its job.
func TestFocalPoint(t *testing.T) {
	t.Parallel()
	store, db, dir := library(t)
	ctx := t.Context()
	queued := func(id int64) (n int) {
		if err := db.App.QueryRow(ctx, `SELECT count(*) FROM river_job WHERE kind = 'picture' AND queue = 'heavy' AND (args->>'media')::bigint = $1`, id).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	m, err := store.Add(ctx, staff.System(), upload("a.jpg", asJPEG(t, gradient(450, 280, false))))
	if err != nil || m.State != media.Making || queued(m.ID) != 1 {
		t.Fatalf("added: %s, %d jobs, %v", m.State, queued(m.ID), err)
	}
	if whole, cut := m.Picture(), m.Crop(media.Square); cut.Src != whole.Src || cut.Missing {
		t.Errorf("while it is made a cut is %+v, want the whole picture", cut)
	}
	first := developed(t, store, m.ID)
	if cut := first.Crop(media.Square); cut.Width != cut.Height || !strings.HasSuffix(cut.Src, "/280-1x1-50-50.jpg") || len(cut.Sources) != 1 || cut.Sources[0].Type != "image/webp" {
		t.Errorf("cut = %+v", cut)
	}
	for _, words := range []media.Words{{FocalX: 0.5, FocalY: 0.5, Alt: "A"}, {FocalX: 0.9, FocalY: 0.2}} {
		if err := store.Update(ctx, staff.System(), m.ID, words); err != nil {
			t.Fatal(err)
		}
	}
	if n := queued(m.ID); n != 2 {
		t.Errorf("%d jobs, want one of the upload and one of the new focal point", n)
	}
	second := developed(t, store, m.ID)
	if cut := second.Crop(media.Square); !strings.HasSuffix(cut.Src, "/280-1x1-90-20.jpg") || len(second.Variants) != len(first.Variants) {
		t.Errorf("after another focal point: %+v, %v", cut, variantNames(second))
	}
	for _, v := range first.Variants {
		if _, err := os.Stat(filepath.Join(dir, m.Key[:2], m.Key, v.Name)); err != nil {
			t.Errorf("%s is gone: %v", v.Name, err)
		}
	}
}

// A picture that can't be made any more is noted as failed with the reason, and what there was of it stays.
func TestDevelopFails(t *testing.T) {
	t.Parallel()
	store, _, dir := library(t)
	m, err := store.Add(t.Context(), staff.System(), upload("a.jpg", asJPEG(t, gradient(450, 280, false))))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, m.Key[:2], m.Key, "original"), []byte("\xff\xd8\xff\xe0 broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	m = developed(t, store, m.ID)
	if m.State != media.Failed || m.Why != "media.file.broken" || m.Picture().Missing {
		t.Errorf("%s, %q, %+v", m.State, m.Why, m.Picture())
	}
}

// A job that was lost is put into the queue again an hour later.
func TestRetry(t *testing.T) {
	t.Parallel()
	store, db, _ := library(t)
	ctx := t.Context()
	if _, err := store.Add(ctx, staff.System(), upload("a.jpg", asJPEG(t, gradient(9, 9, false)))); err != nil {
		t.Fatal(err)
	}
	jobs := func() (n int) {
		if err := db.App.QueryRow(ctx, `SELECT count(*) FROM river_job WHERE kind = 'picture'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i, at := range []time.Duration{0, 59 * time.Minute, 61 * time.Minute} {
		store.Now = func() time.Time { return time.Now().Add(at) }
		if err := store.Retry(ctx); err != nil {
			t.Fatal(err)
		}
		if want := 1 + i/2; jobs() != want {
			t.Errorf("after %s: %d jobs, want %d", at, jobs(), want)
		}
	}
}

// An upload whose person has gone is given up, with its child.
func TestUploadEnds(t *testing.T) {
	t.Parallel()
	store, _, dir := library(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Prepare(ctx, upload("a.jpg", asJPEG(t, gradient(450, 280, false)))); err == nil {
		t.Error("an upload nobody waits for was taken")
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("files left: %v", left)
	}
}
