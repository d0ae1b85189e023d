package media_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/pgtest"
	"stet/internal/staff"
)

// library is a store over a database and a directory of its own.
func library(t *testing.T) (*media.Store, *pgtest.DB, string) {
	t.Helper()
	db, dir := pgtest.New(t), t.TempDir()
	blobs, err := media.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := blobs.Close(); err != nil {
			t.Error(err)
		}
	})
	store := media.New(db.App, blobs)
	store.Vips = "" // that every machine makes the same
	return store, db, dir
}

// files lists all files below dir by their base names.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

// gradient draws a picture whose corners differ; clear leaves its middle transparent.
func gradient(w, h int, clear bool) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: uint8(255 * x / w), G: uint8(255 * y / h), B: 90, A: 255}
			if clear && x > w/3 && x < 2*w/3 {
				c.A = 0
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func asJPEG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func upload(name string, data []byte) media.Upload {
	return media.Upload{Name: name, Reader: bytes.NewReader(data)}
}

func variantNames(m media.Media) (names []string) {
	for _, v := range m.Variants {
		names = append(names, v.Name)
	}
	return names
}

func TestEveryUpload(t *testing.T) {
	t.Parallel()
	store, _, dir := library(t)
	animated := gif.GIF{LoopCount: 0}
	for range 3 {
		animated.Image = append(animated.Image, image.NewPaletted(image.Rect(0, 0, 400, 300), color.Palette{color.White, color.Black}))
		animated.Delay = append(animated.Delay, 5)
	}
	var moving bytes.Buffer
	if err := gif.EncodeAll(&moving, &animated); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, mime string
		data       []byte
		w, h       int
		want       string // at once
		whole      string // the widths of the whole picture, once it is made
		cuts       string
	}{
		{"wide.jpg", "image/jpeg", asJPEG(t, gradient(2400, 1200, false)), 2400, 1200, "400.jpg", "400 800 1280 1920", "16x9 400 800 1280 3x2 400 800 1280 1x1 400 800 4x5 400 800 191x100 1200"},
		{"middling.jpg", "image/jpeg", asJPEG(t, gradient(1000, 700, false)), 1000, 700, "400.jpg", "400 800 1000", "16x9 400 800 1000 3x2 400 800 1000 1x1 400 700 4x5 400 560 191x100 1000"},
		{"list.jpg", "image/jpeg", asJPEG(t, gradient(600, 400, false)), 600, 400, "400.jpg", "400 600", "16x9 400 600 1x1 400 4x5 320 191x100 600"},
		{"exact.jpg", "image/jpeg", asJPEG(t, gradient(640, 10, false)), 640, 10, "400.jpg", "400 640", ""},
		{"tiny.png", "image/png", asPNG(t, gradient(3, 2, false)), 3, 2, "3.jpg", "3", ""},
		{"high.png", "image/png", asPNG(t, gradient(1, 2000, false)), 1, 2000, "1.jpg", "1", ""},
		{"clear.png", "image/png", asPNG(t, gradient(700, 400, true)), 700, 400, "400.png", "400 700", "16x9 400 700 3x2 400 600 1x1 400 4x5 320 191x100 700"},
		{"named.jpg", "image/gif", moving.Bytes(), 400, 300, "400.jpg", "400", "16x9 400 3x2 400 1x1 300 4x5 240 191x100 400"},
		{"paper.pdf", "application/pdf", []byte("%PDF-1.7\nwords"), 0, 0, "paper.pdf", "", ""},
		{"talk.mp3", "audio/mpeg", tagged(mpeg(2)), 0, 0, "talk.mp3", "", ""},
	} {
		m, err := store.Add(t.Context(), staff.System(), upload(test.name, test.data))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if m.MIME != test.mime || m.Width != test.w || m.Height != test.h || !slices.Equal(variantNames(m), []string{test.want}) || m.Bytes != int64(len(test.data)) || len(m.SHA256) != 32 {
			t.Errorf("%s = %+v, want %s %dx%d %v", test.name, m, test.mime, test.w, test.h, test.want)
		}
		m = developed(t, store, m.ID)
		whole, cuts := shapesOf(m)
		if m.Width > 0 && (m.State != media.Ready || whole != test.whole || cuts != test.cuts) {
			t.Errorf("%s is %s with %q and %q, want %q and %q", test.name, m.State, whole, cuts, test.whole, test.cuts)
		}
		for _, v := range m.Variants {
			data, err := os.ReadFile(filepath.Join(dir, m.Key[:2], m.Key, v.Name))
			if err != nil {
				t.Fatal(err)
			}
			c, kind, err := image.DecodeConfig(bytes.NewReader(data))
			if m.Width > 0 && (err != nil || c.Width != v.Width || c.Height != v.Height || "image/"+kind != v.MIME || len(data) != v.Bytes) {
				t.Errorf("%s %s is %dx%d %s, %v", test.name, v.Name, c.Width, c.Height, kind, err)
			}
		}
		if stored, err := os.ReadFile(filepath.Join(dir, m.Key[:2], m.Key, "original")); err != nil || !bytes.Equal(stored, test.data) {
			t.Errorf("%s: the original isn't kept: %v", test.name, err)
		}
	}
	list, err := store.List(t.Context(), media.Filter{Q: "CLEAR"})
	if err != nil || len(list) != 1 || list[0].Name != "clear.png" {
		t.Errorf("List = %v, %v", list, err)
	}
}

