package site

import (
	"context"
	"fmt"
	"sync"
	"time"

	"stet/internal/article"
	"stet/internal/settings"
	"stet/internal/taxonomy"
)

// treeFresh is how long what stands around every page is taken for the current.
const treeFresh = 5 * time.Second

// maxPages is how many static pages the foot of a page names.
const maxPages = 12

// furniture is what stands around every page: the categories in its menu, the static pages at its foot, the pictures of its logo.
type furniture struct {
	tree  taxonomy.Tree
	pages []article.PageLink
	logos pictures
}

// sections keeps the furniture between requests.
type sections struct {
	mu    sync.Mutex
	kept  furniture
	at    time.Time
	drops int // how often it was dropped: what was read before the newest drop isn't kept
}

// Drop makes the next page read the categories and static pages anew. It is called when a purge says "all", before pages are purged.
func (s *Site) Drop() {
	s.kept.mu.Lock()
	defer s.kept.mu.Unlock()
	s.kept.at = time.Time{}
	s.kept.drops++
}

// read gives the furniture of a site with the settings is.
func (s *sections) read(ctx context.Context, d Deps, is settings.Settings) (furniture, error) {
	s.mu.Lock()
	kept, fresh, drops := s.kept, time.Since(s.at) < treeFresh, s.drops
	s.mu.Unlock()
	if fresh {
		return kept, nil
	}
	var f furniture
	var err error
	if f.tree, err = d.Taxonomy.LiveTree(ctx); err != nil {
		return f, fmt.Errorf("read sections: %w", err)
	}
	if f.pages, err = d.Articles.LivePages(ctx, maxPages); err != nil {
		return f, fmt.Errorf("read static pages: %w", err)
	}
	if is.Logo != 0 {
		if f.logos, err = d.Media.LiveByIDs(ctx, []int64{is.Logo, is.LogoNight}); err != nil {
			return f, fmt.Errorf("read the logo: %w", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if drops == s.drops {
		s.kept, s.at = f, time.Now()
	}
	return f, nil
}
