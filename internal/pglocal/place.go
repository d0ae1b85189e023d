package pglocal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	halfMade = "init-" // begins the name of a data directory that initdb is still filling

	// Socket addresses end at 104 bytes on some systems; the file's name is part of it.
	socketLimit = 90
)

// place is where a cluster lives and who runs it.
type place struct {
	dir    string // absolute, without symbolic links
	socket string // folder of the socket; dir itself unless its path is too long for a socket's address
	cred   *syscall.Credential
}

func (p place) data() string    { return filepath.Join(p.dir, "data") }
func (p place) log() string     { return filepath.Join(p.dir, "log") }
func (p place) pidFile() string { return filepath.Join(p.data(), "postmaster.pid") }

// settle prepares the folder, elsewhere if the account of the server can't reach dir.
func settle(dir string) (place, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return place{}, err
	}
	p, err := prepare(abs)
	if errors.Is(err, fs.ErrPermission) && os.Geteuid() == 0 {
		other := filepath.Join(lasting(), short(abs))
		if p, err = prepare(other); err != nil {
			return place{}, fmt.Errorf("postgres refuses to run as root, its account can't enter %s, and %s won't do either: %w; choose a folder that everybody may enter", dir, other, err)
		}
	}
	if err != nil {
		return place{}, err
	}
	if len(filepath.Join(p.socket, ".s.PGSQL."+port)) > socketLimit {
		p.socket = filepath.Join(os.TempDir(), short(p.dir))
		if err := p.private(p.socket); err != nil {
			return place{}, err
		}
	}
	return p, nil
}

// prepare makes dir a folder of the server's account and proves that the account can enter it.
func prepare(dir string) (place, error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return place{}, err
	}
	parent, err := filepath.EvalSymlinks(filepath.Dir(dir))
	if err != nil {
		return place{}, err
	}
	p := place{dir: filepath.Join(parent, filepath.Base(dir))}
	p.socket = p.dir
	if os.Geteuid() == 0 {
		if p.cred, err = account(p.data()); err != nil {
			return place{}, err
		}
	}
	if err := p.refuseForeign(); err != nil {
		return place{}, err
	}
	if err := p.private(p.dir); err != nil {
		return place{}, err
	}
	if err := p.drop(exec.Command("/bin/sh", "-c", ":")).Run(); err != nil {
		return place{}, fmt.Errorf("enter %s: %w", p.dir, err)
	}
	return p, nil
}

// refuseForeign guards folders that hold other things against being given to the server's account.
func (p place) refuseForeign() error {
	entries, err := os.ReadDir(p.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		ours := name == "data" || name == "log" || name == "lock" || strings.HasPrefix(name, halfMade) || strings.HasPrefix(name, fetched) || strings.HasPrefix(name, ".s.PGSQL.")
		if !ours {
			return fmt.Errorf("%s holds %s, which isn't Postgres's: give it a folder of its own", p.dir, name)
		}
	}
	return nil
}

// private makes dir, or takes it over, as a folder that only the server's account and root may enter. Somebody else's is refused:
// names below the temporary directory can be foreseen.
func (p place) private(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s isn't a folder", dir)
	}
	if uid := owner(info); uid != os.Geteuid() && (p.cred == nil || uid != int(p.cred.Uid)) {
		return fmt.Errorf("%s belongs to somebody else", dir)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	return p.give(dir)
}

// give hands path to the server's account.
func (p place) give(path string) error {
	if p.cred == nil {
		return nil
	}
	return os.Lchown(path, int(p.cred.Uid), int(p.cred.Gid))
}

// drop makes cmd run as the server's account, in a session of its own so that Ctrl-C reaches it only through us, and with nothing of our
// environment that could change what Postgres does.
func (p place) drop(cmd *exec.Cmd) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.cred, Setsid: true}
	cmd.Dir = p.dir
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC", "HOME=" + p.dir, "PATH=" + os.Getenv("PATH")}
	return cmd
}

