package app_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/media"
	"stet/internal/staff"
)

// sent is one file of a form.
type sent struct {
	name string
	data []byte
}

// paper is a small document that no other is the same as.
func paper(words string) []byte { return []byte("%PDF-1.7\n" + words) }

// sendFiles sends files in one plain form, as a browser without scripts does, with further fields as names and values.
func (v *visitor) sendFiles(files []sent, pairs ...string) answer {
	v.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, f := range files {
		h := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename=%q`, f.name)}, "Content-Type": {"image/png"}}
		part, err := m.CreatePart(h)
		if err == nil {
			_, err = part.Write(f.data)
		}
		if err != nil {
			v.Fatal(err)
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := m.WriteField(pairs[i], pairs[i+1]); err != nil {
			v.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		v.Fatal(err)
	}
	r := httptest.NewRequestWithContext(v.Context(), http.MethodPost, "/newsroom/media", &b)
	r.Host = v.base().Host
	r.Header.Set("Content-Type", m.FormDataContentType())
	return v.serve(r)
}

// lastMedia is the number of what came last.
func (w *world) lastMedia() int64 {
	w.Helper()
	return int64(w.count(`SELECT coalesce(max(id), 0) FROM media`))
}

// TestManyUploads sends several files in one form: each is taken or refused by itself, and the words are asked for file by file.
func TestManyUploads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.signedIn(staff.Contributor)
	got := v.sendFiles([]sent{{"one.png", greyPNG(t)}, {"two.pdf", paper("two")}}, "credit", "Noor Belshade", "alt", "of neither")
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/newsroom/media/words?ids=1,2" {
		t.Fatalf("two good files: %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	v.shows("/newsroom/media/words?ids=1,2", "Words for 2 files", `name="alt-1"`, `name="caption-2"`, "Noor Belshade", "two.pdf", "2 files were taken.")
	v.post("/newsroom/media/words", http.StatusSeeOther, "ids", "1,2", "alt-1", "A grey square", "caption-2", "The second paper")
	if one, err := w.app.Media.ByID(t.Context(), 1); err != nil || one.Alt != "A grey square" || one.Credit != "Noor Belshade" {
		t.Errorf("words = %+v, %v", one, err)
	}
	if got := v.post("/newsroom/media/words", http.StatusUnprocessableEntity, "ids", "1,2", "alt-1", strings.Repeat("a", 2000), "caption-2", "Kept all the same"); !strings.Contains(got.body, `id="alt-1-err"`) || !strings.Contains(got.body, strings.Repeat("a", 2000)) {
		t.Error("a long alt text isn't told at its field, or lost")
	}
	if two, err := w.app.Media.ByID(t.Context(), 2); err != nil || two.Caption != "Kept all the same" {
		t.Errorf("words = %+v, %v", two, err)
	}
	files := []sent{{"good.pdf", paper("good")}, {"page.pdf", []byte("<!doctype html><script>alert(1)</script>")}, {"empty.pdf", nil}}
	got = v.sendFiles(files)
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "page.pdf") || !strings.Contains(got.body, "empty.pdf") || strings.Contains(got.body, "media.file.") || !strings.Contains(got.body, `name="caption-3"`) {
		t.Errorf("one good, two bad: %d\n%.3000s", got.StatusCode, got.body)
	}
	var many []sent
	for i := range 12 {
		many = append(many, sent{fmt.Sprintf("%02d.pdf", i), paper(strconv.Itoa(i))})
	}
	before := w.lastMedia()
	if got = v.sendFiles(many); got.StatusCode != http.StatusUnprocessableEntity || w.lastMedia() != before+10 || strings.Count(got.body, "More than ten came at once") != 2 {
		t.Errorf("twelve files: %d, %d taken", got.StatusCode, w.lastMedia()-before)
	}
	if other := w.signedIn(staff.Author); other.get("/newsroom/media/words?ids=1").StatusCode != http.StatusForbidden {
		t.Error("somebody else's words are asked for")
	}
	for _, ids := range []string{"", "x", "0", "999"} {
		if got := v.get("/newsroom/media/words?ids=" + ids); got.StatusCode != http.StatusNotFound {
			t.Errorf("ids %q: %d", ids, got.StatusCode)
		}
	}
}

// TestHostileUploads: no name leads anywhere and none breaks a page; what is too large is refused in words, and a thing twice is said to be.
func TestHostileUploads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.signedIn(staff.Author)
	for _, name := range []string{"../../../etc/passwd", `C:\Windows\a.pdf`, "a\"><script>alert(1)</script>.pdf", "a\u202Efdp.exe", "a\r\nSet-Cookie: x=1.pdf", strings.Repeat("n", 5000), "", ".pdf", "a.php\x00.pdf"} {
		got := v.sendFiles([]sent{{name, paper(name)}})
		if got.StatusCode != http.StatusSeeOther {
			// A name that no header can hold is no form.
			if got.StatusCode != http.StatusBadRequest && got.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%q: %d", name, got.StatusCode)
			}
			continue
		}
		at := got.Header.Get("Location")
		page := v.get(at)
		if page.StatusCode != http.StatusOK || strings.Contains(page.body, "<script>alert") || strings.ContainsRune(page.body, '\u202E') {
			t.Errorf("%q: its page is %d", name, page.StatusCode)
		}
		m, err := w.app.Media.ByID(t.Context(), w.lastMedia())
		f, _ := m.File()
		if err != nil || strings.ContainsAny(m.Name, "/\\\n\x00") {
			t.Errorf("%q is kept as %q, %v", name, m.Name, err)
		}
		if served := v.get(f.URL); served.StatusCode != http.StatusOK || served.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(served.Header.Get("Content-Disposition"), "attachment; filename*=UTF-8''") ||
			served.Header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || served.Header.Get("Set-Cookie") != "" {
			t.Errorf("%q is served as %d %v", name, served.StatusCode, served.Header)
		}
	}
	large := append(paper(""), make([]byte, media.MaxBytes)...)
	if got := v.sendFiles([]sent{{"large.pdf", large}}, "credit", "Kept"); got.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(got.body, "larger than 40 MB") || !strings.Contains(got.body, "Kept") {
		t.Errorf("41 MB: %d", got.StatusCode)
	}
	if got := v.sendFiles([]sent{{"large.pdf", large}, {"small.pdf", paper("small")}}); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "larger than 40 MB") || !strings.Contains(got.body, "small.pdf") {
		t.Errorf("41 MB and a small one: %d", got.StatusCode)
	}
	at := v.sendFiles([]sent{{"again.pdf", paper("small")}}).Header.Get("Location")
	if got := v.get(at); !strings.Contains(got.body, "The same file is there already") || !strings.Contains(got.body, `/newsroom/media/`+strconv.FormatInt(w.lastMedia()-1, 10)+`"`) {
		t.Errorf("the same file again: %d", got.StatusCode)
	}
}

