// Package migrations holds the schema's history: one numbered SQL file a step, embedded in the binary, and the goose provider that runs
// them. A released file is never changed; what it got wrong is put right by the next one.
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
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed *.sql
var files embed.FS

// Provider makes the goose provider that runs the embedded files over db. It takes no lock unless an option says so.
func Provider(db *sql.DB, options ...goose.ProviderOption) (*goose.Provider, error) {
	// The global registry would let any imported package add a step to Stet's own history.
	options = append(options, goose.WithDisableGlobalRegistry(true))
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
		body, err := files.ReadFile(name)
		if err != nil {
			panic("migrations: " + err.Error())
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(body), body)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// names are the embedded files in order; reading an embed.FS fails only for a name that isn't there, which is a fault of this file.
func names() []string {
	found, err := fs.Glob(files, "*.sql")
	if err != nil {
		panic("migrations: " + err.Error())
	}
	return found
}
