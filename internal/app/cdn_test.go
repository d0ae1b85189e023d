package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stet/internal/config"
	"stet/internal/page"
)

func TestTheCDNIsTold(t *testing.T) {
	t.Parallel()
	got := make(chan string, 100)
	var broken atomic.Bool
	broken.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken.Swap(false) {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		body, _ := io.ReadAll(r.Body)
		got <- fmt.Sprintf("%s %s %s %s", r.Method, r.Header.Get("Key"), r.Header.Get("Surrogate-Key"), body)
	}))
	t.Cleanup(server.Close)
	to, err := url.Parse(server.URL + "/purge")
	if err != nil {
		t.Fatal(err)
	}
	c := newCDN(&config.Purge{URL: to, Header: "Key", Value: "secret"}, slog.New(slog.DiscardHandler))
	c.again = 50 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { c.run(ctx) })
	t.Cleanup(func() { stop(); wg.Wait() })

	c.purge("front", "article:1")
	for range 2 { // after a failure, and once more
		if s := <-got; s != `POST secret article:1 front {"tags":["article:1","front"]}` {
			t.Errorf("told %s", s)
		}
	}
	many := make([]string, cdnMost+1)
	for i := range many {
		many[i] = fmt.Sprint("tag:", i)
	}
	c.purge(many...)
	for s := range got {
		if strings.Contains(s, ` all {"tags":["all"]}`) {
			break
		}
		if n := strings.Count(s, "tag:"); n > 2*cdnBatch {
			t.Errorf("%d tags at once", n)
		}
	}
}

func TestWhatACDNIsOffered(t *testing.T) {
	t.Parallel()
	now := time.Now()
	answer := func(c *cdn, until time.Time) http.Header {
		w := httptest.NewRecorder()
		page.Public(w)
		page.Tags(w, "front", "article:1")
		h := w.Header()
		c.offer(h, until, now)
		return h
	}
	if h := answer(nil, time.Time{}); len(h) != 1 {
		t.Errorf("nobody is offered %v", h)
	}
	c := newCDN(&config.Purge{}, slog.New(slog.DiscardHandler))
	if h := answer(c, time.Time{}); h.Get("Surrogate-Key") != "front article:1 all" || h.Get("Cache-Tag") != "front,article:1,all" || !strings.HasPrefix(h.Get("Surrogate-Control"), "max-age=600,") {
		t.Errorf("offered %v", h)
	}
	if h := answer(c, now.Add(time.Minute)); h.Get("Surrogate-Control") != "" || h.Get("Surrogate-Key") == "" {
		t.Errorf("of what changes soon it is offered %v", h)
	}
}