// account is who the server runs as when we are root: who owns the data already there, else postgres, else nobody.
func account(data string) (*syscall.Credential, error) {
	if info, err := os.Lstat(data); err == nil && owner(info) != 0 {
		st := info.Sys().(*syscall.Stat_t)
		return &syscall.Credential{Uid: st.Uid, Gid: st.Gid}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("account %s: %w", name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("postgres refuses to run as root, and there is neither an account postgres nor nobody: run as an ordinary user")
}

func owner(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

// lasting is a folder that everybody may enter and that outlives a restart of the machine where there is one.
func lasting() string {
	if info, err := os.Stat("/var/tmp"); err == nil && info.Mode()&fs.ModeSticky != 0 {
		return "/var/tmp"
	}
	return os.TempDir()
}

// short is a name that stands for path.
func short(path string) string {
	sum := sha256.Sum256([]byte(path))
	return "stet-" + hex.EncodeToString(sum[:6])
}

// acquire takes the lock that a living program holds while it runs the cluster; the kernel releases it when that program dies.
func (p place) acquire() (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(p.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("%s is %w", p.dir, ErrBusy)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// removeHalfMade deletes what killed runs of initdb left.
func (p place) removeHalfMade() error {
	left, err := filepath.Glob(filepath.Join(p.dir, halfMade+"*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

// awaitPredecessor waits until the server that an earlier program left behind has gone, and helps it along when it takes long. A pid file
// whose number was given to another process meanwhile is removed: Postgres would refuse to start beside it.
func (p place) awaitPredecessor(ctx context.Context) error {
	began := time.Now()
	asked := syscall.Signal(0)
	for {
		pid, _ := p.readPidFile()
		if pid == 0 || syscall.Kill(pid, 0) == syscall.ESRCH {
			return nil
		}
		if !p.serves(pid) {
			return os.Remove(p.pidFile())
		}
		want := syscall.SIGINT
		if time.Since(began) > 10*time.Second {
			want = syscall.SIGQUIT
		}
		// Two seconds are left to its own leash, which fires as soon as its program has died.
		if asked != want && time.Since(began) > 2*time.Second {
			asked = want
			if err := syscall.Kill(pid, want); err != nil && err != syscall.ESRCH {
				return fmt.Errorf("an earlier server (process %d) is still there: %w", pid, err)
			}
		}
		if err := pause(ctx, poll); err != nil {
			return fmt.Errorf("an earlier server (process %d) doesn't go down: %w", pid, err)
		}
	}
}

// readPidFile gives the server's process and its state; zero values where there is no such file or it is being written.
func (p place) readPidFile() (pid int, state string) {
	body, err := os.ReadFile(p.pidFile())
	if err != nil {
		return 0, ""
	}
	lines := strings.Split(string(body), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil {
		return 0, ""
	}
	if len(lines) > 7 {
		state = strings.TrimSpace(lines[7])
	}
	return pid, state
}

// serves tells whether process pid is a Postgres over this data: its command line names the folder. When that can't be read it is taken
// for one, as waiting does less harm than removing the file of a living server.
func (p place) serves(pid int) bool {
	var line []byte
	var err error
	if runtime.GOOS == "linux" {
		line, err = os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	} else {
		line, err = exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	}
	if err != nil {
		return true
	}
	return strings.Contains(string(line), p.data())
}

// logged reports whether the server's log holds a text.
func (p place) logged(text string) bool {
	body, err := os.ReadFile(p.log())
	return err == nil && bytes.Contains(body, []byte(text))
}

// logTail is the end of the server's log, for messages.
func (p place) logTail() string {
	body, err := os.ReadFile(p.log())
	if err != nil {
		return err.Error()
	}
	const enough = 2000
	if len(body) > enough {
		body = body[len(body)-enough:]
	}
	return strings.TrimSpace(string(body))
}
