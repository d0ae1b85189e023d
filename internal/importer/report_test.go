package importer

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	r := newReport(Site{Title: "A", URL: "https://a.example", Version: "1.2"}, Repairs{Ampersands: 2, AmpersandLine: 7}, true)
	r.count("articles", "published")
	r.count("articles", "draft")
	r.count("articles", "published")
	for range maxLines + 3 {
		r.list(leftOut, "x")
	}
	r.list(lookAt, "y")
	var b strings.Builder
	if _, err := r.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	want := "A (https://a.example), WordPress export 1.2\nA dry run: nothing was written. An import would do this:\narticles     3: 2 published, 1 draft\n" +
		"mended: 2 bare ampersands, read as such, the first in line 7\n\nLeft out:\n" + strings.Repeat("  x\n", maxLines) + "  … and 3 more\n\nWorth a look:\n  y\n"
	if b.String() != want {
		t.Errorf("report =\n%s", b.String())
	}
}
