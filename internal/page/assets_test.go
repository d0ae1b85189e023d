package page

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/andybalholm/brotli"
)

func testAssets() fstest.MapFS {
	return fstest.MapFS{
		"site.css":      {Data: []byte(`@font-face { src: url("fonts/a.woff2"); } i { background: url(data:,x) }`)},
		"fonts/a.woff2": {Data: []byte("font")},
	}
}

func TestAssetsRewriteStylesheets(t *testing.T) {
	a := NewAssets(testAssets())
	css := fetch(t, a, a.Path("site.css"), "")
	body := css.Body.String()
	if want := `url("` + a.Path("fonts/a.woff2") + `")`; !strings.Contains(body, want) || !strings.Contains(body, "url(data:,x)") {
		t.Errorf("stylesheet = %s, want it to hold %s and the data address", body, want)
	}
	for header, want := range map[string]string{
		"Content-Type": "text/css; charset=utf-8", "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding",
		"Cache-Control": "public, max-age=31536000, immutable",
	} {
		if got := css.Header().Get(header); got != want {
			t.Errorf("%s = %q, want %q", header, got, want)
		}
	}
}

func TestAssetsCompressText(t *testing.T) {
	a := NewAssets(testAssets())
	for accept, want := range map[string]string{"deflate, gzip": "gzip", "gzip;q=0": "", "": "", "gzip; q=0.5": "gzip"} {
		w := fetch(t, a, a.Path("site.css"), accept)
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: Content-Encoding %q, want %q", accept, got, want)
		}
		if want != "gzip" {
			continue
		}
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(z); err != nil || !strings.Contains(string(body), "font-face") {
			t.Errorf("unzipped to %q, %v", body, err)
		}
	}
	if w := fetch(t, a, a.Path("fonts/a.woff2"), "gzip"); w.Header().Get("Content-Encoding") != "" || w.Header().Get("Content-Type") != "font/woff2" {
		t.Errorf("font came as %v", w.Header())
	}
}

// TestAssetsComeAsBrotliOnceItIsMade asks until brotli is there: the first requests don't wait for it.
func TestAssetsComeAsBrotliOnceItIsMade(t *testing.T) {
	a := NewAssets(testAssets())
	if got := fetch(t, a, a.Path("site.css"), "br").Body.String(); !strings.Contains(got, "font-face") {
		t.Errorf("before it is made: %q", got)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		w := fetch(t, a, a.Path("site.css"), "gzip, br")
		if w.Header().Get("Content-Encoding") == "br" {
			body, err := io.ReadAll(brotli.NewReader(w.Body))
			if err != nil || !strings.Contains(string(body), "font-face") || w.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("unpacked to %q, %v", body, err)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("brotli was never made")
		}
	}
	if w := fetch(t, a, a.Path("site.css"), "br;q=0, gzip"); w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("where brotli is refused it came as %q", w.Header().Get("Content-Encoding"))
	}
}

func TestAssetsKnowOnlyTheirOwnAddresses(t *testing.T) {
	a := NewAssets(testAssets())
	for _, path := range []string{"/static/0000000000000000/site.css", a.Path("site.css") + "/", "/static/", "/static/../web.go"} {
		if w := fetch(t, a, path, ""); w.Code != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", path, w.Code)
		}
	}
}

func TestAssetsRefuseABrokenStylesheet(t *testing.T) {
	defer func() {
		if got := recover(); got == nil || !strings.Contains(got.(error).Error(), "gone.woff2") {
			t.Errorf("NewAssets panicked with %v, want the missing file's name", got)
		}
	}()
	NewAssets(fstest.MapFS{"a.css": {Data: []byte("a{b:url(gone.woff2)}")}})
}

func fetch(t *testing.T, h http.Handler, path, accept string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
