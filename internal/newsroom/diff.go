package newsroom

import (
	"html"
	"slices"
	"strconv"
	"strings"

	"stet/internal/article"
	"stet/internal/markup"
	"stet/internal/page"
)

// diffView is two texts in one: what differs as it is read, what doesn't folded away. Tally is empty where nothing differs.
type diffView struct {
	Lang  string
	Tally string
	Rows  []diffRow
}

// diffRow is a line or block of it. Margin names or numbers it, Class is the type it is set in, Note says what its words don't show.
// Folded stretches have a Summary and the Same texts instead.
type diffRow struct {
	Margin, Class, Note string
	Spans               []diffSpan
	Summary             string
	Same                []string
}

type diffSpan struct {
	Text        string
	Added, Gone bool
}

// diffOf dresses changes; lang is the language of the newer text. Whole adds the stretches that stayed.
func diffOf(c article.Changes, lang string, whole bool) diffView {
	v := diffView{Lang: lang}
	for _, l := range c.Lines {
		row := diffRow{Margin: page.T("newsroom.diff." + l.Field), Spans: diffSpans(l.Spans)}
		switch l.Field {
		case "headline", "standfirst":
			row.Class = l.Field
		case "label":
			row.Spans = diffSpans(markup.DiffText(labelWord(l.Was), labelWord(l.Is)))
		case "picture":
			row.Note = page.T("diff.picture")
		}
		v.Rows = append(v.Rows, row)
	}
	v.Rows = append(v.Rows, bodyRows(c.Body, whole)...)
	if !c.None() {
		v.Tally = tally(c)
	}
	return v
}

// bodyRows are the blocks of a comparison, numbered as they stand in the newer text; what is gone has the number it had.
func bodyRows(blocks []markup.BlockDiff, whole bool) []diffRow {
	var out []diffRow
	for i := 0; i < len(blocks); i++ {
		if b := blocks[i]; b.Kind != markup.Unchanged {
			out = append(out, blockRow(b))
			continue
		}
		first := i
		for i+1 < len(blocks) && blocks[i+1].Kind == markup.Unchanged {
			i++
		}
		if whole {
			out = append(out, foldedRow(blocks[first:i+1]))
		}
	}
	return out
}

func blockRow(b markup.BlockDiff) diffRow {
	row := diffRow{Margin: strconv.Itoa(b.To + 1), Spans: diffSpans(b.Spans), Note: details(b.Details)}
	if slices.Contains([]string{"h2", "h3", "h4"}, b.Element) {
		row.Class = "heading"
	}
	switch b.Kind {
	case markup.Removed:
		row.Margin = page.T("newsroom.diff.was", b.From+1)
	case markup.FormattingChanged:
		if row.Note == "" {
			row.Note = page.T("diff.format")
		}
	case markup.Moved:
		row.Note = strings.TrimSuffix(page.T("newsroom.diff.moved", b.From+1)+"; "+row.Note, "; ")
	}
	if len(row.Spans) == 0 && row.Note == "" {
		row.Note = page.T("newsroom.diff.wordless", b.Element)
	}
	return row
}

// details says what a block's words don't show.
func details(all []markup.Detail) string {
	out := make([]string, len(all))
	for i, d := range all {
		out[i] = page.T("diff."+d.What, d.Old, d.New)
	}
	return strings.Join(out, "; ")
}

func foldedRow(blocks []markup.BlockDiff) diffRow {
	row := diffRow{}
	for _, b := range blocks {
		row.Same = append(row.Same, b.New)
	}
	first, last := blocks[0].To+1, blocks[len(blocks)-1].To+1
	if row.Summary = page.T("newsroom.diff.same-one", first); first != last {
		row.Summary = page.T("newsroom.diff.same-many", first, last)
	}
	return row
}

// tally counts what differs: changes, words that came and went, paragraphs that stand.
func tally(c article.Changes) string {
	var added, gone int
	count := func(spans []markup.Span) {
		for _, s := range spans {
			n := markup.Words(html.EscapeString(s.Text))
			switch s.Op {
			case markup.Added:
				added += n
			case markup.Gone:
				gone += n
			}
		}
	}
	for _, l := range c.Lines {
		count(l.Spans)
	}
	for i := range c.Body {
		count(c.Body[i].Spans)
	}
	changes := len(c.Lines) + len(c.Body) - c.Same()
	return page.N("newsroom.diff.changes", changes) + " " + page.T("newsroom.diff.words", added, gone) + " " + page.N("newsroom.diff.same", c.Same())
}

func diffSpans(spans []markup.Span) []diffSpan {
	out := make([]diffSpan, len(spans))
	for i, s := range spans {
		out[i] = diffSpan{Text: s.Text, Added: s.Op == markup.Added, Gone: s.Op == markup.Gone}
	}
	return out
}

// labelWord is a label as readers see it; news has none.
func labelWord(label string) string {
	if key := "label." + label; page.Known(key) {
		return page.T(key)
	}
	return ""
}

// valueDiff marks which of several values only one side has.
func valueDiff(was, is []string) (before, after []diffSpan) {
	for _, v := range was {
		before = append(before, diffSpan{Text: v, Gone: !slices.Contains(is, v)})
	}
	for _, v := range is {
		after = append(after, diffSpan{Text: v, Added: !slices.Contains(was, v)})
	}
	return before, after
}