// developed makes the rest of a picture and reads it anew.
func developed(t *testing.T, store *media.Store, id int64) media.Media {
	t.Helper()
	if err := store.Develop(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	m, err := store.ByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shapesOf lists the widths of the whole picture and of each of its cuts; each but the cut for other sites is there as WebP too.
func shapesOf(m media.Media) (whole, cuts string) {
	have, last := variantNames(m), media.Shape("")
	for _, v := range m.Variants {
		if v.MIME == "image/webp" {
			continue
		}
		if webp := strings.TrimSuffix(v.Name, filepath.Ext(v.Name)) + ".webp"; v.Crop != media.Share && !slices.Contains(have, webp) {
			cuts += "no " + webp
		}
		if v.Crop == "" {
			whole += " " + strconv.Itoa(v.Width)
			continue
		}
		if v.Crop != last {
			cuts, last = cuts+" "+string(v.Crop), v.Crop
		}
		cuts += " " + strconv.Itoa(v.Width)
	}
	return strings.TrimSpace(whole), strings.TrimSpace(cuts)
}

// refusedFor checks that an upload was refused with this word to the person.
func refusedFor(t *testing.T, err error, want string) {
	t.Helper()
	if invalid, ok := errors.AsType[*fault.Invalid](err); !ok || invalid.Fields["file"] != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// header makes the beginning of a PNG that claims to be w by h.
func header(w, h uint32) []byte {
	chunk := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	chunk = append(binary.BigEndian.AppendUint32(chunk, h), 8, 6, 0, 0, 0)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), uint32(len(chunk)-4))
	return binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk))
}

