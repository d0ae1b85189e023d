package site

import (
	"io/fs"
	"path"
	"slices"
	"testing"

	"github.com/jba/templatecheck"

	"stet/internal/page"
	"stet/internal/pagetest"
	"stet/web"
)

func testTemplates(t testing.TB) (*page.Set, *templates) {
	t.Helper()
	static, err := fs.Sub(web.FS, "static")
	if err != nil {
		t.Fatal(err)
	}
	set := page.NewSet(web.FS, page.NewAssets(static), page.Options{})
	return set, parse(set)
}

func TestTemplatesFitTheirTypes(t *testing.T) {
	set, _ := testTemplates(t)
	var parsed []string
	for _, p := range set.Pages() {
		parsed = append(parsed, p.Name)
		if err := templatecheck.CheckHTML(p.Template, p.Zero); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
	files, err := fs.Glob(web.FS, "site/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !slices.Contains(parsed, name) {
			t.Errorf("nobody parses web/%s", path.Clean(name))
		}
	}
}

func TestEveryPageIsCompiled(t *testing.T) {
	set, _ := testTemplates(t)
	pagetest.Compiled(t, set)
}
