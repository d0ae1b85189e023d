package media_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/staff"
)

func get(store *media.Store, method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	r.URL.Path = target
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	store.Handler().ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	t.Parallel()
	store, _, dir := library(t)
	m, err := store.Add(t.Context(), staff.System(), upload("a.jpg", asJPEG(t, gradient(400, 300, false))))
	if err != nil {
		t.Fatal(err)
	}
	base := "/media/" + m.Key + "/"
	w := get(store, "GET", m.URL(m.Variants[0]))
	if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), variant(t, dir, m, 0)) {
		t.Fatalf("variant: %d, %d bytes", w.Code, w.Body.Len())
	}
	for name, want := range map[string]string{
		"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
		"Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "public, max-age=31536000, immutable", "Content-Disposition": "", "Set-Cookie": "",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if w := get(store, "GET", base+"400.jpg", "If-None-Match", w.Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("known already: %d", w.Code)
	}
	if w := get(store, "GET", base+"400.jpg", "Range", "bytes=0-9"); w.Code != http.StatusPartialContent || w.Body.Len() != 10 {
		t.Errorf("range: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := get(store, "HEAD", base+"400.jpg"); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("head: %d", w.Code)
	}
	if w := get(store, "POST", base+"400.jpg"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("post: %d", w.Code)
	}
	for _, path := range []string{
		base + "original", base + "original.jpg", base + "ORIGINAL", base + "800.jpg", base, base + "../" + m.Key + "/400.jpg", base + "400.jpg/", base + "400.jpg.part",
		base + "0400.jpg", base + "400.html", "/media/" + m.Key, "/media/", "/media/../secret", "/media/" + m.Key[:25] + "/400.jpg", base + "400.jpg\x00", base + "file.pdf",
		"/media/aaaaaaaaaaaaaaaaaaaaaaaaaa/400.jpg",
	} {
		if w := get(store, "GET", path); w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q: %d %v", path, w.Code, w.Header())
		}
	}
}

func TestHandlerSendsFilesAsDownloads(t *testing.T) {
	t.Parallel()
	store, _, _ := library(t)
	m, err := store.Add(t.Context(), staff.System(), upload("ruling.pdf", []byte("%PDF-1.7\n<script>alert(1)</script>")))
	if err != nil {
		t.Fatal(err)
	}
	w := get(store, "GET", m.URL(m.Variants[0]))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/pdf" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("file: %d %v", w.Code, w.Header())
	}
	if p := m.Picture(); !p.Missing {
		t.Errorf("a file is shown as a picture: %+v", p)
	}
}

func TestPicture(t *testing.T) {
	m := media.Media{Key: "k", Width: 2400, Height: 1200, Variants: []media.Variant{
		{"640.jpg", 640, 320, "image/jpeg", 0, ""}, {"1280.jpg", 1280, 640, "image/jpeg", 90_000, ""}, {"1920.jpg", 1920, 960, "image/jpeg", 0, ""}}}
	want := markup.Picture{Src: "/media/k/1280.jpg", SrcSet: "/media/k/640.jpg 640w, /media/k/1280.jpg 1280w, /media/k/1920.jpg 1920w", Width: 1280, Height: 640}
	if got := m.Picture(); !reflect.DeepEqual(got, want) {
		t.Errorf("Picture = %+v, want %+v", got, want)
	}
	for width, weight := range map[int]int{320: 40_960, 640: 40_960, 800: 90_000, 5000: 368_640} {
		if v, ok := m.For(width); !ok || v.Weight() != weight {
			t.Errorf("For(%d) = %+v of %d bytes, want %d", width, v, v.Weight(), weight)
		}
	}
	m.Variants = m.Variants[:1]
	if got := m.Picture(); got.SrcSet != "" || got.Src != "/media/k/640.jpg" {
		t.Errorf("of one variant = %+v", got)
	}
}