// TestFocus moves the point by a press, by numbers and back again.
func TestFocus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.signedIn(staff.Editor)
	m, err := w.app.Media.AddPicture(t.Context(), w.people[staff.Editor], media.Upload{Name: "a.png", Reader: bytes.NewReader(greyPNG(t)), Alt: "A"})
	if err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("/newsroom/media/%d", m.ID)
	stands := func(x, y float64) {
		t.Helper()
		if m, err = w.app.Media.ByID(t.Context(), m.ID); err != nil || fmt.Sprintf("%.2f %.2f", m.FocalX, m.FocalY) != fmt.Sprintf("%.2f %.2f", x, y) {
			t.Errorf("the point is at %v %v, %v; want %v %v", m.FocalX, m.FocalY, err, x, y)
		}
	}
	v.post(at+"/focus", http.StatusSeeOther, "width", "640", "height", "480", "focus.x", "160", "focus.y", "360")
	stands(0.25, 0.75)
	v.shows(at, "at 25 from the left and 75 from the top", `cx="25%"`, at+"/focus?x=50&amp;y=50")
	v.post(at+"/focus?x=50&y=50", http.StatusSeeOther)
	stands(0.5, 0.5)
	v.post(at+"/focus", http.StatusSeeOther, "width", "640", "height", "480", "focus.x", "0", "focus.y", "0")
	stands(0.5, 0.5)
	v.post(at+"/focus", http.StatusSeeOther, "x", "0", "y", "100")
	stands(0, 1)
	v.post(at+"/focus", http.StatusSeeOther, "width", "10", "height", "10", "focus.x", "999", "focus.y", "999")
	stands(1, 1)
	v.post(at, http.StatusSeeOther, "focal_x", "33", "focal_y", "1")
	stands(0.33, 0.01)
	for _, bad := range [][]string{{}, {"x", "1"}, {"x", "-1", "y", "2"}, {"x", "a", "y", "2"}, {"focus.x", "1", "focus.y", "1"}, {"focus.x", "1", "focus.y", "1", "width", "0", "height", "0"}} {
		v.post(at+"/focus", http.StatusUnprocessableEntity, bad...)
	}
	stands(0.33, 0.01)
	if got := w.signedIn(staff.Author).do(http.MethodPost, at+"/focus?x=1&y=1", nil); got.StatusCode != http.StatusForbidden {
		t.Errorf("somebody else moves it: %d", got.StatusCode)
	}
}

