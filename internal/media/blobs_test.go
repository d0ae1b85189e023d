package media_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/s3test"
)

// stores are the two places of the bytes, each empty. What holds for one holds for the other.
var stores = map[string]func(t *testing.T) media.Blobs{
	"directory": func(t *testing.T) media.Blobs { return directory(t, t.TempDir()) },
	"bucket":    func(t *testing.T) media.Blobs { return bucket(t, s3test.New(t), "") },
	"bucket's folder": func(t *testing.T) media.Blobs {
		b := s3test.New(t)
		put(t, bucket(t, b, "another"), key, "1.jpg", "somebody else's")
		return bucket(t, b, "site/pictures")
	},
}

const key = "abcdefghijklmnopqrstuvwxyz"

func directory(t *testing.T, dir string) *media.Dir {
	t.Helper()
	blobs, err := media.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	return blobs
}

func bucket(t *testing.T, b s3test.Bucket, prefix string) *media.S3 {
	t.Helper()
	blobs, err := media.OpenS3(media.S3Options{Bucket: b.Name, Prefix: prefix, Endpoint: b.Endpoint, Region: b.Region, Key: b.Key, Secret: b.Secret})
	if err != nil {
		t.Fatal(err)
	}
	return blobs
}

func put(t *testing.T, blobs media.Blobs, key, name, body string) {
	t.Helper()
	if err := blobs.Put(t.Context(), key, name, strings.NewReader(body)); err != nil {
		t.Fatal(err)
	}
}

