package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "build the editor's script anew and note what it was built from")

const (
	bundle = "static/editor.js"
	// noted holds what the committed bundle was built from, and its own hash.
	noted = "editor/bundle.sum"
	// most is how large the bundle may be on its way to a browser, in bytes.
	most = 95_000
)

var buildFlags = []string{"editor/main.js", "--bundle", "--minify", "--format=iife", "--target=chrome109,firefox115,safari16.4", "--log-level=warning"}

// sources hashes everything that the bundle is made of: own modules, the libraries' lock file, the flags, the bundler's version.
func sources(t *testing.T) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir("editor", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == "node_modules":
			return filepath.SkipDir
		case !d.IsDir() && name != noted:
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		raw := read(t, name)
		fmt.Fprintf(h, "%s %x\n", filepath.ToSlash(name), sha256.Sum256(raw))
	}
	version := regexp.MustCompile(`github\.com/evanw/esbuild v\S+`).Find(read(t, "../.ci/tools/go.mod"))
	if version == nil {
		t.Fatal(".ci/tools/go.mod names no version of esbuild")
	}
	fmt.Fprintf(h, "%s %s\n", version, strings.Join(buildFlags, " "))
	return fmt.Sprintf("%x", h.Sum(nil))
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// build makes the bundle as the flags say.
func build(t *testing.T) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "editor.js")
	args := append([]string{"tool", "-modfile=../.ci/tools/go.mod", "esbuild", "--outfile=" + out}, buildFlags...)
	if said, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Fatalf("esbuild: %v\n%s", err, said)
	}
	return read(t, out)
}

// TestEditorBundle insists that the committed script is what its sources make. Where the libraries are there ("make editor" gets them) it
// is built again and compared; otherwise what was noted when it was built must still be true.
func TestEditorBundle(t *testing.T) {
	_, err := os.Stat("editor/node_modules")
	here := err == nil
	if *update {
		if err := os.WriteFile(bundle, build(t), 0o644); err != nil {
			t.Fatal(err)
		}
		note := fmt.Sprintf("sources %s\nbundle %x\n", sources(t), sha256.Sum256(read(t, bundle)))
		if err := os.WriteFile(noted, []byte(note), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed := read(t, bundle)
	want := fmt.Sprintf("sources %s\nbundle %x\n", sources(t), sha256.Sum256(committed))
	if got := string(read(t, noted)); got != want {
		t.Errorf("the editor's script is stale: run \"make editor\"\nnoted\n%sis\n%s", got, want)
	}
	if here && !bytes.Equal(build(t), committed) {
		t.Error("building the editor gives another script than the committed one: run \"make editor\"")
	}
	var zipped bytes.Buffer
	z, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(committed); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if zipped.Len() > most {
		t.Errorf("the editor's script has %d bytes gzipped, at most %d may be", zipped.Len(), most)
	}
	t.Logf("%d bytes, %d gzipped; built again: %v", len(committed), zipped.Len(), here)
}

// TestLockFileNamesNoHost keeps the place where the libraries came from out of the repository.
func TestLockFileNamesNoHost(t *testing.T) {
	if bytes.Contains(read(t, "editor/package-lock.json"), []byte(`"resolved"`)) {
		t.Error("editor/package-lock.json says where its packages were downloaded from: keep omit-lockfile-registry-resolved in .npmrc")
	}
}
