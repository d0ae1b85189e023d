package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"slices"

	"github.com/bep/imagemeta"
	"github.com/gen2brain/avif"
	"golang.org/x/image/webp"

	"stet/internal/fault"
)

// Limits of a picture, read from its header before a pixel is decoded.
const (
	MaxPixels = 65_000_000
	maxSide   = 65_535
)

// format is a kind of picture that is read.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	meta   imagemeta.ImageFormat // ImageFormatAuto: it carries no words and no orientation
	pace   uint64                // how much longer it may take to be decoded than others
}

// formats are chosen by what the bytes are, never by a name. Of an animation the first frame is taken. Colours are taken for sRGB: profiles
// go with all other metadata.
var formats = map[string]format{
	"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode, imagemeta.JPEG, 1},
	"image/png":  {png.DecodeConfig, png.Decode, imagemeta.PNG, 1},
	"image/gif":  {gif.DecodeConfig, gif.Decode, imagemeta.ImageFormatAuto, 1},
	"image/webp": {webp.DecodeConfig, decodeWebP, imagemeta.WebP, 1},
	"image/avif": {avif.DecodeConfig, avif.Decode, imagemeta.ImageFormatAuto, 4},
}

// sniffed is the kind of a file, by its first bytes.
func sniffed(head []byte) string {
	if len(head) >= 16 && string(head[4:8]) == "ftyp" {
		brands := head[8:min(len(head), max(16, int(binary.BigEndian.Uint32(head))))]
		for b := range slices.Chunk(brands, 4) {
			if string(b) == "avif" || string(b) == "avis" {
				return "image/avif"
			}
		}
	}
	return http.DetectContentType(head)
}

// measure reads a picture's size from its header: a few bytes may claim a picture that fills all memory.
func measure(kind format, f io.ReadSeeker) (image.Point, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return image.Point{}, err
	}
	c, err := kind.config(f)
	if err != nil {
		return image.Point{}, broken(err)
	}
	if c.Width < 1 || c.Height < 1 {
		return image.Point{}, broken(errors.New("no size"))
	}
	if c.Width > maxSide || c.Height > maxSide || int64(c.Width)*int64(c.Height) > MaxPixels {
		return image.Point{}, fault.Field("file", "media.file.pixels")
	}
	return image.Pt(c.Width, c.Height), nil
}

// about tells how a camera was held and the words that the picture carries.
func (k format) about(f io.ReadSeeker) (turn int, found Found) {
	if k.meta == imagemeta.ImageFormatAuto {
		return 1, Found{}
	}
	return inspect(f, k.meta)
}

// read decodes a picture that was measured. A first frame smaller than its picture is put where it belongs.
func (k format) read(f io.ReadSeeker, size image.Point) (image.Image, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	m, err := k.decode(f)
	if err != nil {
		return nil, broken(err)
	}
	if m.Bounds().Empty() {
		return nil, broken(errors.New("no size"))
	}
	whole := image.Rectangle{Max: size}
	if m.Bounds() == whole {
		return m, nil
	}
	canvas := image.NewRGBA(whole)
	draw.Draw(canvas, m.Bounds(), m, m.Bounds().Min, draw.Src)
	return canvas, nil
}

// broken is the fault that a person sees, with the cause for the log.
func broken(cause error) error { return errors.Join(fault.Field("file", "media.file.broken"), cause) }

// decodeWebP decodes a WebP, of an animation its first frame.
func decodeWebP(r io.Reader) (image.Image, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	frame, at, err := firstFrame(data)
	if err != nil {
		return nil, err
	}
	m, err := webp.Decode(bytes.NewReader(frame))
	if err != nil || at == (image.Point{}) {
		return m, err
	}
	moved := image.NewNRGBA(m.Bounds().Add(at))
	draw.Draw(moved, moved.Rect, m, m.Bounds().Min, draw.Src)
	return moved, nil
}

// firstFrame makes a WebP of an animation's first frame and tells where in the picture it stands; any other WebP comes back as it is.
func firstFrame(data []byte) (frame []byte, at image.Point, err error) {
	const riff, header = 12, 8
	for rest := data[min(riff, len(data)):]; len(rest) >= header; {
		size := int(binary.LittleEndian.Uint32(rest[4:]))
		end := header + size + size&1
		if string(rest[:4]) != "ANMF" {
			rest = rest[min(end, len(rest)):]
			continue
		}
		const fixed = 16 // the frame's place, size, time and flags stand before its own chunks
		if size < fixed || header+size > len(rest) {
			return nil, at, io.ErrUnexpectedEOF
		}
		b, chunks := rest[header:], rest[header+fixed:header+size]
		at = image.Pt(2*uint24(b), 2*uint24(b[3:]))
		extended := append([]byte("VP8X\x0a\x00\x00\x00\x10\x00\x00\x00"), b[6:12]...) // with alpha, where there is any
		body := slices.Concat([]byte("WEBP"), extended, chunks)
		return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...), at, nil
	}
	return data, at, nil
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
