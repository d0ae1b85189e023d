package media_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stet/internal/media"
	"stet/internal/staff"
)

// withExif puts Exif data with an orientation and a place into a JPEG.
func withExif(jpeg []byte, turn byte) []byte {
	tiff := "MM\x00*\x00\x00\x00\x08" + "\x00\x01" + "\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(turn) + "\x00\x00" + "\x00\x00\x00\x00GPS 51.5N"
	segment := "Exif\x00\x00" + tiff
	app1 := "\xff\xe1" + string([]byte{byte((len(segment) + 2) >> 8), byte(len(segment) + 2)}) + segment
	return append([]byte("\xff\xd8"+app1), jpeg[2:]...)
}

// turned draws a picture as a camera held in that way stores it.
func turned(m *image.NRGBA, turn int) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if turn >= 5 {
		w, h = h, w
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			X, Y := m.Rect.Dx()-1-x, m.Rect.Dy()-1-y
			at := map[int]image.Point{1: {x, y}, 2: {X, y}, 3: {X, Y}, 4: {x, Y}, 5: {y, x}, 6: {y, X}, 7: {Y, X}, 8: {Y, x}}[turn]
			out.SetNRGBA(at.X, at.Y, m.NRGBAAt(x, y))
		}
	}
	return out
}

func TestOrientation(t *testing.T) {
	t.Parallel()
	store, _, dir := library(t)
	want := gradient(60, 40, false)
	for turn := 1; turn <= 8; turn++ {
		data := withExif(asJPEG(t, turned(want, turn)), byte(turn))
		m, err := store.Add(t.Context(), staff.System(), upload("a.jpg", data))
		if err != nil || m.Width != 60 || m.Height != 40 {
			t.Errorf("orientation %d: %dx%d, %v", turn, m.Width, m.Height, err)
			continue
		}
		got := variant(t, dir, m, 0)
		if bytes.Contains(got, []byte("GPS")) || bytes.Contains(got, []byte("Exif")) {
			t.Errorf("orientation %d: metadata is served", turn)
		}
		shown, _, err := image.Decode(bytes.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		if d := difference(shown, want); d > 12 {
			t.Errorf("orientation %d is shown wrong: %.0f apart", turn, d)
		}
	}
}

func variant(t *testing.T, dir string, m media.Media, i int) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, m.Key[:2], m.Key, m.Variants[i].Name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// difference is how far apart two pictures of one size are, 0 to 255 on the mean.
func difference(a, b image.Image) float64 {
	size := a.Bounds().Size()
	sum := 0.0
	for y := range size.Y {
		for x := range size.X {
			r, g, bl, _ := a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y).RGBA()
			r2, g2, b2, _ := b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y).RGBA()
			for _, d := range []int{int(r) - int(r2), int(g) - int(g2), int(bl) - int(b2)} {
				sum += float64(max(d, -d)) / 257
			}
		}
	}
	return sum / float64(3*size.X*size.Y)
}

// corpus finds a folder of the shared test data; empty where there is none.
func corpus(t *testing.T, folder string) string {
	t.Helper()
	dir := os.Getenv("STET_SHARED_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir = filepath.Join(dir, folder)
	if _, err := os.Stat(dir); err != nil {
		t.Log("corpus absent")
		return ""
	}
	return dir
}

// fact is what is known of a file of the corpus.
type fact struct {
	File        string
	Magic       string
	Width       int
	Height      int
	Shown       []int
	Orientation int
	Decodes     any // true, false, or why it wasn't tried
}

// shown is the size at which a picture is seen.
func (f fact) shown() (w, h int) {
	if len(f.Shown) == 2 {
		return f.Shown[0], f.Shown[1]
	}
	return f.Width, f.Height
}

func facts(t *testing.T, dir string) (all []fact) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "facts.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		var one fact
		if err := json.Unmarshal(s.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// damaged are files that one decoder mends and another refuses.
func damaged(file string) bool {
	return strings.HasPrefix(file, "fuzz") || strings.Contains(file, "trunc")
}

// All the turned copies of one photograph look alike.
func TestEveryOrientationOfCorpus(t *testing.T) {
	t.Parallel()
	dir := corpus(t, "images")
	if dir == "" {
		return
	}
	store, _, served := library(t)
	var first image.Image
	for _, name := range []string{"hopper.jpg", "hopper_orientation_2.jpg", "hopper_orientation_3.jpg", "hopper_orientation_4.jpg", "hopper_orientation_5.jpg",
		"hopper_orientation_6.jpg", "hopper_orientation_7.jpg", "hopper_orientation_8.jpg"} {
		m, err := add(t.Context(), store, filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, _, err := image.Decode(bytes.NewReader(variant(t, served, m, 0)))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if d := difference(got, first); d > 12 {
			t.Errorf("%s is shown wrong: %.0f apart", name, d)
		}
	}
}

func add(ctx context.Context, store *media.Store, file string) (media.Media, error) {
	f, err := os.Open(file)
	if err != nil {
		return media.Media{}, err
	}
	defer f.Close()
	return store.Add(ctx, staff.System(), media.Upload{Name: filepath.Base(file), Reader: f})
}

// What a photograph of 12 megapixels takes, from its upload until all its variants are there: processor time and peak memory of the children.
func BenchmarkPictureOf12Megapixels(b *testing.B) {
	var data bytes.Buffer
	if err := jpeg.Encode(&data, photograph(b), nil); err != nil {
		b.Fatal(err)
	}
	b.Run("upload", func(b *testing.B) { measure(b, data.Bytes(), false, "") })
	b.Run("rest", func(b *testing.B) { measure(b, data.Bytes(), true, "") })
	if vips := media.New(nil, nil).Vips; vips != "" {
		b.Run("rest with vipsthumbnail", func(b *testing.B) { measure(b, data.Bytes(), true, vips) })
	}
}

func measure(b *testing.B, data []byte, rest bool, vips string) {
	var all media.Cost
	for b.Loop() {
		c, err := media.Measured(b.Context(), file(b, data), rest, vips)
		if err != nil {
			b.Fatal(err)
		}
		all.CPU += c.CPU
		all.Peak = max(all.Peak, c.Peak)
	}
	b.ReportMetric(all.CPU.Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(float64(all.Peak)/(1<<20), "peak-MiB")
}

// file puts data into a file, as the place of the bytes does.
func file(tb testing.TB, data []byte) *os.File {
	tb.Helper()
	f, err := os.Create(filepath.Join(tb.TempDir(), "picture"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { f.Close() })
	if _, err := f.Write(data); err != nil {
		tb.Fatal(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		tb.Fatal(err)
	}
	return f
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
