package app_test

import (
	"fmt"
	"testing"

	"stet/internal/article"
	"stet/internal/staff"
)

// hurry makes a page's clock run a hundred times as fast, so that what it does every half a minute can be waited for.
const hurry = `{ const at = setTimeout; window.setTimeout = (f, ms, ...rest) => at(f, ms / 100, ...rest) }`

func (w *world) appends(id int64, words string) {
	w.Helper()
	if _, err := w.app.Articles.Append(w.Context(), w.people[staff.Editor], id, article.NoticeIn{Kind: article.Update, Notice: "<p>" + words + "</p>"}); err != nil {
		w.Fatal(err)
	}
}

// goesLive sets or ends an article's live mode, as its form does.
func (w *world) goesLive(id int64, live bool) {
	w.Helper()
	e, err := w.app.Articles.Edit(w.Context(), w.people[staff.Editor], id)
	if err != nil {
		w.Fatal(err)
	}
	e.Draft.Live = live
	if _, err := w.app.Articles.Save(w.Context(), w.people[staff.Editor], id, article.SaveIn{Draft: e.Draft, Base: e.Head}); err != nil {
		w.Fatal(err)
	}
}

// tells asks the page for a text.
func (b *tab) tells(js, want string) {
	b.Helper()
	if got := eval[string](b, js); got != want {
		b.Errorf("%s\n= %q, want %q", js, got, want)
	}
}

// TestLiveMode has two tabs open at a live article while it is added to: both are told, nothing moves until the reader wants it, and both hear of
// its end. Without script the page says the same with a link.
func TestLiveMode(t *testing.T) {
	w := newWorld(t)
	id, path := w.published("Count of the votes", "<p>It goes on all night.</p>")
	w.appends(id, "The first district is in.")
	w.goesLive(id, true)
	b := w.browser()
	b.before(hurry)
	other, closes := b.another()
	other.before(hurry)
	b.open(path)
	other.open(path)
	b.sees("Look for new updates")
	w.appends(id, "The second district is in.")
	w.appends(id, "The third district is in.")
	const news = `[...document.querySelectorAll('.live[data-since] a:first-of-type')].filter(a => a.textContent === '2 new updates').length === 2`
	b.until(news)
	other.until(news)
	if shown := eval[int](b, `document.querySelectorAll('.notice').length`); shown != 1 {
		t.Errorf("%d notices before the reader wants more, want 1", shown)
	}
	b.press(`.live[data-since] a`)
	b.until(`document.querySelectorAll('.notice').length === 3`)
	b.tells(`[...document.querySelectorAll('.notice')].map(n => n.id).join(' ')`, "update-4 update-3 update-2")
	b.tells(`document.activeElement.id + ' ' + document.querySelector('article').dataset.version`, "update-4 4")
	b.sees("Look for new updates")
	b.clean()
	w.appends(id, "The fourth district is in.")
	b.until(`document.querySelector('.live[data-since] a').textContent === '1 new update'`)
	other.until(`document.querySelector('.live[data-since] a').textContent === '3 new updates'`)
	other.press(`.notices .live a`)
	other.until(`document.querySelectorAll('.notice').length === 4`)
	closes()
	w.goesLive(id, false)
	b.until(`document.querySelector('.live b').textContent === 'No longer live'`)

	w.goesLive(id, true)
	b.scripts(false)
	b.open(path)
	b.tells(`[...document.querySelectorAll('.notice')].map(n => n.id).join(' ')`, "update-5 update-4 update-3 update-2")
	w.appends(id, "All districts are in.")
	b.click(`.live[data-since] a`)
	b.sees("All districts are in.")
}

// TestNewSinceLastRead reads an article twice in one browser: what was added between is marked, in no other browser and not a third time.
func TestNewSinceLastRead(t *testing.T) {
	w := newWorld(t)
	id, path := w.published("Read twice", "<p>At 21:14 the lamp came on.</p>")
	b := w.browser()
	b.open(path)
	marked := func(b *tab) string {
		t.Helper()
		return eval[string](b, `[...document.querySelectorAll('.notice .new')].map(n => n.closest('.notice').id + ': ' + n.textContent).join(', ')
			+ (document.getElementById('seen').checkVisibility() ? '; ' + document.querySelector('#seen a').textContent + ' ' + document.querySelector('#seen a').hash : '')`)
	}
	b.open(path)
	w.appends(id, "It was the old lamp.")
	w.appends(id, "It is out again.")
	if got := marked(b); got != "" {
		t.Errorf("on the first visit: %s", got)
	}
	b.open(path)
	if got, want := marked(b), "update-2: New to you, update-3: New to you; 2 notices since you last read #update-2"; got != want {
		t.Errorf("on the second visit %q, want %q", got, want)
	}
	b.open(path)
	if got := marked(b); got != "" {
		t.Errorf("on the third visit: %s", got)
	}
	stranger := b.person()
	stranger.open(path)
	if got := marked(stranger); got != "" {
		t.Errorf("somebody else is told %s", got)
	}

	kept := eval[string](b, `localStorage.seen`)
	if want := fmt.Sprintf(`[[%q,3]]`, path); kept != want {
		t.Errorf("the browser keeps %s, want %s", kept, want)
	}
	if cookies := eval[string](b, `document.cookie`); cookies != "" {
		t.Errorf("the reader has cookies: %s", cookies)
	}
	eval[bool](b, `(localStorage.seen = JSON.stringify(Array.from({ length: 250 }, (_, i) => ['/' + i, 1])), true)`)
	b.open(path)
	b.tells(`JSON.parse(localStorage.seen).length + ' ' + JSON.parse(localStorage.seen)[199][0]`, "200 "+path)

	off := b.person()
	off.before(`Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('off', 'SecurityError') } })`)
	off.open(path)
	if got := marked(off); got != "" {
		t.Errorf("a browser that keeps nothing is told %s", got)
	}
	off.scripts(false)
	off.open(path)
	off.sees("It is out again.")
}
