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

// gallery adds the pictures while the story is told, in the order in which it comes to need them: making their sizes takes about as long
// as all the rest, on another core.
type gallery struct {
	store *media.Store
	hung  []*hanging
	by    map[string]*hanging
}

// hanging is a picture on its way. Its id may be read once ready is closed.
type hanging struct {
	picture
	ready chan struct{}
	id    int64
}

func newGallery(store *media.Store, c *content) *gallery {
	g := &gallery{store: store, by: map[string]*hanging{}}
	for _, p := range c.Pictures {
		h := &hanging{picture: p, ready: make(chan struct{})}
		g.hung, g.by[p.File] = append(g.hung, h), h
	}
	order := needed(c)
	slices.SortStableFunc(g.hung, func(a, b *hanging) int { return cmp.Compare(slices.Index(order, a.File), slices.Index(order, b.File)) })
	return g
}

var inBody = regexp.MustCompile(`picture:([^"]+)`)

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

// fill adds all pictures.
func (g *gallery) fill(ctx context.Context, done func()) error {
	for _, h := range g.hung {
		if err := g.add(ctx, h); err != nil {
			return fmt.Errorf("picture %s: %w", h.File, err)
		}
		close(h.ready)
		done()
	}
	return nil
}

func (g *gallery) add(ctx context.Context, h *hanging) error {
	f, err := files.Open("content/pictures/" + h.File)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it is in memory
	m, err := g.store.Add(ctx, staff.System(), media.Upload{Name: h.File, Reader: f, Alt: h.Alt, Caption: h.Caption, Credit: h.Credit})
	h.id = m.ID
	return err
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
