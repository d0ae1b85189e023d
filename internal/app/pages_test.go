package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"stet/internal/page"
)

func TestFreshUntilBoundsSharedCaches(t *testing.T) {
	now := time.Date(2026, 6, 16, 23, 59, 30, 0, time.UTC)
	a := &App{now: func() time.Time { return now }}
	for name, tt := range map[string]struct {
		in   time.Duration
		want string
	}{
		"midnight is near": {30 * time.Second, "s-maxage=30"},
		"midnight is far":  {time.Hour, "s-maxage=60"},
		"already past":     {-time.Second, "s-maxage=0"},
	} {
		rec := httptest.NewRecorder()
		a.noted(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			page.Public(w)
			page.FreshUntil(w, now.Add(tt.in))
			page.Tags(w, "front")
			w.Write([]byte("page")) //nolint:errcheck // a recorder
		})).ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		if got := rec.Header().Get("Cache-Control"); !strings.Contains(got+",", tt.want+",") {
			t.Errorf("%s: Cache-Control %q, want %s", name, got, tt.want)
		}
		for key := range rec.Header() {
			if strings.HasPrefix(key, "Stet-") || key == "Surrogate-Key" {
				t.Errorf("%s: the note %s went out", name, key)
			}
		}
	}
}
