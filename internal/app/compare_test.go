package app_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"stet/internal/article"
	"stet/internal/staff"
)

// TestPublishShowsTheHistory looks at the words that differ before a publication and in the history after it.
func TestPublishShowsTheHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, path := w.published("The lamp at Cape Ore", "<p>At 21:14 the lamp came on.</p><p>Nobody dared to open it.</p>")
	editor := w.signedIn(staff.Editor)
	at := fmt.Sprintf("/newsroom/articles/%d", id)
	editor.post(at, http.StatusSeeOther, "revision", "2", "headline", "The lamp at Cape Ormond", "standfirst", "Lit & watched.", "label", "opinion", "authors", "Ilse Brandt",
		"body", "<p>Nobody dared to open it.</p><p>At 21:41 the lamp came on <a href=\"/x/\">again</a>.</p><p>So it <b>stands</b>.</p>")
	before := editor.get(at + "/publish")
	shown := marks(between(before.body, `class="proof framed"`, "</div>"))
	if len(shown) < 6 {
		t.Fatalf("the publish page shows only %q\n%s", shown, before.body)
	}
	editor.post(at+"/publish", http.StatusSeeOther, "revision", "3", "kind", article.Correction, "notice", "It was 21:41.")
	history := w.visitor().get(path + "history")
	if got := marks(between(history.body, `class="diff"`, `class="same"`)); strings.Join(got, "|") != strings.Join(shown, "|") {
		t.Errorf("before publishing\n%q\nin the history\n%q", shown, got)
	}
	none := editor.get(at + "/publish")
	if !strings.Contains(none.body, "Nothing differs from what readers see") || strings.Contains(none.body, `value="minor"`) {
		t.Error("without a difference the page doesn't say so, or offers a minor change")
	}
}

var mark = regexp.MustCompile(`<(ins|del)>([^<]*)</`)

// marks are the words added and gone on a page, in order.
func marks(html string) []string {
	var out []string
	for _, m := range mark.FindAllStringSubmatch(html, -1) {
		out = append(out, m[1]+" "+m[2])
	}
	return out
}

// between is the part of s from one text to the next other.
func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// TestComparePages reads what is shown of any two revisions, and of a publication that somebody's save overtook.
func TestComparePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, _ := w.published("The lamp", "<p>First.</p><p>Second stands.</p><p>Third stands as well.</p><p>Fourth, the last of them.</p>")
	editor, admin := w.signedIn(staff.Editor), w.signedIn(staff.Admin)
	at := fmt.Sprintf("/newsroom/articles/%d", id)
	admin.post(at, http.StatusSeeOther, "revision", "2", "note", "Figures", "tags", "Lamps", "body", "<p>First of all.</p><p>Second stands.</p><p>Third stands as well.</p>")
	for path, wants := range map[string][]string{
		at + "/compare":                                  {"Revisions 2 and 3", "<ins> of all</ins>", "Paragraphs 2 to 3 are the same", "<del>Fourth, the last of them.</del>", "What readers see", "The admin", "“<bdi>Figures</bdi>”", "<ins><bdi>Lamps</bdi></ins>", "/revisions/2/restore", "compare?from=1&amp;to=2"},
		at + "/compare?from=live":                        {"Revisions 2 and 3"},
		at + "/compare?from=3&to=1":                      {"Revisions 3 and 1", "<del>First of all.</del>"},
		at + "/compare?from=3&to=3":                      {"Nothing differs"},
		at + "/revisions":                                {`name="from" value="2" checked`, `name="to" value="3" checked`, `form="compare"`, "3 revisions", "/revisions/1/restore"},
		at + "/revisions?before=2":                       {"1 revision"},
		at + "/publish":                                  {"What readers will see", "<ins> of all</ins>"},
		at + "/compare?from=" + strconv.Itoa(1) + "&to=": {"Revisions 1 and 3"},
	} {
		got := editor.get(path)
		for _, want := range wants {
			if got.StatusCode != http.StatusOK || !strings.Contains(got.body, want) {
				t.Errorf("GET %s = %d without %q", path, got.StatusCode, want)
			}
		}
	}
	for _, bad := range []string{"from=9", "to=0", "from=x", "to=-1", "from=99999999999", "before=x"} {
		if got := editor.get(at + "/compare?" + bad); got.StatusCode != http.StatusNotFound {
			t.Errorf("compare?%s = %d, want 404", bad, got.StatusCode)
		}
	}
	stale := editor.post(at+"/publish", http.StatusConflict, "revision", "2", "kind", article.Update, "notice", "Typed before.")
	for _, want := range []string{"The admin saved revision 3", "<ins> of all</ins>", "Typed before.", `name="revision" value="3"`} {
		if !strings.Contains(stale.body, want) {
			t.Errorf("the page of a stale publication lacks %q", want)
		}
	}
}

// TestRequiredChecksOnPages sets what is required, is kept from publishing by it, mends it and publishes.
func TestRequiredChecksOnPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, editor := w.signedIn(staff.Admin), w.signedIn(staff.Editor)
	settings := admin.get("/newsroom/settings")
	if !strings.Contains(settings.body, `name="required_checks" value="authors"`) {
		t.Fatal("the settings don't offer the checks")
	}
	admin.post("/newsroom/settings", http.StatusUnprocessableEntity, "required_checks", "nonsense")
	admin.post("/newsroom/settings", http.StatusSeeOther, "required_checks", "", "required_checks", "authors", "required_checks", "link")
	if got := admin.get("/newsroom/settings"); !strings.Contains(got.body, `value="authors" checked`) || strings.Contains(got.body, `value="body" checked`) {
		t.Error("the settings don't show what is required")
	}
	id, _ := w.draft("The lamp", `<p>See <a href="/2026/11/nowhere/">there</a>.</p>`)
	at := fmt.Sprintf("/newsroom/articles/%d", id)
	for _, when := range []string{"", "2999-01-01T00:00", "2026-12-31T00:00"} {
		got := editor.post(at+"/publish", http.StatusUnprocessableEntity, "revision", "2", "at", when)
		for _, want := range []string{"Nobody is named as its author. <strong>Required.", "leads nowhere: /2026/11/nowhere/ <strong>Required.", `href="#checks"`, `data-show="`} {
			if !strings.Contains(got.body, want) {
				t.Errorf("at %q the page lacks %q", when, want)
			}
		}
	}
	if got := editor.get(at); !strings.Contains(got.body, "Nobody is named as its author.") || !strings.Contains(got.body, "draft") {
		t.Error("the sheet doesn't show the checks")
	}
	editor.post(at, http.StatusSeeOther, "revision", "2", "authors", "Ilse Brandt", "body", "<p>See there.</p>")
	editor.post(at+"/publish", http.StatusSeeOther, "revision", "3")
	editor.post(at, http.StatusSeeOther, "revision", "3", "body", "<p>See there, and here.</p><p>And there.</p>")
	sheet := editor.get(at)
	if !strings.Contains(sheet.body, `data-changed="`) || !strings.Contains(sheet.body, "2 paragraphs: what changed") {
		t.Errorf("the sheet doesn't say what isn't public: %s", between(sheet.body, `class="facts"`, "</dl>"))
	}
}
