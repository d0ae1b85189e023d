package pgtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"stet/internal/pglocal"
)

// memberEnv makes this test binary a test process that joins, prints the number of the server's process, and stays until it is killed.
const memberEnv = "STET_TEST_PGTEST_MEMBER"

func TestMain(m *testing.M) {
	if os.Getenv(memberEnv) == "" {
		os.Exit(m.Run())
	}
	if _, err := joined(); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	dir, _ := sharedDir()
	pid, err := os.ReadFile(filepath.Join(dir, "pg", "data", "postmaster.pid"))
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(strings.SplitN(string(pid), "\n", 2)[0])
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// member starts such a process with a shared folder below tmp.
func member(t *testing.T, tmp string) (cmd *exec.Cmd, server int) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), memberEnv+"=1", "TMPDIR="+tmp)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	server, err = strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("the test process says %q", line)
	}
	return cmd, server
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the killed test process ended well")
	}
}

// gone waits for the end of the server's process.
func gone(t *testing.T, server int) {
	t.Helper()
	deadline, tick := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for syscall.Kill(server, 0) == nil {
		select {
		case <-deadline:
			t.Fatalf("server %d outlived its tests", server)
		case <-tick.C:
		}
	}
}

func TestServerLivesAsLongAsItsTests(t *testing.T) {
	tmp := Folder(t)
	first, server := member(t, tmp)
	second, same := member(t, tmp)
	if same != server {
		t.Errorf("two test processes have servers %d and %d, want one", server, same)
	}
	kill(t, first)
	kill(t, second)
	gone(t, server)
	left, err := filepath.Glob(filepath.Join(tmp, "stet-pgtest-*", "keeper.sock"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	third, server := member(t, tmp)
	kill(t, third)
	gone(t, server)
}

func TestMissingBinariesNameTheCommand(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(logPath(dir), []byte(pglocal.ErrNoBinaries.Error()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := keeperFailure(dir); !errors.Is(err, pglocal.ErrNoBinaries) || !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Errorf("keeperFailure = %v, want ErrNoBinaries with the command", err)
	}
	if err := keeperFailure(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("keeperFailure without a log = %v, want that it isn't there", err)
	}
}
