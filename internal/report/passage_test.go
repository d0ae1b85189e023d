package report_test

import (
	"strings"
	"testing"

	"stet/internal/report"
)

func TestFind(t *testing.T) {
	t.Parallel()
	texts := []string{"The lamp at Cape Ore", "At 21:14 the lamp came on, says the harbour.", "Nobody dared to open “the door” of the tower.", "لم يقطع أحد خط التلغراف"}
	for quote, want := range map[string]report.Passage{
		"the lamp came on":                  {Text: texts[1], Stands: true},
		"  AT 21:14\n the  lamp came on, ":  {Text: texts[1], Stands: true},
		`to open "the door" of the tower.`:  {Text: texts[2], Stands: true},
		"خط التلغراف":                       {Text: texts[3], Stands: true},
		"Somebody dared to open the window": {Text: texts[2]},
		"Zeppelins everywhere":              {},
		"…":                                 {},
		"<script>alert(1)</script>":         {},
		strings.Repeat("a", 500):            {},
	} {
		if got := report.Find(texts, quote); got != want {
			t.Errorf("find(%q) = %+v, want %+v", quote, got, want)
		}
	}
}
