package site

import (
	"strings"

	"stet/internal/article"
	"stet/internal/markup"
	"stet/internal/page"
)

// changes is what became of a text from one public version to the next; nil where nothing that is printed differs.
func changes(was, is *article.Content) *diff {
	d := &diff{}
	for _, line := range []struct{ key, was, is string }{
		{"diff.headline", was.Headline, is.Headline}, {"diff.standfirst", was.Standfirst, is.Standfirst}, {"diff.kicker", was.Kicker, is.Kicker},
		{"diff.dateline", was.Dateline, is.Dateline}, {"diff.byline", bylineText(was), bylineText(is)}, {"diff.caption", caption(was), caption(is)},
	} {
		if line.was != line.is {
			d.Parts = append(d.Parts, diffPart{page.T(line.key), []diffLine{{Spans: diffSpans(markup.DiffText(line.was, line.is))}}})
		}
	}
	body, same := bodyChanges(was.Body, is.Body)
	if len(body) > 0 {
		d.Parts = append(d.Parts, diffPart{page.T("diff.body"), body})
	}
	if len(d.Parts) == 0 {
		return nil
	}
	if d.Same = page.N("diff.same", same); len(body) == 0 {
		d.Same = page.T("diff.same.all")
	}
	return d
}

func bodyChanges(was, is []string) (lines []diffLine, same int) {
	for _, b := range markup.Diff(was, is) {
		switch b.Kind {
		case markup.Unchanged:
			same++
		case markup.FormattingChanged:
			lines = append(lines, diffLine{Spans: diffSpans(b.Spans), Note: details(b.Details)})
		case markup.Moved:
			lines = append(lines, diffLine{Spans: diffSpans(b.Spans), Note: page.T("diff.moved")})
		default:
			lines = append(lines, diffLine{Spans: diffSpans(b.Spans)})
		}
	}
	return lines, same
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

func bylineText(c *article.Content) string {
	names := make([]string, len(c.Bylines))
	for i, b := range c.Bylines {
		names[i] = b.Text
	}
	return strings.Join(names, ", ")
}

func caption(c *article.Content) string {
	if c.Image == nil {
		return ""
	}
	return strings.TrimSpace(c.Image.Caption + " " + c.Image.Credit)
}
