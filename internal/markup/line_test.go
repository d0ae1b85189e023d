package markup

import "testing"

func TestBlank(t *testing.T) {
	for s, want := range map[string]bool{"": true, " \u00a0\u3000": true, "\u200b\u200d\ufeff": true, "\u0301": true, "\u3164\u2800": true, ".": false, "a": false, "😀": false, "ｱ": false, "\u200fא": false} {
		if got := Blank(s); got != want {
			t.Errorf("Blank(%q) = %v, want %v", s, got, want)
		}
	}
}
