package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"stet/internal/settings"
)

// TestBeacon has a browser say that an article was read, under the policy of readers' pages.
func TestBeacon(t *testing.T) {
	w := newWorld(t)
	id, path := w.published("The lamp", "<p>Lit.</p>")
	s, err := w.app.Settings.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.ReadsBy = settings.ReadsByBeacon
	if err := w.app.Settings.Save(t.Context(), 0, s); err != nil {
		t.Fatal(err)
	}
	w.app.Drop()
	b := w.browser()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		// By its own name this browser is a robot.
		_, err := cdp.Call(ctx, t, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"})
		return err
	}))
	b.open(path)
	b.until(`performance.getEntriesByType('resource').some(e => e.initiatorType === 'beacon')`)
	ended, end := context.WithCancel(t.Context())
	end()
	w.app.Work(ended)
	f, err := w.app.Reads.Figures(t.Context(), id, time.UTC)
	if err != nil || f.Total != 1 {
		t.Errorf("%d reads, %v; want 1", f.Total, err)
	}
	b.clean()
}