// read is what stands in a file.
func read(t *testing.T, blobs media.Blobs, key, name string) string {
	t.Helper()
	f, err := blobs.Open(t.Context(), key, name)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// walk lists all files as KEY/NAME SIZE, sorted.
func walk(t *testing.T, blobs media.Blobs) (list []string) {
	t.Helper()
	err := blobs.Walk(t.Context(), func(b media.Blob) error {
		list = append(list, fmt.Sprintf("%s/%s %d", b.Key, b.Name, b.Size))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// each runs a test over both places.
func each(t *testing.T, test func(t *testing.T, blobs media.Blobs)) {
	t.Parallel()
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func TestBlobsKeepWhatTheyWereGiven(t *testing.T) {
	each(t, func(t *testing.T, blobs media.Blobs) {
		large := make([]byte, 12<<20+7) // three parts of a bucket's
		for i := range large {
			large[i] = byte(rand.Uint32())
		}
		for name, body := range map[string]string{"1.jpg": "one", "empty": "", "original": string(large)} {
			put(t, blobs, key, name, body)
			if got := read(t, blobs, key, name); got != body {
				t.Errorf("%s: read %d bytes that differ from the %d stored", name, len(got), len(body))
			}
		}
		put(t, blobs, key, "1.jpg", "another one")
		if got := read(t, blobs, key, "1.jpg"); got != "another one" {
			t.Errorf("after it was put again: %q", got)
		}
		if got, want := walk(t, blobs), []string{key + "/1.jpg 11", key + "/empty 0", fmt.Sprintf("%s/original %d", key, len(large))}; !slices.Equal(got, want) {
			t.Errorf("Walk found %q, want %q", got, want)
		}
	})
}

func TestBlobsTakeAFileAsAWholeOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, blobs media.Blobs) {
		put(t, blobs, key, "there.jpg", "before")
		for name, cut := range map[string]error{"2.jpg": fault.Field("file", "media.file.large"), "3.jpg": io.ErrUnexpectedEOF, "there.jpg": io.ErrUnexpectedEOF} {
			for _, length := range []int{4, 5<<20 + 1, 11 << 20} {
				err := blobs.Put(t.Context(), key, name, io.MultiReader(bytes.NewReader(make([]byte, length)), breaking{cut}))
				if !errors.Is(err, cut) {
					t.Errorf("%s, broken off after %d bytes: %v, want %v", name, length, err, cut)
				}
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		err := blobs.Put(ctx, key, "4.jpg", io.MultiReader(bytes.NewReader(make([]byte, 6<<20)), calling{cancel}, breaking{context.Canceled}))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
		if got := walk(t, blobs); !slices.Equal(got, []string{key + "/there.jpg 6"}) {
			t.Errorf("Walk found %q", got)
		}
		if got := read(t, blobs, key, "there.jpg"); got != "before" {
			t.Errorf("what was there has %d bytes now", len(got))
		}
	})
}

// breaking is a reader that fails.
type breaking struct{ err error }

func (b breaking) Read([]byte) (int, error) { return 0, b.err }

// calling is an empty reader that calls something.
type calling struct{ do func() }

func (c calling) Read([]byte) (int, error) { c.do(); return 0, io.EOF }

func TestBlobsAreReadFromAnywhere(t *testing.T) {
	each(t, func(t *testing.T, blobs media.Blobs) {
		const body = "0123456789"
		put(t, blobs, key, "1.jpg", body)
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f, err := blobs.Open(r.Context(), key, "1.jpg")
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			http.ServeContent(w, r, "1.jpg", time.Time{}, f)
		})
		for ranges, want := range map[string]string{"": body, "bytes=0-": body, "bytes=2-4": "234", "bytes=-3": "789", "bytes=9-": "9", "bytes=4-100": "456789"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.Header.Set("Range", ranges)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if got := w.Body.String(); got != want {
				t.Errorf("Range %q: %d %q, want %q", ranges, w.Code, got, want)
			}
		}
		f, err := blobs.Open(t.Context(), key, "1.jpg")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		b := make([]byte, 2)
		for _, from := range []int64{8, 0, 2, 5} {
			if _, err := f.Seek(from, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(f, b); err != nil || string(b) != body[from:from+2] {
				t.Errorf("at %d: %q, %v", from, b, err)
			}
		}
		if at, err := f.Seek(-1, io.SeekCurrent); err != nil || at != 6 {
			t.Errorf("one back: %d, %v", at, err)
		}
		if _, err := f.Seek(-11, io.SeekEnd); err == nil {
			t.Error("a place before the start was taken")
		}
		if at, err := f.Seek(0, io.SeekEnd); err != nil || at != 10 {
			t.Errorf("the end: %d, %v", at, err)
		}
		if n, err := f.Read(b); n != 0 || err != io.EOF {
			t.Errorf("at the end: %d, %v", n, err)
		}
	})
}

func TestBlobsThatAreNotThere(t *testing.T) {
	each(t, func(t *testing.T, blobs media.Blobs) {
		put(t, blobs, key, "1.jpg", "one")
		for _, at := range [][2]string{{key, "2.jpg"}, {key, "1.jpg.part"}, {key, ""}, {key, "../../../../secret"}, {"..", "../secret"}, {"", ""}, {key, ".."}, {"ab", key}, {"nothing-has-this-key", "1.jpg"}} {
			f, err := blobs.Open(t.Context(), at[0], at[1])
			if err == nil {
				t.Errorf("Open(%q, %q) gave a file", at[0], at[1])
				f.Close()
			}
		}
		if _, err := blobs.Open(t.Context(), key, "2.jpg"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Open of nothing: %v, want fs.ErrNotExist", err)
		}
	})
}

func TestBlobsGoWithTheirKey(t *testing.T) {
	each(t, func(t *testing.T, blobs media.Blobs) {
		const other = "abzzzzzzzzzzzzzzzzzzzzzzzz"
		for _, name := range []string{"original", "400.jpg", "800.jpg"} {
			put(t, blobs, key, name, name)
			put(t, blobs, other, name, name)
		}
		for range 2 {
			if err := blobs.Strip(t.Context(), key, "original"); err != nil {
				t.Error(err)
			}
		}
		if got := walk(t, blobs); len(got) != 4 || !slices.Contains(got, key+"/original 8") {
			t.Errorf("after Strip: %q", got)
		}
		for range 2 {
			if err := blobs.Remove(t.Context(), key); err != nil {
				t.Error(err)
			}
		}
		if _, err := blobs.Open(t.Context(), key, "original"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after Remove: %v", err)
		}
		if got := walk(t, blobs); len(got) != 3 {
			t.Errorf("after Remove: %q", got)
		}
	})
}

// TestDirHasNoWayOut keeps to the directory what a name or a link would lead out of it.
func TestDirHasNoWayOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	blobs := directory(t, filepath.Join(dir, "deep", "media"))
	put(t, blobs, key, "1.jpg", "one")
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "deep", "media", "ab", key, "3.jpg")); err != nil {
		t.Fatal(err)
	}
	if f, err := blobs.Open(t.Context(), key, "3.jpg"); err == nil {
		t.Error("a link led out of the directory")
		f.Close()
	}
	if got := walk(t, blobs); len(got) != 1 {
		t.Errorf("Walk found %q", got)
	}
}

func TestABucketIsCheckedBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	b := s3test.New(t)
	if err := bucket(t, b, "").Check(t.Context()); err != nil {
		t.Errorf("Check of a bucket: %v", err)
	}
	missing, foreign, away := b, b, b
	missing.Name = "nowhere"
	foreign.Key = "stranger"
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away.Endpoint = ln.Addr().String()
	ln.Close()
	for name, of := range map[string]s3test.Bucket{"missing": missing, "with another's key": foreign} {
		if err := bucket(t, of, "").Check(t.Context()); !errors.Is(err, media.ErrBucket) || !strings.Contains(err.Error(), "STET_S3_KEY") {
			t.Errorf("Check of a bucket %s: %v", name, err)
		}
	}
	gone := bucket(t, away, "")
	if err := gone.Check(t.Context()); err == nil || errors.Is(err, media.ErrBucket) {
		t.Errorf("Check of a server that is away: %v", err)
	}
	if err := gone.Put(t.Context(), key, "1.jpg", strings.NewReader("one")); !errors.Is(err, fault.Unavailable) {
		t.Errorf("Put while the server is away: %v, want fault.Unavailable", err)
	}
	if _, err := gone.Open(t.Context(), key, "1.jpg"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open while the server is away: %v", err)
	}
}
