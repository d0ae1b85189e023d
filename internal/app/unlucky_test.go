package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"stet/internal/staff"
)

// TestFieldsOfOthersStay: what a colleague changed in the fields beside the sheet is taken over by a save, checkboxes too, so that the next save
// doesn't take it back.
func TestFieldsOfOthersStay(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"Harbour", "Letters"} {
		w.signedIn(staff.Admin).post("/newsroom/categories", http.StatusSeeOther, "name", name)
	}
	id, revision := w.draft("Fields", "<p>First paragraph.</p>")
	b := w.browser()
	b.signIn(staff.Editor)
	b.open(fmt.Sprintf("/newsroom/articles/%d", id))
	w.signedIn(staff.Admin).post(fmt.Sprintf("/newsroom/articles/%d", id), http.StatusSeeOther, "revision", fmt.Sprint(revision), "category", "harbour", "also", "letters", "tags", "Hers")
	b.into(w.blocksIn(id)[0], "Once. ")
	b.save()
	b.until(`document.querySelector('[name=also][value=letters]').checked && document.querySelector('[name=category]').value === 'harbour'`)
	b.into(w.blocksIn(id)[0], "Twice. ")
	b.save()
	b.until(`document.querySelector('[name=revision]').value === '5'`)
	w.holds(id, "Once. ", "Twice. ")
	e, err := w.app.Articles.Edit(t.Context(), w.people[staff.Editor], id)
	if err != nil || len(e.Draft.Also) != 1 || e.Draft.Category != "harbour" || len(e.Draft.Tags) != 1 {
		t.Errorf("in the end %+v, %v, want what the colleague chose", e.Draft, err)
	}
}

// TestSomebodyElseSignsIn: in another tab of the browser somebody else signs in. The words of the open form stay its writer's.
func TestSomebodyElseSignsIn(t *testing.T) {
	w := newWorld(t)
	id, _ := w.draft("Whose", "<p>First paragraph.</p>")
	b := w.browser()
	b.signIn(staff.Editor)
	b.open(fmt.Sprintf("/newsroom/articles/%d", id))
	b.into(w.blocksIn(id)[0], "Mine. ")
	b.says("your words")
	b.signsIn(staff.Admin)
	b.into(w.blocksIn(id)[0], "Mine too. ")
	b.press(`#edit button[value=save]`)
	b.until(`document.querySelector('#sign-again').open`)
	var autosaves int
	if err := w.db.Owner.QueryRow(t.Context(), `SELECT count(*) FROM autosaves WHERE person_id = $1`, w.people[staff.Admin].ID).Scan(&autosaves); err != nil || autosaves > 0 {
		t.Errorf("%d autosaves in somebody else's name, %v", autosaves, err)
	}
	if text := w.body(id); strings.Contains(text, "Mine") {
		t.Errorf("saved in somebody else's name: %s", text)
	}
	b.set(`#again-email`, "editor@staff.example")
	b.set(`#again-password`, password)
	b.press(`#sign-again [data-step=password] button`)
	b.says("Saved ")
	w.holds(id, "Mine. ", "Mine too. ")
	b.clean()
}

// TestBackToTheSheet: a form that the browser shows again out of its history stands upon the newest revision or says upon which, and the words
// that weren't saved are there or offered.
func TestBackToTheSheet(t *testing.T) {
	w := newWorld(t)
	id, revision := w.draft("Back", "<p>First paragraph.</p><p>Second paragraph.</p>")
	ids := w.blocksIn(id)
	path := fmt.Sprintf("/newsroom/articles/%d", id)
	b := w.browser()
	b.signIn(staff.Editor)
	b.open(path)
	b.set(`#standfirst`, "Typed and left.")
	b.into(ids[0], "Left. ")
	b.says("your words")
	b.open("/newsroom/account")
	w.signedIn(staff.Admin).post(path, http.StatusSeeOther, "revision", fmt.Sprint(revision), "body", strings.Replace(w.body(id), "Second paragraph", "Her paragraph", 1))
	eval[bool](b, `(history.back(), true)`)
	b.until(`document.querySelector('[name=body]')?.stet && document.querySelector('#edit [data-left], [data-unsaved]')`)
	if got := eval[string](b, `document.querySelector('[name=revision]').value + document.querySelector('#standfirst').value`); got != "3Back in short" {
		t.Errorf("the form of the newest revision holds %q of an older one", got)
	}
	eval[bool](b, `(document.querySelector('[data-go-on]').click(), true)`)
	b.until(`document.querySelector('[name=body]').stet.html().includes('Left. ')`)
	b.save()
	w.holds(id, "Left. ", "Her paragraph")

	// The line is cut, and somebody goes on writing in the middle of publishing: nobody is led away.
	b.into(ids[1], "On. ")
	b.offline(true)
	b.press(`#edit button[value=publish]`)
	b.says("No connection")
	b.offline(false)
	b.says("Saved ")
	w.holds(id, "On. ")
	if at := eval[string](b, `location.pathname`); at != path {
		t.Errorf("led away to %s", at)
	}
	b.clean()
}

// TestRefusedSaves: the article goes to the trash, the browser's store is full, and somebody signs out in the middle of a word. It is said where
// the words are, and they are there.
func TestRefusedSaves(t *testing.T) {
	w := newWorld(t)
	id, _ := w.draft("Refused", "<p>First paragraph.</p>")
	block := w.blocksIn(id)[0]
	path := fmt.Sprintf("/newsroom/articles/%d", id)
	b := w.browser()
	b.signIn(staff.Editor)
	b.open(path)
	admin := w.signedIn(staff.Admin)
	admin.post(path+"/trash", http.StatusSeeOther)
	b.into(block, "Binned. ")
	b.press(`#edit button[value=save]`)
	b.says("your words are kept on this computer")
	if !eval[bool](b, `Object.keys(localStorage).some(k => k.startsWith('stet:words:') && localStorage.getItem(k).includes('Binned. '))`) {
		t.Error("the words of a save that was refused aren't on this computer")
	}
	admin.post(path+"/untrash", http.StatusSeeOther)
	b.save()
	w.holds(id, "Binned. ")

	eval[bool](b, `(Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }, true)`)
	b.into(block, "Full. ")
	b.says("your words are kept beside the draft")
	kept := func(text string) {
		t.Helper()
		var fields string
		if err := w.db.Owner.QueryRow(t.Context(), `SELECT fields::text FROM autosaves WHERE article_id = $1 AND person_id = $2`, id, w.people[staff.Editor].ID).Scan(&fields); err != nil || !strings.Contains(fields, text) {
			t.Errorf("the newsroom keeps %q, %v, want %q in it", fields, err, text)
		}
	}
	kept("Full. ")
	b.into(block, "Out. ")
	eval[bool](b, `(document.querySelector('form[action="/newsroom/logout"]').requestSubmit(), true)`)
	b.until(`location.pathname === '/newsroom/login'`)
	kept("Out. ")
	if left := eval[int](b, `localStorage.length`); left > 0 {
		t.Errorf("%d things are left on this computer after the sign-out", left)
	}
}
