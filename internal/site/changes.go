package site

import (
	"strings"

	"stet/internal/article"
	"stet/internal/markup"
	"stet/internal/page"
)

// changes is what became of a text from one public version to the next; nil where nothing that is printed differs.
func changes(c *article.Diff) *diff {
	if c.None() {
		return nil
	}
	d := &diff{}
	for _, l := range c.Lines {
		line := diffLine{Spans: diffSpans(l.Spans)}
		switch l.Field {
		case "label":
			line.Spans = diffSpans(markup.DiffText(labelWord(l.Was), labelWord(l.Is)))
		case "picture":
			line.Note = page.T("diff.picture")
		}
		d.Parts = append(d.Parts, diffPart{page.T("diff." + partName(l.Field)), []diffLine{line}})
	}
	body := bodyChanges(c.Body)
	if len(body) > 0 {
		d.Parts = append(d.Parts, diffPart{page.T("diff.body"), body})
	}
	if d.Same = page.N("diff.same", c.Same); len(body) == 0 {
		d.Same = page.T("diff.same.all")
	}
	return d
}

// partName is the catalogue's name of a part; "picture" and "alt" are words for what stands in the text.
func partName(field string) string {
	switch field {
	case "picture", "alt":
		return "lead." + field
	}
	return field
}

// labelWord is a label as readers see it; news has none.
func labelWord(label string) string {
	if key := "label." + label; page.Known(key) {
		return page.T(key)
	}
	return ""
}

func bodyChanges(blocks []markup.BlockDiff) (lines []diffLine) {
	for _, b := range blocks {
		switch b.Kind {
		case markup.FormattingChanged:
			lines = append(lines, diffLine{Spans: diffSpans(b.Spans), Note: details(b.Details)})
		case markup.Moved:
			lines = append(lines, diffLine{Spans: diffSpans(b.Spans), Note: page.T("diff.moved")})
		default:
			lines = append(lines, diffLine{Spans: diffSpans(b.Spans)})
		}
	}
	return lines
}

// details says what a block's words don't show: that a link, a picture or the markup is another one.
func details(all []markup.Detail) string {
	if len(all) == 0 {
		return page.T("diff.format")
	}
	var out []string
	for _, d := range all {
		out = append(out, page.T("diff."+d.What, d.Old, d.New))
	}
	return strings.Join(out, "; ")
}

func diffSpans(spans []markup.Span) []diffSpan {
	out := make([]diffSpan, len(spans))
	for i, s := range spans {
		out[i] = diffSpan{Text: s.Text, Added: s.Op == markup.Added, Gone: s.Op == markup.Gone}
	}
	return out
}
