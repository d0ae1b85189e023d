package app_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"stet/internal/staff"
)

// person opens another window of the browser, with cookies and storage of its own.
func (b *tab) person() *tab {
	b.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	b.Cleanup(cancel)
	return &tab{world: b.world, ctx: ctx}
}

// another opens one more tab of the same person.
func (b *tab) another() (*tab, context.CancelFunc) {
	b.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.Cleanup(cancel)
	return &tab{world: b.world, ctx: ctx}, cancel
}

// into types a text at the start of a block of the sheet.
func (b *tab) into(block, text string) {
	b.Helper()
	b.until(`document.querySelector('[name=body]').stet`)
	eval[bool](b, fmt.Sprintf(`(document.querySelector('[name=body]').stet.show(%q), true)`, block))
	b.do(chromedp.SendKeys(chromedp.CSS("#body-text"), text))
	b.until(fmt.Sprintf(`document.querySelector('[name=body]').stet.html().includes(%q)`, text))
}

// says waits for a text in the line that says where the words are.
func (b *tab) says(text string) {
	b.Helper()
	b.until(fmt.Sprintf(`document.querySelector('[data-said]').textContent.includes(%q)`, text))
}

// offline cuts the line, or mends it.
func (b *tab) offline(cut bool) {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: cut, DownloadThroughput: -1, UploadThroughput: -1}}})
		return err
	}))
}

// signsIn makes the browser another person's without a sign-out, which would take the copies away.
func (b *tab) signsIn(role staff.Role) {
	b.Helper()
	sent := form("email", string(role)+"@staff.example", "password", password).Encode()
	if status := eval[int](b, fmt.Sprintf(`(r => { r.open('POST', '/newsroom/login', false); r.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded'); r.send(%q); return r.status })(new XMLHttpRequest())`, sent)); status != http.StatusOK {
		b.Fatalf("signing in as the %s = %d", role, status)
	}
}

// blocksIn gives the ids of an article's blocks.
func (w *world) blocksIn(id int64) []string {
	w.Helper()
	var ids []string
	for _, m := range shownID.FindAllStringSubmatch(w.body(id), -1) {
		ids = append(ids, m[1])
	}
	return ids
}

// holds insists on what an article holds now.
func (w *world) holds(id int64, texts ...string) {
	w.Helper()
	body := w.body(id)
	for _, text := range texts {
		if strings.Count(body, text) != 1 {
			w.Errorf("%q stands %d times in\n%s", text, strings.Count(body, text), body)
		}
	}
}

// TestTwoWriteAtOnce: two people in different paragraphs, and then in the same one.
func TestTwoWriteAtOnce(t *testing.T) {
	w := newWorld(t)
	id, _ := w.draft("Two at once", "<p>First paragraph.</p><p>Second paragraph.</p><p>Third paragraph.</p>")
	ids := w.blocksIn(id)
	path := fmt.Sprintf("/newsroom/articles/%d", id)
	one := w.browser()
	one.signIn(staff.Editor)
	one.open(path)
	two := one.person()
	two.signIn(staff.Admin)
	two.open(path)
	one.into(ids[0], "Mine. ")
	two.into(ids[1], "Hers. ")
	one.until(`document.querySelector('[data-around]').textContent.includes('The admin is in paragraph 2')`)
	two.until(`document.querySelector('[data-around]').textContent.includes('The editor is in paragraph 1')`)
	two.save()
	one.says("The admin saved revision 3 meanwhile")
	one.save()
	w.holds(id, "Mine. ", "Hers. ")
	one.until(`document.querySelector('[name=body]').stet.html().includes('Hers. ')`)
	two.says("The editor saved revision 4 meanwhile")

	// The same paragraph: it is shown, chosen, and both stand.
	two.into(ids[2], "Over hers. ")
	two.save()
	one.into(ids[2], "Over mine. ")
	one.press(`#edit button[value=save]`)
	one.until(`location.pathname.endsWith('/overlaps/6') && document.querySelector('[data-mine]')`)
	one.clean()
	one.sees("Over mine.")
	one.sees("Over hers.")
	one.press(`[data-overlap] input[value=both]`)
	one.click(`#choose button.main`)
	w.holds(id, "Over mine. ", "Over hers. ", "Mine. ", "Hers. ")
	eval[bool](two, `(document.querySelector('[name=body]').stet.load('<p>left</p>'), true)`)
}

