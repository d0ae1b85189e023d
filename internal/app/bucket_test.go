package app_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"stet/internal/app"
	"stet/internal/config"
	"stet/internal/media"
	"stet/internal/pgtest"
	"stet/internal/s3test"
	"stet/internal/staff"
)

func inBucket(b s3test.Bucket) func(*config.Config) {
	return func(c *config.Config) {
		c.Media, c.Bucket = "", &config.Bucket{Name: b.Name, Endpoint: b.Endpoint, Region: b.Region, Key: b.Key, Secret: b.Secret}
	}
}

// TestPicturesLiveInABucket uploads a picture, and reads it from its address whole and in part.
func TestPicturesLiveInABucket(t *testing.T) {
	t.Parallel()
	w := newWorldOf(t, inBucket(s3test.New(t)))
	var data bytes.Buffer
	if err := png.Encode(&data, image.NewGray(image.Rect(0, 0, 500, 400))); err != nil {
		t.Fatal(err)
	}
	m, err := w.app.Media.Add(t.Context(), w.people[staff.Editor], media.Upload{Name: "grey.png", Reader: &data, Alt: "Grey"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.app.Media.Develop(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	if m, err = w.app.Media.ByID(t.Context(), m.ID); err != nil || m.State != media.Ready || len(m.Variants) < 2 {
		t.Fatalf("%+v, %v", m, err)
	}
	for _, v := range m.Variants {
		status, whole := get(t, w.server.URL+m.URL(v), "")
		if status != http.StatusOK || len(whole) != v.Bytes {
			t.Errorf("%s: %d, %d bytes, want %d", v.Name, status, len(whole), v.Bytes)
			continue
		}
		status, part := get(t, w.server.URL+m.URL(v), "bytes=3-9")
		if status != http.StatusPartialContent || part != whole[3:10] {
			t.Errorf("%s in part: %d %q", v.Name, status, part)
		}
	}
	if status, _ := get(t, w.server.URL+"/media/"+m.Key+"/9999.jpg", ""); status != http.StatusNotFound {
		t.Errorf("a picture that isn't there: %d", status)
	}
}

func get(t *testing.T, address, ranges string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Range", ranges)
	if ranges == "" {
		r.Header.Del("Range")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// TestABucketThatIsNotOurs ends the start, while one that is away doesn't.
func TestABucketThatIsNotOurs(t *testing.T) {
	t.Parallel()
	b := s3test.New(t)
	db := pgtest.New(t)
	wait := func(b s3test.Bucket) error {
		cfg := config.Config{DatabaseURL: db.AppURL, BaseURL: &url.URL{Scheme: "http", Host: "x"}, Secret: []byte(strings.Repeat("s", 32))}
		inBucket(b)(&cfg)
		a, err := app.New(t.Context(), cfg, app.Options{Log: slog.New(slog.NewTextHandler(testWriter{t}, nil))})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		return a.Wait(ctx)
	}
	missing, away := b, b
	missing.Name = "nowhere"
	away.Endpoint = "127.0.0.1:1"
	if err := wait(missing); !errors.Is(err, media.ErrBucket) || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("a bucket that isn't there: %v", err)
	}
	if err := wait(away); err != nil {
		t.Errorf("a bucket that is away: %v", err)
	}
}
