package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"stet/internal/pglocal"
	"stet/internal/postgres"
)

// The keeper is this test binary run once more, apart from the test run. Each test process holds a connection to its socket; the kernel
// closes it when the process ends, killed or not. The keeper alone decides, in one loop, who is in and when it goes, so nobody can be let
// in to a server that is about to stop: who isn't answered finds or starts the next keeper.
const (
	keeperEnv  = "STET_PGTEST_KEEPER"
	linger     = 2 * time.Second
	retryAfter = 20 * time.Millisecond
)

// init turns the process into the keeper before any test could begin.
func init() {
	dir := os.Getenv(keeperEnv)
	if dir == "" {
		return
	}
	if err := keep(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func socketPath(dir string) string { return filepath.Join(dir, "keeper.sock") }
func logPath(dir string) string    { return filepath.Join(dir, "keeper.log") }

// keep runs the server until nobody has needed it for a while.
func keep(dir string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	c, err := pglocal.Open(filepath.Join(dir, "pg"), pglocal.Options{Fast: true, MaxConnections: 300})
	if err != nil {
		return err
	}
	if err := startCluster(ctx, c); err != nil {
		return err
	}
	err = serve(ctx, dir, c)
	return errors.Join(err, c.Stop())
}

// startCluster starts the server, after the last keeper has let go of it. Data that was spoilt by a crash of the machine is made anew.
func startCluster(ctx context.Context, c *pglocal.Cluster) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := c.Start(ctx)
	for errors.Is(err, pglocal.ErrBusy) {
		select {
		case <-ctx.Done():
			return err
		case <-time.After(retryAfter):
		}
		err = c.Start(ctx)
	}
	if err == nil {
		err = sweep(ctx, c.URL(pglocal.Superuser, "postgres"))
	}
	if err == nil {
		return nil
	}
	if err := errors.Join(c.Stop(), c.Destroy()); err != nil {
		return err
	}
	return c.Start(ctx)
}

// serve lets test processes in. The socket is bound only while this keeper holds the cluster, so no two keepers ever fight over its name.
func serve(ctx context.Context, dir string, c *pglocal.Cluster) error {
	if err := os.Remove(socketPath(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	l, err := net.Listen("unix", socketPath(dir))
	if err != nil {
		return err
	}
	defer l.Close()
	arrived, left := make(chan net.Conn), make(chan struct{})
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed: the keeper goes
			}
			arrived <- conn
		}
	}()
	answer := c.URL(pglocal.Superuser, "postgres") + "\n"
	idle := time.NewTimer(10 * linger)
	for n := 0; ; {
		select {
		case conn := <-arrived:
			n++
			idle.Stop()
			go func() {
				// Whether the answer arrives or not, the read ends when the other side has gone.
				_, _ = conn.Write([]byte(answer))
				_, _ = conn.Read(make([]byte, 1))
				conn.Close()
				left <- struct{}{}
			}()
		case <-left:
			if n--; n == 0 {
				idle.Reset(linger)
			}
		case <-idle.C:
			return nil
		case <-c.Gone():
			return errors.New("the server ended by itself")
		case <-ctx.Done():
			return nil
		}
	}
}

// join gets this process a place at the shared server, starting a keeper where there is none.
func join() (*server, error) {
	dir, err := sharedDir()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	s, err := enter(ctx, dir)
	if err != nil {
		return nil, err
	}
	if s.admin, err = postgres.Open(ctx, s.base.String(), postgres.Options{StatementTimeout: patience, AppName: "pgtest"}); err != nil {
		return nil, err
	}
	if err := s.ensureTemplate(ctx); err != nil {
		return nil, fmt.Errorf("make the template database: %w", err)
	}
	return s, nil
}

// sharedDir is this user's folder for the shared server.
func sharedDir() (string, error) {
	dir := filepath.Join(os.TempDir(), "stet-pgtest-"+strconv.Itoa(os.Geteuid()))
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || !ok || int(st.Uid) != os.Geteuid() {
		return "", fmt.Errorf("%s isn't a folder of ours: remove it", dir)
	}
	return dir, nil
}

// enter asks the keeper for a place; one process at a time looks whether a keeper must be started.
func enter(ctx context.Context, dir string) (*server, error) {
	if s := knock(dir); s != nil {
		return s, nil
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, err
	}
	if s := knock(dir); s != nil {
		return s, nil
	}
	ended, err := startKeeper(dir)
	if err != nil {
		return nil, err
	}
	for {
		if s := knock(dir); s != nil {
			return s, nil
		}
		select {
		case <-ended:
			return nil, keeperFailure(dir)
		case <-ctx.Done():
			return nil, fmt.Errorf("the server doesn't come up: %w", ctx.Err())
		case <-time.After(retryAfter):
		}
	}
}

// knock returns nil where no keeper answers.
func knock(dir string) *server {
	conn, err := net.Dial("unix", socketPath(dir))
	if err != nil {
		return nil
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		conn.Close()
		return nil
	}
	u, err := url.Parse(strings.TrimSuffix(line, "\n"))
	if err != nil {
		conn.Close()
		return nil
	}
	return &server{base: *u, lease: conn}
}

// startKeeper runs this binary as the keeper, apart from the terminal and from everything that the test run waits for.
func startKeeper(dir string) (ended <-chan struct{}, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(logPath(dir))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(self)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), keeperEnv+"="+dir)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	done := make(chan struct{})
	go func() {
		// Why it ended stands in its log.
		_ = cmd.Wait()
		close(done)
	}()
	return done, nil
}

// keeperFailure is what the keeper wrote before it ended.
func keeperFailure(dir string) error {
	body, err := os.ReadFile(logPath(dir))
	if err != nil {
		return err
	}
	text := strings.TrimSpace(string(body))
	if strings.Contains(text, pglocal.ErrNoBinaries.Error()) {
		return pglocal.ErrNoBinaries
	}
	return fmt.Errorf("the server doesn't come up:\n%s", text)
}
