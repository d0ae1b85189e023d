package archtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// root is the folder of go.mod.
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
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}

func TestTheHouseIsAsPlanned(t *testing.T) {
	faults, err := Check(os.DirFS(root(t)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
}

func TestThePlanHasNoCircle(t *testing.T) {
	const open, done = 1, 2
	state := map[string]int{}
	var walk func(room string, way []string)
	walk = func(room string, way []string) {
		if state[room] == open {
			t.Fatalf("circle: %s", strings.Join(append(way, room), " → "))
		}
		if state[room] == done {
			return
		}
		state[room] = open
		for _, other := range plan[room] {
			if _, planned := plan[other]; !planned {
				t.Errorf("%s may import %s, which isn't planned", room, other)
			}
			walk(other, append(way, room))
		}
		state[room] = done
	}
	for room := range plan {
		walk(room, nil)
	}
}

func TestFaultsAreFound(t *testing.T) {
	lines := func(n int) string { return strings.Repeat("\n", n) }
	for _, tt := range []struct {
		name, file, source string
		want               string // in the one fault reported; empty: none
	}{
		{"allowed import", "internal/article/a.go", `package article; import _ "stet/internal/staff"`, ""},
		{"stray import", "internal/taxonomy/a.go", `package taxonomy; import _ "stet/internal/article"`, "taxonomy may not import article"},
		{"import of a room that isn't planned", "internal/article/a.go", `package article; import _ "stet/internal/util"`, "article may not import util"},
		{"upward import", "internal/fault/a.go", `package fault; import _ "stet/internal/page"`, "fault may not import page"},
		{"face imports the other face", "internal/site/a.go", `package site; import _ "stet/internal/newsroom"`, "site may not import newsroom"},
		{"command imports a face", "cmd/stet/a.go", `package main; import _ "stet/internal/site"`, "cmd/stet may not import site"},
		{"code imports a tests' room", "internal/app/a.go", `package app; import _ "stet/internal/pgtest"`, "pgtest is for tests"},
		{"test imports what it needs", "internal/fault/a_test.go", `package fault_test; import (_ "stet/internal/app"; _ "stet/internal/pgtest"; _ "github.com/chromedp/chromedp")`, ""},
		{"package without a place", "internal/helpers/a.go", `package helpers`, "internal/helpers has no place"},
		{"package below a room", "internal/article/sql/a.go", `package sql`, "internal/article/sql has no place"},
		{"test package without a place", "internal/helpers/a_test.go", `package helpers`, "internal/helpers has no place"},
		{"module at home", "internal/article/a.go", `package article; import _ "github.com/jackc/pgx/v5/pgxpool"`, ""},
		{"module away from home", "internal/site/a.go", `package site; import _ "github.com/jackc/pgx/v5"`, "github.com/jackc/pgx/v5 has no home in site"},
		{"package of a module away from home", "internal/page/a.go", `package page; import _ "golang.org/x/net/html/atom"`, "golang.org/x/net/html has no home in page"},
		{"stray module", "internal/article/a.go", `package article; import _ "gorm.io/gorm"`, "gorm.io/gorm has no home anywhere"},
		{"neighbour of a listed module", "internal/article/a.go", `package article; import _ "github.com/jackc/pgx/v4"`, "github.com/jackc/pgx/v4 has no home anywhere"},
		{"tests' module in code", "internal/app/a.go", `package app; import _ "github.com/chromedp/chromedp"`, "chromedp has no home in app"},
		{"standard library", "internal/fault/a.go", `package fault; import _ "net/http"`, ""},
		{"file at the limit", "internal/fault/a.go", "package fault" + lines(600), ""},
		{"oversized file", "internal/fault/a.go", "package fault" + lines(601), "601 lines"},
		{"oversized test file", "internal/fault/a_test.go", "package fault" + lines(601), "601 lines"},
		{"function at the limit", "internal/fault/a.go", "package fault; func f() {" + lines(79) + "}", ""},
		{"oversized function", "internal/fault/a.go", "package fault; func f() {" + lines(80) + "}", "f has 81 lines"},
		{"four parameters", "internal/fault/a.go", `package fault; import "context"; func f(ctx context.Context, a, b int, c string, d ...int) {}`, ""},
		{"five parameters", "internal/fault/a.go", `package fault; func f(a, b int, c, d, e string) {}`, "f has 5 parameters"},
		{"five nameless parameters", "internal/fault/a.go", `package fault; func f(int, int, int, int, int) {}`, "f has 5 parameters"},
		{"handler", "internal/site/a.go", `package site; import "net/http"; func f(w http.ResponseWriter, r *http.Request, a, b, c, d int) {}`, ""},
		{"trusted text", "internal/site/a.go", `package site; import "html/template"; var x = template.HTML("<b>")`, "template.HTML is made outside"},
		{"trusted text by another name", "internal/site/a.go", `package site; import t "html/template"; var x = (t.URL)("javascript:")`, "template.URL is made outside"},
		{"a field of trusted text", "internal/site/a.go", `package site; import "html/template"; type v struct { Body template.HTML }`, ""},
		{"trusted text in its place", sealed, `package markup; import "html/template"; var x = template.HTML("<b>")`, ""},
		{"another package's HTML", "internal/site/a.go", `package site; import "text/template"; var x = template.HTMLEscapeString("<b>")`, ""},
		{"test data", "internal/fault/testdata/a.go", `package nonsense; import _ "gorm.io/gorm"`, ""},
		{"hidden folder", ".ci/tools/a.go", `package tools; import _ "gorm.io/gorm"`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Check(fstest.MapFS{tt.file: {Data: []byte(tt.source)}})
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case tt.want == "" && len(got) > 0:
				t.Errorf("reported %q, want nothing", got)
			case tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want) || !strings.HasPrefix(got[0], tt.file+":")):
				t.Errorf("reported %q, want %q at %s", got, tt.want, tt.file)
			}
		})
	}
}

func TestBrokenSourceIsAnError(t *testing.T) {
	if _, err := Check(fstest.MapFS{"internal/fault/a.go": {Data: []byte("package")}}); err == nil {
		t.Error("a file that doesn't parse was passed over")
	}
}
