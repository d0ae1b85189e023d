package media_test

import (
	"errors"
	"image"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stet/internal/media"
)

func TestDir(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	blobs, err := media.OpenDir(filepath.Join(dir, "deep", "media"))
	if err != nil {
		t.Fatal(err)
	}
	defer blobs.Close()
	const key = "abcdefghijklmnopqrstuvwxyz"
	if err := blobs.Put(ctx, key, "1.jpg", strings.NewReader("one")); err != nil {
		t.Fatal(err)
	}
	if err := blobs.Put(ctx, key, "2.jpg", io.MultiReader(strings.NewReader("half"), failing{})); err == nil {
		t.Error("a file that broke off was taken")
	}
	f, err := blobs.Open(ctx, key, "1.jpg")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil || string(got) != "one" {
		t.Errorf("read %q, %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secret"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "secret"), filepath.Join(dir, "deep", "media", "ab", key, "3.jpg")); err != nil {
		t.Fatal(err)
	}
	for _, at := range [][2]string{{key, "2.jpg"}, {key, "2.jpg.part"}, {key, ""}, {key, "../../../../secret"}, {"..", "../secret"}, {key, "3.jpg"}, {"", ""}} {
		if f, err := blobs.Open(ctx, at[0], at[1]); err == nil {
			t.Errorf("Open(%q, %q) gave a file", at[0], at[1])
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	for range 2 {
		if err := blobs.Remove(ctx, key); err != nil {
			t.Error(err)
		}
	}
	if _, err := blobs.Open(ctx, key, "1.jpg"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Remove: %v", err)
	}
}

// photograph is a picture of 12 megapixels with enough noise to be as heavy as a real one.
func photograph(b *testing.B) image.Image {
	b.Helper()
	m := gradient(4000, 3000, false)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		if i%4 != 3 {
			m.Pix[i] += uint8(r.IntN(24))
		}
	}
	return m
}
