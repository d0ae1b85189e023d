package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"stet/internal/staff"
)

// pick ticks a box or chooses a radio button.
func (b *tab) pick(selector string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// fill puts a value into a field that typing would write in the browser's own way, such as a time.
func (b *tab) fill(selector, value string) {
	b.Helper()
	eval[bool](b, fmt.Sprintf(`(document.querySelector(%q).value = %q, true)`, selector, value))
}

func (b *tab) value(selector string) string {
	b.Helper()
	return eval[string](b, fmt.Sprintf(`document.querySelector(%q).value`, selector))
}

// goes opens a page of the newsroom that has to fit a phone.
func (b *tab) goes(path string) {
	b.Helper()
	b.open(path)
	b.fits()
}

const (
	saveButton = `button[name=then][value=save]`
	mainButton = `main .acts button.main`
)

// TestWritingWithoutScripts goes the whole way of an article on a phone whose browser runs no script.
func TestWritingWithoutScripts(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.scripts(false)
	b.width(360)
	b.signIn(staff.Editor)
	b.goes("/newsroom/articles")
	b.click(`form[action="/newsroom/articles"][method=post] button`)
	at := eval[string](b, `location.pathname`)
	b.writeAndRestore(at)
	b.scheduleAndPublish(at)
	path := b.changeInPublic(at)
	b.takeAndGiveBack(at, path)
}

// writeAndRestore saves what can't be taken and what can, looks at it and goes back to an older revision.
func (b *tab) writeAndRestore(at string) {
	b.Helper()
	long := strings.Repeat("long ", 80)
	b.fill(`[name=headline]`, long)
	b.set(`[name=body]`, "<p>At 21:14 the lamp came on.</p>")
	b.click(saveButton)
	b.fits()
	if got := b.value(`[name=headline]`); strings.TrimSpace(got) != strings.TrimSpace(long) || !strings.Contains(b.value(`[name=body]`), "At 21:14") {
		b.Errorf("what couldn't be taken is not kept: %q", got)
	}
	if n := eval[int](b, `document.querySelectorAll('#headline[aria-invalid], .err').length`); n == 0 {
		b.Error("no field says what is wrong")
	}
	b.set(`[name=headline]`, "The lamp at Cape Ore")
	b.click(saveButton)
	b.sees("The lamp at Cape Ore")
	b.goes(at + "/preview")
	b.sees("At 21:14 the lamp came on.")
	b.goes(at)
	b.set(`[name=body]`, "<p>At 21:41 the lamp came on.</p>")
	b.set(`#revision-note`, "The time")
	b.click(saveButton)
	b.goes(at + "/revisions")
	b.sees("The time")
	b.pick(`[name=from][value="2"]`)
	b.click(`#compare button`)
	b.fits()
	if got := eval[string](b, `[...document.querySelectorAll('.diff del, .diff ins')].map(e => e.textContent).join(' ')`); got != "21:14 21:41" {
		b.Errorf("the comparison marks %q", got)
	}
	b.click(`main form[action$="/restore"] button`)
	if got := b.value(`[name=body]`); !strings.Contains(got, "21:14") {
		b.Errorf("after going back the text is %q", got)
	}
}

// scheduleAndPublish schedules, calls it off, schedules anew and lets the time come.
func (b *tab) scheduleAndPublish(at string) {
	b.Helper()
	schedule := func() {
		b.goes(at + "/publish")
		b.fill(`[name=at]`, "2031-05-14T09:30")
		b.click(mainButton)
		b.sees("2031")
	}
	schedule()
	b.goes(at + "/unschedule")
	b.click(mainButton)
	schedule()
	if _, err := b.db.App.Exec(b.Context(), `UPDATE schedules SET at = clock_timestamp() WHERE cancelled_at IS NULL`); err != nil {
		b.Fatal(err)
	}
	if n, err := b.app.Articles.PerformDue(b.Context()); n != 1 || err != nil {
		b.Fatalf("%d were due, %v", n, err)
	}
}

// changeInPublic publishes an update, a correction and a minor change, appends an update and amends it; readers see each.
func (b *tab) changeInPublic(at string) (path string) {
	b.Helper()
	publish := func(body, kind, notice string) {
		b.goes(at)
		b.set(`[name=body]`, body)
		b.click(saveButton)
		b.goes(at + "/publish")
		b.pick("#kind-" + kind)
		if notice != "" {
			b.click(mainButton)
			b.fits()
			if !eval[bool](b, `!!document.querySelector('#notice[aria-invalid]') && document.querySelector('#kind-`+kind+`').checked`) {
				b.Errorf("%s without words: no error at the notice, or the kind isn't kept", kind)
			}
			b.set(`#notice`, notice)
		}
		if kind == "correction" {
			b.pick(`#pinned`)
		}
		b.click(mainButton)
	}
	publish("<p>At 21:14 the lamp came on.</p><p>It burns.</p>", "update", "It burns still.")
	publish("<p>At 21:41 the lamp came on.</p><p>It burns.</p>", "correction", "We had written 21:14.")
	publish("<p>At 21:41 the lamp came on.</p><p>It burns on.</p>", "minor", "")
	b.goes(at + "/updates")
	b.set(`[name=notice]`, "Kest answered.")
	b.click(mainButton)
	b.goes(at + "/notices/5")
	b.set(`#notice`, "Kest answered this morning.")
	b.click(mainButton)
	path = publicPath(b.TB.(*testing.T), eval[string](b, `document.documentElement.outerHTML`))
	b.goes(path)
	for _, text := range []string{"21:41", "It burns on.", "It burns still.", "We had written 21:14.", "Kest answered this morning."} {
		b.sees(text)
	}
	if !eval[bool](b, `!!document.querySelector('.pinned #update-3[data-kind=correction]') && !!document.querySelector('#update-2[data-kind=update]') && !!document.querySelector('#update-5')`) {
		b.Error("the notices don't stand where they should, with their kinds")
	}
	b.goes(path + "history")
	if got := eval[string](b, `[...document.querySelectorAll('.diff del')].map(e => e.textContent).join(' ')`); !strings.Contains(got, "21:14") {
		b.Errorf("the history strikes %q", got)
	}
	return path
}

// takeAndGiveBack retracts, withdraws and restores, and puts a draft into the trash and back.
func (b *tab) takeAndGiveBack(at, path string) {
	b.Helper()
	act := func(at, name, notice string) {
		b.goes(at + "/" + name)
		if notice != "" {
			b.set(`#notice`, notice)
		}
		b.click(mainButton)
	}
	reader := b.visitor()
	act(at, "retract", "It does not hold.")
	b.goes(path)
	b.sees("It does not hold.")
	act(at, "restore", "")
	act(at, "withdraw", "It was wrong.")
	if got := reader.get(path); got.StatusCode != http.StatusGone || !strings.Contains(got.body, "It was wrong.") {
		b.Errorf("withdrawn: %d", got.StatusCode)
	}
	act(at, "restore", "")
	if got := reader.get(path); got.StatusCode != http.StatusOK {
		b.Errorf("restored: %d", got.StatusCode)
	}
	id, _ := b.draft("Thrown away", "<p>Words.</p>")
	draft := fmt.Sprintf("/newsroom/articles/%d", id)
	act(draft, "trash", "")
	b.click(`.undo form button`)
	if e, err := b.app.Articles.Edit(b.Context(), b.people[staff.Editor], id); err != nil || e.State.Trashed {
		b.Errorf("out of the trash: %+v, %v", e.State, err)
	}
}
