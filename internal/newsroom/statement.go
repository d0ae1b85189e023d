package newsroom

import (
	"errors"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
)

// statementFields are those of a statement: its words, who says them and as what, how they came, when they were asked for and given.
var statementFields = []string{"statement", "speaker", "role", "source", "asked", "answered"}

// hasStatement reports whether somebody began to fill in a statement.
func hasStatement(v url.Values) bool {
	return slices.ContainsFunc(statementFields, func(name string) bool { return strings.TrimSpace(v.Get(name)) != "" })
}

// withStatement is the notice with a statement quoted in full below it, where the form has one. A statement without words, or with a time
// that is none, is a fault of its field.
func withStatement(f page.Form, c page.Clock) (string, error) {
	notice := f.Text("notice")
	if !hasStatement(f.Values) {
		return notice, nil
	}
	var check fault.Check
	check.That(f.Text("statement") != "", "statement", "newsroom.update.no-words")
	footer := signed("cite", "", f.Text("speaker")) + signed("span", "role", f.Text("role")) + signed("span", "", f.Text("source"))
	for _, name := range []string{"asked", "answered"} {
		at, err := moment(f.Text(name), name, c)
		check.That(err == nil, name, "newsroom.update.no-time")
		footer += at
	}
	if err := check.Err(); err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(notice + "\n\n<blockquote class=\"statement\">")
	for part := range strings.SplitSeq(f.Text("statement"), "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(part), "\n", "<br>") + "</p>")
		}
	}
	if footer != "" {
		b.WriteString("<footer>" + footer + "</footer>")
	}
	b.WriteString("</blockquote>")
	return b.String(), nil
}

// signed is a part of a statement's footer, nothing where it has no text.
func signed(element, class, text string) string {
	if text == "" {
		return ""
	}
	if class != "" {
		class = ` class="` + class + `"`
	}
	return "<" + element + class + ">" + html.EscapeString(text) + "</" + element + ">"
}

// moment is a time in a statement's footer with what happened at it; nothing where the field is empty.
func moment(wall, name string, c page.Clock) (string, error) {
	if wall == "" {
		return "", nil
	}
	at, err := article.ParseAt(wall, c.Zone)
	if err != nil {
		return "", errors.Join(fault.Field(name, "newsroom.update.no-time"), err)
	}
	words := page.Around("newsroom.update." + name + "-at")
	return fmt.Sprintf(`<span class="%s">%s<time datetime="%s">%s</time>%s</span>`, name, html.EscapeString(words.Before), at.In(c.Zone).Format(wallTime),
		html.EscapeString(c.DateTime(at).Text), html.EscapeString(words.After)), nil
}
