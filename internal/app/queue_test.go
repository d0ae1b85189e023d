package app_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"stet/internal/comment"
	"stet/internal/staff"
)

// said posts n comments of as many people under an article, of which nobody has decided anything yet.
func (w *world) said(n int) (path string) {
	w.Helper()
	id, path := w.published("The strait two navies share by telephone", "<p>It was left to the two harbour masters to find out, in practice, what that meant.</p>")
	for i := range n {
		_, err := w.app.Comments.Post(w.Context(), comment.In{ArticleID: id, Name: fmt.Sprint("Reader ", i), Email: fmt.Sprintf("r%d@reader.example", i),
			Body: fmt.Sprintf("Comment %d says something.", i), Version: 1, Address: netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})})
		if err != nil {
			w.Fatal(err)
		}
	}
	return path
}

func (w *world) count(sql string, args ...any) int {
	w.Helper()
	var n int
	if err := w.db.Super.QueryRow(w.Context(), sql, args...).Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

// TestQueueByKeyboard decides on fifty comments by the keyboard alone, takes some decisions back, and finds the keys gone where they are
// switched off.
func TestQueueByKeyboard(t *testing.T) {
	w := newWorld(t)
	w.said(50)
	b := w.browserFor(2 * browserLimit)
	b.width(1280)
	b.signIn(staff.Moderator)
	b.open("/newsroom/comments")
	const left = `document.querySelectorAll('[data-comment]').length`
	decided, now := 0, ""
	for decided < 50 {
		b.until(left + ` > 0 && document.querySelector('.item.now')`)
		here := eval[int](b, left)
		now = eval[string](b, `document.querySelector('.item.now').dataset.comment`)
		switch decided % 5 {
		case 1:
			b.stroke("r", 0)
			b.stroke("2", 0)
		case 3:
			b.stroke("s", 0)
		default:
			b.stroke("a", 0)
		}
		decided++
		if decided%17 == 0 {
			b.until(fmt.Sprintf(`document.querySelector('.flash [data-key=u]') && %s === %d`, left, here-1))
			b.stroke("u", 0)
			b.until(fmt.Sprintf(`document.querySelector('.item.now')?.dataset.comment === %q && document.activeElement.dataset.comment === %q`, now, now))
			b.stroke("a", 0)
		}
		b.until(fmt.Sprintf(`!document.querySelector('[data-comment="%s"]')`, now))
		if decided == 30 { // the page is done: the next one comes by itself
			b.until(left + ` === 20`)
		}
		if n := eval[int](b, left); n > 0 && decided != 30 {
			b.until(`document.activeElement.matches('.item.now')`)
		}
	}
	b.until(fmt.Sprintf(`document.querySelector('[data-told]').textContent.includes('Comment %s ')`, now))
	b.clean()
	if n := w.count(`SELECT count(*) FROM comments WHERE status = 'pending'`); n != 0 {
		t.Errorf("%d comments still wait", n)
	}
	if n := w.count(`SELECT count(*) FROM decisions WHERE act = 'reject' AND undone_at IS NULL AND reason = 'attacks a person'`); n != 9 { // ten, of which one was taken back and approved
		t.Errorf("%d rejections with the second reason, want 9", n)
	}
	if n := w.count(`SELECT count(*) FROM decisions WHERE undone_at IS NOT NULL`); n != 2 {
		t.Errorf("%d undone, want 2", n)
	}
	b.stroke("?", 0)
	b.until(`document.querySelector('#keys').matches(':popover-open')`)
	b.press(`#letters`)
	b.open("/newsroom/comments?status=approved")
	before := eval[int](b, left)
	b.stroke("h", 0)
	b.rest()
	if n := eval[int](b, left); n != before || w.count(`SELECT count(*) FROM comments WHERE status = 'pending'`) != 0 {
		t.Error("a letter decided although letters are switched off")
	}
}

// TestQueueByThumb decides on a phone, one comment at a time, with and without scripts: every button is large enough, and stands below.
func TestQueueByThumb(t *testing.T) {
	for name, scripts := range map[string]bool{"scripts": true, "plain": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.said(6)
			b := w.browser()
			b.width(360)
			b.signIn(staff.Moderator)
			b.scripts(scripts)
			b.open("/newsroom/comments")
			b.click(`[action$="/claim"] button`)
			for i := range 5 {
				b.fits()
				b.thumb()
				switch i {
				case 1:
					b.press(`[data-reject] summary`)
					b.thumb()
					b.click(`[data-reject] div button:nth-of-type(2)`)
				case 2:
					b.click(`.hand [data-key=s]`)
				default:
					b.click(`.hand .main`)
				}
			}
			b.click(`.hand .flash button`)
			if n := w.count(`SELECT count(*) FROM comments WHERE status = 'pending'`); n != 2 {
				t.Errorf("%d wait after five decisions and one undone, want 2", n)
			}
			if n := w.count(`SELECT count(*) FROM decisions WHERE act = 'reject' AND reason = 'attacks a person'`); n != 1 {
				t.Error("the rejection has another reason than the one that was pressed")
			}
			b.sees("wait")
		})
	}
}

// thumb insists that what decides is in the lower half of the screen, and 44 px high.
func (b *tab) thumb() {
	b.Helper()
	small := eval[[]string](b, `[...document.querySelectorAll('.hand button, .hand summary')].filter(e => e.checkVisibility()).map(e => [e.textContent.trim(), e.getBoundingClientRect()])
		.filter(([, r]) => r.height < 44 || r.width < 44 || r.top < innerHeight / 2 - 60 || r.bottom > innerHeight + 1).map(([t, r]) => t + ' ' + r.top + ' ' + r.width + '×' + r.height)`)
	if len(small) > 0 {
		b.Errorf("hard to reach: %q", small)
	}
}

