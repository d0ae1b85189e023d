package media

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strconv"
	"syscall"

	"stet/internal/fault"
)

// init makes a process that was started for it the child, before anything else of the program runs. Any program with this package in it can
// so be its own child, tests too; one that had to remember a call in its main and forgot it would start itself without end.
func init() {
	if order, is := os.LookupEnv(childEnv); is {
		os.Exit(obey(order))
	}
}

// obey does what the child is there for and gives its exit code.
func obey(order string) int {
	var req request
	d := &developer{out: os.Stdout}
	os.Stdout = os.Stderr // what a decoder prints is no answer
	err := json.Unmarshal([]byte(order), &req)
	if err == nil {
		d.req = req
		err = d.confine()
	}
	if err == nil {
		err = d.develop()
	}
	var invalid *fault.Invalid
	switch {
	case err == nil:
		err = d.say(answer{Done: true})
	case errors.As(err, &invalid):
		err = d.say(answer{Refused: invalid.Fields["file"], Cause: err.Error()})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// developer is the child's side.
type developer struct {
	out     io.Writer
	req     request
	granted chan struct{} // closed when it may decode
}

// Processor time in seconds: to look at a picture, to decode it for each so many pixels, and to make all its variants.
const (
	lookSeconds     = 3
	decodeSeconds   = 2
	pixelsPerSecond = 3_000_000
	makeSeconds     = 90
)

// confine takes from the process what it won't need, for good.
func (d *developer) confine() error {
	debug.SetMemoryLimit(childMemory * 3 / 4)
	d.granted = make(chan struct{})
	slow := make(chan os.Signal, 1)
	signal.Notify(slow, syscall.SIGXCPU)
	go func() {
		<-slow
		end(exitSlow)
	}()
	go d.follow()
	return errors.Join(
		syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: childMemory, Max: childMemory}),
		syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}),
		syscall.Setpriority(syscall.PRIO_PROCESS, 0, 10),
		spend(lookSeconds))
}

// follow waits for the word to go on, and for the end of the process that gives it.
func (d *developer) follow() {
	rein, b := os.NewFile(leash, "leash"), make([]byte, 1)
	if _, err := rein.Read(b); err != nil {
		end(1)
	}
	close(d.granted)
	// Nothing more is ever said: this returns when the other end is gone.
	_, _ = rein.Read(b)
	end(1)
}

// end ends the process with all that it started.
func end(code int) {
	if syscall.Getpgrp() == os.Getpid() {
		signal.Ignore(syscall.SIGTERM)
		// Those that don't hear it have their own limit of time.
		_ = syscall.Kill(0, syscall.SIGTERM)
	}
	os.Exit(code)
}

// spend lets the process use so many seconds of a processor from now on. The hard limit stays, so that it can be called again.
func spend(seconds uint64) error {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CPU, &limit); err != nil {
		return err
	}
	limit.Cur = min(uint64(used.Utime.Sec+used.Stime.Sec)+seconds, limit.Max)
	return syscall.Setrlimit(syscall.RLIMIT_CPU, &limit)
}

func (d *developer) say(a answer) error {
	line, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = d.out.Write(append(line, '\n'))
	return err
}

// develop reads the picture, says what it is and makes what is wanted of it.
func (d *developer) develop() error {
	f, err := source(os.Stdin)
	if err != nil {
		return err
	}
	kind := formats[d.req.MIME]
	size, err := measure(kind, f)
	if err != nil {
		return err
	}
	turn, found := kind.about(f)
	shown := size
	if turn >= 5 {
		shown = image.Pt(size.Y, size.X)
	}
	if err := d.say(answer{Facts: &facts{Width: shown.X, Height: shown.Y, Found: found}}); err != nil {
		return err
	}
	<-d.granted
	if err := spend(decodeSeconds + uint64(size.X*size.Y/pixelsPerSecond)*kind.pace); err != nil {
		return err
	}
	src, err := kind.read(f, size)
	if err != nil {
		return err
	}
	if err := spend(makeSeconds); err != nil {
		return err
	}
	wanted := d.req.Wanted
	if len(wanted) == 0 {
		wanted = []Variant{first(shown)}
	}
	m := &maker{developer: d, encoder: encoder{vips: d.req.Vips, graphic: d.req.MIME == "image/png" || d.req.MIME == "image/gif"}, master: upright(reduce(src, turn, reach(wanted, shown)), turn)}
	return m.make(wanted)
}

// source lets standard input be read twice: a pipe is taken into memory.
func source(in *os.File) (io.ReadSeeker, error) {
	if _, err := in.Seek(0, io.SeekStart); err == nil {
		return in, nil
	}
	data, err := io.ReadAll(io.LimitReader(in, MaxBytes+1))
	return bytes.NewReader(data), err
}

// maker cuts, scales and encodes.
type maker struct {
	*developer
	encoder
	master *image.RGBA // the whole picture, upright, as large as the largest variant needs it
}

// reduce draws the whole picture, not yet upright, at what will be that size once it is.
func reduce(src image.Image, turn int, to image.Point) *image.RGBA {
	if turn >= 5 {
		to = image.Pt(to.Y, to.X)
	}
	return scale(src, src.Bounds(), to)
}

// make sends what is wanted. Files of one cut and size are made together, of one drawing.
func (m *maker) make(wanted []Variant) error {
	slices.SortStableFunc(wanted, func(a, b Variant) int { return cmp.Or(cmp.Compare(a.Crop, b.Crop), cmp.Compare(a.Width, b.Width)) })
	var drawn *image.RGBA
	for i, v := range wanted {
		if i == 0 || v.Crop != wanted[i-1].Crop || v.Width != wanted[i-1].Width {
			part := m.master.Rect
			if v.Crop != "" {
				part = v.Crop.cut(part.Size(), m.req.FocalX, m.req.FocalY)
			}
			drawn = scale(m.master, part, image.Pt(v.Width, v.Height))
		}
		if err := m.send(drawn, v); err != nil {
			return err
		}
	}
	return nil
}

// send makes one file and hands it over. A first variant gets its type only here, where it is seen whether something shows through.
func (m *maker) send(drawn *image.RGBA, v Variant) error {
	if v.MIME == "" {
		v = v.as("image/jpeg", strconv.Itoa(v.Width))
		if !drawn.Opaque() {
			v = v.as("image/png", strconv.Itoa(v.Width))
		}
	}
	data, err := m.encode(drawn, v.MIME)
	if err != nil {
		return err
	}
	v.Bytes = len(data)
	if err := m.say(answer{Variant: &v}); err != nil {
		return err
	}
	_, err = m.out.Write(data)
	return err
}
