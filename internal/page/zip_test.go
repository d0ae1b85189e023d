package page

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSendCompressesOnlyWhatIsPublic(t *testing.T) {
	long := []byte(strings.Repeat("The lamp came on. ", 200))
	for name, tt := range map[string]struct {
		accept string
		public bool
		body   []byte
		zipped bool
	}{
		"public":      {"br;q=1, gzip", true, long, true},
		"not asked":   {"br", true, long, false},
		"refused":     {"gzip;q=0", true, long, false},
		"private":     {"gzip", false, long, false},
		"hardly long": {"gzip", true, long[:100], false},
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", tt.accept)
		Private(w)
		if tt.public {
			Public(w)
		}
		Send(w, r, "text/plain", tt.body)
		got := w.Result()
		if zipped := got.Header.Get("Content-Encoding") == "gzip"; zipped != tt.zipped {
			t.Errorf("%s: compressed = %v, want %v", name, zipped, tt.zipped)
		}
		if varies := got.Header.Get("Vary") == "Accept-Encoding"; varies != (tt.public && len(tt.body) >= zipFrom) {
			t.Errorf("%s: Vary = %q", name, got.Header.Get("Vary"))
		}
		if got.ContentLength != int64(w.Body.Len()) {
			t.Errorf("%s: Content-Length %d of %d bytes", name, got.ContentLength, w.Body.Len())
		}
		if body := plainBody(t, got); body != string(tt.body) {
			t.Errorf("%s: the body reads %.60q", name, body)
		}
		tag := got.Header.Get("ETag")
		r.Header.Set("If-None-Match", tag)
		again := httptest.NewRecorder()
		again.Header().Set("Cache-Control", got.Header.Get("Cache-Control"))
		if Send(again, r, "text/plain", tt.body); tag != "" && again.Code != http.StatusNotModified {
			t.Errorf("%s: asked with its own ETag it answers %d, want 304", name, again.Code)
		}
		if strings.HasSuffix(tag, `-gzip"`) != tt.zipped {
			t.Errorf("%s: ETag %s, though compressed = %v", name, tag, tt.zipped)
		}
	}
}

// TestPicturesStayAsTheyAre sends a picture to somebody who takes compressed answers.
func TestPicturesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	Public(w)
	Send(w, r, "image/png", make([]byte, 10*zipFrom))
	if h := w.Header(); h.Get("Content-Encoding") != "" || h.Get("Vary") != "" {
		t.Errorf("a picture is sent with %v", h)
	}
}

func plainBody(t *testing.T, r *http.Response) string {
	t.Helper()
	from := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		from = z
	}
	b, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
