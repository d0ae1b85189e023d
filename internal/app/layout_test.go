package app_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// wide is a word that no line holds.
var wide = strings.Repeat("W", 60)

// wideBody holds what is wider than a column: code, a table, an address, a word.
var wideBody = `<h2>` + strings.Repeat("Wörter", 50) + `</h2><p>` + strings.Repeat("x", 300) + ` <a href="https://example.org/` + wide + `">https://example.org/` + wide + wide + `</a> <code>` + wide + `</code></p>
	<pre><code>` + strings.Repeat("wide ", 60) + `</code></pre><ul><li><ul><li><ul><li><ol><li>` + wide + `</li></ol></li></ul></li></ul></li></ul>
	<figure class="table"><figcaption>` + wide + `</figcaption><table><tr>` + strings.Repeat("<td>"+wide+"</td>", 6) + `</tr></table><p class="source">` + wide + `</p></figure>
	<table><tr>` + strings.Repeat("<td>"+wide+"</td>", 6) + `</tr></table><blockquote class="statement"><p>` + wide + wide + `</p><footer><cite>` + wide + `</cite> <span>` + wide + `</span></footer></blockquote>
	<blockquote class="pull"><p>` + wide + `</p></blockquote><p class="embed"><a href="https://example.org/"><strong>` + wide + wide + `</strong> <span>` + wide + `</span></a></p><p dir="rtl" lang="ar">فقرة</p>`

// hostileSite is a site of texts that are hard to set, and the paths of each kind of its pages.
func (w *world) hostileSite() (paths []string) {
	w.Helper()
	editor := w.people[staff.Editor]
	must := func(err error) {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
	}
	c, err := w.app.Taxonomy.Create(w.Context(), editor, taxonomy.CategoryIn{Name: wide, Slug: "wide", Description: wide + wide})
	must(err)
	child, err := w.app.Taxonomy.Create(w.Context(), editor, taxonomy.CategoryIn{Name: wide + "2", Slug: "wider", ParentID: c.ID})
	must(err)
	a, err := w.app.Authors.Create(w.Context(), editor, author.In{Name: wide, Slug: "wide", Role: wide, Biography: "<p>" + wide + wide + "</p>", Links: []author.Link{{Name: wide, URL: "https://example.org/" + wide}}})
	must(err)
	draft := article.Draft{Headline: strings.Repeat("W", 300), Standfirst: strings.Repeat("S", 300), Kicker: wide, Dateline: wide, Label: "analysis", Category: child.Slug, Authors: []string{a.Slug},
		Tags: []string{wide[:40], wide[:41]}, Body: wideBody}
	id, path := w.lets(draft)
	_, err = w.app.Articles.Append(w.Context(), editor, id, article.NoticeIn{Kind: article.Update, Notice: "<p>" + wide + wide + "</p><pre>" + wide + wide + "</pre>"})
	must(err)
	for _, words := range []string{"😀🎉👩‍👩‍👧‍👦🇪🇪", "\u200f\u200eBoth ways עברית 123", "عنوان طويل جدا " + strings.Repeat("كلمة", 60), strings.Repeat("見出し", 60), strings.TrimSpace(strings.Repeat("thirty words ", 15))} {
		draft.Headline, draft.Language = words, map[bool]string{true: "ar", false: "en"}[strings.HasPrefix(words, "ع")]
		w.lets(draft)
	}
	v := w.visitor()
	receipt := v.post(path+"comments", http.StatusSeeOther, "name", wide, "email", "w@reader.example", "body", wide+wide, "version", "1").Header.Get("Location")
	comments, _, err := w.app.Comments.Queue(w.Context(), w.people[staff.Moderator], comment.Filter{ArticleID: id})
	must(err)
	must(w.app.Comments.Decide(w.Context(), w.people[staff.Moderator], comments[0].Pick(), comment.Approve, ""))
	said := strconv.FormatInt(comments[0].ID, 10)
	today := time.Now().UTC().Format("/2006/01/")
	return []string{"/", c.Path, child.Path, a.Path(), w.text(`SELECT path FROM addresses WHERE tag_id IS NOT NULL LIMIT 1`), today[:6], today, "/search", "/search?q=" + wide, "/search?q=words",
		"/corrections/", path, path + "history", path + "v/1", path + "report", path + "reply/" + said, path + "comments/" + said + "/report", receipt, "/nothing/" + wide + wide}
}

