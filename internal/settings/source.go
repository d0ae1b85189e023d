package settings

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Fresh is how long a Source answers without asking the database again.
const Fresh = 5 * time.Second

// patience is how long the methods without a context wait for the database.
const patience = 2 * time.Second

// Source gives the current settings to pages, asking the database at most once in Fresh. It is safe for use by many at once.
type Source struct {
	pool *pgxpool.Pool

	loading chan struct{} // holds one token while the database is asked

	mu    sync.Mutex
	last  Settings
	known bool
	at    time.Time
	drops int // how often Drop was called: a row read before the newest call isn't kept
}

// NewSource makes a Source over a pool of either role.
func NewSource(pool *pgxpool.Pool) *Source {
	return &Source{pool: pool, loading: make(chan struct{}, 1)}
}

// Current returns the settings: read within the last Fresh and after the last Drop. While the database doesn't answer it returns
// the last ones it knew, and an error only where it never knew any.
func (s *Source) Current(ctx context.Context) (Settings, error) {
	if last, ok := s.held(); ok {
		return last, nil
	}
	select {
	case s.loading <- struct{}{}:
		defer func() { <-s.loading }()
	case <-ctx.Done():
		return s.lastKnown(ctx.Err())
	}
	if last, ok := s.held(); ok { // somebody else asked while this one waited
		return last, nil
	}
	s.mu.Lock()
	drops := s.drops
	s.mu.Unlock()
	is, err := load(ctx, s.pool)
	if err != nil {
		return s.lastKnown(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.known = is, true
	if drops == s.drops {
		s.at = time.Now()
	}
	return is, nil
}

// Drop makes the next Current ask the database. It is called when a purge says "all" or "settings", and before pages are purged,
// so that no page is made anew from old settings.
func (s *Source) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = time.Time{}
	s.drops++
}

// Zone is the site's zone now; UTC while the database never answered.
func (s *Source) Zone() *time.Location {
	is, err := s.soon()
	if err != nil {
		return time.UTC
	}
	return is.Location()
}

// ASCIISlugs reports whether new slugs are transliterated; true while the database never answered.
func (s *Source) ASCIISlugs() bool {
	is, err := s.soon()
	return err != nil || is.ASCIISlugs
}

func (s *Source) soon() (Settings, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.Current(ctx)
}

func (s *Source) held() (Settings, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.known && time.Since(s.at) < Fresh
}

func (s *Source) lastKnown(err error) (Settings, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known {
		return s.last, nil
	}
	return Settings{}, err
}
