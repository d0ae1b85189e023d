package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"strconv"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"stet/internal/fault"
)

// Limits of a picture, read from its header before a pixel is decoded.
const (
	MaxPixels = 65_000_000
	maxSide   = 65_535
)

// widths are those at which pictures are served. A narrower picture also gets one at its own width.
var widths = []int{320, 640, 960, 1280, 1920}

const jpegQuality = 80

// decoding holds a token while a picture is decoded: one may take hundreds of megabytes, two at once too many.
var decoding = make(chan struct{}, 1)

// format is a kind of picture that is read.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// formats are chosen by what the bytes are, never by a name. Of an animation the first frame is taken.
var formats = map[string]format{
	"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode},
	"image/png":  {png.DecodeConfig, png.Decode},
	"image/gif":  {gif.DecodeConfig, gif.Decode},
	"image/webp": {webp.DecodeConfig, webp.Decode},
}

// rendition is one variant with its bytes.
type rendition struct {
	Variant
	data []byte
}

// render makes the variants of a picture and tells its size as it is shown. Whatever is wrong with the picture is a fault of the
// field file.
func render(ctx context.Context, mime string, f io.ReadSeeker) (width, height int, out []rendition, err error) {
	select {
	case decoding <- struct{}{}:
		defer func() { <-decoding }()
	case <-ctx.Done():
		return 0, 0, nil, ctx.Err()
	}
	src, err := decode(ctx, formats[mime], f)
	if err != nil {
		return 0, 0, nil, err
	}
	turn := 1
	if mime == "image/jpeg" {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return 0, 0, nil, err
		}
		turn = orientation(f)
	}
	size := src.Bounds().Size()
	if turn >= 5 {
		size = image.Pt(size.Y, size.X)
	}
	out, err = variants(ctx, src, size, turn)
	return size.X, size.Y, out, err
}

// decodeLimit is how long a picture may take to be decoded.
const decodeLimit = 30 * time.Second

// decode reads the header first: a few bytes may claim a picture that fills all memory. A file of a few megabytes may also ask for hours
// of work, such as a JPEG of a hundred thousand scans: it is read no further once ctx or decodeLimit has ended.
func decode(ctx context.Context, as format, f io.ReadSeeker) (image.Image, error) {
	ctx, cancel := context.WithTimeout(ctx, decodeLimit)
	defer cancel()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	c, err := as.config(f)
	if err != nil {
		return nil, broken(err)
	}
	if c.Width < 1 || c.Height < 1 {
		return nil, broken(errors.New("no size"))
	}
	if c.Width > maxSide || c.Height > maxSide || int64(c.Width)*int64(c.Height) > MaxPixels {
		return nil, fault.Field("file", "media.file.pixels")
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	m, err := as.decode(&bounded{ctx, f})
	if err != nil {
		return nil, broken(err)
	}
	if m.Bounds().Empty() {
		return nil, broken(errors.New("no size"))
	}
	return m, nil
}

// sip is how much a decoder is given at once, in bytes: what it has may be worth seconds of work already.
const sip = 256

// bounded is read until its context ends. Decoders know no context, but all of them read as they go.
type bounded struct {
	ctx context.Context
	r   io.Reader
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p[:min(len(p), sip)])
}

// broken is the fault that a visitor sees, with the cause for the log.
func broken(cause error) error { return errors.Join(fault.Field("file", "media.file.broken"), cause) }

// variants makes the picture at each width, the widest first and each from the one before it: quick, and as good as from the source.
func variants(ctx context.Context, src image.Image, size image.Point, turn int) ([]rendition, error) {
	opaque := isOpaque(src)
	var out []rendition
	for _, w := range slices.Backward(targets(size.X)) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h := max(1, int((int64(size.Y)*int64(w)+int64(size.X)/2)/int64(size.X)))
		at := image.Pt(w, h)
		if turn >= 5 {
			at = image.Pt(h, w)
		}
		small := shrink(src, at)
		src = small
		v, err := encode(upright(small, turn), opaque)
		if err != nil {
			return nil, fmt.Errorf("encode at %d: %w", w, err)
		}
		out = append(out, v)
	}
	slices.Reverse(out)
	return out, nil
}

// targets are the widths for a picture of width w, smallest first. A width that is nearly the picture's own is left out: it would cost
// almost as much and save readers nothing.
func targets(w int) []int {
	var out []int
	for _, t := range widths {
		if t > w*4/5 {
			return append(out, w)
		}
		out = append(out, t)
	}
	return out
}

func isOpaque(m image.Image) bool {
	o, ok := m.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// shrink draws src at the given size. A cheap filter goes first down to twice the size: the good one keeps a float of every source
// row in memory.
func shrink(src image.Image, to image.Point) *image.RGBA {
	dst := image.NewRGBA(image.Rectangle{Max: to})
	if src.Bounds().Size() == to {
		draw.Draw(dst, dst.Rect, src, src.Bounds().Min, draw.Src)
		return dst
	}
	if twice := to.Mul(2); src.Bounds().Dx() > twice.X {
		half := image.NewRGBA(image.Rectangle{Max: twice})
		draw.ApproxBiLinear.Scale(half, half.Rect, src, src.Bounds(), draw.Src, nil)
		src = half
	}
	draw.CatmullRom.Scale(dst, dst.Rect, src, src.Bounds(), draw.Src, nil)
	return dst
}

// upright turns and mirrors a picture as its Exif orientation says.
func upright(m *image.RGBA, turn int) *image.RGBA {
	if turn == 1 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if turn >= 5 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			var sx, sy int
			switch turn {
			case 2:
				sx, sy = w-1-x, y
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sx, sy = x, h-1-y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, w-1-x
			case 7:
				sx, sy = h-1-y, w-1-x
			case 8:
				sx, sy = h-1-y, x
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], m.Pix[m.PixOffset(sx, sy):][:4])
		}
	}
	return out
}

// encode makes the file: JPEG, or PNG where something shows through. Nothing of the original's metadata goes with it.
func encode(m *image.RGBA, opaque bool) (rendition, error) {
	v := Variant{Width: m.Rect.Dx(), Height: m.Rect.Dy()}
	var b bytes.Buffer
	if opaque {
		v.Name, v.MIME = strconv.Itoa(v.Width)+".jpg", "image/jpeg"
		return finish(v, &b, jpeg.Encode(&b, m, &jpeg.Options{Quality: jpegQuality}))
	}
	v.Name, v.MIME = strconv.Itoa(v.Width)+".png", "image/png"
	return finish(v, &b, png.Encode(&b, m))
}

func finish(v Variant, b *bytes.Buffer, err error) (rendition, error) {
	v.Bytes = b.Len()
	return rendition{v, b.Bytes()}, err
}
