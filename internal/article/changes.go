package article

import (
	"strconv"
	"strings"

	"stet/internal/markup"
)

// Changes is what became of an article between two states of it, in the words that are read. The history of a public article shows it for
// each version, and the newsroom before a publication: both from here, so that they can't differ.
type Changes struct {
	// Lines are the differences around the text, in the order in which they are told.
	Lines []LineChange
	// Body is the text, block by block, with the blocks that stayed as they were.
	Body []markup.BlockDiff
}

// LineChange is a line or picture that differs. Field is headline, standfirst, kicker, dateline, label, byline, picture, alt or caption.
// Was and Is are its two values: the words themselves, for a label its value, for a picture its id or nothing. Spans are the words of
// both; those of a picture are its description.
type LineChange struct {
	Field   string
	Was, Is string
	Spans   []markup.Span
}

// ChangesOf compares two states of an article.
func ChangesOf(was, is *Content) Changes {
	var c Changes
	for _, l := range []LineChange{
		{Field: "headline", Was: was.Headline, Is: is.Headline}, {Field: "standfirst", Was: was.Standfirst, Is: is.Standfirst},
		{Field: "kicker", Was: was.Kicker, Is: is.Kicker}, {Field: "dateline", Was: was.Dateline, Is: is.Dateline},
		{Field: "label", Was: was.Label, Is: is.Label}, {Field: "byline", Was: was.printedByline(), Is: is.printedByline()},
	} {
		c.line(l)
	}
	a, b := was.lead(), is.lead()
	if a.Media != b.Media {
		c.Lines = append(c.Lines, LineChange{Field: "picture", Was: mediaName(a.Media), Is: mediaName(b.Media), Spans: markup.DiffText(a.Alt, b.Alt)})
	} else {
		c.line(LineChange{Field: "alt", Was: a.Alt, Is: b.Alt})
	}
	c.line(LineChange{Field: "caption", Was: strings.TrimSpace(a.Caption + " " + a.Credit), Is: strings.TrimSpace(b.Caption + " " + b.Credit)})
	c.Body = markup.Diff(was.Body, is.Body)
	return c
}

// line adds a line whose words differ.
func (c *Changes) line(l LineChange) {
	if l.Was != l.Is {
		l.Spans = markup.DiffText(l.Was, l.Is)
		c.Lines = append(c.Lines, l)
	}
}

// Same counts the blocks that stayed as they were.
func (c *Changes) Same() int {
	n := 0
	for i := range c.Body {
		if c.Body[i].Kind == markup.Unchanged {
			n++
		}
	}
	return n
}

// None reports that nothing which is read differs.
func (c *Changes) None() bool { return len(c.Lines) == 0 && c.Same() == len(c.Body) }

// lead is the lead picture; its zero value where there is none.
func (c *Content) lead() ContentImage {
	if c.Image == nil {
		return ContentImage{}
	}
	return *c.Image
}

// printedByline is the names as they stand above the text.
func (c *Content) printedByline() string {
	names := make([]string, len(c.Bylines))
	for i, b := range c.Bylines {
		names[i] = b.Text
	}
	return strings.Join(names, ", ")
}

func mediaName(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
