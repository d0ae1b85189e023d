package markup

import (
	"strings"
	"testing"
)

func TestMinutes(t *testing.T) {
	for name, tt := range map[string]struct {
		src  string
		want int
	}{
		"nothing":            {"", 0},
		"less than a minute": {"<p>" + strings.Repeat("word ", 229) + "</p>", 0},
		"a minute":           {"<p>" + strings.Repeat("word ", 230) + "</p>", 1},
		"seven":              {"<p>" + strings.Repeat("word ", 800) + "</p><ul><li>" + strings.Repeat("слово ", 810) + "</li></ul>", 7},
		"Chinese":            {"<p>" + strings.Repeat("守灯塔的人。", 300) + "</p>", 3},
		"Korean":             {"<p>" + strings.Repeat("등대를 지키는 사람. ", 125) + "</p>", 2},
		"Thai":               {"<p>" + strings.Repeat("ประภาคาร", 300) + "</p>", 2},
		"signs alone":        {"<p>" + strings.Repeat("– ", 5000) + "</p>", 0},
	} {
		if got := Measure(tt.src).Minutes(); got != tt.want {
			t.Errorf("%s: %d minutes, want %d", name, got, tt.want)
		}
	}
}
