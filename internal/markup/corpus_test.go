package markup

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestArticlesOfManyLanguages takes real articles in 36 languages through and loses no letter, digit or mark of them.
func TestArticlesOfManyLanguages(t *testing.T) {
	t.Parallel()
	type article struct {
		Title, Lang string
		BodyHTML    string `json:"body_html"`
		BodyText    string `json:"body_text"`
	}
	count, languages := 0, map[string]int{}
	for _, file := range sharedData(t, "articles/*.jsonl") {
		for _, a := range readLines[article](t, file) {
			src := a.BodyHTML
			if src == "" {
				src = html.EscapeString(a.BodyText)
			}
			if !checkArticle(t, src) {
				return
			}
			blocks := Article(src)
			if lost := missing(Text(src), Text(Join(blocks))); lost != "" {
				t.Errorf("%s %q lost %q", a.Lang, a.Title, lost)
			}
			if shown := Text(string(Render{}.Body(blocks))); shown != Text(Join(blocks)) {
				t.Errorf("%s %q is shown as\n%s\nwant\n%s", a.Lang, a.Title, shown, Text(Join(blocks)))
			}
			if line := Line(a.Title); BadLine(line) || line != strings.TrimSpace(line) {
				t.Errorf("%s title %q can't be taken", a.Lang, a.Title)
			}
			if Words(src) < 20 {
				t.Errorf("%s %q has %d words", a.Lang, a.Title, Words(src))
			}
			count++
			languages[a.Lang]++
		}
	}
	t.Logf("%d articles in %d languages", count, len(languages))
}

var officeTraces = regexp.MustCompile(`(?i)mso|<o:p|<style|<font|docs-internal-guid|<!--|file:|style=`)

// TestPastes takes clipboards of word processors through: the words stay in order, what they meant stays markup.
func TestPastes(t *testing.T) {
	t.Parallel()
	type facts struct {
		File, ID                                  string
		Links                                     []string
		Tables, LI, Headings, Bold, Italic, Words int
		FirstWords                                string `json:"first_words"`
	}
	count := 0
	for _, file := range sharedData(t, "paste/facts.jsonl") {
		pastes := map[string]string{}
		for _, p := range readLines[struct{ ID, HTML string }](t, filepath.Join(filepath.Dir(file), "lexical-pastes.jsonl")) {
			pastes[p.ID] = p.HTML
		}
		for _, f := range readLines[facts](t, file) {
			src, ok := pastes[f.ID]
			if !ok {
				raw, err := os.ReadFile(filepath.Join(filepath.Dir(file), f.File))
				if err != nil {
					t.Fatal(err)
				}
				src = string(raw)
			}
			name := f.File + f.ID
			checkArticle(t, src)
			out := Join(Article(src))
			if trace := officeTraces.FindString(out); trace != "" {
				t.Errorf("%s leaves %q in %s", name, trace, out)
			}
			if got, want := squashed(Text(out)), squashed(f.FirstWords); !inOrder(got, want) {
				t.Errorf("%s: %q isn't in %q", name, want, got)
			}
			for _, l := range f.Links {
				if !strings.Contains(out, `href="`+html.EscapeString(link(l))+`"`) {
					t.Errorf("%s lost the link to %s: %s", name, l, out)
				}
			}
			for tag, want := range map[string]int{"<table": f.Tables, "<li": f.LI, "<h": f.Headings} {
				if want > 0 && !strings.Contains(out, tag) {
					t.Errorf("%s has %d %s, none came out: %s", name, want, tag, out)
				}
			}
			if f.Bold > 0 && f.Headings == 0 && !strings.Contains(out, "<strong") || f.Italic > 0 && !strings.Contains(out, "<em") {
				t.Errorf("%s lost bold or italics: %s", name, out)
			}
			count++
		}
	}
	t.Logf("%d pastes", count)
}

func squashed(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\u00a0", " ")), "")
}

// inOrder says that the letters of want all stand in got, in order.
func inOrder(got, want string) bool {
	g := []rune(got)
	for _, r := range want {
		i := slices.Index(g, r)
		if i < 0 {
			return false
		}
		g = g[i+1:]
	}
	return true
}
