package article

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// TestStoredContentIsReadAsPackageJSONReadsIt takes contents as Postgres writes them, with all that needs an escape, both ways.
func TestStoredContentIsReadAsPackageJSONReadsIt(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	pieces := []string{"a", "<p>", `<a href="/x">`, `"body": [`, `"body": ["x"]`, `]`, `[`, `,`, `\`, `\\"`, `"`, `/`, "\n", "\t", "\r", "\b", "\f", "\x01", "é", "漢", "😀", `\u0041`, "  "}
	text := func() string {
		var b strings.Builder
		for range r.IntN(6) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return b.String()
	}
	for range 5_000 {
		c := Content{V: 1, Headline: text(), Standfirst: text(), Tags: []string{text()}, Image: &ContentImage{Caption: text()}}
		for range r.IntN(4) {
			c.Body = append(c.Body, text())
		}
		checkStored(t, asPostgres(t, c))
	}
	for _, raw := range []string{`{}`, `{"v": 1}`, `{"v": 1, "body": []}`, `{"v": 1, "body": null}`, `{"body": ["a", "b"], "slug": "c"}`, `{"body": ["\u0041", "b"]}`, `{"body": [1]}`, `{"body": ["a`, `{"body": ["a\`,
		`{"body": ["a"`, `{"body": ["a"]`, `{"body": [`, `{"body": ["a\"`, `nonsense`, ``} {
		checkStored(t, raw)
	}
}

// checkStored holds what is read of raw to what package json reads, and failing to failing.
func checkStored(t *testing.T, raw string) {
	t.Helper()
	var got stored
	var want Content
	gotErr, wantErr := got.ScanBytes([]byte(raw)), json.Unmarshal([]byte(raw), &want)
	if (gotErr == nil) != (wantErr == nil) || gotErr == nil && !reflect.DeepEqual(Content(got), want) {
		t.Fatalf("%s is read as\n%#v, %v; package json reads\n%#v, %v", raw, Content(got), gotErr, want, wantErr)
	}
}

// asPostgres writes c as a jsonb is written: a space behind colons and commas, no character escaped that needn't be.
func asPostgres(t *testing.T, c Content) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(c); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	inside, escaped := false, false
	for _, r := range strings.TrimSpace(b.String()) {
		out.WriteRune(r)
		switch {
		case escaped:
			escaped = false
		case inside && r == '\\':
			escaped = true
		case r == '"':
			inside = !inside
		case !inside && (r == ':' || r == ','):
			out.WriteByte(' ')
		}
	}
	return out.String()
}

func BenchmarkStoredContent(b *testing.B) {
	var c Content
	for range 25 {
		c.Body = append(c.Body, `<p>At 21:14 the lamp at Cape Ore came on, and eleven seconds later, across the <em>grey</em> water, another answered <a href="/x/">there</a>.</p>`)
	}
	raw, err := json.Marshal(c)
	if err != nil {
		b.Fatal(err)
	}
	raw = []byte(strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `"body":`, `"body": `).Replace(string(raw)))
	b.Run("here", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var s stored
			if err := s.ScanBytes(raw); err != nil || len(s.Body) != 25 {
				b.Fatal(err)
			}
		}
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var c Content
			if err := json.Unmarshal(raw, &c); err != nil {
				b.Fatal(err)
			}
		}
	})
}
