package receipt_test

import (
	"slices"
	"testing"

	"stet/internal/receipt"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	now, before := []byte("the secret of today"), []byte("the one before it")
	got := receipt.Keys{Secret: now, Old: before}.Tokens("report", []byte("1"))
	want := []string{receipt.Token(now, "report", []byte("1")), receipt.Token(before, "report", []byte("1"))}
	if !slices.Equal(got, want) {
		t.Errorf("Tokens = %q, want %q", got, want)
	}
	if one := (receipt.Keys{Secret: now}).Tokens("report", []byte("1")); len(one) != 1 || one[0] != got[0] {
		t.Errorf("Tokens without an old secret = %q", one)
	}
	for _, token := range got {
		if len(token) != receipt.Length {
			t.Errorf("token of %d characters, want %d", len(token), receipt.Length)
		}
	}
	// The purpose is told from the message: "a" and "b1" aren't "ab" and "1".
	if receipt.Token(now, "a", []byte("b1")) == receipt.Token(now, "ab", []byte("1")) {
		t.Error("two purposes have one token")
	}
	if slices.Equal(receipt.Hash(got[0]), receipt.Hash(got[1])) || len(receipt.Hashes(got)) != 2 {
		t.Error("two tokens have one hash")
	}
}
