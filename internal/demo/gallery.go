package demo

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"

	"stet/internal/media"
	"stet/internal/staff"
)

// gallery holds the pictures in the order in which the story comes to need them. Making their sizes takes about as long as all the rest and
// needs no database, so it begins first and goes on beside it, on another core.
type gallery struct {
	store *media.Store
	hung  []*hanging
	by    map[string]*hanging
}

// hanging is a picture on its way. made may be read once framed is closed, its id once ready is.
type hanging struct {
	picture
	framed chan struct{}
	made   media.Prepared
	err    error
	ready  chan struct{}
	id     int64
}

func newGallery(store *media.Store, c *content) *gallery {
	g := &gallery{store: store, by: map[string]*hanging{}}
	for _, p := range c.Pictures {
		h := &hanging{picture: p, framed: make(chan struct{}), ready: make(chan struct{})}
		g.hung, g.by[p.File] = append(g.hung, h), h
	}
	order := needed(c)
	slices.SortStableFunc(g.hung, func(a, b *hanging) int { return cmp.Compare(slices.Index(order, a.File), slices.Index(order, b.File)) })
	return g
}

var inBody = regexp.MustCompile(`(?:picture|file):([^"]+)`)

// needed lists the files in the order of their first use: portraits, then those of articles by the time of their first draft.
func needed(c *content) []string {
	var out []string
	for _, a := range c.Authors {
		out = append(out, a.Portrait)
	}
	pieces := slices.Clone(c.Articles)
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(b.Ago, a.Ago) })
	for _, p := range pieces {
		if p.Image != nil {
			out = append(out, p.Image.File)
		}
		// A body that can't be read is the story's to report.
		body, _ := text("articles", p.Slug+".html")
		for _, m := range inBody.FindAllStringSubmatch(body, -1) {
			out = append(out, m[1])
		}
	}
	return out
}

// frame makes the sizes of all pictures. It ends early where ctx does.
func (g *gallery) frame(ctx context.Context) {
	for _, h := range g.hung {
		h.made, h.err = g.prepare(ctx, h.picture)
		close(h.framed)
	}
}

func (g *gallery) prepare(ctx context.Context, p picture) (media.Prepared, error) {
	f, err := files.Open("content/pictures/" + p.File)
	if err != nil {
		return media.Prepared{}, err
	}
	defer f.Close() //nolint:errcheck // it is in memory
	return g.store.Prepare(ctx, media.Upload{Name: p.File, Reader: f, Alt: p.Alt, Caption: p.Caption, Credit: p.Credit})
}

// fill adds all pictures.
func (g *gallery) fill(ctx context.Context, done func()) error {
	for _, h := range g.hung {
		<-h.framed
		if h.err != nil {
			return fmt.Errorf("picture %s: %w", h.File, h.err)
		}
		m, err := g.store.AddPrepared(ctx, staff.System(), h.made)
		if err != nil {
			return fmt.Errorf("picture %s: %w", h.File, err)
		}
		h.id = m.ID
		close(h.ready)
		done()
	}
	return nil
}

// wait gives a picture once it is there.
func (g *gallery) wait(ctx context.Context, file string) (*hanging, error) {
	h, known := g.by[file]
	if !known {
		return nil, fmt.Errorf("no picture %s", file)
	}
	select {
	case <-h.ready:
		return h, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
