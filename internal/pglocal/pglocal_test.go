package pglocal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// holderEnv makes this test binary a program that starts a cluster in the named folder and holds it until it is killed.
const holderEnv = "STET_TEST_PGLOCAL_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holderEnv); dir != "" {
		hold(dir)
		return
	}
	os.Exit(m.Run())
}

func hold(dir string) {
	c, err := Open(dir, Options{Fast: true})
	if err == nil {
		err = c.Start(context.Background())
	}
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(c.running.cmd.Process.Pid)
	_, _ = io.Copy(io.Discard, os.Stdin) // nothing comes: until killed, or until the test has gone
}

// folder is a temporary folder that other accounts may pass through, unlike t.TempDir's.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pglocal-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "pg")
}

func open(t *testing.T, dir string, o Options) *Cluster {
	t.Helper()
	c, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func start(t *testing.T, c *Cluster) {
	t.Helper()
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// ask runs a query that gives one text.
func ask(t *testing.T, c *Cluster, query string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.URL(Superuser, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var out string
	if err := conn.QueryRow(t.Context(), query).Scan(&out); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

func exists(pid int) bool { return syscall.Kill(pid, 0) == nil }

// eventually waits for what another process brings about.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("%s didn't come about within 20 s", what)
		case <-tick.C:
		}
	}
}

func TestStartStopKeepsData(t *testing.T) {
	dir := folder(t)
	c := open(t, dir, Options{})
	start(t, c)
	pid := c.running.cmd.Process.Pid
	for setting, want := range map[string]string{
		"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on",
		"listen_addresses": "", "TimeZone": "UTC", "server_encoding": "UTF8", "port": "5432",
	} {
		if got := ask(t, c, "SHOW "+setting); got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
	if got := ask(t, c, "SELECT datcollate FROM pg_database WHERE datname = 'template1'"); got != "C.UTF-8" && got != "C" {
		t.Errorf("collation %q, want C.UTF-8", got)
	}
	ask(t, c, "WITH x AS (SELECT lo_create(4711)) SELECT count(*)::text FROM x")
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if exists(pid) {
		t.Errorf("process %d is still there after Stop", pid)
	}
	start(t, c)
	if got := ask(t, c, "SELECT count(*)::text FROM pg_largeobject_metadata"); got != "1" {
		t.Errorf("after a restart %s large objects, want 1", got)
	}
	if err := c.Destroy(); err == nil {
		t.Error("Destroy deleted the data of a running server")
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := c.Destroy(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.place.data()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Destroy the data is still there: %v", err)
	}
}

// startHolder runs another program that holds the cluster in dir, and gives the process of its server.
func startHolder(t *testing.T, dir string) (holder *exec.Cmd, server int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holderEnv+"="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("the holder says %q", line)
	}
	return cmd, pid
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the killed holder ended well")
	}
}

func TestKilledProgramLeavesNoServer(t *testing.T) {
	dir := folder(t)
	holder, pid := startHolder(t, dir)
	kill(t, holder)
	eventually(t, "the end of the server", func() bool { return !exists(pid) })
	c := open(t, dir, Options{Fast: true})
	start(t, c)
	ask(t, c, "SELECT 'here'")
}

func TestStartWhileTheOldServerGoesDown(t *testing.T) {
	dir := folder(t)
	holder, pid := startHolder(t, dir)
	kill(t, holder)
	c := open(t, dir, Options{Fast: true})
	start(t, c)
	// It gives up its pid file in its last breath, so it may still be there for a blink.
	eventually(t, "the end of the old server", func() bool { return !exists(pid) })
	ask(t, c, "SELECT 'here'")
}

func TestKilledServerIsNoticedAndRecovers(t *testing.T) {
	c := open(t, folder(t), Options{Fast: true})
	start(t, c)
	gone := c.Gone()
	if err := syscall.Kill(c.running.cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Fatal("Gone isn't closed though the server was killed")
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	start(t, c)
	ask(t, c, "SELECT 'here'")
}

// TestKilledServerWithSessions starts a server while the sessions of the one before still notice its end, each with a line in the log that
// both write to.
func TestKilledServerWithSessions(t *testing.T) {
	c := open(t, folder(t), Options{Fast: true, MaxConnections: 100})
	start(t, c)
	for range 3 {
		var open []*pgx.Conn
		for range 60 {
			conn, err := pgx.Connect(t.Context(), c.URL(Superuser, "postgres"))
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, conn)
		}
		var sessions sync.WaitGroup
		for _, conn := range open {
			sessions.Go(func() {
				for {
					if _, err := conn.Exec(t.Context(), "SELECT count(*) FROM generate_series(1, 20000)"); err != nil {
						return // the server is gone
					}
				}
			})
		}
		gone := c.Gone()
		if err := syscall.Kill(c.running.cmd.Process.Pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		<-gone
		if err := c.Stop(); err != nil {
			t.Fatal(err)
		}
		start(t, c)
		sessions.Wait()
	}
	ask(t, c, "SELECT 'here'")
}

func TestSecondProgramIsRefused(t *testing.T) {
	dir := folder(t)
	holder, _ := startHolder(t, dir)
	c := open(t, dir, Options{Fast: true})
	if err := c.Start(t.Context()); !errors.Is(err, ErrBusy) {
		t.Errorf("Start beside a living program = %v, want ErrBusy", err)
	}
	kill(t, holder)
}

func TestStalePidFile(t *testing.T) {
	c := open(t, folder(t), Options{Fast: true})
	start(t, c)
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	// This very process is alive and no server, as after a restart of a container where numbers are given out again.
	stale := fmt.Sprintf("%d\n%s\n", os.Getpid(), c.place.data())
	if err := os.WriteFile(c.place.pidFile(), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, c)
	ask(t, c, "SELECT 'here'")
}

func TestLongPathMovesOnlyTheSocket(t *testing.T) {
	dir := filepath.Join(folder(t), strings.Repeat("long/", 20), "pg")
	c := open(t, dir, Options{Fast: true})
	t.Cleanup(func() { os.RemoveAll(c.place.socket) })
	start(t, c)
	ask(t, c, "SELECT 'here'")
	if c.Dir() != dir && os.Getenv("TMPDIR") == "" {
		t.Errorf("Dir() = %s, want %s", c.Dir(), dir)
	}
}

func TestUnreachableFolder(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Log("only root drops its rights; nothing to see as an ordinary user")
		return
	}
	dir := folder(t)
	closed := filepath.Join(dir, "closed")
	if err := os.MkdirAll(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	c := open(t, filepath.Join(closed, "pg"), Options{Fast: true})
	t.Cleanup(func() { os.RemoveAll(c.Dir()) })
	if strings.HasPrefix(c.Dir(), closed) {
		t.Fatalf("Dir() = %s lies in a folder that the server's account can't enter", c.Dir())
	}
	start(t, c)
	ask(t, c, "SELECT 'here'")
	again := open(t, filepath.Join(closed, "pg"), Options{Fast: true})
	if again.Dir() != c.Dir() {
		t.Errorf("the same folder gives %s and then %s", c.Dir(), again.Dir())
	}
}

func TestForeignFolderIsRefused(t *testing.T) {
	dir := folder(t)
	if err := os.MkdirAll(filepath.Join(dir, "holiday-pictures"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "holiday-pictures") {
		t.Errorf("Open of a folder with other things = %v, want an error that names them", err)
	}
}

func TestDataOfAnotherVersion(t *testing.T) {
	dir := folder(t)
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "data", "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "made by Postgres 9") {
		t.Errorf("Open of old data = %v, want an error that names its version", err)
	}
}
