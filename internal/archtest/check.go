// Package archtest holds the plan of the house as a test: which room may import which, where outside modules have their home, how large a
// file or a function may grow. plan.go is the plan; when it is wrong it is changed there, in the commit that needs it, with the reason.
//
// It reads source and runs nothing. It is for tests only and must never be imported by code.
package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// module is the path that our own imports begin with.
const module = "stet"

// Check reads all Go files of the module in root and returns what is against the plan, a line each, in the order of the files.
func Check(root fs.FS) ([]string, error) {
	c := &checker{root: root}
	err := fs.WalkDir(root, ".", c.visit)
	return c.faults, err
}

type checker struct {
	root   fs.FS
	faults []string
}

// source is one parsed file.
type source struct {
	name string // path from the root
	room string
	test bool
	file *ast.File
	set  *token.FileSet
}

func (c *checker) visit(name string, d fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	if d.IsDir() {
		base := path.Base(name)
		if name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules") {
			return fs.SkipDir
		}
		if _, err := fs.Stat(c.root, path.Join(name, "go.mod")); err == nil && name != "." {
			return fs.SkipDir // another module
		}
		return nil
	}
	if path.Ext(name) != ".go" {
		return nil
	}
	body, err := fs.ReadFile(c.root, name)
	if err != nil {
		return err
	}
	s := &source{name: name, room: room(path.Dir(name)), test: strings.HasSuffix(name, "_test.go"), set: token.NewFileSet()}
	if s.file, err = parser.ParseFile(s.set, name, body, parser.SkipObjectResolution); err != nil {
		return err
	}
	if _, planned := plan[s.room]; !planned {
		c.report(s, s.file.Package, "package %s has no place in the plan", path.Dir(name))
		return nil
	}
	c.size(s, body)
	if !s.test {
		c.imports(s)
		c.trust(s)
	}
	return nil
}

func (c *checker) report(s *source, at token.Pos, format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf("%s:%d: %s", s.name, s.set.Position(at).Line, fmt.Sprintf(format, args...)))
}

// room names a folder as the plan does.
func room(dir string) string { return strings.TrimPrefix(dir, "internal/") }

// imports holds one file of code to the plan and the homes.
func (c *checker) imports(s *source) {
	for _, spec := range s.file.Imports {
		what, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has refused such a file
		}
		first, _, _ := strings.Cut(what, "/")
		switch {
		case first == module:
			other := room(strings.TrimPrefix(what, module+"/"))
			if slices.Contains(testOnly, other) && s.room != other {
				c.report(s, spec.Pos(), "%s is for tests and imported by code", other)
			} else if !slices.Contains(plan[s.room], other) {
				c.report(s, spec.Pos(), "%s may not import %s", s.room, other)
			}
		case strings.Contains(first, "."):
			c.home(s, spec, what)
		}
	}
}

// home looks for the longest listed prefix of an outside package.
func (c *checker) home(s *source, spec *ast.ImportSpec, what string) {
	for prefix := what; prefix != "."; prefix = path.Dir(prefix) {
		rooms, listed := homes[prefix]
		if !listed {
			continue
		}
		if !slices.Contains(rooms, s.room) {
			c.report(s, spec.Pos(), "%s has no home in %s", prefix, s.room)
		}
		return
	}
	c.report(s, spec.Pos(), "%s has no home anywhere", what)
}

// size holds a file and its functions to the limits.
func (c *checker) size(s *source, body []byte) {
	if n := strings.Count(string(body), "\n"); n > maxFileLines {
		c.report(s, s.file.Package, "the file has %d lines, more than %d", n, maxFileLines)
	}
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1; n > maxFuncLines {
			c.report(s, f.Pos(), "%s has %d lines, more than %d", f.Name.Name, n, maxFuncLines)
		}
		if n := parameters(f.Type.Params); n > maxParameters {
			c.report(s, f.Pos(), "%s has %d parameters, more than %d", f.Name.Name, n, maxParameters)
		}
	}
}

// unencumbered are the types of what every function of its kind is given anyway.
var unencumbered = []string{"context.Context", "http.ResponseWriter", "*http.Request", "*testing.T", "testing.TB"}

// parameters counts what a caller must know: not the context, a handler's two, or the test.
func parameters(list *ast.FieldList) int {
	n := 0
	for _, p := range list.List {
		if !slices.Contains(unencumbered, typeName(p.Type)) {
			n += max(1, len(p.Names))
		}
	}
	return n
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return "*" + typeName(e.X)
	case *ast.SelectorExpr:
		return typeName(e.X) + "." + e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// trusted are the types of html/template whose values it writes as they are.
var trusted = []string{"CSS", "HTML", "HTMLAttr", "JS", "JSStr", "Srcset", "URL"}

// trust finds conversions to those types outside the one sealed file.
func (c *checker) trust(s *source) {
	pkg := localName(s.file, "html/template")
	if pkg == "" || s.name == sealed {
		return
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		fun, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || !slices.Contains(trusted, fun.Sel.Name) {
			return true
		}
		if x, ok := fun.X.(*ast.Ident); ok && x.Name == pkg {
			c.report(s, call.Pos(), "template.%s is made outside %s", fun.Sel.Name, sealed)
		}
		return true
	})
}

// localName is what a file calls an imported package; empty where it doesn't import it.
func localName(f *ast.File, what string) string {
	for _, spec := range f.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != what {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(what)
	}
	return ""
}
