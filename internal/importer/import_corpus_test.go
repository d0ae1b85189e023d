package importer

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCorpusImport imports the two large real exports, and every count holds.
func TestCorpusImport(t *testing.T) {
	t.Parallel()
	dir := corpus(t, "wxr")
	if dir == "" {
		return
	}
	for _, want := range readFacts(t, dir) {
		if want.File != "theme-unit-test-2021.xml" && want.File != "real-cc-labs-2007-2012.xml" {
			continue
		}
		t.Run(want.File, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			file := filepath.Join(dir, want.File)
			start := time.Now()
			r := d.load(file, Options{})
			t.Logf("imported in %v", time.Since(start).Round(time.Millisecond))
			d.checkFacts(r, want)
			before := d.state()
			d.load(file, Options{})
			if !maps.Equal(before, d.state()) {
				t.Error("the second import changed something")
			}
			if n := d.number(`SELECT count(*) FROM live_articles a WHERE a::text ILIKE '%@example.org%'`); n != 0 {
				t.Errorf("%d public rows show an e-mail address", n)
			}
		})
	}
}

// undeclaredTags counts the tags that items bear and the file doesn't declare, as the script counted declarations.
var undeclaredTags = map[string]int{"theme-unit-test-2021.xml": 1}

func (d *desk) checkFacts(r *Report, want facts) {
	d.Helper()
	drafts := want.Password + want.PostStatus["draft"]
	pings := want.Kinds["pingback"] + want.Kinds["trackback"]
	byStatus := map[string]int{"1": r.Count("comments", "approved"), "0": r.Count("comments", "pending")}
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"posts", d.number(`SELECT count(*) FROM articles WHERE kind = 'article'`), want.Types["post"]},
		{"pages", d.number(`SELECT count(*) FROM articles WHERE kind = 'page'`), want.Types["page"]},
		{"published", d.number(`SELECT count(*) FROM live_articles WHERE kind = 'article'`), want.PostStatus["publish"] - want.Password},
		{"public pages", d.number(`SELECT count(*) FROM live_articles WHERE kind = 'page'`), want.PageStatus["publish"]},
		{"scheduled", d.number(`SELECT count(*) FROM schedules`), want.PostStatus["future"]},
		{"drafts", r.Count("articles", "draft"), drafts},
		{"pages below pages", d.number(`SELECT count(*) FROM articles WHERE kind = 'page' AND parent_id IS NOT NULL`), want.PageParent},
		{"categories", d.number(`SELECT count(*) FROM categories`), want.Categories},
		{"categories below others", d.number(`SELECT count(*) FROM categories WHERE parent_id IS NOT NULL`), want.WithParent},
		{"depth", d.number(`SELECT max(cardinality(lineage)) FROM categories`), want.Depth},
		{"tags", d.number(`SELECT count(*) FROM tags`), want.Tags + undeclaredTags[want.File]},
		{"media", d.number(`SELECT count(*) FROM media`), want.Types["attachment"]},
		{"comments", d.number(`SELECT count(*) FROM comments`), want.Comments - pings},
		{"left-out pings", r.Count("comments", leftOut), pings},
		{"approved", byStatus["1"] + byStatus["0"], want.Approved["1"] + want.Approved["0"] - pings},
		{"waiting", byStatus["0"], want.Approved["0"]},
		{"replies", d.number(`SELECT count(*) FROM comments WHERE parent_id IS NOT NULL`), want.Replies},
		{"menu items", r.Count("other items", "nav_menu_item"), want.Types["nav_menu_item"]},
		{"lead pictures", d.number(`SELECT count(*) FROM revisions WHERE number = 2 AND image IS NOT NULL`), want.Thumbnails},
		{"not at their address", len(r.Lines(moved)), 0},
		{"imported rows", d.number(`SELECT count(*) FROM publications WHERE kind = 'imported' AND claimed_at IS NOT NULL`), want.PostStatus["publish"] - want.Password + want.PageStatus["publish"]},
	} {
		d.want(c.what, c.got, c.want)
	}
}

// TestCorpusRest imports every other file: those that are whole come in, or their report says why not.
func TestCorpusRest(t *testing.T) {
	t.Parallel()
	dir := corpus(t, "wxr")
	if dir == "" {
		return
	}
	d := newDesk(t)
	for _, want := range readFacts(t, dir) {
		switch want.File {
		case "theme-unit-test-2021.xml", "real-cc-labs-2007-2012.xml", "malformed-simple.xml", "mg-sample.xml":
			continue
		}
		r := d.load(filepath.Join(dir, want.File), Options{})
		articles := 0
		for _, fate := range []string{"published", "scheduled", "draft", wasHere, leftOut} {
			articles += r.Count("articles", fate)
		}
		if articles != want.Types["post"] || r.Count("articles", leftOut) != 0 {
			t.Errorf("%s: %d posts (%d left out), want %d:\n%s", want.File, articles, r.Count("articles", leftOut), want.Types["post"], strings.Join(r.Lines(leftOut), "\n"))
		}
		if got := r.Count("articles", "published"); got > want.PostStatus["publish"] {
			t.Errorf("%s: %d became public, want %d", want.File, got, want.PostStatus["publish"])
		}
	}
}

func TestHostileImport(t *testing.T) {
	t.Parallel()
	dir := corpus(t, "wxr-hostile")
	if dir == "" {
		return
	}
	d := newDesk(t)
	for _, name := range []string{"truncated.xml", "entity-expansion.xml"} {
		start := time.Now()
		if _, err := d.WordPress(t.Context(), filepath.Join(dir, name), Options{}); err == nil || strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "line ") {
			t.Errorf("%s: %v, want one line", name, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		d.want(name, d.number(`SELECT count(*) FROM articles`), 0)
	}
	r := d.load(filepath.Join(dir, "script-in-content.xml"), Options{})
	d.want("posts and pages", r.Count("articles", "published")+r.Count("pages", "published"), 9)
	for _, bad := range []string{"<script", "onerror", "javascript:", "onclick"} {
		if n := d.number(`SELECT count(*) FROM versions WHERE content::text ILIKE '%' || $1 || '%'`, bad); n != 0 {
			t.Errorf("%d versions hold %q", n, bad)
		}
	}
	before := d.state()
	for _, name := range []string{"utf8-bom.xml", "leading-blank-line.xml", "control-characters.xml"} {
		r := d.load(filepath.Join(dir, name), Options{})
		d.want(name, r.Count("articles", wasHere)+r.Count("pages", wasHere), 11)
	}
	if !maps.Equal(before, d.state()) {
		t.Error("a changed copy changed something")
	}
}
