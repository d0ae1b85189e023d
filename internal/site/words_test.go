package site

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"stet/internal/page"
	"stet/web"
)

// root finds the top of the repository.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// literals collects every string that Go files of the project and templates hold, and the keys that are asked for by name.
type literals struct {
	all   map[string]bool
	asked map[string]string // key → where
}

var keyShape = regexp.MustCompile(`^[a-z]+(\.[a-z_-]+)*(\|.*)?$`)

func (l *literals) goFile(t *testing.T, name string) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				key, _, _ := strings.Cut(s, "|")
				l.all[key] = true
			}
		}
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		var arg ast.Expr
		receiver, _ := sel.X.(*ast.Ident)
		switch {
		case receiver != nil && receiver.Name == "page" && slices.Contains([]string{"T", "N", "Around"}, sel.Sel.Name) && len(call.Args) > 0:
			arg = call.Args[0]
		case receiver != nil && receiver.Name == "fault" && sel.Sel.Name == "Field" && len(call.Args) == 2:
			arg = call.Args[1]
		case sel.Sel.Name == "That" && len(call.Args) == 3:
			arg = call.Args[2]
		}
		if lit, ok := arg.(*ast.BasicLit); ok {
			if s, err := strconv.Unquote(lit.Value); err == nil && keyShape.MatchString(s) && !strings.HasSuffix(s, ".") {
				key, _, _ := strings.Cut(s, "|")
				l.asked[key] = fset.Position(lit.Pos()).String()
			}
		}
		return true
	})
}

var quoted = regexp.MustCompile(`"([^"]*)"`)

func (l *literals) template(t *testing.T, name string) {
	t.Helper()
	body, err := fs.ReadFile(web.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range quoted.FindAllStringSubmatch(string(body), -1) {
		l.all[m[1]] = true
	}
	// Templates write {{T "key"}} inside attributes too, where the quotes of both pair up otherwise.
	for _, m := range regexp.MustCompile(`\{\{[^}]*\}\}`).FindAllString(string(body), -1) {
		for _, q := range quoted.FindAllStringSubmatch(m, -1) {
			l.all[q[1]] = true
		}
	}
}

func TestWords(t *testing.T) {
	testTemplates(t)
	l := literals{all: map[string]bool{}, asked: map[string]string{}}
	for _, dir := range []string{"internal", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root(t), dir), func(name string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
				l.goFile(t, name)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err := fs.WalkDir(web.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".html") {
			l.template(t, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, at := range l.asked {
		if !page.Known(key) {
			t.Errorf("%s: the catalogue lacks %q", at, key)
		}
	}
	for _, key := range page.Keys() {
		if !l.used(key) {
			t.Errorf("nobody says %q", key)
		}
	}
}

// used reports whether the key, or its beginning up to a dot, is written somewhere: page.T("kind." + k) says all of kind.
func (l *literals) used(key string) bool {
	if l.all[key] {
		return true
	}
	for i, r := range key {
		if r == '.' && l.all[key[:i+1]] {
			return true
		}
	}
	for end := range l.all {
		if strings.HasPrefix(end, ".") && strings.HasSuffix(key, end) && l.all[strings.TrimSuffix(key, end)] {
			return true
		}
	}
	return false
}
