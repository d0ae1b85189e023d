package app_test

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"stet/internal/staff"
)

// tab is a real browser's tab at the site.
type tab struct {
	*world
	ctx context.Context
}

// browserLimit bounds everything one test does in its browser.
const browserLimit = 2 * time.Minute

// browser starts a real browser of a profile of its own. Policy violations of every page it opens are kept.
func (w *world) browser() *tab {
	w.Helper()
	return w.browserFor(browserLimit)
}

func (w *world) browserFor(limit time.Duration) *tab {
	w.Helper()
	at, err := exec.LookPath("chromium")
	if err != nil {
		w.Fatal("no Chromium on this machine: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(at), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.UserDataDir(w.TempDir()),
		// A click goes to a point, which a page that scrolls smoothly has left by then.
		chromedp.Flag("force-prefers-reduced-motion", true))
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	w.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	w.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	w.Cleanup(cancel)
	b := &tab{world: w, ctx: ctx}
	b.before(`
		window.violations = [];
		addEventListener('securitypolicyviolation', e => window.violations.push(e.violatedDirective + ' ' + e.blockedURI));`)
	return b
}

// before runs a script of the test in every page, before those of the page.
func (b *tab) before(js string) {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: js})
		return err
	}))
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatalf("browser: %v\n%s", err, b.where())
	}
}

// where says what the browser shows, for a failure's message.
func (b *tab) where() string {
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 1500)`))
	if err != nil {
		return err.Error()
	}
	return text
}

// open goes to a page of the site and insists that it broke no policy.
func (b *tab) open(path string) {
	b.Helper()
	b.do(chromedp.Navigate(b.server.URL + path))
	b.clean()
}

func (b *tab) clean() {
	b.Helper()
	if v := eval[[]string](b, `window.violations || []`); len(v) > 0 {
		b.Errorf("the page breaks its policy: %v\n%s", v, b.where())
	}
}

func eval[T any](b *tab, js string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		b.Fatalf("%s: %v\n%s", js, err, b.where())
	}
	return v
}

// set puts a value into a field, as typing does.
func (b *tab) set(selector, value string) {
	b.Helper()
	b.do(chromedp.WaitVisible(chromedp.CSS(selector)))
	eval[bool](b, fmt.Sprintf(`(document.querySelector(%q).value = "", true)`, selector))
	b.do(chromedp.SendKeys(chromedp.CSS(selector), value))
}

// write types into the editor that stands over a field.
func (b *tab) write(field, text string) {
	b.Helper()
	sheet := chromedp.CSS("#" + field + "-text")
	b.do(chromedp.WaitVisible(sheet), chromedp.Focus(sheet), chromedp.SendKeys(sheet, text))
}

// click presses what selector names and waits for the next page.
func (b *tab) click(selector string) {
	b.Helper()
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)); err != nil {
		b.Fatalf("click %s: %v\n%s", selector, err, b.where())
	}
	b.clean()
}

// press presses what selector names and stays on the page.
func (b *tab) press(selector string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// save presses the sheet's button and waits until it says so.
func (b *tab) save() {
	b.Helper()
	b.press(`#edit button[value=save]`)
	b.until(`/^Saved \d/.test(document.querySelector('[data-said]').textContent)`)
	b.clean()
}

// sees insists on a text on the page.
func (b *tab) sees(text string) {
	b.Helper()
	if got := eval[string](b, `document.body.innerText`); !strings.Contains(strings.ToLower(got), strings.ToLower(text)) {
		b.Errorf("the page does not show %q:\n%.1500s", text, got)
	}
}

func (b *tab) width(px int64) {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: px, Height: 800, DeviceScaleFactor: 1, Mobile: px < 500})
		return err
	}))
}

// fits insists that nothing scrolls sideways.
func (b *tab) fits() {
	b.Helper()
	if over := eval[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		b.Errorf("%s is %d px too wide", eval[string](b, `location.href`), over)
	}
}

