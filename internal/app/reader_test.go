package app_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"stet/internal/comment"
	"stet/internal/staff"
)

// says writes a comment under an article and approves it.
func (w *world) says(article int64, name, body string, parent int64) int64 {
	w.Helper()
	ctx, moderator := w.Context(), w.people[staff.Moderator]
	token, err := w.app.Comments.Post(ctx, comment.In{ArticleID: article, Name: name, Email: fmt.Sprintf("%x@reader.example", name), Body: body, Parent: parent, Version: 1, Address: netip.MustParseAddr("198.51.100.7")})
	if err != nil {
		w.Fatal(err)
	}
	r, err := w.app.Comments.ByToken(ctx, token)
	if err != nil {
		w.Fatal(err)
	}
	if err := w.app.Comments.Decide(ctx, moderator, comment.Pick{ID: r.ID}, comment.Approve, ""); err != nil {
		w.Fatal(err)
	}
	return r.ID
}

// key types one key where the focus is.
func (b *tab) key(k string) {
	b.Helper()
	b.do(chromedp.KeyEvent(k))
}

// TestAnswerInPlace answers a comment where it stands, thinks better of it with Escape, and then does.
func TestAnswerInPlace(t *testing.T) {
	w := newWorld(t)
	id, path := w.published("The lamp at Cape Ore", "<p>At 21:14 the lamp came on.</p>")
	first := w.says(id, "Ilse Brandt", "It was most of a night.", 0)
	w.says(id, "محمد علي", "لم يقطع أحد خط التلغراف.", first)
	b := w.browser()
	b.width(1280)
	b.open(path)
	link := fmt.Sprintf(`[data-answers="%d"]`, first)
	b.press(link)
	if !eval[bool](b, fmt.Sprintf(`document.querySelector('#comment-%d').nextElementSibling.id == 'respond' && document.activeElement.name == 'body'`, first)) {
		t.Error("the form didn't come under the comment with the focus in it")
	}
	b.sees("You are answering Ilse Brandt.")
	b.do(chromedp.SendKeys(chromedp.CSS(`#respond [name=body]`), "Not so fast"))
	b.key("\x1b")
	if !eval[bool](b, `document.querySelector('.thread').compareDocumentPosition(document.querySelector('#respond')) === Node.DOCUMENT_POSITION_FOLLOWING
		&& document.activeElement.matches('`+link+`') && !document.querySelector('[name=parent]') && document.querySelector('[name=body]').value === 'Not so fast'`) {
		t.Errorf("Escape doesn't bring the form back as it was:\n%s", b.where())
	}
	b.press(link)
	b.set(`#respond [name=body]`, "It was, and more.")
	b.set(`#respond [name=name]`, "Tomasz W.")
	b.set(`#respond [name=email]`, "tomasz@reader.example")
	b.click(`#respond .act button`)
	b.sees("in reply to Ilse Brandt")
}

// TestNameIsRemembered keeps a name in the reader's browser if the box is ticked, and forgets it when it is cleared.
func TestNameIsRemembered(t *testing.T) {
	w := newWorld(t)
	_, path := w.published("The lamp at Cape Ore", "<p>At 21:14 the lamp came on.</p>")
	b := w.browser()
	b.width(360)
	send := func(tick bool) {
		b.open(path)
		b.set(`#respond [name=body]`, fmt.Sprint("Said with ", tick))
		b.set(`#respond [name=name]`, "Hanne")
		b.set(`#respond [name=email]`, "hanne@reader.example")
		if tick {
			b.press(`#c-keep`)
		}
		b.click(`#respond .act button`)
	}
	// What was read is remembered apart from who wrote.
	filled := func() string {
		b.open(path)
		return eval[string](b, `[document.querySelector('#c-keep').checked, document.querySelector('[name=name]').value, document.querySelector('[name=email]').value,
			Object.keys(localStorage).filter(key => key !== 'seen').length].join(' ')`)
	}
	send(false)
	if got := filled(); got != "false   0" {
		t.Errorf("without the tick: %q", got)
	}
	send(true)
	if got := filled(); got != "true Hanne hanne@reader.example 1" {
		t.Errorf("with the tick: %q", got)
	}
	b.press(`#c-keep`)
	if got := filled(); got != "false   0" {
		t.Errorf("after the tick was taken away: %q", got)
	}
	if got := w.visitor().get(path); strings.Contains(got.body, "Hanne") {
		t.Error("the page holds what somebody typed")
	}
}

