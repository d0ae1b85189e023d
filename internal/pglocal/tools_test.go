package pglocal

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// repository serves one archive of binaries the way the public one does; an empty archive stands for an answer of 404.
func repository(t *testing.T, archive []byte) *httptest.Server {
	t.Helper()
	var jar bytes.Buffer
	z := zip.NewWriter(&jar)
	w, err := z.Create("binaries.txz")
	if err == nil {
		_, err = w.Write(archive)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(jar.Bytes())
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := jar.Bytes()
		if strings.HasSuffix(r.URL.Path, ".sha256") {
			body = []byte(hex.EncodeToString(sum[:]))
		}
		if len(archive) == 0 {
			http.NotFound(w, r)
			return
		}
		if _, err := w.Write(body); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

func fetchFixture(t *testing.T, archive []byte) (place, tools, error) {
	t.Helper()
	p, err := settle(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir()) // the library leaves a log file there
	from := embedded.DefaultConfig().Version(embedded.V18).BinaryRepositoryURL(repository(t, archive).URL)
	got, err := fetchFrom(p, func(string) {}, from)
	return p, got, err
}

func TestFetch(t *testing.T) {
	archive, err := os.ReadFile("testdata/binaries.txz")
	if err != nil {
		t.Fatal(err)
	}
	p, got, err := fetchFixture(t, archive)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(p.dir, "postgres-18", "bin"); got.dir != want || got.major != 18 {
		t.Errorf("fetched %+v, want version 18 in %s", got, want)
	}
	info, err := os.Stat(got.path("initdb"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o555 != 0o555 {
		t.Errorf("initdb has mode %v, which the server's account can't run", info.Mode())
	}
	if err := p.refuseForeign(); err != nil {
		t.Errorf("the next Open refuses its own folder: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(p.dir, halfMade+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestFetchFails(t *testing.T) {
	for name, archive := range map[string][]byte{"not there": nil, "no archive": []byte("rubbish")} {
		t.Run(name, func(t *testing.T) {
			_, _, err := fetchFixture(t, archive)
			if !errors.Is(err, ErrNoBinaries) {
				t.Errorf("fetch = %v, want ErrNoBinaries", err)
			}
		})
	}
}

func TestFindTools(t *testing.T) {
	p := place{dir: t.TempDir()}
	bin := t.TempDir()
	for name, script := range map[string]string{"initdb": "exit 1", "postgres": "echo 'postgres (PostgreSQL) 99.1 (somebody)'"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("STET_PG_BIN", bin)
	got, err := findTools(p)
	if err != nil || got.dir != bin || got.major != 99 {
		t.Errorf("findTools = %+v, %v; want version 99 in %s, which STET_PG_BIN names", got, err, bin)
	}
}
