package app_test

import (
	"fmt"
	"testing"
	"time"

	"stet/internal/staff"
)

// TestWhoIsHere: two people see each other's names, and no longer when a tab is closed or its line is cut. It logs how long each took.
func TestWhoIsHere(t *testing.T) {
	w := newWorld(t)
	id, _ := w.draft("Who is here", "<p>First paragraph.</p><p>Second paragraph.</p>")
	path := fmt.Sprintf("/newsroom/articles/%d", id)
	one := w.browser()
	one.signIn(staff.Editor)
	one.open(path)
	two := one.person()
	two.signIn(staff.Admin)
	took := func(what string, wait func()) {
		t.Helper()
		begun := time.Now()
		wait()
		t.Logf("%s: %.1f s", what, time.Since(begun).Seconds())
	}
	here, nobody := `document.querySelector('[data-around]').textContent.includes('The admin is')`, `document.querySelector('[data-around]').hidden`
	one.until(nobody)

	other, closes := two.another()
	took("from opening to both names", func() {
		other.open(path)
		one.until(here)
		other.until(`document.querySelector('[data-around]').textContent.includes('The editor is')`)
	})
	took("from closing the tab", func() { closes(); one.until(nobody) })

	two.open(path)
	one.until(here)
	took("from losing the line", func() { two.offline(true); one.until(nobody) })
	two.offline(false)
	took("from having it again", func() { one.until(here) })
	took("from leaving the page", func() { two.open("/newsroom/account"); one.until(nobody) })
	one.clean()
}

// TestSignInAgainWithCode: a second factor is asked for in place, and the words are saved once both were right.
func TestSignInAgainWithCode(t *testing.T) {
	w := newWorld(t)
	id, _ := w.draft("Code", "<p>First paragraph.</p>")
	b := w.browser()
	b.signIn(staff.Editor)
	b.open(fmt.Sprintf("/newsroom/articles/%d", id))
	secret := w.secondFactor(staff.Editor)
	if _, err := w.db.Owner.Exec(t.Context(), `DELETE FROM sessions`); err != nil {
		t.Fatal(err)
	}
	b.into(w.blocksIn(id)[0], "After. ")
	b.press(`#edit button[value=save]`)
	b.until(`document.querySelector('#sign-again').open`)
	b.set(`#again-email`, "editor@staff.example")
	b.set(`#again-password`, password)
	b.press(`#sign-again [data-step=password] button`)
	b.set(`#again-code`, "000000")
	b.press(`#sign-again [data-step=code] button`)
	b.until(`document.querySelector('#sign-again .err').textContent`)
	b.set(`#again-code`, totp(secret, time.Now()))
	b.press(`#sign-again [data-step=code] button`)
	b.says("Saved ")
	b.until(`!document.querySelector('#sign-again').open`)
	w.holds(id, "After. ", "First paragraph.")
	b.clean()
}