// TestOneAtATime gives two moderators different comments, asks for second opinions blind, and says where they differ.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.said(3)
	first, second := w.signedIn(staff.Moderator), w.signedIn(staff.Editor)
	at := regexp.MustCompile(`data-comment="(\d+)"`)
	one := func(v *visitor) string {
		t.Helper()
		m := at.FindStringSubmatch(v.get("/newsroom/comments/one").body)
		if m == nil {
			return ""
		}
		return m[1]
	}
	if one(first) != "" {
		t.Error("looking took a comment")
	}
	first.post("/newsroom/comments/claim", http.StatusSeeOther)
	second.post("/newsroom/comments/claim", http.StatusSeeOther)
	a, b := one(first), one(second)
	if a == "" || b == "" || a == b {
		t.Fatalf("they have %q and %q before them", a, b)
	}
	if list := second.get("/newsroom/comments").body; !strings.Contains(list, "The moderator has it") || !strings.Contains(list, "You have it") {
		t.Errorf("the list doesn't say who has what:\n%.3000s", list)
	}
	if _, err := w.db.Super.Exec(t.Context(), `UPDATE settings SET second_opinions = 1`); err != nil {
		t.Fatal(err)
	}
	first.post("/newsroom/comments/"+a+"/reject", http.StatusSeeOther, "one", "1", "reason", "off topic")
	if c := one(first); c == "" || c == a || c == b {
		t.Errorf("after a decision %q is next", c)
	}
	blind := second.get("/newsroom/comments?status=second").body
	opinion := regexp.MustCompile(`name="opinion" value="(\d+)"`).FindStringSubmatch(blind)
	if opinion == nil || strings.Contains(blind, `<dd dir="auto">Rejected`) || strings.Contains(blind, `data-status="rejected"`) {
		t.Fatalf("not asked, or not blind:\n%.3000s", blind)
	}
	differs := second.post("/newsroom/comments/"+a+"/second", http.StatusOK, "opinion", opinion[1], "act", "approve")
	if !strings.Contains(differs.body, "off topic") || !strings.Contains(differs.body, "The moderator") || !strings.Contains(differs.body, "/newsroom/comments/"+a+"/hold") {
		t.Errorf("where they differ:\n%.2500s", differs.body)
	}
	first.post("/newsroom/comments/"+a+"/second", http.StatusForbidden, "opinion", opinion[1], "act", "approve")
	for _, bad := range []string{"0", "99999999999999999999", "x", "-1", "4611686018427387904"} {
		if got := first.get("/newsroom/comments/" + bad); got.StatusCode != http.StatusNotFound {
			t.Errorf("GET comment %s = %d", bad, got.StatusCode)
		}
		if got := first.post("/newsroom/comments/"+bad+"/approve", http.StatusNotFound); got.StatusCode != http.StatusNotFound {
			t.Errorf("approve comment %s = %d", bad, got.StatusCode)
		}
	}
	waiting := w.count(`SELECT count(*) FROM comments WHERE status = 'pending'`)
	for _, acting := range []string{"approve", "reject", "spam", "hold", "undo", "pin", "unpin", "second", "reply"} {
		if got := first.get("/newsroom/comments/" + b + "/" + acting); got.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("GET %s = %d", acting, got.StatusCode)
		}
	}
	for _, acting := range []string{"/newsroom/comments/claim", "/newsroom/comments/release", "/newsroom/comments/bulk", "/newsroom/bans/1/lift", "/newsroom/comments/emergency/closed"} {
		if got := first.get(acting); got.StatusCode != http.StatusMethodNotAllowed && got.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s = %d", acting, got.StatusCode)
		}
	}
	if w.count(`SELECT count(*) FROM comments WHERE status = 'pending'`) != waiting {
		t.Error("a GET decided something")
	}
}

// TestAppeal lets a rejected reader appeal once on the receipt; a moderator finds it and lets the rejection stand, with the form that the queue has.
func TestAppeal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	article, _ := w.published("A lamp", "<p>It is lit.</p>")
	id, token := w.posts(article, "Ostrow", "The lamp is not lit.")
	w.decides(id, comment.Reject)
	reader, desk := w.visitor(), w.signedIn(staff.Moderator)
	reader.post("/comments/"+token, http.StatusSeeOther, "act", "appeal", "appeal", "I was there.")
	reader.post("/comments/"+token, http.StatusForbidden, "act", "appeal", "appeal", "I was there, I say.")
	list := desk.get("/newsroom/comments?status=appealed").body
	pick := regexp.MustCompile(`name="ids" value="(\d+\.\d+\.\d+)"`).FindStringSubmatch(list)
	if pick == nil || !strings.Contains(list, "I was there.") || !strings.Contains(list, fmt.Sprintf("/newsroom/comments/%d/reject", id)) {
		t.Fatalf("the appeals:\n%.3000s", list)
	}
	desk.post(fmt.Sprintf("/newsroom/comments/%d/reject", id), http.StatusSeeOther, "ids", pick[1], "reason", "You were not.")
	if left := desk.get("/newsroom/comments?status=appealed").body; strings.Contains(left, "I was there.") {
		t.Error("an answered appeal still waits")
	}
	if got := reader.get("/comments/" + token).body; !strings.Contains(got, "You were not.") {
		t.Errorf("the receipt doesn't tell the answer:\n%.2000s", got)
	}
}
