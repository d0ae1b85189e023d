package importer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	var bar, lines strings.Builder
	on := &Progress{w: &bar, terminal: true}
	off := &Progress{w: &lines, every: time.Hour}
	for i := range 4 {
		on.step("Importing", i+1, 4)
		off.step("Importing", i+1, 4)
	}
	on.end()
	off.end()
	if want := "Importing: 1 of 4 (25 %)\nImporting: 4 of 4 (100 %)\n"; lines.String() != want {
		t.Errorf("lines = %q, want %q", lines.String(), want)
	}
	if got := bar.String(); strings.Count(got, "\r") != 4 || !strings.HasSuffix(got, "Importing [##############################] 4 of 4\n") {
		t.Errorf("bar = %q", got)
	}
	var none *Progress
	none.step("x", 1, 1)
	none.end()
}

// A file is no terminal: it gets lines.
func TestProgressOnFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	p := ProgressOn(f)
	p.step("Importing", 2, 2)
	p.end()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != "Importing: 2 of 2 (100 %)\n" {
		t.Errorf("log = %q, %v", got, err)
	}
}

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