// TestLineIsCut: what is typed without a line is kept, said so, and saved when the line is back; so is what is typed after the session ended.
func TestLineIsCut(t *testing.T) {
	w := newWorld(t)
	id, _ := w.draft("Cut", "<p>First paragraph.</p><p>Second paragraph.</p>")
	ids := w.blocksIn(id)
	b := w.browser()
	b.signIn(staff.Editor)
	b.open(fmt.Sprintf("/newsroom/articles/%d", id))
	b.into(ids[0], "Before. ")
	b.offline(true)
	b.press(`#edit button[value=save]`)
	b.says("No connection")
	b.into(ids[1], "Meanwhile. ")
	b.says("your words are kept on this computer")
	b.offline(false)
	b.until(`document.querySelector('[name=revision]').value === '3'`)
	b.save()
	w.holds(id, "Before. ", "Meanwhile. ")

	if _, err := w.db.Owner.Exec(t.Context(), `DELETE FROM sessions`); err != nil {
		t.Fatal(err)
	}
	b.into(ids[0], "After. ")
	b.press(`#edit button[value=save]`)
	b.until(`document.querySelector('#sign-again').open`)
	b.set(`#again-email`, "editor@staff.example")
	b.set(`#again-password`, "wrong")
	b.press(`#sign-again [data-step=password] button`)
	b.until(`document.querySelector('#sign-again .err').textContent`)
	b.set(`#again-password`, password)
	b.press(`#sign-again [data-step=password] button`)
	b.says("Saved ")
	w.holds(id, "Before. ", "Meanwhile. ", "After. ")

	// Somebody else signs in instead: nothing is sent until they say so.
	if _, err := w.db.Owner.Exec(t.Context(), `DELETE FROM sessions`); err != nil {
		t.Fatal(err)
	}
	b.into(ids[1], "Whose? ")
	b.press(`#edit button[value=save]`)
	b.until(`document.querySelector('#sign-again').open`)
	b.set(`#again-email`, "admin@staff.example")
	b.set(`#again-password`, password)
	b.press(`#sign-again [data-step=password] button`)
	b.until(`document.querySelector('[data-other]').textContent.includes('The admin')`)
	if strings.Contains(w.body(id), "Whose?") {
		t.Error("the words were sent in somebody else's name unasked")
	}
	b.press(`#sign-again button[value=as-other]`)
	b.says("Saved ")
	w.holds(id, "Whose? ")
	b.clean()
}

// TestCrash: the browser goes down with words that no save and no autosave has. They are offered to their writer and to nobody else.
func TestCrash(t *testing.T) {
	w := newWorld(t)
	id, _ := w.draft("Crash", "<p>First paragraph.</p><p>Second paragraph.</p>")
	ids := w.blocksIn(id)
	path := fmt.Sprintf("/newsroom/articles/%d", id)
	b := w.browser()
	b.signIn(staff.Editor)
	lost, crash := b.another()
	lost.open(path)
	lost.offline(true)
	lost.into(ids[0], "Lost? ")
	lost.says("your words are kept on this computer")
	crash()

	b.open(path)
	b.until(`document.querySelector('main')`)
	b.until(`document.querySelector('#edit [data-left]')`)
	b.sees("are kept on this computer")
	b.open("/newsroom/account")
	b.signsIn(staff.Admin)
	b.open(path)
	b.until(`document.querySelector('[name=body]').stet`)
	b.until(`document.querySelector('[data-around]')`)
	if eval[bool](b, `!!document.querySelector('#edit [data-left]')`) || strings.Contains(eval[string](b, `document.documentElement.outerHTML`), "Lost?") {
		t.Errorf("the words are offered to somebody else:\n%s", b.where())
	}
	b.signsIn(staff.Editor)
	b.open(path)
	b.until(`document.querySelector('[data-go-on]')`)
	b.press(`[data-go-on]`)
	b.until(`document.querySelector('[name=body]').stet.html().includes('Lost?')`)
	b.save()
	w.holds(id, "Lost? ", "First paragraph.")
	b.open(path)
	b.until(`document.querySelector('[name=body]').stet`)
	if eval[bool](b, `Object.keys(localStorage).some(k => k.startsWith('stet:words:'))`) {
		t.Error("a copy is left after the save")
	}
}
