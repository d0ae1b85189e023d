package article

import (
	"strings"
	"testing"
)

func TestCanonical(t *testing.T) {
	tests := []struct {
		name string
		in   any
		want string
	}{
		{"members are sorted", map[string]any{"b": 1, "a": 2, "aa": 3}, `{"a":2,"aa":3,"b":1}`},
		{"by UTF-16 code units: a surrogate sorts before U+FB33", map[string]any{"\ufb33": 1, "\U0001F600": 2}, "{\"\U0001F600\":2,\"\ufb33\":1}"},
		{"only what must be is escaped", "<a href=\"x\">é\u2028\u007f\n\u0001\\</a>", "\"<a href=\\\"x\\\">é\u2028\u007f\\n\\u0001\\\\</a>\""},
		{"null, true, arrays", []any{nil, true, []any{}, map[string]any{}}, `[null,true,[],{}]`},
		{"negative and large numbers", []int64{-1, 0, 1<<53 - 1}, `[-1,0,9007199254740991]`},
	}
	for _, tt := range tests {
		got, err := canonical(tt.in)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: canonical = %s, %v, want %s", tt.name, got, err, tt.want)
		}
	}
}

func TestCanonicalRefusesNumbersThatDiffer(t *testing.T) {
	for _, v := range []any{1.5, int64(1) << 53, 1e300} {
		if got, err := canonical(v); err == nil || !strings.Contains(err.Error(), "number") {
			t.Errorf("canonical(%v) = %s, %v, want an error", v, got, err)
		}
	}
}
