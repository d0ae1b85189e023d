package app_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/markup"
	"stet/internal/staff"
)

// writers is how many people save one article at once; writersFor how long in an ordinary run, STET_WRITERS another duration: 30s is the bar
// that the rate is measured against.
const (
	writers    = 20
	writersFor = 3 * time.Second
	enoughRate = 20 // saves a second
)

// writing is one of many who save the same article. Own is their paragraph, which nobody else touches.
type writing struct {
	*visitor
	path, own string
	random    *rand.Rand
	said      []string // what was sent with an answer that says it is kept
	saves     int
	conflicts int
}

var shownID = regexp.MustCompile(`<p id="p-([a-z]{8})">([^<]*)</p>`)

// TestManyWriters lets many people save one article at random, most of the time their own paragraphs and sometimes the same one. Whatever was
// answered with 303 or 409 stands word for word in a revision, and nobody is asked about a paragraph that only they changed.
func TestManyWriters(t *testing.T) {
	w := newWorld(t)
	long := writersFor
	if d, err := time.ParseDuration(os.Getenv("STET_WRITERS")); err == nil {
		long = d
	}
	var text strings.Builder
	for i := range writers + 1 {
		fmt.Fprintf(&text, "<p>Paragraph %d as it was begun, with some words that stay.</p>", i)
	}
	id, _ := w.draft("Twenty at once", text.String())
	body := w.body(id)
	blocks := shownID.FindAllStringSubmatch(body, -1)
	if len(blocks) != writers+1 {
		t.Fatalf("%d blocks in %q", len(blocks), body)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	all := make([]*writing, writers)
	for i := range all {
		all[i] = &writing{visitor: w.another(i), path: fmt.Sprintf("/newsroom/articles/%d", id), own: blocks[i+1][1], random: rand.New(rand.NewPCG(seed, uint64(i)))}
	}
	begun := time.Now()
	until := begun.Add(long)
	var wg sync.WaitGroup
	for i, v := range all {
		wg.Go(func() { v.write(fmt.Sprintf("w%d", i), blocks[0][1], until) })
	}
	wg.Wait()
	took := time.Since(begun).Seconds()
	w.checkWriters(id, all, took, long)
}

// another signs in one more editor.
func (w *world) another(i int) *visitor {
	w.Helper()
	email := fmt.Sprintf("writer%d@staff.example", i)
	if _, err := w.app.Staff.Add(w.Context(), staff.System(), staff.NewPerson{Email: email, Name: fmt.Sprintf("Writer %d", i), Password: password, Roles: staff.Roles{staff.Editor}}); err != nil {
		w.Fatal(err)
	}
	v := w.visitor()
	v.post("/newsroom/login", http.StatusSeeOther, "email", email, "password", password)
	return v
}

func (w *world) body(id int64) string {
	w.Helper()
	e, err := w.app.Articles.Edit(w.Context(), w.people[staff.Editor], id)
	if err != nil {
		w.Fatal(err)
	}
	return e.Draft.Body
}

// write saves until the time is over: every second writer as a script does, which takes over what the answer holds and goes on, the others by
// opening the form anew for each save.
func (v *writing) write(mark, shared string, until time.Time) {
	script := v.random.IntN(2) == 0
	revision, body := "", ""
	for n := 0; time.Now().Before(until); n++ {
		if revision == "" || !script {
			page := v.get(v.path)
			revision, body = hiddenValue(page.body, "revision"), bodyIn(page.body)
		}
		word, target := fmt.Sprintf("%sn%d", mark, n), v.own
		if v.random.IntN(6) == 0 {
			target = shared
		}
		got := v.send(script, form("revision", revision, "key", word, "body", within(body, target, word)))
		v.saves++
		v.said = append(v.said, word)
		switch got.StatusCode {
		case http.StatusOK:
			revision, body = adopted(v.TB, got.body)
		case http.StatusSeeOther:
		case http.StatusConflict:
			v.conflicts++
			revision = ""
			if target != shared {
				v.Errorf("%s was asked about what nobody else changed:\n%.3000s", mark, got.body)
			}
		default:
			v.Errorf("a save = %d\n%.500s", got.StatusCode, got.body)
			return
		}
	}
}

func (v *writing) send(script bool, f url.Values) answer {
	r, err := http.NewRequestWithContext(v.Context(), http.MethodPost, v.server.URL+v.path, strings.NewReader(f.Encode()))
	if err != nil {
		v.Error(err)
		return answer{Response: &http.Response{}}
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if script {
		r.Header.Set("Accept", "application/json")
	}
	resp, err := v.client.Do(r)
	if err != nil {
		v.Error(err)
		return answer{Response: &http.Response{}}
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.Error(err)
	}
	return answer{Response: resp, body: string(b)}
}

// adopted is the form after a save in place.
func adopted(t testing.TB, body string) (revision, text string) {
	var got struct {
		Revision int
		Blocks   []markup.Block
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Errorf("%v in %.200s", err, body)
	}
	return fmt.Sprint(got.Revision), markup.Editable(got.Blocks)
}

func hiddenValue(page, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return m[1]
}

func bodyIn(page string) string {
	_, rest, _ := strings.Cut(page, `name="body"`)
	_, rest, _ = strings.Cut(rest, ">\n")
	text, _, _ := strings.Cut(rest, "</textarea>")
	return html.UnescapeString(text)
}

// within puts a word at the end of a paragraph.
func within(body, id, word string) string {
	at := strings.Index(body, `id="p-`+id+`"`)
	if at < 0 {
		return body
	}
	end := at + strings.Index(body[at:], "</p>")
	return body[:end] + " " + word + body[end:]
}

func (w *world) checkWriters(id int64, all []*writing, took float64, long time.Duration) {
	w.Helper()
	saves, conflicts := 0, 0
	for _, v := range all {
		saves, conflicts = saves+v.saves, conflicts+v.conflicts
	}
	rate := float64(saves) / took
	w.Logf("%d saves of %d people in %.1f s: %.0f a second, %d of them overlaps", saves, writers, took, rate, conflicts)
	if long >= 30*time.Second && rate < enoughRate {
		w.Errorf("%.0f saves a second, want at least %d", rate, enoughRate)
	}
	rows, err := w.db.Owner.Query(w.Context(), `SELECT blocks::text FROM revisions WHERE article_id = $1 ORDER BY number`, id)
	if err != nil {
		w.Fatal(err)
	}
	defer rows.Close()
	kept := map[string]bool{}
	word := regexp.MustCompile(`\bw\d+n\d+\b`)
	for rows.Next() {
		var blocks string
		if err := rows.Scan(&blocks); err != nil {
			w.Fatal(err)
		}
		for _, m := range word.FindAllString(blocks, -1) {
			kept[m] = true
		}
	}
	for _, v := range all {
		for _, said := range v.said {
			if !kept[said] {
				w.Errorf("%q was answered as kept and stands in no revision", said)
			}
		}
	}
	var faults []string
	if _, err := w.app.Articles.Verify(w.Context(), func(f article.Fault) { faults = append(faults, f.String()) }); err != nil || len(faults) > 0 {
		w.Errorf("verify: %v, %q", err, faults)
	}
	if last := w.body(id); strings.Count(last, "as it was begun") != writers+1 {
		w.Errorf("a paragraph was lost or doubled:\n%s", last)
	}
}