// TestWhereUsed shows where a picture stands, and lets it go only when nothing has it.
func TestWhereUsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	editor := w.people[staff.Editor]
	m, err := w.app.Media.AddPicture(t.Context(), editor, media.Upload{Name: "a.png", Reader: bytes.NewReader(greyPNG(t)), Alt: "A lamp", Credit: "Noor"})
	if err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`<p>One.</p><figure><img data-media="%d" alt="The lamp of Cape Ore"></figure>`, m.ID)
	id, err := w.app.Articles.Create(t.Context(), editor, article.KindArticle, "")
	if err == nil {
		_, err = w.app.Articles.Save(t.Context(), editor, id, article.SaveIn{Draft: article.Draft{Headline: "The keepers", Body: body, Image: m.ID, ImageAlt: "A lamp"}, Base: 1})
	}
	if err != nil {
		t.Fatal(err)
	}
	v, at := w.signedIn(staff.Editor), fmt.Sprintf("/newsroom/media/%d", m.ID)
	v.shows(at, "The keepers", "Lead", "As here", "Paragraph 2", "The lamp of Cape Ore", "so it stays")
	if got := w.signedIn(staff.Contributor).get(at); strings.Contains(got.body, "The keepers") || !strings.Contains(got.body, "somebody else’s") {
		t.Error("a contributor reads the headline of an article that isn't theirs")
	}
	if got := v.post(at+"/delete", http.StatusUnprocessableEntity); !strings.Contains(got.body, "It is in use") {
		t.Errorf("a used picture: %.200s", got.body)
	}
	if _, err := w.app.Articles.Save(t.Context(), editor, id, article.SaveIn{Draft: article.Draft{Headline: "The keepers", Body: "<p>One.</p>"}, Base: 2}); err != nil {
		t.Fatal(err)
	}
	if got := v.post(at+"/delete", http.StatusUnprocessableEntity); !strings.Contains(got.body, "An older text") {
		t.Errorf("an older text has it: %.200s", got.body)
	}
	if _, err := w.app.Authors.Create(t.Context(), editor, author.In{Name: "Ilse Torvane", Portrait: m.ID}); err != nil {
		t.Fatal(err)
	}
	v.shows(at, ">Ilse Torvane</")
	free := v.sendFiles([]sent{{"free.pdf", paper("free")}}).Header.Get("Location")
	if got := w.signedIn(staff.Contributor).do(http.MethodPost, free+"/delete", nil); got.StatusCode != http.StatusForbidden {
		t.Errorf("somebody else deletes it: %d", got.StatusCode)
	}
	v.post(free+"/delete", http.StatusSeeOther)
	if got := v.get(free); got.StatusCode != http.StatusNotFound {
		t.Errorf("deleted, and there: %d", got.StatusCode)
	}
	for _, q := range []string{"?view=mine", "?view=alt", "?view=credit", "?view=unused", "?view=files", "?view=missing", "?view=withheld", "?shape=wide", "?shape=tall&q=lamp", "?since=2020-01-01"} {
		v.shows("/newsroom/media"+q, "Pictures")
	}
	for q, status := range map[string]int{"?view=x": 422, "?since=soon": 400, "?before=x": 400} {
		if got := v.get("/newsroom/media" + q); got.StatusCode != status {
			t.Errorf("%s: %d, want %d", q, got.StatusCode, status)
		}
	}
}

