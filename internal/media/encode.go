package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/gen2brain/webp"
)

// How good and how small files are made. WebP's figure is for about the eye's impression of JPEG's.
const (
	jpegQuality = 80
	webpQuality = 76
	avifQuality = 55
	webpMethod  = 4
	// Of what is kept without loss quality is how hard it is tried.
	losslessEffort = 30
)

// encoder makes files of drawings. Nothing of an original's metadata is in a drawing.
type encoder struct {
	vips    string // the program vipsthumbnail; "" to do without
	graphic bool   // the original is of a kind for drawings and screens: it may be smaller without loss
}

// encode makes the file of one type. The drawing may show through only in types that can.
func (e *encoder) encode(m *image.RGBA, kind string) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch kind {
	case "image/jpeg":
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: jpegQuality})
	case "image/png":
		err = png.Encode(&b, m)
	case "image/webp", "image/avif":
		return e.better(m, kind)
	default:
		err = errors.ErrUnsupported
	}
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", kind, err)
	}
	return b.Bytes(), nil
}

// better makes a file of one of the newer types, without loss where that is smaller.
func (e *encoder) better(m *image.RGBA, kind string) ([]byte, error) {
	lossy, err := e.compress(m, kind, false)
	if err != nil || !e.graphic || kind != "image/webp" {
		return lossy, err
	}
	exact, err := e.compress(m, kind, true)
	if err == nil && len(exact) <= len(lossy) {
		return exact, nil
	}
	return lossy, err
}

func (e *encoder) compress(m *image.RGBA, kind string, lossless bool) ([]byte, error) {
	if e.vips != "" {
		return e.outside(m, kind, lossless)
	}
	if kind != "image/webp" {
		return nil, fmt.Errorf("encode %s: %w", kind, errors.ErrUnsupported)
	}
	o := webp.Options{Quality: webpQuality, Method: webpMethod, Lossless: lossless}
	if lossless {
		o.Quality, o.Method = losslessEffort, 1
	}
	var b bytes.Buffer
	if err := webp.Encode(&b, straight(m), o); err != nil {
		return nil, fmt.Errorf("encode %s: %w", kind, err)
	}
	return b.Bytes(), nil
}

// straight is a picture whose colours aren't weakened by their alpha, as WebP wants them.
func straight(m *image.RGBA) image.Image {
	if m.Opaque() {
		return m
	}
	out := image.NewNRGBA(m.Rect)
	draw.Draw(out, out.Rect, m, image.Point{}, draw.Src)
	return out
}

// outside has vipsthumbnail make the file. It is given a drawing of this process, never what somebody sent.
func (e *encoder) outside(m *image.RGBA, kind string, lossless bool) ([]byte, error) {
	dir, err := os.MkdirTemp("", "stet-picture-")
	if err != nil {
		return nil, err
	}
	defer func() {
		// What can't be removed is the system's to clear away.
		_ = os.RemoveAll(dir)
	}()
	in, out := filepath.Join(dir, "in.png"), filepath.Join(dir, "out"+extensions[kind])
	if err := sketch(in, m); err != nil {
		return nil, err
	}
	options := "Q=" + strconv.Itoa(webpQuality)
	switch {
	case kind == "image/avif":
		options = "effort=4,Q=" + strconv.Itoa(avifQuality)
	case lossless:
		options = "lossless"
	}
	size := fmt.Sprintf("%dx%d", m.Rect.Dx(), m.Rect.Dy())
	cmd := exec.CommandContext(context.Background(), e.vips, in, "--size", size, "--output", out+"["+options+",strip]")
	cmd.Env = []string{"VIPS_CONCURRENCY=1", "TMPDIR=" + dir}
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("vipsthumbnail: %w: %.200s", err, said)
	}
	data, err := os.ReadFile(out)
	if kind == "image/webp" {
		data = bare(data)
	}
	return data, err
}

// bare is a WebP without all that isn't the picture: vipsthumbnail writes Exif data of its own, whatever it is told.
func bare(data []byte) []byte {
	const riff, header, flags, alpha = 12, 8, 8, 0x10
	if len(data) < riff {
		return data
	}
	out := bytes.Clone(data[:riff])
	for rest := data[riff:]; len(rest) >= header; {
		size := int(binary.LittleEndian.Uint32(rest[4:]))
		chunk := bytes.Clone(rest[:min(len(rest), header+size+size&1)])
		switch string(chunk[:4]) {
		case "VP8X":
			if len(chunk) > flags {
				chunk[flags] &= alpha
			}
			out = append(out, chunk...)
		case "VP8 ", "VP8L", "ALPH":
			out = append(out, chunk...)
		}
		rest = rest[len(chunk):]
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// sketch writes a picture quickly and without loss.
func sketch(name string, m image.Image) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(f, m)
	return errors.Join(err, f.Close())
}
