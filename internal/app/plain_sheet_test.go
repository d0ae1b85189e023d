package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"stet/internal/staff"
)

// without keeps what a pattern names from coming.
func (b *tab) without(pattern string) {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{{URLPattern: pattern, Block: true}}})
		return err
	}))
}

// TestPlainSheet writes where the editor's script doesn't come: the field itself is saved in place, kept beside the draft and offered again.
func TestPlainSheet(t *testing.T) {
	w := newWorld(t)
	id, _ := w.draft("Plain", "<p>First paragraph.</p>")
	path := fmt.Sprintf("/newsroom/articles/%d", id)
	b := w.browser()
	b.width(1280)
	b.signIn(staff.Editor)
	b.without("*://*:*/static/*/editor.js")
	b.open(path)
	if eval[bool](b, `!!document.querySelector('[name=body]').stet`) {
		t.Fatal("the editor's script came")
	}
	b.do(chromedp.SendKeys(chromedp.CSS(`[name=body]`), "<p>Typed.</p>"))
	b.stroke("s", ctrl)
	b.says("Saved ")
	w.holds(id, "Typed.", "First paragraph.")
	shown := b.value(`[name=body]`)
	if strings.Count(shown, `id="p-`) != 2 {
		t.Errorf("after a save the field holds %s", shown)
	}
	b.do(chromedp.SendKeys(chromedp.CSS(`[name=body]`), "<p>Kept.</p>"))
	b.until(`/kept|autosaved/i.test(document.querySelector('[data-said]').textContent)`)
	var kept bool
	for !kept {
		if err := w.db.App.QueryRow(b.ctx, `SELECT EXISTS (SELECT FROM autosaves WHERE fields::text LIKE '%Kept.%')`).Scan(&kept); err != nil {
			t.Fatal(err)
		}
	}
	b.open("/newsroom/account")
	b.open(path)
	// The copy of this browser is offered once the page before has let go of it; until then the newsroom's is.
	b.until(`document.querySelector('[data-go-on], [data-unsaved] a')`)
	b.press(`[data-go-on], [data-unsaved]:not([hidden]) a`)
	b.until(`document.querySelector('[name=body]')?.value.includes('Kept.')`)
	b.save()
	w.holds(id, "Typed.", "First paragraph.", "Kept.")
}