// TestAttachment hands a paper and a sound over in an article: readers see kind and size, feeds have whole addresses, and what is withheld is
// gone from all of them.
func TestAttachment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	frame := append([]byte{0xFF, 0xFB, 0x90, 0x00}, make([]byte, 413)...)
	var ids []int64
	for _, f := range []sent{{"The Convention.pdf", append(paper("1931"), make([]byte, 1_258_000)...)}, {"Call.mp3", bytes.Repeat(frame, 10)}} {
		m, err := w.app.Media.Add(t.Context(), w.people[staff.Editor], media.Upload{Name: f.name, Reader: bytes.NewReader(f.data)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.ID)
	}
	_, path := w.published("The Convention", fmt.Sprintf(`<p>Read it.</p><p class="file"><a data-media="%d">The Convention of 1931, in full</a></p><p class="file"><a data-media="%d">The call</a></p>`, ids[0], ids[1]))
	reader := w.visitor()
	got := reader.get(path)
	for _, want := range []string{`/the-convention.pdf" type="application/pdf">The Convention of 1931, in full</a> <span>PDF, 1.2 MB</span>`, `/call.mp3" type="audio/mpeg">The call</a> <span>MP3, 5 KB</span>`, `<audio controls="" preload="none" src="/media/`} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the article lacks %s", want)
		}
	}
	if policy := got.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "media-src 'self'") {
		t.Errorf("policy %s", policy)
	}
	if feed := reader.get("/feed.json"); !strings.Contains(feed.body, w.server.URL+"/media/") || !strings.Contains(feed.body, "the-convention.pdf") {
		t.Error("the feed has no whole address of the file")
	}
	m, err := w.app.Media.ByID(t.Context(), ids[0])
	f, ok := m.File()
	if err != nil || !ok || reader.get(f.URL).StatusCode != http.StatusOK {
		t.Fatalf("the file isn't served: %v", err)
	}
	admin := w.signedIn(staff.Admin)
	at := fmt.Sprintf("/newsroom/media/%d", ids[0])
	if got := w.signedIn(staff.Editor).do(http.MethodPost, at+"/withhold", nil); got.StatusCode != http.StatusForbidden {
		t.Errorf("an editor withholds it: %d", got.StatusCode)
	}
	admin.post(at+"/withhold", http.StatusSeeOther)
	if got := reader.get(f.URL); got.StatusCode != http.StatusNotFound {
		t.Errorf("withheld, and served: %d", got.StatusCode)
	}
	if got := reader.get(path); strings.Contains(got.body, "the-convention.pdf") || !strings.Contains(got.body, "The Convention of 1931, in full <span>no longer here</span>") {
		t.Error("the page still hands it over, or lost its words")
	}
	admin.shows(at, "Withheld")
	admin.post(at+"/release", http.StatusSeeOther)
	if reader.get(f.URL).StatusCode != http.StatusOK || !strings.Contains(reader.get(path).body, "the-convention.pdf") {
		t.Error("released, and gone")
	}
}

// TestAttachmentOfANotice hands a paper over in a correction's notice, alone, without a picture beside it.
func TestAttachmentOfANotice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m, err := w.app.Media.Add(t.Context(), w.people[staff.Editor], media.Upload{Name: "The Convention.pdf", Reader: bytes.NewReader(paper("1931"))})
	if err != nil {
		t.Fatal(err)
	}
	id, path := w.published("The Convention", "<p>It was signed.</p>")
	if _, err := w.app.Articles.Append(t.Context(), w.people[staff.Editor], id, article.NoticeIn{Kind: article.Correction, Notice: fmt.Sprintf(`<p>Here it is.</p><p class="file"><a data-media="%d">In full</a></p>`, m.ID)}); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{path, path + "history", "/corrections/"} {
		if got := w.visitor().get(at); !strings.Contains(got.body, `/the-convention.pdf" type="application/pdf">In full</a>`) {
			t.Errorf("%s doesn't hand the file over", at)
		}
	}
}

