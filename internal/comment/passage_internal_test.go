package comment

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestRunsAreWords compares the runs of random texts with their words, cut and set in lower case as a whole.
func TestRunsAreWords(t *testing.T) {
	pieces := []string{"word", "WORD", "Éclair", "éclair", "e\u0301", "42", "ⅷ", "漢字", "it’s", "it's", " ", " ", "\n", ", ", "-", "\x1f", "\xff", "İ", "ẞ", "ß", "ﷺ", "a", "b"}
	r := rand.New(rand.NewPCG(1, 2))
	of := map[string]uint64{} // by the words of a run
	was := map[uint64]string{}
	for range 3000 {
		var b strings.Builder
		for range r.IntN(30) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		text := b.String()
		words := strings.FieldsFunc(strings.ToLower(strings.ToValidUTF8(text, " ")), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) })
		n := 0
		for key, at := range runs(text) {
			if n+passageWords > len(words) {
				t.Fatalf("%q has more runs than its %d words", text, len(words))
			}
			run := strings.Join(words[n:n+passageWords], " ")
			if got := strings.ToLower(strings.ToValidUTF8(text[at:], " ")); !strings.HasPrefix(got, words[n]) {
				t.Fatalf("in %q run %d begins at %q, want %q", text, n, got, words[n])
			}
			if other, known := of[run]; known && other != key {
				t.Fatalf("%q has two numbers", run)
			}
			if other, known := was[key]; known && other != run {
				t.Fatalf("%q and %q have one number", run, other)
			}
			of[run], was[key] = key, run
			n++
		}
		if want := max(len(words)-passageWords+1, 0); n != want {
			t.Fatalf("%q of %d words has %d runs, want %d", text, len(words), n, want)
		}
	}
	for range runs(strings.Repeat("word ", 20)) {
		break // which must end it
	}
	if len(of) < 1000 {
		t.Errorf("only %d runs were compared", len(of))
	}
}

func BenchmarkQuote(b *testing.B) {
	var article strings.Builder
	r := rand.New(rand.NewPCG(3, 4))
	some := strings.Fields("the lamp at Cape Ore came on and eleven seconds later another answered across grey water nobody dared to open it")
	for range 30 {
		for range 50 {
			article.WriteString(some[r.IntN(len(some))] + " ")
		}
		article.WriteString("\n")
	}
	items := []Item{{ArticleID: 1, Text: "Who wrote that it was left to the two harbour masters to find out, in practice, what that meant?"}}
	text := article.String()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		quote(slices.Clone(items), 1, text)
	}
}