// TestSelectedSentence offers to report an error in what is selected of the article, and only of it.
func TestSelectedSentence(t *testing.T) {
	w := newWorld(t)
	_, path := w.published("The lamp at Cape Ore", "<p>At 21:14 the lamp came on. “It burns,” she said.</p>")
	b := w.browser()
	b.width(1280)
	b.open(path)
	choose := func(selector string) {
		eval[bool](b, fmt.Sprintf(`(getSelection().selectAllChildren(document.querySelector(%q)), true)`, selector))
	}
	choose("#body p")
	b.until(`!document.querySelector('#c-report').hidden`)
	if got, want := eval[string](b, `new URL(document.querySelector('#c-report').href).search`), "?version=1&quote=At%2021%3A14%20the%20lamp%20came%20on.%20%E2%80%9CIt%20burns%2C%E2%80%9D%20she%20said."; got != want {
		t.Errorf("the link asks for %s, want %s", got, want)
	}
	if !eval[bool](b, `document.querySelector('#c-report').getBoundingClientRect().top >= document.querySelector('#body p').getBoundingClientRect().bottom - 1`) {
		t.Error("the link stands on the text")
	}
	choose("h1")
	b.until(`document.querySelector('#c-report').hidden`)
	b.clean()
}

// TestAnswerWithoutScripts follows the link to the form's own page.
func TestAnswerWithoutScripts(t *testing.T) {
	w := newWorld(t)
	id, path := w.published("The lamp at Cape Ore", "<p>At 21:14 the lamp came on.</p>")
	first := w.says(id, "Ilse Brandt", "It was most of a night.", 0)
	b := w.browser()
	b.width(360)
	b.scripts(false)
	b.open(path)
	if eval[bool](b, `!!document.querySelector('#c-keep').offsetParent`) {
		t.Error("a box that needs a script is shown without one")
	}
	b.click(fmt.Sprintf(`[data-answers="%d"]`, first))
	b.sees("It was most of a night.")
	b.set(`#respond [name=body]`, "It was, and more.")
	b.set(`#respond [name=name]`, "Tomasz W.")
	b.set(`#respond [name=email]`, "tomasz@reader.example")
	b.click(`#respond .act button`)
	b.fits()
	b.sees("in reply to Ilse Brandt")
}

// TestDiscussionPages reads a long discussion page by page: every comment is on one of them, its permanent address leads there, an answer on
// a later page says whom it answers, and there is nothing beyond the last.
func TestDiscussionPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, path := w.published("The lamp at Cape Ore", "<p>At 21:14 the lamp came on.</p>")
	if _, err := w.db.Super.Exec(t.Context(), `UPDATE settings SET comments_per_email = 1000, comments_per_address = 1000`); err != nil {
		t.Fatal(err)
	}
	first := w.says(id, "Ilse Brandt", "It was most of a night.", 0)
	var last int64
	for i := range comment.PerPage + 3 {
		last = w.says(id, fmt.Sprint("Reader ", i), fmt.Sprint("Said ", i), first)
	}
	v := w.visitor()
	one, two := v.get(path), v.get(path+"comment-page-2/")
	if !strings.Contains(one.body, "54 comments") || !strings.Contains(two.body, "54 comments") || strings.Count(one.body+two.body, `class="comment"`) != 54 {
		t.Errorf("%d and %d comments on two pages of 54", strings.Count(one.body, `class="comment"`), strings.Count(two.body, `class="comment"`))
	}
	if want := fmt.Sprintf(`<a href="%scomments/%d" rel="nofollow"><bdi>Ilse Brandt</bdi></a>`, path, first); strings.Count(two.body, want) != 4 || strings.Contains(one.body, want) {
		t.Errorf("answers on the second page don't say whom they answer: %s", want)
	}
	for at, want := range map[string]string{
		fmt.Sprintf("%scomments/%d", path, last): fmt.Sprintf("%scomment-page-2/#comment-%d", path, last), fmt.Sprintf("%scomments/%d", path, first): fmt.Sprintf("%s#comment-%d", path, first),
	} {
		if got := v.get(at); got.StatusCode != http.StatusFound || !strings.HasSuffix(got.Header.Get("Location"), want) {
			t.Errorf("%s = %d %s, want %s", at, got.StatusCode, got.Header.Get("Location"), want)
		}
	}
	for _, at := range []string{"comment-page-3/", "comment-page-0/", "comment-page-x/", "comment-page-2/?comments=best", "comments/1000000"} {
		if got := v.get(path + at); got.StatusCode < 400 || got.StatusCode >= 500 {
			t.Errorf("%s = %d", at, got.StatusCode)
		}
	}
	if err := w.app.Comments.Pin(t.Context(), w.people[staff.Moderator], first, true); err != nil {
		t.Fatal(err)
	}
	if got := v.get(path); !strings.Contains(got.body, "Pinned by the editors") {
		t.Error("a pinned comment isn't marked")
	}
}
