package app_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"stet/internal/comment"
	"stet/internal/staff"
)

// strange are texts that programs stumble over.
var strange = []string{
	"undefined", "NULL", "1;DROP TABLE comments", "' OR 1=1 --", "0x0", "-1", "1e309", "NaN", "Ω≈ç√∫˜µ≤≥÷", "田中さんにあげて下さい", "الكل في المجمو عة", "𝕿𝖍𝖊 𝖖𝖚𝖎𝖈𝖐", "👨‍👩‍👧‍👦", "e\u0301", "\u00e9", "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮",
	"\u202etest", "\u200b", "\u2060", "\ufeff", "\u00ad", " ", "\t", "a\u0000b", "a\x1bb", "a\u0085b", "$HOME", "%s%n", "{{.}}", "../../etc/passwd", "=HYPERLINK(1)", "CON", "`ls`", "\\", "\"", "\u3164", "\u2800", strings.Repeat("x", 81),
	strings.Repeat("é", 10_001), "\xff\xfe", "a\r\nb",
}

// stranger are those and the shared ones.
func stranger(t testing.TB) []string {
	t.Helper()
	dir := os.Getenv("STET_SHARED_DATA")
	for up := "."; dir == ""; up = filepath.Join(up, "..") {
		if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
			dir = filepath.Join(up, "..", "shared", "data")
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "strings", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Log("corpus absent")
	}
	out := slices.Clone(strange)
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
			var entry struct{ Text, Source string }
			if err := json.Unmarshal(lines.Bytes(), &entry); err != nil {
				t.Fatal(err)
			}
			out = append(out, cmp.Or(entry.Text, entry.Source))
		}
	}
	return out
}

// seen reports whether there is anything to see in a text.
func seen(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.In(r, unicode.C, unicode.Mn, unicode.Zl, unicode.Zp) && r != '\u2800' && r != '\u3164'
	})
}

// canBeBody and canBeName say what a comment and a name may be.
func canBeBody(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, 0) && seen(s) && utf8.RuneCountInString(strings.TrimSpace(s)) <= comment.MaxBody
}

func canBeName(s string) bool {
	s = strings.TrimSpace(s)
	turned := strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && !unicode.IsSpace(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	})
	return utf8.ValidString(s) && !turned && seen(s) && utf8.RuneCountInString(s) <= comment.MaxName
}

func unspaced(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// TestStrangeComments sends texts that programs stumble over as names and as comments: what can be shown is taken as it is, the rest comes back
// with a sentence at its field, and no page breaks of them.
func TestStrangeComments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, path := w.published("The lamp at Cape Ore", "<p>At 21:14 the lamp came on.</p>")
	if _, err := w.db.Super.Exec(t.Context(), `UPDATE settings SET comments_per_email = 1000, comments_per_address = 1000, comments_window = 1`); err != nil {
		t.Fatal(err)
	}
	v, all, taken := w.visitor(), stranger(t), 0
	for i, entry := range all {
		for _, c := range []struct {
			name, body string
			fine       bool
		}{{fmt.Sprint("Reader ", i), entry, canBeBody(entry)}, {entry, fmt.Sprint("Said ", i), canBeName(entry)}} {
			got := v.do(http.MethodPost, path+"comments", form("name", c.name, "email", fmt.Sprintf("r%d.%t@reader.example", i, c.body == entry), "body", c.body, "version", "1"))
			switch {
			case !utf8.ValidString(entry) || strings.ContainsRune(entry, 0):
				if got.StatusCode != http.StatusBadRequest && got.StatusCode != http.StatusUnprocessableEntity {
					t.Errorf("name %q, body %.40q = %d", c.name, c.body, got.StatusCode)
				}
				continue
			case !c.fine:
				if got.StatusCode != http.StatusUnprocessableEntity {
					t.Errorf("name %q, body %.40q = %d, want 422", c.name, c.body, got.StatusCode)
				}
				continue
			case got.StatusCode != http.StatusSeeOther:
				t.Errorf("name %q, body %.40q = %d, want 303", c.name, c.body, got.StatusCode)
				continue
			}
			taken++
			receipt := got.Header.Get("Location")
			if shown := v.get(receipt); shown.StatusCode != http.StatusOK {
				t.Errorf("the receipt of name %q, body %.40q = %d", c.name, c.body, shown.StatusCode)
			}
			var name, body string
			err := w.db.Super.QueryRow(t.Context(), `SELECT c.name, t.body FROM comments c JOIN comment_texts t ON t.comment_id = c.id ORDER BY c.id DESC LIMIT 1`).Scan(&name, &body)
			if err != nil || unspaced(name) != unspaced(c.name) || unspaced(body) != unspaced(c.body) {
				t.Errorf("name %q, body %.40q are stored as %q, %.40q, %v", c.name, c.body, name, body, err)
			}
		}
	}
	pages := w.approveAll(id)
	for page := range pages {
		if got := v.get(fmt.Sprintf("%scomment-page-%d/", path, page+1)); got.StatusCode != http.StatusOK && page > 0 {
			t.Errorf("page %d of the discussion = %d", page+1, got.StatusCode)
		}
	}
	t.Logf("%d texts as name and as comment: %d taken, on %d pages", len(all), taken, pages)
}

