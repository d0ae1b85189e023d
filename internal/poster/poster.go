// Package poster makes the pictures that other sites show when they link to a page without a picture of its own: its headline on paper, or
// the site's logo or name on its colour.
//
// It must never ask anything of the network or the database, hold more than one picture in the making, or know what an article is.
package poster

import (
	"bytes"
	"container/list"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/png"
	"slices"
	"sync"
)

// Every picture is so large, in pixels and, at most, in bytes.
const (
	Width    = 1200
	Height   = 630
	MaxBytes = 60_000
)

// In is what a picture shows.
type In struct {
	// Headline in any script; where the typefaces lack one of its characters, or it is empty, the picture is the site's own.
	Headline string
	Site     string // the site's name
	Accent   color.RGBA
	// Logo gives the site's logo; nil: it has none. LogoKey changes whenever the logo does.
	Logo    func(context.Context) (image.Image, error)
	LogoKey string
}

func (in In) key() string {
	return fmt.Sprintf("%q %q %v %q", in.Headline, in.Site, in.Accent, in.LogoKey)
}

// keep is how many pictures a Maker holds on to.
const keep = 24

// Maker makes pictures one at a time and holds on to the last few. It is safe for use by many at once.
type Maker struct {
	making chan struct{}          // holds a token while a picture is made
	faces  func() (*faces, error) // for whoever holds it alone

	mu   sync.Mutex
	made map[string]*list.Element
	used *list.List // of *poster, the last used first
}

type poster struct {
	key string
	png []byte
}

// New makes a Maker.
func New() *Maker {
	return &Maker{faces: sync.OnceValues(readFaces), making: make(chan struct{}, 1), made: map[string]*list.Element{}, used: list.New()}
}

// Make gives the picture as a PNG, whose bytes are the caller's to read only. It waits until other pictures are made, or ctx ends. A logo
// that can't be read gives way to the site's name.
func (m *Maker) Make(ctx context.Context, in In) ([]byte, error) {
	key := in.key()
	if kept := m.kept(key); kept != nil {
		return kept, nil
	}
	select {
	case m.making <- struct{}{}:
		defer func() { <-m.making }()
	case <-ctx.Done():
		return nil, fmt.Errorf("make a picture: %w", ctx.Err())
	}
	if kept := m.kept(key); kept != nil { // somebody else made it while this one waited
		return kept, nil
	}
	out, err := m.render(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("make a picture: %w", err)
	}
	m.put(key, out)
	return out, nil
}

func (m *Maker) kept(key string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.made[key]
	if !ok {
		return nil
	}
	m.used.MoveToFront(e)
	return e.Value.(*poster).png
}

func (m *Maker) put(key string, png []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made[key] = m.used.PushFront(&poster{key, png})
	if m.used.Len() > keep {
		oldest := m.used.Back()
		m.used.Remove(oldest)
		delete(m.made, oldest.Value.(*poster).key)
	}
}

func (m *Maker) render(ctx context.Context, in In) ([]byte, error) {
	faces, err := m.faces()
	if err != nil {
		return nil, err
	}
	if text := tidy(in.Headline); text != "" && faces.serif.covers(text) {
		return encoded(faces.headline(text, in))
	}
	if in.Logo != nil {
		if logo, err := in.Logo(ctx); err == nil && logo.Bounds().Dx() > 0 && logo.Bounds().Dy() > 0 {
			if out, err := encodeSmall(withLogo(logo, in.Accent)); err != nil || len(out) <= MaxBytes {
				return out, err
			}
		}
	}
	return encoded(faces.name(tidy(in.Site), in.Accent))
}

// encoder spends time rather than bytes: a picture is made once and fetched often.
var encoder = png.Encoder{CompressionLevel: png.BestCompression}

func encoded(im image.Image, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return encode(im)
}

func encode(im image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := encoder.Encode(&b, im); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// encodeSmall gives up colours but its ground's where the picture would else be too large, as one with a photograph in it is.
func encodeSmall(im image.Image) ([]byte, error) {
	out, err := encode(im)
	if err != nil || len(out) <= MaxBytes {
		return out, err
	}
	few := image.NewPaletted(im.Bounds(), append(slices.Clone(palette.Plan9[:255]), im.At(0, 0)))
	draw.Draw(few, few.Bounds(), im, image.Point{}, draw.Src)
	return encode(few)
}
