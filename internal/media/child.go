package media

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/semaphore"

	"stet/internal/fault"
)

// What somebody sent is never decoded in this process but in a child: this program once more, with little memory and time, a low priority
// and an end when this one ends. A picture that breaks a decoder breaks the child, and is refused. Its requests and answers:

// childEnv holds the request, as JSON; it makes a process the child. The picture is its standard input.
const childEnv = "STET_PICTURE"

// leash is the child's end of a pipe: it may go on once it has read a byte of it, and ends when the pipe does.
const leash = 3

// request says what to make of a picture.
type request struct {
	MIME           string
	FocalX, FocalY float64
	Wanted         []Variant // none: the first that a new picture gets
	Vips           string    // the program vipsthumbnail, where there is one
}

// answer is one line of the child's output. A Variant is followed by its bytes.
type answer struct {
	Facts   *facts   `json:",omitempty"` // before the picture is decoded
	Refused string   `json:",omitempty"` // why it isn't taken, as a key of the texts
	Cause   string   `json:",omitempty"` // of Refused, for the log
	Variant *Variant `json:",omitempty"`
	Done    bool     `json:",omitempty"`
}

// facts are what a picture says of itself.
type facts struct {
	Width, Height int // as it is shown
	Found         Found
}

// Limits of a child. The kernel enforces memory and processor time, this process the time on the clock.
const (
	childMemory  = 1 << 30 // of data, in bytes
	childTime    = 5 * time.Minute
	childStderr  = 4 << 10
	exitSlow     = 3
	maxAnswer    = 64 << 10 // of a line, in bytes
	lightPicture = 4_000_000
)

// decoding weighs what is decoded at once: a heavy picture goes alone, of light ones four.
var decoding = semaphore.NewWeighted(4)

// self is this program, also after its file was replaced by a newer one.
func self() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

// child is one that runs.
type child struct {
	cmd    *exec.Cmd
	out    *bufio.Reader
	errors tail
	rein   *os.File
}

// develop has a child work on a picture and gives take each of its answers, with a reader of the bytes that belong to a variant. Whatever is
// wrong with the picture is a fault of the field file.
func develop(ctx context.Context, picture io.Reader, req request, take func(answer, io.Reader) error) error {
	ctx, cancel := context.WithTimeout(ctx, childTime)
	defer cancel()
	_, err := run(ctx, picture, req, take)
	return err
}

// run is develop without its time; it tells what the child took.
func run(ctx context.Context, picture io.Reader, req request, take func(answer, io.Reader) error) (*os.ProcessState, error) {
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	c, err := start(within, picture, req)
	if err != nil {
		return nil, errors.Join(fault.Unavailable, fmt.Errorf("start a child process: %w", err))
	}
	err = c.listen(within, take)
	if err != nil && !errors.Is(err, errCutOff) {
		cancel() // whatever it still does is of no use
	}
	ended := c.cmd.Wait()
	c.rein.Close()
	if errors.Is(err, errCutOff) {
		err = c.why(ctx, ended)
	}
	return c.cmd.ProcessState, err
}

func start(ctx context.Context, picture io.Reader, req request) (*child, error) {
	program, err := self()
	if err != nil {
		return nil, err
	}
	order, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	hold, rein, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer hold.Close()
	c := &child{cmd: exec.CommandContext(ctx, program), rein: rein}
	c.cmd.Args[0] = "stet-picture"
	c.cmd.Env = []string{childEnv + "=" + string(order), "TMPDIR=" + os.TempDir(), "GOMAXPROCS=2", "GOGC=50"}
	c.cmd.Stdin, c.cmd.Stderr, c.cmd.ExtraFiles = picture, &c.errors, []*os.File{hold}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what it starts ends with it
	c.cmd.Cancel = func() error { return syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) }
	c.cmd.WaitDelay = time.Second
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		rein.Close()
		return nil, err
	}
	c.out = bufio.NewReaderSize(out, maxAnswer)
	if err := c.cmd.Start(); err != nil {
		rein.Close()
		return nil, err
	}
	return c, nil
}

// errCutOff says that a child ended before it was done.
var errCutOff = errors.New("the child process ended early")

func (c *child) listen(ctx context.Context, take func(answer, io.Reader) error) error {
	for {
		line, err := c.out.ReadSlice('\n')
		if err != nil {
			return errCutOff
		}
		var a answer
		if err := json.Unmarshal(line, &a); err != nil {
			return fmt.Errorf("answer of a child process: %w", err)
		}
		switch {
		case a.Done:
			return nil
		case a.Refused != "":
			return errors.Join(fault.Field("file", a.Refused), errors.New(a.Cause))
		case a.Facts != nil:
			weight := int64(1)
			if a.Facts.Width*a.Facts.Height > lightPicture {
				weight = 4
			}
			if err := decoding.Acquire(ctx, weight); err != nil {
				return err
			}
			defer decoding.Release(weight)
			// A child that has ended can't be told anything, and says so by its output's end.
			_, _ = c.rein.Write([]byte{1})
		}
		var data io.Reader
		if a.Variant != nil {
			data = io.LimitReader(c.out, int64(a.Variant.Bytes))
		}
		if err := take(a, data); err != nil {
			return err
		}
		if data != nil {
			if _, err := io.Copy(io.Discard, data); err != nil {
				return errCutOff
			}
		}
	}
}

// why tells what a child died of.
func (c *child) why(ctx context.Context, ended error) error {
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return err
	}
	key, said := "media.file.broken", c.errors.String()
	exit, isExit := errors.AsType[*exec.ExitError](ended)
	switch {
	case ctx.Err() != nil, isExit && exit.ExitCode() == exitSlow:
		key = "media.file.slow"
	case strings.Contains(said, "out of memory"), strings.Contains(said, "cannot allocate memory"):
		key = "media.file.heavy"
	}
	first, _, _ := strings.Cut(said, "\n")
	return errors.Join(fault.Field("file", key), fmt.Errorf("%w: %w: %s", errCutOff, ended, first))
}

// tail keeps the beginning of what a child complains of: a Go program says there what it died of.
type tail struct{ bytes.Buffer }

func (t *tail) Write(b []byte) (int, error) {
	if room := childStderr - t.Len(); room > 0 {
		t.Buffer.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}
