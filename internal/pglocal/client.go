package pglocal

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// Programs is a folder with pg_dump, pg_restore and psql, all of one major version.
type Programs struct {
	Dir   string
	Major int
}

// Path is where one of them is.
func (p Programs) Path(name string) string { return filepath.Join(p.Dir, name) }

// ErrNoPrograms says that the programs aren't on this machine, or only such as are too old; the message says what to install.
var ErrNoPrograms = errors.New("pg_dump, pg_restore and psql of a version that will do are not on this machine")

// Client finds Postgres's own programs for saving and loading a database, of the major version least or newer: in $STET_PG_BIN, in the usual
// folders of packagers, on the PATH. Of several the oldest that will do is taken, as newer ones write what older servers don't understand.
func Client(least int) (Programs, error) {
	var dirs []string
	if d := os.Getenv("STET_PG_BIN"); d != "" {
		dirs = append(dirs, d)
	}
	dirs = append(dirs, newestFirst(usual)...)
	if path, err := exec.LookPath("pg_dump"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	var best Programs
	var old []int
	for _, dir := range dirs {
		p, ok := client(dir)
		switch {
		case !ok:
		case p.Major < least:
			old = append(old, p.Major)
		case best.Major == 0 || p.Major < best.Major:
			best = p
		}
	}
	if best.Major > 0 {
		return best, nil
	}
	slices.Sort(old)
	return best, fmt.Errorf("%w: install those of Postgres %d or newer (Debian, Ubuntu: apt-get install postgresql-client) or name their folder in STET_PG_BIN; found versions: %v",
		ErrNoPrograms, least, slices.Compact(old))
}

// client reports the version of the programs in dir; false where one is missing or they differ.
func client(dir string) (Programs, bool) {
	p := Programs{Dir: dir}
	for _, name := range []string{"pg_dump", "pg_restore", "psql"} {
		out, err := exec.Command(p.Path(name), "--version").Output()
		m := versionPattern.FindSubmatch(out)
		if err != nil || m == nil {
			return p, false
		}
		major, err := strconv.Atoi(string(m[1]))
		if err != nil || p.Major != 0 && p.Major != major {
			return p, false
		}
		p.Major = major
	}
	return p, true
}
