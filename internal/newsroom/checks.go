package newsroom

import (
	"fmt"

	"stet/internal/article"
	"stet/internal/page"
)

// check is one thing looked at before publication; Class is fix, see or empty for good. Show leads to the paragraph it is about, Block is
// that one's id: the editor goes there by itself.
type check struct {
	Class, Word, Text string
	Show, Block       string
	Required          bool
}

// sameChecks is how many findings of one kind are shown before the rest is only counted.
const sameChecks = 6

// checkRows puts checks into words; a paragraph is shown where it stands in the preview.
func checkRows(id int64, all []article.Check) []check {
	var out []check
	count := map[string]int{}
	for _, c := range all {
		count[c.Key]++
	}
	shown := map[string]int{}
	for _, c := range all {
		row := check{Required: c.Required}
		switch c.Level {
		case article.Mend:
			row.Class, row.Word = "fix", page.T("newsroom.check.mend")
		case article.Look:
			row.Class, row.Word = "see", page.T("newsroom.check.look")
		case article.Good:
			row.Word = page.T("newsroom.check.good")
		}
		switch shown[c.Key]++; {
		case shown[c.Key] > sameChecks+1:
			continue
		case shown[c.Key] == sameChecks+1 && count[c.Key] > sameChecks+1:
			row.Text = page.N("newsroom.check.more", count[c.Key]-sameChecks)
		default:
			row.Text = page.T("newsroom.check."+c.Label(), anys(c.Args)...)
			if c.Block != "" {
				row.Show, row.Block = fmt.Sprintf("/newsroom/articles/%d/preview#p-%s", id, c.Block), c.Block
			}
		}
		out = append(out, row)
	}
	return out
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