// lets publishes a draft and gives its id and path.
func (w *world) lets(d article.Draft) (int64, string) {
	w.Helper()
	id, err := w.app.Articles.Create(w.Context(), w.people[staff.Editor], article.KindArticle, "")
	if err != nil {
		w.Fatal(err)
	}
	saved, err := w.app.Articles.Save(w.Context(), w.people[staff.Editor], id, article.SaveIn{Draft: d, Base: 1})
	if err != nil {
		w.Fatal(err)
	}
	p, err := w.app.Articles.Publish(w.Context(), w.people[staff.Editor], id, article.PublishIn{Revision: saved.Number})
	if err != nil {
		w.Fatal(err)
	}
	return id, p.Path
}

// sticksOut names what reaches past the window's edge, or is cut off by an edge that doesn't scroll.
const sticksOut = `[...document.querySelectorAll('body *')].filter(e => {
	const r = e.getBoundingClientRect(), w = document.documentElement.clientWidth;
	if (r.width === 0 || r.right <= w + 1 && r.left >= -1 || e.closest('.hide, .skip, [hidden]')) return false;
	for (let p = e.parentElement; p; p = p.parentElement) if (getComputedStyle(p).overflowX === 'auto') return false;
	return true;
}).slice(0, 3).map(e => e.tagName + '.' + e.className + ' in ' + e.parentElement.tagName + '.' + e.parentElement.className)`

// TestEveryHostileText sets texts that are hard to set at every width: nothing scrolls sideways, nothing is cut off, and axe finds nothing.
func TestEveryHostileText(t *testing.T) {
	w := newWorld(t)
	paths := w.hostileSite()
	r := w.round()
	for _, path := range paths {
		r.do(chromedp.Navigate(w.server.URL + path))
		for _, px := range []int64{320, 360, 768, 1280, 2560} {
			r.width(px)
			r.fits()
			if out := eval[[]string](r.tab, sticksOut); len(out) > 0 {
				t.Errorf("%.60s at %d px: %q stick out", path, px, out)
			}
		}
		r.lookAt(path, "document", 360)
	}
	r.tell()
}

// TestKeyboard goes through pages with the Tab key: the skip link comes first and works, the order is that of the page, and each place is seen.
// Nothing moves for those who asked for that.
func TestKeyboard(t *testing.T) {
	w := newWorld(t)
	_, path := w.published("The lamp at Cape Ore", `<p>At <a href="/">21:14</a> the lamp came on.</p>`)
	b := w.browser()
	for _, px := range []int64{360, 1280} {
		b.width(px)
		for _, at := range []string{"/", path, "/search?q=lamp", path + "report"} {
			b.open(at)
			b.tabs(at)
			if moves := eval[int](b, `[...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e); return s.animationName !== 'none' || parseFloat(s.transitionDuration) > 0 || s.scrollBehavior === 'smooth' }).length`); moves > 0 {
				t.Errorf("%s: %d elements move", at, moves)
			}
		}
	}
	b.open(path)
	b.stroke("Tab", 0)
	b.stroke("Enter", 0)
	b.until(`location.hash === '#main'`)
	b.stroke("Tab", 0)
	if !eval[bool](b, `document.querySelector('main').contains(document.activeElement)`) {
		t.Error("the skip link does not skip")
	}
}

// tabs goes through all places of a page that the Tab key leads to.
func (b *tab) tabs(at string) {
	b.Helper()
	eval[bool](b, `(window.been = [document.body], true)`)
	for range 120 {
		b.stroke("Tab", 0)
		said := eval[string](b, `(() => {
			const e = document.activeElement, last = been.at(-1);
			if (e === document.body || been.includes(e)) return 'end';
			been.push(e);
			const name = e.tagName + ' ' + (e.className || e.name || e.textContent).toString().trim().slice(0, 30);
			if (been.length === 2 && !e.matches('.skip')) return name + ' comes before the skip link';
			if (!(last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) return name + ' comes out of order';
			const r = e.getBoundingClientRect();
			if (r.width < 2 || r.height < 2 || r.right < 0 || r.left > innerWidth) return name + ' is not to be seen';
			const s = getComputedStyle(e);
			if (s.outlineStyle === 'none' || parseFloat(s.outlineWidth) < 2) return name + ' has no ring';
			return '';
		})()`)
		if said == "end" {
			break
		}
		if said != "" {
			b.Errorf("%s: %s", at, said)
		}
	}
	if n := eval[int](b, `been.length`); n < 8 {
		b.Errorf("%s: the Tab key leads to %d places", at, n-1)
	}
}
