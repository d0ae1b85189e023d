// Package pglocal runs a private Postgres from the binaries on this machine, for the demo and the tests: nothing to install by hand, no
// port, no password, no service left behind. The server listens only on a socket in a folder that nobody else may enter, and it goes down
// with the program that started it, also when that program is killed with -9.
//
// It knows how to find, start and stop a server and nothing of what is in it: roles, databases and schema belong to the postgres room.
// It must never touch a server that it didn't start, and never delete data unless Destroy is called.
//
// It runs wherever Unix does. Where no binaries are found they may be downloaded (Options.Fetch); that path needs the network.
package pglocal

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// Superuser is the role that initdb makes. Everything else is created through it.
	Superuser = "stet_super"

	port         = "5432" // names the socket's file; no TCP port is opened
	startPatient = 60 * time.Second
	stopPatient  = 30 * time.Second
	poll         = 10 * time.Millisecond
)

// ErrBusy says that another running program holds the cluster.
var ErrBusy = errors.New("in use by another running program")

// Options choose what the server is for. The zero value is for data that must survive a power cut.
type Options struct {
	// Fast gives up durability for speed: for tests, whose data nobody misses.
	Fast bool
	// Fetch allows downloading binaries where none are found.
	Fetch bool
	// MaxConnections is the server's limit; 0 means 100.
	MaxConnections int
	// StandbyOf makes the cluster a hot standby of another, which runs, isn't Fast and allows no more connections: its data is a copy of that
	// one's when Start first makes it, and follows from then on.
	StandbyOf *Cluster
	// Notice, when set, is told in one line of what takes long or is worth knowing.
	Notice func(string)
}

// Cluster is one data directory and, between Start and Stop, the server over it.
// Its methods are safe for concurrent use.
type Cluster struct {
	options Options
	place   place
	tools   tools

	mu      sync.Mutex
	lock    *os.File
	running *server
}

// server is a started postgres process.
type server struct {
	cmd   *exec.Cmd
	leash *os.File      // its closing, for whatever reason, brings the server down
	gone  chan struct{} // closed when the process has ended
}

// Open chooses where the cluster lives and finds the binaries; it starts nothing. The folder must be empty or made by an earlier Open.
// As root the server runs as postgres or nobody; where that account can't reach dir (a folder under /root, say), the cluster lives in a
// folder of its own below /var/tmp or the temporary directory: Dir tells. ErrNoBinaries says that there is nothing to run.
func Open(dir string, o Options) (*Cluster, error) {
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = 100
	}
	p, err := settle(dir)
	if err != nil {
		return nil, fmt.Errorf("place for postgres: %w", err)
	}
	t, err := findTools(p)
	if errors.Is(err, ErrNoBinaries) && o.Fetch {
		t, err = fetchTools(p, o.Notice)
	}
	if err != nil {
		return nil, err
	}
	return &Cluster{options: o, place: p, tools: t}, nil
}

// Dir is the folder that holds the cluster.
func (c *Cluster) Dir() string { return c.place.dir }

// URL is the connection string for role and db over the socket; no password is needed.
func (c *Cluster) URL(role, db string) string {
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + db}
	// The port is said because PGPORT would otherwise choose another socket.
	u.RawQuery = url.Values{"host": {c.place.socket}, "port": {port}}.Encode()
	return u.String()
}

// Program is the path of one of the programs that come with the server, such as pg_dump. It may be missing where only the server is installed.
func (c *Cluster) Program(name string) string { return c.tools.path(name) }

// Start makes the data directory on first use, starts the server and returns when it accepts connections. A server that an earlier,
// killed program left going down is waited for. ErrBusy means that a living program runs this cluster. On a started cluster it does nothing.
func (c *Cluster) Start(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, startPatient)
	defer cancel()
	lock, err := c.place.acquire()
	if err != nil {
		return err
	}
	s, err := c.launch(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("start postgres in %s: %w", c.place.dir, err), lock.Close())
	}
	c.lock, c.running = lock, s
	return nil
}

// Stop ends all connections, shuts the server down cleanly and returns when it has gone. On a stopped cluster it does nothing.
func (c *Cluster) Stop() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running == nil {
		return nil
	}
	err := c.running.stop()
	err = errors.Join(err, c.lock.Close())
	c.running, c.lock = nil, nil
	return err
}

// Gone is closed when the server's process has ended, whoever ended it; nil on a stopped cluster.
func (c *Cluster) Gone() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running == nil {
		return nil
	}
	return c.running.gone
}

// Destroy deletes all data. It refuses while the server runs; the next Start begins with an empty cluster.
func (c *Cluster) Destroy() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running != nil {
		return errors.New("destroy: the server is running")
	}
	lock, err := c.place.acquire()
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(c.place.data()), lock.Close())
}

