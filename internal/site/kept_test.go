package site

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestKept(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		target, query string
		endless, ok   bool
	}{
		{"/", "", false, true},
		{"/2026/06/lamp/", "", false, true},
		{"/2026/06/lamp/?utm_source=x&fbclid=y", "", false, true},
		{"/2026/06/lamp/?comments=newest&x=1", "comments=newest", false, true},
		{"/2026/06/lamp/?x=1&comments=+newest+&comments=oldest", "comments=newest", false, true},
		{"/2026/06/lamp/?comments=", "", false, true},
		{"/category/art/?before=abc&comments=newest", "before=abc&comments=newest", true, true},
		{"/category/art/?before=abc", "before=abc", true, true},
		{"/?before=abc&q=1", "before=abc", true, true},
		{"/?p=12", "p=12", true, true},
		{"/?comments=newest", "", false, true},
		{"/sitemap.xml?after=12&before=x", "after=12", true, true},
		{"/feed/?x", "", false, true},
		{"/caf%C3%A9/", "", false, true},
		{"/a%2Fb/", "", false, false},
		{"/a/?comments=%zz", "", false, false},
		{"/a/?x=%00", "", false, false},
		{"/a/?x=%ff", "", false, false},
		{"/a/?x=" + strings.Repeat("y", 5000), "", false, false},
		{"/search?q=lamp", "", false, false},
		{"/search/", "", false, false},
		{"/comments/token", "", false, false},
		{"/comments/mine", "", false, false},
		{"/2026/06/lamp/report?quote=x", "", false, false},
		{"/annual/report/", "", false, true},
		{"/2026/06/lamp/reply/12", "", false, false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, tt.target, nil)
		query, endless, ok := Kept(r)
		if query != tt.query || endless != tt.endless || ok != tt.ok {
			t.Errorf("Kept(%.60s) = %q, %v, %v, want %q, %v, %v", tt.target, query, endless, ok, tt.query, tt.endless, tt.ok)
		}
	}
}