// What is refused leaves no row and no file.
func TestAddRefuses(t *testing.T) {
	t.Parallel()
	store, _, dir := library(t)
	photo := asJPEG(t, gradient(200, 100, false))
	for _, test := range []struct {
		name, field, want string
		up                media.Upload
	}{
		{"empty", "file", "media.file.empty", upload("a.jpg", nil)},
		{"html", "file", "media.file.type", upload("a.jpg", []byte("<html><script>alert(1)</script>"))},
		{"svg", "file", "media.file.type", upload("a.png", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`))},
		{"text", "file", "media.file.type", upload("a.pdf", []byte("words"))},
		{"zip", "file", "media.file.type", upload("a.png", []byte("PK\x03\x04"))},
		{"cut off", "file", "media.file.broken", upload("a.jpg", photo[:len(photo)/2])},
		{"header only", "file", "media.file.broken", upload("a.png", header(10, 10))},
		{"too many pixels", "file", "media.file.pixels", upload("a.png", header(20_000, 20_000))},
		{"too wide", "file", "media.file.pixels", upload("a.png", header(70_000, 1))},
		{"too large", "file", "media.file.large", media.Upload{Name: "a.jpg", Reader: io.MultiReader(bytes.NewReader(photo), io.LimitReader(zeros{}, media.MaxBytes))}},
		{"bad alt", "alt", "field.characters", media.Upload{Reader: bytes.NewReader(photo), Alt: "a\u202eb"}},
		{"long credit", "credit", "field.long", media.Upload{Reader: bytes.NewReader(photo), Credit: strings.Repeat("x", 201)}},
	} {
		_, err := store.Add(t.Context(), staff.System(), test.up)
		var invalid *fault.Invalid
		if !errors.As(err, &invalid) || invalid.Fields[test.field] != test.want {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
	if _, err := store.Add(t.Context(), staff.Actor{ID: 1, Roles: staff.Roles{staff.Moderator}}, upload("a.jpg", photo)); !errors.Is(err, fault.Forbidden) {
		t.Errorf("upload by a moderator: %v", err)
	}
	if _, err := store.Add(t.Context(), staff.System(), media.Upload{Reader: failing{}}); err == nil {
		t.Error("an upload that broke off was taken")
	}
	// The row can't be written: nobody has this id.
	if _, err := store.Add(t.Context(), staff.Actor{ID: 99, Roles: staff.Roles{staff.Admin}}, upload("a.jpg", photo)); err == nil {
		t.Error("an upload by nobody was taken")
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("files left: %v", left)
	}
	if list, err := store.List(t.Context(), media.Filter{}); err != nil || len(list) != 0 {
		t.Errorf("rows left: %v, %v", list, err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("connection lost") }

func inTx(t *testing.T, db *pgtest.DB, step func(ctx context.Context, tx pgx.Tx) error) {
	t.Helper()
	if err := pgx.BeginFunc(t.Context(), db.App, func(tx pgx.Tx) error { return step(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func TestUses(t *testing.T) {
	t.Parallel()
	store, db, _ := library(t)
	ctx := t.Context()
	var ids []int64
	for range 3 {
		m, err := store.Add(ctx, staff.System(), upload("a.png", asPNG(t, gradient(4, 4, false))))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.ID)
	}
	uses := func(public bool, of ...int64) {
		inTx(t, db, func(ctx context.Context, tx pgx.Tx) error { return media.Uses(ctx, tx, "article:1", of, public) })
	}
	reader := media.NewReader(db.Reader)
	live := func() (out []int64) {
		found, err := reader.LiveByIDs(ctx, ids)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if m, ok := found[id]; ok {
				out = append(out, m.ID)
				if m.Alt != "" || m.CreatedBy != 0 {
					t.Errorf("readers see %+v", m)
				}
			}
		}
		return out
	}
	uses(false, ids[0], ids[1])
	if got := live(); got != nil {
		t.Errorf("a draft's pictures are readable: %v", got)
	}
	uses(true, ids[0])
	uses(false, ids[2]) // the next draft shows another one
	if got := live(); !slices.Equal(got, ids[:1]) {
		t.Errorf("readable = %v, want what was public", got)
	}
	for id, want := range map[int64]int{ids[0]: 1, ids[1]: 0, ids[2]: 1} {
		if got, err := store.UsedBy(ctx, id); err != nil || len(got) != want {
			t.Errorf("uses of %d = %v, %v, want %d", id, got, err, want)
		}
	}
	uses(false)
	uses(true, ids[0], ids[0], ids[2])
	if got := live(); !slices.Equal(got, []int64{ids[0], ids[2]}) {
		t.Errorf("readable = %v", got)
	}
	found, err := media.ByIDs(ctx, db.App, []int64{ids[1], 999})
	if err != nil || len(found) != 1 || found[ids[1]].ID != ids[1] {
		t.Errorf("ByIDs = %v, %v", found, err)
	}
}

func TestMissingAndFill(t *testing.T) {
	t.Parallel()
	store, db, dir := library(t)
	ctx := t.Context()
	var lost media.Media
	inTx(t, db, func(ctx context.Context, tx pgx.Tx) (err error) {
		lost, err = store.AddMissing(ctx, tx, staff.System(), media.Missing{URL: "https://old.example/wp-content/uploads/2012/03/Bridge.jpg", Alt: "The bridge"})
		return err
	})
	if lost.Name != "Bridge.jpg" || !lost.Picture().Missing || lost.MissingFrom == "" {
		t.Errorf("missing = %+v", lost)
	}
	found, err := store.List(ctx, media.Filter{View: media.Lost})
	if err != nil || len(found) != 1 {
		t.Errorf("missing ones = %v, %v", found, err)
	}
	photo := asJPEG(t, gradient(800, 400, false))
	filled, err := store.Fill(ctx, staff.System(), lost.ID, media.Upload{Name: "bridge-2.jpg", Reader: bytes.NewReader(photo), Alt: "Another", Credit: "A. Photographer"})
	if err != nil || filled.ID != lost.ID || filled.MissingFrom != "" || filled.Alt != "The bridge" || filled.Credit != "A. Photographer" || filled.Key == lost.Key {
		t.Errorf("filled = %+v, %v", filled, err)
	}
	before := files(t, dir)
	if _, err := store.Fill(ctx, staff.System(), lost.ID, upload("again.jpg", photo)); !errors.Is(err, fault.Conflict) {
		t.Errorf("fill twice: %v", err)
	}
	if _, err := store.Fill(ctx, staff.System(), 999, upload("none.jpg", photo)); !errors.Is(err, fault.NotFound) {
		t.Errorf("fill nothing: %v", err)
	}
	if after := files(t, dir); !slices.Equal(before, after) {
		t.Errorf("refused fills left files: %v", after)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	store, db, _ := library(t)
	ctx := t.Context()
	var person int64
	if err := db.App.QueryRow(ctx, `INSERT INTO staff (email, name, roles, password_hash) VALUES ('a@example.org', 'A', '{author}', '') RETURNING id`).Scan(&person); err != nil {
		t.Fatal(err)
	}
	own := staff.Actor{ID: person, Roles: staff.Roles{staff.Author}}
	m, err := store.Add(ctx, own, upload("a.png", asPNG(t, gradient(4, 4, false))))
	if err != nil || m.CreatedBy != person {
		t.Fatalf("Add = %+v, %v", m, err)
	}
	words := media.Words{Alt: " A  bridge ", Caption: "The bridge", Credit: "A. Photographer", FocalX: 0.25, FocalY: 1}
	if err := store.Update(ctx, own, m.ID, words); err != nil {
		t.Fatal(err)
	}
	got, err := store.ByID(ctx, m.ID)
	if err != nil || got.Alt != "A bridge" || got.FocalX != 0.25 || got.FocalY != 1 {
		t.Errorf("updated = %+v, %v", got, err)
	}
	if err := store.Update(ctx, staff.Actor{ID: person + 1, Roles: staff.Roles{staff.Author}}, m.ID, words); !errors.Is(err, fault.Forbidden) {
		t.Errorf("somebody else's: %v", err)
	}
	words.FocalX = 1.5
	var invalid *fault.Invalid
	if err := store.Update(ctx, staff.System(), m.ID, words); !errors.As(err, &invalid) {
		t.Errorf("a point outside: %v", err)
	}
	if _, err := store.ByID(ctx, 999); !errors.Is(err, fault.NotFound) {
		t.Errorf("ByID of nothing: %v", err)
	}
}
