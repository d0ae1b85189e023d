package site

import (
	"net/http"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/front"
	"stet/internal/page"
)

// PreviewFront writes a front as readers will see it at the time of o, for the newsroom: with what is scheduled by then as if it were public.
// It is kept by no cache and found by no crawler.
func (s *Site) PreviewFront(w http.ResponseWriter, r *http.Request, o *front.Outlook) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	v.draft = true
	v.clock.Now = func() time.Time { return o.At }
	page.Private(w)
	w.Header().Set("X-Robots-Tag", "noindex")
	w.Header().Set("Referrer-Policy", "no-referrer")
	if o.Category != 0 {
		return v.previewCategory(w, o)
	}
	in := frontIn{standing: o.Standing}
	if err := (&fronts{s.face}).readRest(v, &in); err != nil {
		return err
	}
	in.lists = o.Lists(v.tree, in.lists)
	p, err := v.front(in)
	if err != nil {
		return err
	}
	unlisted(&p.Base)
	return s.tmpl.front.Write(w, r, http.StatusOK, p)
}

func (v *visit) previewCategory(w http.ResponseWriter, o *front.Outlook) error {
	c, ok := v.tree.ByID(o.Category)
	if !ok {
		return fault.NotFound
	}
	within := v.tree.Subtree(c.ID)
	cards, next, err := v.Articles.LiveList(v.ctx, article.ListIn{Categories: within, Limit: perPage})
	if err != nil {
		return err
	}
	cards = o.List(cards, within)
	p, err := v.categoryPage(c, paging{path: c.Path, n: 1, next: next}, o.Standing, cards[:min(len(cards), perPage)])
	if err != nil {
		return err
	}
	unlisted(&p.Base)
	return v.tmpl.list.Write(w, v.r, http.StatusOK, p)
}

// unlisted takes out of a page what is for crawlers.
func unlisted(b *page.Base) { b.Robots, b.Canonical, b.Data, b.Card = "noindex", "", nil, nil }
