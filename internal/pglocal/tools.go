package pglocal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	embedded "github.com/fergusstrange/embedded-postgres"
)

const (
	oldest  = 15 // the floor that the schema is written for
	fetched = "postgres-"
)

// ErrNoBinaries says that no usable Postgres is on this machine; the message says how to install one.
var ErrNoBinaries = errors.New("no Postgres 15 or newer is on this machine: install one (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; macOS: brew install postgresql@17) or name its folder in STET_PG_BIN")

// tools is a folder with the server's programs.
type tools struct {
	dir   string
	major int
}

func (t tools) path(name string) string { return filepath.Join(t.dir, name) }

// findTools looks for binaries that can run the cluster: of the same major version where it has data, else the first that is new enough.
// The order is $STET_PG_BIN, PATH, pg_config, the usual folders of packagers from the newest version down, and what was fetched before.
func findTools(p place) (tools, error) {
	made, err := dataVersion(p)
	if err != nil {
		return tools{}, err
	}
	var found []int
	for _, dir := range candidates(p) {
		t, ok := inspect(dir)
		if !ok || t.major < oldest {
			continue
		}
		if made == 0 || made == t.major {
			return t, nil
		}
		found = append(found, t.major)
	}
	if len(found) > 0 {
		slices.Sort(found)
		return tools{}, fmt.Errorf("the data in %s was made by Postgres %d and only %v is on this machine: install version %d, or begin anew with that folder removed", p.dir, made, slices.Compact(found), made)
	}
	return tools{}, ErrNoBinaries
}

// dataVersion is the major version that made the data; 0 where there is none.
func dataVersion(p place) (int, error) {
	body, err := os.ReadFile(filepath.Join(p.data(), "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	v, err := strconv.Atoi(strings.TrimSpace(string(body)))
	if err != nil {
		return 0, fmt.Errorf("version of the data in %s: %w", p.dir, err)
	}
	return v, nil
}

// candidates are the folders to look into, best first.
func candidates(p place) []string {
	var dirs []string
	if d := os.Getenv("STET_PG_BIN"); d != "" {
		dirs = append(dirs, d)
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		// Some images link /usr/local/bin/postgres alone, with no initdb beside the link.
		if target, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(target))
		}
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	return append(dirs, newestFirst(append(slices.Clone(usual), filepath.Join(p.dir, fetched+"*", "bin")))...)
}

// usual are the folders of packagers.
var usual = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*", "/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin"}

// newestFirst are the folders that the patterns find, of each pattern the newest version first.
func newestFirst(patterns []string) (dirs []string) {
	for _, pattern := range patterns {
		match, err := filepath.Glob(pattern)
		if err != nil {
			continue // a folder's name with a bracket in it; the fixed patterns are well formed
		}
		slices.Sort(match)
		slices.Reverse(match)
		dirs = append(dirs, match...)
	}
	return dirs
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect reports the version of the binaries in dir; false where there is no server that runs.
func inspect(dir string) (tools, bool) {
	t := tools{dir: dir}
	if _, err := os.Stat(t.path("initdb")); err != nil {
		return t, false
	}
	out, err := exec.Command(t.path("postgres"), "--version").Output()
	if err != nil {
		return t, false
	}
	m := versionPattern.FindSubmatch(out)
	if m == nil {
		return t, false
	}
	t.major, err = strconv.Atoi(string(m[1]))
	return t, err == nil
}

// fetchTools downloads binaries into the cluster's own folder.
func fetchTools(p place, notice func(string)) (tools, error) {
	return fetchFrom(p, notice, embedded.DefaultConfig().Version(embedded.V18))
}

// fetchFrom lets embedded-postgres download and unpack. The library has no call for that alone, so it is asked to run a server that it
// can't: an unknown locale ends initdb, and port 0 the start where the locale is taken after all.
func fetchFrom(p place, notice func(string), from embedded.Config) (tools, error) {
	notice("no Postgres found: downloading one, once")
	tmp, err := os.MkdirTemp(p.dir, halfMade)
	if err != nil {
		return tools{}, err
	}
	defer func() {
		_ = os.RemoveAll(tmp) // what is left goes with the next start
	}()
	unpacked := filepath.Join(tmp, "unpacked")
	err = embedded.NewDatabase(from.Logger(io.Discard).Locale("unpack-only").Port(0).
		CachePath(filepath.Join(tmp, "cache")).RuntimePath(filepath.Join(tmp, "run")).BinariesPath(unpacked)).Start()
	t, ok := inspect(filepath.Join(unpacked, "bin"))
	if !ok || (err != nil && strings.Contains(err.Error(), "unable to extract")) {
		return tools{}, fmt.Errorf("%w; downloading one didn't work: %w", ErrNoBinaries, err)
	}
	if err := openUp(unpacked); err != nil {
		return tools{}, err
	}
	home := filepath.Join(p.dir, fetched+strconv.Itoa(t.major))
	if err := os.Rename(unpacked, home); err != nil {
		return tools{}, err
	}
	t.dir = filepath.Join(home, "bin")
	return t, nil
}

// openUp lets the server's account read and run what was unpacked under our own.
func openUp(dir string) error {
	return filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.Type()&os.ModeSymlink != 0 {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if e.IsDir() || mode&0o100 != 0 {
			mode |= 0o111
		}
		return os.Chmod(path, mode)
	})
}