// TestUploadsInBrowser sends three files by script, one of which is no picture, and is asked for the words of the others.
func TestUploadsInBrowser(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	var names []string
	for name, data := range map[string][]byte{"one.png": greyPNG(t), "paper.pdf": append(paper("long"), make([]byte, 2<<20)...), "bad.png": []byte("<html>")} {
		names = append(names, filepath.Join(dir, name))
		if err := os.WriteFile(names[len(names)-1], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := w.browser()
	b.width(1280)
	b.before(`
		window.shown = 0;
		addEventListener('DOMContentLoaded', () => new MutationObserver(() => { if (document.querySelector('.ups progress')) window.shown++ }).observe(document.body, { subtree: true, childList: true }));`)
	b.signIn(staff.Author)
	b.open("/newsroom/media")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), names))
	b.until(`!document.querySelector('[data-on]').hidden`)
	if n := eval[int](b, `document.querySelectorAll('.ups li').length`); n != 3 || eval[int](b, `window.shown`) == 0 {
		t.Errorf("%d rows of progress", n)
	}
	if bad := eval[string](b, `document.querySelector('.ups .err').parentElement.innerText`); !strings.Contains(bad, "bad.png") || !strings.Contains(bad, "isn’t taken") || !strings.Contains(bad, "Try again") {
		t.Errorf("the refused one says %q", bad)
	}
	b.clean()
	b.click(`[data-on] a`)
	b.sees("Words for 2 files")
	b.sees("paper.pdf")
	b.width(360)
	b.fits()
	b.set(`fieldset:has([name^=alt]) [name^=alt]`, "A grey square")
	b.width(1280)
	b.click(`.head .main`)
	if n := w.count(`SELECT count(*) FROM media WHERE alt = 'A grey square' AND width > 0`); n != 1 {
		t.Errorf("%d pictures have the words", n)
	}
	// The same bytes again are said to be there; whoever takes the older one loses nothing.
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{filepath.Join(dir, "one.png")}))
	b.until(`document.querySelector('.same') && !document.querySelector('.ups .same').hidden`)
	b.press(`.ups [data-drop-new]`)
	b.until(`!document.querySelector('.ups li')`)
	if n := w.count(`SELECT count(*) FROM media`); n != 2 {
		t.Errorf("%d media, want 2", n)
	}
}

// TestFocusInBrowser moves the point of focus by keys and by a press on the picture as large as it is drawn.
func TestFocusInBrowser(t *testing.T) {
	w := newWorld(t)
	m, err := w.app.Media.AddPicture(t.Context(), w.people[staff.Editor], media.Upload{Name: "a.png", Reader: bytes.NewReader(greyPNG(t)), Alt: "A"})
	if err != nil {
		t.Fatal(err)
	}
	stands := func(want string) {
		t.Helper()
		if m, err = w.app.Media.ByID(t.Context(), m.ID); err != nil || fmt.Sprintf("%.2f %.2f", m.FocalX, m.FocalY) != want {
			t.Errorf("the point is at %v %v, %v; want %s", m.FocalX, m.FocalY, err, want)
		}
	}
	b := w.browser()
	b.width(1280)
	b.signIn(staff.Editor)
	b.open(fmt.Sprintf("/newsroom/media/%d", m.ID))
	picture := chromedp.CSS(`.focus.large input[type=image]`)
	b.do(chromedp.WaitVisible(picture), chromedp.Focus(picture), chromedp.SendKeys(picture, kb.ArrowRight+kb.ArrowRight+kb.ArrowDown))
	if at := eval[string](b, `document.querySelector('.focus.large circle').getAttribute('cx') + ' ' + document.querySelector('#focal_y').value`); at != "52% 51" {
		t.Errorf("the arrows lead to %s", at)
	}
	if _, err := chromedp.RunResponse(b.ctx, chromedp.SendKeys(picture, "\r")); err != nil {
		t.Fatal(err)
	}
	b.clean()
	stands("0.52 0.51")
	b.sees("at 52 from the left and 51 from the top")
	b.width(360)
	b.fits()
	b.do(chromedp.WaitVisible(picture))
	b.click(`.focus.large input[type=image]`)
	stands("0.50 0.50")
	b.click(`.flash button`)
	stands("0.52 0.51")
	b.scripts(false)
	b.open(fmt.Sprintf("/newsroom/media/%d", m.ID))
	b.click(`.focus.small input[type=image]`)
	stands("0.50 0.50")
}