// approveAll makes everything public that waits, and says how many pages an article's comments fill.
func (w *world) approveAll(article int64) (pages int) {
	w.Helper()
	if _, err := w.db.Super.Exec(w.Context(), `UPDATE comments SET status = 'pending', pending_text = coalesce(pending_text, shown_text), shown_text = NULL WHERE status <> 'approved' AND erased_at IS NULL`); err != nil {
		w.Fatal(err)
	}
	for {
		items, _, err := w.app.Comments.Queue(w.Context(), w.people[staff.Moderator], comment.Filter{Limit: 500})
		if err != nil {
			w.Fatal(err)
		}
		if len(items) == 0 {
			break
		}
		picks := make([]comment.Pick, len(items))
		for i := range items {
			picks[i] = items[i].Pick()
		}
		if _, failed, err := w.app.Comments.Bulk(w.Context(), w.people[staff.Moderator], picks, comment.Approve, ""); err != nil || len(failed) > 0 {
			w.Fatalf("approve: %v, %v", failed, err)
		}
	}
	var t comment.Thread
	if err := comment.NewReader(w.db.Reader).LiveThread(article, comment.Oldest, 1, &t).Run(w.Context()); err != nil {
		w.Fatal(err)
	}
	return t.Pages
}

// TestHostileComments takes every entry of the corpora as a name and a comment, and looks at its receipt, the discussion and its feed.
func TestHostileComments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := &hostile{world: w, reader: w.visitor()}
	all, entries := corpora(t)
	for batch := range slices.Chunk(all, comment.PerPage) {
		id, path := w.published(fmt.Sprint("Open ", h.pages), "<p>For everyone</p>")
		for i, entry := range batch {
			in := comment.In{ArticleID: id, Name: cmp.Or(lineOf(entry, 80), "N"), Email: fmt.Sprintf("r%d.%d@reader.example", id, i), Body: "Said: " + cut(entry, 9000), Version: 1,
				Address: netip.AddrFrom4([4]byte{10, 1, byte(id), byte(i)})}
			token, err := w.app.Comments.Post(t.Context(), in)
			h.must(err)
			h.page(h.reader, "/comments/"+token, entry)
			if i%10 == 0 {
				h.harmless(h.reader.do(http.MethodPost, path+"comments", form("name", in.Name, "email", "nobody", "body", in.Body)), path+"comments (refused)", entry)
			}
		}
		w.approveAll(id)
		h.page(h.reader, path, batch[0])
		h.feed(path+"feed/", batch[0])
	}
	t.Logf("%d entries, as %d names and comments: %d pages and %d feeds, nothing active", entries, len(all), h.pages, h.feeds)
}
