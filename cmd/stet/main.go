// Command stet is the whole system: the server, its demo, and the tools of those who run it.
//
// It reads flags and the environment, calls the rooms and turns their errors into one line and an exit code: 0 done, 1 it failed, 2 wrong
// usage. It must hold nothing that a test of a room could not reach.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	_ "time/tzdata" // zones must be known on machines without a zone database

	"github.com/alecthomas/kong"

	"stet/internal/config"
)

// cli is the command line, as the public contract names it.
type cli struct {
	Demo    demoCmd    `cmd:"" help:"Run the whole system with no set-up: a private Postgres, a demo newsroom, the server."`
	Serve   serveCmd   `cmd:"" help:"Run the server, from the environment."`
	Migrate migrateCmd `cmd:"" help:"Bring the schema up to date (up), one step back (down), or show where it stands (status)."`
	User    userCmd    `cmd:"" help:"People who sign in."`
	Import  importCmd  `cmd:"" help:"Take a whole site in."`
	Backup  backupCmd  `cmd:"" help:"Save database and pictures in one file."`
	Restore restoreCmd `cmd:"" help:"Make database and pictures from such a file."`
	Seed    seedCmd    `cmd:"" help:"Fill an empty database with synthetic content, for load tests."`
	Verify  verifyCmd  `cmd:"" help:"Check the public record; name each broken row and exit with 1."`
	Version versionCmd `cmd:"" help:"Print version, commit and Go version."`
}

// streams are where a command reads and writes: data to Out, progress to Err.
type streams struct {
	In       io.Reader
	Out, Err io.Writer
	Env      func(string) (string, bool)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.LookupEnv})
	stop()
	os.Exit(code)
}

// run parses args, runs the command and gives the exit code.
func run(ctx context.Context, args []string, s streams) int {
	var c cli
	exit := -1
	parser, err := kong.New(&c, kong.Name("stet"), kong.Description("The website of a news magazine: readers, newsroom, moderators."),
		kong.Writers(s.Out, s.Err), kong.Exit(func(code int) { exit = code }), kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(s.Err, "stet:", err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		fmt.Fprintf(s.Err, "stet: %v (stet --help shows what there is)\n", err)
		return 2
	}
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(s); err != nil {
		if !errors.Is(err, errReported) {
			fmt.Fprintf(s.Err, "stet: %s\n", oneLine(err))
		}
		return 1
	}
	return 0
}

// errReported ends a command that has said itself what is wrong.
var errReported = errors.New("reported")

// oneLine keeps an error on one line; several faults of the environment are parted by semicolons.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// logger writes what happens to Err, as text on a terminal and JSON elsewhere unless STET_LOG says.
func logger(s streams, form string) *slog.Logger {
	file, isFile := s.Err.(*os.File)
	terminal := isFile && isTerminal(file)
	if form == "json" || form == "" && !terminal {
		return slog.New(slog.NewJSONHandler(s.Err, nil))
	}
	return slog.New(slog.NewTextHandler(s.Err, nil))
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func load(s streams, what config.Need) (config.Config, error) { return config.Load(s.Env, what) }
