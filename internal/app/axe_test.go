package app_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"stet/internal/newsroom"
	"stet/internal/staff"
)

// axeLimit bounds the whole round through the newsroom.
const axeLimit = 8 * time.Minute

// What axe looks for. The second is all that a colour scheme can change.
const (
	axeAll     = `{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}`
	axeColours = `{type: 'rule', values: ['color-contrast', 'link-in-text-block']}`
)

// axeRun gives what axe finds within an element, one line for each rule and place. A preview in a frame is a page of its own.
const axeRun = `axe.run(%s, {iframes: false, resultTypes: ['violations'], runOnly: %s}).then(r => r.violations.flatMap(v =>
	v.nodes.slice(0, 4).map(n => v.id + ' at ' + n.target.join(' ') + ': ' + n.failureSummary.replace(/\s+/g, ' ').slice(0, 300) + ' ' + n.html.slice(0, 200))))`

// round goes through the newsroom with axe in hand.
type round struct {
	*tab
	axe     string
	checked int
	found   int
	pages   []string
}

// TestEveryNewsroomPage opens every page of the newsroom with things of every kind in it, wide and narrow, light and dark, and lets axe
// and the Nu HTML checker judge each. It also insists that nothing scrolls sideways and that no page breaks its policy.
func TestEveryNewsroomPage(t *testing.T) {
	w, checker := newWorld(t), newNu(t)
	r := w.round()
	house := w.furnish()
	r.width(1280)
	r.door(house)
	r.signIn(staff.Admin)
	v := w.visitor()
	v.post("/newsroom/login", http.StatusSeeOther, "email", "admin@staff.example", "password", password)
	for _, route := range newsroom.Routes() {
		if route.Method != http.MethodGet {
			continue
		}
		paths := house.paths(v, route)
		if len(paths) == 0 {
			t.Errorf("no page of %s is looked at", route.Pattern)
		}
		for _, path := range paths {
			if text, is := v.page(path); is {
				checker.add(path, text)
				r.visit(path)
			}
		}
	}
	r.scenes(house)
	r.tell()
	checker.check()
}

// TestEditorIsAccessible opens what the editor opens: its panels and its menu.
func TestEditorIsAccessible(t *testing.T) {
	w := newWorld(t)
	r := w.round()
	house := w.furnish()
	r.signIn(staff.Admin)
	for name, ready := range map[string]string{"link": "a, li, input", "picture": "img", "card": "input", "find": "input"} {
		r.do(chromedp.Navigate(fmt.Sprintf("%s/newsroom/articles/%d", r.server.URL, house.rich)), chromedp.WaitVisible(chromedp.CSS("#body-text")))
		r.do(chromedp.Click(chromedp.CSS("[name=tool-" + name + "]")))
		r.until(`document.querySelector('.panel[role=dialog] :is(` + ready + `)')`)
		r.lookAt("the editor's panel "+name, `document.querySelector('.panel[role=dialog]')`, 1280, 360)
	}
	id, _ := w.draft("Empty", "")
	r.do(chromedp.Navigate(fmt.Sprintf("%s/newsroom/articles/%d", r.server.URL, id)), chromedp.WaitVisible(chromedp.CSS("#body-text")))
	r.do(chromedp.SendKeys(chromedp.CSS("#body-text"), "/"))
	r.until(`document.querySelector('#slash').checkVisibility()`)
	r.look("the editor's menu")
	r.tell()
}

// round starts a browser with axe beside it.
func (w *world) round() *round {
	w.Helper()
	src, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		w.Fatal(err)
	}
	return &round{tab: w.browserFor(axeLimit), axe: string(src)}
}

func (r *round) tell() {
	r.Helper()
	r.Logf("axe: %d pages and scenes, %d looks (360 and 1280 px, light and dark), %d violations", len(r.pages), r.checked, r.found)
}

// page gets a page and tells it from an answer for a script, a stream and a way to another page; what is neither is a fault.
func (v *visitor) page(path string) (text string, is bool) {
	v.Helper()
	req, err := http.NewRequestWithContext(v.Context(), http.MethodGet, v.server.URL+path, nil)
	if err != nil {
		v.Fatal(err)
	}
	resp, err := v.client.Do(req)
	if err != nil {
		v.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		v.Errorf("GET %s = %d", path, resp.StatusCode)
	}
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		return "", false
	}
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		v.Fatal(err)
	}
	return string(all), true
}

// visit opens a page and looks at it in every way.
func (r *round) visit(path string) {
	r.Helper()
	r.do(chromedp.Navigate(r.server.URL + path))
	r.look(path)
}

// look judges the page as it stands.
func (r *round) look(name string) {
	r.Helper()
	r.lookAt(name, "document", 1280, 360)
}

// lookAt judges what a script's expression names: in both schemes at the widths, everything once for each width.
func (r *round) lookAt(name, part string, widths ...int64) {
	r.Helper()
	r.clean()
	r.pages = append(r.pages, name)
	eval[bool](r.tab, r.axe+`; true`)
	var told []string
	for _, mode := range modes {
		if !slices.Contains(widths, mode.width) {
			continue
		}
		r.width(mode.width)
		r.scheme(mode.scheme)
		r.checked++
		if over := eval[int](r.tab, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			r.Errorf("%s at %d px is %d px too wide: %s", name, mode.width, over, eval[string](r.tab, widest))
		}
		found, err := chromedp.Run(r.ctx, chromedp.Evaluate[[]string](fmt.Sprintf(axeRun, part, mode.find), chromedp.EvalAwaitPromise))
		if err != nil {
			r.Fatalf("%s: axe: %v\n%s", name, err, r.where())
		}
		r.found += len(found)
		for _, one := range found {
			if !slices.Contains(told, one) {
				told = append(told, one)
				r.Errorf("%s, %d px, %s: %s", name, mode.width, mode.scheme, one)
			}
		}
	}
	r.width(1280)
	r.scheme("light")
}

// modes are the ways in which a page is looked at, with what is looked for: everything once in each width and in each scheme.
var modes = []struct {
	width        int64
	scheme, find string
}{{1280, "light", axeAll}, {1280, "dark", axeColours}, {360, "dark", axeAll}, {360, "light", axeColours}}

// widest names the elements that stick out of the window.
const widest = `[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).slice(0, 4)
	.map(e => e.tagName + '.' + e.className).join(' ')`

func (r *round) scheme(name string) {
	r.Helper()
	r.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	}))
}

// send fills in and sends the form that stands around what selector names, whatever its fields ask for, and looks at the answer.
func (r *round) send(name, path, selector string, values map[string]string) {
	r.Helper()
	r.do(chromedp.Navigate(r.server.URL + path))
	js := fmt.Sprintf(`(() => { const f = document.querySelector(%q).form; f.noValidate = true; `, selector)
	for field, value := range values {
		js += fmt.Sprintf(`{ const e = f.elements[%q]; if (e.stet) e.stet.load(%q); (e.length === undefined || e.options ? e : e[e.length - 1]).value = %q; } `, field, value, value)
	}
	if _, err := chromedp.RunResponse(r.ctx, chromedp.Evaluate[chromedp.Void](js+`HTMLFormElement.prototype.submit.call(f); })()`)); err != nil {
		r.Fatalf("%s: %v\n%s", name, err, r.where())
	}
	r.look(name)
}