// launch brings the server up: the old one gone, the data there, the new one ready.
func (c *Cluster) launch(ctx context.Context) (*server, error) {
	if err := c.place.awaitPredecessor(ctx); err != nil {
		return nil, err
	}
	if err := c.ensureData(ctx); err != nil {
		return nil, err
	}
	for {
		s, err := c.spawn()
		if err != nil {
			return nil, err
		}
		err = c.awaitReady(ctx, s)
		if err == nil {
			return s, nil
		}
		err = errors.Join(err, s.stop())
		// Sessions of a killed server need a moment to notice that it has gone, and hold its shared memory until then. The whole log is asked:
		// each of them writes its own end into it.
		if !c.place.logged("pre-existing shared memory block") || pause(ctx, 100*time.Millisecond) != nil {
			return nil, err
		}
	}
}

// ensureData runs initdb where there is no data yet, beside the final name so that a killed initdb leaves nothing that looks whole.
func (c *Cluster) ensureData(ctx context.Context) error {
	if _, err := os.Stat(c.place.data()); err == nil {
		return nil
	}
	if err := c.place.removeHalfMade(); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(c.place.dir, halfMade)
	if err != nil {
		return err
	}
	if err := c.place.give(tmp); err != nil {
		return err
	}
	if c.options.StandbyOf != nil {
		of := c.options.StandbyOf
		cmd := c.place.drop(exec.CommandContext(ctx, c.tools.path("pg_basebackup"), "-D", tmp, "-h", of.place.socket, "-p", port, "-U", Superuser, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync"))
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("pg_basebackup: %w\n%s", err, strings.TrimSpace(string(out)))
		}
		return os.Rename(tmp, c.place.data())
	}
	args := []string{"-D", tmp, "-U", Superuser, "-A", "trust", "-E", "UTF8", "--no-instructions"}
	if runtime.GOOS == "darwin" { // has no C.UTF-8
		args = append(args, "--lc-collate=C", "--lc-ctype=UTF-8")
	} else {
		args = append(args, "--locale=C.UTF-8")
	}
	if c.options.Fast {
		args = append(args, "--no-sync")
	} else {
		args = append(args, "--data-checksums")
	}
	cmd := c.place.drop(exec.CommandContext(ctx, c.tools.path("initdb"), args...))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return os.Rename(tmp, c.place.data())
}

// serverArgs are the settings on the server's command line, which win over the configuration files.
func (c *Cluster) serverArgs() []string {
	set := []string{"listen_addresses=", "unix_socket_permissions=0700", "max_connections=" + strconv.Itoa(c.options.MaxConnections), "timezone=UTC", "log_timezone=UTC"}
	if c.options.Fast {
		set = append(set, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
			"autovacuum=off", "max_wal_size=2GB", "checkpoint_timeout=1h", "jit=off")
	} else {
		set = append(set, "fsync=on", "synchronous_commit=on", "full_page_writes=on")
	}
	args := []string{"-D", c.place.data(), "-k", c.place.socket, "-p", port}
	for _, s := range set {
		args = append(args, "-c", s)
	}
	return args
}

// leashScript becomes the server itself, with a child that holds the other end of the leash (descriptor 3). The kernel closes the leash
// when the program that holds it dies in whatever way, so the child wakes even after kill -9. It asks the pid file before each signal,
// as the number may belong to another process by then, and turns to an immediate shutdown when a clean one takes too long.
const leashScript = `
(
	read _ <&3
	signal=INT
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		kill -0 $$ || exit
		[ $i -gt 10 ] && signal=QUIT
		read pid <"$1" && [ "$pid" = $$ ] && kill -$signal $$
		sleep 1
	done
) </dev/null >/dev/null 2>&1 &
shift
exec "$@" 3<&-
`

// spawn starts the process and returns at once.
func (c *Cluster) spawn() (*server, error) {
	// Appending: what a killed server's sessions still write mustn't cover what this one says.
	log, err := os.OpenFile(c.place.log(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	held, leash, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer held.Close()
	args := append([]string{"-c", leashScript, "sh", c.place.pidFile(), c.tools.path("postgres")}, c.serverArgs()...)
	cmd := c.place.drop(exec.Command("/bin/sh", args...))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{held}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, leash.Close())
	}
	s := &server{cmd: cmd, leash: leash, gone: make(chan struct{})}
	go func() {
		// How it ended is told by the log; only that it ended matters here.
		_ = cmd.Wait()
		close(s.gone)
	}()
	return s, nil
}

// awaitReady waits for the word "ready" that the server writes into its pid file, as pg_ctl does.
func (c *Cluster) awaitReady(ctx context.Context, s *server) error {
	for {
		if pid, state := c.place.readPidFile(); pid == s.cmd.Process.Pid && state == "ready" {
			return nil
		}
		select {
		case <-s.gone:
			return fmt.Errorf("the server ended at once:\n%s", c.place.logTail())
		default:
		}
		if err := pause(ctx, poll); err != nil {
			return fmt.Errorf("the server isn't ready: %w\n%s", err, c.place.logTail())
		}
	}
}

// stop asks for a clean shutdown, then for an immediate one, then kills. Whichever works, the process has gone on return.
func (s *server) stop() error {
	defer s.leash.Close()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop postgres: %w", err)
		}
		select {
		case <-s.gone:
			if sig == syscall.SIGINT {
				return nil
			}
			return fmt.Errorf("stop postgres: it went only after %v", sig)
		case <-time.After(stopPatient):
		}
	}
	return errors.New("stop postgres: it outlived SIGKILL")
}

// pause waits d or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
