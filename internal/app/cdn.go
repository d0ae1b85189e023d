package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"stet/internal/config"
	"stet/internal/page"
	"stet/internal/pagecache"
)

// How a CDN is told.
const (
	cdnBatch   = 100 // tags in one request, which all take
	cdnMost    = 2000
	cdnTimeout = 10 * time.Second
	cdnAgain   = 5 * time.Second // by then every instance has heard of the change
	cdnBackoff = time.Minute
	// cdnFresh is how long a CDN that hears of changes may keep a page: as long as we.
	cdnFresh = 10 * time.Minute
)

// cdn tells a CDN which pages are out of date. It holds a bounded number of tags and forgets none: too many become all.
type cdn struct {
	to     *config.Purge
	log    *slog.Logger
	client http.Client
	again  time.Duration

	wake chan struct{}

	mu   sync.Mutex
	tags map[string]bool
}

// newCDN makes one; nil where there is none to tell.
func newCDN(to *config.Purge, log *slog.Logger) *cdn {
	if to == nil {
		return nil
	}
	return &cdn{to: to, log: log, again: cdnAgain, wake: make(chan struct{}, 1), tags: map[string]bool{},
		// The address is the operator's, and may well be on a private network.
		client: http.Client{Timeout: cdnTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// purge notes tags; run sends them.
func (c *cdn) purge(tags ...string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range tags {
		c.tags[t] = true
	}
	if len(c.tags) > cdnMost || c.tags[pagecache.All] {
		c.tags = map[string]bool{pagecache.All: true}
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *cdn) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	tags := slices.Sorted(maps.Keys(c.tags))
	clear(c.tags)
	return tags
}

// run sends what was noted until ctx ends, at once and once more a little later: between the change and its notification another instance may
// have given the CDN the page as it was. What can't be sent is tried again for ever.
func (c *cdn) run(ctx context.Context) {
	later := map[string]bool{}
	timer := time.NewTimer(c.again)
	defer timer.Stop()
	for failed := time.Duration(0); ; {
		var second []string
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			second = slices.Sorted(maps.Keys(later))
			clear(later)
		case <-c.wake:
			if failed > 0 { // it is waited for
				continue
			}
		}
		first := c.take()
		err := c.send(ctx, slices.Compact(slices.Sorted(slices.Values(slices.Concat(first, second)))))
		if err != nil && ctx.Err() == nil {
			c.log.Warn("the CDN isn't told of changes", "error", err)
			c.purge(append(first, second...)...)
			failed = min(max(2*failed, time.Second), cdnBackoff)
			timer.Reset(failed)
			continue
		}
		failed = 0
		for _, t := range first {
			later[t] = true
		}
		if len(first) > 0 {
			timer.Reset(c.again)
		}
	}
}

func (c *cdn) send(ctx context.Context, tags []string) error {
	for batch := range slices.Chunk(tags, cdnBatch) {
		body, err := json.Marshal(map[string][]string{"tags": batch})
		if err != nil {
			return err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.to.URL.String(), bytes.NewReader(body))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Surrogate-Key", strings.Join(batch, " "))
		if c.to.Header != "" {
			r.Header.Set(c.to.Header, c.to.Value)
		}
		resp, err := c.client.Do(r)
		if err != nil {
			return fmt.Errorf("tell the CDN: %w", err)
		}
		_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
		_ = resp.Body.Close()                          // it was only read
		if resp.StatusCode/100 != 2 {
			return fmt.Errorf("tell the CDN: it answers %s", resp.Status)
		}
	}
	return nil
}

// offer names a page's tags to the CDN in the ways that are usual, and lets it keep the page until it is purged, but no longer than we do: what
// changes by itself soon is left to Cache-Control.
func (c *cdn) offer(h http.Header, until time.Time, now time.Time) {
	tags := page.TakeTags(h)
	if c == nil || len(tags) == 0 {
		return
	}
	tags = append(tags, pagecache.All)
	h.Set("Surrogate-Key", strings.Join(tags, " "))
	h.Set("Cache-Tag", strings.Join(tags, ","))
	if strings.HasPrefix(h.Get("Cache-Control"), "public") && (until.IsZero() || until.Sub(now) > 2*cdnFresh) {
		h.Set("Surrogate-Control", fmt.Sprintf("max-age=%d, stale-while-revalidate=60, stale-if-error=86400", int(cdnFresh.Seconds())))
	}
}
