// Package migrations holds the schema's history: one numbered file a step, SQL embedded in the binary or, for the job queue's own tables, Go,
// and the goose provider that runs them. A released file is never changed; what it got wrong is put right by the next one.
//
// It must never connect to a database by itself: which one, under which lock and when is decided in the postgres room.
package migrations

import (
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed *.sql
var files embed.FS

// code are the steps written in Go, so that the history's hash knows them too.
//
//go:embed 00008_jobs.go
var code embed.FS

// Provider makes the goose provider that runs the embedded files over db. It takes no lock unless an option says so.
func Provider(db *sql.DB, options ...goose.ProviderOption) (*goose.Provider, error) {
	// The global registry would let any imported package add a step to Stet's own history.
	options = append(options, goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(jobs()))
	return goose.NewProvider(goose.DialectPostgres, db, files, options...)
}

// Newest is the number of the last embedded step: the schema that this program is written for.
func Newest() int64 {
	var newest int64
	for _, name := range names() {
		digits, _, _ := strings.Cut(name, "_")
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			panic(fmt.Sprintf("migrations: %s doesn't begin with a number", name))
		}
		newest = max(newest, n)
	}
	return newest
}

// Hash names the whole history: it changes with any file's name or bytes. Short and in lower case, so that it may stand in a database's name.
func Hash() string {
	h := sha256.New()
	for _, name := range names() {
		body, err := read(name)
		if err != nil {
			panic("migrations: " + err.Error())
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(body), body)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// names are the embedded steps in order; reading an embed.FS fails only for a name that isn't there, which is a fault of this file.
func names() []string {
	var all []string
	for _, fsys := range []embed.FS{files, code} {
		found, err := fs.Glob(fsys, "0*")
		if err != nil {
			panic("migrations: " + err.Error())
		}
		all = append(all, found...)
	}
	slices.Sort(all)
	return all
}

func read(name string) ([]byte, error) {
	if path.Ext(name) == ".go" {
		return code.ReadFile(name)
	}
	return files.ReadFile(name)
}
