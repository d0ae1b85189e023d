package importer

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// corpus returns a folder of the shared test data, or "" and a line in the log where it isn't there.
func corpus(t testing.TB, folder string) string {
	t.Helper()
	dir := os.Getenv("STET_SHARED_DATA")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for ; root != "/" && dir == ""; root = filepath.Dir(root) {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				dir = filepath.Join(root, "..", "shared", "data")
			}
		}
	}
	dir = filepath.Join(dir, folder)
	if _, err := os.Stat(dir); err != nil {
		t.Log("corpus absent")
		return ""
	}
	return dir
}

func open(t testing.TB, name string) *os.File {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// facts is what a script other than ours counted in an export.
type facts struct {
	File       string         `json:"file"`
	WellFormed bool           `json:"well_formed"`
	Version    string         `json:"wxr_version"`
	Title      string         `json:"title"`
	Site       string         `json:"site"`
	Authors    int            `json:"authors"`
	Logins     []string       `json:"author_logins"`
	Categories int            `json:"categories"`
	WithParent int            `json:"categories_with_parent"`
	Depth      int            `json:"category_depth"`
	Tags       int            `json:"tags"`
	Terms      int            `json:"terms"`
	Items      int            `json:"items"`
	Types      map[string]int `json:"types"`
	PostStatus map[string]int `json:"post_status"`
	PageStatus map[string]int `json:"page_status"`
	Sticky     int            `json:"sticky"`
	Password   int            `json:"password_protected"`
	PageParent int            `json:"pages_with_parent"`
	NoSlug     int            `json:"posts_without_slug"`
	NoTitle    int            `json:"posts_without_title"`
	NoID       int            `json:"items_without_post_id"`
	Metas      int            `json:"postmeta"`
	Thumbnails int            `json:"thumbnails"`
	Comments   int            `json:"comments"`
	Approved   map[string]int `json:"comments_by_approved"`
	Kinds      map[string]int `json:"comments_by_type"`
	Replies    int            `json:"comment_replies"`
	Links      map[string]int `json:"post_term_links"`
	Creators   int            `json:"dc_creators"`
}

func readFacts(t *testing.T, dir string) []facts {
	t.Helper()
	var out []facts
	lines := bufio.NewScanner(open(t, filepath.Join(dir, "facts.jsonl")))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var f facts
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

// plainTerms counts the categories that a file declares in the general form, as terms: the script counted them as such.
var plainTerms = map[string]int{"term-meta.xml": 1}

func TestCorpusFacts(t *testing.T) {
	dir := corpus(t, "wxr")
	if dir == "" {
		return
	}
	for _, want := range readFacts(t, dir) {
		t.Run(want.File, func(t *testing.T) {
			name := filepath.Join(dir, want.File)
			s, err := Skim(open(t, name))
			if !want.WellFormed {
				checkMalformed(t, want.File, s, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := count(t, name, s)
			for _, c := range []struct {
				what      string
				got, want any
			}{
				{"version", s.Site.Version, want.Version}, {"title", s.Site.Title, want.Title},
				{"authors", len(s.Authors), want.Authors}, {"logins", logins(s, len(want.Logins)), trimmed(want.Logins)},
				{"categories", len(s.Categories), want.Categories + plainTerms[want.File]}, {"with parent", withParent(s), want.WithParent}, {"depth", depth(s), max(want.Depth, plainTerms[want.File])},
				{"tags", len(s.Tags), want.Tags}, {"terms", s.OtherTerms, want.Terms - plainTerms[want.File]},
				{"items", s.Items, want.Items}, {"types", s.Types, want.Types}, {"comments", s.Comments, want.Comments},
				{"post status", got.PostStatus, want.PostStatus}, {"page status", got.PageStatus, want.PageStatus},
				{"sticky", got.Sticky, want.Sticky}, {"password", got.Password, want.Password}, {"page parents", got.PageParent, want.PageParent},
				{"no slug", got.NoSlug, want.NoSlug}, {"no title", got.NoTitle, want.NoTitle}, {"no id", got.NoID, want.NoID},
				{"postmeta", got.Metas, want.Metas}, {"thumbnails", got.Thumbnails, want.Thumbnails},
				{"approved", got.Approved, want.Approved}, {"comment types", got.Kinds, want.Kinds}, {"replies", got.Replies, want.Replies},
				{"term links", got.Links, want.Links}, {"creators", got.Creators, want.Creators},
			} {
				if fmt.Sprint(c.got) != fmt.Sprint(c.want) {
					t.Errorf("%s = %v, want %v", c.what, c.got, c.want)
				}
			}
		})
	}
}

// checkMalformed is for the two files that aren't well-formed: one is cut off and refused, the other's bare ampersands are mended.
func checkMalformed(t *testing.T, name string, s *Survey, err error) {
	t.Helper()
	if name == "mg-sample.xml" {
		if err != nil || s.Items != 6 || s.Repairs.Ampersands == 0 || s.Repairs.AmpersandLine != 109 {
			t.Errorf("Skim = %d items, %+v, %v; want all, with the ampersand of line 109 mended", s.Items, s.Repairs, err)
		}
		return
	}
	var fe *FileError
	if !errors.As(err, &fe) || fe.Line < 13 || strings.Contains(err.Error(), "\n") {
		t.Errorf("Skim error = %v, want one line that names line 14", err)
	}
	if s.Items != 0 {
		t.Errorf("half an item was read")
	}
}

func count(t *testing.T, name string, s *Survey) facts {
	t.Helper()
	got := facts{PostStatus: map[string]int{}, PageStatus: map[string]int{}, Approved: map[string]int{}, Kinds: map[string]int{}, Links: map[string]int{}}
	creators := map[string]bool{}
	for it, err := range Items(open(t, name)) {
		if err != nil {
			t.Fatal(err)
		}
		switch it.Kind {
		case Post:
			got.PostStatus[it.Status]++
			got.NoSlug += one(it.Slug == "")
			got.NoTitle += one(it.Title == "")
		case Page:
			got.PageStatus[it.Status]++
			got.PageParent += one(it.Parent != 0)
		}
		got.Sticky += one(it.Sticky)
		got.Password += one(it.Password)
		got.NoID += one(it.ID == 0)
		got.Metas += it.Metas
		got.Thumbnails += one(it.Thumbnail != 0)
		if it.Creator != "" {
			creators[it.Creator] = true
		}
		for _, ref := range it.Terms {
			if it.Kind == Post || it.Kind == Page || it.Kind == Attachment {
				got.Links[orElse(ref.Domain, "None")]++
			}
		}
		for _, c := range it.Comments {
			got.Approved[map[bool]string{true: c.Status, false: "null"}[c.StatusKnown]]++
			got.Kinds[orElse(c.Type, "comment")]++
			got.Replies += one(c.Parent != 0)
		}
		checkItem(t, s, it)
	}
	got.Creators = len(creators)
	return got
}

// checkItem asks of every real item what must hold for all.
func checkItem(t *testing.T, s *Survey, it *Item) {
	t.Helper()
	if it.Identity() == "" || it.NewSlug() == "" || it.Line == 0 {
		t.Errorf("item %d: identity %q, slug %q, line %d", it.ID, it.Identity(), it.NewSlug(), it.Line)
	}
	fate, why := it.Fate()
	if fate == Published && (it.Status != "publish" || it.Password) {
		t.Errorf("item %d becomes public with status %q", it.ID, it.Status)
	}
	if fate == LeftOut && why == "" {
		t.Errorf("item %d is left out without a reason", it.ID)
	}
	if it.Kind == Other || it.Kind == Attachment {
		return
	}
	body, _, err := s.Body(it, nil)
	if err != nil {
		t.Errorf("item %d: %v", it.ID, err)
	}
	for _, half := range []string{"<!--", "[caption", "[/caption"} {
		if strings.Contains(body, half) && !strings.Contains(it.Body, "["+half) {
			t.Errorf("item %d: %q is left in its body", it.ID, half)
		}
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func logins(s *Survey, most int) []string {
	out := []string{}
	for _, a := range s.Authors[:min(most, len(s.Authors))] {
		out = append(out, a.Login)
	}
	return out
}

func trimmed(in []string) []string {
	out := []string{}
	for _, s := range in {
		out = append(out, strings.TrimSpace(s))
	}
	return out
}

func withParent(s *Survey) int {
	n := 0
	for _, c := range s.Categories {
		n += one(c.Parent != "")
	}
	return n
}

func depth(s *Survey) int {
	at, deepest := map[string]int{}, 0
	for _, c := range s.Categories {
		at[c.Slug] = at[c.Parent] + 1
		deepest = max(deepest, at[c.Slug])
	}
	return deepest
}

func TestHostile(t *testing.T) {
	dir, clean := corpus(t, "wxr-hostile"), corpus(t, "wxr")
	if dir == "" || clean == "" {
		return
	}
	base := digests(t, filepath.Join(clean, "small-export.xml"))
	for _, name := range []string{"utf8-bom.xml", "leading-blank-line.xml"} {
		if got := digests(t, filepath.Join(dir, name)); !maps.Equal(got, base) {
			t.Errorf("%s is not read like small-export.xml", name)
		}
	}
	if got := digests(t, filepath.Join(dir, "control-characters.xml")); len(got) != len(base) {
		t.Errorf("control-characters.xml has %d items, want %d", len(got), len(base))
	}
	for name, line := range map[string]int{"entity-expansion.xml": 20, "truncated.xml": 209} {
		before, start := allocated(), time.Now()
		s, err := Skim(open(t, filepath.Join(dir, name)))
		var fe *FileError
		if !errors.As(err, &fe) || fe.Line != line || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line that names line %d", name, err, line)
		}
		t.Logf("%s: %d items, then %v (%v, %d KB)", name, s.Items, err, time.Since(start), (allocated()-before)>>10)
	}
}

func digests(t *testing.T, name string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for it, err := range Items(open(t, name)) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[it.Identity()] = string(it.Digest())
	}
	return out
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
