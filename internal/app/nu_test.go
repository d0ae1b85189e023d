package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// nu gathers pages for the Nu HTML checker, which takes long to start and looks through hundreds of pages at once.
type nu struct {
	testing.TB
	dir, jar string
	names    []string
}

// newNu finds the checker: the one that STET_VNU names, as "make test" does, or where "make html" puts it.
func newNu(t testing.TB) *nu {
	t.Helper()
	jar := os.Getenv("STET_VNU")
	if jar == "" {
		jar = filepath.Join("..", "..", ".ci", "html", "node_modules", "vnu-jar", "build", "dist", "vnu.jar")
	}
	if _, err := os.Stat(jar); err != nil {
		t.Fatal("no Nu HTML checker: make html")
	}
	if _, err := exec.LookPath("java"); err != nil {
		t.Fatal("no java for the Nu HTML checker: apt-get install default-jre-headless")
	}
	return &nu{TB: t, dir: t.TempDir(), jar: jar}
}

// add keeps a page; name is what a fault in it is told under.
func (n *nu) add(name, page string) {
	n.Helper()
	file := filepath.Join(n.dir, fmt.Sprintf("%04d.html", len(n.names)))
	n.names = append(n.names, name)
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		n.Fatal(err)
	}
}

// nuMessage is what the checker says of one place in a page.
type nuMessage struct {
	Type, SubType, URL, Message, Extract string
	LastLine                             int
}

// tolerated are messages in which the checker is behind the standards or guesses, with the reason.
var tolerated = []string{
	// A warning: the standard asks for none. A comment is what its writer's name stands above, and a heading each would drown those of the page.
	"Article lacks heading. Consider using “h2”-“h6” elements to add identifying headings to all articles.",
}

// check runs the checker over all pages and tells every error and warning, each once with the pages it stands in.
func (n *nu) check() {
	n.Helper()
	cmd := exec.CommandContext(n.Context(), "java", "-Xss1m", "-jar", n.jar, "--format", "json", "--stdout", "--exit-zero-always", "--no-langdetect", "--skip-non-html", n.dir)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			n.Fatalf("Nu HTML checker: %v\n%s", err, exit.Stderr)
		}
		n.Fatalf("Nu HTML checker: %v", err)
	}
	var all struct{ Messages []nuMessage }
	if err := json.Unmarshal(out, &all); err != nil {
		n.Fatalf("Nu HTML checker: %v\n%.500s", err, out)
	}
	places, told := map[string][]string{}, []string{}
	for _, m := range all.Messages {
		if m.Type == "info" && m.SubType != "warning" || slices.Contains(tolerated, m.Message) {
			continue
		}
		if places[m.Message] == nil {
			told = append(told, m.Message)
		}
		places[m.Message] = append(places[m.Message], fmt.Sprintf("%s, line %d: %s", n.name(m.URL), m.LastLine, strings.Join(strings.Fields(m.Extract), " ")))
	}
	for _, message := range told {
		at := places[message]
		n.Errorf("Nu HTML checker: %s\n%d times, as in %s", message, len(at), strings.Join(at[:min(len(at), 3)], "\n"))
	}
	n.Logf("Nu HTML checker: %d pages, %d messages", len(n.names), len(told))
}

// name is that of the page in a file.
func (n *nu) name(url string) string {
	var i int
	if _, err := fmt.Sscanf(filepath.Base(url), "%04d.html", &i); err != nil || i >= len(n.names) {
		return url
	}
	return n.names[i]
}

// TestNuFindsMistakes makes sure that the checker sees what it is given.
func TestNuFindsMistakes(t *testing.T) {
	t.Parallel()
	silent := &silentTB{TB: t}
	n := newNu(t)
	n.add("broken", `<!doctype html><html lang="en"><title>A</title><p id="a"><img src="/a.png"><p id="a">`)
	n.TB = silent
	n.check()
	told := strings.Join(silent.told, "\n")
	for _, want := range []string{"Duplicate ID", "alt", "broken, line 1"} {
		if !strings.Contains(told, want) {
			t.Errorf("the checker does not say %q:\n%s", want, told)
		}
	}
}

// silentTB keeps what would have been told.
type silentTB struct {
	testing.TB
	told []string
}

func (s *silentTB) Errorf(format string, args ...any) {
	s.told = append(s.told, fmt.Sprintf(format, args...))
}
func (s *silentTB) Logf(string, ...any) {}