func (b *tab) signIn(role staff.Role) {
	b.Helper()
	b.open("/newsroom/login")
	b.set(`[name=email]`, string(role)+"@staff.example")
	b.set(`[name=password]`, password)
	b.click(`main form button`)
}

// TestReaderInBrowser lets a reader read and comment, on a phone.
func TestReaderInBrowser(t *testing.T) {
	w := newWorld(t)
	_, path := w.published("The lamp at Cape Ore", "<p>At 21:14 the lamp came on.</p>")
	b := w.browser()
	b.width(360)
	b.open("/")
	b.fits()
	b.sees("The lamp at Cape Ore")
	b.open(path)
	b.fits()
	b.sees("At 21:14 the lamp came on.")
	b.set(`#respond [name=body]`, "It was most of a night.")
	b.set(`#respond [name=name]`, "Ilse Brandt")
	b.set(`#respond [name=email]`, "ilse@reader.example")
	b.click(`#respond button`)
	if status := eval[string](b, `document.querySelector('[data-status]').dataset.status`); status != "pending" {
		t.Errorf("receipt = %q, want pending", status)
	}
	b.fits()
	if text := eval[string](b, `document.querySelector('[name=body]').value`); text != "It was most of a night." {
		t.Errorf("the receipt offers %q to edit, want what was written", text)
	}
}

// TestEditorInBrowser lets an editor write, publish and append an update.
func TestEditorInBrowser(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.width(1280)
	b.signIn(staff.Editor)
	b.open("/newsroom/articles")
	b.click(`form[action="/newsroom/articles"][method=post] button`)
	at := eval[string](b, `location.pathname`)
	b.set(`[name=headline]`, "The lamp at Cape Ore")
	b.set(`[name=standfirst]`, "Lit again.")
	b.write("body", "At 21:14 the lamp came on.")
	b.save()
	b.open(at + "/publish")
	b.click(`main form[action$="/publish"] button`)
	b.open(at + "/updates")
	b.write("notice", "Kest answered this morning.")
	b.click(`main form[action$="/updates"] button`)
	path := publicPath(t, eval[string](b, `document.documentElement.outerHTML`))
	b.open(path)
	b.sees("At 21:14 the lamp came on.")
	b.sees("Kest answered this morning.")
	if n := eval[int](b, `document.querySelectorAll('#update-2[data-kind=update] time[datetime]').length`); n == 0 {
		t.Error("the update has no time at its anchor")
	}
}

// TestModeratorInBrowser lets a moderator clear the queue.
func TestModeratorInBrowser(t *testing.T) {
	w := newWorld(t)
	_, path := w.published("The lamp at Cape Ore", "<p>At 21:14 the lamp came on.</p>")
	reader := w.visitor()
	for _, name := range []string{"Ilse", "Tomasz", "Hanne"} {
		reader.post(path+"comments", 303, "name", name, "email", name+"@reader.example", "body", "Said by "+name, "version", "1")
	}
	b := w.browser()
	b.width(360)
	b.signIn(staff.Moderator)
	b.open("/newsroom/comments")
	b.fits()
	for range 3 {
		b.sees("Said by")
		id := eval[string](b, `document.querySelector('[data-comment]').dataset.comment`)
		b.press(`[data-comment] [formaction$="/approve"], [data-comment] form[action$="/approve"] button`)
		b.until(fmt.Sprintf(`document.querySelector('[data-told]').textContent.includes('Comment %s ')`, id))
	}
	if n := w.count(`SELECT count(*) FROM comments WHERE status = 'pending'`); n != 0 {
		t.Errorf("%d comments are left in the queue", n)
	}
	b.open(path)
	for _, name := range []string{"Ilse", "Tomasz", "Hanne"} {
		b.sees("Said by " + name)
	}
}

// scripts allows or forbids the site's scripts; those of the test run either way.
func (b *tab) scripts(on bool) {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	}))
}
