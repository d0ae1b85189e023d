package markup

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestQuickIsTheLongWay compares both ways on texts without markup.
func TestQuickIsTheLongWay(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	pieces := []string{"a", "Word", " ", "  ", "\n", "\n\n", "\t", "\r\n", "\u00a0", "\u2028", "\u200b", "\u202e", "\u3000", "\x00", "\x01", "\x0b", "\x0c", "\x7f", "\u0085", "\xff", "\ufeff", "\"", "'", "`", ">", "https://x.example/a?b=c", "한", "ا", "😀", "}}", "\ufffd", "\ue000", "&", "&amp;", "."}
	for range 20_000 {
		var b strings.Builder
		for range r.IntN(12) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		text := b.String()
		if !plainText(text) {
			continue
		}
		if got, want := quick(text), reader.Sanitize(inner(comment(text))); got != want {
			t.Fatalf("quick(%q) = %q, the long way gives %q", text, got, want)
		}
	}
}
