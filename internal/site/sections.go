package site

import (
	"context"
	"fmt"
	"sync"
	"time"

	"stet/internal/taxonomy"
)

// treeFresh is how long the categories, which stand in every page's menu, are taken for the current ones.
const treeFresh = 5 * time.Second

// sections keeps the tree of categories between requests.
type sections struct {
	mu    sync.Mutex
	tree  taxonomy.Tree
	at    time.Time
	drops int // how often it was dropped: a tree read before the newest drop isn't kept
}

// Drop makes the next page read the categories anew. It is called when a purge says "all", before pages are purged.
func (s *Site) Drop() {
	s.kept.mu.Lock()
	defer s.kept.mu.Unlock()
	s.kept.at = time.Time{}
	s.kept.drops++
}

// read gives the tree of categories.
func (s *sections) read(ctx context.Context, from *taxonomy.Reader) (taxonomy.Tree, error) {
	s.mu.Lock()
	tree, fresh, drops := s.tree, time.Since(s.at) < treeFresh, s.drops
	s.mu.Unlock()
	if fresh {
		return tree, nil
	}
	tree, err := from.LiveTree(ctx)
	if err != nil {
		return taxonomy.Tree{}, fmt.Errorf("read sections: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if drops == s.drops {
		s.tree, s.at = tree, time.Now()
	}
	return tree, nil
}
