package newsroom

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jba/templatecheck"

	"stet/internal/article"
	"stet/internal/page"
	"stet/internal/pagetest"
	"stet/web"
)

func testPages(t *testing.T) (*page.Set, areas) {
	t.Helper()
	static, err := fs.Sub(web.FS, "static")
	if err != nil {
		t.Fatal(err)
	}
	set := page.NewSet(web.FS, page.NewAssets(static), page.Options{})
	parseFault(set)
	return set, rooms(&face{}, Deps{Set: set})
}

func TestTemplatesFitTheirTypes(t *testing.T) {
	set, _ := testPages(t)
	var parsed []string
	for _, p := range set.Pages() {
		parsed = append(parsed, p.Name)
		if err := templatecheck.CheckHTML(p.Template, p.Zero); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
	files, err := fs.Glob(web.FS, "newsroom/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !slices.Contains(parsed, name) {
			t.Errorf("nobody parses web/%s", name)
		}
	}
}

func TestEveryPageIsCompiled(t *testing.T) {
	set, _ := testPages(t)
	pagetest.Compiled(t, set)
}

var (
	inline = regexp.MustCompile(`(?i)<style|\sstyle=|<script[^>]*>[^<]|\son[a-z]+=`)
	spoken = regexp.MustCompile(`>[^<{}]*[A-Za-z]{3,}[^<{}]*<`)
)

// The policy of the headers forbids what is inline, and what isn't in the catalogue can't be translated.
func TestTemplatesHoldNoStyleScriptOrWords(t *testing.T) {
	for _, pattern := range []string{"newsroom/*.html", "partials/newsroom-*.html", "layouts/newsroom.html"} {
		files, err := fs.Glob(web.FS, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			raw, err := fs.ReadFile(web.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			// What is data runs nothing, and the policy lets it be.
			if m := inline.FindString(strings.ReplaceAll(string(raw), `<script type="application/json"`, "<data")); m != "" {
				t.Errorf("%s holds %q", name, m)
			}
			for _, m := range spoken.FindAllString(string(raw), -1) {
				if !strings.Contains(m, "stet") {
					t.Errorf("%s says %q itself", name, m)
				}
			}
		}
	}
}

// Keys that are put together from a part that the code knows are looked up here, where an unknown one would only be seen on
// the page.
func TestWordsOfEveryChoice(t *testing.T) {
	testPages(t)
	want := []string{"newsroom.object.settings"}
	for _, what := range articleActs {
		want = append(want, "newsroom.act."+what.name, "newsroom.act."+what.name+".button", "newsroom.article.act."+what.name, "newsroom.article.done."+what.name)
		for _, field := range what.fields {
			want = append(want, "newsroom.act."+field)
		}
	}
	for _, what := range personActs {
		want = append(want, "newsroom.user.act."+what.name, "newsroom.user.act."+what.name+"-hint", "newsroom.user.done."+what.name)
	}
	for prefix, values := range map[string][]string{
		"newsroom.kind.":             {article.Original, article.ImportedRow, article.Minor, article.Update, article.Correction, article.Clarification, article.Note, article.Retraction, article.WithdrawnRow, article.Restored, article.WithheldRow},
		"newsroom.article.label.":    article.Labels,
		"newsroom.comments.reason.":  rejectReasons,
		"newsroom.articles.view.":    statusViews,
		"newsroom.state.":            append([]string{"pending", "approved", "rejected", "spam"}, statusViews...),
		"newsroom.audit.acts.":       auditActs,
		"newsroom.comments.done.":    {"approve", "reject", "spam", "hold", "undo"},
		"newsroom.comments.past.":    {"approve", "reject", "spam", "hold"},
		"newsroom.comments.decided-": {"approve", "reject", "spam", "hold", "edit", "erase", "none"},
		"newsroom.fault.":            {"400", "403", "404", "405", "409", "413", "422", "429", "500", "503"},
		"newsroom.article.schedule-": {"first", "change", "end"},
	} {
		for _, value := range values {
			want = append(want, prefix+value)
		}
	}
	for _, key := range want {
		if !page.Known(key) {
			t.Errorf("the catalogue lacks %q", key)
		}
	}
}

func TestCatalogueIsInOrder(t *testing.T) {
	raw, err := fs.ReadFile(web.FS, "text/en-newsroom.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	var keys []string
	for depth := 0; d.More() || depth > 0; {
		token, err := d.Token()
		if err != nil {
			break
		}
		switch token := token.(type) {
		case json.Delim:
			if token == '{' {
				depth++
			} else {
				depth--
			}
		case string:
			if depth == 1 && strings.HasPrefix(token, "newsroom.") {
				keys = append(keys, token)
			}
		}
	}
	if !slices.IsSorted(keys) {
		t.Error("the keys of en-newsroom.json aren't sorted")
	}
}
